"""Staffing norms held against who is there, and how much each worker looks after."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from geodata.records import Area, Duty, GridVersion, Norm

Staff = Mapping[tuple[int, str, int], Collection[int]]
"""Holders of primary duties, by role, kind of target (``grid`` or ``area``) and target."""

Source = Literal["register", "stated", "estimated"]


@dataclass(frozen=True, slots=True)
class Site:
    """A grid or an area, as a norm sees it.

    Parameters
    ----------
    kind, identity, code, name
        ``grid`` or ``area``, and which.
    level
        ``grid``, or the level of the area.
    layer
        Of a grid.
    grid_kind
        ``urban`` or ``rural``; an area is what most of its grids in the default layer are, None where it has none.
    areas
        Identities of the areas that it lies in, an area itself included.
    """

    kind: Literal["grid", "area"]
    identity: int
    code: str
    name: str
    level: str
    layer: str | None
    grid_kind: str | None
    areas: frozenset[int]


@dataclass(frozen=True, slots=True)
class NormFault:
    """One norm that is not met.

    Parameters
    ----------
    kind
        ``below-norm`` and ``above-norm`` speak of a site, ``above-norm-per-person`` of a holder.
    count
        People at the site, or sites of the holder.
    """

    kind: Literal["below-norm", "above-norm", "above-norm-per-person"]
    norm: Norm
    count: int
    site: Site | None = None
    holder_id: int | None = None


def sites(areas: Iterable[Area], grids: Iterable[GridVersion], default_layer: str | None) -> list[Site]:
    """Grids and areas in force at one instant, as norms see them."""
    known = {area.area_id: area for area in areas}
    above = {identity: _above(identity, known) for identity in known}
    found: list[Site] = []
    kinds: dict[int, Counter[str]] = defaultdict(Counter)
    for grid in grids:
        around = above.get(grid.community_id, frozenset()) if grid.community_id is not None else frozenset()
        found.append(Site("grid", grid.grid_id, grid.code, grid.name, "grid", grid.layer, grid.kind, around))
        if grid.layer == default_layer:
            for area_id in around:
                kinds[area_id][grid.kind] += 1
    for area in known.values():
        most = max(kinds[area.area_id].items(), key=lambda one: (one[1], one[0]))[0] if kinds[area.area_id] else None
        found.append(Site("area", area.area_id, area.code, area.name, area.level, None, most, above[area.area_id]))
    return found


def _above(identity: int, areas: Mapping[int, Area]) -> frozenset[int]:
    chain: set[int] = set()
    at: int | None = identity
    while at is not None and at in areas and at not in chain:
        chain.add(at)
        at = areas[at].parent_id
    return frozenset(chain)


def staff_of(duties: Iterable[Duty]) -> dict[tuple[int, str, int], set[int]]:
    """Holders of the primary duties among those in force."""
    found: dict[tuple[int, str, int], set[int]] = defaultdict(set)
    for duty in duties:
        if duty.assignment == "primary" and duty.target_kind in ("grid", "area"):
            found[duty.role_id, duty.target_kind, duty.target_id].add(duty.holder_id)
    return found


def applies(norm: Norm, site: Site, default_layer: str | None) -> bool:
    """Whether a norm is about a site.

    Notes
    -----
    A norm for grids that names no layer means the default layer.
    """
    if site.level != norm.per:
        return False
    if site.kind == "grid" and site.layer != (norm.layer or default_layer):
        return False
    if norm.grid_kind is not None and site.grid_kind != norm.grid_kind:
        return False
    return norm.area_id is None or norm.area_id in site.areas


def norm_faults(
    norms: Iterable[Norm], places: Sequence[Site], staff: Staff, default_layer: str | None
) -> list[NormFault]:
    """Norms that are not met: by norm, too few and too many in the order of the sites, then people with too many.

    Parameters
    ----------
    norms
        In force.
    places
        All sites; those of one kind of place only are enough where all norms are about it.
    staff
        From `staff_of`.

    Notes
    -----
    A grid has the people whose duty is on the grid itself. An area has those whose duty is on it or on any area or
    grid inside it. A person's sites are those that the duties are on. Leave and hours don't matter: it is about who
    is appointed. Stand-ins don't count.
    """
    found: list[NormFault] = []
    inside: dict[int, dict[int, set[int]]] = {}
    for norm in norms:
        mine = [site for site in places if applies(norm, site, default_layer)]
        if norm.per != "grid" and norm.role_id not in inside:
            inside[norm.role_id] = _inside(norm.role_id, places, staff)
        held: Counter[int] = Counter()
        for site in mine:
            direct = staff.get((norm.role_id, site.kind, site.identity), ())
            held.update(direct)
            there = direct if site.kind == "grid" else inside[norm.role_id].get(site.identity, ())
            if norm.least is not None and len(there) < norm.least:
                found.append(NormFault("below-norm", norm, len(there), site))
            if norm.most is not None and len(there) > norm.most:
                found.append(NormFault("above-norm", norm, len(there), site))
        if norm.most_per_person is not None:
            found += [
                NormFault("above-norm-per-person", norm, count, holder_id=holder_id)
                for holder_id, count in sorted(held.items())
                if count > norm.most_per_person
            ]
    return found


def _inside(role_id: int, places: Iterable[Site], staff: Staff) -> dict[int, set[int]]:
    """People in a role on each area or anywhere in it."""
    found: dict[int, set[int]] = defaultdict(set)
    for site in places:
        people = staff.get((role_id, site.kind, site.identity))
        if people:
            for area_id in site.areas:
                found[area_id].update(people)
    return found


@dataclass(frozen=True, slots=True)
class Homes:
    """Counts of one target: households and persons, None where nobody knows, and where the households come from."""

    households: int | None
    persons: int | None = None
    source: Source = "stated"


@dataclass(frozen=True, slots=True)
class Workload:
    """How much one holder looks after by primary duties.

    Parameters
    ----------
    targets
        Number of different targets of each kind.
    households, persons
        Sums over those targets that have a count, each household once; None where none has.
    sources
        Where the households come from: ``register`` (buildings), ``stated`` (grids' own counts), ``estimated`` (units'
        shares of their buildings).
    uncounted
        Number of targets without a count of households.
    """

    holder_id: int
    targets: Mapping[str, int]
    households: int | None
    persons: int | None
    sources: tuple[Source, ...]
    uncounted: int


Where = tuple[str, int, str]
"""Kind of target, target, unit."""


def workloads(
    duties: Iterable[Duty], homes: Mapping[Where, Homes], inside: Mapping[Where, frozenset[Where]]
) -> list[Workload]:
    """Workload of everybody with a primary duty, by holder.

    Parameters
    ----------
    duties
        In force.
    homes
        Counts of each target; stations and places have none.
    inside
        Larger targets that each target lies in: one held with them is not counted again.
    """
    held: dict[int, set[Where]] = defaultdict(set)
    for duty in duties:
        if duty.assignment == "primary":
            held[duty.holder_id].add((duty.target_kind, duty.target_id, duty.unit))
    return [_workload(holder_id, targets, homes, inside) for holder_id, targets in sorted(held.items())]


def _workload(
    holder_id: int, targets: set[Where], homes: Mapping[Where, Homes], inside: Mapping[Where, frozenset[Where]]
) -> Workload:
    counted = [where for where in targets if not inside.get(where, frozenset()) & targets]
    known = [homes[where] for where in counted if where in homes]
    households = [one.households for one in known if one.households is not None]
    persons = [one.persons for one in known if one.persons is not None]
    return Workload(
        holder_id,
        dict(sorted(Counter(kind for kind, _, _ in targets).items())),
        sum(households) if households else None,
        sum(persons) if persons else None,
        tuple(sorted({one.source for one in known if one.households is not None})),
        len(counted) - len(households),
    )
