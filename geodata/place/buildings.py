"""Buildings in PostGIS: ``name compound units households lon lat wkb``, the last the outline in EPSG:4326 or None."""

from geodata.queries import named_queries
from geodata.version_tables import VersionTables

_SQL = named_queries(__file__)

BUILDINGS = VersionTables("buildings", "building", _SQL["buildings_in_force"], _SQL["add_building_versions"])
