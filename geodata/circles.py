"""Door: a station → what is within so many minutes' walk of it: shapes, households, and how far they can be trusted."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np

from geodata.circle_memory import CircleMemory, connected, off_network
from geodata.covered import Warned
from geodata.demand import Demand
from geodata.errors import ConflictError, InputError
from geodata.moment import Moment
from geodata.reachable import Reachable, Spot
from geodata.records import Station
from geodata.selected import MOST_MINUTES, Selection, profile_of
from geodata.station.homes import ESTIMATED
from geodata.station.network.profiles import Profile
from geodata.station.network.walking import Walking
from geodata.station.outline import Misjudged, Outline, misjudged
from geodata.station.street_sample import street_times

MOST_BANDS: Final = 6
HOMES: Final = "households"
STREETS: Final = "streets"

_NEVER: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Band:
    """What is within so many minutes.

    Parameters
    ----------
    shape
        Shapely MultiPolygon, EPSG:4326.
    households, persons
        Who lives within, by time.
    """

    minutes: float
    shape: Any
    square_metres: float
    households: float
    persons: float


@dataclass(frozen=True, slots=True)
class Circle:
    """What is within so many minutes' walk of one place.

    Parameters
    ----------
    station
        As it stands at the moment; a mobile one at its stop.
    bands
        The largest first.
    cut_off
        Whether it reaches a place where streets were clipped: there may be more.
    error, basis
        How the shape of each band differs from the times, by ``households``, or by ``streets`` where nobody is known
        to live.
    open_now
        Whether it is open at the instant that was asked about; None where nobody asked, or nobody knows.
    """

    station: Station
    profile: Profile
    bands: tuple[Band, ...]
    cut_off: bool
    error: tuple[Misjudged, ...]
    basis: Literal["households", "streets"]
    open_now: bool | None
    warnings: tuple[Warned, ...]


def limit_ms(minutes: float) -> int:
    """The longest walk of so many minutes, whole milliseconds: the same for circles as for coverage."""
    return Selection(minutes).limit_ms


def parse_bands(minutes: float | None, bands: str | None) -> tuple[float, ...]:
    """Minutes of the bands that are asked for, ascending.

    Parameters
    ----------
    minutes
        Of the largest, or one more; 15 where neither is given.
    bands
        Numbers between commas.

    Raises
    ------
    InputError
        One is no number above 0 and at most 60, or there are too many.
    """
    try:
        found = {float(text) for text in bands.split(",")} if bands else set()
    except ValueError as error:
        raise InputError(
            "bands must be minutes between commas, for example 5,10,15", "bands 应为以逗号分隔的分钟数，例如 5,10,15"
        ) from error
    found |= {minutes} if minutes is not None else set() if found else {15.0}
    for one in found:
        if not (math.isfinite(one) and 0 < one <= MOST_MINUTES):
            raise InputError(
                f"minutes must be above 0 and at most {MOST_MINUTES:g}, not {one:g}",
                f"步行分钟数应大于 0 且不超过 {MOST_MINUTES:g}，不能是 {one:g}",
                most=MOST_MINUTES,
            )
    if len(found) > MOST_BANDS:
        raise InputError(
            f"at most {MOST_BANDS} bands can be drawn at once, not {len(found)}",
            f"一次最多绘制 {MOST_BANDS} 个圈层，不能是 {len(found)} 个",
            most=MOST_BANDS,
        )
    return tuple(sorted(found))


def station_circle(
    memory: CircleMemory,
    reachable: Reachable,
    walking: Walking,
    moment: Moment,
    present: Moment,
    code: str,
    minutes: Sequence[float],
    *,
    profile: str | None = None,
    at: int | None = None,
) -> Circle:
    """The service circle of a station.

    Parameters
    ----------
    moment
        Of the station.
    present
        Of the compounds that people leave through gates: these, network and households are current only.
    minutes
        As `parse_bands` gives them.
    at
        Says where a mobile station stands, and whether it is open; microseconds since 1970-01-01 UTC. The moment's own
        instant where None.

    Raises
    ------
    NotKnownError
        There is no such station at the moment.
    NoNetworkError
        No streets are loaded.
    OffNetworkError
        No street is near enough to it.
    ConflictError
        It is mobile and has no stop then.
    InputError
        There is no such way of walking.

    Notes
    -----
    A station is reached at its own point, inside a compound too: its walls and barriers count, its gates do not bind
    those who come to the station. Homes in compounds with gates leave through these.
    """
    walking.ready()
    how = profile_of(walking, profile)
    then = moment if at is None else moment.at(at)
    station = _standing(then, moment.station(code))
    point = _point(station)
    limits = tuple(sorted(set(minutes)))
    demand = reachable.demand(walking, present)
    spot = Spot(station.code, station.name, station.category, *point)
    served = reachable.served(walking, demand, how, [spot], limit_ms(limits[-1]))
    if not served.on_network[0]:
        raise off_network(float(served.metres[0]), f"station {code!r}", f"站点“{code}”")
    drawn = memory.outline(walking, present, how, point, limits)
    ms = np.full(len(demand), _NEVER, dtype=np.int32)
    ms[served.place] = served.ms
    bands = [
        Band(one, shape, square_metres, *_living(demand, ms, one))
        for one, shape, square_metres in zip(drawn.minutes, drawn.shapes, drawn.square_metres, strict=True)
    ]
    error, basis = _error(memory, walking, present, how, point, drawn, demand, ms)
    open_now, cut = None if at is None else then.is_open(station.hours), bool(served.cut[0])
    estimated = bool((demand.source[served.place] == ESTIMATED).any())
    warnings = _warnings(cut=cut, closed=open_now is False, estimated=estimated, nobody=basis == STREETS)
    return Circle(station, how, tuple(bands[::-1]), cut, error[::-1], basis, open_now, warnings)


def _standing(then: Moment, station: Station) -> Station:
    """The station where it stands then."""
    found = then.standing(station)
    if found is None:
        raise ConflictError(
            f"station {station.code!r} is mobile and has no stop at that time",
            f"站点“{station.code}”是流动站点，此时没有停靠点",
            station=station.code,
        )
    return found


def _point(station: Station) -> tuple[float, float]:
    assert station.lon is not None
    assert station.lat is not None
    return station.lon, station.lat


def _living(demand: Demand, ms: Any, minutes: float) -> tuple[float, float]:
    """Households and persons within so many minutes."""
    within = ms <= limit_ms(minutes)
    return float(demand.counts["households"][within].sum()), float(demand.counts["persons"][within].sum())


def _error(
    memory: CircleMemory,
    walking: Walking,
    present: Moment,
    profile: Profile,
    point: tuple[float, float],
    drawn: Outline,
    demand: Demand,
    ms: Any,
) -> tuple[tuple[Misjudged, ...], Literal["households", "streets"]]:
    """How each shape differs from the times of homes; of points on the streets around, where there are no homes."""
    limits = [limit_ms(one) for one in drawn.minutes]
    weights = demand.counts["households"]
    west, south, east, north = drawn.shapes[-1].bounds if not drawn.shapes[-1].is_empty else (0.0,) * 4
    lons, lats = demand.lons, demand.lats
    near = (ms < _NEVER) | ((lons >= west) & (lons <= east) & (lats >= south) & (lats <= north))
    near &= weights > 0
    if near.any():
        lons, lats, weights, ms = lons[near], lats[near], weights[near], ms[near]
        basis: Literal["households", "streets"] = HOMES
    else:
        outlines, station = memory.outlines(walking, present, profile), connected(walking, point)
        around = outlines.around(station, drawn.minutes[-1])
        assert around is not None
        lons, lats, ms = street_times(walking.network, profile, station, around)
        weights, basis = np.ones(len(lons)), STREETS
    told = [misjudged(one, lons, lats, ms <= limit, weights) for one, limit in zip(drawn.shapes, limits, strict=True)]
    return tuple(told), basis


def _warnings(*, cut: bool, closed: bool, estimated: bool, nobody: bool) -> tuple[Warned, ...]:
    """What whoever reads the circle must know, the gravest first."""
    told = (
        (
            cut,
            "cut-off",
            "the circle reaches the edge of the network: it and its households may be too small",
            "服务圈到达路网边缘，范围和户数可能偏小",
        ),
        (closed, "closed", "the station is closed at that time", "该站点此时不开放"),
        (
            estimated,
            "estimated",
            "some households are estimated: spread from what grids state",
            "部分户数为估算：由网格填报户数分摊",
        ),
        (nobody, "no-households", "nobody is known to live around here", "周边没有户数"),
    )
    return tuple(Warned(code, message, message_zh) for true, code, message, message_zh in told if true)
