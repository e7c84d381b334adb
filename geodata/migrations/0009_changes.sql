-- What a change did to which rows, so that it can be listed and undone.
CREATE TABLE changes (
    change_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    actor text NOT NULL,
    action text NOT NULL CHECK (action <> ''),
    target text NOT NULL DEFAULT '',
    facts jsonb NOT NULL DEFAULT '{}',
    undoes bigint UNIQUE REFERENCES changes
);

-- A row's period and withdrawal before and after; those of before are null for a row that the change added. Layers have
-- no periods, they are changed in place: theirs are whole rows.
CREATE TABLE changed_rows (
    changed_row_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    change_id bigint NOT NULL REFERENCES changes,
    relation text NOT NULL,
    row_id bigint NOT NULL,
    added boolean NOT NULL,
    period_before tstzrange,
    withdrawn_before timestamptz,
    period_after tstzrange,
    withdrawn_after timestamptz,
    row_before jsonb,
    row_after jsonb
);
CREATE INDEX changed_rows_change ON changed_rows (change_id, relation);
CREATE INDEX changed_rows_row ON changed_rows (relation, row_id);
CREATE TRIGGER keep BEFORE UPDATE OR DELETE OR TRUNCATE ON changes EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER keep BEFORE UPDATE OR DELETE OR TRUNCATE ON changed_rows EXECUTE FUNCTION refuse_delete();

-- From the first to the last state of each row in a change.
CREATE VIEW change_effects AS
SELECT change_id, relation, row_id, (array_agg(added ORDER BY changed_row_id))[1] AS added,
       (array_agg(period_before ORDER BY changed_row_id))[1] AS period_before,
       (array_agg(withdrawn_before ORDER BY changed_row_id))[1] AS withdrawn_before,
       (array_agg(period_after ORDER BY changed_row_id DESC))[1] AS period_after,
       (array_agg(withdrawn_after ORDER BY changed_row_id DESC))[1] AS withdrawn_after,
       (array_agg(row_before ORDER BY changed_row_id))[1] AS row_before,
       (array_agg(row_after ORDER BY changed_row_id DESC))[1] AS row_after
FROM changed_rows GROUP BY change_id, relation, row_id;

-- The change that is being made in this transaction, null where none was begun.
CREATE FUNCTION present_change() RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT nullif(current_setting('gridmap.change', true), '')::bigint
$$;

-- Note the rows of one statement, all at once. Arguments: the key column, and the period where there is one.
CREATE FUNCTION note_added() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF present_change() IS NOT NULL THEN
        EXECUTE format(
            'INSERT INTO changed_rows (change_id, relation, row_id, added, period_after, withdrawn_after)
             SELECT $1, $2, n.%I, true, %s, n.withdrawn_at FROM rows_after AS n',
            TG_ARGV[0], CASE WHEN TG_NARGS > 1 THEN 'n.period' ELSE 'NULL' END)
        USING present_change(), TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION note_changed() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF present_change() IS NOT NULL THEN
        EXECUTE format(
            'INSERT INTO changed_rows (change_id, relation, row_id, added, period_before, withdrawn_before,
                                       period_after, withdrawn_after)
             SELECT $1, $2, n.%1$I, false, %2$s, o.withdrawn_at, %3$s, n.withdrawn_at
             FROM rows_after AS n JOIN rows_before AS o ON o.%1$I = n.%1$I',
            TG_ARGV[0], CASE WHEN TG_NARGS > 1 THEN 'o.period' ELSE 'NULL' END,
            CASE WHEN TG_NARGS > 1 THEN 'n.period' ELSE 'NULL' END)
        USING present_change(), TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION note_layer() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF present_change() IS NOT NULL THEN
        INSERT INTO changed_rows (change_id, relation, row_id, added, row_before, row_after)
        VALUES (present_change(), TG_TABLE_NAME, coalesce(NEW.layer_id, OLD.layer_id), TG_OP = 'INSERT',
                to_jsonb(OLD), to_jsonb(NEW));
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER note_change AFTER INSERT OR UPDATE OR DELETE ON layers FOR EACH ROW EXECUTE FUNCTION note_layer();

DO $$
DECLARE
    noted text[];
BEGIN
    FOREACH noted SLICE 1 IN ARRAY ARRAY[
        ['area_versions', 'area_version_id', 'period'],
        ['releases', 'release_id', NULL],
        ['grid_versions', 'grid_version_id', 'period'],
        ['role_versions', 'role_version_id', 'period'],
        ['worker_versions', 'worker_version_id', 'period'],
        ['organisation_versions', 'organisation_version_id', 'period'],
        ['station_versions', 'station_version_id', 'period'],
        ['duties', 'duty_id', 'period'],
        ['compound_versions', 'compound_version_id', 'period'],
        ['gate_versions', 'gate_version_id', 'period'],
        ['building_versions', 'building_version_id', 'period'],
        ['place_versions', 'place_version_id', 'period'],
        ['calendar_days', 'calendar_day_id', NULL],
        ['leaves', 'leave_id', 'period'],
        ['matter_versions', 'matter_version_id', 'period'],
        ['norm_versions', 'norm_version_id', 'period'],
        ['text_versions', 'text_version_id', 'period'],
        ['stop_versions', 'stop_version_id', 'period']]
    LOOP
        EXECUTE format('CREATE TRIGGER note_added AFTER INSERT ON %I REFERENCING NEW TABLE AS rows_after '
                       'FOR EACH STATEMENT EXECUTE FUNCTION note_added(%s)',
                       noted[1], concat_ws(', ', quote_literal(noted[2]), quote_literal(noted[3])));
        EXECUTE format('CREATE TRIGGER note_changed AFTER UPDATE ON %I '
                       'REFERENCING OLD TABLE AS rows_before NEW TABLE AS rows_after '
                       'FOR EACH STATEMENT EXECUTE FUNCTION note_changed(%s)',
                       noted[1], concat_ws(', ', quote_literal(noted[2]), quote_literal(noted[3])));
    END LOOP;
END $$;
