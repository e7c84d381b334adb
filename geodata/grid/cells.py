"""The cells of the grid index and how a point is answered from them.

A raster lies over the tiling; a cell that holds many borders is split 4 × 4, again and again. A cell is one 32-bit
word, two bits of kind and thirty of payload:

====================  ==================================================================================
`EMPTY`               nobody is here, nor within 1 mm
`WHOLE`               one polygon covers all of it, its borders more than 1 mm away; payload: its position
`LEAF`                several polygons or a border; payload: place in ``leaves``
`SPLIT`               payload: place of its 16 children in ``cells``
====================  ==================================================================================

A leaf in ``leaves`` is a count and, in order of position, one entry for each polygon: ``position << 1 | parity``, the
number of runs, and two words for each run: first vertex, ``edges << 2 | right_end << 1 | right_start``. A run is a
stretch of one ring whose edges come within 1 mm of the cell; an entry without runs covers the cell wholly.

Inside or outside is the parity of all edges that a ray to the east crosses. Edges of no run never come near the cell,
so along the cell's height their parity changes only where a run breaks off: at its end vertices that lie east of the
cell. The entry's parity bit, those ends and the runs' own edges therefore give exactly what all edges of the polygon
give.
"""

from typing import Any, Final

import numpy as np
from numba import njit

from geodata.grid.exact import ON_LINE, UNDECIDED, metric_scale, side, squared_metres

EMPTY: Final = 0
WHOLE: Final = 1
LEAF: Final = 2
SPLIT: Final = 3

INSIDE: Final = 0
BORDER: Final = 1
HAIRLINE: Final = 2
DOUBTFUL: Final = 3

NOBODY: Final = -1
BORDER_METRES: Final = 1e-3
_BORDER_SQUARED: Final = BORDER_METRES * BORDER_METRES
_BLOCK: Final = 256
# Leaves up to this many words stay in the processor's cache: fetching ahead would only cost.
_CACHED_WORDS: Final = 1 << 19

# Fields of ``frame``: origin, cells per degree, cells, then the reach of 1 mm in degrees anywhere in the raster.
WEST, SOUTH, PER_LON, PER_LAT, COLUMNS, ROWS, REACH_LON, REACH_LAT = range(8)


@njit(cache=True, nogil=True)
def word_at(frame: Any, cells: Any, lon: float, lat: float) -> int:
    """Word of the finest cell that holds the point; `EMPTY` outside the raster and for NaN."""
    x = (lon - frame[WEST]) * frame[PER_LON]
    y = (lat - frame[SOUTH]) * frame[PER_LAT]
    if not (x >= 0.0 and y >= 0.0 and x < frame[COLUMNS] and y < frame[ROWS]):
        return EMPTY
    column, row = int(x), int(y)
    word: int = cells[row * int(frame[COLUMNS]) + column]
    while word & 3 == SPLIT:
        x, y = (x - column) * 4.0, (y - row) * 4.0
        column, row = int(x), int(y)
        word = cells[(word >> 2) + row * 4 + column]
    return word


@njit(cache=True, nogil=True)
def _parity(
    frame: Any, leaves: Any, vertices: Any, at: int, runs: int, odd: bool, lon: float, lat: float
) -> tuple[bool, bool]:
    """Whether the polygon covers the point, and whether an edge is so near that this needs a second, exact look."""
    reach_lon, reach_lat = frame[REACH_LON], frame[REACH_LAT]
    near = False
    for run in range(at, at + 2 * runs, 2):
        first, code = leaves[run], leaves[run + 1]
        ax, ay = vertices[first, 0] - lon, vertices[first, 1] - lat
        odd ^= (code & 1 != 0) & (ay > 0.0)
        for vertex in range(first + 1, first + 1 + (code >> 2)):
            bx, by = vertices[vertex, 0] - lon, vertices[vertex, 1] - lat
            if (ay > 0.0) != (by > 0.0):
                cross = ax * by - ay * bx
                near |= abs(cross) <= abs(bx - ax) * reach_lat + abs(by - ay) * reach_lon
                odd ^= (cross > 0.0) == (by > ay)
            elif min(abs(ay), abs(by)) <= reach_lat:
                cross = ax * by - ay * bx
                near |= abs(cross) <= abs(bx - ax) * reach_lat + abs(by - ay) * reach_lon
            ax, ay = bx, by
        odd ^= (code & 2 != 0) & (ay > 0.0)
    return odd, near


@njit(cache=True, nogil=True)
def _exact(leaves: Any, vertices: Any, at: int, runs: int, odd: bool, lon: float, lat: float) -> tuple[bool, int]:
    """Whether the polygon covers the point; and `BORDER` within 1 mm of its border, `INSIDE`, or `DOUBTFUL`."""
    per_lon, per_lat = metric_scale(lat)
    doubtful = False
    closest = np.inf
    for run in range(at, at + 2 * runs, 2):
        first, code = leaves[run], leaves[run + 1]
        last = first + (code >> 2)
        odd ^= (code & 1 != 0) & (vertices[first, 1] > lat)
        odd ^= (code & 2 != 0) & (vertices[last, 1] > lat)
        for vertex in range(first, last):
            ax, ay = vertices[vertex, 0], vertices[vertex, 1]
            bx, by = vertices[vertex + 1, 0], vertices[vertex + 1, 1]
            closest = min(closest, squared_metres(ax, ay, bx, by, lon, lat, per_lon, per_lat))
            if (ax == lon and ay == lat) or (bx == lon and by == lat):
                return True, BORDER
            if (ay > lat) != (by > lat):
                turn = side(ax, ay, bx, by, lon, lat)
                if turn == ON_LINE:
                    return True, BORDER
                doubtful |= turn == UNDECIDED
                odd ^= (turn > 0) == (by > ay)
            elif ay == lat and by == lat and min(ax, bx) <= lon <= max(ax, bx):
                return True, BORDER
    if doubtful:
        return True, DOUBTFUL
    return odd, BORDER if closest <= _BORDER_SQUARED else INSIDE


