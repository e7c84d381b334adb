"""How long it takes from stations to places: the network, the straight way to it, and one along the same edge."""

from dataclasses import dataclass
from typing import Final

import numba
import numpy as np
from numpy.typing import ArrayLike

from geodata.station.network.arrays import UNREACHED, Flags, Network, Numbers, Places
from geodata.station.network.ground import longer, read_only
from geodata.station.network.legs import direct_ms, end_legs, walk_ms
from geodata.station.network.profiles import Profile
from geodata.station.network.reach import labels, times_and_stations
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

# Fewer stations than this are not worth a second thread.
_MANY: Final = 32
_NEVER: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class PlaceIndex:
    """The connectors of places, those to an edge together.

    Parameters
    ----------
    first
        Of each edge its first row, (edges + 1,).
    place, at_mm, walk_mm
        Rows: the place, and the connector as in `Connectors`.
    places
        How many places there are.
    """

    first: Places
    place: Numbers
    at_mm: Numbers
    walk_mm: Numbers
    places: int


@dataclass(frozen=True, slots=True)
class PlaceTimes:
    """The places that stations reach within a limit, those of a station together.

    Parameters
    ----------
    first
        Of each station its first row, (stations + 1,).
    place, ms
        Rows, in order of the places: the place, and how long it takes from the station.
    cut
        As in `Reached`.
    """

    first: Places
    place: Numbers
    ms: Numbers
    cut: Flags


def place_index(network: Network, places: Connectors) -> PlaceIndex:
    """The connectors of places turned round: what is at each edge."""
    order = np.argsort(places.edge, kind="stable")
    first = np.searchsorted(places.edge[order], np.arange(network.edge_count + 1)).astype(np.int64)
    place = np.repeat(np.arange(len(places), dtype=np.int32), np.diff(places.first))
    return PlaceIndex(first, place[order], places.at_mm[order], places.walk_mm[order], len(places))


def place_times(
    network: Network, profile: Profile, places: PlaceIndex, stations: Connectors, limit_ms: float
) -> PlaceTimes:
    """How long it takes from each station to each place that it reaches.

    Parameters
    ----------
    profile
        Who walks.
    places, stations
        How they reach the network.
    limit_ms
        The longest time that counts, itself included.

    Notes
    -----
    A station's rows depend on nothing but that station: where one was moved, only its own need to be asked for again.
    """
    ways, starts = ways_of(network, profile.edge_ms(network), profile), starts_of(stations)
    rows, cut, limit = _rows_of(places), read_only(network.cut), whole_limit(limit_ms)
    parts = in_threads(
        len(stations),
        _MANY,
        lambda begin, end: _times(ways, starts, cut, rows, places.places, limit, begin, end),
    )
    count, is_cut, keys = (np.concatenate(column) for column in zip(*parts, strict=True))
    first = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
    return PlaceTimes(first, (keys >> 32).astype(np.int32), (keys & UNREACHED).astype(np.int32), is_cut)


def nearest_places(
    network: Network,
    profile: Profile,
    places: PlaceIndex,
    stations: Connectors,
    limit_ms: float | None = None,
    among: ArrayLike | None = None,
    label: Places | None = None,
) -> tuple[Numbers, Numbers]:
    """How long each place takes from its nearest station, and which that is.

    Parameters
    ----------
    profile, places, stations
        As for `place_times`.
    limit_ms, among
        As for `reach.nearest`.
    label
        What `reach.labels` gave for the same network, profile, stations and limits; worked out where None.

    Returns
    -------
    ms, station
        Of each place; `UNREACHED` and -1 where none reaches it. Of stations that take equally long the lower.
    """
    ways = ways_of(network, profile.edge_ms(network), profile)
    label = labels(ways, stations, limit_ms, among) if label is None else label
    counts = np.ones(len(stations), np.bool_) if among is None else np.asarray(among, np.bool_)
    found = np.full(places.places, _NEVER, np.int64)
    _label_places(
        ways, starts_of(stations), read_only(counts), _rows_of(places), whole_limit(limit_ms), read_only(label), found
    )
    return times_and_stations(found)


def _rows_of(places: PlaceIndex) -> Starts:
    """Rows of places at each edge; ``edge`` is the place."""
    return Starts(*(read_only(array) for array in (places.first, places.place, places.at_mm, places.walk_mm)))


