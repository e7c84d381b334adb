"""A year of leave in the sample: who is away, who stands in, and the few times that nobody does on purpose."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from geodata.sample.history import ROLE
from geodata.sample.hours import NIGHT_SHIFT
from geodata.sample.roster import Duty, Post, Roster

AWAY: Final = (
    ROLE, "grid_chief", "police_officer", "police_auxiliary", "mediator", "service_specialist", "linked_cadre",
    "dedicated_manager",
)  # fmt: skip
FIRST_DAY: Final = date(2025, 11, 3)
DAYS: Final = 430
"""Leave begins on one of so many days, from November 2025 to January 2027."""
SHORT_REASONS: Final = ("病假", "事假", "培训")
LONG_DAYS: Final = 158
UNTIL_FURTHER_NOTICE: Final = "2026-10-12"
NEAREST_PEERS: Final = 40
"""So many of those with the same role are asked to stand in, the nearest first."""


@dataclass(frozen=True, slots=True)
class Lapse:
    """A leave for which nobody was found: of a worker with or without somebody who is there at other hours."""

    role: str
    first: str
    last: str
    reason: str
    at_other_hours: bool = False


LAPSES: Final = (
    Lapse(ROLE, "2026-03-09", "2026-03-13", "病假"),
    Lapse(ROLE, "2026-06-22", "2026-06-24", "事假", at_other_hours=True),
    Lapse("police_auxiliary", "2026-10-02", "2026-10-04", "年休假"),
    Lapse(ROLE, "2026-12-07", "2026-12-11", "培训"),
    Lapse(ROLE, "2027-01-11", "2027-01-15", "年休假"),
)


@dataclass(slots=True)
class _Diary:
    """Days on which somebody is away or stands in, and what each one has ever had a duty for."""

    busy: dict[str, list[tuple[date, date]]] = field(default_factory=lambda: defaultdict(list))
    posts: dict[str, set[Post]] = field(default_factory=lambda: defaultdict(set))

    def free(self, worker: str, first: date, last: date) -> bool:
        """Whether a worker neither is away nor stands in between two days."""
        return all(last < begin or end < first for begin, end in self.busy[worker])

    def stand_in(self, worker: str, peers: Sequence[str], first: date, last: date) -> str | None:
        """Return the nearest who is free and has never had the same post, whose own hours could differ."""
        at = peers.index(worker)
        for step in range(1, min(len(peers), NEAREST_PEERS)):
            other = peers[(at + step) % len(peers)]
            if self.free(other, first, last) and self.posts[worker].isdisjoint(self.posts[other]):
                return other
        return None

    def book(self, people: Iterable[str], first: date, last: date) -> None:
        """Note that these people are away or stand in."""
        for one in people:
            self.busy[one].append((first, last))


def give_leave(roster: Roster) -> None:
    """Give everybody in some roles leave, each with a stand-in; and some nobody, which is a hole."""
    diary = _Diary()
    for duty in roster.duties:
        diary.posts[duty.holder].add(duty.post)
    _lapses(roster, diary)
    for role in AWAY:
        peers = list(dict.fromkeys(duty.holder for duty in _present(roster, role)))
        for place, worker in enumerate(peers):
            _leave_of(roster, diary, role, place, worker, peers)


def _present(roster: Roster, role: str) -> list[Duty]:
    """Return today's primary duties in a role."""
    return [
        duty
        for duty in roster.duties
        if duty.post.role == role
        and duty.assignment == "primary"
        and duty.period[1] is None
        and duty.period[0] < "2027"
    ]


def _lapses(roster: Roster, diary: _Diary) -> None:
    primary: dict[str, list[Duty]] = defaultdict(list)
    helped: set[Post] = set()
    for duty in roster.duties:
        if duty.period[1] is None or duty.period[1] >= "2025":
            if duty.assignment == "primary":
                primary[duty.holder].append(duty)
            else:
                helped.add(duty.post)
    for number, lapse in enumerate(LAPSES):
        fitting = [
            duty
            for duty in _present(roster, lapse.role)
            if len(primary[duty.holder]) == 1
            and (duty.post in helped) == lapse.at_other_hours
            and (lapse.role == ROLE or duty.hours == NIGHT_SHIFT)
            and diary.free(duty.holder, FIRST_DAY, date(2027, 12, 31))
        ]
        duty = fitting[(number + 1) * len(fitting) // (len(LAPSES) + 1)]
        diary.book([duty.holder], date.fromisoformat(lapse.first), date.fromisoformat(lapse.last))
        roster.leave.append((duty.holder, lapse.first, lapse.last, lapse.reason, None))
        reason = "off" if lapse.at_other_hours else "on_leave"
        roster.hole(duty.post, duty.holder, (lapse.first, lapse.last), reason)


def _leave_of(roster: Roster, diary: _Diary, role: str, place: int, worker: str, peers: Sequence[str]) -> None:
    """Give one worker leave: a holiday, for some a few days more, an afternoon, months, or until further notice."""

    def away(first: date, days: int, reason: str) -> bool:
        last = first + timedelta(days=days - 1)
        other = diary.stand_in(worker, peers, first, last) if diary.free(worker, first, last) else None
        if other is not None:
            diary.book([worker, other], first, last)
            roster.leave.append((worker, first.isoformat(), last.isoformat(), reason, other))
        return other is not None

    if role == ROLE and place == 5:
        begin = date.fromisoformat(UNTIL_FURTHER_NOTICE)
        other = diary.stand_in(worker, peers, begin, date.max)
        assert other is not None, "a street has enough workers"
        diary.book([worker, other], begin, date.max)
        roster.leave.append((worker, UNTIL_FURTHER_NOTICE, None, "长期病假", other))
    if place % 45 == 10:
        away(date(2026, 2, 1) + timedelta(days=place % 60), LONG_DAYS, "产假")
    holiday, days = FIRST_DAY + timedelta(days=place * 37 % DAYS), 5 + place % 6
    if away(holiday, days, "年休假") and place % 11 == 3:
        away(holiday + timedelta(days=days), 2, "事假")
    if place % 3 == 0:
        away(FIRST_DAY + timedelta(days=(place * 101 + 60) % DAYS), 1 + place % 2, SHORT_REASONS[place % 9 // 3])
    if place % 7 == 4:
        _afternoon(roster, diary, worker, FIRST_DAY + timedelta(days=(place * 53 + 100) % DAYS), peers)


def _afternoon(roster: Roster, diary: _Diary, worker: str, day: date, peers: Sequence[str]) -> None:
    other = diary.stand_in(worker, peers, day, day) if diary.free(worker, day, day) else None
    if other is not None:
        diary.book([worker, other], day, day)
        roster.leave.append((worker, f"{day} 13:30", f"{day} 17:30", "病假", other))
