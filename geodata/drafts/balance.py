"""How evenly households are spread over grids, and how many of these are within the band for their kind."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Band:
    """How many households a grid of one kind is to have, both ends included.

    Parameters
    ----------
    least, most
        Households; None leaves an end open.
    source, source_zh
        Where the numbers come from; shown wherever a grid is judged by them.
    """

    least: int | None
    most: int | None
    source: str
    source_zh: str

    def holds(self, households: int) -> bool:
        """Whether so many are in the band."""
        return not (self.least is not None and households < self.least) and not (
            self.most is not None and households > self.most
        )

    @property
    def text(self) -> str:
        """The band as it is written: ``300–500``, ``≤ 500`` or ``≥ 300``."""
        if self.least is None or self.most is None:
            return f"≤ {self.most}" if self.least is None else f"≥ {self.least}"
        return f"{self.least}–{self.most}"


IN_TOWN: Final = Band(300, 500, "default for grids in town", "城市网格默认标准")

DEFAULT_BANDS: Final[Mapping[str, Band]] = {"urban": IN_TOWN}
"""By kind of grid. In the country a grid follows the natural village, so that no number holds by itself: no band."""


@dataclass(frozen=True, slots=True)
class Balance:
    """How evenly households are spread.

    Parameters
    ----------
    grids
        How many there are.
    judged, in_band
        How many have a band for their kind, and how many of these are within it.
    households
        Of all together.
    least, median, most
        Households of a grid; None without any grid.
    mean
        Likewise.
    variation
        Coefficient of variation, standard deviation of all grids divided by the mean; 0 is perfectly even. None where
        nobody lives.
    empty
        How many grids have no household at all.
    """

    grids: int
    judged: int
    in_band: int
    households: int
    least: int | None
    median: float | None
    most: int | None
    mean: float | None
    variation: float | None
    empty: int

    @property
    def share_in_band(self) -> float | None:
        """In the band of those that have one; None where none has."""
        return self.in_band / self.judged if self.judged else None


def balance(
    households: Sequence[int] | NDArray[np.int64], kinds: Sequence[str], bands: Mapping[str, Band] = DEFAULT_BANDS
) -> Balance:
    """How evenly households are spread over grids.

    Parameters
    ----------
    households, kinds
        Of each grid.
    bands
        By kind; grids of other kinds are not judged.

    Notes
    -----
    The deviation is that of the whole, divided by the number of grids: these are all there are, no sample.
    """
    own, of_kind = np.asarray(households, dtype=np.int64), np.asarray(kinds, dtype=object)
    judged = in_band = 0
    for kind, band in bands.items():
        mine = own[of_kind == kind]
        judged += len(mine)
        least, most = band.least or 0, np.iinfo(np.int64).max if band.most is None else band.most
        in_band += int(((mine >= least) & (mine <= most)).sum())
    if not len(own):
        return Balance(0, 0, 0, 0, None, None, None, None, None, 0)
    mean = float(own.mean())
    return Balance(
        grids=len(own),
        judged=judged,
        in_band=in_band,
        households=int(own.sum()),
        least=int(own.min()),
        median=float(np.median(own)),
        most=int(own.max()),
        mean=mean,
        variation=float(own.std() / mean) if mean else None,
        empty=int((own == 0).sum()),
    )
