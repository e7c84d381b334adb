"""The ground below the grids on paper, drawn by scale: water, rails, walls, streets, buildings, compounds, places."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import shapely

from geodata.basemap import BaseShapes, BaseStreet, areas_of, lines_of
from service.maps.lettering import clean
from service.maps.name_places import Taken, names_along, names_beside, names_inside
from service.maps.sheet import Sheet

DETAIL_MILLIMETRES: Final = 0.1
"""What cannot be told apart on paper: `geodata.basemap.base_shapes` asks for as many metres as that is."""

WATER: Final = "#a9cfe4"
GREEN: Final = "#7fa65a"
GREEN_SHOWN: Final = 0.38
WATER_INK: Final = "#1f5f8b"
STREET_CASE: Final = "#8d8578"
STREET: Final = "#ffffff"
BUILDING: Final = "#4a3f35"
QUIET_INK: Final = "#4d4740"
_RAIL: Final = "#4a4a4a"
_WALL: Final = "#8b7d6b"
# By rank: metres that a street is wide, and the least and most millimetres that it is drawn.
_WIDTHS: Final = {1: (32.0, 0.55, 2.0), 2: (20.0, 0.4, 1.4), 3: (10.0, 0.22, 0.9), 4: (4.0, 0.1, 0.4)}
# Narrower, a street is one line.
_CASED: Final = 0.32
_MOST_NAMES_PER_MM2: Final = 1 / 2600
_MOST_PLACES_PER_MM2: Final = 1 / 2200


def draw_ground(sheet: Sheet, base: BaseShapes) -> None:
    """Draw everything below the grids but names: what is flat first, main streets last."""
    if len(base.green):
        sheet.filled(sheet.on_paper(base.green), GREEN, opacity=GREEN_SHOWN)
    _water(sheet, base)
    if len(base.buildings):
        placed = sheet.on_paper(base.buildings)
        sheet.filled(placed, BUILDING, stroke=BUILDING, weight=0.08, opacity=0.26)
    if len(base.walls):
        sheet.strokes(_edges(sheet.on_paper(base.walls)), _WALL, 0.15, dash="0.8 0.5")
    _streets(sheet, base.streets)
    if len(base.railways):
        rails = _edges(sheet.on_paper(base.railways))
        sheet.strokes(rails, _RAIL, 0.6)
        sheet.strokes(rails, "#ffffff", 0.36, dash="1.6 1.6")


def _water(sheet: Sheet, base: BaseShapes) -> None:
    placed = sheet.on_paper(base.water)
    areas, rivers = areas_of(placed), lines_of(placed)
    if len(areas):
        sheet.filled(areas, WATER, stroke="#7fb2cf", weight=0.12)
    if len(rivers):
        sheet.strokes(rivers, WATER, _width(sheet, 2), round_ends=True)


def _edges(placed: Any) -> list[Any]:
    """Lines as they are, areas by their outline."""
    return [shape.boundary if shape.geom_type.endswith("Polygon") else shape for shape in placed]


def _width(sheet: Sheet, rank: int) -> float:
    metres, least, most = _WIDTHS[rank]
    return min(max(metres / sheet.metres_per_millimetre, least), most)


def _streets(sheet: Sheet, streets: Sequence[BaseStreet]) -> None:
    """Draw all edges below all surfaces, so that crossings are open."""
    by_rank = {
        rank: sheet.on_paper(np.array([street.geometry for street in streets if street.rank == rank], dtype=object))
        for rank in sorted({street.rank for street in streets}, reverse=True)
    }
    cased = {rank: lines for rank, lines in by_rank.items() if rank < 4 and _width(sheet, rank) >= _CASED}
    for rank, lines in by_rank.items():
        if rank not in cased:
            sheet.strokes(lines, STREET_CASE, _width(sheet, rank) * 0.7, dash="0.9 0.5" if rank == 4 else "")
    for rank, lines in cased.items():
        sheet.strokes(lines, STREET_CASE, _width(sheet, rank) + 0.2, round_ends=True)
    for rank, lines in cased.items():
        sheet.strokes(lines, STREET, _width(sheet, rank), round_ends=True)


def name_ground(sheet: Sheet, base: BaseShapes, taken: Taken, size: float) -> None:
    """Write the names of streets, compounds and places where nothing else stands; parameters as `name_streets`."""
    name_streets(sheet, base, taken, size)
    name_places(sheet, base, taken, size)


def name_streets(sheet: Sheet, base: BaseShapes, taken: Taken, size: float) -> None:
    """Write the names of streets along them, where nothing else stands.

    Parameters
    ----------
    taken
        What stands already; these names are added.
    size
        Of the letters, millimetres.
    """
    paper = sheet.width * sheet.height
    streets = sorted((street for street in base.streets if street.name and street.rank < 4), key=_importance)
    placed = shapely.clip_by_rect(
        sheet.on_paper(np.array([street.geometry for street in streets], dtype=object)),
        1.0, 1.0, sheet.width - 1.0, sheet.height - 1.0,
    )  # fmt: skip
    lines = [(line, clean(street.name)) for line, street in zip(placed, streets, strict=True) if not line.is_empty]
    apart = max(sheet.width, sheet.height) / 2.5
    for name in names_along(lines, size=size, taken=taken, apart=apart, most=int(paper * _MOST_NAMES_PER_MM2) + 4):
        sheet.write(name, colour=QUIET_INK)


def name_places(sheet: Sheet, base: BaseShapes, taken: Taken, size: float) -> None:
    """Write the names of compounds inside them, and those of places beside them; parameters as `name_streets`."""
    _name_compounds(sheet, base, taken, size)
    _name_points(sheet, base, taken, size * 0.92)


def _importance(street: BaseStreet) -> tuple[int, float]:
    return street.rank, -float(shapely.length(street.geometry))


def _name_compounds(sheet: Sheet, base: BaseShapes, taken: Taken, size: float) -> None:
    named = [one for one in base.compounds if one.name]
    if named:
        placed = shapely.intersection(
            sheet.on_paper(np.array([one.geometry for one in named], dtype=object)), sheet.frame
        )
        ways = [[(clean(one.name),)] for one in named]
        for found in names_inside(placed, ways, most=size, least=size * 0.85, taken=taken):
            if found is not None:
                sheet.write(found, colour="#6b4a1f")


def _name_points(sheet: Sheet, base: BaseShapes, taken: Taken, size: float) -> None:
    """Write each place's name beside its point; one name once."""
    points: list[tuple[float, float, str]] = []
    told: set[str] = set()
    for one in base.places:
        name = clean(one.name)
        x, y = sheet.at(one.point.x, one.point.y)
        if name and name not in told and len(name) <= 14 and 1 < x < sheet.width - 1 and 1 < y < sheet.height - 1:
            told.add(name)
            points.append((x, y, name))
    most = int(sheet.width * sheet.height * _MOST_PLACES_PER_MM2)
    found = names_beside(points, size=size, gap=size * 0.55, taken=taken, frame=sheet.frame, most=most)
    for position, placed in found:
        x, y, _ = points[position]
        sheet.mark(x, y, radius=size * 0.2, fill=QUIET_INK)
        sheet.write(placed, colour=QUIET_INK)
