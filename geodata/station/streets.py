"""Streets in PostGIS, current only: the lines that walks and borders follow."""

from collections.abc import Mapping, Sequence
from typing import Any

import shapely
from psycopg import Connection
from psycopg.rows import dict_row

from geodata.queries import named_queries

_SQL = named_queries(__file__)


def lock_streets(connection: Connection[Any]) -> None:
    """Hold other writers of streets back until the transaction ends."""
    connection.execute(_SQL["lock_streets"])


def streets_now(connection: Connection[Any]) -> list[dict[str, Any]]:
    """All streets, in code order.

    Returns
    -------
    list of dict
        ``version_id code name class aliases wkb``; the last a MultiLineString in EPSG:4326.
    """
    with connection.cursor(row_factory=dict_row, binary=True) as cursor:
        return cursor.execute(_SQL["streets_now"]).fetchall()


def streets_near(connection: Connection[Any], area: Any) -> list[dict[str, Any]]:
    """Streets whose box meets the box of a shape (EPSG:4326): as `streets_now`, none where it is empty."""
    with connection.cursor(row_factory=dict_row, binary=True) as cursor:
        return cursor.execute(_SQL["streets_near"], {"wkb": shapely.to_wkb(shapely.envelope(area))}).fetchall()


def write_streets(connection: Connection[Any], records: Sequence[Mapping[str, Any]], withdrawn: Sequence[int]) -> None:
    """Mark rows as no more and add new ones.

    Parameters
    ----------
    records
        ``code name class aliases wkb`` of each new or changed street.
    withdrawn
        Rows that are no more, those that a record replaces included.
    """
    connection.execute(_SQL["withdraw_streets"], {"ids": list(withdrawn)})
    with connection.cursor() as cursor, cursor.copy(_SQL["add_streets"]) as copy:
        for record in records:
            line = shapely.set_srid(shapely.from_wkb(record["wkb"]), 4326)
            shape = shapely.to_wkb(line, hex=True, include_srid=True)
            copy.write_row((record["code"], record["name"], record["class"], list(record["aliases"]), shape))
