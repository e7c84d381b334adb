"""How fast somebody walks, and what they cannot."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geodata.station.network.arrays import UNREACHED, Network, Numbers

_MS_PER_MM_AT_1_KMH: Final = 3.6


@dataclass(frozen=True, slots=True)
class Profile:
    """A way of walking.

    Parameters
    ----------
    code, name, name_en
        What it is called, the name in Chinese and in English.
    kmh
        Speed on the level, km/h, above 0.
    steps_factor
        How many times as long stairs take as level ground; None where stairs cannot be walked.
    """

    code: str
    name: str
    name_en: str
    kmh: float
    steps_factor: float | None = 1.0

    def edge_ms(self, network: Network) -> Numbers:
        """How long each edge takes, whole milliseconds; `UNREACHED` where it cannot be walked.

        Notes
        -----
        Of each edge ``round(mm × 3.6 / kmh × factor)``, half to even. What takes longer than 24 days is not walked.
        """
        factor = np.where(network.steps, np.inf if self.steps_factor is None else self.steps_factor, 1.0)
        return _whole_ms(network.mm * _MS_PER_MM_AT_1_KMH / self.kmh * factor)

    def straight_ms(self, mm: ArrayLike) -> Numbers:
        """How long a way over level ground takes that is so long, whole milliseconds."""
        return _whole_ms(np.asarray(mm) * _MS_PER_MM_AT_1_KMH / self.kmh)


def _whole_ms(ms: NDArray[Any]) -> Numbers:
    whole: Numbers = np.rint(np.minimum(ms, UNREACHED)).astype(np.int32)
    return whole


ADULT: Final = Profile("adult", "成年人", "Adult", 5.0, 1.0)
"""Who walks unless somebody else is asked for: 5 km/h, on stairs too."""
