-- Duties on any target, with weekly hours; calendar, leave, matters, norms, texts of boards, stops of mobile stations.
ALTER TABLE duties
    ADD COLUMN compound_id bigint REFERENCES compounds,
    ADD COLUMN building_id bigint REFERENCES buildings,
    ADD COLUMN unit text CHECK (unit <> ''),
    ADD COLUMN place_id bigint REFERENCES places,
    ADD COLUMN hours text NOT NULL DEFAULT '',
    DROP CONSTRAINT one_target,
    DROP CONSTRAINT one_duty_at_a_time,
    ADD CONSTRAINT one_target
        CHECK (num_nonnulls(area_id, grid_id, compound_id, building_id, place_id, station_id) = 1),
    ADD CONSTRAINT unit_of_a_building CHECK (unit IS NULL OR building_id IS NOT NULL),
    ADD CONSTRAINT one_duty_at_a_time EXCLUDE USING gist (
        holder_id WITH =, role_id WITH =, assignment WITH =, coalesce(area_id, 0) WITH =, coalesce(grid_id, 0) WITH =,
        coalesce(compound_id, 0) WITH =, coalesce(building_id, 0) WITH =, coalesce(unit, '') WITH =,
        coalesce(place_id, 0) WITH =, coalesce(station_id, 0) WITH =, period WITH &&)
        WHERE (withdrawn_at IS NULL) DEFERRABLE INITIALLY DEFERRED;
DROP TRIGGER history ON duties;
CREATE TRIGGER history BEFORE UPDATE OF holder_id, role_id, area_id, grid_id, compound_id, building_id, unit, place_id,
    station_id, assignment, hours ON duties EXECUTE FUNCTION refuse_rewrite();

-- Days on which weekly hours mean something else: a holiday (PH), or a weekend day that is worked.
CREATE TABLE calendar_days (
    calendar_day_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    day date NOT NULL,
    kind text NOT NULL CHECK (kind IN ('holiday', 'workday')),
    name text NOT NULL DEFAULT '',
    recorded_at timestamptz NOT NULL DEFAULT now(),
    withdrawn_at timestamptz
);
CREATE UNIQUE INDEX one_meaning_per_day ON calendar_days (day) WHERE withdrawn_at IS NULL;
CREATE TRIGGER raise_version AFTER INSERT OR UPDATE ON calendar_days EXECUTE FUNCTION raise_data_version();
CREATE TRIGGER keep BEFORE DELETE ON calendar_days EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER history BEFORE UPDATE OF day, kind, name ON calendar_days EXECUTE FUNCTION refuse_rewrite();

-- Who is away, and who stands in for all of that person's duties meanwhile.
CREATE TABLE leaves (
    leave_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    holder_id bigint NOT NULL,
    kind text NOT NULL DEFAULT 'worker' CHECK (kind = 'worker'),
    stand_in_id bigint REFERENCES holders CHECK (stand_in_id <> holder_id),
    reason text NOT NULL DEFAULT '',
    period tstzrange NOT NULL CHECK (NOT isempty(period) AND lower_inc(period) AND NOT upper_inc(period)),
    withdrawn_at timestamptz,
    FOREIGN KEY (holder_id, kind) REFERENCES holders (holder_id, kind),
    CONSTRAINT one_leave_at_a_time EXCLUDE USING gist (holder_id WITH =, period WITH &&)
        WHERE (withdrawn_at IS NULL) DEFERRABLE INITIALLY DEFERRED
);
CREATE TRIGGER raise_version AFTER INSERT OR UPDATE ON leaves EXECUTE FUNCTION raise_data_version();
CREATE TRIGGER keep BEFORE DELETE ON leaves EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER history BEFORE UPDATE OF holder_id, kind, stand_in_id, reason
    ON leaves EXECUTE FUNCTION refuse_rewrite();
CREATE TRIGGER began BEFORE UPDATE OF period ON leaves FOR EACH ROW
    WHEN (lower(OLD.period) IS DISTINCT FROM lower(NEW.period)) EXECUTE FUNCTION refuse_rewrite();

