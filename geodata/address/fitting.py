"""Rows whose numbers fit those of a text, among the rows of the stems that its names may mean."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numba
import numpy as np
from numpy.typing import NDArray

from geodata.address.entries import KINDS
from geodata.address.explain import row_cost
from geodata.address.numbering import Numbered
from geodata.address.query import Query
from geodata.address.values import packed

AS_HEARD: Final = 2.0
"""Cost of taking characters for the numerals that they sound like."""
BEHIND: Final = 12.0
"""What costs this much more than the best explanation is not looked at."""

_CROSSING: Final = KINDS.index("crossing")
_BOTH_ROADS: Final = 0b101
_NAMES_WITHIN: Final = 0b110
_NEXT: Final = 4
_VALUE, _UNIT, _START, _END, _LINKED, _DOUBTFUL, _LISTED, _HEARD = range(8)


@dataclass(frozen=True, slots=True)
class Stems:
    """Stems that may be meant, aligned: position, cost, bits of the names said, characters that they explain."""

    stem: Any
    cost: Any
    said: Any
    covered: Any
    spot_of: Any


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows that may be meant, aligned: position, cost, bits of matched and contradicted slots, which stem asked."""

    row: Any
    cost: Any
    matched: Any
    against: Any
    asked: Any


def fitting_rows(query: Query, stems: Stems, arrays: Any, gone: NDArray[np.bool_] | None, most: float) -> Rows:
    """The rows of some stems that the numbers of a text fit best, by the better of its readings.

    Parameters
    ----------
    arrays
        Of the register.
    gone
        Entries that are no more.
    most
        What a row costs at most, nats.
    """
    plain = sorted_numbers(query, heard=False)
    heard = sorted_numbers(query, heard=True) if query.heard else (plain[0][:0], plain[1][:0])
    ceiling, row, cost, matched, against, asked = _fit(
        np.argsort(stems.cost, kind="stable"), stems.stem, stems.cost, stems.said, stems.covered,
        arrays["stem_starts"], arrays["slots"], arrays["row_entries"], arrays["kinds"],
        np.zeros(0, np.bool_) if gone is None else gone, *plain, *heard, most,
    )  # fmt: skip
    kept = np.flatnonzero(cost <= ceiling)
    return Rows(row[kept], cost[kept].astype(np.float64), matched[kept], against[kept], asked[kept])


def sorted_numbers(query: Query, *, heard: bool) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """The numbers of a text as a table, and what each is together with those behind it, 0 where no dash joins them.

    Parameters
    ----------
    heard
        With those that it has if some characters stand for numerals.
    """
    numbers = [(one, start, end, 0) for one, start, end in query.numbers]
    if heard:
        numbers += [(one, start, end, 1) for one, start, end in query.heard]
        numbers.sort(key=lambda number: number[1])
    table = np.array(
        [
            (packed(one.value), one.unit, start, end, one.linked, one.doubtful, one.listed, is_heard)
            for one, start, end, is_heard in numbers
        ],
        dtype=np.int32,
    ).reshape(-1, 8)
    joined = np.zeros((len(numbers), _NEXT), dtype=np.int32)
    for k, (number, _, _, _) in enumerate(numbers):
        if number.linked:
            joined[k] = _joined(number, [one for one, _, _, _ in numbers[k + 1 : k + 1 + _NEXT]])
    return table, joined


def _joined(number: Numbered, behind: Sequence[Numbered]) -> NDArray[np.int32]:
    values = [packed(f"{number.value}-{one.value}") for one in behind]
    return np.array([*values, *[0] * (_NEXT - len(values))], dtype=np.int32)


@numba.njit(cache=True, nogil=True)
def _fit(
    order: Any, stems: Any, costs: Any, said: Any, covered: Any, starts: Any, slots: Any, entries: Any, kinds: Any,
    gone: Any, plain: Any, plain_joined: Any, heard: Any, heard_joined: Any, ceiling: float,
) -> Any:  # fmt: skip
    """What costs at most may cost in the end; and row, cost, matched and contradicted slots, and stem of what did."""
    rows = np.empty((4, 1024), np.int64)
    cost = np.empty(1024, np.float32)
    size = 0
    for which in order:
        base, within = costs[which], said[which] & _NAMES_WITHIN != 0
        if base > ceiling:
            break
        values, units, joined, doubts = _free(plain, plain_joined, covered[which], False)
        values_2, units_2, joined_2, doubts_2 = _free(heard, heard_joined, covered[which], True)
        for row in range(starts[stems[which]], starts[stems[which] + 1]):
            held = slots[row]
            total, hit, against = row_cost(held, values, units, joined, doubts, within, base, ceiling)
            if len(heard):
                other, hit_2, against_2 = row_cost(
                    held, values_2, units_2, joined_2, doubts_2, within, base + AS_HEARD, ceiling
                )
                if other < total:
                    total, hit, against = other, hit_2, against_2
            if total > ceiling or not _may_be(entries[row], kinds, gone, said[which]):
                continue
            if size == len(cost):
                rows = np.concatenate((rows, np.empty_like(rows)), axis=1)
                cost = np.concatenate((cost, np.empty_like(cost)))
            cost[size] = total
            rows[0, size], rows[1, size], rows[2, size], rows[3, size] = row, hit, against, which
            size += 1
            ceiling = min(ceiling, total + BEHIND)
    return ceiling, rows[0, :size], cost[:size], rows[1, :size], rows[2, :size], rows[3, :size]


@numba.njit(cache=True, nogil=True)
def _may_be(entry: int, kinds: Any, gone: Any, said: int) -> bool:
    """Whether an entry is still there, and not a crossing of which one road is said: it is meant by both or not."""
    if len(gone) and gone[entry]:
        return False
    return kinds[entry] != _CROSSING or said & _BOTH_ROADS == _BOTH_ROADS


@numba.njit(cache=True, nogil=True)
def _free(table: Any, joined: Any, covered: Any, as_heard: bool) -> Any:
    """Values, units, joint values and doubts of the numbers that no name explains.

    As they are heard, longer numbers are in place of those inside them.
    """
    count = 0
    values, units = np.empty(len(table), np.int32), np.empty(len(table), np.int8)
    together, doubts = np.zeros(len(table), np.int32), np.zeros(len(table), np.bool_)
    behind, last = -1, -1
    for k in range(len(table)):
        start, end = table[k, _START], table[k, _END]
        if start < behind or covered[start:end].any():
            continue
        if as_heard and not table[k, _HEARD] and _within_heard(table, covered, start, end):
            continue
        if table[k, _DOUBTFUL] and not covered[:start].any() and covered[end:].any():
            continue
        if last >= 0 and k - last <= _NEXT:
            together[count - 1] = joined[last, k - last - 1]
        # Right behind a name or another number, a number is no part of a name.
        certain = start == behind or (start > 0 and covered[start - 1]) or table[k, _LINKED]
        values[count], units[count] = table[k, _VALUE], table[k, _UNIT]
        doubts[count] = (table[k, _DOUBTFUL] and not certain) or table[k, _LISTED] != 0
        count += 1
        behind, last = end, k
    return values[:count], units[:count], together[:count], doubts[:count]


@numba.njit(cache=True, nogil=True)
def _within_heard(table: Any, covered: Any, start: int, end: int) -> bool:
    for k in range(len(table)):
        around = table[k, _HEARD] and table[k, _START] <= start and end <= table[k, _END]
        if around and not covered[table[k, _START] : table[k, _END]].any():
            return True
    return False
