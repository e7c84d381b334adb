-- name: marks
-- Which database this is, and the version that changed each table of the register last.
SELECT p.part, p.version, p.raised_by::text, v.database_id::text
FROM data_parts AS p CROSS JOIN data_version AS v WHERE p.part = ANY(%(parts)s) ORDER BY p.part

-- name: next_change
-- The instant after another at which some record begins or ends, null where none does.
SELECT to_micros(min(t)) FROM (
    SELECT lower(period), upper(period) FROM area_versions WHERE withdrawn_at IS NULL
    UNION ALL SELECT lower(period), upper(period) FROM compound_versions WHERE withdrawn_at IS NULL
    UNION ALL SELECT lower(period), upper(period) FROM gate_versions WHERE withdrawn_at IS NULL
    UNION ALL SELECT lower(period), upper(period) FROM building_versions WHERE withdrawn_at IS NULL
    UNION ALL SELECT lower(period), upper(period) FROM place_versions WHERE withdrawn_at IS NULL
    UNION ALL SELECT lower(period), upper(period) FROM station_versions WHERE withdrawn_at IS NULL
    UNION ALL SELECT lower(period), upper(period) FROM stop_versions WHERE withdrawn_at IS NULL
) AS periods(begins, ends), LATERAL (VALUES (begins), (ends)) AS instants(t)
WHERE t > %(at)s::timestamptz

-- name: counts
-- About how many addresses there are, to say how far a reading has come.
SELECT count(*) FROM addresses WHERE withdrawn_at IS NULL

-- name: areas
-- Areas at an instant, with their shapes where they have one.
SELECT area_id, name, parent_id, ST_AsBinary(geom), area_version_id
FROM area_versions WHERE withdrawn_at IS NULL AND period @> %(at)s::timestamptz
ORDER BY area_id

-- name: areas_once
-- These versions of areas, as they were.
SELECT area_id, name, parent_id, ST_AsBinary(geom), area_version_id
FROM area_versions WHERE area_version_id = ANY(%(versions)s)
ORDER BY area_id

-- name: names
-- Names of roads and compounds: they decide where a name ends in an address that is only a text.
SELECT road FROM addresses WHERE withdrawn_at IS NULL AND road <> '' GROUP BY road
UNION SELECT compound FROM addresses WHERE withdrawn_at IS NULL AND compound <> '' GROUP BY compound
UNION SELECT name FROM streets WHERE withdrawn_at IS NULL AND name <> ''
UNION SELECT name FROM compound_versions WHERE withdrawn_at IS NULL AND period @> %(at)s::timestamptz

-- name: addresses
-- All addresses, in the order of their keys.
SELECT address_id, code, text, road, number, compound, building, unit, floor, room, areas, aliases,
       ST_X(geom), ST_Y(geom)
FROM addresses WHERE withdrawn_at IS NULL ORDER BY address_id

-- name: addresses_of
-- These addresses, as far as they are in force.
SELECT address_id, code, text, road, number, compound, building, unit, floor, room, areas, aliases,
       ST_X(geom), ST_Y(geom)
FROM addresses WHERE withdrawn_at IS NULL AND address_id = ANY(%(keys)s)

-- name: addresses_changed
-- Addresses that were touched after a version; null for more than are listed.
SELECT DISTINCT address_id FROM address_changes WHERE version > %(version)s

-- name: addresses_had
-- Whether a version of the addresses is one that this database had.
SELECT %(version)s = 0 OR EXISTS (
    SELECT FROM address_changes WHERE version = %(version)s AND raised_by = %(raised_by)s::xid8)

-- name: compounds
-- Compounds, with all points that are known of each: inside its shape, at gates, of buildings.
SELECT hashtextextended(concat_ws('/', 'compound', v.compound_version_id, gate.ids, house.ids), 0) AS key,
       c.code, v.name, v.aliases,
       array_remove(ST_X(ST_PointOnSurface(v.geom)) || (coalesce(gate.xs, '{}') || coalesce(house.xs, '{}')), NULL),
       array_remove(ST_Y(ST_PointOnSurface(v.geom)) || (coalesce(gate.ys, '{}') || coalesce(house.ys, '{}')), NULL)
