-- name: data_version
-- Which database this is, the version of its data and the transaction that raised it last.
SELECT database_id::text, version, raised_by::text FROM data_version

-- name: data_parts
-- The version that changed each table last, and its transaction.
SELECT part, version, raised_by::text FROM data_parts

-- name: layers
-- Layers, the default first.
SELECT l.code, l.name, l.name_en, l.tiling, outer_layer.code, l.is_default, l.position
FROM layers AS l LEFT JOIN layers AS outer_layer ON outer_layer.layer_id = l.nested_in
ORDER BY l.is_default DESC, l.position, l.code

-- name: releases
-- Releases of every layer, withdrawn ones too.
SELECT l.code, r.number, to_micros(r.effective_at), to_micros(r.published_at), r.published_by, r.note,
       to_micros(r.withdrawn_at)
FROM releases AS r JOIN layers AS l USING (layer_id)
ORDER BY l.code, r.number

-- name: areas
-- Every version of every area.
SELECT area_id, code, name, level, parent_id, period_from(period), period_to(period)
FROM area_versions WHERE withdrawn_at IS NULL
ORDER BY code COLLATE "C", lower(period)

-- name: area_geometries
-- Geometry of every version of every area, in the order of the query areas.
SELECT ST_AsBinary(geom)
FROM area_versions WHERE withdrawn_at IS NULL
ORDER BY code COLLATE "C", lower(period)

-- name: grid_versions
-- Every version of every grid of one layer, in code order (by code point): the order of its grid index.
SELECT g.grid_version_id, g.grid_id, l.code, g.code, g.name, g.kind, g.community_id, g.households, g.persons,
       r.number, period_from(g.period), period_to(g.period)
FROM grid_versions AS g JOIN layers AS l USING (layer_id) JOIN releases AS r USING (release_id)
WHERE l.code = %(layer)s AND g.withdrawn_at IS NULL
ORDER BY g.code COLLATE "C", lower(g.period), g.grid_version_id

-- name: grid_geometries
-- Geometry of every version of every grid of one layer, in the order of the query grid_versions.
SELECT ST_AsBinary(g.geom)
FROM grid_versions AS g JOIN layers AS l USING (layer_id)
WHERE l.code = %(layer)s AND g.withdrawn_at IS NULL
ORDER BY g.code COLLATE "C", lower(g.period), g.grid_version_id

-- name: stations
-- Every version of every station.
SELECT s.station_id, s.code, v.name, v.category, v.level, parent.code, v.address, ST_X(v.geom), ST_Y(v.geom),
       v.phone, v.hours, v.services, period_from(v.period), period_to(v.period)
FROM station_versions AS v JOIN stations AS s USING (station_id)
     LEFT JOIN stations AS parent ON parent.station_id = v.parent_id
WHERE v.withdrawn_at IS NULL
ORDER BY s.code COLLATE "C", lower(v.period)

-- name: roles
-- Every version of every role.
SELECT role_id, r.code, v.name, v.name_en, v.duties_text, v.duties_en, v.name_public, v.phone_public,
       v.position, period_from(v.period), period_to(v.period)
FROM role_versions AS v JOIN roles AS r USING (role_id)
WHERE v.withdrawn_at IS NULL
ORDER BY v.position, r.code COLLATE "C", lower(v.period)

-- name: holders_shards
-- How many versions of workers and organisations are in each shard, and a digest of all of them.
SELECT v.holder_id / %(size)s, count(*), sum(hashtextextended(concat_ws(' ', h.kind, h.code, v.content), 0))::text
FROM (SELECT holder_id, w::text AS content FROM worker_versions AS w WHERE withdrawn_at IS NULL
      UNION ALL
      SELECT holder_id, o::text FROM organisation_versions AS o WHERE withdrawn_at IS NULL) AS v
     JOIN holders AS h USING (holder_id)
GROUP BY 1 ORDER BY 1

-- name: holders
-- Every version of every worker and organisation of some shards.
SELECT h.holder_id, h.kind, h.code, v.name, v.phone, v.phone_public, period_from(v.period), period_to(v.period)
FROM (SELECT holder_id, name, phone, phone_public, period FROM worker_versions WHERE withdrawn_at IS NULL
      UNION ALL
      SELECT holder_id, name, phone, true, period FROM organisation_versions WHERE withdrawn_at IS NULL) AS v
     JOIN holders AS h USING (holder_id)
WHERE v.holder_id / %(size)s = ANY(%(shards)s)
ORDER BY h.kind DESC, h.code COLLATE "C", lower(v.period)

-- name: duties_shards
-- How many duties that were not withdrawn are in each shard, and a digest of all of them.
SELECT duty_id / %(size)s, count(*), sum(hashtextextended(d::text, 0))::text
FROM duties AS d WHERE withdrawn_at IS NULL
GROUP BY 1 ORDER BY 1

-- name: duties
-- Every duty of some shards that was not withdrawn.
SELECT duty_id, holder_id, role_id,
       CASE WHEN grid_id IS NOT NULL THEN 'grid' WHEN area_id IS NOT NULL THEN 'area'
            WHEN station_id IS NOT NULL THEN 'station' WHEN compound_id IS NOT NULL THEN 'compound'
            WHEN place_id IS NOT NULL THEN 'place' WHEN unit IS NOT NULL THEN 'unit' ELSE 'building' END,
       coalesce(grid_id, area_id, station_id, compound_id, place_id, building_id), assignment,
       period_from(period), period_to(period), coalesce(unit, ''), hours
