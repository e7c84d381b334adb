"""Surfaces of walking times to nested shapes: what is within 5 minutes lies in what is within 10, exactly."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final

import contourpy
import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.station.network.arrays import Reals

SIMPLER_METRES: Final = 4.0
"""How far apart vertices that make no difference are dropped: the side of the square that a corner cut off fills."""
SMALLEST_HOLE: Final = 1.0
"""In cells: a hole smaller than this is closed."""

# Borders pass between the centres of two cells at whole parts of the way, never nearer to a centre than two of them.
_PARTS: Final = 32
_NEAREST: Final = 2 / _PARTS
# Sides of a level, for contours: below is inside.
_BELOW: Final = -2.0


def bands(surface: Reals, limits_ms: Sequence[float], cell_ms: float, cell_metres: float) -> list[Any]:
    """What is reached within each limit, as multipolygons in which each lies in the next one.

    Parameters
    ----------
    surface
        Milliseconds to the centre of each cell, rows from south to north, inf where nothing leads. Not reached at the
        outermost cells.
    limits_ms
        Ascending; a cell that takes just as long is within.
    cell_ms
        How long the walk across a cell takes: only so far from a limit do times say where between two cells the border
        lies. Across a barrier, and where nothing leads on, it lies in the middle.
    cell_metres
        Side of a cell.

    Returns
    -------
    list
        Shapely MultiPolygons in cells: (0, 0) is the centre of the first cell, x counts columns.

    Notes
    -----
    The lower limit's border lies within the higher one's between any two cells, and the rings between the limits are
    simplified as one coverage.
    """
    shapes = [_contour(surface, limit, cell_ms) for limit in limits_ms]
    rings = np.array(shapes[:1] + [outer.difference(inner) for inner, outer in pairwise(shapes)], dtype=object)
    if not shapely.coverage_is_valid(rings):
        return shapes  # bands that differ by seconds: a corner of one may lie on the side of another
    simpler = shapely.coverage_simplify(rings, SIMPLER_METRES / cell_metres)
    return [_multi(shapely.coverage_union_all(simpler[: place + 1])) for place in range(len(rings))]


def _contour(surface: Reals, limit: float, cell_ms: float) -> Any:
    """What is within one limit, with its small holes closed."""
    level = np.clip((surface - limit) / cell_ms, -1.0, 1.0)
    level = np.where(level > 0.0, np.maximum(level, _NEAREST / 2), np.minimum(level, -_NEAREST / 2))
    contours: Any = contourpy.contour_generator(z=level, name="serial", fill_type=contourpy.FillType.OuterOffset)
    polygons, offsets = contours.filled(_BELOW, 0.0)
    found = [_polygon(_set(points), at) for points, at in zip(polygons, offsets, strict=True)]
    return shapely.MultiPolygon(found)


def _set(points: Reals) -> Reals:
    """Border points at whole parts of the way between two centres: shared ones stay shared, whatever is done to them.

    Notes
    -----
    Rounding keeps their order along the way, so that nested borders stay nested.
    """
    nearest, whole = np.round(points), np.floor(points)
    part = np.clip(np.round((points - whole) * _PARTS) / _PARTS, _NEAREST, 1 - _NEAREST)
    return np.where(np.abs(points - nearest) < _NEAREST / 4, nearest, whole + part)


def _polygon(points: Reals, offsets: NDArray[np.uint32]) -> Any:
    rings = [points[begin:end] for begin, end in pairwise(offsets.tolist())]
    return shapely.Polygon(rings[0], [hole for hole in rings[1:] if _area(hole) >= SMALLEST_HOLE])


def _area(ring: Reals) -> float:
    """Area inside a closed ring."""
    x, y = ring[:-1, 0] - ring[0, 0], ring[:-1, 1] - ring[0, 1]
    return abs(float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))) / 2


def _multi(shape: Any) -> Any:
    """The polygons of a shape as one multipolygon; of an empty one, an empty one."""
    parts = shapely.get_parts(shape)
    return shapely.MultiPolygon([part for part in parts if part.geom_type == "Polygon" and not part.is_empty])
