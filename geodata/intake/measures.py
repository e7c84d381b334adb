"""Stage 2a for numbers: counts, coordinates and durations as people write them."""

import math
import re
from datetime import date, datetime, time
from typing import Any

from geodata.intake.cells import Doubted, Unreadable, as_text, normal, short

LARGEST_COUNT = 2**31 - 1

_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_UNITS = "户|家|人|口|名|个|位|栋|幢|座|单元|层|间|套|处|次|件|起|户人家|households?|persons?|people"
_WITH_UNIT = re.compile(
    rf"(?P<about>约|大约|近|about|approx\.?|~|≈)?\s*(?P<number>\d[\d,]*(?:\.\d+)?)\s*(?P<many>万)?\s*(?P<more>多|余|来)?"
    rf"\s*(?P<unit>{_UNITS})?\s*(?P<around>左右|上下|以上|\+)?",
    re.IGNORECASE,
)
_DEGREES = re.compile(
    r"(?:[东西南北]经|[东西南北]纬)?\s*(?P<sign>[+-]?)(?P<degrees>\d{1,3})\s*[°度]\s*"
    r"(?:(?P<minutes>\d{1,2}(?:\.\d+)?)\s*['′’分]\s*)?(?:(?P<seconds>\d{1,2}(?:\.\d+)?)\s*(?:[\"″”秒]|''|′′)\s*)?"
    r"(?P<side>[NSEWnsew]|[东西南北])?"
)
_DECIMAL_DEGREES = re.compile(r"(?P<number>[+-]?\d{1,3}(?:\.\d+)?)\s*[°度]")
_SOUTH_OR_WEST = re.compile(r"[SWsw西南]")

