"""Stage 2 for the calendar: a row may say a range of days, or several; each becomes a day of its own.

10月1日至7日 · 2026/10/1—10/7 · 9月20日、10月10日 · 2026-10-01 beside a column of last days. Where a day is written
without its year, that stands in a column, in the header, above the table, or in the name of the sheet or file.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geodata.intake.cells import Doubted, Unreadable, normal, plain_cell, short
from geodata.intake.fields import Field
from geodata.intake.periods import read_period
from geodata.intake.values import read_cell
from geodata.records import FOREVER_TO, Finding
from geodata.times import LOCAL_ZONE, instant, start_of

MOST_DAYS: Final = 60
MOST_DAYS_IN_ALL: Final = 20_000

_DAY = Field("day", "day")
_LAST: Final = start_of(date.max)
_YEAR: Final = re.compile(r"(?<!\d)((?:19|20)\d{2})(?!\d)")
_COMPACT: Final = re.compile(r"(?<!\d)((?:19|20)\d{2})(0[1-9]|1[0-2])([0-2]\d|3[01])(?!\d)")
_BESIDE: Final = re.compile(r"[(\[【][^()\[\]【】]*[)\]】]|(?:星期|礼拜|周)[一二三四五六日天]|[，,]?\s*共\s*\d+\s*天")
_AFTER: Final = re.compile(r"\s*(?:放假调休|调休放假|调休上班|放假|休息|休|上班|补班|调休)$")
_PARTS: Final = re.compile(r"[、,，;；\n]+|\s+(?:和|及)\s+|(?<=日)[和及]")

Span = tuple[date, date]
Cells = tuple[Mapping[str, Sequence[Any]], NDArray[np.int64], Mapping[str, str]]
"""Cells of each column, the row in the source of each, and the column of each field."""


@dataclass(frozen=True, slots=True)
class _Year:
    """The year of days that are written without one, and whether only a name says so."""

    number: int | None = None
    is_guess: bool = False


def spread_days(
    columns: Mapping[str, Sequence[Any]],
    rows: NDArray[np.int64],
    mapping: Mapping[str, str],
    titles: Sequence[str] = (),
    names: Sequence[str] = (),
) -> Cells:
    """The cells of a calendar with a row for each day, without the columns that only help to read the days.

    Parameters
    ----------
    columns, rows, mapping
        As for `geodata.intake.rows.read_records`, with ``day`` and perhaps ``to`` and ``year``.
    titles
        What stands above the table: it may hold the year.
    names
        Of the sheet and the file: a year in them is taken with a warning.

    Notes
    -----
    A cell that cannot be read, a range that runs backwards or over more than `MOST_DAYS` days stays one row, whose day
    is `Unreadable`; with more than `MOST_DAYS_IN_ALL` days in the table the rows beyond are that too.
    """
    if "day" not in mapping:
        return columns, rows, mapping
    reading = _Days(columns, mapping, _year_of([mapping["day"], *titles], names))
    cells: list[Any] = []
    places: list[int] = []
    for at in range(len(rows)):
        days = reading.row(at, MOST_DAYS_IN_ALL - len(cells))
        cells += days
        places += [at] * len(days)
    spread = {name: [column[at] for at in places] for name, column in columns.items()}
    spread[mapping["day"]] = cells
    return spread, rows[places], {name: mapping[name] for name in mapping if name not in ("to", "year")}


def said_once(findings: Sequence[Finding]) -> list[Finding]:
    """Findings without those that say the same of the same row: a row of many days is read once for each."""
    return list({(finding.row, finding.kind, finding.message): finding for finding in findings}.values())


class _Days:
    """Reads the days of each row."""

    def __init__(self, columns: Mapping[str, Sequence[Any]], mapping: Mapping[str, str], year: _Year) -> None:
        self._days = columns[mapping["day"]]
        self._ends = columns[mapping["to"]] if "to" in mapping else None
        self._years = columns[mapping["year"]] if "year" in mapping else None
        self._said = year

    def row(self, at: int, room: int) -> list[Any]:
        """A cell for each day of a row; one alone where it cannot be read."""
        if plain_cell(self._days[at]) is None:
            return [None]
        try:
            spans, doubt = self._spans(at)
            for first, last in spans:
                if (last - first).days >= MOST_DAYS:
                    raise _overlong(first, last)
            days = [first + timedelta(days=more) for first, last in spans for more in range((last - first).days + 1)]
            days = list(dict.fromkeys(days))
            if len(days) > room:
                raise _too_many()
        except Unreadable as fault:
            return [fault]
        return [replace(doubt, value=days[0].isoformat()) if doubt else days[0], *days[1:]]

    def _spans(self, at: int) -> tuple[list[Span], Doubted | None]:
        year = self._year(at)
        spans, doubt = _read(self._days[at], year)
        end = None if self._ends is None else plain_cell(self._ends[at])
        if end is None:
            return spans, doubt
        first, last = spans[0]
        if len(spans) > 1 or (first != last and _last(end, first) != last):
            raise _two_ends(self._days[at], end)
        return [(first, _last(end, first))], doubt

    def _year(self, at: int) -> _Year:
        cell = None if self._years is None else plain_cell(self._years[at])
        if cell is None:
            return self._said
        written = _YEAR.search(normal(str(cell)))
        if written is None:
            raise Unreadable(
                "unreadable-time",
                f"{short(cell)!r} is no year: write 2026.",
                f"“{short(cell)}”不是年份，请填写如 2026。",
            )
        return _Year(int(written[1]))


def _year_of(texts: Sequence[str], names: Sequence[str]) -> _Year:
    """The first year that stands in any of the texts, else in a name."""
    for text in (*texts, *names):
        found = _YEAR.search(normal(text))
        if found:
            return _Year(int(found[1]), is_guess=text not in texts)
    return _Year()


def _last(cell: Any, first: date) -> date:
    """The last day that a cell beside the first one says; without a year it follows soon."""
    spans, _ = _read(cell, _Year(first.year))
    if len(spans) == 1 and spans[0][1] < first and isinstance(cell, str) and _YEAR.search(normal(cell)) is None:
        later, _ = _read(cell, _Year(first.year + 1))
        spans = later if (later[0][1] - first).days < MOST_DAYS else spans
    begins, ends = spans[0]
    if len(spans) > 1 or begins != ends:
        raise _two_ends(first, cell)
    if ends < first:
        raise _backwards(f"{first} – {ends}")
    return ends


def _read(cell: Any, year: _Year) -> tuple[list[Span], Doubted | None]:
    """Days that one cell says, and what is doubtful about them."""
    value = plain_cell(cell)
    if not isinstance(value, str):
        return _single(value)
    spans: list[Span] = []
    doubt: Doubted | None = None
    for part in _PARTS.split(_bare(value)):
        if not part.strip():
            continue
        span, doubtful = _part(part.strip(), year, value)
        spans.append(span)
        doubt = doubt or doubtful
        # What follows in the same cell is of the same year.
        year = _Year(span[1].year)
    if not spans:
        raise _no_day(value)
    return spans, doubt


def _bare(text: str) -> str:
    """Text without weekdays, remarks in brackets and what the days are for."""
    bare = _BESIDE.sub("", normal(text))
    return _COMPACT.sub(r"\1-\2-\3", _AFTER.sub("", bare.strip()))


def _part(part: str, year: _Year, whole: str) -> tuple[Span, Doubted | None]:
    if ":" in part:
        return _other(part, _time_of_day(whole))
    try:
        read = read_period(part, of_year=year.number)
    except Unreadable as fault:
        if fault.kind == "backward-period":
            raise
        return _other(part, _no_day(whole))
    doubt = read if isinstance(read, Doubted) else None
    begins, ends = read.value if isinstance(read, Doubted) else read
    first, last = (instant(min(micros, _LAST)).astimezone(LOCAL_ZONE).date() for micros in (begins, ends - 1))
    if ends == FOREVER_TO or begins != start_of(first) or ends != start_of(last + timedelta(days=1)):
        raise _no_day(whole)
    if (last - first).days >= MOST_DAYS and len(_YEAR.findall(part)) < 2:
        # Read as an end in the next year.
        raise _backwards(part)
    if year.is_guess and _YEAR.search(part) is None and doubt is None:
        doubt = _guessed(whole, first.year)
    return (first, last), doubt


def _other(part: str, fault: Unreadable) -> tuple[Span, Doubted | None]:
    """A day in another spelling, such as a spreadsheet's count of days or one that begins at 00:00."""
    try:
        spans, doubt = _single(part)
    except Unreadable as reason:
        raise fault from reason
    return spans[0], doubt


