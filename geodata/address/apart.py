"""What lies together and what apart: points that are near one another, and the boxes around them."""

import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geodata.crs import metres_per_degree

Box = tuple[float, float, float, float]
"""West, south, east, north in EPSG:4326 degrees."""

_METRES_PER_DEGREE: Final = 111_195.0


def metres_from(here: tuple[float, float], points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Metres from one place to points, longitude and latitude, shape (n, 2): true near it, coarser beyond 50 km."""
    per_lon, per_lat = metres_per_degree(here[1])
    metres: NDArray[np.float64] = np.hypot((points[:, 0] - here[0]) * per_lon, (points[:, 1] - here[1]) * per_lat)
    return metres


def box_of(points: NDArray[np.float64]) -> Box:
    """The box around points, longitude and latitude, shape (n, 2), at least one."""
    west, south = points.min(axis=0).tolist()
    east, north = points.max(axis=0).tolist()
    return west, south, east, north


def around(one: Box, other: Box) -> Box:
    """The box around two."""
    return min(one[0], other[0]), min(one[1], other[1]), max(one[2], other[2]), max(one[3], other[3])


def gap_metres(one: Box, other: Box) -> float:
    """How far two boxes lie apart, 0 where they meet."""
    shrink = math.cos(math.radians((one[1] + one[3]) / 2))
    east = max(0.0, one[0] - other[2], other[0] - one[2]) * shrink
    north = max(0.0, one[1] - other[3], other[1] - one[3])
    return math.hypot(east, north) * _METRES_PER_DEGREE


def together(points: NDArray[np.float64], metres: float) -> list[Any]:
    """Positions of points in groups that lie apart from one another.

    Parameters
    ----------
    points
        Longitude and latitude in EPSG:4326 degrees, shape (n, 2).
    metres
        Points that are nearer to one another are in one group; those up to three times as far may be.

    Returns
    -------
    list of arrays
        Of positions, the group of the first point first.
    """
    west, south, east, north = box_of(points)
    scale = _METRES_PER_DEGREE / metres
    shrink = math.cos(math.radians(south))
    if (east - west) * shrink * scale < 1 and (north - south) * scale < 1:
        return [np.arange(len(points))]
    cells = np.floor((points - (west, south)) * (shrink * scale, scale)).astype(np.int64)
    distinct, which = np.unique(cells, axis=0, return_inverse=True)
    group = _linked([(column, row) for column, row in distinct.tolist()])
    labels = np.array(group)[which.ravel()]
    firsts = np.sort(np.unique(labels, return_index=True)[1])
    return [np.flatnonzero(labels == labels[first]) for first in firsts.tolist()]


def _linked(cells: list[tuple[int, int]]) -> list[int]:
    """A number for each cell, the same for those that touch one after another."""
    number = dict.fromkeys(cells, -1)
    for count, first in enumerate(cells):
        waiting = [first] if number[first] < 0 else []
        while waiting:
            cell = waiting.pop()
            number[cell] = count
            beside = ((cell[0] + east, cell[1] + north) for east in (-1, 0, 1) for north in (-1, 0, 1))
            waiting += [other for other in beside if number.get(other, 0) < 0]
    return [number[cell] for cell in cells]
