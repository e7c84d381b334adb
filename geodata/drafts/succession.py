"""Which grid of the base became which: shares of households and of ground; and stated counts that follow them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.drafts.state import DraftState
from geodata.drafts.step import Households, nobody

LEAST_SHARE: Final = 1e-6
"""Less of the ground of a grid than this is rounding."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Succession:
    """What a grid of the base left to a grid: shares of its households (None where it had none) and of its ground."""

    predecessor: str
    successor: str
    household_share: float | None
    ground_share: float


def successions(state: DraftState, households: Households = nobody) -> list[Succession]:
    """Successors of all grids whose ground is another one than in the base, themselves among them; by key.

    Parameters
    ----------
    households
        How many households live in each of some shapes.

    Notes
    -----
    Shares of ground are measured in degrees: within one grid the scale is the same everywhere, near enough.
    """
    base, keys = state.first, state.reshaped_since_base()
    before = [key for key in keys if key in base.grids]
    after = [key for key in keys if key in state.grids]
    if not before or not after:
        return []
    old = np.array([base.shape(key) for key in before], dtype=object)
    new = np.array([state.shape(key) for key in after], dtype=object)
    right, left = shapely.STRtree(old).query(new, predicate="intersects")
    common = shapely.intersection(old[left], new[right])
    ground = shapely.area(common) / shapely.area(old)[left]
    kept = np.flatnonzero(ground >= LEAST_SHARE)
    order = kept[np.lexsort((right[kept], left[kept]))]
    people = np.asarray(households(common[order].tolist()), dtype=np.float64)
    total = np.bincount(left[order], weights=people, minlength=len(before))[left[order]]
    share = np.divide(people, total, out=np.full(len(order), np.nan), where=total > 0)
    return [
        Succession(before[a], after[b], None if np.isnan(s) else float(s), min(float(g), 1.0))
        for a, b, s, g in zip(left[order], right[order], share, ground[order], strict=True)
    ]


def stated_counts(state: DraftState, found: Sequence[Succession]) -> Mapping[str, tuple[int | None, int | None]]:
    """Stated households and persons of all grids of a state whose ground changed, by key.

    Notes
    -----
    A stated count goes to the successors by their shares of households, else of ground, in whole numbers, the largest
    remainders first: the sum stays what it was.
    """
    keys = {one.successor for one in found}
    sums: dict[str, list[int | None]] = {key: [None, None] for key in keys}
    of_one: dict[str, list[Succession]] = {}
    for one in found:
        of_one.setdefault(one.predecessor, []).append(one)
    for key, parts in sorted(of_one.items()):
        known = [part.household_share is not None for part in parts]
        weights = [part.household_share or 0.0 if all(known) else part.ground_share for part in parts]
        for at, count in enumerate(state.first.grids[key].stated):
            if count is None:
                continue
            for part, number in zip(parts, whole_shares(count, weights), strict=True):
                sums[part.successor][at] = (sums[part.successor][at] or 0) + number
    return {key: (households, persons) for key, (households, persons) in sums.items()}


def whole_shares(count: int, weights: Sequence[float]) -> list[int]:
    """Whole numbers in the proportion of weights that add up to a count; the largest remainders are rounded up."""
    total = sum(weights)
    exact = [count * weight / total for weight in weights] if total > 0 else [float(count), *[0.0] * (len(weights) - 1)]
    shares = [int(value) for value in exact]
    order = sorted(range(len(exact)), key=lambda at: (shares[at] - exact[at], at))
    for at in order[: count - sum(shares)]:
        shares[at] += 1
    return shares
