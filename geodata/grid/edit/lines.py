"""Lines as people draw them: checked, with the place of what is wrong."""

from collections.abc import Iterator
from typing import Final

import numpy as np
import shapely
from shapely import Geometry

from geodata.crs import checked_point
from geodata.grid.edit.matching import with_vertices
from geodata.grid.edit.noding import touching_nodes
from geodata.grid.edit.refusals import refused
from geodata.grid.edit.rings import Vertex, directed_edges
from geodata.grid.plane import LocalPlane
from geodata.grid.rings import invalid_reason

MOST_POINTS: Final = 10_000
_AT_ONCE: Final = 50


def drawn_line(line: Geometry) -> list[Vertex]:
    """The points of a line, each once in a row.

    Parameters
    ----------
    line
        LineString in EPSG:4326, heights are left out; closed or not.

    Raises
    ------
    EditRefusedError
        ``not-a-line`` (another kind, or all points are one), ``too-many-points``, ``crosses-itself``.
    CoordinateError
        A point that is not on Earth.
    """
    if not isinstance(line, shapely.LineString):
        raise refused("not-a-line", "Draw one line of two points or more.", "请绘制一条至少包含两个点的线。")
    points = list(_points(line))
    points = [point for at, point in enumerate(points) if at == 0 or point != points[at - 1]]
    if len(points) < 2:
        text, text_zh = (
            "All points of the line are the same place. Draw it longer.",
            "线的所有点都在同一位置，请将线画长。",
        )
        raise refused("not-a-line", text, text_zh, points[0] if points else None)
    drawn = shapely.LineString(points)
    if not shapely.is_simple(drawn):
        text, text_zh = (
            "The line crosses or touches itself. Draw it without loops.",
            "线自相交或自相接触，请勿画出回环。",
        )
        raise refused("crosses-itself", text, text_zh, _crossing(drawn))
    return points


def drawn_ground(ground: Geometry) -> Geometry:
    """Ground as it was drawn, 2D, with vertices where its rings touch.

    Parameters
    ----------
    ground
        Polygon or MultiPolygon in EPSG:4326, heights are left out.

    Raises
    ------
    EditRefusedError
        ``not-an-area`` (another kind, or without any area), ``too-many-points``, ``crosses-itself``.
    CoordinateError
        A point that is not on Earth.
    """
    if not isinstance(ground, shapely.Polygon | shapely.MultiPolygon) or shapely.is_empty(ground):
        raise refused("not-an-area", "Draw an area of three corners or more.", "请绘制一个至少有三个角的区域。")
    points = list(_points(ground))
    flat = shapely.force_2d(ground)
    if not shapely.is_valid(flat):
        _, place = invalid_reason(flat)
        text, text_zh = "The border of the area crosses or touches itself.", "区域的边界自相交或自相接触。"
        raise refused("crosses-itself", text, text_zh, place or points[0])
    nodes = touching_nodes(directed_edges(flat), plane_of(flat))
    return with_vertices(flat, nodes)


def _points(shape: Geometry) -> Iterator[Vertex]:
    if shapely.get_num_coordinates(shape) > MOST_POINTS:
        raise refused(
            "too-many-points",
            f"This has more than {MOST_POINTS:,} points. Draw it with fewer.",
            f"点数超过 {MOST_POINTS:,} 个，请减少点数。",
        )
    for lon, lat in shapely.get_coordinates(shape).tolist():
        yield checked_point(lon, lat)


def _crossing(line: Geometry) -> Vertex:
    """The place where a line first comes back to itself."""
    points = shapely.get_coordinates(line)
    pieces = shapely.linestrings(np.stack((points[:-1], points[1:]), axis=1))
    tree, closed = shapely.STRtree(pieces), (points[0] == points[-1]).all()
    for begin in range(0, len(pieces), _AT_ONCE):
        # Millions of crossings need not all be found to tell the first.
        first, second = tree.query(pieces[begin : begin + _AT_ONCE], predicate="intersects")
        first = first + begin
        apart = (second > first + 1) & ~(closed & (first == 0) & (second == len(pieces) - 1))
        if apart.any():
            at = int(np.flatnonzero(apart)[np.lexsort((second[apart], first[apart]))[0]])
            common = shapely.intersection(pieces[first[at]], pieces[second[at]])
            x, y = shapely.get_coordinates(common)[0].tolist()
            return x, y
    # Only two pieces in a row are left: the line turns back on itself.
    steps = np.diff(points, axis=0)
    back = np.einsum("ij,ij->i", steps[:-1], steps[1:]) < 0
    flat = np.abs(steps[:-1, 0] * steps[1:, 1] - steps[:-1, 1] * steps[1:, 0]) <= 1e-18
    turns = np.flatnonzero(back & flat)
    x, y = points[int(turns[0]) + 1 if len(turns) else 0].tolist()
    return x, y


def plane_of(*shapes: Geometry) -> LocalPlane:
    """A plane in metres about some shapes."""
    return LocalPlane.around(np.array(shapes, dtype=object))
