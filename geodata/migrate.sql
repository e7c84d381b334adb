-- name: take_lock
-- Wait until no other process migrates this database.
SELECT pg_advisory_lock(%(key)s)

-- name: give_lock
-- Let the next one in.
SELECT pg_advisory_unlock(%(key)s)

-- name: encoding
-- How this database stores text.
SELECT pg_encoding_to_char(encoding), current_database(), current_user FROM pg_database WHERE datname = current_database()

-- name: has_record
-- Whether this database was ever migrated.
SELECT to_regclass('gridmap.schema_migrations') IS NOT NULL

-- name: extensions
-- Which of our extensions are here, in which schema and version, and which could be created.
SELECT available.name, namespace.nspname, installed.extversion
FROM pg_available_extensions AS available
LEFT JOIN pg_extension AS installed ON installed.extname = available.name
LEFT JOIN pg_namespace AS namespace ON namespace.oid = installed.extnamespace
WHERE available.name = ANY (%(names)s)

-- name: applied
-- Migrations of ours that this database has.
SELECT number, name, sha256 FROM gridmap.schema_migrations ORDER BY number

-- name: record
-- Note a migration as applied.
INSERT INTO gridmap.schema_migrations (number, name, sha256) VALUES (%(number)s, %(name)s, %(sha256)s)

-- name: begin_record
-- Schema and tables that say what was applied: our own migrations, and those of the job queue by file name.
CREATE SCHEMA IF NOT EXISTS gridmap;
CREATE TABLE IF NOT EXISTS gridmap.schema_migrations (
    number integer PRIMARY KEY CHECK (number > 0),
    name text NOT NULL UNIQUE,
    sha256 text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE IF NOT EXISTS gridmap.job_migrations (
    name text PRIMARY KEY,
    applied_at timestamptz NOT NULL DEFAULT now()
);

-- name: set_path
-- Where a migration finds and makes things.
SET LOCAL search_path TO gridmap, public

-- name: applied_jobs
-- Migrations of the job queue that this database has.
SELECT name FROM gridmap.job_migrations

-- name: record_jobs
-- Note migrations of the job queue as applied.
INSERT INTO gridmap.job_migrations (name) SELECT unnest(%(names)s::text[])
