"""What a process remembers of who is reached: places at a moment, and what each spot reaches, kept by its position.

A station that moves is a new position: its own times are worked out, those of all others are there already.
"""

from collections import OrderedDict, defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any, Final, TypeVar, cast

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.demand import Demand, make_demand, make_ground
from geodata.lookup import assign_points
from geodata.moment import Moment
from geodata.records import Area
from geodata.station.network.arrays import UNREACHED
from geodata.station.network.places import place_times
from geodata.station.network.profiles import Profile
from geodata.station.network.reach import reach
from geodata.station.network.snap import Connectors, connect
from geodata.station.network.walking import Walking
from geodata.station.share import Served, stations_at

MOST_BYTES: Final = 256_000_000
"""What times of spots may take in memory; those asked for longest ago go first."""

_STEPS_MS: Final = (900_000, 1_800_000, 3_600_000)
_DEMANDS: Final = 3
_GROUNDS: Final = 8
_SEVERAL: Final = 8

Flags = NDArray[np.bool_]
_Made = TypeVar("_Made")


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a service stands; a mobile station has one spot per stop.

    Parameters
    ----------
    station
        Its code; empty for one that is only planned.
    lon, lat
        EPSG:4326 degrees.
    """

    station: str
    name: str
    category: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Parts:
    """What places are counted by: grids of a layer, or areas of a level.

    Parameters
    ----------
    level
        ``grid``, or the level of the areas.
    codes, names
        Of each part, in code order.
    of
        int32, one per place: its part, -1 for none.
    """

    level: str
    codes: tuple[str, ...]
    names: tuple[str, ...]
    of: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class _OfSpot:
    """What one spot reaches; ``cut_ms`` is when it reaches the first place where the network was clipped."""

    place: NDArray[np.int32]
    ms: NDArray[np.int32]
    cut_ms: int
    metres: float
    on_network: bool

    def within(self, limit_ms: int) -> "_OfSpot":
        """What it reaches in less time."""
        kept = self.ms <= limit_ms
        return replace(self, place=self.place[kept], ms=self.ms[kept])

    @property
    def size(self) -> int:
        return self.place.nbytes + self.ms.nbytes + 200


class Reachable:
    """Memory of one process, safe to be used by several threads at once.

    Parameters
    ----------
    most_bytes
        As `MOST_BYTES`.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._spots: OrderedDict[Hashable, _OfSpot] = OrderedDict()
        self._demands: OrderedDict[Hashable, Any] = OrderedDict()
        self._grounds: OrderedDict[Hashable, Any] = OrderedDict()
        self._several: OrderedDict[Hashable, NDArray[np.int32]] = OrderedDict()
        self._lock = Lock()
        self._making = Lock()

    def demand(self, walking: Walking, moment: Moment) -> Demand:
        """Who lives where; remembered as long as network, homes and tiling stay as they are.

        Raises
        ------
        NoNetworkError
            No streets are loaded.
        """
        walking.ready()
        key = (walking.version, *_tiling_of(moment))
        return self._kept(self._demands, _DEMANDS, key, moment, lambda: make_demand(walking, moment))

    def ground(self, walking: Walking, moment: Moment, within: str | None) -> Demand | None:
        """Points that stand for ground, see `make_ground`; remembered likewise.

        Raises
        ------
        NotKnownError
            There is no such area.
        """
        ids = None if within is None else tuple(sorted(moment.within(within)))
        key = (walking.network.version, walking.version, *_tiling_of(moment), ids, moment.version)
        return self._kept(self._grounds, _GROUNDS, key, moment, lambda: make_ground(walking, moment, within))

    def _kept(
        self, kept: OrderedDict[Hashable, Any], most: int, key: Hashable, moment: Moment, make: Callable[[], _Made]
    ) -> _Made:
        with self._making:
            if key not in kept:
                # The tiling is held, so that no other one gets its identity.
                kept[key] = (make(), moment.tilings[moment.default_layer.code])
            kept.move_to_end(key)
            while len(kept) > most:
                kept.popitem(last=False)
            return cast("_Made", kept[key][0])

    def inside(self, demand: Demand, moment: Moment, within: str | None) -> Flags:
        """Which places lie in an area, all for None.

        Raises
        ------
        NotKnownError
            There is no such area.

        Notes
        -----
        A place lies in the areas of its grid of the default layer; without such a grid, or where that has no community,
        in the area's outline.
        """
        if within is None:
            return np.ones(len(demand), dtype=bool)
        return points_within(moment, within, demand.lons, demand.lats, demand.grid)

    def parts(self, demand: Demand, moment: Moment, by: str, layer: str | None = None) -> Parts:
        """What each place is counted by.

        Parameters
        ----------
        by
            ``grid``, or a level of areas.
        layer
            Of the grids; the default one where None.

        Raises
        ------
        NotKnownError
            There is no such layer.
        """
        if by != "grid":
            return _areas(demand, moment, by)
        code = moment.layer(layer).code if layer else moment.default_layer.code
        grids = moment.grids(code)
        position = demand.grid
        if code != moment.default_layer.code:
            position = assign_points(moment, code, demand.lons, demand.lats).position
        number = np.full(len(moment.tilings[code].versions) + 1, -1, dtype=np.int32)
        number[[grid.position for grid in grids]] = np.arange(len(grids))
        return Parts("grid", tuple(one.code for one in grids), tuple(one.name for one in grids), number[position])

    def served(
        self, walking: Walking, demand: Demand, profile: Profile, spots: Sequence[Spot], limit_ms: int
    ) -> Served:
        """What each spot reaches within a time; only of positions that were not asked for before it is worked out.

        Notes
        -----
        It is worked out and remembered for 15, 30 or 60 minutes, so that whoever tries one number of minutes after the
        other waits but once.
        """
        whole_ms = next((step for step in _STEPS_MS if limit_ms <= step), limit_ms)
        keys = [(demand.key, profile, whole_ms, spot.lon, spot.lat) for spot in spots]
        with self._lock:
            found = {key: self._spots[key] for key in keys if key in self._spots}
            for key in found:
                self._spots.move_to_end(key)
        missing = [key for key in dict.fromkeys(keys) if key not in found]
        if missing:
            made = _times(walking, demand, profile, [(lon, lat) for *_, lon, lat in missing], whole_ms)
            new = dict(zip(missing, made, strict=True))
            found |= new
            self._keep(new)
        every = [found[key] for key in keys]
        return _joined(every if limit_ms == whole_ms else [one.within(limit_ms) for one in every], limit_ms)

    def several(
        self,
        walking: Walking,
        demand: Demand,
        profile: Profile,
        spots: Sequence[Spot],
        station_of: NDArray[np.int32],
        limit_ms: int,
    ) -> NDArray[np.int32]:
        """How many stations reach each place, see `share.stations_at`; the last answers are remembered, read-only.

        Parameters
        ----------
        station_of
            As `selected.station_numbers` gives it.
        """
        standing = tuple((spot.lon, spot.lat) for spot in spots)
        key = (demand.key, profile, limit_ms, standing, station_of.tobytes())
        with self._lock:
            found = self._several.get(key)
        if found is None:
            served = self.served(walking, demand, profile, spots, limit_ms)
            found = stations_at(served, station_of, len(demand))
            found.flags.writeable = False
        with self._lock:
            self._several[key] = found
            self._several.move_to_end(key)
            while len(self._several) > _SEVERAL:
                self._several.popitem(last=False)
        return found

    def _keep(self, new: dict[Any, _OfSpot]) -> None:
        with self._lock:
            for key, one in new.items():
                if key not in self._spots:
                    self._spots[key] = one
                    self._bytes += one.size
            while self._bytes > self._most_bytes and self._spots:
                _, gone = self._spots.popitem(last=False)
                self._bytes -= gone.size


