"""Shapes taken apart into directed edges and put together again, vertex by vertex, without any arithmetic.

Every edge has its ground on the left. A border that two shapes share is there twice, once in each direction; where
both go, the shapes are one. Coordinates are (lon, lat) doubles that are compared, never computed with.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from itertools import pairwise

import numpy as np
import shapely
from shapely import Geometry

from geodata.grid.plane import Shapes

Vertex = tuple[float, float]
Edge = tuple[Vertex, Vertex]


def rings_of(shape: Geometry) -> list[list[Vertex]]:
    """All rings of a shape, closed, each with the shape's ground on its left; equal neighbours written once."""
    rings = []
    for ring in shapely.get_rings(shapely.orient_polygons(shapely.get_parts(shape))):
        points = [(x, y) for x, y in shapely.get_coordinates(ring).tolist()]
        if points:
            rings.append([points[0], *(b for a, b in pairwise(points) if a != b)])
    return rings


def directed_edges(shape: Geometry) -> list[Edge]:
    """All edges of a shape, each with the shape's ground on its left."""
    return [edge for ring in rings_of(shape) for edge in pairwise(ring)]


def corners_of(shape: Geometry) -> set[Vertex]:
    """All vertices of a shape."""
    return {(x, y) for x, y in shapely.get_coordinates(shape).tolist()}


def reversed_edge(edge: Edge) -> Edge:
    """The same edge, seen from its other side."""
    return edge[1], edge[0]


def open_edges(edges: Iterable[Edge]) -> list[Edge]:
    """The edges that are not there in the other direction too, in their order."""
    edges = list(edges)
    count = Counter(edges)
    return [edge for edge in edges if count[edge] > count.get(reversed_edge(edge), 0)]


def assembled(edges: Iterable[Edge]) -> list[Geometry]:
    """Polygons that have these edges, from west to east, then south to north.

    Parameters
    ----------
    edges
        Each with ground on its left, or there in both directions; together closed, crossing only at their ends.

    Notes
    -----
    What touches itself at a vertex only becomes several polygons, or one with a hole, as validity asks.
    """
    return faces_of(edges)[0]


def faces_of(edges: Iterable[Edge]) -> tuple[list[Geometry], list[Geometry]]:
    """Faces between edges, as `assembled` takes them: those that are ground, and those that are enclosed by ground."""
    known = set(edges)
    if not known:
        return [], []
    # An edge with ground on both sides is there twice, and drawn once.
    drawn = sorted({min(edge, reversed_edge(edge)) for edge in known})
    lines = shapely.linestrings(np.array(drawn, dtype=np.float64))
    faces = shapely.get_parts(shapely.polygonize(lines))
    ground = _are_ground(faces, known)
    return in_order(faces[ground]), in_order(faces[~ground])


def _are_ground(faces: Shapes, known: set[Edge]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Whether the edges around each face have their ground inside it."""
    rings = shapely.get_exterior_ring(faces)
    first, second = (shapely.get_coordinates(shapely.get_point(rings, at)).tolist() for at in (0, 1))
    left = shapely.is_ccw(rings).tolist()
    edges = (((*a,), (*b,)) if inside else ((*b,), (*a,)) for a, b, inside in zip(first, second, left, strict=True))
    return np.array([edge in known for edge in edges], dtype=bool)


def united(shapes: Iterable[Geometry]) -> list[Geometry]:
    """Polygons of the ground of shapes whose common borders match vertex by vertex."""
    shapes = list(shapes)
    if len(shapes) == 1 and shapes[0].geom_type == "Polygon":
        return in_order([shapely.remove_repeated_points(shapes[0])])
    return assembled(open_edges(edge for shape in shapes for edge in directed_edges(shape)))


def in_order(polygons: Iterable[Geometry]) -> list[Geometry]:
    """Polygons in one way of writing, from west to east, then south to north."""
    written = [shapely.orient_polygons(shapely.normalize(polygon)) for polygon in polygons]
    return sorted(written, key=lambda polygon: (*shapely.bounds(polygon).tolist(), shapely.to_wkb(polygon)))


def one_shape(polygons: list[Geometry]) -> Geometry:
    """A Polygon, or a MultiPolygon of several."""
    return polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)


def plainly_written(shapes: Iterable[Geometry]) -> list[bytes]:
    """Each shape as bytes that are the same for all that have its vertices, wherever their rings begin."""
    plain = np.array(list(shapes), dtype=object)
    alone = (shapely.get_type_id(plain) == shapely.GeometryType.MULTIPOLYGON) & (shapely.get_num_geometries(plain) == 1)
    plain[alone] = shapely.get_geometry(plain[alone], 0)
    written: list[bytes] = shapely.to_wkb(shapely.normalize(plain)).tolist()
    return written


def replaced(shape: Geometry, change: Callable[[list[Vertex]], Iterable[Vertex]]) -> Geometry:
    """A shape whose rings went through a function from ring to ring; each is closed anew.

    Parameters
    ----------
    change
        From a list of vertices, the first not repeated at the end, to such a list.

    Notes
    -----
    A part whose shell keeps fewer than three corners is left out, and so is a hole. An empty Polygon where nothing is
    left.
    """
    polygons = []
    for part in shapely.get_parts(shape):
        rings = [list(change(ring[:-1])) for ring in rings_of(part)]
        if rings and len(rings[0]) >= 3:
            polygons.append(shapely.Polygon(rings[0], [ring for ring in rings[1:] if len(ring) >= 3]))
    if not polygons:
        return shapely.Polygon()
    return one_shape(polygons)
