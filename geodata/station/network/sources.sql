-- name: marks
-- Which database this is, and the version that changed each table that walks depend on last.
SELECT p.part, p.version, p.raised_by::text, v.database_id::text
FROM data_parts AS p CROSS JOIN data_version AS v WHERE p.part = ANY(%(parts)s) ORDER BY p.part

-- name: stretch
-- Since when and until when, around an instant, none of the records begins or ends that say where people live; null for
-- never.
SELECT to_micros(max(t) FILTER (WHERE t <= %(at)s::timestamptz)), to_micros(min(t) FILTER (WHERE t > %(at)s::timestamptz))
FROM (
    SELECT lower(period), upper(period) FROM compound_versions WHERE withdrawn_at IS NULL
    UNION ALL SELECT lower(period), upper(period) FROM gate_versions WHERE withdrawn_at IS NULL
    UNION ALL SELECT lower(period), upper(period) FROM building_versions WHERE withdrawn_at IS NULL
) AS periods(begins, ends), LATERAL (VALUES (begins), (ends)) AS instants(t)

-- name: profiles
-- Ways of walking, the one that is meant without being named first.
SELECT code, name, name_en, kmh, steps_factor FROM walking_profiles ORDER BY position, code COLLATE "C"

-- name: sizes
-- How many streets and addresses there are.
SELECT (SELECT count(*) FROM streets WHERE withdrawn_at IS NULL),
       (SELECT count(*) FROM addresses WHERE withdrawn_at IS NULL)
