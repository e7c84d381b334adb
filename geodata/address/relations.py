"""Words that say how a place lies to the one that is named: 对面, 北侧, 往东50米, 门口."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from geodata.address.noise import STOPS, Aside, aside
from geodata.address.numerals import numbers

SIDES: dict[str, tuple[str, ...]] = {
    "opposite": ("斜对面", "斜对过", "斜对门", "正对面", "马路对面", "街对面", "路对面", "对面", "对过", "对门"),
    "beside": (
        "紧挨着",
        "挨着",
        "紧挨",
        "紧邻",
        "毗邻",
        "相邻",
        "旁边",
        "旁侧",
        "隔壁",
        "边上",
        "边儿上",
        "侧面",
        "旁",
    ),
    "near": ("附近", "周边", "周围", "不远处", "不远", "靠近", "临近", "邻近", "一带", "左近"),
    "front": ("正前方", "前面", "前边", "前方", "楼前"),
    "behind": ("正后方", "背后", "后面", "后边", "后方", "楼后", "背面"),
    "left": ("左手边", "左边", "左侧", "左面"),
    "right": ("右手边", "右边", "右侧", "右面"),
    "below": ("楼底下", "楼下", "底下", "下面"),
    "above": ("楼上", "上面"),
    "inside": ("院子里", "里面", "里边", "内部"),
    "outside": ("外面", "外边"),
    "gate": ("大门口", "正门口", "后门口", "侧门口", "门口"),
    "between": ("之间", "中间"),
}
DIRECTIONS = {
    "东": "east",
    "南": "south",
    "西": "west",
    "北": "north",
    "东北": "northeast",
    "东南": "southeast",
    "西北": "northwest",
    "西南": "southwest",
}

_SIDE_OF = {word: side for side, words in SIDES.items() for word in words}
_CAREFULLY = {  # names end in these too: 石门口, 楼下
    **dict.fromkeys(("门口",), "(?<![东西南北石龙岩营城衙辕寨山铁木天国关闸沟])"),
    **dict.fromkeys(("楼下", "楼上"), "(?<![县镇乡村])"),
}
_AT_THE_END = {"旁", "边上", "侧面", "旁侧", "不远", "一带", "左近", "相邻", "对门"}
_AT_THE_END |= {word for side in list(SIDES)[3:] for word in SIDES[side]}
_DIRECTION = "东北|东南|西北|西南|东|南|西|北"
_NAME_GOES_ON = (  # 东侧路, 对面村, 山东面馆, 济南边防
    r"路(?![边口上灯面中旁])|街(?![边口上角])|桥(?![上下头])|门(?!口|前)|社区|大[街道]|[道巷弄村庄屯里湾河站镇乡]"
    r"|(?<=面)[馆条粉食点包店王皮业]|(?<=边)[防检境疆城关陲贸]"
)
_TAIL = rf"(?=$|[{STOPS}]|的|有|没|被|发生|停|乱|正|又|也|这|那|在|老是|总是|一直|经常|着火)"


def _either(words: Iterable[str]) -> str:
    return "|".join(_CAREFULLY.get(word, "") + word for word in sorted(words, key=lambda word: (-len(word), word)))


_BESIDE = re.compile(
    rf"的?(?P<free>{_either(_SIDE_OF.keys() - _AT_THE_END)})(?!{_NAME_GOES_ON})"
    rf"|(?<![东西南北])的?(?P<last>{_either(_AT_THE_END)}){_TAIL}"
    rf"|(?:(?<=[园苑院寓厦校司局店馆楼堂学社])|(?<=小区))(?P<gate>[东西南北])门口{_TAIL}"
    rf"|(?<!^)(?:的|正|偏)?(?P<direction>{_DIRECTION})"
    rf"(?:侧|边|面|方向|端|首|(?<=[东西][南北])角|(?<=口[东南西北])角)(?!{_NAME_GOES_ON})"
    rf"|(?<!^)(?:以(?P<beyond>{_DIRECTION})|(?:往|向|朝)(?P<towards>{_DIRECTION}){_TAIL})"
    rf"|(?:^|(?<=[{STOPS}]))(?P<from>距离?|离)(?=[一-鿿]{{3}})"
)
_METRES = re.compile(
    rf"(?:再|的|约)?(?P<towards>往|向|朝|以|偏|正|直行|直走|前行|走)?(?P<direction>{_DIRECTION}|前|后|左|右)?"
    r"(?>方向|侧|边|面|角|走|行|去|大约|大概|约|差不多|直走|再|过去|的){0,3}+"
    r"(?P<number>(?<![\d-])\d{1,4}(?:\.\d)?|[一二两三四五六七八九十百零几]{1,6}) ?(?P<unit>公里|千米|km|米|m)"
    r"(?![a-z粉线其兰特业铺面酒饭厂罗奇朵街巷村]|路(?![东西南北口]))"
    r"(?P<after>(?>左右|上下|处|远|开外|外|以内|内|的地方|的位置){0,3}+)"
)
_AFTER_BARE_METRES = frozenset("路的有对旁")
_HAS_RELATION = re.compile(  # its alternatives begin with plain characters: fast where there is nothing
    rf"{'|'.join(sorted(_SIDE_OF))}|东[侧边面方端首角]|南[侧边面方端首角]|西[侧边面方端首角]|北[侧边面方端首角]"
    "|以[东南西北]|往[东南西北]|向[东南西北]|朝[东南西北]|距|离|米|公里|[0-9] ?k?m"
)
_STAKES = frozenset({"公里", "千米", "km"})
_NUMBERED_BY_STAKES = ("国道", "省道", "县道", "乡道", "高速", "公路")
_STAKED = 2
"""205国道13公里处 is a place on the road, no distance to it."""
_NEAR_IN_BRACKET = re.compile("^(?:近|靠近?|邻近?|挨着?|距离?|离|在)")
_INTERVALS = {"公里": 1000.0, "千米": 1000.0, "km": 1000.0, "米": 1.0, "m": 1.0}


def find_relations(text: str) -> Iterator[Aside]:
    """Relations in a folded text.

    Returns
    -------
    iterator of Aside
        Their facts: ``side``, a key of `SIDES`, a value of `DIRECTIONS`, or empty; ``metres``, a float, where a
        distance is told; ``direction`` for a gate in a direction.

    Notes
    -----
    Words that are also parts of names count at the end of the address only: 门口, 楼下, 后面. A crossing's words (路口,
    交叉口) are no relations, they name the place.
    """
    if _HAS_RELATION.search(text):
        yield from _told_distances(text)
        for match in _BESIDE.finditer(text):
            yield aside("relation", match, _facts(match))


def relation_of(text: str) -> dict[str, Any]:
    """The facts of a hint in brackets: 近银座大厦 is near; empty if it tells no relation."""
    found = next(find_relations(text), None)
    if found is not None:
        return dict(found.facts)
    return {"side": "near"} if _NEAR_IN_BRACKET.match(text) else {}


def _facts(match: re.Match[str]) -> dict[str, Any]:
    if match["gate"]:
        return {"side": "gate", "direction": DIRECTIONS[match["gate"]]}
    if match["from"]:
        return {"side": "near"}
    word = match["free"] or match["last"]
    return {"side": _SIDE_OF[word] if word else DIRECTIONS[match["direction"] or match["beyond"] or match["towards"]]}


def _told_distances(text: str) -> Iterator[Aside]:
    for match in _METRES.finditer(text):
        if match["unit"] in _STAKES and text.startswith(_NUMBERED_BY_STAKES, match.start() - _STAKED):
            continue
        led = bool(match["direction"] or match["towards"] or match["after"])
        if not led and not _bare_metres(text, match):
            continue
        metres = _length(match["number"])
        if metres is not None:
            facts = {"side": _towards(match["direction"]), "metres": metres * _INTERVALS[match["unit"]]}
            yield aside("relation", match, facts)


def _bare_metres(text: str, match: re.Match[str]) -> bool:
    """Whether a number of metres is a distance without a word that says so: 三米 and 12m may be names."""
    following = text[match.end() : match.end() + 1]
    ends = not following.isalnum() or following in _AFTER_BARE_METRES
    return ends and not match["unit"].isascii() and match["number"][0].isdigit()


def _length(written: str) -> float | None:
    if written[0].isdigit():
        return float(written)
    found = numbers(written.replace("两", "二"))
    return float(found[0].value) if len(found) == 1 else None


def _towards(word: str | None) -> str:
    return {**DIRECTIONS, "前": "front", "后": "behind", "左": "left", "右": "right"}.get(word or "", "")
