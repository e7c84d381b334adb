"""Door: who is on duty when, where nobody is, which staffing norms are not met, how much everybody looks after."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from geodata.moment import Moment
from geodata.people.duties import Register
from geodata.people.hours import open_spans, readable
from geodata.people.rota import Hole, Post, Rota, Window
from geodata.people.spans import Span, Spans, clipped
from geodata.people.staffing import (
    Homes,
    NormFault,
    Site,
    Where,
    Workload,
    norm_faults,
    sites,
    staff_of,
    workloads,
)
from geodata.records import Building, Compound, Duty, GridVersion, Role
from geodata.targets import Lives, Targets

# By the register of a snapshot: as long as that is held, whoever asks about a week needs it sorted only once.
_ROTAS: WeakKeyDictionary[Register, Rota] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Week:
    """Posts in some area and the rota over some days.

    Parameters
    ----------
    posts
        Not in any order that people would expect.
    window
        Says who is on duty in a post, and when nobody is.
    lives
        What the targets are called, and when they exist.
    """

    posts: tuple[Post, ...]
    window: Window
    lives: Lives

    def alive(self, post: Post) -> Spans:
        """When the target of a post exists."""
        span = self.lives.span(post.target_kind, post.target_id)
        return () if span is None else clipped((span,), self.window.begins, self.window.ends)

    def holes(self, posts: Iterable[Post] | None = None) -> list[Hole]:
        """Holes of some of the posts, or of all."""
        return self.window.holes(self.posts if posts is None else posts, self.alive)


def rota_of(moment: Moment) -> Rota:
    """The rota of everything that the moment's data holds, of all times."""
    register, calendar, zone = moment.roster.register, moment.roster.calendar, moment.zone

    def opens(hours: str, begins: int, ends: int) -> Sequence[Span]:
        # Hours that nobody can read count as always, as they do in an answer.
        return open_spans(hours, begins, ends, calendar, zone) if readable(hours) else ((begins, ends),)

    found = _ROTAS.get(register)
    if found is None:
        found = _ROTAS[register] = Rota.of_register(register, opens)
    return found


def week(
    first: Moment, last: Moment, begins: int, ends: int, *, within: str | None = None, role: str | None = None
) -> Week:
    """Everything about who is on duty between two instants.

    Parameters
    ----------
    first, last
        Moments of the begin, and just before the end.
    begins, ends
        Microseconds since 1970-01-01 UTC.
    within
        Code of an area: only targets in it.
    role
        Code of a role: only posts of it.

    Raises
    ------
    NotKnownError
        There is no such area at the begin or the end.
    """
    rota = rota_of(first)
    lives = Lives(Targets(first), Targets(last))
    role_ids = None if role is None else {one.role_id for one in _roles(first, last) if one.code == role}
    posts = [post for post in rota.duties_of if role_ids is None or post.role_id in role_ids]
    keys = {(post.target_kind, post.target_id) for post in posts}
    kept = keys if within is None else lives.inside(keys, within)
    window = rota.between(begins, ends)
    chosen = [
        post
        for post in posts
        if (post.target_kind, post.target_id) in kept
        and lives.span(post.target_kind, post.target_id) is not None
        and window.stints(post)
    ]
    return Week(tuple(chosen), window, lives)


def _roles(first: Moment, last: Moment) -> list[Role]:
    return [*first.roles.values(), *last.roles.values()]


def duties_in_force(moment: Moment) -> list[Duty]:
    """Duties in force with their role, holder and target."""
    roles = {role.role_id for role in moment.roles.values()}
    holders = {holder.holder_id for holder in moment.workers}
    targets = Targets(moment)
    return [
        duty
        for duty in moment.duties
        if duty.role_id in roles
        and duty.holder_id in holders
        and targets.record(duty.target_kind, duty.target_id) is not None
    ]


