"""What walks depend on, read from PostGIS: streets, barriers, profiles; and which versions of it all are in force."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import shapely
from psycopg import Connection

from geodata.queries import named_queries
from geodata.station.barriers import barriers_now
from geodata.station.foot import foot_of
from geodata.station.network.arrays import Barrier, Line
from geodata.station.network.profiles import ADULT, Profile
from geodata.station.streets import streets_now
from geodata.times import instant

NETWORK_TABLES: Final = ("streets", "barriers")
HOME_TABLES: Final = ("addresses", "building_versions", "compound_versions", "gate_versions", "place_counts")
PROFILE_TABLES: Final = ("walking_profiles",)
_TABLES: Final = (*NETWORK_TABLES, *HOME_TABLES, *PROFILE_TABLES)
FOREVER: Final = 1 << 62

_SQL = named_queries(__file__)


@dataclass(frozen=True, slots=True)
class Marks:
    """Which version changed each table last: equal marks are the same content, but for what begins and ends by itself.

    Parameters
    ----------
    database_id
        Identity of the database.
    parts
        Version and transaction of each table.
    """

    database_id: str
    parts: Mapping[str, tuple[int, str]]

    def of(self, tables: Sequence[str]) -> tuple[tuple[int, str], ...]:
        """The marks of some tables."""
        return tuple(self.parts.get(table, (0, "0")) for table in tables)


def read_marks(connection: Connection[Any]) -> Marks:
    """The present version of every table that walks depend on."""
    rows = connection.execute(_SQL["marks"], {"parts": list(_TABLES)}).fetchall()
    return Marks(rows[0][3], {part: (version, raised_by) for part, version, raised_by, _ in rows})


def read_stretch(connection: Connection[Any], at: int) -> tuple[int, int]:
    """Since when and until when, around an instant, nothing begins or ends that says where people live.

    Returns
    -------
    tuple
        Microseconds since 1970-01-01 UTC; 0 and `FOREVER` for never.
    """
    row = connection.execute(_SQL["stretch"], {"at": instant(at)}).fetchone()
    assert row is not None
    since, until = row
    return since or 0, FOREVER if until is None else until


def read_lines(connection: Connection[Any]) -> list[Line]:
    """All streets, those that nobody walks included."""
    rows = streets_now(connection)
    shapes = shapely.from_wkb([row["wkb"] for row in rows])
    closed, cut = (shapely.from_wkb([row[column] for row in rows]) for column in ("closed", "cut"))
    return [
        Line(shape, row["name"], foot_of(row["foot"], row["class"]), *marks)
        for row, shape, *marks in zip(rows, shapes, closed, cut, strict=True)
    ]


def read_barriers(connection: Connection[Any]) -> list[Barrier]:
    """All that nobody crosses."""
    rows = barriers_now(connection)
    shapes = shapely.from_wkb([row["wkb"] for row in rows])
    return [Barrier(shape, row["class"]) for row, shape in zip(rows, shapes, strict=True)]


def read_profiles(connection: Connection[Any]) -> dict[str, Profile]:
    """Ways of walking by code, the one that is meant without being named first; `ADULT` where there are none."""
    found = [Profile(*row) for row in connection.execute(_SQL["profiles"])]
    return {profile.code: profile for profile in found or [ADULT]}


def read_sizes(connection: Connection[Any]) -> tuple[int, int]:
    """How many streets and addresses there are."""
    row = connection.execute(_SQL["sizes"]).fetchone()
    assert row is not None
    streets, addresses = row
    return streets, addresses
