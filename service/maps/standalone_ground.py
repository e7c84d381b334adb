"""The ground of a stand-alone map: water, buildings, streets and names of compounds, as far as a file may hold them."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import orjson
import shapely
from numpy.typing import NDArray
from psycopg import Connection

from geodata.basemap import BaseShapes, Bounds, areas_of, base_shapes, lines_of
from geodata.crs import metres_per_degree
from service.maps.encoding import encoded_lines, mercator_units

MOST_BYTES: Final = 8_000_000
# Up to which width of the map, metres, to begin with which detail, metres (see `base_shapes`).
_DETAILS: Final = ((5_000.0, 1.0), (16_000.0, 1.6), (60_000.0, 4.0), (float("inf"), 16.0))

Shapes = NDArray[np.object_]


def standalone_ground(connection: Connection[Any], bounds: Bounds, origin: NDArray[np.int64]) -> Mapping[str, Any]:
    """What lies below the grids, in the finest detail that is below `MOST_BYTES`; empty where none is.

    Parameters
    ----------
    bounds
        West, south, east, north, degrees EPSG:4326.
    origin
        Where the lines of the file begin, shape (2,), in the units of `mercator_units`.
    """
    west, south, east, north = bounds
    per_lon, per_lat = metres_per_degree((south + north) / 2)
    width = max((east - west) * per_lon, (north - south) * per_lat)
    for upto, detail in _DETAILS:
        if width > upto:
            continue
        ground = ground_content(base_shapes(connection, bounds, detail), origin)
        if len(orjson.dumps(ground)) <= MOST_BYTES:
            return ground
    return {}


def ground_content(shapes: BaseShapes, origin: NDArray[np.int64]) -> dict[str, Any]:
    """The ground as the file has it: lines as short texts, each area a list of its rings."""
    water = areas_of(shapes.water)
    centres = [shapely.point_on_surface(one.geometry) for one in shapes.compounds]
    widths = [one.geometry.bounds[2] - one.geometry.bounds[0] for one in shapes.compounds]
    named = zip(shapes.compounds, centres, widths, strict=True)
    return {
        "water": _areas(water, origin),
        "rivers": _lines(lines_of(shapes.water), origin),
        "railways": _lines(lines_of(shapes.railways), origin),
        "buildings": _areas(shapes.buildings, origin),
        "streets": [
            {
                "name": street.name,
                "rank": street.rank,
                "lines": _lines(np.array([street.geometry], dtype=object), origin),
            }
            for street in shapes.streets
        ],
        "compounds": [
            [one.name, round(centre.x, 6), round(centre.y, 6), round(degrees, 6)]
            for one, centre, degrees in named
            if one.name
        ],
    }


def _lines(shapes: Shapes, origin: NDArray[np.int64]) -> list[str]:
    return _encoded(shapely.get_parts(shapes), origin)


def _areas(shapes: Shapes, origin: NDArray[np.int64]) -> list[list[str]]:
    parts = shapely.get_parts(shapes)
    rings, owner = shapely.get_rings(parts, return_index=True)
    found: list[list[str]] = [[] for _ in parts]
    for position, text in zip(owner.tolist(), _encoded(rings, origin), strict=True):
        found[position].append(text)
    return found


def _encoded(lines: Sequence[Any] | Shapes, origin: NDArray[np.int64]) -> list[str]:
    points, line = shapely.get_coordinates(lines, return_index=True)
    starts = np.searchsorted(line, np.arange(len(lines) + 1)).tolist()
    return encoded_lines(mercator_units(points), starts, origin)
