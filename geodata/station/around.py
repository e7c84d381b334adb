"""What lies around a station as far as somebody walks: the ways that are reached, and when; cells, water, barriers."""

import hashlib
from dataclasses import dataclass
from typing import Final, NamedTuple

import numba
import numpy as np

from geodata.metres import metres_per_degree
from geodata.station.lattice import CELL_METRES, Lattice, Window
from geodata.station.network.arrays import UNREACHED, Flags, Network, Numbers, Places, Reals
from geodata.station.network.ground import read_only
from geodata.station.network.snap import SNAP_METRES, Connectors
from geodata.station.surface import Ways, walk_surface
from geodata.station.walls import Cells, walls_among

# For a metre of what nobody of a profile walks, as stairs: its ends are reached all the same.
_NEVER_PER_METRE: Final = 1e15
# Cells beyond the farthest that can be reached: contours end inside of them.
_RIM: Final = 2


class Edges(NamedTuple):
    """Edges of which an end is reached, or on which the walk begins: which, and when; inf for never.

    ``from_mm`` is where on it the walk begins, in millimetres from its tail, ``from_ms`` when.
    """

    edge: Places
    tail_ms: Reals
    head_ms: Reals
    from_mm: Reals
    from_ms: Reals


@dataclass(frozen=True, slots=True)
class Around:
    """What the walking times around a station depend on, in a plane in metres.

    Parameters
    ----------
    lattice, window
        Which cells these are.
    cells, ways, wet, barriers
        As in `walk_surface`; barriers as segments ``x1 y1 x2 y2``.
    straight_ms
        Milliseconds for a metre beside the ways.
    most_ms
        Times from here on are not told.
    gated, gate_ms
        Cells that lie in a compound with gates, counted row by row, and the time to its nearest gate: it holds there.
    """

    lattice: Lattice
    window: Window
    cells: Cells
    ways: Ways
    wet: Flags
    barriers: Reals
    straight_ms: float
    most_ms: float
    gated: Places
    gate_ms: Reals

    def surface(self) -> Reals:
        """Walking time to the centre of each cell of the window, milliseconds; inf where nothing leads."""
        walls = walls_among(self.cells, self.window.shape, self.barriers)
        surface = walk_surface(self.ways, self.cells, self.wet, walls, self.straight_ms, self.most_ms)
        surface.reshape(-1)[self.gated] = np.inf
        np.minimum.at(surface.reshape(-1), self.gated, self.gate_ms)
        return surface

    def digest(self) -> str:
        """The same for the same surface: a street that changes elsewhere changes nothing here."""
        content = hashlib.blake2b(digest_size=16)
        content.update(repr((self.window, self.cells, self.straight_ms, self.most_ms)).encode())
        for array in (*self.ways, self.wet, self.barriers, self.gated, self.gate_ms):
            content.update(np.ascontiguousarray(array).data)
        return content.hexdigest()

    @property
    def square_metres(self) -> float:
        """Area of a cell."""
        return self.cells.wide * self.cells.high


def edges_from(network: Network, nodes: Numbers, ms: Numbers, station: Connectors, way_ms: Numbers) -> Edges:
    """The edges that are reached.

    Parameters
    ----------
    nodes, ms
        Nodes that are reached, ascending, and when.
    station
        Connectors of one place, the walks to which take `way_ms`.
    """
    told = (network.adjacent_first, network.adjacent_edge, network.tail, network.head)
    edge, tail_ms, head_ms = _reached(nodes, ms, *(read_only(array) for array in told))
    order = np.argsort(edge)
    edge, tail_ms, head_ms = edge[order], tail_ms[order], head_ms[order]
    # Of several ways to the same edge, through several gates, the first stands with its ends.
    begun, first = np.unique(station.edge, return_index=True)
    place = np.searchsorted(edge, begun)
    there = place < len(edge)
    there[there] = edge[place[there]] == begun[there]
    from_mm, from_ms = np.zeros(len(edge)), np.full(len(edge), np.inf)
    from_mm[place[there]], from_ms[place[there]] = station.at_mm[first[there]], way_ms[first[there]]
    rest = np.setdiff1d(np.arange(len(station.edge)), first[there])
    never = np.full(len(rest), np.inf)
    return Edges(
        np.concatenate([edge, station.edge[rest]]),
        np.concatenate([tail_ms, never]),
        np.concatenate([head_ms, never]),
        np.concatenate([from_mm, station.at_mm[rest]]),
        np.concatenate([from_ms, way_ms[rest]]),
    )


