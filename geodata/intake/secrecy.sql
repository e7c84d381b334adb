-- name: code_secret
-- The random identity of this database, as bytes.
SELECT uuid_send(database_id) FROM data_version
