-- name: holders
-- Holders by code: identity, kind, and whether any version is in force at an instant or later.
SELECT h.code, h.holder_id, h.kind, bool_or(upper_inf(v.period) OR upper(v.period) > %(at)s)
FROM holders AS h
     JOIN (SELECT holder_id, period FROM worker_versions WHERE withdrawn_at IS NULL
           UNION ALL
           SELECT holder_id, period FROM organisation_versions WHERE withdrawn_at IS NULL) AS v USING (holder_id)
WHERE h.code = ANY(%(codes)s)
GROUP BY h.code, h.holder_id, h.kind

-- name: roles
-- Roles by code: identity, and whether any version is in force at an instant or later.
SELECT r.code, r.role_id, bool_or(upper_inf(v.period) OR upper(v.period) > %(at)s)
FROM roles AS r JOIN role_versions AS v USING (role_id)
WHERE v.withdrawn_at IS NULL AND r.code = ANY(%(codes)s)
GROUP BY r.code, r.role_id

-- name: areas
-- Areas by code: the newest identity, and whether it is in force at an instant or later.
SELECT DISTINCT ON (code) code, area_id, upper_inf(period) OR upper(period) > %(at)s
FROM area_versions WHERE withdrawn_at IS NULL AND code = ANY(%(codes)s)
ORDER BY code, lower(period) DESC

-- name: grids
-- Grids of one layer by code: the newest identity, and whether it is in force at an instant or later.
SELECT DISTINCT ON (code) code, grid_id, upper_inf(period) OR upper(period) > %(at)s
FROM grid_versions WHERE layer_id = %(layer_id)s AND withdrawn_at IS NULL AND code = ANY(%(codes)s)
ORDER BY code, lower(period) DESC

-- name: stations
-- Stations by code: identity, and whether any version is in force at an instant or later.
SELECT s.code, s.station_id, bool_or(upper_inf(v.period) OR upper(v.period) > %(at)s)
FROM stations AS s JOIN station_versions AS v USING (station_id)
WHERE v.withdrawn_at IS NULL AND s.code = ANY(%(codes)s)
GROUP BY s.code, s.station_id

-- name: compounds
-- Compounds by code: identity, and whether any version is in force at an instant or later.
SELECT c.code, c.compound_id, bool_or(upper_inf(v.period) OR upper(v.period) > %(at)s)
FROM compounds AS c JOIN compound_versions AS v USING (compound_id)
WHERE v.withdrawn_at IS NULL AND c.code = ANY(%(codes)s)
GROUP BY c.code, c.compound_id

-- name: buildings
-- Buildings by code: identity, whether it is in force at an instant or later, and its units then, else the last ones.
SELECT DISTINCT ON (code) code, building_id, alive, units
FROM (SELECT b.code, b.building_id, upper_inf(v.period) OR upper(v.period) > %(at)s AS alive, lower(v.period) AS began,
             v.units
      FROM buildings AS b JOIN building_versions AS v USING (building_id)
      WHERE v.withdrawn_at IS NULL AND b.code = ANY(%(codes)s)) AS found
ORDER BY code, alive DESC, CASE WHEN alive THEN began END, began DESC

-- name: places
-- Places by code: identity, and whether any version is in force at an instant or later.
SELECT p.code, p.place_id, bool_or(upper_inf(v.period) OR upper(v.period) > %(at)s)
FROM places AS p JOIN place_versions AS v USING (place_id)
WHERE v.withdrawn_at IS NULL AND p.code = ANY(%(codes)s)
GROUP BY p.code, p.place_id

-- name: now
-- The database's clock: two loads in one transaction take effect one after the other.
SELECT to_micros(clock_timestamp())

-- name: grids_in_areas
-- How many grids, of any layer, lie in each of these areas from now on.
SELECT community_id, count(*) FROM grid_versions
WHERE withdrawn_at IS NULL AND upper_inf(period) AND community_id = ANY(%(area_ids)s)
GROUP BY community_id
