-- name: counted
-- Codes of grids of a layer that something was counted in, with what was.
SELECT grid, array(SELECT jsonb_object_keys(counts) ORDER BY 1) FROM place_counts
WHERE withdrawn_at IS NULL AND layer = %(layer)s AND grid <> ''
