"""The nearest other polygon: a packed tree of boxes over short stretches of all borders.

A *chunk* is a stretch of at most 16 edges of one ring. Chunks lie in the order of a Hilbert curve; each level of the
tree boxes 16 neighbours of the level below, up to one root, all levels in one array.

References
----------
C. Hamilton, "Compact Hilbert Indices", Dalhousie University, 2006, for the curve; the tree is the packed Hilbert R-tree
of I. Kamel and C. Faloutsos, "On Packing R-trees", CIKM 1993.
"""

from typing import Any, Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geodata.grid.cells import HAIRLINE, NOBODY, owner_at
from geodata.grid.exact import metric_scale, squared_metres

CHUNK_EDGES: Final = 16
FAN_OUT: Final = 16
_CURVE_BITS: Final = 16
# A box is given up only when it is farther than the best by more than rounding can explain.
_LENIENT: Final = 1.0 - 1e-9


@njit(cache=True, nogil=True)
def _chunks(vertices: Any, starts: Any, last: Any) -> Any:
    """(chunks, 3): first vertex, edges, position."""
    count = 0
    chunks = np.empty((len(vertices), 3), np.int32)
    for position in range(starts.size - 1):
        vertex = starts[position]
        while vertex < starts[position + 1]:
            edges = 0
            while edges < CHUNK_EDGES and not last[vertex + edges]:
                edges += 1
            if edges > 0:
                chunks[count, 0], chunks[count, 1], chunks[count, 2] = vertex, edges, position
                count += 1
            vertex += edges + (1 if last[vertex + edges] else 0)
    return chunks[:count].copy()


@njit(cache=True, nogil=True)
def _curve_place(x: int, y: int) -> int:
    place = 0
    step = 1 << (_CURVE_BITS - 1)
    while step > 0:
        right, upper = int(x & step != 0), int(y & step != 0)
        place += step * step * ((3 * right) ^ upper)
        if upper == 0:
            if right == 1:
                x, y = step * 2 - 1 - (x & (step * 2 - 1)), step * 2 - 1 - (y & (step * 2 - 1))
            x, y = y, x
        step >>= 1
    return place


@njit(cache=True, nogil=True)
def _chunk_boxes(vertices: Any, chunks: Any) -> Any:
    boxes = np.empty((len(chunks), 4))
    for chunk in range(len(chunks)):
        west, south, east, north = np.inf, np.inf, -np.inf, -np.inf
        for vertex in range(chunks[chunk, 0], chunks[chunk, 0] + chunks[chunk, 1] + 1):
            west, east = min(west, vertices[vertex, 0]), max(east, vertices[vertex, 0])
            south, north = min(south, vertices[vertex, 1]), max(north, vertices[vertex, 1])
        boxes[chunk, 0], boxes[chunk, 1], boxes[chunk, 2], boxes[chunk, 3] = west, south, east, north
    return boxes


@njit(cache=True, nogil=True)
def _curve_places(boxes: Any, west: float, south: float, width: float, height: float) -> Any:
    places = np.empty(len(boxes), np.int64)
    top = float((1 << _CURVE_BITS) - 1)
    for box in range(len(boxes)):
        x = (0.5 * (boxes[box, 0] + boxes[box, 2]) - west) / width * top
        y = (0.5 * (boxes[box, 1] + boxes[box, 3]) - south) / height * top
        places[box] = _curve_place(int(min(max(x, 0.0), top)), int(min(max(y, 0.0), top)))
    return places


