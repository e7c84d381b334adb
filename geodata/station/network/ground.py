"""What snapping reads of a network, and how it finds its way through the cells; compiled."""

import math
from typing import Any, Final, NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from geodata.metres import metres_per_degree
from geodata.station.network.arrays import Network, Numbers, Places, Reals
from geodata.station.network.cells import COLUMNS, PER_LAT, PER_LON, ROWS, SOUTH, WEST

_STEEPEST_LAT: Final = 89.0


class Ground(NamedTuple):
    """What snapping reads of a network; fields as in `Network` and `EdgeIndex`."""

    tail: Numbers
    head: Numbers
    mm: Numbers
    shape_first: Places
    lons: Reals
    lats: Reals
    barriers: Reals
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


def ground_of(network: Network) -> Ground:
    """What snapping reads of a network, as arrays of one kind: mapped or not, the same compiled code takes them."""
    index = network.index
    shapes = (network.tail, network.head, network.mm, network.shape_first, network.shape_lons, network.shape_lats)
    cells = [getattr(index, name) for name in Ground._fields[7:]]
    return Ground(*(read_only(array) for array in (*shapes, network.barriers, *cells)))


def read_only(array: NDArray[Any]) -> NDArray[Any]:
    """A view of an array that cannot be written to."""
    view = np.ascontiguousarray(array).view(np.ndarray)
    view.flags.writeable = False
    return view


@numba.njit(cache=True, nogil=True)
def box_around(frame: Reals, lon: float, lat: float, reach_lon: float, reach_lat: float) -> tuple[int, int, int, int]:
    """First and last row and first and last column of the cells around a point; no rows where there are none."""
    left = max(np.floor((lon - reach_lon - frame[WEST]) * frame[PER_LON]), 0.0)
    right = min(np.floor((lon + reach_lon - frame[WEST]) * frame[PER_LON]), frame[COLUMNS] - 1.0)
    low = max(np.floor((lat - reach_lat - frame[SOUTH]) * frame[PER_LAT]), 0.0)
    high = min(np.floor((lat + reach_lat - frame[SOUTH]) * frame[PER_LAT]), frame[ROWS] - 1.0)
    if not (math.isfinite(lon + lat) and left <= right and low <= high):
        return 0, -1, 0, -1
    return int(low), int(high), int(left), int(right)


@numba.njit(cache=True, nogil=True)
def entries_of(row_first: Places, column: Numbers, first: Places, row: int, left: int, right: int) -> tuple[int, int]:
    """First and last + 1 entry of a row's cells between two columns."""
    low, high = row_first[row], row_first[row + 1]
    end = high
    while low < high:
        middle = (low + high) // 2
        if column[middle] < left:
            low = middle + 1
        else:
            high = middle
    last = low
    while last < end and column[last] <= right:
        last += 1
    return first[low], first[last]


@numba.njit(cache=True, nogil=True)
def room_in(row_first: Places, column: Numbers, first: Places, box: tuple[int, int, int, int]) -> int:
    """How many entries the cells of a box have."""
    room = 0
    for row in range(box[0], box[1] + 1):
        begin, end = entries_of(row_first, column, first, row, box[2], box[3])
        room += end - begin
    return room


@numba.njit(cache=True, nogil=True)
def nearest_on(ax: float, ay: float, bx: float, by: float) -> tuple[float, float, float, float]:
    """Part of a stretch where it is nearest to (0, 0), that point, and the squared distance."""
    along_x, along_y = bx - ax, by - ay
    squared = along_x * along_x + along_y * along_y
    part = 0.0
    if squared > 0.0:
        part = min(max(-(ax * along_x + ay * along_y) / squared, 0.0), 1.0)
    x, y = ax + part * along_x, ay + part * along_y
    if part == 1.0:
        x, y = bx, by
    return part, x, y, x * x + y * y


@numba.njit(cache=True, nogil=True)
def scale_at(lat: float) -> tuple[float, float]:
    """Metres per degree of longitude and of latitude; beyond 89° those of 89°: a meridian stays some way off."""
    return metres_per_degree(min(max(lat, -_STEEPEST_LAT), _STEEPEST_LAT))


@numba.njit(cache=True, nogil=True)
def longer(array: Any, room: int) -> Any:
    """The array with room for as many, twice as long as before if it was shorter."""
    if array.shape[0] >= room:
        return array
    more = np.empty(max(room, 2 * array.shape[0]), array.dtype)
    more[: array.shape[0]] = array
    return more
