"""Door: who is not reached → clusters of homes with place, size, nearest station; the largest first."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geodata.demand import Demand
from geodata.moment import Moment
from geodata.reachable import Reachable, Spot
from geodata.records import Area, GridVersion
from geodata.selected import Selection, check_count, profile_of, spots_of, station_numbers
from geodata.station.gaps import clusters, ground_around, middle_of, radius_of, street_name
from geodata.station.homes import ESTIMATED
from geodata.station.network.arrays import UNREACHED
from geodata.station.network.places import nearest_places, place_index
from geodata.station.network.profiles import Profile
from geodata.station.network.snap import connect
from geodata.station.network.walking import Walking

STREET_METRES: Final = 300.0
"""A street farther away than this does not say where somebody lives."""

GRIDS_NAMED: Final = 5
FEW_HOUSEHOLDS: Final = 5
"""Of fewer in one gap, the persons would tell how many live behind one door."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Neighbours that no station reaches in time.

    Parameters
    ----------
    lon, lat
        One of the homes, near the middle; EPSG:4326 degrees.
    households, persons
        Who lives there; persons are None where they are not told, see `Gaps.discreet`.
    places
        Homes with households.
    off_network
        Households of them that reach no street.
    estimated
        Whether any of the households is estimated.
    radius_metres
        From that home to the farthest.
    street
        Name of the nearest street that has one; empty where none is near.
    grids
        Of the default layer, the one with most households first.
    area
        That the home lies in, the lowest.
    nearest, nearest_ms
        The station that is nearest on foot, however far; None where none can be reached.
    shape
        Polygon around the homes, EPSG:4326.
    """

    lon: float
    lat: float
    households: float
    persons: float | None
    places: int
    off_network: float
    estimated: bool
    radius_metres: float
    street: str
    grids: tuple[GridVersion, ...]
    area: Area | None
    nearest: Spot | None
    nearest_ms: int | None
    shape: Any


@dataclass(frozen=True, slots=True)
class Gaps:
    """The largest gaps, and how many there are.

    Parameters
    ----------
    items
        The largest first, by ``selection.count``.
    total
        Gaps there are, households and persons in all of them.
    """

    selection: Selection
    profile: Profile
    network_version: str
    compiled_at: int
    items: tuple[Gap, ...]
    total: int
    households: float
    persons: float

    def discreet(self) -> "Gaps":
        """The same without the persons of gaps of few households: whether somebody lives alone is nobody's business."""
        few = (replace(gap, persons=None) if gap.households < FEW_HOUSEHOLDS else gap for gap in self.items)
        return replace(self, items=tuple(few))


def gaps(
    reachable: Reachable, walking: Walking, moment: Moment, selection: Selection, *, most: int | None = None
) -> Gaps:
    """Where households live that no station reaches within the minutes.

    Parameters
    ----------
    most
        How many are told; all for None.

    Raises
    ------
    NoNetworkError, InputError, NotKnownError
        As `coverage`.
    """
    limit_ms, profile = selection.limit_ms, profile_of(walking, selection.profile)
    spots = spots_of(moment, selection).spots
    demand = reachable.demand(walking, moment)
    check_count(demand, selection.count)
    inside = reachable.inside(demand, moment, selection.within)
    several = reachable.several(walking, demand, profile, spots, station_numbers(spots), limit_ms)
    households, weights = demand.counts["households"], demand.counts[selection.count]
    homes = np.flatnonzero(inside & (several == 0) & ((households > 0) | (weights > 0)))
    found = clusters(walking.network, demand.lons[homes], demand.lats[homes], weights[homes])
    parts = sorted((homes[part] for part in found), key=lambda part: (-weights[part].sum(), int(part[0])))
    middles = [_middle(demand, weights, part) for part in parts[:most]]
    nearest = _nearest(walking, demand, profile, spots, middles)
    streets = _streets(walking, demand, middles)
    return Gaps(
        selection,
        profile,
        walking.network.version,
        walking.compiled_at,
        tuple(
            _gap(demand, moment, part, middle, street, station)
            for part, middle, street, station in zip(parts[:most], middles, streets, nearest, strict=True)
        ),
        len(parts),
        float(households[homes].sum()),
        float(demand.counts["persons"][homes].sum()),
    )


def _middle(demand: Demand, weights: NDArray[np.float64], part: NDArray[np.int64]) -> int:
    on_network = np.diff(demand.connectors.first)[part] > 0
    return int(part[middle_of(demand.lons[part], demand.lats[part], weights[part], on_network)])


def _gap(
    demand: Demand,
    moment: Moment,
    part: NDArray[np.int64],
    middle: int,
    street: str,
    nearest: tuple[Spot, int] | None,
) -> Gap:
    households = demand.counts["households"][part]
    lost = ~(np.diff(demand.connectors.first)[part] > 0)
    lons, lats = demand.lons[part], demand.lats[part]
    grids = _grids(moment, demand.grid[part], households)
    own = moment.tilings[moment.default_layer.code].versions
    home = own[demand.grid[middle]] if demand.grid[middle] >= 0 else None
    return Gap(
        lon=float(demand.lons[middle]),
        lat=float(demand.lats[middle]),
        households=float(households.sum()),
        persons=float(demand.counts["persons"][part].sum()),
        places=int((households > 0).sum()),
        off_network=float(households[lost].sum()),
        estimated=bool((demand.source[part] == ESTIMATED).any()),
        radius_metres=radius_of(lons, lats, int(np.searchsorted(part, middle))),
        street=street,
        grids=grids,
        area=None if home is None else moment.area_by_id(home.community_id),
        nearest=None if nearest is None else nearest[0],
        nearest_ms=None if nearest is None else nearest[1],
        shape=ground_around(lons, lats),
    )


def _grids(moment: Moment, grid: NDArray[np.int32], households: NDArray[np.float64]) -> tuple[GridVersion, ...]:
    inside = grid >= 0
    positions, which = np.unique(grid[inside], return_inverse=True)
    sums = np.bincount(which, weights=households[inside], minlength=len(positions))
    versions = moment.tilings[moment.default_layer.code].versions
    order = np.lexsort((positions, -sums))[:GRIDS_NAMED]
    return tuple(versions[int(positions[at])] for at in order.tolist())


def _nearest(
    walking: Walking, demand: Demand, profile: Profile, spots: Sequence[Spot], middles: Sequence[int]
) -> list[tuple[Spot, int] | None]:
    """The nearest station of each home on foot, and its milliseconds, without a limit."""
    if not spots or not middles:
        return [None] * len(middles)
    lons, lats = np.array([(spot.lon, spot.lat) for spot in spots], dtype=np.float64).T
    stations = connect(walking.network, lons, lats)
    places = place_index(walking.network, demand.connectors.take(middles))
    ms, station = nearest_places(walking.network, profile, places, stations)
    return [
        None if away == UNREACHED else (spots[which], away)
        for away, which in zip(ms.tolist(), station.tolist(), strict=True)
    ]


def _streets(walking: Walking, demand: Demand, middles: Sequence[int]) -> list[str]:
    near = connect(walking.network, demand.lons[list(middles)], demand.lats[list(middles)], metres=STREET_METRES)
    bounds = near.first.tolist()
    return [
        street_name(walking.network, near.edge[begin:end], near.walk_mm[begin:end]) for begin, end in pairwise(bounds)
    ]
