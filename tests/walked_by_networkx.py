"""Walks as networkx finds them: an independent second opinion on times, with everything inserted as nodes."""

import itertools
import math
from collections.abc import Sequence

import networkx as nx
import numpy as np
import shapely

from geodata.crs import LocalMetres
from geodata.station.network.arrays import UNREACHED, Line, Network
from geodata.station.network.lengths import metres_between
from geodata.station.network.places import PlaceTimes, nearest_places, place_index, place_times
from geodata.station.network.profiles import Profile
from geodata.station.network.reach import NOBODY, nearest, reach
from geodata.station.network.snap import Connectors


def graph_of(network: Network, profile: Profile, stations: Connectors, places: Connectors) -> nx.DiGraph:
    """Nodes, points where connectors arrive, stations ``("station", i)`` and places ``("place", i)``.

    A station is left only, a place is entered only: nobody walks through either. Times are whole milliseconds.
    """
    edge_ms = profile.edge_ms(network).tolist()
    graph = nx.DiGraph()
    graph.add_nodes_from(range(network.node_count))
    stops: dict[int, set[int]] = {}
    for connectors in (stations, places):
        for edge, at in zip(connectors.edge.tolist(), connectors.at_mm.tolist(), strict=True):
            stops.setdefault(edge, set()).add(at)
    for edge, ms in enumerate(edge_ms):
        mm = int(network.mm[edge])
        on_the_way = sorted(stops.get(edge, set()) | {0, mm})
        for one, other in itertools.pairwise(on_the_way):
            if ms != UNREACHED:
                time = round(other * (ms / mm)) - round(one * (ms / mm))
                _join(graph, _point(network, edge, one), _point(network, edge, other), time)
    for i in range(len(stations)):
        for edge, at, walk in _of(stations, i):
            if _is_passed(network, edge_ms, edge, at):
                _step(graph, ("station", i), _point(network, edge, at), round(walk * 3.6 / profile.kmh))
    for i in range(len(places)):
        for edge, at, walk in _of(places, i):
            if _is_passed(network, edge_ms, edge, at):
                _step(graph, _point(network, edge, at), ("place", i), round(walk * 3.6 / profile.kmh))
    return graph


def times_from(graph: nx.DiGraph, station: int, limit_ms: float) -> tuple[dict[int, int], dict[int, int]]:
    """Times to nodes and to places that a station reaches within a limit."""
    if ("station", station) not in graph:
        return {}, {}
    found = nx.single_source_dijkstra_path_length(graph, ("station", station), cutoff=limit_ms)
    nodes = {node: ms for node, ms in found.items() if isinstance(node, int)}
    return nodes, {node[1]: ms for node, ms in found.items() if isinstance(node, tuple) and node[0] == "place"}


def as_dict(found: PlaceTimes, station: int) -> dict[int, int]:
    rows = slice(found.first[station], found.first[station + 1])
    return dict(zip(found.place[rows].tolist(), found.ms[rows].tolist(), strict=True))


def check_walks(network: Network, profile: Profile, stations: Connectors, places: Connectors, limit_ms: float) -> None:
    """Everything that is told of walks is what networkx finds."""
    edge_ms = profile.edge_ms(network)
    graph = graph_of(network, profile, stations, places)
    nodes = reach(network, edge_ms, profile, stations, limit_ms)
    times = place_times(network, profile, place_index(network, places), stations, limit_ms)
    at_node: dict[int, tuple[int, int]] = {}
    at_place: dict[int, tuple[int, int]] = {}
    for station in range(len(stations)):
        to_nodes, to_places = times_from(graph, station, limit_ms)
        rows = slice(nodes.first[station], nodes.first[station + 1])
        assert dict(zip(nodes.node[rows].tolist(), nodes.ms[rows].tolist(), strict=True)) == to_nodes
        assert as_dict(times, station) == to_places
        assert nodes.cut[station] == times.cut[station] == any(network.cut[node] for node in to_nodes)
        for best, found in ((at_node, to_nodes), (at_place, to_places)):
            for key, ms in found.items():
                best[key] = min(best.get(key, (ms, station)), (ms, station))
    nobody = (UNREACHED, NOBODY)
    ms, station_of = nearest(network, edge_ms, profile, stations, limit_ms)
    assert list(zip(ms.tolist(), station_of.tolist(), strict=True)) == [
        at_node.get(node, nobody) for node in range(network.node_count)
    ]
    ms, station_of = nearest_places(network, profile, place_index(network, places), stations, limit_ms)
    assert list(zip(ms.tolist(), station_of.tolist(), strict=True)) == [
        at_place.get(i, nobody) for i in range(len(places))
    ]


