-- name: lock_stops
-- Nobody else changes stops until this transaction ends; readers go on.
LOCK TABLE stop_versions IN SHARE ROW EXCLUSIVE MODE

-- name: stored_stops
-- The newest version of each stop, and when its first began.
SELECT DISTINCT ON (s.code COLLATE "C") v.stop_version_id AS version_id, v.stop_id AS entity_id, s.code,
       k.code AS station, ST_X(v.geom) AS lon, ST_Y(v.geom) AS lat, v.address, v.hours,
       min(period_from(v.period)) OVER (PARTITION BY v.stop_id) AS "from", period_to(v.period) AS "to",
       period_from(v.period) AS begins
FROM stop_versions AS v JOIN stops AS s USING (stop_id) JOIN stations AS k USING (station_id)
WHERE v.withdrawn_at IS NULL
ORDER BY s.code COLLATE "C", lower(v.period) DESC

-- name: set_stop_ends
-- Versions end when told to.
UPDATE stop_versions SET period = tstzrange(lower(period), e.ends)
FROM jsonb_to_recordset(%(ends)s) AS e(version_id bigint, ends timestamptz)
WHERE stop_version_id = e.version_id

-- name: withdraw_stops
-- Versions that never came into force.
UPDATE stop_versions SET withdrawn_at = now() WHERE stop_version_id = ANY(%(version_ids)s)

-- name: add_stops
-- Identities of the stops that are not known yet.
INSERT INTO stops (code) SELECT r.code FROM jsonb_to_recordset(%(records)s) AS r(code text)
ON CONFLICT (code) DO NOTHING

-- name: add_stop_versions
-- New versions.
INSERT INTO stop_versions (stop_id, station_id, address, geom, hours, period)
SELECT s.stop_id, k.station_id, r.address, ST_SetSRID(ST_MakePoint(r.lon, r.lat), 4326), r.hours,
       tstzrange(r."from", r."to")
FROM jsonb_to_recordset(%(records)s) AS r(code text, station text, address text, lon double precision,
                                          lat double precision, hours text, "from" timestamptz, "to" timestamptz)
     JOIN stops AS s USING (code) JOIN stations AS k ON k.code = r.station
