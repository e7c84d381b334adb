"""Vertices put into the borders of all grids that have an edge, so that borders stay matched."""

from collections.abc import Iterable, Mapping
from typing import Final

import numpy as np
import shapely
from shapely import Geometry

from geodata.grid.edit.rings import Edge, Vertex, corners_of, directed_edges, replaced, reversed_edge
from geodata.grid.edit.tiling import Tiling
from geodata.grid.plane import NOISE_METRES, LocalPlane

_STRAIGHT_METRES: Final = 1e-6


def with_vertices(shape: Geometry, inserted: Mapping[Edge, list[Vertex]]) -> Geometry:
    """A shape with vertices put into its edges.

    Parameters
    ----------
    inserted
        By directed edge (ground on its left, or on its right: both find it), the vertices from its start to its end.
    """

    def change(ring: list[Vertex]) -> Iterable[Vertex]:
        for edge in zip(ring, [*ring[1:], ring[0]], strict=True):
            yield edge[0]
            yield from inserted.get(edge) or reversed(inserted.get(reversed_edge(edge)) or [])

    return replaced(shape, change)


def matched_vertices(tiling: Tiling, inserted: Mapping[Edge, list[Vertex]], but: Iterable[str]) -> dict[str, Geometry]:
    """New shapes of the grids whose borders have edges that vertices are put into.

    Parameters
    ----------
    inserted
        As in `with_vertices`.
    but
        Keys of grids to leave alone.

    Notes
    -----
    A grid that draws the border with other vertices (a fault that was there before) gets a vertex where its edge passes
    within 1 mm of it, so that the fault doesn't grow.
    """
    points = [vertex for vertices in inserted.values() for vertex in vertices]
    if not points:
        return {}
    done = set(but)
    result = {}
    for key in tiling.touching(shapely.MultiPoint(points), NOISE_METRES):
        if key in done:
            continue
        shape = tiling.shape(key)
        changed = with_vertices(shape, inserted)
        corners = corners_of(changed)
        missing = [point for point in points if point not in corners]
        for point in missing:
            changed = with_vertex(changed, point)
        if shapely.get_num_coordinates(changed) != shapely.get_num_coordinates(shape):
            result[key] = changed
    return result


def with_vertex(shape: Geometry, point: Vertex, metres: float = NOISE_METRES) -> Geometry:
    """A shape with a vertex in the edge that passes nearest to it, where one does within a distance; else the same."""
    if point in corners_of(shape):
        return shape
    edges = directed_edges(shape)
    plane = LocalPlane.around(np.array([shapely.Point(point)], dtype=object))
    lines = plane.forward(np.asarray(shapely.linestrings(np.array(edges)), dtype=object))
    apart = shapely.distance(lines, shapely.Point(0, 0))
    nearest = int(np.argmin(apart))
    if apart[nearest] > metres:
        return shape
    return with_vertices(shape, {edges[nearest]: [point]})


def is_straight(node: Vertex, first: Vertex, last: Vertex) -> bool:
    """Whether a node lies on the straight way between two others, up to a micrometre."""
    plane = LocalPlane.around(np.array([shapely.Point(node)], dtype=object))
    line = plane.forward(np.array([shapely.LineString([first, last])], dtype=object))[0]
    return bool(shapely.distance(line, shapely.Point(0, 0)) <= _STRAIGHT_METRES)


def straight_nodes(nodes: set[Vertex], shapes: Iterable[Geometry]) -> set[Vertex]:
    """Those of some nodes that lie between two others on one straight border, or on none."""
    beside: dict[Vertex, set[Vertex]] = {node: set() for node in nodes}
    for shape in shapes:
        for first, last in directed_edges(shape):
            if first in beside:
                beside[first].add(last)
            if last in beside:
                beside[last].add(first)
    return {
        node for node, others in beside.items() if len(others) < 2 or (len(others) == 2 and is_straight(node, *others))
    }


def without_nodes(shape: Geometry, nodes: set[Vertex]) -> Geometry:
    """A shape without some of its vertices."""
    return replaced(shape, lambda ring: [vertex for vertex in ring if vertex not in nodes])
