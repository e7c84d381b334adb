"""How much any so many sites could reach at most, found quickly: a bound, and the sites that no better choice can have.

That a group counts only with one of its sites taken is given up, at a price for each group: what is left is solved by
sorting, for any number of sites at once, and is never below what can be reached. The prices are lowered and raised
until the bound hardly falls any more (Lagrangian relaxation by subgradients).

References
----------
R. Galvão and C. ReVelle, "A Lagrangean heuristic for the maximal covering location problem", European Journal of
Operational Research 88, 1996.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geodata.station.site import Floats, Uncovered

STEPS: Final = 150
"""Enough to come within about a percent."""

_STEPS_BETWEEN: Final = 25
_PATIENCE: Final = 12
_ROUNDING: Final = 1e-7


@dataclass(frozen=True, slots=True)
class Relaxed:
    """A bound for any choice of so many sites.

    Parameters
    ----------
    count
        How many sites.
    units
        What no choice of so many exceeds, in units.
    bound
        The same in the unit of the weights.
    worth
        Of each site what it adds to the bound, in units; float64 (sites).
    rest
        What the bound is without any site.
    prices
        Of each group; to go on from.
    """

    count: int
    units: float
    bound: float
    worth: Floats
    rest: float
    prices: Floats

    def possible(self, needed: float) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Which sites a choice can have, and which it must have, that reaches at least so many units."""
        count, sites = self.count, self.worth.size
        order = np.argsort(-self.worth, kind="stable")
        can, must = np.ones(sites, dtype=bool), np.zeros(sites, dtype=bool)
        # Of these very prices, not of what all sites reach; what adding up may lose is left in.
        slack = self.rest + float(self.worth[order[:count]].sum()) - needed
        slack += _ROUNDING * (1 + abs(self.rest) + needed)
        last = self.worth[order[count - 1]]
        follows = self.worth[order[count]] if count < sites else 0.0
        can[order[count:]] = self.worth[order[count:]] >= last - slack
        must[order[:count]] = self.worth[order[:count]] > follows + slack
        return can, must

    def fewest(self, needed: float) -> int:
        """How many sites it takes at least to reach so many units."""
        reached = self.rest + np.concatenate(([0.0], np.cumsum(np.sort(self.worth)[::-1])))
        enough = np.flatnonzero(reached + _ROUNDING * (1 + needed) >= needed)
        return int(enough[0]) if enough.size else self.worth.size + 1


def relaxed(
    wanted: Uncovered,
    count: int,
    aim: int,
    *,
    steps: int = STEPS,
    prices: Floats | None = None,
    go_on: Callable[[float], bool] = lambda _: True,
) -> Relaxed:
    """A bound for so many sites.

    Parameters
    ----------
    count
        At least 1 and at most all sites.
    aim
        Units that are reached, or needed: below that the bound is good enough.
    prices
        To begin with, as an earlier call left them.
    go_on
        Is told the bound in units now and then, and says whether to go on.
    """
    own = wanted.units.astype(np.float64)
    state = np.array([np.inf, 1.0, 0.0])
    now = 0.5 * own if prices is None else prices.copy()
    best = now.copy()
    for _ in range(0, steps, _STEPS_BETWEEN):
        _descend(wanted.first, wanted.group, own, count, float(aim), now, best, state, _STEPS_BETWEEN, _PATIENCE)
        if state[0] < aim or not go_on(float(state[0])):
            break
    worth = _worth(wanted.first, wanted.group, best)
    rest = float((own - best).sum())
    units = (rest + float(np.sort(worth)[::-1][:count].sum())) * (1 + 1e-12) + _ROUNDING
    units = min(units, float(wanted.total))
    return Relaxed(count, units, units / wanted.scale, worth, rest, best)


@njit(cache=True, nogil=True)
def _worth(first: Any, group: Any, prices: Any) -> Any:
    worth = np.zeros(first.size - 1)
    for site in range(first.size - 1):
        for at in range(first[site], first[site + 1]):
            worth[site] += prices[group[at]]
    return worth


@njit(cache=True, nogil=True)
def _descend(
    first: Any,
    group: Any,
    own: Any,
    count: int,
    aim: float,
    prices: Any,
    best: Any,
    state: Any,
    steps: int,
    patience: int,
) -> None:
    """Go so many steps down; ``state`` is the best bound, the length of a step, and steps since it was found."""
    times = np.zeros(own.size)
    for _ in range(steps):
        worth = _worth(first, group, prices)
        order = np.argsort(-worth, kind="mergesort")
        bound = (own - prices).sum()
        times[:] = 0.0
        for place in range(count):
            site = order[place]
            bound += worth[site]
            for at in range(first[site], first[site + 1]):
                times[group[at]] += 1.0
        state[2] += 1
        if bound < state[0] * (1 - 1e-9):
            if bound < state[0] * (1 - 1e-5):
                state[2] = 0
            state[0] = bound
            best[:] = prices
        elif state[2] >= patience:
            state[1] *= 0.5
            state[2] = 0
            prices[:] = best
            continue
        if state[0] < aim:
            break
        # A group whose price is all that it is worth counts as little as it must.
        length = 0.0
        for here in range(own.size):
            taken = 1.0 if prices[here] < own[here] else min(times[here], 1.0)
            times[here] -= taken
            if times[here] > 0 and prices[here] <= 0:
                times[here] = 0.0
            length += times[here] * times[here]
        if length == 0:
            break
        step = state[1] * max(bound - aim, 1.0) / length
        for here in range(own.size):
            prices[here] = min(max(prices[here] - step * times[here], 0.0), own[here])
