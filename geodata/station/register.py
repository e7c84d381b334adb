"""Stations in PostGIS: ``name category level parent address lon lat phone hours services``.

``parent`` is a code or None, ``services`` a tuple, lon and lat are EPSG:4326 degrees.
"""

from geodata.queries import named_queries
from geodata.version_tables import VersionTables

_SQL = named_queries(__file__)

STATIONS = VersionTables("stations", "station", _SQL["stations_in_force"], _SQL["add_station_versions"])
