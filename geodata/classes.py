"""Classes that numbers are coloured by: about as many in each, between limits that people can read."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

LEAST_CLASSES: Final = 2
MOST_CLASSES: Final = 9

# How far from its quantile a limit may be moved for being round, as a share of one class.
_LEEWAY: Final = 0.25
_STEPS: Final = (5, 2, 1)


@dataclass(frozen=True, slots=True)
class ValueClass:
    """Whole numbers from ``low`` to ``high``, both included, and how many of the values they are."""

    low: int
    high: int
    count: int


def classes_of(values: NDArray[Any], most: int) -> list[ValueClass]:
    """Classes that hold all values, the lowest first; one for each value where there are no more of these.

    Parameters
    ----------
    values
        Numbers, shape (n,), taken as whole ones; none of them NaN. Without any there are no classes.
    most
        How many classes at most.

    Notes
    -----
    Limits are quantiles, moved to the roundest number near by. No class is empty; where many values are equal there
    are fewer classes. A lowest value that is more than its share of all is a class of its own.
    """
    whole = np.rint(np.asarray(values, dtype=np.float64)).astype(np.int64)
    distinct, counts = np.unique(whole, return_counts=True)
    if len(distinct) <= most:
        return [
            ValueClass(value, value, count) for value, count in zip(distinct.tolist(), counts.tolist(), strict=True)
        ]
    if most > LEAST_CLASSES and counts[0] * most > len(whole):
        # Of events most grids have none: that is a class, and the others are told apart by themselves.
        alone = ValueClass(int(distinct[0]), int(distinct[0]), int(counts[0]))
        return [alone, *classes_of(whole[whole > distinct[0]], most - 1)]
    lows = [int(distinct[0]), *_limits(whole, most)]
    highs = [*(low - 1 for low in lows[1:]), int(distinct[-1])]
    ordered = np.sort(whole)
    begins = np.searchsorted(ordered, lows)
    sizes = np.diff([*begins.tolist(), len(ordered)]).tolist()
    return [ValueClass(*one) for one in zip(lows, highs, sizes, strict=True)]


def _limits(whole: NDArray[np.int64], most: int) -> Iterator[int]:
    """Where the second and each further class begins; between two of them there is a value."""
    ordered = np.sort(whole)
    last = int(ordered[0])
    for number in range(1, most):
        near = float(np.quantile(ordered, number / most))
        low, high = np.quantile(ordered, [(number - _LEEWAY) / most, (number + _LEEWAY) / most]).tolist()
        limit = _roundest(max(low, last + 1), max(high, last + 1), near)
        holds = np.searchsorted(ordered, limit) > np.searchsorted(ordered, last)
        if last < limit <= ordered[-1] and holds:
            yield limit
            last = limit


def _roundest(low: float, high: float, near: float) -> int:
    """The whole number between two that ends in most noughts, or else in 5: of several the nearest to a third."""
    power = 10 ** len(str(int(high)))
    while power >= 1:
        for step in _STEPS:
            first, last = -(-low // (step * power)), high // (step * power)
            if first <= last:
                return int(min(max(round(near / (step * power)), first), last) * step * power)
        power //= 10
    return int(np.ceil(low))
