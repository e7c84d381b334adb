"""Names aligned with a text: what each difference costs, in nats, and the cheapest alignment."""

from typing import Any, Final

import numba
import numpy as np
from numpy.typing import NDArray

from geodata.address.sounds import SYLLABLES, near_table, reading_table
from geodata.address.words import COMPOUND_ENDINGS, DIRECTIONS, NUMERAL_VALUES, ROAD_ENDINGS

LONGEST_NAME: Final = 40

SYLLABLE_BASE: Final = 0x10000
"""Codes from here are typed syllables, not characters."""
INITIAL_BASE: Final = 0x20000
"""Codes from here are typed initials of syllables."""

HOMOPHONE: Final = 3.0
NEAR_SOUND: Final = 4.0
TYPED: Final = 0.5
TYPED_INITIAL: Final = 1.0
OTHER: Final = 7.0
MISSING: Final = 6.5
ADDED: Final = 6.0
SWAPPED: Final = 5.0
LIGHT_MISSING: Final = 1.5
LIGHT_OTHER: Final = 4.5
NUMERAL: Final = 30.0
DIRECTION: Final = 20.0
"""Costs of one difference between a name and what was written, in nats."""

DEAREST: Final = 3.0
DEAREST_EACH: Final = 3.0
"""What all differences of a name may cost: so much, and so much for each of its characters."""
_TELLING_MISSING: Final = 6.5
_TELLING_ADDED: Final = 12.0
_OTHER_ENDING: Final = 3.0
_UNEXPLAINED_BEHIND: Final = 2.0
_ANY_NAME: Final = ("小区", "社区", "大院", "院内", "院里", "路口", "交叉", "交口", "交汇")
_SAID_BEHIND: Final = frozenset("的在里内与和跟及同甲乙丙丁第号")
_TELLING_OTHER: Final = 9.0
"""Numerals and directions tell names apart."""

_Ints = NDArray[np.int32]


def aligned(
    codes: NDArray[np.uint16],
    light: NDArray[np.bool_],
    starts: _Ints,
    forms: _Ints,
    text: _Ints,
    readings: NDArray[np.int16],
) -> tuple[NDArray[np.float32], _Ints, _Ints]:
    """The cheapest alignment of each form with any stretch of a text: cost (infinite where too dear), start, end.

    Parameters
    ----------
    codes, light, starts
        Of all forms, as in `vocabulary.Vocabulary`.
    forms
        Which of them.
    text, readings
        Codes of the text, and syllables of each, shape (n, 3).
    """
    near = near_table()
    result: tuple[NDArray[np.float32], _Ints, _Ints] = _aligned(
        forms, codes, light, starts, text, readings, near[readings], reading_table(), near, INITIAL, NUMERALS,
        _DIRECTION, _going_on(text),
    )  # fmt: skip
    return result


def _endings() -> dict[str, tuple[str, ...]]:
    """Endings of names of roads, compounds and villages, by their first character."""
    found: dict[str, set[str]] = {}
    for ending in (*ROAD_ENDINGS, *COMPOUND_ENDINGS):
        found.setdefault(ending[0], set()).add(ending)
    return {first: tuple(sorted(endings)) for first, endings in found.items()}


def _going_on(text: _Ints) -> NDArray[np.float32]:
    """What it costs, at each place of a text, that a name ended before it without its ending.

    Nothing where a number follows, or the end, or what is said behind any name (阳光小区 for 阳光花园); most where
    another ending does.
    """
    characters = "".join(chr(code) if code < SYLLABLE_BASE else " " for code in text.tolist())
    costs = np.zeros(len(text), dtype=np.float32)
    for place, first in enumerate(characters):
        if first == " " or first in NUMERAL_VALUES or first in _SAID_BEHIND or not first.isalnum() or first.isascii():
            continue
        if characters.startswith(_ANY_NAME, place):
            continue
        costs[place] = _OTHER_ENDING if characters.startswith(_ENDINGS.get(first, ()), place) else _UNEXPLAINED_BEHIND
    return costs


def _initials() -> NDArray[np.int16]:
    """The initial letter of each syllable, 0 for a; -1 for no syllable."""
    return np.array([-1, *(ord(syllable[0]) - ord("a") for syllable in SYLLABLES)], dtype=np.int16)