-- Kinds of work: who answers for them and how soon.
CREATE TABLE matters (
    matter_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code text NOT NULL UNIQUE CHECK (code <> '')
);

CREATE TABLE matter_versions (
    matter_version_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    matter_id bigint NOT NULL REFERENCES matters,
    name text NOT NULL CHECK (name <> ''),
    name_en text NOT NULL DEFAULT '',
    description text NOT NULL DEFAULT '',
    role_id bigint REFERENCES roles,
    organisation_id bigint REFERENCES holders (holder_id),
    phone text NOT NULL DEFAULT '',
    promised_minutes integer CHECK (promised_minutes > 0),
    position integer NOT NULL DEFAULT 100,
    period tstzrange NOT NULL CHECK (NOT isempty(period) AND lower_inc(period) AND NOT upper_inc(period)),
    withdrawn_at timestamptz,
    CONSTRAINT one_matter_version_at_a_time EXCLUDE USING gist (matter_id WITH =, period WITH &&)
        WHERE (withdrawn_at IS NULL) DEFERRABLE INITIALLY DEFERRED
);
CREATE TRIGGER raise_version AFTER INSERT OR UPDATE ON matter_versions EXECUTE FUNCTION raise_data_version();
CREATE TRIGGER keep BEFORE DELETE ON matter_versions EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER history BEFORE UPDATE OF matter_id, name, name_en, description, role_id, organisation_id, phone,
    promised_minutes, position
    ON matter_versions EXECUTE FUNCTION refuse_rewrite();
CREATE TRIGGER began BEFORE UPDATE OF period ON matter_versions FOR EACH ROW
    WHEN (lower(OLD.period) IS DISTINCT FROM lower(NEW.period)) EXECUTE FUNCTION refuse_rewrite();

-- How many people of a role each grid is to have, or each area of a level; and how many of them one person may hold.
CREATE TABLE norms (
    norm_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code text NOT NULL UNIQUE CHECK (code <> '')
);

CREATE TABLE norm_versions (
    norm_version_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    norm_id bigint NOT NULL REFERENCES norms,
    role_id bigint NOT NULL REFERENCES roles,
    per text NOT NULL DEFAULT 'grid' CHECK (per <> ''),
    layer_id bigint REFERENCES layers,
    grid_kind text CHECK (grid_kind IN ('urban', 'rural')),
    area_id bigint REFERENCES areas,
    least integer CHECK (least >= 0),
    most integer CHECK (most >= least),
    most_per_person integer CHECK (most_per_person > 0),
    period tstzrange NOT NULL CHECK (NOT isempty(period) AND lower_inc(period) AND NOT upper_inc(period)),
    withdrawn_at timestamptz,
    CONSTRAINT one_norm_version_at_a_time EXCLUDE USING gist (norm_id WITH =, period WITH &&)
        WHERE (withdrawn_at IS NULL) DEFERRABLE INITIALLY DEFERRED
);
CREATE TRIGGER raise_version AFTER INSERT OR UPDATE ON norm_versions EXECUTE FUNCTION raise_data_version();
CREATE TRIGGER keep BEFORE DELETE ON norm_versions EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER history BEFORE UPDATE OF norm_id, role_id, per, layer_id, grid_kind, area_id, least, most,
    most_per_person
    ON norm_versions EXECUTE FUNCTION refuse_rewrite();
CREATE TRIGGER began BEFORE UPDATE OF period ON norm_versions FOR EACH ROW
    WHEN (lower(OLD.period) IS DISTINCT FROM lower(NEW.period)) EXECUTE FUNCTION refuse_rewrite();

-- What boards and cards say besides people: hotlines, notices, introductions. Everywhere where no target is named.
CREATE TABLE texts (
    text_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code text NOT NULL UNIQUE CHECK (code <> '')
);

