-- name: lock
-- Nobody else changes these rows until this transaction ends; readers go on.
LOCK TABLE {relation} IN SHARE ROW EXCLUSIVE MODE

-- name: set_ends
-- Rows end when told to.
UPDATE {relation} AS r SET period = tstzrange(lower(r.period), e.ends)
FROM jsonb_to_recordset(%(ends)s) AS e(row_id bigint, ends timestamptz)
WHERE r.{key} = e.row_id

-- name: withdraw
-- Rows that never came into force.
UPDATE {relation} SET withdrawn_at = now() WHERE {key} = ANY(%(row_ids)s)

-- name: duties
-- Duties that were not withdrawn, by the identities of holder, role and target: all, or those of these holders, in these
-- roles and for these targets.
WITH asked AS (
    SELECT t.kind, t.id FROM jsonb_to_recordset(%(targets)s) AS t(kind text, id bigint)),
found AS (
    SELECT duty_id, holder_id, role_id,
           CASE WHEN grid_id IS NOT NULL THEN 'grid' WHEN area_id IS NOT NULL THEN 'area'
                WHEN compound_id IS NOT NULL THEN 'compound' WHEN unit IS NOT NULL THEN 'unit'
                WHEN building_id IS NOT NULL THEN 'building' WHEN place_id IS NOT NULL THEN 'place'
                ELSE 'station' END AS target_kind,
           coalesce(grid_id, area_id, compound_id, building_id, place_id, station_id) AS target_id,
           coalesce(unit, '') AS unit, assignment, hours, continues, period_from(period) AS begins,
           period_to(period) AS ends
    FROM duties WHERE withdrawn_at IS NULL)
SELECT duty_id, duty_id AS row_id, holder_id, role_id, target_kind, target_id, unit, assignment, hours, continues,
       begins, ends
FROM found
WHERE %(all)s OR holder_id = ANY(%(holder_ids)s) OR role_id = ANY(%(role_ids)s)
      OR (target_kind, target_id) IN (SELECT kind, id FROM asked)
ORDER BY duty_id

-- name: add_duties
-- New duties.
INSERT INTO duties (holder_id, role_id, area_id, grid_id, compound_id, building_id, unit, place_id, station_id,
                    assignment, hours, continues, period)
SELECT d.holder_id, d.role_id, CASE d.target_kind WHEN 'area' THEN d.target_id END,
       CASE d.target_kind WHEN 'grid' THEN d.target_id END, CASE d.target_kind WHEN 'compound' THEN d.target_id END,
       CASE WHEN d.target_kind IN ('building', 'unit') THEN d.target_id END, nullif(d.unit, ''),
       CASE d.target_kind WHEN 'place' THEN d.target_id END, CASE d.target_kind WHEN 'station' THEN d.target_id END,
       d.assignment, d.hours, d.continues, tstzrange(d.begins, d.ends)
FROM jsonb_to_recordset(%(rows)s) AS d(holder_id bigint, role_id bigint, target_kind text, target_id bigint,
                                         unit text, assignment text, hours text, continues bigint,
                                         begins timestamptz, ends timestamptz)

-- name: leaves
-- Leaves that were not withdrawn, by the identities of who is away and who stands in.
SELECT leave_id, leave_id AS row_id, holder_id, stand_in_id, reason, continues, period_from(period) AS begins,
       period_to(period) AS ends
FROM leaves
WHERE withdrawn_at IS NULL AND (%(since)s::timestamptz IS NULL OR period && tstzrange(%(since)s::timestamptz, NULL))
ORDER BY leave_id

-- name: add_leaves
-- New leaves.
INSERT INTO leaves (holder_id, stand_in_id, reason, continues, period)
SELECT l.holder_id, l.stand_in_id, l.reason, l.continues, tstzrange(l.begins, l.ends)
FROM jsonb_to_recordset(%(rows)s) AS l(holder_id bigint, stand_in_id bigint, reason text, continues bigint,
                                         begins timestamptz, ends timestamptz)

-- name: role_periods
-- When roles are in force, by identity.
SELECT role_id, period_from(period), period_to(period) FROM role_versions WHERE withdrawn_at IS NULL

