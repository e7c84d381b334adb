-- name: lock_roles
-- Nobody else changes roles until this transaction ends; readers go on.
LOCK TABLE role_versions IN SHARE ROW EXCLUSIVE MODE

-- name: lock_workers
-- Nobody else changes workers until this transaction ends; readers go on.
LOCK TABLE worker_versions IN SHARE ROW EXCLUSIVE MODE

-- name: lock_organisations
-- Nobody else changes organisations until this transaction ends; readers go on.
LOCK TABLE organisation_versions IN SHARE ROW EXCLUSIVE MODE

-- name: lock_duties
-- Nobody else changes duties until this transaction ends; readers go on.
LOCK TABLE duties IN SHARE ROW EXCLUSIVE MODE

-- name: roles_in_force
-- Roles at one instant.
SELECT v.role_version_id AS version_id, v.role_id AS entity_id, r.code, v.name, v.name_en, v.duties_text,
       v.name_public, v.phone_public, v.position, period_from(v.period) AS begins, period_to(v.period) AS ends
FROM role_versions AS v JOIN roles AS r USING (role_id)
WHERE v.withdrawn_at IS NULL AND v.period @> %(at)s::timestamptz
ORDER BY r.code COLLATE "C"

-- name: workers_in_force
-- Workers at one instant.
SELECT v.worker_version_id AS version_id, v.holder_id AS entity_id, h.code, v.name, v.phone, v.phone_public,
       period_from(v.period) AS begins, period_to(v.period) AS ends
FROM worker_versions AS v JOIN holders AS h USING (holder_id)
WHERE v.withdrawn_at IS NULL AND v.period @> %(at)s::timestamptz
ORDER BY h.code COLLATE "C"

-- name: organisations_in_force
-- Organisations at one instant.
SELECT v.organisation_version_id AS version_id, v.holder_id AS entity_id, h.code, v.name, v.phone,
       period_from(v.period) AS begins, period_to(v.period) AS ends
FROM organisation_versions AS v JOIN holders AS h USING (holder_id)
WHERE v.withdrawn_at IS NULL AND v.period @> %(at)s::timestamptz
ORDER BY h.code COLLATE "C"

-- name: roles_later
-- Codes that a later version is planned for, and when the first begins.
SELECT r.code, min(period_from(v.period)) FROM role_versions AS v JOIN roles AS r USING (role_id)
WHERE v.withdrawn_at IS NULL AND lower(v.period) > %(at)s GROUP BY r.code

-- name: workers_later
-- Codes that a later version is planned for, and when the first begins.
SELECT h.code, min(period_from(v.period)) FROM worker_versions AS v JOIN holders AS h USING (holder_id)
WHERE v.withdrawn_at IS NULL AND lower(v.period) > %(at)s GROUP BY h.code

-- name: organisations_later
-- Codes that a later version is planned for, and when the first begins.
SELECT h.code, min(period_from(v.period)) FROM organisation_versions AS v JOIN holders AS h USING (holder_id)
WHERE v.withdrawn_at IS NULL AND lower(v.period) > %(at)s GROUP BY h.code

-- name: end_roles
-- Versions end at an instant; one that begins then never was in force and is withdrawn.
UPDATE role_versions
SET period = CASE WHEN lower(period) < %(at)s THEN tstzrange(lower(period), %(at)s) ELSE period END,
    withdrawn_at = CASE WHEN lower(period) < %(at)s THEN withdrawn_at ELSE now() END
WHERE role_version_id = ANY(%(version_ids)s)

-- name: end_workers
-- Versions end at an instant; one that begins then never was in force and is withdrawn.
UPDATE worker_versions
SET period = CASE WHEN lower(period) < %(at)s THEN tstzrange(lower(period), %(at)s) ELSE period END,
    withdrawn_at = CASE WHEN lower(period) < %(at)s THEN withdrawn_at ELSE now() END
WHERE worker_version_id = ANY(%(version_ids)s)

-- name: end_organisations
-- Versions end at an instant; one that begins then never was in force and is withdrawn.
UPDATE organisation_versions
SET period = CASE WHEN lower(period) < %(at)s THEN tstzrange(lower(period), %(at)s) ELSE period END,
    withdrawn_at = CASE WHEN lower(period) < %(at)s THEN withdrawn_at ELSE now() END
