"""Small faults of a layer of grids mended, each mend reported; what is too large to decide for a clerk stays a fault.

In order: rings are made valid, what sticks out of the community by less than the tolerance is cut off, overlaps and
gaps narrower than the tolerance are given to one grid, and common borders get the same vertices on both sides. Widths
decide, as in `validate`. A grid that needs no mend keeps its exact coordinates.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from geodata.grid.communities import Membership, membership, used_communities, valid_areas
from geodata.grid.plane import (
    NOISE_METRES,
    Flags,
    LocalPlane,
    Place,
    Positions,
    Shapes,
    overlay,
    polygonal,
    polygons_of,
    union,
    wider_than,
)
from geodata.grid.rings import absent, invalid_reason, on_earth
from geodata.grid.tiling import covered_ground, find_gaps, find_overlaps, segments_of, suspects
from geodata.grid.validate import Tiling, grid_codes, named_communities, source_rows, valid_in_plane
from geodata.records import Mend

LEAST_SHARE_TO_CLIP = 0.95
LEAST_RIM = 0.25
"""A piece is cut off at the rim only where this part of its border, about half of its outer side, lies on the rim."""
_MOST_ROUNDS = 4
_SNAP_METRES = 1e-6


@dataclass(slots=True)
class _Work:
    """The layer while it is mended: shapes in the plane, and the mends so far."""

    plane: LocalPlane
    shapes: Shapes
    rows: list[int | None]
    codes: list[str]
    communities: Shapes
    community_codes: list[str]
    tolerance_metres: float
    mends: list[Mend] = field(default_factory=list)

    def present(self) -> Positions:
        return np.flatnonzero(~shapely.is_empty(self.shapes))

    def report(self, kind: str, grid: int, piece: Any, texts: tuple[str, str]) -> None:
        place = self.plane.place(shapely.point_on_surface(piece))
        self.add(kind, grid, place, self.plane.square_metres(piece), texts)

    def add(self, kind: str, grid: int, place: Place, area: float, texts: tuple[str, str]) -> None:
        self.mends.append(Mend(kind, *texts, self.rows[grid], self.codes[grid], place.lon, place.lat, area))


def repair(
    grids: gpd.GeoDataFrame,
    communities: gpd.GeoDataFrame,
    *,
    tiling: Tiling = "full",
    tolerance_metres: float = 1.0,
    clip: bool = True,
) -> tuple[gpd.GeoDataFrame, list[Mend]]:
    """The grids with small faults mended, and one record of each mend.

    Parameters
    ----------
    grids, communities
        As in `validate`.
    tiling
        ``full``: gaps are closed and common borders matched. ``partial``: only overlaps are removed.
    tolerance_metres
        Overlaps, gaps and what sticks out of a community are mended where a circle of this diameter does not fit in.
    clip
        Whether to cut off what sticks out of a grid's community.

    Returns
    -------
    tuple
        A copy with the same rows and columns, shapes in 2D; and the mends.

    Notes
    -----
    Rings are made valid by their structure: shells cover, holes are taken out, ground covered twice is covered; a
    hole outside its shell is a part whose ring runs the wrong way. A
    shape that has no area left keeps its fault, and so does a grid that nothing would be left of: nothing vanishes,
    `validate` reports it. Narrow overlaps go to the lowest code, which owns them anyway; narrow gaps to the grid with
    the longest border on them. Two grids with a wider overlap are left as they are: that is an error for a person to
    settle.

    Only grids with at least 95 % of their area in their community are clipped. What is cut off goes to the grid of
    the neighbouring community that borders on it; where none does, it is cut only at the rim of the layer. So
    clipping opens no gap.

    Repairing the result again mends nothing.
    """
    given = np.asarray(grids.geometry.to_numpy(), dtype=object)
    rows, codes = source_rows(grids), grid_codes(grids)
    flat, mended = _made_valid(given)
    usable = _usable(flat)
    lonlat = np.where(usable, flat, shapely.Polygon())
    plane = LocalPlane.around(lonlat)
    by_code = np.argsort(communities["code"].to_numpy(dtype=object), kind="stable")
    areas = valid_in_plane(valid_areas(communities.geometry.to_numpy()[by_code]), plane)
    area_codes = [str(code) for code in communities["code"].to_numpy(dtype=object)[by_code]]
    work = _Work(plane, valid_in_plane(lonlat, plane), rows, codes, areas, area_codes, tolerance_metres)
    for position in mended:
        _report_made_valid(work, int(position), given[position], flat[position])
    before = work.shapes.copy()
    named = named_communities(grids)
    for _ in range(_MOST_ROUNDS):
        start = work.shapes.copy()
        member = membership(work.shapes, areas, area_codes, named)
        if clip:
            _clip(work, member)
        if tiling == "full":
            _fill_rim(work, member)
        _match(work, tiling)
        if not _changed(start, work.shapes).any():
            break
    result = grids.copy()
    result[result.geometry.name] = gpd.GeoSeries(_back_to_degrees(flat, before, work), index=grids.index, crs=grids.crs)
    return result, work.mends


def _usable(shapes: Shapes) -> Flags:
    types = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)
    usable: Flags = ~absent(shapes) & np.isin(shapely.get_type_id(shapes), types) & shapely.is_valid(shapes)
    return usable & on_earth(shapes)


def _made_valid(given: Shapes) -> tuple[Shapes, Positions]:
    """2D shapes with valid rings where that leaves an area, and the positions that were made valid."""
    flat = shapely.force_2d(given)
    types = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON, shapely.GeometryType.GEOMETRYCOLLECTION)
    candidates = ~absent(flat) & np.isin(shapely.get_type_id(flat), types)
    candidates[candidates] = on_earth(flat[candidates])
    candidates &= ~_usable(flat)
    mended = []
    for position in np.flatnonzero(candidates):
        shape = _valid_area(flat[position])
        if shape is not None:
            flat[position] = shape
            mended.append(position)
    return flat, np.array(mended, dtype=np.int64)


def _valid_area(shape: Any) -> Any | None:
    """What is covered by an invalid shape or a collection; None where that is no area worth the name."""
    valid = shapely.make_valid(shape, method="structure", keep_collapsed=False)
    one = polygonal(np.array([valid], dtype=object))
    parts, _ = polygons_of(one)
    if not len(parts):
        return None
    wide = wider_than(LocalPlane.around(one).forward(parts), NOISE_METRES)
    if not wide.any():
        return None
    kept = one[0] if wide.all() else union(parts[wide])
    return kept if shapely.is_valid(kept) and not shapely.is_empty(kept) else None


def _report_made_valid(work: _Work, position: int, given: Any, valid: Any) -> None:
    flat = shapely.force_2d(given)
    _, place = invalid_reason(flat)
    place = place or work.plane.place(shapely.point_on_surface(work.shapes[position]))
    change = abs(shapely.area(valid) - shapely.area(flat)) * work.plane.metres_east * work.plane.metres_north
    code = work.codes[position]
    texts = (
        f"The border of grid {code} was made valid; its area changed by {change:.2f} m².",
        f"网格 {code} 的边界已修复为有效的面，面积变化 {change:.2f} 平方米。",
    )
    work.add("made-valid", position, place, float(change), texts)


def _clip(work: _Work, member: Membership) -> None:
    """Cut off what sticks out of each grid's own community by less than the tolerance."""
    eligible = np.flatnonzero(
        ~shapely.is_empty(work.shapes) & (member.own >= 0) & (member.share >= LEAST_SHARE_TO_CLIP)
    )
    if not eligible.size:
        return
    own = work.communities[member.own[eligible]]
    sticking = np.flatnonzero(~shapely.covered_by(work.shapes[eligible], own))
    eligible, own = eligible[sticking], own[sticking]
    pieces, owners = polygons_of(overlay("difference", work.shapes[eligible], own))
    narrow = _narrow(pieces, work.tolerance_metres)
    if not narrow.any():
        return
    around = _Around(work, member)
    for piece, grid in zip(pieces[narrow], eligible[owners[narrow]].tolist(), strict=True):
        _clip_piece(work, member, around, piece, grid)


