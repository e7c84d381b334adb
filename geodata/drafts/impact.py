"""What a draft, or one step of it, would change: who changes hands, whose duties, how even and how near it all is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from geodata.drafts.balance import Balance, Band
from geodata.drafts.differing import areas_between
from geodata.drafts.figures import CommunityFigures, Figures, GridFigures, figures_of
from geodata.drafts.flows import Flows, flows
from geodata.drafts.ground import really_changed
from geodata.drafts.living import Counts
from geodata.drafts.moves import StationMove
from geodata.drafts.scene import Scene
from geodata.drafts.staff import DutyChange
from geodata.drafts.state import DraftState
from geodata.drafts.walks import Basis

Change = Literal["new", "changed", "ended"]


@dataclass(frozen=True, slots=True)
class GridChange:
    """A grid before and after; None where it is not."""

    change: Change
    before: GridFigures | None
    after: GridFigures | None


@dataclass(frozen=True, slots=True)
class CommunityChange:
    """A community before and after; None where it is not."""

    change: Change
    before: CommunityFigures | None
    after: CommunityFigures | None


@dataclass(frozen=True, slots=True)
class Workload:
    """How much somebody looks after in the layer by primary duties, before and after.

    Parameters
    ----------
    holder, holder_name
        Code, and the name as far as it may be shown.
    grids_before, grids_after, households_before, households_after
        How many.
    """

    holder: str
    holder_name: str
    grids_before: int
    grids_after: int
    households_before: int
    households_after: int


@dataclass(frozen=True, slots=True)
class Impact:
    """What changes between two states of a draft.

    Parameters
    ----------
    layer, base, version
        Of the draft after the change; the base is the number of its release.
    grids
        Every grid that is new, has ended or is not as before, in the order of codes; not those that only got a vertex
        where a neighbour's border ends.
    communities
        Every community with such a grid, or that itself is not as before, likewise.
    flows
        Who and what changes hands.
    changing_grid, changing_community
        Sums of these.
    stations
        Service stations whose grid or community is another one, by their codes.
    duties
        Those that end or are inherited.
    workloads
        Of everybody with a duty for a grid of `grids`, who has most more after it first.
    balance_before, balance_after
        Of all grids of the layer.
    bands
        How many households grids are to have, by kind.
    walk_basis
        ``network`` where walks follow the streets, ``straight`` where they are straight lines; None without stations.
    walk_kmh
        How fast is walked; None without stations.
    estimated
        Whether any of the households that change hands are estimates.
    """

    layer: str
    base: int
    version: int
    grids: tuple[GridChange, ...]
    communities: tuple[CommunityChange, ...]
    flows: Flows
    changing_grid: Counts
    changing_community: Counts
    stations: tuple[StationMove, ...]
    duties: tuple[DutyChange, ...]
    workloads: tuple[Workload, ...]
    balance_before: Balance
    balance_after: Balance
    bands: Mapping[str, Band]
    walk_basis: Basis | None
    walk_kmh: float | None
    estimated: bool


def impact(state: DraftState, scene: Scene) -> Impact:
    """What a draft would change if it were published."""
    return impact_of_step(state.first, state, scene)


def impact_of_step(before: DraftState, after: DraftState, scene: Scene) -> Impact:
    """What changed between two states of one draft, `before` the earlier one or its base."""
    old, new = figures_of(before, scene), figures_of(after, scene)
    keys = new.changed if before is after.first else really_changed(before, after, scene)
    moved = flows(before, after, scene)
    times = scene.living.points.times
    return Impact(
        layer=after.layer,
        base=after.base,
        version=after.version,
        grids=_grids(old, new, keys),
        communities=_communities(old, new, keys),
        flows=moved,
        changing_grid=moved.changing_grid,
        changing_community=moved.changing_community,
        stations=scene.stations.moves(before, after, keys),
        duties=tuple(scene.staff.changes(before, after)),
        workloads=_workloads(old, new, keys),
        balance_before=old.whole(),
        balance_after=new.whole(),
        bands=dict(scene.bands),
        walk_basis=None if times is None else times.basis,
        walk_kmh=None if times is None else times.profile.kmh,
        estimated=any(flow.counts.estimated for flow in (*moved.grids, *moved.communities)),
    )


def _grids(old: Figures, new: Figures, keys: Iterable[str]) -> tuple[GridChange, ...]:
    found = []
    for key in keys:
        before = old.grid(key) if key in old.state.grids else None
        after = new.grid(key) if key in new.state.grids else None
        found.append(GridChange(_change(before, after), before, after))
    return tuple(sorted(found, key=lambda one: (_either(one).code, one.change)))


def _communities(old: Figures, new: Figures, keys: Iterable[str]) -> tuple[CommunityChange, ...]:
    codes: set[str | None] = {
        figures.state.grids[key].community for key in keys for figures in (old, new) if key in figures.state.grids
    }
    # Areas above the communities have no grids of their own; where their border moves, a finding tells it.
    areas = areas_between(old.state, new.state)
    codes.update(code for code in areas if old.has_grids(code) or new.has_grids(code))
    found = []
    for code in sorted(codes, key=lambda code: code or ""):
        before, after = old.community(code), new.community(code)
        if before is not None or after is not None:
            found.append(CommunityChange(_change(before, after), before, after))
    return tuple(found)


def _workloads(old: Figures, new: Figures, keys: Iterable[str]) -> tuple[Workload, ...]:
    staff = old.scene.staff
    names = {
        held.holder: held.holder_name
        for key in keys
        for state in (old.state, new.state)
        if key in state.grids
        for held in staff.of_grid(state, key)
        if held.assignment == "primary"
    }
    before, after = (staff.grids_of(figures.state, names) for figures in (old, new))
    found = [
        Workload(
            holder,
            name,
            len(before[holder]),
            len(after[holder]),
            old.total(before[holder]).households,
            new.total(after[holder]).households,
        )
        for holder, name in names.items()
    ]
    return tuple(sorted(found, key=lambda one: (one.households_before - one.households_after, one.holder)))


def _change(before: object | None, after: object | None) -> Change:
    if before is None:
        return "new"
    return "ended" if after is None else "changed"


def _either(change: GridChange) -> GridFigures:
    found = change.after or change.before
    assert found is not None
    return found