WHERE organisation_version_id = ANY(%(version_ids)s)

-- name: add_roles
-- Identities of the roles that are not known yet.
INSERT INTO roles (code) SELECT r.code FROM jsonb_to_recordset(%(records)s) AS r(code text)
ON CONFLICT (code) DO NOTHING

-- name: add_workers
-- Identities of the workers that are not known yet.
INSERT INTO holders (kind, code) SELECT 'worker', r.code FROM jsonb_to_recordset(%(records)s) AS r(code text)
ON CONFLICT (kind, code) DO NOTHING

-- name: add_organisations
-- Identities of the organisations that are not known yet.
INSERT INTO holders (kind, code) SELECT 'organisation', r.code FROM jsonb_to_recordset(%(records)s) AS r(code text)
ON CONFLICT (kind, code) DO NOTHING

-- name: add_role_versions
-- New versions, open-ended.
INSERT INTO role_versions (role_id, name, name_en, duties_text, name_public, phone_public, position, period)
SELECT k.role_id, r.name, r.name_en, r.duties_text, r.name_public, r.phone_public, r.position, tstzrange(%(at)s, NULL)
FROM jsonb_to_recordset(%(records)s) AS r(code text, name text, name_en text, duties_text text, name_public boolean,
                                          phone_public boolean, position integer)
     JOIN roles AS k USING (code)

-- name: add_worker_versions
-- New versions, open-ended.
INSERT INTO worker_versions (holder_id, name, phone, phone_public, period)
SELECT h.holder_id, r.name, r.phone, r.phone_public, tstzrange(%(at)s, NULL)
FROM jsonb_to_recordset(%(records)s) AS r(code text, name text, phone text, phone_public boolean)
     JOIN holders AS h ON h.kind = 'worker' AND h.code = r.code

-- name: add_organisation_versions
-- New versions, open-ended.
INSERT INTO organisation_versions (holder_id, name, phone, period)
SELECT h.holder_id, r.name, r.phone, tstzrange(%(at)s, NULL)
FROM jsonb_to_recordset(%(records)s) AS r(code text, name text, phone text)
     JOIN holders AS h ON h.kind = 'organisation' AND h.code = r.code

-- name: lock_leave
-- Nobody else changes leave until this transaction ends; readers go on.
LOCK TABLE leaves IN SHARE ROW EXCLUSIVE MODE

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

-- name: set_duty_ends
-- Duties end when told to.
UPDATE duties SET period = tstzrange(lower(period), e.ends)
FROM jsonb_to_recordset(%(ends)s) AS e(duty_id bigint, ends timestamptz)
WHERE duties.duty_id = e.duty_id

-- name: withdraw_duties
-- Duties that never came into force.
UPDATE duties SET withdrawn_at = now() WHERE duty_id = ANY(%(duty_ids)s)

-- name: add_duties
-- New duties.
INSERT INTO duties (holder_id, role_id, area_id, grid_id, compound_id, building_id, unit, place_id, station_id,
                    assignment, hours, continues, period)
SELECT d.holder_id, d.role_id, CASE d.target_kind WHEN 'area' THEN d.target_id END,
       CASE d.target_kind WHEN 'grid' THEN d.target_id END, CASE d.target_kind WHEN 'compound' THEN d.target_id END,
       CASE WHEN d.target_kind IN ('building', 'unit') THEN d.target_id END, nullif(d.unit, ''),
       CASE d.target_kind WHEN 'place' THEN d.target_id END, CASE d.target_kind WHEN 'station' THEN d.target_id END,
       d.assignment, d.hours, d.continues, tstzrange(d.begins, d.ends)
FROM jsonb_to_recordset(%(duties)s) AS d(holder_id bigint, role_id bigint, target_kind text, target_id bigint,
                                         unit text, assignment text, hours text, continues bigint,
                                         begins timestamptz, ends timestamptz)

-- name: leaves
-- Leaves that were not withdrawn, by the identities of who is away and who stands in.
SELECT leave_id, leave_id AS row_id, holder_id, stand_in_id, reason, continues, period_from(period) AS begins,
       period_to(period) AS ends
