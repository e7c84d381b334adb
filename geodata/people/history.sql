-- name: grid_duties
-- Duties that ever counted for a grid, on it or on an area that it lay in meanwhile: each for the time that both held.
WITH RECURSIVE above AS (
    SELECT community_id AS area_id, period FROM grid_versions
    WHERE grid_id = %(grid_id)s AND withdrawn_at IS NULL AND community_id IS NOT NULL
    UNION
    SELECT v.parent_id, v.period * a.period FROM above AS a JOIN area_versions AS v USING (area_id)
    WHERE v.withdrawn_at IS NULL AND v.parent_id IS NOT NULL AND v.period && a.period),
counted AS (
    SELECT d.duty_id, d.period FROM duties AS d WHERE d.grid_id = %(grid_id)s AND d.withdrawn_at IS NULL
    UNION
    SELECT d.duty_id, d.period * a.period FROM duties AS d JOIN above AS a USING (area_id)
    WHERE d.withdrawn_at IS NULL AND d.period && a.period)
SELECT d.duty_id::text AS code, h.code AS holder, h.kind AS holder_kind, n.name AS holder_name,
       n.phone AS holder_phone, n.phone_public AS holder_phone_public,
       r.code AS role, o.name AS role_name, o.name_en AS role_name_en, o.name_public, o.phone_public,
       t.kind AS target_kind, t.code AS target, t.name AS target_name, t.layer, t.via,
       d.assignment, d.hours, period_from(c.period) AS begins, period_to(c.period) AS ends
FROM counted AS c JOIN duties AS d USING (duty_id) JOIN holders AS h USING (holder_id) JOIN roles AS r USING (role_id)
     JOIN LATERAL (
         SELECT name, phone, phone_public, period, period && c.period AS at_the_time FROM worker_versions
         WHERE holder_id = d.holder_id AND withdrawn_at IS NULL
         UNION ALL
         SELECT name, phone, true, period, period && c.period FROM organisation_versions
         WHERE holder_id = d.holder_id AND withdrawn_at IS NULL
         ORDER BY at_the_time DESC, period DESC LIMIT 1) AS n ON true
     JOIN LATERAL (
         SELECT name, name_en, name_public, phone_public FROM role_versions
         WHERE role_id = d.role_id AND withdrawn_at IS NULL
         ORDER BY period && c.period DESC, lower(period) DESC LIMIT 1) AS o ON true
     JOIN LATERAL (
         SELECT 'grid' AS kind, e.code, e.name, l.code AS layer, 'grid' AS via, e.period, e.period && c.period AS at_the_time
         FROM grid_versions AS e JOIN layers AS l USING (layer_id)
         WHERE e.grid_id = d.grid_id AND e.withdrawn_at IS NULL
         UNION ALL
         SELECT 'area', e.code, e.name, NULL, e.level, e.period, e.period && c.period FROM area_versions AS e
         WHERE e.area_id = d.area_id AND e.withdrawn_at IS NULL
         ORDER BY at_the_time DESC, period DESC LIMIT 1) AS t ON true
ORDER BY d.duty_id, lower(c.period)
