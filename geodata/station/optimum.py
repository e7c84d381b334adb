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
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
from numba import njit
from numpy.typing import ArrayLike

from geodata.station.site import (
    Covers,
    Floats,
    Ints,
    Longs,
    Siting,
    Uncovered,
    reached_units,
    told,
    uncovered,
    units_needed,
)

if TYPE_CHECKING:
    import highspy

MOST_SECONDS: Final = 600.0
_BETWEEN_SECONDS = 0.25
# HiGHS takes a variable for whole, and a row for kept, within this.
_TOLERANCE = 1e-6
# As HiGHS says that it has a solution.
_FEASIBLE = 2

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


def prove_most(
    covers: Covers,
    weights: ArrayLike,
    covered: ArrayLike,
    count: int,
    start: Siting,
    *,
    seconds: float = 60.0,
    watch: Watch = go_on,
) -> Optimum:
    """The most that so many sites reach.

    Parameters
    ----------
    weights, covered
        As `geodata.station.site.uncovered`.
    start
        A choice that is known.
    seconds
        When to give up proving; the best choice until then is given with the bound that holds for it.
    watch
        Is told the households reached and the bound, four times a second.
    """
    began = time.monotonic()
    wanted = uncovered(covers, weights, covered)
    model = _model(wanted)
    already = reached_units(wanted, start.sites)
    if len(model.sites) <= count or already == wanted.total:
        # All sites that are of any use may be taken.
        chosen = model.sites if already < wanted.total else start.sites
        best = told(covers, weights, covered, chosen)
        return Optimum(best, best.reached, 0.0, True, "proven", time.monotonic() - began)
    solved = _solve(model, count, None, start.sites, began + seconds, watch)
    chosen = _better(wanted, solved.sites, start.sites, count)
    best = told(covers, weights, covered, chosen)
    reached = reached_units(wanted, chosen)
    bound_units = min(solved.bound * wanted.scale, wanted.total)
    slack = 1 - _TOLERANCE if wanted.scale == 1 else _TOLERANCE * max(wanted.total, 1)
    proven = bound_units - reached < slack
    bound = best.reached if proven else bound_units / wanted.scale
    gap = 0.0 if proven else 1 - reached / bound_units
    return Optimum(best, bound, gap, proven, "proven" if proven else solved.ended, time.monotonic() - began)


def prove_fewest(
    covers: Covers,
    weights: ArrayLike,
    covered: ArrayLike,
    needed: float,
    start: Siting,
    *,
    seconds: float = 60.0,
    watch: Watch = go_on,
) -> Optimum:
    """The fewest sites that reach so much, as `prove_most`; the bound is a number of sites.

    Parameters
    ----------
    needed
        In the unit of the weights, within what all sites reach.
    """
    began = time.monotonic()
    wanted = uncovered(covers, weights, covered)
    need = units_needed(wanted, needed)
    least = 1 if need > 0 else 0
    if start.sites.size <= least:
        return Optimum(start, float(start.sites.size), 0.0, True, "proven", time.monotonic() - began)
    solved = _solve(_model(wanted), None, need, start.sites, began + seconds, watch)
    chosen = start.sites
    if solved.sites.size < chosen.size and reached_units(wanted, solved.sites) >= need:
        chosen = solved.sites
    bound = float(min(max(math.ceil(solved.bound - _TOLERANCE), least), chosen.size))
    proven = bound >= chosen.size
    best = told(covers, weights, covered, chosen)
    gap = 0.0 if proven else (chosen.size - bound) / chosen.size
    return Optimum(best, bound, gap, proven, "proven" if proven else solved.ended, time.monotonic() - began)


def _better(wanted: Uncovered, one: Ints, other: Ints, count: int) -> Ints:
    """The choice that reaches more, and is no larger than it may be."""
    if 0 < one.size <= count and reached_units(wanted, one) > reached_units(wanted, other):
        return one
    return other


