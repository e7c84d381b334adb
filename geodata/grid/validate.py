"""What is wrong with a layer of grids, each fault with its row, its place and what to do about it.

Widths decide how a fault counts, because areas mislead: a border that two drawings place a centimetre apart over a
kilometre encloses ten square metres and harms nobody.

==================  ==========================================================================================
width               meaning
==================  ==========================================================================================
under 1 mm          rounding; look-ups call it a border; not reported
1 mm to 5 cm        hairline: nobody can draw that; the warning ``edge-mismatch``
5 cm and more       ``overlap`` (error) or ``gap`` (warning)
==================  ==========================================================================================

5 cm is a tenth of a millimetre, the finest pen line, on a plan of 1:500. Whatever is tolerated, every point inside a
hairline overlap still has one owner, the lowest code.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.grid.communities import Membership, community_findings, membership, used_communities, valid_areas
from geodata.grid.plane import NOISE_METRES, LocalPlane, Shapes, polygonal, polygons_of
from geodata.grid.rings import collapsed_finding, shape_finding, size_findings, sound
from geodata.grid.tiling import Gap, Mismatch, Overlap, find_gaps, find_mismatches, find_overlaps, suspects
from geodata.records import Finding

Tiling = Literal["full", "partial"]

_NAMED_NEIGHBOURS = 5


@dataclass(frozen=True, slots=True)
class Limits:
    """Where a fault begins.

    Parameters
    ----------
    hairline_metres
        Overlaps and gaps narrower than this are hairlines (warning ``edge-mismatch``).
    crack_metres
        Cracks that are open to the outside are looked for up to this width, at most 1 m.
    community_share
        A grid with less of its area in its own community crosses a border.
    sliver_square_metres, sliver_metres
        A grid smaller or thinner than this is a sliver.
    """

    hairline_metres: float = 0.05
    crack_metres: float = 1.0
    community_share: float = 0.95
    sliver_square_metres: float = 10.0
    sliver_metres: float = 1.0


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer of grids in the plane, with what findings say about each."""

    plane: LocalPlane
    shapes: Shapes
    rows: list[int | None]
    codes: list[str]
    communities: Shapes
    community_codes: list[str]
    member: Membership


def validate(
    grids: gpd.GeoDataFrame,
    communities: gpd.GeoDataFrame,
    *,
    tiling: Tiling = "full",
    limits: Limits = DEFAULT_LIMITS,
) -> list[Finding]:
    """All faults of a layer of grids, errors first, then by row.

    Parameters
    ----------
    grids
        EPSG:4326. Columns ``code`` (text), geometry (any kind, None, empty, invalid, with heights); optional ``row``
        (row in the source, else the position from 1) and ``community`` (code that the row names, or null).
    communities
        EPSG:4326. Columns ``code`` and geometry; may be empty.
    tiling
        ``full``: gaps and borders that do not match are faults too. ``partial``: of the tiling only overlaps are.
    limits
        Where a fault begins.

    Returns
    -------
    list of Finding
        Errors: ``missing-geometry``, ``wrong-geometry-type``, ``not-a-place``, ``invalid-ring``, ``overlap``.
        Warnings: ``gap``, ``edge-mismatch``, ``missing-community``, ``crosses-community``, ``sliver``, ``many-parts``.

    Notes
    -----
    An invalid ring takes part in the other checks in the shape that a repair would give it, so that it does not show
    as a gap as well. A grid without a usable shape takes part in none. A gap is a hole between grids, or ground of a
    community that has grids and that none of its grids, nor any other, covers.
    """
    rows, codes = source_rows(grids), grid_codes(grids)
    given = np.asarray(grids.geometry.to_numpy(), dtype=object)
    faulty = ~sound(given)
    findings = [
        fault
        for position in np.flatnonzero(faulty)
        if (fault := shape_finding(given[position], row=rows[position], code=codes[position]))
    ]
    layer = prepare(grids, communities)
    collapsed = ~faulty & shapely.is_empty(layer.shapes)
    findings += [collapsed_finding(given[at], rows[at], codes[at]) for at in np.flatnonzero(collapsed)]
    present = np.flatnonzero(~faulty & ~collapsed)
    findings += size_findings(
        layer.shapes[present],
        layer.plane,
        [rows[position] for position in present],
        [codes[position] for position in present],
        square_metres=limits.sliver_square_metres,
        metres=limits.sliver_metres,
    )
    findings += community_findings(
        layer.member,
        layer.shapes,
        layer.communities,
        layer.community_codes,
        layer.plane,
        rows,
        codes,
        least_share=limits.community_share,
    )
    findings += _tiling_findings(layer, tiling, limits)
    return sorted(findings, key=_order)


