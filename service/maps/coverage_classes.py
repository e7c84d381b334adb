"""Classes of coverage, their colours and words: the same on the map page and in the printed report."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class ShareClass:
    """Shares from a bound up to the next class.

    Parameters
    ----------
    least
        The lowest share of the class, 0 to 1.
    colour
        What it is filled with: the less is reached, the darker, so that need stands out in grey too.
    label
        The bounds in words that need no translation.
    """

    least: float
    colour: str
    label: str


SHARE_CLASSES: Final = (
    ShareClass(0.0, "#8c2d04", "< 50 %"),
    ShareClass(0.5, "#cc4c02", "50–70 %"),
    ShareClass(0.7, "#fe9929", "70–85 %"),
    ShareClass(0.85, "#fed98e", "85–95 %"),
    ShareClass(0.95, "#fff7d6", "≥ 95 %"),
)
NO_DATA_COLOUR: Final = "#e5e5e5"

_BOUNDS: Final[Sequence[float]] = [one.least for one in SHARE_CLASSES[1:]]


def share_class(share: float) -> ShareClass:
    """The class that a share, 0 to 1, belongs to."""
    return SHARE_CLASSES[bisect_right(_BOUNDS, share)]
