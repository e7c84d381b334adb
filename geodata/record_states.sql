-- name: workers
-- Versions of one worker.
SELECT v.worker_version_id AS version_id, h.code, h.kind, v.name, v.phone, v.phone_public,
       period_from(v.period) AS begins, period_to(v.period) AS ends
FROM worker_versions AS v JOIN holders AS h USING (holder_id)
WHERE h.code = %(code)s AND v.withdrawn_at IS NULL
ORDER BY lower(v.period)

-- name: organisations
-- Versions of one organisation.
SELECT v.organisation_version_id AS version_id, h.code, v.name, v.phone,
       period_from(v.period) AS begins, period_to(v.period) AS ends
FROM organisation_versions AS v JOIN holders AS h USING (holder_id)
WHERE h.code = %(code)s AND v.withdrawn_at IS NULL
ORDER BY lower(v.period)

-- name: roles
-- Versions of one role.
SELECT v.role_version_id AS version_id, r.code, v.name, v.name_en, v.duties_text, v.duties_en, v.name_public,
       v.phone_public, v.position, period_from(v.period) AS begins, period_to(v.period) AS ends
FROM role_versions AS v JOIN roles AS r USING (role_id)
WHERE r.code = %(code)s AND v.withdrawn_at IS NULL
ORDER BY lower(v.period)

-- name: stations
-- Versions of one station.
SELECT v.station_version_id AS version_id, s.code, v.name, v.category, v.level, p.code AS parent, v.address,
       ST_X(v.geom) AS lon, ST_Y(v.geom) AS lat, v.phone, v.hours, v.services,
       period_from(v.period) AS begins, period_to(v.period) AS ends
FROM station_versions AS v JOIN stations AS s USING (station_id) LEFT JOIN stations AS p ON p.station_id = v.parent_id
WHERE s.code = %(code)s AND v.withdrawn_at IS NULL
ORDER BY lower(v.period)

-- name: stops
-- Versions of one stop of a mobile station.
SELECT v.stop_version_id AS version_id, s.code, o.code AS station, sn.name AS station_name, v.address, ST_X(v.geom) AS lon,
       ST_Y(v.geom) AS lat, v.hours, period_from(v.period) AS begins, period_to(v.period) AS ends
FROM stop_versions AS v JOIN stops AS s USING (stop_id) JOIN stations AS o ON o.station_id = v.station_id
     LEFT JOIN LATERAL (
         SELECT name FROM station_versions
         WHERE station_id = v.station_id AND withdrawn_at IS NULL
         ORDER BY period @> now() DESC, lower(period) DESC LIMIT 1) AS sn ON true
WHERE s.code = %(code)s AND v.withdrawn_at IS NULL
ORDER BY lower(v.period)

-- name: matters
-- Versions of one matter.
SELECT v.matter_version_id AS version_id, m.code, v.name, v.name_en, v.description, r.code AS role,
       rn.name AS role_name, h.code AS organisation, hn.name AS organisation_name, v.phone, v.promised_minutes AS promised, v.position,
       period_from(v.period) AS begins, period_to(v.period) AS ends
FROM matter_versions AS v JOIN matters AS m USING (matter_id) LEFT JOIN roles AS r USING (role_id)
     LEFT JOIN holders AS h ON h.holder_id = v.organisation_id
     LEFT JOIN LATERAL (
         SELECT name FROM role_versions
         WHERE role_id = v.role_id AND withdrawn_at IS NULL
         ORDER BY period @> now() DESC, lower(period) DESC LIMIT 1) AS rn ON true
     LEFT JOIN LATERAL (
         SELECT name FROM organisation_versions
         WHERE holder_id = v.organisation_id AND withdrawn_at IS NULL
         ORDER BY period @> now() DESC, lower(period) DESC LIMIT 1) AS hn ON true
WHERE m.code = %(code)s AND v.withdrawn_at IS NULL
ORDER BY lower(v.period)