def prepare(grids: gpd.GeoDataFrame, communities: gpd.GeoDataFrame) -> Layer:
    """The layer in its plane, every shape valid or empty; parameters as in `validate`."""
    lonlat = valid_areas(grids.geometry.to_numpy())
    plane = LocalPlane.around(lonlat)
    shapes = valid_in_plane(lonlat, plane)
    by_code = np.argsort(communities["code"].to_numpy(dtype=object), kind="stable")
    community_codes = [str(code) for code in communities["code"].to_numpy(dtype=object)[by_code]]
    community_shapes = valid_in_plane(valid_areas(communities.geometry.to_numpy()[by_code]), plane)
    member = membership(shapes, community_shapes, community_codes, named_communities(grids))
    return Layer(plane, shapes, source_rows(grids), grid_codes(grids), community_shapes, community_codes, member)


def valid_in_plane(lonlat: Shapes, plane: LocalPlane) -> Shapes:
    """Shapes in metres; rounding can make a shape that only just was valid invalid, that is mended here."""
    shapes = plane.forward(lonlat)
    bad = np.flatnonzero(~shapely.is_valid(shapes))
    shapes[bad] = polygonal(shapely.make_valid(shapes[bad], method="structure", keep_collapsed=False))
    return shapes


def source_rows(grids: gpd.GeoDataFrame) -> list[int | None]:
    """Each record's row in the source: the column ``row``, else its position from 1."""
    if "row" not in grids.columns:
        return list(range(1, len(grids) + 1))
    return [None if pd.isna(row) else int(row) for row in grids["row"]]


def grid_codes(grids: gpd.GeoDataFrame) -> list[str]:
    """Each record's code; ``?`` where it has none."""
    return ["?" if code is None or code != code else str(code) for code in grids["code"].tolist()]


def named_communities(grids: gpd.GeoDataFrame) -> list[str | None]:
    """The community that each record names, None where it names none."""
    if "community" not in grids.columns:
        return [None] * len(grids)
    return [None if pd.isna(code) or not str(code).strip() else str(code) for code in grids["community"]]


def _order(finding: Finding) -> tuple[bool, bool, int, str]:
    return finding.severity != "error", finding.row is None, finding.row or 0, finding.kind


def _tiling_findings(layer: Layer, tiling: Tiling, limits: Limits) -> list[Finding]:
    present = np.flatnonzero(~shapely.is_empty(layer.shapes))
    shapes = layer.shapes[present]
    at = present.tolist()
    named, _ = suspects(shapes)
    overlaps = find_overlaps(shapes, named, least_metres=0.0)
    wide = [overlap for overlap in overlaps if overlap.width_metres >= limits.hairline_metres]
    narrow = {(o.first, o.second): o for o in overlaps if o.width_metres < limits.hairline_metres}
    findings = [_overlap(layer, at[o.first], at[o.second], o) for o in wide]
    mismatches: list[Mismatch] = []
    if tiling == "full":
        used = used_communities(layer.member, ~shapely.is_empty(layer.shapes))
        gaps = find_gaps(shapes, named, layer.communities, used, least_metres=limits.hairline_metres)
        findings += [_gap(layer, gap, at) for gap in gaps]
        explained = np.array([*(o.shape for o in wide), *(gap.shape for gap in gaps)], dtype=object)
        mismatches = find_mismatches(shapes, explained, crack_metres=limits.crack_metres)
    for mismatch in mismatches:
        overlap = narrow.pop((mismatch.first, mismatch.second), None)
        first, second = at[mismatch.first], at[mismatch.second]
        if mismatch.apart_metres < limits.hairline_metres:
            findings.append(_edge_mismatch(layer, first, second, mismatch, overlap))
        else:
            findings.append(_crack(layer, first, second, mismatch))
    # Rounding alone is a fault only where the vertices say so too.
    rest = [overlap for overlap in narrow.values() if overlap.width_metres >= NOISE_METRES]
    return findings + [_edge_mismatch(layer, at[o.first], at[o.second], None, o) for o in rest]


def _overlap(layer: Layer, first: int, second: int, overlap: Overlap) -> Finding:
    parts, _ = polygons_of(np.array([overlap.shape], dtype=object))
    place = layer.plane.inside(parts[np.argmax(shapely.area(parts))])
    area, width = layer.plane.square_metres(overlap.shape), overlap.width_metres
    code, other = layer.codes[first], layer.codes[second]
    return Finding(
        "error",
        "overlap",
        f"Grids {code} and {other} overlap by {_area(area)}, up to {width:.2f} m wide, at {place.lon:.7f}, "
        f"{place.lat:.7f}. Give that ground to one of them; --repair removes overlaps narrower than its tolerance.",
        f"网格 {code} 与 {other} 重叠 {_area_zh(area)}，最宽 {width:.2f} 米，位于（{place.lon:.7f}，{place.lat:.7f}）。"
        "请将重叠部分划归其中一个网格；宽度小于容差的重叠可用 --repair 修复。",
        layer.rows[first],
        code,
        *place,
        {"other": other, "other_row": layer.rows[second], "square_metres": area, "width_metres": width},
    )


