-- name: server
-- Version of the server, and how it stores text in this database.
SELECT current_setting('server_version_num')::integer / 10000, current_setting('server_version'),
    pg_encoding_to_char(encoding)
FROM pg_database WHERE datname = current_database()

-- name: extensions
-- Which of our extensions are in the schema where we look for them.
SELECT extname FROM pg_extension JOIN pg_namespace ON pg_namespace.oid = extnamespace
WHERE nspname = 'public' AND extname = ANY (%(names)s)

-- name: geography
-- Versions of PostGIS and of the GEOS in it.
SELECT postgis_lib_version(), postgis_geos_version()

-- name: chinese
-- Whether trigrams of Chinese text exist: they don't where the database's locale is plain C.
SELECT cardinality(show_trgm('网格')) > 0

-- name: worker
-- Seconds since a worker process last gave a sign of life; null where none ever did.
SELECT extract(epoch FROM now() - max(last_heartbeat))::float FROM procrastinate_workers

-- name: clock
-- Seconds since 1970 by the server's clock.
SELECT extract(epoch FROM clock_timestamp())::float
