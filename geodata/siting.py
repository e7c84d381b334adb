"""Door: who is not reached and where a station could stand → the sites that help most, at once and then proven.

Everything that the proof needs is worked out with the first answer and kept with it (`Problem`): the proof is of the
same homes, streets and sites, whatever is loaded meanwhile.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geodata.candidates import Candidates, Given, Site, Source, candidates, label, label_en
from geodata.covered import Warned, estimated, off_network, source_of
from geodata.demand import Demand
from geodata.errors import ConflictError, InputError, NoNetworkError
from geodata.moment import Moment
from geodata.reachable import Reachable
from geodata.selected import Selection, check_count, profile_of, spots_of, station_numbers
from geodata.station.network.places import place_times
from geodata.station.network.walking import Walking
from geodata.station.optimum import Optimum, Watch, go_on, prove_fewest, prove_most
from geodata.station.relaxed import relaxed
from geodata.station.site import (
    Covers,
    Siting,
    Uncovered,
    fewest_sites,
    most_reached,
    reached_units,
    uncovered,
    units_needed,
)

MOST_STATIONS: Final = 50


@dataclass(frozen=True, slots=True)
class Goal:
    """How many new stations, or which share they are to bring: one of the two.

    Parameters
    ----------
    stations
        At most `MOST_STATIONS`.
    share
        Of all inside that is to be within the minutes, those that are already included; above 0 and at most 1.
    """

    stations: int | None = None
    share: float | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """What the sites are chosen by.

    Parameters
    ----------
    goal
        What is asked.
    sites
        Where a station could stand.
    source, considered, cell_metres, off_network
        As `geodata.candidates.Candidates`.
    wanted
        What each site would add.
    covered, total
        Of the count inside, what stations reach, and all.
    """

    goal: Goal
    sites: tuple[Site, ...]
    source: Source
    considered: int
    cell_metres: float | None
    off_network: int
    wanted: Uncovered
    covered: float
    total: float
    profile: str
    network_version: str
    warnings: tuple[Warned, ...]

    @property
    def needed(self) -> float:
        """What is to be gained for the share that is asked for."""
        return max((self.goal.share or 0.0) * self.total - self.covered, 0.0)


@dataclass(frozen=True, slots=True)
class Instant:
    """A good choice of sites at once, and the bound for any other.

    Parameters
    ----------
    bound
        What no choice of as many sites gains more than, or how few sites none can go below.
    proven
        Whether that alone shows that none is better.
    """

    siting: Siting
    bound: float
    proven: bool


def problem(
    reachable: Reachable,
    walking: Walking,
    moment: Moment,
    selection: Selection,
    goal: Goal,
    where: Source | Sequence[Given],
) -> Problem:
    """What new stations could gain.

    Parameters
    ----------
    where
        As `geodata.candidates.candidates`.

    Raises
    ------
    NoNetworkError
        No streets are loaded.
    InputError
        The goal, the selection or a site cannot be used; or all sites together do not bring the share.
    ConflictError
        Nobody lives there, or there is no site that could be used.
    NotKnownError
        There is no such area, category or level at the moment.
    """
    check_goal(goal)
    limit_ms, profile = selection.limit_ms, profile_of(walking, selection.profile)
    demand = reachable.demand(walking, moment)
    check_count(demand, selection.count)
    present = spots_of(moment, selection)
    inside = reachable.inside(demand, moment, selection.within)
    weights = np.where(inside, demand.counts[selection.count], 0.0)
    total = float(weights.sum())
    if not total:
        raise ConflictError(
            f"nobody is known to live here: there are no {selection.count} to count",
            f"此处没有可统计的户数（{selection.count}），无法比较选址",
            count=selection.count,
        )
    numbers = station_numbers(present.spots)
    reached = reachable.several(walking, demand, profile, present.spots, numbers, limit_ms) > 0
    left = np.where(reached, 0.0, weights)
    found = candidates(walking, moment, demand, selection, profile, where, left) if left.any() else None
    covers, cut = Covers(np.zeros(1, dtype=np.int64), np.empty(0, dtype=np.int32)), 0
    if found is not None:
        times = place_times(walking.network, profile, demand.index, found.connectors, limit_ms)
        covers, cut = Covers(times.first, times.place), int(times.cut.sum())
    made = Problem(
        goal,
        () if found is None else found.sites,
        found.source if found is not None else where if isinstance(where, str) else "given",
        0 if found is None else found.considered,
        None if found is None else found.cell_metres,
        0 if found is None else found.off_network,
        uncovered(covers, weights, reached),
        float(weights[reached].sum()),
        total,
        profile.code,
        walking.network.version,
        _warnings(demand, inside, found, cut),
    )
    _refuse_impossible(made)
    return made


def check_goal(goal: Goal) -> None:
    """Refuse a goal that says neither or both, or too much.

    Raises
    ------
    InputError
        It does.
    """
    if (goal.stations is None) == (goal.share is None):
        raise InputError(
            "say either how many stations, or which share they are to bring",
            "请给出新增站点数 stations 或目标覆盖率 share，二者取一",
        )
    if goal.stations is not None and not 1 <= goal.stations <= MOST_STATIONS:
        raise InputError(
            f"stations must be 1 to {MOST_STATIONS}, not {goal.stations}",
            f"新增站点数应为 1 至 {MOST_STATIONS}，不能是 {goal.stations}",
            most=MOST_STATIONS,
        )
    if goal.share is not None and not 0 < goal.share <= 1:
        raise InputError(
            f"share must be above 0 and at most 1 (1 is all), not {goal.share}",
            f"目标覆盖率应大于 0 且不超过 1（1 表示全部），不能是 {goal.share}",
        )


def _warnings(demand: Demand, inside: NDArray[np.bool_], found: Candidates | None, cut: int) -> tuple[Warned, ...]:
    """What whoever reads the proposal must know."""
    told = []
    if found is None:
        told.append(
            Warned("all-covered", "everybody is reached already: no new station is needed", "已全部覆盖，无需新增站点")
        )
    elif found.off_network:
        told.append(
            Warned(
                "sites-off-network",
                f"{found.off_network} sites reach no street that people walk on and are left out",
                f"{found.off_network} 个候选点附近没有步行道路，未参与比较",
            )
        )
    if cut:
        told.append(
            Warned(
                "cut-off",
                f"from {cut} sites people walk to the edge of the network: they may reach more than is counted",
                f"{cut} 个候选点的服务圈到达路网边缘，实际覆盖可能更大",
            )
        )
    guessed = estimated(demand, inside)["households"]
    if source_of(demand, inside) in ("estimated", "mixed") and guessed:
        told.append(
            Warned(
                "estimated",
                f"{guessed:.0%} of the households are estimated: spread from what grids state",
                f"{guessed:.0%} 的户数为估算：由网格填报户数分摊",
            )
        )
    lost = off_network(demand, inside)["households"]
    if lost:
        told.append(
            Warned(
                "homes-off-network",
                f"{lost:,.0f} households reach no street that people walk on: no site can reach them",
                f"{lost:,.0f} 户附近没有步行道路，任何候选点都无法覆盖",
            )
        )
    return tuple(told)


def _refuse_impossible(made: Problem) -> None:
    """Say what the most is where the share cannot be reached."""
    share, wanted = made.goal.share, made.wanted
    if share is None or units_needed(wanted, made.needed) <= wanted.total:
        return
    most = (made.covered + wanted.most) / made.total
    # Rounded down: what is told to be possible must be.
    shown = int(most * 1000) / 10
    raise InputError(
        f"no choice of these sites brings {share:.1%}: all {len(made.sites):,} of them together bring {shown} %",
        f"这些候选点无法使覆盖率达到 {share:.1%}：全部 {len(made.sites):,} 个一起只能达到 {shown}%",
        most_share=int(most * 10_000) / 10_000,
        sites=len(made.sites),
    )


def instant(asked: Problem) -> Instant:
    """A good choice of sites, in about a second for 100,000 homes and 2,000 sites."""
    wanted, goal = asked.wanted, asked.goal
    if goal.stations is not None:
        siting = most_reached(wanted, goal.stations)
        reached = reached_units(wanted, siting.sites)
        if reached == wanted.total:
            return Instant(siting, siting.reached, True)
        loose = relaxed(wanted, min(goal.stations, wanted.sites), reached + 1)
        proven = loose.units < reached + 1
        # What is reached is a whole number of units.
        return Instant(siting, siting.reached if proven else math.floor(loose.units) / wanted.scale, proven)
    few = fewest_sites(wanted, asked.needed)
    assert few is not None
    size, need = few.sites.size, units_needed(wanted, asked.needed)
    if size <= 1:
        return Instant(few, float(size), True)
    loose = relaxed(wanted, size - 1, need)
    least = size if loose.units < need else min(max(loose.fewest(need), 1), size)
    return Instant(few, float(least), least >= size)


def proven(
    goal: Goal, wanted: Uncovered, needed: float, start: Siting, *, seconds: float, watch: Watch = go_on
) -> Optimum:
    """The best choice with its bound, as far as that is known within some seconds.

    Parameters
    ----------
    needed
        As `Problem.needed`.
    start
        The instant answer.
    watch
        As `geodata.station.optimum.prove_most`.
    """
    if goal.stations is not None:
        return prove_most(wanted, goal.stations, start, seconds=seconds, watch=watch)
    return prove_fewest(wanted, needed, start, seconds=seconds, watch=watch)


@dataclass(frozen=True, slots=True)
class Proposed:
    """A site, what it adds to those before it, and the share that is covered then."""

    site: Site
    label: str
    label_en: str
    gained: float
    share_after: float


def best_sites(
    reachable: Reachable, walking: Walking, moment: Moment, selection: Selection, stations: int
) -> tuple[Proposed, ...]:
    """So many sites among buildings and public places, in the order in which they gain most; the answer at once.

    Raises
    ------
    NoNetworkError
        No streets are loaded.
    InputError, NotKnownError
        As `problem`.

    Notes
    -----
    None where everybody is reached, nobody lives there, or no site is known that could reach somebody.
    """
    try:
        asked = problem(reachable, walking, moment, selection, Goal(stations), "both")
    except NoNetworkError:
        raise
    except ConflictError:
        return ()
    siting = instant(asked).siting
    covered, found = asked.covered, []
    for at, gained in zip(siting.sites.tolist(), siting.gained.tolist(), strict=True):
        covered += gained
        site = asked.sites[at]
        found.append(Proposed(site, label(site), label_en(site), gained, min(covered / asked.total, 1.0)))
    return tuple(found)
