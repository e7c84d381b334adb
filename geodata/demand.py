"""Who lives where at a moment: the homes of the network, and an estimate for grids that only state how many they are.

A grid of the default layer without any counted household but with a stated number has that spread over its buildings,
else over its addresses, else over a lattice of points in it; all that is labelled `ESTIMATED`.
"""

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.lookup import assign_points
from geodata.metres import metres_per_degree
from geodata.moment import Moment
from geodata.records import GridVersion
from geodata.station.homes import BUILDING, ESTIMATED
from geodata.station.network.places import PlaceIndex, place_index
from geodata.station.network.snap import Connectors, connect
from geodata.station.network.walking import Walking
from geodata.station.share import spread

LATTICE_METRES: Final = 50.0
"""Points that stand for ground are no nearer to one another than this."""

AREA: Final = "area_m2"

_POINTS_PER_GRID: Final = 64
_POINTS_OF_GROUND: Final = 40_000
_SHAPES_AT_ONCE: Final = 1_000
_MOST_TRIED: Final = 4_000_000

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Demand:
    """Places with what is counted at each, and how each reaches the network.

    Parameters
    ----------
    key
        Names places and network: equal keys, equal times.
    lons, lats
        float64, shape (n,): EPSG:4326 degrees.
    counts
        float64, shape (n,), by name.
    source
        uint8, shape (n,): as `Homes.source`, or `ESTIMATED` where the households are.
    persons_estimated
        bool, shape (n,): whether persons are a share of what the grid states.
    grid
        int32, shape (n,): position in the tiling of the default layer, -1 in none.
    connectors, index
        How the places reach the network, by place and by edge.
    spacing_metres
        Of the points, where they are a lattice.
    """

    key: str
    lons: Floats
    lats: Floats
    counts: Mapping[str, Floats]
    source: NDArray[np.uint8]
    persons_estimated: NDArray[np.bool_]
    grid: NDArray[np.int32]
    connectors: Connectors
    index: PlaceIndex
    spacing_metres: float = 0.0

    def __len__(self) -> int:
        """Places."""
        return len(self.lons)


def make_demand(walking: Walking, moment: Moment) -> Demand:
    """Who lives where.

    Notes
    -----
    Households are whole everywhere: shares of what a grid states sum to it. Persons that nobody counted in a grid which
    states them follow its households.
    """
    homes = walking.homes
    layer = moment.default_layer.code
    grid = assign_points(moment, layer, homes.lons, homes.lats).position
    size = len(moment.tilings[layer].versions)
    counts = dict(homes.counts)
    # What is estimated is put into these; the others stay where they are mapped.
    counts |= {name: np.array(counts[name], dtype=np.float64) for name in ("households", "persons")}
    source = np.array(homes.source, dtype=np.uint8)
    guessed = np.zeros(len(source), dtype=bool)
    known = {name: _by_grid(grid, counts[name], size) for name in ("households", "persons")}
    order = np.argsort(grid, kind="stable")
    bounds = np.searchsorted(grid[order], np.arange(size + 1))
    empty: list[GridVersion] = []
    for one in moment.grids(layer):
        here = order[bounds[one.position] : bounds[one.position + 1]]
        lacking = bool(one.households) and not known["households"][one.position]
        if lacking and not len(here):
            empty.append(one)
            continue
        if lacking:
            built = here[source[here] == BUILDING]
            chosen = built if len(built) else here
            counts["households"][chosen] = spread(one.households or 0, np.maximum(counts["addresses"][chosen], 1))
            source[chosen] = ESTIMATED
        if one.persons and not known["persons"][one.position] and len(here):
            counts["persons"][here] = spread(one.persons, counts["households"][here])
            guessed[here] = True
    found = Demand(
        walking.version, homes.lons, homes.lats, counts, source, guessed, grid, walking.homes_connectors, walking.places
    )
    return _with_lattices(found, walking, moment, empty)


def _by_grid(grid: NDArray[np.int32], values: Floats, size: int) -> Floats:
    inside = grid >= 0
    return np.bincount(grid[inside], weights=values[inside], minlength=size).astype(np.float64)


def _with_lattices(demand: Demand, walking: Walking, moment: Moment, grids: Sequence[GridVersion]) -> Demand:
    """The demand with points in grids that have no place at all."""
    if not grids:
        return demand
    found, whose = lattices([moment.geometry(one) for one in grids])
    points = np.split(found, np.searchsorted(whose, np.arange(1, len(grids))))
    lons, lats = np.ascontiguousarray(found[:, 0]), np.ascontiguousarray(found[:, 1])
    more = {name: np.zeros(len(lons)) for name in demand.counts}
    more["households"] = np.concatenate(
        [spread(one.households or 0, np.ones(len(own))) for one, own in zip(grids, points, strict=True)]
    ).astype(np.float64)
    more["persons"] = np.concatenate(
        [spread(one.persons or 0, np.ones(len(own))) for one, own in zip(grids, points, strict=True)]
    ).astype(np.float64)
    connectors = joined(demand.connectors, connect(walking.network, lons, lats))
    count = len(lons)
    return Demand(
        f"{demand.key}+{_digest(lons, lats)}",
        np.concatenate([demand.lons, lons]),
        np.concatenate([demand.lats, lats]),
        {name: np.concatenate([values, more[name]]) for name, values in demand.counts.items()},
        np.concatenate([demand.source, np.full(count, ESTIMATED, dtype=np.uint8)]),
        np.concatenate([demand.persons_estimated, np.ones(count, dtype=bool)]),
        np.concatenate([demand.grid, np.repeat([one.position for one in grids], [len(own) for own in points])]).astype(
            np.int32
        ),
        connectors,
        place_index(walking.network, connectors),
    )


