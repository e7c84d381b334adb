"""What to ask the caller, where a text may mean several grids or none: the part that tells them apart."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from geodata.address.candidates import CORE_NAMES, SLOT_NAMES
from geodata.address.wording import PARTS

_NEXT: Final = {
    "area": "road",
    "road": "number",
    "segment": "number",
    "group": "number",
    "lane": "number",
    "alley": "number",
    "compound": "building",
    "number": "building",
    "section": "building",
    "building": "unit",
}
_MOST_OPTIONS: Final = 6
_MATTERS: Final = 0.15
_AREA_ENDS: Final = ("街道", "社区", "区", "县", "市", "镇", "乡")
_OPEN: Final[dict[str, tuple[str, str]]] = {
    "road": ("ask for the road and number, or the compound and building", "请问路名和门牌号，或小区和楼号？"),
    "number": ("ask for the number on the door", "请问门牌号是多少？"),
    "building": ("ask for the building, or the number on the door", "请问是几号楼，或门牌号是多少？"),
    "unit": ("ask for the unit, or which side of the building", "请问是几单元，或在楼的哪一侧？"),
    "landmark": ("ask for a shop, a crossing or a known place nearby", "请问附近有什么店铺、路口或知名地点？"),
}

Question = dict[str, Any]


def which_question(part: str, options: Sequence[str]) -> Question:
    """Which of some options it is."""
    shown = list(options[:_MOST_OPTIONS])
    name, name_zh = PARTS[part]
    return {
        "part": part,
        "message": f"ask which {name}: {' or '.join(shown)}",
        "message_zh": f"请问{name_zh}是{'，还是'.join(shown)}？",
        "options": shown,
    }


def _which_of(labels: Sequence[str]) -> Question:
    """Which of some places it is that differ in more than a part; what all begin with is not told."""
    least = min(map(len, labels))
    same = next((k for k in range(least) if len({label[k] for label in labels}) > 1), least)
    # 碧望街道 is left away, never half a name or a number.
    cut = max((labels[0].rfind(ending, 0, same) + len(ending) for ending in _AREA_ENDS if ending in labels[0][:same]),
              default=0)  # fmt: skip
    shown = [label[cut:] for label in labels[:_MOST_OPTIONS]]
    return {
        "part": "address",
        "message": f"ask which it is: {' or '.join(shown)}",
        "message_zh": f"请问是{'，还是'.join(shown)}？",
        "options": shown,
    }


def open_question(part: str) -> Question:
    """What a part of the address is."""
    message, message_zh = _OPEN[part]
    return {"part": part, "message": message, "message_zh": message_zh, "options": []}


def side_question(grids: Sequence[tuple[str, str]]) -> Question:
    """On which side of a border it is: a caller knows no grids, but the side of the road or what stands there.

    Parameters
    ----------
    grids
        Names and codes; a code is told only where a name is that of several.
    """
    names = [name for name, _ in grids]
    shown = [name if names.count(name) == 1 else f"{name} {code}" for name, code in grids][:_MOST_OPTIONS]
    return {
        "part": "side",
        "message": f"ask on which side of the road it is, or for a number there; it may be {' or '.join(shown)}",
        "message_zh": f"请问在路的哪一侧，或那里的门牌号是多少？可能属于{'，或'.join(shown)}",
        "options": shown,
    }


def crossing_question() -> Question:
    """What to ask where two roads are known and no crossing of them."""
    return {
        "part": "landmark",
        "message": "the register has no crossing of these roads: ask for a number, a shop or a known place nearby",
        "message_zh": "地址库中没有这两条路的路口：请问附近的门牌号、店铺或知名地点？",
        "options": [],
    }


def landmark_question() -> Question:
    """What to ask where the number is not known: what stands beside it."""
    return {
        "part": "landmark",
        "message": "the number is not in the register: ask for the compound, a shop or a crossing nearby",
        "message_zh": "地址库中没有这个号码：请问附近的小区、店铺或路口？",
        "options": [],
    }


def nothing_question() -> Question:
    """What to ask where nothing was understood."""
    return {
        "part": "address",
        "message": "ask for the road and number, the compound and building, or a known place nearby",
        "message_zh": "请问路名和门牌号、小区和楼号，或附近的知名地点？",
        "options": [],
    }


def differing_question(candidates: Sequence[Mapping[str, Any]]) -> Question:
    """What tells candidates apart.

    Parameters
    ----------
    candidates
        As in an answer, at least one, the likeliest first; those that hardly matter are not asked about.
    """
    best = max(float(one["score"]) for one in candidates)
    matter = [one for one in candidates if float(one["score"]) >= _MATTERS * best]
    candidates = matter if len(matter) > 1 else candidates[:2]
    for part in (*CORE_NAMES, *SLOT_NAMES):
        values = list(dict.fromkeys(str(one["parts"].get(part, "")) for one in candidates))
        if len(values) > 1 and all(values):
            return which_question(part, values)
        labels = list(dict.fromkeys(str(one["label"]) for one in candidates))
        if len(values) > 1 and part in CORE_NAMES and len(labels) > 1:
            return _which_of(labels)
    areas = _differing_areas([one["areas"] for one in candidates])
    if len(areas) > 1:
        return which_question("area", areas)
    if not all(one["exact"] for one in candidates):
        return landmark_question()
    several = len({str(one["label"]) for one in candidates}) > 1
    missing = "landmark" if several else _NEXT.get(str(candidates[0]["level"]), "landmark")
    return open_question(missing)


def _differing_areas(chains: Sequence[Sequence[str]]) -> list[str]:
    """Names of the widest level at which chains of areas, the narrowest first, part."""
    downward = [list(reversed(chain)) for chain in chains if chain]
    for depth in range(max(map(len, downward), default=0)):
        names = list(dict.fromkeys(chain[depth] for chain in downward if len(chain) > depth))
        if len(names) > 1:
            return names
    return []
