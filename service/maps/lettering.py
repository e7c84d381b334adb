"""How much room letters take on paper, and what is done with names that need more than there is.

Widths are those of Noto Sans CJK, in parts of the letter height: Chinese signs are as wide as they are high, Latin ones
are looked up. Lengths are millimetres.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

# Of the characters from the blank to the tilde, in thousandths.
_LATIN: Final = (
    224, 323, 474, 555, 555, 921, 680, 278, 338, 338, 467, 555, 278, 347, 278, 392, 555, 555, 555, 555, 555, 555, 555,
    555, 555, 555, 278, 278, 555, 555, 555, 474, 946, 608, 657, 638, 688, 589, 552, 689, 728, 293, 535, 646, 543, 812,
    723, 742, 633, 742, 635, 596, 599, 721, 575, 878, 573, 531, 603, 338, 392, 338, 555, 559, 606, 563, 618, 510, 620,
    554, 325, 564, 607, 275, 275, 552, 284, 926, 610, 606, 620, 620, 388, 468, 377, 607, 521, 802, 498, 521, 475, 338,
    270, 338, 555,
)  # fmt: skip
_BOLDER: Final = 1.06
_NARROW: Final = 0.6
_WIDE: Final = 1.0
# What is not written: controls, what turns the direction of writing round, marks that pile up on a letter.
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_MOST_MARKS: Final = 2
_WORDS: Final = ("网格", "社区", "街道", "小区", "片区")
_NUMERALS: Final = "〇零一二三四五六七八九十百"
MORE: Final = "…"


def clean(text: str) -> str:
    """A text as one line, without controls and heaps of marks, blanks joined; names from data can hold anything."""
    kept: list[str] = []
    marks = 0
    for sign in text:
        category = unicodedata.category(sign)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if category in _UNSEEN:
            kept.append(" " if sign in "\t\n\r\u2028\u2029" else "")
        elif marks <= _MOST_MARKS:
            kept.append(sign)
    return re.sub(r"\s+", " ", "".join(kept)).strip()


def width_of(text: str, size: float, *, bold: bool = False) -> float:
    """How wide a text is, millimetres.

    Parameters
    ----------
    size
        Height of its letters (the em), millimetres.
    """
    wide = sum(_width(sign) for sign in text)
    return wide * size * (_BOLDER if bold else 1.0)


def _width(sign: str) -> float:
    place = ord(sign) - 32
    if 0 <= place < len(_LATIN):
        return _LATIN[place] / 1000
    if unicodedata.category(sign) in ("Mn", "Me"):
        return 0.0
    return _WIDE if unicodedata.east_asian_width(sign) in "WFA" else _NARROW


def fitted(text: str, room: float, size: float, *, bold: bool = False) -> str:
    """A text as it is where it fits, else its beginning with three dots; empty where not even those fit."""
    if width_of(text, size, bold=bold) <= room:
        return text
    left = room - width_of(MORE, size, bold=bold)
    if left < 0:
        return ""
    kept = 0
    for sign in text:
        left -= width_of(sign, size, bold=bold)
        if left < 0:
            break
        kept += 1
    return text[:kept].rstrip() + MORE if kept else ""


def broken(text: str) -> tuple[str, str] | None:
    """A name in two lines of about equal width, parted where a reader would; None for one too short or a number."""
    if len(text) < 4:
        return None
    whole = width_of(text, 1.0)

    def strain(place: int) -> float:
        uneven = abs(width_of(text[:place], 1.0) - whole / 2) / whole
        whole_word = text[place:].startswith(_WORDS)
        return uneven + (0.0 if whole_word or _parts(text[place - 1], text[place]) else 0.35)

    place = min(range(2, len(text) - 1), key=strain)
    if all(sign.isascii() and sign.isalnum() for sign in text[place - 1 : place + 1]):
        return None
    return text[:place].strip(), text[place:].strip()


def _parts(before: str, after: str) -> bool:
    """Whether a line may end between two signs: not inside a number or a Latin word, nor right after 第."""
    if before in " -/·、（(" or after in " （(":
        return True
    if before == "第" or after in "、，。）)" or (before in _NUMERALS and after in _NUMERALS):
        return False
    latin = [sign.isascii() and sign.isalnum() for sign in (before, after)]
    return not all(latin) and (before in "区村街路院园苑里镇庄厂场市县" or latin[0] != latin[1])


def wrapped(text: str, room: float, size: float, most: int) -> list[str]:
    """A text in lines no wider than the room, at most so many; the last one ends with dots where more follows."""
    lines: list[str] = []
    left = text
    while left and len(lines) < most:
        if len(lines) == most - 1 or width_of(left, size) <= room:
            lines.append(fitted(left, room, size))
            break
        place = _line_end(left, room, size)
        lines.append(left[:place].rstrip())
        left = left[place:].lstrip()
    return lines


def _line_end(text: str, room: float, size: float) -> int:
    """Where the first line of a text ends: after the last sign that fits, not inside a Latin word or number."""
    wide, place = 0.0, 1
    for at, sign in enumerate(text):
        wide += width_of(sign, size)
        if wide > room:
            place = max(at, 1)
            break
    back = place
    while back > 1 and all(sign.isascii() and not sign.isspace() for sign in text[back - 1 : back + 1]):
        back -= 1
    return back if back > place // 2 else place


def common_start(names: Sequence[str]) -> str:
    """What all of several names begin with, numbers left whole; empty for a single one."""
    if len(names) < 2:
        return ""
    first, last = min(names), max(names)
    place = next((at for at, (one, other) in enumerate(zip(first, last, strict=False)) if one != other), len(first))
    while place and (first[place - 1].isalnum() and first[place - 1].isascii()):
        place -= 1
    return first[:place]
