-- What cities know of an address beside its door: floor and room, the areas as its table states them, other names;
-- and the former names of streets.
ALTER TABLE addresses
    ADD COLUMN floor text NOT NULL DEFAULT '',
    ADD COLUMN room text NOT NULL DEFAULT '',
    -- Names as stated, the widest first.
    ADD COLUMN areas text[] NOT NULL DEFAULT '{}',
    ADD COLUMN aliases text[] NOT NULL DEFAULT '{}';
CREATE TRIGGER history_of_parts BEFORE UPDATE OF floor, room, areas, aliases
    ON addresses EXECUTE FUNCTION refuse_rewrite();

ALTER TABLE streets ADD COLUMN aliases text[] NOT NULL DEFAULT '{}';
CREATE TRIGGER history_of_parts BEFORE UPDATE OF aliases ON streets EXECUTE FUNCTION refuse_rewrite();
