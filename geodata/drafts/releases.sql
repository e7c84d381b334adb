-- name: data_version
-- What is another one when anything was published.
SELECT version FROM data_version

-- name: release_grids
-- Grids as a release left them, with the code of the community at an instant.
SELECT g.grid_id, g.code, g.name, g.kind, a.code AS community, g.households, g.persons, ST_AsBinary(g.geom) AS wkb
FROM releases AS r
     JOIN grid_versions AS g ON g.layer_id = r.layer_id AND g.withdrawn_at IS NULL AND g.period @> r.effective_at
     LEFT JOIN area_versions AS a
     ON a.area_id = g.community_id AND a.withdrawn_at IS NULL AND a.period @> %(areas_at)s::timestamptz
WHERE r.release_id = %(release_id)s
ORDER BY g.code COLLATE "C"

-- name: areas_mark
-- What is another text where other versions of areas are in force at an instant.
SELECT md5(coalesce(string_agg(area_version_id::text, ',' ORDER BY area_version_id), '')) FROM area_versions
WHERE withdrawn_at IS NULL AND period @> %(areas_at)s::timestamptz

-- name: releases
-- A release of a layer that was not withdrawn.
SELECT release_id, number, base_number, to_micros(effective_at) AS effective, withdrawn_at IS NOT NULL AS withdrawn FROM releases
WHERE layer_id = %(layer_id)s AND number = %(number)s

-- name: codes_ever
-- Every code that a grid of a layer ever had, or is to have; what was taken back before its date never was.
SELECT DISTINCT code FROM grid_versions WHERE layer_id = %(layer_id)s AND withdrawn_at IS NULL

-- name: areas_ever
-- Every code that an area ever had, or is to have.
SELECT DISTINCT code FROM area_versions WHERE withdrawn_at IS NULL

-- name: successions
-- Which grid became which with a release, as it was known then.
SELECT predecessor_id, successor_id, household_share, ground_share FROM successions WHERE release_id = %(release_id)s
ORDER BY predecessor_id, successor_id
