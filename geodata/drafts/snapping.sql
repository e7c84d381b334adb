-- name: streets_in
-- Streets whose box meets another.
SELECT code, name, class, ST_AsBinary(geom, 'NDR') FROM streets
WHERE withdrawn_at IS NULL AND geom && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326)
ORDER BY code COLLATE "C" LIMIT %(limit)s

-- name: barriers_in
-- Barriers whose box meets another.
SELECT code, name, class, ST_AsBinary(geom, 'NDR') FROM barriers
WHERE withdrawn_at IS NULL AND geom && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326)
ORDER BY code COLLATE "C" LIMIT %(limit)s

-- name: buildings_in
-- Buildings that stand in a box: their outline, their point where it is not known.
SELECT b.code, v.name, 'building', ST_AsBinary(coalesce(v.outline, v.point), 'NDR')
FROM building_versions AS v JOIN buildings AS b USING (building_id)
WHERE v.withdrawn_at IS NULL AND v.period @> now()
  AND v.point && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326)
ORDER BY b.code COLLATE "C" LIMIT %(limit)s