class _Around:
    """What lies beside a piece: grids, the layer's rim, communities that have grids."""

    def __init__(self, work: _Work, member: Membership) -> None:
        self._grids = shapely.STRtree(work.shapes)
        at = work.present()
        named, _ = suspects(work.shapes[at])
        bodies, _ = polygons_of(np.array([covered_ground(work.shapes[at], named)], dtype=object))
        self._rim = segments_of(shapely.get_exterior_ring(bodies))[0]
        self._rim_tree = shapely.STRtree(self._rim)
        used = used_communities(member, ~shapely.is_empty(work.shapes))
        self._communities = shapely.STRtree(work.communities[used])

    def grids(self, piece: Any, but: int) -> list[int]:
        """Positions of the grids at the piece's border."""
        found = self._grids.query(piece, predicate="dwithin", distance=NOISE_METRES)
        return [int(grid) for grid in sorted(found) if grid != but]

    def at_rim(self, piece: Any) -> bool:
        """Whether a fair part of the piece's border is the layer's outer border, and no community misses the piece."""
        lines = self._rim[self._rim_tree.query(piece, predicate="dwithin", distance=NOISE_METRES)]
        strip = shapely.buffer(piece, NOISE_METRES, quad_segs=2)
        outside = float(shapely.length(shapely.intersection(lines, strip)).sum())
        if outside < LEAST_RIM * piece.length:
            return False
        return not len(self._communities.query(shapely.point_on_surface(piece), predicate="intersects"))


