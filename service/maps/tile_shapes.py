"""Shapes on the square of the world that tiles part: chosen, rounded, clipped and written for one tile by numpy.

Units of the world are those of the finest tiles, `FINEST_ZOOM`: whole numbers below 2**28, x to the east, y to the
south. Rounding happens to places of the world, not of a tile, so that neighbours and tiles share borders.
"""

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from service.maps.mvt import EXTENT, Integers, Ragged, geometry, spans

FINEST_ZOOM: Final = 16
BUFFER: Final = 64
"""How far a tile goes on beyond its square, in units of the tile: what is cut there is out of sight."""

WORLD: Final = EXTENT << FINEST_ZOOM
_NORTHMOST: Final = 85.0511287

Shapes = NDArray[np.object_]
Numbers = NDArray[np.float64]


class Tile(NamedTuple):
    """One square of the world: zoom, column from the west, row from the north."""

    z: int
    x: int
    y: int

    @property
    def shift(self) -> int:
        """Bits that a unit of the world has more than a unit of this tile."""
        return FINEST_ZOOM - self.z

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Least x and y, greatest x and y in units of the world, the buffer included."""
        size = EXTENT << self.shift
        more = BUFFER << self.shift
        west, north = self.x * size, self.y * size
        return west - more, north - more, west + size + more, north + size + more

    def local(self, places: Integers) -> Integers:
        """Places of the world in whole units of this tile."""
        half = (1 << self.shift) >> 1
        found: Integers = ((places + half) >> self.shift) - np.array([self.x * EXTENT, self.y * EXTENT])
        return found


def on_world(points: Numbers) -> Numbers:
    """Places of the world, not rounded.

    Parameters
    ----------
    points
        lon, lat in degrees, EPSG:4326, shape (n, 2); those beyond the ends of the square are moved to them.
    """
    lat = np.radians(np.clip(points[:, 1], -_NORTHMOST, _NORTHMOST))
    north = np.arctanh(np.sin(lat)) / (2 * np.pi)
    return np.column_stack([points[:, 0] / 360 + 0.5, 0.5 - north]) * WORLD


def from_world(places: Numbers) -> Numbers:
    """lon, lat in degrees of places of the world, shape (n, 2)."""
    east, south = places[:, 0] / WORLD, places[:, 1] / WORLD
    lat = np.degrees(np.arctan(np.sinh((0.5 - south) * 2 * np.pi)))
    return np.column_stack([(east - 0.5) * 360, lat])


@dataclass(frozen=True, slots=True)
class Rings:
    """Rings of polygons, ready to be chosen from.

    Parameters
    ----------
    points
        Whole places of the world, int32, shape (n, 2); a ring does not repeat its first.
    starts
        Place of each ring's first point, and at last the number of points.
    owners
        Polygon of each ring, rising.
    parts
        Which outer ring each belongs to, rising: the first of a part is the outer one.
    boxes
        Least x and y, greatest x and y of each ring, shape (m, 4).
    """

    points: NDArray[np.int32]
    starts: Integers
    owners: Integers
    parts: Integers
    boxes: NDArray[np.int32]


def rings_of(shapes: Shapes) -> Rings:
    """The rings of polygons on the world, outer ones clockwise on the screen, holes the other way."""
    polygons, owner_of_part = shapely.get_parts(shapes, return_index=True)
    polygons = shapely.orient_polygons(polygons, exterior_cw=False)
    rings, part_of_ring = shapely.get_rings(polygons, return_index=True)
    coordinates, ring = shapely.get_coordinates(rings, return_index=True)
    # The last point of a ring is its first.
    inner = np.r_[ring[1:] == ring[:-1], False] if len(ring) else np.zeros(0, dtype=bool)
    points = np.rint(coordinates[inner]).astype(np.int32)
    starts = np.searchsorted(ring[inner], np.arange(len(rings) + 1)).astype(np.int64)
    if not len(points):
        return Rings(points, starts, *(np.zeros(0, dtype=np.int64),) * 2, np.zeros((0, 4), dtype=np.int32))
    low, high = (how.reduceat(points, starts[:-1], axis=0) for how in (np.minimum, np.maximum))
    owners = np.asarray(owner_of_part[part_of_ring], dtype=np.int64)
    return Rings(points, starts, owners, np.asarray(part_of_ring, dtype=np.int64), np.hstack([low, high]))


def polygons_in(tile: Tile, rings: Rings) -> tuple[Integers, Ragged]:
    """Polygons that a tile shows, and the commands that draw them."""
    chosen = np.flatnonzero(_meets(rings.boxes, tile.box))
    starts, lengths = rings.starts[chosen], rings.starts[chosen + 1] - rings.starts[chosen]
    points = tile.local(rings.points[spans(starts, lengths)].astype(np.int64))
    points, lengths = _without_repeats(points, lengths, closed=True)
    points, lengths = _clipped(points, lengths)
    points, lengths = _without_repeats(points, lengths, closed=True)
    area = _areas(points, lengths)
    # An outer ring that is gone takes its holes with it.
    parts = rings.parts[chosen]
    outer = np.r_[True, parts[1:] != parts[:-1]] if len(parts) else np.zeros(0, dtype=bool)
    kept_parts = parts[outer & (area > 0)]
    kept = (lengths > 2) & np.where(outer, area > 0, area < 0) & np.isin(parts, kept_parts)
    points = points[np.repeat(kept, lengths)]
    owners, places = np.unique(rings.owners[chosen[kept]], return_inverse=True)
    return owners, geometry(points, np.r_[0, np.cumsum(lengths[kept])], places, len(owners), "polygons")


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines on the world, ready to be chosen from: LineStrings, the boxes around them, and what each belongs to."""

    shapes: Shapes
    boxes: Numbers
    groups: Integers


