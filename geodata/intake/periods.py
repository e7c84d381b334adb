"""Stage 2a for periods in one cell, as clerks write leave: 10.1-10.7, 2026年10月1日至7日, 2026-10-01~2026-10-07."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final

from geodata.intake.cells import Doubted, Unreadable, as_text, normal, short
from geodata.records import FOREVER_TO
from geodata.times import LOCAL_ZONE, end_of, microseconds, start_of

_DAY: Final = (
    r"(?:(?P<year{0}>\d{{4}})\s*[-/.年]\s*(?P<month{0}>\d{{1,2}})\s*[-/.月]\s*(?P<day{0}>\d{{1,2}})"
    r"|(?P<short{0}>\d{{1,2}})\s*[/.月]\s*(?P<shortday{0}>\d{{1,2}}))\s*[日号]?(?:\s*(?P<clock{0}>\d{{1,2}}:\d{{2}}))?"
)
_PERIOD = re.compile(
    _DAY.format(1)
    + r"(?:\s*(?:至|到|~|-{1,2}|—{1,2}|–|−)\s*(?:"
    + _DAY.format(2)
    + r"|(?P<only>\d{1,2})\s*[日号]?|(?P<open>今|长期|永久|现在)))?"
)
_OPEN = re.compile(r"(?P<begin>.+?)\s*(?:起|开始|以后|之后|至今)")


@dataclass(frozen=True, slots=True)
class _Point:
    """A day as it is written: the year may be missing."""

    year: int | None
    month: int
    day: int
    clock: time | None = None


def read_period(value: Any, *, of_year: int | None = None) -> tuple[int, int] | Doubted:
    """Begin and end of a period in one cell, microseconds since 1970-01-01 UTC; the last day counts whole.

    Parameters
    ----------
    of_year
        Year of a day that is written without one, where it is known.

    Raises
    ------
    Unreadable
        It is no period; it ends before it begins; a number, of which nobody knows whether it was 10.1 or 10.10.

    Notes
    -----
    Without a year the nearest such day is meant, and `Doubted` says which; an end before the begin is then of the next
    year. One day alone is a period of that day; 起 and 至今 leave the end open.
    """
    if isinstance(value, datetime):
        return start_of(value.date()), end_of(value.date())
    if isinstance(value, date):
        return start_of(value), end_of(value)
    if isinstance(value, int | float):
        raise _unreadable(value, "a number")
    text = normal(as_text(value))
    opened = _OPEN.fullmatch(text)
    found = _PERIOD.fullmatch(opened["begin"] if opened else text)
    if found is None or (opened and (found["only"] or found["month2"] or found["short2"])):
        raise _unreadable(value, "no period")
    try:
        return _read(found, text, of_year, is_open=opened is not None or found["open"] is not None)
    except Unreadable:
        raise
    except ValueError as error:
        raise _unreadable(value, str(error)) from error


def _read(found: re.Match[str], text: str, of_year: int | None, *, is_open: bool) -> tuple[int, int] | Doubted:
    first = _point(found, 1)
    assert first is not None
    last = _point(found, 2)
    if last is None:
        last = _Point(first.year, first.month, int(found["only"])) if found["only"] else first
    told = first.year if first.year is not None or last.year is not None else of_year
    year = told if told is not None else _nearest_year(first, last)
    begins = _moment(year, first, inclusive_end=False)
    ends = FOREVER_TO if is_open else _moment(last.year if last.year is not None else year, last, inclusive_end=True)
    if ends <= begins and last.year is None and not found["only"]:
        ends = _moment(year + 1, last, inclusive_end=True)
    if ends <= begins:
        raise Unreadable(
            "backward-period",
            f"“{short(text)}” ends before it begins.",
            f"“{short(text)}”的结束日期早于开始日期。",
        )
    return (begins, ends) if told is not None else _doubted((begins, ends), text, year)


def _point(found: re.Match[str], which: int) -> _Point | None:
    clock = found[f"clock{which}"]
    at = None if clock is None else time.fromisoformat(clock.zfill(5))
    if found[f"year{which}"]:
        return _Point(int(found[f"year{which}"]), int(found[f"month{which}"]), int(found[f"day{which}"]), at)
    if found[f"short{which}"]:
        return _Point(None, int(found[f"short{which}"]), int(found[f"shortday{which}"]), at)
    return None


def _nearest_year(first: _Point, last: _Point) -> int:
    """Year of the nearest day of that date to today; the end's year where only that is written."""
    if last.year is not None:
        return last.year - ((last.month, last.day) < (first.month, first.day))
    today = datetime.now(LOCAL_ZONE).date()
    # A leap day has a year of its own.
    years = [year for year in range(today.year - 4, today.year + 5) if _exists(year, first)]
    if not years:
        raise ValueError("no such day")
    return min(years, key=lambda year: abs(date(year, first.month, first.day) - today))


def _exists(year: int, point: _Point) -> bool:
    try:
        date(year, point.month, point.day)
    except ValueError:
        return False
    return True


def _moment(year: int, point: _Point, *, inclusive_end: bool) -> int:
    day = date(year, point.month, point.day)
    if point.clock is not None:
        return microseconds(datetime.combine(day, point.clock, LOCAL_ZONE))
    return end_of(day) if inclusive_end else start_of(day)


def _doubted(period: tuple[int, int], text: str, year: int) -> Doubted:
    return Doubted(
        period,
        "year-guessed",
        f"“{short(text)}” has no year; the nearest is taken: {year}.",
        f"“{short(text)}”没有年份，按最近的 {year} 年处理。",
    )


def _unreadable(value: Any, why: str) -> Unreadable:
    return Unreadable(
        "unreadable-time",
        f"“{short(value)}” is no period ({why}): write 2026.10.1-2026.10.7, as text.",
        f"“{short(value)}”不是起止日期，请写成 2026.10.1-2026.10.7，单元格设为文本格式。",
    )