def _clip_piece(work: _Work, member: Membership, around: _Around, piece: Any, grid: int) -> None:
    rest = _take(work.shapes[grid], piece)
    if rest is None:
        return
    beside = [other for other in around.grids(piece, grid) if _lies_in_own(work, member, piece, other)]
    contact = _contact(piece, work.shapes[beside])
    code, community = work.codes[grid], work.community_codes[member.own[grid]]
    area = work.plane.square_metres(piece)
    texts = (
        f"{area:.2f} m² of grid {code} outside its community {community} were cut off",
        f"网格 {code} 超出所属社区 {community} 的 {area:.2f} 平方米已裁去",
    )
    if beside and contact.max() > 0:
        taker = beside[int(np.argmax(contact))]
        joined = _join(work.shapes[taker], piece)
        if _parts(joined) > _parts(work.shapes[taker]):
            return
        work.shapes[taker] = joined
        other = work.codes[taker]
        texts = (f"{texts[0]} and given to grid {other}", f"{texts[1]}，划入网格 {other}")
    elif not around.at_rim(piece):
        return
    work.shapes[grid] = rest
    work.report("clipped", grid, piece, (f"{texts[0]}.", f"{texts[1]}。"))


def _lies_in_own(work: _Work, member: Membership, piece: Any, grid: int) -> bool:
    own = member.own[grid]
    return bool(own >= 0 and shapely.covers(work.communities[own], shapely.point_on_surface(piece)))


def _parts(shape: Any) -> int:
    return int(shapely.get_num_geometries(shape))


def _narrow(pieces: Shapes, tolerance_metres: float) -> Flags:
    return wider_than(pieces, NOISE_METRES) & ~wider_than(pieces, tolerance_metres)


def _contact(piece: Any, shapes: Shapes) -> Any:
    """Length of the piece's border that lies along each shape."""
    if not len(shapes):
        return np.zeros(0)
    border = shapely.boundary(piece)
    return shapely.length(shapely.intersection(border, shapely.buffer(shapes, NOISE_METRES, quad_segs=2)))


def _take(shape: Any, piece: Any) -> Any | None:
    """The shape without the piece and without crumbs; None where nothing would be left or it would fall apart."""
    rest = overlay("difference", np.array([shape], dtype=object), np.array([piece], dtype=object))
    parts, _ = polygons_of(rest)
    parts = parts[wider_than(parts, NOISE_METRES)] if len(parts) else parts
    return union(parts) if 0 < len(parts) <= _parts(shape) else None


def _join(shape: Any, piece: Any) -> Any:
    # A vertex on the other's edge is off it by rounding: without snapping, a slit of 1e-10 m would part the two.
    piece = _snapped(piece, shape)
    shape = _snapped(shape, piece)
    joined = overlay("union", np.array([shape], dtype=object), np.array([piece], dtype=object))
    return polygonal(joined)[0]


def _snapped(shape: Any, to: Any) -> Any:
    snapped = shapely.snap(shape, to, _SNAP_METRES)
    return snapped if shapely.is_valid(snapped) else shape


