"""Holes and shifts of any roster equal a reading of its rows, one half hour after the other."""

from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.people.duties import Register, Roster, Target
from geodata.people.hours import Calendar, open_spans
from geodata.people.rota import Post, Rota
from geodata.people.staffing import Site, norm_faults, staff_of
from geodata.records import FOREVER_FROM, FOREVER_TO, Duty, Holder, Leave, Norm, Role
from geodata.times import LOCAL_ZONE, parse_time

HALF_HOUR = 30 * 60 * 1_000_000
# A Friday: the window reaches over a weekend, from Friday to Monday night.
BEGIN = parse_time("2026-01-02")
CELLS = 4 * 48
END = BEGIN + CELLS * HALF_HOUR
POST = Post("grid", 5, "", 1)

# Text, then the cells of a week (Monday first) in which it is open.
DAY = 48


def _cells(days: range | tuple[int, ...], begins: int, ends: int) -> frozenset[int]:
    return frozenset((day * DAY + cell) % (7 * DAY) for day in days for cell in range(begins, ends))


HOURS: dict[str, frozenset[int]] = {
    "": _cells(range(7), 0, DAY),
    "24/7": _cells(range(7), 0, DAY),
    "Mo-Fr 08:00-12:00": _cells(range(5), 16, 24),
    "Mo-Fr 22:00-06:00": _cells(range(5), 44, 60),
    "Sa,Su 09:00-18:00": _cells((5, 6), 18, 36),
    "Su 20:00-24:00": _cells((6,), 40, 48),
}


def is_open(hours: str, cell: int) -> bool:
    return (4 * DAY + cell) % (7 * DAY) in HOURS[hours]


def instant(cell: int) -> int:
    return BEGIN + cell * HALF_HOUR


@st.composite
def periods(draw: st.DrawFn) -> tuple[int, int]:
    begins = draw(st.sampled_from([FOREVER_FROM, None]))
    ends = draw(st.sampled_from([FOREVER_TO, None]))
    first = draw(st.integers(-20, CELLS + 20))
    last = draw(st.integers(first + 1, CELLS + 40))
    return (instant(first) if begins is None else begins, instant(last) if ends is None else ends)


@dataclass(frozen=True)
class Rows:
    role: Role
    holders: list[Holder]
    duties: list[Duty]
    leaves: list[Leave]


