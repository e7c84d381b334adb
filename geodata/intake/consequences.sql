-- name: norms
-- Norms at one instant.
SELECT n.norm_id, n.code, v.role_id, v.per, l.code AS layer, v.grid_kind, v.area_id, v.least, v.most,
       v.most_per_person, period_from(v.period) AS valid_from, period_to(v.period) AS valid_to
FROM norm_versions AS v JOIN norms AS n USING (norm_id) LEFT JOIN layers AS l USING (layer_id)
WHERE v.withdrawn_at IS NULL AND v.period @> %(at)s::timestamptz
ORDER BY n.code COLLATE "C"

-- name: areas
-- Areas at one instant.
SELECT area_id, code, name, level, parent_id, period_from(period) AS valid_from, period_to(period) AS valid_to
FROM area_versions WHERE withdrawn_at IS NULL AND period @> %(at)s::timestamptz
ORDER BY code COLLATE "C"

-- name: grids
-- Grids at one instant, of all layers or only some of them.
SELECT g.grid_version_id AS version_id, g.grid_id, l.code AS layer, g.code, g.name, g.kind, g.community_id,
       g.households, g.persons, 0 AS release, period_from(g.period) AS valid_from, period_to(g.period) AS valid_to,
       0 AS position
FROM grid_versions AS g JOIN layers AS l USING (layer_id)
WHERE g.withdrawn_at IS NULL AND g.period @> %(at)s::timestamptz AND (%(all)s OR g.grid_id = ANY(%(grid_ids)s))
ORDER BY l.code, g.code COLLATE "C"

-- name: default_layer
-- Code of the default layer, if there is one yet.
SELECT code FROM layers WHERE is_default
