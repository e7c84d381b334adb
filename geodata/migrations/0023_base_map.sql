-- Maps ask for what lies in a box: buildings by their outline, places by their point.
CREATE INDEX building_versions_outline ON building_versions USING gist (outline) WHERE withdrawn_at IS NULL;
CREATE INDEX place_versions_geom ON place_versions USING gist (geom) WHERE withdrawn_at IS NULL;
