-- Files that clerks bring: kept with what was understood of them until they are committed, discarded or forgotten.
CREATE TABLE loads (
    load_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    state text NOT NULL DEFAULT 'queued' CHECK (state IN (
        'queued', 'checking', 'checked', 'committing', 'committed', 'undoing', 'undone', 'failed', 'cancelled')),
    -- Rises with every change that is of interest to who looks at the load; a job holds for one of them.
    version bigint NOT NULL DEFAULT 1,
    file text NOT NULL CHECK (file <> ''),
    bytes bigint NOT NULL CHECK (bytes > 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by text NOT NULL,
    kind text,
    options jsonb NOT NULL DEFAULT '{}',
    understanding jsonb NOT NULL DEFAULT '{}',
    report jsonb NOT NULL DEFAULT '{}',
    problem jsonb,
    progress jsonb,
    progress_at timestamptz NOT NULL DEFAULT now(),
    job_id bigint,
    change_id bigint REFERENCES changes
);
CREATE INDEX loads_created ON loads (created_at);

-- The file in parts, so that neither side holds all of it in memory.
CREATE TABLE load_parts (
    load_id bigint NOT NULL REFERENCES loads ON DELETE CASCADE,
    part integer NOT NULL,
    content bytea NOT NULL,
    PRIMARY KEY (load_id, part)
);
-- What clerks send is packed already.
ALTER TABLE load_parts ALTER COLUMN content SET STORAGE EXTERNAL;

CREATE TABLE load_findings (
    load_id bigint NOT NULL REFERENCES loads ON DELETE CASCADE,
    place integer NOT NULL,
    severity text NOT NULL,
    content jsonb NOT NULL,
    PRIMARY KEY (load_id, place)
);

CREATE TABLE load_rows (
    load_id bigint NOT NULL REFERENCES loads ON DELETE CASCADE,
    row bigint NOT NULL,
    cells jsonb NOT NULL,
    PRIMARY KEY (load_id, row)
);

CREATE TABLE load_plan (
    load_id bigint NOT NULL REFERENCES loads ON DELETE CASCADE,
    place integer NOT NULL,
    what text NOT NULL,
    content jsonb NOT NULL,
    PRIMARY KEY (load_id, place)
);
