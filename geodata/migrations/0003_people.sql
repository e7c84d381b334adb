-- Roles, those who can hold a duty, and their duties. A code identifies; versions carry what changes.
CREATE TABLE roles (
    role_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code text NOT NULL UNIQUE CHECK (code <> '')
);

CREATE TABLE role_versions (
    role_version_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    role_id bigint NOT NULL REFERENCES roles,
    name text NOT NULL CHECK (name <> ''),
    name_en text NOT NULL DEFAULT '',
    duties_text text NOT NULL DEFAULT '',
    name_public boolean NOT NULL DEFAULT false,
    phone_public boolean NOT NULL DEFAULT false,
    position integer NOT NULL DEFAULT 100,
    period tstzrange NOT NULL CHECK (NOT isempty(period) AND lower_inc(period) AND NOT upper_inc(period)),
    withdrawn_at timestamptz,
    CONSTRAINT one_role_version_at_a_time EXCLUDE USING gist (role_id WITH =, period WITH &&)
        WHERE (withdrawn_at IS NULL) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE holders (
    holder_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('worker', 'organisation')),
    code text NOT NULL CHECK (code <> ''),
    UNIQUE (kind, code),
    UNIQUE (holder_id, kind)
);

CREATE TABLE worker_versions (
    worker_version_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    holder_id bigint NOT NULL,
    kind text NOT NULL DEFAULT 'worker' CHECK (kind = 'worker'),
    name text NOT NULL CHECK (name <> ''),
    phone text NOT NULL DEFAULT '',
    phone_public boolean NOT NULL DEFAULT false,
    period tstzrange NOT NULL CHECK (NOT isempty(period) AND lower_inc(period) AND NOT upper_inc(period)),
    withdrawn_at timestamptz,
    FOREIGN KEY (holder_id, kind) REFERENCES holders (holder_id, kind),
    CONSTRAINT one_worker_version_at_a_time EXCLUDE USING gist (holder_id WITH =, period WITH &&)
        WHERE (withdrawn_at IS NULL) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE organisation_versions (
    organisation_version_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    holder_id bigint NOT NULL,
    kind text NOT NULL DEFAULT 'organisation' CHECK (kind = 'organisation'),
    name text NOT NULL CHECK (name <> ''),
    phone text NOT NULL DEFAULT '',
    period tstzrange NOT NULL CHECK (NOT isempty(period) AND lower_inc(period) AND NOT upper_inc(period)),
    withdrawn_at timestamptz,
    FOREIGN KEY (holder_id, kind) REFERENCES holders (holder_id, kind),
    CONSTRAINT one_organisation_version_at_a_time EXCLUDE USING gist (holder_id WITH =, period WITH &&)
        WHERE (withdrawn_at IS NULL) DEFERRABLE INITIALLY DEFERRED
);

CREATE TRIGGER raise_version AFTER INSERT OR UPDATE ON role_versions EXECUTE FUNCTION raise_data_version();
CREATE TRIGGER raise_version AFTER INSERT OR UPDATE ON worker_versions EXECUTE FUNCTION raise_data_version();
CREATE TRIGGER raise_version AFTER INSERT OR UPDATE ON organisation_versions EXECUTE FUNCTION raise_data_version();
CREATE TRIGGER keep BEFORE DELETE ON role_versions EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER keep BEFORE DELETE ON worker_versions EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER keep BEFORE DELETE ON organisation_versions EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER history BEFORE UPDATE OF role_id, name, name_en, duties_text, name_public, phone_public, position
    ON role_versions EXECUTE FUNCTION refuse_rewrite();
CREATE TRIGGER began BEFORE UPDATE OF period ON role_versions FOR EACH ROW
    WHEN (lower(OLD.period) IS DISTINCT FROM lower(NEW.period)) EXECUTE FUNCTION refuse_rewrite();
CREATE TRIGGER history BEFORE UPDATE OF holder_id, kind, name, phone, phone_public
    ON worker_versions EXECUTE FUNCTION refuse_rewrite();
CREATE TRIGGER began BEFORE UPDATE OF period ON worker_versions FOR EACH ROW
    WHEN (lower(OLD.period) IS DISTINCT FROM lower(NEW.period)) EXECUTE FUNCTION refuse_rewrite();
CREATE TRIGGER history BEFORE UPDATE OF holder_id, kind, name, phone
    ON organisation_versions EXECUTE FUNCTION refuse_rewrite();
CREATE TRIGGER began BEFORE UPDATE OF period ON organisation_versions FOR EACH ROW
    WHEN (lower(OLD.period) IS DISTINCT FROM lower(NEW.period)) EXECUTE FUNCTION refuse_rewrite();
