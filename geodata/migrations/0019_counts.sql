-- How many of some people live at a place: elderly, children … whatever a city counts. Current only, as addresses are.
CREATE TABLE place_counts (
    place_count_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code text NOT NULL CHECK (code <> ''),
    -- Codes of what it is about: a building or an entry of the register; empty for neither.
    building text NOT NULL DEFAULT '',
    address text NOT NULL DEFAULT '',
    -- Number by name.
    counts jsonb NOT NULL CHECK (jsonb_typeof(counts) = 'object'),
    recorded_at timestamptz NOT NULL DEFAULT now(),
    withdrawn_at timestamptz,
    CHECK ((building = '') <> (address = ''))
);
CREATE UNIQUE INDEX one_place_count_per_code ON place_counts (code) WHERE withdrawn_at IS NULL;
CREATE TRIGGER keep BEFORE DELETE ON place_counts EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER history BEFORE UPDATE OF code, building, address, counts ON place_counts
    EXECUTE FUNCTION refuse_rewrite();
CREATE TRIGGER note_added AFTER INSERT ON place_counts REFERENCING NEW TABLE AS rows_after
    FOR EACH STATEMENT EXECUTE FUNCTION note_added('place_count_id');
CREATE TRIGGER note_changed AFTER UPDATE ON place_counts REFERENCING OLD TABLE AS rows_before NEW TABLE AS rows_after
    FOR EACH STATEMENT EXECUTE FUNCTION note_changed('place_count_id');
INSERT INTO data_parts VALUES ('place_counts', 0, '0');
CREATE TRIGGER raise_register AFTER INSERT OR UPDATE ON place_counts EXECUTE FUNCTION raise_register_version();
