"""How a wall map shares its paper: map, columns beside or below it, header and footer; what of the lists fits."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from service.maps.lettering import clean, width_of
from service.maps.sheet import Sheet
from service.maps.wall_facts import PAPER, AreaTold, GridTold, Orientation, PaperSize, WallMap
from service.maps.wall_panel import (
    QUIET,
    STATION,
    Cell,
    Row,
    flowed,
    gap_row,
    heading_row,
    joined,
    least_height,
    text_row,
)
from service.maps.wall_words import wall_words
from service.maps.words import level_names

# Shares of the paper that columns may take.
_MOST: Final = 0.40
_MOST_OF_AREAS: Final = 0.24
# What less of the lists costs: as if the map were so many times smaller.
_SMALLER_LETTERS: Final = 1.03
_NAMES_ALONE, _NO_STATIONS = 1.05, 1.3
_NO_PEOPLE, _AREAS_ALONE, _NO_LIST = 1.5, 2.2, 3.5
_LETTERS_PER_COLUMN: Final = 25.0
# Height of a row in letters.
_ROW: Final = 1.5
_MANY_NUMBERED: Final = 150
# No paper has room for more rows of letters that can be read.
_MOST_LISTED: Final = 1600
_DENSITIES: Final = (1.0, 0.86, 0.75, 0.65, 0.56)
_LEAST_LETTERS: Final = 1.85


Legend = Callable[[float], Sequence[Row]]


@dataclass(frozen=True, slots=True)
class Lettering:
    """Sizes by paper, millimetres: what hangs higher is read from farther.

    Parameters
    ----------
    weight
        Times the lines of an A4 map.
    """

    body: float
    title: float
    margin: float
    code: float
    least_name: float
    weight: float


def lettering_of(size: PaperSize) -> Lettering:
    """The sizes for a paper."""
    k = math.sqrt(PAPER[size][0] / PAPER["A4"][0])
    return Lettering(
        body=2.1 * k,
        title=8.2 * k**1.5,
        margin=7.0 * k**1.3,
        code=18.0 * k**1.2,
        least_name=1.5 * k**0.6,
        weight=k,
    )


@dataclass(frozen=True, slots=True)
class Told:
    """How much of the lists is told, from everything to nothing, and what it costs that it is not more."""

    register: str
    stations: str
    dense: float = 1.0
    cost: float = 1.0


@dataclass(frozen=True, slots=True)
class Box:
    """A part of the paper, millimetres from its upper left corner."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Plan:
    """Where everything goes.

    Parameters
    ----------
    columns
        How many share the panel; 0 where the legend stands on the map, in the width of the panel.
    gap
        Between columns.
    """

    width: float
    height: float
    letters: Lettering
    header: Box
    map: Box
    panel: Box
    footer: Box
    columns: int
    gap: float
    told: Told
    sheet: Sheet


@dataclass(frozen=True, slots=True)
class _Paper:
    """A paper that is turned one way, with what stands on all of them."""

    wall: WallMap
    width: float
    height: float
    letters: Lettering

    @property
    def header(self) -> Box:
        """Title and facts, the code on the right."""
        margin, body = self.letters.margin, self.letters.body
        high = max(self.letters.code if self.wall.link else 0, self.letters.title * 1.3 + body * 2.6)
        return Box(margin, margin * 0.8, self.width - 2 * margin, high)

    @property
    def footer(self) -> Box:
        """Release, dates, whose data."""
        margin, foot = self.letters.margin, self.letters.body * 2.6
        return Box(margin, self.height - margin * 0.8 - foot, self.width - 2 * margin, foot)

    @property
    def middle(self) -> Box:
        """What is left between them."""
        top = self.header.y + self.header.height + self.letters.body * 1.1
        return Box(self.header.x, top, self.header.width, self.footer.y - self.letters.body * 0.6 - top)

    def plan(self, frame: Box, panel: Box, columns: int, told: Told) -> Plan:
        """The plan with the map and the columns in these boxes."""
        margin = self.letters.body * 2.4
        sheet = Sheet(self.wall.bounds, frame.width, frame.height, margin=margin, round_scale=True)
        gap = self.letters.body * 2
        return Plan(
            self.width, self.height, self.letters, self.header, frame, panel, self.footer, columns, gap, told, sheet
        )


