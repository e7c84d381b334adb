-- name: add_load
-- A file that somebody brought.
INSERT INTO loads (file, bytes, kind, options, created_by)
VALUES (%(file)s, %(bytes)s, %(kind)s, %(options)s, %(actor)s) RETURNING load_id

-- name: bytes_kept
-- How much all files take that are kept.
SELECT coalesce(sum(bytes), 0)::bigint FROM loads

-- name: add_part
-- A part of the file.
INSERT INTO load_parts (load_id, part, content) VALUES (%(load_id)s, %(part)s, %(content)s)

-- name: one_load
-- One load, and whether its change was undone.
SELECT l.load_id, l.state, l.version, l.file, l.bytes, l.created_at, l.created_by, l.kind, l.options, l.understanding,
       l.report, l.problem, l.progress, l.job_id, l.change_id, u.change_id AS undone_by
FROM loads AS l LEFT JOIN changes AS u ON u.undoes = l.change_id
WHERE l.load_id = %(load_id)s

-- name: list_loads
-- Loads, the newest first.
SELECT l.load_id, l.state, l.version, l.file, l.bytes, l.created_at, l.created_by, l.kind, l.options, l.understanding,
       l.report, l.problem, l.progress, l.job_id, l.change_id, u.change_id AS undone_by
FROM loads AS l LEFT JOIN changes AS u ON u.undoes = l.change_id
WHERE (%(before)s::bigint IS NULL OR l.load_id < %(before)s)
ORDER BY l.load_id DESC
LIMIT %(limit)s

-- name: move_load
-- A load in another state, where it is still at the version that was looked at, and in a state that allows it.
UPDATE loads
SET state = %(state)s, version = version + 1, problem = NULL, progress = NULL, progress_at = now(),
    kind = CASE WHEN %(amended)s THEN %(kind)s ELSE kind END,
    options = CASE WHEN %(amended)s THEN %(options)s ELSE options END
WHERE load_id = %(load_id)s AND version = %(version)s AND state = ANY(%(states)s)
RETURNING version

-- name: set_job
-- The job that works on a load.
UPDATE loads SET job_id = %(job_id)s WHERE load_id = %(load_id)s

-- name: discard_load
-- A load that nobody wants any more, with everything that is known of it.
DELETE FROM loads WHERE load_id = %(load_id)s AND version = %(version)s AND state = ANY(%(states)s)
RETURNING load_id

-- name: forget_old_loads
-- Loads that were brought long ago and are not being worked on, with everything that is known of them.
DELETE FROM loads
WHERE created_at < now() - make_interval(days => %(days)s) AND state NOT IN ('committing', 'undoing')