FROM compound_versions AS v JOIN compounds AS c USING (compound_id)
     LEFT JOIN (SELECT compound_id, array_agg(gate_version_id ORDER BY gate_version_id) AS ids,
                       array_agg(ST_X(geom) ORDER BY gate_version_id) AS xs,
                       array_agg(ST_Y(geom) ORDER BY gate_version_id) AS ys
                FROM gate_versions WHERE withdrawn_at IS NULL AND period @> %(at)s::timestamptz
                GROUP BY compound_id) AS gate USING (compound_id)
     LEFT JOIN (SELECT compound_id, array_agg(building_version_id ORDER BY building_version_id) AS ids,
                       array_agg(ST_X(point) ORDER BY building_version_id) AS xs,
                       array_agg(ST_Y(point) ORDER BY building_version_id) AS ys
                FROM building_versions WHERE withdrawn_at IS NULL AND period @> %(at)s::timestamptz
                GROUP BY compound_id) AS house USING (compound_id)
WHERE v.withdrawn_at IS NULL AND v.period @> %(at)s::timestamptz

-- name: buildings
-- Buildings with their units, and the name of the compound that they belong to.
SELECT hashtextextended(concat_ws('/', 'building', v.building_version_id, o.compound_version_id), 0) AS key,
       b.code, v.name, coalesce(o.name, ''), v.units, ST_X(v.point), ST_Y(v.point)
FROM building_versions AS v JOIN buildings AS b USING (building_id)
     LEFT JOIN compound_versions AS o
         ON o.compound_id = v.compound_id AND o.withdrawn_at IS NULL AND o.period @> %(at)s::timestamptz
WHERE v.withdrawn_at IS NULL AND v.period @> %(at)s::timestamptz

-- name: places
-- Named places.
SELECT hashtextextended(concat_ws('/', 'place', v.place_version_id), 0) AS key,
       p.code, v.name, v.aliases, ST_X(v.geom), ST_Y(v.geom)
FROM place_versions AS v JOIN places AS p USING (place_id)
WHERE v.withdrawn_at IS NULL AND v.period @> %(at)s::timestamptz

-- name: stations
-- Stations by their names; a mobile one at each of its stops.
SELECT hashtextextended(concat_ws('/', 'station', v.station_version_id, t.stop_version_id), 0) AS key,
       s.code, v.name, '{}'::text[], ST_X(coalesce(v.geom, t.geom)), ST_Y(coalesce(v.geom, t.geom))
FROM station_versions AS v JOIN stations AS s USING (station_id)
     LEFT JOIN stop_versions AS t ON v.geom IS NULL AND t.station_id = v.station_id AND t.withdrawn_at IS NULL
                                  AND t.period @> %(at)s::timestamptz
WHERE v.withdrawn_at IS NULL AND v.period @> %(at)s::timestamptz AND coalesce(v.geom, t.geom) IS NOT NULL

-- name: streets
-- Streets that have a name.
SELECT hashtextextended(concat_ws('/', 'street', street_id), 0) AS key, code, name, aliases, ST_AsBinary(geom)
FROM streets WHERE withdrawn_at IS NULL AND name <> ''

-- name: crossings
-- Where two streets of different names meet, or come within about a metre of each other; nodes of a wide one together.
SELECT hashtextextended(concat_ws('/', 'crossing', one, other, lon, lat), 0) AS key, one || '×' || other, one, other,
       avg(ST_X(node)), avg(ST_Y(node))
FROM (SELECT a.name AS one, b.name AS other,
             ST_PointOnSurface(ST_Intersection(ST_Buffer(a.geom, 0.00001), b.geom)) AS node
      FROM streets AS a JOIN streets AS b
           ON a.name < b.name AND ST_DWithin(a.geom, b.geom, 0.00001)
      WHERE a.withdrawn_at IS NULL AND b.withdrawn_at IS NULL AND a.name <> '' AND b.name <> '') AS meeting
     CROSS JOIN LATERAL (SELECT round(ST_X(node)::numeric, 3) AS lon, round(ST_Y(node)::numeric, 3) AS lat) AS cell
