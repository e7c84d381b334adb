"""Narrow overlaps and gaps between grids removed, common borders given the same vertices."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import shapely

from geodata.grid.mend import (
    Work,
    changed_shapes,
    contact_metres,
    gap_texts,
    part_count,
    with_piece,
)
from geodata.grid.plane import (
    NOISE_METRES,
    Flags,
    Positions,
    Shapes,
    overlay,
    polygonal,
    polygons_of,
    wider_than,
)
from geodata.grid.tiling import covered_ground, find_overlaps, suspects
from geodata.grid.validate import Tiling


def match(work: Work, tiling: Tiling) -> None:
    """Remove narrow overlaps, close narrow gaps between grids, give common borders the same vertices."""
    gap_metres = work.tolerance_metres if tiling == "full" else 0.0
    at = work.present()
    at = at[~_in_wide_overlap(work.shapes[at], work.tolerance_metres)]
    at = at[np.argsort(np.array(work.codes, dtype=object)[at], kind="stable")]
    shapes = work.shapes[at]
    if not len(shapes) or _is_tiling(shapes, gap_metres):
        return
    clean = _without_crumbs(shapes, _cleaned(shapes, gap_metres), work.tolerance_metres)
    changed = np.flatnonzero(changed_shapes(shapes, clean))
    trees = shapely.STRtree(shapes), shapely.STRtree(clean)
    for index in changed:
        _report_match(work, int(index), shapes[index], clean[index], at, trees)
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
            contact = contact_metres(crumb, result[beside]) if beside.size else np.zeros(0)
            rest = overlay("difference", result[grid : grid + 1], np.array([crumb], dtype=object))
            if not contact.size or contact.max() <= 0 or shapely.is_empty(rest[0]):
                continue
            taker = beside[int(np.argmax(contact))]
            joined = with_piece(result[taker], crumb)
            if part_count(joined) <= part_count(result[taker]):
                result[taker], result[grid] = joined, polygonal(rest)[0]
    return result


def _crumbs(shape: Any, tolerance_metres: float) -> Shapes:
    """All parts but the largest that are narrower than the tolerance."""
    parts, _ = polygons_of(np.array([shape], dtype=object))
    parts = parts[np.argsort(shapely.area(parts))][:-1]
    loose: Shapes = parts[~wider_than(parts, tolerance_metres)]
    return loose


def _report_match(work: Work, index: int, before: Any, after: Any, at: Positions, trees: tuple[Any, Any]) -> None:
    """Tell what grid ``at[index]`` lost and gained; ground that goes from grid to grid is told by the one who loses."""
    grid, pieces = int(at[index]), 0
    for piece in _pieces(before, after):
        pieces += 1
        kind, texts = _loss(work, grid, piece, _other(trees[0], piece, index), _other(trees[1], piece, index), at)
        work.report(kind, grid, piece, texts)
    for piece in _pieces(after, before):
        pieces += 1
        if _other(trees[0], piece, index) is None:
            work.report("closed-gap", grid, piece, gap_texts(work, grid, piece))
    if not pieces:
        place = work.plane.place(shapely.get_point(shapely.get_exterior_ring(shapely.get_geometry(after, 0)), 0))
        texts = (
            f"The border of grid {work.codes[grid]} got the same vertices as its neighbours'.",
            f"网格 {work.codes[grid]} 的边界节点已与相邻网格对齐。",
        )
        work.add("matched-edges", grid, place, 0.0, texts)


def _other(tree: Any, piece: Any, but: int) -> int | None:
    """The first shape of a tree, not the one given, that covers the piece."""
    found = tree.query(shapely.point_on_surface(piece), predicate="covered_by")
    return min((int(index) for index in found if index != but), default=None)


def _loss(
    work: Work, grid: int, piece: Any, shared: int | None, taker: int | None, at: Positions
) -> tuple[str, tuple[str, str]]:
    area, code = work.plane.square_metres(piece), work.codes[grid]
    other = None if taker is None else work.codes[at[taker]]
    to, to_zh = (f" and left to {other}", f"，归网格 {other}") if other else ("", "")
    if shared is not None:
        return "removed-overlap", (
            f"An overlap of {area:.2f} m² was taken from grid {code}{to}.",
            f"网格 {code} 中 {area:.2f} 平方米的重叠已去除{to_zh}。",
        )
    return "dropped-sliver", (
        f"A loose sliver of {area:.2f} m² was taken from grid {code}{to}.",
        f"网格 {code} 中 {area:.2f} 平方米的零碎部分已去除{to_zh}。",
    )


def _pieces(whole: Any, without: Any) -> Iterator[Any]:
    rest = overlay("difference", np.array([whole], dtype=object), np.array([without], dtype=object))
    parts, _ = polygons_of(rest)
    if len(parts):
        yield from parts[wider_than(parts, NOISE_METRES)]
