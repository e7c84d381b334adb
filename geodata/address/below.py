"""The numbers below a name that begin as what is typed: doors 12, 12-1, 120 to 129 for 12; buildings, units, rooms."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geodata.address.numbering import Numbered
from geodata.address.sounds import SYLLABLES, readings
from geodata.address.values import packed, unpacked, whole
from geodata.address.words import SLOTS, UNIT_WORDS, Slot, Unit

_BIG: Final = 10**9
_JOINTS: Final = ("附", "之")
"""What joins a number to one that is not typed yet: 194附."""
_ANY: Final = tuple(Slot)
_SLOTS_OF: Final[dict[Unit, tuple[Slot, ...]]] = {
    Unit.BARE: _ANY,
    Unit.SEGMENT: (Slot.SEGMENT,),
    Unit.GROUP: (Slot.GROUP,),
    Unit.LANE: (Slot.LANE, Slot.ALLEY),
    Unit.DOOR: (Slot.DOOR, Slot.BUILDING),
    Unit.SECTION: (Slot.SECTION,),
    Unit.BUILDING: (Slot.BUILDING, Slot.DOOR),
    Unit.STOREY: (Slot.BUILDING, Slot.FLOOR),
    Unit.ENTRANCE: (Slot.ENTRANCE,),
    Unit.FLOOR: (Slot.FLOOR,),
    Unit.ROOM: (Slot.ROOM,),
    Unit.NEIGHBOURHOOD: (Slot.GROUP,),
}
"""What a number may be in the register by the unit word that was typed, the likeliest first."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Numbers as they are typed behind a name.

    Parameters
    ----------
    name
        What stands before them, as it is typed.
    numbers
        At least one.
    slots
        What the last one may be.
    open
        Whether the last one may go on: 12 may become 120, but 12号 is finished.
    closed
        Whether a unit word finishes the last one: what lies below it is of interest then.
    """

    name: str
    numbers: tuple[Numbered, ...]
    slots: tuple[Slot, ...]
    open: bool
    closed: bool


@dataclass(frozen=True, slots=True)
class Below:
    """Rows that share a number: which slot, its value, and the rows by their positions among those that were asked."""

    slot: Slot
    value: int
    rows: NDArray[np.int64]
    exact: bool


def asked_numbers(text: str, numbers: Sequence[Numbered]) -> Asked | None:
    """A text as a name and the numbers behind it; None if it ends in something else."""
    for position, first in enumerate(numbers):
        if first.start == 0:
            continue
        tail = tuple(numbers[position:])
        between = [text[a.end : b.start] for a, b in itertools.pairwise(tail)]
        left = text[tail[-1].end :].strip()
        if left in _JOINTS:
            tail, left = (*tail[:-1], replace(tail[-1], value=f"{tail[-1].value}-", unit=Unit.BARE)), ""
        slots = _SLOTS_OF[tail[-1].unit] if not left else _slots_begun(left) if tail[-1].unit is Unit.BARE else ()
        if slots and all(part.strip() in ("", "-", "第") for part in between):
            ends_open = not left and tail[-1].unit is Unit.BARE and tail[-1].how in ("digits", "spoken")
            closed = bool(left) or tail[-1].unit is not Unit.BARE
            return Asked(text[: first.start], tail, slots, ends_open, closed)
    return None


@cache
def _unit_spellings() -> tuple[tuple[str, Unit], ...]:
    """Unit words, in characters and in pinyin."""
    spelt = [("".join(SYLLABLES[readings(c)[0] - 1] if readings(c) else c for c in word), unit)
             for word, unit in UNIT_WORDS.items()]  # fmt: skip
    return (*UNIT_WORDS.items(), *spelt)


def _slots_begun(text: str) -> tuple[Slot, ...]:
    """What a number may be before a begun unit word: 单 may become 单元."""
    units = {unit for word, unit in _unit_spellings() if word.startswith(text)}
    return tuple(slot for slot in Slot if any(slot in _SLOTS_OF[unit] for unit in units))


def numbers_below(slots: NDArray[np.int32], asked: Asked, most: int) -> list[Below]:
    """The numbers of rows that begin as what was asked, the same number first, then by value.

    Parameters
    ----------
    slots
        Of the rows below a name, shape (n, len(Slot)).
    most
        How many are wanted.
    """
    found = [one for before, last in _ways(asked) for one in _reached(slots, before, last, asked, most)]
    return sorted(found, key=lambda one: not one.exact)[:most]


def _ways(asked: Asked) -> list[tuple[list[tuple[str, tuple[Slot, ...]]], str]]:
    """The numbers before the last with their slots, and the last: 12-1 is one number or two."""
    plain = [(number.value, _SLOTS_OF[number.unit]) for number in asked.numbers[:-1]]
    last = asked.numbers[-1].value
    if len(asked.numbers) > 1 and asked.numbers[-2].linked:
        return [(plain[:-1], f"{plain[-1][0]}-{last}"), (plain, last)]
    return [(plain, last)]


def _reached(
    slots: NDArray[np.int32], before: list[tuple[str, tuple[Slot, ...]]], last: str, asked: Asked, most: int
) -> list[Below]:
    rows = np.arange(len(slots))
    behind = np.full(len(slots), -1)
    for value, allowed in before:
        hit = _hits(slots[rows], behind[rows], allowed, value, going_on=False)
        behind[rows] = hit
        rows = rows[hit >= 0]
    hit = _hits(slots[rows], behind[rows], asked.slots, last, going_on=asked.open)
    rows, hit = rows[hit >= 0], hit[hit >= 0]
    if not len(rows):
        return []
    found = _grouped(slots, rows, hit, packed(last), most)
    if asked.closed:
        found += _next_below(slots, [one for one in found if one.exact], most - len(found))
    return found


def _hits(
    slots: NDArray[np.int32], behind: Any, allowed: tuple[Slot, ...], value: str, *, going_on: bool
) -> NDArray[np.int64]:
    """For each row the slot in which a number fits: its next one if any row's does, else a later one; -1 for none."""
    later = (slots != 0) & (np.arange(SLOTS) > behind[:, None])
    fitting = np.zeros_like(later)
    for slot in allowed:
        fitting[:, slot] = later[:, slot] & _fits(slots[:, slot], value, going_on=going_on)
    if len(allowed) < SLOTS:
        order = np.array(allowed)
        first = fitting[:, order].argmax(axis=1)
        return np.where(fitting.any(axis=1), order[first], -1)
    following = later.argmax(axis=1)
    directly = fitting[np.arange(len(slots)), following]
    if directly.any():
        return np.where(directly, following, -1)
    widest = int(fitting.any(axis=0).argmax())
    return np.where(fitting[:, widest], widest, -1)


