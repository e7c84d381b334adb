-- name: loaded_version
-- The version that changed each of these tables last, and which database this is.
SELECT p.part, p.version, p.raised_by::text, v.database_id::text
FROM data_parts AS p CROSS JOIN data_version AS v WHERE p.part = ANY(%(parts)s) ORDER BY p.part

-- name: placed
-- Counts of buildings in force and of entries of the register, each at its point.
SELECT p.counts, ST_X(v.point) AS lon, ST_Y(v.point) AS lat, to_micros(p.recorded_at) AS recorded_at
FROM place_counts AS p JOIN buildings AS b ON b.code = p.building
     JOIN building_versions AS v ON v.building_id = b.building_id AND v.withdrawn_at IS NULL
                                 AND v.period @> %(at)s::timestamptz
WHERE p.withdrawn_at IS NULL
UNION ALL
SELECT p.counts, ST_X(a.geom), ST_Y(a.geom), to_micros(p.recorded_at)
FROM place_counts AS p JOIN addresses AS a ON a.code = p.address AND a.withdrawn_at IS NULL
WHERE p.withdrawn_at IS NULL

-- name: of_grids
-- Counts of grids.
SELECT layer, grid, counts, to_micros(recorded_at) AS recorded_at
FROM place_counts WHERE withdrawn_at IS NULL AND grid <> ''
