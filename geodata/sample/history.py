"""How the full-time workers of the sample came to their grids: years ago, by months, and what is planned.

Every month some neighbours exchange their grids, and now and then somebody takes over from a worker who goes on
part-time. A grid never has two at once, and none is without one but for the grids that are left empty on purpose.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Final

import numpy as np

from geodata.sample.roster import Period, Post, Roster

ROLE: Final = "grid_worker_full_time"
FIRST: Final = "2025-01-01"
BEFORE: Final = ("2023-01-01", "2024-12-31")
EARLY: Final = ("2023-01-01", "2024-06-30")
LATE: Final = ("2024-07-01", "2024-12-31")
FUTURE: Final = ("2030-01-01", None)
GIVEN_UP: Final = "2026-06-30"
VACATED: Final = "2026-07-01"
"""The last day that the first empty grid had a worker, and the day after."""
MONTHS: Final = tuple(date(2025 + month // 12, month % 12 + 1, 1) for month in range(1, 24))
"""From February 2025 to December 2026."""
EXCHANGES_PER_GRID: Final = 0.008
PROMOTED_EVERY: Final = 4
"""Every fourth part-time worker had a grid of their own until some month."""


@dataclass(frozen=True, slots=True)
class Place:
    """A grid of the general layer, its community, and whether it is rural."""

    code: str
    community: str
    hours: str


@dataclass(frozen=True, slots=True)
class Takeover:
    """Who had a grid before the present worker: until the day before ``first``."""

    grid: str
    earlier: str
    first: date


def takeovers(part_time: Sequence[str], grids: Sequence[str]) -> list[Takeover]:
    """Return who gave up a grid, and when, among those who are part-time now; each grid once."""
    chosen = part_time[::PROMOTED_EVERY]
    found: dict[str, Takeover] = {}
    for number, worker in enumerate(chosen):
        grid = grids[(number * len(grids) // len(chosen) + 3) % len(grids)]
        found.setdefault(grid, Takeover(grid, worker, MONTHS[(number * 5 + 2) % len(MONTHS)]))
    return list(found.values())


def full_time_duties(
    roster: Roster,
    places: Sequence[Place],
    workers: Mapping[str, str],
    taken: Sequence[Takeover],
    rng: np.random.Generator,
) -> None:
    """Give every grid with a worker its full-time workers since 2023.

    Parameters
    ----------
    roster
        Gets the duties.
    places
        The grids in code order.
    workers
        Who has a grid on the first of January 2025, by the grid's code; no one has two.
    taken
        Grids that somebody else had up to some month.
    rng
        Source of who exchanges.
    """
    hours = {place.code: place.hours for place in places}
    _long_ago(roster, [place for place in places if place.code in workers], workers, rng)
    for one in taken:
        post, last = Post(ROLE, "grid", one.grid, "general"), one.first - timedelta(days=1)
        roster.duty(one.earlier, post, hours[one.grid], period=(FIRST, last.isoformat()))
        roster.duty(workers[one.grid], post, hours[one.grid], period=(one.first.isoformat(), None))
    fixed = {one.grid for one in taken}
    moving = [place for place in places if place.code in workers and place.code not in fixed]
    for grid, worker, period in _exchanged(moving, workers, rng):
        roster.duty(worker, Post(ROLE, "grid", grid, "general"), hours[grid], period=period)


def _long_ago(roster: Roster, places: Sequence[Place], workers: Mapping[str, str], rng: np.random.Generator) -> None:
    """Half of the workers took over in 2025 or changed grids then, so that the past differs."""
    previous: list[str] = []
    for place in places:
        worker, post = workers[place.code], Post(ROLE, "grid", place.code, "general")
        draw = rng.random()
        if draw < 0.25 and previous:
            roster.duty(previous[-1], post, place.hours, period=BEFORE)
        elif draw < 0.4 and len(previous) > 1:
            roster.duty(previous[-2], post, place.hours, period=EARLY)
            roster.duty(worker, post, place.hours, period=LATE)
        elif draw < 0.55:
            roster.duty(worker, post, place.hours, period=BEFORE)
        previous.append(worker)


def _exchanged(
    places: Sequence[Place], workers: Mapping[str, str], rng: np.random.Generator
) -> list[tuple[str, str, Period]]:
    """Return grid, worker and period of everybody since 2025, some neighbours changing places each month."""
    holder = {place.code: workers[place.code] for place in places}
    since = dict.fromkeys(holder, FIRST)
    pairs = [
        (one.code, other.code)
        for one, other in pairwise(places)
        if one.community == other.community and one.hours == other.hours
    ]
    found: list[tuple[str, str, Period]] = []
    for month in MONTHS:
        count = max(1, round(EXCHANGES_PER_GRID * len(places)))
        moved: set[str] = set()
        for place in rng.choice(len(pairs), min(count, len(pairs)), replace=False).tolist():
            pair = pairs[place]
            if moved.isdisjoint(pair):
                moved |= set(pair)
                last = (month - timedelta(days=1)).isoformat()
                found += [(grid, holder[grid], (since[grid], last)) for grid in pair]
                holder[pair[0]], holder[pair[1]] = holder[pair[1]], holder[pair[0]]
                since |= dict.fromkeys(pair, month.isoformat())
    return found + [(grid, holder[grid], (since[grid], None)) for grid in holder]
