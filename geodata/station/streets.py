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
        ``version_id code name class aliases foot wkb closed cut``: a MultiLineString in EPSG:4326, and MultiPoints
        of its vertices where nobody passes and of its ends that clipping made, or None. ``foot`` is empty where the
        class decides: `geodata.station.foot.foot_of`.
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
        ``code name class aliases foot wkb closed cut`` of each new or changed street; the last three as well-known
        binary, of which ``closed`` and ``cut`` may be None.
    withdrawn
        Rows that are no more, those that a record replaces included.
    """
    connection.execute(_SQL["withdraw_streets"], {"ids": list(withdrawn)})
    with connection.cursor() as cursor, cursor.copy(_SQL["add_streets"]) as copy:
        for record in records:
            shapes = [_hex(record[name]) for name in ("wkb", "closed", "cut")]
            row = (record["code"], record["name"], record["class"], list(record["aliases"]), record["foot"])
            copy.write_row((*row, *shapes))


def _hex(wkb: bytes | None) -> str | None:
    """A shape as PostGIS reads it from text."""
    if wkb is None:
        return None
    written: str = shapely.to_wkb(shapely.set_srid(shapely.from_wkb(wkb), 4326), hex=True, include_srid=True)
    return written
