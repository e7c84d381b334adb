"""Who is on duty equals a plain reading of the rows, written here anew; and somebody is always named."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.people.answers import NEAREST, people_of
from geodata.people.duties import Register, Roster, Target
from geodata.people.hours import Calendar
from geodata.records import CalendarDay, Duty, Holder, Leave, OnDuty, Role

LOCAL = ZoneInfo("Asia/Shanghai")
# Wednesday; the day after is a holiday, the Saturday is worked as a Friday.
BEGIN = datetime(2026, 11, 18)
HOLIDAY, WORKED = date(2026, 11, 19), date(2026, 11, 21)
CALENDAR = Calendar.of([CalendarDay("2026-11-19", "holiday", ""), CalendarDay("2026-11-21", "workday", "")])
CHAIN = [
    (Target("building", 9), "building"),
    (Target("grid", 5), "grid"),
    (Target("area", 7), "community"),
    (Target("area", 8), "street"),
]
ROLES = (1, 2)
HOLDERS = (1, 2, 3, 4)
STEPS = 4 * 24 * 6


def at(step: int) -> datetime:
    return BEGIN + timedelta(minutes=15 * step)


def micros(step: int) -> int:
    return int(at(step).replace(tzinfo=LOCAL).timestamp() * 1_000_000)


def clock(moment: datetime) -> float:
    return moment.hour + moment.minute / 60


def counts_as_weekday(day: date) -> bool:
    return day.weekday() < 5 or day == WORKED


def office(moment: datetime) -> bool:
    day = moment.date()
    return counts_as_weekday(day) and day != HOLIDAY and 9 <= clock(moment) < 17


def night(moment: datetime) -> bool:
    return clock(moment) >= 20 or clock(moment) < 6


def workday_nights(moment: datetime) -> bool:
    began = moment.date() if clock(moment) >= 20 else moment.date() - timedelta(days=1)
    return night(moment) and counts_as_weekday(began) and began != HOLIDAY


HOURS: dict[str, Callable[[datetime], bool]] = {
    "": lambda _: True,
    "08:00-12:00": lambda moment: 8 <= clock(moment) < 12,
    "Mo-Fr 09:00-17:00; PH closed": office,
    "20:00-06:00": night,
    "Mo-Fr 20:00-06:00; PH closed": workday_nights,
    "PH": lambda moment: moment.date() == HOLIDAY,
    "closed": lambda _: False,
}


@dataclass(frozen=True)
class Rows:
    roles: list[Role]
    holders: list[Holder]
    duties: list[Duty]
    leaves: list[Leave]


@st.composite
def periods(draw: st.DrawFn) -> tuple[int, int]:
    begin = draw(st.integers(-10, STEPS))
    return micros(begin), micros(begin + draw(st.integers(1, STEPS)))


@st.composite
def rosters(draw: st.DrawFn) -> Rows:
    roles = [
        Role(role, f"r{role}", f"角色{role}", "", "", "", False, False, draw(st.integers(0, 2)), *draw(periods()))
        for role in ROLES
    ]
    holders = [
        Holder(one, "worker", f"W{one}", f"样例{one}", "13800000000", False, *draw(periods())) for one in HOLDERS
    ]
    duties = []
    for number in range(draw(st.integers(0, 9))):
        target = draw(st.sampled_from(CHAIN))[0]
        duties.append(
            Duty(
                number,
                draw(st.sampled_from(HOLDERS)),
                draw(st.sampled_from(ROLES)),
                target.kind,
                target.identity,
                draw(st.sampled_from(["primary", "primary", "stand_in"])),
                *draw(periods()),
                "",
                draw(st.sampled_from(list(HOURS))),
            )
        )
    leaves = []
    for one in draw(st.lists(st.sampled_from(HOLDERS), unique=True)):
        others = [None, *(other for other in HOLDERS if other != one)]
        leaves.append(Leave(one, one, draw(st.sampled_from(others)), "", *draw(periods())))
    return Rows(roles, holders, duties, leaves)


Claim = tuple[int, int, str, str]


def effective(rows: Rows, target: Target, t: int) -> list[Claim]:
    """Holder, role, assignment and hours of each duty in force for a target."""

    def in_force(row: Role | Holder | Duty | Leave) -> bool:
        return row.valid_from <= t < row.valid_to

    roles = {role.role_id for role in rows.roles if in_force(role)}
    holders = {holder.holder_id for holder in rows.holders if in_force(holder)}
    own = [
        (duty.holder_id, duty.role_id, duty.assignment, duty.hours)
        for duty in rows.duties
        if (duty.target_kind, duty.target_id) == (target.kind, target.identity)
        and in_force(duty)
        and duty.role_id in roles
        and duty.holder_id in holders
    ]
    derived = []
    for leave in rows.leaves:
        if in_force(leave) and leave.stand_in_id in holders:
            for holder, role, _, hours in own:
                if holder == leave.holder_id and not any(o[0] == leave.stand_in_id and o[1] == role for o in own):
                    derived.append((leave.stand_in_id, role, "stand_in", hours))
    return own + derived


def on_duty_by_hand(rows: Rows, target: Target, step: int) -> dict[tuple[int, int], bool]:
    """Whether each (holder, role) of a target is on duty."""
    t = micros(step)
    claims = effective(rows, target, t)
    away = {leave.holder_id for leave in rows.leaves if leave.valid_from <= t < leave.valid_to}

    def available(claim: Claim) -> bool:
        return HOURS[claim[3]](at(step)) and claim[0] not in away

    found: dict[tuple[int, int], bool] = {}
    for claim in claims:
        covered = any(other[1] == claim[1] and other[2] == "primary" and available(other) for other in claims)
        now = available(claim) and (claim[2] == "primary" or not covered)
        found[claim[0], claim[1]] = found.get((claim[0], claim[1]), False) or now
    return found


def roster_at(rows: Rows, step: int) -> Roster:
    register = Register(rows.roles, rows.holders, rows.duties, rows.leaves)
    return Roster(register, micros(step), CALENDAR, LOCAL)


@settings(max_examples=300, deadline=None)
@given(rosters(), st.lists(st.integers(0, STEPS), min_size=1, max_size=12))
def test_on_duty_now_equals_a_plain_reading_of_the_rows(rows: Rows, steps: list[int]) -> None:
    for step in steps:
        for target, via in CHAIN:
            people = roster_at(rows, step).people(target, via)
            found = {(one.holder.holder_id, one.role.role_id): one.on_duty for one in people}
            assert len(found) == len(people)
            assert found == on_duty_by_hand(rows, target, step)


@settings(max_examples=300, deadline=None)
@given(rosters(), st.lists(st.integers(0, STEPS), min_size=1, max_size=12))
def test_somebody_is_named_wherever_any_duty_exists_and_one_is_to_be_called_first(rows: Rows, steps: list[int]) -> None:
    for step in steps:
        answer = people_of(roster_at(rows, step), CHAIN)
        levels = [on_duty_by_hand(rows, target, step) for target, _ in CHAIN]
        assert bool(answer) == any(levels)
        assert sum(person.call_first for person in answer) == bool(answer)
        for role in ROLES:
            check_role(role, answer, levels)
        if any(True in level.values() for level in levels):
            assert next(person for person in answer if person.call_first).on_duty


def check_role(role: int, answer: tuple[OnDuty, ...], levels: list[dict[tuple[int, int], bool]]) -> None:
    """On duty come from the nearest level that has somebody; nobody of a level behind it, off duty from one only."""
    expected_on: set[tuple[int, str]] = set()
    expected_off: set[tuple[int, str]] = set()
    for (_, via), level in zip(CHAIN, levels, strict=True):
        here = {holder: now for (holder, one), now in level.items() if one == role}
        if not expected_off and not expected_on:
            expected_off = {(holder, via) for holder, now in here.items() if not now}
        if expected_on:
            break
        expected_on = {(holder, via) for holder, now in here.items() if now}
    mine = [person for person in answer if person.role.role_id == role]
    assert {(person.holder.holder_id, person.via) for person in mine if person.on_duty} == expected_on
    assert {(person.holder.holder_id, person.via) for person in mine if not person.on_duty} == expected_off


@settings(max_examples=200, deadline=None)
@given(rosters(), st.integers(0, STEPS))
def test_who_is_said_to_be_back_is_available_then_and_not_before(rows: Rows, step: int) -> None:
    for target, via in CHAIN:
        for person in roster_at(rows, step).people(target, via):
            if person.back_at is None or person.back_at >= micros(STEPS):
                continue
            key = person.holder.holder_id, person.role.role_id
            until = (person.back_at - micros(step)) // 900_000_000
            states = []
            for later in range(step, step + until + 1):
                there = [
                    one
                    for one in roster_at(rows, later).people(target, via)
                    if (one.holder.holder_id, one.role.role_id) == key
                ]
                states.append(any(one.reason in (None, "standby") for one in there))
            assert states[-1]
            assert not any(states[:-1])


def test_the_nearest_vias_are_known() -> None:
    assert {via for _, via in CHAIN} & NEAREST == {"building", "grid"}
