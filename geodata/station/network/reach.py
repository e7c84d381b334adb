"""What stations reach along the network, and which station is nearest to each node."""

from dataclasses import dataclass
from typing import Final

import numba
import numpy as np
from numpy.typing import ArrayLike

from geodata.errors import InputError
from geodata.station.network.arrays import UNREACHED, Flags, Network, Numbers, Places
from geodata.station.network.ground import longer, read_only
from geodata.station.network.heap import pop, push
from geodata.station.network.legs import end_legs, walk_ms
from geodata.station.network.profiles import Profile
from geodata.station.network.snap import Connectors, in_threads
from geodata.station.network.spread import (
    Starts,
    Ways,
    new_scratch,
    spread,
    starts_of,
    ways_of,
    whole_limit,
)

NOBODY: Final = -1
"""Stands where no station reaches."""

# Fewer stations than this are not worth a second thread.
_MANY: Final = 64
_NEVER: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Reached:
    """The nodes that stations reach within a limit, those of a station together.

    Parameters
    ----------
    first
        Of each station its first row, (stations + 1,).
    node, ms
        Rows, in order of the nodes: the node, and how long it takes from the station.
    cut
        Whether a station reaches a node where lines were clipped, (stations,): it may reach more than is known.
    """

    first: Places
    node: Numbers
    ms: Numbers
    cut: Flags


def reach(network: Network, edge_ms: Numbers, profile: Profile, stations: Connectors, limit_ms: float) -> Reached:
    """What each station reaches by itself.

    Parameters
    ----------
    edge_ms
        How long each edge takes, as `Profile.edge_ms` gives it.
    profile
        Who walks to the edges.
    stations
        How stations reach the network.
    limit_ms
        The longest time that counts, itself included.

    Notes
    -----
    A station off the network reaches nothing.
    """
    ways, starts, limit = ways_of(network, edge_ms, profile), starts_of(stations), whole_limit(limit_ms)
    cut = read_only(network.cut)
    parts = in_threads(len(stations), _MANY, lambda begin, end: _reached_from(ways, starts, cut, limit, begin, end))
    count, is_cut, keys = (np.concatenate(column) for column in zip(*parts, strict=True))
    first = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
    return Reached(first, (keys >> 32).astype(np.int32), (keys & UNREACHED).astype(np.int32), is_cut)


def nearest(
    network: Network,
    edge_ms: Numbers,
    profile: Profile,
    stations: Connectors,
    limit_ms: float | None = None,
    among: ArrayLike | None = None,
) -> tuple[Numbers, Numbers]:
    """How long each node takes from its nearest station, and which that is.

    Parameters
    ----------
    edge_ms, profile, stations
        As for `reach`.
    limit_ms
        The longest time that counts; by default any.
    among
        Which stations count, (stations,); by default all.

    Returns
    -------
    ms, station
        Of each node; `UNREACHED` and `NOBODY` where none reaches it. Of stations that take equally long the lower.

    Raises
    ------
    InputError
        ``among`` is not one truth value for each station.
    """
    label = labels(ways_of(network, edge_ms, profile), stations, limit_ms, among)
    return times_and_stations(label)


def labels(ways: Ways, stations: Connectors, limit_ms: float | None, among: ArrayLike | None) -> Places:
    """Time and nearest station of each node as one number, ``ms << 32 | station``; the highest there is for none."""
    chosen = np.ones(len(stations), np.bool_) if among is None else np.asarray(among, np.bool_)
    if chosen.shape != (len(stations),):
        raise InputError("Say of each station whether it counts.", "必须逐一说明每个站点是否计入。")
    label = np.full(len(ways.adjacent_first) - 1, _NEVER, np.int64)
    _label(ways, starts_of(stations), read_only(chosen), whole_limit(limit_ms), label)
    return label


def times_and_stations(label: Places) -> tuple[Numbers, Numbers]:
    """What `labels` gives as two arrays, `UNREACHED` and `NOBODY` where there is none."""
    never = label == _NEVER
    ms, station = (label >> 32).astype(np.int32), (label & UNREACHED).astype(np.int32)
    ms[never], station[never] = UNREACHED, NOBODY
    return ms, station


@numba.njit(cache=True, nogil=True)
def _reached_from(
    ways: Ways, starts: Starts, cut: Flags, limit: int, begin: int, end: int
) -> tuple[Places, Flags, Places]:
    """How many nodes each station reaches, whether one is cut, and the nodes with their times, ``node << 32 | ms``."""
    count, is_cut = np.zeros(end - begin, np.int64), np.zeros(end - begin, np.bool_)
    scratch = new_scratch(ways, starts)
    keys, to = np.empty(4096, np.int64), 0
    for station in range(begin, end):
        found = spread(ways, starts, station, limit, scratch)
        scratch.nodes[:found].sort()
        keys = longer(keys, to + found)
        for at in range(found):
            node = scratch.nodes[at]
            keys[to + at] = (np.int64(node) << 32) | scratch.ms[node]
            is_cut[station - begin] |= cut[node]
        count[station - begin] = found
        to += found
    return count, is_cut, keys[:to].copy()


@numba.njit(cache=True, nogil=True)
def _label(ways: Ways, starts: Starts, among: Flags, limit: int, label: Places) -> None:
    """Write time and nearest station of each node: Dijkstra's algorithm from all stations at once."""
    heap, size = np.empty(max(1024, ways.adjacent_edge.shape[0]), np.int64), 0
    tail, head, edge_ms = ways.tail, ways.head, ways.edge_ms
    first, adjacent = ways.adjacent_first, ways.adjacent_edge
    for station in range(among.shape[0]):
        for at in range(starts.first[station], starts.first[station + 1] if among[station] else 0):
            edge = starts.edge[at]
            way = walk_ms(starts.walk_mm[at], ways.kmh)
            to_tail, to_head = end_legs(edge_ms[edge], ways.mm[edge], starts.at_mm[at], way)
            heap = longer(heap, size + 2)
            if to_tail <= limit:
                size = _labelled(label, heap, size, tail[edge], to_tail, station)
            if to_head <= limit:
                size = _labelled(label, heap, size, head[edge], to_head, station)
    while size:
        key = heap[0]
        size = pop(heap, size)
        node, ms = key & 0xFFFFFFFF, key >> 32
        # The same time may come twice, for two stations: the label is that of the lower one by then.
        if label[node] >> 32 != ms:
            continue
        station = label[node] & UNREACHED
        heap = longer(heap, size + first[node + 1] - first[node])
        for at in range(first[node], first[node + 1]):
            edge = adjacent[at]
            then = ms + edge_ms[edge]
            if then <= limit:
                size = _labelled(label, heap, size, tail[edge] + head[edge] - node, then, station)


@numba.njit(cache=True, nogil=True)
def _labelled(label: Places, heap: Places, size: int, node: int, ms: int, station: int) -> int:
    """Label a node where that is lower than before; says how many keys the heap has."""
    new = (ms << 32) | station
    if new >= label[node]:
        return size
    label[node] = new
    return push(heap, size, (ms << 32) | node)
