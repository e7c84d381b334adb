"""Long narrow ground that nobody lists, a river or a verge: who lies beside it."""

import numpy as np
import shapely

from geodata.grid.divide import STEP_METRES, Claims
from geodata.grid.plane import Positions, Shapes

STRIP = 12.0
"""Ground is a strip from about ten times as long as it is wide: half its outline squared, by its area."""
LEAST_SQUARE_METRES = 400.0
"""Smaller strips go to one neighbour whole."""
_BESIDE_METRES = 0.1
_LEAST_BESIDE = 3


def beside_strips(
    blocks: Shapes,
    place: Positions,
    reach: dict[int, list[int]],
    parts: dict[int, tuple[Shapes, Positions]],
    claims: Claims,
    grid_ground: Positions,
) -> dict[int, Claims]:
    """For each long narrow block that nobody lists the points on its edge, claimed by the grids beyond them.

    Parameters
    ----------
    blocks, place
        From `geodata.grid.blocks.cut`.
    reach
        Block to the claims that hold it.
    parts
        Divided block to its parts and their owners.
    claims, grid_ground
        All claims, and the community of each grid.

    Notes
    -----
    A river or the green between two carriageways belongs to both banks: given to one grid it would be a ribbon along
    all the others.
    """
    shapes = [blocks[at] for at in reach if at not in parts]
    owners = [int(claims.owner[reach[at][0]]) for at in reach if at not in parts]
    for part, whose in parts.values():
        shapes += list(part)
        owners += whose.tolist()
    tree, whose_ground = shapely.STRtree(shapes), grid_ground[owners] if owners else np.zeros(0, dtype=np.int64)
    half = shapely.length(blocks) / 2
    found = {}
    area = shapely.area(blocks)
    for at in np.flatnonzero((half**2 > STRIP * area) & (area > LEAST_SQUARE_METRES)).tolist():
        if at in reach:
            continue
        points = shapely.points(shapely.get_coordinates(shapely.segmentize(shapely.boundary(blocks[at]), STEP_METRES)))
        point, shape = tree.query(points, predicate="dwithin", distance=_BESIDE_METRES)
        mine = whose_ground[shape] == place[at]
        point, owner = point[mine], np.array(owners, dtype=np.int64)[shape[mine]]
        # What only meets the strip at a corner has no border with it.
        often = np.isin(owner, np.flatnonzero(np.bincount(owner, minlength=1) > _LEAST_BESIDE))
        if len(np.unique(owner[often])) > 1:
            found[at] = Claims(points[point[often]], owner[often], np.zeros(int(often.sum()), dtype=bool))
    return found
