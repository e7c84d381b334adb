"""Lines cut where they leave an area, so that they go on fitting each other: their vertices stay as they are."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

ON_RIM_DEGREES = 1e-7
"""An end this close to the rim was cut there: a centimetre."""

Shapes = NDArray[np.object_]
Points = NDArray[np.float64]


def clip_lines(lines: Shapes, area: shapely.Geometry) -> tuple[Shapes, Shapes]:
    """What of each line lies in an area, and which of its ends the cut has made.

    Parameters
    ----------
    lines
        LineString or MultiLineString, EPSG:4326.
    area
        Polygon or MultiPolygon, valid, EPSG:4326.

    Returns
    -------
    lines
        LineString or MultiLineString in the direction of the line; None where nothing of it lies inside. A line that
        does not reach the rim is the same object.
    ends
        MultiPoint of the ends that lie on the rim, those that lay there before too: a file may have been cut by its
        maker; None where there is none.

    Notes
    -----
    Lines are not joined or parted where they cross themselves, as `shapely.intersection` would: the turns of a spiral
    ramp do not meet. Lines that share a segment are cut in the same point, in whichever direction they run.
    """
    clipped, ends = lines.copy(), np.full(len(lines), None, dtype=object)
    shapely.prepare(area)
    rim = shapely.boundary(area)
    for at in np.flatnonzero(~shapely.contains_properly(area, lines)).tolist():
        parts = [part for line in shapely.get_parts(lines[at]) for part in _parts_inside(line, area)]
        clipped[at] = None if not parts else _as_one([shapely.LineString(part) for part in parts])
        ends[at] = _ends_on(parts, rim)
    return clipped, ends


def points_in(points: Any, area: shapely.Geometry) -> Any:
    """Those of a MultiPoint that lie in an area, as a MultiPoint; None for none, or for None."""
    if points is None:
        return None
    each = shapely.get_parts(points)
    return as_points(shapely.get_coordinates(each[shapely.covers(area, each)]))


def as_points(coordinates: Sequence[Any] | Points) -> Any:
    """A MultiPoint of distinct points in order; None for none."""
    each = sorted({(float(x), float(y)) for x, y in coordinates})
    return shapely.MultiPoint(each) if each else None


def joined_points(one: Any, other: Any) -> Any:
    """Two MultiPoints, or None, as one; None for none."""
    if one is None or other is None:
        return other if one is None else one
    return as_points(np.r_[shapely.get_coordinates(one), shapely.get_coordinates(other)])


def _as_one(parts: list[Any]) -> Any:
    return parts[0] if len(parts) == 1 else shapely.MultiLineString(parts)


def _parts_inside(line: Any, area: shapely.Geometry) -> list[list[tuple[float, float]]]:
    """Runs of vertices inside, the crossings of the rim at their ends."""
    vertices = [(float(x), float(y)) for x, y in shapely.get_coordinates(line)]
    pairs = list(pairwise(vertices))
    # The point where a segment crosses the rim must not depend on its direction.
    pieces = shapely.intersection(shapely.linestrings([sorted(pair) for pair in pairs]), area)
    runs: list[list[tuple[float, float]]] = []
    for (start, end), piece in zip(pairs, pieces, strict=True):
        for one, other in _spans(piece, start, end):
            if runs and runs[-1][-1] == one:
                runs[-1].append(other)
            else:
                runs.append([one, other])
    return runs


def _spans(piece: Any, start: tuple[float, float], end: tuple[float, float]) -> list[Any]:
    """Parts of a segment that lie inside, from its start to its end."""
    found = []
    for part in shapely.get_parts(piece):
        if part.geom_type == "LineString" and not part.is_empty:
            one, other = ((float(x), float(y)) for x, y in (part.coords[0], part.coords[-1]))
            found.append((one, other) if (one <= other) == (start <= end) else (other, one))
    return sorted(found, reverse=start > end)


def _ends_on(parts: list[list[tuple[float, float]]], rim: Any) -> Any:
    ends = [end for part in parts for end in (part[0], part[-1])]
    if not ends:
        return None
    near = shapely.distance(shapely.points(ends), rim) <= ON_RIM_DEGREES
    return as_points([end for end, cut in zip(ends, near.tolist(), strict=True) if cut])
