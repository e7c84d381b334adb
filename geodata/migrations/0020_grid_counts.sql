-- Counts by grid beside those by place: events, patrols, whatever a city counts there. Of a grid each layer has its own.
ALTER TABLE place_counts
    ADD COLUMN layer text NOT NULL DEFAULT '',
    ADD COLUMN grid text NOT NULL DEFAULT '',
    DROP CONSTRAINT place_counts_check,
    ADD CONSTRAINT about_one CHECK (num_nonnulls(nullif(building, ''), nullif(address, ''), nullif(grid, '')) = 1),
    ADD CONSTRAINT layer_of_grid CHECK ((layer = '') = (grid = ''));
CREATE UNIQUE INDEX one_count_per_grid ON place_counts (layer, grid) WHERE withdrawn_at IS NULL AND grid <> '';
CREATE TRIGGER history_of_grids BEFORE UPDATE OF layer, grid ON place_counts EXECUTE FUNCTION refuse_rewrite();

-- Where people live is not read again because something was counted by grid: that has a version of its own.
CREATE FUNCTION raise_counts_version() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    changed text;
BEGIN
    FOR changed IN
        SELECT DISTINCT CASE WHEN grid = '' THEN 'place_counts' ELSE 'grid_counts' END FROM rows_after ORDER BY 1
    LOOP
        INSERT INTO data_parts AS known VALUES (changed, 1, pg_current_xact_id())
        ON CONFLICT (part) DO UPDATE SET version = known.version + 1, raised_by = excluded.raised_by
            WHERE known.raised_by <> excluded.raised_by;
        IF FOUND THEN
            PERFORM pg_notify('gridmap_version', changed);
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
INSERT INTO data_parts VALUES ('grid_counts', 0, '0');
DROP TRIGGER raise_register ON place_counts;
CREATE TRIGGER raise_added AFTER INSERT ON place_counts REFERENCING NEW TABLE AS rows_after
    FOR EACH STATEMENT EXECUTE FUNCTION raise_counts_version();
CREATE TRIGGER raise_changed AFTER UPDATE ON place_counts REFERENCING NEW TABLE AS rows_after
    FOR EACH STATEMENT EXECUTE FUNCTION raise_counts_version();
