-- name: places_in_force
-- Places at one instant.
SELECT v.place_version_id AS version_id, v.place_id AS entity_id, p.code, v.name, v.aliases, v.category,
       ST_X(v.geom) AS lon, ST_Y(v.geom) AS lat, period_from(v.period) AS begins, period_to(v.period) AS ends
FROM place_versions AS v JOIN places AS p USING (place_id)
WHERE v.withdrawn_at IS NULL AND v.period @> %(at)s::timestamptz
ORDER BY p.code COLLATE "C"

-- name: add_place_versions
-- New versions, open-ended.
INSERT INTO place_versions (place_id, name, aliases, category, geom, period)
SELECT p.place_id, r.name, r.aliases, r.category, ST_SetSRID(ST_MakePoint(r.lon, r.lat), 4326), tstzrange(%(at)s, NULL)
FROM jsonb_to_recordset(%(records)s) AS r(code text, name text, aliases text[], category text, lon double precision,
                                          lat double precision)
     JOIN places AS p USING (code)
