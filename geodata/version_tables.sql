-- name: lock
-- Nobody else changes these records until this transaction ends; readers go on.
LOCK TABLE {versions} IN SHARE ROW EXCLUSIVE MODE

-- name: of_codes
-- Of what a query gives, the records of these codes.
SELECT known.* FROM ({in_force}) AS known WHERE known.code = ANY(%(codes)s)

-- name: later
-- Codes that a later version is planned for, and when the first begins.
SELECT i.code, min(period_from(v.period)) FROM {versions} AS v JOIN {identities} AS i USING ({key})
WHERE v.withdrawn_at IS NULL AND lower(v.period) > %(at)s GROUP BY i.code

-- name: end
-- Versions end at an instant; one that begins then never was in force and is withdrawn.
UPDATE {versions}
SET period = CASE WHEN lower(period) < %(at)s THEN tstzrange(lower(period), %(at)s) ELSE period END,
    withdrawn_at = CASE WHEN lower(period) < %(at)s THEN withdrawn_at ELSE now() END
WHERE {version_key} = ANY(%(version_ids)s)

-- name: add_identities
-- Identities of the records that are not known yet.
INSERT INTO {identities} (code) SELECT r.code FROM jsonb_to_recordset(%(records)s) AS r(code text)
ON CONFLICT (code) DO NOTHING