def _fits(column: NDArray[np.int32], value: str, *, going_on: bool) -> Any:
    """Which values are a number, or begin with it: 12 is the beginning of 12, 12-1, 12甲 and 120, not of 112."""
    wanted = packed(value)
    if not going_on:
        return column == wanted
    distinct, where = np.unique(column, return_inverse=True)
    fits = [number == wanted or _written(number).startswith(value.lower()) for number in distinct.tolist()]
    return np.array(fits, np.bool_)[where]


_written = lru_cache(1 << 16)(unpacked)


def _grouped(slots: NDArray[np.int32], rows: Any, hit: Any, wanted: int, most: int) -> list[Below]:
    """Rows by slot and value, the wanted value first."""
    values = slots[rows, hit]
    distinct, where = np.unique(np.column_stack([hit, values]), axis=0, return_inverse=True)
    order = sorted(range(len(distinct)), key=lambda k: _place(int(distinct[k][0]), int(distinct[k][1]), wanted))
    return [
        Below(Slot(int(distinct[k][0])), int(distinct[k][1]), rows[where.ravel() == k], int(distinct[k][1]) == wanted)
        for k in order[:most]
    ]


def _place(slot: int, value: int, wanted: int) -> tuple[bool, int, int, int, int]:
    number = whole(value)
    return value != wanted, slot if wanted < 0 else 0, number if number >= 0 else _BIG, slot, value


def _next_below(slots: NDArray[np.int32], above: list[Below], most: int) -> list[Below]:
    """What lies directly below numbers that are finished: the units of a building."""
    found: list[Below] = []
    for one in above:
        later = (slots[one.rows] != 0) & (np.arange(SLOTS) > one.slot)
        kept = later.any(axis=1)
        if kept.any() and most > len(found):
            found += _grouped(slots, one.rows[kept], later.argmax(axis=1)[kept], -1, most - len(found))
    return found
