"""House numbers as lists write them, ``建设路1-99单号``, ``和平街12号``, ``中山路全路`` → exact ranges of doors.

Numbers are exact: 12号 is no range and 12-1 is not read as 1 to 12. An annex (12号附1号, 12之1, 12号A) belongs to its
number wherever a number or range is meant; written out it means itself alone.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal, NamedTuple

from geodata.intake.cells import short

LARGEST_NUMBER = 99_999
LONGEST_ITEM = 100

Side = Literal["both", "odd", "even"]

_DASH = r"(?:-+|~+|至|到|—+|–+|―+|─+|〜+)"
_NUMBER = r"(?:第?(\d{1,5}))"
_MARK = r"(?:号院?|號)?"
_ODD, _EVEN = r"单号?数?|單號?|奇数?号?|odd", r"双号?数?|雙號?|偶数?号?|even"
_SIDE = rf"(?:侧)?(?:门牌)?(?:(?P<odd>{_ODD})|(?P<even>{_EVEN}))(?:侧|门牌)?"
_WHOLE = r"(?:全路段?|全段|全线|全部|整条|整路|所有|沿线|两侧|all)"

_DOOR = re.compile(rf"{_NUMBER}(?:号|號)?(?:(?:之|附|副)第?(\d{{1,4}})|([a-z甲乙丙丁戊己庚辛]))?(?:号|號)?")
_RANGE = re.compile(rf"{_NUMBER}{_MARK}{_DASH}{_NUMBER}{_MARK}")
_FROM = re.compile(rf"{_NUMBER}{_MARK}(?:以上|以后|及以上|及以后|起)")
_TO = re.compile(rf"{_NUMBER}{_MARK}(?:以下|以内|以前|及以下|止)")
_SIDE_AFTER = re.compile(rf"(?P<rest>.*?){_SIDE}")
_BRACKETS = str.maketrans("", "", "()[]【】〔〕{}「」")
_FIRST_DIGIT = re.compile(r"(?<![\d第])第?\d")
_LEFT_OVER = re.compile(r"\d(?:号|號|之|附|-|~|至|到)|(?<![a-z\d])\d+$")


class DoorNumber(NamedTuple):
    """A house number: ``12号附1号`` is number 12, annex ``1``; without annex it is empty."""

    number: int
    annex: str


@dataclass(frozen=True, slots=True)
class RoadRange:
    """Doors of one road.

    Parameters
    ----------
    road
        Name of the road as it is written.
    first, last
        Lowest and highest number, both included.
    side
        Which of them: ``odd`` or ``even`` ones, or ``both``.
    annex
        The annex that alone is meant; empty for numbers with all their annexes.
    text
        As the list has it.
    without
        Doors of the same road that are not meant all the same.
    """

    road: str
    first: int
    last: int
    side: Side
    annex: str
    text: str
    without: tuple["RoadRange", ...] = ()

    def holds(self, door: DoorNumber) -> bool:
        """Whether a door of the road is meant."""
        if self.annex:
            return door == (self.first, self.annex)
        if any(one.holds(door) for one in self.without):
            return False
        sided = self.side == "both" or door.number % 2 == (self.side == "odd")
        return sided and self.first <= door.number <= self.last

    def common(self, other: "RoadRange") -> tuple[int, int] | None:
        """Lowest and highest number that both mean, None where there is none; an annex is an exception, not common."""
        low, high = max(self.first, other.first), min(self.last, other.last)
        if bool(self.annex) != bool(other.annex) or self.annex != other.annex:
            return None
        sides = {self.side, other.side} - {"both"}
        if len(sides) == 2:
            return None
        if sides:
            odd = "odd" in sides
            low, high = low + (low % 2 != odd), high - (high % 2 != odd)
        if not self.annex and (self.without or other.without):
            numbers = range(low, high + 1, 2 if sides else 1)
            meant = [n for n in numbers if self.holds(DoorNumber(n, "")) and other.holds(DoorNumber(n, ""))]
            return (meant[0], meant[-1]) if meant else None
        return (low, high) if low <= high else None


class RangeError(ValueError):
    """An item that is no range of doors: kind of finding and what is wrong with it, in both languages."""

    def __init__(self, kind: str, item: str, message: str, message_zh: str) -> None:
        super().__init__(message)
        self.kind, self.item, self.message, self.message_zh = kind, item, message, message_zh


def plain(text: str) -> str:
    """Text in half-width forms, without blanks and brackets, letters small."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().translate(_BRACKETS).split())


