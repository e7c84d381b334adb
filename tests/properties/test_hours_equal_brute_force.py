"""Hours are open exactly when a reading of their parts, written here anew, says so."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.errors import HoursError
from geodata.people.hours import Calendar, is_open, next_open, open_spans, parse_hours
from geodata.records import CalendarDay

LOCAL = ZoneInfo("Asia/Shanghai")
NAMES = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"]
FIRST = date(2026, 9, 21)


@dataclass(frozen=True)
class Rule:
    days: frozenset[str]
    spans: tuple[tuple[int, int], ...]

    @property
    def text(self) -> str:
        named = ",".join(sorted(self.days))
        return f"{named} " + (",".join(f"{clock(a)}-{clock(b)}" for a, b in self.spans) or "off")


def clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


@st.composite
def rules(draw: st.DrawFn) -> list[Rule]:
    made = []
    for _ in range(draw(st.integers(1, 4))):
        days = draw(st.frozensets(st.sampled_from([*NAMES, "PH"]), min_size=1))
        spans = []
        for _ in range(draw(st.integers(0, 2))):
            begin = draw(st.integers(0, 47)) * 30
            spans.append((begin, begin + draw(st.integers(1, 40)) * 30))
        made.append(Rule(days, tuple(spans)))
    return made


@st.composite
def calendars(draw: st.DrawFn) -> dict[date, str]:
    offsets = draw(st.dictionaries(st.integers(-1, 15), st.sampled_from(["holiday", "workday"]), max_size=8))
    return {FIRST + timedelta(days=offset): kind for offset, kind in offsets.items()}


def spans_of(day: date, given_rules: list[Rule], calendar: dict[date, str]) -> tuple[tuple[int, int], ...]:
    """The last rule that names the day wins."""
    counted = day.weekday()
    if calendar.get(day) == "workday" and counted >= 5:
        counted = {5: 4, 6: 0}[counted]
    names = {NAMES[counted]} | ({"PH"} if calendar.get(day) == "holiday" else set())
    chosen: tuple[tuple[int, int], ...] = ()
    for rule in given_rules:
        if rule.days & names:
            chosen = rule.spans
    return chosen


def open_by_hand(moment: datetime, given_rules: list[Rule], calendar: dict[date, str]) -> bool:
    for back in (0, 1, 2):
        day = moment.date() - timedelta(days=back)
        minutes = (moment - datetime.combine(day, datetime.min.time())) / timedelta(minutes=1)
        if any(begin <= minutes < end for begin, end in spans_of(day, given_rules, calendar)):
            return True
    return False


def micros(moment: datetime) -> int:
    return int(moment.replace(tzinfo=LOCAL).timestamp() * 1_000_000)


@settings(max_examples=150, deadline=None)
@given(rules(), calendars())
def test_at_every_half_hour_hours_are_open_as_their_rules_say(made: list[Rule], days: dict[date, str]) -> None:
    hours = parse_hours("; ".join(rule.text for rule in made))
    calendar = Calendar.of(CalendarDay(day.isoformat(), kind, "") for day, kind in days.items())
    begin = datetime.combine(FIRST, datetime.min.time())
    instants = [begin + timedelta(minutes=15 * step) for step in range(4 * 24 * 15)]
    states = [open_by_hand(moment, made, days) for moment in instants]
    assert [is_open(hours, micros(moment), calendar) for moment in instants] == states

    spans = open_spans(hours, micros(instants[0]), micros(instants[-1]), calendar)
    assert [any(a <= micros(moment) < b for a, b in spans) for moment in instants[:-1]] == states[:-1]
    assert all(end < later for (_, end), (later, _) in pairwise(spans))

    opened = [place for place, state in enumerate(states) if state]
    if opened:
        assert next_open(hours, micros(instants[0]), calendar) == micros(instants[opened[0]])


PIECES = [
    "上午",
    "下午",
    "点半",
    "8:30-17:30",
    "休息",
    "节假日",
    "工作日",
    "Mo",
    "Fr",
    "PH",
    *'周一二五六日天至-~～:：,，;；、8 ()[]"|+/',
]


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_whatever_is_written_is_read_or_refused_and_what_is_read_stays(written: str) -> None:
    try:
        normal = parse_hours(written)
    except HoursError:
        return
    assert parse_hours(normal) == normal
    assert is_open(normal, 0, Calendar()) in (True, False)
