"""Grids become one: their common borders go, everything else stays as it is."""

from collections.abc import Sequence

import numpy as np
import shapely
from shapely import Geometry

from geodata.grid.edit.faults import sound
from geodata.grid.edit.matching import matched_vertices, straight_nodes, with_vertices, without_nodes
from geodata.grid.edit.noding import touching_nodes
from geodata.grid.edit.records import Edit, Transfer
from geodata.grid.edit.refusals import refused
from geodata.grid.edit.rings import Edge, Vertex, directed_edges, faces_of, one_shape, open_edges, united
from geodata.grid.edit.tiling import Tiling
from geodata.grid.plane import LocalPlane, union, wider_than

HAIRLINE_METRES = 0.05
"""What is narrower than this, between grids that become one, was a crack of the drawing and is closed."""


def merge(tiling: Tiling, keys: Sequence[str], survivor: str, *, allow_parts: bool = False) -> Edit:
    """Several grids become one.

    Parameters
    ----------
    keys
        Two grids or more.
    survivor
        The one of them that gets the ground of the others.
    allow_parts
        Whether the result may be of several parts though the grids don't hang together.

    Raises
    ------
    EditRefusedError
        ``too-few-grids``, ``survivor-not-among``, ``not-touching``.
    NotKnownError
        There is no such grid.

    Notes
    -----
    Vertices stay as they are. Cracks between the grids that are narrower than 5 cm are closed.
    """
    chosen = list(dict.fromkeys(keys))
    if len(chosen) < 2:
        raise refused(
            "too-few-grids", "Name two different grids or more to merge.", "请指定两个或以上不同的网格进行合并。"
        )
    if survivor not in chosen:
        text = "The grid that stays must be one of those that are merged."
        raise refused("survivor-not-among", text, "保留的网格必须是被合并的网格之一。", grids=[survivor])
    shapes = {key: tiling.shape(key) for key in chosen}
    if not allow_parts:
        _refuse_apart(tiling, chosen)
    others = [key for key in chosen if key != survivor]
    shape, nodes = _joined(list(shapes.values()))
    beside = matched_vertices(tiling, nodes, but=chosen)
    result: dict[str, Geometry | None] = {survivor: shape, **dict.fromkeys(others), **beside}
    moved = tuple(Transfer.of(key, survivor, shapes[key]) for key in others)
    return sound(tiling, Edit(result, moved=moved))


def joined(shapes: Sequence[Geometry]) -> Geometry:
    """The ground of shapes as one, cracks of less than 5 cm between them closed.

    Notes
    -----
    Where the borders match, no coordinate is computed. Where they don't, they are overlaid.
    """
    return _joined(shapes)[0]


def _joined(shapes: Sequence[Geometry]) -> tuple[Geometry, dict[Edge, list[Vertex]]]:
    """The ground of shapes as one, and the nodes that its outer border has got, by edge."""
    plane = LocalPlane.around(np.array(shapes, dtype=object))
    nodes = touching_nodes((edge for shape in shapes for edge in directed_edges(shape)), plane)
    given = np.array([with_vertices(shape, nodes) for shape in shapes] if nodes else shapes, dtype=object)
    if not shapely.coverage_is_valid(given):
        given = plane.inverse(np.array([union(plane.forward(given))], dtype=object), given)
    ground, enclosed = faces_of(open_edges(edge for shape in given for edge in directed_edges(shape)))
    holes = np.array(enclosed, dtype=object)
    cracks = holes[~wider_than(plane.forward(holes), HAIRLINE_METRES)].tolist() if enclosed else []
    whole = one_shape(united([*ground, *cracks]) if cracks else ground)
    put_in = {node for mine in nodes.values() for node in mine}
    idle = straight_nodes(put_in, [whole])
    kept = {edge: [node for node in mine if node not in idle] for edge, mine in nodes.items()}
    return (without_nodes(whole, idle) if idle else whole), {edge: mine for edge, mine in kept.items() if mine}


def _refuse_apart(tiling: Tiling, keys: list[str]) -> None:
    """Refuse grids that don't hang together by common borders."""
    reached, open_ones = {keys[0]}, [keys[0]]
    while open_ones:
        beside = [key for key in tiling.neighbours(open_ones.pop()) if key in keys and key not in reached]
        reached.update(beside)
        open_ones += beside
    apart = [key for key in keys if key not in reached]
    if apart:
        point = shapely.get_coordinates(shapely.point_on_surface(tiling.shape(apart[0])))[0].tolist()
        raise refused(
            "not-touching",
            "These grids have no common border: the result would lie in separate parts. "
            "Add the grids between them, or allow several parts.",
            "这些网格没有公共边界，合并后将互不相连。请一并选择其间的网格，或允许多个部分。",
            (point[0], point[1]),
            apart,
        )
