-- Drafts: what planners propose for a layer, operation by operation, and what became of the grids that it replaced.
CREATE TABLE drafts (
    draft_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    layer_id bigint NOT NULL REFERENCES layers,
    base_id bigint NOT NULL REFERENCES releases,
    -- When the areas are read that the operations begin from.
    areas_at timestamptz NOT NULL,
    name text NOT NULL CHECK (name <> ''),
    note text NOT NULL DEFAULT '',
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'published', 'discarded')),
    version integer NOT NULL DEFAULT 0 CHECK (version >= 0),
    -- Rises when the draft is taken to another base: its operations are then written anew.
    generation integer NOT NULL DEFAULT 0,
    -- The version that it had then: operations of this generation come after it.
    base_version integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_by text NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    changed_by text NOT NULL,
    published_id bigint REFERENCES releases,
    CHECK ((state = 'published') = (published_id IS NOT NULL))
);
CREATE INDEX drafts_of_layer ON drafts (layer_id, state);
CREATE TRIGGER keep BEFORE DELETE ON drafts EXECUTE FUNCTION refuse_delete();

-- What was done to a draft, in order: as it was asked for, what it changed (before and after), what was answered.
CREATE TABLE draft_operations (
    draft_id bigint NOT NULL REFERENCES drafts,
    -- The version of the draft after it.
    seq integer NOT NULL CHECK (seq > 0),
    generation integer NOT NULL,
    client_id text NOT NULL CHECK (client_id <> ''),
    kind text NOT NULL CHECK (kind <> ''),
    body jsonb NOT NULL CHECK (jsonb_typeof(body) = 'object'),
    delta jsonb NOT NULL CHECK (jsonb_typeof(delta) = 'object'),
    answer jsonb NOT NULL DEFAULT '{}',
    -- The operation that it takes back, or the undo that it takes back.
    undoes integer,
    -- Tells this writing from one of the same version that was rolled back.
    token uuid NOT NULL DEFAULT gen_random_uuid(),
    done_by text NOT NULL,
    done_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (draft_id, seq),
    UNIQUE (draft_id, generation, client_id),
    FOREIGN KEY (draft_id, undoes) REFERENCES draft_operations (draft_id, seq)
);
CREATE TRIGGER keep BEFORE UPDATE OR DELETE ON draft_operations EXECUTE FUNCTION refuse_delete();

-- Which grid of the release before became which grid, with the shares of its households and of its ground.
CREATE TABLE successions (
    release_id bigint NOT NULL REFERENCES releases,
    predecessor_id bigint NOT NULL REFERENCES grids (grid_id),
    successor_id bigint NOT NULL REFERENCES grids (grid_id),
    household_share double precision CHECK (household_share BETWEEN 0 AND 1),
    ground_share double precision NOT NULL CHECK (ground_share BETWEEN 0 AND 1),
    PRIMARY KEY (release_id, predecessor_id, successor_id)
);
CREATE INDEX successions_of ON successions (predecessor_id);
CREATE TRIGGER keep BEFORE UPDATE OR DELETE ON successions EXECUTE FUNCTION refuse_delete();
