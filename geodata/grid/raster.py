"""Lay polygons over the raster: which cells each one covers wholly, and which edges come near which cell.

An *item* of a cell is a header ``~(position << 1 | parity)`` or, after it, the number of an edge (its first vertex).
The parity is that of the edges east of the cell which are not among the items, at the height of the cell's centre.
"""

import math
from typing import Any, Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geodata.grid.cells import BORDER_METRES, COLUMNS, PER_LAT, PER_LON, REACH_LAT, REACH_LON, ROWS, SOUTH, WEST
from geodata.grid.exact import metric_scale

CELLS_PER_POLYGON: Final = 48
# What one layer may ask for beyond four items for each edge: bounds memory for polygons that lie upon each other.
MOST_ITEMS: Final = 24_000_000
MOST_CELLS: Final = 1 << 26
# Edges are listed this much farther out than a point's 1 mm asks for, so that no rounding can lose one.
SLACK: Final = 2.0

Floats = NDArray[np.float64]


def frame_of(vertices: Floats, last: NDArray[np.bool_], areas: Floats) -> Floats:
    """Raster that suits the polygons' number and size, as the array ``frame`` of `cells`.

    Parameters
    ----------
    vertices
        (n, 2) lon, lat of all rings, each closed.
    last
        (n) whether the vertex closes its ring.
    areas
        Area of each polygon in square degrees.
    """
    frame = np.zeros(8)
    frame[PER_LON] = frame[PER_LAT] = 1.0
    if len(vertices) == 0:
        return frame
    low, high = vertices.min(axis=0), vertices.max(axis=0)
    reach_lon, reach_lat = _reach(low, high)
    reach = np.array([reach_lon, reach_lat])
    low, high = low - 2 * SLACK * reach, high + 2 * SLACK * reach
    edges = np.abs(np.diff(vertices, axis=0))[~last[:-1]]
    per_lon, per_lat = metric_scale(float(low[1] + high[1]) / 2)
    squash = np.array([per_lat / per_lon, 1.0])
    size = _cell_size(high - low, areas, edges, reach, squash)
    columns, rows = np.maximum(np.ceil((high - low) / size), 1.0)
    per = np.array([columns, rows]) / (high - low)
    frame[:] = [low[0], low[1], per[0], per[1], columns, rows, reach_lon, reach_lat]
    return frame


def _reach(low: Floats, high: Floats) -> tuple[float, float]:
    """Degrees that hold 1 mm anywhere in the box, a little too long."""
    per_lon, _ = metric_scale(max(abs(float(low[1])), abs(float(high[1]))))
    _, per_lat = metric_scale(0.0)
    return 1.01 * BORDER_METRES / per_lon, 1.01 * BORDER_METRES / per_lat


def _cell_size(extent: Floats, areas: Floats, edges: Floats, reach: Floats, squash: Floats) -> Floats:
    """Width and height of a cell in degrees, square on the ground, so coarse that memory stays bounded."""
    area = float(np.prod(extent / squash))
    typical = max(float(np.mean(areas)), float(np.prod(reach))) / squash[0]
    lengths, inside = edges.sum(axis=0), float(areas.sum())
    most_items = MOST_ITEMS + 4 * len(edges)
    cells = CELLS_PER_POLYGON * min(max(area / typical, 1.0), 2.0 * len(areas))
    while True:
        size: Floats = math.sqrt(area / cells) * squash
        size = np.maximum(size, 8 * SLACK * reach)
        items = inside / np.prod(size) + 2 * (lengths / size).sum() + 2 * len(edges)
        if cells <= 1.0 or (items <= most_items and np.prod(extent / size + 1) <= MOST_CELLS):
            return size
        cells /= 2.0


@njit(cache=True, nogil=True)
def grown(array: Any, size: int) -> Any:
    """The array itself, or a copy at least twice as long if it has fewer than ``size`` elements."""
    if size <= array.size:
        return array
    longer = np.empty(max(size, 2 * array.size), array.dtype)
    longer[: array.size] = array
    return longer


@njit(cache=True, nogil=True)
def _cell_index(value: float, origin: float, per: float, cells: float) -> int:
    return int(min(max((value - origin) * per, 0.0), cells - 1.0))


@njit(cache=True, nogil=True)
def middle_of(cell: int, origin: float, per: float) -> float:
    """Degrees at the middle of a column or row. Parities refer to exactly this double."""
    return origin + (cell + 0.5) / per


