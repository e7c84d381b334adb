-- name: begin_change
-- A change from here on: what happens to rows is noted under it until the transaction ends.
WITH made AS (
    INSERT INTO changes (actor, action, target, facts, undoes)
    VALUES (%(actor)s, %(action)s, %(target)s, %(facts)s, %(undoes)s) RETURNING change_id)
SELECT change_id, set_config('gridmap.change', change_id::text, true) FROM made

-- name: end_change
-- What happens from here on belongs to no change.
SELECT set_config('gridmap.change', '', true)

-- name: present_change
-- The change that is being made in this transaction.
SELECT present_change()

-- name: join_changes
-- Others write beside this transaction, but none undoes a change.
LOCK TABLE changes IN ROW EXCLUSIVE MODE

-- name: lock_changes
-- One undo after the other, and none beside a writer.
LOCK TABLE changes IN SHARE ROW EXCLUSIVE MODE

-- name: change
-- One change, and the one that undid it.
SELECT c.change_id, c.at, c.actor, c.action, c.target, c.facts, c.undoes, u.change_id AS undone_by
FROM changes AS c LEFT JOIN changes AS u ON u.undoes = c.change_id
WHERE c.change_id = %(change_id)s

-- name: changes
-- Changes, the newest first.
SELECT c.change_id, c.at, c.actor, c.action, c.target, c.facts, c.undoes, u.change_id AS undone_by
FROM changes AS c LEFT JOIN changes AS u ON u.undoes = c.change_id
WHERE (%(before)s::bigint IS NULL OR c.change_id < %(before)s)
  AND (%(actor)s::text IS NULL OR c.actor = %(actor)s)
  AND (%(target)s::text IS NULL OR c.target = %(target)s)
ORDER BY c.change_id DESC
LIMIT %(limit)s

-- name: touched
-- Relations that a change touched, and how many rows of each it added and changed.
SELECT relation, count(*) FILTER (WHERE added), count(*) FILTER (WHERE NOT added)
FROM change_effects WHERE change_id = %(change_id)s
GROUP BY relation ORDER BY relation

-- name: lock_relation
-- Nobody else changes these rows until this transaction ends; readers go on.
LOCK TABLE {relation} IN SHARE ROW EXCLUSIVE MODE

-- name: moved_on
-- Rows that are no longer as a change left them, and the last change that touched one of them since.
SELECT count(DISTINCT e.row_id), max(later.change_id)
FROM change_effects AS e
     JOIN {relation} AS v ON v.{key} = e.row_id
     LEFT JOIN changed_rows AS later
     ON later.relation = e.relation AND later.row_id = e.row_id AND later.change_id > e.change_id
WHERE e.change_id = %(change_id)s AND e.relation = %(relation)s
  AND (v.withdrawn_at IS DISTINCT FROM e.withdrawn_after OR {period} IS DISTINCT FROM e.period_after)

-- name: withdraw_added
-- What a change added is no more.
UPDATE {relation} AS v SET withdrawn_at = now()
FROM change_effects AS e
WHERE e.change_id = %(change_id)s AND e.relation = %(relation)s AND e.added AND v.{key} = e.row_id
  AND v.withdrawn_at IS NULL

-- name: restore_periods
-- What a change ended or withdrew is as it was.
UPDATE {relation} AS v SET period = e.period_before, withdrawn_at = e.withdrawn_before
FROM change_effects AS e
WHERE e.change_id = %(change_id)s AND e.relation = %(relation)s AND NOT e.added AND v.{key} = e.row_id

-- name: restore_undated
-- What a change withdrew is as it was, for rows without a period.
UPDATE {relation} AS v SET withdrawn_at = e.withdrawn_before
FROM change_effects AS e
WHERE e.change_id = %(change_id)s AND e.relation = %(relation)s AND NOT e.added AND v.{key} = e.row_id

-- name: left_dangling
-- Rows that name something which is no more and are not as the change found them; and the last change of one of them.
SELECT count(DISTINCT used.{used_key}), max(later.change_id)
FROM change_effects AS lost
     JOIN {relation} AS gone ON gone.{key} = lost.row_id
     JOIN {used_relation} AS used
     ON used.{column} = gone.{entity} AND used.withdrawn_at IS NULL AND used.period && lost.period_after
     CROSS JOIN LATERAL (
         SELECT max(change_id) AS change_id, (array_agg(added ORDER BY changed_row_id))[1] AS added,
                (array_agg(period_before ORDER BY changed_row_id))[1] AS period_before,
                (array_agg(withdrawn_before ORDER BY changed_row_id))[1] AS withdrawn_before
         FROM changed_rows
         WHERE relation = %(used_relation)s AND row_id = used.{used_key}
           AND change_id > %(change_id)s AND change_id <> %(undo)s) AS later
     CROSS JOIN LATERAL (SELECT used.period * lost.period_after AS both_hold) AS span
     CROSS JOIN LATERAL (
         SELECT CASE WHEN upper(both_hold) <= now() THEN lower(both_hold)
                     ELSE greatest(lower(both_hold), now()) END AS asked_at) AS place
WHERE lost.change_id = %(change_id)s AND lost.relation = %(relation)s AND lost.withdrawn_after IS NULL
  AND (later.added OR later.withdrawn_before IS NOT NULL OR later.period_before IS DISTINCT FROM used.period)
  AND later.change_id IS NOT NULL
  AND NOT EXISTS (SELECT FROM {relation} AS v
                  WHERE v.{entity} = gone.{entity} AND v.withdrawn_at IS NULL AND v.period @> asked_at)

