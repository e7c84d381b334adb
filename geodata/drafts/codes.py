"""Codes and names of grids that a draft makes: by the profile that the layer's codes follow, and never one used before.

Notes
-----
Grids are numbered inside their community from west to east and from north to south. Two published layouts do so: a
grid's code is the code of its community and a number of two digits (CJ/T 349-2010, 5.7: order numbers of the grids that
a community is divided into, from left to right and from top to bottom), or of three (DB6101/T 3185-2024, 5.3.1: basic
grids of each community or village, from west to east and from north to south).
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from shapely import Geometry

from geodata.drafts.state import DraftGrid, DraftState
from geodata.errors import ConflictError, InputError

COMMUNITY_2: Final = "community+2"
"""Code of the community and two digits (CJ/T 349-2010)."""
COMMUNITY_3: Final = "community+3"
"""Code of the community and three digits (DB6101/T 3185-2024)."""
SEQUENCE: Final = "sequence"
"""What stands before the last digits of a code, and the next number: Taipei's small areas are numbered so."""
SUFFIX: Final = "suffix"
"""The code that a grid comes from, a hyphen and a number: for codes that don't end in digits."""
PROFILES: Final = (COMMUNITY_2, COMMUNITY_3, SEQUENCE, SUFFIX)

_DIGITS: Final = {COMMUNITY_2: 2, COMMUNITY_3: 3}
_NUMBERED: Final = re.compile(r"(?s)(.*?)([0-9]{1,9})")
_SUFFIXED: Final = re.compile(r"(?s)(.+)-[0-9]{1,4}")
_MOST: Final = 0.8
_ENDING: Final = re.compile(r"-[0-9]{1,4}$")


@dataclass(frozen=True, slots=True)
class Numbering:
    """Where new codes come from: what stands before the number, and its digits (at least, or exactly if ``fixed``)."""

    before: str
    digits: int
    fixed: bool = False

    def number(self, code: str) -> int | None:
        """The number of a code of this series; None for any other."""
        rest = code[len(self.before) :] if code.startswith(self.before) else ""
        ascii_digits = rest.isascii() and rest.isdigit()
        right = len(rest) == self.digits if self.fixed else self.digits <= len(rest) <= 9
        return int(rest) if ascii_digits and right else None

    def codes(self, count: int, used: Iterable[str], least: int = 1) -> list[str]:
        """The next codes after the highest used one, from ``least`` where none is; then those left free below.

        Raises
        ------
        ConflictError
            The digits don't suffice.
        """
        taken = {number for code in used if (number := self.number(code)) is not None}
        first = max(taken, default=least - 1) + 1
        last = 10**self.digits if self.fixed else first + count
        numbers = list(range(first, min(first + count, last)))
        numbers += [number for number in range(1, min(first, last)) if number not in taken][: count - len(numbers)]
        if len(numbers) < count:
            raise ConflictError(
                f"No {count} codes of {self.digits} digits are free after {self.before!r}: give codes yourself.",
                f"“{self.before}”之后的 {self.digits} 位顺序码已不足 {count} 个：请自行指定编码。",
                before=self.before,
                digits=self.digits,
            )
        return [f"{self.before}{number:0{self.digits}d}" for number in numbers]


def profile_of(state: DraftState, community: str | None) -> str:
    """Profile that codes follow in a community, or in the layer where the community has no grids."""
    own = [grid for grid in state.grids.values() if grid.community == community and community is not None]
    looked = own or list(state.grids.values())
    for profile, digits in _DIGITS.items() if community is not None else ():
        fitting = sum(_is_numbered(grid, digits) for grid in looked)
        if looked and fitting >= _MOST * len(looked):
            return profile
    ending = sum(_NUMBERED.fullmatch(grid.code) is not None for grid in looked)
    return SEQUENCE if ending >= _MOST * len(looked) else SUFFIX


def new_codes(
    state: DraftState,
    community: str | None,
    count: int,
    taken: Collection[str],
    source: str,
    profile: str | None = None,
    given_up: Collection[str] = (),
) -> list[str]:
    """Codes for new grids of a community, in order.

    Parameters
    ----------
    taken
        Codes that the layer ever had.
    source
        Code of the grid that they come from.
    profile
        One of `PROFILES`; the one that the codes of the community follow, where it is None.
    given_up
        Codes of the state that its grids give up: those that only the draft ever gave can be given again.

    Raises
    ------
    InputError
        There is no such profile, or it needs a community where there is none.
    ConflictError
        Its digits don't suffice.
    """
    numbering = _numbering(community, source, profile or profile_of(state, community))
    known = (code for code in state.codes if code not in given_up)
    used = [code for codes in (known, taken) for code in codes if code.startswith(numbering.before)]
    return numbering.codes(count, used, _least(state, numbering))


def _least(state: DraftState, numbering: Numbering) -> int:
    """The number that communities of the layer begin with: 901 where those of 专属网格 do."""
    if not numbering.fixed:
        return 1
    own = (
        Numbering(grid.community, numbering.digits, fixed=True).number(grid.code)
        for grid in state.grids.values()
        if grid.community is not None
    )
    return min((number for number in own if number is not None), default=1)


