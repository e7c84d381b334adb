-- Extensions, the identity of this database and the version of the data in it.
CREATE EXTENSION IF NOT EXISTS postgis WITH SCHEMA public;
CREATE EXTENSION IF NOT EXISTS btree_gist WITH SCHEMA public;
CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;

-- One row: which database this is, and a version that every transaction that changes published data raises by one.
CREATE TABLE data_version (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    database_id uuid NOT NULL DEFAULT gen_random_uuid(),
    version bigint NOT NULL DEFAULT 0,
    raised_by xid8 NOT NULL DEFAULT '0'
);
INSERT INTO data_version DEFAULT VALUES;

-- Instants as the library holds them: integer microseconds since 1970-01-01 UTC, open ends as the extreme integers.
CREATE FUNCTION to_micros(instant timestamptz) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT (extract(epoch FROM instant) * 1000000)::bigint
$$;

CREATE FUNCTION period_from(period tstzrange) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT CASE WHEN lower_inf(period) THEN '-9223372036854775808'::bigint ELSE gridmap.to_micros(lower(period)) END
$$;

CREATE FUNCTION period_to(period tstzrange) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT CASE WHEN upper_inf(period) THEN '9223372036854775807'::bigint ELSE gridmap.to_micros(upper(period)) END
$$;

CREATE FUNCTION raise_data_version() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    UPDATE data_version SET version = version + 1, raised_by = pg_current_xact_id()
    WHERE raised_by <> pg_current_xact_id();
    IF FOUND THEN
        PERFORM pg_notify('gridmap_version', (SELECT version FROM data_version)::text);
    END IF;
    RETURN NULL;
END $$;

-- What was published stays: rows end or are withdrawn, they are never deleted.
CREATE FUNCTION refuse_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never deleted: end their period or mark them withdrawn', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;

-- Of a published version only its end and its withdrawal may change.
CREATE FUNCTION refuse_rewrite() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a published row of % is history: add a new version instead', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
