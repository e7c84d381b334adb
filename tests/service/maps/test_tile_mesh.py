"""Tilings as lines that are kept once: what is shared, what is left at each tolerance, what has nobody across."""

from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.grid.borders import neighbour_pairs
from service.maps.tile_mesh import Mesh, mesh_of
from service.maps.tile_shapes import FINEST_ZOOM, from_world, on_world
from service.maps.tile_thinning import weights_of
from tests.benchmarks.tilings import wiggly_tiling

WEST, SOUTH = 117.0, 36.0
METRE = 1 / 111_000


def tiling(side: int = 6) -> Any:
    return wiggly_tiling(side, side, bounds=(WEST, SOUTH, WEST + 0.003 * side, SOUTH + 0.002 * side))


def box(west: float, south: float, east: float, north: float) -> Any:
    """A rectangle some metres from a corner, every metre as long as one to the north."""
    return shapely.box(*(WEST + west * METRE, SOUTH + south * METRE, WEST + east * METRE, SOUTH + north * METRE))


def drawn(mesh: Mesh, tolerance: float) -> dict[int, Any]:
    """What is left of each polygon, on the world."""
    rings: dict[int, list[Any]] = {}
    for ring, owner in enumerate(mesh.owners.tolist()):
        points: list[Any] = []
        lines, backwards, _ = mesh.lines_of(np.array([ring]))
        for line, turned in zip(lines.tolist(), backwards.tolist(), strict=True):
            span = slice(*mesh.starts[line : line + 2])
            left = mesh.points[span][mesh.weights[span] > tolerance]
            points += (left[::-1] if turned else left)[:-1].tolist()
        if len(points) > 2:
            rings.setdefault(owner, []).append(shapely.Polygon(points))
    return {owner: shapely.union_all(found) for owner, found in rings.items()}


def test_a_line_between_two_polygons_is_kept_once() -> None:
    mesh = mesh_of(tiling())
    # Sixty sides between grids and twenty-four outside, at whose four corners no line ends.
    assert len(mesh.sides) == 60 + 24 - 4
    assert int((mesh.sides[:, 1] < 0).sum()) == int(mesh.alone.sum()) == 20
    assert len(mesh.uses) == 36 * 4 - 4


def test_neighbours_are_those_found_by_their_edges() -> None:
    shapes = tiling()
    assert mesh_of(shapes).neighbours().tolist() == neighbour_pairs(shapes).tolist()


@pytest.mark.parametrize("tolerance", [0, 16, 128, 512])
def test_neither_gap_nor_overlap_at_any_tolerance(tolerance: float) -> None:
    mesh = mesh_of(tiling())
    left = drawn(mesh, tolerance)
    assert len(left) == 36
    together = shapely.union_all([shapely.make_valid(one) for one in left.values()])
    assert together.area == pytest.approx(sum(one.area for one in left.values()), rel=1e-6)
    assert shapely.get_num_interior_rings(together) == 0
    assert together.area == pytest.approx(mesh.areas.sum(), rel=0.001 + tolerance / 10_000)


def test_all_points_are_there_without_a_tolerance_and_ends_of_lines_at_any() -> None:
    shapes = tiling()
    mesh = mesh_of(shapes)
    exact = shapely.transform(shapes, on_world)
    for owner, shape in drawn(mesh, -1).items():
        assert shapely.hausdorff_distance(shape, exact[owner]) < 1
    assert mesh.counts(-1).tolist() == (shapely.get_num_coordinates(shapes) - 1).tolist()
    assert mesh.counts(1e9).min() >= 3


def test_a_smaller_tolerance_keeps_what_a_larger_one_does() -> None:
    mesh = mesh_of(tiling())
    thinned = mesh.thinned(128)
    assert len(thinned.points) < len(mesh.points) / 2
    assert thinned.bytes < mesh.bytes
    for tolerance in (128, 256):
        assert thinned.counts(tolerance).tolist() == mesh.counts(tolerance).tolist()
        left, same = drawn(mesh, tolerance), drawn(thinned, tolerance)
        assert all(shapely.equals_exact(left[owner], same[owner]) for owner in left)