def graph_of_lines(lines: Sequence[Line]) -> nx.Graph:
    """Every vertex of the walked lines as a node, ``(lon, lat)``; every stretch as an edge with its metres."""
    graph = nx.Graph()
    for line in lines:
        if line.foot not in ("yes", "steps"):
            continue
        closed = set() if line.closed is None else {tuple(at) for at in shapely.get_coordinates(line.closed).tolist()}
        for part in shapely.get_parts(line.geom):
            vertices = [tuple(at) for at in shapely.get_coordinates(part).tolist()]
            for place, (one, other) in enumerate(itertools.pairwise(vertices)):
                if one != other:
                    begin = (*one, id(line), place, "out") if one in closed else one
                    end = (*other, id(line), place, "in") if other in closed else other
                    graph.add_edge(begin, end, metres=metres_between(*one, *other))
    return graph


class Surroundings:
    """Streets and barriers around a point, in metres from it; by shapely alone."""

    def __init__(self, network: Network, lon: float, lat: float) -> None:
        plane = LocalMetres(lon, lat)
        shapes = [
            shapely.LineString(np.column_stack([network.shape_lons[a:b], network.shape_lats[a:b]]))
            for a, b in itertools.pairwise(network.shape_first.tolist())
        ]
        self._network = network
        self._lines = plane.forward(np.array(shapes, dtype=object))
        self._walls = plane.forward(shapely.linestrings(network.barriers.reshape(-1, 2, 2)))

    def in_sight(self, there: shapely.Point, margin: float, clear: float = 0.0) -> bool:
        """Whether no barrier is so near to the way to a point, a margin left out at both ends."""
        away = math.hypot(there.x, there.y)
        if away <= 2 * margin:
            return True
        ends = (margin / away, 1 - margin / away)
        way = shapely.LineString([(there.x * part, there.y * part) for part in ends])
        return not shapely.dwithin(self._walls, way, clear).any()

    def nearest_in_sight(self, metres: float) -> dict[int, float]:
        """Distance of each edge within so many metres whose nearest point is well in sight."""
        here, found = shapely.Point(0, 0), {}
        for edge in np.flatnonzero(shapely.dwithin(self._lines, here, metres)).tolist():
            there = self._lines[edge].interpolate(self._lines[edge].project(here))
            if self.in_sight(there, 0.004, 0.005):
                found[edge] = math.hypot(there.x, there.y)
        return found

    def point_on(self, edge: int, at_mm: int) -> shapely.Point:
        """The point of an edge so far from its tail."""
        return self._lines[edge].interpolate(at_mm / float(self._network.mm[edge]), normalized=True)


def _is_passed(network: Network, edge_ms: Sequence[int], edge: int, at: int) -> bool:
    """Whether anybody comes there: at an end, or amid an edge that can be walked."""
    return edge_ms[edge] != UNREACHED or at in (0, int(network.mm[edge]))


def _point(network: Network, edge: int, at: int) -> object:
    if at == 0:
        return int(network.tail[edge])
    return int(network.head[edge]) if at == network.mm[edge] else (edge, at)


def _of(connectors: Connectors, i: int) -> list[tuple[int, int, int]]:
    rows = slice(connectors.first[i], connectors.first[i + 1])
    columns = (connectors.edge[rows].tolist(), connectors.at_mm[rows].tolist(), connectors.walk_mm[rows].tolist())
    return list(zip(*columns, strict=True))


def _join(graph: nx.DiGraph, one: object, other: object, ms: int) -> None:
    _step(graph, one, other, ms)
    _step(graph, other, one, ms)


def _step(graph: nx.DiGraph, one: object, other: object, ms: int) -> None:
    if not graph.has_edge(one, other) or graph[one][other]["weight"] > ms:
        graph.add_edge(one, other, weight=ms)
