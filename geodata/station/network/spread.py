"""How far one station gets along the network within a time: Dijkstra's algorithm, compiled.

What a station costs depends on what it reaches only: whether a node was seen is told by a stamp, so that nothing needs
to be cleared for the next station.
"""

from typing import NamedTuple

import numba
import numpy as np

from geodata.station.network.arrays import UNREACHED, Network, Numbers, Places
from geodata.station.network.ground import read_only
from geodata.station.network.heap import pop, push
from geodata.station.network.legs import end_legs, walk_ms
from geodata.station.network.profiles import Profile
from geodata.station.network.snap import Connectors


class Ways(NamedTuple):
    """What walks read of a network, and how long each edge takes somebody; fields as in `Network`."""

    tail: Numbers
    head: Numbers
    mm: Numbers
    edge_ms: Numbers
    adjacent_first: Places
    adjacent_edge: Numbers
    kmh: float


class Starts(NamedTuple):
    """The connectors of stations; fields as in `Connectors`."""

    first: Places
    edge: Numbers
    at_mm: Numbers
    walk_mm: Numbers


class Scratch(NamedTuple):
    """Room for one station after the other: ``ms`` counts where ``stamp`` is the station's, ``nodes`` are all of them.

    ``station`` is one number, which stamp is in use.
    """

    ms: Numbers
    stamp: Numbers
    nodes: Numbers
    heap: Places
    station: Numbers


def ways_of(network: Network, edge_ms: Numbers, profile: Profile) -> Ways:
    """What walks read of a network, as arrays of one kind: mapped or not, the same compiled code takes them."""
    tail, head, mm = read_only(network.tail), read_only(network.head), read_only(network.mm)
    first, adjacent = read_only(network.adjacent_first), read_only(network.adjacent_edge)
    return Ways(tail, head, mm, read_only(edge_ms), first, adjacent, float(profile.kmh))


def starts_of(stations: Connectors) -> Starts:
    """The connectors of stations, as arrays of one kind."""
    arrays = (stations.first, stations.edge, stations.at_mm, stations.walk_mm)
    return Starts(*(read_only(array) for array in arrays))


def whole_limit(limit_ms: float | None) -> int:
    """A limit in milliseconds as a whole number below `UNREACHED`; by default the longest there is."""
    return UNREACHED - 1 if limit_ms is None else int(min(max(limit_ms, -1), UNREACHED - 1))


@numba.njit(cache=True, nogil=True)
def new_scratch(ways: Ways, starts: Starts) -> Scratch:
    """Room for any of the stations; pages that no station needs are never touched."""
    nodes = ways.adjacent_first.shape[0] - 1
    most = 0
    for station in range(starts.first.shape[0] - 1):
        most = max(most, starts.first[station + 1] - starts.first[station])
    return Scratch(
        np.empty(nodes, np.int32),
        np.zeros(nodes, np.int32),
        np.empty(nodes, np.int32),
        # Every node is taken once, and each of its edges then puts in one key at most.
        np.empty(ways.adjacent_edge.shape[0] + 2 * most + 1, np.int64),
        np.zeros(1, np.int32),
    )


@numba.njit(cache=True, nogil=True)
def spread(ways: Ways, starts: Starts, station: int, limit: int, scratch: Scratch) -> int:
    """Find all nodes that a station reaches within a limit, in order of their times; says how many."""
    scratch.station[0] += 1
    turn, size, found = scratch.station[0], 0, 0
    # Arrays by themselves: handing a tuple of them on takes longer than what is done with it.
    tail, head, edge_ms = ways.tail, ways.head, ways.edge_ms
    times, stamp, heap, nodes = scratch.ms, scratch.stamp, scratch.heap, scratch.nodes
    first, adjacent = ways.adjacent_first, ways.adjacent_edge
    for at in range(starts.first[station], starts.first[station + 1]):
        edge = starts.edge[at]
        way = walk_ms(starts.walk_mm[at], ways.kmh)
        to_tail, to_head = end_legs(edge_ms[edge], ways.mm[edge], starts.at_mm[at], way)
        if to_tail <= limit:
            size = _reached(times, stamp, heap, turn, size, tail[edge], to_tail)
        if to_head <= limit:
            size = _reached(times, stamp, heap, turn, size, head[edge], to_head)
    while size:
        key = heap[0]
        size = pop(heap, size)
        node, ms = key & 0xFFFFFFFF, key >> 32
        if times[node] != ms:
            continue
        nodes[found] = node
        found += 1
        for at in range(first[node], first[node + 1]):
            edge = adjacent[at]
            then = ms + edge_ms[edge]
            if then <= limit:
                size = _reached(times, stamp, heap, turn, size, tail[edge] + head[edge] - node, then)
    return found


@numba.njit(cache=True, nogil=True)
def _reached(times: Numbers, stamp: Numbers, heap: Places, turn: int, size: int, node: int, ms: int) -> int:
    """Note that a node is reached in a time, where that is the shortest so far; says how many keys the heap has."""
    if stamp[node] == turn and times[node] <= ms:
        return size
    stamp[node] = turn
    times[node] = ms
    return push(heap, size, (ms << 32) | node)


@numba.njit(cache=True, nogil=True)
def time_at(scratch: Scratch, node: int) -> int:
    """When the station in hand reaches a node; `UNREACHED` where it does not within its limit."""
    return scratch.ms[node] if scratch.stamp[node] == scratch.station[0] else UNREACHED
