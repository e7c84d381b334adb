"""How long it takes to count who is reached, and to count again after one station has moved.

Run as ``python -m tests.benchmarks.coverage_moves network/heidelberg.osm.pbf``: 402 stations, 100,000 homes beside its
streets, 900 grids. Prints CPU and wall seconds; the counts after the move are checked against a memory without any.
"""

import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from geodata.coverage import coverage
from geodata.exchange.read import read_table
from geodata.grid.index import GridIndex
from geodata.moment import Moment
from geodata.reachable import Reachable
from geodata.records import FOREVER_FROM, FOREVER_TO, Station
from geodata.selected import Selection
from geodata.station.foot import foot_of
from geodata.station.homes import Homes
from geodata.station.network.arrays import Line, Network
from geodata.station.network.build import build_network
from geodata.station.network.places import place_index
from geodata.station.network.profiles import ADULT
from geodata.station.network.snap import connect
from geodata.station.network.walking import Walking
from tests.benchmarks.address_ground import moment_of

STATIONS, HOMES, SIDE = 402, 100_000, 30


def network_of(path: Path) -> Network:
    """The streets of an extract, joined."""
    table = read_table(path, source_layer="streets")
    columns = table.frame.to_dict("list")
    lines = [
        Line(shape, name or "", foot_of(foot or "", kind or ""))
        for shape, name, foot, kind in zip(
            table.frame.geometry, columns["name"], columns["foot"], columns["class"], strict=True
        )
    ]
    return build_network(lines, [], version="1")


def walking_of(network: Network, rng: np.random.Generator) -> Walking:
    """Homes up to 60 m beside vertices of streets."""
    at = rng.integers(0, len(network.shape_lons), HOMES)
    lons = network.shape_lons[at] + rng.normal(0, 0.0003, HOMES)
    lats = network.shape_lats[at] + rng.normal(0, 0.0002, HOMES)
    households = rng.integers(1, 40, HOMES).astype(np.float64)
    counts = {"households": households, "persons": households * 2, "addresses": np.ones(HOMES)}
    homes = Homes(lons, lats, counts, np.zeros(HOMES, np.uint8), lons, lats, np.arange(HOMES, dtype=np.int32))
    connectors = connect(network, lons, lats)
    return Walking(network, homes, connectors, place_index(network, connectors), {"adult": ADULT}, "1", 0)


def ground_of(network: Network) -> Moment:
    """A lattice of grids over all of it."""
    west, east = network.lons.min(), network.lons.max()
    south, north = network.lats.min(), network.lats.max()
    xs, ys = np.linspace(west, east, SIDE + 1), np.linspace(south, north, SIDE + 1)
    boxes = [shapely.box(xs[i], ys[j], xs[i + 1], ys[j + 1]) for i in range(SIDE) for j in range(SIDE)]
    return moment_of({"general": GridIndex.build(np.array(boxes))})


def with_stations(ground: Moment, points: np.ndarray) -> Moment:
    """The moment with stations at these points."""
    stations = tuple(
        Station(at, f"S{at:04d}", f"示例站{at}", "站", "", None, "", float(lon), float(lat), "", "", (), FOREVER_FROM,
                FOREVER_TO)
        for at, (lon, lat) in enumerate(points)
    )  # fmt: skip
    return Moment(0, replace(ground._published, stations=stations))


def timed(name: str, work: Callable[[], Any]) -> Any:
    """What the work gives; how long it took is printed."""
    cpu, wall = time.process_time(), time.perf_counter()
    found = work()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    print(f"{name:<44} {1000 * cpu:9.1f} ms CPU {1000 * wall:9.1f} ms", flush=True)
    return found


def main(path: Path) -> None:
    """Measure."""
    rng = np.random.default_rng(1)
    network = timed("network of the extract", lambda: network_of(path))
    print(f"{network.node_count:,} nodes, {network.edge_count:,} edges")
    walking = timed(f"{HOMES:,} homes connected", lambda: walking_of(network, rng))
    ground = ground_of(network)
    points = np.column_stack([walking.homes.lons, walking.homes.lats])[rng.integers(0, HOMES, STATIONS)]
    town, memory, asked = with_stations(ground, points), Reachable(), Selection()

    def ask(moment: Moment, memory: Reachable = memory) -> Any:
        return coverage(memory, walking, moment, asked, by="grid", area=False)

    with_stations(ground, points[:1])
    ask(with_stations(ground, points[:1] + 0.001), Reachable())  # what is compiled is compiled now
    first = timed(f"coverage by grid, {STATIONS} stations, nothing known", lambda: ask(town))
    for _ in range(2):
        timed("the same again", lambda: ask(town))
    for step in range(1, 4):
        moved = points.copy()
        moved[7] += [0.002 * step, 0.001]
        after = with_stations(ground, moved)
        after.stations  # noqa: B018
        found = timed("one station moved", lambda after=after: ask(after))
        anew = ask(after, Reachable())
        assert found.totals == anew.totals
        assert found.several == anew.several
        assert [part.totals for part in found.by] == [part.totals for part in anew.by]
    households = first.totals["households"]
    print(f"{households.covered:,.0f} of {households.all:,.0f} households; the same as without a memory")
    timed("ground counted, nothing known", lambda: coverage(memory, walking, town, asked, by="grid"))
    timed("ground counted again", lambda: coverage(memory, walking, town, asked, by="grid"))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
