-- name: withdraw_logo
-- The logo of an area, or of everywhere, is no longer used.
UPDATE logos SET withdrawn_at = now()
WHERE withdrawn_at IS NULL AND area_id IS NOT DISTINCT FROM %(area_id)s::bigint

-- name: add_logo
-- A logo of an area, or of everywhere.
INSERT INTO logos (area_id, picture, width, height, digest, added_by)
VALUES (%(area_id)s, %(picture)s, %(width)s, %(height)s, %(digest)s, %(actor)s)

-- name: logos
-- Which areas have a logo, without the pictures.
SELECT area_id, digest FROM logos WHERE withdrawn_at IS NULL

-- name: logo
-- One picture.
SELECT picture AS content, width, height, digest FROM logos WHERE digest = %(digest)s LIMIT 1
