"""Matters in PostGIS: ``name name_en description role organisation phone promised position``, promised in minutes."""

from geodata.queries import named_queries
from geodata.version_tables import VersionTables

_SQL = named_queries(__file__)

MATTERS = VersionTables("matters", "matter", _SQL["matters_in_force"], _SQL["add_matter_versions"])
