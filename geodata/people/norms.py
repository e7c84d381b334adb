"""Staffing norms in PostGIS: ``role per layer kind area least most most_per_person``, codes for what is referred to."""

from geodata.queries import named_queries
from geodata.version_tables import VersionTables

_SQL = named_queries(__file__)

NORMS = VersionTables("norms", "norm", _SQL["norms_in_force"], _SQL["add_norm_versions"])
