-- A mobile station has no place of its own: it is found at its stops.
ALTER TABLE station_versions ALTER COLUMN geom DROP NOT NULL;
