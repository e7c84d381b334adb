"""Single nodes of borders: moved, put in, taken out, in all grids that have them at once."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Final

import numpy as np
import shapely
from shapely import Geometry

from geodata.crs import checked_point
from geodata.grid.edit.faults import sound
from geodata.grid.edit.matching import is_straight, matched_vertices, with_vertex
from geodata.grid.edit.merging import HAIRLINE_METRES
from geodata.grid.edit.noding import NODE_METRES
from geodata.grid.edit.records import Edit, swept
from geodata.grid.edit.refusals import refused
from geodata.grid.edit.rings import Edge, Vertex, corners_of, directed_edges, open_edges, replaced, reversed_edge
from geodata.grid.edit.tiling import Tiling
from geodata.grid.plane import NOISE_METRES, LocalPlane

SNAP_METRES: Final = 0.5
"""A place means the node, or the border, that is this near."""


def move_node(tiling: Tiling, at: Vertex, to: Vertex) -> Edit:
    """A node goes elsewhere, with the borders that end there.

    Parameters
    ----------
    at
        Longitude and latitude of the node, or a place at most 0.5 m from it.
    to
        Where it goes. Within 1 cm of another node the two become one; within 1 cm of another border it goes onto that
        border, which gets a node there.

    Raises
    ------
    EditRefusedError
        ``no-node``, ``on-rim``, ``not-matched``, ``too-few-corners``, ``crosses-itself``, ``would-overlap``,
        ``would-gap``.
    CoordinateError
        A place that is not on Earth.
    """
    node, target = _nearest_node(tiling, _place(at)), _place(to)
    shapes = _around(tiling, node)
    edges = [edge for shape in shapes.values() for edge in directed_edges(shape) if node in edge]
    if tiling.full:
        _refuse_rim(tiling, node, edges, shapes)
    met = _nearest_edge(tiling, target, NODE_METRES, but=node)
    if met is not None:
        edge, foot = met
        target = min((*edge, foot), key=lambda end: (_metres(_plane(foot), foot, end) > NODE_METRES, end == foot, end))
    if target == node:
        return Edit({})
    beside = matched_vertices(tiling, {met[0]: [target]}, but=()) if met and target not in met[0] else {}
    shapes |= {key: with_vertex(shape, node) for key, shape in beside.items()}

    def change(ring: list[Vertex]) -> Iterable[Vertex]:
        return _without_repeats([target if vertex == node else vertex for vertex in ring])

    return _changed(tiling, shapes, change, node)


def remove_node(tiling: Tiling, at: Vertex) -> Edit:
    """A node of a border goes: the border runs straight from the node before to the one after.

    Parameters
    ----------
    at
        Longitude and latitude of the node, or a place at most 0.5 m from it.

    Raises
    ------
    EditRefusedError
        ``no-node``, ``junction`` (three borders or more meet there), ``on-rim``, ``not-matched``, ``too-few-corners``,
        ``crosses-itself``, ``would-overlap``, ``would-gap``.
    CoordinateError
        A place that is not on Earth.
    """
    node = _nearest_node(tiling, _place(at))
    shapes = _around(tiling, node)
    edges = [edge for shape in shapes.values() for edge in directed_edges(shape) if node in edge]
    ends = sorted({vertex for edge in edges for vertex in edge if vertex != node})
    if len(ends) != 2:
        text = "Three borders or more meet at this node. Move it instead, or merge grids."
        raise refused("junction", text, "三条或更多边界在此节点相交，请移动该节点或合并网格。", node, shapes)
    if tiling.full and not is_straight(node, *ends):
        _refuse_rim(tiling, node, edges, shapes)

    def change(ring: list[Vertex]) -> Iterable[Vertex]:
        return _without_repeats([vertex for vertex in ring if vertex != node])

    return _changed(tiling, shapes, change, node)


def insert_node(tiling: Tiling, at: Vertex) -> Edit:
    """A border gets a node where it passes nearest to a place; no ground moves.

    Parameters
    ----------
    at
        Longitude and latitude, at most 0.5 m from the border.

    Raises
    ------
    EditRefusedError
        ``no-border`` (none is that near), ``node-there`` (there is a node within 1 cm already).
    CoordinateError
        A place that is not on Earth.
    """
    edge, foot = _free_place(tiling, _place(at))
    return sound(tiling, Edit(matched_vertices(tiling, {edge: [foot]}, but=())))


def draw_out(tiling: Tiling, at: Vertex, to: Vertex) -> Edit:
    """A border gets a node, which goes elsewhere, in one edit.

    Parameters
    ----------
    at
        Longitude and latitude, at most 0.5 m from the border.
    to
        Where the node goes, as in `move_node`.

    Raises
    ------
    EditRefusedError
        As `insert_node` and `move_node`.
    CoordinateError
        A place that is not on Earth.
    """
    put = insert_node(tiling, at)
    _, foot = _free_place(tiling, _place(at))
    moved = move_node(tiling.changed(put.shapes), foot, to)
    return replace(moved, shapes={**put.shapes, **moved.shapes})


def _free_place(tiling: Tiling, place: Vertex) -> tuple[Edge, Vertex]:
    """The edge nearest to a place, and where on it a node may be put in."""
    found = _nearest_edge(tiling, place, SNAP_METRES)
    if found is None:
        text = f"No border passes within {SNAP_METRES} m of this place. Click on the border."
        raise refused("no-border", text, f"该位置 {SNAP_METRES} 米内没有边界，请点在边界上。", place)
    edge, foot = found
    plane = _plane(foot)
    for end in edge:
        if _metres(plane, foot, end) <= NODE_METRES:
            text = "There is a node at this place already. Move that one."
            raise refused("node-there", text, "此处已有节点，请直接移动该节点。", end)
    return edge, foot


def _changed(
    tiling: Tiling,
    shapes: Mapping[str, Geometry],
    change: Callable[[list[Vertex]], Iterable[Vertex]],
    node: Vertex,
) -> Edit:
    """The edit that puts every ring through a function."""
    result: dict[str, Geometry | None] = {}
    for key, shape in shapes.items():
        # A hole that closes, or a part that goes, would make ground nobody's or somebody else's.
        result[key] = replaced(shape, change)
        if _ring_count(result[key]) != _ring_count(shape):
            text = "A border needs three nodes at least. Merge the grid into its neighbour instead."
            raise refused("too-few-corners", text, "边界至少需要三个节点，请改为将该网格并入相邻网格。", node, [key])
    sound(tiling, Edit(result))
    old = {key: tiling.shape(key) for key in result}
    return Edit(result, moved=swept(old, result))


def _ring_count(shape: Geometry | None) -> int:
    return len(shapely.get_rings(shapely.get_parts(shape)))


def _place(at: Vertex) -> Vertex:
    return checked_point(*at)


def _around(tiling: Tiling, node: Vertex) -> dict[str, Geometry]:
    """The grids at a node, each with the node as its vertex."""
    near = tiling.touching(shapely.Point(node), NOISE_METRES)
    shapes = {key: with_vertex(tiling.shape(key), node) for key in near}
    return {key: shape for key, shape in shapes.items() if node in corners_of(shape)}


def _nearest_node(tiling: Tiling, place: Vertex) -> Vertex:
    plane = _plane(place)
    keys = tiling.touching(shapely.Point(place), SNAP_METRES)
    nodes = sorted({vertex for key in keys for vertex in corners_of(tiling.shape(key))})
    nearest = min(nodes, key=lambda node: _metres(plane, place, node), default=None)
    if nearest is None or _metres(plane, place, nearest) > SNAP_METRES:
        text = (
            f"No border has a node within {SNAP_METRES} m of this place. Put one in first, or take one that is there."
        )
        text_zh = f"该位置 {SNAP_METRES} 米内没有边界节点，请先插入节点或选择已有节点。"
        raise refused("no-node", text, text_zh, place, keys)
    return nearest


def _nearest_edge(
    tiling: Tiling, place: Vertex, reach_metres: float, but: Vertex | None = None
) -> tuple[Edge, Vertex] | None:
    """The edge that passes nearest to a place, within reach, and its nearest point; not one that ends at a node."""
    plane = _plane(place)
    keys = tiling.touching(shapely.Point(place), reach_metres)
    found = {min(edge, reversed_edge(edge)) for key in keys for edge in directed_edges(tiling.shape(key))}
    edges = sorted(edge for edge in found if but not in edge)
    if not edges:
        return None
    lines = plane.forward(np.asarray(shapely.linestrings(np.array(edges)), dtype=object))
    apart = shapely.distance(lines, shapely.Point(0, 0))
    nearest = int(np.argmin(apart))
    if apart[nearest] > reach_metres:
        return None
    along = shapely.line_locate_point(lines[nearest], shapely.Point(0, 0), normalized=True)
    (west, south), (east, north) = edges[nearest]
    return edges[nearest], (float(west + (east - west) * along), float(south + (north - south) * along))


def _refuse_rim(tiling: Tiling, node: Vertex, edges: list[Edge], shapes: Mapping[str, Geometry]) -> None:
    """Refuse a node of a border that has a grid on one side only."""
    alone = open_edges(edges)
    if not alone:
        return
    (west, south), (east, north) = alone[0]
    middle = shapely.Point((west + east) / 2, (south + north) / 2)
    if len(tiling.touching(middle, HAIRLINE_METRES)) > 1:
        text = "The border here is drawn twice and does not match. Load the layer with --repair first."
        text_zh = "此处边界被绘制了两次且不重合，请先以 --repair 修复后再修改。"
        raise refused("not-matched", text, text_zh, node, shapes)
    raise refused(
        "on-rim",
        "This node is on the outer border of the layer, which stays as it is. "
        "To change that border, load the new outline as a file.",
        "该节点位于本类网格的外边界上，外边界须保持不变。如需修改外边界，请以文件形式载入新的范围。",
        node,
        shapes,
    )


def _without_repeats(ring: list[Vertex]) -> list[Vertex]:
    return [vertex for at, vertex in enumerate(ring) if vertex != ring[at - 1]]


def _plane(place: Vertex) -> LocalPlane:
    return LocalPlane.around(np.array([shapely.Point(place)], dtype=object))


def _metres(plane: LocalPlane, first: Vertex, second: Vertex) -> float:
    return math.hypot((first[0] - second[0]) * plane.metres_east, (first[1] - second[1]) * plane.metres_north)
