"""Rows of buildings on one lot, drawn in the lot's own frame: x along the rows, y towards the north.

A lot has a spine from its rows out to a road; each row has a path that crosses the spine. So everything on the lot
hangs together with the road by construction.
"""

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import shapely

from geodata.sample.spines import Spine, Surroundings, chord, find_spine, way_out


@dataclass(frozen=True, slots=True)
class Style:
    """How rows are built.

    Parameters
    ----------
    unit_metres
        Length of one unit of a building along its row.
    units
        Numbers of units that a building can have.
    depth_metres, pitch_metres, gap_metres
        Depth of a building, distance between rows, distance between buildings of a row.
    per_floor
        Homes per unit and floor.
    floors
        Numbers of floors that a building can have; empty where nobody lives.
    two_sided
        Whether houses stand on both sides of the row's path, doors towards it, as along a lane.
    """

    unit_metres: float
    units: tuple[int, ...]
    depth_metres: float
    pitch_metres: float
    gap_metres: float
    per_floor: int
    floors: tuple[int, ...]
    two_sided: bool = False


STYLES: Final = {
    "slab": Style(13.5, (2, 3, 3, 4), 12.5, 36.0, 10.0, 2, (4, 5, 6, 7, 8, 9, 11, 14, 18)),
    "tower": Style(15.0, (1, 2, 2), 16.0, 58.0, 20.0, 3, (9, 11, 14, 16, 18, 22, 24, 26, 28, 31, 33)),
    "old": Style(15.0, (1,), 11.0, 37.0, 2.5, 1, (), two_sided=True),
    "village": Style(12.5, (1,), 11.0, 40.0, 2.5, 1, (), two_sided=True),
    "public": Style(24.0, (1, 2), 17.0, 46.0, 18.0, 0, ()),
    "shed": Style(30.0, (2, 3), 30.0, 58.0, 16.0, 0, ()),
}
NARROW_METRES: Final = 130.0
"""A lot narrower than this tries its spine near its sides as well."""
SPINE_HALF_METRES: Final = 4.5
"""Free on each side of the spine."""
EMPTY_PLOTS: Final = 0.07
"""Share of the plots along lanes where no house stands."""
UNEVEN_METRES: Final = 2.4
"""How far a house along a lane may stand back from its neighbours."""
PATH_METRES: Final = 4.0
"""From the middle of a row's path to the front of its buildings."""


@dataclass(slots=True)
class Rows:
    """What stands on a lot, in the frame in which it was drawn.

    Parameters
    ----------
    paths
        Row paths, each ``(x0, y0, x1, y1)``.
    spine
        The spine from south to north, through every row path and gate that it meets; empty where there is no row.
    gates
        Where a path crosses the lot's border towards a road.
    hits
        Where that path meets the road, per gate.
    boxes
        ``(x0, y0, x1, y1)`` per building.
    units
        Number of units per building.
    row
        Number of its row, per building.
    fronts
        +1 where a building's doors look north, -1 where south.
    """

    paths: list[tuple[float, float, float, float]] = field(default_factory=list)
    spine: list[tuple[float, float]] = field(default_factory=list)
    gates: list[tuple[float, float]] = field(default_factory=list)
    hits: list[tuple[float, float]] = field(default_factory=list)
    boxes: list[tuple[float, float, float, float]] = field(default_factory=list)
    units: list[int] = field(default_factory=list)
    row: list[int] = field(default_factory=list)
    fronts: list[int] = field(default_factory=list)


def lay_rows(lot: Any, around: Surroundings, lean: float, style: Style, rng: np.random.Generator) -> Rows | None:
    """Return the rows of a lot, None where no way to a road or no row was found.

    Parameters
    ----------
    lot
        Polygon to build in.
    around
        Roads, main paths and neighbours.
    lean
        How the spine leans: metres in x per metre in y.
    style
        How to build.
    rng
        Source of lengths and positions.
    """
    _, low, _, high = shapely.bounds(lot)
    narrow = shapely.area(lot) < NARROW_METRES * (high - low)
    laid = []
    # In a narrow lot a spine in the middle leaves no room beside it.
    for share in (float(rng.uniform(-0.12, 0.12)), *((-0.4, -0.34, 0.34, 0.4) if narrow else ())):
        spine = find_spine(lot, around, lean, share)
        if spine is not None:
            laid.append((_filled(lot, style, spine, rng), spine))
    laid = [entry for entry in laid if entry[0].boxes]
    if not laid:
        return None
    rows, spine = max(laid, key=lambda entry: sum(entry[0].units))
    for border, road in spine.gates:
        rows.gates.append((spine.at(border), border))
        rows.hits.append((spine.at(road), road))
    knots = {path[1] for path in rows.paths} | set(spine.ends) | {border for border, _ in spine.gates}
    rows.spine = [(spine.at(y), y) for y in sorted(knots)]
    if not rows.gates or style.two_sided or (len(rows.paths) > 3 and rng.random() < 0.5):
        _side_gates(rows, lot, around, every=style.two_sided)
    return rows if rows.gates or not shapely.is_empty(around.paths) else None


