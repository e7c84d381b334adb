"""Which explanations of a text go together, and how likely each is: over the parts of a register as if it were one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from geodata.address.candidates import Candidate, Found, common_label
from geodata.address.normalize import normalize
from geodata.address.query import Query, read_query, ways_to_read
from geodata.address.spelled import respelled, respellings
from geodata.address.values import whole
from geodata.address.words import SLOTS, Slot

NOTHING: Final = 19.0
"""Cost of the text meaning nothing in the register, nats."""

_WITHOUT_NUMBERS: Final = float(np.exp(6.0))
"""How much likelier than with numbers a text means nothing: a name that is merely like another is little."""
_UNLIKELY: Final = 0.3
_FINER: Final = 3.5
_BITS: Final = 1 << np.arange(SLOTS)
_NEAR_DOORS: Final = 5.0
"""Doors along one side of a road after which the nearest known one is e times less likely to be the one meant."""
_OTHER_SIDE: Final = 1.5
_METRES_PER_DEGREE: Final = (111_320.0, 110_540.0)


@dataclass(frozen=True, slots=True)
class Explained:
    """Rows of one part of a register that may explain a text; arrays of one length, the rows.

    Parameters
    ----------
    cost
        Nats.
    matched, against
        Bits of the slots that the text says, and says otherwise.
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
    matched: NDArray[np.int64]
    against: NDArray[np.int64]
    slots: NDArray[np.int32]
    names: NDArray[np.int64]
    towns: NDArray[np.int64]
    points: NDArray[np.float64]
    areas: tuple[str, ...]
    area_weight: float
    candidate: Callable[[Any, Any], Candidate]


class Part(Protocol):
    """A part of a register."""

    def explain(self, query: Query) -> Explained:
        """The rows that explain a text best."""


def find_in(parts: Sequence[Part], text: str, *, near: tuple[float, float] | None = None, limit: int = 8) -> Found:
    """The entries of a register in one or several parts that a text may mean; see `AddressIndex.find`."""
    normal = respelled(normalize(text))
    found = [_find(parts, read_query(normal), near, limit)]
    # pingan is pin, gan or ping, an: only where the likeliest reading finds nothing are the others tried.
    if found[0].nothing + found[0].area_weight > _UNLIKELY:
        found += [_find(parts, read_query(normal, way), near, limit) for way in range(1, ways_to_read(normal))]
        found += [_find(parts, read_query(other), near, limit) for other in respellings(normal)]
    return min(found, key=lambda one: one.nothing + one.area_weight)


def _find(parts: Sequence[Part], query: Query, near: tuple[float, float] | None, limit: int) -> Found:
    if not len(query.codes):
        return Found(query.normal, (), np.zeros((0, 2)), np.zeros(0), 1.0)
    explained = [part.explain(query) for part in parts]
    rows = explained[0] if len(explained) == 1 else _joined(explained)
    weights, group = _weights(query, rows, near)
    prior = 1.0 if query.numbers else _WITHOUT_NUMBERS
    scale = 1.0 / (prior + float(weights.sum()) + rows.area_weight)
    weights = weights * scale
    return Found(
        query.normal,
        _candidates(explained, weights, group, limit),
        rows.points,
        weights,
        prior * scale,
        rows.areas,
        rows.area_weight * scale,
    )


def _joined(parts: Sequence[Explained]) -> Explained:
    """The rows of all parts, those that cost too much beside the best of another part included: they hardly weigh."""
    area = max(parts, key=lambda part: part.area_weight)
    names = ("cost", "matched", "against", "slots", "names", "towns", "points")
    arrays: dict[str, Any] = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    return replace(area, **arrays)


def _weights(query: Query, rows: Explained, near: tuple[float, float] | None) -> tuple[Any, Any]:
    """How likely each row is, relative to nothing being meant, and the number of its group.

    A group is what the text does not tell apart. It counts once, however many rows it has; what says no more than
    the text goes before what says more, and of doors that are merely near the nearest ones count.
    """
    shown = np.where(rows.matched[:, None] & _BITS, rows.slots, 0).astype(np.int64)
    key = np.column_stack([rows.names, rows.towns, shown, rows.against != 0]).astype(np.int64) @ _MIXED
    group = np.unique(key, return_inverse=True)[1]
    whole_row = ((rows.slots != 0) @ _BITS) == rows.matched
    with_whole = np.bincount(group, whole_row) > 0
    cost = rows.cost + np.where(with_whole[group] & ~whole_row, _FINER, 0.0)
    if near is not None:
        cost = cost + _distance_cost(rows.points, near)
    share = np.where(with_whole[group], whole_row, 1.0) * _closeness(query, rows)
    total = np.bincount(group, share)
    share = np.where(with_whole[group] & ~whole_row, 1.0, share)
    return np.exp(NOTHING - cost) * share / np.maximum(total[group], 1e-9), group


def _closeness(query: Query, rows: Explained) -> Any:
    """How near the door of each row is to the door of the text, where that is not in the register."""
    asked = next((int(whole_of) for whole_of in query.doors), -1)
    far = np.zeros(len(rows.cost))
    if asked >= 0:
        other = np.flatnonzero(rows.against & 1 << Slot.DOOR)
        known = np.array([whole(door) for door in rows.slots[other, Slot.DOOR].tolist()])
        apart = np.abs(known - asked)
        far[other] = np.minimum(apart / 2.0 / _NEAR_DOORS, 20.0) + np.where(apart % 2, _OTHER_SIDE, 0.0)
    return np.exp(-far)


def _distance_cost(points: NDArray[np.float64], near: tuple[float, float]) -> Any:
    east = (points[:, 0] - near[0]) * _METRES_PER_DEGREE[0] * np.cos(np.radians(near[1]))
    north = (points[:, 1] - near[1]) * _METRES_PER_DEGREE[1]
    return np.minimum(np.hypot(east, north) / 1000.0, 4.0)


def _candidates(parts: Sequence[Explained], weights: Any, group: Any, limit: int) -> tuple[Candidate, ...]:
    """Groups, the likeliest first."""
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
        result.append(pieces[0] if len(pieces) == 1 else _one(pieces))
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
    [int(x) | 1 for x in np.random.default_rng(7).integers(1 << 20, 1 << 62, 3 + SLOTS + 2)], dtype=np.int64
)
"""Odd numbers that make one number of a row of numbers."""
