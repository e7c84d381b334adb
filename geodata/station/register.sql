-- name: stations_in_force
-- Stations at one instant.
SELECT v.station_version_id AS version_id, v.station_id AS entity_id, s.code, v.name, v.category, v.level,
       p.code AS parent, v.address, ST_X(v.geom) AS lon, ST_Y(v.geom) AS lat, v.phone, v.hours, v.services,
       period_from(v.period) AS begins, period_to(v.period) AS ends
FROM station_versions AS v JOIN stations AS s USING (station_id) LEFT JOIN stations AS p ON p.station_id = v.parent_id
WHERE v.withdrawn_at IS NULL AND v.period @> %(at)s::timestamptz
ORDER BY s.code COLLATE "C"

-- name: add_station_versions
-- New versions, open-ended.
INSERT INTO station_versions (station_id, name, category, level, parent_id, address, geom, phone, hours, services,
                              period)
SELECT s.station_id, r.name, r.category, r.level, p.station_id, r.address,
       ST_SetSRID(ST_MakePoint(r.lon, r.lat), 4326), r.phone, r.hours, r.services, tstzrange(%(at)s, NULL)
FROM jsonb_to_recordset(%(records)s) AS r(code text, name text, category text, level text, parent text, address text,
                                          lon double precision, lat double precision, phone text, hours text,
                                          services text[])
     JOIN stations AS s ON s.code = r.code LEFT JOIN stations AS p ON p.code = r.parent
