-- Pictures that stand in the head of boards: of an area and all below it, or of everywhere. Raster, written anew by us.
CREATE TABLE logos (
    logo_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    area_id bigint REFERENCES areas,
    picture bytea NOT NULL CHECK (octet_length(picture) BETWEEN 1 AND 1000000),
    width integer NOT NULL CHECK (width > 0),
    height integer NOT NULL CHECK (height > 0),
    digest text NOT NULL CHECK (digest <> ''),
    added_at timestamptz NOT NULL DEFAULT now(),
    added_by text NOT NULL,
    withdrawn_at timestamptz
);
CREATE UNIQUE INDEX one_logo_per_area ON logos (coalesce(area_id, 0)) WHERE withdrawn_at IS NULL;
CREATE TRIGGER keep BEFORE DELETE ON logos EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER history BEFORE UPDATE OF area_id, picture, width, height, digest ON logos
    EXECUTE FUNCTION refuse_rewrite();
-- It is packed already.
ALTER TABLE logos ALTER COLUMN picture SET STORAGE EXTERNAL;

-- Boards that were printed: what they said, as digests by part, so that one sees which hang with something else on them.
CREATE TABLE printed_boards (
    printed_board_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    layer text NOT NULL CHECK (layer <> ''),
    kind text NOT NULL CHECK (kind IN ('grid', 'compound', 'community')),
    code text NOT NULL CHECK (code <> ''),
    name text NOT NULL,
    size text NOT NULL CHECK (size <> ''),
    lang text NOT NULL CHECK (lang <> ''),
    digest text NOT NULL CHECK (digest <> ''),
    parts jsonb NOT NULL CHECK (jsonb_typeof(parts) = 'object'),
    release integer,
    file text NOT NULL DEFAULT '',
    printed_at timestamptz NOT NULL DEFAULT now(),
    printed_by text NOT NULL
);
CREATE INDEX printed_boards_of ON printed_boards (layer, kind, code, size, lang, printed_board_id DESC);
CREATE TRIGGER keep BEFORE DELETE ON printed_boards EXECUTE FUNCTION refuse_delete();

-- Print runs over many boards: how far each is, and whether somebody stopped it.
CREATE TABLE board_runs (
    board_run_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    state text NOT NULL CHECK (state IN ('queued', 'printing', 'done', 'cancelled', 'failed')),
    asked jsonb NOT NULL CHECK (jsonb_typeof(asked) = 'object'),
    done integer NOT NULL DEFAULT 0,
    total integer,
    printed integer NOT NULL DEFAULT 0,
    problem jsonb,
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by text NOT NULL,
    progress_at timestamptz NOT NULL DEFAULT now(),
    job_id bigint
);
