"""Numbers of an address with the words that say what they number: 12号, 甲3号楼, 二单元, 7-6-1046."""

import re
from dataclasses import dataclass, replace
from typing import Final

from geodata.address.numerals import Number, heard, numbers
from geodata.address.sounds import readings, syllable_id
from geodata.address.words import LETTER_UNITS, LONGEST_UNIT_WORD, MARKS, NUMERAL_VALUES, STEMS, UNIT_WORDS, Unit

_JOINTS: Final = frozenset({"附", "之", "号附", "号之", "号-", "号杠", "号副", "副"})
_DASHES: Final = ("-", "杠")
_NAMES_BEGIN_SO: Final = "丁辛" + MARKS
_UNIT_BEGINNINGS: Final = frozenset(word[0] for word in UNIT_WORDS)
_ALSO_NAMES: Final = frozenset("门房户排队社坊")
_NO_NAMES: Final = frozenset("期组")
_SOUNDING: Final = {
    tuple(syllable_id(syllable) for syllable in sound.split()): unit
    for sound, unit in (
        ("hao lou", Unit.BUILDING), ("dan yuan", Unit.ENTRANCE), ("hao", Unit.DOOR), ("dong", Unit.BUILDING),
        ("lou", Unit.STOREY),
    )
}  # fmt: skip
_ROADS: Final = ("路", "街", "道", "大街", "大道", "胡同", "条")
_ROAD_LASTS: Final = tuple("路街道巷弄条同")
"""Last characters of roads: 中山路12# is a door."""
_NUMBERED_ROADS: Final = ("大街", "大道", "路", "街", "支路")
_NOT_BEFORE: Final = {"楼": frozenset("道梯上下顶"), "门": frozenset("口前外面市头诊")}
"""What follows a word that is no unit word then: 25号 楼道, 58号 门口."""
_CHAIN: Final = re.compile("(?:-[0-9]{1,4})+(?:$|[ 室户房号]|单元)")
"""What a building's letter may begin: e-2-502; A-32地块 is no building."""
_COUNTED: Final = re.compile("个|岁|人(?!民)|点(?!心)|月|日(?!照)|年|小时|分钟|平米|平方|次|辆|万|地块|标段")
_ROMAN: Final = {
    roman: str(value) for value, roman in enumerate(("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x"), 1)
}
_LONGEST_ROMAN: Final = 4
_GOING_ON: Final = frozenset("附之副和与及至到或杠" + STEMS)
_NAME_LIKE: Final = frozenset({Unit.BARE, Unit.SECTION, Unit.SEGMENT, Unit.GROUP, Unit.LANE, Unit.NEIGHBOURHOOD})


@dataclass(frozen=True, slots=True)
class Numbered:
    """A number in a folded text.

    Parameters
    ----------
    value
        Canonical: ``12``, ``12-1`` (附1, 之1), ``12甲`` (甲12), ``a``, ``3a``.
    unit
        What it numbers, by its unit word.
    start, end
        Of the number with its unit word.
    how
        As in `numerals.Number`.
    linked
        Whether a dash joins it to the next number: both may be one value, or two levels.
    listed
        Whether it stands beside others before their common unit word: 1、3、5号, 1~4楼.
    doubtful
        Whether it may as well be part of a name: 三里, 二七区.
    """

    value: str
    unit: Unit
    start: int
    end: int
    how: str
    linked: bool = False
    listed: bool = False
    doubtful: bool = False


def numbered(text: str) -> list[Numbered]:
    """All numbers of a folded text from left to right, single letters before a unit word (A座) among them."""
    found = [_with_unit(text, run) for run in _with_letters(text, _joined(text, numbers(text)))]
    found = [one for one in found if not _names_road(text, one) and not _counts(text, one)]
    last = max((one.start for one in found if one.unit is not Unit.BARE), default=0)
    found = [one for one in found if one.start > last or not _in_word(text, one)]
    for position in range(len(found) - 2, -1, -1):
        here, after = found[position], found[position + 1]
        between = text[here.end : after.start]
        if here.unit is Unit.BARE and between in _DASHES:
            found[position] = replace(here, linked=True)
        elif here.unit is Unit.BARE and _one_list(here, after, between):
            found[position] = replace(here, listed=True)
    return [_in_context(text, found, position) for position in range(len(found))]


