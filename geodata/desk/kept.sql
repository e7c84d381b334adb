-- name: copy_findings
-- Findings in bulk.
COPY load_findings (load_id, place, severity, content) FROM STDIN

-- name: copy_rows
-- Rows in bulk.
COPY load_rows (load_id, row, cells) FROM STDIN

-- name: copy_plan
-- Changes in bulk.
COPY load_plan (load_id, place, what, content) FROM STDIN

-- name: data_version
-- Version of the data.
SELECT version FROM data_version

-- name: forget_findings
-- What was found in a load before.
DELETE FROM load_findings WHERE load_id = %(load_id)s

-- name: forget_rows
-- What was read of a load before.
DELETE FROM load_rows WHERE load_id = %(load_id)s

-- name: forget_plan
-- What a load would have changed before.
DELETE FROM load_plan WHERE load_id = %(load_id)s
