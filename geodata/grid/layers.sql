-- name: layers
-- Layers, the default first.
SELECT l.layer_id, l.code, l.name, l.name_en, l.tiling, o.code AS nested_in, l.position, l.is_default
FROM layers AS l LEFT JOIN layers AS o ON o.layer_id = l.nested_in
ORDER BY l.is_default DESC, l.position, l.code

-- name: lock_layers
-- Nobody else changes layers until this transaction ends; readers go on.
LOCK TABLE layers IN SHARE ROW EXCLUSIVE MODE

-- name: yield_default
-- At most one layer is the default: the others give way first.
UPDATE layers SET is_default = false WHERE is_default AND code <> %(code)s

-- name: add_layers
-- New layers, and the plain fields of known ones.
INSERT INTO layers (code, name, name_en, tiling, position, is_default)
SELECT r.code, r.name, r.name_en, r.tiling, r.position, r.is_default
FROM jsonb_to_recordset(%(records)s) AS r(code text, name text, name_en text, tiling text, position integer,
                                          is_default boolean)
ON CONFLICT (code) DO UPDATE
SET name = EXCLUDED.name, name_en = EXCLUDED.name_en, tiling = EXCLUDED.tiling, position = EXCLUDED.position,
    is_default = EXCLUDED.is_default

-- name: nest_layers
-- Which layer each lies in, once all of them are there.
UPDATE layers SET nested_in = o.layer_id
FROM jsonb_to_recordset(%(records)s) AS r(code text, nested_in text) LEFT JOIN layers AS o ON o.code = r.nested_in
WHERE layers.code = r.code AND layers.nested_in IS DISTINCT FROM o.layer_id
