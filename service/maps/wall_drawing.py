"""The map of a wall map: ground, grids in fills told apart, borders, stations, names, furniture in free corners."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.basemap import BaseShapes
from service.maps.ground import united
from service.maps.lettering import broken, clean, width_of
from service.maps.name_places import Option, Taken, names_inside
from service.maps.paper_ground import QUIET_INK, draw_ground, name_places, name_streets
from service.maps.sheet import PAPER, Sheet
from service.maps.tile_borders import border_lines
from service.maps.wall_facts import GridTold, WallMap
from service.maps.wall_legend import AREA_LINES, GRID_LINE
from service.maps.wall_panel import STATION, Row, drawn
from service.maps.wall_plan import Plan
from service.maps.wall_words import wall_words

_SAME_BORDER_MILLIMETRES: Final = 0.02
_FINEST_MILLIMETRES: Final = 0.07
# Of many small grids nobody sees more.
_FINE_ENOUGH_MILLIMETRES: Final = 0.12
_EDGE: Final = "#43307a"
_AREA_NAME: Final = "#3b1f6b"
_MOST_PLACED: Final = 3000
# Letters beside each other that a grid must have room for, to be named in larger ones.
_LETTERS_ACROSS: Final = 4.0
_LARGEST: Final = 1.5
_MOST_BUILT_UP: Final = 120
# Areas smaller than this, across, have lighter borders; what is around all of them does not get much lighter.
_ROOMY_AREA: Final = 12.0
_LEAST_HEAVY: Final = 0.55
_MOSTLY: Final = 0.7


def draw_map(wall: WallMap, plan: Plan, base: BaseShapes, legend: Sequence[Row] = ()) -> Sheet:
    """The sheet of the plan with everything on it.

    Parameters
    ----------
    legend
        Rows that stand on the map.
    """
    sheet, weight = plan.sheet, plan.letters.weight
    finest = _FINEST_MILLIMETRES if len(wall.grids) < _MOST_PLACED else _FINE_ENOUGH_MILLIMETRES
    placed = sheet.tiling([grid.shape for grid in wall.grids], finest)
    whole = shapely.make_valid(shapely.coverage_union_all(placed))
    _fills(sheet, wall, placed)
    draw_ground(sheet, base)
    _around(sheet, wall, whole, weight)
    parting = _parting(wall, placed)
    _borders(sheet, wall, placed, parting, weight)
    taken = Taken()
    _furniture(sheet, wall, plan, whole, taken, legend)
    marks = _stations(sheet, wall, plan)
    taken.take(marks)
    built = sheet.on_paper(base.buildings) if len(wall.grids) <= _MOST_BUILT_UP else ()
    # On plain colours letters need no white around them.
    busy = any(len(one) for one in (base.streets, base.buildings, base.green, base.water, base.railways))
    _names(sheet, wall, plan, placed, taken, built, busy)
    _neighbours(sheet, wall, plan, whole, taken)
    # The names of streets along the outer border stand beside it.
    taken.take([shapely.multilinestrings(parting.around).buffer(0.7 * weight)])
    name_streets(sheet, base, taken, plan.letters.body * 0.86)
    taken.take(line for lines in parting.areas for line in lines)
    name_places(sheet, base, taken, plan.letters.body * 0.86)
    return sheet


def _fills(sheet: Sheet, wall: WallMap, placed: NDArray[np.object_]) -> None:
    fills = np.array([grid.fill for grid in wall.grids])
    for fill in dict.fromkeys(fills.tolist()):
        sheet.filled(placed[fills == fill], fill, stroke=fill, weight=0.05)


def _around(sheet: Sheet, wall: WallMap, whole: Any, weight: float) -> None:
    """Make what lies outside paler, and show how neighbours are parted."""
    outside = shapely.difference(sheet.frame.buffer(2.0), whole)
    sheet.filled([outside], PAPER, opacity=0.5)
    beside = [shape for _, shape in wall.neighbours]
    if beside:
        lines = border_lines(sheet.tiling(beside), [np.arange(len(beside))], near=_SAME_BORDER_MILLIMETRES).shapes
        sheet.strokes(_merged(lines), "#9a94a8", 0.25 * weight, dash="2 1.2")


@dataclass(frozen=True, slots=True)
class _Parting:
    """Lines that part grids, those that part areas, depth by depth, and those around all."""

    grids: NDArray[np.object_]
    areas: Sequence[NDArray[np.object_]]
    around: NDArray[np.object_]


def _parting(wall: WallMap, placed: NDArray[np.object_]) -> _Parting:
    every = np.arange(len(placed))
    depths = [np.array(_groups(wall, depth), dtype=np.int64) for depth in range(len(wall.depths))]
    lines = border_lines(placed, [every, *depths, np.zeros_like(every)], near=_SAME_BORDER_MILLIMETRES)
    found = [lines.shapes[lines.groups == place] for place in range(len(depths) + 2)]
    # Those between grids are so thin that nobody sees where one of them ends.
    *areas, around = map(_merged, found[1:])
    return _Parting(found[0], areas, around)


def _merged(lines: NDArray[np.object_]) -> NDArray[np.object_]:
    """Lines as long as they go without branching."""
    return np.asarray(shapely.get_parts(shapely.line_merge(shapely.multilinestrings(lines))), dtype=object)


def _groups(wall: WallMap, depth: int) -> list[int]:
    """The area of each grid at a depth, as a position in `WallMap.areas`; -1 for none."""
    return [grid.areas[depth] if depth < len(grid.areas) else -1 for grid in wall.grids]


def _borders(sheet: Sheet, wall: WallMap, placed: NDArray[np.object_], parting: _Parting, weight: float) -> None:
    """Draw them, the highest last."""
    sheet.strokes(parting.grids, GRID_LINE, min(0.2 * weight, 0.05 + 0.025 * _across(shapely.area(placed))))
    heavy = weight
    for depth, lines in enumerate(parting.areas):
        colour, wide, dash = AREA_LINES[min(depth, len(AREA_LINES) - 1)]
        areas = np.unique(_groups(wall, depth), return_inverse=True)[1]
        heavy = weight * min(1.0, _across(np.bincount(areas, shapely.area(placed))) / (_ROOMY_AREA * weight))
        sheet.strokes(lines, "#ffffff", (wide + 0.35) * heavy, round_ends=True)
        sheet.strokes(lines, colour, wide * heavy, dash=dash, round_ends=not dash)
    colour = _EDGE if len(wall.depths) < 2 else AREA_LINES[1][0]
    sheet.strokes(parting.around, colour, 1.15 * max(heavy, _LEAST_HEAVY * weight), round_ends=True)


def _across(areas: NDArray[Any]) -> float:
    """How wide the middle one is of what has these areas: of a city, the streets of its centre, not its hills."""
    return math.sqrt(float(np.median(areas)))


def _furniture(sheet: Sheet, wall: WallMap, plan: Plan, whole: Any, taken: Taken, legend: Sequence[Row]) -> None:
    """Scale bar, north arrow and legend in the corners where least of what is shown lies."""
    size = plan.letters.body
    scale = wall_words(wall.lang)["scale"].format(scale=f"{round(sheet.metres_per_millimetre * 1000):,}")
    wide, high = sheet.bar_size(size)
    wide = max(wide, width_of(scale, size, bold=True) + size * 2.2)
    rim = size * 0.8
    bars = _corners(sheet, wide, high, rim)
    arrows = _corners(sheet, size * 2.6, size * 4.4, rim)
    bar = _freest(bars, (2, 3, 0, 1), whole)
    arrow = _freest(arrows, [at for at in (1, 0, 3, 2) if at != bar], whole)
    if legend:
        high = sum(row.height for row in legend)
        boxes = _corners(sheet, plan.panel.width + size * 2, high + size, rim)
        box = boxes[_freest(boxes, [at for at in (3, 0, 1, 2) if at not in (bar, arrow)], whole)]
        sheet.filled([box], PAPER, stroke=GRID_LINE, weight=0.12)
        west, north, _, _ = box.bounds
        sheet.add(drawn([legend], west + size, north - size * 0.3, plan.panel.width, 0.0, 1))
        taken.take([box])
    left, top, _, _ = bars[bar].bounds
    for part in sheet.scale_bar(left, top, size=size, ratio=scale):
        sheet.add(part)
    west, north, east, _ = arrows[arrow].bounds
    for part in sheet.north((west + east) / 2, north + size * 0.2, size=size * 1.1):
        sheet.add(part)
    taken.take([bars[bar], arrows[arrow]])


def _freest(boxes: Sequence[Any], order: Sequence[int], whole: Any) -> int:
    """Which of some boxes least of a shape lies in, the first of equals."""
    return min(order, key=lambda at: whole.intersection(boxes[at]).area / boxes[at].area)


def _corners(sheet: Sheet, wide: float, high: float, rim: float) -> list[Any]:
    """Boxes in the upper left, upper right, lower left and lower right corner."""
    lefts, tops = (rim, sheet.width - rim - wide), (rim, sheet.height - rim - high)
    return [shapely.box(left, top, left + wide, top + high) for top in tops for left in lefts]


def _stations(sheet: Sheet, wall: WallMap, plan: Plan) -> list[Any]:
    """Draw the stations, those of one place with all their numbers; the ground that they take."""
    size = plan.letters.body * 0.95
    if plan.told.stations == "none":
        radius = 0.5 * plan.letters.weight
        points = [(one.lon, one.lat) for one in wall.stations]
        sheet.dots(points, radius=radius, fill=STATION)
        placed = sheet.on_paper(shapely.points(np.array(points, dtype=np.float64).reshape(-1, 2)))
        return list(shapely.buffer(placed, radius))
    ground = []
    for x, y, numbers in _together(sheet, wall, size * 1.5):
        wide = max(size * 1.6, width_of(numbers, size, bold=True) + size * 0.6)
        lon, lat = sheet.degrees(x, y)
        sheet.number(lon, lat, numbers, fill=STATION, size=size)
        ground.append(shapely.box(x - wide / 2, y - size * 0.85, x + wide / 2, y + size * 0.85))
    return ground


def _together(sheet: Sheet, wall: WallMap, near: float) -> list[tuple[float, float, str]]:
    """Stations that would cover each other, as one mark with several numbers."""
    marks: list[tuple[float, float, list[int]]] = []
    for number, station in enumerate(wall.stations, 1):
        x, y = sheet.at(station.lon, station.lat)
        close = next((mark for mark in marks if abs(mark[0] - x) < near and abs(mark[1] - y) < near), None)
        if close is not None and len(close[2]) < 4:
            close[2].append(number)
        else:
            marks.append((x, y, [number]))
    return [(x, y, "·".join(map(str, numbers))) for x, y, numbers in marks]


def _names(
    sheet: Sheet, wall: WallMap, plan: Plan, placed: NDArray[np.object_], taken: Taken, built: Any, busy: bool
) -> None:
    """Names of areas, the highest first and largest, then those of grids."""
    letters = plan.letters
    for depth in reversed(range(len(wall.depths))):
        found_at, shapes = united(placed, _groups(wall, depth))
        known = [at >= 0 for at in found_at]
        ways = [_area_ways(wall.areas[at].name) for at in found_at if at >= 0]
        most = letters.body * (1.6 + 0.6 * depth)
        for found in names_inside(shapes[known], ways, most=most, least=letters.least_name, taken=taken, bold=True):
            if found is not None:
                sheet.write(found, colour=_AREA_NAME, bold=True)
    _grid_names(sheet, wall, plan, placed, taken, built, busy)


def _grid_names(
    sheet: Sheet, wall: WallMap, plan: Plan, placed: NDArray[np.object_], taken: Taken, built: Any, busy: bool
) -> None:
    """On one map grids have names or numbers: where few names fit, numbers are found sooner."""
    order = np.argsort(-shapely.area(placed))[:_MOST_PLACED]
    told = [wall.grids[place] for place in order.tolist()]
    numbers = [clean(grid.number) for grid in told]
    named = [clean(grid.name) != number for grid, number in zip(told, numbers, strict=True)]
    least = plan.letters.least_name
    # Where grids are roomy their names are large.
    roomy = _across(shapely.area(placed)) / (plan.letters.body * _LETTERS_ACROSS)
    most = plan.letters.body * min(max(roomy, 1.0), _LARGEST)
    ways = [_grid_ways(grid) for grid in told]
    names = names_inside(placed[order], ways, most=most, least=least, taken=taken, better_off=built, keep=False)
    fitting = sum(one is not None and one.lines != (number,) for one, number in zip(names, numbers, strict=True))
    if fitting < sum(named) * _MOSTLY:
        most = min(most, plan.letters.body)
        names = names_inside(
            placed[order], [[(one,)] for one in numbers], most=most, least=least, taken=taken, keep=False
        )
    taken.take(one.ground for one in names if one is not None)
    for one in names:
        if one is not None:
            sheet.write(one, halo=busy)


def _area_ways(name: str) -> list[Option]:
    told = clean(name)[:24]
    two = broken(told)
    return [(told,), two] if two else [(told,)]


def _grid_ways(grid: GridTold) -> list[Option]:
    """Its name in a line, in two, its number."""
    name, number = clean(grid.name), clean(grid.number)
    ways: list[Option] = []
    if name and name != number and len(name) <= 24:
        two = broken(name)
        ways = [(name,), two if two else (name,)]
    return [*ways, (number,)] if number else ways


def _neighbours(sheet: Sheet, wall: WallMap, plan: Plan, whole: Any, taken: Taken) -> None:
    """Name what lies beside, in quiet letters."""
    if not wall.neighbours:
        return
    outside = shapely.difference(sheet.frame.buffer(-1.0), whole.buffer(0.8))
    shapes = sheet.on_paper(np.array([shape for _, shape in wall.neighbours], dtype=object))
    shown = shapely.intersection(shapely.make_valid(shapes), outside)
    ways: Sequence[Sequence[Option]] = [[(clean(name)[:20],)] for name, _ in wall.neighbours]
    size = plan.letters.body
    for found in names_inside(shown, ways, most=size * 1.2, least=size * 0.85, taken=taken):
        if found is not None:
            sheet.write(found, colour=QUIET_INK)
