"""An address cut into pieces that noise can change without changing which door it is.

Areas, names, numbers and the words beside numbers. A small grammar of its own: the engine's parser is what the noise is
there to measure.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

from tests.noise_sounds import initials, near_key, sound_key

Chosen = TypeVar("Chosen")
NUMERALS = frozenset("〇零一二三四五六七八九十百千两廿卅甲乙丙丁0123456789")
SIDES = frozenset("东西南北中上下前后左右內内外東後")
UNIT_WORDS = (
    "号楼", "號樓", "号院", "单元", "單元", "号", "號", "弄", "巷", "栋", "棟", "幢", "座", "楼", "樓", "室", "门",
    "組", "组", "坊", "鄰", "邻", "段", "层", "層", "期", "区", "附", "之", "-", "~", "～", "、",
)  # fmt: skip
LEVELS = (
    r"[\u4e00-\u9fff]{2,7}?(?:省|自治区)",
    r"[\u4e00-\u9fff]{2,6}?市(?!场|政)",
    r"[\u4e00-\u9fff]{1,5}?(?<![小园業业期社新])(?:区|區|县|縣|旗)(?![路街])",
    r"[\u4e00-\u9fff]{1,6}?(?:街道办事处|街道|镇|鎮|乡|鄉)(?![路街巷])",
    r"[\u4e00-\u9fff]{1,7}?(?:社区居委会|社区|居委会|村委会)",
)
UNKNOWN_AREA = 8
"""Longest name of an area that stands before the known ones."""
_NUMBER = re.compile(r"[A-Za-z]?[0-9]{1,7}[A-Za-z]?|[A-Z](?=[座栋幢])")
_UNIT = re.compile("|".join(UNIT_WORDS))


@dataclass(frozen=True, slots=True)
class Piece:
    """``role``: upper (an area), name, number, unit (the word after a number, or a hyphen), other (noise)."""

    role: str
    text: str


@dataclass(frozen=True, slots=True)
class Said:
    """What is typed, piece by piece, and what the register knows of the door: its areas, its key, other names."""

    pieces: tuple[Piece, ...]
    areas: tuple[str, ...]
    key: str
    aliases: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """All pieces joined."""
        return "".join(piece.text for piece in self.pieces)

    @property
    def uppers(self) -> tuple[Piece, ...]:
        """The areas that are said."""
        return tuple(piece for piece in self.pieces if piece.role == "upper")

    @property
    def core(self) -> tuple[Piece, ...]:
        """All that is not an area."""
        return tuple(piece for piece in self.pieces if piece.role != "upper")

    def with_pieces(self, pieces: Sequence[Piece]) -> "Said":
        """The same door, said otherwise."""
        return replace(self, pieces=tuple(pieces))

    def changed(self, position: int, *pieces: Piece) -> "Said":
        """The same with other pieces in place of one."""
        return self.with_pieces([*self.pieces[:position], *pieces, *self.pieces[position + 1 :]])


def cut(text: str, areas: Sequence[str] = (), aliases: Sequence[str] = ()) -> Said:
    """Return the pieces of an address as a register writes it; its areas where they are not known are read off it."""
    uppers, rest = _known_areas(text, areas) if areas else _read_areas(text)
    known = (*(upper for upper in uppers if upper not in areas), *areas)
    core = tuple(_core(rest))
    return Said((*(Piece("upper", upper) for upper in uppers), *core), known, key_of(core), tuple(aliases))


def key_of(pieces: Sequence[Piece]) -> str:
    """The last name and the numbers behind it, without the words beside them: equal however a door is written."""
    names = [i for i, piece in enumerate(pieces) if piece.role == "name" and len(piece.text) > 1]
    own = pieces[names[-1] :] if names else pieces
    return "|".join(piece.text for piece in own if piece.role in ("name", "number"))


def wider_keys(key: str) -> list[str]:
    """Keys of what a door would be a part of: fewer numbers, at least one."""
    parts = key.split("|")
    return ["|".join(parts[:count]) for count in range(1, len(parts)) if parts[count - 1][-1:].isascii()]


def _known_areas(text: str, areas: Sequence[str]) -> tuple[list[str], str]:
    uppers, rest = [], text.replace(" ", "")
    for area in areas:
        at = rest.find(area)
        if 0 < at <= UNKNOWN_AREA and rest[:at].endswith(("省", "市", "区", "县", "镇", "乡", "街道")):
            uppers.append(rest[:at])
            rest = rest[at:]
        # A village's houses are numbered by its name: it stays, or the door would be lost with it.
        if rest.startswith(area) and not (area[-1] in "村庄屯寨沟湾" and area == areas[-1]):
            uppers.append(area)
            rest = rest.removeprefix(area)
    return uppers, rest


def _read_areas(text: str) -> tuple[list[str], str]:
    uppers, rest = [], text.replace(" ", "")
    for level in LEVELS:
        found = re.match(level, rest)
        if found and len(rest) - found.end() >= 3:
            uppers.append(found.group())
            rest = rest[found.end() :]
    village = re.match(r"[\u4e00-\u9fff]{2}里(?=[0-9]+鄰|[\u4e00-\u9fff]{2})", rest)
    if village and uppers and uppers[-1].endswith("區"):
        uppers.append(village.group())
        rest = rest[village.end() :]
    return uppers, rest


def _core(text: str) -> Iterator[Piece]:
    position, name = 0, ""
    after_number = False
    while position < len(text):
        number = _NUMBER.match(text, position)
        unit = _UNIT.match(text, position) if after_number or (text[position] in "附之-" and not name) else None
        found = number or unit
        if found is None:
            name += text[position]
            position, after_number = position + 1, False
            continue
        if name:
            yield Piece("name", name)
            name = ""
        yield Piece("number" if number else "unit", found.group())
        position, after_number = found.end(), bool(number)
    if name:
        yield Piece("name", name)


Place = tuple[tuple[str, ...], int]
"""Areas and grid of a door."""


class Known:
    """What a register holds, asked whether something said can still only mean one of its names or doors."""

    def __init__(self, said: Sequence[Said], grids: Sequence[int]) -> None:
        names = Counter(piece.text for one in said for piece in one.pieces if piece.role == "name")
        self.names = [name for name in names if len(name) > 1]
        self._all = frozenset(names)
        self._sounds, self._near, self._initials = Counter(), Counter(), Counter()  # type: Counter[str], Counter[str], Counter[str]
        for name in self.names:
            self._sounds[sound_key(name)] += 1
            self._near[near_key(name)] += 1
            self._initials[initials(name)] += 1
        self._doors: dict[str, set[Place]] = defaultdict(set)
        self._under: dict[str, set[Place]] = defaultdict(set)
        self.levels: dict[int, list[str]] = defaultdict(list)
        for one, grid in zip(said, grids, strict=True):
            self._doors[one.key].add((one.areas, grid))
            for wider in wider_keys(one.key):
                self._under[wider].add((one.areas, grid))
        for areas in dict.fromkeys(one.areas for one in said):
            for level, area in enumerate(areas):
                self.levels[level - len(areas)].append(area)
        self.levels = {level: list(dict.fromkeys(found)) for level, found in self.levels.items()}

    def decides(self, said: Said, kept: Sequence[str]) -> bool:
        """Whether these areas and the door's names and numbers leave one grid only.

        A door elsewhere of which this one would be a unit, or the other way round, may be meant as well.
        """
        elsewhere = set(self._under.get(said.key, ())).union(
            *(self._doors.get(key, ()) for key in wider_keys(said.key))
        )
        places = self._doors.get(said.key, set()) | {place for place in elsewhere if place[0] != said.areas}
        return len({grid for areas, grid in places if set(kept) <= set(areas)}) == 1

    def leaves_one_grid(self, said: Said) -> bool:
        """Whether all doors of the register that this may mean, or a part of it, lie in one grid."""
        key = key_of(said.pieces)
        places = set(self._under.get(key, ())) | self._doors.get(key, set())
        return len({grid for _, grid in places.union(*(self._doors.get(wider, ()) for wider in wider_keys(key)))}) == 1

    def clear_spelling(self, before: str, after: str) -> bool:
        """Whether a slip is nearer to its own name than to any other of the register."""
        far = OSA.distance(before, after)
        near = process.extract(after, self.names, scorer=OSA.distance, score_cutoff=far, limit=3)
        return after not in self._all and all(name == before for name, _, _ in near)

    def clear_sound(self, before: str, after: str) -> bool:
        """Whether no other name is heard like this one and what was typed is no other name."""
        return after not in self._all and self._near[near_key(before)] <= 1

    def clear_pinyin(self, name: str) -> bool:
        """Whether the syllables without tones belong to one name."""
        return self._sounds[sound_key(name)] <= 1

    def clear_initials(self, name: str) -> bool:
        """Whether the initials belong to one name."""
        return self._initials[initials(name)] <= 1


def core_text(said: Said) -> str:
    """What is said beside the areas."""
    return "".join(piece.text for piece in said.core)


def changeable(name: str) -> list[int]:
    """Positions in a name that a slip or a homophone may change: no numeral and no direction."""
    return [i for i, character in enumerate(name) if character not in NUMERALS and character not in SIDES]


Step = Callable[[Said, np.random.Generator, Known], Said | None]
"""One kind of noise: from what is said to what is typed, None where it does not fit."""


def pick(rng: np.random.Generator, choices: Sequence[Chosen]) -> Chosen:
    """Return one of them."""
    return choices[int(rng.integers(len(choices)))]
