"""How what is being typed explains the beginning of a name: characters, pinyin, a begun syllable, initials, mixed."""

from functools import cache
from typing import Any, Final

import numba
import numpy as np
from numpy.typing import NDArray

from geodata.address.sounds import SYLLABLES, reading_table

PINYIN: Final = 0.05
BEGUN: Final = 0.1
INITIAL: Final = 0.6
"""What a character costs that is typed by its syllable, by the beginning of it, by its initial."""

_LONGEST: Final = 6


def explained(
    codes: NDArray[np.uint16], starts: NDArray[Any], ends: NDArray[Any], typed: str
) -> tuple[NDArray[np.float32], NDArray[np.int16]]:
    """How names begin with what was typed.

    Parameters
    ----------
    codes
        Characters of names, one name after another.
    starts, ends
        From which character on each name is read, and where it ends.
    typed
        Folded characters, letters and digits without separators.

    Returns
    -------
    cost
        0 where characters are the same, more for what is typed by sound; infinite where it is no beginning.
    length
        How many characters are explained.
    """
    syllables, lengths = _spelling()
    explanation: tuple[NDArray[np.float32], NDArray[np.int16]] = _explained(
        codes, np.asarray(starts, np.int64), np.asarray(ends, np.int64),
        np.array([min(ord(c), 0xFFFD) for c in typed], np.int32), reading_table(), syllables, lengths,
    )  # fmt: skip
    return explanation


@cache
def _spelling() -> tuple[NDArray[np.uint8], NDArray[np.int8]]:
    """Letters of each syllable, shape (n, 6), and how many."""
    syllables = np.zeros((len(SYLLABLES) + 1, _LONGEST), np.uint8)
    lengths = np.zeros(len(SYLLABLES) + 1, np.int8)
    for number, syllable in enumerate(SYLLABLES, start=1):
        syllables[number, : len(syllable)] = list(syllable.encode())
        lengths[number] = len(syllable)
    return syllables, lengths


@numba.njit(cache=True, nogil=True)
def _explained(codes: Any, starts: Any, ends: Any, typed: Any, readings: Any, syllables: Any, lengths: Any) -> Any:
    n = len(typed)
    costs = np.full(len(starts), np.inf, np.float32)
    used = np.zeros(len(starts), np.int16)
    here = np.empty(n + 1, np.float32)
    there = np.empty(n + 1, np.float32)
    for which in range(len(starts)):
        here[:] = np.inf
        here[0] = 0.0
        for place in range(starts[which], ends[which]):
            there[:] = np.inf
            going = _step(codes[place], typed, here, there, readings, syllables, lengths)
            if there[n] < costs[which]:
                costs[which] = there[n]
                used[which] = place + 1 - starts[which]
            if not going:
                break
            here, there = there, here
    return costs, used


@numba.njit(cache=True, nogil=True)
def _step(code: Any, typed: Any, here: Any, there: Any, readings: Any, syllables: Any, lengths: Any) -> bool:
    """Explain one character of a name: from the costs of each place in what was typed to those of the places behind."""
    n = len(typed)
    going = False
    for j in range(n):
        cost = here[j]
        if cost == np.inf:
            continue
        if typed[j] == code:
            there[j + 1] = min(there[j + 1], cost)
            going = True
        if typed[j] < 97 or typed[j] > 122:
            continue
        for reading in readings[code]:
            if reading == 0:
                break
            length = lengths[reading]
            same = 0
            while same < length and j + same < n and syllables[reading, same] == typed[j + same]:
                same += 1
            if same == 0:
                continue
            going = True
            if same == length:
                there[j + same] = min(there[j + same], cost + PINYIN)
            elif j + same == n:
                there[n] = min(there[n], cost + BEGUN)
            there[j + 1] = min(there[j + 1], cost + INITIAL)
            if same >= 2 and syllables[reading, 1] == 104:
                there[j + 2] = min(there[j + 2], cost + INITIAL)
    return going