def build_tree(
    vertices: NDArray[np.float64], starts: NDArray[np.int64], last: NDArray[np.bool_]
) -> tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.int32]]:
    """Chunks in the order of the curve, boxes of all levels (chunks first, root last), and each level's first box."""
    chunks = _chunks(vertices, starts, last)
    boxes = _chunk_boxes(vertices, chunks)
    levels = [0]
    if len(chunks):
        low, high = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
        span = np.maximum(high - low, np.finfo(np.float64).tiny)
        order = np.argsort(_curve_places(boxes, low[0], low[1], span[0], span[1]), kind="stable")
        chunks, boxes = chunks[order], boxes[order]
    stages = [boxes]
    while len(stages) == 1 or len(stages[-1]) > 1:
        below = stages[-1]
        firsts = np.arange(0, len(below), FAN_OUT)
        stages.append(
            np.column_stack(
                [np.minimum.reduceat(below[:, :2], firsts, axis=0), np.maximum.reduceat(below[:, 2:], firsts, axis=0)]
            )
        )
    for stage in stages:
        levels.append(levels[-1] + len(stage))
    return chunks, np.ascontiguousarray(np.concatenate(stages)), np.array(levels, np.int32)


@njit(cache=True, nogil=True)
def _box_metres(boxes: Any, box: int, lon: float, lat: float, per_lon: float, per_lat: float) -> float:
    east: float = max(boxes[box, 0] - lon, lon - boxes[box, 2], 0.0) * per_lon
    north: float = max(boxes[box, 1] - lat, lat - boxes[box, 3], 0.0) * per_lat
    return east * east + north * north


@njit(cache=True, nogil=True)
def _chunk_metres(
    vertices: Any, first: int, edges: int, lon: float, lat: float, per_lon: float, per_lat: float
) -> float:
    closest = np.inf
    for a in range(first, first + edges):
        b = a + 1
        closest = min(
            closest,
            squared_metres(vertices[a, 0], vertices[a, 1], vertices[b, 0], vertices[b, 1], lon, lat, per_lon, per_lat),
        )
    return closest


@njit(cache=True, nogil=True)
def _nearest_border(
    chunks: Any, boxes: Any, levels: Any, vertices: Any, active: Any, lon: float, lat: float, exclude: int
) -> tuple[int, float]:
    per_lon, per_lat = metric_scale(lat)
    best, best_position = np.inf, NOBODY
    root = levels.size - 2
    stack = np.empty((FAN_OUT * 8, 2), np.int64)
    metres = np.empty(FAN_OUT * 8)
    stack[0, 0], stack[0, 1], metres[0] = levels[root], root, 0.0
    waiting = 1 if len(chunks) > 0 else 0
    while waiting > 0:
        waiting -= 1
        if metres[waiting] * _LENIENT > best:
            continue
        box, level = stack[waiting, 0], stack[waiting, 1]
        if level == 0:
            first, edges, position = chunks[box]
            closest = _chunk_metres(vertices, first, edges, lon, lat, per_lon, per_lat)
            if closest < best or (closest == best and position < best_position):
                best, best_position = closest, position
            continue
        first = levels[level - 1] + (box - levels[level]) * FAN_OUT
        bottom = waiting
        for child in range(first, min(first + FAN_OUT, levels[level])):
            if level == 1 and (chunks[child, 2] == exclude or not active[chunks[child, 2]]):
                continue
            away = _box_metres(boxes, child, lon, lat, per_lon, per_lat)
            if away * _LENIENT > best:
                continue
            # Farthest below, nearest on top: the best is found early and prunes the rest.
            place = waiting
            while place > bottom and metres[place - 1] < away:
                stack[place], metres[place] = stack[place - 1], metres[place - 1]
                place -= 1
            stack[place, 0], stack[place, 1], metres[place] = child, level - 1, away
            waiting += 1
    return best_position, np.sqrt(best)


@njit(cache=True, nogil=True)
def nearest_at(
    frame: Any,
    cells: Any,
    leaves: Any,
    vertices: Any,
    chunks: Any,
    boxes: Any,
    levels: Any,
    active: Any,
    lon: float,
    lat: float,
    exclude: int,
) -> tuple[int, float]:
    """Nearest active position but ``exclude`` and the metres to it, 0 where it covers the point."""
    if not (np.isfinite(lon) and np.isfinite(lat)):
        return NOBODY, np.inf
    position, state = owner_at(frame, cells, leaves, vertices, active, lon, lat, exclude)
    if position != NOBODY and (state != HAIRLINE):
        return position, 0.0
    return _nearest_border(chunks, boxes, levels, vertices, active, lon, lat, exclude)
