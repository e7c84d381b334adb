-- How the columns of a recurring file are understood, kept by name.
CREATE TABLE load_profiles (
    name text PRIMARY KEY CHECK (name <> ''),
    kind text NOT NULL,
    mapping jsonb NOT NULL,
    crs text NOT NULL DEFAULT 'EPSG:4326',
    saved_at timestamptz NOT NULL DEFAULT now(),
    saved_by text NOT NULL
);
