-- What people on foot need: which streets they may use, what nobody crosses, and how fast they walk. Current only, as
-- streets are.
ALTER TABLE streets
    -- Empty: as the class says. ``steps`` are walked too; ``private`` and ``no`` are streets, but nobody's way.
    ADD COLUMN foot text NOT NULL DEFAULT '' CHECK (foot IN ('', 'yes', 'steps', 'no', 'private')),
    -- Vertices where nobody passes, as locked gates; ends that clipping made.
    ADD COLUMN closed geometry(MultiPoint, 4326) CHECK (NOT ST_IsEmpty(closed)),
    ADD COLUMN cut geometry(MultiPoint, 4326) CHECK (NOT ST_IsEmpty(cut));
CREATE TRIGGER history_of_walking BEFORE UPDATE OF foot, closed, cut ON streets EXECUTE FUNCTION refuse_rewrite();

-- What nobody crosses but on a street: lines, or areas that nobody walks in.
CREATE TABLE barriers (
    barrier_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code text NOT NULL CHECK (code <> ''),
    name text NOT NULL DEFAULT '',
    class text NOT NULL CHECK (class IN ('water', 'railway', 'wall', 'motorway')),
    geom geometry(Geometry, 4326) NOT NULL CHECK (
        NOT ST_IsEmpty(geom) AND (GeometryType(geom) = 'MULTILINESTRING'
                                  OR (GeometryType(geom) = 'MULTIPOLYGON' AND ST_IsValid(geom)))),
    recorded_at timestamptz NOT NULL DEFAULT now(),
    withdrawn_at timestamptz
);
CREATE UNIQUE INDEX one_barrier_per_code ON barriers (code) WHERE withdrawn_at IS NULL;
CREATE INDEX barriers_geom ON barriers USING gist (geom) WHERE withdrawn_at IS NULL;
CREATE TRIGGER keep BEFORE DELETE ON barriers EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER history BEFORE UPDATE OF code, name, class, geom ON barriers EXECUTE FUNCTION refuse_rewrite();
CREATE TRIGGER note_added AFTER INSERT ON barriers REFERENCING NEW TABLE AS rows_after
    FOR EACH STATEMENT EXECUTE FUNCTION note_added('barrier_id');
CREATE TRIGGER note_changed AFTER UPDATE ON barriers REFERENCING OLD TABLE AS rows_before NEW TABLE AS rows_after
    FOR EACH STATEMENT EXECUTE FUNCTION note_changed('barrier_id');

-- Who walks: times follow from the metres. The first by position is meant where nobody names one.
CREATE TABLE walking_profiles (
    code text PRIMARY KEY CHECK (code <> ''),
    name text NOT NULL CHECK (name <> ''),
    name_en text NOT NULL CHECK (name_en <> ''),
    kmh double precision NOT NULL CHECK (kmh > 0 AND kmh <= 20),
    -- How much longer steps take than as many metres on the flat; null where steps cannot be used.
    steps_factor double precision CHECK (steps_factor > 0 AND steps_factor <= 100),
    position integer NOT NULL DEFAULT 0
);
INSERT INTO walking_profiles (code, name, name_en, kmh, steps_factor, position) VALUES
    ('adult', '成年人', 'Adult', 5.0, 1.0, 1),
    ('older', '老年人', 'Older person', 3.6, 1.5, 2),
    ('wheelchair', '轮椅', 'Wheelchair', 3.6, NULL, 3);

-- Neither is in the snapshot: versions of their own, as streets have. Gates of compounds are told by the snapshot's.
INSERT INTO data_parts VALUES ('barriers', 0, '0'), ('walking_profiles', 0, '0');
CREATE TRIGGER raise_register AFTER INSERT OR UPDATE ON barriers EXECUTE FUNCTION raise_register_version();
CREATE TRIGGER raise_register AFTER INSERT OR UPDATE OR DELETE ON walking_profiles
    EXECUTE FUNCTION raise_register_version();