-- name: norms
-- Versions of one staffing norm.
SELECT v.norm_version_id AS version_id, n.code, r.code AS role, rn.name AS role_name, v.per, l.code AS layer, v.grid_kind AS kind,
       a.code AS area, a.name AS area_name, v.least, v.most, v.most_per_person,
       period_from(v.period) AS begins, period_to(v.period) AS ends
FROM norm_versions AS v JOIN norms AS n USING (norm_id) JOIN roles AS r USING (role_id)
     LEFT JOIN layers AS l USING (layer_id)
     LEFT JOIN LATERAL (
         SELECT code, name FROM area_versions
         WHERE area_id = v.area_id AND withdrawn_at IS NULL ORDER BY lower(period) DESC LIMIT 1) AS a ON true
     LEFT JOIN LATERAL (
         SELECT name FROM role_versions
         WHERE role_id = v.role_id AND withdrawn_at IS NULL
         ORDER BY period @> now() DESC, lower(period) DESC LIMIT 1) AS rn ON true
WHERE n.code = %(code)s AND v.withdrawn_at IS NULL
ORDER BY lower(v.period)

-- name: texts
-- Versions of one text of boards and cards.
SELECT v.text_version_id AS version_id, t.code, v.slot,
       CASE WHEN v.area_id IS NOT NULL THEN 'area' WHEN v.grid_id IS NOT NULL THEN 'grid' END AS target_kind,
       coalesce(a.code, g.code) AS target, coalesce(a.name, g.name) AS target_name, g.layer, v.title, v.title_en, v.body, v.body_en, v.phone, v.position,
       period_from(v.period) AS begins, period_to(v.period) AS ends
FROM text_versions AS v JOIN texts AS t USING (text_id)
     LEFT JOIN LATERAL (
         SELECT code, name FROM area_versions
         WHERE area_id = v.area_id AND withdrawn_at IS NULL ORDER BY lower(period) DESC LIMIT 1) AS a ON true
     LEFT JOIN LATERAL (
         SELECT n.code, n.name, l.code AS layer FROM grid_versions AS n JOIN layers AS l USING (layer_id)
         WHERE n.grid_id = v.grid_id AND n.withdrawn_at IS NULL ORDER BY lower(n.period) DESC LIMIT 1) AS g ON true
WHERE t.code = %(code)s AND v.withdrawn_at IS NULL
ORDER BY lower(v.period)

-- name: compounds
-- Versions of one compound.
SELECT v.compound_version_id AS version_id, c.code, v.name, v.aliases, ST_AsText(v.geom, 15) AS wkt,
       period_from(v.period) AS begins, period_to(v.period) AS ends
FROM compound_versions AS v JOIN compounds AS c USING (compound_id)
WHERE c.code = %(code)s AND v.withdrawn_at IS NULL
ORDER BY lower(v.period)

-- name: buildings
-- Versions of one building.
SELECT v.building_version_id AS version_id, b.code, v.name, c.code AS compound, cn.name AS compound_name, v.units, v.households,
       ST_X(v.point) AS lon, ST_Y(v.point) AS lat, ST_AsText(v.outline, 15) AS wkt,
       period_from(v.period) AS begins, period_to(v.period) AS ends
FROM building_versions AS v JOIN buildings AS b USING (building_id) LEFT JOIN compounds AS c USING (compound_id)
     LEFT JOIN LATERAL (
         SELECT name FROM compound_versions
         WHERE compound_id = v.compound_id AND withdrawn_at IS NULL
         ORDER BY period @> now() DESC, lower(period) DESC LIMIT 1) AS cn ON true
WHERE b.code = %(code)s AND v.withdrawn_at IS NULL
ORDER BY lower(v.period)

-- name: places
-- Versions of one named place.
SELECT v.place_version_id AS version_id, p.code, v.name, v.aliases, v.category, ST_X(v.geom) AS lon,
       ST_Y(v.geom) AS lat, period_from(v.period) AS begins, period_to(v.period) AS ends
