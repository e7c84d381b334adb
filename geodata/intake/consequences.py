"""Stage 6 for duties and leave: what a change would lead to: holes in the roster, norms no longer met."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from psycopg import Connection
from psycopg.rows import class_row

from geodata.intake.hole_findings import hole_findings
from geodata.intake.norm_findings import norm_finding, unmet_norm
from geodata.intake.references import known_codes, now
from geodata.intake.wording import register_kind
from geodata.people.calendar_days import calendar_days
from geodata.people.hours import Calendar, open_spans, readable
from geodata.people.roster import holder_periods, names_of, role_periods, stored_duties, stored_leaves
from geodata.people.rota import Hole, Post, Rota, Window, post_of
from geodata.people.spans import Span, Spans, clipped, difference, union
from geodata.people.staffing import NormFault, Site, applies, norm_faults, sites, staff_of
from geodata.queries import named_queries
from geodata.records import FOREVER_TO, Area, CalendarDay, Duty, Finding, GridVersion, Leave, Norm
from geodata.times import instant

HORIZON_DAYS = 60
_DAY = 86_400_000_000
_BACK_DAYS = 366
# A plan of a year brings as many instants at which something begins; the norms are asked about at these many of them.
_INSTANTS = 12

_SQL = named_queries(__file__)

Source = tuple[int | None, str | None]
"""Row of the file and what a finding calls its record."""

_R = TypeVar("_R", Norm, Area, GridVersion)


@dataclass(frozen=True, slots=True)
class Roster:
    """Duties and leave, as they are or would be; ``leaving`` are holders who end when the change takes effect."""

    duties: Sequence[Duty]
    leaves: Sequence[Leave]
    leaving: frozenset[int] = frozenset()


@dataclass(slots=True)
class Sources:
    """Where in a file the records stand that a finding may be about."""

    posts: dict[Post, Source]
    holders: dict[int, Source]
    holders_in_role: dict[tuple[int, int], Source]

    def of_hole(self, hole: Hole) -> Source:
        """The row that a hole comes from: whoever is missed, else whoever has the same post."""
        missed = (self.holders.get(holder_id) for holder_id in hole.holder_ids)
        return next((one for one in missed if one), None) or self.posts.get(hole.post) or (None, None)


def as_duty(row: Mapping[str, Any]) -> Duty:
    """A stored duty as a record."""
    return Duty(
        row.get("duty_id", 0),
        row["holder_id"],
        row["role_id"],
        row["target_kind"],
        row["target_id"],
        row["assignment"],
        row["begins"],
        row["ends"],
        row["unit"],
        row["hours"],
    )


def as_leave(row: Mapping[str, Any]) -> Leave:
    """A stored leave as a record."""
    return Leave(
        row.get("leave_id", 0), row["holder_id"], row["stand_in_id"], row["reason"], row["begins"], row["ends"]
    )


class Outlook:
    """What is needed to tell what a change leads to, read once.

    Parameters
    ----------
    effective
        When the change takes effect, microseconds since 1970-01-01 UTC.
    """

    def __init__(self, connection: Connection[Any], effective: int) -> None:
        self.connection = connection
        self.effective = effective
        clock = now(connection)
        self.begins = max(effective, clock - _BACK_DAYS * _DAY)
        self.shown = effective if clock - effective < _DAY else clock
        self.ends = max(effective, clock) + HORIZON_DAYS * _DAY
        self.roles = {role_id: union(spans) for role_id, spans in role_periods(connection).items()}
        self._holders: dict[int, Spans] = {}
        days = calendar_days(connection)
        self._calendar = Calendar.of(CalendarDay(day["day"], day["kind"], day["name"]) for day in days)

    def leaves(self) -> list[Leave]:
        """Leaves that last into the time that is looked at."""
        return [as_leave(row) for row in stored_leaves(self.connection, since=self.begins - 1)]

    def holes(self, before: Roster, after: Roster, posts: Iterable[Post]) -> list[Hole]:
        """Holes that the change opens: the time that lies in one after it and in none before."""
        opened = self._window(after).holes(posts)
        old: dict[Post, list[Span]] = defaultdict(list)
        for hole in self._window(before).holes({hole.post for hole in opened}) if opened else ():
            old[hole.post].append((hole.begins, hole.ends))
        found = []
        for hole in opened:
            fresh = difference(clipped(((hole.begins, hole.ends),), self.shown, self.ends), union(old[hole.post]))
            found += [replace(hole, begins=begins, ends=ends) for begins, ends in fresh]
        return found

    def in_force(self, duties: Iterable[Duty], at: int) -> list[Duty]:
        """Duties in force at an instant, with their roles and holders."""
        duties = list(duties)
        holders = self._holders_of({duty.holder_id for duty in duties})
        return [
            duty
            for duty in duties
            if duty.valid_from <= at < duty.valid_to
            and _covers(self.roles.get(duty.role_id, ()), at)
            and _covers(holders.get(duty.holder_id, ()), at)
        ]

    def _window(self, roster: Roster) -> Window:
        own = {duty.holder_id for duty in roster.duties}
        others = {leave.stand_in_id for leave in roster.leaves if leave.holder_id in own and leave.stand_in_id}
        holders = self._holders_of(own | others | roster.leaving)
        left = {holder_id: clipped(holders.get(holder_id, ()), 0, self.effective) for holder_id in roster.leaving}
        rota = Rota(roster.duties, self.roles, {**holders, **left}, roster.leaves, self._opens)
        # What ends the moment it takes effect ends inside the time that is looked at.
        return rota.between(self.begins - 1, self.ends)

    def _holders_of(self, holder_ids: set[int]) -> Mapping[int, Spans]:
        """When holders are in force, these among them: those of a whole province are not read for one duty."""
        missing = holder_ids - self._holders.keys()
        if missing:
            periods = holder_periods(self.connection, missing)
            self._holders |= {holder_id: union(periods.get(holder_id, ())) for holder_id in missing}
        return self._holders

    def _opens(self, hours: str, begins: int, ends: int) -> Sequence[Span]:
        return open_spans(hours, begins, ends, self._calendar) if readable(hours) else ()


def hole_consequences(
    outlook: Outlook, before: Roster, after: Roster, posts: Iterable[Post], sources: Sources
) -> list[Finding]:
    """Warnings for the holes that a change of duties or leave opens within 60 days."""
    holes = outlook.holes(before, after, posts)
    asked: set[tuple[str, int]] = set()
    for hole in holes:
        asked |= {("role", hole.post.role_id), (register_kind(hole.post.target_kind), hole.post.target_id)}
        asked |= {("holder", holder_id) for holder_id in hole.holder_ids}
    names = names_of(outlook.connection, asked) if asked else {}
    return hole_findings(holes, names, sources.of_hole, HORIZON_DAYS)


def leaving_consequences(connection: Connection[Any], holder_ids: Iterable[int], effective: int) -> list[Finding]:
    """Warnings for the holes that open within 60 days where people or offices end and their duties go on."""
    leaving = frozenset(holder_ids)
    outlook = Outlook(connection, effective)
    leaves = outlook.leaves()
    # Whoever one of them stands in for is missed too.
    missed = leaving | {leave.holder_id for leave in leaves if leave.stand_in_id in leaving}
    mine = stored_duties(connection, holder_ids=missed)
    if not mine:
        return []
    targets = {(duty["target_kind"], duty["target_id"]) for duty in mine}
    duties = [as_duty(row) for row in stored_duties(connection, holder_ids=missed, targets=targets)]
    posts = {post_of(as_duty(row)) for row in mine}
    before, after = Roster(duties, leaves), Roster(duties, leaves, leaving)
    return hole_consequences(outlook, before, after, posts, Sources({}, {}, {}))


def norm_consequences(
    outlook: Outlook, before: Sequence[Duty], after: Sequence[Duty], touched: Iterable[Duty], sources: Sources
) -> list[Finding]:
    """Findings for the norms that a change of duties breaks, or leaves broken where it touches.

    Parameters
    ----------
    before, after
        All duties of the holders, and on the targets, that the change touches.
    touched
        The duties of the file, and those that end because of it.

    Notes
    -----
    More sites in one person's hands than a norm allows is an error where the change makes them more, a warning where
    they were as many before; too few or too many people at a site is a warning.
    """
    norms = _read(outlook, "norms", Norm)
    if not norms:
        return []
    touched = list(touched)
    roles = {duty.role_id for duty in touched}
    norms = [norm for norm in norms if norm.role_id in roles]
    wide = {norm.role_id for norm in norms if norm.per != "grid"}
    if wide:
        before, after = _whole(outlook, wide, before, after)
    found: dict[tuple[Any, ...], Finding] = {}
    for at in _instants(outlook.effective, touched):
        for key, finding in _broken(outlook, norms, before, after, touched, sources, at):
            found.setdefault(key, finding)
    return list(found.values())


def unmet_norm_findings(
    connection: Connection[Any],
    records: Sequence[Mapping[str, Any]],
    rows: Mapping[str, int],
    effective: int,
) -> list[Finding]:
    """Warnings for norms that are new or changed and that the roster does not meet: one for each norm and way.

    Parameters
    ----------
    records
        ``code role per layer kind area least most most_per_person``, all references by code and known.
    rows
        Row in the source of each code.
    """
    if not records:
        return []
    outlook = Outlook(connection, effective)
    norms = _as_norms(connection, records, effective)
    stored = stored_duties(connection, holder_ids=(), role_ids={norm.role_id for norm in norms})
    duties = outlook.in_force(map(as_duty, stored), effective)
    places, default_layer = _sites(outlook, norms, duties, effective, everywhere=True)
    faults: dict[tuple[str, str], list[NormFault]] = defaultdict(list)
    for fault in norm_faults(norms, places, staff_of(duties), default_layer):
        faults[fault.norm.code, fault.kind].append(fault)
    if not faults:
        return []
    asked = {("holder", fault.holder_id) for group in faults.values() for fault in group if fault.holder_id is not None}
    names = names_of(connection, asked | {("role", norm.role_id) for norm in norms})
    sites_of = {norm.code: sum(1 for site in places if applies(norm, site, default_layer)) for norm in norms}
    return [unmet_norm(group, names, rows.get(code), sites_of[code]) for (code, _), group in faults.items()]


def _as_norms(connection: Connection[Any], records: Sequence[Mapping[str, Any]], effective: int) -> list[Norm]:
    roles = known_codes(connection, "roles", [record["role"] for record in records], effective)
    areas = known_codes(connection, "areas", [record["area"] for record in records if record["area"]], effective)
    return [
        Norm(
            place,
            record["code"],
            roles[record["role"]].identity,
            record["per"],
            record["layer"],
            record["kind"],
            areas[record["area"]].identity if record["area"] else None,
            record["least"],
            record["most"],
            record["most_per_person"],
            effective,
            FOREVER_TO,
        )
        for place, record in enumerate(records)
        if record["role"] in roles and (not record["area"] or record["area"] in areas)
    ]


def _broken(
    outlook: Outlook,
    norms: Sequence[Norm],
    before: Sequence[Duty],
    after: Sequence[Duty],
    touched: Sequence[Duty],
    sources: Sources,
    at: int,
) -> list[tuple[tuple[Any, ...], Finding]]:
    """Norms that do not hold at an instant, each with what makes it one."""
    places, default_layer = _sites(outlook, norms, [*after, *touched], at)
    old, new = (staff_of(outlook.in_force(duties, at)) for duties in (before, after))
    mine = _near(touched, places)
    people = {(duty.role_id, duty.holder_id) for duty in touched}
    had = {
        (fault.norm.norm_id, fault.holder_id): fault.count
        for fault in norm_faults(norms, places, old, default_layer)
        if fault.holder_id is not None
    }
    faults = [
        fault
        for fault in norm_faults(norms, places, new, default_layer)
        if (fault.holder_id is None and fault.site is not None and (fault.norm.role_id, _place(fault.site)) in mine)
        or (fault.norm.role_id, fault.holder_id) in people
    ]
    asked = {("role", fault.norm.role_id) for fault in faults}
    asked |= {("holder", fault.holder_id) for fault in faults if fault.holder_id is not None}
    names = names_of(outlook.connection, asked) if asked else {}
    found = []
    for fault in faults:
        worse = fault.holder_id is not None and fault.count > had.get((fault.norm.norm_id, fault.holder_id), 0)
        finding = norm_finding(fault, names, _source(fault, sources), worse=worse)
        found.append(((fault.kind, fault.norm.norm_id, fault.holder_id, fault.site and _place(fault.site)), finding))
    return found


def _place(site: Site) -> tuple[str, int]:
    return site.kind, site.identity


def _near(touched: Iterable[Duty], places: Iterable[Site]) -> set[tuple[int, tuple[str, int]]]:
    """Roles and places that a change touches: the targets themselves and the areas that they lie in."""
    around = {_place(site): site.areas for site in places}
    found: set[tuple[int, tuple[str, int]]] = set()
    for duty in touched:
        place = (duty.target_kind, duty.target_id)
        found.add((duty.role_id, place))
        found |= {(duty.role_id, ("area", area_id)) for area_id in around.get(place, ())}
    return found


def _source(fault: NormFault, sources: Sources) -> Source:
    if fault.holder_id is not None:
        return sources.holders_in_role.get((fault.holder_id, fault.norm.role_id)) or (None, None)
    assert fault.site is not None
    post = Post(fault.site.kind, fault.site.identity, "", fault.norm.role_id)
    return sources.posts.get(post) or (None, None)


def _instants(effective: int, touched: Iterable[Duty]) -> list[int]:
    later = sorted({duty.valid_from for duty in touched if duty.valid_from > effective})
    return [effective, *later[: _INSTANTS - 1]]


def _whole(
    outlook: Outlook, roles: set[int], before: Sequence[Duty], after: Sequence[Duty]
) -> tuple[Sequence[Duty], Sequence[Duty]]:
    """The same duties with all the others in these roles: an area has those of all its grids."""
    known = {duty.duty_id for duty in before}
    stored = stored_duties(outlook.connection, holder_ids=(), role_ids=roles)
    others = [as_duty(row) for row in stored if row["duty_id"] not in known]
    return [*before, *others], [*after, *others]


def _sites(
    outlook: Outlook, norms: Sequence[Norm], duties: Iterable[Duty], at: int, *, everywhere: bool = False
) -> tuple[list[Site], str | None]:
    """Sites in force, and the default layer; of grids only those with a duty where nothing else is asked about."""
    grid_ids = {duty.target_id for duty in duties if duty.target_kind == "grid"}
    everywhere = everywhere or any(norm.per != "grid" for norm in norms)
    areas = _read(outlook, "areas", Area, at=at)
    grids = _read(outlook, "grids", GridVersion, at=at, all=everywhere, grid_ids=sorted(grid_ids))
    row = outlook.connection.execute(_SQL["default_layer"]).fetchone()
    default_layer = None if row is None else str(row[0])
    return sites(areas, grids, default_layer), default_layer


def _read(outlook: Outlook, query: str, record: type[_R], at: int | None = None, **values: Any) -> list[_R]:
    moment = instant(outlook.effective if at is None else at)
    with outlook.connection.cursor(row_factory=class_row(record)) as cursor:
        return cursor.execute(_SQL[query], {"at": moment, **values}).fetchall()


def _covers(spans: Spans, at: int) -> bool:
    return any(begins <= at < ends for begins, ends in spans)
