-- name: last_changes
-- What tells whether codes were added to a layer, or to the areas.
SELECT (SELECT max(release_id) FROM releases WHERE layer_id = %(layer_id)s), (SELECT max(area_version_id) FROM area_versions)

-- name: release_grids
-- Grids as a release left them, with the code of the community at an instant.
SELECT g.grid_id, g.code, g.name, g.kind, a.code AS community, g.households, g.persons, ST_AsBinary(g.geom) AS wkb
FROM releases AS r
     JOIN grid_versions AS g ON g.layer_id = r.layer_id AND g.withdrawn_at IS NULL AND g.period @> r.effective_at
     LEFT JOIN area_versions AS a
     ON a.area_id = g.community_id AND a.withdrawn_at IS NULL AND a.period @> %(areas_at)s::timestamptz
WHERE r.release_id = %(release_id)s
ORDER BY g.code COLLATE "C"

-- name: releases
-- A release of a layer that was not withdrawn.
SELECT release_id, number, base_number, to_micros(effective_at) AS effective, withdrawn_at IS NOT NULL AS withdrawn FROM releases
WHERE layer_id = %(layer_id)s AND number = %(number)s

-- name: codes_ever
-- Every code that a grid of a layer ever had.
SELECT DISTINCT code FROM grid_versions WHERE layer_id = %(layer_id)s

-- name: areas_ever
-- Every code that an area ever had.
SELECT DISTINCT code FROM area_versions

-- name: successions
-- Which grid became which with a release, as it was known then.
SELECT predecessor_id, successor_id, household_share, ground_share FROM successions WHERE release_id = %(release_id)s
ORDER BY predecessor_id, successor_id
