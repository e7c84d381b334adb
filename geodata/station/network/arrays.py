"""The walking network as arrays, and the lines and barriers that it is made of."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from geodata.station.network.cells import EdgeIndex

UNREACHED: Final = 2**31 - 1
"""A time in milliseconds that stands for never."""

WALKED: Final = ("yes", "steps")
"""Which `Line.foot` is walked."""

WATER: Final = "water"
"""The kind of barrier whose areas nobody stands in."""

Progress: TypeAlias = Callable[[int, int], None]
"""Is told how much is done, of how much."""

Reals: TypeAlias = NDArray[np.float64]
Numbers: TypeAlias = NDArray[np.int32]
Places: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Line:
    """A street, path or stairs.

    Parameters
    ----------
    geom
        LineString or MultiLineString, EPSG:4326.
    name
        Empty for none.
    foot
        ``yes``, ``steps``, ``no`` or ``private``; only the first two are walked.
    closed
        MultiPoint of vertices where nobody passes, None for none: the line ends there, and joins nothing.
    cut
        MultiPoint of ends made by clipping, None for none: the street goes on, but nothing is known of it.
    """

    geom: Any
    name: str = ""
    foot: str = "yes"
    closed: Any = None
    cut: Any = None


@dataclass(frozen=True, slots=True)
class Barrier:
    """What nobody crosses but on a line of the network.

    Parameters
    ----------
    geom
        Line or area, EPSG:4326.
    kind
        ``water``, ``railway``, ``wall`` or ``motorway``. A place inside an area of water is off the network; of other
        areas only the rim counts.
    """

    geom: Any
    kind: str = WATER


@dataclass(frozen=True, slots=True)
class Network:
    """Where people walk: nodes are where lines meet or end, edges the ways between them.

    Parameters
    ----------
    version
        Of the streets and barriers.
    compiled_at
        When they were read, microseconds since 1970-01-01 UTC.
    lons, lats
        Of each node, EPSG:4326; in the order of (lon, lat).
    tail, head
        Node at either end of each edge, tail ≤ head; in the order of the tail and the first vertex behind it. Parallel
        edges and loops are kept.
    mm
        Length of each edge on the ellipsoid, at least 1.
    steps
        Whether an edge is stairs.
    name, names
        Place of each edge's name in `names`, the first of which is empty.
    shape_first, shape_lons, shape_lats
        Vertices of each edge from tail to head, both included.
    adjacent_first, adjacent_edge
        Edges at each node, ascending, a loop twice.
    piece, piece_mm
        Which connected piece each node belongs to, and how long each is, the longest first.
    cut
        Whether a node is where lines were clipped.
    barriers, barrier_area
        Segments ``lon1 lat1 lon2 lat2`` that nobody crosses, and whether one belongs to the rim of water: a place is
        inside where a ray from it crosses an odd number of these.
    index
        What is near a place.
    """

    version: str
    compiled_at: int
    lons: Reals
    lats: Reals
    tail: Numbers
    head: Numbers
    mm: Numbers
    steps: Flags
    name: Numbers
    names: tuple[str, ...]
    shape_first: Places
    shape_lons: Reals
    shape_lats: Reals
    adjacent_first: Places
    adjacent_edge: Numbers
    piece: Numbers
    piece_mm: Places
    cut: Flags
    barriers: Reals
    barrier_area: Flags
    index: EdgeIndex

    @property
    def node_count(self) -> int:
        """How many nodes there are."""
        return len(self.lons)

    @property
    def edge_count(self) -> int:
        """How many edges there are; 0 where no streets are loaded."""
        return len(self.mm)
