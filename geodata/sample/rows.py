"""Rows of buildings on one lot, drawn in the lot's own frame: x along the rows, y towards the north.

A lot has a spine from its rows out to a road; each row has a path that crosses the spine. So everything on the lot
hangs together with the road by construction.
"""

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.sample.ground import Floats

REACH_METRES: Final = 48.0
"""How far outside a lot the road that its gate opens on may be."""


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
    "slab": Style(13.5, (2, 3, 3, 4), 12.5, 36.0, 10.0, 2, (4, 5, 6, 7, 8, 9, 11)),
    "tower": Style(15.0, (1, 2, 2), 16.0, 58.0, 20.0, 3, (9, 11, 14, 16, 18, 22, 24, 26, 28)),
    "old": Style(15.0, (1,), 11.0, 37.0, 2.5, 1, ()),
    "village": Style(12.5, (1,), 11.0, 36.0, 2.5, 1, ()),
    "public": Style(24.0, (1, 2), 17.0, 46.0, 18.0, 0, ()),
    "shed": Style(30.0, (2, 3), 30.0, 58.0, 16.0, 0, ()),
}
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
        The spine in the same form; None where no row was found.
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
    spine: tuple[float, float, float, float] | None = None
    gates: list[tuple[float, float]] = field(default_factory=list)
    hits: list[tuple[float, float]] = field(default_factory=list)
    boxes: list[tuple[float, float, float, float]] = field(default_factory=list)
    units: list[int] = field(default_factory=list)
    row: list[int] = field(default_factory=list)
    fronts: list[int] = field(default_factory=list)


def lay_rows(lot: Any, access: Any, links: Any, style: Style, rng: np.random.Generator) -> Rows | None:
    """Return the rows of a lot, None where no way to a road or no row was found.

    Parameters
    ----------
    lot
        Polygon to build in.
    access
        Roads that a gate can open on.
    links
        Main paths of the compound on the lot's border, to which the spine leads as well.
    style
        How to build.
    rng
        Source of lengths and positions.
    """
    spine = _spine(lot, access, links, rng)
    if spine is None:
        return None
    x, bottom, top, down, up, link_down, link_up = spine
    rows = Rows()
    _fill_rows(rows, lot, style, x, bottom, top, rng)
    if not rows.boxes:
        return None
    low = min(path[1] for path in rows.paths)
    high = max(path[1] for path in rows.paths)
    for gate, hit in ((bottom, down), (top, up)):
        if hit is not None:
            rows.gates.append((x, gate))
            rows.hits.append((x, hit))
    ends = [end for end in (low, high, down, up, link_down, link_up) if end is not None]
    rows.spine = (x, min(ends), x, max(ends))
    if not rows.gates or style.two_sided or (len(rows.paths) > 3 and rng.random() < 0.5):
        _side_gates(rows, lot, access, every=style.two_sided)
    return rows if rows.gates or not shapely.is_empty(links) else None


def _spine(
    lot: Any, access: Any, links: Any, rng: np.random.Generator
) -> tuple[float, float, float, float | None, float | None, float | None, float | None] | None:
    """Return x, the lot's extent there, and how far south and north the spine goes to roads and to main paths."""
    left, low, right, high = shapely.bounds(lot)
    middle = shapely.get_coordinates(shapely.centroid(lot))[0]
    start = middle[0] + rng.uniform(-0.12, 0.12) * (right - left)
    best, best_score = None, 0
    for shift in (0.0, 12.0, -12.0, 26.0, -26.0, 42.0, -42.0):
        x = float(np.round(start + shift, 2))
        if not left + 12 < x < right - 12:
            continue
        bottom, top = _chord(lot, (x, low - 1), (x, high + 1), float(middle[1]), axis=1)
        if not top - bottom > 20:
            continue
        down, up = (_hit(access, (x, end), (0.0, way)) for end, way in ((bottom, -1.0), (top, 1.0)))
        link_down, link_up = (_hit(links, (x, end), (0.0, way)) for end, way in ((bottom, -1.0), (top, 1.0)))
        score = 1 + 4 * (down is not None or up is not None) + (link_down is not None or link_up is not None)
        if score > best_score:
            best, best_score = (x, bottom, top, down, up, link_down, link_up), score
        if score >= 5:
            break
    return best