FROM place_versions AS v JOIN places AS p USING (place_id)
WHERE p.code = %(code)s AND v.withdrawn_at IS NULL
ORDER BY lower(v.period)

-- name: calendar
-- What one day means: always, so its period is open.
SELECT calendar_day_id AS version_id, day::text AS code, day::text AS day, kind, name,
       '-9223372036854775808'::bigint AS begins, '9223372036854775807'::bigint AS ends
FROM calendar_days WHERE day::text = %(code)s AND withdrawn_at IS NULL

-- name: leave
-- One leave with the names of both people.
SELECT v.leave_id AS version_id, v.leave_id::text AS code, v.leave_id, w.code AS worker, w.name AS worker_name, v.reason,
       s.code AS stand_in, s.name AS stand_in_name, s.kind AS stand_in_kind,
       period_from(v.period) AS begins, period_to(v.period) AS ends
FROM leaves AS v
     JOIN LATERAL (
         SELECT h.code, n.name FROM holders AS h JOIN worker_versions AS n USING (holder_id)
         WHERE h.holder_id = v.holder_id AND n.withdrawn_at IS NULL
         ORDER BY n.period @> now() DESC, lower(n.period) DESC LIMIT 1) AS w ON true
     LEFT JOIN LATERAL (
         SELECT h.code, h.kind, n.name
         FROM holders AS h
              JOIN (SELECT holder_id, name, period FROM worker_versions WHERE withdrawn_at IS NULL
                    UNION ALL
                    SELECT holder_id, name, period FROM organisation_versions WHERE withdrawn_at IS NULL) AS n
              USING (holder_id)
         WHERE h.holder_id = v.stand_in_id
         ORDER BY n.period @> now() DESC, lower(n.period) DESC LIMIT 1) AS s ON true
WHERE v.leave_id = %(code)s::bigint AND v.withdrawn_at IS NULL

-- name: duties
-- One duty with its holder, role and target as they are now, or were last.
SELECT v.duty_id AS version_id, v.duty_id::text AS code, h.code AS holder, h.kind AS holder_kind,
       n.name AS holder_name, n.phone AS holder_phone, n.phone_public AS holder_phone_public,
       r.code AS role, o.name AS role_name, o.name_en AS role_name_en, o.name_public, o.phone_public,
       t.kind AS target_kind, concat_ws('#', t.code, v.unit) AS target, t.name AS target_name, t.layer,
       v.assignment, v.hours, period_from(v.period) AS begins, period_to(v.period) AS ends
FROM duties AS v JOIN holders AS h USING (holder_id) JOIN roles AS r USING (role_id)
     JOIN LATERAL (
         SELECT name, phone, phone_public, period, period @> now() AS present FROM worker_versions
         WHERE holder_id = v.holder_id AND withdrawn_at IS NULL
         UNION ALL
         SELECT name, phone, true, period, period @> now() FROM organisation_versions
         WHERE holder_id = v.holder_id AND withdrawn_at IS NULL
         ORDER BY present DESC, period DESC LIMIT 1) AS n ON true
     JOIN LATERAL (
         SELECT name, name_en, name_public, phone_public FROM role_versions
         WHERE role_id = v.role_id AND withdrawn_at IS NULL
         ORDER BY period @> now() DESC, lower(period) DESC LIMIT 1) AS o ON true
     JOIN LATERAL (
         SELECT 'grid' AS kind, e.code, e.name, l.code AS layer, e.period, e.period @> now() AS present
         FROM grid_versions AS e JOIN layers AS l USING (layer_id)
         WHERE e.grid_id = v.grid_id AND e.withdrawn_at IS NULL
         UNION ALL
         SELECT 'area', e.code, e.name, NULL, e.period, e.period @> now() FROM area_versions AS e
         WHERE e.area_id = v.area_id AND e.withdrawn_at IS NULL
         UNION ALL
         SELECT 'compound', c.code, e.name, NULL, e.period, e.period @> now()
         FROM compounds AS c JOIN compound_versions AS e USING (compound_id)
         WHERE e.compound_id = v.compound_id AND e.withdrawn_at IS NULL
         UNION ALL
         SELECT CASE WHEN v.unit IS NULL THEN 'building' ELSE 'unit' END, b.code, e.name, NULL, e.period,
                e.period @> now()
         FROM buildings AS b JOIN building_versions AS e USING (building_id)
         WHERE e.building_id = v.building_id AND e.withdrawn_at IS NULL
         UNION ALL
         SELECT 'place', p.code, e.name, NULL, e.period, e.period @> now()
         FROM places AS p JOIN place_versions AS e USING (place_id)
         WHERE e.place_id = v.place_id AND e.withdrawn_at IS NULL
         UNION ALL
         SELECT 'station', s.code, e.name, NULL, e.period, e.period @> now()
         FROM stations AS s JOIN station_versions AS e USING (station_id)
         WHERE e.station_id = v.station_id AND e.withdrawn_at IS NULL
         ORDER BY present DESC, period DESC LIMIT 1) AS t ON true
