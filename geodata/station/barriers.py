"""Barriers in PostGIS, current only: the water, railways, walls and motorways that nobody on foot crosses."""

from collections.abc import Mapping, Sequence
from typing import Any

import shapely
from psycopg import Connection
from psycopg.rows import dict_row

from geodata.queries import named_queries

_SQL = named_queries(__file__)


def lock_barriers(connection: Connection[Any]) -> None:
    """Hold other writers of barriers back until the transaction ends."""
    connection.execute(_SQL["lock_barriers"])


def barriers_now(connection: Connection[Any]) -> list[dict[str, Any]]:
    """All barriers, in code order.

    Returns
    -------
    list of dict
        ``version_id code name class wkb``; the class one of water, railway, wall, motorway, the last a MultiLineString
        or a valid MultiPolygon in EPSG:4326.
    """
    with connection.cursor(row_factory=dict_row, binary=True) as cursor:
        return cursor.execute(_SQL["barriers_now"]).fetchall()


def write_barriers(connection: Connection[Any], records: Sequence[Mapping[str, Any]], withdrawn: Sequence[int]) -> None:
    """Mark rows as no more and add new ones.

    Parameters
    ----------
    records
        ``code name class wkb`` of each new or changed barrier.
    withdrawn
        Rows that are no more, those that a record replaces included.
    """
    connection.execute(_SQL["withdraw_barriers"], {"ids": list(withdrawn)})
    with connection.cursor() as cursor, cursor.copy(_SQL["add_barriers"]) as copy:
        for record in records:
            shape = shapely.set_srid(shapely.from_wkb(record["wkb"]), 4326)
            written = shapely.to_wkb(shape, hex=True, include_srid=True)
            copy.write_row((record["code"], record["name"], record["class"], written))