_MINUTES = {
    "分钟": 1,
    "分": 1,
    "minutes": 1,
    "minute": 1,
    "mins": 1,
    "min": 1,
    "m": 1,
    "小时": 60,
    "个小时": 60,
    "钟头": 60,
    "hours": 60,
    "hour": 60,
    "hrs": 60,
    "hr": 60,
    "h": 60,
    "天": 1440,
    "日": 1440,
    "个自然日": 1440,
    "自然日": 1440,
    "days": 1440,
    "day": 1440,
    "d": 1440,
    "周": 10080,
    "星期": 10080,
    "个星期": 10080,
    "weeks": 10080,
    "week": 10080,
    "w": 10080,
    "个工作日": 1440,
    "工作日": 1440,
    "working days": 1440,
    "working day": 1440,
    "business days": 1440,
    "business day": 1440,
}
_WORKING = re.compile("工作日|working|business")
_PART = re.compile(
    rf"(?P<number>\d+(?:\.\d+)?|半)\s*(?P<unit>{'|'.join(sorted(_MINUTES, key=len, reverse=True))})", re.IGNORECASE
)
_ISO = re.compile(r"P(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,8})M)?)?", re.IGNORECASE)
_WITHIN = re.compile(r"^(?:within|in)\s+|(?:之内|以内|内)?(?:办结|办理|处置|响应|到场|答复|回复)?$", re.IGNORECASE)
_DIGITS = {mark: value for value, mark in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_CHINESE = re.compile("[零一二三四五六七八九两〇]?十[零一二三四五六七八九]?|[零一二三四五六七八九两〇]")
_LONGEST_MINUTES = 10 * 366 * 1440


def read_number(value: Any) -> float | Doubted:
    """Finite number; degrees with minutes, and a degree sign, are read with a warning.

    Raises
    ------
    Unreadable
        It is no number.
    """
    plain = _plain_number(value)
    if plain is not None:
        return plain
    degrees = _degrees(normal(str(value))) if isinstance(value, str) else None
    if degrees is None:
        raise _no_number(value)
    return Doubted(
        degrees,
        "degrees-minutes",
        f"{short(value)!r} is read as {degrees:.6f} degrees.",
        f"“{short(value)}”按 {degrees:.6f} 度读取。",
    )


def read_count(value: Any) -> int | Doubted:
    """Whole number from 0; a unit of measure or a word like "about" beside it is read with a warning.

    Raises
    ------
    Unreadable
        It is no such number, or carries a unit that nothing is counted in.
    """
    plain = _plain_number(value)
    if plain is not None:
        return _whole(plain, value)
    matched = _WITH_UNIT.fullmatch(normal(str(value))) if isinstance(value, str) else None
    if matched is None or not any(matched[part] for part in ("about", "many", "more", "unit", "around")):
        raise _no_number(value)
    number = float(matched["number"].replace(",", "")) * (10_000 if matched["many"] else 1)
    count = _whole(round(number, 6), value)
    return Doubted(count, "unit-in-cell", f"{short(value)!r} is read as {count}.", f"“{short(value)}”按 {count} 读取。")


def read_duration(value: Any) -> int | Doubted:
    """Minutes; a bare number is minutes, working days count as days, with a warning.

    Raises
    ------
    Unreadable
        It is no duration, or none between a minute and ten years.
    """
    number = _plain_number(value)
    text = "" if number is not None else normal(as_text(value)).lower()
    minutes = number if number is not None else _written_minutes(text)
    if minutes is None or not float(minutes).is_integer() or not 0 < minutes <= _LONGEST_MINUTES:
        raise Unreadable(
            "unreadable-duration",
            f"{short(value)!r} is not a time to promise: write 2 hours, 2 days, 90 minutes or 2小时.",
            f"“{short(value)}”不是有效的时限，请写成 2小时、2天 或 90分钟。",
        )
    if not _WORKING.search(text):
        return int(minutes)
    days = int(minutes) // 1440
    return Doubted(
        int(minutes),
        "working-days",
        f"{short(value)!r} is kept as {days} days: holidays and weekends are not left out.",
        f"“{short(value)}”按 {days} 天保存，不扣除节假日和周末。",
    )


def duration_text(minutes: int | None, *, chinese: bool = False) -> str | None:
    """A promised time as people write it and `read_duration` reads it; None for none."""
    if minutes is None:
        return None
    for unit, unit_zh, length in (("days", "天", 24 * 60), ("hours", "小时", 60), ("minutes", "分钟", 1)):
        if minutes % length == 0:
            return f"{minutes // length}{unit_zh}" if chinese else f"{minutes // length} {unit}"
    return None


def _plain_number(value: Any) -> float | None:
    """Number that needs no guess; None where the cell is none."""
    try:
        if isinstance(value, bool | datetime | date | time):
            return None
        if isinstance(value, int | float):
            number = float(value)
        else:
            text = normal(str(getattr(value, "text", value)))
            number = float(text.replace(",", "") if _GROUPED.fullmatch(text) else text)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _whole(number: float, value: Any) -> int:
    if not number.is_integer() or not 0 <= number <= LARGEST_COUNT:
        raise Unreadable(
            "unreadable-number",
            f"{short(value)!r} is not a count: a whole number from 0 to {LARGEST_COUNT}.",
            f"“{short(value)}”不是有效的数量，应为 0 到 {LARGEST_COUNT} 的整数。",
        )
    return int(number)


def _no_number(value: Any) -> Unreadable:
    return Unreadable("unreadable-number", f"{short(value)!r} is not a number.", f"“{short(value)}”不是数字。")


def _degrees(text: str) -> float | None:
    decimal = _DECIMAL_DEGREES.fullmatch(text)
    if decimal:
        return float(decimal["number"])
    matched = _DEGREES.fullmatch(text)
    if matched is None:
        return None
    minutes, seconds = float(matched["minutes"] or 0), float(matched["seconds"] or 0)
    if minutes >= 60 or seconds >= 60:
        return None
    size = int(matched["degrees"]) + minutes / 60 + seconds / 3600
    below = matched["sign"] == "-" or _SOUTH_OR_WEST.search((matched["side"] or "") + text[:1])
    return -size if below else size


def _written_minutes(text: str) -> float | None:
    """Minutes of a duration in words, None where it is none."""
    iso = _ISO.fullmatch(text)
    if iso and any(iso.groups()):
        weeks, days, hours, minutes = (int(part or 0) for part in iso.groups())
        return float(weeks * 10080 + days * 1440 + hours * 60 + minutes)
    rest = _CHINESE.sub(lambda found: str(_chinese(found[0])), _WITHIN.sub("", text))
    total, at = 0.0, 0
    while at < len(rest):
        part = _PART.match(rest, at)
        if part is None:
            return None
        total += (0.5 if part["number"] == "半" else float(part["number"])) * _MINUTES[part["unit"].lower()]
        at = part.end() + (len(rest[part.end() :]) - len(rest[part.end() :].lstrip()))
    return total if rest else None


def _chinese(numeral: str) -> int:
    tens, ten, ones = numeral.partition("十")
    if not ten:
        return _DIGITS[numeral]
    return (_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0)
