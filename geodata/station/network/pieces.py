"""Which pieces of edges stations reach within a limit, and when: what circles are drawn from."""

from dataclasses import dataclass
from typing import Final

import numba
import numpy as np

from geodata.station.network.arrays import UNREACHED, Network, Numbers, Places
from geodata.station.network.legs import part_ms, walk_ms
from geodata.station.network.profiles import Profile
from geodata.station.network.snap import Connectors, in_threads
from geodata.station.network.spread import (
    Scratch,
    Starts,
    Ways,
    new_scratch,
    spread,
    starts_of,
    time_at,
    ways_of,
    whole_limit,
)

_MANY: Final = 64
# Fields of a row while pieces are collected.
_EDGE, _FROM_MM, _TO_MM, _FROM_MS, _TO_MS = range(5)


@dataclass(frozen=True, slots=True)
class Pieces:
    """The pieces of edges that stations reach within a limit, those of a station together.

    Parameters
    ----------
    first
        Of each station its first row, (stations + 1,).
    edge, from_mm, to_mm
        Rows, those of an edge from its tail to its head: the edge, and where on it the piece begins and ends,
        millimetres from the tail, ``from_mm < to_mm``.
    from_ms, to_ms
        How long it takes from the station to either end of the piece; between them the time rises or falls evenly.

    Notes
    -----
    Times are those of `reach` at nodes. Where two ways meet within an edge, or where the limit is reached, the piece
    ends there, to the millimetre.
    """

    first: Places
    edge: Numbers
    from_mm: Numbers
    to_mm: Numbers
    from_ms: Numbers
    to_ms: Numbers


def reached_pieces(
    network: Network, edge_ms: Numbers, profile: Profile, stations: Connectors, limit_ms: float
) -> Pieces:
    """Which pieces of edges each station reaches; parameters as of `reach.reach`."""
    ways, starts, limit = ways_of(network, edge_ms, profile), starts_of(stations), whole_limit(limit_ms)
    parts = in_threads(len(stations), _MANY, lambda begin, end: _pieces(ways, starts, limit, begin, end))
    count, rows = (np.concatenate(column) for column in zip(*parts, strict=True))
    first = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
    return Pieces(first, *(np.ascontiguousarray(column) for column in rows.T))


@numba.njit(cache=True, nogil=True)
def _pieces(ways: Ways, starts: Starts, limit: int, begin: int, end: int) -> tuple[Places, Numbers]:
    """How many pieces each station has, and the pieces, (n, 5)."""
    count, scratch = np.zeros(end - begin, np.int64), new_scratch(ways, starts)
    rows, to = np.empty((1024, 5), np.int32), 0
    for station in range(begin, end):
        nodes = spread(ways, starts, station, limit, scratch)
        begun = to
        edges = _edges_reached(ways, starts, scratch, station, nodes)
        points = np.empty((starts.first[station + 1] - starts.first[station] + 2, 2), np.int64)
        for edge in edges:
            room = to + 2 * points.shape[0]
            if room > rows.shape[0]:
                more = np.empty((2 * room, 5), np.int32)
                more[:to] = rows[:to]
                rows = more
            known = _known_points(ways, starts, scratch, station, edge, points)
            for at in range(known - 1):
                to = _between(rows, to, edge, ways.edge_ms[edge] / ways.mm[edge], points[at], points[at + 1], limit)
        count[station - begin] = to - begun
    return count, rows[:to].copy()


