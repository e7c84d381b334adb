"""What is asked about coverage: how far people walk, to which stations, who lives where; and where those stand."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geodata.demand import Demand
from geodata.errors import InputError, NotKnownError
from geodata.moment import Moment
from geodata.reachable import Spot
from geodata.records import Station
from geodata.station.network.profiles import Profile
from geodata.station.network.walking import Walking

MOST_MINUTES: Final = 60.0
GRID: Final = "grid"
"""What is counted by where it is no level of areas."""

_MS: Final = 60_000
_LISTED: Final = 30


@dataclass(frozen=True, slots=True)
class Selection:
    """What is asked.

    Parameters
    ----------
    minutes
        Of walking, above 0 and at most `MOST_MINUTES`.
    within
        Code of an area: who lives in it. Stations outside count where they reach in.
    category, level
        Of the stations; all for None.
    at
        Which stations are open, microseconds since 1970-01-01 UTC; for None hours don't matter and mobile stations
        stand at all of their stops.
    profile
        Code of a way of walking; the first for None.
    count
        What is compared between parts: ``households``, ``persons``, ``addresses`` or any other count that was loaded.
    layer
        Of the grids that are counted by; the default one for None.
    """

    minutes: float = 15.0
    within: str | None = None
    category: str | None = None
    level: str | None = None
    at: int | None = None
    profile: str | None = None
    count: str = "households"
    layer: str | None = None

    @property
    def limit_ms(self) -> int:
        """The longest walk, whole milliseconds.

        Raises
        ------
        InputError
            The minutes are no number above 0, or too many.
        """
        minutes = self.minutes
        if not (isinstance(minutes, (int, float)) and math.isfinite(minutes) and 0 < minutes <= MOST_MINUTES):
            raise InputError(
                f"minutes must be above 0 and at most {MOST_MINUTES:.0f}, not {minutes!r}",
                f"步行分钟数应大于 0 且不超过 {MOST_MINUTES:.0f}，不能是 {minutes!r}",
                most=MOST_MINUTES,
            )
        return int(minutes * _MS)


@dataclass(frozen=True, slots=True)
class Spots:
    """Where the selected services stand, and the codes of stations that stand nowhere or are not open.

    Parameters
    ----------
    spots
        In code order of their stations.
    away
        Mobile stations without a stop then.
    closed
        Not open then.
    hours_unknown
        Taken for open, because nobody says when they are.
    """

    spots: tuple[Spot, ...]
    away: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    hours_unknown: tuple[str, ...] = ()


def spots_of(moment: Moment, selection: Selection) -> Spots:
    """Where the stations of a category and level stand, wherever that is: from outside an area they may reach into it.

    Raises
    ------
    NotKnownError
        There are stations, but none of that category or level.
    """
    chosen = chosen_stations(moment, selection)
    if selection.at is None:
        return _everywhere(moment, chosen)
    then = moment.at(selection.at)
    spots: list[Spot] = []
    away, closed, unknown = [], [], []
    for station in chosen:
        placed = then.standing(station)
        if placed is None or placed.lon is None or placed.lat is None:
            away.append(station.code)
            continue
        is_open = then.is_open(placed.hours)
        if is_open is False:
            closed.append(station.code)
            continue
        if is_open is None:
            unknown.append(station.code)
        spots.append(_spot(station, placed.lon, placed.lat))
    return Spots(tuple(spots), tuple(away), tuple(closed), tuple(unknown))


def _everywhere(moment: Moment, stations: Sequence[Station]) -> Spots:
    """Spots whatever the hours are: a mobile station at all of its stops."""
    spots: list[Spot] = []
    away = []
    for station in stations:
        stops = moment.stops_of.get(station.station_id, ())
        points = dict.fromkeys((stop.lon, stop.lat) for stop in stops)
        if not stops and station.lon is not None and station.lat is not None:
            points = {(station.lon, station.lat): None}
        spots += [_spot(station, lon, lat) for lon, lat in points]
        if not points:
            away.append(station.code)
    return Spots(tuple(spots), tuple(away))


def _spot(station: Station, lon: float, lat: float) -> Spot:
    return Spot(station.code, station.name, station.category, lon, lat)


def chosen_stations(moment: Moment, selection: Selection) -> list[Station]:
    """Stations of a category and level, in code order.

    Raises
    ------
    NotKnownError
        There are stations, but none of that category or level.
    """
    chosen = list(moment.stations)
    for name, name_zh in (("category", "类别"), ("level", "级别")):
        wanted = getattr(selection, name)
        if wanted is None or not moment.stations:
            continue
        known = sorted({getattr(station, name) for station in moment.stations} - {""})
        if wanted not in known:
            shown = known[:_LISTED]
            raise NotKnownError(
                f"no station has the {name} {wanted!r} at this time; there are: {', '.join(shown) or 'none'}",
                f"此时没有{name_zh}为“{wanted}”的站点；现有：{'、'.join(shown) or '无'}",
                known=shown,
            )
        chosen = [station for station in chosen if getattr(station, name) == wanted]
    return chosen


def station_numbers(spots: Sequence[Spot]) -> NDArray[np.int32]:
    """Of each spot the number of its station, from 0; spots without a code are stations of their own."""
    numbers: dict[Any, int] = {}
    keys = [spot.station or (at,) for at, spot in enumerate(spots)]
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys], dtype=np.int32)


def profile_of(walking: Walking, code: str | None) -> Profile:
    """A way of walking, the first for None.

    Raises
    ------
    InputError
        There is none of that code.
    """
    if code is None:
        return next(iter(walking.profiles.values()))
    if code not in walking.profiles:
        known = list(walking.profiles)
        raise InputError(
            f"there is no way of walking {code!r}; there are: {', '.join(known)}",
            f"没有步行方式“{code}”；现有：{'、'.join(known)}",
            known=known,
        )
    return walking.profiles[code]


def check_count(demand: Demand, count: str) -> None:
    """Refuse what is not counted.

    Raises
    ------
    InputError
        There is no such count.
    """
    if count not in demand.counts:
        known = list(demand.counts)
        raise InputError(
            f"{count!r} is not counted; there are: {', '.join(known)}",
            f"没有计数“{count}”；现有：{'、'.join(known)}",
            known=known,
        )


def check_by(moment: Moment, by: str) -> None:
    """Refuse what nobody can be counted by.

    Raises
    ------
    InputError
        It is neither ``grid`` nor a level of areas in force.
    """
    levels = sorted({area.level for area in moment.areas.values()})
    if by != GRID and by not in levels:
        known = [GRID, *levels]
        raise InputError(
            f"cannot count by {by!r}; there are: {', '.join(known)}",
            f"不能按“{by}”统计；可用：{'、'.join(known)}",
            known=known,
        )
