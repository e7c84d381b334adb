"""What there is to say of a walking network: its pieces and where they are, its cut ends, how homes reach it."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from geodata.station.network.arrays import Network
from geodata.station.network.snap import SNAP_METRES
from geodata.station.network.walking import Walking

AWAY_METRES: Final = (SNAP_METRES, 300.0, 500.0, 1000.0)
"""Off the network, homes are counted up to each of these distances from the nearest edge, and beyond."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A connected piece of the network.

    Parameters
    ----------
    rank
        1 for the longest.
    mm, nodes, edges
        How long it is, and how many nodes and edges it has.
    street
        The name that most of its length has; empty where none has one.
    lon, lat
        A place on it, in its middle as far as it has one; EPSG:4326.
    cut_ends
        How many of its ends were made by clipping.
    """

    rank: int
    mm: int
    nodes: int
    edges: int
    street: str
    lon: float
    lat: float
    cut_ends: int


@dataclass(frozen=True, slots=True)
class Reach:
    """How homes reach the network.

    Parameters
    ----------
    homes, households
        In all.
    on_homes, on_households
        On the network.
    away
        Off it: up to how many metres from the nearest edge (inf beyond the last), homes and households. Up to the
        first, something lies between.
    """

    homes: int
    households: float
    on_homes: int
    on_households: float
    away: tuple[tuple[float, int, float], ...]


def pieces_of(network: Network, most: int | None = None) -> list[Piece]:
    """The longest connected pieces, all where None."""
    count = len(network.piece_mm) if most is None else min(most, len(network.piece_mm))
    of_edge = network.piece[network.tail]
    edges = np.argsort(of_edge, kind="stable")
    edge_first = np.searchsorted(of_edge[edges], np.arange(count + 1))
    nodes = np.argsort(network.piece, kind="stable")
    node_first = np.searchsorted(network.piece[nodes], np.arange(count + 1))
    return [
        _piece(
            network,
            rank,
            edges[edge_first[rank] : edge_first[rank + 1]],
            nodes[node_first[rank] : node_first[rank + 1]],
        )
        for rank in range(count)
    ]


def _piece(network: Network, rank: int, edges: np.ndarray, nodes: np.ndarray) -> Piece:
    length = np.bincount(network.name[edges], weights=network.mm[edges], minlength=1)
    length[0] = 0
    lons, lats = network.lons[nodes], network.lats[nodes]
    middle = nodes[np.argmin(np.abs(lons - np.median(lons)) + np.abs(lats - np.median(lats)))]
    return Piece(
        rank=rank + 1,
        mm=int(network.piece_mm[rank]),
        nodes=len(nodes),
        edges=len(edges),
        street=network.names[int(np.argmax(length))] if length.any() else "",
        lon=float(network.lons[middle]),
        lat=float(network.lats[middle]),
        cut_ends=int(np.count_nonzero(network.cut[nodes])),
    )


def reach_of(walking: Walking) -> Reach:
    """How homes reach the network, and how far those are from it that don't."""
    households = walking.homes.counts["households"]
    on = walking.homes_connectors.on_network()
    away = walking.homes_connectors.metres
    found, least = [], -1.0
    for metres in (*AWAY_METRES, np.inf):
        these = ~on & (away > least) & (away <= metres)
        found.append((float(metres), int(np.count_nonzero(these)), float(households[these].sum())))
        least = metres
    return Reach(len(on), float(households.sum()), int(np.count_nonzero(on)), float(households[on].sum()), tuple(found))