def renumbered(state: DraftState, community: str, taken: Collection[str], profile: str | None) -> Mapping[str, str]:
    """New codes of all grids of a community by key, numbered from west to east and from north to south."""
    keys = state.members(community)
    keys = [keys[at] for at in reading_order([state.shape(key) for key in keys])]
    prefixes = Counter(found[1] for key in keys if (found := _NUMBERED.fullmatch(state.grids[key].code)))
    widest = max((grid.code for key in keys if (grid := state.grids[key])), key=len, default="")
    common = prefixes.most_common(1)
    source = widest
    if common:
        source = max((state.grids[key].code for key in keys if state.grids[key].code.startswith(common[0][0])), key=len)
    own = {state.grids[key].code for key in keys}
    return dict(zip(keys, new_codes(state, community, len(keys), taken, source, profile, own), strict=True))


def following_codes(
    state: DraftState, grids: Iterable[DraftGrid], community: str, taken: Collection[str]
) -> dict[str, str]:
    """New codes by key of those grids whose code begins with that of their community, when they go to another.

    Parameters
    ----------
    state
        Before they go.
    community
        Where they go.
    taken
        Codes that the layer ever had.

    Raises
    ------
    ConflictError
        The digits of the profile don't suffice.

    Notes
    -----
    A grid that comes back to the community that it has in the base has its code of the base again. Where codes of the
    other community don't begin with its own, none changes.
    """
    profile = profile_of(state, community)
    if profile not in _DIGITS:
        return {}
    numbered = [grid for grid in grids if any(_is_numbered(grid, digits) for digits in _DIGITS.values())]
    found, base = {}, state.first.grids
    for grid in numbered:
        first = base.get(grid.key)
        if first is not None and first.community == community and state.codes.get(first.code, grid.key) == grid.key:
            found[grid.key] = first.code
    rest = [grid for grid in numbered if grid.key not in found]
    order = reading_order([state.shape(grid.key) for grid in rest])
    codes = new_codes(state, community, len(rest), taken, "", profile)
    return found | {rest[at].key: code for at, code in zip(order, codes, strict=True)}


def reading_order(shapes: Sequence[Geometry]) -> list[int]:
    """Positions of shapes in rows from north to south, each from west to east.

    Notes
    -----
    A row is as high as the shapes are at the median; a shape is in the row that its centre is in.
    """
    if not shapes:
        return []
    bounds = shapely.bounds(np.array(shapes, dtype=object))
    height = max(float(np.median(bounds[:, 3] - bounds[:, 1])), 1e-12)
    lons, lats = (bounds[:, 0] + bounds[:, 2]) / 2, (bounds[:, 1] + bounds[:, 3]) / 2
    rows = np.floor((bounds[:, 3].max() - lats) / height)
    return [int(at) for at in np.lexsort((-lats, lons, rows))]


def new_name(source: DraftGrid, code: str, taken: Collection[str]) -> str:
    """Name of a new grid after the one that it comes from.

    Parameters
    ----------
    taken
        Names that its community has already.

    Notes
    -----
    A name that says the code, or its number, says the new one; any other gets the next number after a hyphen.
    """
    if source.code in source.name:
        return source.name.replace(source.code, code)
    old, new = _order(source.code, source.community), _order(code, source.community)
    if old is not None and new is not None and old[0] == new[0]:
        said = re.search(rf"(?<![0-9])0*{old[1]}(?![0-9])", source.name)
        if said is not None:
            number = f"{new[1]:0{len(said[0])}d}"
            name = source.name[: said.start()] + number + source.name[said.end() :]
            if name not in taken:
                return name
    stem = _ENDING.sub("", source.name)
    return next(name for number in range(2, 10_000) if (name := f"{stem}-{number}") not in taken)


def _order(code: str, community: str | None) -> tuple[str, int] | None:
    """What stands before the number of a code, and the number; inside its community where the code begins with that."""
    rest = code[len(community) :] if community is not None and code.startswith(community) else code
    found = _NUMBERED.fullmatch(rest)
    return None if found is None else (code[: len(code) - len(found[2])], int(found[2]))


def _is_numbered(grid: DraftGrid, digits: int) -> bool:
    return grid.community is not None and Numbering(grid.community, digits, fixed=True).number(grid.code) is not None


def _numbering(community: str | None, source: str, profile: str) -> Numbering:
    if profile not in PROFILES:
        known = ", ".join(PROFILES)
        raise InputError(
            f"There is no code profile {profile[:40]!r}; known are {known}.",
            f"没有编码方案“{profile[:40]}”，现有：{known}。",
            field="profile",
        )
    if profile in _DIGITS:
        if community is None:
            raise InputError(
                "A grid of no community cannot be numbered inside one: give its code.",
                "不属于任何社区的网格无法按社区编号：请指定编码。",
                field="profile",
            )
        return Numbering(community, _DIGITS[profile], fixed=True)
    found = _NUMBERED.fullmatch(source)
    if profile == SEQUENCE and found is not None:
        return Numbering(found[1], len(found[2]))
    suffixed = _SUFFIXED.fullmatch(source)
    return Numbering(f"{suffixed[1] if suffixed else source}-", 1)