@numba.njit(cache=True, nogil=True)
def _times(
    ways: Ways, starts: Starts, cut: Flags, rows: Starts, places: int, limit: int, begin: int, end: int
) -> tuple[Places, Flags, Places]:
    """How many places each station reaches, whether a node is cut, and the places with times, ``place << 32 | ms``."""
    count, is_cut = np.zeros(end - begin, np.int64), np.zeros(end - begin, np.bool_)
    scratch = new_scratch(ways, starts)
    # Times of earlier stations are all later than those of the one in hand, so that nothing needs to be cleared.
    # A place is written behind those seen before it is known to be new: one more than there are.
    best, seen = np.full(places, _NEVER, np.int64), np.empty(places + 1, np.int32)
    keys, to = np.empty(4096, np.int64), 0
    for station in range(begin, end):
        turn = (end - station) << 32
        nodes = spread(ways, starts, station, limit, scratch)
        found = _along_same_edge(ways, starts, rows, station, turn, limit, best, seen)
        for at in range(nodes):
            node = scratch.nodes[at]
            is_cut[station - begin] |= cut[node]
            found = _from_node(ways, rows, scratch, node, turn, limit, best, seen, found)
        keys = longer(keys, to + found)
        for at in range(found):
            keys[to + at] = (np.int64(seen[at]) << 32) | (best[seen[at]] & UNREACHED)
        keys[to : to + found].sort()
        count[station - begin] = found
        to += found
    return count, is_cut, keys[:to].copy()


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _from_node(
    ways: Ways,
    rows: Starts,
    scratch: Scratch,
    node: int,
    turn: int,
    limit: int,
    best: Places,
    seen: Numbers,
    found: int,
) -> int:
    """Note the places at the edges of a node that was reached; says how many places there are then."""
    for at in range(ways.adjacent_first[node], ways.adjacent_first[node + 1]):
        edge = ways.adjacent_edge[at]
        by_tail, by_head = time_at(scratch, ways.tail[edge]), time_at(scratch, ways.head[edge])
        if node != ways.tail[edge] and by_tail != UNREACHED:
            continue  # the tail's turn
        edge_ms, mm, kmh = ways.edge_ms[edge], ways.mm[edge], ways.kmh
        for row in range(rows.first[edge], rows.first[edge + 1]):
            to_tail, to_head = end_legs(edge_ms, mm, rows.at_mm[row], walk_ms(rows.walk_mm[row], kmh))
            time = min(by_tail + to_tail, by_head + to_head)
            if time > limit:
                continue
            place = rows.edge[row]
            seen[found] = place
            found += best[place] >= turn + UNREACHED
            best[place] = min(best[place], turn + time)
    return found


@numba.njit(cache=True, nogil=True)
def _along_same_edge(
    ways: Ways, starts: Starts, rows: Starts, station: int, turn: int, limit: int, best: Places, seen: Numbers
) -> int:
    """Note the places that a station reaches along the edge that both stand at; says how many there are."""
    found = 0
    for at in range(starts.first[station], starts.first[station + 1]):
        edge, at_mm = starts.edge[at], starts.at_mm[at]
        way = walk_ms(starts.walk_mm[at], ways.kmh)
        for row in _along(ways.edge_ms[edge], ways.mm[edge], at_mm, rows.first[edge], rows.first[edge + 1]):
            time = direct_ms(ways.edge_ms[edge], ways.mm[edge], at_mm, rows.at_mm[row]) + way
            time += walk_ms(rows.walk_mm[row], ways.kmh)
            if time > limit:
                continue
            place = rows.edge[row]
            seen[found] = place
            found += best[place] >= turn + UNREACHED
            best[place] = min(best[place], turn + time)
    return found


@numba.njit(cache=True, nogil=True)
def _along(edge_ms: int, mm: int, at_mm: int, begin: int, end: int) -> range:
    """Which rows of places a station at a point of their edge may reach along it, without coming through a node.

    Notes
    -----
    None where the station is at an end of the edge, which is a node, or where nobody walks on the edge.
    """
    return range(begin, begin if at_mm == 0 or at_mm == mm or edge_ms == UNREACHED else end)


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _label_places(
    ways: Ways, starts: Starts, among: Flags, rows: Starts, limit: int, label: Places, found: Places
) -> None:
    """Write time and nearest station of each place, as `reach.labels`."""
    kmh = ways.kmh
    for edge in range(ways.tail.shape[0]):
        by_tail, by_head = label[ways.tail[edge]], label[ways.head[edge]]
        if min(by_tail, by_head) == _NEVER:
            continue
        edge_ms, mm = ways.edge_ms[edge], ways.mm[edge]
        for row in range(rows.first[edge], rows.first[edge + 1]):
            to_tail, to_head = end_legs(edge_ms, mm, rows.at_mm[row], walk_ms(rows.walk_mm[row], kmh))
            best = min(_later(by_tail, to_tail, limit), _later(by_head, to_head, limit))
            if best < found[rows.edge[row]]:
                found[rows.edge[row]] = best
    for station in range(among.shape[0]):
        for at in range(starts.first[station], starts.first[station + 1] if among[station] else 0):
            edge, at_mm = starts.edge[at], starts.at_mm[at]
            way = walk_ms(starts.walk_mm[at], kmh)
            for row in _along(ways.edge_ms[edge], ways.mm[edge], at_mm, rows.first[edge], rows.first[edge + 1]):
                time = direct_ms(ways.edge_ms[edge], ways.mm[edge], at_mm, rows.at_mm[row]) + way
                time += walk_ms(rows.walk_mm[row], kmh)
                best = (time << 32) | station
                if time <= limit and best < found[rows.edge[row]]:
                    found[rows.edge[row]] = best


@numba.njit(cache=True, nogil=True)
def _later(label: int, ms: int, limit: int) -> int:
    """A label so much later; the highest there is beyond the limit."""
    time = (label >> 32) + ms
    return _NEVER if time > limit else (time << 32) | (label & UNREACHED)
