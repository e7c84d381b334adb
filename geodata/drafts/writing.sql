-- name: now
-- The database's clock.
SELECT to_micros(clock_timestamp())

-- name: area_ids
-- Identities of the areas in force at an instant, by code.
SELECT code, area_id FROM area_versions WHERE withdrawn_at IS NULL AND period @> %(at)s::timestamptz

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
