"""How much each point of a line matters: found once, it makes the line simpler for any scale by leaving points out."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from service.maps.mvt import Integers
from service.maps.tile_shapes import Numbers

# So many rounds in exact order; what is left then, as triangles that grow evenly along a line, goes size by size.
_EXACT_ROUNDS: Final = 40


def weights_of(points: NDArray[np.int32], starts: Integers) -> NDArray[np.float32]:
    """The tolerance from which on each point is left out; infinity for the ends of lines.

    Parameters
    ----------
    points
        Of all lines, shape (n, 2).
    starts
        Place of each line's first point, and at last the number of points.

    Returns
    -------
    NDArray[np.float32]
        Root of the area of the triangle that a point makes with those left beside it when its turn comes, the smallest
        first, never less than that of one left out before it; in the units of the points, shape (n,). Of a line that
        ends where it begins two points between stay for ever.

    Notes
    -----
    All that matter less than both of their neighbours go at once: in one line after the other, and the order of those
    far apart, makes no difference to the triangles.

    References
    ----------
    M. Visvalingam, J. D. Whyatt: Line generalisation by repeated elimination of points, Cartographic Journal 30 (1993).
    """
    places = points.astype(np.float64)
    before, after = np.arange(-1, len(points) - 1), np.arange(1, len(points) + 1)
    left = _between(points, starts)
    sizes = np.full(len(points), np.inf)
    sizes[left] = _triangles(places, before[left], left, after[left])
    weights = np.full(len(points), np.inf)
    # Which of two equal neighbours goes first: any rule but their order, else a long even line goes point by point.
    ranks = np.random.default_rng(0).permutation(len(points))
    rounds = 0
    while len(left):
        rounds += 1
        compared = sizes if rounds <= _EXACT_ROUNDS else np.floor(np.log2(np.maximum(sizes, 0.25)))
        least = _before_in_order(compared, ranks, left, before[left])
        least &= _before_in_order(compared, ranks, left, after[left])
        gone = left[least]
        weights[gone] = sizes[gone]
        first, last = before[gone], after[gone]
        after[first], before[last] = last, first
        left = left[~least]
        for beside in (first, last):
            inner = np.isfinite(sizes[beside])
            one = beside[inner]
            fresh = _triangles(places, before[one], one, after[one])
            sizes[one] = np.maximum(fresh, sizes[gone[inner]])
    found: NDArray[np.float32] = np.sqrt(weights).astype(np.float32)
    return found


def _between(points: NDArray[np.int32], starts: Integers) -> Integers:
    """Places of points that may be left out."""
    free = np.ones(len(points), dtype=bool)
    firsts, lasts = starts[:-1], starts[1:] - 1
    free[firsts] = free[lasts] = False
    round_ = np.flatnonzero((points[firsts] == points[lasts]).all(axis=1) & (lasts - firsts > 2))
    third = (lasts - firsts)[round_] // 3
    free[firsts[round_] + third] = free[lasts[round_] - third] = False
    return np.flatnonzero(free)


def _triangles(places: Numbers, one: Integers, other: Integers, third: Integers) -> Numbers:
    """Areas of triangles."""
    (x, y), (right, down) = (places[other] - places[one]).T, (places[third] - places[one]).T
    found: Numbers = np.abs(x * down - y * right) / 2
    return found


def _before_in_order(sizes: Numbers, ranks: Integers, these: Integers, those: Integers) -> NDArray[np.bool_]:
    """Which of these are smaller than those beside them."""
    found: NDArray[np.bool_] = (sizes[these] == sizes[those]) & (ranks[these] < ranks[those])
    found |= sizes[these] < sizes[those]
    return found
