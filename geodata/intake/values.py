"""Stage 2a: one cell → one value. Each reader returns the value, or raises `Unreadable` with what is wrong.

Cells are raw Python objects as the file held them: text, numbers, booleans, dates, None. An empty cell is None.
"""

import json
import math
import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

import numpy as np
import pandas as pd

from geodata.errors import TimeError
from geodata.intake.kinds import LEVELS, Field
from geodata.records import FOREVER_TO
from geodata.times import end_of, microseconds, parse_time, start_of

LONGEST_TEXT = 500
LONGEST_DUTIES = 10_000
LARGEST_COUNT = 2**31 - 1
_EXACT_DIGITS = 15

_WHOLE_WITH_POINT = re.compile(r"(\d+)\.0+")
_SCIENTIFIC = re.compile(r"\d(\.\d+)?[eE]\+?\d{1,3}")
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_BETWEEN_SERVICES = re.compile(r"[、,;，；|\n]+")
_TRUE = {"是", "true", "t", "yes", "y", "1", "√", "✓", "✔", "有", "对", "公开", "启用"}
_FALSE = {"否", "false", "f", "no", "n", "0", "×", "✗", "x", "无", "不", "不是", "不公开", "停用"}
_OPEN_END = {"至今", "长期", "永久", "无期限", "现在", "now", "forever", "infinity"}


class Unreadable(ValueError):  # noqa: N818
    """A cell that a field cannot be read from: kind of finding and both messages."""

    def __init__(self, kind: str, message: str, message_zh: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.message_zh = message_zh


def read_value(field: Field, cell: Any) -> Any:
    """Value of a field from one cell; the field's default where the cell is empty.

    Raises
    ------
    Unreadable
        The cell holds something that the field cannot be.
    """
    value = plain_cell(cell)
    if value is None:
        return field.default
    if field.reader == "choice":
        return _choice(field, value)
    if field.name == "duties_text":
        return _text(value, longest=LONGEST_DUTIES, keep_lines=True)
    read = _READERS[field.reader](value)
    if field.pattern and not re.fullmatch(field.pattern, read):
        raise Unreadable(
            "unusable-code",
            f"{_short(read)!r} cannot stand in an address: use lower-case letters, digits, - and _, a letter first.",
            f"“{_short(read)}”不能用于网址：请用小写字母、数字、- 和 _，以字母开头，最多 40 个字符。",
        )
    return field.default if read is None else read


def plain_cell(cell: Any) -> Any:
    """Cell as a plain Python object; None for empty, blank, NaN, NaT and pandas' NA."""
    if isinstance(cell, str):
        return cell if cell.strip("\ufeff\u200b \t\r\n\u3000\xa0") else None
    if cell is None or cell is pd.NA or cell is pd.NaT:
        return None
    if isinstance(cell, np.ndarray):
        return cell.tolist()
    if isinstance(cell, np.generic):
        cell = cell.item()
    if isinstance(cell, float) and math.isnan(cell):
        return None
    return cell


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 40 else text[:40] + "…"


def _clean(text: str, *, longest: int, keep_lines: bool = False) -> str:
    stripped = text.strip("\ufeff\u200b \t\r\n\u3000\xa0")
    flat = stripped.replace("\r\n", "\n") if keep_lines else re.sub(r"[\t\r\n]+", " ", stripped)
    for character in flat:
        if unicodedata.category(character) in ("Cc", "Cs") and not (keep_lines and character in "\n\t"):
            raise Unreadable(
                "control-character",
                f"Holds the control character U+{ord(character):04X}; delete it: {_printable(flat)!r}.",
                f"含有控制字符 U+{ord(character):04X}，请删除：“{_printable(flat)}”。",
            )
    if len(flat) > longest:
        raise Unreadable(
            "overlong-text",
            f"Holds {len(flat)} characters; at most {longest} are kept. Shorten it: {_short(flat)!r}.",
            f"共 {len(flat)} 个字符，最多 {longest} 个，请缩短：“{_short(flat)}”。",
        )
    return flat


def _printable(text: str) -> str:
    return "".join("�" if unicodedata.category(mark) in ("Cc", "Cs") else mark for mark in text[:40])


def _text(value: Any, *, longest: int = LONGEST_TEXT, keep_lines: bool = False) -> str:
    if isinstance(value, str):
        return _clean(value, longest=longest, keep_lines=keep_lines)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, int | float):
        return str(value)
    damaged = getattr(value, "text", None)
    return _clean(damaged if isinstance(damaged, str) else str(value), longest=longest, keep_lines=keep_lines)


def _code(value: Any) -> str:
    if isinstance(value, bool | datetime | date | time):
        raise Unreadable(
            "unreadable-code",
            f"{_short(value)} is not a code: format the column as text.",
            f"“{_short(value)}”不是编码，请将该列设为文本格式。",
        )
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        if not value.is_integer():
            raise Unreadable("unreadable-code", f"{value} is not a code.", f"“{value}”不是编码。")
        if abs(value) >= 10**_EXACT_DIGITS:
            raise _damaged(value)
        return str(int(value))
    if not isinstance(value, str):
        raise _damaged(value)
    text = _clean(value, longest=100)
    if _SCIENTIFIC.fullmatch(text) and "e+" in text.lower():
        raise _damaged(text)
    whole = _WHOLE_WITH_POINT.fullmatch(text)
    return whole[1] if whole else text


