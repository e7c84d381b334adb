"""Where a new station could stand: places that somebody names, or buildings and public places near uncovered homes.

Of buildings and places one is kept per square of 100 m, and of larger squares where more than `MOST_SITES` are left;
only squares from which an uncovered home is near enough in a straight line. Each must stand on the walking network.
Whether there is a room to let, and how many a station can serve, is not considered.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from geodata.crs import checked_point
from geodata.demand import Demand
from geodata.errors import ConflictError, InputError
from geodata.lookup import assign_points
from geodata.metres import metres_per_degree
from geodata.moment import Moment
from geodata.reachable import points_within
from geodata.records import Building, Place
from geodata.selected import Selection
from geodata.station.network.arrays import Network
from geodata.station.network.profiles import Profile
from geodata.station.network.snap import Connectors, connect
from geodata.station.network.walking import Walking

MOST_SITES: Final = 2_000
CELL_METRES: Final = 100.0

# Where the public comes and goes, as our own files and OpenStreetMap call it.
_PUBLIC: Final = re.compile(
    "arts_centre|bus_station|clinic|college|community_centre|courthouse|doctors|fire_station|garden|government|hospital"
    "|kindergarten|library|marketplace|museum|nursing_home|park|police|post_office|public(_building)?|school"
    "|social_(centre|facility)|sports_centre|square|stadium|station|subway_entrance|theatre|townhall|university"
)
_PUBLIC_ZH: Final = re.compile("学|幼儿|医|卫生|文化|公园|广场|市场|图书|养老|社区|政|体育|活动|公共|车站")
# Squares of a whole province.
_MOST_SQUARES: Final = 25_000_000

Source = Literal["buildings", "places", "both", "given"]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Given:
    """A place that somebody names; EPSG:4326 degrees."""

    lon: float
    lat: float
    name: str = ""


@dataclass(frozen=True, slots=True)
class Site:
    """A place for a station.

    Parameters
    ----------
    name
        Its own; empty for none.
    streets
        Names of the nearest streets, at most two, the nearest first.
    grid, grid_name
        The grid of the default layer that it lies in; None and empty for none.
    """

    lon: float
    lat: float
    name: str
    streets: tuple[str, ...]
    grid: str | None
    grid_name: str


@dataclass(frozen=True, slots=True)
class Candidates:
    """Places for a station that can be reached.

    Parameters
    ----------
    considered
        How many there were before one was chosen of each square.
    cell_metres
        Side of the squares; None where the places were given.
    off_network
        How many of the chosen are left out because they reach no street.
    """

    sites: tuple[Site, ...]
    connectors: Connectors
    source: Source
    considered: int
    cell_metres: float | None
    off_network: int


def candidates(
    walking: Walking,
    moment: Moment,
    demand: Demand,
    selection: Selection,
    profile: Profile,
    where: Source | Sequence[Given],
    uncovered: Floats,
) -> Candidates:
    """Where a station could stand that reaches somebody.

    Parameters
    ----------
    where
        ``buildings``, ``places`` or ``both``, or the places themselves.
    uncovered
        Households or any other count at each home that no station reaches, 0 where one does; float64 (homes).

    Raises
    ------
    InputError
        Places that are no place on Earth, none at all, or more than `MOST_SITES`.
    ConflictError
        There are no buildings or places, none near an uncovered home, or none on the network.
    """
    if isinstance(where, str):
        source: Source = where
        lons, lats, names = _known(moment, selection, source)
        considered = len(names)
        if not considered:
            raise _nothing(source)
        far = selection.limit_ms * profile.kmh / 3600
        kept, cell = _thinned(lons, lats, demand.lons[uncovered > 0], demand.lats[uncovered > 0], far)
        lons, lats, names = lons[kept], lats[kept], [names[at] for at in kept.tolist()]
    else:
        source, cell = "given", None
        lons, lats, names = _given(where)
        considered = len(names)
    connectors = connect(walking.network, lons, lats)
    on_network = connectors.on_network()
    if not on_network.any():
        if source != "given":
            raise _nothing(source)
        nearest = connectors.metres.min(initial=np.inf)
        raise ConflictError(
            "none of the sites is on the walking network: each must be within 150 m of a street that people walk on",
            "所给候选点都不在步行路网上：每个点应在步行道路 150 米以内",
            metres=round(float(nearest), 1) if np.isfinite(nearest) else None,
        )
    kept = np.flatnonzero(on_network)
    connectors = connectors.take(kept)
    sites = _sites(walking.network, moment, lons[kept], lats[kept], [names[at] for at in kept.tolist()], connectors)
    return Candidates(sites, connectors, source, considered, cell, int((~on_network).sum()))


def _given(where: Sequence[Given]) -> tuple[Floats, Floats, list[str]]:
    if not where:
        raise InputError("name at least one site", "请至少给出一个候选点", field="sites")
    if len(where) > MOST_SITES:
        raise InputError(
            f"{len(where):,} sites are too many: at most {MOST_SITES:,}",
            f"候选点过多（{len(where):,} 个），最多 {MOST_SITES:,} 个",
            most=MOST_SITES,
        )
    points = np.array([checked_point(one.lon, one.lat) for one in where], dtype=np.float64)
    return points[:, 0].copy(), points[:, 1].copy(), [one.name for one in where]


def _known(moment: Moment, selection: Selection, source: Source) -> tuple[Floats, Floats, list[str]]:
    """Public places, then buildings, each in code order; only those inside the area that is asked about."""
    found: list[Place | Building] = []
    if source != "buildings":
        found += [place for place in moment.places if is_public(place.category)]
    if source != "places":
        found += moment.buildings
    lons = np.array([one.lon for one in found], dtype=np.float64)
    lats = np.array([one.lat for one in found], dtype=np.float64)
    names = [_name(moment, one) for one in found]
    if selection.within is None or not found:
        return lons, lats, names
    grid = assign_points(moment, moment.default_layer.code, lons, lats).position
    kept = np.flatnonzero(points_within(moment, selection.within, lons, lats, grid))
    return lons[kept], lats[kept], [names[at] for at in kept.tolist()]


def _name(moment: Moment, one: Place | Building) -> str:
    """A place's name; a building's behind that of its compound: every compound has a building 1."""
    compound = moment.compound_by_id(one.compound_id) if isinstance(one, Building) else None
    return one.name if compound is None or one.name.startswith(compound.name) else compound.name + one.name


def is_public(category: str) -> bool:
    """Whether the public comes and goes in places of a category."""
    return bool(_PUBLIC.fullmatch(category.lower()) or _PUBLIC_ZH.search(category))


def _nothing(source: Source) -> ConflictError:
    what, what_zh = {
        "buildings": ("building", "楼栋"),
        "places": ("public place", "公共场所"),
    }.get(source, ("building or public place", "楼栋或公共场所"))
    return ConflictError(
        f"no {what} that could take a station is near a home that is not reached: load some, or name the sites",
        f"未覆盖住户附近没有可作候选的{what_zh}：请先导入，或直接给出候选点",
        source=source,
    )


def _thinned(lons: Floats, lats: Floats, home_lons: Floats, home_lats: Floats, metres: float) -> tuple[Any, float]:
    """Which points are kept, ascending, and the side of the squares that each is the first of."""
    per_lon, per_lat = metres_per_degree(float(lats.mean()))
    area = float(np.ptp(lons) * per_lon * np.ptp(lats) * per_lat)
    cell = max(CELL_METRES, math.sqrt(area / _MOST_SQUARES))
    while True:
        width, height = cell / per_lon, cell / per_lat
        squares = _square(lons, lats, width, height)
        near = _near(squares, _square(home_lons, home_lats, width, height), int(metres // cell) + 1)
        _, first = np.unique(squares[near], axis=0, return_index=True)
        if first.size <= MOST_SITES:
            return np.sort(near[first]), cell
        cell *= 1.25


def _square(lons: Floats, lats: Floats, width: float, height: float) -> NDArray[np.int64]:
    return np.column_stack([np.floor(lons / width), np.floor(lats / height)]).astype(np.int64)


def _near(squares: NDArray[np.int64], homes: NDArray[np.int64], away: int) -> NDArray[np.int64]:
    """Which points have a home at most so many squares away."""
    if not len(homes) or not len(squares):
        return np.empty(0, dtype=np.int64)
    low = squares.min(axis=0)
    size = squares.max(axis=0) - low + 1
    reach = homes - low
    reach = np.unique(reach[(reach >= -away).all(axis=1) & (reach < size + away).all(axis=1)], axis=0)
    lived = np.zeros(size + 2 * away + 1, dtype=np.int32)
    lived[reach[:, 0] + away + 1, reach[:, 1] + away + 1] = 1
    sums = lived.cumsum(axis=0).cumsum(axis=1)
    x, y = (squares - low).T
    right, upper = x + 2 * away + 1, y + 2 * away + 1
    found: NDArray[np.int64] = np.flatnonzero(sums[right, upper] - sums[x, upper] - sums[right, y] + sums[x, y])
    return found


def _sites(
    network: Network, moment: Moment, lons: Floats, lats: Floats, names: Sequence[str], connectors: Connectors
) -> tuple[Site, ...]:
    """Each with the streets and the grid that say where it is."""
    layer = moment.default_layer.code
    position = assign_points(moment, layer, lons, lats).position.tolist()
    versions = moment.tilings[layer].versions
    streets = [_streets(network, connectors, begin, end) for begin, end in pairwise(connectors.first.tolist())]
    grids = [(versions[at].code, versions[at].name) if at >= 0 else (None, "") for at in position]
    return tuple(
        Site(lon, lat, name, street, *grid)
        for lon, lat, name, street, grid in zip(lons.tolist(), lats.tolist(), names, streets, grids, strict=True)
    )


def _streets(network: Network, connectors: Connectors, begin: int, end: int) -> tuple[str, ...]:
    """Names of the two nearest of the streets that a site reaches."""
    edge, away = connectors.edge[begin:end], connectors.walk_mm[begin:end]
    named = (network.names[name] for name in network.name[edge[np.argsort(away, kind="stable")]].tolist())
    return tuple(dict.fromkeys(name for name in named if name))[:2]


def label(site: Site) -> str:
    """What a site is called in Chinese: its own name, else its streets, else its grid, else its coordinates."""
    return _label(site, "附近", "网格")


def label_en(site: Site) -> str:
    """As `label`, in English."""
    return _label(site, "", "grid ", "near ")


def _label(site: Site, behind: str, grid: str, before: str = "") -> str:
    if site.name:
        return site.name
    if site.streets:
        return f"{before}{' × '.join(site.streets)}{behind}"
    if site.grid is not None:
        return f"{grid}{site.grid_name or site.grid}"
    return f"{site.lon:.5f}, {site.lat:.5f}"
