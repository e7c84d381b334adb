-- name: grids
-- Grids of one layer in force at an instant, all or those with some codes: identity, code, name, community.
SELECT grid_id, code, coalesce(name, ''), community_id FROM grid_versions
WHERE layer_id = %(layer_id)s AND withdrawn_at IS NULL AND period @> %(at)s::timestamptz
  AND (%(codes)s::text[] IS NULL OR code = ANY(%(codes)s))

-- name: areas
-- Areas in force at an instant, all or those with some codes: identity, code, name, parent.
SELECT area_id, code, name, parent_id FROM area_versions
WHERE withdrawn_at IS NULL AND period @> %(at)s::timestamptz
  AND (%(codes)s::text[] IS NULL OR code = ANY(%(codes)s))

-- name: layers
-- Layers, which have no periods: identity, code, name, nothing.
SELECT layer_id, code, name, NULL::bigint FROM layers WHERE %(at)s::timestamptz IS NOT NULL
  AND (%(codes)s::text[] IS NULL OR code = ANY(%(codes)s))
ORDER BY code COLLATE "C"

-- name: compounds
-- Compounds in force at an instant, all or some codes, once for each of their names: identity, code, name, nothing.
SELECT v.compound_id, c.code, n.name, NULL::bigint
FROM compound_versions AS v JOIN compounds AS c USING (compound_id)
     CROSS JOIN LATERAL unnest(array_prepend(v.name, v.aliases)) AS n(name)
WHERE v.withdrawn_at IS NULL AND v.period @> %(at)s::timestamptz
  AND (%(codes)s::text[] IS NULL OR c.code = ANY(%(codes)s))
ORDER BY c.code COLLATE "C"

-- name: buildings
-- Buildings in force at an instant, all or those with some codes: identity, code, name, compound.
SELECT v.building_id, b.code, v.name, v.compound_id FROM building_versions AS v JOIN buildings AS b USING (building_id)
WHERE v.withdrawn_at IS NULL AND v.period @> %(at)s::timestamptz
  AND (%(codes)s::text[] IS NULL OR b.code = ANY(%(codes)s))

-- name: places
-- Places in force at an instant, all or those with some codes: identity, code, name, nothing.
SELECT v.place_id, p.code, v.name, NULL::bigint FROM place_versions AS v JOIN places AS p USING (place_id)
WHERE v.withdrawn_at IS NULL AND v.period @> %(at)s::timestamptz
  AND (%(codes)s::text[] IS NULL OR p.code = ANY(%(codes)s))

-- name: stations
-- Stations in force at an instant, all or those with some codes: identity, code, name, nothing.
SELECT v.station_id, s.code, v.name, NULL::bigint FROM station_versions AS v JOIN stations AS s USING (station_id)
WHERE v.withdrawn_at IS NULL AND v.period @> %(at)s::timestamptz
  AND (%(codes)s::text[] IS NULL OR s.code = ANY(%(codes)s))

-- name: roles
-- Roles in force at an instant, all or those with some codes: identity, code, name, nothing.
SELECT v.role_id, r.code, v.name, NULL::bigint FROM role_versions AS v JOIN roles AS r USING (role_id)
WHERE v.withdrawn_at IS NULL AND v.period @> %(at)s::timestamptz
  AND (%(codes)s::text[] IS NULL OR r.code = ANY(%(codes)s))

-- name: workers
-- Workers in force at an instant, all or those with some codes: identity, code, name, nothing.
SELECT v.holder_id, h.code, v.name, NULL::bigint FROM worker_versions AS v JOIN holders AS h USING (holder_id)
WHERE v.withdrawn_at IS NULL AND v.period @> %(at)s::timestamptz
  AND (%(codes)s::text[] IS NULL OR h.code = ANY(%(codes)s))

-- name: organisations
-- Organisations in force at an instant, all or those with some codes: identity, code, name, nothing.
SELECT v.holder_id, h.code, v.name, NULL::bigint FROM organisation_versions AS v JOIN holders AS h USING (holder_id)
WHERE v.withdrawn_at IS NULL AND v.period @> %(at)s::timestamptz
  AND (%(codes)s::text[] IS NULL OR h.code = ANY(%(codes)s))

-- name: grid_communities
-- The community of each grid of any layer in force at an instant.
SELECT grid_id, community_id FROM grid_versions
WHERE withdrawn_at IS NULL AND period @> %(at)s::timestamptz AND community_id IS NOT NULL
