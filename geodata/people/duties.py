"""Who is responsible at one instant: duties in force, leave and stand-ins considered, found by their target."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from operator import attrgetter
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from geodata.people.hours import Calendar, is_open, next_open, readable
from geodata.records import FOREVER_TO, Duty, Holder, Leave, OnDuty, Role
from geodata.times import LOCAL_ZONE

NO_DAYS = Calendar()
# Leaves and hours that follow one another before somebody is back; beyond that nobody can plan.
_STEPS_BACK = 64


_K = TypeVar("_K")
_R = TypeVar("_R")


class Target(NamedTuple):
    """What a duty is for: kind and identity, and the label where it is a unit of that building."""

    kind: str
    identity: int
    unit: str = ""


class Rows(NamedTuple):
    """Versions of what a register is made of."""

    roles: tuple[Role, ...] = ()
    holders: tuple[Holder, ...] = ()
    duties: tuple[Duty, ...] = ()
    leaves: tuple[Leave, ...] = ()


class Register:
    """Roles, holders, duties and leaves of all times, by what they are asked for: made once, then asked about any time.

    Parameters
    ----------
    roles, holders, duties, leaves
        Every version.
    """

    def __init__(
        self, roles: Iterable[Role], holders: Iterable[Holder], duties: Iterable[Duty], leaves: Iterable[Leave] = ()
    ) -> None:
        self.roles = tuple(roles)
        self.holders = tuple(holders)
        self.duties = tuple(duties)
        self.leaves = tuple(leaves)
        self.roles_of = _grouped(self.roles, _role_id)
        self.holders_of = _grouped(self.holders, _holder_id)
        self.duties_for = _grouped(self.duties, _target)
        self.leaves_of = _grouped(self.leaves, _holder_id)

    def changed(self, whole: Rows, gone: Rows, come: Rows) -> "Register":
        """The register of other rows; what both have is shared, and takes no time however much it is.

        Parameters
        ----------
        whole
            All rows of the other one.
        gone, come
            The very rows of this one that are not in the other, and those that are in the other one only.
        """
        made = copy(self)
        made.roles, made.holders, made.duties, made.leaves = whole
        made.roles_of = _regrouped(self.roles_of, _role_id, _valid_from, gone.roles, come.roles)
        made.holders_of = _regrouped(self.holders_of, _holder_id, _valid_from, gone.holders, come.holders)
        made.duties_for = _regrouped(self.duties_for, _target, attrgetter("duty_id"), gone.duties, come.duties)
        made.leaves_of = _regrouped(self.leaves_of, _holder_id, attrgetter("leave_id"), gone.leaves, come.leaves)
        return made


@dataclass(frozen=True, slots=True)
class Tenure:
    """A duty that somebody has at the instant, by a row of their own or for somebody who is away.

    ``until`` is when it ends, microseconds since 1970-01-01 UTC.
    """

    role: Role
    holder: Holder
    assignment: str
    hours: str
    until: int


@dataclass(frozen=True, slots=True)
class Roster:
    """Who is responsible at one instant.

    Parameters
    ----------
    register
        Of all times.
    as_of
        Microseconds since 1970-01-01 UTC.
    calendar, zone
        What weekly hours mean.

    Notes
    -----
    Only what is asked for is looked at: anybody may ask about any instant, and a province has half a million duties.
    Hours that nobody can read, which no loader lets in, count as always.
    """

    register: Register
    as_of: int
    calendar: Calendar = NO_DAYS
    zone: ZoneInfo = LOCAL_ZONE

    def holder(self, holder_id: int) -> Holder | None:
        """The version of a holder in force, or None."""
        return _in_force(self.register.holders_of.get(holder_id, ()), self.as_of)

    def role(self, role_id: int) -> Role | None:
        """The version of a role in force, or None."""
        return _in_force(self.register.roles_of.get(role_id, ()), self.as_of)

    def has_duty(self, target: Target) -> bool:
        """Whether a duty for a target is in force."""
        return any(_holds(duty, self.as_of) for duty in self.register.duties_for.get(target, ()))

    def tenures(self, target: Target) -> list[Tenure]:
        """The duties in force for a target: of role and holder in force, and those that stand-ins have meanwhile.

        Notes
        -----
        A stand-in of a leave has each duty of the person who is away, unless the stand-in holds that role there anyway.
        Stand-ins of stand-ins are not followed: a duty that somebody has only for another is not passed on.
        """
        own = list(self._own(target))
        found = [tenure for _, tenure in own]
        holding = {(tenure.holder.holder_id, tenure.role.role_id) for _, tenure in own}
        added = set()
        for duty, tenure in own:
            leave = self.leave_of(duty.holder_id)
            if leave is None or leave.stand_in_id is None or (leave.stand_in_id, duty.role_id) in holding:
                continue
            stand_in = self.holder(leave.stand_in_id)
            key = (leave.stand_in_id, duty.role_id, duty.hours)
            if stand_in is not None and key not in added:
                added.add(key)
                until = min(tenure.until, leave.valid_to, stand_in.valid_to)
                found.append(Tenure(tenure.role, stand_in, "stand_in", tenure.hours, until))
        return found

    def held(self, target: Target) -> list[Tenure]:
        """The duties in force for a target, by role, primary before stand-in: whoever is on leave or off duty just now.

        What hangs on a wall for weeks names those; nobody stands there for another who is away for a few days.
        """
        return sorted(
            (tenure for _, tenure in self._own(target)),
            key=lambda one: (one.role.position, one.role.code, one.assignment, one.holder.code, one.holder.kind),
        )

    def _own(self, target: Target) -> Iterator[tuple[Duty, Tenure]]:
        for duty in self.register.duties_for.get(target, ()):
            if not _holds(duty, self.as_of):
                continue
            role, holder = self.role(duty.role_id), self.holder(duty.holder_id)
            if role is not None and holder is not None:
                until = min(duty.valid_to, role.valid_to, holder.valid_to)
                hours = duty.hours if not duty.hours or readable(duty.hours) else ""
                yield duty, Tenure(role, holder, duty.assignment, hours, until)

    def people(self, target: Target, via: str) -> list[OnDuty]:
        """Everybody who has a duty for one target, by role, those on duty first, primary before stand-in.

        Notes
        -----
        Each person stands once for each role. A stand-in is on duty while no primary of that role is available there.
        """
        tenures = self.tenures(target)
        away = {tenure.holder.holder_id: self.leave_of(tenure.holder.holder_id) is not None for tenure in tenures}
        opened = [is_open(tenure.hours, self.as_of, self.calendar, self.zone) for tenure in tenures]
        covered = {
            tenure.role.role_id
            for tenure, hours_open in zip(tenures, opened, strict=True)
            if tenure.assignment == "primary" and hours_open and not away[tenure.holder.holder_id]
        }
        found: dict[tuple[int, int], OnDuty] = {}
        for tenure, hours_open in zip(tenures, opened, strict=True):
            reason = None
            if away[tenure.holder.holder_id]:
                reason = "on_leave"
            elif not hours_open:
                reason = "off_hours"
            elif tenure.assignment != "primary" and tenure.role.role_id in covered:
                reason = "standby"
            back_at = self._back_at(tenure) if reason in ("on_leave", "off_hours") else None
            person = OnDuty(
                tenure.role, tenure.holder, tenure.assignment, via, reason is None, reason, tenure.hours, back_at
            )
            key = (tenure.holder.holder_id, tenure.role.role_id)
            if key not in found or _presence(person) < _presence(found[key]):
                found[key] = person
        return sorted(
            found.values(),
            key=lambda one: (
                one.role.position,
                one.role.code,
                not one.on_duty,
                one.assignment,
                one.holder.code,
                one.holder.kind,
            ),
        )

    def leave_of(self, holder_id: int, at: int | None = None) -> Leave | None:
        """The leave that a person is on at the instant, or at another one."""
        return _in_force(self.register.leaves_of.get(holder_id, ()), self.as_of if at is None else at)

    def _back_at(self, tenure: Tenure) -> int | None:
        """When somebody who is off duty is available again; None where that is unknown or the duty ends before."""
        at = self.as_of
        for _ in range(_STEPS_BACK):
            leave = self.leave_of(tenure.holder.holder_id, at)
            following = next_open(tenure.hours, at, self.calendar, self.zone) if leave is None else leave.valid_to
            if following is None or following >= tenure.until or following == FOREVER_TO:
                return None
            if leave is None and following == at:
                return at
            at = following
        return None


def _target(duty: Duty) -> Target:
    return Target(duty.target_kind, duty.target_id, duty.unit)


_role_id, _holder_id, _valid_from = attrgetter("role_id"), attrgetter("holder_id"), attrgetter("valid_from")


def _grouped(rows: Iterable[_R], key: Callable[[_R], _K]) -> dict[_K, list[_R]]:
    groups: dict[_K, list[_R]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return groups


def _regrouped(
    groups: dict[_K, list[_R]],
    key: Callable[[_R], _K],
    order: Callable[[_R], int],
    gone: Iterable[_R],
    come: Iterable[_R],
) -> dict[_K, list[_R]]:
    """Groups with some rows less and others more; those that nothing happens to are shared."""
    fewer, more = _grouped(gone, key), _grouped(come, key)
    if not fewer and not more:
        return groups
    made = dict(groups)
    for name in fewer.keys() | more.keys():
        left = {id(row) for row in fewer.get(name, ())}
        rows = [row for row in groups.get(name, ()) if id(row) not in left] + more.get(name, [])
        if rows:
            made[name] = sorted(rows, key=order)
        else:
            del made[name]
    return made


_T = TypeVar("_T", Role, Holder, Leave)


def _holds(row: Role | Holder | Duty | Leave, as_of: int) -> bool:
    return row.valid_from <= as_of < row.valid_to


def _in_force(versions: Sequence[_T], as_of: int) -> _T | None:
    return next((version for version in versions if _holds(version, as_of)), None)


def _presence(person: OnDuty) -> tuple[bool, bool, int, str]:
    """Orders what one person has in one role: what is on duty first, then who is back first, then primary."""
    back_at = FOREVER_TO if person.back_at is None else person.back_at
    return not person.on_duty, person.reason != "standby", back_at, person.assignment
