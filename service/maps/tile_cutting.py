"""What a tile shows of a tiling: chosen, made simpler, rounded, clipped and written by numpy."""

from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from service.maps.mvt import EXTENT, Integers, Ragged, geometry, spans
from service.maps.tile_mesh import Boxes, Mesh
from service.maps.tile_shapes import BUFFER, FINEST_ZOOM, Tile, neighbours, without_repeats

_NO_LINES: Final = np.zeros(0, dtype=object)


def polygons_in(tile: Tile, mesh: Mesh, tolerance: float) -> tuple[Integers, Ragged]:
    """Polygons that a tile shows at a tolerance in units of the world, and the commands that draw them."""
    chosen = np.flatnonzero(_meets(mesh.ring_boxes, tile.box))
    points, lengths = _rings(mesh, chosen, tolerance)
    points = tile.local(points)
    points, lengths = without_repeats(points, lengths, closed=True)
    points, lengths = _clipped(points, lengths)
    points, lengths = without_repeats(points, lengths, closed=True)
    area = _areas(points, lengths)
    # An outer ring that is gone takes its holes with it.
    parts = mesh.parts[chosen]
    outer = np.r_[True, parts[1:] != parts[:-1]] if len(parts) else np.zeros(0, dtype=bool)
    kept_parts = parts[outer & (area > 0)]
    kept = (lengths > 2) & np.where(outer, area > 0, area < 0) & np.isin(parts, kept_parts)
    points = points[np.repeat(kept, lengths)]
    owners, places = np.unique(mesh.owners[chosen[kept]], return_inverse=True)
    return owners.astype(np.int64), geometry(
        points, np.r_[0, np.cumsum(lengths[kept])], places, len(owners), "polygons"
    )


def lines_in(
    tile: Tile, mesh: Mesh, drawn: tuple[Integers, Integers], tolerance: float, *, joined: bool
) -> tuple[Integers, Ragged]:
    """Groups of lines that a tile shows, and the commands that draw them.

    Parameters
    ----------
    drawn
        Lines of the mesh, and the group of each.
    joined
        Whether lines of a group go on as long as they do not branch: fewer, where only some of the mesh are drawn.
    """
    met = _meets(mesh.boxes[drawn[0]], tile.box)
    lines, group = drawn[0][met], drawn[1][met]
    groups = np.unique(group)
    pieces = [_clipped_lines(tile, mesh, lines[group == one], tolerance, joined) for one in groups.tolist()]
    points = np.concatenate([np.zeros((0, 2), dtype=np.int64), *(each for each, _ in pieces)])
    lengths = np.concatenate([np.zeros(0, dtype=np.int64), *(each for _, each in pieces)])
    owners = np.repeat(np.arange(len(groups)), [len(each) for _, each in pieces])
    some = np.unique(owners)
    owners = np.searchsorted(some, owners)
    return groups[some], geometry(points, np.r_[0, np.cumsum(lengths)], owners, len(some), "lines")


def _clipped_lines(
    tile: Tile, mesh: Mesh, lines: Integers, tolerance: float, joined: bool
) -> tuple[Integers, Integers]:
    """Points of lines within a tile and its buffer, and how many each line has."""
    counts = np.diff(mesh.starts)[lines]
    places = spans(mesh.starts[:-1][lines], counts)
    kept = mesh.weights[places] > tolerance
    line = np.repeat(np.arange(len(lines)), counts)[kept]
    local = tile.local(mesh.points[places[kept]].astype(np.int64))
    local, counts = without_repeats(local, np.bincount(line, minlength=len(lines)), closed=False)
    local, counts = local[np.repeat(counts > 1, counts)], counts[counts > 1]
    strings = shapely.linestrings(local, indices=np.repeat(np.arange(len(counts)), counts)) if len(local) else _NO_LINES
    whole = shapely.line_merge(shapely.multilinestrings(strings)) if joined else strings
    parts = shapely.get_parts(shapely.clip_by_rect(whole, -BUFFER, -BUFFER, EXTENT + BUFFER, EXTENT + BUFFER))
    coordinates, line = shapely.get_coordinates(parts, return_index=True)
    points = np.rint(coordinates).astype(np.int64)
    points, lengths = without_repeats(points, np.bincount(line, minlength=len(parts)), closed=False)
    return points[np.repeat(lengths > 1, lengths)], lengths[lengths > 1]


def _rings(mesh: Mesh, chosen: Integers, tolerance: float) -> tuple[Integers, Integers]:
    """Points of rings that are left at a tolerance, the first not repeated, and how many each ring has."""
    lines, backwards, uses = mesh.lines_of(chosen)
    # Each line without its last point, with which the next one begins.
    counts = np.diff(mesh.starts)[lines] - 1
    first = np.where(backwards, mesh.starts[1:][lines] - 1, mesh.starts[:-1][lines])
    along = np.where(np.repeat(backwards, counts), -1, 1) * spans(np.zeros_like(counts), counts)
    places = np.repeat(first, counts) + along
    kept = mesh.weights[places] > tolerance
    ring = np.repeat(np.repeat(np.arange(len(chosen)), uses), counts)
    return mesh.points[places[kept]].astype(np.int64), np.bincount(ring[kept], minlength=len(chosen))


def points_in(tile: Tile, places: Integers) -> Integers:
    """Which points lie in the square of a tile, without its buffer: each lies in one tile."""
    corner = np.array([tile.x, tile.y])
    shift = FINEST_ZOOM - tile.z + EXTENT.bit_length() - 1
    return np.flatnonzero(((places >> shift) == corner).all(axis=1))


def _meets(boxes: Boxes, box: tuple[int, int, int, int]) -> NDArray[np.bool_]:
    low_x, low_y, high_x, high_y = box
    met: NDArray[np.bool_] = (boxes[:, 0] <= high_x) & (boxes[:, 2] >= low_x)
    return met & (boxes[:, 1] <= high_y) & (boxes[:, 3] >= low_y)


def _clipped(points: Integers, lengths: Integers) -> tuple[Integers, Integers]:
    """Rings cut at the rim of a tile's buffer, side by side, as Sutherland and Hodgman do; empty ones stay as such."""
    for axis, sign, limit in ((0, 1, -BUFFER), (1, 1, -BUFFER), (0, -1, EXTENT + BUFFER), (1, -1, EXTENT + BUFFER)):
        depth = sign * (points[:, axis] - limit)
        inside = depth >= 0
        if inside.all():
            continue
        after, _ = neighbours(lengths, 1)
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
        after, begins = neighbours(lengths, 1)
        crossed = points[:, 0] * points[after, 1] - points[after, 0] * points[:, 1]
        found[lengths > 0] = np.add.reduceat(crossed, begins)
    return found
