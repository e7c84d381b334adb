-- name: lock_inherited
-- Nobody else changes duties or texts until this transaction ends; readers go on.
LOCK TABLE duties, text_versions IN SHARE ROW EXCLUSIVE MODE

-- name: inherit_duties
-- New grids and areas are looked after by those who looked after what they come from, for as long as they would have.
INSERT INTO duties (holder_id, role_id, grid_id, area_id, assignment, hours, period)
SELECT d.holder_id, d.role_id, h.grid_id, h.area_id, d.assignment, d.hours, d.period * tstzrange(%(at)s, NULL)
FROM jsonb_to_recordset(%(heirs)s)
         AS h(grid_id bigint, area_id bigint, from_grid_id bigint, from_area_id bigint)
     JOIN duties AS d ON d.grid_id = h.from_grid_id OR d.area_id = h.from_area_id
WHERE d.withdrawn_at IS NULL AND d.period && tstzrange(%(at)s, NULL)
ORDER BY d.duty_id

-- name: end_duties
-- Duties for grids and areas that are no more end with them; those that would have begun later never do.
UPDATE duties
SET period = CASE WHEN lower(period) < %(at)s THEN tstzrange(lower(period), %(at)s) ELSE period END,
    withdrawn_at = CASE WHEN lower(period) < %(at)s THEN withdrawn_at ELSE now() END
WHERE withdrawn_at IS NULL AND period && tstzrange(%(at)s, NULL)
  AND (grid_id = ANY(%(grid_ids)s) OR area_id = ANY(%(area_ids)s))

-- name: bring_back_duties
-- Grids and areas that are there again are looked after by those whose duties ended with them, for as long as meant then.
INSERT INTO duties (holder_id, role_id, grid_id, area_id, assignment, hours, period)
SELECT d.holder_id, d.role_id, d.grid_id, d.area_id, d.assignment, d.hours,
       tstzrange(%(at)s, upper(ended.period_before))
FROM duties AS d
     CROSS JOIN LATERAL (
         SELECT c.change_id, c.period_before FROM changed_rows AS c
         WHERE c.relation = 'duties' AND c.row_id = d.duty_id AND NOT c.added AND c.period_after = d.period
         ORDER BY c.changed_row_id DESC LIMIT 1) AS ended
     JOIN changes AS c ON c.change_id = ended.change_id AND c.action = %(action)s
WHERE d.withdrawn_at IS NULL AND upper(d.period) <= %(at)s
  AND (upper_inf(ended.period_before) OR upper(ended.period_before) > %(at)s)
  AND (d.grid_id = ANY(%(grid_ids)s) OR d.area_id = ANY(%(area_ids)s))
  AND NOT EXISTS (
      SELECT FROM duties AS n
      WHERE n.withdrawn_at IS NULL AND n.holder_id = d.holder_id AND n.role_id = d.role_id
        AND n.grid_id IS NOT DISTINCT FROM d.grid_id AND n.area_id IS NOT DISTINCT FROM d.area_id
        AND n.assignment = d.assignment AND n.period && tstzrange(%(at)s, NULL))
ORDER BY d.duty_id

-- name: texts_of
-- Texts of what new grids and areas come from, with the code of each heir.
SELECT v.text_version_id, t.code, h.code AS heir, h.grid_id, h.area_id
FROM jsonb_to_recordset(%(heirs)s)
         AS h(code text, grid_id bigint, area_id bigint, from_grid_id bigint, from_area_id bigint)
     JOIN text_versions AS v ON v.grid_id = h.from_grid_id OR v.area_id = h.from_area_id
     JOIN texts AS t USING (text_id)
WHERE v.withdrawn_at IS NULL AND v.period && tstzrange(%(at)s, NULL)
ORDER BY v.text_version_id, h.code COLLATE "C"

-- name: texts_like
-- Codes of texts that begin like one of these.
SELECT code FROM texts WHERE code ^@ ANY(%(codes)s::text[])

-- name: add_texts
-- New texts.
INSERT INTO texts (code) SELECT DISTINCT code FROM unnest(%(codes)s::text[]) AS code

-- name: inherit_texts
-- Boards of new grids and areas say what those of what they come from say, for as long as they would have.
INSERT INTO text_versions (text_id, slot, area_id, grid_id, title, title_en, body, body_en, phone, position, period)
SELECT t.text_id, v.slot, r.area_id, r.grid_id, v.title, v.title_en, v.body, v.body_en, v.phone, v.position,
       v.period * tstzrange(%(at)s, NULL)
FROM jsonb_to_recordset(%(copies)s) AS r(text_version_id bigint, code text, grid_id bigint, area_id bigint)
     JOIN texts AS t USING (code) JOIN text_versions AS v USING (text_version_id)
ORDER BY v.text_version_id, t.code COLLATE "C"

-- name: end_texts
-- Texts for grids and areas that are no more end with them; those that would have begun later never do.
UPDATE text_versions
SET period = CASE WHEN lower(period) < %(at)s THEN tstzrange(lower(period), %(at)s) ELSE period END,
    withdrawn_at = CASE WHEN lower(period) < %(at)s THEN withdrawn_at ELSE now() END
WHERE withdrawn_at IS NULL AND period && tstzrange(%(at)s, NULL)
  AND (grid_id = ANY(%(grid_ids)s) OR area_id = ANY(%(area_ids)s))

-- name: bring_back_texts
-- Grids and areas that are there again have the texts that ended with them, for as long as meant then.
INSERT INTO text_versions (text_id, slot, area_id, grid_id, title, title_en, body, body_en, phone, position, period)
SELECT v.text_id, v.slot, v.area_id, v.grid_id, v.title, v.title_en, v.body, v.body_en, v.phone, v.position,
       tstzrange(%(at)s, upper(ended.period_before))
FROM text_versions AS v
     CROSS JOIN LATERAL (
         SELECT c.change_id, c.period_before FROM changed_rows AS c
         WHERE c.relation = 'text_versions' AND c.row_id = v.text_version_id AND NOT c.added
               AND c.period_after = v.period
         ORDER BY c.changed_row_id DESC LIMIT 1) AS ended
     JOIN changes AS c ON c.change_id = ended.change_id AND c.action = %(action)s
WHERE v.withdrawn_at IS NULL AND upper(v.period) <= %(at)s
  AND (upper_inf(ended.period_before) OR upper(ended.period_before) > %(at)s)
  AND (v.grid_id = ANY(%(grid_ids)s) OR v.area_id = ANY(%(area_ids)s))
  AND NOT EXISTS (
      SELECT FROM text_versions AS n
      WHERE n.withdrawn_at IS NULL AND n.text_id = v.text_id AND n.period && tstzrange(%(at)s, NULL))
ORDER BY v.text_version_id
