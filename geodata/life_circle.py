"""Door: a point, building, compound or area → which kinds of station are within so many minutes, which are missing."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geodata.circle_memory import CircleMemory, begun
from geodata.covered import Warned
from geodata.moment import Moment
from geodata.reachable import Reachable, Spot
from geodata.selected import Selection, Spots, profile_of, spots_of
from geodata.start import Start
from geodata.station.network.arrays import UNREACHED
from geodata.station.network.places import place_times
from geodata.station.network.profiles import Profile
from geodata.station.network.walking import Walking
from geodata.station.share import Counted, totals

COUNTS = ("households", "persons")


@dataclass(frozen=True, slots=True)
class Walk:
    """A station and the walk to it; a mobile one at the stop that is nearest."""

    spot: Spot
    ms: int


@dataclass(frozen=True, slots=True)
class Kind:
    """One category of station.

    Parameters
    ----------
    stations
        Those within the minutes, the nearest first.
    nearest
        The nearest however far it is; None where the streets lead to none.
    """

    category: str
    stations: tuple[Walk, ...]
    nearest: Walk | None


@dataclass(frozen=True, slots=True)
class LifeCircle:
    """What is within so many minutes of one place, by category in the order of their names.

    Parameters
    ----------
    cut_off
        Whether the walks reach a place where streets were clipped: there may be more.
    spots
        Where stations stand, and which are closed or away.
    """

    profile: Profile
    kinds: tuple[Kind, ...]
    cut_off: bool
    spots: Spots

    @property
    def warnings(self) -> tuple[Warned, ...]:
        """What whoever reads it must know."""
        return _warnings(cut=self.cut_off, kinds=len(self.kinds), homeless=False)


@dataclass(frozen=True, slots=True)
class KindShare:
    """How many of an area's people reach one category of station, and how many stations reach somebody of them."""

    category: str
    stations: int
    totals: dict[str, Counted]


@dataclass(frozen=True, slots=True)
class AreaLife:
    """What the people of an area reach, by category in the order of their names."""

    profile: Profile
    kinds: tuple[KindShare, ...]
    cut_off: tuple[str, ...]
    off_network: tuple[str, ...]
    spots: Spots

    @property
    def warnings(self) -> tuple[Warned, ...]:
        """What whoever reads it must know."""
        nobody = bool(self.kinds) and not self.kinds[0].totals["households"].all
        return _warnings(cut=bool(self.cut_off), kinds=len(self.kinds), homeless=nobody)


def life_circle(
    memory: CircleMemory,
    walking: Walking,
    moment: Moment,
    start: Start,
    point: tuple[float, float],
    selection: Selection,
    present: Moment,
) -> LifeCircle:
    """What somebody reaches who starts at a place.

    Parameters
    ----------
    start
        Of the place: through the gates of its compound, where that has any.
    point
        EPSG:4326 degrees.
    selection
        Minutes, profile and the instant for opening hours.
    present
        Of the gates of compounds, which are current only; `moment` is of the stations.

    Raises
    ------
    NoNetworkError
        No streets are loaded.
    OffNetworkError
        No street is near enough to the place.
    InputError
        The minutes or the profile cannot be used.

    Notes
    -----
    Categories are those of all stations in force, closed ones too. The way there is as long as the way back.
    """
    walking.ready()
    profile, limit = profile_of(walking, selection.profile), selection.limit_ms
    spots = spots_of(moment, selection)
    place = begun(walking, present, start, *point)
    index = memory.stations(walking, spots.spots)

    def times(limit_ms: float) -> tuple[NDArray[np.int32], bool]:
        found = place_times(walking.network, profile, index, place, limit_ms)
        ms = np.full(len(spots.spots), UNREACHED, dtype=np.int32)
        ms[found.place] = found.ms
        return ms, bool(found.cut[0])

    ms, cut = times(limit)
    reached = {spot.category for spot, one in zip(spots.spots, ms.tolist(), strict=True) if one <= limit}
    categories = _categories(moment)
    if len(reached) < len(categories):
        ms, _ = times(UNREACHED - 1)
    walks = _walks(spots.spots, ms)
    kinds = [_kind(category, walks, limit) for category in categories]
    return LifeCircle(profile, tuple(kinds), cut, spots)


def area_life(
    reachable: Reachable, walking: Walking, moment: Moment, present: Moment, area: str, selection: Selection
) -> AreaLife:
    """What share of those who live in an area reaches each category.

    Parameters
    ----------
    moment
        Of the stations.
    present
        Of area and homes' grids: homes are current only.
    area
        Its code.

    Raises
    ------
    NotKnownError
        There is no such area.
    NoNetworkError
        No streets are loaded.
    InputError
        The minutes or the profile cannot be used.
    """
    profile, limit = profile_of(walking.ready(), selection.profile), selection.limit_ms
    spots = spots_of(moment, selection)
    demand = reachable.demand(walking, present)
    inside = reachable.inside(demand, present, area)
    served = reachable.served(walking, demand, profile, spots.spots, limit)
    spot_of = np.repeat(np.arange(len(served)), np.diff(served.first))
    here = np.zeros(len(served), dtype=bool)
    here[spot_of[inside[served.place]]] = True
    kinds = []
    for category in _categories(moment):
        own = np.array([spot.category == category for spot in spots.spots], dtype=bool)
        covered = np.zeros(len(demand), dtype=bool)
        covered[served.place[own[spot_of]]] = True
        counts = {name: demand.counts[name] for name in COUNTS}
        stations = {spots.spots[at].station for at in np.flatnonzero(own & here).tolist()}
        kinds.append(KindShare(category, len(stations), totals(counts, inside, covered)))
    cut = [spots.spots[at].station for at in np.flatnonzero(here & served.cut).tolist()]
    lost = [spots.spots[at].station for at in np.flatnonzero(~served.on_network).tolist()]
    return AreaLife(profile, tuple(kinds), tuple(dict.fromkeys(cut)), tuple(dict.fromkeys(lost)), spots)


def _categories(moment: Moment) -> list[str]:
    return sorted({station.category for station in moment.stations})


def _walks(spots: Sequence[Spot], ms: NDArray[np.int32]) -> list[Walk]:
    """The walk to each station that is reached, the nearest first; of equal ones by code."""
    walks: dict[str, Walk] = {}
    for at in np.argsort(ms, kind="stable").tolist():
        if ms[at] < UNREACHED:
            walks.setdefault(spots[at].station, Walk(spots[at], int(ms[at])))
    return sorted(walks.values(), key=lambda walk: (walk.ms, walk.spot.station))


def _kind(category: str, walks: Sequence[Walk], limit: int) -> Kind:
    own = [walk for walk in walks if walk.spot.category == category]
    return Kind(category, tuple(walk for walk in own if walk.ms <= limit), own[0] if own else None)


def _warnings(*, cut: bool, kinds: int, homeless: bool) -> tuple[Warned, ...]:
    told = (
        (
            cut,
            "cut-off",
            "walks reach the edge of the network: there may be more",
            "步行范围到达路网边缘，可能更多",
        ),
        (not kinds, "no-stations", "there are no stations at this time", "此时没有站点"),
        (homeless, "no-households", "nobody is known to live here: no share is given", "此处没有户数，不计算占比"),
    )
    return tuple(Warned(code, message, message_zh) for true, code, message, message_zh in told if true)
