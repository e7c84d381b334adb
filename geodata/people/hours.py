"""Weekly hours in the OSM ``opening_hours`` syntax: read, and asked when they are open.

The library that reads them knows no holidays but its own, so each day is evaluated alone: rules that do not name the
day are left out, the others are handed over with the day's own weekday. ``PH`` means the holidays of the calendar and
nothing else; a weekend day that is worked counts as its nearest weekday. A span that begins on a day belongs to it and
runs past midnight, whatever the next day is.
"""

import re
from bisect import bisect_right
from calendar import monthrange
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from opening_hours import State

from geodata.errors import HoursError
from geodata.people.hour_rules import LONGEST, Rule, Rules, dates_read, hours_read, rules_of
from geodata.people.written_hours import DAYS, opening_hours_text
from geodata.records import FOREVER_FROM, FOREVER_TO, CalendarDay
from geodata.times import LOCAL_ZONE, microseconds, start_of

MOST_DATED = 20
HORIZON_DAYS = 400

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_MINUTES = 24 * 60
_LAST_DAY = date.max.toordinal() - 3
# In the specification a blank between them means both at once; the library reads either.
_HOLIDAY_AND_WEEKDAY = re.compile(r"\b[PS]H\s+(?:Mo|Tu|We|Th|Fr|Sa|Su)\b|\b(?:Mo|Tu|We|Th|Fr|Sa|Su)\s+[PS]H\b")

Span = tuple[int, int]


@dataclass(frozen=True)
class Calendar:
    """Days on which weekly hours mean something else, as days since 0001-01-01 (`datetime.date.toordinal`)."""

    holidays: frozenset[int] = frozenset()
    workdays: frozenset[int] = frozenset()

    @classmethod
    def of(cls, days: Iterable[CalendarDay]) -> "Calendar":
        """The calendar of these rows."""
        known = [(date.fromisoformat(day.day).toordinal(), day.kind) for day in days]
        return cls(
            frozenset(day for day, kind in known if kind == "holiday"),
            frozenset(day for day, kind in known if kind == "workday"),
        )

    def meaning(self, day: int) -> tuple[int, bool]:
        """Weekday that a day counts as, Monday 0, and whether it is a holiday."""
        weekday = (day - 1) % 7
        if weekday >= 5 and day in self.workdays:
            weekday = 4 if weekday == 5 else 0
        return weekday, day in self.holidays


def parse_hours(text: str) -> str:
    """Hours in the normalised OSM syntax; empty, which means always, for an empty text.

    Parameters
    ----------
    text
        OSM ``opening_hours``, or common Chinese or English forms: 周一至周五 8:30-12:00，14:00-17:30，节假日休息.

    Raises
    ------
    HoursError
        It cannot be read, is longer than 500 characters, has more than 20 rules for dates, or says what cannot be
        kept: school holidays, the sun, days counted from a holiday.
    """
    if len(text) > LONGEST:
        raise HoursError(
            f"the hours are {len(text)} characters long; at most {LONGEST} are read",
            f"时间段文字长 {len(text)} 个字符，最多 {LONGEST} 个",
        )
    written = opening_hours_text(text)
    if not written:
        return ""
    if _HOLIDAY_AND_WEEKDAY.search(written):
        raise HoursError(
            "a holiday and a weekday must be joined by a comma: PH,Mo-Fr",
            "节假日与星期之间请用逗号：PH,Mo-Fr",
        )
    rules_of(written)
    normal = str(hours_read(written))
    _refuse_many_dates(rules_of(normal))
    return normal


def _refuse_many_dates(hours: Rules) -> None:
    # Each is asked again for every day until one opens.
    dated = sum(bool(rule.dates) for rule in hours.rules)
    if dated > MOST_DATED:
        raise HoursError(
            f"the hours have {dated} rules for dates; at most {MOST_DATED} are read: put holidays into the calendar",
            f"时间段含 {dated} 条按日期的规则，最多 {MOST_DATED} 条；节假日请录入节假日表",
        )


def is_open(hours: str, micros: int, calendar: Calendar, zone: ZoneInfo = LOCAL_ZONE) -> bool:
    """Whether hours are open at an instant (microseconds since 1970-01-01 UTC); empty hours always are.

    Raises
    ------
    HoursError
        The hours cannot be read.
    """
    if not hours:
        return True
    day = _local_day(micros, zone)
    spans = _spans(hours, day - 1, calendar, zone) + _spans(hours, day, calendar, zone)
    return any(begin <= micros < end for begin, end in _spans(hours, day - 2, calendar, zone) + spans)


def open_spans(hours: str, begin: int, end: int, calendar: Calendar, zone: ZoneInfo = LOCAL_ZONE) -> list[Span]:
    """Stretches ``[from, to)`` in which hours are open between two instants, in order, none touching the next.

    Raises
    ------
    HoursError
        The hours cannot be read.
    """
    if not hours:
        return [(begin, end)] if begin < end else []
    found: list[Span] = []
    for first, last in _from(hours, _local_day(begin, zone) - 2, _local_day(end, zone), calendar, zone):
        first, last = max(first, begin), min(last, end)
        if first >= last:
            continue
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return found


@lru_cache(maxsize=4096)
def next_open(hours: str, micros: int, calendar: Calendar, zone: ZoneInfo = LOCAL_ZONE) -> int | None:
    """First instant, this one or later, at which hours are open; None within 400 days."""
    if not hours:
        return micros
    day = _local_day(micros, zone)
    for begin, end in _from(hours, day - 2, day + HORIZON_DAYS, calendar, zone):
        if end > micros:
            return max(begin, micros)
    return None


