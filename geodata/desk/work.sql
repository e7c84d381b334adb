-- name: end_with_client
-- From now on this session looks whether its client is still there, also while it waits; PostgreSQL 14 and later can.
SELECT set_config('client_connection_check_interval', '5s', false)
WHERE current_setting('server_version_num')::integer >= 140000

-- name: stranded
-- Loads that are to be worked on by a job that has ended or is gone.
SELECT load_id, state, version FROM loads
WHERE state IN ('queued', 'checking', 'committing', 'undoing')
  AND progress_at < now() - make_interval(secs => %(seconds)s)
  AND NOT EXISTS (SELECT FROM procrastinate_jobs AS j WHERE j.id = loads.job_id AND j.status IN ('todo', 'doing'))

-- name: claim
-- A load that a job begins to work on, where it is still the one that was asked for.
UPDATE loads SET state = %(state)s, progress = %(progress)s, progress_at = now()
WHERE load_id = %(load_id)s AND version = %(version)s AND state = ANY(%(states)s)
RETURNING load_id

-- name: set_progress
-- How far a job is; nothing where it is no longer wanted.
UPDATE loads SET progress = %(progress)s, progress_at = now()
WHERE load_id = %(load_id)s AND version = %(version)s
RETURNING load_id

-- name: finish
-- What came of a job, where it is still wanted.
UPDATE loads
SET state = %(state)s, version = version + 1, problem = %(problem)s, progress = NULL, progress_at = now(),
    kind = coalesce(%(kind)s, kind), understanding = coalesce(%(understanding)s, understanding),
    report = coalesce(%(report)s, report), change_id = coalesce(%(change_id)s, change_id)
WHERE load_id = %(load_id)s AND version = %(version)s
RETURNING version
