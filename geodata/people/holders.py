"""Workers, ``name phone phone_public``, and organisations, ``name phone``, in PostGIS: both are holders of duties."""

from geodata.queries import named_queries
from geodata.version_tables import VersionTables

_SQL = named_queries(__file__)

WORKERS = VersionTables(
    "holders",
    "worker",
    _SQL["workers_in_force"],
    _SQL["add_worker_versions"],
    key="holder_id",
    add_identities_query=_SQL["add_workers"],
)
ORGANISATIONS = VersionTables(
    "holders",
    "organisation",
    _SQL["organisations_in_force"],
    _SQL["add_organisation_versions"],
    key="holder_id",
    add_identities_query=_SQL["add_organisations"],
)
