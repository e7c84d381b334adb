"""The names of a register, found in a text however they are written: slips, homophones, typed pinyin.

Names are a small vocabulary. Each is known by its unordered pairs of near-sounding syllables, side by side or with one
between them: a slip leaves some of them, a homophone all. What shares enough pairs with the text is aligned with it,
by weights that are negative logarithms of how often people write one thing for another.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numba
import numpy as np
from numpy.typing import NDArray

from geodata.address.sounds import SYLLABLES, near_table, reading_table
from geodata.address.words import AREA_ENDINGS, COMPOUND_ENDINGS, DIRECTIONS, NUMERAL_VALUES, ROAD_ENDINGS, ROAD_LIGHT

LONGEST_NAME: Final = 40
LONGEST_TEXT: Final = 120

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
DIRECTION: Final = 14.0
"""Costs of one difference between a name and what was written, in nats."""

DEAREST: Final = 3.0
DEAREST_EACH: Final = 3.0
"""What all differences of a name may cost: so much, and so much for each of its characters."""
_TELLING_MISSING: Final = 8.0
_TELLING_ADDED: Final = 9.0
_OTHER_ENDING: Final = 3.0
_TELLING_OTHER: Final = 9.0
"""Numerals and directions tell names apart."""

_CANDIDATES: Final = 1500
_SIGNS: Final = 37

_Ints = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Forms of names as arrays.

    Parameters
    ----------
    codes, light, starts
        Characters of all forms one after another (uint16), whether each is one that people leave out, and where each
        form begins.
    table, postings
        Forms by pairs of near-sound classes: those of the pair (a, b), a ≤ b, stand at ``table[a * k + b]`` up to the
        next entry.
    """

    codes: NDArray[np.uint16]
    light: NDArray[np.bool_]
    starts: _Ints
    table: _Ints
    postings: _Ints

    @property
    def arrays(self) -> dict[str, NDArray[Any]]:
        """As they are kept in files."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class Spots:
    """Where forms were found in a text; all arrays of one length.

    Parameters
    ----------
    form
        Which form.
    cost
        Of the differences, nats.
    start, end
        Characters of the text that it explains.
    """

    form: _Ints
    cost: NDArray[np.float32]
    start: _Ints
    end: _Ints


def build_vocabulary(forms: Sequence[str]) -> Vocabulary:
    """The vocabulary of folded forms, each of 1 to `LONGEST_NAME` characters."""
    lengths = np.array([len(form) for form in forms], dtype=np.int64)
    starts = np.r_[0, np.cumsum(lengths)].astype(np.int32)
    codes = encoded("".join(forms)).astype(np.uint16)
    light = np.zeros(len(codes), dtype=np.bool_)
    for form, start in zip(forms, starts.tolist(), strict=False):
        tail = _light_tail(form)
        light[start + len(form) - tail : start + len(form)] = True
    classes = classes_of(codes.astype(np.int32))
    table, postings = _posted(classes, starts, _class_count())
    return Vocabulary(codes, light, starts, table, postings)


def encoded(text: str) -> _Ints:
    """Code points; those beyond the basic plane as U+FFFD."""
    codes = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32)
    return np.where(codes < SYLLABLE_BASE, codes, 0xFFFD).astype(np.int32)


def classes_of(codes: _Ints) -> NDArray[np.int16]:
    """Classes of characters, typed syllables or typed initials by their sound, shape (n, 4), 0 where there is none.

    Notes
    -----
    Three near-sound classes of syllables, then that of the initial, which pairs with initials only. Numerals stand for
    the Chinese ones; letters and other signs have classes of their own after the syllables'.
    """
    readings = readings_of(codes)
    near = near_table()
    classes = np.zeros((len(codes), 4), dtype=np.int16)
    classes[:, :3] = near[readings]
    silent = (readings[:, 0] == 0) & (codes < SYLLABLE_BASE)
    classes[silent, 0] = _syllable_classes() + codes[silent] % _SIGNS
    initials = _INITIAL[readings[:, 0]]
    typed = codes >= INITIAL_BASE
    initials[typed] = codes[typed] - INITIAL_BASE
    classes[:, 3] = np.where(initials >= 0, _syllable_classes() + _SIGNS + initials, 0)
    return classes


def readings_of(codes: _Ints) -> NDArray[np.int16]:
    """Syllables of characters or typed syllables, shape (n, 3), 0 where there is none."""
    characters = _CHINESE_DIGIT[np.where(codes < SYLLABLE_BASE, codes, 0)]
    readings: NDArray[np.int16] = reading_table()[characters].copy()
    typed = (codes >= SYLLABLE_BASE) & (codes < INITIAL_BASE)
    readings[typed, 0] = codes[typed] - SYLLABLE_BASE
    readings[typed, 1:] = 0
    return readings


def spot(vocabulary: Vocabulary, codes: _Ints) -> Spots:
    """The forms that are found in a text.

    Parameters
    ----------
    codes
        Of the text without separators: characters, or typed syllables as `SYLLABLE_BASE` and the syllable.
    """
    codes = codes[:LONGEST_TEXT]
    readings = readings_of(codes)
    form, count = _counted(
        classes_of(codes), codes >= INITIAL_BASE, vocabulary.table, vocabulary.postings, vocabulary.starts,
        _class_count(),
    )  # fmt: skip
    if len(form) > _CANDIDATES:
        lengths = np.diff(vocabulary.starts)[form]
        best = np.argpartition(lengths - count * 1.0, _CANDIDATES)[:_CANDIDATES]
        form = form[best]
    near = near_table()
    cost, start, end = _aligned(
        form, vocabulary.codes, vocabulary.light, vocabulary.starts, codes, readings, near[readings], reading_table(),
        near, _INITIAL, _NUMERAL, _DIRECTION, _ENDING,
    )  # fmt: skip
    length = np.diff(vocabulary.starts)[form]
    # A number or a character alone is no name of several, however cheap it is to leave out the rest.
    enough = (end - start >= (length + 1) // 2) & ((end - start > 1) | (length == 1))
    kept = np.flatnonzero((cost < np.inf) & enough)
    return Spots(form[kept], cost[kept], start[kept], end[kept])


def _light_tail(form: str) -> int:
    """How many characters at the end of a name people leave out, or say another way."""
    for level in ("street", "community", "district", "city", "province"):
        for ending in AREA_ENDINGS[level]:
            if form.endswith(ending) and len(form) - len(ending) >= 2:
                return len(ending)
    if len(form) > 2 and form[-1] in ROAD_LIGHT:
        ending = next((end for end in ("大街", "大道", "胡同") if form.endswith(end)), form[-1])
        return len(ending) if len(form) - len(ending) >= 2 else 1
    for ending in (*COMPOUND_ENDINGS, *ROAD_ENDINGS):
        if form.endswith(ending) and len(form) - len(ending) >= 2:
            return len(ending)
    return 0


def _syllable_classes() -> int:
    return int(near_table().max()) + 1


def _class_count() -> int:
    return _syllable_classes() + _SIGNS + 26


def _endings() -> NDArray[np.bool_]:
    """Whether a character ends names of roads, compounds or villages."""
    table = np.zeros(SYLLABLE_BASE, dtype=np.bool_)
    table[[ord(ending[-1]) for ending in (*ROAD_ENDINGS, *COMPOUND_ENDINGS)]] = True
    return table


def _initials() -> NDArray[np.int16]:
    """The initial letter of each syllable, 0 for a; -1 for no syllable."""
    return np.array([-1, *(ord(syllable[0]) - ord("a") for syllable in SYLLABLES)], dtype=np.int16)


def _tables() -> tuple[NDArray[np.int16], NDArray[np.bool_], _Ints]:
    numeral = np.full(0x10000, -1, dtype=np.int16)
    chinese = np.arange(0x10000, dtype=np.int32)
    for character, value in NUMERAL_VALUES.items():
        numeral[ord(character)] = value
        if character.isdigit() and character.isascii():
            chinese[ord(character)] = ord("零一二三四五六七八九"[value])
    direction = np.zeros(0x10000, dtype=np.bool_)
    direction[[ord(character) for character in DIRECTIONS]] = True
    return numeral, direction, chinese


_NUMERAL, _DIRECTION, _CHINESE_DIGIT = _tables()
_INITIAL: Final = _initials()
_ENDING: Final = _endings()


def _posted(classes: NDArray[np.int16], starts: _Ints, k: int) -> tuple[_Ints, _Ints]:
    """Offsets by pair of classes, and the forms of each pair."""
    keys, forms = _pairs(classes, starts, k)
    order = np.argsort(keys, kind="stable")
    keys, forms = keys[order], forms[order]
    fresh = np.r_[True, (keys[1:] != keys[:-1]) | (forms[1:] != forms[:-1])] if len(keys) else np.zeros(0, np.bool_)
    keys, forms = keys[fresh], forms[fresh]
    table = np.searchsorted(keys, np.arange(k * k + 1)).astype(np.int32)
    return table, forms


@numba.njit(cache=True, nogil=True)
def _pairs(classes: Any, starts: Any, k: int) -> Any:
    """Keys of all pairs of all forms; a form of one character has the pair of it with itself."""
    size = 20 * len(classes) + 3 * len(starts)
    keys = np.empty(size, np.int32)
    forms = np.empty(size, np.int32)
    n = 0
    for form in range(len(starts) - 1):
        first, last = starts[form], starts[form + 1]
        for i in range(first, last):
            for gap in range(0 if last - first == 1 else 1, 1 if last - first == 1 else 3):
                j = i + gap
                if j >= last:
                    continue
                for a in range(4):
                    for b in range(4):
                        x, y = classes[i, a], classes[j, b]
                        if x == 0 or y == 0 or (a == 3) != (b == 3):
                            continue
                        keys[n] = min(x, y) * k + max(x, y)
                        forms[n] = form
                        n += 1
    return keys[:n], forms[:n]


@numba.njit(cache=True, nogil=True)
def _counted(classes: Any, initials: Any, table: Any, postings: Any, starts: Any, k: int) -> Any:
    """Forms that share enough pairs with a text, and how many."""
    forms = len(starts) - 1
    counts = np.zeros(forms, np.int16)
    touched = np.empty(forms, np.int32)
    size = 0
    n = len(classes)
    for i in range(n):
        for gap in range(4):
            j = i + gap
            if j >= n:
                break
            for a in range(4):
                for b in range(4):
                    x, y = classes[i, a], classes[j, b]
                    if x == 0 or y == 0 or (a == 3) != (b == 3) or (a == 3 and not (initials[i] and initials[j])):
                        continue
                    key = min(x, y) * k + max(x, y)
                    for place in range(table[key], table[key + 1]):
                        form = postings[place]
                        if gap == 0 and starts[form + 1] - starts[form] > 1:
                            continue
                        if counts[form] == 0:
                            touched[size] = form
                            size += 1
                        counts[form] += 1
    chosen = np.empty(size, np.int32)
    kept = 0
    for place in range(size):
        form = touched[place]
        length = starts[form + 1] - starts[form]
        pairs = 1 if length < 3 else 2 * length - 3
        if counts[form] * 10 >= pairs * 3:
            chosen[kept] = form
            kept += 1
    chosen = chosen[:kept]
    return chosen, counts[chosen]


@numba.njit(cache=True, nogil=True)
def _aligned(
    forms: Any, codes: Any, light: Any, starts: Any, text: Any, text_readings: Any, text_near: Any, readings: Any,
    near: Any, initial: Any, numeral: Any, direction: Any, ending: Any,
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
    for which in range(len(forms)):
        first = starts[forms[which]]
        m = starts[forms[which] + 1] - first
        limit = DEAREST + DEAREST_EACH * m
        lowest = np.float32(0.0)
        for i in range(1, m + 1):
            code = codes[first + i - 1]
            before = codes[first + i - 2] if i > 1 else 0
            missing = LIGHT_MISSING if light[first + i - 1] else MISSING
            if numeral[code] >= 0 or direction[code]:
                missing = _TELLING_MISSING
            score[i, 0] = score[i - 1, 0] + missing
            lowest = score[i, 0]
            for j in range(1, n + 1):
                best = score[i - 1, j - 1] + _difference(
                    code, light[first + i - 1], text[j - 1], text_readings[j - 1], text_near[j - 1], readings, near,
                    initial, numeral, direction,
                )  # fmt: skip
                source = origin[i - 1, j - 1]
                if score[i - 1, j] + missing < best:
                    best, source = score[i - 1, j] + missing, origin[i - 1, j]
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
            tail = codes[first + m - 1] if light[first + m - 1] else 0
            cost[which], begin[which], end[which] = _cheapest(score[m], origin[m], limit, tail, text, ending)
    return cost, begin, end


@numba.njit(cache=True, nogil=True)
def _cheapest(score: Any, origin: Any, limit: float, tail: int, text: Any, ending: Any) -> Any:
    """The cheapest end of an alignment, of equal ones the longest: cost, start, end.

    Where a name's ending is left out and another one stands there (梁家庄 for 梁家村), that is a difference too.
    """
    cost, begin, end = np.float32(np.inf), 0, 0
    n = len(text)
    for j in range(1, len(score)):
        value = score[j]
        if tail and j < n and text[j - 1] != tail and text[j] < SYLLABLE_BASE and ending[text[j]]:
            value += _OTHER_ENDING
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