@numba.njit(cache=True, nogil=True)
def _edges_reached(ways: Ways, starts: Starts, scratch: Scratch, station: int, nodes: int) -> Numbers:
    """Edges at reached nodes and those that the station stands at, ascending, each once, that can be walked."""
    room = starts.first[station + 1] - starts.first[station]
    for at in range(nodes):
        node = scratch.nodes[at]
        room += ways.adjacent_first[node + 1] - ways.adjacent_first[node]
    edges, found = np.empty(room, np.int32), 0
    for at in range(starts.first[station], starts.first[station + 1]):
        edges[found] = starts.edge[at]
        found += 1
    for at in range(nodes):
        node = scratch.nodes[at]
        for place in range(ways.adjacent_first[node], ways.adjacent_first[node + 1]):
            edges[found] = ways.adjacent_edge[place]
            found += 1
    edges.sort()
    kept = 0
    for at in range(found):
        if ways.edge_ms[edges[at]] != UNREACHED and (kept == 0 or edges[kept - 1] != edges[at]):
            edges[kept] = edges[at]
            kept += 1
    return edges[:kept]


@numba.njit(cache=True, nogil=True)
def _known_points(ways: Ways, starts: Starts, scratch: Scratch, station: int, edge: int, points: Places) -> int:
    """Fill in where times on an edge are known, (mm, ms) from its tail to its head; says how many."""
    mm, edge_ms = ways.mm[edge], ways.edge_ms[edge]
    points[0, 0], points[0, 1] = 0, time_at(scratch, ways.tail[edge])
    known = 1
    for at in range(starts.first[station], starts.first[station + 1]):
        if starts.edge[at] == edge and 0 < starts.at_mm[at] < mm:
            place = known
            while place > 1 and points[place - 1, 0] > starts.at_mm[at]:
                points[place, 0], points[place, 1] = points[place - 1, 0], points[place - 1, 1]
                place -= 1
            points[place, 0], points[place, 1] = starts.at_mm[at], walk_ms(starts.walk_mm[at], ways.kmh)
            known += 1
    points[known, 0], points[known, 1] = mm, time_at(scratch, ways.head[edge])
    # A connector may be slower than the way along the edge from a neighbour.
    for at in range(1, known + 1):
        way = part_ms(edge_ms, mm, points[at, 0]) - part_ms(edge_ms, mm, points[at - 1, 0])
        points[at, 1] = min(points[at, 1], points[at - 1, 1] + way)
    for at in range(known, 0, -1):
        way = part_ms(edge_ms, mm, points[at, 0]) - part_ms(edge_ms, mm, points[at - 1, 0])
        points[at - 1, 1] = min(points[at - 1, 1], points[at, 1] + way)
    return known + 1


@numba.njit(cache=True, nogil=True)
def _between(rows: Numbers, to: int, edge: int, rate: float, one: Places, other: Places, limit: int) -> int:
    """Write the pieces between two points of an edge with known times; says how many pieces there are then."""
    from_mm, from_ms, to_mm, to_ms = one[0], one[1], other[0], other[1]
    if from_mm == to_mm or rate <= 0.0:
        return to
    meet_ms = (from_ms + to_ms + (to_mm - from_mm) * rate) / 2
    if meet_ms <= limit:
        meet_mm = from_mm + int(np.rint((meet_ms - from_ms) / rate))
        meet_mm = min(max(meet_mm, from_mm), to_mm)
        to = _put(rows, to, edge, from_mm, meet_mm, from_ms, int(np.rint(meet_ms)))
        return _put(rows, to, edge, meet_mm, to_mm, int(np.rint(meet_ms)), to_ms)
    if from_ms < limit:
        to = _put(rows, to, edge, from_mm, min(from_mm + int((limit - from_ms) / rate), to_mm), from_ms, limit)
    if to_ms < limit:
        to = _put(rows, to, edge, max(to_mm - int((limit - to_ms) / rate), from_mm), to_mm, limit, to_ms)
    return to


@numba.njit(cache=True, nogil=True)
def _put(rows: Numbers, to: int, edge: int, from_mm: int, to_mm: int, from_ms: int, to_ms: int) -> int:
    if from_mm >= to_mm:
        return to
    rows[to, _EDGE], rows[to, _FROM_MM], rows[to, _TO_MM] = edge, from_mm, to_mm
    rows[to, _FROM_MS], rows[to, _TO_MS] = from_ms, to_ms
    return to + 1
