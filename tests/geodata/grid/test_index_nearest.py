"""The nearest other polygon and the metres to it."""

import math

import numpy as np
import pytest
import shapely

from geodata.crs import metres_per_degree
from geodata.grid.index import GridIndex
from tests.benchmarks.tilings import wiggly_tiling
from tests.support import corner, draw

FOUR = """
    CCDD
    CCDD
    AABB
    AABB
"""


def index_of(picture: str) -> GridIndex:
    return GridIndex.build(draw(picture).geometry.to_numpy())


def brute_force(shapes: np.ndarray, lon: float, lat: float) -> np.ndarray:
    """Metres from the point to each polygon in the plane of the point."""
    scale = np.array(metres_per_degree(lat))
    flat = shapely.transform(shapes, lambda xy: (xy - (lon, lat)) * scale)
    metres: np.ndarray = shapely.distance(flat, shapely.Point(0, 0))
    return metres


def test_the_nearest_other_is_the_neighbour_across_the_closest_border() -> None:
    index = index_of(FOUR)
    lon, lat = corner(1.75, 0.5)
    per_lon, _ = metres_per_degree(lat)
    position, metres = index.nearest(lon, lat, np.ones(4, np.bool_), 0)
    assert position == 1
    assert metres == pytest.approx(0.25 * 2**-10 * per_lon, rel=1e-12)


def test_on_a_shared_border_the_other_is_zero_metres_away() -> None:
    index = index_of(FOUR)
    assert index.nearest(*corner(2, 0.5), np.ones(4, np.bool_), 0) == (1, 0.0)
    assert index.nearest(*corner(2, 2), np.ones(4, np.bool_), 0) == (1, 0.0)
    assert index.nearest(*corner(2, 2), np.ones(4, np.bool_), 1) == (0, 0.0)


def test_without_exclusion_the_polygon_that_covers_the_point_is_nearest() -> None:
    assert index_of(FOUR).nearest(*corner(3, 3), np.ones(4, np.bool_), -1) == (3, 0.0)


def test_equally_near_polygons_yield_the_lowest_in_force() -> None:
    index = index_of("""
        .B.
        A.C
        .D.
    """)
    middle = corner(1.5, 1.5)
    sides = index.nearest(*corner(1.5, 1.4), np.array([True, False, True, False]), -1)
    assert sides[0] == 0
    assert index.nearest(*middle, np.ones(4, np.bool_), -1)[0] in (0, 2)
    shared = GridIndex.build([shapely.box(1, 0, 2, 1), shapely.box(1, -1, 2, 0), shapely.box(1, -1, 2, 1)])
    assert shared.nearest(0.5, 0.0, np.ones(3, np.bool_), -1)[0] == 0
    assert shared.nearest(0.5, 0.0, np.ones(3, np.bool_), 0)[0] == 1
    assert shared.nearest(0.5, 0.0, np.array([False, False, True]), 0)[0] == 2


def test_versions_not_in_force_are_never_near() -> None:
    index = index_of("ABC")
    position, _ = index.nearest(*corner(0.5, 0.5), np.array([True, False, True]), 0)
    assert position == 2


def test_a_hairline_is_measured_and_not_taken_for_cover() -> None:
    (a, b) = draw("AB").geometry.to_numpy()
    lon, lat = corner(1, 0.5)
    per_lon, _ = metres_per_degree(lat)
    index = GridIndex.build([a, shapely.transform(b, lambda xy: xy + np.array([0.0015 / per_lon, 0.0]))])
    position, metres = index.nearest(lon + 0.0006 / per_lon, lat, np.ones(2, np.bool_), -1)
    assert position == 0
    assert metres == pytest.approx(0.0006, rel=1e-5)


def test_where_nobody_else_is_in_force_there_is_no_nearest() -> None:
    index = index_of(FOUR)
    nobody = (-1, math.inf)
    assert index.nearest(*corner(1, 1), np.array([True, False, False, False]), 0) == nobody
    assert index.nearest(*corner(1, 1), np.zeros(4, np.bool_), -1) == nobody
    assert index.nearest(math.nan, 36.5, np.ones(4, np.bool_), -1) == nobody
    assert index.nearest(math.inf, 36.5, np.ones(4, np.bool_), -1) == nobody
    assert GridIndex.build([]).nearest(117.0, 36.5, np.ones(0, np.bool_), -1) == nobody
    assert GridIndex.build([shapely.box(0, 0, 1, 1)]).nearest(0.5, 0.5, np.ones(1, np.bool_), 0) == nobody


def test_the_point_in_a_hole_is_measured_to_the_rim() -> None:
    index = index_of("""
        AAA
        A.A
        AAA
    """)
    lon, lat = corner(1.5, 1.5)
    per_lon, per_lat = metres_per_degree(lat)
    position, metres = index.nearest(lon, lat, np.ones(1, np.bool_), -1)
    assert position == 0
    assert metres == pytest.approx(0.5 * 2**-10 * min(per_lon, per_lat), rel=1e-9)


def test_all_distances_equal_brute_force_inside_beside_and_far_away() -> None:
    shapes = wiggly_tiling(12, 10, bounds=(116.9, 36.5, 117.0, 36.6))
    index = GridIndex.build(shapes)
    rng = np.random.default_rng(11)
    near = np.column_stack([rng.uniform(116.88, 117.02, 150), rng.uniform(36.48, 36.62, 150)])
    far = np.column_stack([rng.uniform(113.0, 121.0, 40), rng.uniform(33.0, 40.0, 40)])
    for lon, lat in np.concatenate([near, far]):
        active = rng.random(len(shapes)) < 0.6
        active[:2] = True
        exclude = int(rng.integers(-1, len(shapes)))
        expected = brute_force(shapes, lon, lat)
        expected[~active] = math.inf
        if exclude >= 0:
            expected[exclude] = math.inf
        position, metres = index.nearest(lon, lat, active, exclude)
        assert metres == pytest.approx(expected.min(), rel=1e-9, abs=1e-6)
        assert expected[position] == pytest.approx(expected.min(), rel=1e-9, abs=1e-6)