def planned(wall: WallMap, size: PaperSize, orientation: Orientation | None, legend: Legend) -> Plan:
    """The plan that shows most, in the largest scale.

    Parameters
    ----------
    orientation
        None for whichever shows the ground larger.
    legend
        Gives its rows in a size of letters, the most that there may be.
    """
    upright, letters = PAPER[size], lettering_of(size)
    turned = {"portrait": upright, "landscape": upright[::-1]}
    papers = [
        _Paper(wall, width, height, letters) for name, (width, height) in turned.items() if orientation in (None, name)
    ]
    bare = [_alone(paper, Told("none", "none", cost=_NO_LIST)) for paper in papers]
    best = min(bare, key=_cost)
    largest = best.sheet.metres_per_millimetre
    for told in _ways_to_tell(wall, letters):
        if largest * told.cost >= _cost(best) or _too_long(wall, size, told):
            continue
        rows = panel_rows(wall, told, letters, legend)
        found = [plan for paper in papers for plan in (_beside(paper, told, rows), _below(paper, told, rows)) if plan]
        best = min([best, *found], key=_cost)
    return best


def _cost(plan: Plan) -> float:
    return plan.sheet.metres_per_millimetre * plan.told.cost


def _too_long(wall: WallMap, size: PaperSize, told: Told) -> bool:
    """Whether the grids alone would take more than columns may, which is known without making rows of them."""
    letters = lettering_of(size).body * told.dense
    width, height = PAPER[size]
    rows = len(wall.grids) if told.register in ("people", "grids") else 0
    return rows * _ROW * letters * _LETTERS_PER_COLUMN * letters > width * height * _MOST


def _ways_to_tell(wall: WallMap, letters: Lettering) -> Iterator[Told]:
    """From all to little, the letters smaller and smaller."""
    densities = [dense for dense in _DENSITIES if letters.body * dense >= _LEAST_LETTERS] or [1.0]
    # Where there are many stations nobody misses their list.
    stations = {"full": 1.0, "names": _NAMES_ALONE, "none": _NO_STATIONS}
    if not 0 < len(wall.stations) <= _MANY_NUMBERED:
        stations = {"none": 1.0}
    registers = {f"areas {level}": _AREAS_ALONE * 1.1**level for level in range(len(wall.depths))}
    if len(wall.grids) <= _MOST_LISTED:
        registers = {"grids": _NO_PEOPLE} | registers
        if any(grid.people for grid in wall.grids):
            registers = {"people": 1.0} | registers
    for register, less in registers.items():
        for step, dense in enumerate(densities):
            for kind, fewer in stations.items():
                yield Told(register, kind, dense, less * fewer * _SMALLER_LETTERS**step)


def _beside(paper: _Paper, told: Told, rows: Sequence[Row]) -> Plan | None:
    """The columns on the right of the map; None where they would take too much."""
    letters, middle = paper.letters, paper.middle
    gap, wide = letters.body * 2, letters.body * told.dense * _column_letters(paper.wall, told)
    columns = 1
    while flowed(rows, middle.height, columns) is None:
        columns += 1
        if columns * (wide + gap) > paper.width * _share(told):
            return None
    across = columns * wide + (columns - 1) * gap
    frame = Box(middle.x, middle.y, middle.width - across - gap, middle.height)
    panel = Box(middle.x + middle.width - across, middle.y, across, middle.height)
    return paper.plan(frame, panel, columns, told)


def _below(paper: _Paper, told: Told, rows: Sequence[Row]) -> Plan | None:
    """The columns below the map; None where they would take too much."""
    letters, middle = paper.letters, paper.middle
    gap, wide = letters.body * 2, letters.body * told.dense * _column_letters(paper.wall, told)
    columns = max(int((middle.width + gap) / (wide + gap)), 1)
    high = least_height(rows, columns, paper.height * _share(told))
    if high is None:
        return None
    between = letters.body * 1.2
    frame = Box(middle.x, middle.y, middle.width, middle.height - high - between)
    panel = Box(middle.x, frame.y + frame.height + between, middle.width, high)
    return paper.plan(frame, panel, columns, told)


def _alone(paper: _Paper, told: Told) -> Plan:
    """All paper for the map; the legend stands in a corner of it."""
    panel = Box(0.0, 0.0, paper.letters.body * _LETTERS_PER_COLUMN, 0.0)
    return paper.plan(paper.middle, panel, 0, told)


def _share(told: Told) -> float:
    """The part of the paper that the columns may take: a list of areas less than one of grids and people."""
    return _MOST if told.register in ("people", "grids") else _MOST_OF_AREAS


def _column_letters(wall: WallMap, told: Told) -> float:
    longest = max((len(grid.people) for grid in wall.grids), default=0) if told.register == "people" else 0
    return _LETTERS_PER_COLUMN + (4.0 if longest > 14 else 0.0)


