"""How much ground two shapes have in common, and whether they are the same ground: hairlines are no ground."""

from typing import Final

import numpy as np
import shapely

from geodata.drafts.differing import grids_between
from geodata.drafts.scene import Scene
from geodata.drafts.state import DraftState
from geodata.grid.plane import LocalPlane, polygons_of, wider_than

LEAST_METRES: Final = 0.05
"""Ground that is nowhere as wide as this changes hands on no plan of 1:500."""

_ROUNDING: Final = 1e-6


def square_metres_of(ground: shapely.Geometry) -> float:
    """Area of all pieces of ground (EPSG:4326) that are somewhere as wide as `LEAST_METRES`."""
    parts, _ = polygons_of(np.array([ground], dtype=object))
    if not len(parts):
        return 0.0
    plane = LocalPlane.around(parts)
    flat = plane.forward(parts)
    return sum(plane.square_metres(part) for part in flat[wider_than(flat, LEAST_METRES)].tolist())


def common_square_metres(first: shapely.Geometry, second: shapely.Geometry, scene: Scene) -> float:
    """Area that two shapes have in common; what was measured once is remembered."""

    def measure() -> tuple[shapely.Geometry, float]:
        # The second is held with what was found, as the first is.
        return second, square_metres_of(shapely.intersection(first, second))

    return scene.remembered(("common", id(second)), first, measure)[1]


def same_ground(first: shapely.Geometry, second: shapely.Geometry, scene: Scene) -> bool:
    """Whether two shapes are the same ground, one of them perhaps with more vertices; likewise remembered."""

    def compare() -> tuple[shapely.Geometry, bool]:
        return second, is_same_ground(first, second)

    return first is second or scene.remembered(("same", id(second)), first, compare)[1]


def is_same_ground(first: shapely.Geometry, second: shapely.Geometry) -> bool:
    """Whether two shapes are the same ground, one of them perhaps with more vertices."""
    if abs(first.area - second.area) > _ROUNDING * first.area:
        return False
    return not square_metres_of(shapely.symmetric_difference(first, second))


def really_changed(before: DraftState, after: DraftState, scene: Scene) -> list[str]:
    """Keys of grids that differ between two states of a draft by more than a vertex of a neighbour's new border."""
    return [
        key
        for key in grids_between(before, after)
        if before.grids.get(key) != after.grids.get(key) or not same_ground(before.shape(key), after.shape(key), scene)
    ]
