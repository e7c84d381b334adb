-- name: profile
-- A saved understanding of a file.
SELECT kind, mapping, crs FROM load_profiles WHERE name = %(name)s

-- name: profiles
-- All saved understandings, by name.
SELECT name, kind, mapping, crs, to_micros(saved_at) AS saved_at, saved_by FROM load_profiles ORDER BY name COLLATE "C"

-- name: save_profile
-- Keep an understanding under a name; an older one of that name gives way.
INSERT INTO load_profiles (name, kind, mapping, crs, saved_by)
VALUES (%(name)s, %(kind)s, %(mapping)s, %(crs)s, %(actor)s)
ON CONFLICT (name) DO UPDATE
SET kind = EXCLUDED.kind, mapping = EXCLUDED.mapping, crs = EXCLUDED.crs, saved_at = now(), saved_by = EXCLUDED.saved_by
