"""Ground cut into blocks along the lines that a border may follow, and which blocks lie side by side.

All shapes are in one plane in metres. Lines meet on a lattice of a millimetre, so blocks side by side have the very
same vertices along their common border: what is put together from them has neither gap nor overlap.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from geodata.grid.plane import Flags, LocalPlane, Numbers, Positions, Shapes

LATTICE_METRES = 0.001
"""Lines are noded on a lattice of this width: what is closer together is the same line for every look-up."""

_ON_LINE_METRES = 0.003


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines that cut ground.

    Parameters
    ----------
    shapes
        LineStrings or MultiLineStrings.
    ranks
        How much each separates: 0 for none (a border that was drawn before), 1 for a lane, upwards.
    """

    shapes: Shapes
    ranks: Positions


@dataclass(frozen=True, slots=True)
class Sides:
    """Pieces of border that two blocks have in common.

    Parameters
    ----------
    first, second
        Positions of the blocks, ``first < second``.
    metres
        Length of the piece.
    rank
        The highest rank of a line that the piece lies on, 0 for none.
    east, north
        The middle of the piece.
    """

    first: Positions
    second: Positions
    metres: Numbers
    rank: Positions
    east: Numbers
    north: Numbers


def on_lattice(shapes: Shapes) -> Shapes:
    """The shapes with every vertex on the lattice."""
    return np.asarray(
        shapely.transform(shapes, lambda xy: np.round(xy / LATTICE_METRES) * LATTICE_METRES), dtype=object
    )


def cut(grounds: Shapes, lines: Lines) -> tuple[Shapes, Positions]:
    """Blocks of the grounds between the lines.

    Parameters
    ----------
    grounds
        Valid (Multi)Polygons in metres; where two overlap the first owns the ground.
    lines
        What cuts them. A line that ends inside a block does not cut it.

    Returns
    -------
    tuple
        Polygons, ordered by ground, then from west to east; and the position of the ground that each is part of.
    """
    linework = [*shapely.boundary(grounds), *lines.shapes]
    noded = shapely.union_all(on_lattice(np.array(linework, dtype=object)), grid_size=LATTICE_METRES)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    faces = faces[shapely.area(faces) > 0]
    inside = shapely.point_on_surface(faces)
    face, ground = shapely.STRtree(grounds).query(inside, predicate="intersects")
    owner = np.full(len(faces), len(grounds), dtype=np.int64)
    np.minimum.at(owner, face, ground)
    kept = np.flatnonzero(owner < len(grounds))
    bounds = shapely.bounds(faces[kept])
    kept = kept[np.lexsort((*bounds.T[::-1], owner[kept]))]
    return np.asarray(shapely.normalize(faces[kept]), dtype=object), owner[kept]


def sides(blocks: Shapes, lines: Lines) -> Sides:
    """Every piece of border that two of the blocks share, straight from vertex to vertex.

    Notes
    -----
    The blocks must come from one `cut`: borders are found by their equal vertices.
    """
    first, second, start, end = _shared_segments(blocks)
    middle = (start + end) / 2
    metres = np.hypot(*(end - start).T)
    return Sides(first, second, metres, _ranks(middle, lines), middle[:, 0], middle[:, 1])


def _shared_segments(blocks: Shapes) -> tuple[Positions, Positions, Numbers, Numbers]:
    polygons = np.asarray(blocks, dtype=object)
    rings, owner_of_ring = shapely.get_rings(polygons, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    start, end, owner = points[:-1][same], points[1:][same], owner_of_ring[ring[:-1][same]]
    # Turned so that both sides of a border write it alike.
    turned = (start[:, 0] > end[:, 0]) | ((start[:, 0] == end[:, 0]) & (start[:, 1] > end[:, 1]))
    low, high = np.where(turned[:, None], end, start), np.where(turned[:, None], start, end)
    lattice = np.round(np.column_stack([low, high]) / LATTICE_METRES).astype(np.int64)
    order = np.lexsort((owner, *lattice.T[::-1]))
    equal = np.flatnonzero((lattice[order[1:]] == lattice[order[:-1]]).all(axis=1))
    one, other = order[equal], order[equal + 1]
    apart = owner[one] != owner[other]
    one, other = one[apart], other[apart]
    return owner[one].astype(np.int64), owner[other].astype(np.int64), low[one], high[one]


def _ranks(middles: Numbers, lines: Lines) -> Positions:
    ranks = np.zeros(len(middles), dtype=np.int64)
    if len(lines.shapes) and len(middles):
        tree = shapely.STRtree(lines.shapes)
        piece, line = tree.query(shapely.points(middles), predicate="dwithin", distance=_ON_LINE_METRES)
        np.maximum.at(ranks, piece, lines.ranks[line])
    return ranks


def connected(count: int, first: Positions, second: Positions, joined: Flags) -> Positions:
    """For each block the number of the piece that it belongs to, where joined sides hold blocks together.

    Returns
    -------
    Positions
        The lowest position of a block in the piece.
    """
    root = np.arange(count)

    def find(at: int) -> int:
        while root[at] != at:
            root[at] = root[root[at]]
            at = int(root[at])
        return at

    for a, b in zip(first[joined].tolist(), second[joined].tolist(), strict=True):
        low, high = sorted((find(a), find(b)))
        root[high] = low
    return np.array([find(at) for at in range(count)], dtype=np.int64)


def merged(blocks: Shapes, owner: Positions, owners: Sequence[int]) -> Shapes:
    """One shape for each owner: its blocks put together; empty for an owner that has none.

    Notes
    -----
    The blocks are a GEOS coverage (they have matching edges and do not overlap), so shared edges simply go.
    """
    result: list[Any] = []
    for wanted in owners:
        mine = blocks[owner == wanted]
        result.append(shapely.coverage_union_all(mine) if len(mine) else shapely.Polygon())
    return np.array(result, dtype=object)


def in_degrees(shapes: Shapes, plane: LocalPlane, known: Shapes) -> Shapes:
    """Shapes in longitude and latitude; corners of what is known, taken to the lattice, get their very doubles back.

    Parameters
    ----------
    shapes
        On the lattice of the plane.
    known
        2D shapes in longitude and latitude, such as the grounds that were cut.
    """
    degrees = shapely.get_coordinates(known)
    metres = (degrees - (plane.lon, plane.lat)) * (plane.metres_east, plane.metres_north)
    exact = dict(zip(map(tuple, _cells(metres)[::-1]), map(tuple, degrees[::-1].tolist()), strict=True))

    def back(xy: Numbers) -> Numbers:
        straight = xy / (plane.metres_east, plane.metres_north) + (plane.lon, plane.lat)
        pairs = zip(map(tuple, _cells(xy)), map(tuple, straight.tolist()), strict=True)
        return np.array([exact.get(cell, degree) for cell, degree in pairs]).reshape(-1, 2)

    return np.asarray(shapely.transform(shapes, back), dtype=object)


def _cells(metres: Numbers) -> list[list[int]]:
    found: list[list[int]] = np.round(metres / LATTICE_METRES).astype(np.int64).tolist()
    return found
