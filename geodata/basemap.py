"""The ground below the grids, out of what was loaded: water, railways, walls, streets, buildings, compounds, places.

Current only. On paper it is shapes (`base_shapes`), in browsers vector tiles (`base_tile`); both show the same at the
same scale.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from psycopg import Connection

from geodata.crs import metres_per_degree
from geodata.queries import named_queries

_SQL = named_queries(__file__)

Bounds = tuple[float, float, float, float]
"""West, south, east, north, degrees EPSG:4326."""

Shapes = NDArray[np.object_]

STREET_RANKS: Final[Mapping[str, int]] = {
    **dict.fromkeys(("motorway", "trunk", "primary", "motorway_link", "trunk_link", "primary_link"), 1),
    **dict.fromkeys(("高速公路", "高速", "高速路", "快速路", "城市快速路", "主干路", "主干道", "国道", "省道"), 1),
    "arterial": 1,
    **dict.fromkeys(("secondary", "tertiary", "secondary_link", "tertiary_link"), 2),
    **dict.fromkeys(("次干路", "次干道", "县道"), 2),
    **dict.fromkeys(("service", "track", "footway", "path", "steps", "cycleway", "bridleway", "pier", "corridor"), 4),
    "lane": 4,
    **dict.fromkeys(("巷", "胡同", "弄", "里弄", "小路", "步道", "人行道", "绿道", "台阶", "梯道", "内部道路"), 4),
    **dict.fromkeys(("platform", "elevator", "square", "raceway", "ferry", "轮渡", "航线"), 0),
    **dict.fromkeys(("construction", "proposed", "planned", "在建", "规划"), 0),
}
"""Traffic that a class of streets is for: 1 most, 4 what is walked or serves one site; 0 is not drawn."""

OTHER_RANK: Final = 3
"""Rank of any other class, and of none: streets that people live in."""

# The coarsest detail, metres, at which each is still shown: a tenth of a millimetre on paper.
_STREETS_UP_TO: Final[Mapping[int, float]] = {4: 1.0, 3: 4.0, 2: 16.0}
_BUILDINGS_UP_TO, _COMPOUNDS_UP_TO, _WALLS_UP_TO, _PLACES_UP_TO = 1.6, 1.6, 1.0, 0.6


# The zoom of tiles, shown 512 pixels wide, from which on streets of a rank can be seen.
_STREETS_SINCE: Final[Mapping[int, int]] = {4: 14, 3: 12, 2: 10, 1: 7}
_FORMAT: Final = 2


class BaseStreet(NamedTuple):
    """Stretches of a street of one name and rank, as a LineString or MultiLineString."""

    geometry: Any
    name: str
    rank: int


class BaseCompound(NamedTuple):
    """A compound with its outline."""

    geometry: Any
    name: str


class BasePlace(NamedTuple):
    """A named place at a point."""

    point: Any
    name: str
    category: str


@dataclass(frozen=True, slots=True)
class BaseShapes:
    """What lies below the grids, EPSG:4326, cut off a little outside the box that was asked for.

    Parameters
    ----------
    green
        Polygons of parks, grass and woods.
    water
        Polygons of lakes and banks, and lines of rivers and canals whose banks nobody drew: `areas_of` and `lines_of`
        tell them apart.
    railways, walls
        Lines, or areas.
    streets
        By rank, the least first, so that the main ones are drawn over the others.
    buildings
        Outlines.
    """

    green: Shapes
    water: Shapes
    railways: Shapes
    walls: Shapes
    streets: Sequence[BaseStreet]
    buildings: Shapes
    compounds: Sequence[BaseCompound]
    places: Sequence[BasePlace]


def base_shapes(connection: Connection[Any], bounds: Bounds, detail_metres: float) -> BaseShapes:
    """The ground in a box, as it is now, in the detail that a scale can show.

    Parameters
    ----------
    bounds
        West, south, east, north, degrees EPSG:4326.
    detail_metres
        What cannot be told apart, such as a tenth of a millimetre on paper. Shapes are made simpler by as much, what is
        smaller is left out, and the coarser it is, the fewer kinds there are: places up to 0.6 m, walls and footways up
        to 1 m, buildings and compounds up to 1.6 m, streets that people live in up to 4 m, main streets, railways,
        water and green always.

    Notes
    -----
    Where nothing is loaded, or the box lies elsewhere, everything is empty. Streets of one name and rank are joined as
    far as they go on.
    """
    box = _around(bounds)
    asked = dict(zip(("west", "south", "east", "north"), box, strict=True))
    fitted = _Fitted(box, detail_metres)
    barriers = _barriers(connection, asked, detail_metres)
    return BaseShapes(
        green=fitted.large(_of(connection, "green", asked, shown=True)),
        water=fitted.large(barriers["water"]),
        railways=fitted.cut(barriers["railway"])[0],
        walls=fitted.cut(barriers["wall"])[0],
        streets=_streets(connection, asked, fitted),
        buildings=fitted.large(_of(connection, "buildings", asked, shown=detail_metres <= _BUILDINGS_UP_TO)),
        compounds=_compounds(connection, asked, fitted) if detail_metres <= _COMPOUNDS_UP_TO else (),
        places=_places(connection, asked) if detail_metres <= _PLACES_UP_TO else (),
    )


def base_version(connection: Connection[Any]) -> str:
    """What tells one state of the ground from every other one: equal words mean equal tiles."""
    row = connection.execute(_SQL["state"]).fetchone()
    return hashlib.sha256(repr((_FORMAT, row)).encode()).hexdigest()[:16]


def base_extent(connection: Connection[Any]) -> tuple[Bounds | None, tuple[str, ...]]:
    """The box around all of the ground, None where nothing is loaded, and which of its kinds there are."""
    rows = connection.execute(_SQL["extent"]).fetchall()
    if not rows:
        return None, ()
    boxes = np.array([row[1:] for row in rows], dtype=float)
    west, south = boxes[:, :2].min(axis=0).tolist()
    east, north = boxes[:, 2:].max(axis=0).tolist()
    return (west, south, east, north), tuple(row[0] for row in rows)


def base_tile(connection: Connection[Any], z: int, x: int, y: int) -> bytes:
    """One vector tile of the ground, no bytes where nothing lies there.

    Parameters
    ----------
    z, x, y
        Zoom from 0, column from the west, row from the north, of the usual squares of Web Mercator.

    Notes
    -----
    Extent 4096, 64 units beyond the square. Layers ``green`` (``name``), ``water`` (``name``, areas and lines),
    ``railways`` (``name``), ``walls``, ``streets`` (``name rank``, the least rank first, joined as far as they go on),
    ``buildings``, ``compounds`` (``name``), ``places`` (``name category``). Water from zoom 6, streets of rank 1 from
    7, of rank 2, green and railways from 10, streets of rank 3 from 12, of rank 4, buildings and compounds from 14,
    walls and places from 15.
    """
    most = next((rank for rank, since in _STREETS_SINCE.items() if z >= since), 0)
    row = connection.execute(_SQL["tile"], {"z": z, "x": x, "y": y, **_ranks(), "most": most}).fetchone()
    assert row is not None
    return bytes(row[0])


def areas_of(shapes: Shapes) -> Shapes:
    """Those of some shapes that are polygons."""
    return np.asarray(shapes[shapely.get_dimensions(shapes) == 2])


def lines_of(shapes: Shapes) -> Shapes:
    """Those of some shapes that are lines."""
    return np.asarray(shapes[shapely.get_dimensions(shapes) == 1])


@dataclass(frozen=True, slots=True)
class _Fitted:
    """Cuts shapes at a box, and leaves out what is too small to be seen."""

    box: Bounds
    detail_metres: float

    def cut(self, shapes: Shapes) -> tuple[Shapes, NDArray[np.int64]]:
        """What of the shapes is in the box, made simpler, and the positions of those that are left."""
        # Degrees of latitude are the longer ones: nothing moves by more than the detail.
        simpler = shapely.simplify(shapes, self.detail_metres / metres_per_degree(self.box[1])[1])
        within = shapely.clip_by_rect(simpler, *self.box) if len(shapes) else simpler
        # A polygon can come out as lines where it only touches the rim.
        same_kind = shapely.get_dimensions(within) == shapely.get_dimensions(shapes)
        left = np.flatnonzero(~shapely.is_empty(within) & same_kind)
        return np.asarray(within)[left], left

    def large(self, shapes: Shapes) -> Shapes:
        """As `cut`, without areas that are too small."""
        within, _ = self.cut(shapes)
        per_lon, per_lat = metres_per_degree(self.box[1])
        least = 4 * self.detail_metres**2 / (per_lon * per_lat)
        kept: Shapes = within[(shapely.get_dimensions(within) < 2) | (shapely.area(within) >= least)]
        return kept


def _around(bounds: Bounds) -> Bounds:
    """A box a little larger, so that no line is drawn where it was cut."""
    west, south, east, north = bounds
    more_lon, more_lat = (east - west) * 0.02, (north - south) * 0.02
    return west - more_lon, south - more_lat, east + more_lon, north + more_lat


def _shapes(binary: Sequence[bytes]) -> Shapes:
    return np.asarray(shapely.from_wkb(np.array(list(binary), dtype=object)), dtype=object)


def _of(connection: Connection[Any], query: str, asked: Mapping[str, Any], *, shown: bool) -> Shapes:
    """Shapes in the last column of a query; none where they are not shown."""
    return _shapes([row[-1] for row in connection.execute(_SQL[query], asked)] if shown else [])


def _barriers(connection: Connection[Any], asked: Mapping[str, Any], detail_metres: float) -> dict[str, Shapes]:
    classes = ["water", "railway", *(["wall"] if detail_metres <= _WALLS_UP_TO else [])]
    rows = connection.execute(_SQL["barriers"], {**asked, "classes": classes}).fetchall()
    return {kind: _shapes([row[1] for row in rows if row[0] == kind]) for kind in ("water", "railway", "wall")}


def _streets(connection: Connection[Any], asked: Mapping[str, Any], fitted: _Fitted) -> Sequence[BaseStreet]:
    most = next((rank for rank, upto in _STREETS_UP_TO.items() if fitted.detail_metres <= upto), 1)
    rows = connection.execute(_SQL["streets"], {**asked, **_ranks(), "most": most}).fetchall()
    grouped: dict[tuple[int, str], list[Any]] = {}
    for row, line in zip(rows, _shapes([row[2] for row in rows]), strict=True):
        grouped.setdefault((-row[1], row[0]), []).extend(shapely.get_parts(line))
    groups = sorted(grouped)
    joined = shapely.line_merge([shapely.multilinestrings(grouped[group]) for group in groups])
    lines, left = fitted.cut(np.asarray(joined, dtype=object))
    return [BaseStreet(line, groups[at][1], -groups[at][0]) for line, at in zip(lines, left.tolist(), strict=True)]


def _ranks() -> dict[str, Any]:
    return {"classes": list(STREET_RANKS), "ranks": list(STREET_RANKS.values()), "else_rank": OTHER_RANK}


def _compounds(connection: Connection[Any], asked: Mapping[str, Any], fitted: _Fitted) -> Sequence[BaseCompound]:
    rows = connection.execute(_SQL["compounds"], asked).fetchall()
    shapes, left = fitted.cut(_shapes([row[1] for row in rows]))
    return [BaseCompound(shape, rows[at][0]) for shape, at in zip(shapes, left.tolist(), strict=True)]


def _places(connection: Connection[Any], asked: Mapping[str, Any]) -> Sequence[BasePlace]:
    rows = connection.execute(_SQL["places"], asked).fetchall()
    points = _shapes([row[2] for row in rows])
    return [BasePlace(point, name, category) for point, (name, category, _) in zip(points, rows, strict=True)]