def unmet_norms(moment: Moment, *, within: str | None = None, role: str | None = None) -> list[NormFault]:
    """Norms that are not met at an instant.

    Parameters
    ----------
    within
        Code of an area: only sites in it, and people who hold one of them.
    role
        Code of a role: only norms about it.

    Raises
    ------
    NotKnownError
        There is no such area.

    Notes
    -----
    What is counted for a site or a person is counted everywhere: the area only chooses what is told.
    """
    role_ids = None if role is None else {one.role_id for one in moment.roles.values() if one.code == role}
    norms = [norm for norm in moment.norms if role_ids is None or norm.role_id in role_ids]
    area_ids = None if within is None else moment.within(within)
    if not norms:
        return []
    default_layer = moment.default_layer.code
    grids = [grid for layer in moment.layers for grid in moment.grids(layer.code)]
    places = sites(moment.areas.values(), grids, default_layer)
    staff = staff_of(duties_in_force(moment))
    found = norm_faults(norms, places, staff, default_layer)
    if area_ids is None:
        return found
    near = {(site.kind, site.identity) for site in places if _inside(site, area_ids)}
    people = {
        (role_id, holder_id) for (role_id, *place), held in staff.items() if tuple(place) in near for holder_id in held
    }
    return [
        fault
        for fault in found
        if (fault.site is not None and (fault.site.kind, fault.site.identity) in near)
        or (fault.norm.role_id, fault.holder_id) in people
    ]


def _inside(site: Site, area_ids: frozenset[int]) -> bool:
    if site.kind == "area":
        return site.identity in area_ids
    return bool(site.areas & area_ids)


def workloads_at(moment: Moment, *, within: str | None = None) -> list[Workload]:
    """How much each worker looks after at an instant; organisations are left out.

    Parameters
    ----------
    within
        Code of an area: only those with a target in it; what they hold elsewhere counts too.

    Raises
    ------
    NotKnownError
        There is no such area.
    """
    workers = {holder.holder_id for holder in moment.workers if holder.kind == "worker"}
    duties = [duty for duty in duties_in_force(moment) if duty.holder_id in workers and duty.assignment == "primary"]
    targets = Targets(moment)
    keys = {(duty.target_kind, duty.target_id) for duty in duties}
    if within is not None:
        near = targets.inside(keys, within)
        mine = {duty.holder_id for duty in duties if (duty.target_kind, duty.target_id) in near}
        duties = [duty for duty in duties if duty.holder_id in mine]
    wheres = {(duty.target_kind, duty.target_id, duty.unit) for duty in duties}
    return workloads(duties, _homes(targets, wheres), _inside_of(targets, wheres))


def _homes(targets: Targets, wheres: Iterable[Where]) -> dict[Where, Homes]:
    """Counts of each target that can have one.

    Notes
    -----
    A grid has its stated count, one without the sum of the register's buildings in it; an area has its grids of the
    default layer; a compound its buildings; a unit an equal share of its building.
    """
    asked = set(wheres)
    kinds = {kind for kind, _, _ in asked}
    moment = targets.moment
    by_compound = _compound_households(moment) if "compound" in kinds else {}
    by_grid = _grid_homes(targets, asked) if kinds & {"grid", "area"} else {}
    by_area = _area_homes(moment, by_grid) if "area" in kinds else {}
    found: dict[Where, Homes] = {}
    for where in asked:
        kind, identity, unit = where
        if kind == "grid" and identity in by_grid:
            found[where] = by_grid[identity]
        elif kind == "area" and identity in by_area:
            found[where] = by_area[identity]
        elif kind == "compound" and identity in by_compound:
            found[where] = Homes(by_compound[identity], None, "register")
        elif kind in ("building", "unit"):
            record = targets.record(kind, identity)
            if isinstance(record, Building) and record.households is not None:
                found[where] = _building_homes(record, unit)
    return found


def _building_homes(building: Building, unit: str) -> Homes:
    households = building.households or 0
    if not unit:
        return Homes(households, None, "register")
    return Homes(round(households / max(len(building.units), 1)), None, "estimated")


def _compound_households(moment: Moment) -> dict[int, int]:
    found: dict[int, int] = {}
    for building in moment.buildings:
        if building.compound_id is not None and building.households is not None:
            found[building.compound_id] = found.get(building.compound_id, 0) + building.households
    return found


