"""What of each grid can be built on, and what its roads are: blocks, walls and the lines that give access."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely

from geodata.sample.plan import BANK_METRES, RAIL_HALF_METRES
from geodata.sample.roads import HALF_WIDTH_METRES, Barriers, Roads
from geodata.sample.subdivision import Board
from geodata.sample.tiling import Shapes, Tiling

SHOP_BAND_METRES: Final = 13.0
"""Depth of the strip along streets that shops stand in, between the pavement and a compound's wall."""
LANE_BAND_METRES: Final = 1.5
FRONTED: Final = ("arterial", "secondary", "branch")


@dataclass(frozen=True, slots=True)
class Land:
    """Per grid, in the order of the board's leaves, in metres about the centre.

    Parameters
    ----------
    blocks
        The grid's largest piece of land between its roads, river, railway and the outer border.
    walls
        The block without the strip for shops: where a compound's wall stands.
    access
        Roads and lanes inside the grid or on its border, as one MultiLineString.
    paths
        Main paths of compounds on its border.
    """

    blocks: Shapes
    walls: Shapes
    access: Shapes
    paths: Shapes


def make_land(board: Board, tiling: Tiling, roads: Roads, barriers: Barriers, outline: Any) -> Land:
    """Return the land of every grid."""
    kinds = np.array(roads.kinds)
    half = np.array([HALF_WIDTH_METRES[kind] for kind in roads.kinds])
    band = np.where(np.isin(kinds, FRONTED), SHOP_BAND_METRES, np.where(kinds == "lane", LANE_BAND_METRES, 0.0))
    rural = np.array([leaf.rural for leaf in board.leaves])
    never = [
        shapely.buffer(shapely.boundary(outline), 3.0),
        shapely.buffer(barriers.rail, RAIL_HALF_METRES, cap_style="flat"),
        shapely.buffer(tiling.course_of("river"), BANK_METRES, cap_style="flat"),
    ]
    return Land(
        blocks=_without(tiling.faces, [*shapely.buffer(roads.edges, half, quad_segs=3), *never]),
        walls=_without(tiling.faces, [*shapely.buffer(roads.edges, half + band, quad_segs=3), *never], where=~rural),
        access=_inside(tiling.faces, roads.edges[kinds != "path"]),
        paths=_inside(tiling.faces, roads.edges[kinds == "path"]),
    )


def _without(faces: Shapes, taken: list[Any], where: Shapes | None = None) -> Shapes:
    """Return the largest piece of each face that is left when what is taken is cut out; faces not asked for stay."""
    shapes = np.array(taken)
    face, shape = shapely.STRtree(shapes).query(faces, predicate="intersects")
    left = faces.copy()
    for number in range(len(faces)):
        if where is None or where[number]:
            cut = shapely.difference(faces[number], shapely.union_all(shapes[shape[face == number]]))
            left[number] = largest(cut)
    return left


def largest(shape: Any) -> Any:
    """Return the largest polygon of a shape, without holes and needless vertices."""
    parts = shapely.get_parts(shape)
    parts = parts[shapely.get_dimensions(parts) == 2]
    if len(parts) == 0:
        return shapely.Polygon()
    polygon = parts[int(np.argmax(shapely.area(parts)))]
    return shapely.simplify(shapely.polygons(shapely.get_exterior_ring(polygon)), 0.4)


def _inside(faces: Shapes, edges: Shapes) -> Shapes:
    reach = shapely.buffer(faces, 0.5, join_style="mitre")
    middles = shapely.line_interpolate_point(edges, 0.5, normalized=True)
    face, edge = shapely.STRtree(middles).query(reach, predicate="intersects")
    return np.array([shapely.multilinestrings(edges[edge[face == number]]) for number in range(len(faces))])