def read_door(text: str) -> DoorNumber | None:
    """The number of one door, as ``12``, ``12号附1号``, ``12之1号``, ``12-1号``, ``12A号``; None for all else."""
    if len(text) > LONGEST_ITEM:
        return None
    written = plain(text)
    found = _DOOR.fullmatch(re.sub(r"(?<=\d)-(?=\d)", "之", written))
    return None if found is None else DoorNumber(int(found[1]), _annex(found))


def read_range(item: str, before: str = "") -> RoadRange:
    """The doors that one item of a list means.

    Parameters
    ----------
    item
        As written.
    before
        The road of the item before it: one without a road, ``14号``, goes on with that.

    Raises
    ------
    RangeError
        The item is no road with house numbers, or contradicts itself.
    """
    if len(item) > LONGEST_ITEM:
        raise _unreadable(short(item))
    written = plain(item)
    for digit in _FIRST_DIGIT.finditer(written):
        road, rest = written[: digit.start()], written[digit.start() :]
        side: Side = "both"
        sided = re.fullmatch(rf"(?P<rest>.+?){_SIDE}", road)
        if sided is not None:
            road, side = sided["rest"], _side(sided)
        elif (alone := re.fullmatch(_SIDE, road)) is not None:
            road, side = "", _side(alone)
        numbers = _numbers(rest, side, item)
        if numbers is not None:
            return RoadRange(_named(road, before, item), *numbers, item)
    return _whole(written, item)


def _named(road: str, before: str, item: str) -> str:
    if not road and not before:
        raise RangeError(
            "unknown-road",
            item,
            f"{item!r} names no road, and none stands before it: write the road first.",
            f"“{item}”没有写明道路，前面也没有道路：请先写道路名称。",
        )
    return road or before


def _whole(written: str, item: str) -> RoadRange:
    """A road without numbers: all of it, or one side of it."""
    side: Side = "both"
    sided = re.fullmatch(rf"(?P<rest>.+?)(?:{_WHOLE})?{_SIDE}", written)
    if sided is not None:
        written, side = sided["rest"], _side(sided)
    road = re.sub(rf"{_WHOLE}$", "", written)
    if not re.search(r"\w", road) or _LEFT_OVER.search(road):
        raise _unreadable(item)
    return RoadRange(road, 0, LARGEST_NUMBER, side, "", item)


def _numbers(rest: str, side: Side, item: str) -> tuple[int, int, Side, str] | None:
    """First and last number, side and annex; None where the text is not all numbers."""
    sided = _SIDE_AFTER.fullmatch(rest)
    if sided is not None:
        rest, side = sided["rest"].removesuffix("的"), _side(sided)
    if (door := _DOOR.fullmatch(rest)) is not None:
        number = int(door[1])
        return number, number, _checked(side, number, number, item), _annex(door)
    if (both := _RANGE.fullmatch(rest)) is not None:
        first, last = int(both[1]), int(both[2])
        if last < first:
            raise RangeError(
                "backward-range",
                item,
                f"{item!r} runs backwards: write {last}-{first} for a range, {first}之{last} for an annex.",
                f"“{item}”的号段前大后小：号段请写作 {last}-{first}，附号请写作 {first}之{last}。",
            )
        return first, last, _checked(side, first, last, item), ""
    if (onward := _FROM.fullmatch(rest)) is not None:
        return int(onward[1]), LARGEST_NUMBER, side, ""
    if (upto := _TO.fullmatch(rest)) is not None:
        return 0, int(upto[1]), side, ""
    return None


def _checked(side: Side, first: int, last: int, item: str) -> Side:
    """The side, unless both numbers that are written lie on the other one."""
    if side != "both" and all(number % 2 != (side == "odd") for number in (first, last)):
        meant, meant_zh = ("odd", "单号") if side == "odd" else ("even", "双号")
        raise RangeError(
            "contradictory-range",
            item,
            f"{item!r} says {meant} numbers, but begins and ends with others.",
            f"“{item}”写明{meant_zh}，但起止号码不是{meant_zh}。",
        )
    return side


def _side(found: re.Match[str]) -> Side:
    return "odd" if found["odd"] else "even"


def _annex(found: re.Match[str]) -> str:
    return str(int(found[2])) if found[2] else found[3] or ""


def _unreadable(item: str) -> RangeError:
    return RangeError(
        "unreadable-range",
        item,
        f"{item!r} is no road with house numbers: write for example 建设路1-99单号, 和平街12号 or 中山路全路.",
        f"“{item}”无法识别：请写作“建设路1-99单号”“和平街12号”或“中山路全路”。",
    )
