-- name: begin
-- A transaction that the caller ends is open from here on.
SELECT 1

-- name: lock
-- Nobody else changes this register until the transaction ends; readers go on.
LOCK TABLE {relation} IN SHARE ROW EXCLUSIVE MODE

-- name: newest
-- Identity of what was added last.
SELECT max({key})::text FROM {relation}