def _filled(lot: Any, style: Style, spine: Spine, rng: np.random.Generator) -> Rows:
    """Return the rows along a spine, from north to south."""
    rows, depth, number = Rows(), style.depth_metres, 0
    aside = SPINE_HALF_METRES + abs(spine.lean) * (depth + PATH_METRES)
    y = spine.top - (PATH_METRES + depth + 1.5 if style.two_sided else 5.0)
    while y - PATH_METRES - depth - 1 > spine.bottom:
        x = spine.at(y)
        levels = [y + 0.5, y - PATH_METRES, y - PATH_METRES - depth]
        if style.two_sided:
            levels.append(y + PATH_METRES + depth)
        chords = [chord(lot, (x - 900, level), (x + 900, level), x, axis=0) for level in levels]
        low, high = max(c[0] for c in chords) + 2.5, min(c[1] for c in chords) - 2.5
        found = []
        sides = (-1, 1) if style.two_sided else (-1,)
        for side in sides:
            for start, end, units in _fill(low, x - aside, style, rng) + _fill(x + aside, high, style, rng):
                if style.two_sided and rng.random() < EMPTY_PLOTS:
                    continue
                back = float(np.round(rng.uniform(0, UNEVEN_METRES), 2)) if style.two_sided else 0.0
                y0, y1 = sorted((y + side * (PATH_METRES + back), y + side * (PATH_METRES + back + depth)))
                found.append((start, y0, end, y1, units, -side))
        inside = shapely.contains(lot, shapely.box(*np.array([f[:4] for f in found]).T)) if found else []
        found = [f for f, good in zip(found, inside, strict=True) if good]
        if found:
            rows.paths.append((min(x, *(f[0] for f in found)), y, max(x, *(f[2] for f in found)), y))
            for x0, y0, x1, y1, units, front in found:
                rows.boxes.append((x0, y0, x1, y1))
                rows.units.append(units)
                rows.row.append(number)
                rows.fronts.append(front)
            number += 1
        y -= style.pitch_metres + rng.uniform(0, 1.5)
    return rows


def _fill(low: float, high: float, style: Style, rng: np.random.Generator) -> list[tuple[float, float, int]]:
    """Return start, end and units of the buildings between `low` and `high`, what is left over spread between them."""
    chosen: list[int] = []
    used = 0.0
    while True:
        units = int(rng.choice(style.units))
        length = units * style.unit_metres
        if used + length > high - low:
            units, length = min(style.units), min(style.units) * style.unit_metres
            if used + length > high - low:
                break
        chosen.append(units)
        used += length + style.gap_metres
    if not chosen:
        return []
    spare = min((high - low - used + style.gap_metres) / len(chosen), 6.0)
    result, at = [], low + spare / 2
    for units in chosen:
        result.append((round(at, 2), round(at + units * style.unit_metres, 2), units))
        at += units * style.unit_metres + style.gap_metres + spare
    return result


def _side_gates(rows: Rows, lot: Any, around: Surroundings, *, every: bool) -> None:
    """Lead row paths out to the roads in the west and east: all of them, or the one nearest to the middle."""
    order = sorted(range(len(rows.paths)), key=lambda k: abs(k - len(rows.paths) / 2))
    for position in order:
        x0, y, x1, _ = rows.paths[position]
        left, right = chord(lot, (x0 - 900, y), (x1 + 900, y), (x0 + x1) / 2, axis=0)
        west = way_out(around.roads, around.walls, (left, y), (-1.0, 0.0))
        east = way_out(around.roads, around.walls, (right, y), (1.0, 0.0))
        for gate, road in ((left, west), (right, east)):
            if road is None:
                continue
            rows.gates.append((gate, y))
            rows.hits.append((road, y))
            rows.paths[position] = (min(rows.paths[position][0], road), y, max(rows.paths[position][2], road), y)
            if not every:
                return
