-- name: add_proposal
-- A proposal with its instant answer.
INSERT INTO proposals (state, created_by, question, instant, sites, wanted)
VALUES (%(state)s, %(actor)s, %(question)s, %(instant)s, %(sites)s, %(wanted)s) RETURNING proposal_id

-- name: lock_proposals
-- Whoever else adds one waits until this transaction ends; readers and jobs go on.
SELECT pg_advisory_xact_lock(hashtext('gridmap proposals'))

-- name: count_open
-- How many are being proven or wait for it.
SELECT count(*) FROM proposals WHERE state IN ('queued', 'proving')

-- name: forget_beyond
-- Proposals beyond the newest ones that nobody works on.
DELETE FROM proposals
WHERE state NOT IN ('queued', 'proving')
  AND proposal_id <= (SELECT proposal_id FROM proposals ORDER BY proposal_id DESC OFFSET %(most)s LIMIT 1)

-- name: one_proposal
-- One proposal.
SELECT proposal_id, state, created_at, created_by, question, instant, best, problem, progress, job_id
FROM proposals WHERE proposal_id = %(proposal_id)s

-- name: list_proposals
-- Proposals, the newest first.
SELECT proposal_id, state, created_at, created_by, question, instant, best, problem, progress, job_id
FROM proposals
WHERE (%(before)s::bigint IS NULL OR proposal_id < %(before)s)
ORDER BY proposal_id DESC
LIMIT %(limit)s

-- name: cancel_proposal
-- A proposal that is no longer to be proven.
UPDATE proposals
SET state = 'cancelled', progress = NULL, progress_at = now(),
    -- A proof that has begun still adds what it found.
    sites = CASE state WHEN 'proving' THEN sites END, wanted = CASE state WHEN 'proving' THEN wanted END
WHERE proposal_id = %(proposal_id)s AND state = ANY(%(states)s)
RETURNING proposal_id

-- name: set_job
-- The job that proves a proposal.
UPDATE proposals SET job_id = %(job_id)s WHERE proposal_id = %(proposal_id)s

-- name: job
-- A job on a proposal, by its number: what it is, where it stands, and how far it is.
SELECT j.id AS job_id, split_part(j.task_name, ':', 2) AS task, j.status::text AS status, j.attempts, p.proposal_id,
       CASE WHEN p.job_id = j.id THEN p.progress END AS progress
FROM procrastinate_jobs AS j JOIN proposals AS p ON p.proposal_id = (j.args ->> 'proposal_id')::bigint
WHERE j.id = %(job_id)s AND j.task_name LIKE 'siting:%%'

-- name: forget_old_proposals
-- Proposals that were asked for long ago.
DELETE FROM proposals WHERE created_at < now() - make_interval(days => %(days)s)
