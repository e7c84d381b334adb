"""The legend of a wall map: what colours, lines and marks stand for; only what is on the map."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from markupsafe import Markup

from service.maps.lettering import clean, fitted, width_of
from service.maps.palette import FILLS
from service.maps.paper_ground import BUILDING, GREEN, GREEN_SHOWN, STREET_CASE, WATER
from service.maps.sheet import INK, numbered, written
from service.maps.wall_facts import WallMap
from service.maps.wall_panel import STATION, Row, gap_row, heading_row, joined
from service.maps.wall_words import wall_words
from service.maps.words import level_names

Symbol = Callable[[float, float, float, float], Markup]
"""Draws in a box: its upper left corner, width and height."""

GRID_LINE: Final = "#6d655a"
AREA_LINES: Final = (("#43307a", 0.55, ""), ("#1d252c", 1.0, ""), ("#1d252c", 1.3, "4 1.2 0.8 1.2"))
"""Colour, weight and dashes of the borders of the lowest areas, of those above, and of all others."""

# Letters of an entry that two stand beside each other with.
_HALF_COLUMN: Final = 8.7
GROUND: Final = ("streets", "railways", "water", "green", "buildings")


def legend_rows(wall: WallMap, size: float, *, numbered_stations: bool, ground: Sequence[str] = GROUND) -> list[Row]:
    """The legend, as one row that is never parted.

    Parameters
    ----------
    size
        Of its letters, millimetres.
    numbered_stations
        Stations have numbers on the map.
    ground
        What of `GROUND` is on the map.
    """
    words = wall_words(wall.lang)
    rows = [heading_row(words["legend"], size * 1.15)]
    if wall.theme is not None:
        rows += _theme_rows(wall, size)
    entries = list(_entries(wall, numbered_stations=numbered_stations, ground=ground))
    beside = 2 if all(width_of(text, 1.0) <= _HALF_COLUMN for _, text in entries) else 1
    for place in range(0, len(entries), beside):
        rows.append(_entry_row(entries[place : place + beside], size, beside))
    return [joined([*rows, gap_row(size * 0.6)])]


def _theme_rows(wall: WallMap, size: float) -> Iterator[Row]:
    words = wall_words(wall.lang)
    title = clean(wall.theme or "")

    def heading(x: float, y: float, width: float) -> Markup:
        return written(x, y + size * 1.1, fitted(title, width, size, bold=True), size=size, bold=True, anchor="start")

    yield Row(size * 1.6, heading)
    for one in wall.theme_classes:
        told = f"{one.label}  ({words['legend_count'].format(count=f'{one.grids:,}')})"
        yield _entry_row([(_swatch([one.colour]), told)], size)
    yield gap_row(size * 0.5)


def _entries(wall: WallMap, *, numbered_stations: bool, ground: Sequence[str]) -> Iterator[tuple[Symbol, str]]:
    words = wall_words(wall.lang)
    if wall.theme is None:
        yield _swatch(FILLS[:4]), words["grids"]
    yield _line(GRID_LINE, 0.2), words["legend_grid_border"]
    names = level_names(wall.lang)
    for depth, level in enumerate(wall.depths):
        colour, weight, dash = AREA_LINES[min(depth, len(AREA_LINES) - 1)]
        yield _line(colour, weight, dash), _begun(words["legend_border"].format(level=names.get(level, level)))
    if wall.stations:
        mark = _number if numbered_stations else _dot
        yield mark, words["legend_station" if numbered_stations else "legend_station_dot"]
    symbols: dict[str, tuple[Symbol, str]] = {
        "streets": (_street, "legend_street"),
        "railways": (_rail, "legend_rail"),
        "water": (_swatch([WATER]), "legend_water"),
        "green": (_green, "legend_green"),
        "buildings": (_building, "legend_building"),
    }
    for kind, (symbol, word) in symbols.items():
        if kind in ground:
            yield symbol, words[word]


def _begun(text: str) -> str:
    return text[:1].upper() + text[1:]


def _entry_row(entries: Sequence[tuple[Symbol, str]], size: float, beside: int = 1) -> Row:
    high = size * 1.65

    def draw(x: float, y: float, width: float) -> Markup:
        parts: list[Markup] = []
        for place, (symbol, text) in enumerate(entries):
            left = x + place * width / beside
            room = width / beside - size * 3.7
            parts.append(symbol(left, y + size * 0.25, size * 2.8, size * 1.15))
            told = fitted(text, room, size)
            parts.append(written(left + size * 3.4, y + size * 1.18, told, size=size, anchor="start", colour=INK))
        return Markup("").join(parts)

    return Row(high, draw)


def _swatch(colours: Sequence[str]) -> Symbol:
    def draw(x: float, y: float, width: float, height: float) -> Markup:
        each = width / len(colours)
        box = Markup(
            '<rect x="{:.2f}" y="{:.2f}" width="{:.2f}" height="{:.2f}" fill="{}" stroke="{}" stroke-width="{}"/>'
        )
        parts = [
            box.format(x + place * each, y, each, height, colour, "none", 0) for place, colour in enumerate(colours)
        ]
        return Markup("").join([*parts, box.format(x, y, width, height, "none", GRID_LINE, 0.15)])

    return draw


def _line(colour: str, weight: float, dash: str = "") -> Symbol:
    def draw(x: float, y: float, width: float, height: float) -> Markup:
        broken = Markup(' stroke-dasharray="{}"').format(dash) if dash else ""
        return Markup('<path d="M{:.2f} {:.2f}h{:.2f}" stroke="{}" stroke-width="{}"{}/>').format(
            x, y + height / 2, width, colour, weight, broken
        )

    return draw


def _number(x: float, y: float, width: float, height: float) -> Markup:
    return numbered(x + width / 2, y + height / 2, "1", fill=STATION, size=height * 0.75)


def _dot(x: float, y: float, width: float, height: float) -> Markup:
    return Markup('<circle cx="{:.2f}" cy="{:.2f}" r="{:.2f}" fill="{}"/>').format(
        x + width / 2, y + height / 2, height * 0.35, STATION
    )


def _street(x: float, y: float, width: float, height: float) -> Markup:
    middle = y + height / 2
    return Markup(
        '<path d="M{x:.2f} {y:.2f}h{w:.2f}" stroke="{case}" stroke-width="{a:.2f}"/>'
        '<path d="M{x:.2f} {y:.2f}h{w:.2f}" stroke="#ffffff" stroke-width="{b:.2f}"/>'
    ).format(x=x, y=middle, w=width, case=STREET_CASE, a=height * 0.5, b=height * 0.5 - 0.35)


def _rail(x: float, y: float, width: float, height: float) -> Markup:
    return Markup(
        '<path d="M{x:.2f} {y:.2f}h{w:.2f}" stroke="#4a4a4a" stroke-width="0.6"/>'
        '<path d="M{x:.2f} {y:.2f}h{w:.2f}" stroke="#ffffff" stroke-width="0.36" stroke-dasharray="1.6 1.6"/>'
    ).format(x=x, y=y + height / 2, w=width)


def _green(x: float, y: float, width: float, height: float) -> Markup:
    return Markup('<rect x="{:.2f}" y="{:.2f}" width="{:.2f}" height="{:.2f}" fill="{}" fill-opacity="{}"/>').format(
        x, y, width, height, GREEN, GREEN_SHOWN
    )


def _building(x: float, y: float, width: float, height: float) -> Markup:
    return Markup(
        '<rect x="{:.2f}" y="{:.2f}" width="{:.2f}" height="{:.2f}" fill="{c}" fill-opacity="0.26" stroke="{c}" '
        'stroke-opacity="0.52" stroke-width="0.1"/>'
    ).format(x + width * 0.2, y, width * 0.6, height, c=BUILDING)
