"""A tiling on the world as lines between its corners, each kept once: what is common to two polygons stays so.

Nothing is prepared for any zoom: a point is drawn where it matters more than the tolerance (`tile_thinning`), and where
it is left out both neighbours leave it out.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from service.maps.mvt import EXTENT, Integers, spans
from service.maps.tile_shapes import FINEST_ZOOM, Numbers, Shapes, from_world, neighbours, on_world, without_repeats
from service.maps.tile_thinning import weights_of

# Two edges that lie no farther apart are one border: 0.2 m.
_NEAR_DEGREES: Final = 2e-6
_COORDINATE_BITS: Final = 29
_AT_ONCE: Final = 8192

Boxes = NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Mesh:
    """Polygons of a tiling by the lines that they are made of.

    Parameters
    ----------
    points
        Whole places of the world of all lines, shape (n, 2).
    weights
        The tolerance, a power of two, from which on each point is left out, in the same units, shape (n,).
    starts
        Place of each line's first point, and at last the number of points.
    boxes
        Least x and y, greatest x and y of each line.
    sides
        The polygon of each line and the one across, -1 for none, shape (m, 2).
    alone
        Whether the line is on one side only: the edges of the polygon across, where there is one, do not match.
    uses
        Lines of the rings in their order, as their place p; -1 - p where the ring runs backwards along it.
    ring_starts
        Place of each ring's first line, and at last the number of uses.
    owners, parts
        Polygon of each ring, and which outer ring it belongs to, both rising: the first of a part is the outer one.
    ring_boxes
        As ``boxes``, of each ring.
    areas
        Of each polygon, in square units of the world.
    """

    points: NDArray[np.int32]
    weights: NDArray[np.float32]
    starts: Integers
    boxes: Boxes
    sides: NDArray[np.int32]
    alone: NDArray[np.bool_]
    uses: NDArray[np.int32]
    ring_starts: Integers
    owners: NDArray[np.int32]
    parts: NDArray[np.int32]
    ring_boxes: Boxes
    areas: Numbers

    @property
    def bytes(self) -> int:
        """How much memory it takes."""
        return sum(getattr(self, field.name).nbytes for field in fields(self))

    def lines_of(self, rings: Integers) -> tuple[Integers, NDArray[np.bool_], Integers]:
        """Lines of rings in their order, whether each is run backwards, and how many each ring has."""
        counts = np.diff(self.ring_starts)[rings]
        uses = self.uses[spans(self.ring_starts[:-1][rings], counts)].astype(np.int64)
        return np.where(uses < 0, -1 - uses, uses), uses < 0, counts

    def counts(self, tolerance: float) -> Integers:
        """Points of each polygon that are left at a tolerance."""
        if not len(self.uses):
            return np.zeros(len(self.areas), dtype=np.int64)
        kept = np.add.reduceat(self.weights > tolerance, self.starts[:-1], dtype=np.int64) - 1
        lines, _, uses = self.lines_of(np.arange(len(self.owners)))
        return np.bincount(np.repeat(self.owners, uses), kept[lines], len(self.areas)).astype(np.int64)

    def left_of(self, lines: Integers, tolerance: float) -> int:
        """Points that are left of some lines at a tolerance."""
        counts = np.diff(self.starts)[lines]
        return int((self.weights[spans(self.starts[:-1][lines], counts)] > tolerance).sum())

    def fullest(self, z: int) -> Integers:
        """Polygons of the tile of a zoom in which there are most, by the middles of the boxes around them."""
        polygons, first = np.unique(self.owners, return_index=True)
        if not len(polygons):
            return polygons.astype(np.int64)
        low = np.minimum.reduceat(self.ring_boxes[:, :2], first, axis=0).astype(np.int64)
        high = np.maximum.reduceat(self.ring_boxes[:, 2:], first, axis=0)
        tiles = ((low + high) // 2) >> (FINEST_ZOOM - z + EXTENT.bit_length() - 1)
        _, place, counts = np.unique(tiles, axis=0, return_inverse=True, return_counts=True)
        found: Integers = polygons[place == np.argmax(counts)].astype(np.int64)
        return found

    def neighbours(self) -> NDArray[np.int64]:
        """Pairs of polygons that share a border longer than a point, the lower one first, sorted, shape (k, 2)."""
        pairs = np.sort(self.sides[self.sides.min(axis=1) >= 0], axis=1).astype(np.int64)
        pairs = pairs[pairs[:, 0] != pairs[:, 1]]
        key = np.unique(pairs[:, 0] * len(self.areas) + pairs[:, 1])
        return np.column_stack(np.divmod(key, max(len(self.areas), 1)))

    def borders(self, groups: Sequence[Integers]) -> tuple[Integers, Integers]:
        """Lines that part polygons of different groups, and those around them all: lines, and the depth of each.

        Parameters
        ----------
        groups
            For each depth one number for each polygon: equal ones are not parted, a negative one belongs to no group
            and has no border of its own.
        """
        lines, depths = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
        for depth, group in enumerate(groups):
            mine, theirs = np.where(self.sides >= 0, np.append(group, -1)[self.sides], -1).T
            lines.append(np.flatnonzero((mine != theirs) & ((mine >= 0) | ~self.alone)))
            depths.append(np.full(len(lines[-1]), depth))
        return np.concatenate(lines), np.concatenate(depths)

    def thinned(self, tolerance: float) -> "Mesh":
        """What is left at a tolerance; the rest is not drawn at a larger one either."""
        kept = self.weights > tolerance
        starts = np.r_[0, np.cumsum(kept)][self.starts]
        rest = {field.name: getattr(self, field.name) for field in fields(self)}
        return Mesh(**{**rest, "points": self.points[kept], "weights": self.weights[kept], "starts": starts})


@dataclass(frozen=True, slots=True)
class _Corners:
    """Points of rings one after the other: places, whose and which ring each is, and the number of each place."""

    points: Integers
    lengths: Integers
    owners: Integers
    parts: Integers
    numbers: Integers
    before: Integers
    after: Integers


def mesh_of(degrees: Shapes) -> Mesh:
    """The lines of polygons or multipolygons in EPSG:4326; those of a tiling have all inner ones in common."""
    corners = _corners(degrees)
    if not len(corners.points):
        return _nothing(len(degrees))
    owner = np.repeat(corners.owners, corners.lengths)
    across, alone = _across(degrees, corners, owner)
    return _lines_between(corners, _ends(corners, across), owner, across, alone, len(degrees))


def _corners(degrees: Shapes) -> _Corners:
    pieces = [_rounded_rings(degrees, some) for some in range(0, max(len(degrees), 1), _AT_ONCE)]
    points, lengths, owners = (np.concatenate([piece[at] for piece in pieces]) for at in range(3))
    begins = np.cumsum([0, *(int(piece[3].max(initial=-1)) + 1 for piece in pieces)])
    parts = np.concatenate([piece[3] + begin for piece, begin in zip(pieces, begins[:-1], strict=True)])
    _, numbers = np.unique((points[:, 0] << _COORDINATE_BITS) | points[:, 1], return_inverse=True)
    before, after = (neighbours(lengths, step)[0] if len(lengths) else numbers for step in (-1, 1))
    return _Corners(points, lengths, owners, parts, numbers, before, after)


def _rounded_rings(degrees: Shapes, first: int) -> tuple[Integers, Integers, Integers, Integers]:
    """Points of the rings of some polygons, their lengths, owners and parts: copies of all at once would take much."""
    polygons, owner_of_part = shapely.get_parts(degrees[first : first + _AT_ONCE], return_index=True)
    # Clockwise on the screen, as on the map.
    rings, part = shapely.get_rings(shapely.orient_polygons(polygons, exterior_cw=True), return_index=True)
    coordinates, ring = shapely.get_coordinates(rings, return_index=True)
    inner = np.r_[ring[1:] == ring[:-1], False] if len(ring) else np.zeros(0, dtype=bool)
    points = np.rint(on_world(coordinates[inner])).astype(np.int64)
    points, lengths = without_repeats(points, np.bincount(ring[inner], minlength=len(rings)), closed=True)
    sound = lengths > 2
    owners, parts = owner_of_part[part][sound] + first, part[sound]
    return points[np.repeat(sound, lengths)], lengths[sound], owners, parts


def _across(degrees: Shapes, corners: _Corners, owner: Integers) -> tuple[Integers, NDArray[np.bool_]]:
    """The polygon on the other side of the edge that begins at each corner, and which edges no other has."""
    ends = np.sort(np.column_stack([corners.numbers, corners.numbers[corners.after]]), axis=1)
    key = ends[:, 0] * len(corners.numbers) + ends[:, 1]
    order = np.argsort(key, kind="stable")
    same = key[order[1:]] == key[order[:-1]]
    found = np.full(len(owner), -1, dtype=np.int64)
    found[order[:-1][same]], found[order[1:][same]] = owner[order[1:][same]], owner[order[:-1][same]]
    alone = found < 0
    asked = np.flatnonzero(alone)
    middles = from_world((corners.points[asked] + corners.points[corners.after[asked]]) / 2)
    boxes = shapely.box(*(middles - _NEAR_DEGREES).T, *(middles + _NEAR_DEGREES).T)
    edge, polygon = shapely.STRtree(degrees).query(boxes)
    foreign = polygon != owner[asked[edge]]
    edge, polygon = edge[foreign], polygon[foreign]
    beside = shapely.dwithin(degrees[polygon], shapely.points(middles[edge]), _NEAR_DEGREES)
    found[asked[edge[beside]]] = polygon[beside]
    return found, alone


def _ends(corners: _Corners, across: Integers) -> NDArray[np.bool_]:
    """At which corners lines end: where rings part, or what lies across becomes something else; at one of each ring."""
    numbers = corners.numbers
    beside = np.sort(np.column_stack([numbers[corners.before], numbers[corners.after]]), axis=1)
    first = np.zeros(int(numbers.max()) + 1, dtype=np.int64)
    first[numbers] = np.arange(len(numbers))
    parts = (beside != beside[first[numbers]]).any(axis=1) | (across != across[corners.before])
    ends = np.zeros(len(first), dtype=bool)
    ends[numbers[parts]] = True
    begins = np.cumsum(corners.lengths) - corners.lengths
    endless = ~np.logical_or.reduceat(ends[numbers], begins)
    # The same corner for every ring that runs there.
    ends[np.minimum.reduceat(numbers, begins)[endless]] = True
    found: NDArray[np.bool_] = ends[numbers]
    return found


def _lines_between(
    corners: _Corners,
    ends: NDArray[np.bool_],
    owner: Integers,
    across: Integers,
    alone: NDArray[np.bool_],
    count: int,
) -> Mesh:
    """Cut rings where lines end, and keep each line once."""
    ring_ends = np.cumsum(corners.lengths)
    begins = np.flatnonzero(ends)
    ring = np.searchsorted(ring_ends, begins, side="right")
    uses = np.bincount(ring, minlength=len(ring_ends))
    following, _ = neighbours(uses, 1)
    until = begins[following]
    steps = until - begins
    steps += np.where(steps <= 0, corners.lengths[ring], 0)
    numbers = corners.numbers
    forward = numbers[begins] * len(numbers) + numbers[corners.after[begins]]
    backward = numbers[until] * len(numbers) + numbers[corners.before[until]]
    _, first, line = np.unique(np.minimum(forward, backward), return_index=True, return_inverse=True)
    turned = forward != forward[first][line]
    places = spans(begins[first], steps[first] + 1)
    last = np.repeat(ring_ends[ring[first]], steps[first] + 1)
    places = np.where(places >= last, places - np.repeat(corners.lengths[ring[first]], steps[first] + 1), places)
    points = corners.points[places].astype(np.int32)
    starts = np.r_[0, np.cumsum(steps[first] + 1)]
    sides = np.column_stack([owner[begins[first]], across[begins[first]]])
    return Mesh(
        points,
        weights_of(points, starts),
        starts,
        _boxes(points, starts[:-1]),
        sides.astype(np.int32),
        alone[begins[first]],
        np.where(turned, -1 - line, line).astype(np.int32),
        np.r_[0, np.cumsum(uses)],
        corners.owners.astype(np.int32),
        corners.parts.astype(np.int32),
        _boxes(corners.points.astype(np.int32), ring_ends - corners.lengths),
        _areas(corners, count),
    )


def _boxes(points: NDArray[np.int32], firsts: Integers) -> Boxes:
    low, high = (how.reduceat(points, firsts, axis=0) for how in (np.minimum, np.maximum))
    return np.hstack([low, high])


def _areas(corners: _Corners, count: int) -> Numbers:
    here, there = corners.points, corners.points[corners.after]
    crossed = (here[:, 0] * there[:, 1] - there[:, 0] * here[:, 1]) / 2
    found: Numbers = np.bincount(np.repeat(corners.owners, corners.lengths), crossed, count).astype(np.float64)
    return found


def _nothing(count: int) -> Mesh:
    none, starts = np.zeros(0, dtype=np.int32), np.zeros(1, dtype=np.int64)
    pairs, boxes = none.reshape(0, 2), none.reshape(0, 4)
    weights, areas = np.zeros(0, dtype=np.float32), np.zeros(count)
    alone = np.zeros(0, dtype=bool)
    return Mesh(pairs, weights, starts, boxes, pairs, alone, none, starts, none, none, boxes, areas)