WHERE v.duty_id = %(code)s::bigint AND v.withdrawn_at IS NULL

-- name: last_change
-- Who changed any of these rows last, and when.
SELECT c.actor, to_micros(c.at)
FROM changed_rows AS r JOIN changes AS c USING (change_id)
WHERE r.relation = %(relation)s AND r.row_id = ANY(%(row_ids)s)
ORDER BY c.change_id DESC LIMIT 1

-- name: known
-- Whether there ever was a row of that identity.
SELECT EXISTS (SELECT FROM {relation} WHERE {key} = %(row_id)s)

-- name: same_leave
-- Two leaves are of the same person.
b.holder_id = a.holder_id

-- name: same_duties
-- Two duties are the same holder's, in the same role, for the same target.
b.holder_id = a.holder_id AND b.role_id = a.role_id
AND (b.area_id, b.grid_id, b.compound_id, b.building_id, b.unit, b.place_id, b.station_id)
IS NOT DISTINCT FROM (a.area_id, a.grid_id, a.compound_id, a.building_id, a.unit, a.place_id, a.station_id)

-- name: successor
-- The last row that took the place of a withdrawn one: added, or taken back, by the change that withdrew it.
WITH RECURSIVE followed AS (
    SELECT %(row_id)s::bigint AS row_id
    UNION
    SELECT b.{key}
    FROM followed AS f
         JOIN {relation} AS a ON a.{key} = f.row_id
         JOIN changed_rows AS gone ON gone.relation = {name} AND gone.row_id = f.row_id
              AND gone.withdrawn_after IS NOT NULL
         JOIN changed_rows AS made ON made.relation = {name} AND made.change_id = gone.change_id
              AND made.withdrawn_after IS NULL AND (made.added OR made.withdrawn_before IS NOT NULL)
         JOIN {relation} AS b ON b.{key} = made.row_id AND {same})
SELECT max(row_id)::text FROM followed JOIN {relation} ON {key} = row_id WHERE withdrawn_at IS NULL

-- name: leave_chain
-- Identities of what a leave was before its stand-in or reason changed, and of what it became.
WITH RECURSIVE chain AS (
    SELECT %(row_id)s::bigint AS row_id
    UNION
    SELECT CASE WHEN l.leave_id = c.row_id THEN l.continues ELSE l.leave_id END
    FROM chain AS c JOIN leaves AS l
         ON (l.leave_id = c.row_id AND l.continues IS NOT NULL) OR l.continues = c.row_id)
SELECT row_id::text FROM chain JOIN leaves ON leave_id = row_id WHERE withdrawn_at IS NULL ORDER BY lower(period)

-- name: duties_chain
-- Identities of every time that the holder of a duty has had the same role for the same target.
SELECT b.duty_id::text
FROM duties AS a JOIN duties AS b ON {same}
WHERE a.duty_id = %(row_id)s AND b.withdrawn_at IS NULL
ORDER BY lower(b.period)
