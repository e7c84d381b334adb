"""What a draft changes on the ground, drawn for paper: before and after side by side, changed grids numbered."""

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from markupsafe import Markup
from numpy.typing import NDArray

from geodata.basemap import BaseShapes
from geodata.drafts.state import COMMUNITY, DraftState
from geodata.grid.borders import neighbour_pairs
from geodata.grid.colour import colours_of
from geodata.metres import metres_per_degree
from service.maps.lettering import clean
from service.maps.name_places import Taken, names_inside
from service.maps.palette import FILLS
from service.maps.paper_ground import DETAIL_MILLIMETRES, draw_ground, name_streets
from service.maps.sheet import INK, Sheet, numbered
from service.maps.wall_legend import AREA_LINES, GRID_LINE

WIDTH: Final = 88.0
SAME_FILL: Final = "#f6f4ee"
MARK_COLOUR: Final = "#b3261e"
NUMBER_COLOUR: Final = "#124aa3"
STATION_COLOUR: Final = "#124aa3"
MOVED_COLOUR: Final = "#b3261e"
_LEAST_HEIGHT, _MOST_HEIGHT = 62.0, 104.0
# Around what changes, as a part of its extent, and at least so many metres, a map shows its surroundings.
_AROUND: Final = 0.12
_AROUND_METRES: Final = 60.0
# A grid that is narrower on paper cannot be read: what lies apart is then drawn by itself.
_READABLE_MILLIMETRES: Final = 9.0
_APART_METRES: Final = 250.0
MOST_PLACES: Final = 3
_LARGEST_NUMBER, _LEAST_NUMBER = 3.0, 1.5
_HATCH_MILLIMETRES: Final = 1.1
_HAIRLINE_MILLIMETRES: Final = 0.06
# Where a letter stands if its place is taken: so many of its widths to the east and heights to the south.
_BESIDE: Final = ((1.0, 0.0), (-1.0, 0.0), (0.0, -1.0), (0.0, 1.0), (1.0, 1.0), (-1.0, 1.0), (1.0, -1.0), (-1.0, -1.0))