def _gap(layer: Layer, gap: Gap, at: list[int]) -> Finding:
    place = layer.plane.inside(gap.shape)
    area, width = layer.plane.square_metres(gap.shape), gap.width_metres
    around = [at[neighbour] for neighbour in gap.neighbours]
    codes = [layer.codes[position] for position in around][:_NAMED_NEIGHBOURS]
    community = None if gap.community is None else layer.community_codes[gap.community]
    facts = {"square_metres": area, "width_metres": width, "others": codes, "community": community}
    where = f"in community {community}" if community else "between grids"
    where_zh = f"社区 {community} 内" if community else "网格之间"
    beside = f" beside {', '.join(codes)}" if codes else ""
    beside_zh = f"（邻近 {'、'.join(codes)}）" if codes else ""
    return Finding(
        "warning",
        "gap",
        f"{_area(area)} {where} belong to no grid, up to {width:.2f} m wide, at {place.lon:.7f}, {place.lat:.7f}"
        f"{beside}. Extend a grid over it, or add one; --repair closes gaps narrower than its tolerance.",
        f"{where_zh}有 {_area_zh(area)} 不属于任何网格，最宽 {width:.2f} 米，位于（{place.lon:.7f}，{place.lat:.7f}）"
        f"{beside_zh}。请扩展相邻网格或新增网格；宽度小于容差的空隙可用 --repair 修复。",
        layer.rows[around[0]] if around else None,
        codes[0] if codes else None,
        *place,
        facts,
    )


def _crack(layer: Layer, first: int, second: int, mismatch: Mismatch) -> Finding:
    place = layer.plane.place(_middle(mismatch.line))
    width, area = mismatch.apart_metres, mismatch.square_metres
    code, other = layer.codes[first], layer.codes[second]
    return Finding(
        "warning",
        "gap",
        f"Between grids {code} and {other} runs a crack up to {width:.2f} m wide, about {_area(area)}, near "
        f"{place.lon:.7f}, {place.lat:.7f}. Draw their common border once, or load with --repair.",
        f"网格 {code} 与 {other} 之间有一条裂缝，最宽 {width:.2f} 米，约 {_area_zh(area)}，"
        f"位于（{place.lon:.7f}，{place.lat:.7f}）附近。请使两者共用同一条边界，或加 --repair 修复。",
        layer.rows[first],
        code,
        *place,
        {"square_metres": area, "width_metres": width, "others": [code, other], "community": None},
    )


def _edge_mismatch(
    layer: Layer, first: int, second: int, mismatch: Mismatch | None, overlap: Overlap | None
) -> Finding:
    shape = mismatch.line if mismatch else overlap.shape if overlap else shapely.Point()
    place = layer.plane.place(_middle(shape))
    apart = max(mismatch.apart_metres if mismatch else 0.0, overlap.width_metres if overlap else 0.0)
    area = layer.plane.square_metres(overlap.shape) if overlap else 0.0
    code, other = layer.codes[first], layer.codes[second]
    return Finding(
        "warning",
        "edge-mismatch",
        f"The common border of grids {code} and {other} is drawn twice and does not match (at most {apart:.3f} m "
        f"apart), near {place.lon:.7f}, {place.lat:.7f}. It works as it is; --repair makes the borders one.",
        f"网格 {code} 与 {other} 的公共边界未完全重合（相差不超过 {apart:.3f} 米），"
        f"位于（{place.lon:.7f}，{place.lat:.7f}）附近。可以使用；--repair 可使边界一致。",
        layer.rows[first],
        code,
        *place,
        {
            "other": other,
            "other_row": layer.rows[second],
            "length_metres": mismatch.length_metres if mismatch else 0.0,
            "apart_metres": apart,
            "overlap_square_metres": area,
        },
    )


def _middle(shape: Any) -> Any:
    """A point on a shape: inside an area, halfway along the longest of several lines."""
    parts: Iterable[Any] = shapely.get_parts(shape)
    longest = max(parts, key=lambda part: float(part.length), default=shape)
    if longest.geom_type == "Polygon":
        return shapely.point_on_surface(longest)
    return shapely.line_interpolate_point(longest, 0.5, normalized=True)


def _area(square_metres: float) -> str:
    return f"{square_metres:,.0f} m²" if square_metres >= 100 else f"{square_metres:.2f} m²"


def _area_zh(square_metres: float) -> str:
    return f"{square_metres:,.0f} 平方米" if square_metres >= 100 else f"{square_metres:.2f} 平方米"
