"""The spine of a lot: the path that leads from its rows out through the gate to a road."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely

REACH_METRES: Final = 48.0
"""How far outside a lot the road that its gate opens on may be."""
SHIFTS_METRES: Final = (0.0, 12.0, -12.0, 26.0, -26.0, 42.0, -42.0)
SIDE_METRES: Final = 6.0
"""Least distance of a spine from the sides of its lot."""


@dataclass(frozen=True, slots=True)
class Spine:
    """A line that leans like the lot's sides, in the lot's frame.

    Parameters
    ----------
    x, y
        A point of it in the middle of the lot.
    lean
        Metres in x per metre in y.
    bottom, top
        Where it enters and leaves the lot, as y.
    down, up
        Where it meets a road south and north of the lot, as y; None where it does not.
    link_down, link_up
        Where it meets the main path of the compound.
    """

    x: float
    y: float
    lean: float
    bottom: float
    top: float
    down: float | None
    up: float | None
    link_down: float | None
    link_up: float | None

    def at(self, y: float) -> float:
        """Return its x at a y."""
        return self.x + self.lean * (y - self.y)

    @property
    def gates(self) -> list[tuple[float, float]]:
        """Where it passes the lot's border on the way to a road, and where it meets that road, as y."""
        ends = ((self.bottom, self.down), (self.top, self.up))
        return [(border, road) for border, road in ends if road is not None]

    @property
    def ends(self) -> list[float]:
        """All places outside the lot that it leads to, as y."""
        return [end for end in (self.down, self.up, self.link_down, self.link_up) if end is not None]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What lies around a lot, in its frame.

    Parameters
    ----------
    roads
        Roads that a gate can open on.
    paths
        Main paths of the compound, to which a spine leads as well.
    walls
        Other lots of the grid, which no way out may cross.
    """

    roads: Any
    paths: Any
    walls: Any


def find_spine(lot: Any, around: Surroundings, lean: float, share: float) -> Spine | None:
    """Return a spine that meets a road where one does, else one that meets a main path, else any; None for no room.

    Parameters
    ----------
    lot, around
        The lot and what lies around it.
    lean
        Metres in x per metre in y.
    share
        How far from the lot's middle to look first, as a share of its width there.
    """
    west, _, east, _ = shapely.bounds(lot)
    middle = shapely.get_coordinates(shapely.centroid(lot))[0]
    left, right = chord(lot, (west - 1, middle[1]), (east + 1, middle[1]), float(middle[0]), axis=0)
    start = middle[0] + share * (right - left)
    best, best_score = None, 0
    for shift in SHIFTS_METRES:
        x, y = float(np.round(start + shift, 2)), float(middle[1])
        if not left + SIDE_METRES < x < right - SIDE_METRES:
            continue
        spine = _spine_at(lot, around, lean, x, y)
        if spine is None:
            continue
        linked = spine.link_down is not None or spine.link_up is not None
        score = 1 + 4 * bool(spine.gates) + linked
        if score > best_score:
            best, best_score = spine, score
        if score >= 5:
            break
    return best


def _spine_at(lot: Any, around: Surroundings, lean: float, x: float, y: float) -> Spine | None:
    _, low, _, high = shapely.bounds(lot)

    def place(at: float) -> tuple[float, float]:
        return x + lean * (at - y), at

    bottom, top = chord(lot, place(low - 1), place(high + 1), y, axis=1)
    if not top - bottom > 20:
        return None
    down, link_down = (
        way_out(lines, around.walls, place(bottom), (-lean, -1.0)) for lines in (around.roads, around.paths)
    )
    up, link_up = (way_out(lines, around.walls, place(top), (lean, 1.0)) for lines in (around.roads, around.paths))
    return Spine(x, y, lean, bottom, top, down, up, link_down, link_up)


def chord(
    lot: Any, start: tuple[float, float], end: tuple[float, float], at: float, *, axis: int
) -> tuple[float, float]:
    """Return where a line enters and leaves a lot around the coordinate `at`; (inf, -inf) where it misses."""
    parts = shapely.get_parts(shapely.intersection(shapely.linestrings([start, end]), lot))
    bounds = shapely.bounds(parts[shapely.length(parts) > 0])
    for low, high in bounds[:, [axis, axis + 2]]:
        if low <= at <= high:
            return float(low), float(high)
    return float("inf"), float("-inf")


def way_out(lines: Any, walls: Any, start: tuple[float, float], way: tuple[float, float]) -> float | None:
    """Return the y (x for a level way) at which a ray first meets lines within reach, None where it does not.

    A ray that meets a wall before the lines meets nothing.
    """
    end = (start[0] + way[0] * REACH_METRES, start[1] + way[1] * REACH_METRES)
    met = shapely.get_coordinates(shapely.intersection(shapely.linestrings([start, end]), lines))
    if len(met) == 0:
        return None
    axis = 1 if way[1] else 0
    found = met[int(np.argmin(np.abs(met[:, axis] - start[axis])))]
    return None if shapely.intersects(walls, shapely.linestrings([start, found])) else float(found[axis])
