"""Areas in PostGIS: what is in force, and the writing of new versions."""

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from geodata.queries import named_queries
from geodata.times import instant

_SQL = named_queries(__file__)


def lock_areas(connection: Connection[Any]) -> None:
    """Hold other writers of areas back until the transaction ends."""
    connection.execute(_SQL["lock_areas"])


def areas_in_force(connection: Connection[Any], at: int) -> list[dict[str, Any]]:
    """Areas at an instant, in code order.

    Parameters
    ----------
    at
        Microseconds since 1970-01-01 UTC.

    Returns
    -------
    list of dict
        ``entity_id version_id code name level parent wkb begins ends``; ``parent`` is a code or None, ``wkb`` the
        MultiPolygon in EPSG:4326 or None.
    """
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_SQL["areas_in_force"], {"at": instant(at)}).fetchall()


def areas_later(connection: Connection[Any], at: int) -> dict[str, int]:
    """Codes with a version that begins after an instant, and when."""
    return dict(connection.execute(_SQL["areas_later"], {"at": instant(at)}).fetchall())


def write_areas(
    connection: Connection[Any], records: Sequence[Mapping[str, Any]], ended_versions: Sequence[int], at: int
) -> None:
    """End versions and add new ones at an instant.

    Parameters
    ----------
    records
        ``code name level parent wkb`` of each new or changed area; ``parent`` may be an area of the same call, in any
        order; ``wkb`` is bytes or None.
    ended_versions
        Versions that end, those that a record replaces included.
    at
        Microseconds since 1970-01-01 UTC.
    """
    moment = instant(at)
    ids = {row["code"]: row["entity_id"] for row in areas_in_force(connection, at)}
    fresh = [record["code"] for record in records if record["code"] not in ids]
    ids |= dict(connection.execute(_SQL["area_ids_once_known"], {"codes": fresh}).fetchall())
    unknown = [code for code in fresh if code not in ids]
    made = connection.execute(_SQL["new_area_ids"], {"count": len(unknown)}).fetchall()
    ids |= {code: area_id for code, (area_id,) in zip(unknown, made, strict=True)}
    rows = [
        {
            "area_id": ids[record["code"]],
            "code": record["code"],
            "name": record["name"],
            "level": record["level"],
            "parent_id": ids[record["parent"]] if record["parent"] else None,
            "wkb": record["wkb"].hex() if record["wkb"] else None,
        }
        for record in records
    ]
    connection.execute(_SQL["end_areas"], {"version_ids": list(ended_versions), "at": moment})
    connection.execute(_SQL["add_area_versions"], {"records": Jsonb(rows), "at": moment})
