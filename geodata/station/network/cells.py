"""Which stretches of edges and of barriers are near a place: one layer of cells over both.

Only cells that hold something are kept, row by row in order of their columns: the neighbours of a cell in its row
follow it, so that a search reads one stretch of memory for each row. A line far away from all others costs its own
cells, not those between.
"""

from dataclasses import dataclass, fields
from typing import Final, NamedTuple, TypeAlias

import numba
import numpy as np
from numpy.typing import NDArray

from geodata.metres import metres_per_degree
from geodata.station.network.lengths import metres_between

Reals: TypeAlias = NDArray[np.float64]
Numbers: TypeAlias = NDArray[np.int32]
Places: TypeAlias = NDArray[np.int64]

CELL_METRES: Final = 100.0
"""Side of a cell: of 40 to 150 m the one at which snapping within 150 m took the least time."""
# A stretch is listed in each cell that it comes so near to, in sides of a cell: rounding never hides it.
_NEAR: Final = 1e-3
# So many entries for each stretch at most, else cells are made larger: a line across a continent has long stretches.
_ENTRIES: Final = 8
_STEEPEST_LAT: Final = 89.0

# Fields of ``frame``.
WEST, SOUTH, PER_LON, PER_LAT, COLUMNS, ROWS = range(6)


@dataclass(frozen=True, slots=True)
class EdgeIndex:
    """Cells over the stretches of edges and of barriers.

    Parameters
    ----------
    frame
        West and south of the lowest cell in EPSG:4326 degrees, cells per degree of longitude and of latitude, columns
        and rows of the box around everything.
    along
        Metres from the edge's tail to each vertex of the shapes.
    row_first, column, first
        Of each row its first cell, (rows + 1,); of each cell its column and its first entry, (cells + 1,).
    edge, vertex
        Entries: the edge, and the vertex that the stretch begins at.
    barrier_row_first, barrier_column, barrier_first, barrier
        The same of barriers; entries are rows of `Network.barriers`.
    rim_first, rim
        Of each row, (rows + 1,), the barriers that are the rim of an area and come into it.
    """

    frame: Reals
    along: Reals
    row_first: Places
    column: Numbers
    first: Places
    edge: Numbers
    vertex: Numbers
    barrier_row_first: Places
    barrier_column: Numbers
    barrier_first: Places
    barrier: Numbers
    rim_first: Places
    rim: Numbers

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays."""
        return sum(getattr(self, field.name).nbytes for field in fields(self))


class Filled(NamedTuple):
    """Cells that hold something, row by row."""

    row_first: Places
    column: Numbers
    first: Places
    entry: Numbers


def make_index(
    shape_first: Places,
    shape_lons: Reals,
    shape_lats: Reals,
    barriers: Reals,
    barrier_area: NDArray[np.bool_],
    *,
    cell_metres: float = CELL_METRES,
) -> EdgeIndex:
    """The index of a network's edges and barriers.

    Parameters
    ----------
    shape_first, shape_lons, shape_lats
        As in `Network`, EPSG:4326.
    barriers, barrier_area
        Segments (m, 4) and whether each is of an area's rim (m,).
    cell_metres
        Side of a cell, more where stretches are much longer than that.

    Notes
    -----
    Without edges and barriers there are no cells.
    """
    edge_of = np.repeat(np.arange(len(shape_first) - 1, dtype=np.int32), np.diff(shape_first))
    begin = np.flatnonzero(edge_of[1:] == edge_of[:-1])
    stretches = np.column_stack([shape_lons[begin], shape_lats[begin], shape_lons[begin + 1], shape_lats[begin + 1]])
    both = np.ascontiguousarray(np.concatenate([stretches, np.asarray(barriers, np.float64).reshape(-1, 4)]))
    frame = _frame(both, cell_metres)
    edges = _filled(frame, both[: len(begin)])
    walls = _filled(frame, both[len(begin) :])
    rim_first, rim = _rims(frame, both[len(begin) :], np.flatnonzero(barrier_area))
    along = np.zeros(len(shape_lons))
    _along(shape_first, shape_lons, shape_lats, along)
    vertex = begin[edges.entry].astype(np.int32)
    return EdgeIndex(
        frame, along, edges.row_first, edges.column, edges.first, edge_of[vertex], vertex, *walls, rim_first, rim
    )


def _frame(stretches: Reals, cell_metres: float) -> Reals:
    """The frame around stretches (n, 4), its cells so large that not too many hold the same stretch."""
    if not len(stretches):
        return np.zeros(6)
    lons, lats = stretches[:, 0::2], stretches[:, 1::2]
    west, south, east, north = lons.min(), lats.min(), lons.max(), lats.max()
    per_lon, per_lat = metres_per_degree(float(np.clip((south + north) / 2, -_STEEPEST_LAT, _STEEPEST_LAT)))
    while True:
        scale_lon, scale_lat = per_lon / cell_metres, per_lat / cell_metres
        sides = np.floor([(east - west) * scale_lon, (north - south) * scale_lat]) + 1
        frame = np.array([west, south, scale_lon, scale_lat, *sides])
        if _count(frame, stretches) <= _ENTRIES * len(stretches) + 10_000:
            return frame
        cell_metres *= 2


def _filled(frame: Reals, stretches: Reals) -> Filled:
    rows, columns = int(frame[ROWS]), int(frame[COLUMNS])
    cell, entry = np.empty((2, _count(frame, stretches)), np.int64)
    _list(frame, stretches, cell, entry)
    order = np.argsort(cell, kind="stable")
    cells, first = np.unique(cell[order], return_index=True)
    row_first = np.searchsorted(cells, np.arange(rows + 1) * columns)
    return Filled(
        row_first.astype(np.int64),
        (cells % max(columns, 1)).astype(np.int32),
        np.append(first, len(order)).astype(np.int64),
        entry[order].astype(np.int32),
    )


def _rims(frame: Reals, barriers: Reals, rims: Places) -> tuple[Places, Numbers]:
    """Of each row its first entry, and the barriers of areas that come into it."""
    rows = int(frame[ROWS])
    y = (barriers[rims][:, 1::2] - frame[SOUTH]) * frame[PER_LAT]
    low = np.clip(np.floor(y.min(axis=1, initial=np.inf) - _NEAR), 0, max(rows - 1, 0)).astype(np.int64)
    high = np.clip(np.floor(y.max(axis=1, initial=-np.inf) + _NEAR), 0, max(rows - 1, 0)).astype(np.int64)
    count = high - low + 1
    within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    row = np.repeat(low, count) + within
    order = np.argsort(row, kind="stable")
    return np.searchsorted(row[order], np.arange(rows + 1)).astype(np.int64), np.repeat(rims, count)[order].astype(
        np.int32
    )


@numba.njit(cache=True, nogil=True)
def _columns(frame: Reals, stretch: Reals, row: int) -> tuple[int, int]:
    """First and last column of the cells in a row that a stretch comes into, or near."""
    x1, y1 = (stretch[0] - frame[WEST]) * frame[PER_LON], (stretch[1] - frame[SOUTH]) * frame[PER_LAT]
    x2, y2 = (stretch[2] - frame[WEST]) * frame[PER_LON], (stretch[3] - frame[SOUTH]) * frame[PER_LAT]
    low, high = min(x1, x2), max(x1, x2)
    if y1 != y2:
        one = x1 + (x2 - x1) * min(max((row - _NEAR - y1) / (y2 - y1), 0.0), 1.0)
        other = x1 + (x2 - x1) * min(max((row + 1 + _NEAR - y1) / (y2 - y1), 0.0), 1.0)
        low, high = min(one, other), max(one, other)
    last = int(frame[COLUMNS]) - 1
    return max(int(np.floor(low - _NEAR)), 0), min(int(np.floor(high + _NEAR)), last)


@numba.njit(cache=True, nogil=True)
def _rows(frame: Reals, stretch: Reals) -> tuple[int, int]:
    """First and last row that a stretch comes into, or near."""
    y1, y2 = (stretch[1] - frame[SOUTH]) * frame[PER_LAT], (stretch[3] - frame[SOUTH]) * frame[PER_LAT]
    low, high = int(np.floor(min(y1, y2) - _NEAR)), int(np.floor(max(y1, y2) + _NEAR))
    return max(low, 0), min(high, int(frame[ROWS]) - 1)


@numba.njit(cache=True, nogil=True)
def _count(frame: Reals, stretches: Reals) -> int:
    """How many entries the cells have."""
    entries = 0
    for at in range(stretches.shape[0]):
        low, high = _rows(frame, stretches[at])
        for row in range(low, high + 1):
            left, right = _columns(frame, stretches[at], row)
            entries += right - left + 1
    return entries


@numba.njit(cache=True, nogil=True)
def _list(frame: Reals, stretches: Reals, cell: Places, entry: Places) -> None:
    """Write the cells that each stretch comes into."""
    to = 0
    for at in range(stretches.shape[0]):
        low, high = _rows(frame, stretches[at])
        for row in range(low, high + 1):
            left, right = _columns(frame, stretches[at], row)
            for column in range(left, right + 1):
                cell[to] = row * int(frame[COLUMNS]) + column
                entry[to] = at
                to += 1


@numba.njit(cache=True, nogil=True)
def _along(shape_first: Places, lons: Reals, lats: Reals, along: Reals) -> None:
    """Write how far each vertex is from the tail of its edge, in metres along it."""
    for edge in range(shape_first.shape[0] - 1):
        for at in range(shape_first[edge] + 1, shape_first[edge + 1]):
            along[at] = along[at - 1] + metres_between(lons[at - 1], lats[at - 1], lons[at], lats[at])
