"""Stations in PostGIS: what is in force, and the writing of new versions."""

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from geodata.queries import named_queries
from geodata.times import instant

_SQL = named_queries(__file__)


def lock_stations(connection: Connection[Any]) -> None:
    """Hold other writers of stations back until the transaction ends."""
    connection.execute(_SQL["lock_stations"])


def stations_in_force(connection: Connection[Any], at: int) -> list[dict[str, Any]]:
    """Stations at an instant, in code order.

    Parameters
    ----------
    at
        Microseconds since 1970-01-01 UTC.

    Returns
    -------
    list of dict
        ``entity_id version_id code name category level parent address lon lat phone hours services begins ends``;
        ``parent`` is a code or None, lon and lat are EPSG:4326 degrees.
    """
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_SQL["stations_in_force"], {"at": instant(at)}).fetchall()
    return [{**row, "services": tuple(row["services"])} for row in rows]


def stations_later(connection: Connection[Any], at: int) -> dict[str, int]:
    """Codes with a version that begins after an instant, and when."""
    return dict(connection.execute(_SQL["stations_later"], {"at": instant(at)}).fetchall())


def write_stations(
    connection: Connection[Any], records: Sequence[Mapping[str, Any]], ended_versions: Sequence[int], at: int
) -> None:
    """End versions and add new ones at an instant.

    Parameters
    ----------
    records
        ``code name category level parent address lon lat phone hours services`` of each new or changed station.
    ended_versions
        Versions that end, those that a record replaces included.
    at
        Microseconds since 1970-01-01 UTC.
    """
    values = {"records": Jsonb([dict(record) for record in records]), "at": instant(at)}
    connection.execute(_SQL["end_stations"], {"version_ids": list(ended_versions), "at": instant(at)})
    connection.execute(_SQL["add_stations"], values)
    connection.execute(_SQL["add_station_versions"], values)
