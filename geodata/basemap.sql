-- name: state
-- Which database this is, the version of each table drawn, and since when no building, compound or place began or ended.
SELECT (SELECT database_id::text FROM data_version),
       (SELECT array_agg(part || ' ' || version || ' ' || raised_by ORDER BY part) FROM data_parts
        WHERE part IN ('streets', 'barriers', 'backdrop', 'building_versions', 'compound_versions', 'place_versions')),
       (SELECT coalesce(to_micros(max(greatest(CASE WHEN lower(period) <= now() THEN lower(period) END,
                                               CASE WHEN upper(period) <= now() THEN upper(period) END))), 0) FROM (
            SELECT period FROM compound_versions WHERE withdrawn_at IS NULL
            UNION ALL SELECT period FROM building_versions WHERE withdrawn_at IS NULL
            UNION ALL SELECT period FROM place_versions WHERE withdrawn_at IS NULL
        ) AS periods)

-- name: extent
-- What there is to draw, and the box around each.
SELECT CASE layer WHEN 'building' THEN 'buildings' ELSE layer END AS layer,
       min(ST_XMin(box)), min(ST_YMin(box)), max(ST_XMax(box)), max(ST_YMax(box))
FROM (
    SELECT CASE class WHEN 'railway' THEN 'railways' WHEN 'wall' THEN 'walls' ELSE class END AS layer,
           ST_Extent(geom) AS box
    FROM barriers WHERE withdrawn_at IS NULL AND class <> 'motorway' GROUP BY class
    UNION ALL SELECT cover, ST_Extent(geom) FROM backdrop WHERE withdrawn_at IS NULL GROUP BY cover
    UNION ALL SELECT 'streets', ST_Extent(geom) FROM streets WHERE withdrawn_at IS NULL
    UNION ALL SELECT 'buildings', ST_Extent(outline) FROM building_versions
        WHERE withdrawn_at IS NULL AND period @> now() AND outline IS NOT NULL
    UNION ALL SELECT 'compounds', ST_Extent(geom) FROM compound_versions
        WHERE withdrawn_at IS NULL AND period @> now() AND geom IS NOT NULL
    UNION ALL SELECT 'places', ST_Extent(geom) FROM place_versions WHERE withdrawn_at IS NULL AND period @> now()
) AS drawn(layer, box) WHERE box IS NOT NULL GROUP BY 1 ORDER BY 1

-- name: barriers
-- Water, railways and walls in a box.
SELECT class, ST_AsBinary(geom, 'NDR') FROM barriers
WHERE withdrawn_at IS NULL AND class = ANY(%(classes)s)
      AND geom && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326)
ORDER BY code COLLATE "C"

-- name: streets
-- Streets in a box, with how much traffic each class is for.
SELECT s.name, coalesce(r.rank, %(else_rank)s), ST_AsBinary(s.geom, 'NDR')
FROM streets AS s LEFT JOIN unnest(%(classes)s::text[], %(ranks)s::integer[]) AS r(class, rank) USING (class)
WHERE s.withdrawn_at IS NULL AND s.geom && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326)
      AND coalesce(r.rank, %(else_rank)s) BETWEEN 1 AND %(most)s
ORDER BY s.code COLLATE "C"

-- name: buildings
-- Outlines of buildings in a box, those without name or number after the others.
(SELECT ST_AsBinary(outline, 'NDR') FROM building_versions
 WHERE withdrawn_at IS NULL AND period @> now()
       AND outline && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326)
 ORDER BY building_id)
UNION ALL (SELECT ST_AsBinary(geom, 'NDR') FROM backdrop
           WHERE withdrawn_at IS NULL AND cover = 'building'
                 AND geom && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326)
           ORDER BY code COLLATE "C")

-- name: green
-- Green spaces in a box.
SELECT ST_AsBinary(geom, 'NDR') FROM backdrop
WHERE withdrawn_at IS NULL AND cover = 'green'
      AND geom && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326)
ORDER BY code COLLATE "C"

-- name: compounds
-- Compounds in a box that have an outline.
SELECT name, ST_AsBinary(geom, 'NDR') FROM compound_versions
WHERE withdrawn_at IS NULL AND period @> now()
      AND geom && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326)
ORDER BY compound_id

-- name: places
-- Places in a box.
SELECT name, category, ST_AsBinary(geom, 'NDR') FROM place_versions
WHERE withdrawn_at IS NULL AND period @> now()
      AND ST_Intersects(geom, ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326))
ORDER BY place_id

