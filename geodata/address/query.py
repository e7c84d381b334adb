"""A normalized text, ready to be matched: its characters without separators, its numbers, what may stay unexplained."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geodata.address.align import INITIAL_BASE, SYLLABLE_BASE
from geodata.address.normalize import Normal
from geodata.address.numbering import Numbered, heard_otherwise, numbered
from geodata.address.parse import areas_of
from geodata.address.sounds import splits_of
from geodata.address.values import packed, whole
from geodata.address.words import COMPOUND_ENDINGS, ROAD_ENDINGS, Unit

BEFORE: Final = 2.6
BETWEEN: Final = 1.2
AFTER: Final = 0.12
IN_AREAS: Final = 0.3
FILLER: Final = 0.2
_FILLERS: Final = frozenset("的在是这那边里内处位于和与及跟同小")
_MOST_INITIALS: Final = 20
_UNKNOWN_SIGN: Final = 0xFFFD
_CROSSINGS: Final = (
    "交叉路口", "交叉口", "十字路口", "交汇处", "交界处", "相交处", "交口", "路口",
)  # fmt: skip
_GENERIC: Final = ("小区", "社区", "院内", "大院", "院里", *_CROSSINGS)
"""What people add to any name, or between two roads."""
_SURE_ROADS: Final = ("路", "街", "大道", "胡同")
_NAME_ENDINGS: Final = (*ROAD_ENDINGS, *COMPOUND_ENDINGS)


@dataclass(frozen=True, slots=True)
class Query:
    """A text to be matched.

    Parameters
    ----------
    codes
        int32; characters without separators, typed syllables as `SYLLABLE_BASE` and the syllable.
    weights
        float32; what it costs, in nats, to leave each of them unexplained.
    name_ends
        bool; whether a name ends there, by its ending and by the number behind it.
    places
        int32; the character of the text that each of them begins at, and the text's length last.
    areas, zone
        Areas by level that the grammar reads at the beginning, and how many codes are theirs.
    numbers
        Its numbers, and where each lies among the codes.
    heard
        The same of numbers that it has if some characters stand for numerals.
    """

    normal: Normal
    codes: NDArray[np.int32]
    weights: NDArray[np.float32]
    name_ends: NDArray[np.bool_]
    places: NDArray[np.int32]
    areas: dict[str, str]
    zone: int
    numbers: tuple[tuple[Numbered, int, int], ...]
    heard: tuple[tuple[Numbered, int, int], ...]

    def typed(self, start: int, end: int) -> str:
        """A stretch of the codes as it stands in the normalized text."""
        return self.normal.text[int(self.places[start]) : int(self.places[end])].strip()

    @property
    def doors(self) -> list[int]:
        """Whole numbers of what may be doors, the likeliest first."""
        doors = [number for number, _, _ in self.numbers if number.unit in (Unit.DOOR, Unit.BARE)]
        doors.sort(key=lambda number: number.unit is Unit.BARE)
        return [whole(packed(number.value)) for number in doors]


def says_crossing(text: str) -> bool:
    """Whether a normalized text speaks of a crossing."""
    return any(word in text for word in _CROSSINGS)


def ways_to_read(normal: Normal) -> int:
    """In how many ways the letters of a text can be read as pinyin."""
    runs = "".join(character if _latin(character) else " " for character in normal.text).split()
    return max((len(splits_of(run)) for run in runs), default=1) or 1


def read_query(normal: Normal, way: int = 0) -> Query:
    """A text to be matched.

    Parameters
    ----------
    way
        Which reading of typed pinyin is taken, 0 for the likeliest; see `ways_to_read`.
    """
    text = normal.text
    numbers = numbered(text)
    of_number = np.zeros(len(text) + 1, dtype=np.bool_)
    others = heard_otherwise(text)
    for number in (*numbers, *others):
        of_number[number.start : number.end] = True
    last = _last_of_address(text, numbers)
    first = min((number.end for number in numbers if number.unit is Unit.DOOR), default=last)
    areas, zone = areas_of(text)
    generic = {
        position + k
        for word in _GENERIC
        for position in range(len(text))
        if text.startswith(word, position)
        for k in range(len(word))
    }
    codes: list[int] = []
    weights: list[float] = []
    places: list[int] = []
    place = np.zeros(len(text) + 1, dtype=np.int32)
    position = 0
    while position < len(text):
        place[position] = len(codes)
        character = text[position]
        stop = position + 1
        while stop < len(text) and _latin(character) and _latin(text[stop]):
            stop += 1
        syllables = _typed(text[position:stop], way) if stop - position > 1 and not of_number[position] else []
        filler = position in generic or character in _FILLERS
        weight = _weight(position, zone, first, last, of_number=bool(of_number[position]), filler=filler)
        if syllables:
            codes += syllables
            weights += [weight] * len(syllables)
            places += [position] * len(syllables)
            place[position:stop] = place[position]
            position = stop
            continue
        dash = character == "杠" and of_number[position - 1] and of_number[position + 1]
        if character.isalnum() and not dash:
            codes.append(min(ord(character), 0xFFFF))
            weights.append(weight)
            places.append(position)
        position += 1
    place[len(text)] = len(codes)
    return Query(
        normal,
        np.array(codes, dtype=np.int32),
        np.array(weights, dtype=np.float32),
        _name_ends(text, numbers, generic, zone, place),
        np.array([*places, len(text)], dtype=np.int32),
        areas,
        int(place[zone]),
        _placed(numbers, place),
        _placed(others, place),
    )


def _name_ends(
    text: str, numbers: Sequence[Numbered], generic: Collection[int], zone: int, place: Any
) -> NDArray[np.bool_]:
    """Which codes end a name: 里 in 12号幸福里3号楼, never 小区, which is said behind any name, nor 巷 in 5巷2号.

    Before the first number only roads count: 山东路幸福幼儿园12号 is a door of the road.
    """
    ends = np.zeros(int(place[len(text)]), dtype=np.bool_)
    behind = zone
    for number in numbers:
        last = number.start - 1
        endings = _NAME_ENDINGS if behind > zone else _SURE_ROADS
        if last > behind and not number.doubtful and last not in generic and text.endswith(endings, 0, last + 1):
            ends[int(place[last])] = True
        behind = number.end
    return ends


def _last_of_address(text: str, numbers: Sequence[Numbered]) -> int:
    """Where the address ends, by its last number or the word for a crossing: behind it is what the caller wants.

    A storey is what the caller wants too: 一楼违建.
    """
    if not numbers:
        return max((text.find(word) + len(word) for word in _CROSSINGS if word in text), default=len(text))
    inner = [number for number in numbers if number.unit not in (Unit.STOREY, Unit.FLOOR)]
    sure = [number for number in inner if not number.doubtful]
    return max(number.end for number in sure or inner or numbers)


def _placed(numbers: Sequence[Numbered], place: Any) -> tuple[tuple[Numbered, int, int], ...]:
    return tuple((number, int(place[number.start]), int(place[number.end])) for number in numbers)


def _typed(letters: str, way: int) -> list[int]:
    """Codes of letters: syllables where they are pinyin, else initials; a longer word is one unknown sign."""
    splits = splits_of(letters)
    if splits:
        return [SYLLABLE_BASE + syllable for syllable in splits[min(way, len(splits) - 1)]]
    if len(letters) > _MOST_INITIALS:
        return [_UNKNOWN_SIGN]
    return [INITIAL_BASE + ord(letter) - ord("a") for letter in letters]


def _latin(character: str) -> bool:
    return "a" <= character <= "z"


def _weight(position: int, zone: int, first: int, last: int, *, of_number: bool, filler: bool) -> float:
    if of_number:
        return 0.0
    if position < zone:
        return IN_AREAS
    if position >= last:
        return AFTER
    if filler:
        return FILLER
    return BETWEEN if position >= first else BEFORE
