-- name: areas_by_name
-- Codes of areas by name at one instant.
SELECT name, code FROM area_versions
WHERE withdrawn_at IS NULL AND period @> %(at)s::timestamptz AND name = ANY(%(names)s)
ORDER BY name, code COLLATE "C"

-- name: layers_by_name
-- Codes of layers by name; they have no periods.
SELECT name, code FROM layers WHERE name = ANY(%(names)s) AND %(at)s::timestamptz IS NOT NULL
ORDER BY name, code COLLATE "C"

-- name: roles_by_name
-- Codes of roles by name at one instant.
SELECT v.name, r.code FROM role_versions AS v JOIN roles AS r USING (role_id)
WHERE v.withdrawn_at IS NULL AND v.period @> %(at)s::timestamptz AND v.name = ANY(%(names)s)
ORDER BY v.name, r.code COLLATE "C"

-- name: organisations_by_name
-- Codes of organisations by name at one instant.
SELECT v.name, h.code FROM organisation_versions AS v JOIN holders AS h USING (holder_id)
WHERE v.withdrawn_at IS NULL AND v.period @> %(at)s::timestamptz AND v.name = ANY(%(names)s)
ORDER BY v.name, h.code COLLATE "C"

-- name: stations_by_name
-- Codes of stations by name at one instant.
SELECT v.name, s.code FROM station_versions AS v JOIN stations AS s USING (station_id)
WHERE v.withdrawn_at IS NULL AND v.period @> %(at)s::timestamptz AND v.name = ANY(%(names)s)
ORDER BY v.name, s.code COLLATE "C"

-- name: compounds_by_name
-- Codes of compounds by name or other name at one instant.
SELECT n.name, c.code FROM compound_versions AS v JOIN compounds AS c USING (compound_id)
     CROSS JOIN LATERAL unnest(array_append(v.aliases, v.name)) AS n(name)
WHERE v.withdrawn_at IS NULL AND v.period @> %(at)s::timestamptz AND n.name = ANY(%(names)s)
GROUP BY n.name, c.code
ORDER BY n.name, c.code COLLATE "C"
