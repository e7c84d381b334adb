-- name: buildings_in_force
-- Buildings at one instant.
SELECT v.building_version_id AS version_id, v.building_id AS entity_id, b.code, v.name, c.code AS compound, v.units,
       v.households, ST_X(v.point) AS lon, ST_Y(v.point) AS lat, ST_AsBinary(v.outline, 'NDR') AS wkb,
       period_from(v.period) AS begins, period_to(v.period) AS ends
FROM building_versions AS v JOIN buildings AS b USING (building_id) LEFT JOIN compounds AS c USING (compound_id)
WHERE v.withdrawn_at IS NULL AND v.period @> %(at)s::timestamptz
ORDER BY b.code COLLATE "C"

-- name: add_building_versions
-- New versions, open-ended.
INSERT INTO building_versions (building_id, name, compound_id, units, households, point, outline, period)
SELECT b.building_id, r.name, c.compound_id, r.units, r.households, ST_SetSRID(ST_MakePoint(r.lon, r.lat), 4326),
       ST_SetSRID(ST_GeomFromWKB(decode(r.wkb, 'hex')), 4326), tstzrange(%(at)s, NULL)
FROM jsonb_to_recordset(%(records)s) AS r(code text, name text, compound text, units text[], households integer,
                                          lon double precision, lat double precision, wkb text)
     JOIN buildings AS b USING (code) LEFT JOIN compounds AS c ON c.code = r.compound
