"""How long the walk is to the centre of each cell around a station, by the rule that holds for homes."""

import math
from typing import Final, NamedTuple

import numba
import numpy as np

from geodata.station.network.arrays import Flags, Places, Reals
from geodata.station.network.near import STANDS_ON_METRES
from geodata.station.network.snap import SNAP_METRES
from geodata.station.walls import Cells, Walls, wall_between

_FAR: Final = 1e300
_SNAP: Final = float(SNAP_METRES)
_STANDS_ON: Final = float(STANDS_ON_METRES)


class Ways(NamedTuple):
    """Edges, or parts of them, from which cells are reached.

    Parameters
    ----------
    first, x, y
        Vertices of each from its tail to its head, ``x[first[way] : first[way + 1]]``, in metres of the plane.
    tail_ms, head_ms
        When its ends are reached; inf for never.
    from_metres, from_ms
        Where between its ends somebody steps on it, and when; inf for nowhere.
    per_metre
        Milliseconds for a metre of it.
    """

    first: Places
    x: Reals
    y: Reals
    tail_ms: Reals
    head_ms: Reals
    from_metres: Reals
    from_ms: Reals
    per_metre: Reals


class _Nearest(NamedTuple):
    """Of the cells that a way may improve: squared metres to it, where it is nearest, and which these cells are."""

    squared: Reals
    along: Reals
    x: Reals
    y: Reals
    cell: Places


def walk_surface(ways: Ways, cells: Cells, wet: Flags, walls: Walls, straight_ms: float, most_ms: float) -> Reals:
    """Least walking time to each cell's centre, milliseconds; inf from `most_ms` on, and where nothing leads.

    Parameters
    ----------
    wet
        Which cells have their centre in water, rows and columns.
    straight_ms
        Milliseconds for a metre beside the ways.

    Notes
    -----
    A cell is reached from every way within 150 m at the point of it that is nearest; where a barrier hides that, at
    the nearest point of another of its stretches that is in sight; in water only from a way on which it stands. The
    ways that are reached first decide most cells: the others are taken only where they can improve one.
    """
    surface = np.full(wet.shape, most_ms, dtype=np.float64)
    soonest = np.minimum(np.minimum(ways.tail_ms, ways.head_ms), ways.from_ms)
    order = np.argsort(soonest, kind="stable")
    _spread(surface, ways, soonest, order[soonest[order] < most_ms], cells, wet, walls, straight_ms, most_ms)
    surface[surface >= most_ms] = np.inf
    return surface


@numba.njit(cache=True, nogil=True)
def _spread(
    surface: Reals,
    ways: Ways,
    soonest: Reals,
    order: Places,
    cells: Cells,
    wet: Flags,
    walls: Walls,
    straight: float,
    most: float,
) -> None:
    """Lower the surface by each way in turn."""
    shape, one = surface.shape, np.empty((1, 4))
    nearest = _Nearest(
        np.full(shape, _FAR), np.empty(shape), np.empty(shape), np.empty(shape), np.empty(surface.size, np.int64)
    )
    for way in order:
        reach = min(_SNAP, (most - soonest[way]) / straight)
        count, length = _nearest_points(surface, nearest, ways, way, cells, soonest[way], reach, straight)
        last = -1
        straight_way = ways.first[way + 1] - ways.first[way] == 2
        for place in range(count):
            row, column = divmod(nearest.cell[place], shape[1])
            squared = nearest.squared[row, column]
            nearest.squared[row, column] = _FAR
            if wet[row, column] and squared > _STANDS_ON * _STANDS_ON:
                continue
            ms = _time(ways, way, nearest.along[row, column], length) + math.sqrt(squared) * straight
            if ms >= surface[row, column] and straight_way:
                continue  # no other stretch could be in sight instead
            x, y = nearest.x[row, column], nearest.y[row, column]
            wall = wall_between(walls, cells, row, column, x, y, one, last)
            if wall >= 0:
                last = wall
                if straight_way:
                    continue
                left = min(reach, (surface[row, column] - soonest[way]) / straight)
                ms = _time_in_sight(ways, way, length, cells, walls, row, column, left, straight, one)
            surface[row, column] = min(ms, surface[row, column])


