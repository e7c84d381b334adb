"""Which community each grid belongs to: the one it shares most ground with."""

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.grid.plane import Flags, LocalPlane, Numbers, Place, Positions, Shapes, overlay, polygonal, polygons_of
from geodata.grid.rings import absent, is_area, on_earth
from geodata.records import Finding

TOP_SHARES = 3


@dataclass(frozen=True, slots=True)
class Shares:
    """Pairs of a grid and a community that have ground in common.

    Parameters
    ----------
    grid, community
        Positions, ordered by grid, then by falling share, then by position of the community.
    share
        Part of the grid's area that lies in the community, 0 < share ≤ 1.
    """

    grid: Positions
    community: Positions
    share: Numbers

    def largest(self, grids: int) -> tuple[Positions, Numbers]:
        """For each of so many grids its largest community (-1 for none) and the share (0 for none)."""
        best, share = np.full(grids, -1, dtype=np.int64), np.zeros(grids)
        first = np.r_[True, self.grid[1:] != self.grid[:-1]] if len(self.grid) else np.zeros(0, dtype=bool)
        best[self.grid[first]] = self.community[first]
        share[self.grid[first]] = self.share[first]
        return best, share


def valid_areas(shapes: Shapes) -> Shapes:
    """2D shapes that can be measured: empty where there is no area on Earth, made valid where a ring is not."""
    shapes = np.asarray(shapes, dtype=object)
    usable = ~absent(shapes) & is_area(shapes)
    usable[usable] = on_earth(shapes[usable])
    result = np.full(len(shapes), shapely.Polygon(), dtype=object)
    result[usable] = shapely.force_2d(shapes[usable])
    bad = np.flatnonzero(~shapely.is_valid(result))
    result[bad] = polygonal(shapely.make_valid(result[bad], method="structure", keep_collapsed=False))
    return result


def shares(grids: Shapes, communities: Shapes) -> Shares:
    """How each grid's area is divided among communities.

    Parameters
    ----------
    grids, communities
        Valid (Multi)Polygons, or empty, in one plane or all in degrees; ties go to the community that comes first.
    """
    areas = shapely.area(grids)
    grid, community = shapely.STRtree(communities).query(grids, predicate="intersects")
    inside_grid, inside_community = shapely.STRtree(communities).query(grids, predicate="covered_by")
    key = grid * max(len(communities), 1) + community
    inside = np.isin(key, inside_grid * max(len(communities), 1) + inside_community)
    common = np.where(inside, areas[grid], 0.0)
    cut = np.flatnonzero(~inside)
    common[cut] = shapely.area(overlay("intersection", grids[grid[cut]], communities[community[cut]]))
    keep = np.flatnonzero((common > 0) & (areas[grid] > 0))
    grid, community = grid[keep], community[keep]
    part = np.minimum(common[keep] / areas[grid], 1.0)
    order = np.lexsort((community, -part, grid))
    return Shares(grid[order].astype(np.int64), community[order].astype(np.int64), part[order])


def assign_communities(grids: gpd.GeoDataFrame, communities: gpd.GeoDataFrame) -> pd.DataFrame:
    """The community that each grid has most ground in.

    Parameters
    ----------
    grids, communities
        Columns ``code`` and geometry, EPSG:4326.

    Returns
    -------
    DataFrame
        One row for each grid, in the same order and with the same index: ``code``; ``community`` (a code, None where
        the grid touches none); ``share`` (part of the grid's area in it, 0 to 1).

    Notes
    -----
    Equal shares go to the lowest community code. Grids without a usable area have none; invalid rings are measured
    as they would be repaired.
    """
    order = np.argsort(communities["code"].to_numpy(dtype=object), kind="stable")
    codes = communities["code"].to_numpy(dtype=object)[order]
    shapes = valid_areas(communities.geometry.to_numpy()[order])
    best, share = shares(valid_areas(grids.geometry.to_numpy()), shapes).largest(len(grids))
    named = np.full(len(grids), None, dtype=object)
    named[best >= 0] = codes[best[best >= 0]]
    # As text, pandas would turn None into NaN.
    community = pd.Series(named, index=grids.index, dtype=object)
    return pd.DataFrame({"code": grids["code"], "community": community, "share": share}, index=grids.index)


@dataclass(frozen=True, slots=True)
class Membership:
    """Each grid's community, by position: the one its row names, else the largest.

    Parameters
    ----------
    own
        Position of the community, -1 for none.
    share
        Part of the grid's area in its own community.
    unknown
        The code that a row names though there is no such community, else None.
    shares
        All pairs with ground in common.
    """

    own: Positions
    share: Numbers
    unknown: list[str | None]
    shares: Shares


