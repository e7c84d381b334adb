-- name: gated
-- Compounds in force that have a gate: names, outline and gates.
SELECT v.compound_id, v.name, v.aliases, ST_AsBinary(v.geom, 'NDR') AS wkb,
       array_agg(ST_X(g.geom) ORDER BY g.gate_id) AS lons, array_agg(ST_Y(g.geom) ORDER BY g.gate_id) AS lats
FROM compound_versions AS v
     JOIN gate_versions AS g ON g.compound_id = v.compound_id AND g.withdrawn_at IS NULL
                             AND g.period @> %(at)s::timestamptz
WHERE v.withdrawn_at IS NULL AND v.period @> %(at)s::timestamptz
GROUP BY v.compound_version_id
ORDER BY v.compound_id

-- name: copy_leaves
-- Every entry of the register: point, counts (-1 for none), place of its compound's name among these (0 for none of
-- them, -1 where it states no compound).
COPY (SELECT ST_X(a.geom), ST_Y(a.geom), coalesce(a.households, -1), coalesce(a.persons, -1),
             CASE WHEN a.compound = '' THEN -1 ELSE coalesce(n.place, 0)::integer END
      FROM addresses AS a LEFT JOIN unnest(%(names)s::text[]) WITH ORDINALITY AS n(name, place) ON n.name = a.compound
      WHERE a.withdrawn_at IS NULL) TO STDOUT (FORMAT BINARY)

-- name: buildings
-- Buildings in force, with the names of their compounds.
SELECT v.building_id, v.name, v.compound_id, array_prepend(c.name, c.aliases) AS compounds, v.households,
       ST_X(v.point) AS lon, ST_Y(v.point) AS lat
FROM building_versions AS v
     LEFT JOIN compound_versions AS c ON c.compound_id = v.compound_id AND c.withdrawn_at IS NULL
                                      AND c.period @> %(at)s::timestamptz
WHERE v.withdrawn_at IS NULL AND v.period @> %(at)s::timestamptz
ORDER BY v.building_id

-- name: built_leaves
-- Compound with building or number of every entry that states households.
SELECT compound, building, CASE WHEN building = '' THEN number ELSE '' END AS number
FROM addresses WHERE withdrawn_at IS NULL AND households > 0 AND (compound <> '' OR building <> '')
GROUP BY 1, 2, 3

-- name: door_leaves
-- Road and number of every entry that states households and no compound.
SELECT road || number FROM addresses
WHERE withdrawn_at IS NULL AND households > 0 AND compound = '' AND building = '' AND number <> ''
GROUP BY 1

-- name: standing_on
-- Which of these buildings have an entry with households inside their outline, or at their point.
SELECT v.building_id
FROM building_versions AS v
WHERE v.withdrawn_at IS NULL AND v.period @> %(at)s::timestamptz AND v.building_id = ANY(%(ids)s)
      AND EXISTS (
          SELECT FROM addresses AS a
          WHERE a.withdrawn_at IS NULL AND a.households > 0
                AND a.geom && coalesce(v.outline, ST_Expand(v.point, 0.00005))
                AND ST_Intersects(a.geom, coalesce(v.outline, ST_Expand(v.point, 0.00005))))

-- name: counted_places
-- Other counts of people, each at the point of its building or entry.
SELECT p.counts, ST_X(v.point) AS lon, ST_Y(v.point) AS lat, v.compound_id
FROM place_counts AS p JOIN buildings AS b ON b.code = p.building
     JOIN building_versions AS v ON v.building_id = b.building_id AND v.withdrawn_at IS NULL
                                 AND v.period @> %(at)s::timestamptz
WHERE p.withdrawn_at IS NULL
UNION ALL
SELECT p.counts, ST_X(a.geom), ST_Y(a.geom), NULL
FROM place_counts AS p JOIN addresses AS a ON a.code = p.address AND a.withdrawn_at IS NULL
WHERE p.withdrawn_at IS NULL
