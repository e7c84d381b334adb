"""Which side of a border a point lies on, and how far from it: the arithmetic that the grid index rests on.

References
----------
J. R. Shewchuk, "Adaptive Precision Floating-Point Arithmetic and Fast Robust Geometric Predicates", Discrete &
Computational Geometry 18 (1997): the error bound of the orientation determinant (stage A) and the exact test for
coordinate differences that carry no rounding (stage B).
"""

import math
from typing import Any, Final

import numpy as np
from numba import njit

from geodata.crs import metres_per_degree

ON_LINE: Final = 0
UNDECIDED: Final = 2
STEEPEST_LAT: Final = 89.0

_FILTER: Final = 3.3306690738754716e-16
_SPLITTER: Final = 134217729.0
_UNDERFLOW: Final = 1e-280


@njit(cache=True, nogil=True)
def metric_scale(lat: float) -> tuple[float, float]:
    """Metres per degree of longitude and of latitude at ``lat``.

    Notes
    -----
    Beyond 89° the scale is that of 89°: at a pole every meridian is 0 m away, which would make all of them borders.
    """
    return metres_per_degree(min(max(lat, -STEEPEST_LAT), STEEPEST_LAT))


@njit(cache=True, nogil=True)
def _difference_is_exact(a: float, b: float) -> bool:
    difference = a - b
    virtual = a - difference
    return (a - (difference + virtual)) + (virtual - b) == 0.0


@njit(cache=True, nogil=True)
def _product_tail(a: float, b: float, product: float) -> float:
    c = _SPLITTER * a
    a_high = c - (c - a)
    a_low = a - a_high
    c = _SPLITTER * b
    b_high = c - (c - b)
    b_low = b - b_high
    return a_low * b_low - (((product - a_high * b_high) - a_low * b_high) - a_high * b_low)


@njit(cache=True, nogil=True)
def _sign_of_exact(left_x: float, left_y: float, right_x: float, right_y: float) -> int:
    """Sign of ``left_x * left_y - right_x * right_y`` for nearly equal products, all rounding considered."""
    left, right = left_x * left_y, right_x * right_y
    if abs(left) + abs(right) < _UNDERFLOW:
        both_zero = (left_x == 0.0 or left_y == 0.0) and (right_x == 0.0 or right_y == 0.0)
        return ON_LINE if both_zero else UNDECIDED
    a, b = _product_tail(left_x, left_y, left), _product_tail(right_x, right_y, right)
    tail = a - b
    virtual = a - tail
    tail_rest = (a - (tail + virtual)) + (virtual - b)
    total = (left - right) + tail
    if total == 0.0:
        total = tail_rest
    return 1 if total > 0.0 else (-1 if total < 0.0 else ON_LINE)


@njit(cache=True, nogil=True)
def side(ax: float, ay: float, bx: float, by: float, px: float, py: float) -> int:
    """Side of the line a → b that p lies on: 1 left, -1 right, `ON_LINE`, or `UNDECIDED` in doubles.

    Notes
    -----
    Never wrong where it decides. Coordinates on a common lattice (differences that doubles hold exactly) are always
    decided; what is left lies within about 1e-15 of the line relative to the coordinates' differences.
    """
    left_x, left_y = ax - px, by - py
    right_x, right_y = bx - px, ay - py
    left = left_x * left_y
    right = right_x * right_y
    determinant = left - right
    bound = _FILTER * (abs(left) + abs(right))
    if determinant > bound:
        return 1
    if -determinant > bound:
        return -1
    if (
        _difference_is_exact(ax, px)
        and _difference_is_exact(ay, py)
        and _difference_is_exact(bx, px)
        and _difference_is_exact(by, py)
        and _difference_is_exact(bx, ax)
        and _difference_is_exact(by, ay)
    ):
        return _sign_of_exact(left_x, left_y, right_x, right_y)
    return UNDECIDED


@njit(cache=True, nogil=True)
def squared_metres(
    ax: float, ay: float, bx: float, by: float, px: float, py: float, per_lon: float, per_lat: float
) -> float:
    """Squared distance from p to the segment a-b in the metric plane at p, in m²; the same whichever way it runs."""
    if bx < ax or (bx == ax and by < ay):
        ax, ay, bx, by = bx, by, ax, ay
    edge_x, edge_y = (bx - ax) * per_lon, (by - ay) * per_lat
    east, north = (px - ax) * per_lon, (py - ay) * per_lat
    along = east * edge_x + north * edge_y
    if along <= 0.0:
        return east * east + north * north
    length = edge_x * edge_x + edge_y * edge_y
    if along >= length:
        east, north = (px - bx) * per_lon, (py - by) * per_lat
        return east * east + north * north
    across = edge_x * north - edge_y * east
    return across * across / length


@njit(cache=True, nogil=True)
def border_metres(vertices: Any, rings: Any, first: int, end: int, lon: float, lat: float) -> float:
    """Metres from the point to the nearest edge of the rings ``first`` to ``end``, inf where there is none."""
    per_lon, per_lat = metric_scale(lat)
    closest = np.inf
    for ring in range(first, end):
        for a in range(rings[ring], rings[ring + 1] - 1):
            metres = squared_metres(
                vertices[a, 0], vertices[a, 1], vertices[a + 1, 0], vertices[a + 1, 1], lon, lat, per_lon, per_lat
            )
            closest = min(closest, metres)
    return math.sqrt(closest)
