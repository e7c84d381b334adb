"""Where new stations help most: sites chosen from what each would reach. Arrays in, arrays out.

Two questions are answered at once, the proven optimum takes longer (`geodata.station.optimum`):

- the most that so many new stations reach (maximal covering location problem): the site that gains most, again and
  again, then the best exchange of a chosen site for another until none gains anything, and the same again some times
  after several of the sites were given up;
- the fewest stations that reach so much: the same until it is reached, then those that can be spared are dropped, and
  one fewer is tried with exchanges.

References
----------
R. Church and C. ReVelle, "The maximal covering location problem", Papers of the Regional Science Association 32, 1974.
G. Nemhauser, L. Wolsey and M. Fisher, "An analysis of approximations for maximizing submodular set functions", 1978:
the first part alone reaches at least 63 % of the most.
M. Teitz and P. Bart, "Heuristic methods for estimating the generalized vertex median", 1968, for the exchanges.
"""

import io
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from geodata.station.choosing import exchanged, greedy, spared

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
_NONE = np.empty(0, dtype=np.int32)

# Of what is no whole number, an estimated household say, a millionth is told apart.
_FRACTION = 1_000_000
# What a share of a sum may miss by rounding.
_SLACK = 1e-9
_MOST_EXCHANGES = 1_000
# How often a choice is shaken, by how many pairs of a site and a group there are: a second at most.
_WORK = 20_000_000
_FEWEST_ROUNDS, _MOST_ROUNDS = 8, 150
_SEED = 20_260_101


@dataclass(frozen=True, slots=True)
class Covers:
    """Which places each site would reach within the minutes.

    Parameters
    ----------
    first
        Where the places of each site begin in `place`, and where the last ones end; int64 (sites + 1).
    place
        The places of one site after the other, int32; each at most once at a site.
    """

    first: Longs
    place: Ints


@dataclass(frozen=True, slots=True)
class Siting:
    """Sites in the order in which they gain most.

    Parameters
    ----------
    sites
        Int32 (chosen); fewer than were asked for where no other gains anything.
    gained
        What each adds to those before it, in the unit of the weights; float64 (chosen).
    """

    sites: Ints
    gained: Floats

    @property
    def reached(self) -> float:
        """What all of them reach that was not covered before."""
        return float(self.gained.sum())


@dataclass(frozen=True, slots=True)
class Uncovered:
    """What is still uncovered, places that the same sites reach taken together.

    Parameters
    ----------
    first, group
        The groups that each site reaches, as `Covers`; int64 (sites + 1), int32.
    site_first, site
        The sites that reach each group, the other way round; int64 (groups + 1), int32, ascending.
    units
        Weight of each group in whole units of ``1 / scale``; int64 (groups).
    scale
        1 where all weights are whole numbers, else a million.
    total
        Units of everything that some site reaches.
    """

    first: Longs
    group: Ints
    site_first: Longs
    site: Ints
    units: Longs
    scale: int
    total: int

    @property
    def sites(self) -> int:
        """How many there are to choose from."""
        return self.first.size - 1

    @property
    def most(self) -> float:
        """What all sites together would gain, in the unit of the weights."""
        return self.total / self.scale

    def of(self, site: int) -> Ints:
        """The groups that one site reaches."""
        return self.group[self.first[site] : self.first[site + 1]]

    def packed(self) -> bytes:
        """All of it in few bytes."""
        kept = io.BytesIO()
        np.savez_compressed(kept, first=self.first, group=self.group, units=self.units, scale=self.scale)
        return kept.getvalue()

    @classmethod
    def unpacked(cls, packed: bytes) -> "Uncovered":
        """What was packed."""
        with np.load(io.BytesIO(packed), allow_pickle=False) as kept:
            first, group, units, scale = kept["first"], kept["group"], kept["units"], int(kept["scale"])
        return cls(first, group, *turned(first, group, units.size), units, scale, int(units.sum()))