def _fill_rim(work: _Work, member: Membership) -> None:
    """Extend grids over narrow ground of their community that the layer's outer border leaves out."""
    at = work.present()
    used = used_communities(member, ~shapely.is_empty(work.shapes))
    if not used.size or not at.size:
        return
    shapes = work.shapes[at]
    named, _ = suspects(shapes)
    for gap in find_gaps(shapes, named, work.communities, used):
        if gap.community is None or gap.width_metres >= work.tolerance_metres:
            continue
        beside = at[[n for n in gap.neighbours if member.own[at[n]] == gap.community]]
        contact = _contact(gap.shape, work.shapes[beside])
        if not len(contact) or contact.max() <= 0:
            continue
        grid = int(beside[np.argmax(contact)])
        work.shapes[grid] = _join(work.shapes[grid], gap.shape)
        community = work.community_codes[gap.community]
        work.report("closed-gap", grid, gap.shape, _gap_texts(work, grid, gap.shape, community))


def _gap_texts(work: _Work, grid: int, piece: Any, community: str | None = None) -> tuple[str, str]:
    area, code = work.plane.square_metres(piece), work.codes[grid]
    return (
        f"A gap of {area:.2f} m² {f'in community {community}' if community else 'between grids'} "
        f"was closed by grid {code}.",
        f"{f'社区 {community} 内' if community else '网格之间'} {area:.2f} 平方米的空隙已划入网格 {code}。",
    )


def _match(work: _Work, tiling: Tiling) -> None:
    """Remove narrow overlaps, close narrow gaps between grids, give common borders the same vertices."""
    gap_metres = work.tolerance_metres if tiling == "full" else 0.0
    at = work.present()
    at = at[~_in_wide_overlap(work.shapes[at], work.tolerance_metres)]
    at = at[np.argsort(np.array(work.codes, dtype=object)[at], kind="stable")]
    shapes = work.shapes[at]
    if not len(shapes) or _is_tiling(shapes, gap_metres):
        return
    clean = _without_crumbs(shapes, _cleaned(shapes, gap_metres), work.tolerance_metres)
    changed = np.flatnonzero(_changed(shapes, clean))
    tree = shapely.STRtree(clean)
    for index in changed:
        _report_match(work, int(at[index]), shapes[index], clean[index], at, tree)
    work.shapes[at[changed]] = clean[changed]


def _in_wide_overlap(shapes: Shapes, tolerance_metres: float) -> Flags:
    stuck = np.zeros(len(shapes), dtype=bool)
    for overlap in find_overlaps(shapes, suspects(shapes)[0], least_metres=tolerance_metres):
        stuck[[overlap.first, overlap.second]] = True
    return stuck


def _is_tiling(shapes: Shapes, gap_metres: float) -> bool:
    named, _ = suspects(shapes, gap_metres)
    if named.any():
        return False
    if not gap_metres:
        return True
    holes = [ring for body in shapely.get_parts(covered_ground(shapes, named)) for ring in body.interiors]
    return not holes or bool(wider_than(shapely.polygons(holes), gap_metres).all())


def _cleaned(shapes: Shapes, gap_metres: float) -> Shapes:
    """The shapes as a tiling (GEOS: coverage); a shape that nothing would be left of stays as it was."""
    order = np.arange(len(shapes))
    clean = shapes
    for _ in range(2):
        clean = shapes.copy()
        clean[order] = shapely.coverage_clean(
            shapes[order], gap_width=gap_metres, snapping_distance=NOISE_METRES, merge_strategy="min_index"
        )
        lost = shapely.is_empty(clean)
        if not lost.any():
            break
        # Whoever would vanish inside another grid comes first and keeps its ground.
        order = np.concatenate((np.flatnonzero(lost), np.flatnonzero(~lost)))
    unfit = shapely.is_empty(clean) | ~shapely.is_valid(clean)
    clean[unfit] = shapes[unfit]
    return clean


