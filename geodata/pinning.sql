-- name: target
-- Name of a record that is in force now.
SELECT label FROM (
    SELECT 'address' AS kind, code, text AS label FROM addresses WHERE withdrawn_at IS NULL
    UNION ALL
    SELECT 'building', b.code, coalesce(o.name, '') || v.name
    FROM building_versions AS v JOIN buildings AS b USING (building_id)
         LEFT JOIN compound_versions AS o
             ON o.compound_id = v.compound_id AND o.withdrawn_at IS NULL AND o.period @> now()
    WHERE v.withdrawn_at IS NULL AND v.period @> now()
    UNION ALL
    SELECT 'compound', c.code, v.name FROM compound_versions AS v JOIN compounds AS c USING (compound_id)
    WHERE v.withdrawn_at IS NULL AND v.period @> now()
    UNION ALL
    SELECT 'place', p.code, v.name FROM place_versions AS v JOIN places AS p USING (place_id)
    WHERE v.withdrawn_at IS NULL AND v.period @> now()
    UNION ALL
    SELECT 'station', s.code, v.name FROM station_versions AS v JOIN stations AS s USING (station_id)
    WHERE v.withdrawn_at IS NULL AND v.period @> now()
) AS known
WHERE kind = %(kind)s AND code = %(code)s

-- name: lock
-- Nobody else pins until this transaction ends; readers go on.
LOCK TABLE address_aliases IN SHARE ROW EXCLUSIVE MODE

-- name: withdraw_text
-- A text means this no more.
UPDATE address_aliases SET withdrawn_at = now() WHERE text = %(text)s AND withdrawn_at IS NULL

-- name: withdraw
-- This pin holds no more.
UPDATE address_aliases SET withdrawn_at = now()
WHERE address_alias_id = %(pin_id)s AND withdrawn_at IS NULL
RETURNING address_alias_id

-- name: add
-- A text means this from now on.
INSERT INTO address_aliases (typed, text, kind, code, label, geom, recorded_by)
VALUES (%(typed)s, %(text)s, %(kind)s, %(code)s, %(label)s, ST_SetSRID(ST_Point(%(lon)s, %(lat)s), 4326), %(actor)s)
RETURNING address_alias_id

-- name: pins
-- Pins that hold, the newest first; of one text or identity where it is given.
SELECT address_alias_id AS pin_id, typed, text, kind, code, label, ST_X(geom) AS lon, ST_Y(geom) AS lat,
       recorded_at, recorded_by
FROM address_aliases
WHERE withdrawn_at IS NULL
      AND (%(pin_id)s::bigint IS NULL OR address_alias_id = %(pin_id)s)
      AND (%(text)s::text IS NULL OR text = %(text)s)
      AND (%(before)s::bigint IS NULL OR address_alias_id < %(before)s)
ORDER BY address_alias_id DESC
LIMIT %(limit)s