-- name: tile
-- One vector tile of it all, in layers; of each kind as much as its zoom can show.
WITH square AS (
    SELECT ST_TileEnvelope(%(z)s, %(x)s, %(y)s) AS inside,
           ST_Transform(ST_TileEnvelope(%(z)s, %(x)s, %(y)s, margin => 0.03125), 4326) AS around
), green AS (
    SELECT g.name, ST_AsMVTGeom(ST_Transform(g.geom, 3857), inside, 4096, 64) AS geom
    FROM backdrop AS g, square
    WHERE g.withdrawn_at IS NULL AND g.cover = 'green' AND g.geom && around AND %(z)s >= 10
), water AS (
    SELECT b.name, ST_AsMVTGeom(ST_Transform(b.geom, 3857), inside, 4096, 64) AS geom
    FROM barriers AS b, square
    WHERE b.withdrawn_at IS NULL AND b.class = 'water' AND b.geom && around AND %(z)s >= 6
), railways AS (
    SELECT b.name, ST_AsMVTGeom(ST_Transform(b.geom, 3857), inside, 4096, 64) AS geom
    FROM barriers AS b, square
    WHERE b.withdrawn_at IS NULL AND b.class = 'railway' AND b.geom && around AND %(z)s >= 10
), walls AS (
    SELECT ST_AsMVTGeom(ST_Transform(b.geom, 3857), inside, 4096, 64) AS geom
    FROM barriers AS b, square
    WHERE b.withdrawn_at IS NULL AND b.class = 'wall' AND b.geom && around AND %(z)s >= 15
), ranked AS (
    SELECT s.name, coalesce(r.rank, %(else_rank)s) AS rank, s.geom
    FROM square, streets AS s LEFT JOIN unnest(%(classes)s::text[], %(ranks)s::integer[]) AS r(class, rank) USING (class)
    WHERE s.withdrawn_at IS NULL AND s.geom && around AND coalesce(r.rank, %(else_rank)s) BETWEEN 1 AND %(most)s
), streets_drawn AS (
    SELECT name, rank, ST_AsMVTGeom(ST_Transform(ST_LineMerge(ST_Collect(part.geom)), 3857), inside, 4096, 64) AS geom
    FROM square, ranked, LATERAL ST_Dump(ranked.geom) AS part GROUP BY name, rank, inside
), buildings_drawn AS (
    SELECT ST_AsMVTGeom(ST_Transform(v.outline, 3857), inside, 4096, 64) AS geom
    FROM building_versions AS v, square
    WHERE v.withdrawn_at IS NULL AND v.period @> now() AND v.outline && around AND %(z)s >= 14
    UNION ALL
    SELECT ST_AsMVTGeom(ST_Transform(b.geom, 3857), inside, 4096, 64)
    FROM backdrop AS b, square
    WHERE b.withdrawn_at IS NULL AND b.cover = 'building' AND b.geom && around AND %(z)s >= 14
), compounds_drawn AS (
    SELECT v.name, ST_AsMVTGeom(ST_Transform(v.geom, 3857), inside, 4096, 64) AS geom
    FROM compound_versions AS v, square
    WHERE v.withdrawn_at IS NULL AND v.period @> now() AND v.geom && around AND %(z)s >= 14
), places_drawn AS (
    SELECT v.name, v.category, ST_AsMVTGeom(ST_Transform(v.geom, 3857), inside, 4096, 0) AS geom
    FROM place_versions AS v, square
    WHERE v.withdrawn_at IS NULL AND v.period @> now() AND v.geom && around AND %(z)s >= 15
)
SELECT (SELECT ST_AsMVT(d, 'green') FROM green AS d WHERE geom IS NOT NULL)
    || (SELECT ST_AsMVT(d, 'water') FROM water AS d WHERE geom IS NOT NULL)
    || (SELECT ST_AsMVT(d, 'railways') FROM railways AS d WHERE geom IS NOT NULL)
    || (SELECT ST_AsMVT(d, 'walls') FROM walls AS d WHERE geom IS NOT NULL)
    || (SELECT ST_AsMVT(d, 'streets') FROM (SELECT * FROM streets_drawn ORDER BY rank DESC) AS d WHERE geom IS NOT NULL)
    || (SELECT ST_AsMVT(d, 'buildings') FROM buildings_drawn AS d WHERE geom IS NOT NULL)
    || (SELECT ST_AsMVT(d, 'compounds') FROM compounds_drawn AS d WHERE geom IS NOT NULL)
    || (SELECT ST_AsMVT(d, 'places') FROM places_drawn AS d WHERE geom IS NOT NULL)
