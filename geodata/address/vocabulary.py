"""The names of a register, found in a text however they are written: slips, homophones, typed pinyin.

Names are a small vocabulary. Each is known by its unordered pairs of near-sounding syllables, side by side or with one
between them: a slip leaves some of them, a homophone all. What shares enough pairs with the text is aligned with it,
by weights that are negative logarithms of how often people write one thing for another.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numba
import numpy as np
from numpy.typing import NDArray

from geodata.address.align import CHINESE_DIGIT, INITIAL, INITIAL_BASE, NUMERALS, SYLLABLE_BASE, aligned
from geodata.address.sounds import near_table, reading_table
from geodata.address.words import AREA_ENDINGS, COMPOUND_ENDINGS, ROAD_ENDINGS, ROAD_LIGHT

LONGEST_TEXT: Final = 120

_CANDIDATES: Final = 1500
_SIGNS: Final = 37
_LEFT: Final = 2
"""So many characters of a name are left at least."""
_ALL_ENDINGS: Final = (*(one for endings in AREA_ENDINGS.values() for one in endings), *COMPOUND_ENDINGS, *ROAD_ENDINGS)
_ENDINGS: Final = {
    last: tuple(ending for ending in _ALL_ENDINGS if ending.endswith(last))
    for last in dict.fromkeys(ending[-1] for ending in _ALL_ENDINGS)
}
"""By their last character."""
_MIDDLES: Final = ("商务", "国际", "科技", "商业", "贸易", "金融", "时代", "中心")
"""Before an ending they go with it: 南新仓 for 南新仓商务大厦."""
_HAN: Final = 0x4E00
_GENERIC: Final = (ord("小"), ord("区"))
"""What people say for any ending: 阳光小区."""

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
    initials = INITIAL[readings[:, 0]]
    typed = codes >= INITIAL_BASE
    initials[typed] = codes[typed] - INITIAL_BASE
    classes[:, 3] = np.where(initials >= 0, _syllable_classes() + _SIGNS + initials, 0)
    return classes


def readings_of(codes: _Ints) -> NDArray[np.int16]:
    """Syllables of characters or typed syllables, shape (n, 3), 0 where there is none."""
    characters = CHINESE_DIGIT[np.where(codes < SYLLABLE_BASE, codes, 0)]
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
        _class_count(), vocabulary.codes, vocabulary.light, codes, NUMERALS,
    )  # fmt: skip
    lengths = vocabulary.starts[form + 1] - vocabulary.starts[form]
    if len(form) > _CANDIDATES:
        best = np.argpartition(lengths - count * 1.0, _CANDIDATES)[:_CANDIDATES]
        form, lengths = form[best], lengths[best]
    cost, start, end = aligned(vocabulary.codes, vocabulary.light, vocabulary.starts, form, codes, readings)
    # Numerals alone are a name only where they are it exactly: 123456 is no slip for 经五路.
    words = np.r_[0, np.cumsum(NUMERALS[np.minimum(codes, SYLLABLE_BASE - 1)] < 0)]
    exact = ((lengths > 1) & (words[end] > words[start])) | (cost == 0)
    kept = np.flatnonzero((cost < np.inf) & exact & _whole_initials(codes, start, end))
    return Spots(form[kept], cost[kept], start[kept], end[kept])


def _whole_initials(codes: _Ints, start: _Ints, end: _Ints) -> NDArray[np.bool_]:
    """Whether stretches hold all typed initials side by side or none: gxhy is no hy."""
    initial = np.r_[False, codes >= INITIAL_BASE, False]
    torn = initial[:-1] & initial[1:]
    whole: NDArray[np.bool_] = ~(torn[start] | torn[end])
    return whole


@lru_cache(maxsize=1 << 16)
def _light_tail(form: str) -> int:
    """How many characters at the end of a name people leave out, or say another way."""
    for middle in _MIDDLES:
        tail = len(middle) + 2
        if len(form) - tail >= 2 and form.startswith(middle, len(form) - tail) and form.endswith(COMPOUND_ENDINGS):
            return tail
    endings = ("大街", "大道", "胡同", "街道", form[-1]) if form[-1] in ROAD_LIGHT else _ENDINGS.get(form[-1], ())
    return max((len(ending) for ending in endings if form.endswith(ending) and len(form) - len(ending) >= 2), default=0)


def _syllable_classes() -> int:
    return int(near_table().max()) + 1


def _class_count() -> int:
    return _syllable_classes() + _SIGNS + 26


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
def _said_short(codes: Any, light: Any, first: int, length: int, text: Any, numeral: Any) -> bool:
    """Whether a text has what is left of a name without its ending, before a number: 阳光3号楼, 南新仓A座."""
    left = length
    while left > 0 and light[first + left - 1]:
        left -= 1
    if left < _LEFT or left == length:
        return False
    n = len(text)
    for j in range(n - left + 1):
        k = 0
        while k < left and text[j + k] == codes[first + k]:
            k += 1
        if k < left:
            continue
        k = j + left
        if k == n or text[k] < _HAN or text[k] >= SYLLABLE_BASE or numeral[text[k]] >= 0:
            return True
        if k + 1 < n and text[k] == _GENERIC[0] and text[k + 1] == _GENERIC[1]:
            return True
    return False


@numba.njit(cache=True, nogil=True)
def _counted(
    classes: Any, initials: Any, table: Any, postings: Any, starts: Any, k: int, codes: Any, light: Any, text: Any,
    numeral: Any,
) -> Any:  # fmt: skip
    """Forms that share enough pairs with a text, or are said without their endings; and how many pairs."""
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
        if counts[form] * 10 >= pairs * 3 or _said_short(codes, light, starts[form], length, text, numeral):
            chosen[kept] = form
            kept += 1
    chosen = chosen[:kept]
    return chosen, counts[chosen]
