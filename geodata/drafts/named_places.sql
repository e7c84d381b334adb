-- name: building_point
-- Where a building stands.
SELECT ST_X(v.point), ST_Y(v.point)
FROM buildings AS b JOIN building_versions AS v USING (building_id)
WHERE b.code = %(code)s AND v.withdrawn_at IS NULL AND v.period @> %(at)s::timestamptz

-- name: address_points
-- Where entries of the register are.
SELECT code, ST_X(geom), ST_Y(geom) FROM addresses WHERE withdrawn_at IS NULL AND code = ANY(%(codes)s)

-- name: points_within
-- Points of all buildings and entries of the register in a shape.
SELECT ST_X(v.point), ST_Y(v.point)
FROM building_versions AS v
WHERE v.withdrawn_at IS NULL AND v.period @> %(at)s::timestamptz
  AND ST_Covers(ST_SetSRID(ST_GeomFromWKB(%(wkb)s), 4326), v.point)
UNION
SELECT ST_X(a.geom), ST_Y(a.geom)
FROM addresses AS a
WHERE a.withdrawn_at IS NULL AND ST_Covers(ST_SetSRID(ST_GeomFromWKB(%(wkb)s), 4326), a.geom)
ORDER BY 1, 2

-- name: lines_near
-- Streets and barriers that meet a shape.
SELECT ST_AsBinary(geom) FROM streets
WHERE withdrawn_at IS NULL AND ST_Intersects(geom, ST_SetSRID(ST_GeomFromWKB(%(wkb)s), 4326))
UNION ALL
SELECT ST_AsBinary(geom) FROM barriers
WHERE withdrawn_at IS NULL AND ST_Intersects(geom, ST_SetSRID(ST_GeomFromWKB(%(wkb)s), 4326))
ORDER BY 1
