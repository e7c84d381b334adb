"""Shapes that somebody drew again elsewhere, laid onto the nodes of a tiling: what comes near a node is that node."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Geometry

from geodata.grid.edit.matching import with_vertices
from geodata.grid.edit.rings import Edge, Vertex, corners_of, directed_edges, plainly_written
from geodata.grid.edit.tiling import Tiling
from geodata.grid.plane import LocalPlane, Numbers, Positions, Shapes

ALIGN_METRES: Final = 0.5
"""So far other programs, projections and people are from the place that they mean."""

_SAME_METRES = 1e-4


def aligned(tiling: Tiling, shapes: Sequence[Geometry]) -> list[Geometry]:
    """Shapes whose vertices are nodes of the tiling where these are at most half a metre away, and of each other.

    Parameters
    ----------
    shapes
        Valid (Multi)Polygons in EPSG:4326.

    Notes
    -----
    A node draws the nearest vertex of each shape, not a second one beside it. Where the shapes don't match each other
    then, a vertex that is at most half a metre from one, or from an edge, of another shape becomes part of that too;
    a shape that the tiling has stays as it is there. A shape that would become invalid stays as it was drawn.
    """
    if not shapes:
        return []
    drawn = np.array(shapes, dtype=object)
    plane = LocalPlane.around(drawn)
    _, near = tiling.within(tuple(shapely.total_bounds(drawn).tolist()))
    nodes = _nodes(near)
    owners, xy = _vertices(drawn)
    result = _rebuilt(drawn, _drawn_to(nodes, owners, xy, plane))
    if not shapely.coverage_is_valid(result):
        result = _to_each_other(result, _known(result, near), nodes, plane)
    return list(result)


def _known(shapes: Shapes, near: Shapes) -> NDArray[np.bool_]:
    """Which shapes the tiling has, vertex by vertex."""
    there = set(plainly_written(near))
    return np.array([content in there for content in plainly_written(shapes)])


def _nodes(shapes: Shapes) -> Numbers:
    """Every vertex once, degrees."""
    xy = shapely.get_coordinates(shapes)
    return np.unique(xy, axis=0) if len(xy) else xy


def _vertices(shapes: Shapes) -> tuple[Positions, Numbers]:
    xy, owners = shapely.get_coordinates(shapes, return_index=True)
    return owners.astype(np.int64), xy


def _metres(xy: Numbers, plane: LocalPlane) -> Shapes:
    points: Shapes = np.asarray(
        shapely.points((xy - (plane.lon, plane.lat)) * (plane.metres_east, plane.metres_north)), dtype=object
    )
    return points


def _drawn_to(nodes: Numbers, owners: Positions, xy: Numbers, plane: LocalPlane) -> Numbers:
    """Coordinates with those in the place of which a node is; of each shape the vertex nearest to a node."""
    if not len(nodes) or not len(xy):
        return xy
    tree = shapely.STRtree(_metres(nodes, plane))
    (at, node), apart = tree.query_nearest(
        _metres(xy, plane), max_distance=ALIGN_METRES, return_distance=True, all_matches=False
    )
    least: dict[tuple[int, int], float] = {}
    pairs = list(zip(owners[at].tolist(), node.tolist(), strict=True))
    for pair, metres in zip(pairs, apart.tolist(), strict=True):
        least[pair] = min(metres, least.get(pair, metres))
    nearest = np.array([least[pair] for pair in pairs])
    chosen = apart <= nearest + _SAME_METRES
    result = xy.copy()
    result[at[chosen]] = nodes[node[chosen]]
    return result


def _rebuilt(shapes: Shapes, xy: Numbers) -> Shapes:
    """Shapes with other coordinates, repeated ones left out; as it was where that would not be valid."""
    result = shapely.remove_repeated_points(shapely.set_coordinates(shapes.copy(), xy))
    broken = ~shapely.is_valid(result) | shapely.is_empty(result)
    result[broken] = shapes[broken]
    return np.asarray(result, dtype=object)


def _to_each_other(shapes: Shapes, settled: NDArray[np.bool_], nodes: Numbers, plane: LocalPlane) -> Shapes:
    """Shapes whose common borders match where they are at most half a metre apart; those that are settled stay."""
    owners, xy = _vertices(shapes)
    known = {(x, y) for x, y in nodes.tolist()}
    free = np.array([(x, y) not in known for x, y in xy.tolist()])
    if free.any():
        leaders = _leaders(np.unique(xy[free], axis=0), plane)
        moved = xy.copy()
        moved[free] = _drawn_to(leaders, owners[free], xy[free], plane)
        shapes = _rebuilt(shapes, moved)
    return _with_others_vertices(shapes, settled, plane)


def _leaders(xy: Numbers, plane: LocalPlane) -> Numbers:
    """Of places that are near each other the first, from west to east, then south to north."""
    first, second = shapely.STRtree(points := _metres(xy, plane)).query(
        points, predicate="dwithin", distance=ALIGN_METRES
    )
    follows = np.zeros(len(xy), dtype=bool)
    for one, other in sorted(zip(first.tolist(), second.tolist(), strict=True)):
        if one < other and not follows[one]:
            follows[other] = True
    return xy[~follows]


def _with_others_vertices(shapes: Shapes, settled: NDArray[np.bool_], plane: LocalPlane) -> Shapes:
    """Shapes that are not settled with the vertices of others put into the edges that pass near them."""
    lone = np.flatnonzero(~shapely.is_empty(np.atleast_1d(shapely.coverage_invalid_edges(shapes))))
    result = shapes.copy()
    if not len(lone):
        return result
    owners, xy = _vertices(shapes[lone])
    tree = shapely.STRtree(_metres(xy, plane))
    for at in lone[~settled[lone]].tolist():
        corners = corners_of(shapes[at])
        edges = directed_edges(shapes[at])
        lines = plane.forward(np.asarray(shapely.linestrings(np.array(edges)), dtype=object))
        edge_at, vertex_at = tree.query(lines, predicate="dwithin", distance=ALIGN_METRES)
        wanted: dict[Vertex, tuple[float, int]] = {}
        for edge, vertex in zip(edge_at.tolist(), vertex_at.tolist(), strict=True):
            place = (float(xy[vertex, 0]), float(xy[vertex, 1]))
            if lone[owners[vertex]] != at and place not in corners:
                apart = float(shapely.distance(lines[edge], tree.geometries[vertex]))
                wanted[place] = min(wanted.get(place, (apart, edge)), (apart, edge))
        result[at] = _put_in(shapes[at], edges, lines, wanted, plane)
    return result


def _put_in(
    shape: Geometry, edges: list[Edge], lines: Shapes, wanted: dict[Vertex, tuple[float, int]], plane: LocalPlane
) -> Geometry:
    """A shape with vertices put into its edges, in their order along them; the same where that is not valid."""
    inserted: dict[Edge, list[tuple[float, Vertex]]] = {}
    for place, (_, edge) in wanted.items():
        point = _metres(np.array([place]), plane)[0]
        along = float(shapely.line_locate_point(lines[edge], point))
        inserted.setdefault(edges[edge], []).append((along, place))
    changed = with_vertices(shape, {edge: [place for _, place in sorted(places)] for edge, places in inserted.items()})
    return changed if shapely.is_valid(changed) else shape
