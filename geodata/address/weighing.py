"""Which explanations of a text go together, and how likely each is: over the parts of a register as if it were one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from geodata.address.apart import metres_from
from geodata.address.candidates import Candidate, Found, common_label
from geodata.address.explain import NOWHERE
from geodata.address.normalize import normalize
from geodata.address.query import Query, read_query, ways_to_read
from geodata.address.spelled import respelled, respellings
from geodata.address.unknown import closeness_of
from geodata.address.verbatim import with_verbatim
from geodata.address.words import SLOTS, Slot

NOTHING: Final = 19.0
"""Cost of the text meaning nothing in the register, nats."""

_UNKNOWN_NAME: Final = float(np.exp(1.0))
"""How likely a text means what the register knows not even by name, relative to what costs `NOTHING`.

The more, the fewer texts that mean such a name are found elsewhere, and the more that mean a known one are asked about.
"""
_WITHOUT_NUMBERS: Final = float(np.exp(6.0))
"""The same of a text without numbers: a name that is merely like another is little."""
_UNLIKELY: Final = 0.3
_NOT_AS_TYPED: Final = 3e-6
_SURE: Final = 0.98
_FINER: Final = 3.5
_BITS: Final = 1 << np.arange(SLOTS)
_AROUND: Final = np.isin(np.arange(SLOTS), (Slot.SEGMENT, Slot.GROUP, Slot.LANE, Slot.ALLEY, Slot.SECTION))
_AS_WELL: Final = 1.0
_NOT_NEAR: Final = 6.0
"""How much less likely a place near an unknown number is meant where the number is known there after all."""
_FARTHEST: Final = 4.0
"""Nats that distance costs at most, one for each kilometre."""


@dataclass(frozen=True, slots=True)
class Explained:
    """Rows of one part of a register that may explain a text; arrays of one length, the rows.

    Parameters
    ----------
    cost, base
        Nats: of all, and of its names and areas alone.
    matched, against
        Bits of the slots that the text says, and says otherwise, or of `NOWHERE`.
    slots
        int32, shape (n, slots): packed numbers.
    names
        int64, shape (n, 3): of the road, the compound and the place, where the text says them; 0 where it does not.
        Equal numbers are equal names in every part.
    towns
        int64: the same of the narrowest district or town.
    points
        float64, shape (n, 2): longitude and latitude.
    areas, area_weight
        Names of areas that the text says, and how likely it is that it says no more, relative to nothing being meant.
    candidate
        What some of the rows (positions, and their weights) are as one candidate.
    """

    cost: NDArray[np.float64]
    base: NDArray[np.float64]
    matched: NDArray[np.int64]
    against: NDArray[np.int64]
    slots: NDArray[np.int32]
    names: NDArray[np.int64]
    towns: NDArray[np.int64]
    points: NDArray[np.float64]
    areas: tuple[str, ...]
    area_weight: float
    candidate: Callable[[Any, Any], Candidate]


@dataclass(frozen=True, slots=True)
class _Weighed:
    """How likely rows are, the group of each, and within how many metres of its points each group's place lies."""

    weights: NDArray[np.float64]
    group: NDArray[np.int64]
    within: NDArray[np.float64]


class Part(Protocol):
    """A part of a register."""

    def explain(self, query: Query) -> Explained:
        """The rows that explain a text best."""

    def verbatim(self, key: int) -> Sequence[Candidate]:
        """Entries whose text has a key, each as a candidate."""


def find_in(parts: Sequence[Part], text: str, *, near: tuple[float, float] | None = None, limit: int = 8) -> Found:
    """The entries of a register in one or several parts that a text may mean; see `AddressIndex.find`."""
    normal = respelled(normalize(text))
    found = [_find(parts, read_query(normal), near, limit)]
    # pingan is pin, gan or ping, an: unless the likeliest reading fits as typed the others are tried.
    if found[0].nothing + found[0].area_weight > _NOT_AS_TYPED:
        found += [_find(parts, read_query(normal, way), near, limit) for way in range(1, ways_to_read(normal))]
    if found[0].nothing + found[0].area_weight > _UNLIKELY:
        found += [_find(parts, read_query(other), near, limit) for other in respellings(normal)]
    best = min(found, key=lambda one: one.nothing + one.area_weight)
    return with_verbatim(parts, text, best, limit, _SURE)


def _find(parts: Sequence[Part], query: Query, near: tuple[float, float] | None, limit: int) -> Found:
    if not len(query.codes):
        return Found(query.normal, (), np.zeros((0, 2)), np.zeros(0), 1.0)
    explained = [part.explain(query) for part in parts]
    rows = explained[0] if len(explained) == 1 else _joined(explained)
    weighed = _weights(query, rows, near)
    prior = _UNKNOWN_NAME if query.numbers else _WITHOUT_NUMBERS
    scale = 1.0 / (prior + float(weighed.weights.sum()) + rows.area_weight)
    weights = weighed.weights * scale
    return Found(
        query.normal,
        _candidates(explained, weights, weighed, limit),
        rows.points,
        weights,
        prior * scale,
        rows.areas,
        rows.area_weight * scale,
    )


def _joined(parts: Sequence[Explained]) -> Explained:
    """The rows of all parts, those that cost too much beside the best of another part included: they hardly weigh."""
    area = max(parts, key=lambda part: part.area_weight)
    names = ("cost", "base", "matched", "against", "slots", "names", "towns", "points")
    arrays: dict[str, Any] = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    return replace(area, **arrays)


