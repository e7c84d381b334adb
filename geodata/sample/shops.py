"""Shops along the streets: small buildings in the strip between the pavement and the wall, doors towards the street."""

import itertools
from typing import Any, Final

import numpy as np
import shapely

from geodata.sample.ground import Floats

DEPTH_METRES: Final = 9.5
SETBACK_METRES: Final = 1.0
CORNER_METRES: Final = 12.0
LENGTHS: Final = (12.0, 15.0, 18.0, 24.0)
KEPT: Final = 0.62
"""Share of the street fronts that has shops."""


def lay_shops(
    block: Any, wall: Any, access: Any, drives: list[Any], rng: np.random.Generator
) -> list[tuple[Floats, Floats]]:
    """Return footprint, shape (4, 2), and door, shape (1, 2), of the shops around a block.

    Parameters
    ----------
    block, wall
        The grid's land and what lies inside the wall, in metres about the centre.
    access
        The grid's roads.
    drives
        Lines from gates to roads that stay free.
    rng
        Source of which fronts are built, and how.
    """
    if shapely.is_empty(block) or shapely.is_empty(wall):
        return []
    corners = shapely.get_coordinates(shapely.get_exterior_ring(shapely.normalize(block)))
    # A normalised ring runs clockwise: its inside is to the right.
    boxes, doors = [], []
    for start, end in itertools.pairwise(corners):
        length = float(np.hypot(*(end - start)))
        if length < 2 * CORNER_METRES + LENGTHS[0] or rng.random() > KEPT:
            continue
        along = (end - start) / length
        inward = np.array([along[1], -along[0]])
        at = CORNER_METRES
        while True:
            front = float(rng.choice(LENGTHS))
            if at + front > length - CORNER_METRES:
                break
            base = start + inward * SETBACK_METRES
            a, b = base + along * at, base + along * (at + front)
            boxes.append(np.array([a, b, b + inward * DEPTH_METRES, a + inward * DEPTH_METRES]))
            doors.append(((a + b) / 2)[None, :])
            at += front + float(rng.choice((1.0, 1.0, 4.0)))
    if not boxes:
        return []
    shapes = shapely.polygons(np.array(boxes))
    free = ~shapely.intersects(shapes, shapely.buffer(shapely.union_all(drives), 4.5)) if drives else np.True_
    good = (
        shapely.contains(block, shapes)
        & ~shapely.intersects(shapes, wall)
        & (shapely.distance(access, shapely.points(np.concatenate(doors))) < 24)
        & free
    )
    chosen = np.flatnonzero(good)
    first, second = shapely.STRtree(shapes[chosen]).query(shapes[chosen], predicate="intersects")
    # Where two fronts meet at a sharp corner the later shop gives way.
    late = set(second[(first < second) & ~shapely.touches(shapes[chosen[first]], shapes[chosen[second]])].tolist())
    return [(np.round(boxes[k], 3), np.round(doors[k], 3)) for n, k in enumerate(chosen) if n not in late]