def _apart(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Those that meet none before: nobody is on two leaves, or two versions, at once."""
    kept: list[tuple[int, int]] = []
    for begins, ends in spans:
        if all(ends <= other[0] or other[1] <= begins for other in kept):
            kept.append((begins, ends))
    return kept


@st.composite
def rosters(draw: st.DrawFn) -> Rows:
    role = Role(1, "r", "网格员", "", "", "", False, False, 1, *draw(periods()))
    holders, leaves = [], []
    for holder_id in range(1, 5):
        for begins, ends in _apart(draw(st.lists(periods(), min_size=1, max_size=2))):
            holders.append(Holder(holder_id, "worker", f"W{holder_id}", f"示例{holder_id}", "", False, begins, ends))
        for begins, ends in _apart(draw(st.lists(periods(), max_size=2))):
            stand_in = draw(st.sampled_from([None, *(one for one in range(1, 5) if one != holder_id)]))
            leaves.append(Leave(len(leaves), holder_id, stand_in, "", begins, ends))
    duties: list[Duty] = []
    for number in range(draw(st.integers(1, 5))):
        holder_id, assignment = draw(st.integers(1, 4)), draw(st.sampled_from(["primary", "primary", "stand_in"]))
        begins, ends = draw(periods())
        duty = Duty(number, holder_id, 1, "grid", 5, assignment, begins, ends, "", draw(st.sampled_from(list(HOURS))))
        same = [one for one in duties if (one.holder_id, one.assignment) == (holder_id, assignment)]
        if all(ends <= one.valid_from or one.valid_to <= begins for one in same):
            duties.append(duty)
    return Rows(role, holders, duties, leaves)


def holds(row: Role | Holder | Duty | Leave, cell: int) -> bool:
    return row.valid_from <= instant(cell) < row.valid_to


@dataclass(frozen=True)
class At:
    """What the rows say of one cell: (holder, assignment, hours) of each duty in force."""

    rows: Rows
    cell: int

    def holder(self, holder_id: int) -> bool:
        return any(one.holder_id == holder_id and holds(one, self.cell) for one in self.rows.holders)

    def leave(self, holder_id: int) -> Leave | None:
        return next((one for one in self.rows.leaves if one.holder_id == holder_id and holds(one, self.cell)), None)

    def own(self) -> list[Duty]:
        if not holds(self.rows.role, self.cell):
            return []
        return [one for one in self.rows.duties if holds(one, self.cell) and self.holder(one.holder_id)]

    def effective(self) -> list[tuple[int, str, str]]:
        own = self.own()
        found = [(one.holder_id, one.assignment, one.hours) for one in own]
        for one in own:
            leave = self.leave(one.holder_id)
            stand_in = None if leave is None else leave.stand_in_id
            if stand_in and self.holder(stand_in) and all(other.holder_id != stand_in for other in own):
                found.append((stand_in, "stand_in", one.hours))
        return found

    def available(self) -> list[tuple[int, str]]:
        return [
            (holder_id, assignment)
            for holder_id, assignment, hours in self.effective()
            if is_open(hours, self.cell) and self.leave(holder_id) is None
        ]

    def on_duty(self) -> set[tuple[int, str]]:
        there = self.available()
        if any(assignment == "primary" for _, assignment in there):
            return {one for one in there if one[1] == "primary"}
        return set(there)

    def reason(self, ended_before: bool) -> str | None:
        if self.available():
            return None
        primaries = [one for one in self.own() if one.assignment == "primary"]
        if any(is_open(one.hours, self.cell) for one in primaries):
            waiting = [
                holder_id
                for holder_id, assignment, _ in self.effective()
                if assignment == "stand_in" and self.leave(holder_id) is None
            ]
            return "off" if waiting else "on_leave"
        if not primaries and ended_before and holds(self.rows.role, self.cell):
            return "ended"
        return None


def read_row_by_row(rows: Rows) -> list[str | None]:
    found, ended_before = [], False
    for cell in range(CELLS):
        at = At(rows, cell)
        found.append(at.reason(ended_before))
        ended_before = ended_before or any(one.assignment == "primary" for one in at.own())
    return found


def rota(rows: Rows) -> tuple[Rota, Register]:
    register = Register([rows.role], rows.holders, rows.duties, rows.leaves)
    return Rota.of_register(register, lambda hours, begins, ends: open_spans(hours, begins, ends, Calendar())), register


@given(rosters())
@settings(max_examples=150, deadline=None)
def test_holes_are_the_cells_in_which_the_rows_say_that_nobody_is_there(rows: Rows) -> None:
    window = rota(rows)[0].between(BEGIN, END)
    found: list[str | None] = [None] * CELLS
    for hole in window.holes([POST]):
        assert hole.begins < hole.ends
        assert hole.holder_ids
        for cell in range((hole.begins - BEGIN) // HALF_HOUR, (hole.ends - BEGIN) // HALF_HOUR):
            assert found[cell] is None
            found[cell] = hole.reason
    assert found == read_row_by_row(rows)


@given(rosters())
@settings(max_examples=100, deadline=None)
def test_shifts_are_the_cells_in_which_the_rows_say_that_somebody_is_on_duty(rows: Rows) -> None:
    found: list[set[tuple[int, str]]] = [set() for _ in range(CELLS)]
    for shift in rota(rows)[0].between(BEGIN, END).shifts(POST):
        for begins, ends in shift.on_duty:
            for cell in range((begins - BEGIN) // HALF_HOUR, (ends - BEGIN) // HALF_HOUR):
                found[cell].add((shift.stint.holder_id, shift.stint.assignment))
    assert found == [At(rows, cell).on_duty() for cell in range(CELLS)]


@given(rosters(), st.integers(0, CELLS - 1))
@settings(max_examples=100, deadline=None)
def test_whoever_is_on_duty_in_the_week_is_named_in_an_answer_of_that_instant(rows: Rows, cell: int) -> None:
    made, register = rota(rows)
    at = instant(cell)
    people = Roster(register, at, Calendar(), LOCAL_ZONE).people(Target("grid", 5), "grid")
    shifts = made.between(BEGIN, END).shifts(POST)
    planned = {shift.stint.holder_id for shift in shifts if any(begins <= at < ends for begins, ends in shift.on_duty)}
    assert {person.holder.holder_id for person in people if person.on_duty} == planned


SITES = st.lists(
    st.tuples(st.sampled_from(["urban", "rural"]), st.integers(10, 12), st.sampled_from(["general", "party"])),
    min_size=1,
    max_size=8,
)
APPOINTED = st.lists(
    st.tuples(st.integers(1, 4), st.integers(1, 2), st.booleans(), st.integers(0, 7), st.booleans()), max_size=14
)
LIMIT = st.none() | st.integers(0, 3)


@st.composite
def norms(draw: st.DrawFn) -> Norm:
    layer, kind = draw(st.sampled_from([None, "party"])), draw(st.sampled_from([None, "urban"]))
    area, per = draw(st.sampled_from([None, 10, 1])), draw(st.sampled_from(["grid", "community", "street"]))
    limits = (draw(LIMIT), draw(LIMIT), draw(st.none() | st.integers(1, 2)))
    return Norm(7, "n", draw(st.integers(1, 2)), per, layer, kind, area, *limits, FOREVER_FROM, FOREVER_TO)


@given(SITES, APPOINTED, norms())
@settings(max_examples=150, deadline=None)
def test_unmet_norms_are_those_that_counting_row_by_row_finds(grids, appointed, norm) -> None:  # type: ignore[no-untyped-def]
    """Communities 10 to 12 in street 1; a site's people are counted from the rows, one site after the other."""
    places = [
        Site("grid", number, f"G{number}", "", "grid", layer, kind, frozenset({community, 1}))
        for number, (kind, community, layer) in enumerate(grids)
    ]
    places += [Site("area", one, str(one), "", "community", None, "urban", frozenset({one, 1})) for one in (10, 11, 12)]
    places.append(Site("area", 1, "1", "", "street", None, "rural", frozenset({1})))
    by_key = {(site.kind, site.identity): site for site in places}
    duties = [
        Duty(
            number,
            holder_id,
            role_id,
            "grid" if on_grid else "area",
            target if on_grid else (10, 11, 12, 1)[target % 4],
            "primary" if primary else "stand_in",
            FOREVER_FROM,
            FOREVER_TO,
        )
        for number, (holder_id, role_id, on_grid, target, primary) in enumerate(appointed)
    ]
    rows = {
        (duty.holder_id, duty.target_kind, duty.target_id)
        for duty in duties
        if duty.role_id == norm.role_id
        and duty.assignment == "primary"
        and (duty.target_kind, duty.target_id) in by_key
    }
    expected = set()
    mine = []
    for site in places:
        layer_fits = site.kind == "area" or site.layer == (norm.layer or "general")
        kind_fits = norm.grid_kind in (None, site.grid_kind)
        if site.level != norm.per or not layer_fits or not kind_fits or norm.area_id not in (None, *site.areas):
            continue
        mine.append((site.kind, site.identity))
        people = set()
        for holder_id, kind, identity in rows:
            inside = site.kind == "area" and site.identity in by_key[kind, identity].areas
            if (kind, identity) == (site.kind, site.identity) or inside:
                people.add(holder_id)
        if norm.least is not None and len(people) < norm.least:
            expected.add(("below-norm", site.code, None, len(people)))
        if norm.most is not None and len(people) > norm.most:
            expected.add(("above-norm", site.code, None, len(people)))
    for holder_id in range(1, 5):
        count = len([one for one in rows if one[0] == holder_id and one[1:] in mine])
        if norm.most_per_person is not None and count > norm.most_per_person:
            expected.add(("above-norm-per-person", None, holder_id, count))
    found = [
        (fault.kind, fault.site and fault.site.code, fault.holder_id, fault.count)
        for fault in norm_faults([norm], places, staff_of(duties), "general")
    ]
    assert len(found) == len(set(found))
    assert set(found) == expected
