"""The backdrop in PostGIS, current only: green spaces, and buildings without name or number, which maps show."""

from collections.abc import Mapping, Sequence
from typing import Any

import shapely
from psycopg import Connection
from psycopg.rows import dict_row

from geodata.queries import named_queries

_SQL = named_queries(__file__)


def lock_backdrop(connection: Connection[Any]) -> None:
    """Hold other writers of the backdrop back until the transaction ends."""
    connection.execute(_SQL["lock_backdrop"])


def backdrop_now(connection: Connection[Any]) -> list[dict[str, Any]]:
    """All of it, in code order.

    Returns
    -------
    list of dict
        ``version_id code name cover wkb``; ``cover`` is ``green`` or ``building``, the last a valid MultiPolygon in
        EPSG:4326.
    """
    with connection.cursor(row_factory=dict_row, binary=True) as cursor:
        return cursor.execute(_SQL["backdrop_now"]).fetchall()


def write_backdrop(connection: Connection[Any], records: Sequence[Mapping[str, Any]], withdrawn: Sequence[int]) -> None:
    """Mark rows as no more and add new ones: ``code name cover wkb`` of each."""
    connection.execute(_SQL["withdraw_backdrop"], {"ids": list(withdrawn)})
    with connection.cursor() as cursor, cursor.copy(_SQL["add_backdrop"]) as copy:
        for record in records:
            shape = shapely.set_srid(shapely.from_wkb(record["wkb"]), 4326)
            written = shapely.to_wkb(shape, hex=True, include_srid=True)
            copy.write_row((record["code"], record["name"], record["cover"], written))
