"""Where a set of grids is not a tiling: overlaps, gaps and borders that do not match, measured in the plane.

GEOS calls a tiling a coverage. Its test is fast and names suspects; only those are then compared exactly.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from geodata.grid.plane import (
    NOISE_METRES,
    Flags,
    Positions,
    Shapes,
    overlay,
    polygons_of,
    union,
    wider_than,
    widths,
)

_LARGEST_CRACK_METRES = 1.0
"""Cracks that are open to the outside are looked for up to this width; a wider one is the outside."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two grids that cover the same ground.

    Parameters
    ----------
    first, second
        Positions of the grids, ``first < second``.
    shape
        The ground in common (Polygon or MultiPolygon of the plane), rounding noise left out.
    width_metres
        Diameter of the largest circle inside it.
    """

    first: int
    second: int
    shape: Any
    width_metres: float


@dataclass(frozen=True, slots=True)
class Gap:
    """Ground that no grid covers though grids or their communities surround it.

    Parameters
    ----------
    shape
        Polygon of the plane.
    width_metres
        Diameter of the largest circle inside it.
    neighbours
        Positions of the grids at its border, ascending.
    community
        Position of the community that it is missing from, None for a hole between grids.
    """

    shape: Any
    width_metres: float
    neighbours: tuple[int, ...]
    community: int | None = None


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A stretch of border that two grids draw with different vertices.

    Parameters
    ----------
    first, second
        Positions of the grids, ``first < second``.
    line
        The unmatched edges in the plane.
    apart_metres
        Largest distance between the two borders, measured at the middles of their edges.
    length_metres
        Length of the unmatched border.
    square_metres
        Estimate of the ground between the two borders.
    """

    first: int
    second: int
    line: Any
    apart_metres: float
    length_metres: float
    square_metres: float


def suspects(shapes: Shapes, crack_metres: float = 0.0) -> tuple[Flags, Shapes]:
    """Which shapes have edges that do not match their neighbours', and these edges.

    Parameters
    ----------
    shapes
        Valid (Multi)Polygons in the plane.
    crack_metres
        Also name edges along cracks up to this width; 0 for none.
    """
    if not len(shapes):
        return np.zeros(0, dtype=bool), shapes
    edges = np.atleast_1d(shapely.coverage_invalid_edges(shapes, gap_width=crack_metres))
    return ~shapely.is_empty(edges), edges


def find_overlaps(shapes: Shapes, named: Flags, *, least_metres: float = NOISE_METRES) -> list[Overlap]:
    """All pairs that overlap somewhere by at least a width, in order of their positions.

    Parameters
    ----------
    shapes
        Valid (Multi)Polygons in the plane.
    named
        Which of them `suspects` names.
    least_metres
        Overlaps that are nowhere this wide are left out, part by part.

    Notes
    -----
    Of several identical shapes, each is paired with the first only.
    """
    found: dict[tuple[int, int], Overlap] = {}
    tree = shapely.STRtree(shapes)
    first_of_its_kind = _first_equal(shapes, np.flatnonzero(named))
    copies = np.flatnonzero(first_of_its_kind != np.arange(len(shapes)))
    pairs = np.column_stack((first_of_its_kind[copies], copies))
    is_copy = np.zeros(len(shapes), dtype=bool)
    is_copy[copies] = True
    todo, done = np.flatnonzero(named & ~is_copy), np.zeros(len(shapes), dtype=bool)
    while len(pairs) or todo.size:
        if todo.size:
            one, other = tree.query(shapes[todo], predicate="intersects")
            one = todo[one]
            keep = (one != other) & ~is_copy[other]
            pairs = np.vstack((pairs, np.sort(np.column_stack((one[keep], other[keep])), axis=1)))
            done[todo] = True
        pairs = np.unique(pairs, axis=0)
        for overlap in _exact_overlaps(shapes, pairs, least_metres):
            found[overlap.first, overlap.second] = overlap
        # A grid that hides many others inside it has sound edges itself: only its victims name it.
        involved = np.unique([position for pair in found for position in pair]).astype(np.int64)
        todo, pairs = involved[~done[involved] & ~is_copy[involved]], np.empty((0, 2), dtype=np.int64)
    return [found[pair] for pair in sorted(found)]


