"""Outlines on whole towns: always valid, always nested, close to the times; cut off where an extract ends."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from geodata.metres import metres_per_degree
from geodata.station.foot import foot_of
from geodata.station.network.arrays import Barrier, Line, Network
from geodata.station.network.build import build_network
from geodata.station.network.places import place_index, place_times
from geodata.station.network.profiles import ADULT
from geodata.station.network.reach import reach
from geodata.station.network.snap import Connectors, connect
from geodata.station.outline import Outlines, misjudged
from tests.samples import sample
from tests.streets_of_extract import read_extract

MINUTES = (5, 10, 15)


def beside(network: Network, count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Points some 25 m from streets."""
    rng = np.random.default_rng(seed)
    at = rng.integers(0, len(network.shape_lons), count)
    per_lon, per_lat = metres_per_degree(float(network.lats.mean()))
    return (
        network.shape_lons[at] + rng.normal(0, 20, count) / per_lon,
        network.shape_lats[at] + rng.normal(0, 20, count) / per_lat,
    )


def errors(network: Network, stations: Connectors, homes: int) -> tuple[float, float]:
    """Mean shares of homes missed and wrongly in, of all stations and bands; every outline is looked at."""
    lons, lats = beside(network, homes, 2)
    times = place_times(network, ADULT, place_index(network, connect(network, lons, lats)), stations, 900_000)
    outlines, told = Outlines(network, ADULT), []
    for station in range(len(stations)):
        found = outlines.of(stations.take([station]), MINUTES)
        assert all(shape.is_valid for shape in found.shapes)
        assert all(larger.covers(smaller) or smaller.is_empty for smaller, larger in pairwise(found.shapes))
        ms = np.full(homes, 2**31 - 1)
        rows = slice(*times.first[station : station + 2])
        ms[times.place[rows]] = times.ms[rows]
        for minutes, shape in zip(MINUTES, found.shapes, strict=True):
            told.append(misjudged(shape, lons, lats, ms <= minutes * 60_000, np.ones(homes)))
    missed = [one.missed for one in told if one.missed is not None]
    return float(np.mean(missed)), float(np.mean([one.wrongly_in for one in told if one.wrongly_in is not None]))


def test_a_hundred_circles_of_the_sample_are_valid_nested_and_close_to_the_times() -> None:
    town = sample("street")
    streets, barriers = town.streets, town.barriers
    lines = [
        Line(line, "", foot_of(foot, kind))
        for line, foot, kind in zip(streets.geometry, streets["foot"], streets["class"], strict=True)
    ]
    walls = [Barrier(shape, kind) for shape, kind in zip(barriers.geometry, barriers["class"], strict=True)]
    network = build_network(lines, walls)
    stations = connect(network, *beside(network, 100, 1))
    missed, wrongly_in = errors(network, stations.take(np.flatnonzero(stations.on_network())), 2000)
    assert missed < 0.02
    assert wrongly_in < 0.02


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["tsinghua", "wangjing"])
def test_circles_near_the_edge_of_a_real_extract_are_cut_off_and_say_so(shared_data: Path, name: str) -> None:
    network = build_network(*read_extract(shared_data / "beijing" / f"{name}.osm.pbf"))
    edge_ms = ADULT.edge_ms(network)
    assert network.cut.any()
    edge = np.flatnonzero(network.cut)[:5]
    near = connect(network, network.lons[edge], network.lats[edge])
    assert reach(network, edge_ms, ADULT, near, 60_000).cut.all()
    middle = connect(network, [float(np.median(network.lons))], [float(np.median(network.lats))])
    assert not reach(network, edge_ms, ADULT, middle, 120_000).cut.any()
    assert reach(network, edge_ms, ADULT, middle, 1_800_000).cut.all()
    stations = connect(network, *beside(network, 12, 1))
    missed, wrongly_in = errors(network, stations.take(np.flatnonzero(stations.on_network())), 1500)
    assert missed < 0.025
    assert wrongly_in < 0.02
