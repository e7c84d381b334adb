"""Door: stations added, moved and closed in thought → who gains and who loses one within the minutes, at once.

Only what changes is worked out: times of new positions, and how many stations reach a home plus and minus those of the
changed ones.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from geodata.covered import Part, Warned, estimated, source_of
from geodata.crs import checked_point
from geodata.demand import Demand
from geodata.errors import InputError
from geodata.moment import Moment
from geodata.reachable import Reachable, Spot
from geodata.selected import Selection, Spots, check_by, check_count, profile_of, spots_of, station_numbers
from geodata.station.network.profiles import Profile
from geodata.station.network.walking import Walking
from geodata.station.share import Counted, Served, counted_by, totals

MOST_CHANGES: Final = 100

Do = Literal["add", "move", "close"]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Change:
    """A station added, moved or closed.

    Parameters
    ----------
    do
        ``add`` needs a place, ``move`` a station and a place, ``close`` a station.
    station
        Its code; None for a new one.
    lon, lat
        Where it would stand, EPSG:4326 degrees. A mobile station that is moved stands there instead of at its stops.
    name, category
        Of a new one; without a category it is of the one that is asked about.
    """

    do: Do
    station: str | None = None
    lon: float | None = None
    lat: float | None = None
    name: str = ""
    category: str = ""


@dataclass(frozen=True, slots=True)
class Effect:
    """What a changed station would reach, or reached where it is closed.

    Parameters
    ----------
    lon, lat
        Where it would stand, or stood; None for one that stands nowhere at the time.
    reached
        By count, of who lives inside; whether others reach them too or not.
    on_network
        Whether it reaches a street at all; False for one that is nowhere.
    metres
        To the nearest street that people walk on; None where there is none, or the station is nowhere.
    cut_off
        Whether its circle reaches where the network was clipped, so that it may reach more.
    counted
        Whether it is one of the stations that are asked about.
    """

    do: Do
    station: str | None
    name: str
    category: str
    lon: float | None
    lat: float | None
    reached: Mapping[str, float]
    on_network: bool
    metres: float | None
    cut_off: bool
    counted: bool


@dataclass(frozen=True, slots=True)
class WhatIf:
    """Who would be reached, and who is.

    Parameters
    ----------
    before, after
        By count, as coverage tells its totals.
    gained, lost
        By count, of homes that gain their first station within the minutes and of those that lose their last;
        ``places`` is how many homes.
    by
        Parts in which somebody gains or loses, in code order: as they are, and as they would be.
    effects
        Of each change, in the order in which they were given.
    spots
        Where the added and moved stations would stand, with the place of their change.
    """

    selection: Selection
    profile: Profile
    network_version: str
    compiled_at: int
    before: Mapping[str, Counted]
    after: Mapping[str, Counted]
    gained: Mapping[str, float]
    lost: Mapping[str, float]
    by: tuple[tuple[Part, Part], ...]
    effects: tuple[Effect, ...]
    spots: tuple[tuple[int, Spot], ...]
    warnings: tuple[Warned, ...]


def what_if(
    reachable: Reachable,
    walking: Walking,
    moment: Moment,
    selection: Selection,
    changes: Sequence[Change],
    *,
    by: str | None = None,
) -> WhatIf:
    """What changes of stations would do.

    Parameters
    ----------
    changes
        At most `MOST_CHANGES`, each station at most once.
    by
        ``grid``, or a level of areas; None for the whole only.

    Raises
    ------
    NoNetworkError
        No streets are loaded.
    InputError
        There are too many changes, one lacks what it needs, two are of one station, or a station is not known; or the
        selection cannot be used.
    NotKnownError
        There is no such area, layer, category or level at the moment.
    """
    check_changes(moment, changes)
    limit_ms, profile = selection.limit_ms, profile_of(walking, selection.profile)
    if by is not None:
        check_by(moment, by)
    demand = reachable.demand(walking, moment)
    check_count(demand, selection.count)
    present = spots_of(moment, selection)
    inside = reachable.inside(demand, moment, selection.within)
    before = reachable.several(walking, demand, profile, present.spots, station_numbers(present.spots), limit_ms)
    planned = [_planned(moment, selection, present, change) for change in changes]
    old = reachable.served(walking, demand, profile, [spot for one in planned for spot in one.old], limit_ms)
    new = reachable.served(walking, demand, profile, [one.new for one in planned if one.new], limit_ms)
    after, effects = _changed(before, planned, old, new, demand, inside)
    had, has = before > 0, after > 0
    return WhatIf(
        selection,
        profile,
        walking.network.version,
        walking.compiled_at,
        before=totals(demand.counts, inside, had),
        after=totals(demand.counts, inside, has),
        gained=_of(demand, inside & has & ~had),
        lost=_of(demand, inside & had & ~has),
        by=() if by is None else _parts(reachable, demand, moment, selection, by, inside, had, has),
        effects=effects,
        spots=tuple((at, one.new) for at, one in enumerate(planned) if one.new is not None),
        warnings=_warnings(demand, inside, present, effects),
    )


def check_changes(moment: Moment, changes: Sequence[Change]) -> None:
    """Refuse changes that cannot all be made.

    Raises
    ------
    InputError
        As `what_if`.
    """
    if len(changes) > MOST_CHANGES:
        raise InputError(
            f"{len(changes)} changes are too many at once: at most {MOST_CHANGES}",
            f"一次最多 {MOST_CHANGES} 处变动，收到 {len(changes)} 处",
            most=MOST_CHANGES,
        )
    known = {station.code for station in moment.stations}
    seen: dict[str, int] = {}
    for number, change in enumerate(changes, 1):
        if change.do != "add":
            _check_station(change, number, known, seen)
        if change.do != "close":
            if change.lon is None or change.lat is None:
                raise InputError(
                    f"change {number} needs lon and lat", f"第 {number} 处变动缺少经纬度 lon、lat", change=number
                )
            checked_point(change.lon, change.lat)


def _check_station(change: Change, number: int, known: set[str], seen: dict[str, int]) -> None:
    code = change.station
    if not code:
        raise InputError(f"change {number} needs a station", f"第 {number} 处变动缺少站点编码 station", change=number)
    if code in seen:
        raise InputError(
            f"changes {seen[code]} and {number} are both of station {code}: each station can be changed once",
            f"第 {seen[code]} 处和第 {number} 处变动都针对站点“{code}”：每个站点只能变动一次",
            change=number,
            station=code,
        )
    if code not in known:
        raise InputError(
            f"change {number}: there is no station {code!r} at this time",
            f"第 {number} 处变动：此时没有站点“{code}”",
            change=number,
            station=code,
        )
    seen[code] = number


@dataclass(frozen=True, slots=True)
class _Planned:
    """A change with the spots that would be no more, and the one that would be."""

    change: Change
    name: str
    category: str
    old: tuple[Spot, ...]
    new: Spot | None
    counted: bool


def _planned(moment: Moment, selection: Selection, present: Spots, change: Change) -> _Planned:
    if change.do == "add":
        assert change.lon is not None
        assert change.lat is not None
        category = change.category or selection.category or ""
        spot = Spot("", change.name, category, change.lon, change.lat)
        counted = selection.category in (None, category)
        return _Planned(change, change.name, category, (), spot, counted)
    station = moment.station(change.station or "")
    old = tuple(spot for spot in present.spots if spot.station == station.code)
    new = None
    if change.do == "move" and change.lon is not None and change.lat is not None:
        new = Spot(station.code, station.name, station.category, change.lon, change.lat)
    return _Planned(change, station.name, station.category, old, new, bool(old))


def _changed(
    before: Ints, planned: Sequence[_Planned], old: Served, new: Served, demand: Demand, inside: Flags
) -> tuple[Ints, tuple[Effect, ...]]:
    """How many stations would reach each home, and what each change does."""
    after = before.copy()
    effects = []
    olds, news = 0, 0
    for one in planned:
        gone = [old.places_of(at) for at in range(olds, olds + len(one.old))]
        left = np.unique(np.concatenate(gone)) if gone else np.empty(0, dtype=np.int32)
        place = left
        told: tuple[bool, float | None, bool] = (False, None, False)
        if one.old and one.new is None:
            told = _told(old, olds)
        if one.new is not None:
            place, told = new.places_of(news), _told(new, news)
            news += 1
        olds += len(one.old)
        if one.counted:
            after[left] -= 1
            if one.new is not None:
                after[place] += 1
        stood = one.new or (one.old[0] if one.old else None)
        effects.append(
            Effect(
                one.change.do,
                one.change.station,
                one.name,
                one.category,
                None if stood is None else stood.lon,
                None if stood is None else stood.lat,
                _of(demand, place[inside[place]]),
                *told,
                counted=one.counted,
            )
        )
    return after, tuple(effects)


def _told(served: Served, at: int) -> tuple[bool, float | None, bool]:
    """Whether a spot is on the network, how far from it, and whether its circle is cut off."""
    metres = float(served.metres[at])
    return bool(served.on_network[at]), metres if np.isfinite(metres) else None, bool(served.cut[at])


def _of(demand: Demand, places: NDArray[np.bool_] | Ints) -> dict[str, float]:
    """By count, who lives at some homes, and how many homes these are."""
    found = {name: float(values[places].sum()) for name, values in demand.counts.items()}
    found["places"] = float(places.sum() if places.dtype == np.bool_ else places.size)
    return found


def _parts(
    reachable: Reachable,
    demand: Demand,
    moment: Moment,
    selection: Selection,
    by: str,
    inside: Flags,
    had: Flags,
    has: Flags,
) -> tuple[tuple[Part, Part], ...]:
    """Parts in which somebody gains or loses, before and after."""
    parts = reachable.parts(demand, moment, by, selection.layer)
    touched = np.unique(parts.of[inside & (had != has)])
    touched = touched[touched >= 0]
    if not touched.size:
        return ()
    # Only homes of those parts are counted anew.
    number = np.full(len(parts.codes) + 1, -1, dtype=np.int32)
    number[touched] = np.arange(touched.size, dtype=np.int32)
    own = number[parts.of]
    here = np.flatnonzero(inside & (own >= 0))
    counts = {name: values[here] for name, values in demand.counts.items()}
    everywhere = np.ones(here.size, dtype=bool)
    rows = [counted_by(counts, everywhere, state[here], own[here], touched.size) for state in (had, has)]
    return tuple(
        (
            Part(parts.level, parts.codes[at], parts.names[at], rows[0][place], 0.0),
            Part(parts.level, parts.codes[at], parts.names[at], rows[1][place], 0.0),
        )
        for place, at in enumerate(touched.tolist())
    )


def _warnings(demand: Demand, inside: Flags, present: Spots, effects: Sequence[Effect]) -> tuple[Warned, ...]:
    """What whoever reads the numbers must know."""
    found = []
    if not demand.counts["households"][inside].any():
        found.append(Warned("no-households", "nobody is known to live here", "此处没有户数"))
    guessed = estimated(demand, inside)["households"]
    if source_of(demand, inside) in ("estimated", "mixed") and guessed:
        found.append(
            Warned(
                "estimated",
                f"{guessed:.0%} of the households are estimated: spread from what grids state",
                f"{guessed:.0%} 的户数为估算：由网格填报户数分摊",
            )
        )
    nowhere = {*present.away, *present.closed}
    for effect in effects:
        name, name_zh = (given, given) if (given := effect.name or effect.station) else ("the new station", "新增站点")
        if not effect.counted and effect.station in nowhere:
            found.append(
                Warned("not-open", f"{name} is not open at that time: no effect", f"{name_zh}在该时间不开放，变动不计")
            )
        elif not effect.counted:
            found.append(
                Warned(
                    "not-selected",
                    f"{name} is not one of the stations that are asked about: no effect",
                    f"{name_zh}不属于所选类别或级别，变动不计",
                )
            )
        if effect.do != "close" and not effect.on_network:
            away = "" if effect.metres is None else f" ({effect.metres:,.0f} m)"
            away_zh = "" if effect.metres is None else f"（{effect.metres:,.0f} 米）"
            found.append(
                Warned(
                    "stations-off-network",
                    f"{name} would stand off the walking network{away} and reach nobody",
                    f"{name_zh}不在步行路网上{away_zh}，无法到达任何住户",
                )
            )
        if effect.cut_off and effect.do != "close":
            found.append(
                Warned(
                    "cut-off",
                    f"the circle of {name} reaches the edge of the network: it may reach more than is counted",
                    f"{name_zh}的服务圈到达路网边缘，实际覆盖可能更大",
                )
            )
    return tuple(found)
