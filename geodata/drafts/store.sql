-- name: add_draft
-- A draft of the last release of a layer, or of the one of a number.
INSERT INTO drafts (layer_id, base_id, areas_at, name, note, created_by, changed_by)
SELECT layer_id, release_id, greatest(effective_at, clock_timestamp()), %(name)s, %(note)s, %(actor)s, %(actor)s
FROM releases WHERE layer_id = %(layer_id)s AND number = %(number)s
RETURNING draft_id

-- name: drafts
-- Drafts with what they are called, the newest first.
SELECT d.draft_id, d.layer_id, l.code AS layer, l.tiling = 'full' AS full, d.base_id, b.number AS base,
       to_micros(b.effective_at) AS base_effective, b.withdrawn_at IS NOT NULL AS base_withdrawn,
       to_micros(d.areas_at) AS areas_at, d.name, d.note, d.state, d.version, d.generation, d.base_version,
       d.created_at, d.created_by, d.changed_at, d.changed_by, p.number AS published, to_micros(p.effective_at) AS published_effective,
       (SELECT max(n.number) FROM releases AS n WHERE n.layer_id = d.layer_id AND n.withdrawn_at IS NULL) AS newest
FROM drafts AS d
     JOIN layers AS l USING (layer_id)
     JOIN releases AS b ON b.release_id = d.base_id
     LEFT JOIN releases AS p ON p.release_id = d.published_id
WHERE (%(draft_id)s::bigint IS NULL OR d.draft_id = %(draft_id)s)
  AND (%(layer_id)s::bigint IS NULL OR d.layer_id = %(layer_id)s)
  AND (%(state)s::text IS NULL OR d.state = %(state)s)
  AND (%(before)s::bigint IS NULL OR d.draft_id < %(before)s)
ORDER BY d.draft_id DESC LIMIT %(limit)s

-- name: lock_draft
-- Who changes a draft does so one after the other.
SELECT draft_id FROM drafts WHERE draft_id = %(draft_id)s FOR NO KEY UPDATE

-- name: change_draft
-- What a draft is called, and a word on it.
UPDATE drafts
SET name = coalesce(%(name)s, name), note = coalesce(%(note)s, note), changed_at = clock_timestamp(),
    changed_by = %(actor)s
WHERE draft_id = %(draft_id)s

-- name: raise_version
-- The version of a draft after another operation.
UPDATE drafts SET version = %(version)s, changed_at = clock_timestamp(), changed_by = %(actor)s
WHERE draft_id = %(draft_id)s

-- name: close_draft
-- A draft that was published or discarded.
UPDATE drafts
SET state = %(state)s, published_id = %(release_id)s, changed_at = clock_timestamp(), changed_by = %(actor)s
WHERE draft_id = %(draft_id)s

-- name: rebase_draft
-- A draft begins anew from another release; its operations are written again after this.
UPDATE drafts AS d
SET base_id = r.release_id, areas_at = greatest(r.effective_at, clock_timestamp()), generation = d.generation + 1,
    base_version = d.version, changed_at = clock_timestamp(), changed_by = %(actor)s
FROM releases AS r
WHERE d.draft_id = %(draft_id)s AND r.layer_id = d.layer_id AND r.number = %(number)s

-- name: add_operation
-- One operation and what it changed.
INSERT INTO draft_operations (draft_id, seq, generation, client_id, kind, body, delta, answer, undoes, done_by)
VALUES (%(draft_id)s, %(seq)s, %(generation)s, %(client_id)s, %(kind)s, %(body)s, %(delta)s, %(answer)s, %(undoes)s,
        %(actor)s)
RETURNING token

-- name: operation_of_id
-- The operation that a client gave an id to; after a rebase the newest writing of it.
SELECT seq, client_id, kind, body, answer, undoes, done_by, done_at FROM draft_operations
WHERE draft_id = %(draft_id)s AND client_id = %(client_id)s
ORDER BY generation DESC LIMIT 1

-- name: operations
-- Operations of one generation after a version, without what they changed.
SELECT seq, client_id, kind, body, answer, undoes, done_by, done_at FROM draft_operations
WHERE draft_id = %(draft_id)s AND generation = %(generation)s AND seq > %(after)s
ORDER BY seq LIMIT %(limit)s

-- name: marks
-- Who did and took back what, in order.
SELECT seq, kind, undoes, done_by FROM draft_operations
WHERE draft_id = %(draft_id)s AND generation = %(generation)s ORDER BY seq

-- name: deltas
-- What the operations of one generation after a version changed, in order.
SELECT seq, token, delta FROM draft_operations
WHERE draft_id = %(draft_id)s AND generation = %(generation)s AND seq > %(after)s AND seq <= %(up_to)s
ORDER BY seq

-- name: tokens
-- Which writings of the versions of a draft hold.
SELECT seq, token FROM draft_operations WHERE draft_id = %(draft_id)s AND seq = ANY(%(seqs)s)
