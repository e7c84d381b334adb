-- name: named_by
-- How many rows of a table that go on name each of these records.
SELECT {column}, count(*) FROM {versions}
WHERE withdrawn_at IS NULL AND (upper_inf(period) OR upper(period) > %(at)s) AND {column} = ANY(%(ids)s)
GROUP BY {column} ORDER BY {column}
