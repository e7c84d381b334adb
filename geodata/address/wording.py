"""Parts and reasons in words, English and Chinese, and an address written from its parts."""

import re
from collections.abc import Mapping
from typing import Final

from geodata.address.candidates import CORE_NAMES, SLOT_NAMES, Reason
from geodata.address.characters import fold

PARTS: Final[dict[str, tuple[str, str]]] = {
    "area": ("area", "区域"),
    "road": ("road", "道路"),
    "compound": ("compound", "小区"),
    "place": ("place", "地点"),
    "crossing": ("crossing", "路口"),
    "segment": ("section of the road", "路段"),
    "group": ("group", "组"),
    "lane": ("lane", "弄（巷）"),
    "alley": ("alley", "支弄"),
    "number": ("number", "门牌"),
    "section": ("section", "分区"),
    "building": ("building", "楼栋"),
    "unit": ("unit", "单元"),
    "floor": ("floor", "楼层"),
    "room": ("room", "房间"),
}
"""Names of the parts of an address, the widest first."""

_UNITS: Final = {
    "segment": "段", "group": "组", "lane": "弄", "alley": "弄", "number": "号", "section": "区", "building": "号楼",
    "unit": "单元", "floor": "层", "room": "室",
}  # fmt: skip
_LANES: Final = frozenset({"lane", "alley"})
_ORDER: Final = ("road", "segment", "group", "lane", "alley", "number", "compound", "place", "section", "building",
                 "unit", "floor", "room")  # fmt: skip

_TOLD: Final[dict[str, tuple[str, str]]] = {
    "name-same": ("{part} {name} as typed", "{part_zh}“{name}”一致"),
    "name-alias": ("{part} {name}, which was called {typed}", "{part_zh}“{name}”，按别名或简称“{typed}”认出"),
    "name-sound": ("{part} {name}, which sounds like {typed}", "{part_zh}“{name}”，与“{typed}”同音"),
    "name-near-sound": ("{part} {name}, which sounds nearly like {typed}", "{part_zh}“{name}”，与“{typed}”音近"),
    "name-slip": ("{part} {name}, typed as {typed}", "{part_zh}“{name}”，输入为“{typed}”，有个别字不同"),
    "name-pinyin": ("{part} {name}, from the pinyin {typed}", "{part_zh}“{name}”，按拼音“{typed}”认出"),
    "area-same": ("lies in {name}, as typed", "位于“{name}”，与输入一致"),
    "area-other": ("does not lie in {name}", "不在“{name}”"),
    "number-same": ("{part} {value} found", "{part_zh} {value} 已找到"),
    "number-missing": ("{part} {value} is not in the register", "{part_zh} {value} 不在地址库中"),
    "number-other": ("{part} {value} is not in the register", "{part_zh} {value} 不在地址库中"),
    "number-near": ("the nearest known is {value}", "最近的已知地址为“{value}”"),
    "pinned": ("{typed} was saved as {name} by a dispatcher", "“{typed}”已由调度员固定为“{name}”"),
    "verbatim": ("stands in the register word for word", "与地址库中的地址逐字一致"),
    "relation": ("“{text}”: it may lie on this side too", "“{text}”：也可能位于这一侧"),
    "datum": ("coordinates read as {value}", "坐标按 {value} 读取"),
    "area-alone": ("only the area {name} is known", "只认出区域“{name}”"),
}


def told(reason: Reason) -> tuple[str, str]:
    """A reason in English and in Chinese."""
    part, part_zh = PARTS.get(str(reason.facts.get("part", "")), ("", ""))
    facts = {**reason.facts, "part": part, "part_zh": part_zh}
    english, chinese = _TOLD[reason.code]
    return english.format_map(facts), chinese.format_map(facts)


def written(parts: Mapping[str, str], like: str = "") -> str:
    """An address written from its parts; empty where there are none.

    Parameters
    ----------
    like
        A text of the register that has the same parts: names and lanes are spelled as they are there.
    """
    folded, source = fold(like)
    pieces = []
    for part in _ORDER:
        value = parts.get(part, "")
        if not value:
            continue
        if part in CORE_NAMES:
            at = folded.find(value)
            pieces.append(like[source[at] : source[at + len(value) - 1] + 1] if at >= 0 else value)
        else:
            lane = re.search(rf"(?<!\d){re.escape(value)}(巷|弄|胡同|支弄)", folded) if part in _LANES else None
            pieces.append(value + (lane[1] if lane else _unit(part, value)))
    return "".join(pieces)


def within_unit(text: str, parts: Mapping[str, str]) -> str:
    """The text of a building, with its unit where that is a part and the text does not say it."""
    unit = parts.get("unit", "")
    bare = not unit or parts.get("building") is None or any(word in text for word in ("单元", "门", "梯"))
    return text if bare or not text.endswith(("号楼", "栋", "幢", "座", "楼")) else f"{text}{unit}{_UNITS['unit']}"


def _unit(part: str, value: str) -> str:
    word = _UNITS.get(part, "")
    return "座" if part == "building" and value.isalpha() else word


def wider(part: str) -> frozenset[str]:
    """The parts that a number of a part lies in: all names, and the numbers before it."""
    before = SLOT_NAMES[: SLOT_NAMES.index(part)] if part in SLOT_NAMES else SLOT_NAMES
    return frozenset((*CORE_NAMES, *before))


def narrowest(parts: Mapping[str, str]) -> str:
    """The narrowest of some parts; ``area`` where there are none."""
    order = (*CORE_NAMES, *SLOT_NAMES)
    return max((part for part in parts if part in order), key=order.index, default="area")
