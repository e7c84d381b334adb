"""Who answers, read from the tables of a sample city row by row, without any of the code that is tested."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

import shapely

from geodata.sample import SampleCity

DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
WHOLE_DAY = timedelta(days=1)

Stretch = tuple[datetime, datetime]
"""Local times, the end not included."""


class Where(NamedTuple):
    """A target: kind and code, the layer of a grid."""

    kind: str
    code: str
    layer: str | None = None


class Told(NamedTuple):
    """One person of an answer."""

    role: str
    name: str
    via: str
    assignment: str
    on_duty: bool
    reason: str | None


@dataclass(frozen=True)
class Row:
    """One row of the duties, or what somebody who stands in has of it."""

    holder: str
    role: str
    assignment: str
    begins: datetime
    ends: datetime
    hours: str


class ByHand:
    """A sample city's tables, asked one instant at a time.

    Parameters
    ----------
    city
        With everything that `generate` made.
    """

    def __init__(self, city: SampleCity) -> None:
        self.city = city
        holders = (*city.workers.itertuples(), *city.organisations.itertuples())
        self.name = {one.code: one.name for one in holders}
        self.position = dict(zip(city.roles["code"], city.roles["position"], strict=True))
        days = list(zip(city.calendar["day"], city.calendar["kind"], strict=True))
        self.holidays = {date.fromisoformat(day) for day, kind in days if kind == "holiday"}
        self.worked = {date.fromisoformat(day) for day, kind in days if kind == "workday"}
        self.rows: dict[Where, list[Row]] = defaultdict(list)
        for row in city.duties.to_dict("records"):
            period = begin_of(row["from"]), end_of(row["to"])
            where = Where(row["target_kind"], row["target"], _none(row["layer"]))
            self.rows[where].append(Row(row["holder"], row["role"], row["assignment"], *period, row["hours"]))
        self.leave: dict[str, list[tuple[datetime, datetime, str | None]]] = defaultdict(list)
        for row in city.leave.to_dict("records"):
            self.leave[row["worker"]].append((begin_of(row["from"]), end_of(row["to"]), row["stand_in"]))
        self.parent = dict(zip(city.areas["code"], map(_none, city.areas["parent"]), strict=True))
        self.level = dict(zip(city.areas["code"], city.areas["level"], strict=True))

    # --- hours -----------------------------------------------------------------------------------------------------

    def stretches_of(self, hours: str, day: date) -> list[Stretch]:
        """When hours are open that begin on a day; of several rules for a day the last one holds."""
        midnight = datetime.combine(day, datetime.min.time())
        if hours == "24/7":
            return [(midnight, midnight + WHOLE_DAY)]
        weekday, holiday = day.weekday(), day in self.holidays
        if day in self.worked:
            weekday = {5: 4, 6: 0}[weekday]
        said = "closed"
        for rule in hours.split("; "):
            days, times = rule.split(" ")
            if DAYS[weekday] in _listed(days) or (holiday and "PH" in _listed(days)):
                said = times
        return [] if said == "closed" else [_stretch(midnight, part) for part in said.split(",")]

    def is_open(self, hours: str, at: datetime) -> bool:
        """Whether hours are open: by the rules of the day, or by last night's."""
        days = (at.date(), at.date() - WHOLE_DAY)
        return any(begins <= at < ends for day in days for begins, ends in self.stretches_of(hours, day))

    def open_between(self, hours: str, begins: datetime, ends: datetime) -> list[Stretch]:
        """When hours are open between two instants."""
        found = []
        day = begins.date() - WHOLE_DAY
        while day <= ends.date():
            for first, last in self.stretches_of(hours, day):
                if max(first, begins) < min(last, ends):
                    found.append((max(first, begins), min(last, ends)))
            day += WHOLE_DAY
        return found

    # --- people ----------------------------------------------------------------------------------------------------

    def away(self, holder: str, at: datetime) -> tuple[bool, str | None]:
        """Whether somebody is on leave, and who stands in."""
        for begins, ends, stand_in in self.leave[holder]:
            if begins <= at < ends:
                return True, stand_in
        return False, None

    def people_at(self, where: Where, via: str, at: datetime) -> list[Told]:
        """Everybody with a duty for one target, as an answer lists them."""
        rows = [row for row in self.rows[where] if row.begins <= at < row.ends]
        holding = {(row.holder, row.role) for row in rows}
        for row in list(rows):
            _, stand_in = self.away(row.holder, at)
            if stand_in is not None and (stand_in, row.role) not in holding:
                rows.append(Row(stand_in, row.role, "stand_in", row.begins, row.ends, row.hours))
        available = [row for row in rows if self.is_open(row.hours, at) and not self.away(row.holder, at)[0]]
        covered = {row.role for row in available if row.assignment == "primary"}
        found: dict[tuple[str, str], Told] = {}
        for row in rows:
            told = self._told(row, via, at, standby=row.assignment != "primary" and row.role in covered)
            known = found.get((row.holder, row.role))
            if known is None or (told.on_duty and not known.on_duty):
                found[row.holder, row.role] = told
        order = sorted(found, key=lambda key: self._place(key, found[key]))
        return [found[key] for key in order]

    def _told(self, row: Row, via: str, at: datetime, *, standby: bool) -> Told:
        reason = None
        if self.away(row.holder, at)[0]:
            reason = "on_leave"
        elif not self.is_open(row.hours, at):
            reason = "off_hours"
        elif standby:
            reason = "standby"
        return Told(row.role, self.name[row.holder], via, row.assignment, reason is None, reason)

    def _place(self, key: tuple[str, str], told: Told) -> tuple[Any, ...]:
        holder, role = key
        return self.position[role], role, not told.on_duty, told.assignment, holder

    def answer(self, chain: list[tuple[Where, str]], at: datetime) -> list[Told]:
        """Those who answer for a chain of targets, the nearest first."""
        found: list[Told] = []
        staffed: set[str] = set()
        listed: set[str] = set()
        for where, via in chain:
            here = [
                one
                for one in self.people_at(where, via, at)
                if one.role not in staffed and (one.on_duty or one.role not in listed)
            ]
            found += here
            listed |= {one.role for one in here}
            staffed |= {one.role for one in here if one.on_duty}
        return found

    # --- places ----------------------------------------------------------------------------------------------------

    def chain(self, layer: str, lon: float, lat: float) -> list[tuple[Where, str]]:
        """What a point lies in: building, compound, grid, community, street, district."""
        point = shapely.Point(lon, lat)
        found: list[tuple[Where, str]] = []
        building = self._covering("buildings", point)
        compound = None if building is None else building["compound"]
        if building is not None:
            found.append((Where("building", building["code"]), "building"))
        if compound is None:
            around = self._covering("compounds", point)
            compound = None if around is None else around["code"]
        if compound is not None:
            found.append((Where("compound", compound), "compound"))
        grids = self.city.grids[layer]
        grid = grids[grids.geometry.covers(point)].sort_values("code").iloc[0]
        found.append((Where("grid", grid["code"], layer), "grid"))
        area = grid["community"]
        while area is not None:
            found.append((Where("area", area), self.level[area]))
            area = self.parent[area]
        return found

    def _covering(self, table: str, point: shapely.Point) -> dict[str, Any] | None:
        rows = getattr(self.city, table)
        hits = rows.iloc[rows.sindex.query(point, predicate="intersects")].sort_values("code")
        return None if hits.empty else {name: _none(value) for name, value in hits.iloc[0].items()}


def begin_of(text: str) -> datetime:
    """The local begin that a cell says."""
    return datetime.fromisoformat(text)


def end_of(text: str | None) -> datetime:
    """The local end that a cell says: a day is inclusive, a time is not; without one there is none."""
    if text is None:
        return datetime.max
    return datetime.fromisoformat(text) + (WHOLE_DAY if len(text) == len("2026-01-01") else timedelta(0))


def _listed(days: str) -> Iterator[str]:
    for part in days.split(","):
        first, _, last = part.partition("-")
        if first == "PH":
            yield "PH"
        else:
            yield from DAYS[DAYS.index(first) : DAYS.index(last or first) + 1]


def _stretch(midnight: datetime, times: str) -> Stretch:
    first, last = (timedelta(hours=int(time[:2]), minutes=int(time[3:])) for time in times.split("-"))
    return midnight + first, midnight + (last if first < last else last + WHOLE_DAY)


def _none(value: Any) -> Any:
    return value if isinstance(value, str | int | shapely.Geometry) else None
