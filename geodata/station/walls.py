"""What stands between the cells around a station and the ways near them: the barriers by the cells that they touch."""

import math
from typing import Final, NamedTuple

import numba
import numpy as np

from geodata.station.network.arrays import Places, Reals
from geodata.station.network.sight import in_sight

_FAR: Final = 1e300
# A barrier counts as touching a cell that it comes so near to, in cells: rounding never hides it.
_SLACK: Final = 1e-6
# Barriers are taken as so many metres longer at both ends, as for homes.
_LONGER: Final = 0.001


class Cells(NamedTuple):
    """South-west corner of the first cell, and the size of every cell, in metres of the station's plane."""

    west: float
    south: float
    wide: float
    high: float


class Walls(NamedTuple):
    """Barriers among cells.

    ``lines`` are segments ``x1 y1 x2 y2`` in metres; ``line[first[cell] : first[cell + 1]]`` those that touch a cell,
    row by row; ``sums[row, column]`` counts the touches of all cells south-west of a corner.
    """

    lines: Reals
    first: Places
    line: Places
    sums: Places


def walls_among(cells: Cells, shape: tuple[int, int], barriers: Reals) -> Walls:
    """Barriers by the cells that they touch.

    Parameters
    ----------
    shape
        Rows and columns.
    barriers
        Segments ``x1 y1 x2 y2``, metres in the plane of the cells, (n, 4).
    """
    along = barriers[:, 2:] - barriers[:, :2]
    longer = along * (_LONGER / np.maximum(np.hypot(along[:, :1], along[:, 1:]), _LONGER))
    lines = np.concatenate([barriers[:, :2] - longer, barriers[:, 2:] + longer], axis=1)
    corner = (cells.west, cells.south) * 2
    first, line = _touched((lines - corner) / ((cells.wide, cells.high) * 2), *shape)
    sums = np.zeros((shape[0] + 1, shape[1] + 1), dtype=np.int64)
    sums[1:, 1:] = np.diff(first).reshape(shape).cumsum(axis=0).cumsum(axis=1)
    return Walls(lines, first, line, sums)


@numba.njit(cache=True, nogil=True)
def _touched(lines: Reals, rows: int, columns: int) -> tuple[Places, Places]:
    """First entry of each cell, and the lines that touch it; in units of cells."""
    first = np.zeros(rows * columns + 1, dtype=np.int64)
    filled, line = first[:-1].copy(), np.empty(0, dtype=np.int64)
    for filling in (False, True):
        for at in range(lines.shape[0]):
            y1, y2 = lines[at, 1], lines[at, 3]
            low, high = math.floor(min(y1, y2) - _SLACK), math.floor(max(y1, y2) + _SLACK)
            for row in range(max(0, low), min(rows - 1, high) + 1):
                begin, end = _columns_met(lines[at], row)
                for column in range(max(0, begin), min(columns - 1, end) + 1):
                    cell = row * columns + column
                    if filling:
                        line[filled[cell]] = at
                        filled[cell] += 1
                    else:
                        first[cell + 1] += 1
        if not filling:
            first = np.cumsum(first)
            filled, line = first[:-1].copy(), np.empty(first[-1], dtype=np.int64)
    return first, line


@numba.njit(cache=True, nogil=True)
def _columns_met(line: Reals, row: int) -> tuple[int, int]:
    """First and last column that a line touches in a row."""
    x1, y1, x2, y2 = line
    begin, end = 0.0, 1.0
    if y1 != y2:
        one, other = (row - _SLACK - y1) / (y2 - y1), (row + 1 + _SLACK - y1) / (y2 - y1)
        begin, end = max(0.0, min(one, other)), min(1.0, max(one, other))
    one, other = x1 + begin * (x2 - x1), x1 + end * (x2 - x1)
    return math.floor(min(one, other) - _SLACK), math.floor(max(one, other) + _SLACK)


@numba.njit(cache=True, nogil=True)
def wall_between(walls: Walls, cells: Cells, row: int, column: int, x: float, y: float, one: Reals, last: int) -> int:
    """A barrier that stands between the centre of a cell and a point, by the rule that holds for homes; -1 for none.

    Parameters
    ----------
    one
        Room for one barrier, (1, 4).
    last
        A barrier that is likely to: the one that stood before a cell near by; -1 for none.

    Notes
    -----
    Looks only at cells that lie between the two; where the rectangle over both has no barrier at all, at none.
    """
    rows, columns = walls.sums.shape[0] - 1, walls.sums.shape[1] - 1
    to_x, to_y = (x - cells.west) / cells.wide, (y - cells.south) / cells.high
    last_row, last_column = math.floor(to_y), math.floor(to_x)
    low, high = max(min(row, last_row), 0), min(max(row, last_row), rows - 1) + 1
    left, right = max(min(column, last_column), 0), min(max(column, last_column), columns - 1) + 1
    sums = walls.sums
    if sums[high, right] - sums[low, right] - sums[high, left] + sums[low, left] == 0:
        return -1
    east, north = to_x - column - 0.5, to_y - row - 0.5
    if last >= 0 and _stands(walls, cells, last, row, column, east, north, one):
        return last
    return _met_on_the_way(walls, cells, row, column, east, north, one)


@numba.njit(cache=True, nogil=True)
def _stands(
    walls: Walls, cells: Cells, wall: int, row: int, column: int, east: float, north: float, one: Reals
) -> bool:
    """Whether a barrier stands on the way from a cell's centre that leads so many cells east and north."""
    centre_x, centre_y = cells.west + (column + 0.5) * cells.wide, cells.south + (row + 0.5) * cells.high
    line = walls.lines[wall]
    one[0, 0], one[0, 1] = line[0] - centre_x, line[1] - centre_y
    one[0, 2], one[0, 3] = line[2] - centre_x, line[3] - centre_y
    return not in_sight(one, east * cells.wide, north * cells.high)


@numba.njit(cache=True, nogil=True)
def _met_on_the_way(walls: Walls, cells: Cells, row: int, column: int, east: float, north: float, one: Reals) -> int:
    """The first barrier met on the way from a cell's centre that leads so many cells east and north; -1 for none."""
    from_row, from_column = row, column
    rows, columns = walls.sums.shape[0] - 1, walls.sums.shape[1] - 1
    gap_x = 1.0 / abs(east) if east != 0.0 else _FAR
    gap_y = 1.0 / abs(north) if north != 0.0 else _FAR
    next_x, next_y = 0.5 * gap_x, 0.5 * gap_y
    for _ in range(abs(math.floor(0.5 + east)) + abs(math.floor(0.5 + north)) + 1):
        if 0 <= row < rows and 0 <= column < columns:
            cell = row * columns + column
            for place in range(walls.first[cell], walls.first[cell + 1]):
                wall = int(walls.line[place])
                if _stands(walls, cells, wall, from_row, from_column, east, north, one):
                    return wall
        if next_x < next_y:
            column += 1 if east > 0 else -1
            next_x += gap_x
        else:
            row += 1 if north > 0 else -1
            next_y += gap_y
    return -1
