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
from geodata.station.network.profiles import Profile
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


def brute_connectors(network: Network, lon: float, lat: float, metres: float) -> dict[int, float]:
    """Edges within so many metres whose nearest point nothing lies between, with their distance; by shapely alone."""
    plane = LocalMetres(lon, lat)
    shapes = [
        shapely.LineString(np.column_stack([network.shape_lons[a:b], network.shape_lats[a:b]]))
        for a, b in zip(network.shape_first[:-1].tolist(), network.shape_first[1:].tolist(), strict=True)
    ]
    lines = plane.forward(np.array(shapes, dtype=object))
    walls = plane.forward(shapely.linestrings(network.barriers.reshape(-1, 2, 2)))
    here = shapely.Point(0, 0)
    found = {}
    for edge in np.flatnonzero(shapely.dwithin(lines, here, metres)).tolist():
        there = lines[edge].interpolate(lines[edge].project(here))
        away = math.hypot(there.x, there.y)
        margin = 0.01 / max(away, 0.02)
        way = shapely.LineString([(there.x * part, there.y * part) for part in (margin, 1 - margin)])
        if away <= 0.02 or not shapely.intersects(walls, way).any():
            found[edge] = away
    return found


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
