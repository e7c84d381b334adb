-- name: lock_streets
-- Nobody else changes streets until this transaction ends; readers go on.
LOCK TABLE streets IN SHARE ROW EXCLUSIVE MODE

-- name: streets_now
-- All streets.
SELECT street_id AS version_id, code, name, class, aliases, foot, ST_AsBinary(geom, 'NDR') AS wkb,
       ST_AsBinary(closed, 'NDR') AS closed, ST_AsBinary(cut, 'NDR') AS cut
FROM streets WHERE withdrawn_at IS NULL
ORDER BY code COLLATE "C"

-- name: streets_near
-- Streets whose box meets another.
SELECT street_id AS version_id, code, name, class, aliases, foot, ST_AsBinary(geom, 'NDR') AS wkb,
       ST_AsBinary(closed, 'NDR') AS closed, ST_AsBinary(cut, 'NDR') AS cut
FROM streets WHERE withdrawn_at IS NULL AND geom && ST_SetSRID(ST_GeomFromWKB(%(wkb)s), 4326)
ORDER BY code COLLATE "C"

-- name: withdraw_streets
-- These rows are no more.
UPDATE streets SET withdrawn_at = now() WHERE street_id = ANY(%(ids)s)

-- name: add_streets
-- New rows, streamed.
COPY streets (code, name, class, aliases, foot, geom, closed, cut) FROM STDIN
