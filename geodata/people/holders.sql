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

-- name: add_workers
-- Identities of the workers that are not known yet.
INSERT INTO holders (kind, code) SELECT 'worker', r.code FROM jsonb_to_recordset(%(records)s) AS r(code text)
ON CONFLICT (kind, code) DO NOTHING

-- name: add_organisations
-- Identities of the organisations that are not known yet.
INSERT INTO holders (kind, code) SELECT 'organisation', r.code FROM jsonb_to_recordset(%(records)s) AS r(code text)
ON CONFLICT (kind, code) DO NOTHING

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
