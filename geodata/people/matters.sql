-- name: matters_in_force
-- Matters at one instant.
SELECT v.matter_version_id AS version_id, v.matter_id AS entity_id, m.code, v.name, v.name_en, v.description,
       r.code AS role, h.code AS organisation, v.phone, v.promised_minutes AS promised, v.position,
       period_from(v.period) AS begins, period_to(v.period) AS ends
FROM matter_versions AS v JOIN matters AS m USING (matter_id) LEFT JOIN roles AS r USING (role_id)
     LEFT JOIN holders AS h ON h.holder_id = v.organisation_id
WHERE v.withdrawn_at IS NULL AND v.period @> %(at)s::timestamptz
ORDER BY m.code COLLATE "C"

-- name: add_matter_versions
-- New versions, open-ended.
INSERT INTO matter_versions (matter_id, name, name_en, description, role_id, organisation_id, phone, promised_minutes,
                             position, period)
SELECT m.matter_id, r.name, r.name_en, r.description, k.role_id, h.holder_id, r.phone, r.promised, r.position,
       tstzrange(%(at)s, NULL)
FROM jsonb_to_recordset(%(records)s) AS r(code text, name text, name_en text, description text, role text,
                                          organisation text, phone text, promised integer, position integer)
     JOIN matters AS m USING (code) LEFT JOIN roles AS k ON k.code = r.role
     LEFT JOIN holders AS h ON h.kind = 'organisation' AND h.code = r.organisation
