-- name: lock_backdrop
-- Nobody else changes the backdrop until this transaction ends; readers go on.
LOCK TABLE backdrop IN SHARE ROW EXCLUSIVE MODE

-- name: backdrop_now
-- All of the backdrop.
SELECT backdrop_id AS version_id, code, name, cover, ST_AsBinary(geom, 'NDR') AS wkb
FROM backdrop WHERE withdrawn_at IS NULL
ORDER BY code COLLATE "C"

-- name: withdraw_backdrop
-- These rows are no more.
UPDATE backdrop SET withdrawn_at = now() WHERE backdrop_id = ANY(%(ids)s)

-- name: add_backdrop
-- New rows, streamed.
COPY backdrop (code, name, cover, geom) FROM STDIN