def _in_context(text: str, numbers: list[Numbered], position: int) -> Numbered:
    """A number with the unit that those beside it give it: room in 3-2-501, door in 三组29户, building in 3楼2单元."""
    number, before = numbers[position], numbers[max(position - 2, 0) : position]
    chained = len(before) > 1 and all(one.linked for one in before)
    if number.unit is Unit.BARE and chained and not number.linked and len(number.value) > 2:
        return replace(number, unit=Unit.ROOM)
    if text[number.end - 1] == "户" and before and before[-1].unit is Unit.GROUP:
        return replace(number, unit=Unit.DOOR)
    if number.unit is Unit.STOREY and any(one.unit is Unit.ENTRANCE for one in numbers[position + 1 : position + 2]):
        return replace(number, unit=Unit.BUILDING)
    return number


def _names_road(text: str, number: Numbered) -> bool:
    """Whether a number is part of a road's name: 和泰三路, 2号大街."""
    if number.unit is Unit.DOOR and text[number.end - 1] == "号":
        return text.startswith(_NUMBERED_ROADS, number.end) and not text.startswith("路口", number.end)
    return number.unit is Unit.BARE and text.startswith(_ROADS, number.end)


def _counts(text: str, number: Numbered) -> bool:
    """Whether a number counts something and is no part of an address: 3个人, 8点, A-32地块."""
    return number.unit is Unit.BARE and number.how == "digits" and _COUNTED.match(text, number.end) is not None


def _in_word(text: str, number: Numbered) -> bool:
    """Whether a numeral only begins or ends a word: 四季水果店, 老五火锅. Behind all other numbers it may be meant."""
    if number.unit is not Unit.BARE or number.how != "chinese" or number.end - number.start > 1:
        return False
    after = text[number.end : number.end + 1]
    return "\u4e00" <= after <= "\u9fff" and after not in _GOING_ON


def heard_otherwise(text: str) -> list[Numbered]:
    """Numbers that a text has if some of its characters stand for numerals that sound alike: 一百而十五号 is 125号."""
    return [_with_unit(text, run) for run in heard(text)]


def _with_unit(text: str, run: Number) -> Numbered:
    unit, end = _unit_after(text, run.end)
    if text[run.end : end] == "#" and text[run.start - 1 : run.start] in _ROAD_LASTS:
        unit = Unit.DOOR
    value, start, end, unit = _with_stem(text, run.value, run.start, end, unit)
    if unit is Unit.BARE and value[-1:] in "fF" and value[:-1].isdigit():
        value, unit = value[:-1], Unit.FLOOR
    if text[start - 1 : start] == "第":
        if unit is Unit.BARE and text[end : end + 1] == "家":
            unit, end = Unit.DOOR, end + 1
        start -= unit is not Unit.BARE
    if unit is Unit.BARE and text[start - 1 : start] == "之":
        unit, start = Unit.ROOM, start - 1
    plain = run.how in ("digits", "heard")
    last = text[end - 1 : end]
    doubtful = not plain and last not in _NO_NAMES and (unit in _NAME_LIKE or last in _ALSO_NAMES)
    return Numbered(value, unit, start, end, run.how, doubtful=doubtful)


def _one_list(here: Numbered, after: Numbered, between: str) -> bool:
    """Whether two numbers stand side by side before one unit word: 1、3号, 1~4楼, but never 201 一楼."""
    if between == "~":
        return True
    same = between == " " and here.how == after.how
    storeys = after.unit in (Unit.STOREY, Unit.FLOOR) and len(here.value) < 3
    return same and (after.listed or after.unit is Unit.DOOR or storeys)


def _joined(text: str, runs: list[Number]) -> list[Number]:
    """Runs, those that 附 or 之 joins made one: 12号附3 is 12-3."""
    result: list[Number] = []
    for run in runs:
        before = result[-1] if result else None
        if before is not None and text[before.end : run.start].replace(" ", "") in _JOINTS and "-" not in before.value:
            result[-1] = Number(f"{before.value}-{run.value}", before.start, run.end, before.how)
        else:
            result.append(run)
    return result


def _with_letters(text: str, runs: list[Number]) -> list[Number]:
    """Runs with a letter that stands beside them (3a, a3), and letters that stand alone before a unit word."""
    if not any("a" <= character <= "z" for character in text):
        return runs
    result: list[Number] = []
    taken = 0
    ends = {run.start: run for run in runs}
    position = 0
    while position < len(text):
        run = ends.get(position)
        if run is not None:
            value, end = run.value, run.end
            if _letter_at(text, end) and _unit_after(text, end)[0] is Unit.BARE and run.how == "digits":
                value, end = f"{value}{text[end]}", end + 1
            result.append(Number(value, run.start, end, run.how))
            position = taken = end
            continue
        if position >= taken and (roman := _roman_at(text, position)) is not None:
            result.append(roman)
            position = taken = roman.end
            continue
        if position >= taken and _letter_at(text, position):
            after = ends.get(position + 1)
            if after is not None and (after.how == "digits" or _lettered(text, position, after.end)):
                result.append(Number(f"{text[position]}{after.value}", position, after.end, "digits"))
                position = taken = after.end
                continue
            if _unit_after(text, position + 1)[0] in LETTER_UNITS or _ends_stretch(text, position):
                result.append(Number(text[position], position, position + 1, "digits"))
                position = taken = position + 1
                continue
        position += 1
    return result


