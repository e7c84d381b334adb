"""Named places in PostGIS: ``name aliases category lon lat``."""

from geodata.queries import named_queries
from geodata.version_tables import VersionTables

_SQL = named_queries(__file__)

PLACES = VersionTables("places", "place", _SQL["places_in_force"], _SQL["add_place_versions"])
