"""Who lives where in the grids of a release, point by point: a line through a grid divides people, not ratios.

Where the register or buildings count households, these points are it. A grid that only states how many it has gets that
number spread over its buildings, else over its entries of the register, else over its ground, in whole numbers: however
it is cut, the sum stays.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.demand import lattice
from geodata.drafts.state import DraftGrid, DraftState
from geodata.drafts.walks import NEVER, Pair, Times
from geodata.station.homes import BUILDING, Homes
from geodata.station.share import spread

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

HOUSEHOLDS, PERSONS, ADDRESSES, BUILDINGS, STATIONS, ESTIMATED = range(6)
"""Columns of values: what is counted at a point; the last is how many of its households nobody counted there."""
COLUMNS: Final = 6

GROUND_POINTS: Final = 256
"""At most about so many points stand for the ground of one grid."""
GROUND_METRES: Final = 10.0
"""And these stand no nearer to one another."""

_HAIRLINE_DEGREES: Final = 1e-8
"""About 1 mm: a point as near to a grid, and in none, is the grid's."""

NOBODY: Final = ""
"""Stands for the grid of ground that no grid of a layer covers."""

_NO_GRID: Final = -1


@dataclass(frozen=True, slots=True)
class Points:
    """Points with what is counted at each.

    Parameters
    ----------
    lons, lats
        float64, shape (n,): EPSG:4326 degrees.
    values
        int64, shape (n, 6): columns as `HOUSEHOLDS` and the others say.
    walk_ms
        int64, shape (n,): milliseconds to the nearest station, `walks.NEVER` where nobody lives or can walk to one.
    """

    lons: Floats
    lats: Floats
    values: Whole
    walk_ms: Whole

    def __len__(self) -> int:
        """How many points there are."""
        return len(self.lons)

    def total(self) -> Whole:
        """Sum of each column, shape (6,)."""
        sums: Whole = self.values.sum(axis=0)
        return sums


class BasePoints:
    """The points of every grid of a base, each point in one grid.

    Parameters
    ----------
    base
        A state without operations.
    homes
        Where people live.
    buildings, stations
        Longitudes and latitudes of what is counted beside people.
    times
        How long walks to stations take; None where there is none.

    Notes
    -----
    A point on a border is in the grid with the lowest code, one within 1 mm of grids and in none likewise; other points
    outside all grids count nowhere. Points of ground are made when first asked for: a city has millions.
    """

    def __init__(
        self,
        base: DraftState,
        homes: Homes,
        buildings: Pair = ((), ()),
        stations: Pair = ((), ()),
        times: Times | None = None,
    ) -> None:
        self._base = base
        self.times = times
        self.keys = tuple(sorted(base.grids, key=lambda key: base.grids[key].code))
        self._number = {key: number for number, key in enumerate(self.keys)}
        points = _known(homes, buildings, stations, times)
        owner = _owners(np.array([base.shape(key) for key in self.keys], dtype=object), points)
        self._on_ground = _spread_stated([base.grids[key] for key in self.keys], owner, points, homes)
        order = np.argsort(owner, kind="stable")
        self._first = np.searchsorted(owner[order], np.arange(len(self.keys) + 1))
        self._points = Points(points.lons[order], points.lats[order], points.values[order], points.walk_ms[order])
        sums = np.concatenate([np.zeros((1, COLUMNS), dtype=np.int64), np.cumsum(self._points.values, axis=0)])
        self._totals: Whole = sums[self._first[1:]] - sums[self._first[:-1]]
        for number, (households, persons) in self._on_ground.items():
            self._totals[number, [HOUSEHOLDS, PERSONS, ESTIMATED]] += (households, persons, households)
        self._made: dict[int, Points] = {}

    def __contains__(self, key: str) -> bool:
        """Whether a key is one of the base."""
        return key in self._number

    def total(self, key: str) -> Whole:
        """Sum of each column in a grid of the base, shape (6,)."""
        found: Whole = self._totals[self._number[key]]
        return found

    def totals(self) -> Whole:
        """Sums of all grids in the order of `keys`, shape (grids, 6)."""
        return self._totals

    def of(self, key: str) -> Points:
        """The points of a grid of the base, of `NOBODY` those in no grid; ground in points where only that is known."""
        number = self._number.get(key, _NO_GRID)
        begin, end = 0 if key == NOBODY else self._first[number], self._first[number + 1]
        every = self._points
        known = Points(every.lons[begin:end], every.lats[begin:end], every.values[begin:end], every.walk_ms[begin:end])
        if number not in self._on_ground:
            return known
        if number not in self._made:
            self._made[number] = _with_ground(known, self._base.shape(key), self.times, *self._on_ground[number])
        return self._made[number]


