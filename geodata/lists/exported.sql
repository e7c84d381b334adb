-- name: gates
-- Gates in force at an instant, with their compound.
SELECT g.code, c.code AS compound, n.name AS compound_name, ST_X(v.geom) AS lon, ST_Y(v.geom) AS lat,
       period_from(v.period) AS begins, period_to(v.period) AS ends
FROM gate_versions AS v JOIN gates AS g USING (gate_id) JOIN compounds AS c USING (compound_id)
     LEFT JOIN compound_versions AS n
         ON n.compound_id = v.compound_id AND n.withdrawn_at IS NULL AND n.period @> %(at)s::timestamptz
WHERE v.withdrawn_at IS NULL AND v.period @> %(at)s::timestamptz
ORDER BY g.code COLLATE "C"
