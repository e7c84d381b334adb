-- What a role does, in English too, for English pages and boards; empty where nobody wrote it.
ALTER TABLE role_versions ADD COLUMN duties_en text NOT NULL DEFAULT '';
DROP TRIGGER history ON role_versions;
CREATE TRIGGER history
    BEFORE UPDATE OF role_id, name, name_en, duties_text, duties_en, name_public, phone_public, position
    ON role_versions EXECUTE FUNCTION refuse_rewrite();
