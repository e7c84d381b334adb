"""How places reach the network: by all edges near them that nothing lies between."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, TypeVar

import numba
import numpy as np
from numpy.typing import ArrayLike

from geodata.errors import InputError
from geodata.station.network.arrays import Flags, Network, Numbers, Places, Reals
from geodata.station.network.ground import Ground, ground_of, longer, read_only
from geodata.station.network.near import connect_point, new_hits, room_around

SNAP_METRES: Final = 150.0
"""How far a place may be from an edge to reach it in a straight line."""

# Fewer places than this are not worth a second thread.
_MANY: Final = 2000
_Part = TypeVar("_Part")


@dataclass(frozen=True, slots=True)
class Connectors:
    """The ways from places to the network, those of a place together.

    Parameters
    ----------
    first
        Of each place its first connector, (places + 1,).
    edge, at_mm, walk_mm
        The edge that a connector leads to, where on it (millimetres from its tail), and how long the straight way there
        is, in millimetres.
    metres
        From each place to the nearest edge, barriers ignored; inf where there is none.
    """

    first: Places
    edge: Numbers
    at_mm: Numbers
    walk_mm: Numbers
    metres: Reals

    def __len__(self) -> int:
        """How many places there are."""
        return len(self.metres)

    def on_network(self) -> Flags:
        """Whether each place reaches the network at all."""
        found: Flags = np.diff(self.first) > 0
        return found

    def take(self, places: ArrayLike) -> "Connectors":
        """The connectors of some places, in the order in which they are named."""
        chosen = np.asarray(places, np.int64).reshape(-1)
        count = (self.first[1:] - self.first[:-1])[chosen]
        first = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
        rows = np.arange(first[-1]) + np.repeat(self.first[chosen] - first[:-1], count)
        return Connectors(first, self.edge[rows], self.at_mm[rows], self.walk_mm[rows], self.metres[chosen])


def connect(
    network: Network,
    lons: ArrayLike,
    lats: ArrayLike,
    *,
    place: ArrayLike | None = None,
    places: int | None = None,
    metres: float = SNAP_METRES,
) -> Connectors:
    """How places reach the network.

    Parameters
    ----------
    lons, lats
        Where walks start, EPSG:4326.
    place
        Which place each start belongs to, ascending from 0: a place may have several, the gates of a compound. By
        default each start is a place.
    places
        How many places there are; by default up to the last that has a start.
    metres
        How far an edge may be from a start.

    Returns
    -------
    Connectors
        Of each start one for every edge that near that nothing lies between, where the edge is nearest; of edges that
        are nearest at the same node, one. Without a start, or with a coordinate that is no number, a place has none.

    Raises
    ------
    InputError
        The arrays do not belong together, or ``place`` does not ascend.

    Notes
    -----
    Every edge within the limit, not the nearest only: a path that is added then never makes a way longer.
    """
    where = _starts(lons, lats)
    of = np.arange(len(where[0]), dtype=np.int64) if place is None else np.asarray(place, np.int64).reshape(-1)
    count = places if places is not None else int(of[-1]) + 1 if len(of) else 0
    if len(of) != len(where[0]) or (len(of) and (of[0] < 0 or of[-1] >= count or (np.diff(of) < 0).any())):
        raise InputError(
            "Each start of a walk must name its place, in ascending order.", "每个出发点必须按升序注明所属的地点。"
        )
    ground = ground_of(network)
    parts = in_threads(len(of), _MANY, lambda begin, end: _connected(ground, *where, float(metres), begin, end))
    per_start, away, edge, at_mm, walk_mm = (np.concatenate(column) for column in zip(*parts, strict=True))
    first = np.zeros(count + 1, np.int64)
    first[1:] = np.cumsum(np.bincount(of, weights=per_start, minlength=count))
    nearest = np.full(count, np.inf)
    np.minimum.at(nearest, of, away)
    return Connectors(first, edge, at_mm, walk_mm, nearest)


def in_threads(count: int, many: int, work: Callable[[int, int], _Part]) -> Sequence[_Part]:
    """What work gives for stretches of 0 to ``count``: two at the same time where there are at least ``many``.

    Notes
    -----
    For compiled code that lets go of the interpreter.
    """
    if count < many or (os.cpu_count() or 1) < 2:
        return [work(0, count)]
    with ThreadPoolExecutor(2) as threads:
        # Four stretches: where one takes longer than the others, both threads still end at about the same time.
        cuts = [count * quarter // 4 for quarter in range(5)]
        return list(threads.map(work, cuts[:-1], cuts[1:]))


def _starts(lons: ArrayLike, lats: ArrayLike) -> tuple[Reals, Reals]:
    both = [read_only(np.asarray(values, np.float64).reshape(-1)) for values in (lons, lats)]
    if len(both[0]) != len(both[1]):
        raise InputError("There must be as many latitudes as longitudes.", "经度与纬度的数量必须相同。")
    return both[0], both[1]


@numba.njit(cache=True, nogil=True)
def _connected(
    ground: Ground, lons: Reals, lats: Reals, metres: float, begin: int, end: int
) -> tuple[Numbers, Reals, Numbers, Numbers, Numbers]:
    """How many connectors each start has, how far its nearest edge is, and the connectors' edge, place and length."""
    count, away = np.zeros(end - begin, np.int32), np.empty(end - begin, np.float64)
    hits, to = new_hits(0), 0
    edges = np.empty(0, np.int32)
    at_mm, walk_mm = np.empty(0, np.int32), np.empty(0, np.int32)
    for start in range(begin, end):
        room = room_around(ground, lons[start], lats[start], metres)
        if room > hits.edge.shape[0]:
            hits = new_hits(room)
        edges, at_mm, walk_mm = longer(edges, to + room), longer(at_mm, to + room), longer(walk_mm, to + room)
        last, away[start - begin] = connect_point(
            ground, lons[start], lats[start], metres, hits, edges, at_mm, walk_mm, to
        )
        count[start - begin] = last - to
        to = last
    return count, away, edges[:to].copy(), at_mm[:to].copy(), walk_mm[:to].copy()
