-- name: begin
-- A transaction that the caller ends is open from here on.
SELECT 1

-- name: check_now
-- What could not be written is refused here, not when the caller commits.
SET CONSTRAINTS ALL IMMEDIATE

-- name: check_later
-- Constraints wait for the end of the transaction again.
SET CONSTRAINTS ALL DEFERRED
