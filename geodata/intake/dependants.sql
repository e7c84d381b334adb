-- name: norms_on_areas
-- How many norms hold in each of these areas.
SELECT area_id, count(*) FROM norm_versions
WHERE withdrawn_at IS NULL AND (upper_inf(period) OR upper(period) > %(at)s) AND area_id = ANY(%(ids)s)
GROUP BY area_id ORDER BY area_id

-- name: texts_on_areas
-- How many texts are for each of these areas.
SELECT area_id, count(*) FROM text_versions
WHERE withdrawn_at IS NULL AND (upper_inf(period) OR upper(period) > %(at)s) AND area_id = ANY(%(ids)s)
GROUP BY area_id ORDER BY area_id

-- name: texts_on_grids
-- How many texts are for each of these grids.
SELECT grid_id, count(*) FROM text_versions
WHERE withdrawn_at IS NULL AND (upper_inf(period) OR upper(period) > %(at)s) AND grid_id = ANY(%(ids)s)
GROUP BY grid_id ORDER BY grid_id

-- name: stops_of_stations
-- How many stops each of these stations has.
SELECT station_id, count(*) FROM stop_versions
WHERE withdrawn_at IS NULL AND (upper_inf(period) OR upper(period) > %(at)s) AND station_id = ANY(%(ids)s)
GROUP BY station_id ORDER BY station_id

-- name: buildings_in_compounds
-- How many buildings lie in each of these compounds.
SELECT compound_id, count(*) FROM building_versions
WHERE withdrawn_at IS NULL AND (upper_inf(period) OR upper(period) > %(at)s) AND compound_id = ANY(%(ids)s)
GROUP BY compound_id ORDER BY compound_id

-- name: gates_of_compounds
-- How many gates each of these compounds has.
SELECT compound_id, count(*) FROM gate_versions
WHERE withdrawn_at IS NULL AND (upper_inf(period) OR upper(period) > %(at)s) AND compound_id = ANY(%(ids)s)
GROUP BY compound_id ORDER BY compound_id

-- name: matters_of_roles
-- How many matters each of these roles answers for.
SELECT role_id, count(*) FROM matter_versions
WHERE withdrawn_at IS NULL AND (upper_inf(period) OR upper(period) > %(at)s) AND role_id = ANY(%(ids)s)
GROUP BY role_id ORDER BY role_id

-- name: norms_on_roles
-- How many norms are about each of these roles.
SELECT role_id, count(*) FROM norm_versions
WHERE withdrawn_at IS NULL AND (upper_inf(period) OR upper(period) > %(at)s) AND role_id = ANY(%(ids)s)
GROUP BY role_id ORDER BY role_id

-- name: matters_of_organisations
-- How many matters each of these organisations answers for.
SELECT organisation_id, count(*) FROM matter_versions
WHERE withdrawn_at IS NULL AND (upper_inf(period) OR upper(period) > %(at)s) AND organisation_id = ANY(%(ids)s)
GROUP BY organisation_id ORDER BY organisation_id
