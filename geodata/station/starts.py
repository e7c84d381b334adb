"""Where a walk may begin that does not begin at a point."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Starts(NamedTuple):
    """The gates of a compound, EPSG:4326 degrees: a walk begins at whichever is quickest.

    One object stands for the gates of one compound between two changes of the data: what was worked out from them can
    be remembered by it, so two are the same only if they are one.
    """

    lons: NDArray[np.float64]
    lats: NDArray[np.float64]

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)