def lines_in(tile: Tile, lines: Lines) -> tuple[Integers, Ragged]:
    """Groups of lines that a tile shows, and the commands that draw each."""
    chosen = np.flatnonzero(_meets(lines.boxes, tile.box))
    parts, places = shapely.get_parts(shapely.clip_by_rect(lines.shapes[chosen], *tile.box), return_index=True)
    coordinates, line = shapely.get_coordinates(parts, return_index=True)
    points = tile.local(np.rint(coordinates).astype(np.int64))
    points, lengths = _without_repeats(points, np.bincount(line, minlength=len(parts)), closed=False)
    kept = lengths > 1
    points = points[np.repeat(kept, lengths)]
    groups, owners = np.unique(lines.groups[chosen[places[kept]]], return_inverse=True)
    order = np.argsort(owners, kind="stable")
    begins = np.r_[0, np.cumsum(lengths[kept])][:-1]
    lengths = lengths[kept][order]
    points = points[spans(begins[order], lengths)]
    return groups, geometry(points, np.r_[0, np.cumsum(lengths)], owners[order], len(groups), "lines")


def points_in(tile: Tile, places: Integers) -> Integers:
    """Which points lie in the square of a tile, without its buffer: each lies in one tile."""
    corner = np.array([tile.x, tile.y])
    shift = FINEST_ZOOM - tile.z + EXTENT.bit_length() - 1
    return np.flatnonzero(((places >> shift) == corner).all(axis=1))


def _meets(boxes: NDArray[Any], box: tuple[int, int, int, int]) -> NDArray[np.bool_]:
    low_x, low_y, high_x, high_y = box
    met: NDArray[np.bool_] = (boxes[:, 0] <= high_x) & (boxes[:, 2] >= low_x)
    return met & (boxes[:, 1] <= high_y) & (boxes[:, 3] >= low_y)


def _without_repeats(points: Integers, lengths: Integers, *, closed: bool) -> tuple[Integers, Integers]:
    """Points that are not the one before, of a closed line the last one before its first; one of each line stays."""
    if not len(points):
        return points, lengths
    before, begins = _neighbours(lengths, -1)
    kept = (points != points[before]).any(axis=1)
    if not closed:
        kept[begins] = True
    part = np.repeat(np.arange(len(lengths)), lengths)
    return points[kept], np.bincount(part[kept], minlength=len(lengths))


def _neighbours(lengths: Integers, step: int) -> tuple[Integers, Integers]:
    """Place of the point before (-1) or after (1) each one round its ring, and the places of first points."""
    some = lengths[lengths > 0]
    ends = np.cumsum(some)
    begins = ends - some
    around = np.arange(int(ends[-1])) + step
    if step > 0:
        around[ends - 1] = begins
    else:
        around[begins] = ends - 1
    return around, begins


def _clipped(points: Integers, lengths: Integers) -> tuple[Integers, Integers]:
    """Rings cut at the rim of a tile's buffer, side by side, as Sutherland and Hodgman do; empty ones stay as such."""
    for axis, sign, limit in ((0, 1, -BUFFER), (1, 1, -BUFFER), (0, -1, EXTENT + BUFFER), (1, -1, EXTENT + BUFFER)):
        depth = sign * (points[:, axis] - limit)
        inside = depth >= 0
        if inside.all():
            continue
        after, _ = _neighbours(lengths, 1)
        crossing = inside != inside[after]
        counts = inside.astype(np.int64) + crossing
        ends = np.cumsum(counts)
        cut = np.empty((int(ends[-1]), 2), dtype=np.int64)
        cut[(ends - counts)[inside]] = points[inside]
        # From the inner end whichever way the ring runs: what two rings share is cut in one point.
        here = np.flatnonzero(crossing)
        inner = np.where(inside[here], here, after[here])
        outer = np.where(inside[here], after[here], here)
        share = depth[inner] / (depth[inner] - depth[outer])
        cut[ends[here] - 1] = np.rint(points[inner] + share[:, None] * (points[outer] - points[inner]))
        part = np.repeat(np.arange(len(lengths)), lengths)
        points, lengths = cut, np.bincount(part, counts, len(lengths)).astype(np.int64)
    return points, lengths


def _areas(points: Integers, lengths: Integers) -> Integers:
    """Twice the area of each ring, above 0 where it runs clockwise on the screen."""
    found = np.zeros(len(lengths), dtype=np.int64)
    if len(points):
        after, begins = _neighbours(lengths, 1)
        crossed = points[:, 0] * points[after, 1] - points[after, 0] * points[:, 1]
        found[lengths > 0] = np.add.reduceat(crossed, begins)
    return found
