"""Cells of 20 m that are the same for all stations of a network, and which of them lie in water."""

import math
from dataclasses import dataclass
from typing import Final

import numba
import numpy as np

from geodata.metres import metres_per_degree
from geodata.station.network.arrays import Flags, Places, Reals

CELL_METRES: Final = 20.0


@dataclass(frozen=True, slots=True)
class Lattice:
    """Cell (i, j) has its south-west corner at (i × `step_lon`, j × `step_lat`) degrees, its centre half a step on.

    Parameters
    ----------
    step_lon, step_lat
        Degrees that measure 20 m at the network's latitude, rounded to a whole degree so that a new street moves no
        cell. Half a degree from there cells are up to 0.2 m wider or narrower in mainland China.
    shore_row, shore_first, shore_lon
        Where the row of cell centres j = `shore_row` + r meets the rims of water: longitudes, ascending, at
        ``shore_first[r]`` to ``shore_first[r + 1]``.
    """

    step_lon: float
    step_lat: float
    shore_row: int
    shore_first: Places
    shore_lon: Reals

    def wet(self, window: "Window") -> Flags:
        """Which cells have their centre in water, as the rows and columns of the window."""
        found = np.zeros(window.shape, dtype=np.bool_)
        west = (window.column + 0.5) * self.step_lon
        _fill_wet(found, west, self.step_lon, window.row - self.shore_row, self.shore_first, self.shore_lon)
        return found

    def cells_of(self, lons: Reals, lats: Reals) -> tuple[Places, Places]:
        """Column and row of the cells that points lie in."""
        columns, rows = np.floor(lons / self.step_lon), np.floor(lats / self.step_lat)
        return columns.astype(np.int64), rows.astype(np.int64)


@dataclass(frozen=True, slots=True)
class Window:
    """A rectangle of cells, ``shape`` rows and columns from (`column`, `row`) on."""

    column: int
    row: int
    shape: tuple[int, int]


def lattice_of(lats: Reals, barriers: Reals, barrier_area: Flags) -> Lattice:
    """The lattice of a network.

    Parameters
    ----------
    lats
        Latitudes of its nodes, EPSG:4326; of none, the equator's cells are taken.
    barriers, barrier_area
        As in `Network`.
    """
    middle = round((float(lats.min()) + float(lats.max())) / 2) if len(lats) else 0
    per_lon, per_lat = metres_per_degree(float(max(-80, min(80, middle))))
    step_lon, step_lat = CELL_METRES / per_lon, CELL_METRES / per_lat
    rims = np.ascontiguousarray(barriers[barrier_area])
    if not len(rims):
        return Lattice(step_lon, step_lat, 0, np.zeros(1, dtype=np.int64), np.empty(0))
    first_row = math.floor(rims[:, [1, 3]].min() / step_lat)
    rows = math.floor(rims[:, [1, 3]].max() / step_lat) - first_row + 1
    first, lon = _shores(rims, step_lat, first_row, rows)
    return Lattice(step_lon, step_lat, first_row, first, lon)


@numba.njit(cache=True, nogil=True)
def _shores(rims: Reals, step: float, first_row: int, rows: int) -> tuple[Places, Reals]:
    """Where the rows of cell centres meet the segments of rims, row by row from west to east."""
    first = np.zeros(rows + 1, dtype=np.int64)
    for segment in range(rims.shape[0]):
        begin, end = _rows_met(rims[segment, 1], rims[segment, 3], step)
        for row in range(begin, end):
            first[row - first_row + 1] += 1
    for row in range(rows):
        first[row + 1] += first[row]
    lon, filled = np.empty(first[rows]), first[:-1].copy()
    for segment in range(rims.shape[0]):
        lon1, lat1, lon2, lat2 = rims[segment]
        begin, end = _rows_met(lat1, lat2, step)
        for row in range(begin, end):
            share = ((row + 0.5) * step - lat1) / (lat2 - lat1)
            lon[filled[row - first_row]] = lon1 + share * (lon2 - lon1)
            filled[row - first_row] += 1
    for row in range(rows):
        lon[first[row] : first[row + 1]].sort()
    return first, lon


@numba.njit(cache=True, nogil=True)
def _rows_met(lat1: float, lat2: float, step: float) -> tuple[int, int]:
    """Rows whose centre lies in [south, north) of a segment, so that of two that meet one counts."""
    south, north = min(lat1, lat2), max(lat1, lat2)
    return math.ceil(south / step - 0.5), math.ceil(north / step - 0.5)


@numba.njit(cache=True, nogil=True)
def _fill_wet(found: Flags, west: float, step: float, offset: int, first: Places, lon: Reals) -> None:
    for row in range(found.shape[0]):
        shore = offset + row
        if shore < 0 or shore >= first.shape[0] - 1:
            continue
        meets = lon[first[shore] : first[shore + 1]]
        passed = np.searchsorted(meets, west)
        for column in range(found.shape[1]):
            while passed < meets.shape[0] and meets[passed] < west + column * step:
                passed += 1
            found[row, column] = passed % 2 == 1