Bounds = tuple[float, float, float, float]
Ground = Callable[[Bounds, float], BaseShapes]
"""Gives what lies in a box (west, south, east, north) for so many metres that cannot be told apart."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """One place before and after, as SVG.

    Parameters
    ----------
    unnumbered
        Whether a changed grid is too small there to bear its number.
    """

    before: Markup
    after: Markup
    unnumbered: bool


@dataclass(frozen=True, slots=True)
class Marks:
    """What the maps say besides grids, EPSG:4326.

    Parameters
    ----------
    stations
        Longitudes and latitudes.
    findings
        Letter, longitude and latitude of each.
    """

    stations: Sequence[tuple[float, float]] = ()
    findings: Sequence[tuple[str, float, float]] = ()


def draw_places(
    before: DraftState, after: DraftState, numbers: Mapping[str, int], ground: Ground | None, marks: Marks
) -> tuple[list[Drawn], int]:
    """The maps of a draft, and how many places more are not drawn.

    Parameters
    ----------
    before, after
        The base and the draft.
    numbers
        Of each changed grid by key.
    ground
        What lies below the grids; None for nothing.
    """
    shapes = {key: _either(before, after, key) for key in numbers}
    places = _places(shapes, {key for key in numbers if _has_other_ground(before, after, key)})
    colours = _colours(before, after, list(numbers))
    drawn: list[Drawn] = []
    for keys in places[:MOST_PLACES]:
        map_ = _Map(_frame_of([shapes[key] for key in keys]), ground)
        left, right = (map_.side(state, numbers, colours) for state in (before, after))
        map_.moved(right, before, after, numbers)
        map_.finish(left, marks.stations, ())
        map_.finish(right, marks.stations, marks.findings)
        place = len(drawn)
        pictures = left.svg(f"before-{place}"), right.svg(f"after-{place}")
        drawn.append(Drawn(*pictures, left.unnumbered or right.unnumbered))
    return drawn, max(len(places) - MOST_PLACES, 0)


@dataclass(slots=True)
class _Side:
    """One of the two maps while it is drawn."""

    sheet: Sheet
    changed: list[tuple[str, Any]]
    areas: list[tuple[str, Any]]
    unnumbered: bool = False

    def svg(self, clip: str) -> Markup:
        sheet = self.sheet
        scale = f"1 : {round(sheet.metres_per_millimetre * 1000):,}"
        for part in (*sheet.scale_bar(size=2.2, ratio=scale), *sheet.north(size=2.4)):
            sheet.add(part)
        return Markup(
            '<svg xmlns="http://www.w3.org/2000/svg" width="{w}mm" height="{h}mm" viewBox="0 0 {w} {h}">{body}</svg>'
        ).format(w=sheet.width, h=sheet.height, body=sheet.group(furniture=False, clip=clip))


class _Map:
    """What both maps of a place have in common."""

    def __init__(self, frame: "_Frame", ground: Ground | None) -> None:
        self._frame = frame
        sheet = frame.sheet()
        self._bounds = sheet.frame_bounds
        detail = DETAIL_MILLIMETRES * sheet.metres_per_millimetre
        self._base = None if ground is None else ground(self._bounds, detail)
        self._numbers: dict[str, str] = {}

    def side(self, state: DraftState, numbers: Mapping[str, int], colours: Mapping[str, int]) -> _Side:
        """A map of a state with fills, ground and borders."""
        sheet = self._frame.sheet()
        keys = state.tiling.touching(shapely.box(*self._bounds))
        placed = sheet.tiling([state.shape(key) for key in keys])
        fills = np.array([FILLS[colours[key] % len(FILLS)] if key in numbers else SAME_FILL for key in keys])
        for fill in dict.fromkeys(fills.tolist()):
            sheet.filled(placed[fills == fill], fill)
        if self._base is not None:
            draw_ground(sheet, self._base)
        sheet.strokes(shapely.boundary(placed), GRID_LINE, 0.16)
        named = _areas(state, shapely.box(*self._bounds))
        outlines = sheet.on_paper(np.array([shape for _, shape in named], dtype=object))
        areas = list(zip((name for name, _ in named), shapely.simplify(outlines, 0.05), strict=True))
        changed = [(key, shape) for key, shape in zip(keys, placed, strict=True) if key in numbers]
        self._numbers |= {key: str(number) for key, number in numbers.items()}
        return _Side(sheet, changed, areas)

    def moved(self, side: _Side, before: DraftState, after: DraftState, numbers: Mapping[str, int]) -> None:
        """Hatch the ground that is in another grid than before."""
        found = []
        for key in numbers:
            if key in after.grids:
                now = after.shape(key)
                then = before.shape(key) if key in before.grids else None
                if then is None or not now.equals_exact(then):
                    found.append(now if then is None else shapely.difference(now, then))
        placed = side.sheet.on_paper(np.array(found, dtype=object)) if found else ()
        seen = [shape.buffer(-_HAIRLINE_MILLIMETRES).buffer(_HAIRLINE_MILLIMETRES) for shape in placed]
        side.sheet.strokes([_hatched(shape, side.sheet) for shape in seen if not shape.is_empty], MOVED_COLOUR, 0.18)

    def finish(
        self,
        side: _Side,
        stations: Sequence[tuple[float, float]],
        findings: Sequence[tuple[str, float, float]],
    ) -> None:
        """Draw what must be seen above all: borders of what changes and of communities, numbers, names."""
        sheet = side.sheet
        # Where grids are small, borders of the usual weight would cover them.
        across = [math.sqrt(shape.area) for _, shape in side.changed] or [_READABLE_MILLIMETRES]
        fine = min(1.0, max(0.25, float(np.median(across)) / _READABLE_MILLIMETRES))
        sheet.strokes([shapely.boundary(shape) for _, shape in side.changed], INK, 0.5 * fine, round_ends=True)
        colour, wide, _ = AREA_LINES[0]
        wide *= fine
        outlines = [shapely.boundary(shape) for _, shape in side.areas]
        sheet.strokes(outlines, "#ffffff", wide + 0.7 * fine, round_ends=True)
        sheet.strokes(outlines, colour, wide + 0.15 * fine, round_ends=True)
        sheet.dots(stations, radius=0.4 + 0.45 * fine, fill=STATION_COLOUR)
        taken = Taken([*self._furniture(sheet), *self._numbered(side)])
        _mark(sheet, findings, taken)
        names = [[(clean(name)[:24],)] for name, _ in side.areas]
        shapes = shapely.intersection(np.array([shape for _, shape in side.areas], dtype=object), sheet.frame)
        for found in names_inside(shapes, names, most=3.1, least=2.0, taken=taken, bold=True) if names else ():
            if found is not None:
                sheet.write(found, colour=colour, bold=True)
        if self._base is not None:
            name_streets(sheet, self._base, taken, 2.0)

    def _furniture(self, sheet: Sheet) -> list[Any]:
        wide, high = sheet.bar_size(2.2)
        bar = shapely.box(2.0, sheet.height - high - 4.0, wide + 4.0, sheet.height)
        return [bar, shapely.box(sheet.width - 11.0, 0.0, sheet.width, 13.0)]

    def _numbered(self, side: _Side) -> list[Any]:
        """Write numbers where they fit; the ground that they stand on."""
        found = []
        for key, shape in side.changed:
            seen = max(shapely.get_parts(shapely.intersection(shape, side.sheet.frame)), key=shapely.area, default=None)
            if seen is None or not seen.area:
                continue
            widest = shapely.maximum_inscribed_circle(seen)
            size = min(_LARGEST_NUMBER, shapely.length(widest) / 0.9)
            if size < _LEAST_NUMBER:
                side.unnumbered = True
                continue
            x, y = widest.coords[0]
            side.sheet.add(numbered(x, y, self._numbers[key], fill=NUMBER_COLOUR, size=size))
            found.append(shapely.box(x - size, y - size, x + size, y + size))
        return found


def _mark(sheet: Sheet, findings: Sequence[tuple[str, float, float]], taken: Taken) -> None:
    """Write the letters of findings at their places, or beside what stands there; those of one place together."""
    places: dict[tuple[float, float], str] = {}
    for letter, lon, lat in findings:
        x, y = sheet.at(lon, lat)
        if 0 <= x <= sheet.width and 0 <= y <= sheet.height:
            place = round(x, 1), round(y, 1)
            places[place] = places.get(place, "") + letter
    for (x, y), letters in places.items():
        wide, high = 1.0 + len(letters) * 0.8, 1.8
        steps = [(0.0, 0.0), *((right * wide * 2, down * high * 2) for right, down in _BESIDE)]
        boxes = [shapely.box(x + a - wide, y + b - high, x + a + wide, y + b + high) for a, b in steps]
        at = next((number for number, box in enumerate(boxes) if taken.free(box) and sheet.frame.covers(box)), 0)
        sheet.add(numbered(x + steps[at][0], y + steps[at][1], letters, fill=MARK_COLOUR, square=True, size=2.1))
        taken.take([boxes[at]])


def _hatched(shape: Any, sheet: Sheet) -> Any:
    """Lines across a shape on paper."""
    west, north, east, south = shapely.bounds(shapely.intersection(shape, sheet.frame)).tolist()
    if not west < east:
        return shapely.MultiLineString()
    high = south - north
    first = math.ceil((west - high) / _HATCH_MILLIMETRES) * _HATCH_MILLIMETRES
    starts = np.arange(first, east, _HATCH_MILLIMETRES)
    lines = [((x, south), (x + high, north)) for x in starts.tolist()]
    return shapely.intersection(shapely.MultiLineString(lines), shape)


def _areas(state: DraftState, box: Any) -> list[tuple[str, Any]]:
    """Communities whose ground meets a box."""
    return [
        (area.name, area.shape)
        for area in state.areas.values()
        if area.level == COMMUNITY and area.shape is not None and shapely.intersects(area.shape, box)
    ]


def _either(before: DraftState, after: DraftState, key: str) -> Any:
    """Ground of a grid before and after together."""
    shapes = [state.shape(key) for state in (before, after) if key in state.grids]
    return shapely.box(*shapely.total_bounds(shapes)) if len(shapes) > 1 else shapes[0]


@dataclass(frozen=True, slots=True)
class _Frame:
    """What must be seen, degrees, and how high the maps of it are, millimetres."""

    bounds: Bounds
    height: float

    def sheet(self) -> Sheet:
        """An empty sheet, at a scale that people can say."""
        return Sheet(self.bounds, WIDTH, self.height, margin=1.0, round_scale=True)


def _frame_of(shapes: Sequence[Any]) -> _Frame:
    """The frame in which shapes are seen with something around them."""
    west, south, east, north = shapely.total_bounds(list(shapes)).tolist()
    per_lon, per_lat = metres_per_degree((south + north) / 2)
    wide = max((east - west) * _AROUND, _AROUND_METRES / per_lon)
    high = max((north - south) * _AROUND, _AROUND_METRES / per_lat)
    bounds = (west - wide, south - high, east + wide, north + high)
    across, up = (bounds[2] - bounds[0]) * per_lon, (bounds[3] - bounds[1]) * per_lat
    height = min(max(WIDTH * up / across, _LEAST_HEIGHT), _MOST_HEIGHT)
    return _Frame(bounds, round(height, 1))


def _has_other_ground(before: DraftState, after: DraftState, key: str) -> bool:
    if key not in before.grids or key not in after.grids:
        return True
    return not before.shape(key).equals_exact(after.shape(key))


def _places(shapes: Mapping[str, Any], moved: Collection[str]) -> list[list[str]]:
    """Keys of what is drawn together; first the place with most whose ground is another, then that with most of all."""
    keys = list(shapes)
    if not keys:
        return []
    whole = _frame_of(list(shapes.values())).sheet()
    sizes = np.sqrt(shapely.area(whole.on_paper(np.array(list(shapes.values()), dtype=object))))
    if np.median(sizes) >= _READABLE_MILLIMETRES:
        return [keys]
    groups = _groups(list(shapes.values()))
    found = ([keys[at] for at in group] for group in groups)
    return sorted(found, key=lambda group: (-sum(key in moved for key in group), -len(group)))


def _groups(shapes: Sequence[Any]) -> list[list[int]]:
    """Positions of shapes that lie near each other, from one to the next."""
    degrees = _APART_METRES / min(metres_per_degree(float(shapely.get_coordinates(shapes[0])[0, 1])))
    tree = shapely.STRtree(list(shapes))
    left, found = set(range(len(shapes))), []
    while left:
        group, open_ = set[int](), {min(left)}
        while open_:
            at = open_.pop()
            group.add(at)
            near = tree.query(shapes[at], predicate="dwithin", distance=degrees).tolist()
            open_ |= set(near) - group
        left -= group
        found.append(sorted(group))
    return found


def _colours(before: DraftState, after: DraftState, keys: Sequence[str]) -> dict[str, int]:
    """A colour for each changed grid that no neighbour has, neither before nor after."""
    pairs = [_neighbours(state, keys) for state in (before, after)]
    both = np.unique(np.concatenate(pairs), axis=0) if keys else np.zeros((0, 2), dtype=np.int64)
    return dict(zip(keys, colours_of(both, len(keys)).tolist(), strict=True))


def _neighbours(state: DraftState, keys: Sequence[str]) -> NDArray[np.int64]:
    present = [place for place, key in enumerate(keys) if key in state.grids]
    shapes = np.array([state.shape(keys[place]) for place in present], dtype=object)
    pairs = neighbour_pairs(shapes) if len(shapes) else np.zeros((0, 2), dtype=np.int64)
    return np.array(present, dtype=np.int64)[pairs].reshape(-1, 2) if len(pairs) else pairs.reshape(-1, 2)