def _weights(query: Query, rows: Explained, near: tuple[float, float] | None) -> _Weighed:
    """How likely each row is, relative to nothing being meant.

    A group is what the text does not tell apart. It counts once, however many rows it has; what says no more than
    the text goes before what says more, and of doors that are merely near the nearest ones count.
    """
    wrong = rows.against != 0
    told = rows.matched & _wider_than(rows.against)
    names = rows.names.sum(axis=1)
    towns = _towns(names, rows.towns)
    shown = np.where(told[:, None] & _BITS, rows.slots, 0).astype(np.int64)
    key = np.column_stack([names, towns, shown, wrong]).astype(np.int64) @ _MIXED
    group = np.unique(key, return_inverse=True)[1]
    count = int(group.max(initial=-1)) + 1
    whole_row = (((rows.slots != 0) @ _BITS) == rows.matched) & ~wrong
    with_whole = np.bincount(group, whole_row, count) > 0
    cost = rows.cost + np.where(with_whole[group] & ~whole_row, _FINER, 0.0)
    # Of what is merely near no row is meant itself: none is likelier for the numbers that it has besides.
    least = np.full(count, np.inf)
    np.minimum.at(least, group, cost)
    cost = np.where(wrong, least[group], cost)
    cost = cost + np.where(_known_better(rows, names, towns), np.where(wrong, _NOT_NEAR, _FINER), 0.0)
    if near is not None:
        cost = cost + np.minimum(metres_from(near, rows.points) / 1000.0, _FARTHEST)
    closeness, within = closeness_of(query, rows.slots, rows.against, group)
    share = np.where(with_whole[group], whole_row, 1.0) * closeness
    total = np.bincount(group, share, count)
    share = np.where(with_whole[group] & ~whole_row, 1.0, share)
    return _Weighed(np.exp(NOTHING - cost) * share / np.maximum(total[group], 1e-9), group, within)


def _towns(names: NDArray[np.int64], towns: NDArray[np.int64]) -> NDArray[np.int64]:
    """The town of each row; of one that does not say it, that of the others of its name, if they are all in one."""
    result = towns.copy()
    for name in np.unique(names[towns == 0]).tolist():
        here = np.flatnonzero(names == name)
        known = np.unique(towns[here][towns[here] != 0])
        if len(known) == 1:
            result[here] = known[0]
    return result


def _wider_than(against: NDArray[np.int64]) -> NDArray[np.int64]:
    """Bits of the slots before the first that is contradicted: what another door has inside says nothing."""
    contradicted = against & (NOWHERE - 1)
    return np.where(contradicted != 0, (contradicted & -contradicted) - 1, -1)


def _known_better(rows: Explained, names: NDArray[np.int64], towns: NDArray[np.int64]) -> Any:
    """Which rows share their names with one that the numbers of the text fit farther, and the names as well.

    A building that is known goes before its neighbours. What has a phase or lane that the text does not say fits no
    farther than that.
    """
    contradicted = rows.against & (NOWHERE - 1)
    lowest = np.where(contradicted != 0, contradicted & -contradicted, 1 << SLOTS)
    unsaid = (((rows.slots != 0) & _AROUND) @ _BITS) & ~rows.matched
    fits = np.minimum(np.where(rows.against == NOWHERE, 0, lowest), np.where(unsaid != 0, unsaid & -unsaid, 1 << SLOTS))
    where = np.unique(np.column_stack([names, towns]) @ _MIXED[:2], return_inverse=True)[1]
    best = np.zeros(int(where.max(initial=-1)) + 1, dtype=np.int64)
    np.maximum.at(best, where, fits)
    least = np.full(len(best), np.inf)
    farthest = fits == best[where]
    np.minimum.at(least, where[farthest], rows.base[farthest])
    # What has the number in a phase that is not said is already dearer than what has it without one.
    with_exact = np.bincount(where, farthest & (rows.against == 0)) > 0
    tells = (rows.against != 0) | ~with_exact[where]
    return ~farthest & tells & (least[where] <= rows.base + _AS_WELL)


def _candidates(parts: Sequence[Explained], weights: Any, weighed: _Weighed, limit: int) -> tuple[Candidate, ...]:
    """Groups, the likeliest first."""
    group = weighed.group
    scores = np.bincount(group, weights)
    starts = np.r_[0, np.cumsum([len(part.cost) for part in parts])]
    result = []
    for which in np.argsort(-scores, kind="stable")[:limit].tolist():
        members = np.flatnonzero(group == which)
        pieces = []
        for part, start, end in zip(parts, starts, starts[1:], strict=False):
            own = members[(members >= start) & (members < end)]
            if len(own):
                pieces.append(part.candidate(own - start, weights[own]))
        one = pieces[0] if len(pieces) == 1 else _one(pieces)
        result.append(replace(one, within_metres=float(weighed.within[which])))
    return tuple(result)


def _one(pieces: Sequence[Candidate]) -> Candidate:
    """One candidate of what several parts have of it."""
    likeliest = max(pieces, key=lambda piece: float(piece.weights.max()))
    return replace(
        likeliest,
        points=np.concatenate([piece.points for piece in pieces]),
        weights=np.concatenate([piece.weights for piece in pieces]),
        label=common_label([piece.label for piece in pieces]),
        score=sum(piece.score for piece in pieces),
    )


_MIXED: Final = np.array(
    [int(x) | 1 for x in np.random.default_rng(7).integers(1 << 20, 1 << 62, SLOTS + 3)], dtype=np.int64
)
"""Odd numbers that make one number of a row of numbers."""
