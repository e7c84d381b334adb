"""Who is reached: counting of places by how many stations reach them. Pure; times were worked out before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Served:
    """Which places some spots reach in time, spot by spot.

    Parameters
    ----------
    first
        int64, shape (s + 1,): where each spot's places begin.
    place, ms
        int32: places that a spot reaches, rising, and after how many milliseconds.
    cut
        bool, shape (s,): whether the spot reaches a place where the network was clipped, so that it may reach more.
    metres
        float64, shape (s,): straight to the nearest edge; infinite where there is none.
    on_network
        bool, shape (s,): whether the spot reaches the network at all.
    """

    first: NDArray[np.int64]
    place: Ints
    ms: Ints
    cut: Flags
    metres: Floats
    on_network: Flags

    def __len__(self) -> int:
        """Spots."""
        return len(self.cut)

    def places_of(self, spot: int) -> Ints:
        """Places that a spot reaches."""
        return self.place[self.first[spot] : self.first[spot + 1]]


@dataclass(frozen=True, slots=True)
class Counted:
    """So many are covered, of so many."""

    covered: float
    all: float

    @property
    def share(self) -> float | None:
        """Covered part of all; None where there is nobody."""
        return self.covered / self.all if self.all else None


def stations_at(served: Served, station_of: NDArray[Any], count: int) -> Ints:
    """How many different stations reach each place.

    Parameters
    ----------
    station_of
        Of each spot, the station that stands there: one that stands at several counts once.
    count
        Number of places.
    """
    several = np.bincount(station_of, minlength=1)[station_of] > 1 if len(station_of) else np.zeros(0, dtype=bool)
    spot_of = np.repeat(np.arange(len(served)), np.diff(served.first))
    mobile = several[spot_of] if len(spot_of) else np.zeros(0, dtype=bool)
    once = served.place[~mobile]
    if mobile.any():
        pairs = station_of[spot_of[mobile]].astype(np.int64) * count + served.place[mobile]
        once = np.concatenate([once, (np.unique(pairs) % count).astype(np.int32)])
    return np.bincount(once, minlength=count).astype(np.int32)


def counted(weights: Floats, inside: Flags, covered: Flags) -> Counted:
    """How much of what is inside is covered."""
    return Counted(float(weights[inside & covered].sum()), float(weights[inside].sum()))


def totals(counts: Mapping[str, Floats], inside: Flags, covered: Flags) -> dict[str, Counted]:
    """How much of each count is covered, of what is inside."""
    return {name: counted(weights, inside, covered) for name, weights in counts.items()}


def counted_by(
    counts: Mapping[str, Floats], inside: Flags, covered: Flags, part_of: Ints, parts: int
) -> list[dict[str, Counted]]:
    """As `totals` of each part, and last of what lies in no part: together they are the whole.

    Parameters
    ----------
    part_of
        int32, one per place: the part that it lies in, -1 for none.
    parts
        Number of parts.
    """
    chosen = np.flatnonzero(inside)
    part = np.where(part_of[chosen] < 0, parts, part_of[chosen])
    found: list[dict[str, Counted]] = [{} for _ in range(parts + 1)]
    for name, weights in counts.items():
        own = weights[chosen]
        whole = np.bincount(part, weights=own, minlength=parts + 1)
        reached = np.bincount(part, weights=own * covered[chosen], minlength=parts + 1)
        for at, (some, every) in enumerate(zip(reached.tolist(), whole.tolist(), strict=True)):
            found[at][name] = Counted(some, every)
    return found


def by_stations(weights: Floats, inside: Flags, several: Ints, most: int) -> list[float]:
    """How much of a count is reached by 0, 1, 2 … stations, last by ``most`` or more; up to the last that is not 0."""
    reached = np.bincount(np.minimum(several[inside], most), weights=weights[inside], minlength=1)
    return [float(amount) for amount in reached]


def spread(total: int, weights: Sequence[float] | Floats) -> NDArray[np.int64]:
    """A whole number in whole parts that follow weights and sum to it; equal parts where all weights are 0."""
    own = np.asarray(weights, dtype=np.float64)
    own = own if own.sum() > 0 else np.ones(len(own))
    ends = np.floor(np.cumsum(own) / own.sum() * total + 0.5).astype(np.int64)
    ends[-1:] = total
    parts: NDArray[np.int64] = np.diff(ends, prepend=0)
    return parts
