"""What grids built from lists leave to look at: each doubt as a finding with its row and place."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import shapely

from geodata.grid.lists import Built, Doubt
from geodata.grid.plane import LocalPlane, Place, Shapes
from geodata.intake.claimed import Claimed, Unlisted, against_lists
from geodata.intake.list_words import short_list
from geodata.intake.listed import GridList
from geodata.records import Finding

LISTED = 50
"""Findings of one kind in one community that are listed; the rest is counted."""


def doubt_findings(
    built: Built,
    lists: Sequence[GridList],
    claimed: Claimed,
    left: Sequence[Unlisted],
    communities: Sequence[str],
    plane: LocalPlane,
) -> list[Finding]:
    """Warnings about what was guessed, and one for each community about what the borders follow.

    Parameters
    ----------
    built, lists, claimed, left
        From the stages before.
    communities
        Name of each community by its position.
    plane
        In which metres are measured.
    """
    said: list[tuple[int, Finding]] = [
        (lists[doubt.grids[0]].place, _doubt(doubt, lists, plane)) for doubt in built.doubts
    ]
    said += [
        (lists[mine].place, _against(mine, has, which, lists, claimed, plane))
        for (mine, has), which in against_lists(claimed, built.shapes).items()
    ]
    said += [(one.place, _unlisted(one, lists, built.shapes, communities, plane)) for one in left]
    findings = _bounded(said, communities)
    for place, name in enumerate(communities):
        grids = [at for at, grid in enumerate(lists) if grid.place == place and built.border_metres[at] > 0]
        if grids:
            findings.append(_borders(name, grids, lists, built))
    return findings


def _bounded(said: Sequence[tuple[int, Finding]], communities: Sequence[str]) -> list[Finding]:
    seen: Counter[tuple[int, str]] = Counter()
    kept = []
    for place, finding in said:
        seen[place, finding.kind] += 1
        if seen[place, finding.kind] <= LISTED:
            kept.append(finding)
    for (place, kind), count in seen.items():
        if count > LISTED:
            more, name = count - LISTED, communities[place]
            kept.append(
                Finding(
                    "warning",
                    kind,
                    f"{more} more places of this kind in {name}.",
                    f"{name}另有 {more} 处同类情况。",
                    facts={"places": more, "community": name},
                )
            )
    return kept


def _doubt(doubt: Doubt, lists: Sequence[GridList], plane: LocalPlane) -> Finding:
    first = lists[doubt.grids[0]]
    codes = [lists[at].code for at in doubt.grids]
    place = Place(doubt.east / plane.metres_east + plane.lon, doubt.north / plane.metres_north + plane.lat)
    area, listed, listed_zh = f"{doubt.square_metres:,.0f}", ", ".join(codes[:6]), "、".join(codes[:6])
    kind, message, message_zh = {
        "divided": (
            "divided-block",
            f"Grids {listed} share a block; {doubt.metres:.0f} m of the border in it follow neither street nor wall.",
            f"网格 {listed_zh} 同在一个街区，其间有 {doubt.metres:.0f} 米边界未沿道路或围墙，请核对。",
        ),
        "unlisted": (
            "unlisted-ground",
            f"Nothing in this block ({area} m²) is in a list; it went to {listed}.",
            f"该街区（{area} 平方米）不在任何清单中，暂划归 {listed_zh}，请核对。",
        ),
        "detached": (
            "detached-part",
            f"Grid {listed} has a part ({area} m²) that lies apart: check the list, or let it be two grids.",
            f"网格 {listed_zh} 有一块（{area} 平方米）与其余部分不相连，请核对清单或拆分网格。",
        ),
        "given-away": (
            "given-away-part",
            f"A small part ({area} m²) of grid {codes[-1]} that lies apart went to grid {codes[0]}.",
            f"网格 {codes[-1]} 的一小块飞地（{area} 平方米）已划归网格 {codes[0]}，请核对。",
        ),
    }[doubt.kind]
    facts = {"others": codes, "square_metres": round(doubt.square_metres), "metres": round(doubt.metres)}
    return Finding("warning", kind, message, message_zh, first.row, first.code, *place, facts)


def _against(
    mine: int, has: int, which: Sequence[int], lists: Sequence[GridList], claimed: Claimed, plane: LocalPlane
) -> Finding:
    listed, other = lists[mine], lists[has]
    labels = short_list((claimed.labels[at] for at in which), 5)
    place = plane.inside(claimed.claims.shapes[which[0]])
    households = int(claimed.weights[list(which)].sum())
    return Finding(
        "warning",
        "against-list",
        f"Grid {listed.code} lists {labels}, but it stands within what grid {other.code} lists, and came to it.",
        f"网格 {listed.code} 列有{labels}，但其位于网格 {other.code} 的范围之内，已划归后者，请核对。",
        listed.row,
        listed.code,
        *place,
        {"other": other.code, "other_row": other.row, "items": len(which), "households": households},
    )


def _unlisted(
    one: Unlisted, lists: Sequence[GridList], shapes: Shapes, communities: Sequence[str], plane: LocalPlane
) -> Finding:
    point = shapely.point_on_surface(one.shape)
    mine = np.flatnonzero([grid.place == one.place for grid in lists])
    grid = lists[int(mine[int(np.nanargmin(shapely.distance(shapes[mine], point)))])] if mine.size else None
    items, name = short_list(one.items, 5), communities[one.place]
    went = f" By its place it comes to grid {grid.code}." if grid else ""
    went_zh = f"按位置暂归网格 {grid.code}。" if grid else ""
    return Finding(
        "warning",
        "unlisted-doors",
        f"{len(one.items)} doors or buildings of {one.what} in {name} ({one.households} households) are in no list: "
        f"{items}.{went}",
        f"{name}的“{one.what}”有 {len(one.items)} 个门牌或楼栋（{one.households} 户）不在任何清单中：{items}。"
        f"{went_zh}",
        None,
        grid.code if grid else None,
        *plane.place(point),
        {"what": one.what, "count": len(one.items), "households": one.households, "community": name},
    )


def _borders(name: str, grids: Sequence[int], lists: Sequence[GridList], built: Built) -> Finding:
    shares = {lists[at].code: round(float(built.drawn_metres[at] / built.border_metres[at]), 3) for at in grids}
    whole = float(built.drawn_metres[list(grids)].sum() / built.border_metres[list(grids)].sum())
    least = min(shares, key=lambda code: (shares[code], code))
    return Finding(
        "warning",
        "borders-drawn",
        f"{name}: {len(grids)} grids drawn from lists; {whole:.0%} of the borders between them follow streets or "
        f"walls, least those of grid {least} ({shares[least]:.0%}).",
        f"{name}：按清单生成 {len(grids)} 个网格，相互边界有 {whole:.0%} 沿道路或围墙，"
        f"其中网格 {least} 最低（{shares[least]:.0%}）。",
        facts={"community": name, "share": round(whole, 3), "grids": shares},
    )
