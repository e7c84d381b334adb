-- name: lock_layer
-- Releases of one layer are made one after the other.
SELECT layer_id FROM layers WHERE layer_id = %(layer_id)s FOR NO KEY UPDATE

-- name: last_release
-- The last release that was not withdrawn, and whether its date is still to come.
SELECT number, to_micros(effective_at) AS effective, effective_at > clock_timestamp() AS pending
FROM releases WHERE layer_id = %(layer_id)s AND withdrawn_at IS NULL
ORDER BY number DESC LIMIT 1

-- name: add_release
-- The next release of a layer.
INSERT INTO releases (layer_id, number, base_number, effective_at, published_by, note)
SELECT %(layer_id)s, coalesce(max(number), 0) + 1, %(base_number)s, %(effective)s, %(actor)s, %(note)s
FROM releases WHERE layer_id = %(layer_id)s
RETURNING release_id, number

-- name: grids_in_force
-- The newest versions of a layer's grids, with the code of the community at that time.
SELECT g.grid_version_id AS version_id, g.grid_id, g.code, g.name, g.kind, g.community_id, a.code AS community,
       g.households, g.persons, ST_AsBinary(g.geom) AS wkb, period_from(g.period) AS begins
FROM grid_versions AS g
     LEFT JOIN area_versions AS a
     ON a.area_id = g.community_id AND a.withdrawn_at IS NULL AND a.period @> %(at)s::timestamptz
WHERE g.layer_id = %(layer_id)s AND g.withdrawn_at IS NULL AND upper_inf(g.period)
ORDER BY g.code COLLATE "C"

-- name: grid_ids_once_known
-- Identity that a code meant last in a layer; that of a withdrawn version where there is no other.
SELECT DISTINCT ON (code) code, grid_id FROM grid_versions
WHERE layer_id = %(layer_id)s AND code = ANY(%(codes)s)
ORDER BY code, withdrawn_at IS NOT NULL, lower(period) DESC

-- name: new_grid_ids
-- As many new identities as asked for.
INSERT INTO grids (layer_id) SELECT %(layer_id)s FROM generate_series(1, %(count)s) RETURNING grid_id

-- name: stage
-- Where the versions of one release are copied to before they are published.
CREATE TEMPORARY TABLE incoming_grids (
    grid_id bigint NOT NULL, code text NOT NULL, name text NOT NULL, kind text NOT NULL, community_id bigint,
    households integer, persons integer, wkb bytea NOT NULL
) ON COMMIT DROP

-- name: copy_grids
-- Versions in bulk.
COPY incoming_grids (grid_id, code, name, kind, community_id, households, persons, wkb) FROM STDIN WITH (FORMAT BINARY)

-- name: end_grids
-- Newest versions of grids end when the release takes effect; one that begins then is withdrawn instead.
UPDATE grid_versions
SET period = CASE WHEN lower(period) < %(effective)s THEN tstzrange(lower(period), %(effective)s) ELSE period END,
    withdrawn_at = CASE WHEN lower(period) < %(effective)s THEN withdrawn_at ELSE now() END
WHERE layer_id = %(layer_id)s AND withdrawn_at IS NULL AND upper_inf(period) AND grid_id = ANY(%(grid_ids)s)

-- name: add_grid_versions
-- What was copied, as versions of the release.
INSERT INTO grid_versions (grid_id, layer_id, release_id, code, name, kind, community_id, households, persons, geom,
                           period)
SELECT grid_id, %(layer_id)s, %(release_id)s, code, name, kind, community_id, households, persons,
       ST_Multi(ST_GeomFromWKB(wkb, 4326)), tstzrange(%(effective)s, NULL)
FROM incoming_grids ORDER BY code COLLATE "C"

-- name: unstage
-- The copies are not needed any more.
DROP TABLE incoming_grids

-- name: release
-- One release of a layer, and whether its date is still to come.
SELECT release_id, effective_at, withdrawn_at, effective_at > clock_timestamp() AS pending
FROM releases WHERE layer_id = %(layer_id)s AND number = %(number)s

-- name: withdraw_release
-- A release that will not come.
UPDATE releases SET withdrawn_at = now() WHERE release_id = %(release_id)s

-- name: withdraw_grid_versions
-- The versions that it would have brought.
UPDATE grid_versions SET withdrawn_at = now() WHERE release_id = %(release_id)s AND withdrawn_at IS NULL

-- name: reopen_grid_versions
-- The versions that it would have ended go on.
UPDATE grid_versions SET period = tstzrange(lower(period), NULL)
WHERE layer_id = %(layer_id)s AND withdrawn_at IS NULL AND upper(period) = %(effective)s
