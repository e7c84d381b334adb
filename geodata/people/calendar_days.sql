-- name: lock_calendar
-- Nobody else changes the calendar until this transaction ends; readers go on.
LOCK TABLE calendar_days IN SHARE ROW EXCLUSIVE MODE

-- name: calendar_days
-- The days that count.
SELECT calendar_day_id AS version_id, calendar_day_id AS entity_id, day::text AS code, day::text AS day, kind, name
FROM calendar_days WHERE withdrawn_at IS NULL
ORDER BY calendar_days.day

-- name: withdraw_days
-- Days that count no longer.
UPDATE calendar_days SET withdrawn_at = now() WHERE calendar_day_id = ANY(%(version_ids)s)

-- name: add_days
-- New days.
INSERT INTO calendar_days (day, kind, name)
SELECT r.day, r.kind, r.name FROM jsonb_to_recordset(%(records)s) AS r(day date, kind text, name text)