@njit(cache=True, nogil=True)
def _edge_spans(vertices: Any, vertex: int, frame: Any, spans: Any, count: int) -> tuple[Any, int]:
    """Append (row, first column, last column, crosses the row's middle, edge) for each row the edge comes near."""
    ax, ay = vertices[vertex, 0], vertices[vertex, 1]
    bx, by = vertices[vertex + 1, 0], vertices[vertex + 1, 1]
    out_lon, out_lat = SLACK * frame[REACH_LON], SLACK * frame[REACH_LAT]
    low_row = _cell_index(min(ay, by) - out_lat, frame[SOUTH], frame[PER_LAT], frame[ROWS])
    high_row = _cell_index(max(ay, by) + out_lat, frame[SOUTH], frame[PER_LAT], frame[ROWS])
    for row in range(low_row, high_row + 1):
        south, north = frame[SOUTH] + row / frame[PER_LAT], frame[SOUTH] + (row + 1) / frame[PER_LAT]
        west, east = min(ax, bx), max(ax, bx)
        if low_row != high_row and ay != by:
            from_a = min(max((south - out_lat - ay) / (by - ay), 0.0), 1.0)
            to_b = min(max((north + out_lat - ay) / (by - ay), 0.0), 1.0)
            start, end = ax + from_a * (bx - ax), ax + to_b * (bx - ax)
            west, east = max(west, min(start, end)), min(east, max(start, end))
        middle = middle_of(row, frame[SOUTH], frame[PER_LAT])
        if (count + 1) * 5 > spans.size:
            spans = grown(spans, (count + 1) * 5)
        at = count * 5
        spans[at] = row
        spans[at + 1] = _cell_index(west - out_lon, frame[WEST], frame[PER_LON], frame[COLUMNS])
        spans[at + 2] = _cell_index(east + out_lon, frame[WEST], frame[PER_LON], frame[COLUMNS])
        spans[at + 3] = (ay > middle) != (by > middle)
        spans[at + 4] = vertex
        count += 1
    return spans, count


@njit(cache=True, nogil=True)
def _append(cells: Any, items: Any, count: int, cell: int, item: int) -> tuple[Any, Any, int]:
    if count == cells.size:
        cells, items = grown(cells, count + 1), grown(items, count + 1)
    cells[count] = cell
    items[count] = item
    return cells, items, count + 1


@njit(cache=True, nogil=True)
def _headers(
    spans: Any, count: int, position: int, columns: int, cells: Any, items: Any, filled: int
) -> tuple[Any, Any, int]:
    """Append a header for every cell that the polygon's edges come near or that it covers wholly.

    Each row is swept from the west: the parity of the edges east of a cell is that of those that begin in it or west
    of it, since a closed ring crosses a row's middle an even number of times.
    """
    keys = np.empty(count, np.int64)
    for span in range(count):
        keys[span] = np.int64(spans[span * 5]) * columns + spans[span * 5 + 1]
    order = np.argsort(keys)
    at = 0
    while at < count:
        row = spans[order[at] * 5]
        column = spans[order[at] * 5 + 1]
        reach, parity = column, 0
        while True:
            while at < count and spans[order[at] * 5] == row and spans[order[at] * 5 + 1] <= column:
                span = order[at] * 5
                reach = max(reach, spans[span + 2])
                parity ^= spans[span + 3]
                at += 1
            if column > reach and parity == 0:
                if at == count or spans[order[at] * 5] != row:
                    break
                column = spans[order[at] * 5 + 1]
                continue
            cells, items, filled = _append(cells, items, filled, row * columns + column, ~(position << 1 | parity))
            column += 1
            if column >= columns:
                break
    return cells, items, filled


@njit(cache=True, nogil=True)
def raster_items(vertices: Any, starts: Any, last: Any, frame: Any) -> tuple[Any, Any]:
    """Items of all cells of the raster, by cell: ``offsets`` (cells + 1) and ``items``."""
    columns = int(frame[COLUMNS])
    size = columns * int(frame[ROWS])
    cells = np.empty(max(64, 4 * len(vertices)), np.int32)
    items = np.empty(max(64, 4 * len(vertices)), np.int32)
    spans = np.empty(320, np.int32)
    filled = 0
    for position in range(starts.size - 1):
        count = 0
        for vertex in range(starts[position], starts[position + 1]):
            if not last[vertex]:
                spans, count = _edge_spans(vertices, vertex, frame, spans, count)
        cells, items, filled = _headers(spans, count, position, columns, cells, items, filled)
        for at in range(0, count * 5, 5):
            for column in range(spans[at + 1], spans[at + 2] + 1):
                cells, items, filled = _append(cells, items, filled, spans[at] * columns + column, spans[at + 4])
    offsets = np.zeros(size + 1, np.int64)
    for at in range(filled):
        offsets[cells[at] + 1] += 1
    for cell in range(size):
        offsets[cell + 1] += offsets[cell]
    ordered = np.empty(filled, np.int32)
    place = offsets[:-1].copy()
    for at in range(filled):
        ordered[place[cells[at]]] = items[at]
        place[cells[at]] += 1
    return offsets, ordered


def layers_in(areas: Floats, offsets: NDArray[np.int64], frame: Floats) -> float:
    """How many polygons lie upon each other on average, at least 1; ``areas`` in square degrees."""
    used = np.count_nonzero(np.diff(offsets)) / (frame[PER_LON] * frame[PER_LAT])
    return max(1.0, float(areas.sum()) / used) if used else 1.0
