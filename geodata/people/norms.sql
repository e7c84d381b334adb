-- name: norms_in_force
-- Norms at one instant; an area by the code that it has or had last.
SELECT v.norm_version_id AS version_id, v.norm_id AS entity_id, n.code, r.code AS role, v.per, l.code AS layer,
       v.grid_kind AS kind, a.code AS area, v.least, v.most, v.most_per_person,
       period_from(v.period) AS begins, period_to(v.period) AS ends
FROM norm_versions AS v JOIN norms AS n USING (norm_id) JOIN roles AS r USING (role_id)
     LEFT JOIN layers AS l USING (layer_id)
     LEFT JOIN LATERAL (SELECT code FROM area_versions AS o WHERE o.area_id = v.area_id AND o.withdrawn_at IS NULL
                        ORDER BY lower(o.period) DESC LIMIT 1) AS a ON true
WHERE v.withdrawn_at IS NULL AND v.period @> %(at)s::timestamptz
ORDER BY n.code COLLATE "C"

-- name: add_norm_versions
-- New versions, open-ended; the newest area of a code is meant.
INSERT INTO norm_versions (norm_id, role_id, per, layer_id, grid_kind, area_id, least, most, most_per_person, period)
SELECT n.norm_id, k.role_id, r.per, l.layer_id, r.kind, a.area_id, r.least, r.most, r.most_per_person,
       tstzrange(%(at)s, NULL)
FROM jsonb_to_recordset(%(records)s) AS r(code text, role text, per text, layer text, kind text, area text,
                                          least integer, most integer, most_per_person integer)
     JOIN norms AS n USING (code) JOIN roles AS k ON k.code = r.role LEFT JOIN layers AS l ON l.code = r.layer
     LEFT JOIN LATERAL (SELECT o.area_id FROM area_versions AS o WHERE o.code = r.area AND o.withdrawn_at IS NULL
                        ORDER BY lower(o.period) DESC LIMIT 1) AS a ON true
