"""A block that several grids lay claim to, divided: what each surely holds, and the rest to whoever is nearest."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from geodata.grid.plane import Flags, Numbers, Positions, Shapes, polygonal, union

STEP_METRES = 4.0
"""Distance between the points by which a claimed outline takes part in the search for the nearest."""
SMOOTH_METRES = 1.5
"""Dividing lines are straightened by at most this much: the zigzag between points of the search is no border."""
STRAIGHT_METRES = (25.0, 15.0, 10.0, 6.0, 4.0, 2.5)
"""Further than that a line is straightened where nothing that is claimed changes sides."""
_STANDING_METRES = 0.05


@dataclass(frozen=True, slots=True)
class Claims:
    """What lists say about places.

    Parameters
    ----------
    shapes
        Points, and polygons for what has an outline, in metres.
    owner
        Position of the grid that lists each.
    whole
        Polygons whose whole ground belongs to the grid, a compound inside its wall; other polygons are buildings.
    """

    shapes: Shapes
    owner: Positions
    whole: Flags


def divided(block: Any, claims: Claims) -> tuple[Shapes, Positions]:
    """What each claimant gets of a block.

    Parameters
    ----------
    block
        A Polygon in metres.
    claims
        Those that reach into the block, of two owners at least.

    Returns
    -------
    tuple
        Shapes inside the block, which together cover it up to rounding, and their owners, ascending.

    Notes
    -----
    A whole outline goes to its owner, where two overlap to the lower one; claims of others inside it count for
    nothing. All else goes to the nearest claim, so the border between two compounds lies midway between their walls.
    """
    owners = np.unique(claims.owner)
    cores = _cores(block, claims, owners)
    points, point_owner = _samples(claims, cores, owners)
    cells = shapely.get_parts(
        shapely.voronoi_polygons(shapely.multipoints(points), extend_to=shapely.envelope(block), ordered=True)
    )
    rest = shapely.difference(block, union(np.array(list(cores.values()), dtype=object)))
    shapes = []
    for owner in owners.tolist():
        near = shapely.intersection(union(cells[point_owner == owner]), rest)
        shapes.append(union(np.array([near, cores[owner]], dtype=object)))
    return polygonal(np.array(shapes, dtype=object)), owners


def _cores(block: Any, claims: Claims, owners: Positions) -> dict[int, Any]:
    taken: Any = shapely.Polygon()
    cores: dict[int, Any] = {}
    for owner in owners.tolist():
        walled = claims.shapes[claims.whole & (claims.owner == owner)]
        mine = shapely.intersection(union(walled), block) if len(walled) else shapely.Polygon()
        core = polygonal(np.array([shapely.difference(mine, taken)], dtype=object))[0]
        cores[owner] = core
        taken = shapely.union(taken, core)
    return cores


def _samples(claims: Claims, cores: dict[int, Any], owners: Positions) -> tuple[Numbers, Positions]:
    """Points of every claim, those inside another's whole outline left out."""
    found: list[Numbers] = []
    whose: list[Positions] = []
    for owner in owners.tolist():
        others = union(np.array([core for other, core in cores.items() if other != owner], dtype=object))
        mine = claims.shapes[(claims.owner == owner) & ~claims.whole]
        points = np.concatenate([_points(mine), _points(np.array([cores[owner]], dtype=object))])
        shapely.prepare(others)
        points = (
            points[~shapely.contains_xy(shapely.buffer(others, -_STANDING_METRES), points)] if len(points) else points
        )
        found.append(points)
        whose.append(np.full(len(points), owner, dtype=np.int64))
    points, owner_of = np.concatenate(found), np.concatenate(whose)
    # Two claims of one place would make a cell without ground; the lower grid keeps it.
    _, kept = np.unique(np.round(points, 2), axis=0, return_index=True)
    return points[np.sort(kept)], owner_of[np.sort(kept)]


def _points(shapes: Shapes) -> Numbers:
    shapes = shapes[~shapely.is_empty(shapes)] if len(shapes) else shapes
    if not len(shapes):
        return np.zeros((0, 2))
    return np.asarray(shapely.get_coordinates(shapely.segmentize(shapes, STEP_METRES)), dtype=np.float64)


def dividing_lines(block: Any, shapes: Shapes, claims: Claims) -> Shapes:
    """The borders between the parts of a divided block, from fork to fork or to the block's edge.

    Parameters
    ----------
    block, shapes, claims
        As given to and by `divided`.

    Notes
    -----
    Each line is as straight as what is claimed on either side of it allows.
    """
    edges = shapely.union_all(shapely.boundary(shapes))
    inner = shapely.difference(edges, shapely.buffer(shapely.boundary(block), _STANDING_METRES))
    lines = shapely.get_parts(shapely.line_merge(inner))
    lines = lines[shapely.get_type_id(lines) == shapely.GeometryType.LINESTRING]
    # A wall may stand as near to the line as the search is exact.
    standing = shapely.buffer(claims.shapes, np.where(shapely.area(claims.shapes) > 0, -SMOOTH_METRES, 0.01))
    obstacles = shapely.STRtree(standing[~shapely.is_empty(standing)])
    return np.array([_extended(_straightened(line, obstacles), block) for line in lines], dtype=object)


def _straightened(line: Any, obstacles: shapely.STRtree) -> Any:
    for metres in STRAIGHT_METRES:
        straight = shapely.simplify(line, metres)
        swept = shapely.polygonize([shapely.union(line, straight)])
        if shapely.is_simple(straight) and not obstacles.query(shapely.get_parts(swept), predicate="intersects").size:
            return straight
    return shapely.simplify(line, SMOOTH_METRES)


def _extended(line: Any, block: Any) -> Any:
    """A line whose ends near the block's edge reach over it, so that it cuts."""
    points = shapely.get_coordinates(line)
    edge = shapely.boundary(block)
    longer = [points]
    for at, end in ((0, points[0]), (len(points), points[-1])):
        point = shapely.Point(end)
        if 0 < shapely.distance(edge, point) < 2 * _STANDING_METRES + SMOOTH_METRES / 10:
            hit = shapely.get_coordinates(shapely.line_interpolate_point(edge, shapely.line_locate_point(edge, point)))[
                0
            ]
            beyond = hit + (hit - end)
            longer = [np.vstack([beyond, *longer])] if at == 0 else [np.vstack([*longer, beyond])]
    return shapely.linestrings(longer[0])
