-- name: counted
-- Codes of grids of a layer that something was counted in, with what was.
SELECT grid, array(SELECT jsonb_object_keys(counts) ORDER BY 1) FROM place_counts
WHERE withdrawn_at IS NULL AND layer = %(layer)s AND grid <> ''

-- name: counted_version
-- What is another one when anything was counted by grid.
SELECT version FROM data_parts WHERE part = 'grid_counts'
