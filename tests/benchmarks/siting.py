"""How long a station takes that is dragged over the map, and where the next ones help most: at once, and proven.

    python -m tests.benchmarks.siting network/heidelberg.osm.pbf [--seconds 60]

402 stations and 100,000 homes beside the streets of an extract, 2,000 sites; then 5,000 blocks and 500 sites, on which
other solvers were tried. All times are processor time; answers after a drag are checked against coverage counted anew.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from geodata.candidates import Given
from geodata.coverage import coverage
from geodata.reachable import Reachable
from geodata.selected import Selection
from geodata.siting import Goal, instant, problem, proven
from geodata.station.site import Covers, Siting, Uncovered, fewest_sites, most_reached, uncovered
from geodata.what_if import Change, what_if
from tests.benchmarks.coverage_moves import HOMES, ground_of, network_of, walking_of, with_stations

STATIONS, SITES, DRAGS = 402, 2000, 40


def cpu(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds of processor time, and what the work gives."""
    began = time.process_time()
    found = work()
    return time.process_time() - began, found


def drag(path: Path) -> tuple[Any, ...]:
    """Move one station again and again, as a planner who drags it; the town for what follows."""
    rng = np.random.default_rng(1)
    network = network_of(path)
    walking = walking_of(network, rng)
    points = np.column_stack([walking.homes.lons, walking.homes.lats])[rng.integers(0, HOMES, STATIONS)]
    town, memory, asked = with_stations(ground_of(network), points), Reachable(), Selection()
    first, _ = cpu(lambda: what_if(memory, walking, town, asked, [], by="grid"))
    print(
        f"{path.name}: {network.node_count:,} nodes, {HOMES:,} homes, {STATIONS} stations; first what-if {first:.2f} s"
    )
    for name, by in (("the whole", None), ("by grid", "grid")):
        spans = []
        for step in range(DRAGS):
            lon, lat = points[7] + [0.0003 * step, 0.0001]
            change = Change("move", "S0007", float(lon), float(lat))
            span, found = cpu(lambda change=change, by=by: what_if(memory, walking, town, asked, [change], by=by))
            spans.append(1000 * span)
        print(f"  one station dragged, {name}: median {statistics.median(spans):.1f} ms, most {max(spans):.1f} ms")
    moved = points.copy()
    moved[7] = lon, lat
    anew = coverage(Reachable(), walking, with_stations(ground_of(network), moved), asked, area=False)
    assert anew.totals == found.after
    changes = [Change("add", lon=float(x), lat=float(y)) for x, y in points[:10] + 0.002]
    changes += [Change("close", f"S{at:04}") for at in range(20, 30)]
    span, _ = cpu(lambda: what_if(memory, walking, town, asked, changes, by="grid"))
    print(f"  ten added, ten closed, by grid: {1000 * span:.1f} ms")
    return walking, with_stations(ground_of(network), points[:60]), memory


def propose(walking: Any, town: Any, memory: Reachable, seconds: float) -> None:
    """Sites among many, for a town with few stations."""
    rng = np.random.default_rng(2)
    chosen = rng.integers(0, HOMES, SITES)
    sites = [Given(float(walking.homes.lons[at]), float(walking.homes.lats[at])) for at in chosen]
    for goal in (Goal(3), Goal(10), Goal(30), Goal(share=0.9)):
        made, asked = cpu(lambda goal=goal: problem(memory, walking, town, Selection(), goal, sites))
        at_once, found = cpu(lambda asked=asked: instant(asked))
        print(
            f"  {goal}: {asked.covered / asked.total:.1%} covered, {asked.wanted.units.size:,} groups, "
            f"{len(asked.wanted.packed()) / 1e6:.1f} MB; made {made:.2f} s, at once {at_once:.2f} s"
        )
        told(found.siting, found.bound, goal.stations is not None, "at once")
        spent, best = cpu(
            lambda asked=asked, found=found: proven(
                asked.goal, asked.wanted, asked.needed, found.siting, seconds=seconds
            )
        )
        told(best.siting, best.bound, goal.stations is not None, f"{best.ended}, {spent:.1f} s")


def told(siting: Siting, bound: float, most: bool, how: str) -> None:
    reached = siting.reached if most else siting.sites.size
    print(f"    {how}: {reached:,.0f}, bound {bound:,.0f}, apart {abs(bound - reached) / max(bound, 1):.2%}")


def trial(seconds: float) -> None:
    """Blocks in clusters and sites among them."""
    rng = np.random.default_rng(1)
    middles = rng.random((40, 2)) * 8000
    blocks = (middles[rng.integers(0, 40, 5000)] + rng.normal(0, 570, (5000, 2))) % 8000
    sites = blocks[rng.integers(0, 5000, 500)] + rng.normal(0, 50, (500, 2))
    reached = [np.flatnonzero(np.abs(blocks - site).sum(axis=1) < 1250).astype(np.int32) for site in sites]
    first = np.concatenate(([0], np.cumsum([row.size for row in reached]))).astype(np.int64)
    households = rng.integers(1, 60, 5000)
    town = uncovered(Covers(first, np.concatenate(reached)), households, np.zeros(5000, dtype=bool))
    print("5,000 blocks, 500 sites")
    for goal in (Goal(5), Goal(20), Goal(40), Goal(share=0.9), Goal(share=1.0)):
        needed = 0.999999 * town.most if goal.share == 1.0 else (goal.share or 0) * town.most
        span, start = cpu(lambda goal=goal, needed=needed: at_once_of(town, goal, needed))
        told(start, float("nan"), goal.stations is not None, f"{goal} at once, {1000 * span:.0f} ms")
        spent, best = cpu(
            lambda goal=goal, needed=needed, start=start: proven(goal, town, needed, start, seconds=seconds)
        )
        told(best.siting, best.bound, goal.stations is not None, f"  {best.ended}, {spent:.1f} s")


def at_once_of(town: Uncovered, goal: Goal, needed: float) -> Siting:
    if goal.stations is not None:
        return most_reached(town, goal.stations)
    few = fewest_sites(town, needed)
    assert few is not None
    return few


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("extract", type=Path)
    parser.add_argument("--seconds", type=float, default=60)
    given = parser.parse_args()
    propose(*drag(given.extract), given.seconds)
    trial(given.seconds)


if __name__ == "__main__":
    main()
