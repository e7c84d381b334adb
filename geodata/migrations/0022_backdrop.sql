-- What maps show below the grids and nobody answers for: green spaces, buildings without name or number. Current only.
CREATE TABLE backdrop (
    backdrop_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code text NOT NULL CHECK (code <> ''),
    name text NOT NULL DEFAULT '',
    cover text NOT NULL CHECK (cover IN ('green', 'building')),
    geom geometry(MultiPolygon, 4326) NOT NULL CHECK (ST_IsValid(geom) AND NOT ST_IsEmpty(geom)),
    recorded_at timestamptz NOT NULL DEFAULT now(),
    withdrawn_at timestamptz
);
CREATE UNIQUE INDEX one_backdrop_per_code ON backdrop (code) WHERE withdrawn_at IS NULL;
CREATE INDEX backdrop_geom ON backdrop USING gist (geom) WHERE withdrawn_at IS NULL;
CREATE TRIGGER keep BEFORE DELETE ON backdrop EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER history BEFORE UPDATE OF code, name, cover, geom ON backdrop EXECUTE FUNCTION refuse_rewrite();
CREATE TRIGGER note_added AFTER INSERT ON backdrop REFERENCING NEW TABLE AS rows_after
    FOR EACH STATEMENT EXECUTE FUNCTION note_added('backdrop_id');
CREATE TRIGGER note_changed AFTER UPDATE ON backdrop REFERENCING OLD TABLE AS rows_before NEW TABLE AS rows_after
    FOR EACH STATEMENT EXECUTE FUNCTION note_changed('backdrop_id');
INSERT INTO data_parts VALUES ('backdrop', 0, '0');
CREATE TRIGGER raise_register AFTER INSERT OR UPDATE ON backdrop EXECUTE FUNCTION raise_register_version();
