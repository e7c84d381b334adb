-- name: add_printed
-- A board that was printed.
INSERT INTO printed_boards (layer, kind, code, name, size, lang, digest, parts, release, file, printed_by)
VALUES (%(layer)s, %(kind)s, %(code)s, %(name)s, %(size)s, %(lang)s, %(digest)s, %(parts)s, %(release)s, %(file)s,
        %(actor)s)

-- name: latest_printed
-- What was printed last of each board in each size and language.
SELECT DISTINCT ON (layer, kind, code, size, lang)
       printed_board_id, layer, kind, code, name, size, lang, digest, parts, release, file, printed_at, printed_by
FROM printed_boards
ORDER BY layer, kind, code, size, lang, printed_board_id DESC

-- name: add_run
-- A print run.
INSERT INTO board_runs (state, asked, total, created_by) VALUES (%(state)s, %(asked)s, %(total)s, %(actor)s)
RETURNING board_run_id

-- name: set_run_job
-- The job that prints it.
UPDATE board_runs SET job_id = %(job_id)s WHERE board_run_id = %(run_id)s

-- name: claim_run
-- A run that is to be printed, or that a worker died of.
UPDATE board_runs SET state = 'printing', progress_at = now()
WHERE board_run_id = %(run_id)s AND state IN ('queued', 'printing')
RETURNING asked, created_by

-- name: move_on
-- How far a run is; nothing where somebody stopped it.
UPDATE board_runs SET done = %(done)s, total = %(total)s, printed = %(printed)s, progress_at = now()
WHERE board_run_id = %(run_id)s AND state = 'printing'
RETURNING board_run_id

-- name: end_run
-- A run that has ended.
UPDATE board_runs SET state = %(state)s, problem = %(problem)s, progress_at = now()
WHERE board_run_id = %(run_id)s AND state IN ('queued', 'printing')
RETURNING board_run_id

-- name: runs
-- Print runs, the newest first.
SELECT board_run_id AS run_id, state, asked, done, total, printed, problem, created_at, created_by, progress_at, job_id
FROM board_runs
WHERE %(run_id)s::bigint IS NULL OR board_run_id = %(run_id)s
ORDER BY board_run_id DESC
LIMIT %(limit)s

-- name: hold_run
-- Show that a run without a job is being printed, as long as this session lives.
SELECT pg_advisory_lock(hashtext('gridmap board run'), %(run_id)s::integer)

-- name: stranded_runs
-- Runs whose job, or whose own session where they have no job, has ended or is gone without a word.
UPDATE board_runs AS r SET state = 'failed', problem = %(problem)s, progress_at = now()
WHERE r.state IN ('queued', 'printing')
  AND r.progress_at < now() - make_interval(secs => %(seconds)s)
  AND CASE WHEN r.job_id IS NULL
           THEN pg_try_advisory_xact_lock(hashtext('gridmap board run'), r.board_run_id::integer)
           ELSE NOT EXISTS (SELECT FROM procrastinate_jobs AS j
                            WHERE j.id = r.job_id AND j.status IN ('todo', 'doing')) END

-- name: lock_runs
-- Whoever else adds one waits until this transaction ends.
SELECT pg_advisory_xact_lock(hashtext('gridmap board runs'))

-- name: open_run
-- A run that has a job and has not ended.
SELECT board_run_id FROM board_runs WHERE state IN ('queued', 'printing') AND job_id IS NOT NULL LIMIT 1