def _tables() -> tuple[NDArray[np.int16], NDArray[np.bool_], _Ints]:
    numeral = np.full(SYLLABLE_BASE, -1, dtype=np.int16)
    chinese = np.arange(SYLLABLE_BASE, dtype=np.int32)
    for character, value in NUMERAL_VALUES.items():
        numeral[ord(character)] = value
        if character.isdigit() and character.isascii():
            chinese[ord(character)] = ord("零一二三四五六七八九"[value])
    direction = np.zeros(SYLLABLE_BASE, dtype=np.bool_)
    direction[[ord(character) for character in DIRECTIONS]] = True
    return numeral, direction, chinese


NUMERALS, _DIRECTION, CHINESE_DIGIT = _tables()
INITIAL: Final = _initials()
_ENDINGS: Final = _endings()


@numba.njit(cache=True, nogil=True)
def _aligned(
    forms: Any, codes: Any, light: Any, starts: Any, text: Any, text_readings: Any, text_near: Any, readings: Any,
    near: Any, initial: Any, numeral: Any, direction: Any, going_on: Any,
) -> Any:  # fmt: skip
    """The cheapest alignment of each form with any stretch of a text: cost (infinite where too dear), start, end."""
    n = len(text)
    cost = np.full(len(forms), np.inf, np.float32)
    begin = np.zeros(len(forms), np.int32)
    end = np.zeros(len(forms), np.int32)
    score = np.zeros((LONGEST_NAME + 1, n + 1), np.float32)
    origin = np.zeros((LONGEST_NAME + 1, n + 1), np.int32)
    origin[0] = np.arange(n + 1)
    added = np.empty(n, np.float32)
    for j in range(n):
        telling = text[j] < SYLLABLE_BASE and (numeral[text[j]] >= 0 or direction[text[j]])
        added[j] = _TELLING_ADDED if telling else ADDED
    # Names are made of few characters: each is compared with the text once, not once for each name.
    row_of, differences = _differences(
        forms, codes, light, starts, text, text_readings, text_near, readings, near, initial, numeral, direction
    )
    for which in range(len(forms)):
        first = starts[forms[which]]
        m = starts[forms[which] + 1] - first
        limit = DEAREST + DEAREST_EACH * m
        lowest = np.float32(0.0)
        for i in range(1, m + 1):
            code = codes[first + i - 1]
            before = codes[first + i - 2] if i > 1 else 0
            missing = LIGHT_MISSING if light[first + i - 1] else MISSING
            telling = (numeral[code] >= 0 or direction[code]) and not light[first + i - 1]
            if telling:
                missing = _TELLING_MISSING
            difference = differences[row_of[1 if light[first + i - 1] else 0, code]]
            score[i, 0] = score[i - 1, 0] + missing
            lowest = score[i, 0]
            for j in range(1, n + 1):
                best = score[i - 1, j - 1] + difference[j - 1]
                source = origin[i - 1, j - 1]
                left_out = missing
                if telling and j < n and text[j] < SYLLABLE_BASE and _contradict(code, text[j], numeral, direction):
                    left_out = NUMERAL
                if score[i - 1, j] + left_out < best:
                    best, source = score[i - 1, j] + left_out, origin[i - 1, j]
                if i < m and score[i, j - 1] + added[j - 1] < best:
                    best, source = score[i, j - 1] + added[j - 1], origin[i, j - 1]
                if before == text[j - 1] and j > 1 and code == text[j - 2] and score[i - 2, j - 2] + SWAPPED < best:
                    best, source = score[i - 2, j - 2] + SWAPPED, origin[i - 2, j - 2]
                score[i, j] = best
                origin[i, j] = source
                lowest = min(lowest, best)
            if lowest > limit:
                break
        if lowest <= limit:
            least = 1 if m == 1 else max(min((m + 1) // 2, _without_ending(light, first, m)), 2)
            tail = codes[first + m - 1] if light[first + m - 1] else 0
            cost[which], begin[which], end[which] = _cheapest(score[m], origin[m], limit, least, tail, text, going_on)
    return cost, begin, end


@numba.njit(cache=True, nogil=True)
def _without_ending(light: Any, first: int, length: int) -> int:
    """How many characters of a name are left without what people leave out at its end."""
    while length > 1 and light[first + length - 1]:
        length -= 1
    return length


@numba.njit(cache=True, nogil=True)
def _differences(
    forms: Any, codes: Any, light: Any, starts: Any, text: Any, text_readings: Any, text_near: Any, readings: Any,
    near: Any, initial: Any, numeral: Any, direction: Any,
) -> Any:  # fmt: skip
    """Which row a character has, by whether it is light and by its code; and the rows: its cost at each place."""
    row_of = np.full((2, SYLLABLE_BASE), -1, np.int32)
    told = np.empty((2, 64), np.int32)
    rows = 0
    for form in forms:
        for place in range(starts[form], starts[form + 1]):
            kind = 1 if light[place] else 0
            if row_of[kind, codes[place]] < 0:
                if rows == told.shape[1]:
                    wider = np.empty((2, 2 * rows), np.int32)
                    wider[:, :rows] = told
                    told = wider
                row_of[kind, codes[place]] = rows
                told[0, rows], told[1, rows] = kind, codes[place]
                rows += 1
    costs = np.empty((rows, len(text)), np.float64)
    for row in range(rows):
        for j in range(len(text)):
            costs[row, j] = _difference(
                told[1, row], told[0, row] == 1, text[j], text_readings[j], text_near[j], readings, near, initial,
                numeral, direction,
            )  # fmt: skip
    return row_of, costs


@numba.njit(cache=True, nogil=True)
def _contradict(code: int, typed: int, numeral: Any, direction: Any) -> bool:
    """Whether two characters tell names apart: 和泰三路 does not leave 一 of 和泰一路 out, it has another numeral."""
    if numeral[code] >= 0 and numeral[typed] >= 0:
        return bool(numeral[code] != numeral[typed])
    return bool(direction[code] and direction[typed] and code != typed)


@numba.njit(cache=True, nogil=True)
def _cheapest(score: Any, origin: Any, limit: float, least: int, tail: int, text: Any, going_on: Any) -> Any:
    """The cheapest end of an alignment, of equal ones the longest: cost, start, end.

    It is at least so long: a number or a character alone is no name of several, however cheap it is to leave out the
    rest. Where a name's ending is left out and another one stands there (梁家庄 for 梁家村), that is a difference too.
    """
    cost, begin, end = np.float32(np.inf), 0, 0
    n = len(text)
    for j in range(1, len(score)):
        if j - origin[j] < least:
            continue
        value = score[j]
        if tail and j < n and text[j - 1] != tail:
            value += going_on[j]
        if value < cost or (value == cost and j - origin[j] > end - begin):
            cost, begin, end = value, origin[j], j
    return (cost if cost <= limit else np.float32(np.inf)), begin, end


@numba.njit(cache=True, nogil=True)
def _difference(
    code: Any, is_light: Any, typed: Any, typed_readings: Any, typed_near: Any, readings: Any, near: Any, initial: Any,
    numeral: Any, direction: Any,
) -> float:  # fmt: skip
    """Cost of one character of a name and one of a text standing for one another."""
    if code == typed:
        return 0.0
    if typed >= INITIAL_BASE:
        for a in range(3):
            if readings[code, a] and initial[readings[code, a]] == typed - INITIAL_BASE:
                return TYPED_INITIAL
        return _TELLING_OTHER
    heard = _heard(readings[code], typed_readings, typed_near, near)
    if typed >= SYLLABLE_BASE:
        return TYPED if heard == HOMOPHONE else heard
    if numeral[code] >= 0 and numeral[typed] >= 0:
        return 0.0 if numeral[code] == numeral[typed] else NUMERAL
    if direction[code] and direction[typed]:
        return DIRECTION
    if numeral[code] >= 0 or numeral[typed] >= 0 or direction[code] or direction[typed]:
        return min(heard + 2.0, _TELLING_OTHER)
    return min(heard, LIGHT_OTHER if is_light else OTHER)


@numba.njit(cache=True, nogil=True)
def _heard(readings: Any, typed_readings: Any, typed_near: Any, near: Any) -> float:
    """Cost of sounding alike; more than any other difference where they do not."""
    heard = 99.0
    for reading in readings:
        for b in range(3):
            if reading == 0 or typed_readings[b] == 0:
                break
            if reading == typed_readings[b]:
                return HOMOPHONE
            if near[reading] == typed_near[b]:
                heard = NEAR_SOUND
    return heard
