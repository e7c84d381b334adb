"""Stops of mobile stations in PostGIS: each stands for a period of its own."""

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from geodata.queries import named_queries
from geodata.times import open_end

_SQL = named_queries(__file__)


def lock_stops(connection: Connection[Any]) -> None:
    """Hold other writers of stops back until the transaction ends."""
    connection.execute(_SQL["lock_stops"])


def stored_stops(connection: Connection[Any]) -> list[dict[str, Any]]:
    """The newest version of every stop, in code order.

    Returns
    -------
    list of dict
        ``entity_id version_id code station lon lat address hours from to begins``: ``from`` is when the stop began,
        ``begins`` when this version did, in microseconds; lon and lat are EPSG:4326 degrees.
    """
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_SQL["stored_stops"]).fetchall()


def write_stops(
    connection: Connection[Any],
    records: Sequence[Mapping[str, Any]],
    ends: Mapping[int, int],
    withdrawn: Sequence[int],
) -> None:
    """Add versions, move the ends of others, withdraw those that never came into force.

    Parameters
    ----------
    records
        ``code station lon lat address hours from to`` of each, times in microseconds since 1970-01-01 UTC.
    ends
        Version to its end, microseconds since 1970-01-01 UTC.
    withdrawn
        Versions.
    """
    moved = [{"version_id": version_id, "ends": _written(micros)} for version_id, micros in ends.items()]
    connection.execute(_SQL["set_stop_ends"], {"ends": Jsonb(moved)})
    connection.execute(_SQL["withdraw_stops"], {"version_ids": list(withdrawn)})
    rows = [{**record, "from": _written(record["from"]), "to": _written(record["to"])} for record in records]
    connection.execute(_SQL["add_stops"], {"records": Jsonb(rows)})
    connection.execute(_SQL["add_stop_versions"], {"records": Jsonb(rows)})


def _written(micros: int) -> str | None:
    moment = open_end(micros)
    return None if moment is None else moment.isoformat()
