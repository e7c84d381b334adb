"""Cells over streets: small where streets are short, few where they are far apart or long."""

import numpy as np
import pytest
import shapely

from geodata.station.network.arrays import Barrier, Line, Network
from geodata.station.network.build import build_network
from geodata.station.network.snap import connect
from tests.drawn_streets import drawn, place


def of(*lines: list[tuple[float, float]], barriers: tuple[Barrier, ...] = ()) -> Network:
    return build_network([Line(shapely.LineString(line)) for line in lines], barriers)


def test_a_street_far_from_all_others_costs_its_own_cells_only() -> None:
    near = of([(117.0, 36.0), (117.001, 36.0)])
    far = of([(117.0, 36.0), (117.001, 36.0)], [(-70.0, -30.0), (-70.001, -30.0)])
    assert far.index.edge.nbytes <= 4 * near.index.edge.nbytes
    assert far.index.nbytes < 3_000_000
    assert connect(far, [117.0005, -70.0005], [36.0005, -30.0005]).on_network().all()


def test_streets_across_a_continent_fill_no_memory() -> None:
    rng = np.random.default_rng(3)
    lines = [[(rng.uniform(80, 130), rng.uniform(20, 50)) for _ in range(2)] for _ in range(50)]
    network = of(*lines)
    assert network.index.nbytes < 1_000_000
    (lon1, lat1), (lon2, lat2) = lines[7]
    for part in (0.0, 0.1, 0.5, 0.93):
        here = connect(network, [lon1 + part * (lon2 - lon1)], [lat1 + part * (lat2 - lat1)])
        assert here.metres[0] == pytest.approx(0, abs=0.01)
        assert here.on_network().all()


@pytest.mark.parametrize("lat", [-89.9, -45.0, 0.0, 60.0, 89.9])
def test_streets_are_found_at_any_latitude(lat: float) -> None:
    network = of([(10.0, lat), (10.0, lat + 0.002)])
    found = connect(network, [10.0], [lat + 0.0025])
    assert found.metres[0] == pytest.approx(55.8, rel=0.01)
    assert found.on_network().all()


def test_barriers_alone_have_cells_and_no_street_is_near() -> None:
    network = build_network([], [Barrier(shapely.box(117, 36, 117.01, 36.01))])
    found = connect(network, [117.005], [36.005])
    assert (found.on_network().tolist(), found.metres.tolist()) == ([False], [np.inf])


def test_an_index_without_anything_is_empty() -> None:
    assert build_network([]).index.edge.tolist() == []


def test_who_is_in_the_water_is_so_wherever_its_rim_is() -> None:
    drawing = drawn(
        """
        ≈≈≈≈≈≈≈≈≈≈≈≈
        ≈≈+--+≈≈≈≈≈≈
        ≈≈|  |≈≈≈≈≈≈
        ≈≈+--+≈≈≈≈≈≈
        ≈≈≈≈≈≈≈≈≈≈≈≈
    """,
        60,
    )
    # An island: the ground amid the streets is none of the water's.
    where = np.array([place(3, 2, 60), place(4, 2, 60), place(6.4, 2, 60), place(11, 2, 60)]).T
    assert connect(drawing.network, *where).on_network().tolist() == [True, True, False, False]


def test_adjoining_waters_are_one() -> None:
    ponds = tuple(Barrier(shapely.box(117 + i * 1e-3, 36, 117 + (i + 1) * 1e-3, 36.001)) for i in range(3))
    network = of([(117.0, 36.0015), (117.003, 36.0015)], barriers=ponds)
    lons = np.linspace(117.0001, 117.0029, 15)
    assert not connect(network, lons, np.full(15, 36.0005)).on_network().any()
    assert connect(network, lons, np.full(15, 36.0011)).on_network().all()