@dataclass(frozen=True, slots=True)
class _Model:
    """What is left to decide: sites of use, what each reaches alone, and groups that several of them reach.

    Parameters
    ----------
    sites
        Of what is uncovered, int32 (columns).
    instead
        The site of use that reaches all that a site does, itself where it is of use, -1 where it reaches nothing;
        int32 (sites of all).
    alone
        What only this site reaches, in the unit of the weights; float64 (columns).
    first, column
        The columns of each shared group; int64 (groups + 1), int32.
    weight
        Of each shared group, in the unit of the weights.
    total
        Of everything, in the unit of the weights.
    scale
        As of what is uncovered.
    """

    sites: Ints
    instead: Ints
    alone: Floats
    first: Longs
    column: Ints
    weight: Floats
    total: float
    scale: int


@dataclass(frozen=True, slots=True)
class _Solved:
    sites: Ints
    bound: float
    ended: Ended


def _model(wanted: Uncovered) -> _Model:
    """Leave out sites that another one makes useless, and fold what one site alone reaches."""
    instead = _instead(wanted.first, wanted.group, wanted.site_first, wanted.site)
    useful = np.flatnonzero(instead == np.arange(instead.size)).astype(np.int32)
    column_of = np.full(wanted.first.size - 1, -1, dtype=np.int32)
    column_of[useful] = np.arange(useful.size, dtype=np.int32)
    columns = column_of[wanted.site]
    owner = np.repeat(np.arange(wanted.units.size), np.diff(wanted.site_first))
    columns, owner = columns[columns >= 0], owner[columns >= 0]
    times = np.bincount(owner, minlength=wanted.units.size)
    weight = wanted.units / wanted.scale
    alone = np.zeros(useful.size)
    np.add.at(alone, columns, np.where(times[owner] == 1, weight[owner], 0.0))
    shared = times[owner] > 1
    first = np.concatenate(([0], np.cumsum(times[times > 1]))).astype(np.int64)
    total = wanted.total / wanted.scale
    return _Model(useful, instead, alone, first, columns[shared], weight[times > 1], total, wanted.scale)


@njit(cache=True, nogil=True)
def _instead(first: Any, group: Any, site_first: Any, site_of: Any) -> Any:
    """For each site one of use that reaches all that it does, the lowest of equal ones; -1 where it reaches nothing."""
    sites = first.size - 1
    instead = np.arange(sites).astype(np.int32)
    marked = np.full(site_first.size - 1, -1, np.int64)
    for site in range(sites):
        size = first[site + 1] - first[site]
        if size == 0:
            instead[site] = -1
            continue
        # Whoever reaches all of it reaches its rarest group.
        rarest = group[first[site]]
        for at in range(first[site], first[site + 1]):
            here = group[at]
            marked[here] = site
            if site_first[here + 1] - site_first[here] < site_first[rarest + 1] - site_first[rarest]:
                rarest = here
        for back in range(site_first[rarest], site_first[rarest + 1]):
            other = site_of[back]
            larger = first[other + 1] - first[other]
            if other == site or larger < size or (larger == size and other > site):
                continue
            common = 0
            for at in range(first[other], first[other + 1]):
                if marked[group[at]] == site:
                    common += 1
            if common == size:
                instead[site] = other
                break
    for site in range(sites):
        while instead[site] >= 0 and instead[instead[site]] != instead[site]:
            instead[site] = instead[instead[site]]
    return instead


