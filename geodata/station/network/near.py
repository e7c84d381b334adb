"""The edges near a point that nothing lies between; compiled.

An edge is taken at its nearest point; where a barrier hides that, at the nearest point of another of its stretches that
is in sight. A point in the water is at no edge, but at those within a metre: it stands on a bridge.
"""

import math
from typing import Final, NamedTuple

import numba
import numpy as np

from geodata.station.network.arrays import Numbers, Reals
from geodata.station.network.cells import PER_LAT, PER_LON, ROWS, SOUTH, WEST
from geodata.station.network.ground import Ground, box_around, entries_of, nearest_on, room_in, scale_at
from geodata.station.network.sight import barriers_near, in_sight, in_water

STANDS_ON_METRES: Final = 1.0
"""Who is nearer to an edge than this stands on it, in the water too: on a bridge."""

_FREE: Final = -1


class Hits(NamedTuple):
    """Edges near a point: squared metres, vertex and part of the stretch where each is nearest, and slots to find them.

    ``x`` and ``y`` are metres east and north of the point.
    """

    edge: Numbers
    vertex: Numbers
    part: Reals
    squared: Reals
    x: Reals
    y: Reals
    slot: Numbers


@numba.njit(cache=True, nogil=True)
def new_hits(count: int) -> Hits:
    """Room for so many edges."""
    slots = 16
    while slots < 2 * count:
        slots *= 2
    size = max(count, 1)
    return Hits(
        np.empty(size, np.int32),
        np.empty(size, np.int32),
        np.empty(size, np.float64),
        np.empty(size, np.float64),
        np.empty(size, np.float64),
        np.empty(size, np.float64),
        np.empty(slots, np.int32),
    )


@numba.njit(cache=True, nogil=True)
def _gather(ground: Ground, lon: float, lat: float, metres: float, hits: Hits, per_lon: float, per_lat: float) -> int:
    """Fill in the edges within so many metres, each where it is nearest; says how many."""
    low, high, left, right = box_around(ground.frame, lon, lat, metres / per_lon, metres / per_lat)
    limit, found, mask = metres * metres, 0, hits.slot.shape[0] - 1
    hits.slot[:] = _FREE
    for row in range(low, high + 1):
        begin, end = entries_of(ground.row_first, ground.column, ground.first, row, left, right)
        for entry in range(begin, end):
            vertex = ground.vertex[entry]
            part, x, y, squared = nearest_on(
                (ground.lons[vertex] - lon) * per_lon,
                (ground.lats[vertex] - lat) * per_lat,
                (ground.lons[vertex + 1] - lon) * per_lon,
                (ground.lats[vertex + 1] - lat) * per_lat,
            )
            if not squared <= limit:
                continue
            edge = ground.edge[entry]
            slot = (edge * 40503) & mask
            while hits.slot[slot] != _FREE and hits.edge[hits.slot[slot]] != edge:
                slot = (slot + 1) & mask
            hit = hits.slot[slot]
            if hit == _FREE:
                hit = hits.slot[slot] = found
                found += 1
                hits.edge[hit] = edge
            elif not (squared < hits.squared[hit] or (squared == hits.squared[hit] and vertex < hits.vertex[hit])):
                continue
            hits.vertex[hit], hits.part[hit], hits.squared[hit] = vertex, part, squared
            hits.x[hit], hits.y[hit] = x, y
    return found


@numba.njit(cache=True, nogil=True)
def _other_stretch(
    ground: Ground, lon: float, lat: float, limit: float, walls: Reals, hits: Hits, hit: int, scale: tuple[float, float]
) -> bool:
    """Move a hidden hit to the nearest point of a stretch of its edge that is in sight; says whether there is one."""
    edge, closest = hits.edge[hit], np.inf
    for vertex in range(ground.shape_first[edge], ground.shape_first[edge + 1] - 1):
        part, x, y, squared = nearest_on(
            (ground.lons[vertex] - lon) * scale[0],
            (ground.lats[vertex] - lat) * scale[1],
            (ground.lons[vertex + 1] - lon) * scale[0],
            (ground.lats[vertex + 1] - lat) * scale[1],
        )
        if squared <= limit and squared < closest and in_sight(walls, x, y):
            closest = squared
            hits.vertex[hit], hits.part[hit], hits.squared[hit] = vertex, part, squared
            hits.x[hit], hits.y[hit] = x, y
    return closest < np.inf


@numba.njit(cache=True, nogil=True)
def _visible(
    ground: Ground, lon: float, lat: float, metres: float, hits: Hits, found: int, scale: tuple[float, float]
) -> int:
    """Keep only the hits that are in sight; says how many."""
    if ground.barriers.shape[0] == 0:
        return found
    if in_water(ground, lon, lat, scale[0], scale[1]):
        metres = min(metres, STANDS_ON_METRES)
    walls = barriers_near(ground, lon, lat, metres, scale[0], scale[1])
    kept, limit = 0, metres * metres
    for hit in range(found):
        if hits.squared[hit] > limit:
            continue
        if not in_sight(walls, hits.x[hit], hits.y[hit]) and not _other_stretch(
            ground, lon, lat, limit, walls, hits, hit, scale
        ):
            continue
        hits.edge[kept], hits.vertex[kept], hits.part[kept] = hits.edge[hit], hits.vertex[hit], hits.part[hit]
        hits.squared[kept] = hits.squared[hit]
        kept += 1
    return kept


