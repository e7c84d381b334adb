"""How much each point of a line matters: found once, it makes the line simpler for any scale by leaving points out."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from service.maps.mvt import Integers
from service.maps.tile_shapes import Numbers

# So many rounds of one step smaller triangles go first; what is left of it then goes in any order.
_ORDERED_ROUNDS: Final = 12


def weights_of(points: NDArray[np.int32], starts: Integers) -> NDArray[np.float32]:
    """The tolerance, a power of two, from which on each point is left out; infinity for the ends of lines.

    Parameters
    ----------
    points
        Of all lines, shape (n, 2).
    starts
        Place of each line's first point, and at last the number of points.

    Returns
    -------
    NDArray[np.float32]
        In the units of the points, shape (n,). Of a line that ends where it begins two points between stay for ever.

    Notes
    -----
    At each power of two points go until each one left makes a triangle with those beside it whose area is larger than
    the square of the tolerance: the smallest of neighbours first, all over at once.

    References
    ----------
    M. Visvalingam, J. D. Whyatt: Line generalisation by repeated elimination of points, Cartographic Journal 30 (1993).
    """
    places = points.astype(np.float64)
    before, after = np.arange(-1, len(points) - 1), np.arange(1, len(points) + 1)
    left = _between(points, starts)
    sizes, weights = np.full(len(points), np.inf), np.full(len(points), np.inf, dtype=np.float32)
    sizes[left] = _triangles(places, before[left], left, after[left])
    # Which of two equal neighbours goes first: any rule but their order, else a long even line goes point by point.
    ranks = np.random.default_rng(0).permutation(len(points))
    while len(left):
        tolerance = 2.0 ** max(np.ceil(np.log2(max(sizes[left].min(), 1.0)) / 2), 0.0)
        rounds = 0
        while len(small := left[sizes[left] <= tolerance**2]):
            rounds += 1
            known = sizes if rounds <= _ORDERED_ROUNDS else np.where(sizes <= tolerance**2, 0.0, np.inf)
            first = _goes_before(known, ranks, small, before[small]) & _goes_before(known, ranks, small, after[small])
            gone = small[first]
            weights[gone], sizes[gone] = tolerance, np.inf
            ends = np.concatenate([before[gone], after[gone]])
            after[before[gone]], before[after[gone]] = after[gone], before[gone]
            beside = ends[np.isfinite(sizes[ends])]
            sizes[beside] = _triangles(places, before[beside], beside, after[beside])
            left = left[np.isinf(weights[left])]
    return weights


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


def _goes_before(sizes: Numbers, ranks: Integers, these: Integers, those: Integers) -> NDArray[np.bool_]:
    """Which of these are smaller than those beside them."""
    found: NDArray[np.bool_] = (sizes[these] == sizes[those]) & (ranks[these] < ranks[those])
    found |= sizes[these] < sizes[those]
    return found