-- name: holder_periods
-- When holders are in force, all or some, by identity.
SELECT holder_id, period_from(period), period_to(period)
FROM (SELECT holder_id, period FROM worker_versions WHERE withdrawn_at IS NULL
      UNION ALL
      SELECT holder_id, period FROM organisation_versions WHERE withdrawn_at IS NULL) AS v
WHERE %(ids)s::bigint[] IS NULL OR v.holder_id = ANY(%(ids)s)

-- name: named_holders
-- Code and newest name of holders, all or some, by identity.
SELECT DISTINCT ON (v.holder_id) v.holder_id, h.code, v.name, NULL::text
FROM (SELECT holder_id, name, period FROM worker_versions WHERE withdrawn_at IS NULL
      UNION ALL
      SELECT holder_id, name, period FROM organisation_versions WHERE withdrawn_at IS NULL) AS v
     JOIN holders AS h USING (holder_id)
WHERE %(ids)s::bigint[] IS NULL OR v.holder_id = ANY(%(ids)s)
ORDER BY v.holder_id, lower(v.period) DESC

-- name: named_roles
-- Code, newest name and layer of roles, all or some, by identity.
SELECT DISTINCT ON (v.role_id) v.role_id, r.code, v.name, NULL::text
FROM role_versions AS v JOIN roles AS r USING (role_id)
WHERE v.withdrawn_at IS NULL AND (%(ids)s::bigint[] IS NULL OR v.role_id = ANY(%(ids)s))
ORDER BY v.role_id, lower(v.period) DESC

-- name: named_areas
-- Code, newest name and layer of areas, all or some, by identity.
SELECT DISTINCT ON (v.area_id) v.area_id, v.code, v.name, NULL::text
FROM area_versions AS v
WHERE v.withdrawn_at IS NULL AND (%(ids)s::bigint[] IS NULL OR v.area_id = ANY(%(ids)s))
ORDER BY v.area_id, lower(v.period) DESC

-- name: named_grids
-- Code, newest name and layer of grids, all or some, by identity.
SELECT DISTINCT ON (v.grid_id) v.grid_id, v.code, v.name, l.code
FROM grid_versions AS v JOIN layers AS l USING (layer_id)
WHERE v.withdrawn_at IS NULL AND (%(ids)s::bigint[] IS NULL OR v.grid_id = ANY(%(ids)s))
ORDER BY v.grid_id, lower(v.period) DESC

-- name: named_compounds
-- Code, newest name and layer of compounds, all or some, by identity.
SELECT DISTINCT ON (v.compound_id) v.compound_id, c.code, v.name, NULL::text
FROM compound_versions AS v JOIN compounds AS c USING (compound_id)
WHERE v.withdrawn_at IS NULL AND (%(ids)s::bigint[] IS NULL OR v.compound_id = ANY(%(ids)s))
ORDER BY v.compound_id, lower(v.period) DESC

-- name: named_buildings
-- Code, newest name and layer of buildings, all or some, by identity.
SELECT DISTINCT ON (v.building_id) v.building_id, b.code, v.name, NULL::text
FROM building_versions AS v JOIN buildings AS b USING (building_id)
WHERE v.withdrawn_at IS NULL AND (%(ids)s::bigint[] IS NULL OR v.building_id = ANY(%(ids)s))
ORDER BY v.building_id, lower(v.period) DESC

-- name: named_places
-- Code, newest name and layer of places, all or some, by identity.
SELECT DISTINCT ON (v.place_id) v.place_id, p.code, v.name, NULL::text
FROM place_versions AS v JOIN places AS p USING (place_id)
WHERE v.withdrawn_at IS NULL AND (%(ids)s::bigint[] IS NULL OR v.place_id = ANY(%(ids)s))
ORDER BY v.place_id, lower(v.period) DESC

-- name: named_stations
-- Code, newest name and layer of stations, all or some, by identity.
SELECT DISTINCT ON (v.station_id) v.station_id, s.code, v.name, NULL::text
FROM station_versions AS v JOIN stations AS s USING (station_id)
WHERE v.withdrawn_at IS NULL AND (%(ids)s::bigint[] IS NULL OR v.station_id = ANY(%(ids)s))
ORDER BY v.station_id, lower(v.period) DESC