CREATE TABLE text_versions (
    text_version_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    text_id bigint NOT NULL REFERENCES texts,
    slot text NOT NULL CHECK (slot IN ('hotline', 'notice', 'intro', 'footer')),
    area_id bigint REFERENCES areas,
    grid_id bigint REFERENCES grids,
    title text NOT NULL DEFAULT '',
    title_en text NOT NULL DEFAULT '',
    body text NOT NULL DEFAULT '',
    body_en text NOT NULL DEFAULT '',
    phone text NOT NULL DEFAULT '',
    position integer NOT NULL DEFAULT 100,
    CONSTRAINT at_most_one_target CHECK (num_nonnulls(area_id, grid_id) <= 1),
    period tstzrange NOT NULL CHECK (NOT isempty(period) AND lower_inc(period) AND NOT upper_inc(period)),
    withdrawn_at timestamptz,
    CONSTRAINT one_text_version_at_a_time EXCLUDE USING gist (text_id WITH =, period WITH &&)
        WHERE (withdrawn_at IS NULL) DEFERRABLE INITIALLY DEFERRED
);
CREATE TRIGGER raise_version AFTER INSERT OR UPDATE ON text_versions EXECUTE FUNCTION raise_data_version();
CREATE TRIGGER keep BEFORE DELETE ON text_versions EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER history BEFORE UPDATE OF text_id, slot, area_id, grid_id, title, title_en, body, body_en, phone, position
    ON text_versions EXECUTE FUNCTION refuse_rewrite();
CREATE TRIGGER began BEFORE UPDATE OF period ON text_versions FOR EACH ROW
    WHEN (lower(OLD.period) IS DISTINCT FROM lower(NEW.period)) EXECUTE FUNCTION refuse_rewrite();

-- Where a mobile station stands at which hours.
CREATE TABLE stops (
    stop_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code text NOT NULL UNIQUE CHECK (code <> '')
);

CREATE TABLE stop_versions (
    stop_version_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    stop_id bigint NOT NULL REFERENCES stops,
    station_id bigint NOT NULL REFERENCES stations,
    address text NOT NULL DEFAULT '',
    geom geometry(Point, 4326) NOT NULL CHECK (NOT ST_IsEmpty(geom)),
    hours text NOT NULL DEFAULT '',
    period tstzrange NOT NULL CHECK (NOT isempty(period) AND lower_inc(period) AND NOT upper_inc(period)),
    withdrawn_at timestamptz,
    CONSTRAINT one_stop_version_at_a_time EXCLUDE USING gist (stop_id WITH =, period WITH &&)
        WHERE (withdrawn_at IS NULL) DEFERRABLE INITIALLY DEFERRED
);
CREATE TRIGGER raise_version AFTER INSERT OR UPDATE ON stop_versions EXECUTE FUNCTION raise_data_version();
CREATE TRIGGER keep BEFORE DELETE ON stop_versions EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER history BEFORE UPDATE OF stop_id, station_id, address, geom, hours
    ON stop_versions EXECUTE FUNCTION refuse_rewrite();
CREATE TRIGGER began BEFORE UPDATE OF period ON stop_versions FOR EACH ROW
    WHEN (lower(OLD.period) IS DISTINCT FROM lower(NEW.period)) EXECUTE FUNCTION refuse_rewrite();

-- Which version of the data changed each table last: what did not change is not read again.
CREATE TABLE data_parts (
    part text PRIMARY KEY,
    version bigint NOT NULL,
    raised_by xid8 NOT NULL
);
INSERT INTO data_parts
SELECT c.relname, v.version, v.raised_by
FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid CROSS JOIN data_version AS v
WHERE t.tgname = 'raise_version' AND c.relnamespace = 'gridmap'::regnamespace;

CREATE OR REPLACE FUNCTION raise_data_version() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    UPDATE data_version SET version = version + 1, raised_by = pg_current_xact_id()
    WHERE raised_by <> pg_current_xact_id();
    IF FOUND THEN
        PERFORM pg_notify('gridmap_version', (SELECT version FROM data_version)::text);
    END IF;
    INSERT INTO data_parts AS known SELECT TG_TABLE_NAME, version, raised_by FROM data_version
    ON CONFLICT (part) DO UPDATE SET version = excluded.version, raised_by = excluded.raised_by
        WHERE known.raised_by <> excluded.raised_by;
    RETURN NULL;
END $$;
