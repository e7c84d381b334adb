"""The lines around areas, at every depth at once, from the polygons of the lowest areas of a tiling."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from service.maps.mvt import Integers
from service.maps.tile_shapes import Shapes


@dataclass(frozen=True, slots=True)
class Lines:
    """LineStrings, and what each belongs to."""

    shapes: Shapes
    groups: Integers


def border_lines(shapes: Shapes, groups: Sequence[Integers], *, near: float) -> Lines:
    """Lines that part polygons of different groups, and those around them all, once for each depth.

    Parameters
    ----------
    shapes
        Polygons of a tiling in any plane, shape (n,).
    groups
        For each depth one number for each polygon, shape (n,): equal ones are not parted, a negative one belongs to no
        group and has no border of its own.
    near
        How far two edges may lie apart and still be one border, in the units of the shapes.

    Returns
    -------
    Lines
        ``groups`` are the depths. A line ends where it would part other polygons. A stretch whose edges match occurs
        once, one whose edges do not from both sides, unless both are in one group.
    """
    rings, owners = _rings(shapes)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    if not len(points):
        return _lines([], [])
    start = np.flatnonzero(ring[1:] == ring[:-1])
    own = owners[ring[start]]
    other, alone = _across(shapes, points, start, own, near)
    lines, depths = [], []
    for depth, group in enumerate(groups):
        mine = group[own]
        theirs = np.where(other >= 0, group[other], -1)
        drawn = (mine != theirs) & np.where(alone, mine >= 0, own < other)
        found = _runs(points, start[drawn], ring[start[drawn]], other[drawn])
        lines.append(found)
        depths.append(np.full(len(found), depth))
    return _lines(lines, depths)


def _lines(lines: Sequence[Shapes], depths: Sequence[Integers]) -> Lines:
    shapes = np.concatenate([np.zeros(0, dtype=object), *lines])
    return Lines(shapes, np.concatenate([np.zeros(0, dtype=np.int64), *depths]))


def _rings(shapes: Shapes) -> tuple[Shapes, Integers]:
    polygons, owner_of_part = shapely.get_parts(shapes, return_index=True)
    rings, part = shapely.get_rings(polygons, return_index=True)
    return rings, owner_of_part[part]


def _across(
    shapes: Shapes, points: NDArray[np.float64], start: Integers, own: Integers, near: float
) -> tuple[Integers, NDArray[np.bool_]]:
    """The polygon on the other side of each edge, -1 for none, and which edges no other polygon has."""
    _, number = np.unique(points.view(np.complex128).ravel(), return_inverse=True)
    ends = np.sort(np.column_stack([number[start], number[start + 1]]), axis=1)
    key = ends[:, 0] * (int(number.max()) + 1) + ends[:, 1]
    order = np.argsort(key, kind="stable")
    same = key[order[1:]] == key[order[:-1]]
    other = np.full(len(start), -1, dtype=np.int64)
    other[order[:-1][same]], other[order[1:][same]] = own[order[1:][same]], own[order[:-1][same]]
    alone = other < 0
    asked = np.flatnonzero(alone)
    middles = shapely.points((points[start[asked]] + points[start[asked] + 1]) / 2)
    edge, polygon = shapely.STRtree(shapes).query(middles, predicate="dwithin", distance=near)
    beside = polygon != own[asked[edge]]
    other[asked[edge[beside]]] = polygon[beside]
    return other, alone


def _runs(points: NDArray[np.float64], start: Integers, ring: Integers, other: Integers) -> Shapes:
    """Edges that follow each other in a ring, with one neighbour, as lines."""
    if not len(start):
        return np.zeros(0, dtype=object)
    begins = np.r_[True, (start[1:] != start[:-1] + 1) | (ring[1:] != ring[:-1]) | (other[1:] != other[:-1])]
    line = np.cumsum(begins) - 1
    lasts = np.flatnonzero(np.r_[begins[1:], True])
    # Each edge gives its first point, the last of a line its second too.
    places = np.concatenate([start, start[lasts] + 1])
    lines = np.concatenate([line, line[lasts]])
    order = np.argsort(lines, kind="stable")
    return np.asarray(shapely.linestrings(points[places[order]], indices=lines[order]), dtype=object)
