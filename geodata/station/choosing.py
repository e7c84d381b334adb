"""Choosing sites by what each adds: the loops behind `geodata.station.site`, over groups of places in whole units."""

from typing import Any

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def greedy(
    first: Any, group: Any, site_first: Any, site_of: Any, units: Any, begun: Any, count: int, needed: int
) -> Any:
    """The begun sites and more, in the order in which they gain most, until enough are taken or is reached.

    What every other site still gains is kept up to date by group.
    """
    sites = first.size - 1
    gain = np.zeros(sites, np.int64)
    for site in range(sites):
        for at in range(first[site], first[site + 1]):
            gain[site] += units[group[at]]
    seen = np.zeros(units.size, np.bool_)
    chosen = np.empty(min(count, sites), np.int32)
    filled, reached = 0, 0
    while filled < chosen.size and reached < needed:
        best = 0
        if filled < begun.size:
            best = begun[filled]
        else:
            for site in range(1, sites):
                if gain[site] > gain[best]:
                    best = site
            if gain[best] == 0:
                break
        chosen[filled] = best
        filled += 1
        reached += gain[best]
        for at in range(first[best], first[best + 1]):
            here = group[at]
            if not seen[here]:
                seen[here] = True
                for back in range(site_first[here], site_first[here + 1]):
                    gain[site_of[back]] -= units[here]
    return chosen[:filled].copy()


@njit(cache=True, nogil=True)
def exchanged(first: Any, group: Any, units: Any, chosen: Any, most: int) -> Any:
    """Exchange one chosen site for another, the best pair each time, until none gains or so often."""
    chosen = chosen.copy()
    # How many of the chosen reach each group, and the sum of their places among the chosen: with one, that is its own.
    times, owner = np.zeros(units.size, np.int32), np.zeros(units.size, np.int64)
    is_chosen = np.zeros(first.size - 1, np.bool_)
    for slot in range(chosen.size):
        is_chosen[chosen[slot]] = True
        for at in range(first[chosen[slot]], first[chosen[slot] + 1]):
            times[group[at]] += 1
            owner[group[at]] += slot
    for _ in range(most):
        best_site, best_slot = _best_exchange(first, group, units, chosen, is_chosen, times, owner)
        if best_site < 0:
            break
        is_chosen[chosen[best_slot]], is_chosen[best_site] = False, True
        for at in range(first[chosen[best_slot]], first[chosen[best_slot] + 1]):
            times[group[at]] -= 1
            owner[group[at]] -= best_slot
        for at in range(first[best_site], first[best_site + 1]):
            times[group[at]] += 1
            owner[group[at]] += best_slot
        chosen[best_slot] = best_site
    return chosen


@njit(cache=True, nogil=True)
def _best_exchange(
    first: Any, group: Any, units: Any, chosen: Any, is_chosen: Any, times: Any, owner: Any
) -> tuple[int, int]:
    """The site to take and the place among the chosen to give it, or -1: nothing would be gained."""
    alone = np.zeros(chosen.size, np.int64)
    for slot in range(chosen.size):
        for at in range(first[chosen[slot]], first[chosen[slot] + 1]):
            if times[group[at]] == 1:
                alone[slot] += units[group[at]]
    best, best_site, best_slot = 0, -1, -1
    taken_over = np.zeros(chosen.size, np.int64)
    for site in range(first.size - 1):
        if is_chosen[site]:
            continue
        taken_over[:] = 0
        gain = 0
        for at in range(first[site], first[site + 1]):
            here = group[at]
            if times[here] == 0:
                gain += units[here]
            elif times[here] == 1:
                taken_over[owner[here]] += units[here]
        for slot in range(chosen.size):
            more = gain - alone[slot] + taken_over[slot]
            if more > best:
                best, best_site, best_slot = more, site, slot
    return best_site, best_slot


@njit(cache=True, nogil=True)
def spared(first: Any, group: Any, units: Any, chosen: Any, needed: int) -> Any:
    """The sites without those that enough is reached without, the last chosen dropped first."""
    times = np.zeros(units.size, np.int32)
    reached = 0
    for slot in range(chosen.size):
        for at in range(first[chosen[slot]], first[chosen[slot] + 1]):
            if times[group[at]] == 0:
                reached += units[group[at]]
            times[group[at]] += 1
    keep = np.ones(chosen.size, np.bool_)
    for slot in range(chosen.size - 1, -1, -1):
        alone = 0
        for at in range(first[chosen[slot]], first[chosen[slot] + 1]):
            if times[group[at]] == 1:
                alone += units[group[at]]
        if reached - alone >= needed:
            keep[slot] = False
            reached -= alone
            for at in range(first[chosen[slot]], first[chosen[slot] + 1]):
                times[group[at]] -= 1
    return chosen[keep]