def _tiling_of(moment: Moment) -> tuple[Hashable, ...]:
    layer = moment.default_layer.code
    return layer, id(moment.tilings[layer]), moment.active(layer).tobytes()


def _times(
    walking: Walking, demand: Demand, profile: Profile, points: Sequence[tuple[float, float]], limit_ms: int
) -> list[_OfSpot]:
    lons, lats = np.array(points, dtype=np.float64).T
    stations = connect(walking.network, np.ascontiguousarray(lons), np.ascontiguousarray(lats))
    times = place_times(walking.network, profile, demand.index, stations, limit_ms)
    on_network, cut_ms = stations.on_network(), _first_cut(walking, profile, stations, times.cut, limit_ms)
    ends = times.first.tolist()
    return [
        _OfSpot(
            times.place[ends[at] : ends[at + 1]].copy(),
            times.ms[ends[at] : ends[at + 1]].copy(),
            cut_ms[at],
            float(stations.metres[at]),
            bool(on_network[at]),
        )
        for at in range(len(points))
    ]


def _first_cut(
    walking: Walking, profile: Profile, stations: Connectors, cut: Flags, limit_ms: int
) -> defaultdict[int, int]:
    """When each station reaches the first node where lines were clipped; `UNREACHED` where it reaches none."""
    found: defaultdict[int, int] = defaultdict(lambda: UNREACHED)
    those = np.flatnonzero(cut)
    if not len(those):
        return found
    network = walking.network
    reached = reach(network, profile.edge_ms(network), profile, stations.take(those), limit_ms)
    clipped = np.where(network.cut[reached.node], reached.ms, UNREACHED)
    for at, station in enumerate(those.tolist()):
        found[station] = int(clipped[reached.first[at] : reached.first[at + 1]].min())
    return found


