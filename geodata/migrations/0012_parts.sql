-- A duty or leave whose content changes goes on as another row: which one it goes on from, so that both end together.
ALTER TABLE duties ADD COLUMN continues bigint REFERENCES duties CHECK (continues <> duty_id);
CREATE TRIGGER history_of_parts BEFORE UPDATE OF continues ON duties EXECUTE FUNCTION refuse_rewrite();

ALTER TABLE leaves ADD COLUMN continues bigint REFERENCES leaves CHECK (continues <> leave_id);
CREATE TRIGGER history_of_parts BEFORE UPDATE OF continues ON leaves EXECUTE FUNCTION refuse_rewrite();
