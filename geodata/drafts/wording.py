"""What findings about a draft say, in English and Chinese."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from geodata.grid.plane import Place
from geodata.records import Finding, Severity

_BORDER: Final = "The border of {name} ({code}) moves with the grids: {moved}."
_BORDER_ZH: Final = "“{name}”（{code}）的界线将随网格调整：{moved_zh}。"

_TEXTS: Final[Mapping[str, tuple[str, str]]] = {
    "code-taken": (
        "The code {code} is taken by another grid, or was once: codes are never used again. Give this grid another.",
        "编码“{code}”正由或曾由其他网格使用，编码不得重复使用，请为该网格另设编码。",
    ),
    "name-twice": (
        "Another grid of the same community is called “{name}” too. Rename one of them.",
        "同一社区内另有网格名为“{name}”，请修改其中一个名称。",
    ),
    "size-band/below": (
        "Grid {code} has {about}{people}, too few by the band of {band} ({source}). Merge it with a "
        "neighbour, or hand it more ground.",
        "网格“{code}”{about_zh}有 {households} 户，低于 {band} 户的标准（{source_zh}）。"
        "请与相邻网格合并，或划入更多范围。",
    ),
    "size-band/above": (
        "Grid {code} has {about}{people}, more than {band} ({source}). Split it, or hand part of it over.",
        "网格“{code}”{about_zh}有 {households} 户，多于标准 {band} 户（{source_zh}）。请拆分该网格，或划出部分范围。",
    ),
    "across-barrier": (
        "{barrier_told} runs through grid {code} with no way across inside it: {away:.0%} of the grid cannot be walked "
        "to from the rest. Draw the border along it.",
        "{barrier_told_zh}穿过网格“{code}”，网格内没有通道相连，{away:.0%} 的范围无法从其余部分步行到达。"
        "请以其为界划分。",
    ),
    "border-off-street": (
        "Only {share:.0%} of the border of grid {code} towards other grids follows a street, wall, river or railway "
        "(within {within_metres:.0f} m): nobody can see it on the ground.",
        "网格“{code}”与其他网格的边界仅 {share:.0%} 沿道路、围墙、河流或铁路（{within_metres:.0f} 米以内），"
        "现场难以辨认。",
    ),
    "nobody-on-duty": (
        "Nobody has a duty for grid {code}. Assign a grid worker before it takes effect.",
        "网格“{code}”尚无责任人，请在生效前安排网格员。",
    ),
    "missing-community": (
        "Grid {code} is in no community. Move it into one.",
        "网格“{code}”不属于任何社区，请划入社区。",
    ),
    "crosses-community": (
        "Only {share:.1%} of grid {code} is in its community {community_name}. Move the border, or the grid to the "
        "other community.",
        "网格“{code}”仅 {share:.1%} 的范围在所属社区“{community_name}”内，请调整边界，或将网格划归另一社区。",
    ),
    "many-parts": (
        "Grid {code} consists of {parts} separate parts, the smallest of {square_metres:,.0f} m². Check that this is "
        "meant.",
        "网格“{code}”由 {parts} 个不相连的部分组成，最小的 {square_metres:,.0f} 平方米，请核实是否有意为之。",
    ),
    "sliver": (
        "Grid {code} is so small or thin ({square_metres:,.1f} m²) that it is probably left over from drawing. "
        "Merge it into a neighbour.",
        "网格“{code}”过小或过窄（{square_metres:,.1f} 平方米），可能是绘制残留，请并入相邻网格。",
    ),
    "community-border": (
        f"{_BORDER} The community must agree.",
        f"{_BORDER_ZH}须经相关社区同意。",
    ),
    "community-border/above": (
        f"{_BORDER} Borders above communities are decided by a higher authority: have it approved first.",
        f"{_BORDER_ZH}社区以上区划界线的变更须依法报批。",
    ),
    "other-layer": (
        "{layer_name_en}: {codes} would reach beyond the new border of {name} ({code}). Redraw them in a draft of that "
        "layer, too, or move them to the other community.",
        "“{layer_name}”的网格 {codes_zh} 将越出“{name}”（{code}）的新界线，请在该类网格的草案中一并调整，"
        "或将其划归另一社区。",
    ),
    "other-layer/ended": (
        "{layer_name_en}: {codes} belong to {name} ({code}), which ends. When this is published they go with it, as a "
        "release of that layer: tell those who keep it.",
        "“{layer_name}”的网格 {codes_zh} 属于将撤销的“{name}”（{code}），发布时将随之改属并生成该类网格的新版本，"
        "请告知其管理人员。",
    ),
    "counts-left": (
        "Counts were loaded for grid {code} as a whole ({names}). Its ground changes and nobody can divide them: count "
        "by the new grids and load counts again once this is in force.",
        "网格“{code}”有整体导入的统计数（{names_zh}），范围变更后无法自动拆分，请在生效后按新网格重新统计并导入。",
    ),
    "counts-left/ended": (
        "Counts were loaded for grid {code} as a whole ({names}). Its code ends and nobody can divide them: count by "
        "the new grids and load counts again once this is in force.",
        "网格“{code}”有整体导入的统计数（{names_zh}），其编码停用后无法自动归入其他网格，请在生效后按新网格重新统计并导入。",
    ),
}

_LISTED: Final = 5

_BARRIERS: Final = {
    "water": ("Water", "水域"),
    "railway": ("A railway", "铁路"),
    "wall": ("A wall", "围墙"),
    "motorway": ("A motorway", "高速公路"),
}


def told(kind: str, code: str, place: Place, facts: Mapping[str, Any], **texts: Any) -> Finding:
    """A finding about a grid or area.

    Parameters
    ----------
    kind
        As in `rules`; what follows a slash chooses among its texts.
    facts
        Kept with the finding; texts may name them.
    texts
        What texts name besides.
    """
    name = kind.partition("/")[0]
    words = {**facts, **texts, "code": code}
    words["about"], words["about_zh"] = ("about ", "约") if facts.get("estimated") else ("", "")
    if name == "size-band":
        words["people"] = _households(facts["households"])
    if name == "community-border":
        words["moved"], words["moved_zh"] = _moved(words)
    if "barrier" in facts:
        words["barrier_told"], words["barrier_told_zh"] = _barrier(facts["barrier"], facts["barrier_name"])
        words["away"] = facts["smaller_share"]
    english, chinese = (text.format(**words) for text in _TEXTS[kind])
    severity: Severity = "error" if name == "code-taken" else "warning"
    lon, lat = (float(value) for value in place)
    return Finding(severity, name, english, chinese, code=code, lon=lon, lat=lat, facts=dict(facts))


def _households(count: int) -> str:
    return f"{count:,} household" if count == 1 else f"{count:,} households"


def _moved(words: Mapping[str, Any]) -> tuple[str, str]:
    """What an area gains and loses, as far as it is anything."""
    found = []
    for side, more, chinese in (("gained", "more", "划入"), ("lost", "less", "划出")):
        ground, households = words[f"{side}_square_metres"], words[f"{side}_households"]
        if ground or households:
            people = f"{words['about']}{_households(households)}"
            found.append(
                (
                    f"{ground:,.0f} m² with {people} {more}",
                    f"{chinese} {ground:,.0f} 平方米、{words['about_zh']}{households:,} 户",
                )
            )
    return "; ".join(english for english, _ in found), "；".join(one for _, one in found)


def listed(names: Iterable[str]) -> tuple[str, str]:
    """Codes or names in a line, English and Chinese: the first five, and how many there are of more."""
    found = list(names)
    shown, more = found[:_LISTED], len(found) - _LISTED
    if more > 0:
        return f"{', '.join(shown)} and {more:,} more", f"{'、'.join(shown)} 等 {len(found):,} 个"
    if len(found) < 2:
        return "".join(found), "".join(found)
    return f"{', '.join(found[:-1])} and {found[-1]}", "、".join(found)


def _barrier(kind: str, name: str) -> tuple[str, str]:
    english, chinese = _BARRIERS.get(kind, ("A barrier", "障碍"))
    return (f"{english} ({name})", f"{chinese}“{name}”") if name else (english, chinese)