def _fill_rows(
    rows: Rows, lot: Any, style: Style, x: float, bottom: float, top: float, rng: np.random.Generator
) -> None:
    depth, number = style.depth_metres, 0
    y = top - (PATH_METRES + depth + 1.5 if style.two_sided else 5.0)
    while y - PATH_METRES - depth - 1 > bottom:
        levels = [y + 0.5, y - PATH_METRES, y - PATH_METRES - depth]
        if style.two_sided:
            levels.append(y + PATH_METRES + depth)
        chords = [_chord(lot, (x - 900, level), (x + 900, level), x, axis=0) for level in levels]
        low, high = max(c[0] for c in chords) + 2.5, min(c[1] for c in chords) - 2.5
        found = []
        sides = (-1, 1) if style.two_sided else (-1,)
        for side in sides:
            for start, end, units in _fill(low, x - 4.5, style, rng) + _fill(x + 4.5, high, style, rng):
                y0, y1 = sorted((y + side * PATH_METRES, y + side * (PATH_METRES + depth)))
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


def _side_gates(rows: Rows, lot: Any, access: Any, *, every: bool) -> None:
    """Lead row paths out to the roads in the west and east: all of them, or the one nearest to the middle."""
    order = sorted(range(len(rows.paths)), key=lambda k: abs(k - len(rows.paths) / 2))
    for position in order:
        x0, y, x1, _ = rows.paths[position]
        left, right = _chord(lot, (x0 - 900, y), (x1 + 900, y), (x0 + x1) / 2, axis=0)
        west, east = _hit(access, (left, y), (-1.0, 0.0)), _hit(access, (right, y), (1.0, 0.0))
        for gate, hit in ((left, west), (right, east)):
            if hit is None:
                continue
            rows.gates.append((gate, y))
            rows.hits.append((hit, y))
            rows.paths[position] = (min(rows.paths[position][0], hit), y, max(rows.paths[position][2], hit), y)
            if not every:
                return


def _chord(
    lot: Any, start: tuple[float, float], end: tuple[float, float], at: float, *, axis: int
) -> tuple[float, float]:
    """Return where a line enters and leaves a lot around the coordinate `at`; (inf, -inf) where it misses."""
    parts = shapely.get_parts(shapely.intersection(shapely.linestrings([start, end]), lot))
    bounds = shapely.bounds(parts[shapely.length(parts) > 0])
    for low, high in bounds[:, [axis, axis + 2]]:
        if low <= at <= high:
            return float(low), float(high)
    return float("inf"), float("-inf")


def _hit(lines: Any, start: tuple[float, float], way: tuple[float, float]) -> float | None:
    """Return the coordinate at which a ray first meets the lines within reach, None where it does not."""
    end = (start[0] + way[0] * REACH_METRES, start[1] + way[1] * REACH_METRES)
    met = shapely.get_coordinates(shapely.intersection(shapely.linestrings([start, end]), lines))
    if len(met) == 0:
        return None
    axis = 0 if way[0] else 1
    distances: NDArray[np.float64] = np.abs(met[:, axis] - start[axis])
    return float(met[int(np.argmin(distances)), axis])


def turned(points: Any, angle: float) -> Floats:
    """Return points turned counter-clockwise about the origin by an angle in radians."""
    x, y = np.asarray(points, dtype=np.float64).reshape(-1, 2).T
    return np.column_stack([x * np.cos(angle) - y * np.sin(angle), x * np.sin(angle) + y * np.cos(angle)])
