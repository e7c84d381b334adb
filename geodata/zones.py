"""China's Gauss-Krüger zones: which EPSG code an easting belongs to. `crs.py` is the door to this."""

import math
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone system and its place in its family.

    Parameters
    ----------
    numbered, plain
        First EPSG code of the family with the zone number in the easting, and without it.
    first, count
        Number of the family's first zone, and how many there are.
    index
        Place of this system in the family, from 0.
    carries
        The easting carries the zone number: 38 512 345 rather than 512 345.
    """

    numbered: int
    plain: int
    first: int
    count: int
    index: int
    carries: bool

    @property
    def million(self) -> int:
        """What the easting's millions must be: the zone number, or 0."""
        return self.first + self.index if self.carries else 0


# CGCS2000, Beijing 1954 and Xian 1980, each by 6 and by 3 degrees.
_FAMILIES: Final = (
    (4491, 4502, 13, 11),
    (4513, 4534, 25, 21),
    (21413, 21453, 13, 11),
    (2401, 2422, 25, 21),
    (2327, 2338, 13, 11),
    (2349, 2370, 25, 21),
)


def zone_of(epsg: int) -> Zone | None:
    """Zone system of an EPSG code, None for any other system."""
    for numbered, plain, first, count in _FAMILIES:
        for start, carries in ((numbered, True), (plain, False)):
            if start <= epsg < start + count:
                return Zone(numbered, plain, first, count, epsg - start, carries)
    return None


def fitting_code(x: float, epsg: int) -> int | None:
    """EPSG code that an easting in metres belongs to, when that is another one of the same family than `epsg`."""
    zone = zone_of(epsg)
    if zone is None or not math.isfinite(x):
        return None
    million = int(x // 1_000_000)
    if million == zone.million:
        return None
    if million == 0:
        return zone.plain + zone.index
    return zone.numbered + million - zone.first if zone.first <= million < zone.first + zone.count else None
