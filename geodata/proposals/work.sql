-- name: claim
-- A proposal that a job begins to prove, where that is still wanted.
UPDATE proposals SET state = 'proving', progress_at = now()
WHERE proposal_id = %(proposal_id)s AND state IN ('queued', 'proving') AND wanted IS NOT NULL
RETURNING question, sites, wanted

-- name: set_progress
-- How far a proof is; nothing where it is no longer wanted.
UPDATE proposals SET progress = %(progress)s, progress_at = now()
WHERE proposal_id = %(proposal_id)s AND state = 'proving'
RETURNING proposal_id

-- name: finish
-- What a proof found, also where it was cancelled; what it needed is dropped.
UPDATE proposals
SET state = CASE state WHEN 'proving' THEN 'done' ELSE state END, best = %(best)s, progress = NULL, progress_at = now(),
    sites = NULL, wanted = NULL
WHERE proposal_id = %(proposal_id)s AND best IS NULL AND state IN ('proving', 'cancelled')

-- name: fail
-- A proof that broke off.
UPDATE proposals
SET state = 'failed', problem = %(problem)s, progress = NULL, progress_at = now(), sites = NULL, wanted = NULL
WHERE proposal_id = %(proposal_id)s AND state IN ('queued', 'proving')

-- name: stranded
-- Proposals that are to be proven by a job that has ended or is gone.
SELECT proposal_id FROM proposals
WHERE state IN ('queued', 'proving')
  AND progress_at < now() - make_interval(secs => %(seconds)s)
  AND NOT EXISTS (SELECT FROM procrastinate_jobs AS j WHERE j.id = proposals.job_id AND j.status IN ('todo', 'doing'))
