"""Values of numbers as 32-bit integers: equal integers are the same number, and nothing else is."""

import zlib
from collections.abc import Callable
from typing import Final

from geodata.address.words import MARKS, STEMS

Progress = Callable[[int, int], None]
"""Is told how many are done, of how many."""

_MARKED: Final = 1 << 28
_PAIR: Final = 1 << 29
_OTHER: Final = 1 << 30
_MARKS: Final = "abcdefghijklmnopqrstuvwxyz" + STEMS + MARKS


def packed(value: str) -> int:
    """The integer of a canonical value; 0 for an empty one.

    Notes
    -----
    Whole numbers below 2²⁸ stand for themselves plus one; ``12-3``, and ``12甲``, ``a``, ``a3``, have ranges of their
    own. What fits none of them is a checksum in a fourth range.
    """
    value = value.lower()
    if not value:
        return 0
    if value.isascii() and value.isdigit():
        number = int(value)
        return number + 1 if number < _MARKED - 1 else _hashed(value)
    first, dash, second = value.partition("-")
    if dash and first.isdigit() and second.isdigit() and int(first) < 1 << 17 and int(second) < 1 << 12:
        return _PAIR | int(first) << 12 | int(second)
    front, back = value[0] in _MARKS, value[-1] in _MARKS
    digits = value[1:] if front else value[:-1] if back else ""
    if (front or back) and (not digits or (digits.isascii() and digits.isdigit() and int(digits) < 1 << 20)):
        mark = _MARKS.index(value[0] if front else value[-1]) + 1
        side = 1 if front and digits else 0
        return _MARKED | side << 26 | mark << 20 | (int(digits) if digits else 0)
    return _hashed(value)


def unpacked(number: int) -> str:
    """The canonical value of an integer; empty for none, and for what only a checksum is known of."""
    if number <= 0 or number & _OTHER:
        return ""
    if number & _PAIR:
        return f"{(number ^ _PAIR) >> 12}-{number & 0xFFF}"
    if number < _MARKED:
        return str(number - 1)
    mark, digits = _MARKS[(number >> 20 & 0x3F) - 1], number & 0xFFFFF
    return f"{mark}{digits}" if number & 1 << 26 else f"{digits or ''}{mark}"


def whole(number: int) -> int:
    """The whole number in front of a packed value, -1 where there is none."""
    if number <= 0:
        return -1
    if number < _MARKED:
        return number - 1
    if number & _PAIR and not number & _OTHER:
        return (number ^ _PAIR) >> 12
    if number & _OTHER:
        return -1
    return number & 0xFFFFF or -1


def _hashed(value: str) -> int:
    return _OTHER | zlib.crc32(value.encode()) & (_OTHER - 1)


def unheard(_done: int, _total: int) -> None:
    """Progress that nobody follows."""
