"""The register of addresses in PostGIS, current only: a row for each door or unit."""

from collections.abc import Mapping, Sequence
from typing import Any

import shapely
from psycopg import Connection
from psycopg.rows import dict_row

from geodata.queries import named_queries

PARTS = ("road", "number", "compound", "building", "unit")

_SQL = named_queries(__file__)
_FIELDS = ("code", "text", *PARTS, "households", "persons")


def lock_addresses(connection: Connection[Any]) -> None:
    """Hold other writers of addresses back until the transaction ends."""
    connection.execute(_SQL["lock_addresses"])


def addresses_now(connection: Connection[Any]) -> list[dict[str, Any]]:
    """All addresses, in code order.

    Returns
    -------
    list of dict
        ``version_id code text road number compound building unit households persons lon lat``; parts that are not
        known are empty, counts None, lon and lat EPSG:4326 degrees.
    """
    with connection.cursor(row_factory=dict_row, binary=True) as cursor:
        return cursor.execute(_SQL["addresses_now"]).fetchall()


def addresses_near(connection: Connection[Any], area: Any) -> list[dict[str, Any]]:
    """Addresses in the box of a shape (EPSG:4326): as `addresses_now`, none where it is empty."""
    with connection.cursor(row_factory=dict_row, binary=True) as cursor:
        return cursor.execute(_SQL["addresses_near"], {"wkb": shapely.to_wkb(shapely.envelope(area))}).fetchall()


def write_addresses(
    connection: Connection[Any], records: Sequence[Mapping[str, Any]], withdrawn: Sequence[int]
) -> None:
    """Mark rows as no more and add new ones.

    Parameters
    ----------
    records
        All that `addresses_now` gives but ``version_id``, of each new or changed address.
    withdrawn
        Rows that are no more, those that a record replaces included.
    """
    connection.execute(_SQL["withdraw_addresses"], {"ids": list(withdrawn)})
    points = shapely.points([(record["lon"], record["lat"]) for record in records]) if records else []
    shapes = shapely.to_wkb(shapely.set_srid(points, 4326), hex=True, include_srid=True)
    with connection.cursor() as cursor, cursor.copy(_SQL["add_addresses"]) as copy:
        for record, shape in zip(records, shapes, strict=True):
            copy.write_row((*(record[name] for name in _FIELDS), shape))
