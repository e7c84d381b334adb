"""Compounds and their gates in PostGIS.

A compound's fields are ``name aliases wkb``, the last a MultiPolygon in EPSG:4326 or None; a gate's are
``compound lon lat``.
"""

from geodata.queries import named_queries
from geodata.version_tables import VersionTables

_SQL = named_queries(__file__)

COMPOUNDS = VersionTables("compounds", "compound", _SQL["compounds_in_force"], _SQL["add_compound_versions"])
GATES = VersionTables("gates", "gate", _SQL["gates_in_force"], _SQL["add_gate_versions"])
