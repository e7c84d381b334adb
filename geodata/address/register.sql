-- name: lock_addresses
-- Nobody else changes addresses until this transaction ends; readers go on.
LOCK TABLE addresses IN SHARE ROW EXCLUSIVE MODE

-- name: addresses_now
-- All addresses.
SELECT address_id AS version_id, code, text, road, number, compound, building, unit, floor, room, areas, aliases,
       households, persons, ST_X(geom) AS lon, ST_Y(geom) AS lat
FROM addresses WHERE withdrawn_at IS NULL
ORDER BY code COLLATE "C"

-- name: addresses_near
-- Addresses in a box.
SELECT address_id AS version_id, code, text, road, number, compound, building, unit, floor, room, areas, aliases,
       households, persons, ST_X(geom) AS lon, ST_Y(geom) AS lat
FROM addresses WHERE withdrawn_at IS NULL AND geom && ST_SetSRID(ST_GeomFromWKB(%(wkb)s), 4326)
ORDER BY code COLLATE "C"

-- name: points_of
-- Where addresses of some codes are.
SELECT code, ST_AsBinary(geom) FROM addresses WHERE withdrawn_at IS NULL AND code = ANY(%(codes)s)

-- name: forget_staged
-- Another load may have been staged in the same transaction.
DROP TABLE IF EXISTS pg_temp.staged_addresses, pg_temp.merged_addresses

-- name: make_staged
-- What a file says, a null where it says nothing; rows that cannot be read count as there.
CREATE TEMPORARY TABLE staged_addresses (
    place integer, code text, sound boolean, text text, road text, number text, compound text, building text, unit text,
    floor text, room text, areas text[], aliases text[], households integer, persons integer, lon float8, lat float8
) ON COMMIT DROP

-- name: make_merged
-- What is to be written: new addresses, and changed ones with the row that each replaces.
CREATE TEMPORARY TABLE merged_addresses (
    place integer, replaces bigint, code text, text text, road text, number text, compound text, building text,
    unit text, floor text, room text, areas text[], aliases text[], households integer, persons integer,
    lon float8, lat float8
) ON COMMIT DROP

-- name: copy_staged
-- Rows of a file, streamed.
COPY staged_addresses FROM STDIN

-- name: analyze_staged
-- Without it a million rows are joined as if they were a thousand.
ANALYZE staged_addresses

-- name: placeless
-- Rows for which neither the file nor the register has a place, in their order.
SELECT s.place FROM staged_addresses AS s
WHERE s.sound AND s.lon IS NULL
      AND NOT EXISTS (SELECT FROM addresses AS a WHERE a.code = s.code AND a.withdrawn_at IS NULL)
ORDER BY s.place

-- name: unsound
-- These rows are not written, but not missing either.
UPDATE staged_addresses SET sound = false WHERE place = ANY(%(places)s)

-- name: forget_parts
-- Another file may have come in parts in the same transaction.
DROP TABLE IF EXISTS pg_temp.address_parts

-- name: make_parts
-- Codes of the parts of a file that were staged before.
CREATE TEMPORARY TABLE address_parts (code text PRIMARY KEY) ON COMMIT DROP

-- name: again
-- Staged rows whose code stands in a part before.
SELECT s.place FROM staged_addresses AS s JOIN address_parts AS p ON p.code = s.code
WHERE s.sound
ORDER BY s.place

-- name: remember_part
-- The codes of this part.
INSERT INTO address_parts SELECT code FROM staged_addresses ON CONFLICT DO NOTHING

