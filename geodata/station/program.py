"""The choice of sites as an integer program, made small, and its solution by HiGHS.

Places that the same sites reach are one, a site whose places another reaches too is left out, and what only one site
reaches counts for that site itself.

References
----------
Q. Huangfu and J. Hall, "Parallelizing the dual revised simplex method", Mathematical Programming Computation 10, 2018.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numba import njit

from geodata.station.site import Floats, Ints, Longs, Uncovered

if TYPE_CHECKING:
    import highspy

# As HiGHS says that it has a solution.
_FEASIBLE = 2

GoOn: TypeAlias = Callable[[float, float], bool]


@dataclass(frozen=True, slots=True)
class Program:
    """What is left to decide: sites of use, what each reaches alone, and groups that several of them reach.

    Parameters
    ----------
    sites
        Of what is uncovered, int32 (columns).
    instead
        The site of use that reaches all that a site does, itself where it is of use, -1 where it reaches nothing;
        int32 (sites of all).
    alone
        Units that only this site reaches; float64 (columns).
    first, column
        The columns of each shared group; int64 (groups + 1), int32.
    weight
        Units of each shared group.
    total
        Units of everything.
    """

    sites: Ints
    instead: Ints
    alone: Floats
    first: Longs
    column: Ints
    weight: Floats
    total: int


@dataclass(frozen=True, slots=True)
class Solved:
    """What HiGHS says.

    Parameters
    ----------
    sites
        Chosen ones of those that were left; none where it found no choice.
    bound
        Units, or sites, that no choice can better.
    found
        Whether there is a choice.
    nothing
        Whether it is proven that there is none.
    """

    sites: Ints
    bound: float
    found: bool
    nothing: bool


def make_program(wanted: Uncovered) -> Program:
    """Leave out sites that another one makes useless, and fold what one site alone reaches."""
    instead = _instead(wanted.first, wanted.group, wanted.site_first, wanted.site)
    useful = np.flatnonzero(instead == np.arange(instead.size)).astype(np.int32)
    column_of = np.full(wanted.first.size - 1, -1, dtype=np.int32)
    column_of[useful] = np.arange(useful.size, dtype=np.int32)
    columns = column_of[wanted.site]
    owner = np.repeat(np.arange(wanted.units.size), np.diff(wanted.site_first))
    columns, owner = columns[columns >= 0], owner[columns >= 0]
    times = np.bincount(owner, minlength=wanted.units.size)
    weight = wanted.units.astype(np.float64)
    alone = np.zeros(useful.size)
    np.add.at(alone, columns, np.where(times[owner] == 1, weight[owner], 0.0))
    shared = times[owner] > 1
    first = np.concatenate(([0], np.cumsum(times[times > 1]))).astype(np.int64)
    return Program(useful, instead, alone, first, columns[shared], weight[times > 1], wanted.total)


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


def solve(
    model: Program,
    count: int,
    *,
    need: int | None = None,
    start: Ints | None = None,
    seconds: float,
    go_on: GoOn,
) -> Solved:
    """Let HiGHS decide: at most ``count`` sites that reach the most, or the fewest that reach ``need`` units.

    Parameters
    ----------
    start
        A choice that is known.
    go_on
        Is told the best and the bound, in units or sites, and says whether to go on.
    """
    if not model.sites.size:
        lacking = need is not None and need > 0
        return Solved(model.sites, 0.0, not lacking, lacking)
    import highspy

    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.silent()
    options: dict[str, Any] = {
        "threads": 1,
        "random_seed": 1,
        "time_limit": seconds,
        "mip_rel_gap": 0.0,
        # Whole numbers that differ by less than one are the same.
        "mip_abs_gap": 1 - 1e-4,
    }
    for name, value in options.items():
        solver.setOptionValue(name, value)
    _state(solver, model, count, need)
    if start is not None:
        _begin_with(solver, model, start)
    watcher = _Watcher(go_on)
    for kind in (solver.cbMipInterrupt, solver.cbSimplexInterrupt, solver.cbMipLogging):
        kind.subscribe(watcher)
    solver.run()
    info, status = solver.getInfo(), solver.getModelStatus()
    found = info.primal_solution_status == _FEASIBLE
    values = np.asarray(solver.getSolution().col_value[: model.sites.size])
    chosen = model.sites[values > 0.5] if found else model.sites[:0]
    bound = float(info.mip_dual_bound)
    if not math.isfinite(bound):
        bound = float(model.total) if need is None else 0.0
    return Solved(chosen, bound, found, status == highspy.HighsModelStatus.kInfeasible)


def _state(solver: "highspy.Highs", model: Program, count: int, need: float | None) -> None:
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
    solver.addRow(-highspy.kHighsInf, count, sites, np.arange(sites, dtype=np.int32), np.ones(sites))
    if need is None:
        solver.changeObjectiveSense(highspy.ObjSense.kMaximize)
    else:
        used = np.flatnonzero(reached).astype(np.int32)
        solver.addRow(need, highspy.kHighsInf, used.size, used, reached[used])


def _begin_with(solver: "highspy.Highs", model: Program, start: Ints) -> None:
    """Give the solver a choice that is known, with sites of use in the place of others."""
    taken = np.isin(model.sites, model.instead[start])
    reached = np.zeros(model.weight.size, dtype=bool)
    owner = np.repeat(np.arange(model.weight.size), np.diff(model.first))
    reached[owner[taken[model.column]]] = True
    values = np.concatenate((taken, reached)).astype(np.float64)
    solver.setSolution(values.size, np.arange(values.size, dtype=np.int32), values)


class _Watcher:
    """Passes on how far the solver is, and stops it when told to."""

    def __init__(self, go_on: GoOn) -> None:
        from highspy import cb

        # Its steps know no bound; they are told of so that a long one can be broken off.
        self._simplex = int(cb.HighsCallbackType.kCallbackSimplexInterrupt)
        self._go_on = go_on
        self._best, self._bound = 0.0, math.inf

    def __call__(self, event: Any) -> None:
        if event.callback_type != self._simplex:
            self._best, self._bound = event.data_out.mip_primal_bound, event.data_out.mip_dual_bound
        if not self._go_on(self._best, self._bound) and event.data_in is not None:
            event.interrupt()