@numba.njit(cache=True, nogil=True)
def _write(ground: Ground, hits: Hits, found: int, edges: Numbers, at_mm: Numbers, walk_mm: Numbers, begin: int) -> int:
    """Write connectors from a place on, of those to the same node only the shortest; says where they end."""
    hits.slot[:] = _FREE
    mask, to = hits.slot.shape[0] - 1, begin
    for hit in range(found):
        edge, vertex = hits.edge[hit], hits.vertex[hit]
        mm, whole = ground.mm[edge], ground.along[ground.shape_first[edge + 1] - 1]
        along = ground.along[vertex] + hits.part[hit] * (ground.along[vertex + 1] - ground.along[vertex])
        at = int(np.rint(along / whole * mm)) if whole > 0.0 else 0
        walk = int(np.rint(math.sqrt(hits.squared[hit]) * 1000.0))
        place = to
        if at == 0 or at == mm:
            node = ground.tail[edge] if at == 0 else ground.head[edge]
            slot = (node * 40503) & mask
            while hits.slot[slot] != _FREE:
                place = hits.slot[slot]
                if (ground.tail[edges[place]] if at_mm[place] == 0 else ground.head[edges[place]]) == node:
                    break
                place = to
                slot = (slot + 1) & mask
            hits.slot[slot] = place
        if place == to:
            to += 1
        elif walk_mm[place] <= walk:
            continue
        edges[place], at_mm[place], walk_mm[place] = edge, at, walk
    return to


@numba.njit(cache=True, nogil=True)
def _closest(ground: Ground, row: int, lon: float, lat: float, per_lon: float, per_lat: float, closest: float) -> float:
    """Squared metres to the nearest stretch in a row of cells, or those known before where nothing is nearer."""
    here = (lon - ground.frame[WEST]) * ground.frame[PER_LON]
    begin, end = ground.row_first[row], ground.row_first[row + 1]
    low, high = begin, end
    while low < high:
        middle = (low + high) // 2
        if ground.column[middle] < here:
            low = middle + 1
        else:
            high = middle
    for step in (1, -1):
        cell = low if step == 1 else low - 1
        while begin <= cell < end:
            gap = max(ground.column[cell] - here, here - ground.column[cell] - 1.0, 0.0)
            away = gap / ground.frame[PER_LON] * per_lon
            if away * away > closest:
                break
            for entry in range(ground.first[cell], ground.first[cell + 1]):
                vertex = ground.vertex[entry]
                squared = nearest_on(
                    (ground.lons[vertex] - lon) * per_lon,
                    (ground.lats[vertex] - lat) * per_lat,
                    (ground.lons[vertex + 1] - lon) * per_lon,
                    (ground.lats[vertex + 1] - lat) * per_lat,
                )[3]
                closest = min(closest, squared)
            cell += step
    return closest


@numba.njit(cache=True, nogil=True)
def metres_to_edge(ground: Ground, lon: float, lat: float) -> float:
    """Metres to the nearest edge, barriers ignored; inf where there is none, or no such place."""
    rows = int(ground.frame[ROWS])
    if rows == 0 or ground.edge.shape[0] == 0 or not (math.isfinite(lon) and math.isfinite(lat)):
        return np.inf
    per_lon, per_lat = scale_at(lat)
    here = (lat - ground.frame[SOUTH]) * ground.frame[PER_LAT]
    start = int(min(max(np.floor(here), 0.0), rows - 1.0))
    closest = np.inf
    for step in (1, -1):
        row = start if step == 1 else start - 1
        while 0 <= row < rows:
            gap = max(row - here, here - row - 1.0, 0.0)
            away = gap / ground.frame[PER_LAT] * per_lat
            if away * away > closest:
                break
            closest = _closest(ground, row, lon, lat, per_lon, per_lat, closest)
            row += step
    return math.sqrt(closest)


@numba.njit(cache=True, nogil=True)
def room_around(ground: Ground, lon: float, lat: float, metres: float) -> int:
    """How many edges may be within so many metres of a point, at most."""
    per_lon, per_lat = scale_at(lat)
    box = box_around(ground.frame, lon, lat, metres / per_lon, metres / per_lat)
    return room_in(ground.row_first, ground.column, ground.first, box)


@numba.njit(cache=True, nogil=True)
def connect_point(
    ground: Ground,
    lon: float,
    lat: float,
    metres: float,
    hits: Hits,
    edges: Numbers,
    at_mm: Numbers,
    walk_mm: Numbers,
    begin: int,
) -> tuple[int, float]:
    """Write the connectors of a point from a place on.

    Parameters
    ----------
    lon, lat
        EPSG:4326.
    metres
        How far an edge may be.
    hits, edges, at_mm, walk_mm
        With room for `room_around` of the point.

    Returns
    -------
    end, metres
        Where the connectors end; metres to the nearest edge, barriers ignored.
    """
    scale = scale_at(lat)
    found = _gather(ground, lon, lat, metres, hits, scale[0], scale[1])
    if found == 0:
        return begin, metres_to_edge(ground, lon, lat)
    closest = math.sqrt(hits.squared[:found].min())
    found = _visible(ground, lon, lat, metres, hits, found, scale)
    return _write(ground, hits, found, edges, at_mm, walk_mm, begin), closest