def _joined(found: Sequence[_OfSpot], limit_ms: int) -> Served:
    nothing = np.zeros(0, dtype=np.int32)
    return Served(
        np.cumsum([0, *(len(one.place) for one in found)], dtype=np.int64),
        np.concatenate([nothing, *(one.place for one in found)]),
        np.concatenate([nothing, *(one.ms for one in found)]),
        np.array([one.cut_ms <= limit_ms for one in found], dtype=bool),
        np.array([one.metres for one in found], dtype=np.float64),
        np.array([one.on_network for one in found], dtype=bool),
    )


def points_within(
    moment: Moment,
    within: str,
    lons: NDArray[np.float64],
    lats: NDArray[np.float64],
    grid: NDArray[np.int32],
) -> Flags:
    """Which points lie in an area, see `Reachable.inside`; ``grid`` as in `Demand`.

    Raises
    ------
    NotKnownError
        There is no such area.
    """
    ids = moment.within(within)
    communities = moment.remembered(_communities, moment.default_layer.code, "communities")
    own = communities[grid]
    inside = np.isin(own, np.array(sorted(ids), dtype=np.int64))
    outline = moment.area_geometry(within)
    free = np.flatnonzero(own < 0)
    if outline is not None and len(free):
        inside[free] = shapely.intersects_xy(outline, lons[free], lats[free])
    return inside


def _communities(moment: Moment, layer: str, _: str) -> NDArray[np.int64]:
    """Identity of the community of each grid by its position, -1 for none; one more at the end for no grid."""
    found = np.full(len(moment.tilings[layer].versions) + 1, -1, dtype=np.int64)
    for grid in moment.grids(layer):
        if moment.area_by_id(grid.community_id) is not None:
            found[grid.position] = grid.community_id or -1
    return found


def _areas(demand: Demand, moment: Moment, level: str) -> Parts:
    areas, table = moment.remembered(_areas_of_grids, moment.default_layer.code, level)
    of = table[demand.grid]
    communities = moment.remembered(_communities, moment.default_layer.code, "communities")
    free = np.flatnonzero(communities[demand.grid] < 0)
    for at in range(len(areas) - 1, -1, -1) if len(free) else ():
        outline = moment.area_geometry(areas[at].code)
        if outline is not None:
            of[free[shapely.intersects_xy(outline, demand.lons[free], demand.lats[free])]] = at
    return Parts(level, tuple(area.code for area in areas), tuple(area.name for area in areas), of)


def _areas_of_grids(moment: Moment, layer: str, level: str) -> tuple[tuple[Area, ...], NDArray[np.int32]]:
    """Areas of a level in code order, and the one of each grid by its position, -1 for none and, last, for no grid."""
    areas = sorted((area for area in moment.areas.values() if area.level == level), key=lambda area: area.code)
    number = {area.area_id: at for at, area in enumerate(areas)}
    table = np.full(len(moment.tilings[layer].versions) + 1, -1, dtype=np.int32)
    for grid in moment.grids(layer):
        above = (number[area.area_id] for area in moment.area_chain(grid.community_id) if area.area_id in number)
        table[grid.position] = next(above, -1)
    return tuple(areas), table
