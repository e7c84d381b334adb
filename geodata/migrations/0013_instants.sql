-- Written so that a query takes these functions in: called one by one for every row, reading a register was mostly that.
CREATE OR REPLACE FUNCTION to_micros(instant timestamptz) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (extract(epoch FROM instant AT TIME ZONE 'UTC') * 1000000)::bigint
$$;

CREATE OR REPLACE FUNCTION period_from(period tstzrange) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN lower_inf(period) THEN '-9223372036854775808'::bigint ELSE gridmap.to_micros(lower(period)) END
$$;

CREATE OR REPLACE FUNCTION period_to(period tstzrange) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN upper_inf(period) THEN '9223372036854775807'::bigint ELSE gridmap.to_micros(upper(period)) END
$$;
