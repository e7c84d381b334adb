"""What a text may mean, as it is told: entries that it does not tell apart, how likely they are, and why."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geodata.address.normalize import Normal
from geodata.address.words import Slot

SLOT_NAMES: Final = (
    "segment", "group", "lane", "alley", "number", "section", "building", "unit", "floor", "room",
)  # fmt: skip
"""Names of the slots as parts of an answer."""
CORE_NAMES: Final = ("road", "compound", "place")


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a candidate is one.

    Parameters
    ----------
    code
        name-same name-alias name-sound name-near-sound name-slip name-pinyin · area-same area-other ·
        number-same number-missing number-other number-near.
    facts
        ``part``, ``value`` or ``name``, and ``typed`` as it stands in the text.
    """

    code: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Entries that a text may mean, as far as it tells them apart.

    Parameters
    ----------
    points, weights
        Longitude and latitude of each entry, shape (n, 2), and how likely each is; the weights sum to `score`.
    code
        Of the likeliest entry.
    text
        Of the likeliest entry, whole: of one that is merely near, the nearest known.
    label
        What they have in common.
    level
        The narrowest part that was found: room unit building number … compound place road, or area.
    score
        Probability, 0 to 1.
    exact
        Whether no number of the text that places it is contradicted or missing: False for what is merely near.
    within_metres
        How far from its points it may lie, where its number is not known and no known ones stand on both sides.
    kind, lon, lat
        Of the likeliest entry.
    parts
        Road, number, compound, building … by name, as far as they were found.
    reasons
        In the order of the parts.
    """

    points: NDArray[np.float64]
    weights: NDArray[np.float64]
    code: str
    text: str
    label: str
    level: str
    score: float
    exact: bool
    kind: str
    lon: float
    lat: float
    parts: dict[str, str] = field(default_factory=dict)
    reasons: tuple[Reason, ...] = ()
    within_metres: float = 0.0


@dataclass(frozen=True, slots=True)
class Found:
    """What a text may mean.

    Parameters
    ----------
    candidates
        The likeliest first.
    points, weights
        Of all entries that were considered; with `nothing` and `area_weight` the weights sum to 1.
    nothing
        How likely it is that nothing in the register is meant.
    areas, area_weight
        Names of areas that the text says, and how likely it is that it says no more.
    """

    normal: Normal
    candidates: tuple[Candidate, ...]
    points: NDArray[np.float64]
    weights: NDArray[np.float64]
    nothing: float
    areas: tuple[str, ...] = ()
    area_weight: float = 0.0


def put_first(found: Found, first: Candidate, limit: int) -> Found:
    """The same with one candidate before all others, which stay what they were, of the rest of the likelihood."""
    rest = 1.0 - first.score
    others = [
        replace(one, weights=one.weights * rest, score=one.score * rest)
        for one in found.candidates
        if (one.kind, one.code) != (first.kind, first.code)
    ]
    return replace(
        found,
        candidates=(first, *others[: limit - 1]),
        points=np.concatenate([first.points, found.points]),
        weights=np.concatenate([first.weights, found.weights * rest]),
        nothing=found.nothing * rest,
        area_weight=found.area_weight * rest,
    )


def level_of(matched: int, cores: Any) -> str:
    """The narrowest part that was found, by the bits of its slots and the names of its stem that the text says."""
    deepest = max((slot for slot in Slot if matched & 1 << slot), default=None)
    if deepest is not None:
        return SLOT_NAMES[deepest]
    return next((name for name, said in zip(reversed(CORE_NAMES), reversed(cores), strict=True) if said), "area")


def common_label(texts: Sequence[str]) -> str:
    """What texts have in common at their beginning, never a part of a number."""
    low, high = min(texts), max(texts)
    size = next((k for k, (a, b) in enumerate(zip(low, high, strict=False)) if a != b), min(len(low), len(high)))
    if size < len(high):
        while size and high[size - 1].isdigit():
            size -= 1
    return high[:size].rstrip("-#附之") or texts[0]