def uncovered(covers: Covers, weights: ArrayLike, covered: ArrayLike) -> Uncovered:
    """What the sites could gain.

    Parameters
    ----------
    weights
        Households, persons or any other count of each place, not negative; float64 (places).
    covered
        Whether a station reaches the place already; bool (places).

    Notes
    -----
    Groups are told apart by 128 bits of what reaches them.
    """
    weight = np.asarray(weights, dtype=np.float64)
    whole = bool((weight == np.rint(weight)).all())
    scale = 1 if whole else _FRACTION
    units = np.rint(weight * scale).astype(np.int64)
    units[np.asarray(covered, dtype=bool)] = 0
    one, two = _marks(covers.first.size - 1)
    left, right = _fingerprints(covers.first, covers.place, units, one, two)
    wanted = np.flatnonzero((units > 0) & ((left != 0) | (right != 0)))
    order = wanted[np.lexsort((wanted, right[wanted], left[wanted]))]
    begins = np.ones(order.size, dtype=bool)
    begins[1:] = (left[order][1:] != left[order][:-1]) | (right[order][1:] != right[order][:-1])
    groups = int(begins.sum())
    representative = np.full(weight.size, -1, dtype=np.int32)
    representative[order[begins]] = np.arange(groups, dtype=np.int32)
    summed = np.zeros(groups, dtype=np.int64)
    np.add.at(summed, np.cumsum(begins) - 1, units[order])
    first, group = _kept(covers.first, covers.place, representative)
    site_first, site = turned(first, group, groups)
    return Uncovered(first, group, site_first, site, summed, scale, int(summed.sum()))


def most_reached(wanted: Uncovered, count: int) -> Siting:
    """So many sites that together reach the most that is not covered yet, or nearly so.

    Parameters
    ----------
    count
        How many at most; fewer are given where no further one gains anything.

    Notes
    -----
    The same input gives the same sites; of those that gain as much, the lowest.
    """
    best = _exchanged(wanted, _grown(wanted, _NONE, count, wanted.total))
    return told(wanted, _shaken(wanted, best, count, wanted.total))


def fewest_sites(wanted: Uncovered, needed: float) -> Siting | None:
    """Few sites that together reach at least so much that is not covered yet; None where all sites reach less.

    Parameters
    ----------
    needed
        In the unit of the weights; no site is chosen where it is not above 0.
    """
    need = units_needed(wanted, needed)
    if need > wanted.total:
        return None
    chosen = _grown(wanted, _NONE, wanted.sites, need)
    chosen = spared(wanted.first, wanted.group, wanted.units, chosen, need)
    while chosen.size > 1:
        fewer = _exchanged(wanted, _without_weakest(wanted, chosen))
        fewer = _shaken(wanted, fewer, chosen.size - 1, need)
        if reached_units(wanted, fewer) < need:
            break
        chosen = fewer
    return told(wanted, chosen)


def units_needed(wanted: Uncovered, needed: float) -> int:
    """A need in whole units; a billionth of all is forgiven, which is what adding up may lose."""
    return max(math.ceil(needed * wanted.scale - _SLACK * max(wanted.total, 1)), 0)


def reached_units(wanted: Uncovered, chosen: ArrayLike) -> int:
    """Units that some sites reach together."""
    seen = np.zeros(wanted.units.size, dtype=bool)
    for site in np.asarray(chosen).tolist():
        seen[wanted.of(site)] = True
    return int(wanted.units[seen].sum())


def told(wanted: Uncovered, chosen: ArrayLike) -> Siting:
    """Chosen sites in the order in which they gain most, with what each gains; those that gain nothing are left out."""
    left = sorted(set(np.asarray(chosen).tolist()))
    units = wanted.units.copy()
    sites: list[int] = []
    gained: list[float] = []
    while left:
        gains = [int(units[wanted.of(site)].sum()) for site in left]
        best = int(np.argmax(gains))
        if gains[best] <= 0:
            break
        sites.append(left.pop(best))
        gained.append(gains[best] / wanted.scale)
        units[wanted.of(sites[-1])] = 0
    return Siting(np.array(sites, dtype=np.int32), np.array(gained, dtype=np.float64))


