-- What tells versions of the register of addresses, which is followed apart from the snapshot; and aliases that a
-- dispatcher pinned.
CREATE TABLE address_aliases (
    address_alias_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- As it was typed, and as it is matched.
    typed text NOT NULL CHECK (typed <> ''),
    text text NOT NULL CHECK (text <> ''),
    -- What it means: a record by kind and code, or a point with a label.
    kind text CHECK (kind IN ('address', 'building', 'compound', 'place', 'station')),
    code text CHECK (code <> ''),
    label text NOT NULL CHECK (label <> ''),
    geom geometry(Point, 4326) CHECK (NOT ST_IsEmpty(geom)),
    recorded_at timestamptz NOT NULL DEFAULT now(),
    recorded_by text NOT NULL,
    withdrawn_at timestamptz,
    CONSTRAINT one_target CHECK ((kind IS NULL) = (code IS NULL) AND num_nonnulls(code, geom) = 1)
);
CREATE UNIQUE INDEX one_alias_per_text ON address_aliases (text) WHERE withdrawn_at IS NULL;
CREATE TRIGGER keep BEFORE DELETE ON address_aliases EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER history BEFORE UPDATE OF typed, text, kind, code, label, geom, recorded_at, recorded_by
    ON address_aliases EXECUTE FUNCTION refuse_rewrite();
CREATE TRIGGER note_added AFTER INSERT ON address_aliases REFERENCING NEW TABLE AS rows_after
    FOR EACH STATEMENT EXECUTE FUNCTION note_added('address_alias_id');
CREATE TRIGGER note_changed AFTER UPDATE ON address_aliases REFERENCING OLD TABLE AS rows_before NEW TABLE AS rows_after
    FOR EACH STATEMENT EXECUTE FUNCTION note_changed('address_alias_id');

-- Tables that the snapshot does not hold have versions of their own, told on the same channel. The row stays locked to
-- the end of the transaction, so that versions come in the order of commits.
CREATE FUNCTION raise_register_version() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO data_parts AS known VALUES (TG_TABLE_NAME, 1, pg_current_xact_id())
    ON CONFLICT (part) DO UPDATE SET version = known.version + 1, raised_by = excluded.raised_by
        WHERE known.raised_by <> excluded.raised_by;
    IF FOUND THEN
        PERFORM pg_notify('gridmap_version', TG_TABLE_NAME);
    END IF;
    RETURN NULL;
END $$;
INSERT INTO data_parts VALUES ('addresses', 0, '0'), ('streets', 0, '0'), ('address_aliases', 0, '0');
CREATE TRIGGER raise_register AFTER INSERT OR UPDATE ON streets EXECUTE FUNCTION raise_register_version();
CREATE TRIGGER raise_register AFTER INSERT OR UPDATE ON address_aliases EXECUTE FUNCTION raise_register_version();

-- Which addresses a version touched, so that three million need not be read for one; null for more than are listed.
-- Versions are told apart by their transactions too: those of a database that was restored begin again.
CREATE TABLE address_changes (
    version bigint NOT NULL,
    raised_by xid8 NOT NULL,
    address_id bigint
);
CREATE INDEX address_changes_version ON address_changes (version);

CREATE FUNCTION note_addresses() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    present data_parts;
    most CONSTANT integer := 20000;
BEGIN
    SELECT * INTO present FROM data_parts WHERE part = 'addresses';
    INSERT INTO address_changes
    SELECT present.version, present.raised_by, n.address_id FROM rows_after AS n
    WHERE (SELECT count(*) FROM (SELECT FROM rows_after LIMIT most + 1) AS first) <= most;
    IF NOT FOUND AND EXISTS (SELECT FROM rows_after) THEN
        INSERT INTO address_changes VALUES (present.version, present.raised_by, NULL);
    END IF;
    RETURN NULL;
END $$;
-- Triggers fire in the order of their names: the version first.
CREATE TRIGGER raise_register AFTER INSERT OR UPDATE ON addresses EXECUTE FUNCTION raise_register_version();
CREATE TRIGGER raise_register_added AFTER INSERT ON addresses REFERENCING NEW TABLE AS rows_after
    FOR EACH STATEMENT EXECUTE FUNCTION note_addresses();
CREATE TRIGGER raise_register_changed AFTER UPDATE ON addresses REFERENCING NEW TABLE AS rows_after
    FOR EACH STATEMENT EXECUTE FUNCTION note_addresses();
