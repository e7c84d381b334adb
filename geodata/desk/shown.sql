-- name: findings
-- Findings of a load from a place on.
SELECT place, content FROM load_findings
WHERE load_id = %(load_id)s AND place > %(after)s AND (%(severity)s::text IS NULL OR severity = %(severity)s)
ORDER BY place LIMIT %(limit)s

-- name: rows
-- Rows of the sheet of a load from one on.
SELECT row, cells FROM load_rows WHERE load_id = %(load_id)s AND row > %(after)s ORDER BY row LIMIT %(limit)s

-- name: plan
-- What a load would change, or changed, from a place on.
SELECT place, content FROM load_plan
WHERE load_id = %(load_id)s AND place > %(after)s AND (%(what)s::text IS NULL OR what = %(what)s)
ORDER BY place LIMIT %(limit)s

-- name: worker_alive
-- Whether a worker process gave a sign of life lately.
SELECT coalesce(max(last_heartbeat) > now() - make_interval(secs => %(seconds)s), false) FROM procrastinate_workers

-- name: job
-- A job on a load, by its number: what it is, where it stands, and how far the load is.
SELECT j.id AS job_id, split_part(j.task_name, ':', 2) AS task, j.status::text AS status, j.attempts, l.load_id,
       CASE WHEN l.job_id = j.id THEN l.progress END AS progress
FROM procrastinate_jobs AS j JOIN loads AS l ON l.load_id = (j.args ->> 'load_id')::bigint
WHERE j.id = %(job_id)s AND j.task_name LIKE 'desk:%%'

-- name: load_parts
-- The file, part by part.
SELECT content FROM load_parts WHERE load_id = %(load_id)s ORDER BY part
