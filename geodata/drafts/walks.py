"""How long people walk to the nearest station: along the streets where a network is there, else as the crow flies."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, Protocol

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.metres import metres_per_degree
from geodata.station.homes import Homes
from geodata.station.network.arrays import UNREACHED
from geodata.station.network.places import nearest_places, place_index
from geodata.station.network.profiles import ADULT, Profile
from geodata.station.network.reach import labels
from geodata.station.network.snap import connect
from geodata.station.network.spread import ways_of
from geodata.station.network.walking import Walking

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Pair = tuple[Sequence[float] | Floats, Sequence[float] | Floats]
"""Longitudes and latitudes, degrees EPSG:4326."""
Basis = Literal["network", "straight"]

NEVER: Final = -1
"""Stands where nobody can walk to any station."""
NEAR_MS: Final = 900_000
"""A station within a quarter of an hour is near."""

_MS_PER_MINUTE: Final = 60_000


class Times(Protocol):
    """Says how long the walk to the nearest station takes."""

    @property
    def basis(self) -> Basis:
        """Along the streets, or in a straight line."""

    @property
    def profile(self) -> Profile:
        """Who walks."""

    def of_homes(self, homes: Homes) -> Whole:
        """Milliseconds from each home, `NEVER` where no station can be walked to."""

    def at(self, lons: Floats, lats: Floats) -> Whole:
        """Likewise from any points, EPSG:4326."""


@dataclass(frozen=True, slots=True)
class Walk:
    """How far the nearest station is for those who live in some ground.

    Parameters
    ----------
    minutes
        Mean of all households that can walk to one; None where there is none.
    farthest_minutes
        Of the household that has farthest.
    near_share
        Share of all households that walk no longer than a quarter of an hour; None without households.
    unreached
        Households that no station can be walked to from.
    """

    minutes: float | None
    farthest_minutes: float | None
    near_share: float | None
    unreached: int


class StraightTimes:
    """Walks in a straight line, on no street and round no river: no walk is shorter than that.

    Parameters
    ----------
    stations
        Longitudes and latitudes, at least one of each.
    """

    basis: Basis = "straight"

    def __init__(self, stations: Pair, profile: Profile = ADULT) -> None:
        self.profile = profile
        lons, lats = (np.asarray(axis, dtype=np.float64) for axis in stations)
        self._scale = metres_per_degree(float(lats.mean()))
        self._tree = shapely.STRtree(self._flat(lons, lats))

    def of_homes(self, homes: Homes) -> Whole:
        """Milliseconds from each home."""
        return self.at(homes.lons, homes.lats)

    def at(self, lons: Floats, lats: Floats) -> Whole:
        """Milliseconds from each point."""
        (point, _), metres = self._tree.query_nearest(self._flat(lons, lats), return_distance=True, all_matches=False)
        found = np.full(len(lons), NEVER, dtype=np.int64)
        found[point] = self.profile.straight_ms(metres * 1000)
        return found

    def _flat(self, lons: Floats, lats: Floats) -> NDArray[np.object_]:
        return np.asarray(shapely.points(np.asarray(lons) * self._scale[0], np.asarray(lats) * self._scale[1]))


class NetworkTimes:
    """Walks along the streets, from the gates of compounds where they have any.

    Parameters
    ----------
    walking
        The network, with streets.
    stations
        Longitudes and latitudes.
    """

    basis: Basis = "network"

    def __init__(self, walking: Walking, stations: Pair) -> None:
        self._walking = walking.ready()
        self.profile = next(iter(walking.profiles.values()), ADULT)
        network = walking.network
        self._stations = connect(network, *stations)
        ways = ways_of(network, self.profile.edge_ms(network), self.profile)
        self._label = labels(ways, self._stations, None, None)

    def of_homes(self, homes: Homes) -> Whole:
        """Milliseconds from each home; those of the network itself have their own ways to it."""
        if homes is not self._walking.homes:
            return self.at(homes.lons, homes.lats)
        network, places = self._walking.network, self._walking.places
        ms, _ = nearest_places(network, self.profile, places, self._stations, label=self._label)
        return _known(ms)

    def at(self, lons: Floats, lats: Floats) -> Whole:
        """Milliseconds from each point."""
        network = self._walking.network
        places = place_index(network, connect(network, lons, lats))
        ms, _ = nearest_places(network, self.profile, places, self._stations, label=self._label)
        return _known(ms)


def _known(ms: NDArray[np.int32]) -> Whole:
    return np.where(ms == UNREACHED, NEVER, ms.astype(np.int64))


@dataclass(frozen=True, slots=True)
class Walked:
    """Sums over households from which a `Walk` follows; those of parts can be added up."""

    households: int = 0
    reached: int = 0
    near: int = 0
    household_ms: int = 0
    farthest_ms: int = NEVER

    @classmethod
    def of(cls, households: Whole, ms: Whole) -> "Walked":
        """Sums of points with so many households each."""
        lived = households > 0
        households, ms = households[lived], ms[lived]
        reached = ms >= 0
        return cls(
            int(households.sum()),
            int(households[reached].sum()),
            int(households[reached & (ms <= NEAR_MS)].sum()),
            int((households[reached] * ms[reached]).sum()),
            int(ms.max(initial=NEVER)),
        )

    def __add__(self, other: "Walked") -> "Walked":
        return Walked(
            self.households + other.households,
            self.reached + other.reached,
            self.near + other.near,
            self.household_ms + other.household_ms,
            max(self.farthest_ms, other.farthest_ms),
        )

    @property
    def walk(self) -> Walk:
        """What the sums come to."""
        return Walk(
            minutes=self.household_ms / self.reached / _MS_PER_MINUTE if self.reached else None,
            farthest_minutes=self.farthest_ms / _MS_PER_MINUTE if self.reached else None,
            near_share=self.near / self.households if self.households else None,
            unreached=self.households - self.reached,
        )


def added(parts: Iterable[Walked]) -> Walked:
    """The sums of all parts."""
    households = reached = near = household_ms = 0
    farthest_ms = NEVER
    for one in parts:
        households += one.households
        reached += one.reached
        near += one.near
        household_ms += one.household_ms
        farthest_ms = max(farthest_ms, one.farthest_ms)
    return Walked(households, reached, near, household_ms, farthest_ms)
