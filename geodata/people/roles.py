"""Roles in PostGIS: ``name name_en duties_text duties_en name_public phone_public position``."""

from geodata.queries import named_queries
from geodata.version_tables import VersionTables

_SQL = named_queries(__file__)

ROLES = VersionTables("roles", "role", _SQL["roles_in_force"], _SQL["add_role_versions"])
