"""Stage 2a: one cell → one value. Each reader returns the value, or raises `Unreadable` with what is wrong.

Cells are raw Python objects as the file held them: text, numbers, booleans, dates, None. An empty cell is None.
"""

import json
import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from geodata.errors import HoursError, TimeError
from geodata.intake.cells import (
    EXACT_DIGITS,
    LONGEST_TEXT,
    WHOLE_WITH_POINT,
    Doubted,
    Unreadable,
    as_text,
    clean,
    damaged_number,
    is_scientific,
    normal,
    plain_cell,
    short,
)
from geodata.intake.fields import LEVELS, Field
from geodata.intake.list_words import split_items
from geodata.intake.measures import read_count, read_duration, read_number
from geodata.intake.periods import read_period
from geodata.intake.phones import read_phone
from geodata.intake.units import read_units
from geodata.people.hours import parse_hours
from geodata.records import FOREVER_TO
from geodata.times import LOCAL_ZONE, end_of, instant, microseconds, parse_time, start_of

LONGEST_DUTIES = 10_000
LONGEST_HOURS_CELL = 5_000
LONGEST_ITEMS = 20_000

_BETWEEN_SERVICES = re.compile(r"[、,;，；|\n]+")
_TRUE = {"是", "true", "t", "yes", "y", "1", "√", "✓", "✔", "有", "对", "公开", "启用"}
_FALSE = {"否", "false", "f", "no", "n", "0", "×", "✗", "x", "无", "不", "不是", "不公开", "停用"}
_WITHOUT_YEAR = re.compile(r"\d{1,2}月\d{1,2}[日号]?")
_OPEN_END = {"至今", "长期", "永久", "无期限", "现在", "now", "forever", "infinity"}
_LONG_TEXTS = {"duties_text", "duties_en", "description", "body", "body_en"}
# The forms of letters, digits and signs that Chinese input methods make twice as wide.
_FULL_WIDTH = {0xFF01 + at: 0x21 + at for at in range(94)}
# Days as Excel counts them, from 1954 to 2119; what is not a date in a column of dates is one of these.
_SERIAL = re.compile(r"[2-7]\d{4}(\.\d+)?")
_SERIAL_DAYS = (20_000, 80_000)
_EXCEL_EPOCH = datetime(1899, 12, 30)


def read_value(field: Field, cell: Any) -> Any:
    """Value of a field from one cell; the field's default where the cell is empty.

    Raises
    ------
    Unreadable
        The cell holds something that the field cannot be.
    """
    value = read_cell(field, cell)
    return value.value if isinstance(value, Doubted) else value


def read_cell(field: Field, cell: Any) -> Any:
    """As `read_value`; `Doubted` where the value was read, and its user should look at it.

    A cell that an earlier stage has read already may be `Doubted` or `Unreadable` itself.

    Raises
    ------
    Unreadable
        The cell holds something that the field cannot be.
    """
    value = plain_cell(cell)
    if isinstance(value, Unreadable):
        raise value
    if isinstance(value, Doubted):
        return value
    if value is None or (field.empty_words and isinstance(value, str) and _plain(value) in field.empty_words):
        return field.default
    if field.reader == "choice":
        return _choice(field, value)
    if field.reader == "level":
        return _level(field, value)
    if field.name in _LONG_TEXTS:
        return as_text(value, longest=LONGEST_DUTIES, keep_lines=True)
    read = _READERS[field.reader](value)
    if field.pattern and not re.fullmatch(field.pattern, read):
        raise Unreadable(
            "unusable-code",
            f"{short(read)!r} cannot stand in an address: use lower-case letters, digits, - and _, a letter first.",
            f"“{short(read)}”不能用于网址：请用小写字母、数字、- 和 _，以字母开头，最多 40 个字符。",
        )
    return field.default if read is None else read


def _code(value: Any) -> str:
    if isinstance(value, bool | datetime | date | time):
        raise Unreadable(
            "unreadable-code",
            f"{short(value)} is not a code: format the column as text.",
            f"“{short(value)}”不是编码，请将该列设为文本格式。",
        )
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        if not value.is_integer():
            raise Unreadable("unreadable-code", f"{value} is not a code.", f"“{value}”不是编码。")
        if abs(value) >= 10**EXACT_DIGITS:
            raise damaged_number(value)
        return str(int(value))
    if not isinstance(value, str):
        raise damaged_number(value)
    text = clean(value.translate(_FULL_WIDTH), longest=100)
    if is_scientific(text):
        raise damaged_number(text)
    whole = WHOLE_WITH_POINT.fullmatch(text)
    return whole[1] if whole else text


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    text = as_text(value, longest=LONGEST_TEXT).casefold().removesuffix(".0")
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise Unreadable(
        "unreadable-boolean",
        f"{short(value)!r} is neither yes nor no: write 是 or 否.",
        f"“{short(value)}”无法识别，请填“是”或“否”。",
    )


def _list(value: Any) -> tuple[str, ...]:
    parts: Any = value
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            parts = json.loads(value)
        except ValueError:
            parts = value
    if not isinstance(parts, list | tuple):
        parts = _BETWEEN_SERVICES.split(as_text(value, longest=5_000, keep_lines=True))
    cleaned = (as_text(part) for part in map(plain_cell, parts) if part is not None)
    return tuple(dict.fromkeys(part for part in cleaned if part))


def _items(value: Any) -> tuple[str, ...]:
    return split_items(as_text(value, longest=LONGEST_ITEMS, keep_lines=True))


