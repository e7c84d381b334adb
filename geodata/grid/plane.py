"""A plane in metres in which straight borders stay straight.

Who owns a point is decided by straight lines between longitudes and latitudes. A map projection bends them: the middle
of a kilometre-long border would move by a centimetre, and sound tilings would look cracked. So shapes are only
stretched: metres east and north of a centre, each axis by one factor.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, Self

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.crs import metres_per_degree

Shapes = NDArray[np.object_]
Numbers = NDArray[np.float64]
Positions = NDArray[np.int64]
Flags = NDArray[np.bool_]

NOISE_METRES = 0.001
"""What is narrower than this is rounding: look-ups call everything within 1 mm a border."""

_MOST_MEASURED = 20_000
_MANY_VERTICES = 100
_POLYGON, _MULTIPOLYGON = shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON


class Place(NamedTuple):
    """Longitude and latitude in degrees, EPSG:4326."""

    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class LocalPlane:
    """Metres east and north of a centre, linear in longitude and latitude.

    Parameters
    ----------
    lon, lat
        The centre, degrees EPSG:4326.
    metres_east, metres_north
        Metres per degree at the centre, on the WGS 84 ellipsoid.

    Notes
    -----
    Exact at the centre's latitude. East-west lengths are off by about 1.3 % for each degree of latitude away from it
    at 36° N, which matters to no tolerance here; `square_metres` corrects areas by the latitude of each shape.
    """

    lon: float
    lat: float
    metres_east: float
    metres_north: float

    @classmethod
    def around(cls, shapes: Shapes) -> Self:
        """Plane about the middle of all shapes (lon, lat); about 0, 0 where there is none."""
        bounds = shapely.total_bounds(shapes) if len(shapes) else np.zeros(4)
        if not np.isfinite(bounds).all():
            bounds = np.zeros(4)
        lon, lat = (bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2
        # At a pole a degree of longitude has no length; a plane needs some.
        east, north = metres_per_degree(min(max(lat, -89.0), 89.0))
        return cls(float(lon), float(lat), float(east), float(north))

    def forward(self, shapes: Shapes) -> Shapes:
        """Shapes in metres, 2D, from longitude and latitude; equal coordinates stay equal."""
        centre, scale = (self.lon, self.lat), (self.metres_east, self.metres_north)
        flat: Shapes = shapely.transform(shapely.force_2d(shapes), lambda xy: (xy - centre) * scale)
        return flat

    def inverse(self, shapes: Shapes, known: Shapes) -> Shapes:
        """Shapes in longitude and latitude; vertices of `known` get their very doubles back.

        Parameters
        ----------
        shapes
            Shapes in this plane's metres.
        known
            2D shapes in longitude and latitude whose vertices, once taken forward, may occur in `shapes`.
        """
        degrees = shapely.get_coordinates(known)
        metres = (degrees - (self.lon, self.lat)) * (self.metres_east, self.metres_north)
        exact = dict(zip(map(tuple, metres.tolist()), map(tuple, degrees.tolist()), strict=True))

        def back(xy: Numbers) -> Numbers:
            plain = xy / (self.metres_east, self.metres_north) + (self.lon, self.lat)
            pairs = zip(map(tuple, xy.tolist()), map(tuple, plain.tolist()), strict=True)
            return np.array([exact.get(metre, degree) for metre, degree in pairs]).reshape(-1, 2)

        result: Shapes = shapely.transform(shapes, back)
        return result

    def place(self, point: Any) -> Place:
        """Longitude and latitude of a point of the plane."""
        x, y = float(shapely.get_x(point)), float(shapely.get_y(point))
        return Place(x / self.metres_east + self.lon, y / self.metres_north + self.lat)

    def inside(self, shape: Any) -> Place:
        """A place in a shape of the plane that is not empty; a corner of one too thin to have a point inside."""
        # GEOS divides by zero on its way round a degenerate part; the point it finds is sound.
        with np.errstate(invalid="ignore"):
            point = shapely.point_on_surface(shape)
        return self.place(shapely.Point(shapely.get_coordinates(shape)[0]) if shapely.is_empty(point) else point)

    def square_metres(self, shape: Any) -> float:
        """Area of one shape of the plane, in true square metres (within 0.1 % for shapes up to 10 km)."""
        if shapely.is_empty(shape):
            return 0.0
        south, north = shapely.bounds(shape)[[1, 3]]
        lat = (south + north) / 2 / self.metres_north + self.lat
        east, north_scale = metres_per_degree(min(max(lat, -90.0), 90.0))
        return float(shapely.area(shape)) * east * north_scale / (self.metres_east * self.metres_north)


def polygonal(shapes: Shapes) -> Shapes:
    """Only the areas of each shape: a Polygon, a MultiPolygon, or an empty Polygon; lines and points are dropped."""
    shapes = np.asarray(shapes, dtype=object)
    types = shapely.get_type_id(shapes)
    mixed = np.flatnonzero(~np.isin(types, (_POLYGON, _MULTIPOLYGON)))
    if not mixed.size:
        return shapes
    result = shapes.copy()
    for position in mixed:
        parts = [part for part, _ in _polygon_parts(shapes[position : position + 1])]
        result[position] = shapely.union_all(parts) if parts else shapely.Polygon()
    return result


def polygons_of(shapes: Shapes) -> tuple[Shapes, Positions]:
    """All single polygons that are not empty, with the position of the shape each comes from."""
    pairs = list(_polygon_parts(shapes))
    parts = np.array([part for part, _ in pairs], dtype=object)
    return parts, np.array([position for _, position in pairs], dtype=np.int64)


def _polygon_parts(shapes: Shapes) -> Iterator[tuple[Any, int]]:
    parts, owners = shapely.get_parts(shapes, return_index=True)
    # Collections can hold MultiPolygons, and collections.
    while (shapely.get_type_id(parts) > shapely.GeometryType.LINEARRING).any() and (
        np.isin(shapely.get_type_id(parts), (_MULTIPOLYGON, shapely.GeometryType.GEOMETRYCOLLECTION)).any()
    ):
        parts, inner = shapely.get_parts(parts, return_index=True)
        owners = owners[inner]
    wanted = (shapely.get_type_id(parts) == _POLYGON) & ~shapely.is_empty(parts)
    return zip(parts[wanted], owners[wanted].tolist(), strict=True)


def wider_than(polygons: Shapes, metres: float) -> Flags:
    """Whether a circle of this diameter fits inside each polygon."""
    area, length = shapely.area(polygons), shapely.length(polygons)
    # A circle of radius area / length always fits; none fits whose area is larger.
    wide: Flags = 2 * area >= metres * length
    wide &= area > 0
    unsure = np.flatnonzero(~wide & (area >= np.pi / 4 * metres**2))
    if unsure.size:
        wide[unsure] = ~shapely.is_empty(shapely.buffer(polygons[unsure], -metres / 2, quad_segs=2))
    return wide


def widths(polygons: Shapes) -> Numbers:
    """Diameter in metres of the largest circle inside each polygon, to about 1 %; under 1 mm a lower bound.

    Notes
    -----
    Of more than 20,000 polygons at once the mean width is given, which is never more and at least half of it for
    anything long or round: that many are only counted.
    """
    area, length = shapely.area(polygons), shapely.length(polygons)
    low: Numbers = np.divide(2 * area, length, out=np.zeros(len(area)), where=length > 0)
    if len(polygons) > _MOST_MEASURED:
        return low
    # Rounding is told apart from a hairline, but not measured.
    high = np.where(wider_than(polygons, NOISE_METRES), 2 * np.sqrt(area / np.pi), low)
    # Buffers of many vertices are slow; the search for the circle is, where it has to follow a long sliver.
    vertices = shapely.get_num_coordinates(polygons)
    found = np.flatnonzero((high > low * 1.01) & (vertices > _MANY_VERTICES) & (length < vertices * low))
    circles = shapely.maximum_inscribed_circle(polygons[found], tolerance=low[found] * 0.005)
    low[found] = high[found] = np.maximum(low[found], 2 * shapely.length(circles))
    for _ in range(12):
        open_ones = np.flatnonzero(high > low * 1.01)
        if not open_ones.size:
            break
        middle = np.sqrt(low[open_ones] * high[open_ones])
        fits = ~shapely.is_empty(shapely.buffer(polygons[open_ones], -middle / 2, quad_segs=2))
        low[open_ones[fits]] = middle[fits]
        high[open_ones[~fits]] = middle[~fits]
    return low


Operation = Literal["intersection", "difference", "union"]


def overlay(operation: Operation, first: Shapes, second: Shapes) -> Shapes:
    """Overlay pair by pair; a pair that defeats floating point is done on a grid of a micrometre."""
    function = getattr(shapely, operation)
    try:
        result: Shapes = np.asarray(function(first, second), dtype=object)
    except shapely.GEOSException:
        result = np.array([_overlay_one(function, a, b) for a, b in zip(first, second, strict=True)], dtype=object)
    return result


def _overlay_one(function: Any, first: Any, second: Any) -> Any:
    try:
        return function(first, second)
    except shapely.GEOSException:
        return function(_made_valid(first), _made_valid(second), grid_size=1e-6)


def union(shapes: Shapes) -> Any:
    """Union of all shapes, on a grid of a micrometre where floating point fails."""
    try:
        return shapely.union_all(shapes)
    except shapely.GEOSException:
        return shapely.union_all(_made_valid(shapes), grid_size=1e-6)


def _made_valid(shapes: Any) -> Any:
    """Polygons without the lines that they would fall apart into: overlays on a grid take no mixed shapes."""
    return shapely.make_valid(shapes, method="structure", keep_collapsed=False)