class Clock:
    """When many hours change: tells the stretch of time around an instant in which none of them does.

    Parameters
    ----------
    hours
        Every text that matters; those that cannot be read never change.
    """

    def __init__(self, hours: Iterable[str], calendar: Calendar, zone: ZoneInfo) -> None:
        self._hours = sorted(text for text in set(hours) if text and readable(text))
        self._calendar = calendar
        self._zone = zone
        self._changes = lru_cache(maxsize=64)(self._changes_on)

    def stretch(self, micros: int) -> Span:
        """When the stretch began that an instant lies in, and when it ends; at midnight at the latest.

        Where nothing ever changes it has no ends.
        """
        if not self._hours:
            return FOREVER_FROM, FOREVER_TO
        day = min(_local_day(micros, self._zone), _LAST_DAY)
        changes = self._changes(day)
        place = bisect_right(changes, micros)
        return changes[place - 1], changes[place] if place < len(changes) else _midnight(day + 1, self._zone)

    def _changes_on(self, day: int) -> tuple[int, ...]:
        begin, end = _midnight(day, self._zone), _midnight(day + 1, self._zone)
        instants = {begin}
        for hours in self._hours:
            for near in (day - 2, day - 1, day):
                for span in _spans(hours, near, self._calendar, self._zone):
                    instants.update(span)
        return tuple(sorted(instant for instant in instants if begin <= instant < end))


@lru_cache(maxsize=4096)
def readable(hours: str) -> bool:
    """Whether hours can be asked when they are open; stored ones from elsewhere may not be."""
    try:
        rules_of(hours)
    except HoursError:
        return False
    return True


def _from(hours: str, first: int, last: int, calendar: Calendar, zone: ZoneInfo) -> Iterator[Span]:
    """Spans that begin on the days from first to last, in order of their days."""
    for day in range(first, last + 1):
        yield from _spans(hours, day, calendar, zone)


def _local_day(micros: int, zone: ZoneInfo) -> int:
    try:
        return (_EPOCH + timedelta(microseconds=micros)).astimezone(zone).toordinal()
    except OverflowError:
        return 1 if micros < 0 else _LAST_DAY


@lru_cache(maxsize=1024)
def _midnight(day: int, zone: ZoneInfo) -> int:
    if day <= 1:
        return FOREVER_FROM
    return start_of(date.fromordinal(day), zone) if day <= _LAST_DAY else FOREVER_TO


def _spans(hours: str, day: int, calendar: Calendar, zone: ZoneInfo) -> tuple[Span, ...]:
    """What begins on a local day, as instants."""
    if not 1 < day < _LAST_DAY:
        return ()
    weekday, holiday = calendar.meaning(day)
    parts = rules_of(hours)
    minutes = _weekly(hours, weekday, holiday) if parts.weekly else _dated(hours, day, weekday, holiday)
    return tuple((_instant(day, begin, zone), _instant(day, end, zone)) for begin, end in minutes)


@lru_cache(maxsize=65536)
def _instant(day: int, minute: int, zone: ZoneInfo) -> int:
    """The instant that a clock on the wall shows a number of minutes after a day's midnight."""
    later, minute = divmod(minute, _DAY_MINUTES)
    return microseconds(datetime.fromordinal(day + later).replace(tzinfo=zone) + timedelta(minutes=minute))


@lru_cache(maxsize=65536)
def _weekly(hours: str, weekday: int, holiday: bool) -> tuple[Span, ...]:
    # Any day of that weekday will do.
    monday = date(2024, 1, 1).toordinal()
    return _evaluated(hours, monday + weekday, weekday, holiday)


@lru_cache(maxsize=65536)
def _dated(hours: str, day: int, weekday: int, holiday: bool) -> tuple[Span, ...]:
    return _evaluated(hours, day, weekday, holiday)


def _evaluated(hours: str, day: int, weekday: int, holiday: bool) -> tuple[Span, ...]:
    """Minutes after midnight at which what begins on a day is open; 2880 is the end of the next day."""
    at = datetime.fromordinal(day)
    rules = _rules_of_day(hours, day, weekday, holiday)
    if not rules:
        return ()
    pieces = []
    for place, rule in enumerate(rules):
        separator = rule.separator if place else ""
        pieces.append(separator + " ".join(part for part in (rule.dates, DAYS[at.weekday()], rule.times) if part))
    found: list[Span] = []
    for begin, end, state, _ in hours_read("".join(pieces)).intervals(at, at + timedelta(days=2)):
        if state == State.OPEN:
            first, last = (int((instant - at).total_seconds() // 60) for instant in (begin, end))
            if found and found[-1][1] == first:
                found[-1] = (found[-1][0], last)
            else:
                found.append((first, last))
    return tuple(found)


def _rules_of_day(hours: str, day: int, weekday: int, holiday: bool) -> list[Rule]:
    """The rules that say something of a day: one that does not add to those before it takes their place."""
    at = datetime.fromordinal(day)
    kept: list[Rule] = []
    for rule in rules_of(hours).rules:
        if not rule.holds(weekday, holiday, _nth_of(day)):
            continue
        if rule.dates and not dates_read(f"{rule.dates} {DAYS[at.weekday()]}").is_open(at + timedelta(hours=12)):
            continue
        if rule.replaces:
            kept = []
        kept.append(rule)
    return kept


def _nth_of(day: int) -> tuple[tuple[int, int], ...]:
    """A day as weekday and place in its month, counted from its start and from its end."""
    at = date.fromordinal(day)
    days_left = monthrange(at.year, at.month)[1] - at.day
    return (at.weekday(), (at.day - 1) // 7 + 1), (at.weekday(), -(days_left // 7 + 1))
