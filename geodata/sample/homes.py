"""How many households each building has, so that a grid in town has 300 to 500 and a village about 100 to 300."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geodata.sample.built import Built
from geodata.sample.rows import STYLES

Counts = NDArray[np.int64]

TOWN: Final = (320, 480)
VILLAGE: Final = (120, 280)
OCCUPIED: Final = (0.86, 1.0)
MOST_PER_HOUSE: Final = {"old": 14, "village": 3}


def count_households(built: Built, rural: NDArray[np.bool_], rng: np.random.Generator) -> Counts:
    """Return the households of every building; nobody lives in shops, schools, halls and the like.

    Parameters
    ----------
    built
        The buildings.
    rural
        Whether each grid is rural, in the order of the board's leaves.
    rng
        Source of how many homes are wanted and how many are lived in.
    """
    leaf, units = np.array(built.leaf), np.array(built.units)
    style = np.array(built.style)
    result = np.zeros(len(leaf), dtype=np.int64)
    order = np.argsort(leaf, kind="stable")
    bounds = np.searchsorted(leaf[order], np.arange(len(rural) + 1))
    for number in range(len(rural)):
        here = order[bounds[number] : bounds[number + 1]]
        homes = here[np.isin(style[here], ("slab", "tower", "old", "village"))]
        if len(homes):
            wanted = int(rng.integers(*(VILLAGE if rural[number] else TOWN)))
            result[homes] = _spread(style[homes], units[homes], wanted, rng)
    return result


def split_among_units(households: int, units: int) -> Counts:
    """Return a building's households by unit, the first units one more where it does not divide."""
    each, more = divmod(households, units)
    return each + (np.arange(units) < more).astype(np.int64)


def _spread(style: NDArray[Any], units: Counts, wanted: int, rng: np.random.Generator) -> Counts:
    """Return households per building that sum to what is wanted, as nearly as the buildings allow."""
    house = np.isin(style, tuple(MOST_PER_HOUSE))
    if house.all():
        most = np.array([MOST_PER_HOUSE[s] for s in style])
        weights = rng.uniform(0.7, 1.3, len(style))
    else:
        most = np.zeros(len(style), dtype=np.int64)
        for name in ("slab", "tower"):
            chosen = style == name
            if chosen.any():
                share = wanted * units[chosen].sum() * STYLES[name].per_floor / _weight(style, units)
                most[chosen] = units[chosen] * STYLES[name].per_floor * _floors(name, int(units[chosen].sum()), share)
        weights = most * rng.uniform(*OCCUPIED, len(style))
    exact = weights * min(1.0, wanted / weights.sum()) if not house.all() else weights * wanted / weights.sum()
    return np.asarray(np.clip(np.round(exact), 1, most), dtype=np.int64)


def _weight(style: NDArray[Any], units: Counts) -> float:
    return float(sum(units[style == name].sum() * STYLES[name].per_floor for name in ("slab", "tower")))


def _floors(name: str, units: int, wanted: float) -> int:
    """Return the lowest number of floors that gives room for what is wanted, else the highest that is built."""
    enough = [floors for floors in STYLES[name].floors if units * STYLES[name].per_floor * floors * 0.9 >= wanted]
    return min(enough) if enough else max(STYLES[name].floors)
