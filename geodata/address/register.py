"""The register of addresses in PostGIS, current only: a row for each door or unit.

Files of a million rows are compared where the register is: staged, merged with what is there, then written. Staged
rows last to the end of the transaction.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import shapely
from psycopg import Connection
from psycopg.rows import dict_row

from geodata.queries import named_queries

PARTS = ("road", "number", "compound", "building", "unit", "floor", "room")
TEXTS = ("text", *PARTS)
LISTS = ("areas", "aliases")
COUNTS = ("households", "persons")
FIELDS = (*TEXTS, *LISTS, *COUNTS, "lon", "lat")

_SQL = named_queries(__file__)


@dataclass(frozen=True, slots=True)
class Merged:
    """What separates staged rows from the register.

    Parameters
    ----------
    new, changed
        Place in the file and code of each row that is to be written.
    missing
        Row and code of each address that the file does not hold, where that was asked for.
    """

    new: list[tuple[int, str]]
    changed: list[tuple[int, str]]
    missing: list[tuple[int, str]]


def lock_addresses(connection: Connection[Any]) -> None:
    """Hold other writers of addresses back until the transaction ends."""
    connection.execute(_SQL["lock_addresses"])


def addresses_now(connection: Connection[Any]) -> list[dict[str, Any]]:
    """All addresses, in code order.

    Returns
    -------
    list of dict
        ``version_id code text road number compound building unit floor room areas aliases households persons lon lat``;
        parts that are not known are empty, counts None, lon and lat EPSG:4326 degrees.
    """
    with connection.cursor(row_factory=dict_row, binary=True) as cursor:
        return cursor.execute(_SQL["addresses_now"]).fetchall()


def addresses_near(connection: Connection[Any], area: Any) -> list[dict[str, Any]]:
    """Addresses in the box of a shape (EPSG:4326): as `addresses_now`, none where it is empty."""
    with connection.cursor(row_factory=dict_row, binary=True) as cursor:
        return cursor.execute(_SQL["addresses_near"], {"wkb": shapely.to_wkb(shapely.envelope(area))}).fetchall()


def points_of(connection: Connection[Any], codes: Sequence[str]) -> dict[str, bytes]:
    """Well-known binary of the point of each of these codes that is there."""
    with connection.cursor(binary=True) as cursor:
        return dict(cursor.execute(_SQL["points_of"], {"codes": list(codes)}).fetchall())


def stage_addresses(connection: Connection[Any], rows: Iterable[Sequence[Any]]) -> None:
    """Bring the rows of a file to the database, to be merged.

    Parameters
    ----------
    rows
        ``place code sound`` and `FIELDS` of each row that has a code; None where the file says nothing.
    """
    for query in ("forget_staged", "make_staged", "make_merged"):
        connection.execute(_SQL[query])
    with connection.cursor() as cursor, cursor.copy(_SQL["copy_staged"]) as copy:
        for row in rows:
            copy.write_row(row)
    connection.execute(_SQL["analyze_staged"])


def staged_without_place(connection: Connection[Any]) -> list[int]:
    """Places in the file of rows that lie nowhere, as neither it nor the register says where; they are left out."""
    places = [place for (place,) in connection.execute(_SQL["placeless"])]
    if places:
        connection.execute(_SQL["unsound"], {"places": places})
    return places


def begin_parts(connection: Connection[Any]) -> None:
    """Remember codes from here on, to the end of the transaction: a file comes in parts."""
    for query in ("forget_parts", "make_parts"):
        connection.execute(_SQL[query])


def staged_again(connection: Connection[Any]) -> list[int]:
    """Places of staged rows whose code a part before had, since `begin_parts`; they are left out."""
    places = [place for (place,) in connection.execute(_SQL["again"])]
    if places:
        connection.execute(_SQL["unsound"], {"places": places})
    connection.execute(_SQL["remember_part"])
    return places


def merge_staged(
    connection: Connection[Any], given: Sequence[str], missing: Literal["file", "parts"] | None = None
) -> Merged:
    """Compare staged rows with the register.

    Parameters
    ----------
    given
        Fields that the file has: an empty count of another stays as it is.
    missing
        Whether to look for addresses that are missing in what is staged, or in all parts; nothing is missing else.
    """
    connection.execute(_SQL["merge"], {name: name in given for name in COUNTS})
    new: list[tuple[int, str]] = []
    changed: list[tuple[int, str]] = []
    for place, code, is_new in connection.execute(_SQL["merged_codes"]):
        (new if is_new else changed).append((place, code))
    query = {"file": "missing", "parts": "missing_in_parts"}.get(missing or "")
    return Merged(new, changed, connection.execute(_SQL[query]).fetchall() if query else [])


def merged_rows(connection: Connection[Any], *, new: bool, most: int) -> list[dict[str, Any]]:
    """The first rows that are to be written, with all fields, their ``place`` and the row that each ``replaces``."""
    with connection.cursor(row_factory=dict_row, binary=True) as cursor:
        return cursor.execute(_SQL["merged_rows"], {"new": new, "most": most}).fetchall()


def addresses_of(connection: Connection[Any], ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Addresses of these rows, as `addresses_now`, by row."""
    with connection.cursor(row_factory=dict_row, binary=True) as cursor:
        rows = cursor.execute(_SQL["addresses_of"], {"ids": list(ids)}).fetchall()
    return {row["version_id"]: row for row in rows}


def registered_twins(connection: Connection[Any], most: int) -> list[tuple[int, str, float, float]]:
    """Place of merged rows whose address the register has under another code; that code, its lon and lat."""
    return connection.execute(_SQL["twins"], {"most": most}).fetchall()


def write_merged(connection: Connection[Any], withdrawn: Sequence[int]) -> None:
    """Write what was merged, and mark rows as no more.

    Parameters
    ----------
    withdrawn
        Rows that are no more; those that others replace go of themselves.
    """
    connection.execute(_SQL["withdraw_addresses"], {"ids": list(withdrawn)})
    connection.execute(_SQL["add_addresses"])