def _damaged(value: Any) -> Unreadable:
    return Unreadable(
        "damaged-code",
        f"{_short(value)} was held as a number, which keeps {_EXACT_DIGITS} digits: the code's digits are lost. "
        "Format the column as text and enter the code again.",
        f"“{_short(value)}”被存成了数字，只保留 {_EXACT_DIGITS} 位，编码已损坏。请将该列设为文本格式后重填。",
    )


def _phone(value: Any) -> str:
    if isinstance(value, float) and not value.is_integer():
        raise Unreadable("unreadable-phone", f"{value} is not a phone number.", f"“{value}”不是电话号码。")
    text = _text(value, longest=100)
    if _SCIENTIFIC.fullmatch(text) and "e+" in text.lower():
        raise _damaged(text)
    whole = _WHOLE_WITH_POINT.fullmatch(text)
    return whole[1] if whole else text


def _number(value: Any) -> float:
    try:
        if isinstance(value, bool | datetime | date | time):
            raise ValueError(value)
        if isinstance(value, int | float):
            number = float(value)
        else:
            text = unicodedata.normalize("NFKC", str(getattr(value, "text", value))).strip()
            number = float(text.replace(",", "") if _GROUPED.fullmatch(text) else text)
        if not math.isfinite(number):
            raise ValueError(value)
    except (ValueError, OverflowError) as error:
        raise Unreadable(
            "unreadable-number", f"{_short(value)!r} is not a number.", f"“{_short(value)}”不是数字。"
        ) from error
    return number


def _count(value: Any) -> int:
    number = _number(value)
    if not number.is_integer() or not 0 <= number <= LARGEST_COUNT:
        raise Unreadable(
            "unreadable-number",
            f"{_short(value)!r} is not a count: a whole number from 0 to {LARGEST_COUNT}.",
            f"“{_short(value)}”不是有效的数量，应为 0 到 {LARGEST_COUNT} 的整数。",
        )
    return int(number)


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    text = _text(value, longest=LONGEST_TEXT).casefold().removesuffix(".0")
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise Unreadable(
        "unreadable-boolean",
        f"{_short(value)!r} is neither yes nor no: write 是 or 否.",
        f"“{_short(value)}”无法识别，请填“是”或“否”。",
    )


def _list(value: Any) -> tuple[str, ...]:
    parts: Any = value
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            parts = json.loads(value)
        except ValueError:
            parts = value
    if not isinstance(parts, list | tuple):
        parts = _BETWEEN_SERVICES.split(_text(value, longest=5_000, keep_lines=True))
    cleaned = (_text(part) for part in map(plain_cell, parts) if part is not None)
    return tuple(dict.fromkeys(part for part in cleaned if part))


def _level(value: Any) -> str:
    text = _text(value)
    plain = unicodedata.normalize("NFKC", text).casefold().replace("/", "").replace(" ", "").replace("_", "")
    for level, synonyms in LEVELS.items():
        if plain == level.replace("_", "") or plain in synonyms:
            return level
    return text


def _choice(field: Field, value: Any) -> str:
    text = unicodedata.normalize("NFKC", _text(value)).casefold()
    for choice, synonyms in field.choices.items():
        if text == choice or text in synonyms:
            return choice
    options = " / ".join(f"{choice} ({synonyms[0]})" for choice, synonyms in field.choices.items())
    raise Unreadable(
        "unknown-choice", f"{_short(value)!r} is none of {options}.", f"“{_short(value)}”不在可选值之内：{options}。"
    )


def _from(value: Any) -> int:
    return _moment(value, inclusive_end=False)


def _to(value: Any) -> int:
    return _moment(value, inclusive_end=True)


def _moment(value: Any, *, inclusive_end: bool) -> int:
    try:
        if isinstance(value, datetime):
            bare_day = value.tzinfo is None and value.time() == time()
            if value.year >= 9999 and inclusive_end:
                return FOREVER_TO
            return end_of(value.date()) if bare_day and inclusive_end else microseconds(value)
        if isinstance(value, date):
            return end_of(value) if inclusive_end else start_of(value)
        text = _text(value)
        if inclusive_end and (text.casefold() in _OPEN_END or text.startswith("9999")):
            return FOREVER_TO
        return parse_time(text, inclusive_end=inclusive_end)
    except (TimeError, OverflowError) as error:
        detail, detail_zh = (error.detail, error.detail_zh) if isinstance(error, TimeError) else (str(error), "")
        raise Unreadable("unreadable-time", detail, detail_zh or detail) from error


_READERS: dict[str, Callable[[Any], Any]] = {
    "code": _code,
    "text": _text,
    "phone": _phone,
    "number": _number,
    "count": _count,
    "boolean": _boolean,
    "list": _list,
    "level": _level,
    "from": _from,
    "to": _to,
    # Well-known text is long, and read where its places are.
    "shape": str,
}