def _first_equal(shapes: Shapes, among: Positions) -> Positions:
    """For each shape the first position that holds the same shape; `among` are the ones to compare."""
    first = np.arange(len(shapes))
    seen: dict[bytes, int] = {}
    for position, content in zip(among.tolist(), shapely.to_wkb(shapely.normalize(shapes[among])), strict=True):
        first[position] = seen.setdefault(content, position)
    return first


def _exact_overlaps(shapes: Shapes, pairs: Positions, least_metres: float) -> list[Overlap]:
    if not len(pairs):
        return []
    common = overlay("intersection", shapes[pairs[:, 0]], shapes[pairs[:, 1]])
    parts, owners = polygons_of(common)
    if not len(parts):
        return []
    wide = wider_than(parts, least_metres)
    parts, owners = parts[wide], owners[wide]
    sizes = widths(parts)
    overlaps = []
    for owner in np.unique(owners):
        mine = np.flatnonzero(owners == owner) if len(owners) < 1000 else _slice(owners, owner)
        shape = parts[mine[0]] if len(mine) == 1 else shapely.multipolygons(parts[mine])
        overlaps.append(Overlap(int(pairs[owner, 0]), int(pairs[owner, 1]), shape, float(sizes[mine].max())))
    return overlaps


def _slice(ascending: Positions, value: int) -> Positions:
    return np.arange(np.searchsorted(ascending, value), np.searchsorted(ascending, value, side="right"))


def covered_ground(shapes: Shapes, named: Flags) -> Any:
    """Union of all grids; the shapes that are not `named` match, so that theirs is quick."""
    matched = shapely.coverage_union_all(shapes[~named]) if (~named).any() else shapely.Polygon()
    if not named.any():
        return matched
    try:
        return shapely.union_all([matched, *shapes[named]])
    except shapely.GEOSException:
        return union(shapes)


def find_gaps(
    shapes: Shapes,
    named: Flags,
    communities: Shapes,
    used: Positions,
    *,
    least_metres: float = NOISE_METRES,
) -> list[Gap]:
    """Holes between grids, then ground of their communities that the grids leave out.

    Parameters
    ----------
    shapes
        Valid (Multi)Polygons in the plane.
    named
        Which of them `suspects` names.
    communities
        Valid (Multi)Polygons in the plane.
    used
        Positions of the communities that grids belong to; the others may be tiled by somebody else.
    least_metres
        Gaps that are nowhere this wide are left out.
    """
    if not len(shapes):
        return []
    ground = covered_ground(shapes, named)
    bodies, _ = polygons_of(np.array([ground], dtype=object))
    rings = [ring for body in bodies for ring in body.interiors]
    tree = shapely.STRtree(shapes)
    holes = _without_islands(shapely.polygons(rings), bodies) if rings else np.empty(0, dtype=object)
    missing, owners = _left_out(communities[used], bodies)
    pieces = np.concatenate((holes, missing))
    if not len(pieces):
        return []
    places = [None] * len(holes) + [int(used[owner]) for owner in owners]
    wide = np.flatnonzero(wider_than(pieces, least_metres))
    sizes = widths(pieces[wide])
    at, grids = tree.query(pieces[wide], predicate="dwithin", distance=NOISE_METRES)
    gaps = []
    for index, piece in enumerate(wide.tolist()):
        neighbours = tuple(sorted(grids[at == index].tolist()))
        gaps.append(Gap(pieces[piece], float(sizes[index]), neighbours, places[piece]))
    return gaps


def _without_islands(holes: Shapes, bodies: Shapes) -> Shapes:
    """Holes without the parts of the tiling that lie inside them."""
    inner, outer = shapely.STRtree(holes).query(bodies, predicate="covered_by")
    result = holes.copy()
    for hole in np.unique(outer):
        islands = union(bodies[inner[outer == hole]])
        result[hole] = overlay("difference", holes[hole : hole + 1], np.array([islands], dtype=object))[0]
    return polygons_of(result)[0]