-- name: taken_place
-- The last change since that added what holds at the same time as something that a change ended.
SELECT max(later.change_id)
FROM change_effects AS e
     JOIN {relation} AS v ON v.{key} = e.row_id
     JOIN {relation} AS n ON n.{same} = v.{same} AND n.withdrawn_at IS NULL AND n.period && e.period_before
     JOIN changed_rows AS later ON later.relation = e.relation AND later.row_id = n.{key} AND later.added
WHERE e.change_id = %(change_id)s AND e.relation = %(relation)s AND NOT e.added AND later.change_id > e.change_id

-- name: layers_moved_on
-- Layers that are no longer as a change left them, and the last change that touched one of them since.
SELECT count(DISTINCT e.row_id), max(later.change_id)
FROM change_effects AS e
     LEFT JOIN layers AS l ON l.layer_id = e.row_id
     LEFT JOIN changed_rows AS later
     ON later.relation = 'layers' AND later.row_id = e.row_id AND later.change_id > e.change_id
WHERE e.change_id = %(change_id)s AND e.relation = 'layers' AND to_jsonb(l) IS DISTINCT FROM e.row_after

-- name: layers_yield_default
-- At most one layer is the default: those that a change touched give way first.
UPDATE layers SET is_default = false
FROM change_effects AS e
WHERE e.change_id = %(change_id)s AND e.relation = 'layers' AND layers.layer_id = e.row_id AND layers.is_default

-- name: restore_layers
-- Layers that a change altered are as they were.
UPDATE layers
SET code = b.code, name = b.name, name_en = b.name_en, tiling = b.tiling, nested_in = b.nested_in,
    position = b.position, is_default = b.is_default
FROM change_effects AS e CROSS JOIN LATERAL jsonb_populate_record(NULL::layers, e.row_before) AS b
WHERE e.change_id = %(change_id)s AND e.relation = 'layers' AND e.row_before IS NOT NULL
  AND e.row_after IS NOT NULL AND layers.layer_id = e.row_id

-- name: remove_layers
-- Layers that a change added, and that nothing is in yet, are no more.
DELETE FROM layers USING change_effects AS e
WHERE e.change_id = %(change_id)s AND e.relation = 'layers' AND e.row_before IS NULL AND layers.layer_id = e.row_id

-- name: bring_back_layers
-- Layers that a change removed are there again.
INSERT INTO layers (layer_id, code, name, name_en, tiling, nested_in, position, is_default) OVERRIDING SYSTEM VALUE
SELECT b.layer_id, b.code, b.name, b.name_en, b.tiling, b.nested_in, b.position, b.is_default
FROM change_effects AS e CROSS JOIN LATERAL jsonb_populate_record(NULL::layers, e.row_before) AS b
WHERE e.change_id = %(change_id)s AND e.relation = 'layers' AND e.row_after IS NULL AND e.row_before IS NOT NULL

-- name: touched_releases
-- Releases that a change made or withdrew: layer, number, date, and whether they were made, withdrawn, and still to come.
SELECT r.release_id, r.layer_id, r.number, to_micros(r.effective_at) AS effective, e.added AS made,
       r.withdrawn_at IS NOT NULL AS withdrawn, r.effective_at > clock_timestamp() AS pending
FROM change_effects AS e JOIN releases AS r ON r.release_id = e.row_id
WHERE e.change_id = %(change_id)s AND e.relation = 'releases'
ORDER BY r.layer_id

-- name: former_grids
-- Grids of a layer as they were to go on before a change.
SELECT g.grid_id, g.code, g.name, g.kind, g.community_id, g.households, g.persons, ST_AsBinary(g.geom) AS wkb
FROM change_effects AS e JOIN grid_versions AS g ON g.grid_version_id = e.row_id
WHERE e.change_id = %(change_id)s AND e.relation = 'grid_versions' AND g.layer_id = %(layer_id)s
  AND NOT e.added AND e.withdrawn_before IS NULL AND upper_inf(e.period_before)
ORDER BY g.code COLLATE "C"

-- name: touched_grids
-- Grids of a layer that a change touched and that go on now.
SELECT DISTINCT g.grid_id
FROM change_effects AS e
     JOIN grid_versions AS t ON t.grid_version_id = e.row_id
     JOIN grid_versions AS g ON g.grid_id = t.grid_id AND g.withdrawn_at IS NULL AND upper_inf(g.period)
WHERE e.change_id = %(change_id)s AND e.relation = 'grid_versions' AND t.layer_id = %(layer_id)s

-- name: release_change
-- The change that made a release.
SELECT max(c.change_id) FROM releases AS r JOIN changed_rows AS c ON c.relation = 'releases' AND c.row_id = r.release_id
WHERE r.layer_id = %(layer_id)s AND r.number = %(number)s AND c.added

-- name: undone_release
-- The release before that which a release took back, where it did so by undoing what made it.
SELECT (SELECT max(b.number) FROM releases AS b
        WHERE b.layer_id = taken.layer_id AND b.number < taken.number AND b.withdrawn_at IS NULL) AS number
FROM releases AS r
     JOIN changed_rows AS made ON made.relation = 'releases' AND made.row_id = r.release_id AND made.added
     JOIN changes AS c ON c.change_id = made.change_id
     JOIN changed_rows AS before ON before.change_id = c.undoes AND before.relation = 'releases' AND before.added
     JOIN releases AS taken ON taken.release_id = before.row_id AND taken.layer_id = r.layer_id
WHERE r.layer_id = %(layer_id)s AND r.number = %(number)s

-- name: check_now
-- What cannot be is refused here, not when the caller commits.
SET CONSTRAINTS ALL IMMEDIATE

-- name: check_later
-- Constraints wait for the end of the transaction again.
SET CONSTRAINTS ALL DEFERRED

-- name: now
-- The database's clock: two steps in one transaction take effect one after the other.
SELECT to_micros(clock_timestamp())