-- name: merge
-- Rows that differ from what is there; what a file says nothing of stays as it is.
INSERT INTO merged_addresses
SELECT s.place, a.address_id, s.code, m.*
FROM staged_addresses AS s LEFT JOIN addresses AS a ON a.code = s.code AND a.withdrawn_at IS NULL
     CROSS JOIN LATERAL (
         SELECT coalesce(s.text, a.text) AS text, coalesce(s.road, a.road, '') AS road,
                coalesce(s.number, a.number, '') AS number, coalesce(s.compound, a.compound, '') AS compound,
                coalesce(s.building, a.building, '') AS building, coalesce(s.unit, a.unit, '') AS unit,
                coalesce(s.floor, a.floor, '') AS floor, coalesce(s.room, a.room, '') AS room,
                coalesce(s.areas, a.areas, '{}') AS areas, coalesce(s.aliases, a.aliases, '{}') AS aliases,
                CASE WHEN %(households)s THEN s.households ELSE a.households END AS households,
                CASE WHEN %(persons)s THEN s.persons ELSE a.persons END AS persons,
                coalesce(s.lon, ST_X(a.geom)) AS lon, coalesce(s.lat, ST_Y(a.geom)) AS lat) AS m
WHERE s.sound
  AND (a.address_id IS NULL
       OR (m.text, m.road, m.number, m.compound, m.building, m.unit, m.floor, m.room, m.areas, m.aliases, m.households,
           m.persons, m.lon, m.lat)
          IS DISTINCT FROM
          (a.text, a.road, a.number, a.compound, a.building, a.unit, a.floor, a.room, a.areas, a.aliases, a.households,
           a.persons, ST_X(a.geom), ST_Y(a.geom)))
ORDER BY s.place

-- name: merged_codes
-- Codes of what is to be written, in the order of the file, and whether each is new.
SELECT place, code, replaces IS NULL FROM merged_addresses ORDER BY place

-- name: merged_rows
-- The first rows that are to be written, new or changed ones.
SELECT place, replaces, code, text, road, number, compound, building, unit, floor, room, areas, aliases,
       households, persons, lon, lat
FROM merged_addresses WHERE (replaces IS NULL) = %(new)s
ORDER BY place LIMIT %(most)s

-- name: addresses_of
-- Addresses of these rows.
SELECT address_id AS version_id, code, text, road, number, compound, building, unit, floor, room, areas, aliases,
       households, persons, ST_X(geom) AS lon, ST_Y(geom) AS lat
FROM addresses WHERE address_id = ANY(%(ids)s)

-- name: missing
-- Addresses that the file does not hold.
SELECT a.address_id, a.code FROM addresses AS a
WHERE a.withdrawn_at IS NULL AND NOT EXISTS (SELECT FROM staged_addresses AS s WHERE s.code = a.code)
ORDER BY a.code COLLATE "C"

-- name: missing_in_parts
-- Addresses that no part of the file holds.
SELECT a.address_id, a.code FROM addresses AS a
WHERE a.withdrawn_at IS NULL AND NOT EXISTS (SELECT FROM address_parts AS p WHERE p.code = a.code)
ORDER BY a.code COLLATE "C"

-- name: twins
-- Rows whose address the register has under another code, which the file does not hold.
SELECT m.place, a.code, ST_X(a.geom), ST_Y(a.geom)
FROM merged_addresses AS m JOIN addresses AS a ON a.text = m.text AND a.areas = m.areas
WHERE a.withdrawn_at IS NULL AND a.code <> m.code
      AND NOT EXISTS (SELECT FROM staged_addresses AS s WHERE s.code = a.code)
ORDER BY m.place, a.code COLLATE "C" LIMIT %(most)s

-- name: withdraw_addresses
-- These rows are no more, nor are those that others replace.
UPDATE addresses SET withdrawn_at = now()
WHERE address_id = ANY(%(ids)s) OR address_id IN (SELECT replaces FROM merged_addresses WHERE replaces IS NOT NULL)

-- name: add_addresses
-- What was merged becomes rows.
INSERT INTO addresses (code, text, road, number, compound, building, unit, floor, room, areas, aliases, households,
                       persons, geom)
SELECT code, text, road, number, compound, building, unit, floor, room, areas, aliases, households, persons,
       ST_SetSRID(ST_MakePoint(lon, lat), 4326)
FROM merged_addresses ORDER BY place