def _grid_homes(targets: Targets, asked: Iterable[Where]) -> dict[int, Homes]:
    """Counts of the grids of the default layer and of those asked for."""
    moment = targets.moment
    wanted = {identity for kind, identity, _ in asked if kind == "grid"}
    grids = [
        grid
        for layer in moment.layers
        for grid in moment.grids(layer.code)
        if layer is moment.default_layer or grid.grid_id in wanted
    ]
    found = {
        grid.grid_id: Homes(grid.households, grid.persons)
        for grid in grids
        if grid.households is not None or grid.persons is not None
    }
    for layer_code in {grid.layer for grid in grids if grid.households is None}:
        points = {
            ("building", building.building_id): (building.lon, building.lat)
            for building in moment.buildings
            if building.households is not None
        }
        sums: dict[int, int] = {}
        for (_, building_id), grid in targets.grids_at(layer_code, points).items():
            building = moment.building_by_id(building_id)
            if grid.households is None and building is not None:
                sums[grid.grid_id] = sums.get(grid.grid_id, 0) + (building.households or 0)
        for grid_id, households in sums.items():
            persons = found[grid_id].persons if grid_id in found else None
            found[grid_id] = Homes(households, persons, "register")
    return found


def _area_homes(moment: Moment, by_grid: dict[int, Homes]) -> dict[int, Homes]:
    households: dict[int, int] = {}
    persons: dict[int, int] = {}
    for grid in moment.grids(moment.default_layer.code):
        homes = by_grid.get(grid.grid_id)
        for area in moment.area_chain(grid.community_id) if homes is not None else ():
            if homes is not None and homes.households is not None:
                households[area.area_id] = households.get(area.area_id, 0) + homes.households
            if homes is not None and homes.persons is not None:
                persons[area.area_id] = persons.get(area.area_id, 0) + homes.persons
    return {area_id: Homes(households.get(area_id), persons.get(area_id)) for area_id in {*households, *persons}}


def _inside_of(targets: Targets, wheres: Iterable[Where]) -> dict[Where, frozenset[Where]]:
    """Larger targets that each target lies in."""
    asked = set(wheres)
    moment = targets.moment
    layers = {
        record.layer
        for kind, identity, _ in asked
        if kind == "grid" and isinstance(record := targets.record(kind, identity), GridVersion)
    }
    points = {
        (kind, identity): point
        for kind, identity, _ in asked
        if (record := targets.record(kind, identity)) is not None
        and isinstance(record, Building | Compound)
        and (point := targets.point(record)) is not None
    }
    around: dict[tuple[str, int], set[Where]] = {}
    for layer in {*layers, moment.default_layer.code}:
        # A grid of another layer lies in the one of the default layer where its inner point does.
        more = _inner_points(targets, asked) if layer == moment.default_layer.code else {}
        for key, grid in targets.grids_at(layer, points | more).items():
            around.setdefault(key, set()).update(_of_grid(moment, grid))
    found: dict[Where, frozenset[Where]] = {}
    for where in asked:
        kind, identity, unit = where
        outer = set(around.get((kind, identity), ()))
        record = targets.record(kind, identity)
        if isinstance(record, GridVersion):
            outer = (outer | _of_grid(moment, record)) - {where}
        elif kind == "area":
            outer = {("area", area.area_id, "") for area in moment.area_chain(identity)} - {where}
        elif isinstance(record, Building):
            outer |= {("building", identity, "")} if unit else set()
            outer |= {("compound", record.compound_id, "")} if record.compound_id is not None else set()
        found[where] = frozenset(outer)
    return found


def _inner_points(targets: Targets, asked: Iterable[Where]) -> dict[tuple[str, int], tuple[float, float]]:
    """A point inside each grid of another layer than the default one."""
    found = {}
    for kind, identity, _ in asked:
        record = targets.record(kind, identity)
        if isinstance(record, GridVersion) and record.layer != targets.moment.default_layer.code:
            inner = targets.moment.geometry(record).representative_point()
            found[kind, identity] = (inner.x, inner.y)
    return found


def _of_grid(moment: Moment, grid: GridVersion) -> set[Where]:
    """A grid and the areas that it lies in."""
    chain = moment.area_chain(grid.community_id)
    return {("grid", grid.grid_id, ""), *(("area", area.area_id, "") for area in chain)}
