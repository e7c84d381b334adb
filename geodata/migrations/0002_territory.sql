-- Areas, layers, releases and grids.
CREATE TABLE areas (
    area_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY
);

CREATE TABLE area_versions (
    area_version_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    area_id bigint NOT NULL REFERENCES areas,
    code text NOT NULL CHECK (code <> ''),
    name text NOT NULL CHECK (name <> ''),
    level text NOT NULL CHECK (level <> ''),
    parent_id bigint REFERENCES areas CHECK (parent_id <> area_id),
    geom geometry(MultiPolygon, 4326) CHECK (ST_IsValid(geom) AND NOT ST_IsEmpty(geom)),
    period tstzrange NOT NULL CHECK (NOT isempty(period) AND lower_inc(period) AND NOT upper_inc(period)),
    withdrawn_at timestamptz,
    CONSTRAINT one_area_version_at_a_time EXCLUDE USING gist (area_id WITH =, period WITH &&)
        WHERE (withdrawn_at IS NULL) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT one_area_per_code_at_a_time EXCLUDE USING gist (code WITH =, period WITH &&)
        WHERE (withdrawn_at IS NULL) DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX area_versions_geom ON area_versions USING gist (geom);

CREATE TABLE layers (
    layer_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code text NOT NULL UNIQUE CHECK (code ~ '^[a-z][a-z0-9_-]{0,39}$'),
    name text NOT NULL CHECK (name <> ''),
    name_en text NOT NULL DEFAULT '',
    tiling text NOT NULL CHECK (tiling IN ('full', 'partial')),
    nested_in bigint REFERENCES layers CHECK (nested_in <> layer_id),
    position integer NOT NULL DEFAULT 100,
    is_default boolean NOT NULL DEFAULT false
);
CREATE UNIQUE INDEX one_default_layer ON layers (is_default) WHERE is_default;
INSERT INTO layers (code, name, name_en, tiling, position, is_default)
VALUES ('general', '综合网格', 'General grids', 'full', 0, true);

CREATE TABLE releases (
    release_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    layer_id bigint NOT NULL REFERENCES layers,
    number integer NOT NULL CHECK (number > 0),
    base_number integer,
    effective_at timestamptz NOT NULL,
    published_at timestamptz NOT NULL DEFAULT now(),
    published_by text NOT NULL,
    note text NOT NULL DEFAULT '',
    withdrawn_at timestamptz,
    UNIQUE (layer_id, number)
);

CREATE TABLE grids (
    grid_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    layer_id bigint NOT NULL REFERENCES layers,
    UNIQUE (grid_id, layer_id)
);

CREATE TABLE grid_versions (
    grid_version_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    grid_id bigint NOT NULL,
    layer_id bigint NOT NULL,
    release_id bigint NOT NULL REFERENCES releases,
    code text NOT NULL CHECK (code <> ''),
    name text NOT NULL CHECK (name <> ''),
    kind text NOT NULL CHECK (kind IN ('urban', 'rural')),
    community_id bigint REFERENCES areas,
    households integer CHECK (households >= 0),
    persons integer CHECK (persons >= 0),
    geom geometry(MultiPolygon, 4326) NOT NULL CHECK (ST_IsValid(geom) AND NOT ST_IsEmpty(geom)),
    period tstzrange NOT NULL CHECK (NOT isempty(period) AND lower_inc(period) AND NOT upper_inc(period)),
    withdrawn_at timestamptz,
    FOREIGN KEY (grid_id, layer_id) REFERENCES grids (grid_id, layer_id),
    CONSTRAINT one_grid_version_at_a_time EXCLUDE USING gist (grid_id WITH =, period WITH &&)
        WHERE (withdrawn_at IS NULL) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT one_grid_per_code_at_a_time EXCLUDE USING gist (layer_id WITH =, code WITH =, period WITH &&)
        WHERE (withdrawn_at IS NULL) DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX grid_versions_geom ON grid_versions USING gist (geom);
CREATE INDEX grid_versions_release ON grid_versions (release_id);

CREATE TRIGGER raise_version AFTER INSERT OR UPDATE ON area_versions EXECUTE FUNCTION raise_data_version();
CREATE TRIGGER raise_version AFTER INSERT OR UPDATE OR DELETE ON layers EXECUTE FUNCTION raise_data_version();
CREATE TRIGGER raise_version AFTER INSERT OR UPDATE ON releases EXECUTE FUNCTION raise_data_version();
CREATE TRIGGER raise_version AFTER INSERT OR UPDATE ON grid_versions EXECUTE FUNCTION raise_data_version();
CREATE TRIGGER keep BEFORE DELETE ON area_versions EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER keep BEFORE DELETE ON releases EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER keep BEFORE DELETE ON grid_versions EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER history BEFORE UPDATE OF area_id, code, name, level, parent_id, geom
    ON area_versions EXECUTE FUNCTION refuse_rewrite();
CREATE TRIGGER began BEFORE UPDATE OF period ON area_versions FOR EACH ROW
    WHEN (lower(OLD.period) IS DISTINCT FROM lower(NEW.period)) EXECUTE FUNCTION refuse_rewrite();
CREATE TRIGGER history BEFORE UPDATE OF grid_id, layer_id, release_id, code, name, kind, community_id, households, persons, geom
    ON grid_versions EXECUTE FUNCTION refuse_rewrite();
CREATE TRIGGER began BEFORE UPDATE OF period ON grid_versions FOR EACH ROW
    WHEN (lower(OLD.period) IS DISTINCT FROM lower(NEW.period)) EXECUTE FUNCTION refuse_rewrite();