def panel_rows(wall: WallMap, told: Told, letters: Lettering, legend: Legend) -> list[Row]:
    """All rows of the columns: legend, stations, register."""
    size = letters.body * told.dense
    # In narrow columns two signs of the legend stand side by side, too.
    rows = list(legend(letters.body * min(1.0, 1.25 * told.dense)))
    if told.register in ("people", "grids"):
        rows += _register_rows(wall, size, people=told.register == "people")
    elif told.register.startswith("areas"):
        rows += _area_rows(wall, size, int(told.register.split()[1]))
    if told.stations != "none":
        rows += [gap_row(size * 0.6), *_station_rows(wall, size, full=told.stations == "full")]
    return rows


def _station_rows(wall: WallMap, size: float, *, full: bool) -> Iterator[Row]:
    words = wall_words(wall.lang)
    heading = heading_row(words["stations"], size * 1.15)
    again = heading_row(words["again"].format(name=words["stations"]), size, again=True)
    yield heading
    for number, station in enumerate(wall.stations, 1):
        cells = [Cell(str(number), 0.0, 0.08, bold=True, colour=STATION), Cell(station.name, 0.095, 1.0)]
        if full and station.note:
            note = text_row([Cell(station.note, 0.095, 1.0, colour=QUIET)], size * 0.88, height=1.4, ruled=True)
            yield joined([text_row(cells, size, height=1.4), note], again=again)
        else:
            yield text_row(cells, size, ruled=True, again=again)


def _register_rows(wall: WallMap, size: float, *, people: bool) -> Iterator[Row]:
    """Grids by community, with households and people."""
    words = wall_words(wall.lang)
    longest = max(width_of(clean(grid.number), 1.0, bold=True) for grid in wall.grids)
    number = min((longest + 0.5) / _LETTERS_PER_COLUMN, 0.35)
    note = words["register_note"] if people else words["households"]
    yield heading_row(words["register" if people else "register_short"], size * 1.15, note=note)
    for area, grids in by_area(wall, 0):
        name = area.name if area else words["no_area"]
        several = len(wall.areas) > 1 or area is None or area.name != wall.place
        again = None
        if several:
            again = heading_row(words["again"].format(name=name), size, again=True)
            yield heading_row(name, size, note=area.note if area and people else "", again=True)
        elif area and area.note and people:
            yield text_row([Cell(area.note, 0.0, 1.0, colour=QUIET)], size, ruled=True)
        for grid in grids:
            yield text_row(_grid_cells(grid, number, people=people), size, ruled=True, again=again)


def _grid_cells(grid: GridTold, number: float, *, people: bool) -> list[Cell]:
    """Number, name, households and people; ``number`` is the share of the width that numbers take."""
    households = "–" if grid.households is None else f"{grid.households:,}"
    left, middle = (0.37, 0.47) if people else (0.8, 1.0)
    cells = [Cell(grid.number, 0.0, number, bold=True), Cell(households, left, middle, end=True, colour=QUIET)]
    if grid.name != grid.number:
        cells.append(Cell(grid.name, number + 0.01, left))
    return [*cells, Cell(grid.people or "–", 0.50, 1.0)] if people else cells


def _area_rows(wall: WallMap, size: float, depth: int) -> Iterator[Row]:
    """Areas of a level, with their grids and households."""
    words = wall_words(wall.lang)
    title = words["areas"].format(level=level_names(wall.lang).get(wall.depths[depth], wall.depths[depth]))
    yield heading_row(title, size * 1.15, note=f"{words['grids']} · {words['households']}")
    again = heading_row(words["again"].format(name=title), size, again=True)
    for area, grids in by_area(wall, depth):
        known = [grid.households for grid in grids if grid.households is not None]
        cells = [
            Cell(area.name if area else words["no_area"], 0.0, 0.58),
            Cell(f"{len(grids):,}", 0.58, 0.72, end=True),
            Cell(f"{sum(known):,}" if known else "–", 0.74, 1.0, end=True, colour=QUIET),
        ]
        yield text_row(cells, size, ruled=True, again=again)


def by_area(wall: WallMap, depth: int) -> list[tuple[AreaTold | None, list[GridTold]]]:
    """The grids of each area of a depth, those in none last."""
    found: dict[int, list[GridTold]] = {}
    for grid in wall.grids:
        found.setdefault(grid.areas[depth] if depth < len(grid.areas) else -1, []).append(grid)
    order = sorted(found, key=lambda place: (place < 0, wall.areas[place].code if place >= 0 else ""))
    return [(wall.areas[place] if place >= 0 else None, found[place]) for place in order]
