"""What a cell is before it is read, and what is said of one that cannot be read, or only with doubt."""

import math
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import numpy as np
import pandas as pd

LONGEST_TEXT = 500
EXACT_DIGITS = 15

WHOLE_WITH_POINT = re.compile(r"(\d+)\.0+")
_SCIENTIFIC = re.compile(r"\d(\.\d+)?[eE]\+?\d{1,3}")
# Control characters and halves of a pair, and those that turn the reading order of what follows, so that a text looks
# like another one.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
_CONTROL_IN_LINES = re.compile(f"(?![\n\t]){_CONTROL.pattern}")
_NEXT_LINE = re.compile(r"[\t\r\n]+")
_AROUND = "\ufeff\u200b \t\r\n\u3000\xa0"
_TEXT_MARKS = ("'", "’", "‘", "`")
_MARKED_DIGITS = re.compile(r".\d{4,}")


class Unreadable(ValueError):  # noqa: N818
    """A cell that a field cannot be read from: kind of finding and both messages."""

    def __init__(self, kind: str, message: str, message_zh: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.message_zh = message_zh


@dataclass(frozen=True, slots=True)
class Doubted:
    """A value that was read, and the warning about how: kind of finding and both messages."""

    value: Any
    kind: str
    message: str
    message_zh: str


def plain_cell(cell: Any) -> Any:
    """Cell as a plain Python object; None for empty, blank, NaN, NaT and pandas' NA.

    Notes
    -----
    The apostrophe by which a spreadsheet keeps digits as text is taken off where it came along, ``'990101001001``.
    """
    if isinstance(cell, str):
        written = cell.strip(_AROUND)
        if written[:1] in _TEXT_MARKS and _MARKED_DIGITS.fullmatch(written):
            return written[1:]
        return cell if written else None
    if cell is None or cell is pd.NA or cell is pd.NaT:
        return None
    if isinstance(cell, np.ndarray):
        return cell.tolist()
    if isinstance(cell, np.generic):
        cell = cell.item()
    if isinstance(cell, float) and math.isnan(cell):
        return None
    return cell


def short(value: Any) -> str:
    """At most forty characters of a value, for messages."""
    text = str(value)
    return text if len(text) <= 40 else text[:40] + "…"


def clean(text: str, *, longest: int, keep_lines: bool = False) -> str:
    """Text without blanks around it, on one line unless lines are kept.

    Raises
    ------
    Unreadable
        It holds control characters or ones that turn the reading order, or more characters than ``longest``.
    """
    stripped = text.strip(_AROUND)
    flat = stripped.replace("\r\n", "\n") if keep_lines else _NEXT_LINE.sub(" ", stripped)
    control = (_CONTROL_IN_LINES if keep_lines else _CONTROL).search(flat)
    if control is not None:
        raise Unreadable(
            "control-character",
            f"Holds the control character U+{ord(control[0]):04X}; delete it: {_printable(flat)!r}.",
            f"含有控制字符 U+{ord(control[0]):04X}，请删除：“{_printable(flat)}”。",
        )
    if len(flat) > longest:
        raise Unreadable(
            "overlong-text",
            f"Holds {len(flat)} characters; at most {longest} are kept. Shorten it: {short(flat)!r}.",
            f"共 {len(flat)} 个字符，最多 {longest} 个，请缩短：“{short(flat)}”。",
        )
    return flat


def _printable(text: str) -> str:
    return _CONTROL.sub("�", text[:40])


def as_text(value: Any, *, longest: int = LONGEST_TEXT, keep_lines: bool = False) -> str:
    """Cell as clean text: a whole number without a decimal point, a time in ISO form.

    Raises
    ------
    Unreadable
        As `clean`.
    """
    if isinstance(value, str):
        return clean(value, longest=longest, keep_lines=keep_lines)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, int | float):
        return str(value)
    damaged = getattr(value, "text", None)
    return clean(damaged if isinstance(damaged, str) else str(value), longest=longest, keep_lines=keep_lines)


def damaged_number(value: Any) -> Unreadable:
    """The fault of a long number whose last digits a spreadsheet lost."""
    return Unreadable(
        "damaged-code",
        f"{short(value)} was held as a number, which keeps {EXACT_DIGITS} digits: the code's digits are lost. "
        "Format the column as text and enter the code again.",
        f"“{short(value)}”被存成了数字，只保留 {EXACT_DIGITS} 位，编码已损坏。请将该列设为文本格式后重填。",
    )


def normal(text: str) -> str:
    """Text with full-width forms made plain and blanks around it taken off."""
    return unicodedata.normalize("NFKC", text).strip(_AROUND)


def is_scientific(text: str) -> bool:
    """Whether a spreadsheet wrote a long number in powers of ten: digits are lost."""
    return "e+" in text.lower() and _SCIENTIFIC.fullmatch(text) is not None
