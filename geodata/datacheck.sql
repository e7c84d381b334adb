-- name: counted_grids
-- Layer and code of each grid that something was counted in.
SELECT layer, grid FROM place_counts WHERE withdrawn_at IS NULL AND grid <> '' ORDER BY layer, grid
