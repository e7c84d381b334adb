"""Where names stand on a printed map: inside their polygon, along their street, beside their point; never on another.

Everything is in millimetres on paper, y downward.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from service.maps.lettering import width_of

LINE_HEIGHT: Final = 1.16
_AROUND: Final = 0.12
_SIZES: Final = 9
# A name in one line is easier to read than a somewhat larger one in two.
_PREFERRED: Final = (1.0, 0.8, 0.3)
_MOST_STRETCHED: Final = 5.0
# How far a street may bend under its name, and how much of its length it may lose by that.
_CALM: Final = 0.8
_STRAIGHT: Final = 0.985
_STEPS_PER_NAME: Final = 3

Option = tuple[str, ...]
"""One way to write a name: its lines."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A name with its place: the middle of all its lines, the size of its letters, degrees clockwise, its ground."""

    lines: Option
    x: float
    y: float
    size: float
    turned: float = 0.0
    ground: Any = None


class Taken:
    """Ground on which something stands already."""

    def __init__(self, shapes: Iterable[Any] = ()) -> None:
        self._shapes: list[Any] = list(shapes)
        self._tree: shapely.STRtree | None = None

    def take(self, shapes: Iterable[Any]) -> None:
        """Keep other names off this ground, too."""
        self._shapes += shapes
        self._tree = None

    def free(self, shape: Any) -> bool:
        """Whether nothing stands on a shape."""
        return not len(self._found().query(shape, predicate="intersects"))

    def left_of(self, polygons: NDArray[np.object_]) -> NDArray[np.object_]:
        """What of each polygon is free."""
        left = polygons.copy()
        places, taken = self._found().query(polygons, predicate="intersects")
        for place in np.unique(places).tolist():
            on_it = [self._shapes[at] for at in taken[places == place].tolist()]
            left[place] = shapely.difference(polygons[place], on_it[0] if len(on_it) == 1 else shapely.union_all(on_it))
        return left

    def _found(self) -> shapely.STRtree:
        if self._tree is None:
            self._tree = shapely.STRtree(self._shapes)
        return self._tree


def names_inside(
    polygons: Any,
    names: Sequence[Sequence[Option]],
    *,
    most: float,
    least: float,
    taken: Taken,
    bold: bool = False,
    better_off: Any = (),
    keep: bool = True,
) -> list[Placed | None]:
    """A place for each polygon's name, or None where no way to write it fits inside what is free.

    Parameters
    ----------
    names
        For each polygon the ways to write its name, the best first; the last ones only stand in for the others.
    most, least
        Size of the letters.
    better_off
        Shapes that names rather keep off, if they can without being much smaller.
    keep
        The ground of the names that found a place is taken afterwards.
    """
    ground = _whole(taken.left_of(np.array(list(polygons), dtype=object)))
    best: list[Placed | None] = [None] * len(ground)
    if len(better_off):
        calm = _whole(Taken(better_off).left_of(ground))
        quiet = [[way] for way in (ways[0] if ways else () for ways in names)]
        best = _best(calm, quiet, most, max(least, most * _CALM), bold)
    left = [place for place, found in enumerate(best) if found is None]
    for place, found in zip(left, _best(ground[left], [names[at] for at in left], most, least, bold), strict=True):
        best[place] = found
    if keep:
        taken.take(found.ground for found in best if found is not None)
    return best


def _best(
    ground: NDArray[np.object_], names: Sequence[Sequence[Option]], most: float, least: float, bold: bool
) -> list[Placed | None]:
    """For each polygon the way to write its name that is read best, with its place."""
    best: list[Placed | None] = [None] * len(ground)
    worth = np.zeros(len(ground))
    for rank in range(max((len(ways) for ways in names), default=0)):
        asked = [place for place, ways in enumerate(names) if len(ways) > rank]
        weight = _PREFERRED[min(rank, len(_PREFERRED) - 1)]
        worth_asking = [place for place in asked if worth[place] < most * weight]
        options = [names[place][rank] for place in worth_asking]
        for place, found in zip(worth_asking, _fitting(ground[worth_asking], options, most, least, bold), strict=True):
            if found is not None and found.size * weight > worth[place]:
                best[place], worth[place] = found, found.size * weight
    return best


def _whole(polygons: NDArray[np.object_]) -> NDArray[np.object_]:
    """The largest part of each shape; a name stands in one piece of ground."""
    several = shapely.get_num_geometries(polygons) > 1
    for place in np.flatnonzero(several).tolist():
        polygons[place] = max(shapely.get_parts(polygons[place]), key=shapely.area)
    return polygons


def _fitting(
    polygons: NDArray[np.object_], options: Sequence[Option], most: float, least: float, bold: bool
) -> list[Placed | None]:
    """The largest letters with which each name fits into its polygon."""
    wide = np.array([max((width_of(line, 1.0, bold=bold) for line in lines), default=0.0) for lines in options])
    high = np.array([LINE_HEIGHT * len(lines) for lines in options])
    box = shapely.bounds(polygons).reshape(-1, 4)
    roomy = (shapely.area(polygons) >= wide * high * least**2) & (wide > 0)
    roomy &= (box[:, 2] - box[:, 0] >= wide * least) & (box[:, 3] - box[:, 1] >= high * least)
    asked = np.flatnonzero(roomy)
    found: list[Placed | None] = [None] * len(options)
    if not len(asked):
        return found
    centres = _roomiest(polygons[asked], wide[asked] / high[asked])
    shapely.prepare(polygons)
    for size in np.geomspace(most, least, _SIZES).tolist():
        boxes = _boxes(centres, wide[asked] * size, high[asked] * size, size * _AROUND)
        fits = shapely.covers(polygons[asked], boxes)
        for place, (x, y), ground in zip(asked[fits].tolist(), centres[fits].tolist(), boxes[fits], strict=True):
            found[place] = Placed(options[place], x, y, size, ground=ground)
        asked, centres = asked[~fits], centres[~fits]
    return found


