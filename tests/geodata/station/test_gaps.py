"""Clusters of homes: neighbours together, rivers between them, nothing longer than a station can serve."""

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.station.gaps import JOIN_METRES, SPLIT_METRES, clusters, ground_around, middle_of, radius_of
from geodata.station.network.arrays import Barrier, Line, Network
from geodata.station.network.build import build_network

LON, LAT = 87.0, 36.65
EAST, NORTH = 1 / 89_418, 1 / 110_970
"""Degrees of a metre."""
STREET = Line(shapely.LineString([(LON - 0.02, LAT), (LON + 0.02, LAT)]))
OPEN = build_network([STREET], [])


def found(*homes: tuple[float, float], network: Network = OPEN, weights: list[float] | None = None) -> list[list[int]]:
    """Clusters of homes that stand so many metres east and north of the corner."""
    lons = np.array([LON + x * EAST for x, _ in homes])
    lats = np.array([LAT + y * NORTH for _, y in homes])
    return [part.tolist() for part in clusters(network, lons, lats, np.array(weights or [1.0] * len(homes)))]


def test_nobody_makes_no_cluster() -> None:
    assert found() == []


def test_neighbours_are_together_and_who_lives_farther_is_apart() -> None:
    assert found((0, 0), (118, 0), (300, 0), (0, 118)) == [[0, 1, 3], [2]]
    assert found((0, 0), (122, 0)) == [[0], [1]]
    assert found((5, 5)) == [[0]]


def test_homes_at_one_point_are_together() -> None:
    assert found((0, 0), (0, 0)) == [[0, 1]]


def test_a_river_between_two_homes_parts_them_and_a_third_that_sees_both_joins_them() -> None:
    river = shapely.LineString([(LON + 20 * EAST, LAT - 30 * NORTH), (LON + 20 * EAST, LAT + 30 * NORTH)])
    network = build_network([STREET], [Barrier(river, "water")])
    assert found((0, 0), (40, 0), network=network) == [[0], [1]]
    assert found((0, 0), (40, 0), (20, 60), network=network) == [[0, 1, 2]]


def test_what_is_long_is_cut_where_half_of_the_households_live() -> None:
    row = [(at * 100.0, 0.0) for at in range(12)]
    assert found(*row) == [list(range(6)), list(range(6, 12))]
    heavy = [50.0, *[1.0] * 11]
    assert found(*row, weights=heavy)[0] == [0]


@given(st.lists(st.tuples(st.floats(-1500, 1500), st.floats(-900, 900)), min_size=1, max_size=80))
@settings(max_examples=60, deadline=None)
def test_every_home_is_in_one_cluster_that_is_short_and_neighbours_are_only_parted_by_a_cut(
    homes: list[tuple[float, float]],
) -> None:
    parts = found(*homes)
    assert sorted(at for part in parts for at in part) == list(range(len(homes)))
    for part in parts:
        xs, ys = zip(*(homes[at] for at in part), strict=True)
        assert max(xs) - min(xs) <= SPLIT_METRES * 1.01
        assert max(ys) - min(ys) <= SPLIT_METRES * 1.01
    apart = {at: number for number, part in enumerate(parts) for at in part}
    if np.ptp([x for x, _ in homes]) < 700 and np.ptp([y for _, y in homes]) < 700:
        near = [
            (one, two)
            for one in range(len(homes))
            for two in range(one)
            if np.hypot(homes[one][0] - homes[two][0], homes[one][1] - homes[two][1]) < JOIN_METRES * 0.99
        ]
        assert all(apart[one] == apart[two] for one, two in near)


def test_the_middle_is_a_home_and_one_with_a_street_where_there_is_any() -> None:
    lons, lats = np.array([87.0, 87.001, 87.004]), np.array([36.65] * 3)
    every, last = np.ones(3, dtype=bool), np.array([False, False, True])
    assert middle_of(lons, lats, np.ones(3), every) == 1
    assert middle_of(lons, lats, np.array([0.0, 0.0, 9.0]), every) == 2
    assert middle_of(lons, lats, np.zeros(3), last) == 2
    assert middle_of(lons, lats, np.ones(3), ~every) == 1
    assert round(radius_of(lons, lats, 0)) == 358


def test_the_ground_around_homes_covers_them_however_few_they_are() -> None:
    for count in (1, 2, 3, 40):
        rng = np.random.default_rng(count)
        lons, lats = 87 + rng.random(count) / 200, 36.65 + rng.random(count) / 200
        ground = ground_around(lons, lats)
        assert ground.is_valid
        assert ground.geom_type == "Polygon"
        assert shapely.contains_xy(ground, lons, lats).all()
