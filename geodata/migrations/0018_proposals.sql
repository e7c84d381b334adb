-- Sites that were proposed for new stations: what was asked, the answer at once, and the best that was proven since.
-- Kept for a month, as loads are.
CREATE TABLE proposals (
    proposal_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    state text NOT NULL CHECK (state IN ('queued', 'proving', 'done', 'cancelled', 'failed')),
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by text NOT NULL,
    question jsonb NOT NULL,
    instant jsonb NOT NULL,
    best jsonb,
    problem jsonb,
    progress jsonb,
    progress_at timestamptz NOT NULL DEFAULT now(),
    job_id bigint,
    -- What a proof needs, until it has ended: every site, and what each would add.
    sites jsonb,
    wanted bytea
);
CREATE INDEX proposals_created ON proposals (created_at);
CREATE INDEX proposals_open ON proposals (progress_at) WHERE state IN ('queued', 'proving');
-- It is packed already.
ALTER TABLE proposals ALTER COLUMN wanted SET STORAGE EXTERNAL;