FROM leaves
WHERE withdrawn_at IS NULL AND (%(since)s::timestamptz IS NULL OR period && tstzrange(%(since)s::timestamptz, NULL))
ORDER BY leave_id

-- name: set_leave_ends
-- Leaves end when told to.
UPDATE leaves SET period = tstzrange(lower(period), e.ends)
FROM jsonb_to_recordset(%(ends)s) AS e(leave_id bigint, ends timestamptz)
WHERE leaves.leave_id = e.leave_id

-- name: withdraw_leaves
-- Leaves that never came into force.
UPDATE leaves SET withdrawn_at = now() WHERE leave_id = ANY(%(leave_ids)s)

-- name: add_leaves
-- New leaves.
INSERT INTO leaves (holder_id, stand_in_id, reason, continues, period)
SELECT l.holder_id, l.stand_in_id, l.reason, l.continues, tstzrange(l.begins, l.ends)
FROM jsonb_to_recordset(%(leaves)s) AS l(holder_id bigint, stand_in_id bigint, reason text, continues bigint,
                                         begins timestamptz, ends timestamptz)

-- name: periods
-- When roles and holders are in force, by kind and identity.
SELECT 'role', role_id, period_from(period), period_to(period) FROM role_versions WHERE withdrawn_at IS NULL
UNION ALL
SELECT 'holder', holder_id, period_from(period), period_to(period) FROM worker_versions WHERE withdrawn_at IS NULL
UNION ALL
SELECT 'holder', holder_id, period_from(period), period_to(period)
FROM organisation_versions WHERE withdrawn_at IS NULL

-- name: named
-- Code, newest name and layer of holders, roles and whatever a duty can be for, by kind and identity.
WITH asked AS (SELECT kind, id FROM jsonb_to_recordset(%(asked)s) AS a(kind text, id bigint)),
versions AS (
    SELECT 'holder' AS kind, h.holder_id AS id, h.code, v.name, NULL AS layer, lower(v.period) AS began
    FROM worker_versions AS v JOIN holders AS h USING (holder_id) WHERE v.withdrawn_at IS NULL
    UNION ALL
    SELECT 'holder', h.holder_id, h.code, v.name, NULL, lower(v.period)
    FROM organisation_versions AS v JOIN holders AS h USING (holder_id) WHERE v.withdrawn_at IS NULL
    UNION ALL
    SELECT 'role', r.role_id, r.code, v.name, NULL, lower(v.period)
    FROM role_versions AS v JOIN roles AS r USING (role_id) WHERE v.withdrawn_at IS NULL
    UNION ALL
    SELECT 'area', v.area_id, v.code, v.name, NULL, lower(v.period)
    FROM area_versions AS v WHERE v.withdrawn_at IS NULL
    UNION ALL
    SELECT 'grid', v.grid_id, v.code, v.name, l.code, lower(v.period)
    FROM grid_versions AS v JOIN layers AS l USING (layer_id) WHERE v.withdrawn_at IS NULL
    UNION ALL
    SELECT 'compound', c.compound_id, c.code, v.name, NULL, lower(v.period)
    FROM compound_versions AS v JOIN compounds AS c USING (compound_id) WHERE v.withdrawn_at IS NULL
    UNION ALL
    SELECT 'building', b.building_id, b.code, v.name, NULL, lower(v.period)
    FROM building_versions AS v JOIN buildings AS b USING (building_id) WHERE v.withdrawn_at IS NULL
    UNION ALL
    SELECT 'place', p.place_id, p.code, v.name, NULL, lower(v.period)
    FROM place_versions AS v JOIN places AS p USING (place_id) WHERE v.withdrawn_at IS NULL
    UNION ALL
    SELECT 'station', s.station_id, s.code, v.name, NULL, lower(v.period)
    FROM station_versions AS v JOIN stations AS s USING (station_id) WHERE v.withdrawn_at IS NULL)
SELECT DISTINCT ON (kind, id) kind, id, code, name, layer
FROM versions JOIN asked USING (kind, id)
ORDER BY kind, id, began DESC