def lattices(
    shapes: Sequence[Any], *, points: int = _POINTS_PER_GRID, metres: float = LATTICE_METRES
) -> tuple[Floats, NDArray[np.int64]]:
    """Points that stand for the ground of polygons, EPSG:4326; shape (n, 2), at least one each, and whose they are.

    Parameters
    ----------
    points
        At most about so many for each.
    metres
        No nearer to one another than this.

    Notes
    -----
    They stand in the middle of equal cells, west to east and then northwards.
    """
    found = [
        _lattices(shapes[at : at + _SHAPES_AT_ONCE], points, metres) for at in range(0, len(shapes), _SHAPES_AT_ONCE)
    ]
    whose = [owner + number * _SHAPES_AT_ONCE for number, (_, owner) in enumerate(found)]
    return np.concatenate([np.zeros((0, 2)), *(xy for xy, _ in found)]), np.concatenate([[], *whose]).astype(np.int64)


def _lattices(shapes: Sequence[Any], points: int, metres: float) -> tuple[Floats, NDArray[np.int64]]:
    ground = np.array(shapes, dtype=object)
    west, south, east, north = shapely.bounds(ground).T
    per_lon, per_lat = np.array([metres_per_degree(lat) for lat in (south + north) / 2]).T
    side = np.maximum(metres, np.sqrt(shapely.area(ground) * per_lon * per_lat / points))
    columns = np.maximum(1, np.ceil((east - west) * per_lon / side)).astype(np.int64)
    rows = np.maximum(1, np.ceil((north - south) * per_lat / side)).astype(np.int64)
    count = columns * rows
    owner = np.repeat(np.arange(len(ground)), count)
    row, column = np.divmod(np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count), columns[owner])
    xs = west[owner] + (column + 0.5) * ((east - west) / columns)[owner]
    ys = south[owner] + (row + 0.5) * ((north - south) / rows)[owner]
    inside = shapely.contains_xy(ground[owner], xs, ys)
    found, whose = np.column_stack([xs, ys])[inside], owner[inside]
    thin = np.setdiff1d(np.arange(len(ground)), whose)
    middles = shapely.get_coordinates(shapely.point_on_surface(ground[thin]))
    order = np.argsort(np.concatenate([whose, thin]), kind="stable")
    return np.concatenate([found, middles])[order], np.concatenate([whose, thin])[order]


def _steps(low: float, high: float, step: float) -> Floats:
    """Middles of equal stretches about as long as a step."""
    count = max(1, math.ceil((high - low) / step))
    return low + (np.arange(count) + 0.5) * (high - low) / count


def make_ground(walking: Walking, moment: Moment, within: str | None) -> Demand | None:
    """Points that stand for ground, each for the same number of square metres in ``counts["area_m2"]``.

    Parameters
    ----------
    within
        Code of an area; all grids of the default layer where None, without any the topmost areas.

    Returns
    -------
    Demand or None
        None where nothing says where the ground is.

    Raises
    ------
    NotKnownError
        There is no such area.

    Notes
    -----
    Points stand `LATTICE_METRES` apart, farther where there would be more than about 40,000 of them.
    """
    layer = moment.default_layer.code
    ids = None if within is None else moment.within(within)
    chosen = [one for one in moment.grids(layer) if ids is None or one.community_id in ids]
    shapes = [moment.geometry(one) for one in chosen] or _outlines(moment, within)
    if not shapes:
        return None
    west, south, east, north = shapely.total_bounds(np.array(shapes))
    per_lon, per_lat = metres_per_degree((south + north) / 2)
    square_metres = float(np.sum(shapely.area(shapes))) * per_lon * per_lat
    box = (east - west) * (north - south) * per_lon * per_lat
    side = max(LATTICE_METRES, math.sqrt(square_metres / _POINTS_OF_GROUND), math.sqrt(box / _MOST_TRIED))
    xs, ys = np.meshgrid(_steps(west, east, side / per_lon), _steps(south, north, side / per_lat))
    cell = box / xs.size
    lons, lats = xs.ravel(), ys.ravel()
    grid = assign_points(moment, layer, lons, lats).position
    if chosen:
        wanted = np.zeros(len(moment.tilings[layer].versions) + 1, dtype=bool)
        wanted[[one.position for one in chosen]] = True
        inside = wanted[grid]
    else:
        inside = shapely.contains_xy(shapely.union_all(shapes), lons, lats)
    lons, lats, grid = lons[inside], lats[inside], grid[inside]
    connectors = connect(walking.network, lons, lats)
    count = len(lons)
    return Demand(
        f"{walking.network.version}#{_digest(lons, lats)}",
        lons,
        lats,
        {AREA: np.full(count, cell)},
        np.full(count, ESTIMATED, dtype=np.uint8),
        np.zeros(count, dtype=bool),
        grid,
        connectors,
        place_index(walking.network, connectors),
        side,
    )


def _outlines(moment: Moment, within: str | None) -> list[Any]:
    codes = [within] if within is not None else [area.code for area in moment.children(None)]
    return [shape for code in codes if (shape := moment.area_geometry(code)) is not None]


def joined(one: Connectors, other: Connectors) -> Connectors:
    """Connectors of the places of both, the first one's first."""
    return Connectors(
        np.concatenate([one.first, other.first[1:] + one.first[-1]]),
        np.concatenate([one.edge, other.edge]),
        np.concatenate([one.at_mm, other.at_mm]),
        np.concatenate([one.walk_mm, other.walk_mm]),
        np.concatenate([one.metres, other.metres]),
    )


def _digest(lons: Floats, lats: Floats) -> str:
    return hashlib.blake2b(lons.tobytes() + lats.tobytes(), digest_size=12).hexdigest()
