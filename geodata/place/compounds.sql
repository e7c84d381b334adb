-- name: compounds_in_force
-- Compounds at one instant.
SELECT v.compound_version_id AS version_id, v.compound_id AS entity_id, c.code, v.name, v.aliases,
       ST_AsBinary(v.geom, 'NDR') AS wkb, period_from(v.period) AS begins, period_to(v.period) AS ends
FROM compound_versions AS v JOIN compounds AS c USING (compound_id)
WHERE v.withdrawn_at IS NULL AND v.period @> %(at)s::timestamptz
ORDER BY c.code COLLATE "C"

-- name: add_compound_versions
-- New versions, open-ended.
INSERT INTO compound_versions (compound_id, name, aliases, geom, period)
SELECT c.compound_id, r.name, r.aliases, ST_SetSRID(ST_GeomFromWKB(decode(r.wkb, 'hex')), 4326),
       tstzrange(%(at)s, NULL)
FROM jsonb_to_recordset(%(records)s) AS r(code text, name text, aliases text[], wkb text) JOIN compounds AS c USING (code)

-- name: gates_in_force
-- Gates at one instant.
SELECT v.gate_version_id AS version_id, v.gate_id AS entity_id, g.code, c.code AS compound, ST_X(v.geom) AS lon,
       ST_Y(v.geom) AS lat, period_from(v.period) AS begins, period_to(v.period) AS ends
FROM gate_versions AS v JOIN gates AS g USING (gate_id) JOIN compounds AS c USING (compound_id)
WHERE v.withdrawn_at IS NULL AND v.period @> %(at)s::timestamptz
ORDER BY g.code COLLATE "C"

-- name: add_gate_versions
-- New versions, open-ended.
INSERT INTO gate_versions (gate_id, compound_id, geom, period)
SELECT g.gate_id, c.compound_id, ST_SetSRID(ST_MakePoint(r.lon, r.lat), 4326), tstzrange(%(at)s, NULL)
FROM jsonb_to_recordset(%(records)s) AS r(code text, compound text, lon double precision, lat double precision)
     JOIN gates AS g USING (code) JOIN compounds AS c ON c.code = r.compound
