-- name: lock_areas
-- Nobody else changes areas until this transaction ends; readers go on.
LOCK TABLE area_versions IN SHARE ROW EXCLUSIVE MODE

-- name: areas_in_force
-- Areas at one instant, with the code of the parent and how long the version lasts.
SELECT v.area_version_id AS version_id, v.area_id AS entity_id, v.code, v.name, v.level, p.code AS parent,
       ST_AsBinary(v.geom) AS wkb, period_from(v.period) AS begins, period_to(v.period) AS ends
FROM area_versions AS v
     LEFT JOIN area_versions AS p
     ON p.area_id = v.parent_id AND p.withdrawn_at IS NULL AND p.period @> %(at)s::timestamptz
WHERE v.withdrawn_at IS NULL AND v.period @> %(at)s::timestamptz
ORDER BY v.code COLLATE "C"

-- name: areas_later
-- Codes that a later version is planned for, and when the first begins.
SELECT code, min(period_from(period)) FROM area_versions
WHERE withdrawn_at IS NULL AND lower(period) > %(at)s GROUP BY code

-- name: area_ids_once_known
-- Identity that a code meant last; that of a withdrawn version where there is no other.
SELECT DISTINCT ON (code) code, area_id FROM area_versions
WHERE code = ANY(%(codes)s)
ORDER BY code, withdrawn_at IS NOT NULL, lower(period) DESC

-- name: new_area_ids
-- As many new identities as asked for.
INSERT INTO areas OVERRIDING SYSTEM VALUE
SELECT nextval(pg_get_serial_sequence('areas', 'area_id')) FROM generate_series(1, %(count)s)
RETURNING area_id

-- name: end_areas
-- Versions end at an instant; one that begins then never was in force and is withdrawn.
UPDATE area_versions
SET period = CASE WHEN lower(period) < %(at)s THEN tstzrange(lower(period), %(at)s) ELSE period END,
    withdrawn_at = CASE WHEN lower(period) < %(at)s THEN withdrawn_at ELSE now() END
WHERE area_version_id = ANY(%(version_ids)s)

-- name: add_area_versions
-- New versions, open-ended.
INSERT INTO area_versions (area_id, code, name, level, parent_id, geom, period)
SELECT r.area_id, r.code, r.name, r.level, r.parent_id, ST_Multi(ST_GeomFromWKB(decode(r.wkb, 'hex'), 4326)),
       tstzrange(%(at)s, NULL)
FROM jsonb_to_recordset(%(records)s) AS r(area_id bigint, code text, name text, level text, parent_id bigint, wkb text)