WHERE NOT ST_IsEmpty(node)
GROUP BY one, other, lon, lat

-- name: pins
-- What dispatchers pinned: a point, or a record with all points that are known of it, as long as it is in force.
WITH points AS (
    SELECT p.address_alias_id, d.address_id AS version, d.geom AS point
    FROM address_aliases AS p JOIN addresses AS d ON p.kind = 'address' AND d.code = p.code AND d.withdrawn_at IS NULL
    UNION ALL
    SELECT p.address_alias_id, v.building_version_id, v.point
    FROM address_aliases AS p JOIN buildings AS b ON p.kind = 'building' AND b.code = p.code
         JOIN building_versions AS v USING (building_id)
    WHERE v.withdrawn_at IS NULL AND v.period @> %(at)s::timestamptz
    UNION ALL
    SELECT p.address_alias_id, v.compound_version_id, n.point
    FROM address_aliases AS p JOIN compounds AS c ON p.kind = 'compound' AND c.code = p.code
         JOIN compound_versions AS v USING (compound_id),
         LATERAL (SELECT ST_PointOnSurface(v.geom) AS point WHERE v.geom IS NOT NULL
                  UNION ALL
                  SELECT g.geom FROM gate_versions AS g
                  WHERE g.compound_id = v.compound_id AND g.withdrawn_at IS NULL AND g.period @> %(at)s::timestamptz
                  UNION ALL
                  SELECT h.point FROM building_versions AS h
                  WHERE h.compound_id = v.compound_id AND h.withdrawn_at IS NULL
                        AND h.period @> %(at)s::timestamptz) AS n
    WHERE v.withdrawn_at IS NULL AND v.period @> %(at)s::timestamptz
    UNION ALL
    SELECT p.address_alias_id, v.place_version_id, v.geom
    FROM address_aliases AS p JOIN places AS l ON p.kind = 'place' AND l.code = p.code
         JOIN place_versions AS v USING (place_id)
    WHERE v.withdrawn_at IS NULL AND v.period @> %(at)s::timestamptz
    UNION ALL
    SELECT p.address_alias_id, v.station_version_id, coalesce(v.geom, t.geom)
    FROM address_aliases AS p JOIN stations AS s ON p.kind = 'station' AND s.code = p.code
         JOIN station_versions AS v USING (station_id)
         LEFT JOIN stop_versions AS t ON v.geom IS NULL AND t.station_id = v.station_id AND t.withdrawn_at IS NULL
                                      AND t.period @> %(at)s::timestamptz
    WHERE v.withdrawn_at IS NULL AND v.period @> %(at)s::timestamptz AND coalesce(v.geom, t.geom) IS NOT NULL
    UNION ALL
    SELECT address_alias_id, 0, geom FROM address_aliases WHERE kind IS NULL
)
SELECT hashtextextended(concat_ws('/', 'pin', p.address_alias_id, n.content), 0) AS key,
       coalesce(p.kind, 'pin'), coalesce(p.code, p.address_alias_id::text), p.label, p.typed, n.xs, n.ys
FROM address_aliases AS p JOIN (
         SELECT address_alias_id, array_agg(ST_X(point) ORDER BY version, point) AS xs,
                array_agg(ST_Y(point) ORDER BY version, point) AS ys,
                string_agg(concat_ws(' ', version, ST_AsText(point)), ' ' ORDER BY version, point) AS content
         FROM points GROUP BY address_alias_id) AS n USING (address_alias_id)
WHERE p.withdrawn_at IS NULL

-- name: keys_of
-- Keys of what a query gives.
SELECT given.key FROM ({query}) AS given

-- name: rows_of
-- Of what a query gives, the rows of these keys.
SELECT given.* FROM ({query}) AS given WHERE given.key = ANY(%(keys)s)
