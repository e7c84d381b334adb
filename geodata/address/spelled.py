"""Numbers and unit words that were typed as pinyin: 3haolou2danyuan, huafuyiqi."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from geodata.address.normalize import Normal
from geodata.address.sounds import SYLLABLES, split_pinyin

_UNITS: Final = {
    ("hao", "lou"): "号楼", ("hao",): "号", ("dong",): "栋", ("zhuang",): "幢", ("dan", "yuan"): "单元", ("lou",): "楼",
    ("shi",): "室", ("ceng",): "层", ("zuo",): "座", ("qi",): "期", ("men",): "门", ("nong",): "弄", ("xiang",): "巷",
    ("duan",): "段", ("zu",): "组", ("qu",): "区", ("jie", "fang"): "街坊",
    ("fang",): "坊", ("dui",): "队",
}  # fmt: skip
_UNIT_INITIALS: Final = {"d": "段", "q": "期"}
_NUMERAL_INITIALS: Final = {
    "y": "一", "e": "二", "s": "三四十", "w": "五", "l": "六", "q": "七", "b": "八", "j": "九",
}  # fmt: skip
_LEAST_OF_INITIALS: Final = 4
_JOINTS: Final[dict[tuple[str, ...], str]] = {("fu",): "附", ("zhi",): "之"}
_NUMERALS: Final = {
    "ling": "零", "yi": "一", "er": "二", "san": "三", "si": "四", "wu": "五", "liu": "六", "qi": "七", "ba": "八",
    "jiu": "九", "shi": "十", "bai": "百", "yao": "幺",
}  # fmt: skip
_BEFORE_BUILDING: Final = ("座", "栋", "幢", "号楼")
_LETTER_OF_BUILDING: Final = re.compile("([a-z]{4,})([a-z])(haolou|zuo|dong|zhuang)([a-z]*)")
_LETTERS: Final = re.compile(r"[a-z]+")
_UNIT: Final = f"(?P<unit>{'|'.join(' '.join(unit) for unit in _UNITS)})(?![a-z])"
_APART: Final = (
    re.compile(f"(?<=[0-9]) {_UNIT}"),
    re.compile(rf"\b(?P<numerals>(?:(?:{'|'.join(_NUMERALS)}) )+)(?<!\bshi )(?!shi\b){_UNIT}"),
    re.compile(r"\b(?P<letter>[a-z]) (?P<unit>hao lou|zuo|dong|zhuang)(?![a-z])"),
    re.compile("(?<=号) ?(?P<joint>fu|zhi) (?=[0-9])"),
)
"""Syllables that stand apart and number something: 3 hao lou, er qu, f dong, 号 fu 6; 市区 is no 十区."""
_TWICE: Final = re.compile("([一-鿿]{3,12}) ?\\1")
_AND: Final = re.compile("(?<=[号楼室层])(?:以?及|和|或|与)")
_LEAST_OF_NAME: Final = 2
"""Syllables that are left for a name before a number that ends a word."""


def respelled(normal: Normal) -> Normal:
    """The text with unit words behind digits, and numbers with unit words at the end of a word, in characters.

    Each character comes from the first letter that it stands for.
    """
    normal = _once(normal)
    for pattern in _APART:
        normal = _replaced(normal, pattern) if pattern.search(normal.text) else normal
    text: list[str] = []
    source: list[int] = []
    position = 0
    for run in _LETTERS.finditer(normal.text):
        text.append(normal.text[position : run.start()])
        source += normal.source[position : run.start()]
        behind_digit = normal.text[run.start() - 1 : run.start()].isdigit()
        before_digit = normal.text[run.end() : run.end() + 1].isdigit()
        found = _pieces(run.group(), behind_digit=behind_digit, before_digit=before_digit)
        if len(found) == 1 and len(run.group()) > 2 and normal.text.startswith(_BEFORE_BUILDING, run.end()):
            found = _parted(run.group())
        for piece, offset in found:
            begin = run.start() + offset
            letters = piece.isascii()
            source += normal.source[begin : begin + len(piece)] if letters else [normal.source[begin]] * len(piece)
            text.append(piece)
        position = run.end()
    if not position:
        return normal
    text.append(normal.text[position:])
    source += normal.source[position:]
    return replace(normal, text="".join(text), source=tuple(source))


def _once(normal: Normal) -> Normal:
    """The text without a name that is said twice at once: 石井村，石井村42号."""
    found = _TWICE.search(normal.text)
    if found is None:
        return normal
    text = f"{normal.text[: found.end(1)]}{normal.text[found.end() :]}"
    source = (*normal.source[: found.end(1)], *normal.source[found.end() :])
    return replace(normal, text=text, source=source)


def _replaced(normal: Normal, pattern: re.Pattern[str]) -> Normal:
    """The text with syllables that stand apart and number something in characters: 3 hao lou, er qu, fu 6."""
    text: list[str] = []
    source: list[int] = []
    position = 0
    for found in pattern.finditer(normal.text):
        text.append(normal.text[position : found.start()])
        source += normal.source[position : found.start()]
        said = found.groupdict("")
        numerals = "".join(_NUMERALS[syllable] for syllable in said.get("numerals", "").split())
        unit = _UNITS.get(tuple(said.get("unit", "").split()), _JOINTS.get((said.get("joint", ""),), ""))
        written = f"{numerals}{said.get('letter', '')}{unit}"
        text.append(written)
        source += [normal.source[found.start()]] * len(written)
        position = found.end()
    text.append(normal.text[position:])
    source += normal.source[position:]
    return replace(normal, text="".join(text), source=tuple(source))


def respellings(normal: Normal) -> Iterator[Normal]:
    """Other texts that may be meant: initials that end with a number and its unit word, the first of two addresses.

    lsflwd is 罗斯福路 and 五段; 连云街3号及新生南路1段124号 is first of all 连云街3号.
    """
    for run in _LETTERS.finditer(normal.text):
        letters = run.group()
        unit = _UNIT_INITIALS.get(letters[-1])
        if unit is None or len(letters) < _LEAST_OF_INITIALS or split_pinyin(letters):
            continue
        cut = run.end() - 2
        for numeral in _NUMERAL_INITIALS.get(letters[-2], ""):
            text = f"{normal.text[:cut]}{numeral}{unit}{normal.text[run.end() :]}"
            yield replace(normal, text=text)
    for match in _AND.finditer(normal.text):
        yield replace(normal, text=normal.text[: match.start()], source=normal.source[: match.start()])
        break


def _pieces(letters: str, *, behind_digit: bool, before_digit: bool) -> list[tuple[str, int]]:
    """Letters and characters that a word becomes, each with the place of its first letter."""
    ids = split_pinyin(letters)
    if not ids:
        return _with_building(letters)
    syllables = tuple(SYLLABLES[one - 1] for one in ids)
    places = [0]
    for syllable in syllables:
        places.append(places[-1] + len(syllable))
    first, last, pieces = 0, len(syllables), []
    if behind_digit:
        unit, first = _unit_from(syllables, 0)
        pieces += [(unit, 0)] if unit else []
    if behind_digit and before_digit and syllables[first:] in _JOINTS:
        return [*pieces, (_JOINTS[syllables[first:]], places[first])]
    tail, begin = _number_at_end(syllables, first)
    if tail:
        last = begin
    if first < last:
        pieces.append((letters[places[first] : places[last]], places[first]))
    return pieces + ([(tail, places[last])] if tail else [])


def _with_building(letters: str) -> list[tuple[str, int]]:
    """Pieces of a word that holds the letter of a building: yunjinjiayuankhaolou2."""
    found = _LETTER_OF_BUILDING.fullmatch(letters)
    if found is None or not split_pinyin(found[1]):
        return [(letters, 0)]
    rest = found.start(3)
    behind = [
        (piece, rest + offset) for piece, offset in _pieces(letters[rest:], behind_digit=True, before_digit=False)
    ]
    before = _pieces(found[1], behind_digit=False, before_digit=False)
    return [*before, (f" {found[2]}", found.start(2)), *behind]


def _parted(letters: str) -> list[tuple[str, int]]:
    """A word before 座 or 栋: it ends with the building's letter unless it is pinyin as it stands (jinta座)."""
    ids = split_pinyin(letters)
    if ids and len(SYLLABLES[ids[-1] - 1]) > 1:
        return [(letters, 0)]
    return [(letters[:-1], 0), (f" {letters[-1]}", len(letters) - 1)]


def _unit_from(syllables: tuple[str, ...], start: int) -> tuple[str, int]:
    for size in (2, 1):
        unit = _UNITS.get(syllables[start : start + size])
        if unit:
            return unit, start + size
    return "", start


def _number_at_end(syllables: tuple[str, ...], start: int) -> tuple[str, int]:
    """The number or letter with its unit word that ends a word, and where it begins; empty where no name is left."""
    for size in (2, 1):
        unit = _UNITS.get(syllables[len(syllables) - size :])
        begin = end = len(syllables) - size
        while unit and begin > start and syllables[begin - 1] in _NUMERALS:
            begin -= 1
        if unit and begin < end and (begin - start >= _LEAST_OF_NAME or begin == start):
            return "".join(_NUMERALS[syllable] for syllable in syllables[begin:end]) + unit, begin
        if unit in _BEFORE_BUILDING and begin - start > _LEAST_OF_NAME and len(syllables[begin - 1]) == 1:
            return f" {syllables[begin - 1]}{unit}", begin - 1
    return "", len(syllables)