def _without_crumbs(before: Shapes, clean: Shapes, tolerance_metres: float) -> Shapes:
    """The tiling with narrow loose parts, that removing overlaps cut off, given to the grid they border on most."""
    grown = np.flatnonzero(shapely.get_num_geometries(clean) > shapely.get_num_geometries(before))
    if not grown.size:
        return clean
    result = clean.copy()
    tree = shapely.STRtree(clean)
    for grid in grown:
        for crumb in _crumbs(clean[grid], tolerance_metres):
            beside = np.array([i for i in tree.query(crumb, predicate="dwithin", distance=NOISE_METRES) if i != grid])
            contact = _contact(crumb, result[beside]) if beside.size else np.zeros(0)
            rest = overlay("difference", result[grid : grid + 1], np.array([crumb], dtype=object))
            if not contact.size or contact.max() <= 0 or shapely.is_empty(rest[0]):
                continue
            taker = beside[int(np.argmax(contact))]
            joined = _join(result[taker], crumb)
            if _parts(joined) <= _parts(result[taker]):
                result[taker], result[grid] = joined, polygonal(rest)[0]
    return result


def _crumbs(shape: Any, tolerance_metres: float) -> Shapes:
    """All parts but the largest that are narrower than the tolerance."""
    parts, _ = polygons_of(np.array([shape], dtype=object))
    parts = parts[np.argsort(shapely.area(parts))][:-1]
    loose: Shapes = parts[~wider_than(parts, tolerance_metres)]
    return loose


def _changed(first: Shapes, second: Shapes) -> Flags:
    """Whether shapes differ in more than their order of rings and points."""
    changed: Flags = first != second
    rest = np.flatnonzero(changed)
    changed[rest] = _normal(first[rest]) != _normal(second[rest])
    return changed


def _normal(shapes: Shapes) -> Shapes:
    parts, owners = shapely.get_parts(shapes, return_index=True)
    result: Shapes = shapely.normalize(shapely.multipolygons(parts, indices=owners, out=_empty(len(shapes))))
    return result


def _empty(count: int) -> Shapes:
    return np.full(count, shapely.MultiPolygon(), dtype=object)


def _report_match(work: _Work, grid: int, before: Any, after: Any, at: Positions, tree: Any) -> None:
    code = work.codes[grid]
    pieces = 0
    for piece in _pieces(before, after):
        pieces += 1
        others = [int(at[i]) for i in tree.query(shapely.point_on_surface(piece), predicate="covered_by")]
        other = next((work.codes[i] for i in others if i != grid), None)
        area = work.plane.square_metres(piece)
        texts = (
            f"An overlap of {area:.2f} m² was taken from grid {code}{f' and left to {other}' if other else ''}.",
            f"网格 {code} 中 {area:.2f} 平方米的重叠已去除{f'，归网格 {other}' if other else ''}。",
        )
        work.report("removed-overlap", grid, piece, texts)
    for piece in _pieces(after, before):
        pieces += 1
        work.report("closed-gap", grid, piece, _gap_texts(work, grid, piece))
    if not pieces:
        place = work.plane.place(shapely.get_point(shapely.get_exterior_ring(shapely.get_geometry(after, 0)), 0))
        texts = (
            f"The border of grid {code} got the same vertices as its neighbours'.",
            f"网格 {code} 的边界节点已与相邻网格对齐。",
        )
        work.add("matched-edges", grid, place, 0.0, texts)


def _pieces(whole: Any, without: Any) -> Iterator[Any]:
    rest = overlay("difference", np.array([whole], dtype=object), np.array([without], dtype=object))
    parts, _ = polygons_of(rest)
    if len(parts):
        yield from parts[wider_than(parts, NOISE_METRES)]


def _back_to_degrees(flat: Shapes, before: Shapes, work: _Work) -> Shapes:
    """Shapes in longitude and latitude: the given doubles where nothing changed, and at every vertex that stayed."""
    result = flat.copy()
    changed = np.flatnonzero(_changed(before, work.shapes))
    if not changed.size:
        return result
    near = np.unique(shapely.STRtree(before).query(work.shapes[changed], predicate="dwithin", distance=1.0)[1])
    back = work.plane.inverse(work.shapes[changed], flat[near])
    several = shapely.get_type_id(flat[changed]) == shapely.GeometryType.MULTIPOLYGON
    back[several] = [shapely.MultiPolygon(shapely.get_parts(shape).tolist()) for shape in back[several]]
    fine = shapely.is_valid(back)
    result[changed[fine]] = back[fine]
    return result