def membership(grids: Shapes, communities: Shapes, codes: list[str], named: list[str | None]) -> Membership:
    """Decide each grid's community.

    Parameters
    ----------
    grids, communities
        Valid (Multi)Polygons, or empty, in the plane.
    codes
        Codes of the communities.
    named
        For each grid the community that its row names, None where it names none.
    """
    found = shares(grids, communities)
    own, share = found.largest(len(grids))
    position = {code: index for index, code in reversed(list(enumerate(codes)))}
    unknown: list[str | None] = [None] * len(grids)
    inside = {(int(g), int(c)): float(s) for g, c, s in zip(found.grid, found.community, found.share, strict=True)}
    for grid, code in enumerate(named):
        if code is None:
            continue
        if code in position:
            own[grid] = position[code]
            share[grid] = inside.get((grid, position[code]), 0.0)
        else:
            unknown[grid] = code
    return Membership(own, share, unknown, found)


def community_findings(
    member: Membership,
    grids: Shapes,
    communities: Shapes,
    community_codes: list[str],
    plane: LocalPlane,
    rows: list[int | None],
    codes: list[str],
    *,
    least_share: float,
) -> list[Finding]:
    """Warnings ``missing-community`` and ``crosses-community``.

    Parameters
    ----------
    member, grids, communities, community_codes
        As in and from `membership`; empty grids are passed over.
    least_share
        A grid with less of its area in its own community crosses a border.
    """
    present = ~shapely.is_empty(grids)
    if not len(communities):
        return [_no_communities()] if present.any() else []
    findings = []
    for grid in np.flatnonzero(present & (np.array(member.unknown, dtype=object) != None)):  # noqa: E711
        place = plane.inside(grids[grid])
        findings.append(_unknown(rows[grid], codes[grid], place, str(member.unknown[grid])))
    known = present & (np.array(member.unknown, dtype=object) == None)  # noqa: E711
    for grid in np.flatnonzero(known & (member.own < 0)):
        place = plane.inside(grids[grid])
        findings.append(_outside_all(rows[grid], codes[grid], place))
    for grid in np.flatnonzero(known & (member.own >= 0) & (member.share < least_share)):
        place = plane.place(_outside_point(grids[grid], communities[member.own[grid]]))
        tops = _top_shares(member.shares, int(grid), community_codes)
        own = community_codes[member.own[grid]]
        findings.append(_crosses(rows[grid], codes[grid], place, own, float(member.share[grid]), tops))
    return findings


def _outside_point(grid: Any, community: Any) -> Any:
    rest = overlay("difference", np.array([grid], dtype=object), np.array([community], dtype=object))
    parts, _ = polygons_of(rest)
    return shapely.point_on_surface(parts[np.argmax(shapely.area(parts))] if len(parts) else grid)


def _top_shares(found: Shares, grid: int, codes: list[str]) -> dict[str, float]:
    start, end = np.searchsorted(found.grid, [grid, grid + 1])
    top = slice(start, min(end, start + TOP_SHARES))
    pairs = zip(found.community[top].tolist(), found.share[top].tolist(), strict=True)
    return {codes[community]: round(share, 4) for community, share in pairs}


def _no_communities() -> Finding:
    return Finding(
        "warning",
        "missing-community",
        "There are no communities to compare the grids with. Load the areas first, then the grids.",
        "没有可供比对的社区。请先导入区划，再导入网格。",
    )


def _unknown(row: int | None, code: str, place: Place, community: str) -> Finding:
    return Finding(
        "warning",
        "missing-community",
        f"Grid {code} names the community {community}, which is not known. Correct its code, or load that area first.",
        f"网格 {code} 所填的社区 {community} 不存在。请更正社区代码，或先导入该区划。",
        row,
        code,
        *place,
        {"community": community},
    )


def _outside_all(row: int | None, code: str, place: Place) -> Finding:
    return Finding(
        "warning",
        "missing-community",
        f"Grid {code} lies in no community. Check its place and coordinate system, or load the area it belongs to.",
        f"网格 {code} 不在任何社区内。请检查其位置和坐标系，或先导入所属区划。",
        row,
        code,
        *place,
    )


def _crosses(row: int | None, code: str, place: Place, community: str, share: float, tops: dict[str, float]) -> Finding:
    listed = ", ".join(f"{other} {part:.1%}" for other, part in tops.items())
    listed_zh = "、".join(f"{other} {part:.1%}" for other, part in tops.items())
    return Finding(
        "warning",
        "crosses-community",
        f"Only {share:.1%} of grid {code} lies in its community {community} ({listed or 'in no community'}). "
        "Move the border to the community's, or check which community it belongs to.",
        f"网格 {code} 只有 {share:.1%} 的面积位于所属社区 {community}（{listed_zh or '不在任何社区'}）。"
        "请按社区界线调整边界，或核实所属社区。",
        row,
        code,
        *place,
        {"community": community, "share": round(share, 4), "shares": tops},
    )


def used_communities(member: Membership, present: Flags) -> Positions:
    """Positions of the communities that grids belong to, ascending."""
    own = member.own[present]
    return np.unique(own[own >= 0])