def _roomiest(polygons: NDArray[np.object_], aspects: NDArray[np.float64]) -> NDArray[np.float64]:
    """The middle of about the largest box of an aspect in each polygon: of the largest circle, seen squeezed."""
    squeezed = np.clip(aspects, 1.0, _MOST_STRETCHED)
    owner = np.repeat(np.arange(len(polygons)), shapely.get_num_coordinates(polygons))
    points = shapely.get_coordinates(polygons)
    points[:, 0] /= squeezed[owner]
    narrow = shapely.set_coordinates(polygons.copy(), points)
    circles = shapely.maximum_inscribed_circle(narrow, np.maximum(np.sqrt(shapely.area(narrow)) * 0.02, 0.01))
    centres: NDArray[np.float64] = shapely.get_coordinates(shapely.get_point(circles, 0))
    centres[:, 0] *= squeezed
    return centres


def _boxes(
    centres: NDArray[np.float64], wide: NDArray[np.float64], high: NDArray[np.float64], around: float
) -> NDArray[np.object_]:
    x, y = centres[:, 0], centres[:, 1]
    across, up = wide / 2 + around, high / 2 + around
    return np.asarray(shapely.box(x - across, y - up, x + across, y + up))


def names_along(
    lines: Sequence[tuple[Any, str]], *, size: float, taken: Taken, apart: float, most: int
) -> list[Placed]:
    """A place along each line for its name, where it is straight and nothing stands; again where it goes on for long.

    Parameters
    ----------
    lines
        LineStrings or MultiLineStrings with their names, the most important first.
    apart
        Between two names of one line.
    most
        Names in all.
    """
    found: list[Placed] = []
    standing: dict[str, list[tuple[float, float]]] = {}
    for shape, name in lines:
        if len(found) >= most:
            break
        for line in sorted(shapely.get_parts(shape), key=shapely.length, reverse=True):
            for placed in _along(line, name, size, taken, apart, standing.setdefault(name, [])):
                found.append(placed)
                taken.take([placed.ground])
    return found[:most]


def _along(
    line: Any, name: str, size: float, taken: Taken, apart: float, standing: list[tuple[float, float]]
) -> Iterable[Placed]:
    wide = width_of(name, size)
    if not wide or line.length < wide * 1.15:
        return
    # From the middle outward: there a reader looks first.
    starts = np.arange(0.0, line.length - wide + 1e-9, max(wide / _STEPS_PER_NAME, 1.0))
    for start in sorted(starts.tolist(), key=lambda start: abs(start + wide / 2 - line.length / 2)):
        ends = shapely.get_coordinates(shapely.line_interpolate_point(line, [start, start + wide, start + wide / 2]))
        (x0, y0), (x1, y1), (xm, ym) = ends.tolist()
        chord = math.hypot(x1 - x0, y1 - y0)
        x, y = (x0 + x1 + 2 * xm) / 4, (y0 + y1 + 2 * ym) / 4
        if chord < wide * _STRAIGHT or any(math.hypot(x - a, y - b) < apart for a, b in standing):
            continue
        turned = math.degrees(math.atan2(y1 - y0, x1 - x0))
        turned = turned - 180 if turned > 90 else turned + 180 if turned <= -90 else turned
        across = (-math.sin(math.radians(turned)), math.cos(math.radians(turned)))
        for aside in (0.0, -size * 1.05, size * 1.05):
            at = (x + across[0] * aside, y + across[1] * aside)
            ground = _turned_box(*at, wide + size * 0.4, size * 1.1, turned)
            if taken.free(ground):
                standing.append(at)
                yield Placed((name,), *at, size, turned, ground)
                break


def _turned_box(x: float, y: float, wide: float, high: float, degrees: float) -> Any:
    angle = math.radians(degrees)
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * (wide / 2, high / 2)
    turn = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    return shapely.Polygon(corners @ turn + (x, y))


def names_beside(
    points: Sequence[tuple[float, float, str]], *, size: float, gap: float, taken: Taken, frame: Any, most: int
) -> list[tuple[int, Placed]]:
    """A place for each point's name beside it, on the right, the left, above or below; those without one are left out.

    Parameters
    ----------
    gap
        From the point to the letters.
    frame
        What names may not leave.

    Returns
    -------
    list
        Positions in ``points``, with their names' places.
    """
    found: list[tuple[int, Placed]] = []
    for position, (x, y, name) in enumerate(points):
        if len(found) >= most:
            break
        wide, high = width_of(name, size), size * 1.1
        sides = ((gap + wide / 2, 0.0), (-gap - wide / 2, 0.0), (0.0, -gap - high / 2), (0.0, gap + high / 2))
        for right, down in sides:
            ground = _turned_box(x + right, y + down, wide + size * 0.2, high, 0.0)
            if frame.covers(ground) and taken.free(ground):
                found.append((position, Placed((name,), x + right, y + down, size, ground=ground)))
                taken.take([ground])
                break
    return found
