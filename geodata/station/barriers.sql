-- name: lock_barriers
-- Nobody else changes barriers until this transaction ends; readers go on.
LOCK TABLE barriers IN SHARE ROW EXCLUSIVE MODE

-- name: barriers_now
-- All barriers.
SELECT barrier_id AS version_id, code, name, class, ST_AsBinary(geom, 'NDR') AS wkb
FROM barriers WHERE withdrawn_at IS NULL
ORDER BY code COLLATE "C"

-- name: withdraw_barriers
-- These rows are no more.
UPDATE barriers SET withdrawn_at = now() WHERE barrier_id = ANY(%(ids)s)

-- name: add_barriers
-- New rows, streamed.
COPY barriers (code, name, class, geom) FROM STDIN