def _left_out(communities: Shapes, bodies: Shapes) -> tuple[Shapes, Positions]:
    """Ground of each community outside the outer borders of the tiling: pieces and whose they are."""
    filled = union(shapely.polygons(shapely.get_exterior_ring(bodies)))
    shapely.prepare(filled)
    open_ones = (
        np.flatnonzero(~shapely.covers(filled, communities)) if len(communities) else np.empty(0, dtype=np.int64)
    )
    if not open_ones.size:
        return np.empty(0, dtype=object), np.empty(0, dtype=np.int64)
    rest = overlay("difference", communities[open_ones], np.full(len(open_ones), filled, dtype=object))
    pieces, owners = polygons_of(rest)
    return pieces, open_ones[owners]


def find_mismatches(shapes: Shapes, explained: Shapes, *, crack_metres: float) -> list[Mismatch]:
    """Pairs whose common border does not match vertex by vertex, where no overlap or gap explains it.

    Parameters
    ----------
    shapes
        Valid (Multi)Polygons in the plane.
    explained
        Overlaps and gaps that are reported anyway.
    crack_metres
        Widest crack between two borders to look for, up to 1 m; 0 in layers that need not tile.
    """
    _, edges = suspects(shapes, min(crack_metres, _LARGEST_CRACK_METRES))
    segments, owners = segments_of(edges)
    if not len(segments):
        return []
    middles = shapely.line_interpolate_point(segments, 0.5, normalized=True)
    if len(explained):
        lone = np.ones(len(segments), dtype=bool)
        lone[shapely.STRtree(explained).query(middles, predicate="dwithin", distance=NOISE_METRES)[0]] = False
        segments, owners, middles = segments[lone], owners[lone], middles[lone]
    reach = max(crack_metres, NOISE_METRES)
    flagged = np.flatnonzero(~shapely.is_empty(edges))
    at, other = shapely.STRtree(edges[flagged]).query(middles, predicate="dwithin", distance=reach)
    other = flagged[other]
    keep = owners[at] != other
    at, other = at[keep], other[keep]
    apart = shapely.distance(middles[at], edges[other])
    # A point near a corner is near several grids: it faces the nearest.
    nearest = np.lexsort((other, apart, at))
    at, other, apart = at[nearest], other[nearest], apart[nearest]
    first_hits = np.r_[True, at[1:] != at[:-1]] if len(at) else np.zeros(0, dtype=bool)
    return _per_pair(segments, owners, at[first_hits], other[first_hits], apart[first_hits])


def segments_of(edges: Shapes) -> tuple[Shapes, Positions]:
    """All straight stretches of lines, with the position of the line each comes from."""
    lines, owners = shapely.get_parts(edges, return_index=True)
    xy, line_of = shapely.get_coordinates(lines, return_index=True)
    same = line_of[1:] == line_of[:-1]
    ends = np.stack((xy[:-1][same], xy[1:][same]), axis=1)
    segments = shapely.linestrings(ends) if len(ends) else np.empty(0, dtype=object)
    return segments, owners[line_of[1:][same]].astype(np.int64) if len(ends) else np.empty(0, dtype=np.int64)


def _per_pair(segments: Shapes, owners: Positions, at: Positions, other: Positions, apart: Any) -> list[Mismatch]:
    pairs = np.sort(np.column_stack((owners[at], other)), axis=1)
    if not len(pairs):
        return []
    unique, group = np.unique(pairs, axis=0, return_inverse=True)
    order = np.argsort(group.ravel(), kind="stable")
    ends = np.searchsorted(group.ravel()[order], np.arange(len(unique) + 1))
    lengths = shapely.length(segments)
    result = []
    for index, (first, second) in enumerate(unique.tolist()):
        mine = order[ends[index] : ends[index + 1]]
        line = shapely.multilinestrings(segments[at[mine]])
        # Both sides are unmatched, so the border is counted about twice.
        sides = len(np.unique(owners[at[mine]]))
        length = lengths[at[mine]]
        between = float((length * apart[mine]).sum()) / sides
        result.append(Mismatch(first, second, line, float(apart[mine].max()), float(length.sum()) / sides, between))
    return result
