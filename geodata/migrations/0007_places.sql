-- Compounds with gates, buildings with units, named places: what people are assigned to below a grid.
CREATE TABLE compounds (
    compound_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code text NOT NULL UNIQUE CHECK (code <> '')
);

CREATE TABLE compound_versions (
    compound_version_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    compound_id bigint NOT NULL REFERENCES compounds,
    name text NOT NULL CHECK (name <> ''),
    aliases text[] NOT NULL DEFAULT '{}',
    geom geometry(MultiPolygon, 4326) CHECK (ST_IsValid(geom) AND NOT ST_IsEmpty(geom)),
    period tstzrange NOT NULL CHECK (NOT isempty(period) AND lower_inc(period) AND NOT upper_inc(period)),
    withdrawn_at timestamptz,
    CONSTRAINT one_compound_version_at_a_time EXCLUDE USING gist (compound_id WITH =, period WITH &&)
        WHERE (withdrawn_at IS NULL) DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX compound_versions_geom ON compound_versions USING gist (geom);

CREATE TABLE gates (
    gate_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code text NOT NULL UNIQUE CHECK (code <> '')
);

CREATE TABLE gate_versions (
    gate_version_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    gate_id bigint NOT NULL REFERENCES gates,
    compound_id bigint NOT NULL REFERENCES compounds,
    geom geometry(Point, 4326) NOT NULL CHECK (NOT ST_IsEmpty(geom)),
    period tstzrange NOT NULL CHECK (NOT isempty(period) AND lower_inc(period) AND NOT upper_inc(period)),
    withdrawn_at timestamptz,
    CONSTRAINT one_gate_version_at_a_time EXCLUDE USING gist (gate_id WITH =, period WITH &&)
        WHERE (withdrawn_at IS NULL) DEFERRABLE INITIALLY DEFERRED
);

-- A unit is one of the labels of its building.
CREATE TABLE buildings (
    building_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code text NOT NULL UNIQUE CHECK (code <> '')
);

CREATE TABLE building_versions (
    building_version_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    building_id bigint NOT NULL REFERENCES buildings,
    name text NOT NULL CHECK (name <> ''),
    compound_id bigint REFERENCES compounds,
    units text[] NOT NULL DEFAULT '{}',
    households integer CHECK (households >= 0),
    point geometry(Point, 4326) NOT NULL CHECK (NOT ST_IsEmpty(point)),
    outline geometry(MultiPolygon, 4326) CHECK (ST_IsValid(outline) AND NOT ST_IsEmpty(outline)),
    period tstzrange NOT NULL CHECK (NOT isempty(period) AND lower_inc(period) AND NOT upper_inc(period)),
    withdrawn_at timestamptz,
    CONSTRAINT one_building_version_at_a_time EXCLUDE USING gist (building_id WITH =, period WITH &&)
        WHERE (withdrawn_at IS NULL) DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX building_versions_point ON building_versions USING gist (point);
CREATE INDEX building_versions_compound ON building_versions (compound_id);

CREATE TABLE places (
    place_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code text NOT NULL UNIQUE CHECK (code <> '')
);

CREATE TABLE place_versions (
    place_version_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    place_id bigint NOT NULL REFERENCES places,
    name text NOT NULL CHECK (name <> ''),
    aliases text[] NOT NULL DEFAULT '{}',
    category text NOT NULL DEFAULT '',
    geom geometry(Point, 4326) NOT NULL CHECK (NOT ST_IsEmpty(geom)),
    period tstzrange NOT NULL CHECK (NOT isempty(period) AND lower_inc(period) AND NOT upper_inc(period)),
    withdrawn_at timestamptz,
    CONSTRAINT one_place_version_at_a_time EXCLUDE USING gist (place_id WITH =, period WITH &&)
        WHERE (withdrawn_at IS NULL) DEFERRABLE INITIALLY DEFERRED
);

CREATE TRIGGER raise_version AFTER INSERT OR UPDATE ON compound_versions EXECUTE FUNCTION raise_data_version();
CREATE TRIGGER keep BEFORE DELETE ON compound_versions EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER history BEFORE UPDATE OF compound_id, name, aliases, geom
    ON compound_versions EXECUTE FUNCTION refuse_rewrite();
CREATE TRIGGER began BEFORE UPDATE OF period ON compound_versions FOR EACH ROW
    WHEN (lower(OLD.period) IS DISTINCT FROM lower(NEW.period)) EXECUTE FUNCTION refuse_rewrite();
CREATE TRIGGER raise_version AFTER INSERT OR UPDATE ON gate_versions EXECUTE FUNCTION raise_data_version();
CREATE TRIGGER keep BEFORE DELETE ON gate_versions EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER history BEFORE UPDATE OF gate_id, compound_id, geom
    ON gate_versions EXECUTE FUNCTION refuse_rewrite();
CREATE TRIGGER began BEFORE UPDATE OF period ON gate_versions FOR EACH ROW
    WHEN (lower(OLD.period) IS DISTINCT FROM lower(NEW.period)) EXECUTE FUNCTION refuse_rewrite();
CREATE TRIGGER raise_version AFTER INSERT OR UPDATE ON building_versions EXECUTE FUNCTION raise_data_version();
CREATE TRIGGER keep BEFORE DELETE ON building_versions EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER history BEFORE UPDATE OF building_id, name, compound_id, units, households, point, outline
    ON building_versions EXECUTE FUNCTION refuse_rewrite();
CREATE TRIGGER began BEFORE UPDATE OF period ON building_versions FOR EACH ROW
    WHEN (lower(OLD.period) IS DISTINCT FROM lower(NEW.period)) EXECUTE FUNCTION refuse_rewrite();
CREATE TRIGGER raise_version AFTER INSERT OR UPDATE ON place_versions EXECUTE FUNCTION raise_data_version();
CREATE TRIGGER keep BEFORE DELETE ON place_versions EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER history BEFORE UPDATE OF place_id, name, aliases, category, geom
    ON place_versions EXECUTE FUNCTION refuse_rewrite();
CREATE TRIGGER began BEFORE UPDATE OF period ON place_versions FOR EACH ROW
    WHEN (lower(OLD.period) IS DISTINCT FROM lower(NEW.period)) EXECUTE FUNCTION refuse_rewrite();
