-- Streets and addresses: current only, so what is no more is marked and has no period. Neither is in the snapshot.
CREATE TABLE streets (
    street_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code text NOT NULL CHECK (code <> ''),
    name text NOT NULL DEFAULT '',
    class text NOT NULL DEFAULT '',
    geom geometry(MultiLineString, 4326) NOT NULL CHECK (NOT ST_IsEmpty(geom)),
    recorded_at timestamptz NOT NULL DEFAULT now(),
    withdrawn_at timestamptz
);
CREATE UNIQUE INDEX one_street_per_code ON streets (code) WHERE withdrawn_at IS NULL;
CREATE INDEX streets_geom ON streets USING gist (geom) WHERE withdrawn_at IS NULL;
CREATE TRIGGER keep BEFORE DELETE ON streets EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER history BEFORE UPDATE OF code, name, class, geom ON streets EXECUTE FUNCTION refuse_rewrite();
CREATE TRIGGER note_added AFTER INSERT ON streets REFERENCING NEW TABLE AS rows_after
    FOR EACH STATEMENT EXECUTE FUNCTION note_added('street_id');
CREATE TRIGGER note_changed AFTER UPDATE ON streets REFERENCING OLD TABLE AS rows_before NEW TABLE AS rows_after
    FOR EACH STATEMENT EXECUTE FUNCTION note_changed('street_id');

-- One row per door or unit: the address as text, its parts where they are known, and how many live there.
CREATE TABLE addresses (
    address_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code text NOT NULL CHECK (code <> ''),
    text text NOT NULL CHECK (text <> ''),
    road text NOT NULL DEFAULT '',
    number text NOT NULL DEFAULT '',
    compound text NOT NULL DEFAULT '',
    building text NOT NULL DEFAULT '',
    unit text NOT NULL DEFAULT '',
    households integer CHECK (households >= 0),
    persons integer CHECK (persons >= 0),
    geom geometry(Point, 4326) NOT NULL CHECK (NOT ST_IsEmpty(geom)),
    recorded_at timestamptz NOT NULL DEFAULT now(),
    withdrawn_at timestamptz
);
CREATE UNIQUE INDEX one_address_per_code ON addresses (code) WHERE withdrawn_at IS NULL;
CREATE INDEX addresses_geom ON addresses USING gist (geom) WHERE withdrawn_at IS NULL;
CREATE TRIGGER keep BEFORE DELETE ON addresses EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER history BEFORE UPDATE OF code, text, road, number, compound, building, unit, households, persons, geom
    ON addresses EXECUTE FUNCTION refuse_rewrite();
CREATE TRIGGER note_added AFTER INSERT ON addresses REFERENCING NEW TABLE AS rows_after
    FOR EACH STATEMENT EXECUTE FUNCTION note_added('address_id');
CREATE TRIGGER note_changed AFTER UPDATE ON addresses REFERENCING OLD TABLE AS rows_before NEW TABLE AS rows_after
    FOR EACH STATEMENT EXECUTE FUNCTION note_changed('address_id');