def look_around(
    network: Network, lattice: Lattice, edges: Edges, edge_ms: Numbers, straight_ms: float, most_ms: float, far: float
) -> Around:
    """What lies around, of the edges that are reached; at least one, on which the walk begins.

    Parameters
    ----------
    edge_ms
        How long each edge of the network takes.
    far
        How many metres somebody may come at most.
    """
    first, points = _shapes(network.shape_first, edges.edge)
    lons, lats = network.shape_lons[points], network.shape_lats[points]
    lon, lat = _begin(edges, first, lons, lats, network.mm)
    per_lon, per_lat = metres_per_degree(lat)
    # A long road leads on to where nobody comes.
    far += 2 * SNAP_METRES
    window = _window(lattice, lons, lats, (lon, lat, far / per_lon, far / per_lat))
    west, south = window.column * lattice.step_lon, window.row * lattice.step_lat
    x, y = (lons - west) * per_lon, (lats - south) * per_lat
    ways = _ways(first, x, y, edges, edge_ms[edges.edge], network.mm[edges.edge])
    cells = Cells(0.0, 0.0, lattice.step_lon * per_lon, lattice.step_lat * per_lat)
    barriers = _barriers_in(network.barriers, lattice, window)
    barriers = (barriers - (west, south, west, south)) * (per_lon, per_lat, per_lon, per_lat)
    nowhere = np.zeros(0, dtype=np.int64)
    return Around(
        lattice, window, cells, ways, lattice.wet(window), barriers, straight_ms, most_ms, nowhere, np.zeros(0)
    )


def _begin(edges: Edges, first: Places, lons: Reals, lats: Reals, mm: Numbers) -> tuple[float, float]:
    """A point on the network at which the walk begins, EPSG:4326."""
    way = int(np.argmin(edges.from_ms))
    along = slice(first[way], first[way + 1])
    steps = np.hypot(np.diff(lons[along]), np.diff(lats[along]))
    passed = np.concatenate([[0.0], np.cumsum(steps)])
    at = edges.from_mm[way] / mm[edges.edge[way]] * passed[-1]
    return float(np.interp(at, passed, lons[along])), float(np.interp(at, passed, lats[along]))


def _ways(first: Places, x: Reals, y: Reals, edges: Edges, edge_ms: Numbers, mm: Numbers) -> Ways:
    steps = np.hypot(np.diff(x, append=0.0), np.diff(y, append=0.0))
    steps[first[1:] - 1] = 0.0
    metres = np.maximum(np.add.reduceat(steps, first[:-1]), 1e-6)
    per_metre = np.where(edge_ms == UNREACHED, _NEVER_PER_METRE, edge_ms / metres)
    return Ways(first, x, y, edges.tail_ms, edges.head_ms, edges.from_mm / mm * metres, edges.from_ms, per_metre)


def _window(lattice: Lattice, lons: Reals, lats: Reals, most: tuple[float, float, float, float]) -> Window:
    """The cells within reach of the vertices, none farther from a point than so many degrees."""
    lon, lat, wide, high = most
    columns, rows = lattice.cells_of(
        np.clip([lons.min(), lons.max()], lon - wide, lon + wide),
        np.clip([lats.min(), lats.max()], lat - high, lat + high),
    )
    margin = int(np.ceil(SNAP_METRES / CELL_METRES * 1.1)) + _RIM
    column, row = int(columns[0]) - margin, int(rows[0]) - margin
    return Window(column, row, (int(rows[1]) + margin - row + 1, int(columns[1]) + margin - column + 1))


def _barriers_in(barriers: Reals, lattice: Lattice, window: Window) -> Reals:
    west, south = window.column * lattice.step_lon, window.row * lattice.step_lat
    east, north = west + window.shape[1] * lattice.step_lon, south + window.shape[0] * lattice.step_lat
    lon1, lat1, lon2, lat2 = barriers.T
    apart = (np.maximum(lon1, lon2) < west) | (np.minimum(lon1, lon2) > east)
    apart |= (np.maximum(lat1, lat2) < south) | (np.minimum(lat1, lat2) > north)
    return np.ascontiguousarray(barriers[~apart])


def _shapes(shape_first: Places, edge: Places) -> tuple[Places, Places]:
    """First vertex of each edge among those of all, and which vertices these are."""
    count = shape_first[edge + 1] - shape_first[edge]
    first = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
    return first, np.arange(first[-1]) + np.repeat(shape_first[edge] - first[:-1], count)


@numba.njit(cache=True, nogil=True)
def _reached(
    nodes: Numbers, ms: Numbers, adjacent_first: Places, adjacent_edge: Numbers, tail: Numbers, head: Numbers
) -> tuple[Places, Reals, Reals]:
    """Edges at the nodes, each once, and when their ends are reached."""
    room = 0
    for node in nodes:
        room += adjacent_first[node + 1] - adjacent_first[node]
    edges, tail_ms, head_ms = np.empty(room, np.int64), np.empty(room), np.empty(room)
    count = 0
    for place in range(nodes.shape[0]):
        node, last = nodes[place], -1
        for at in range(adjacent_first[node], adjacent_first[node + 1]):
            edge = adjacent_edge[at]
            if edge == last:
                continue
            last = edge
            far = head[edge] if tail[edge] == node else tail[edge]
            other = np.searchsorted(nodes, far)
            known = other < nodes.shape[0] and nodes[other] == far
            if known and other < place:
                continue
            far_ms = float(ms[other]) if known else np.inf
            from_tail = tail[edge] == node
            edges[count] = edge
            tail_ms[count], head_ms[count] = (float(ms[place]), far_ms) if from_tail else (far_ms, float(ms[place]))
            count += 1
    return edges[:count], tail_ms[:count], head_ms[:count]
