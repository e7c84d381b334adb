-- name: roles_in_force
-- Roles at one instant.
SELECT v.role_version_id AS version_id, v.role_id AS entity_id, r.code, v.name, v.name_en, v.duties_text,
       v.duties_en, v.name_public, v.phone_public, v.position, period_from(v.period) AS begins, period_to(v.period) AS ends
FROM role_versions AS v JOIN roles AS r USING (role_id)
WHERE v.withdrawn_at IS NULL AND v.period @> %(at)s::timestamptz
ORDER BY r.code COLLATE "C"

-- name: add_role_versions
-- New versions, open-ended.
INSERT INTO role_versions (role_id, name, name_en, duties_text, duties_en, name_public, phone_public, position, period)
SELECT k.role_id, r.name, r.name_en, r.duties_text, r.duties_en, r.name_public, r.phone_public, r.position,
       tstzrange(%(at)s, NULL)
FROM jsonb_to_recordset(%(records)s) AS r(code text, name text, name_en text, duties_text text, duties_en text,
                                          name_public boolean, phone_public boolean, position integer)
     JOIN roles AS k USING (code)