def _solve(model: _Model, count: int | None, need: int | None, start: Ints, until: float, watch: Watch) -> _Solved:
    """Let HiGHS decide: at most ``count`` sites that reach the most, or the fewest that reach ``need`` units."""
    import highspy

    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.silent()
    options: dict[str, Any] = {
        "threads": 1,
        "random_seed": 1,
        "time_limit": max(until - time.monotonic(), 0.0),
        "mip_rel_gap": 0.0,
        # Whole numbers that differ by less than one are the same.
        "mip_abs_gap": 1 - 1e-4 if model.scale == 1 or need is not None else 1e-6,
    }
    for name, value in options.items():
        solver.setOptionValue(name, value)
    _state(solver, model, count, None if need is None else need / model.scale)
    _begin_with(solver, model, start)
    watcher = _Watcher(watch, maximise=need is None)
    for kind in (solver.cbMipInterrupt, solver.cbSimplexInterrupt, solver.cbMipLogging):
        kind.subscribe(watcher)
    solver.run()
    info, status = solver.getInfo(), solver.getModelStatus()
    values = np.asarray(solver.getSolution().col_value[: model.sites.size])
    chosen = model.sites[values > 0.5] if info.primal_solution_status == _FEASIBLE else model.sites[:0]
    bound = float(info.mip_dual_bound)
    if not math.isfinite(bound):
        bound = model.total if need is None else 0.0
    stopped: Ended = "cancelled" if status == highspy.HighsModelStatus.kInterrupt else "time"
    return _Solved(chosen, bound, stopped)


def _state(solver: "highspy.Highs", model: _Model, count: int | None, need: float | None) -> None:
    """Tell the solver the program: a whole variable for each site, one for each shared group."""
    import highspy

    sites, groups = model.sites.size, model.weight.size
    columns = sites + groups
    reached = np.concatenate((model.alone, model.weight))
    cost = reached if need is None else np.concatenate((np.ones(sites), np.zeros(groups)))
    nothing = np.empty(0, dtype=np.int32)
    solver.addCols(
        columns, cost, np.zeros(columns), np.ones(columns), 0, nothing, nothing, np.empty(0, dtype=np.float64)
    )
    solver.changeColsIntegrality(
        sites, np.arange(sites, dtype=np.int32), np.full(sites, int(highspy.HighsVarType.kInteger), dtype=np.uint8)
    )
    # A group is reached where one of its sites is taken.
    starts = (model.first[:-1] + np.arange(groups)).astype(np.int32)
    index = np.insert(model.column, model.first[1:], sites + np.arange(groups)).astype(np.int32)
    value = np.where(index >= sites, 1.0, -1.0)
    solver.addRows(groups, np.full(groups, -highspy.kHighsInf), np.zeros(groups), index.size, starts, index, value)
    if need is None:
        assert count is not None
        solver.addRow(-highspy.kHighsInf, count, sites, np.arange(sites, dtype=np.int32), np.ones(sites))
        solver.changeObjectiveSense(highspy.ObjSense.kMaximize)
    else:
        used = np.flatnonzero(reached).astype(np.int32)
        solver.addRow(need, highspy.kHighsInf, used.size, used, reached[used])


def _begin_with(solver: "highspy.Highs", model: _Model, start: Ints) -> None:
    """Give the solver a choice that is known, with sites of use in the place of others."""
    taken = np.isin(model.sites, model.instead[start])
    reached = np.zeros(model.weight.size, dtype=bool)
    owner = np.repeat(np.arange(model.weight.size), np.diff(model.first))
    reached[owner[taken[model.column]]] = True
    values = np.concatenate((taken, reached)).astype(np.float64)
    solver.setSolution(values.size, np.arange(values.size, dtype=np.int32), values)


class _Watcher:
    """Passes on how far the solver is, four times a second, and stops it when told to."""

    def __init__(self, watch: Watch, *, maximise: bool) -> None:
        from highspy import cb

        self._watch = watch
        # Its steps know no bound; they are told of so that a long one can be broken off.
        self._simplex = int(cb.HighsCallbackType.kCallbackSimplexInterrupt)
        self._began = time.monotonic()
        self._asked = 0.0
        self._best, self._bound = 0.0, math.inf if maximise else 0.0
        self._stop = False

    def __call__(self, event: Any) -> None:
        if event.callback_type != self._simplex:
            self._best, self._bound = event.data_out.mip_primal_bound, event.data_out.mip_dual_bound
        now = time.monotonic()
        if not self._stop and now - self._asked >= _BETWEEN_SECONDS:
            self._asked = now
            self._stop = not self._watch(self._best, self._bound, now - self._began)
        if self._stop and event.data_in is not None:
            event.interrupt()
