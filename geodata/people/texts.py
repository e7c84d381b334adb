"""Texts of boards in PostGIS: ``slot target_kind target layer title title_en body body_en phone position``."""

from geodata.queries import named_queries
from geodata.version_tables import VersionTables

_SQL = named_queries(__file__)

TEXTS = VersionTables("texts", "text", _SQL["texts_in_force"], _SQL["add_text_versions"])
