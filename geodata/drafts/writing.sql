-- name: now
-- The database's clock.
SELECT to_micros(clock_timestamp())

-- name: lock_duties
-- Nobody else changes duties until this transaction ends; readers go on.
LOCK TABLE duties IN SHARE ROW EXCLUSIVE MODE

-- name: area_ids
-- Identities of the areas in force at an instant, by code.
SELECT code, area_id FROM area_versions WHERE withdrawn_at IS NULL AND period @> %(at)s::timestamptz

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

-- name: add_successions
-- Which grid became which.
INSERT INTO successions (release_id, predecessor_id, successor_id, household_share, ground_share)
SELECT %(release_id)s, s.predecessor_id, s.successor_id, s.household_share, s.ground_share
FROM jsonb_to_recordset(%(successions)s)
         AS s(predecessor_id bigint, successor_id bigint, household_share float8, ground_share float8)

-- name: grid_ids
-- Identities of the grids of a release by code.
SELECT code, grid_id FROM grid_versions WHERE release_id = %(release_id)s

-- name: grids_of_areas
-- Grids of other layers that go on in some areas.
SELECT l.layer_id, l.code AS layer, g.grid_id, g.code, g.name, g.kind, g.community_id, g.households, g.persons,
       ST_AsBinary(g.geom) AS wkb
FROM grid_versions AS g JOIN layers AS l USING (layer_id)
WHERE g.layer_id <> %(layer_id)s AND g.withdrawn_at IS NULL AND upper_inf(g.period)
  AND g.community_id = ANY(%(area_ids)s)
ORDER BY l.layer_id, g.code COLLATE "C"

-- name: release_change
-- The change that published a draft as a release.
SELECT max(c.change_id) FROM changed_rows AS r JOIN changes AS c USING (change_id)
WHERE r.relation = 'releases' AND r.row_id = %(release_id)s AND r.added AND c.action = %(action)s

-- name: reopen_drafts
-- Drafts whose release was taken back can be worked on again.
UPDATE drafts SET state = 'open', published_id = NULL, changed_at = clock_timestamp(), changed_by = %(actor)s
WHERE published_id = %(release_id)s
RETURNING draft_id
