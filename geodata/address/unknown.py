"""A number that the register lacks: which known ones it lies between, or how far from the nearest it may be."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geodata.address.explain import NOWHERE
from geodata.address.query import Query
from geodata.address.values import whole
from geodata.address.words import Slot

_OTHER_SIDE: Final = 3.0
"""How much less likely, in nats, a door is where the numbers of the other side of the road are."""
_COARSER: Final = 3.0
"""The same of the middle of the road or compound, where some of its numbers are known."""
_FARTHEST: Final = 20.0
_CLOSE: Final = 3.0
"""A number that is so few doors from known ones on both sides lies between them."""
_BETWEEN: Final = 12.0
_AT_LEAST: Final = 50.0
_DOOR_METRES: Final = 15.0


def closeness_of(
    query: Query, slots: NDArray[np.int32], against: NDArray[np.int64], group: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How likely the place of each row is that of a number which the register lacks, 1 where no number is lacking.

    Parameters
    ----------
    slots, against
        Of the rows, as in `geodata.address.weighing.Explained`.
    group
        The number of each row's group.

    Returns
    -------
    closeness
        Of each row.
    within
        Of each group: how many metres from its points the number may lie; 0 where the text names the points
        themselves, little where numbers on both sides are known, or many beside it.

    Notes
    -----
    Numbers of one side of a road stand in their order. A door is likeliest where the nearest known ones of its side
    are, and the likelihood falls the faster the nearer they are: beyond the last known number it may be anywhere.
    """
    closeness = np.where(against & NOWHERE, np.exp(-_COARSER), 1.0)
    within = np.zeros(int(group.max(initial=-1)) + 1)
    other = against & 1 << Slot.DOOR != 0
    asked = next((door for door in query.doors if door >= 0), -1)
    for one in np.unique(group[against != 0]).tolist():
        members = np.flatnonzero((group == one) & other)
        if asked >= 0 and len(members):
            closeness[members], within[one] = _along(slots[members, Slot.DOOR], asked)
        else:
            known = int(np.count_nonzero((group == one) & (against & NOWHERE == 0)))
            within[one] = max(_BETWEEN, _AT_LEAST / max(known, 1) ** 0.5)
    return closeness, within


def _along(doors: NDArray[np.int32], asked: int) -> tuple[Any, float]:
    """How likely a door is where each of some others of its road is, and how many metres from them it may be."""
    known = np.array([whole(door) for door in doors.tolist()])
    apart = np.abs(known - asked) / 2.0
    same_side = (known - asked) % 2 == 0
    nearest = float(apart[same_side].min(initial=_FARTHEST))
    far = np.minimum((apart - nearest) / (0.5 + nearest / 2.0), _FARTHEST) + np.where(same_side, 0.0, _OTHER_SIDE)
    ends = [apart[same_side & side].min(initial=_FARTHEST) for side in (known <= asked, known >= asked)]
    within = _BETWEEN if max(ends) <= _CLOSE else max(_AT_LEAST, nearest * _DOOR_METRES)
    return np.exp(-far), within
