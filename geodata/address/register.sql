-- name: lock_addresses
-- Nobody else changes addresses until this transaction ends; readers go on.
LOCK TABLE addresses IN SHARE ROW EXCLUSIVE MODE

-- name: addresses_now
-- All addresses.
SELECT address_id AS version_id, code, text, road, number, compound, building, unit, households, persons,
       ST_X(geom) AS lon, ST_Y(geom) AS lat
FROM addresses WHERE withdrawn_at IS NULL
ORDER BY code COLLATE "C"

-- name: addresses_near
-- Addresses in a box.
SELECT address_id AS version_id, code, text, road, number, compound, building, unit, households, persons,
       ST_X(geom) AS lon, ST_Y(geom) AS lat
FROM addresses WHERE withdrawn_at IS NULL AND geom && ST_SetSRID(ST_GeomFromWKB(%(wkb)s), 4326)
ORDER BY code COLLATE "C"

-- name: withdraw_addresses
-- These rows are no more.
UPDATE addresses SET withdrawn_at = now() WHERE address_id = ANY(%(ids)s)

-- name: add_addresses
-- New rows, streamed.
COPY addresses (code, text, road, number, compound, building, unit, households, persons, geom) FROM STDIN
