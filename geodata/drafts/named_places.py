"""Ground that operations name by what stands on it: buildings, entries of the register, the lines around a block."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import shapely
from psycopg import Connection
from shapely import Geometry

from geodata.errors import NotKnownError
from geodata.queries import named_queries
from geodata.times import instant

_SQL = named_queries(__file__)
_NAMED = 5

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class NamedPlaces:
    """Places in PostGIS.

    Parameters
    ----------
    connection
        Of the transaction that the operation is done in.
    at
        Instant that buildings are in force at, microseconds since 1970-01-01 UTC.
    """

    connection: Connection[Any]
    at: int

    def building(self, code: str) -> Point:
        """Longitude and latitude of a building.

        Raises
        ------
        NotKnownError
            There is none of that code.
        """
        values = {"code": code, "at": instant(self.at)}
        row = self.connection.execute(_SQL["building_point"], values).fetchone()
        if row is None:
            raise NotKnownError(
                f"There is no building {code[:64]!r}.", f"没有楼栋“{code[:64]}”。", field="building", value=code[:64]
            )
        return float(row[0]), float(row[1])

    def addresses(self, codes: Sequence[str]) -> list[Point]:
        """Longitudes and latitudes of entries of the register, each code once.

        Raises
        ------
        NotKnownError
            The register lacks some of them.
        """
        rows = self.connection.execute(_SQL["address_points"], {"codes": list(codes)}).fetchall()
        found = {code: (float(lon), float(lat)) for code, lon, lat in rows}
        missing = [code for code in dict.fromkeys(codes) if code not in found]
        if missing:
            named = ", ".join(missing[:_NAMED]) + (" …" if len(missing) > _NAMED else "")
            raise NotKnownError(
                f"The register has no entries {named}: {len(missing)} of {len(set(codes))} are missing.",
                f"标准地址库中没有 {named}：{len(set(codes))} 条中缺少 {len(missing)} 条。",
                field="addresses",
                missing=missing[:100],
            )
        return [found[code] for code in dict.fromkeys(codes)]

    def within(self, shape: Geometry) -> list[Point]:
        """All places of buildings and entries in a shape, from west to east."""
        values = {"wkb": shapely.to_wkb(shape), "at": instant(self.at)}
        return [(float(lon), float(lat)) for lon, lat in self.connection.execute(_SQL["points_within"], values)]

    def lines(self, shape: Geometry) -> list[Geometry]:
        """Streets and barriers that meet a shape, EPSG:4326."""
        rows = self.connection.execute(_SQL["lines_near"], {"wkb": shapely.to_wkb(shape)}).fetchall()
        return [shapely.from_wkb(bytes(wkb)) for (wkb,) in rows]