def _known(homes: Homes, buildings: Pair, stations: Pair, times: Times | None) -> Points:
    """Homes, then buildings, then stations, one point each."""
    count, built, served = len(homes), len(buildings[0]), len(stations[0])
    values = np.zeros((count + built + served, COLUMNS), dtype=np.int64)
    for column, name in ((HOUSEHOLDS, "households"), (PERSONS, "persons"), (ADDRESSES, "addresses")):
        values[:count, column] = np.rint(homes.counts[name])
    values[count : count + built, BUILDINGS] = 1
    values[count + built :, STATIONS] = 1
    lons, lats = (
        np.concatenate([own, np.asarray(buildings[axis], np.float64), np.asarray(stations[axis], np.float64)])
        for axis, own in enumerate((homes.lons, homes.lats))
    )
    walk_ms = np.full(len(values), NEVER, dtype=np.int64)
    if times is not None and count:
        walk_ms[:count] = times.of_homes(homes)
    return Points(lons, lats, values, walk_ms)


def _owners(shapes: NDArray[np.object_], points: Points) -> NDArray[np.int32]:
    """Position of the first shape that covers each point; -1 for none."""
    owner = np.full(len(points), len(shapes), dtype=np.int64)
    if not len(points) or not len(shapes):
        return np.full(len(points), _NO_GRID, dtype=np.int32)
    placed = shapely.points(points.lons, points.lats)
    shape, point = shapely.STRtree(placed).query(shapes, predicate="intersects")
    np.minimum.at(owner, point, shape)
    left = np.flatnonzero(owner == len(shapes))
    if len(left):
        point, shape = shapely.STRtree(shapes).query(placed[left], predicate="dwithin", distance=_HAIRLINE_DEGREES)
        np.minimum.at(owner, left[point], shape)
    owner[owner == len(shapes)] = _NO_GRID
    return owner.astype(np.int32)


def _spread_stated(
    grids: Sequence[DraftGrid], owner: NDArray[np.int32], points: Points, homes: Homes
) -> dict[int, tuple[int, int]]:
    """Give points what their grid states and nobody counted; says who has households and persons on bare ground only.

    Notes
    -----
    Persons that nobody counted follow the households of the grid.
    """
    lived = owner[: len(homes)]
    order = np.argsort(lived, kind="stable")
    first = np.searchsorted(lived[order], np.arange(len(grids) + 1))
    values, built = points.values, homes.source == BUILDING
    bare: dict[int, tuple[int, int]] = {}
    for number, grid in enumerate(grids):
        households, persons = (count or 0 for count in grid.stated)
        here = order[first[number] : first[number + 1]]
        if not len(here):
            if households or persons:
                bare[number] = (households, persons)
            continue
        if households and not values[here, HOUSEHOLDS].any():
            chosen = here[built[here]] if built[here].any() else here
            values[chosen, HOUSEHOLDS] = spread(households, np.maximum(values[chosen, ADDRESSES], 1).astype(float))
            values[chosen, ESTIMATED] = values[chosen, HOUSEHOLDS]
        if persons and not values[here, PERSONS].any():
            values[here, PERSONS] = spread(persons, values[here, HOUSEHOLDS].astype(float))
    return bare


def _with_ground(known: Points, shape: shapely.Geometry, times: Times | None, households: int, persons: int) -> Points:
    """Points of a grid with those that stand for its ground; only such that somebody lives at."""
    lons, lats = lattice(shape, points=GROUND_POINTS, metres=GROUND_METRES).T
    values = np.zeros((len(lons), COLUMNS), dtype=np.int64)
    values[:, HOUSEHOLDS] = values[:, ESTIMATED] = spread(households, np.ones(len(lons)))
    values[:, PERSONS] = spread(persons, values[:, HOUSEHOLDS].astype(float))
    lived = values.any(axis=1)
    lons, lats = lons[lived], lats[lived]
    walk_ms = np.full(len(lons), NEVER, dtype=np.int64) if times is None else times.at(lons, lats)
    return Points(
        np.concatenate([known.lons, lons]),
        np.concatenate([known.lats, lats]),
        np.concatenate([known.values, values[lived]]),
        np.concatenate([known.walk_ms, walk_ms]),
    )