def test_an_enclave_stays_a_triangle_and_fills_its_hole() -> None:
    inner = shapely.Point(WEST + 0.005, SOUTH + 0.005).buffer(0.001)
    outer = shapely.difference(shapely.box(WEST, SOUTH, WEST + 0.01, SOUTH + 0.01), inner)
    mesh = mesh_of(np.array([outer, inner], dtype=object))
    assert sorted(map(tuple, mesh.sides.tolist())) == [(0, -1), (0, 1)]
    assert mesh.counts(1e9)[1] == 3
    assert mesh.neighbours().tolist() == [[0, 1]]


def test_edges_that_do_not_match_have_somebody_across_where_they_touch() -> None:
    # One long side beside two short ones, and a third polygon ten metres away.
    shapes = np.array(
        [box(0, 0, 100, 100), box(100, 0, 200, 50), box(100, 50, 200, 100), box(210, 0, 300, 100)], dtype=object
    )
    mesh = mesh_of(shapes)
    assert mesh.neighbours().tolist() in ([[0, 1], [0, 2], [1, 2]], [[0, 1], [0, 2], [1, 2]])
    lines, depths = mesh.borders([np.array([7, 7, 8, -1])])
    between = {tuple(sorted(pair)) for pair in mesh.sides[lines].tolist()}
    assert (0, 1) not in between
    assert (1, 2) in between
    assert all(3 not in pair for pair in between)
    assert set(depths.tolist()) == {0}


def test_rings_without_ground_and_nothing_at_all() -> None:
    speck = box(0, 0, 0.01, 0.01)
    mesh = mesh_of(np.array([speck, box(10, 10, 50, 50)], dtype=object))
    assert mesh.owners.tolist() == [1]
    assert mesh.counts(0).tolist() == [0, 4]
    assert mesh.fullest(FINEST_ZOOM).tolist() == [1]
    nothing = mesh_of(np.zeros(0, dtype=object))
    assert (len(nothing.points), nothing.neighbours().tolist(), nothing.fullest(3).tolist()) == (0, [], [])


def test_more_polygons_than_are_rounded_at_once_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    shapes = tiling()
    shapes[7] = shapely.union(shapes[7], shapely.box(WEST + 0.03, SOUTH, WEST + 0.031, SOUTH + 0.001))
    whole = mesh_of(shapes)
    monkeypatch.setattr("service.maps.tile_mesh._AT_ONCE", 5)
    piecewise = mesh_of(shapes)
    for name in ("points", "weights", "sides", "owners", "parts", "areas"):
        assert np.array_equal(getattr(piecewise, name), getattr(whole, name))


def test_the_smaller_triangle_goes_first() -> None:
    # Triangles of 45, 10 and 60; without the one in the middle of 100 and 150; the last alone of 375.
    points = np.array([[0, 0], [10, 10], [20, 11], [30, 10], [60, -5]], dtype=np.int32)
    assert weights_of(points, np.array([0, 5])).tolist() == [np.inf, 16, 4, 32, np.inf]


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 400)), min_size=3, max_size=40))
def test_what_is_left_of_a_line_makes_no_triangle_below_the_tolerance(places: list[tuple[int, int]]) -> None:
    points = np.array(places, dtype=np.int32)
    weights = weights_of(points, np.array([0, len(points)]))
    for tolerance in (2.0, 32.0):
        left = points[weights > tolerance].astype(float)
        steps = np.diff(left, axis=0)
        crossed = np.abs(steps[:-1, 0] * steps[1:, 1] - steps[:-1, 1] * steps[1:, 0]) / 2
        closed = np.array_equal(points[0], points[-1])
        assert closed or np.all(crossed > tolerance**2)


def test_a_long_even_line_does_not_go_point_by_point(monkeypatch: pytest.MonkeyPatch) -> None:
    rounds = []
    count = np.isfinite
    monkeypatch.setattr("service.maps.tile_thinning.np.isfinite", lambda sizes: rounds.append(1) or count(sizes))
    angles = np.linspace(0, np.pi, 20_000)
    growing = np.cumsum(np.geomspace(1, 1e4, 20_000))
    for line in (np.column_stack([np.cos(angles), np.sin(angles)]) * 1e8, np.column_stack([growing, growing**1.2])):
        weights_of(line.astype(np.int32), np.array([0, len(line)]))
    assert len(rounds) < 600


def test_places_of_the_world_come_back() -> None:
    degrees = np.array([[WEST, SOUTH], [-179.9, -80.0], [0.0, 0.0]])
    assert from_world(on_world(degrees)) == pytest.approx(degrees)