def _level(field: Field, value: Any) -> str:
    text = as_text(value)
    plain = unicodedata.normalize("NFKC", text).casefold().replace("/", "").replace(" ", "").replace("_", "")
    for level, synonyms in {**field.choices, **LEVELS}.items():
        if plain == level.replace("_", "") or plain in synonyms:
            return level
    return text


def _plain(text: str) -> str:
    return normal(text).casefold().replace(" ", "")


def _choice(field: Field, value: Any) -> str:
    text = unicodedata.normalize("NFKC", as_text(value)).casefold()
    for choice, synonyms in field.choices.items():
        if text == choice or text in synonyms:
            return choice
    options = " / ".join(f"{choice} ({synonyms[0]})" for choice, synonyms in field.choices.items())
    empty, empty_zh = (", nor empty for all", "，不填为不限") if field.empty_words else ("", "")
    raise Unreadable(
        "unknown-choice",
        f"{short(value)!r} is none of {options}{empty}.",
        f"“{short(value)}”不在可选值之内：{options}{empty_zh}。",
    )


def _from(value: Any) -> int | Doubted:
    return _moment(value, inclusive_end=False)


def _to(value: Any) -> int | Doubted:
    return _moment(value, inclusive_end=True)


def _moment(value: Any, *, inclusive_end: bool) -> int | Doubted:
    serial = _serial(value)
    if serial is not None:
        read = _moment(serial, inclusive_end=inclusive_end)
        return _doubted_serial(value, read, serial.isoformat(" ", "minutes").removesuffix(" 00:00"))
    try:
        if isinstance(value, datetime):
            bare_day = value.tzinfo is None and value.time() == time()
            if value.year >= 9999 and inclusive_end:
                return FOREVER_TO
            return end_of(value.date()) if bare_day and inclusive_end else microseconds(value)
        if isinstance(value, date):
            return end_of(value) if inclusive_end else start_of(value)
        text = as_text(value)
        if inclusive_end and (text.casefold() in _OPEN_END or text.startswith("9999")):
            return FOREVER_TO
        if _WITHOUT_YEAR.fullmatch(normal(text)):
            return _of_nearest_year(text, inclusive_end)
        return parse_time(text, inclusive_end=inclusive_end)
    except (TimeError, OverflowError) as error:
        detail, detail_zh = (error.detail, error.detail_zh) if isinstance(error, TimeError) else (str(error), "")
        raise Unreadable("unreadable-time", detail, detail_zh or detail) from error


def _of_nearest_year(text: str, inclusive_end: bool) -> int | Doubted:
    """A day whose year a clerk left out: the nearest, as in periods of one cell."""
    read = read_period(text)
    assert isinstance(read, Doubted)
    return replace(read, value=read.value[int(inclusive_end)])


def _hours(value: Any) -> str:
    text = as_text(value, longest=LONGEST_HOURS_CELL, keep_lines=True)
    try:
        return _parsed_hours(text.replace("\n", "; "))
    except HoursError as error:
        raise Unreadable("unreadable-hours", error.detail, error.detail_zh) from error


# A sheet says the same few hours thousands of times.
_parsed_hours = lru_cache(maxsize=4_096)(parse_hours)


def _day(value: Any) -> str | Doubted:
    read = _moment(value, inclusive_end=False)
    micros = read.value if isinstance(read, Doubted) else read
    try:
        local = instant(micros).astimezone(LOCAL_ZONE)
    except (TimeError, OverflowError) as error:
        raise Unreadable(
            "unreadable-time", f"{short(value)!r} is not a day of a calendar.", f"“{short(value)}”不是有效的日期。"
        ) from error
    # Where clocks are put forward at midnight a day begins at one.
    if micros != start_of(local.date()):
        raise Unreadable(
            "unreadable-time",
            f"{short(value)!r} is a time of day; a day is needed, such as 2026-10-01.",
            f"“{short(value)}”含有时刻，这里应填日期，例如 2026-10-01。",
        )
    day = local.date().isoformat()
    return replace(read, value=day) if isinstance(read, Doubted) else day


def _serial(value: Any) -> datetime | None:
    """Local time that a spreadsheet's count of days stands for, to the second; None where the cell is no such count."""
    if isinstance(value, str) and _SERIAL.fullmatch(normal(value)):
        value = float(normal(value))
    if isinstance(value, bool) or not isinstance(value, int | float) or not _SERIAL_DAYS[0] <= value < _SERIAL_DAYS[1]:
        return None
    return _EXCEL_EPOCH + timedelta(seconds=round(float(value) * 86_400))


def _doubted_serial(value: Any, read: Any, written: str) -> Doubted:
    return Doubted(
        read,
        "date-serial",
        f"{short(value)} is a date held as a number; it is read as {written}. In a workbook that counts from 1904 it "
        "would be four years and a day later: format the column as a date.",
        f"“{short(value)}”是以数字保存的日期，按 {written} 读取；如工作簿采用 1904 日期系统，则相差四年零一天，"
        "请将该列设为日期格式。",
    )


_READERS: dict[str, Callable[[Any], Any]] = {
    "code": _code,
    "text": as_text,
    "phone": read_phone,
    "number": read_number,
    "count": read_count,
    "boolean": _boolean,
    "list": _list,
    "items": _items,
    "from": _from,
    "to": _to,
    "day": _day,
    "duration": read_duration,
    "units": read_units,
    "period": read_period,
    # People of a role, in however many lines.
    "cell": lambda value: as_text(value, keep_lines=True),
    "hours": _hours,
    # Well-known text is long, and read where its places are.
    "shape": str,
}
