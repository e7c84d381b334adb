"""Streets drawn as text, so that a reader of a test sees the way that it is about.

::

    A--+--+      + or a letter: a point; where streets lead to it, they meet there
       |  |      - | / \\   streets       = :  the same as stairs, across and up
    ~~~|~~~~     ~  water, a line         #  a wall; both go on under a street: a bridge, a gate
       B         ≈  water, an area        *  an end made by clipping

A character is ``step`` metres wide and high. Lines end at a +; at a letter where just two streets meet they go on as
one line. A street that has no point at its end ends there; a street drawn across another does not meet it. A letter
that no street leads to is a place beside them.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.crs import metres_per_degree
from geodata.station.network.arrays import Barrier, Line, Network
from geodata.station.network.build import build_network

ORIGIN = (117.0, 36.65)
_RUNS = {(0, 1): "-=", (1, 0): "|:", (1, 1): "\\", (1, -1): "/"}
_STREETS = "".join(_RUNS.values())
_LINES = {"~": "water", "#": "wall"}
_AREA = "≈"
_CUT = "*"


@dataclass
class Drawing:
    """What was drawn: lines and barriers as they are loaded, and the places of the letters."""

    lines: list[Line]
    barriers: list[Barrier]
    points: dict[str, tuple[float, float]]
    step: float

    @cached_property
    def network(self) -> Network:
        """The network of the lines."""
        return build_network(self.lines, self.barriers)

    def where(self, letters: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Longitudes and latitudes of letters."""
        lons, lats = np.array([self.points[letter] for letter in letters], np.float64).reshape(-1, 2).T
        return np.ascontiguousarray(lons), np.ascontiguousarray(lats)


def place(column: float, row: float, step: float = 100.0) -> tuple[float, float]:
    """Longitude and latitude of a character, counted from the upper left from 0."""
    per_lon, per_lat = metres_per_degree(ORIGIN[1])
    return ORIGIN[0] + column * step / per_lon, ORIGIN[1] - row * step / per_lat


def drawn(picture: str, step: float = 100.0) -> Drawing:
    """Streets, barriers and places of a picture, north at the top."""
    rows = [row.rstrip() for row in picture.strip("\n").splitlines()]
    indent = min(len(row) - len(row.lstrip()) for row in rows if row)
    marks = {(y, x - indent): mark for y, row in enumerate(rows) for x, mark in enumerate(row) if mark != " "}
    cut = [place(x, y, step) for (y, x), mark in marks.items() if mark == _CUT]
    streets: dict[str, list[shapely.Geometry]] = {"yes": [], "steps": []}
    for begin, end, stairs in _streets(marks):
        ends = [place(x, y, step) for y, x in (begin, end)]
        streets["steps" if stairs else "yes"].append(shapely.LineString(ends))
    lines = [
        Line(line, foot=foot, cut=shapely.MultiPoint(cut) if cut else None)
        for foot, drawn_ones in streets.items()
        for line in _merged(drawn_ones, {place(x, y, step) for (y, x), mark in marks.items() if mark == "+"})
    ]
    points = {mark: place(x, y, step) for (y, x), mark in marks.items() if mark.isalnum()}
    return Drawing(lines, _barriers(marks, step), points, step)


_Cell = tuple[int, int]
_Marks = dict[_Cell, str]


def _is_point(mark: str) -> bool:
    return mark in ("+", _CUT) or mark.isalnum()


def _merged(streets: list[shapely.Geometry], ends: set[tuple[float, float]]) -> list[shapely.Geometry]:
    """Streets that go on as each other, as one line; never across a point of ``ends``."""
    found = []
    for line in shapely.get_parts(shapely.line_merge(shapely.MultiLineString(streets))):
        begun: list[tuple[float, float]] = []
        for vertex in [(lon, lat) for lon, lat in shapely.get_coordinates(line).tolist()]:
            begun.append(vertex)
            if vertex in ends and len(begun) > 1:
                found.append(shapely.LineString(begun))
                begun = [vertex]
        if len(begun) > 1:
            found.append(shapely.LineString(begun))
    return found


def _streets(marks: _Marks) -> list[tuple[_Cell, _Cell, bool]]:
    """Begin, end and whether it is stairs, of each street between two points."""
    found = []
    for way, run in _RUNS.items():
        for begin, mark in marks.items():
            before = marks.get((begin[0] - way[0], begin[1] - way[1]), "")
            free_end = mark in run and not (before and (before in run or _is_point(before) or before in _STREETS))
            if not (_is_point(mark) or free_end):
                continue
            at, end, stairs = begin, begin, mark in "=:"
            while True:
                at = (at[0] + way[0], at[1] + way[1])
                mark = marks.get(at, " ")
                beyond = marks.get((at[0] + way[0], at[1] + way[1]), " ")
                if mark in run:
                    end, stairs = at, stairs or mark in "=:"
                elif mark in _STREETS and end != begin and beyond in run:
                    continue  # over or under another street
                else:
                    break
            if _is_point(mark) and end != begin:
                end = at
            if end != begin:
                found.append((begin, end, stairs))
    return found


def _barriers(marks: _Marks, step: float) -> list[Barrier]:
    barriers = []
    for mark, kind in _LINES.items():
        cells = {cell for cell, found in marks.items() if found == mark}
        for y, x in sorted(cells):
            for down, right in ((0, 1), (1, 0)):
                following, beyond = (y + down, x + right), (y + 2 * down, x + 2 * right)
                if following not in cells and not (marks.get(following, " ") in _STREETS and beyond in cells):
                    continue
                end = following if following in cells else beyond
                line = shapely.LineString([place(x, y, step), place(end[1], end[0], step)])
                barriers.append(Barrier(line, kind))
    wet = {cell for cell, mark in marks.items() if mark == _AREA}
    for (y, x), mark in marks.items():
        beside = ({(y, x - 1), (y, x + 1)}, {(y - 1, x), (y + 1, x)})
        if mark in _STREETS and any(pair <= wet for pair in beside):
            wet = wet | {(y, x)}
    squares = [
        shapely.Polygon([place(x + a, y + b, step) for a, b in ((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5))])
        for y, x in sorted(wet)
    ]
    if squares:
        barriers.append(Barrier(shapely.union_all(squares), "water"))
    return barriers
