"""Who lives where in the grids of a release, point by point: a line through a grid divides people, not ratios.

Where the register or buildings count households, these points are it. A grid that only states how many it has gets that
number spread over its buildings, else over its entries of the register, else over its ground, in whole numbers: however
it is cut, the sum stays.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.demand import lattices
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
        points = _all_known(homes, buildings, stations, times)
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
        if number not in self._on_ground:
            return self._known(number)
        if number not in self._made:
            self.make([key])
        return self._made[number]

    def make(self, keys: Iterable[str]) -> None:
        """Make the points of ground of several grids at once, where they are not made: sooner than one by one."""
        numbers = [self._number[key] for key in keys if key in self._number]
        numbers = [number for number in numbers if number in self._on_ground and number not in self._made]
        if not numbers:
            return
        shapes = [self._base.shape(self.keys[number]) for number in numbers]
        stated = np.array([self._on_ground[number] for number in numbers], dtype=np.int64)
        ground, whose = _on_ground(shapes, stated, self.times)
        ends = np.searchsorted(whose, np.arange(len(numbers) + 1)).tolist()
        for place, number in enumerate(numbers):
            self._made[number] = _joined(self._known(number), _part(ground, ends[place], ends[place + 1]))

    def _known(self, number: int) -> Points:
        begin, end = 0 if number == _NO_GRID else int(self._first[number]), int(self._first[number + 1])
        return _part(self._points, begin, end)


def _all_known(homes: Homes, buildings: Pair, stations: Pair, times: Times | None) -> Points:
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


def _on_ground(
    shapes: Sequence[shapely.Geometry], stated: Whole, times: Times | None
) -> tuple[Points, NDArray[np.int64]]:
    """Points that stand for ground, only such that somebody lives at, and whose they are.

    Parameters
    ----------
    stated
        Households and persons of each shape, shape (n, 2).
    """
    xy, whose = lattices(shapes, points=GROUND_POINTS, metres=GROUND_METRES)
    households = _spread_each(stated[:, 0], whose, np.ones(len(whose), dtype=np.int64))
    persons = _spread_each(stated[:, 1], whose, households)
    lived = (households > 0) | (persons > 0)
    values = np.zeros((int(lived.sum()), COLUMNS), dtype=np.int64)
    values[:, HOUSEHOLDS] = values[:, ESTIMATED] = households[lived]
    values[:, PERSONS] = persons[lived]
    lons, lats = np.ascontiguousarray(xy[lived, 0]), np.ascontiguousarray(xy[lived, 1])
    walk_ms = np.full(len(lons), NEVER, dtype=np.int64)
    if times is not None and len(lons):
        walk_ms[:] = times.at(lons, lats)
    return Points(lons, lats, values, walk_ms), whose[lived]


def _spread_each(totals: Whole, whose: Whole, weights: Whole) -> Whole:
    """As `share.spread` of several totals at once: each over its own entries, which stand together.

    Parameters
    ----------
    totals
        Shape (n,).
    whose
        Rising, each of 0 to n - 1 at least once: whose an entry is.
    weights
        Of each entry; where all of one total are 0 its parts are equal.
    """
    sums = np.bincount(whose, weights=weights, minlength=len(totals))
    own = np.where(sums[whose] > 0, weights, 1).astype(np.float64)
    upto = np.cumsum(own)
    last = np.flatnonzero(np.r_[whose[1:] != whose[:-1], True])
    before = np.r_[0.0, upto[last[:-1]]]
    ends = np.floor((upto - before[whose]) / (upto[last] - before)[whose] * totals[whose] + 0.5).astype(np.int64)
    ends[last] = totals
    starts = np.r_[0, ends[:-1]]
    starts[np.r_[0, last[:-1] + 1]] = 0
    parts: Whole = ends - starts
    return parts


def _part(points: Points, begin: int, end: int) -> Points:
    return Points(points.lons[begin:end], points.lats[begin:end], points.values[begin:end], points.walk_ms[begin:end])


def _joined(first: Points, second: Points) -> Points:
    return Points(
        np.concatenate([first.lons, second.lons]),
        np.concatenate([first.lats, second.lats]),
        np.concatenate([first.values, second.values]),
        np.concatenate([first.walk_ms, second.walk_ms]),
    )
