-- Service stations, and the duties that tie holders to areas, grids and stations.
CREATE TABLE stations (
    station_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code text NOT NULL UNIQUE CHECK (code <> '')
);

CREATE TABLE station_versions (
    station_version_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    station_id bigint NOT NULL REFERENCES stations,
    name text NOT NULL CHECK (name <> ''),
    category text NOT NULL DEFAULT '',
    level text NOT NULL DEFAULT '',
    parent_id bigint REFERENCES stations CHECK (parent_id <> station_id),
    address text NOT NULL DEFAULT '',
    geom geometry(Point, 4326) NOT NULL CHECK (NOT ST_IsEmpty(geom)),
    phone text NOT NULL DEFAULT '',
    hours text NOT NULL DEFAULT '',
    services text[] NOT NULL DEFAULT '{}',
    period tstzrange NOT NULL CHECK (NOT isempty(period) AND lower_inc(period) AND NOT upper_inc(period)),
    withdrawn_at timestamptz,
    CONSTRAINT one_station_version_at_a_time EXCLUDE USING gist (station_id WITH =, period WITH &&)
        WHERE (withdrawn_at IS NULL) DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX station_versions_geom ON station_versions USING gist (geom);

CREATE TABLE duties (
    duty_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    holder_id bigint NOT NULL REFERENCES holders,
    role_id bigint NOT NULL REFERENCES roles,
    area_id bigint REFERENCES areas,
    grid_id bigint REFERENCES grids,
    station_id bigint REFERENCES stations,
    assignment text NOT NULL DEFAULT 'primary' CHECK (assignment IN ('primary', 'stand_in')),
    period tstzrange NOT NULL CHECK (NOT isempty(period) AND lower_inc(period) AND NOT upper_inc(period)),
    withdrawn_at timestamptz,
    CONSTRAINT one_target CHECK (num_nonnulls(area_id, grid_id, station_id) = 1),
    CONSTRAINT one_duty_at_a_time EXCLUDE USING gist (
        holder_id WITH =, role_id WITH =, assignment WITH =, coalesce(area_id, 0) WITH =, coalesce(grid_id, 0) WITH =,
        coalesce(station_id, 0) WITH =, period WITH &&) WHERE (withdrawn_at IS NULL) DEFERRABLE INITIALLY DEFERRED
);

CREATE TRIGGER raise_version AFTER INSERT OR UPDATE ON station_versions EXECUTE FUNCTION raise_data_version();
CREATE TRIGGER raise_version AFTER INSERT OR UPDATE ON duties EXECUTE FUNCTION raise_data_version();
CREATE TRIGGER keep BEFORE DELETE ON station_versions EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER keep BEFORE DELETE ON duties EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER history BEFORE UPDATE OF station_id, name, category, level, parent_id, address, geom, phone, hours, services
    ON station_versions EXECUTE FUNCTION refuse_rewrite();
CREATE TRIGGER began BEFORE UPDATE OF period ON station_versions FOR EACH ROW
    WHEN (lower(OLD.period) IS DISTINCT FROM lower(NEW.period)) EXECUTE FUNCTION refuse_rewrite();
CREATE TRIGGER history BEFORE UPDATE OF holder_id, role_id, area_id, grid_id, station_id, assignment
    ON duties EXECUTE FUNCTION refuse_rewrite();
CREATE TRIGGER began BEFORE UPDATE OF period ON duties FOR EACH ROW
    WHEN (lower(OLD.period) IS DISTINCT FROM lower(NEW.period)) EXECUTE FUNCTION refuse_rewrite();