def _single(value: Any) -> tuple[list[Span], Doubted | None]:
    try:
        read = read_cell(_DAY, value)
    except Unreadable as fault:
        raise fault if isinstance(value, datetime) else _no_day(value) from fault
    day = date.fromisoformat(read.value if isinstance(read, Doubted) else read)
    return [(day, day)], read if isinstance(read, Doubted) else None


def _no_day(value: Any) -> Unreadable:
    return Unreadable(
        "unreadable-time",
        f"“{short(value)}” is no day and no range of days: write 2026-10-01 or 2026-10-01~2026-10-07, as text.",
        f"“{short(value)}”不是日期，也不是日期范围：请写成 2026-10-01 或 2026-10-01~2026-10-07，单元格设为文本格式。",
    )


def _time_of_day(value: str) -> Unreadable:
    return Unreadable(
        "unreadable-time",
        f"“{short(value)}” holds a time of day; days are needed, such as 2026-10-01~2026-10-07.",
        f"“{short(value)}”含有时刻，这里应填日期，例如 2026-10-01~2026-10-07。",
    )


def _backwards(text: str) -> Unreadable:
    return Unreadable(
        "backward-period",
        f"“{short(text)}” ends before it begins.",
        f"“{short(text)}”的结束日期早于开始日期。",
    )


def _too_many() -> Unreadable:
    return Unreadable(
        "too-many-days",
        f"The table would have more than {MOST_DAYS_IN_ALL} days: split it by years.",
        f"表中的日期超过 {MOST_DAYS_IN_ALL} 天，请按年份拆分。",
    )


def _overlong(first: date, last: date) -> Unreadable:
    count = (last - first).days + 1
    return Unreadable(
        "overlong-range",
        f"{first} to {last} are {count} days; a range has at most {MOST_DAYS}. Is one of the days or years wrong?",
        f"{first} 至 {last} 共 {count} 天，一个范围最多 {MOST_DAYS} 天，请核对起止日期和年份。",
    )


def _two_ends(value: Any, end: Any) -> Unreadable:
    return Unreadable(
        "unclear-range",
        f"“{short(value)}” and the last day “{short(end)}” do not go together: give one first and one last day.",
        f"“{short(value)}”与结束日期“{short(end)}”不一致：请只填写一个开始日期和一个结束日期。",
    )


def _guessed(value: Any, year: int) -> Doubted:
    return Doubted(
        None,
        "year-guessed",
        f"“{short(value)}” has no year; {year} is taken from the name of the sheet or file.",
        f"“{short(value)}”没有年份，按工作表或文件名中的 {year} 年处理。",
    )
