"""Whether one can walk about in a grid: what divides its ground, and whether a way leads across inside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely

from geodata.drafts.surroundings import Barrier, Near, Surroundings
from geodata.grid.plane import LocalPlane, Place, Positions, Shapes, polygons_of, union

LEAST_SHARE: Final = 0.05
"""What is less of a grid's ground is no side of its own: a strip of bank, an island in a canal."""
GATE_METRES: Final = 5.0
"""A gate opens a wall that it is no farther from."""

_LINE_METRES: Final = 0.25


@dataclass(frozen=True, slots=True)
class Divided:
    """A grid that a barrier cuts into sides with no way from one to the other inside the grid.

    Parameters
    ----------
    barrier
        What divides; of several the one that by itself cuts most off, else the longest inside the grid.
    sides
        How many sides nobody can walk between.
    smaller_share
        Share of the ground that cannot be reached from the largest side.
    place
        On the barrier, inside the grid.
    """

    barrier: Barrier
    sides: int
    smaller_share: float
    place: Place


def divided(shape: shapely.Geometry, surroundings: Surroundings) -> Divided | None:
    """What divides a grid, or None where one can walk about in all of it.

    Parameters
    ----------
    shape
        Polygon or MultiPolygon, EPSG:4326.

    Notes
    -----
    A grid of several parts is only as divided as its parts are: what lies between them is not in it. A street, path or
    bridge that leads from one side to the other inside the grid joins them, so does a gate in a wall; one outside the
    grid does not, since whoever answers for the grid has to leave it.
    """
    one = np.array([shape], dtype=object)
    plane = LocalPlane.around(one)
    near = surroundings.near(shape, plane, 0.0)
    if not near.barriers:
        return None
    flat = plane.forward(one)[0]
    inside = [
        (barrier, part)
        for barrier, outline in near.barriers
        if not shapely.is_empty(part := shapely.intersection(_standing(outline), flat))
    ]
    if not inside:
        return None
    cut = union(np.array([part for _, part in inside], dtype=object))
    lost = _lost(flat, cut, near)
    if not lost:
        return None
    barrier, _ = max(
        inside, key=lambda pair: (_away(_lost(flat, pair[1], near)), shapely.length(pair[1]), pair[0].name)
    )
    across = union(np.array([part for other, part in inside if other is barrier], dtype=object))
    return Divided(barrier, 1 + len(lost), _away(lost) / float(shapely.area(flat)), plane.inside(across))


def _lost(flat: Any, cut: Any, near: Near) -> list[Sequence[Any]]:
    """Groups of sides, of all parts, that cannot be walked to from the largest side of their part."""
    return sum((_lost_sides(part, cut, near) for part in shapely.get_parts(flat).tolist()), start=list[Sequence[Any]]())


def _away(lost: Sequence[Sequence[Any]]) -> float:
    return sum(float(shapely.area(side)) for group in lost for side in group)


def _standing(outline: shapely.Geometry) -> shapely.Geometry:
    """A barrier as ground that nobody walks on; a line has a width then."""
    return outline if shapely.get_dimensions(outline) == 2 else shapely.buffer(outline, _LINE_METRES, cap_style="flat")


def _lost_sides(part: Any, cut: Any, near: Near) -> list[Sequence[Any]]:
    """Groups of sides of one part that cannot be walked to from the largest one."""
    pieces, _ = polygons_of(np.array([shapely.difference(part, cut)], dtype=object))
    sides = pieces[shapely.area(pieces) >= LEAST_SHARE * shapely.area(part)] if len(pieces) else pieces
    if len(sides) < 2:
        return []
    group = _grouped(np.concatenate([sides, _crossings(part, near)]))[: len(sides)]
    found = [sides[group == number].tolist() for number in np.unique(group)]
    found.sort(key=lambda some: -sum(float(shapely.area(side)) for side in some))
    return list(found[1:])


def _crossings(part: Any, near: Near) -> Shapes:
    """Pieces of ways inside a part, and gates as ground that joins what is on both sides of a wall."""
    ways = shapely.get_parts(shapely.intersection(near.ways, part)) if len(near.ways) else near.ways
    ways = ways[~shapely.is_empty(ways)] if len(ways) else ways
    gates = near.gates[shapely.intersects(near.gates, part)] if len(near.gates) else near.gates
    return np.concatenate([ways, shapely.buffer(gates, GATE_METRES) if len(gates) else gates])


def _grouped(shapes: Shapes) -> Positions:
    """Number of the group of each shape; what touches is in one group, directly or by others."""
    group = np.arange(len(shapes))
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    while True:
        lowest = group.copy()
        np.minimum.at(lowest, first, group[second])
        if np.array_equal(lowest, group):
            return group
        group = lowest[lowest]