@njit(cache=True, nogil=True)
def _fetch(leaves: Any, vertices: Any, words: Any) -> float:
    """Read what the words' leaves begin with, so that the waits for memory overlap; the sum means nothing."""
    total = 0.0
    for word in words:
        at = word >> 2
        if word & 3 == LEAF and leaves[at + 2] > 0:
            total += vertices[leaves[at + 3], 1]
    return total


@njit(cache=True, nogil=True)
def _owners(
    frame: Any,
    cells: Any,
    leaves: Any,
    vertices: Any,
    active: Any,
    lons: Any,
    lats: Any,
    exclude: int,
    positions: Any,
    states: Any,
) -> tuple[int, float]:
    """Write for each point the lowest active position but ``exclude`` that covers it, and how; count the `DOUBTFUL`.

    Notes
    -----
    One long function for one point and for many: a function of its own for what is done with a point would count
    references to each array it is handed, point by point, which takes longer than the answer.
    """
    doubtful, total = 0, 0.0
    words = np.empty(min(_BLOCK, lons.size), np.int32)
    for start in range(0, lons.size, _BLOCK):
        end = min(start + _BLOCK, lons.size)
        for point in range(start, end):
            words[point - start] = word_at(frame, cells, lons[point], lats[point])
        if leaves.size > _CACHED_WORDS and end - start > 1:
            total += _fetch(leaves, vertices, words[: end - start])
        for point in range(start, end):
            lon, lat, word = lons[point], lats[point], words[point - start]
            owner, hairline, state = NOBODY, NOBODY, INSIDE
            at = word >> 2
            if word & 3 == WHOLE and active[at] and at != exclude:
                owner = at
            entries = leaves[at] if word & 3 == LEAF else 0
            at += 1
            while entries > 0:
                entries -= 1
                position, odd, runs = leaves[at] >> 1, leaves[at] & 1 != 0, leaves[at + 1]
                at += 2
                if active[position] and position != exclude:
                    covers, near = _parity(frame, leaves, vertices, at, runs, odd, lon, lat)
                    state = INSIDE
                    if near:
                        covers, state = _exact(leaves, vertices, at, runs, odd, lon, lat)
                        if state == BORDER and not covers and hairline < 0:
                            hairline = position
                    if covers:
                        owner, entries = position, 0
                at += 2 * runs
            if owner < 0:
                owner, state = hairline, HAIRLINE if hairline >= 0 else INSIDE
            positions[point] = owner
            states[point] = state
            doubtful += state == DOUBTFUL
    return doubtful, total


@njit(cache=True, nogil=True)
def owners_into(
    frame: Any,
    cells: Any,
    leaves: Any,
    vertices: Any,
    active: Any,
    lons: Any,
    lats: Any,
    positions: Any,
    states: Any,
) -> tuple[int, float]:
    """Write owner and state of each point (see `owner_at`); return how many are `DOUBTFUL`, and a number to ignore."""
    return _owners(frame, cells, leaves, vertices, active, lons, lats, NOBODY, positions, states)


@njit(cache=True, nogil=True)
def owner_at(
    frame: Any, cells: Any, leaves: Any, vertices: Any, active: Any, lon: float, lat: float, exclude: int
) -> tuple[int, int]:
    """Lowest active position but ``exclude`` that covers the point, and how.

    Returns
    -------
    position, state
        `INSIDE`; `BORDER`, covered but within 1 mm of the border; `HAIRLINE`, covered by nobody, the lowest within
        1 mm; `DOUBTFUL`, for shapely to decide whether this or a later position covers it. `NOBODY` is `INSIDE`.
    """
    place = np.empty((2, 1))
    place[0, 0], place[1, 0] = lon, lat
    position, state = np.empty(1, np.int32), np.empty(1, np.int8)
    _owners(frame, cells, leaves, vertices, active, place[0], place[1], exclude, position, state)
    return int(position[0]), int(state[0])


@njit(cache=True, nogil=True)
def candidates_at(frame: Any, cells: Any, leaves: Any, active: Any, lon: float, lat: float) -> Any:
    """Active positions that have an entry in the point's cell, in order: nobody else can cover the point."""
    word = word_at(frame, cells, lon, lat)
    found = np.empty(leaves[word >> 2] if word & 3 == LEAF else int(word & 3 == WHOLE), np.int32)
    count = 0
    if word & 3 == WHOLE:
        found[0] = word >> 2
        count = int(active[word >> 2])
    elif word & 3 == LEAF:
        at = (word >> 2) + 1
        for _ in range(found.size):
            position = leaves[at] >> 1
            if active[position]:
                found[count] = position
                count += 1
            at += 2 + 2 * leaves[at + 1]
    return found[:count]
