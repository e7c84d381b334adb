-- name: lock_counts
-- Nobody else changes counts until this transaction ends; readers go on.
LOCK TABLE place_counts IN SHARE ROW EXCLUSIVE MODE

-- name: counts_now
-- All counts.
SELECT place_count_id AS version_id, code, building, address, layer, grid, counts
FROM place_counts WHERE withdrawn_at IS NULL
ORDER BY code COLLATE "C"

-- name: known_addresses
-- Which of these codes are those of entries of the register.
SELECT code FROM addresses WHERE withdrawn_at IS NULL AND code = ANY(%(codes)s)

-- name: withdraw_counts
-- These rows are no more.
UPDATE place_counts SET withdrawn_at = now() WHERE place_count_id = ANY(%(ids)s)

-- name: add_counts
-- New rows, streamed.
COPY place_counts (code, building, address, layer, grid, counts) FROM STDIN
