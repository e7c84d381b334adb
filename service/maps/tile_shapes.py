"""The square of the world that tiles part, and rings of whole places on it.

Units of the world are those of the finest tiles, `FINEST_ZOOM`: whole numbers below 2**28, x to the east, y to the
south. Rounding happens to places of the world, not of a tile, so that neighbours and tiles share borders.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from service.maps.mvt import EXTENT, Integers

FINEST_ZOOM: Final = 16
BUFFER: Final = 64
"""How far a tile goes on beyond its square, in units of the tile: what is cut there is out of sight."""

WORLD: Final = EXTENT << FINEST_ZOOM
_NORTHMOST: Final = 85.0511287

Shapes = NDArray[np.object_]
Numbers = NDArray[np.float64]


class Tile(NamedTuple):
    """One square of the world: zoom, column from the west, row from the north."""

    z: int
    x: int
    y: int

    @property
    def shift(self) -> int:
        """Bits that a unit of the world has more than a unit of this tile."""
        return FINEST_ZOOM - self.z

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Least x and y, greatest x and y in units of the world, the buffer included."""
        size = EXTENT << self.shift
        more = BUFFER << self.shift
        west, north = self.x * size, self.y * size
        return west - more, north - more, west + size + more, north + size + more

    def local(self, places: Integers) -> Integers:
        """Places of the world in whole units of this tile."""
        half = (1 << self.shift) >> 1
        found: Integers = ((places + half) >> self.shift) - np.array([self.x * EXTENT, self.y * EXTENT])
        return found


def on_world(points: Numbers) -> Numbers:
    """Places of the world, not rounded.

    Parameters
    ----------
    points
        lon, lat in degrees, EPSG:4326, shape (n, 2); those beyond the ends of the square are moved to them.
    """
    lat = np.radians(np.clip(points[:, 1], -_NORTHMOST, _NORTHMOST))
    north = np.arctanh(np.sin(lat)) / (2 * np.pi)
    return np.column_stack([points[:, 0] / 360 + 0.5, 0.5 - north]) * WORLD


def from_world(places: Numbers) -> Numbers:
    """lon, lat in degrees of places of the world, shape (n, 2)."""
    east, south = places[:, 0] / WORLD, places[:, 1] / WORLD
    lat = np.degrees(np.arctan(np.sinh((0.5 - south) * 2 * np.pi)))
    return np.column_stack([(east - 0.5) * 360, lat])


def without_repeats(points: Integers, lengths: Integers, *, closed: bool) -> tuple[Integers, Integers]:
    """Points that are not the one before, of a closed line the last one before its first; one of each line stays."""
    if not len(points):
        return points, lengths
    before, begins = neighbours(lengths, -1)
    kept = (points != points[before]).any(axis=1)
    if not closed:
        kept[begins] = True
    part = np.repeat(np.arange(len(lengths)), lengths)
    return points[kept], np.bincount(part[kept], minlength=len(lengths))


def neighbours(lengths: Integers, step: int) -> tuple[Integers, Integers]:
    """Place of the point before (-1) or after (1) each one round its ring, and the places of first points."""
    some = lengths[lengths > 0]
    ends = np.cumsum(some)
    begins = ends - some
    around = np.arange(int(ends[-1])) + step
    if step > 0:
        around[ends - 1] = begins
    else:
        around[begins] = ends - 1
    return around, begins
