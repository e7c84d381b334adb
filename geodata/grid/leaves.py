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
# Polygons that lie upon each other, as all versions of a grid do, are not parted by smaller cells.
EDGES_PER_ENTRY: Final = 3
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
def _push_children(
    vertices: Any,
    work: Any,
    count: int,
    centre: Any,
    size: Any,
    reach: Any,
    first_slot: int,
    depth: int,
    stack: Any,
    top: int,
    pending: Any,
    centres: Any,
    waiting: int,
) -> tuple[Any, int, int]:
    """Push the items of the 16 children of a cell; return the stack, its top and the number of waiting cells."""
    child = np.empty(2)
    half = 0.125 * size + reach
    for number in range(16):
        child[0] = centre[0] + (0.25 * (number % 4) - 0.375) * size[0]
        child[1] = centre[1] + (0.25 * (number // 4) - 0.375) * size[1]
        begin = top
        stack, top = _child_items(vertices, work, count, centre, child, half, stack, begin)
        centres[waiting] = child
        pending[waiting, 0], pending[waiting, 1], pending[waiting, 2] = first_slot + number, begin, top
        pending[waiting, 3] = depth
        waiting += 1
    return stack, top, waiting


@njit(cache=True, nogil=True)
def build_cells(vertices: Any, offsets: Any, items: Any, frame: Any, crowded: int) -> tuple[Any, Any]:
    """``cells`` and ``leaves`` from the items of the raster; a cell with more than ``crowded`` edges is split.

    One with many polygons may have more: `EDGES_PER_ENTRY` for each.

    Raises
    ------
    MemoryError
        The leaves would need more than 2 GB.

    Notes
    -----
    Splitting ends at 8 levels, at cells narrower than 6 cm, and when it has listed `MOST_ITEMS` items plus four for
    each vertex: polygons without end upon one spot cost time in a look-up there, never memory.
    """
    columns = int(frame[COLUMNS])
    used = columns * int(frame[ROWS])
    cells = np.zeros(used, np.int32)
    leaves, filled = np.empty(max(64, items.size), np.int32), 0
    allowed = MOST_ITEMS + 4 * len(vertices)
    # A cell that waits has a row (slot in cells, begin and end of its items on the stack, depth) and a centre.
    pending = np.empty((16 * MOST_SPLITS + 16, 4), np.int64)
    centres = np.empty((16 * MOST_SPLITS + 16, 2))
    stack, work = np.empty(1024, np.int32), np.empty(1024, np.int32)
    whole = np.array([1.0 / frame[PER_LON], 1.0 / frame[PER_LAT]])
    reach = SLACK * np.array([frame[REACH_LON], frame[REACH_LAT]])
    for cell in range(used):
        count = offsets[cell + 1] - offsets[cell]
        stack = grown(stack, count)
        stack[:count] = items[offsets[cell] : offsets[cell + 1]]
        pending[0, 0], pending[0, 1], pending[0, 2], pending[0, 3] = cell, 0, count, 0
        centres[0, 0] = middle_of(cell % columns, frame[WEST], frame[PER_LON])
        centres[0, 1] = middle_of(cell // columns, frame[SOUTH], frame[PER_LAT])
        waiting = 1
        while waiting > 0:
            waiting -= 1
            slot, begin, end, depth = pending[waiting]
            count = end - begin
            work = grown(work, count)
            work[:count] = stack[begin:end]
            if count <= 1:
                cells[slot] = EMPTY if count == 0 else ((~work[0]) >> 1) << 2 | WHOLE
                continue
            centre, size = centres[waiting].copy(), whole * 0.25**depth
            small = (size < 4.0 * SMALLEST_CELL * reach).any()
            edges = _edges_among(work, count)
            enough = max(crowded, EDGES_PER_ENTRY * (count - edges))
            if small or depth == MOST_SPLITS or allowed < 0 or edges <= enough:
                if filled + 4 * count > MOST_WORDS:
                    raise MemoryError
                cells[slot] = filled << 2 | LEAF
                leaves, filled = _write_leaf(vertices, work, count, centre[0], centre[1], leaves, filled)
                continue
            cells = grown(cells, used + 16)
            cells[slot] = used << 2 | SPLIT
            stack, top, waiting = _push_children(
                vertices, work, count, centre, size, reach, used, depth + 1, stack, begin, pending, centres, waiting
            )
            used += 16
            allowed -= top - begin
    return cells[:used].copy(), leaves[:filled].copy()
