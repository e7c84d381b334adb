-- name: insert_key
-- A new key, of which only the hash is kept.
INSERT INTO keys (key_sha256, role, name, created_by, expires_at)
VALUES (%(key_sha256)s, %(role)s, %(name)s, %(created_by)s, %(expires_at)s)
RETURNING key_id, role, name, created_at, created_by, expires_at, revoked_at

-- name: list_keys
-- Every key that was ever made, the newest first.
SELECT key_id, role, name, created_at, created_by, expires_at, revoked_at
FROM keys
WHERE (%(before)s::bigint IS NULL OR key_id < %(before)s)
ORDER BY key_id DESC
LIMIT %(limit)s

-- name: role_of_key
-- Role of a key that opens something now.
SELECT role FROM keys
WHERE key_sha256 = %(key_sha256)s AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())

-- name: one_key
-- One key, kept from changing until the transaction ends.
SELECT key_id, role, name, created_at, created_by, expires_at, revoked_at
FROM keys
WHERE key_id = %(key_id)s
FOR UPDATE

-- name: revoke_key
-- The key opens nothing from now on.
UPDATE keys SET revoked_at = now()
WHERE key_id = %(key_id)s
RETURNING key_id, role, name, created_at, created_by, expires_at, revoked_at

-- name: insert_audit
-- Who did what to which thing.
INSERT INTO audit (actor, action, target, facts)
VALUES (%(actor)s, %(action)s, %(target)s, %(facts)s)

-- name: list_audit
-- What was done, the newest first.
SELECT audit_id, at, actor, action, target, facts
FROM audit
WHERE (%(before)s::bigint IS NULL OR audit_id < %(before)s)
  AND (%(actor)s::text IS NULL OR actor = %(actor)s)
  AND (%(action)s::text IS NULL OR action = %(action)s)
ORDER BY audit_id DESC
LIMIT %(limit)s
