-- name: counted_grids
-- Layer and code of each grid that something was counted in.
SELECT layer, grid FROM place_counts WHERE withdrawn_at IS NULL AND grid <> '' ORDER BY layer, grid

-- name: miscounted_grids
-- Layer and code of each grid that something was counted in before it got other ground: more than a hundredth differs.
SELECT c.layer, c.grid
FROM place_counts AS c
     JOIN layers AS l ON l.code = c.layer
     JOIN grid_versions AS now ON now.layer_id = l.layer_id AND now.code = c.grid AND now.withdrawn_at IS NULL
                               AND now.period @> clock_timestamp()
     JOIN grid_versions AS counted ON counted.grid_id = now.grid_id AND counted.withdrawn_at IS NULL
                                   AND counted.period @> c.recorded_at
WHERE c.withdrawn_at IS NULL AND c.grid <> '' AND ST_AsBinary(counted.geom) <> ST_AsBinary(now.geom)
  AND ST_Area(ST_SymDifference(counted.geom, now.geom)) > 0.01 * ST_Area(now.geom)
ORDER BY c.layer, c.grid