@numba.njit(cache=True, nogil=True)
def _time(ways: Ways, way: int, along: float, length: float) -> float:
    """When a point of a way is reached that lies so many metres from its tail."""
    per_metre = ways.per_metre[way]
    by_ends = min(ways.tail_ms[way] + along * per_metre, ways.head_ms[way] + (length - along) * per_metre)
    return float(min(by_ends, ways.from_ms[way] + abs(along - ways.from_metres[way]) * per_metre))


@numba.njit(cache=True, nogil=True)
def _cells_near(one: float, other: float, reach: float, origin: float, size: float, count: int) -> tuple[int, int]:
    """First and one past the last cell whose centre lies so near to a stretch, along one axis."""
    low = math.ceil((min(one, other) - reach - origin) / size - 0.5)
    high = math.floor((max(one, other) + reach - origin) / size - 0.5)
    return max(0, low), min(count, high + 1)


@numba.njit(cache=True, nogil=True)
def _nearest_points(
    surface: Reals, nearest: _Nearest, ways: Ways, way: int, cells: Cells, soonest: float, reach: float, straight: float
) -> tuple[int, float]:
    """Of one way, the point nearest to each cell that it may improve; how many these are, and how long the way is.

    Notes
    -----
    A stretch too far away to improve a cell is left out. That never brings in a farther one: that would be too far
    away as well.
    """
    rows, columns = surface.shape
    count, length = 0, 0.0
    for vertex in range(ways.first[way], ways.first[way + 1] - 1):
        x, y = ways.x[vertex], ways.y[vertex]
        dx, dy = ways.x[vertex + 1] - x, ways.y[vertex + 1] - y
        square = dx * dx + dy * dy
        inverse, metres = (1.0 / square if square > 0.0 else 0.0), math.sqrt(square)
        begin, end = _cells_near(x, x + dx, reach, cells.west, cells.wide, columns)
        low, high = _cells_near(y, y + dy, reach, cells.south, cells.high, rows)
        for row in range(low, high):
            north = cells.south + (row + 0.5) * cells.high - y
            for column in range(begin, end):
                left = (surface[row, column] - soonest) / straight
                if left <= 0.0:
                    continue
                east = cells.west + (column + 0.5) * cells.wide - x
                share = min(1.0, max(0.0, (east * dx + north * dy) * inverse))
                off_x, off_y = east - share * dx, north - share * dy
                squared = off_x * off_x + off_y * off_y
                if squared > _SNAP * _SNAP or squared >= left * left or squared >= nearest.squared[row, column]:
                    continue
                if nearest.squared[row, column] == _FAR:
                    nearest.cell[count] = row * columns + column
                    count += 1
                nearest.squared[row, column] = squared
                nearest.along[row, column] = length + share * metres
                nearest.x[row, column], nearest.y[row, column] = x + share * dx, y + share * dy
        length += metres
    return count, length


@numba.njit(cache=True, nogil=True)
def _time_in_sight(
    ways: Ways,
    way: int,
    length: float,
    cells: Cells,
    walls: Walls,
    row: int,
    column: int,
    reach: float,
    straight: float,
    one: Reals,
) -> float:
    """When a cell is reached from the nearest point of any stretch of a way that is in sight and so near; else inf."""
    centre_x, centre_y = cells.west + (column + 0.5) * cells.wide, cells.south + (row + 0.5) * cells.high
    closest, found, passed = reach * reach, math.inf, 0.0
    for vertex in range(ways.first[way], ways.first[way + 1] - 1):
        x, y = ways.x[vertex] - centre_x, ways.y[vertex] - centre_y
        dx, dy = ways.x[vertex + 1] - ways.x[vertex], ways.y[vertex + 1] - ways.y[vertex]
        square = dx * dx + dy * dy
        share = min(1.0, max(0.0, -(x * dx + y * dy) / square)) if square > 0.0 else 0.0
        to_x, to_y = x + share * dx, y + share * dy
        squared = to_x * to_x + to_y * to_y
        if squared >= closest:
            passed += math.sqrt(square)
            continue
        if wall_between(walls, cells, row, column, centre_x + to_x, centre_y + to_y, one, -1) < 0:
            closest = squared
            along = passed + share * math.sqrt(square)
            found = _time(ways, way, along, length) + math.sqrt(squared) * straight
        passed += math.sqrt(square)
    return found