def _lettered(text: str, position: int, end: int) -> bool:
    """Whether a letter behind a name and a spoken number are one: 别墅b三八, 花园b五栋, but not b一单元."""
    named = text[position - 1 : position] >= "\u4e00"
    return named and _unit_after(text, end)[0] in (Unit.BARE, Unit.BUILDING, Unit.DOOR)


def _ends_stretch(text: str, position: int) -> bool:
    """Whether a letter stands behind a name, and nothing but numbers behind it: 祥盛花园f, 桃李花苑e-2-502."""
    name = position - 1 if text[position - 1 : position] == " " else position
    if name < 2 or text[name - 1] < "\u4e00":
        return False
    return text[position + 1 : position + 2] in ("", " ") or _CHAIN.match(text, position + 1) is not None


def _roman_at(text: str, position: int) -> Number | None:
    """A Roman number before a unit word: ii期, iii号楼; one letter is one before 期 and 区 only."""
    if "a" <= text[position - 1 : position] <= "z":
        return None
    end = position
    while end < len(text) and text[end] in "ivx" and end - position <= _LONGEST_ROMAN:
        end += 1
    value = _ROMAN.get(text[position:end])
    if value is None or "a" <= text[end : end + 1] <= "z":
        return None
    unit = _unit_after(text, end)[0]
    stands = unit is Unit.SECTION or (unit in LETTER_UNITS and end - position > 1)
    return Number(value, position, end, "digits") if stands else None


def _letter_at(text: str, position: int) -> bool:
    """Whether a single letter stands there, not one of a word."""
    return (
        position < len(text)
        and "a" <= text[position] <= "z"
        and not ("a" <= text[position - 1 : position] <= "z")
        and not ("a" <= text[position + 1 : position + 2] <= "z")
    )


def _unit_after(text: str, position: int) -> tuple[Unit, int]:
    """The unit word there, after one space at most, and where it ends: the longest, but 号 in 25号楼道灯坏了."""
    start = position + 1 if text[position : position + 1] == " " else position
    for length in range(min(LONGEST_UNIT_WORD, len(text) - start), 0, -1):
        end = start + length
        unit = UNIT_WORDS.get(text[start:end])
        if unit is None or text[end : end + 1] in _NOT_BEFORE.get(text[end - 1], ()):
            continue
        return unit, end
    return _heard_unit(text, start) or (Unit.BARE, position)


def _heard_unit(text: str, start: int) -> tuple[Unit, int] | None:
    """A unit word that is written as it sounds: 二单圆, 五好楼."""
    for syllables, unit in _SOUNDING.items():
        characters = text[start : start + len(syllables)]
        if len(characters) == len(syllables) and all(
            syllable in readings(character) for syllable, character in zip(syllables, characters, strict=True)
        ):
            return unit, start + len(syllables)
    return None


def _is_stem(text: str, position: int) -> bool:
    """Whether a character behind a number belongs to it: 12号甲, 12号特, but not 12号丁香里 or 12号特产店."""
    if text[position] not in STEMS + MARKS:
        return False
    behind = text[position + 1 : position + 2]
    ends = not "\u4e00" <= behind <= "\u9fff" or behind in NUMERAL_VALUES or behind in _UNIT_BEGINNINGS
    return ends or text[position] not in _NAMES_BEGIN_SO


def _with_stem(text: str, value: str, start: int, end: int, unit: Unit) -> tuple[str, int, int, Unit]:
    """The number with 甲 or 乙 before or after it."""
    after = text[end : end + 1]
    if after and _is_stem(text, end):
        if unit is Unit.BARE:
            unit, end = _unit_after(text, end + 1)
        else:
            end += 1
        return f"{value}{after}", start, end, unit
    if text[start - 1 : start] == "字" and text[start - 2 : start - 1] in tuple(STEMS):
        start -= 1
    before = text[start - 1 : start]
    if before and before in STEMS + MARKS and unit in (Unit.DOOR, Unit.BARE):
        return f"{value}{before}", start - 1, end, unit
    return value, start, end, unit
