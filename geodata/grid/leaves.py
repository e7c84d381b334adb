"""Turn the items of each cell into words: whole cells, leaves, and cells split where borders crowd."""

from typing import Any, Final

import numpy as np
from numba import njit

from geodata.grid.cells import (
    COLUMNS,
    EMPTY,
    LEAF,
    PER_LAT,
    PER_LON,
    REACH_LAT,
    REACH_LON,
    ROWS,
    SOUTH,
    SPLIT,
    WEST,
    WHOLE,
)
from geodata.grid.raster import MOST_ITEMS, SLACK, grown, middle_of

EDGES_PER_LEAF: Final = 14
MOST_SPLITS: Final = 8
MOST_WORDS: Final = 1 << 29
SMALLEST_CELL: Final = 8.0


@njit(cache=True, nogil=True)
def _entry_end(items: Any, at: int, end: int) -> int:
    at += 1
    while at < end and items[at] >= 0:
        at += 1
    return at


@njit(cache=True, nogil=True)
def _loose_parity(vertices: Any, items: Any, at: int, end: int, x: float, height: float) -> int:
    """Parity at ``height`` of the run ends east of ``x`` that lie above; items of one entry, without the header."""
    parity = 0
    for edge in range(at, end):
        first, last = items[edge], items[edge] + 1
        if (edge == at or items[edge - 1] != first - 1) and vertices[first, 0] > x and vertices[first, 1] > height:
            parity ^= 1
        if (edge == end - 1 or items[edge + 1] != last) and vertices[last, 0] > x and vertices[last, 1] > height:
            parity ^= 1
    return parity


@njit(cache=True, nogil=True)
def _write_entry(
    vertices: Any, items: Any, at: int, end: int, x: float, y: float, leaves: Any, filled: int
) -> tuple[Any, int]:
    """Append one entry of a leaf whose centre is (x, y)."""
    leaves = grown(leaves, filled + 2 + 2 * (end - at))
    header = ~items[at]
    leaves[filled] = header ^ _loose_parity(vertices, items, at + 1, end, x, y)
    counted = filled + 1
    leaves[counted] = 0
    filled += 2
    edge = at + 1
    while edge < end:
        first = items[edge]
        length = 1
        while edge + length < end and items[edge + length] == first + length:
            length += 1
        starts_east = int(vertices[first, 0] > x)
        ends_east = int(vertices[first + length, 0] > x)
        leaves[filled] = first
        leaves[filled + 1] = length << 2 | ends_east << 1 | starts_east
        leaves[counted] += 1
        filled += 2
        edge += length
    return leaves, filled


@njit(cache=True, nogil=True)
def _write_leaf(vertices: Any, items: Any, count: int, x: float, y: float, leaves: Any, filled: int) -> tuple[Any, int]:
    leaves = grown(leaves, filled + 1)
    start = filled
    leaves[start] = 0
    filled += 1
    at = 0
    while at < count:
        end = _entry_end(items, at, count)
        leaves, filled = _write_entry(vertices, items, at, end, x, y, leaves, filled)
        leaves[start] += 1
        at = end
    return leaves, filled


@njit(cache=True, nogil=True)
def _child_items(
    vertices: Any, items: Any, count: int, centre: Any, child: Any, half: Any, out: Any, filled: int
) -> tuple[Any, int]:
    """Append the items of a child cell, given those of its parent; the parent's parity stands at its own centre."""
    at = 0
    while at < count:
        end = _entry_end(items, at, count)
        out = grown(out, filled + end - at)
        header = ~items[at]
        parity = header & 1
        parity ^= _loose_parity(vertices, items, at + 1, end, centre[0], centre[1])
        parity ^= _loose_parity(vertices, items, at + 1, end, centre[0], child[1])
        begin = filled
        filled += 1
        for place in range(at + 1, end):
            edge = items[place]
            ax, ay = vertices[edge, 0] - child[0], vertices[edge, 1] - child[1]
            bx, by = vertices[edge + 1, 0] - child[0], vertices[edge + 1, 1] - child[1]
            cross = ax * by - ay * bx
            beside = min(ax, bx) > half[0] or max(ax, bx) < -half[0] or min(ay, by) > half[1] or max(ay, by) < -half[1]
            if not beside and abs(cross) <= abs(bx - ax) * half[1] + abs(by - ay) * half[0]:
                out[filled] = edge
                filled += 1
            elif (ay > 0.0) != (by > 0.0):
                parity ^= int((cross > 0.0) == (by > ay))
        if filled == begin + 1 and parity == 0:
            filled = begin
        else:
            out[begin] = ~((header & ~1) | parity)
        at = end
    return out, filled