FROM duties WHERE withdrawn_at IS NULL AND duty_id / %(size)s = ANY(%(shards)s)
ORDER BY duty_id

-- name: leaves_shards
-- How many leaves that were not withdrawn are in each shard, and a digest of all of them.
SELECT leave_id / %(size)s, count(*), sum(hashtextextended(l::text, 0))::text
FROM leaves AS l WHERE withdrawn_at IS NULL
GROUP BY 1 ORDER BY 1

-- name: leaves
-- Every leave of some shards that was not withdrawn.
SELECT leave_id, holder_id, stand_in_id, reason, period_from(period), period_to(period)
FROM leaves WHERE withdrawn_at IS NULL AND leave_id / %(size)s = ANY(%(shards)s)
ORDER BY leave_id

-- name: calendar
-- Days on which weekly hours mean something else.
SELECT day::text, kind, name
FROM calendar_days WHERE withdrawn_at IS NULL
ORDER BY day

-- name: matters
-- Every version of every matter.
SELECT v.matter_id, m.code, v.name, v.name_en, v.description, v.role_id, v.organisation_id, v.phone,
       v.promised_minutes, v.position, period_from(v.period), period_to(v.period)
FROM matter_versions AS v JOIN matters AS m USING (matter_id)
WHERE v.withdrawn_at IS NULL
ORDER BY m.code COLLATE "C", lower(v.period)

-- name: norms
-- Every version of every staffing norm.
SELECT v.norm_id, n.code, v.role_id, v.per, l.code, v.grid_kind, v.area_id, v.least, v.most, v.most_per_person,
       period_from(v.period), period_to(v.period)
FROM norm_versions AS v JOIN norms AS n USING (norm_id) LEFT JOIN layers AS l USING (layer_id)
WHERE v.withdrawn_at IS NULL
ORDER BY n.code COLLATE "C", lower(v.period)

-- name: texts
-- Every version of every text of boards and cards.
SELECT v.text_id, t.code, v.slot, v.area_id, v.grid_id, v.title, v.title_en, v.body, v.body_en, v.phone, v.position,
       period_from(v.period), period_to(v.period)
FROM text_versions AS v JOIN texts AS t USING (text_id)
WHERE v.withdrawn_at IS NULL
ORDER BY t.code COLLATE "C", lower(v.period)

-- name: compounds
-- Every version of every compound.
SELECT v.compound_id, c.code, v.name, v.aliases, period_from(v.period), period_to(v.period)
FROM compound_versions AS v JOIN compounds AS c USING (compound_id)
WHERE v.withdrawn_at IS NULL
ORDER BY c.code COLLATE "C", lower(v.period)

-- name: compound_outlines
-- Geometry of every version of every compound, in the order of the query compounds.
SELECT ST_AsBinary(v.geom)
FROM compound_versions AS v JOIN compounds AS c USING (compound_id)
WHERE v.withdrawn_at IS NULL
ORDER BY c.code COLLATE "C", lower(v.period)

-- name: gates
-- Every version of every gate, those of a compound together.
SELECT compound_id, ST_X(geom), ST_Y(geom), period_from(period), period_to(period)
FROM gate_versions
WHERE withdrawn_at IS NULL
ORDER BY compound_id, gate_id, lower(period)

-- name: buildings
-- Every version of every building.
SELECT v.building_id, b.code, v.name, v.compound_id, v.units, v.households, ST_X(v.point), ST_Y(v.point),
       period_from(v.period), period_to(v.period)
FROM building_versions AS v JOIN buildings AS b USING (building_id)
WHERE v.withdrawn_at IS NULL
ORDER BY b.code COLLATE "C", lower(v.period)

-- name: building_outlines
-- Outline of every version of every building, in the order of the query buildings.
SELECT ST_AsBinary(v.outline)
FROM building_versions AS v JOIN buildings AS b USING (building_id)
WHERE v.withdrawn_at IS NULL
ORDER BY b.code COLLATE "C", lower(v.period)

-- name: places
-- Every version of every named place.
SELECT v.place_id, p.code, v.name, v.aliases, v.category, ST_X(v.geom), ST_Y(v.geom), period_from(v.period),
       period_to(v.period)
FROM place_versions AS v JOIN places AS p USING (place_id)
WHERE v.withdrawn_at IS NULL
ORDER BY p.code COLLATE "C", lower(v.period)

-- name: stops
-- Every version of every stop of a mobile station.
SELECT v.stop_id, v.station_id, s.code, v.address, ST_X(v.geom), ST_Y(v.geom), v.hours, period_from(v.period),
       period_to(v.period)
FROM stop_versions AS v JOIN stops AS s USING (stop_id)
WHERE v.withdrawn_at IS NULL
ORDER BY s.code COLLATE "C", lower(v.period)

-- name: keys
-- Keys that are not revoked; expiry is decided when a key is used.
SELECT encode(key_sha256, 'hex'), role, name, coalesce(to_micros(expires_at), 9223372036854775807)
FROM keys WHERE revoked_at IS NULL
ORDER BY key_id
