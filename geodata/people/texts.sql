-- name: texts_in_force
-- Texts at one instant; an area or grid by the code that it has or had last.
SELECT v.text_version_id AS version_id, v.text_id AS entity_id, t.code, v.slot,
       CASE WHEN v.area_id IS NOT NULL THEN 'area' WHEN v.grid_id IS NOT NULL THEN 'grid' END AS target_kind,
       coalesce(a.code, g.code) AS target, g.layer, v.title, v.title_en, v.body, v.body_en, v.phone, v.position,
       period_from(v.period) AS begins, period_to(v.period) AS ends
FROM text_versions AS v JOIN texts AS t USING (text_id)
     LEFT JOIN LATERAL (SELECT o.code FROM area_versions AS o WHERE o.area_id = v.area_id AND o.withdrawn_at IS NULL
                        ORDER BY lower(o.period) DESC LIMIT 1) AS a ON true
     LEFT JOIN LATERAL (SELECT o.code, l.code AS layer FROM grid_versions AS o JOIN layers AS l USING (layer_id)
                        WHERE o.grid_id = v.grid_id AND o.withdrawn_at IS NULL
                        ORDER BY lower(o.period) DESC LIMIT 1) AS g ON true
WHERE v.withdrawn_at IS NULL AND v.period @> %(at)s::timestamptz
ORDER BY t.code COLLATE "C"

-- name: add_text_versions
-- New versions, open-ended; the newest area or grid of a code is meant.
INSERT INTO text_versions (text_id, slot, area_id, grid_id, title, title_en, body, body_en, phone, position, period)
SELECT t.text_id, r.slot, a.area_id, g.grid_id, r.title, r.title_en, r.body, r.body_en, r.phone, r.position,
       tstzrange(%(at)s, NULL)
FROM jsonb_to_recordset(%(records)s) AS r(code text, slot text, target_kind text, target text, layer text, title text,
                                          title_en text, body text, body_en text, phone text, position integer)
     JOIN texts AS t USING (code) LEFT JOIN layers AS l ON l.code = r.layer
     LEFT JOIN LATERAL (SELECT o.area_id FROM area_versions AS o
                        WHERE r.target_kind = 'area' AND o.code = r.target AND o.withdrawn_at IS NULL
                        ORDER BY lower(o.period) DESC LIMIT 1) AS a ON true
     LEFT JOIN LATERAL (SELECT o.grid_id FROM grid_versions AS o
                        WHERE r.target_kind = 'grid' AND o.layer_id = l.layer_id AND o.code = r.target
                              AND o.withdrawn_at IS NULL
                        ORDER BY lower(o.period) DESC LIMIT 1) AS g ON true
