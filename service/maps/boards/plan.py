"""The plan on a board: its grids on the base map, the neighbours pale around them, stations numbered, the place."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
import shapely
from markupsafe import Markup

from geodata.basemap import BaseShapes
from geodata.grid.colour import colour_indices
from geodata.moment import Moment
from geodata.records import GridVersion
from service.maps.boards.facts import Board
from service.maps.boards.ground import Subject
from service.maps.boards.sections import short_name
from service.maps.boards.tables import ACCENT, MUTED
from service.maps.boards.words import board_words
from service.maps.lettering import broken, clean, width_of
from service.maps.name_places import Option, Taken, names_inside
from service.maps.palette import FILLS
from service.maps.paper_ground import draw_ground, name_ground
from service.maps.sheet import Sheet, numbered, written

SUBJECT_FILL: Final = "#ffdf8a"
HERE_COLOUR: Final = "#c62828"
_AROUND: Final = 0.1
_AROUND_IT: Final = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1))

_PLATE: Final = Markup(
    '<rect x="{:.2f}" y="{:.2f}" width="{:.2f}" height="{:.2f}" rx="0.5" fill="#fff" fill-opacity="0.85"/>'
)

Bounds = tuple[float, float, float, float]


def plan_bounds(board: Board, subject: Subject) -> Bounds:
    """West, south, east and north of what the plan must show, EPSG:4326: the subject, and where the board hangs."""
    shapes = [subject.outline, *([shapely.Point(board.here)] if board.here is not None else [])]
    west, south, east, north = shapely.total_bounds(shapes).tolist()
    wide, high = (east - west) * _AROUND, (north - south) * _AROUND
    least = 0.0002
    return west - max(wide, least), south - max(high, least), east + max(wide, least), north + max(high, least)


def plan_sheet(board: Board, subject: Subject, width: float, height: float) -> Sheet:
    """An empty frame of so many millimetres in the scale of the plan."""
    return Sheet(plan_bounds(board, subject), width, height, margin=min(width, height) * 0.02)


def draw_plan(
    sheet: Sheet, board: Board, subject: Subject, moment: Moment, base: BaseShapes | None, *, size: float
) -> str:
    """The plan as an SVG document.

    Parameters
    ----------
    base
        What lies below; None where that is not known.
    size
        Of the letters of names, millimetres.
    """
    around = _grids_around(moment, subject, sheet.frame_bounds)
    own = {grid.code for grid in subject.grids}
    fine = size / 3.0
    others = [grid for grid in around if grid.code not in own]
    sheet.areas([moment.geometry(grid) for grid in others], ["#f3f1ea"] * len(others), stroke="#f3f1ea", weight=0.1)
    _fill_subject(sheet, subject, moment)
    if base is not None:
        draw_ground(sheet, base)
    border = "#8f8878"
    sheet.outlines([moment.geometry(grid) for grid in others], stroke=border, weight=0.2 * fine)
    shapes = [moment.geometry(grid) for grid in subject.grids]
    if subject.kind == "grid":
        sheet.outlines(shapes, stroke="#ffffff", weight=1.7 * fine)
        sheet.outlines(shapes, stroke=HERE_COLOUR, weight=0.9 * fine)
    else:
        sheet.outlines(shapes, stroke="#5f5a4e", weight=0.35 * fine)
        if subject.outline is not None:
            sheet.outlines([subject.outline], stroke="#ffffff", weight=1.9 * fine)
            sheet.outlines([subject.outline], stroke=HERE_COLOUR, weight=1.0 * fine)
    _letters(sheet, board, subject, moment, others, base, size)
    return str(
        Markup(
            '<svg xmlns="http://www.w3.org/2000/svg" width="{w}mm" height="{h}mm" viewBox="0 0 {w} {h}">{body}</svg>'
        ).format(w=sheet.width, h=sheet.height, body=sheet.group(furniture=False))
    )


def _grids_around(moment: Moment, subject: Subject, bounds: Bounds) -> list[GridVersion]:
    tree, grids = _tree(moment, subject.layer)
    return [grids[place] for place in sorted(tree.query(shapely.box(*bounds)).tolist())]


def _tree(moment: Moment, layer: str) -> tuple[shapely.STRtree, Sequence[GridVersion]]:
    name = f"board plans of {layer}"
    if name not in moment.worked_out:
        grids = moment.grids(layer)
        moment.worked_out[name] = shapely.STRtree([moment.geometry(grid) for grid in grids]), grids
    found: tuple[shapely.STRtree, Sequence[GridVersion]] = moment.worked_out[name]
    return found


def _fill_subject(sheet: Sheet, subject: Subject, moment: Moment) -> None:
    shapes = [moment.geometry(grid) for grid in subject.grids]
    if subject.kind == "grid":
        sheet.areas(shapes, [SUBJECT_FILL] * len(shapes), stroke=SUBJECT_FILL, weight=0.05)
    elif subject.kind == "compound":
        sheet.areas(shapes, ["#fbeecb"] * len(shapes), stroke="#fbeecb", weight=0.05)
        if subject.outline is not None:
            sheet.areas([subject.outline], [SUBJECT_FILL], stroke=SUBJECT_FILL, weight=0.05)
    elif shapes:
        colours = colour_indices(np.array(shapes, dtype=object))
        sheet.areas(shapes, [FILLS[int(one) % len(FILLS)] for one in colours], stroke="#ffffff", weight=0.05)


def _letters(
    sheet: Sheet,
    board: Board,
    subject: Subject,
    moment: Moment,
    others: Sequence[GridVersion],
    base: BaseShapes | None,
    size: float,
) -> None:
    """Names, station numbers, the pin, scale and north: none on another."""
    words = board_words(board.lang)
    marks = [
        (place, sheet.at(one.lon, one.lat))
        for place, one in enumerate(board.stations, 1)
        if one.lon is not None and one.lat is not None
    ]
    seen = _apart([(place, at) for place, at in marks if 0 < at[0] < sheet.width and 0 < at[1] < sheet.height], size)
    ground, furniture = _furnish(sheet, [at for _, _, at in seen], size, words, board.kind)
    taken = Taken([*ground, *(shapely.box(x - size, y - size, x + size, y + size) for _, _, (x, y) in seen)])
    if board.here is not None:
        x, y = sheet.at(*board.here)
        wide = width_of(words["here"], size * 1.25, bold=True) + size
        taken.take([shapely.box(x - wide / 2, y - size * 5, x + wide / 2, y + size)])
    frame = shapely.box(size * 0.4, size * 0.4, sheet.width - size * 0.4, sheet.height - size * 0.4)
    own = [shapely.intersection(sheet.on_paper(moment.geometry(grid)), frame) for grid in subject.grids]
    names = [_ways(short_name(board, grid.name)) for grid in subject.grids]
    if subject.kind == "compound" and subject.outline is not None:
        own, names = [shapely.intersection(sheet.on_paper(subject.outline), frame)], [_ways(subject.name)]
    large = size * (1.5 if len(own) < 3 else 1.15)
    for placed in names_inside(own, names, most=large, least=size * 0.55, taken=taken, bold=True):
        if placed is not None:
            sheet.write(placed, bold=True)
    _other_names(sheet, board, moment, others, frame, taken, size)
    if base is not None:
        others_named = [one for one in base.compounds if one.name != subject.name]
        name_ground(sheet, replace(base, compounds=others_named), taken, size * 0.8)
    # A number that stands beside its place leads there below the number of another station at that place.
    for _, (x, y), (left, top) in seen:
        if (x, y) != (left, top):
            sheet.strokes([shapely.LineString([(x, y), (left, top)])], ACCENT, size * 0.12)
            sheet.mark(x, y, radius=size * 0.25, fill=ACCENT)
    for place, _, (left, top) in seen:
        sheet.add(numbered(left, top, str(place), fill=ACCENT, square=True, size=size * 0.95))
    sheet.add(furniture)
    if board.here is not None:
        sheet.here(*board.here, words["here"], size=size * 1.25, fill=HERE_COLOUR)


def _apart(
    marks: Sequence[tuple[int, tuple[float, float]]], size: float
) -> list[tuple[int, tuple[float, float], tuple[float, float]]]:
    """Where each numbered mark stands: at its place, or beside it where another one is."""
    room = 1.75 * size
    found: list[tuple[int, tuple[float, float], tuple[float, float]]] = []
    for number, (x, y) in marks:
        ways = [(0.0, 0.0), *((east * far, north * far) for far in (room, 2 * room) for east, north in _AROUND_IT)]
        free = (
            (x + east, y + north)
            for east, north in ways
            if all(max(abs(x + east - a), abs(y + north - b)) >= room for _, _, (a, b) in found)
        )
        found.append((number, (x, y), next(free, (x, y))))
    return found


def _ways(name: str) -> list[Option]:
    name = clean(name)
    two = broken(name)
    return [(name,), *([two] if two is not None else [])]


def _other_names(
    sheet: Sheet,
    board: Board,
    moment: Moment,
    others: Sequence[GridVersion],
    frame: Any,
    taken: Taken,
    size: float,
) -> None:
    polygons, names = [], []
    for grid in others:
        shape = shapely.intersection(sheet.on_paper(moment.geometry(grid)), frame)
        if shapely.area(shape) > 4 * size * size:
            polygons.append(shape)
            names.append(_ways(short_name(board, grid.name)))
    for placed in names_inside(polygons, names, most=size * 0.85, least=size * 0.6, taken=taken):
        if placed is not None:
            sheet.write(placed, colour=MUTED)


def _legend(words: Mapping[str, str], kind: str, stations: bool, size: float) -> tuple[float, float, Markup]:
    """What red line and squares mean: width, height, and how it is drawn."""
    letters = size * 0.85
    rows = [words[f"own_{kind}"], *([words["legend_station"]] if stations else [])]
    wide = max(width_of(row, letters) for row in rows) + letters * 3.4
    high = letters * (1.5 * len(rows) + 0.7)
    plate = Markup('<rect width="{:.2f}" height="{:.2f}" rx="0.5" fill="#fff" fill-opacity="0.88"/>')
    swatch = Markup(
        '<rect x="{:.2f}" y="{:.2f}" width="{:.2f}" height="{:.2f}" fill="{}" stroke="{}" stroke-width="{:.2f}"/>'
    )
    parts = [plate.format(wide, high)]
    for place, row in enumerate(rows):
        y = letters * (1.5 * place + 1.4)
        fill, line = (SUBJECT_FILL, HERE_COLOUR) if place == 0 else (ACCENT, ACCENT)
        across = letters * (1.5 if place == 0 else 0.95)
        parts.append(
            swatch.format(letters * 0.6, y - letters * 0.82, across, letters * 0.95, fill, line, letters * 0.16)
        )
        parts.append(written(letters * 2.6, y, row, size=letters, anchor="start"))
    return wide, high, Markup("").join(parts)


def _furnish(
    sheet: Sheet, marks: Sequence[tuple[float, float]], size: float, words: Mapping[str, str], kind: str
) -> tuple[list[Any], Markup]:
    """Scale bar, north arrow, legend in corners in which they hide no station: their ground, and how they are drawn."""
    letters = size * 0.85
    edge = 0.8 * size
    ground: list[Any] = []

    def corner(wide: float, high: float, corners: str) -> tuple[float, float] | None:
        """The upper left corner of what goes into the best of some corners, in their order; None where none is left."""
        places = {
            "sw": (edge, sheet.height - high - edge),
            "se": (sheet.width - wide - edge, sheet.height - high - edge),
            "nw": (edge, edge),
            "ne": (sheet.width - wide - edge, edge),
        }
        boxes = {name: shapely.box(x, y, x + wide, y + high) for name, (x, y) in places.items()}
        free = [name for name in corners.split() if not any(boxes[name].intersects(one) for one in ground)]
        if not free:
            return None
        chosen = min(free, key=lambda name: _hidden(places[name], wide, high, marks))
        ground.append(boxes[chosen])
        return places[chosen]

    drawn: list[Markup] = []
    if (at := corner(*sheet.bar_size(letters), "sw se nw")) is not None:
        drawn += sheet.scale_bar(*at, size=letters)
    side = 3.2 * letters, 4.2 * letters
    if (at := corner(*side, "ne nw se")) is not None:
        drawn.append(_PLATE.format(*at, *side))
        drawn += sheet.north(at[0] + side[0] / 2, at[1] + 0.3 * letters, size=letters)
    wide, high, legend = _legend(words, kind, bool(marks), size)
    if wide < sheet.width * 0.6 and (at := corner(wide, high, "se nw ne sw")) is not None:
        drawn.append(Markup('<g transform="translate({:.2f} {:.2f})">{}</g>').format(*at, legend))
    return ground, Markup("").join(drawn)


def _hidden(at: tuple[float, float], wide: float, high: float, marks: Sequence[tuple[float, float]]) -> int:
    """How many stations would be under it."""
    return sum(at[0] - 2 < x < at[0] + wide + 2 and at[1] - 2 < y < at[1] + high + 2 for x, y in marks)