@njit(cache=True, nogil=True)
def _edges_among(items: Any, count: int) -> int:
    edges = 0
    for at in range(count):
        edges += items[at] >= 0
    return edges


@njit(cache=True, nogil=True)
def build_cells(vertices: Any, offsets: Any, items: Any, frame: Any, crowded: int) -> tuple[Any, Any]:
    """``cells`` and ``leaves`` from the items of the raster; a cell with more than ``crowded`` edges is split.

    Notes
    -----
    Splitting ends at 8 levels, at cells of about 2 cm, and when it has listed edges `MOST_ITEMS` times plus four times
    for each edge there is: polygons without end upon one spot cost time in a look-up there, never memory.
    """
    columns = int(frame[COLUMNS])
    raster = columns * int(frame[ROWS])
    cells = np.zeros(raster, np.int32)
    used = raster
    leaves = np.empty(max(64, items.size), np.int32)
    filled = 0
    allowed = MOST_ITEMS + 4 * len(vertices)
    pending = np.empty(4 * (16 * MOST_SPLITS + 16), np.int64)
    centres = np.empty((16 * MOST_SPLITS + 16, 2))
    stack = np.empty(1024, np.int32)
    work = np.empty(1024, np.int32)
    width, height = 1.0 / frame[PER_LON], 1.0 / frame[PER_LAT]
    centre, child, half = np.empty(2), np.empty(2), np.empty(2)
    for cell in range(raster):
        count = offsets[cell + 1] - offsets[cell]
        if count == 0:
            continue
        stack = grown(stack, count)
        stack[:count] = items[offsets[cell] : offsets[cell + 1]]
        pending[0], pending[1], pending[2] = cell, 0, count
        pending[3] = 0
        centres[0, 0] = middle_of(cell % columns, frame[WEST], frame[PER_LON])
        centres[0, 1] = middle_of(cell // columns, frame[SOUTH], frame[PER_LAT])
        waiting = 1
        while waiting > 0:
            waiting -= 1
            slot, begin = pending[waiting * 4], pending[waiting * 4 + 1]
            end, depth = pending[waiting * 4 + 2], pending[waiting * 4 + 3]
            centre[:] = centres[waiting]
            count = end - begin
            work = grown(work, count)
            work[:count] = stack[begin:end]
            if count == 0:
                cells[slot] = EMPTY
                continue
            if count == 1:
                cells[slot] = ((~work[0]) >> 1) << 2 | WHOLE
                continue
            share = 0.25**depth
            wide, high = width * share, height * share
            edges = _edges_among(work, count)
            fine = 4.0 * SMALLEST_CELL * SLACK
            small = wide < fine * frame[REACH_LON] or high < fine * frame[REACH_LAT]
            if edges <= crowded or depth == MOST_SPLITS or small or allowed < 0:
                if filled + 4 * count > MOST_WORDS:
                    raise MemoryError
                cells[slot] = filled << 2 | LEAF
                leaves, filled = _write_leaf(vertices, work, count, centre[0], centre[1], leaves, filled)
                continue
            children = used
            used += 16
            cells = grown(cells, used)
            cells[slot] = children << 2 | SPLIT
            half[0] = 0.125 * wide + SLACK * frame[REACH_LON]
            half[1] = 0.125 * high + SLACK * frame[REACH_LAT]
            top = begin
            for number in range(16):
                child[0] = centre[0] + (0.25 * (number % 4) - 0.375) * wide
                child[1] = centre[1] + (0.25 * (number // 4) - 0.375) * high
                centres[waiting] = child
                low = top
                stack, top = _child_items(vertices, work, count, centre, child, half, stack, low)
                pending[waiting * 4], pending[waiting * 4 + 1] = children + number, low
                pending[waiting * 4 + 2], pending[waiting * 4 + 3] = top, depth + 1
                waiting += 1
            allowed -= top - begin
    return cells[:used].copy(), leaves[:filled].copy()
