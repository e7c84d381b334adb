"""The proven best choice of sites, with the bound that proves it, or how far off it can be where time runs out.

Both questions of `geodata.station.site` as integer programs for HiGHS, made small first: places that the same sites
reach are one, a site whose places another reaches too is left out, and what only one site reaches counts for that site
itself. The choice that is known already is given to begin with.

References
----------
Q. Huangfu and J. Hall, "Parallelizing the dual revised simplex method", Mathematical Programming Computation 10, 2018.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from geodata.station.program import Program, make_program, solve
from geodata.station.relaxed import relaxed
from geodata.station.site import (
    Covers,
    Flags,
    Ints,
    Siting,
    Uncovered,
    reached_units,
    told,
    uncovered,
    units_needed,
)

MOST_SECONDS: Final = 600.0
_BETWEEN_SECONDS = 0.25
# HiGHS takes a variable for whole, and a row for kept, within this.
_TOLERANCE = 1e-6
_STEPS: Final = 1000

Ended = Literal["proven", "time", "cancelled"]
Watch = Callable[[float, float, float], bool]
"""Is told the best so far, the bound and the seconds; says whether to go on."""


@dataclass(frozen=True, slots=True)
class Optimum:
    """The best choice that was found, and how good any other could be.

    Parameters
    ----------
    siting
        The sites.
    bound
        What no choice exceeds: of the most that is reached, in the unit of the weights; or the number of sites that
        none can go below.
    gap
        How far the choice may be from the best one, as a share of the bound; 0 where it is proven.
    proven
        None is better.
    ended
        Why it ended: it is proven, time ran out, or who watched said so.
    """

    siting: Siting
    bound: float
    gap: float
    proven: bool
    ended: Ended
    seconds: float


def go_on(_best: float, _bound: float, _seconds: float) -> bool:
    """Watch nothing."""
    return True


def prove_most(wanted: Uncovered, count: int, start: Siting, *, seconds: float = 60.0, watch: Watch = go_on) -> Optimum:
    """The most that so many sites reach.

    Parameters
    ----------
    start
        A choice that is known.
    seconds
        When to give up proving; the best choice until then is given with the bound that holds for it.
    watch
        Is told what is reached and the bound in the unit of the weights, up to four times a second.
    """
    clock = _Clock(seconds, watch, wanted.scale)
    reached = reached_units(wanted, start.sites)
    if reached == wanted.total:
        return _told_most(wanted, start.sites, reached, clock)
    count = min(count, wanted.sites)
    loose = relaxed(wanted, count, reached + 1, steps=_STEPS, go_on=lambda units: clock.go_on(reached, units))
    if loose.units < reached + 1 or clock.over:
        return _told_most(wanted, start.sites, loose.units, clock)
    # Whatever is better has these sites, and none but those.
    can, must = loose.possible(reached + 1)
    left = _Narrowed.of(wanted, can, must)
    solved = solve(
        left.program,
        count - left.taken.size,
        start=left.own(start.sites),
        seconds=clock.left,
        go_on=lambda best, bound: clock.go_on(max(left.reached + best, reached), left.reached + bound),
    )
    chosen = left.all_of(solved.sites)
    if chosen.size > count or reached_units(wanted, chosen) <= reached:
        chosen = start.sites
    bound = min(loose.units, max(left.reached + solved.bound, reached))
    return _told_most(wanted, chosen, bound, clock)


def _told_most(wanted: Uncovered, chosen: Ints, bound: float, clock: "_Clock") -> Optimum:
    best, reached = told(wanted, chosen), reached_units(wanted, chosen)
    proven = bound < reached + 1 - _TOLERANCE if wanted.scale == 1 else bound <= reached + _TOLERANCE * wanted.total
    shown = best.reached if proven else math.floor(bound) / wanted.scale
    gap = 0.0 if proven else 1 - reached / bound
    return Optimum(best, shown, gap, proven, "proven" if proven else clock.ended, clock.seconds)


def prove_fewest(
    wanted: Uncovered, needed: float, start: Siting, *, seconds: float = 60.0, watch: Watch = go_on
) -> Optimum:
    """The fewest sites that reach so much, as `prove_most`; best and bound are numbers of sites.

    Parameters
    ----------
    needed
        In the unit of the weights, not more than ``start`` reaches.
    """
    clock = _Clock(seconds, watch, 1)
    need, size = units_needed(wanted, needed), start.sites.size
    least = 1 if need > 0 else 0
    if size <= least:
        return _told_fewest(wanted, start.sites, least, clock)
    fewer = size - 1
    loose = relaxed(wanted, fewer, need, steps=_STEPS, go_on=lambda _: clock.go_on(size, least))
    if loose.units < need:
        return _told_fewest(wanted, start.sites, size, clock)
    least = max(least, min(loose.fewest(need), fewer))
    if clock.over:
        return _told_fewest(wanted, start.sites, least, clock)
    # Whatever has fewer sites has these, and none but those.
    can, must = loose.possible(need)
    left = _Narrowed.of(wanted, can, must)
    solved = solve(
        left.program,
        fewer - left.taken.size,
        need=need - left.reached,
        seconds=clock.left,
        go_on=lambda _, bound: clock.go_on(size, max(least, left.taken.size + bound)),
    )
    chosen = left.all_of(solved.sites)
    if solved.found and chosen.size < size and reached_units(wanted, chosen) >= need:
        size = chosen.size
    else:
        chosen = start.sites
    bound = size if solved.nothing else max(least, left.taken.size + math.ceil(solved.bound - _TOLERANCE))
    return _told_fewest(wanted, chosen, min(bound, size), clock)


def _told_fewest(wanted: Uncovered, chosen: Ints, bound: int, clock: "_Clock") -> Optimum:
    proven = bound >= chosen.size
    gap = 0.0 if proven else (chosen.size - bound) / chosen.size
    ended: Ended = "proven" if proven else clock.ended
    return Optimum(told(wanted, chosen), float(bound), gap, proven, ended, clock.seconds)


class _Clock:
    """When a proof must end, and why it did; passes on how far it is, up to four times a second."""

    def __init__(self, seconds: float, watch: Watch, scale: int) -> None:
        self._watch = watch
        self._scale = scale
        self._began = time.monotonic()
        self._until = self._began + seconds
        self._told = -math.inf
        self.ended: Ended = "time"

    @property
    def seconds(self) -> float:
        """How long it has taken."""
        return time.monotonic() - self._began

    @property
    def left(self) -> float:
        """Seconds that may be spent."""
        return max(self._until - time.monotonic(), 0.0)

    @property
    def over(self) -> bool:
        """Whether it must end."""
        return self.ended == "cancelled" or self.left <= 0

    def go_on(self, best: float, bound: float) -> bool:
        """Say how far it is, in units; whether to go on."""
        now = time.monotonic()
        if self.ended != "cancelled" and now - self._told >= _BETWEEN_SECONDS:
            self._told = now
            if not self._watch(best / self._scale, bound / self._scale, now - self._began):
                self.ended = "cancelled"
        return not self.over


@dataclass(frozen=True, slots=True)
class _Narrowed:
    """What is left to decide where some sites are taken and others left out.

    Parameters
    ----------
    taken
        Sites that are taken.
    sites
        Of each site that is left, which one it is.
    reached
        Units that the taken ones reach.
    program
        Of what they leave.
    """

    taken: Ints
    sites: Ints
    reached: int
    program: Program

    @classmethod
    def of(cls, wanted: Uncovered, can: Flags, must: Flags) -> "_Narrowed":
        """Take what must be, leave what cannot."""
        taken = np.flatnonzero(must).astype(np.int32)
        sites = np.flatnonzero(can & ~must).astype(np.int32)
        seen = np.zeros(wanted.units.size, dtype=bool)
        for site in taken.tolist():
            seen[wanted.of(site)] = True
        rows = [wanted.of(site) for site in sites.tolist()]
        first = np.concatenate(([0], np.cumsum([row.size for row in rows]))).astype(np.int64)
        place = np.concatenate([np.empty(0, dtype=np.int32), *rows])
        left = uncovered(Covers(first, place), wanted.units, seen)
        return cls(taken, sites, int(wanted.units[seen].sum()), make_program(left))

    def own(self, chosen: Ints) -> Ints:
        """Those of some sites that are left, as they are numbered here."""
        return np.flatnonzero(np.isin(self.sites, chosen)).astype(np.int32)

    def all_of(self, chosen: Ints) -> Ints:
        """Chosen sites that were left, and the taken ones."""
        return np.sort(np.concatenate((self.taken, self.sites[chosen]))).astype(np.int32)