def _shaken(wanted: Uncovered, best: Ints, count: int, aim: int) -> Ints:
    """At most so many sites that reach at least as much, by giving up some again and again, until the aim is reached.

    Some are given up for any other one and for those that gain most then: exchanges of single sites end where only two
    at once would help.
    """
    reached = reached_units(wanted, best)
    random = np.random.Generator(np.random.PCG64(_SEED))
    rounds = min(max(_WORK // max(wanted.group.size, 1), _FEWEST_ROUNDS), _MOST_ROUNDS)
    for _ in range(rounds if best.size > 1 else 0):
        if reached >= aim:
            break
        kept = random.permutation(best)[: int(random.integers(best.size))]
        new = random.integers(wanted.sites, size=1, dtype=np.int32)
        kept = kept if new[0] in kept else np.concatenate((kept, new))
        other = _exchanged(wanted, _grown(wanted, kept, count, wanted.total))
        more = reached_units(wanted, other)
        if more > reached:
            best, reached = other, more
    return best


def _grown(wanted: Uncovered, begun: Ints, count: int, needed: int) -> Ints:
    chosen: Ints = greedy(
        wanted.first, wanted.group, wanted.site_first, wanted.site, wanted.units, begun, count, needed
    )
    return chosen


def _exchanged(wanted: Uncovered, chosen: Ints) -> Ints:
    better: Ints = exchanged(wanted.first, wanted.group, wanted.units, chosen, _MOST_EXCHANGES)
    return better


def _without_weakest(wanted: Uncovered, chosen: Ints) -> Ints:
    """The sites without the one that reaches least that no other does."""
    times = np.zeros(wanted.units.size, dtype=np.int64)
    groups = [wanted.of(site) for site in chosen.tolist()]
    for group in groups:
        times[group] += 1
    alone = [int(wanted.units[group[times[group] == 1]].sum()) for group in groups]
    return np.delete(chosen, int(np.argmin(alone)))


def _marks(sites: int) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Two random words for each site, the same each time."""
    words = np.random.Generator(np.random.PCG64(_SEED)).integers(1, 2**63, (2, sites), dtype=np.uint64)
    return words[0], words[1]


def turned(first: Longs, item: Ints, items: int) -> tuple[Longs, Ints]:
    """The same pairs by their second half: where each begins, and the first halves, ascending."""
    counts = np.bincount(item, minlength=items)
    starts = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
    owner = np.repeat(np.arange(first.size - 1, dtype=np.int32), np.diff(first))
    return starts, owner[np.argsort(item, kind="stable")]


@njit(cache=True, nogil=True)
def _fingerprints(first: Any, place: Any, units: Any, one: Any, two: Any) -> Any:
    """Two sums for each place over the sites that reach it: equal for the same set of sites."""
    left, right = np.zeros(units.size, np.uint64), np.zeros(units.size, np.uint64)
    for site in range(first.size - 1):
        for at in range(first[site], first[site + 1]):
            left[place[at]] += one[site]
            right[place[at]] += two[site]
    return left, right


@njit(cache=True, nogil=True)
def _kept(first: Any, place: Any, group_of: Any) -> Any:
    """The pairs whose place stands for a group, with the group."""
    starts, kept = np.zeros(first.size, np.int64), np.empty(place.size, np.int32)
    filled = 0
    for site in range(first.size - 1):
        for at in range(first[site], first[site + 1]):
            if group_of[place[at]] >= 0:
                kept[filled] = group_of[place[at]]
                filled += 1
        starts[site + 1] = filled
    return starts, kept[:filled].copy()
