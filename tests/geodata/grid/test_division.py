"""Blocks to grids: who gets a block, how one is divided, and that nothing is left over or given twice."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.grid.blocks import Lines, cut, in_degrees, on_lattice, sides
from geodata.grid.divide import Claims
from geodata.grid.lists import Built, Ground, build
from geodata.grid.plane import LocalPlane

NOTHING = np.array([], dtype=object)
# 800 m by 400 m, two streets that cross in the middle: four blocks.
WHOLE = shapely.box(0, 0, 800, 400)
UPRIGHT, ACROSS = shapely.LineString([(400, -10), (400, 410)]), shapely.LineString([(-10, 200), (810, 200)])
NORTH_WEST, NORTH_EAST = shapely.box(0, 200, 400, 400), shapely.box(400, 200, 800, 400)
SOUTH_WEST, SOUTH_EAST = shapely.box(0, 0, 400, 200), shapely.box(400, 0, 800, 200)


def _array(*shapes):
    found = np.empty(len(shapes), dtype=object)
    found[:] = shapes
    return found


def _built(claims, *, streets=((UPRIGHT, 3), (ACROSS, 1)), grounds=(WHOLE,), places=None, taken=(), walls=()) -> Built:
    """Grids from claims: shape and grid of each; polygons are whole outlines."""
    shapes, owner = _array(*(shape for shape, _ in claims)), np.array([grid for _, grid in claims], dtype=np.int64)
    whole = shapely.area(shapes) > 0
    lines = Lines(_array(*(line for line, _ in streets)), np.array([rank for _, rank in streets], dtype=np.int64))
    ground = Ground(_array(*grounds), _array(*taken), lines, _array(*walls))
    count = int(owner.max()) + 1
    return build(ground, np.array(places or [0] * count), Claims(shapes, owner, whole), np.ones(len(shapes)))


def _same(one, other) -> bool:
    return shapely.area(shapely.symmetric_difference(one, other)) < 0.01


def _kinds(built: Built) -> list[str]:
    return [doubt.kind for doubt in built.doubts]


def test_blocks_go_to_the_grid_that_lists_what_stands_in_them():
    claims = [(shapely.Point(100, 300), 0), (shapely.Point(700, 300), 1), (shapely.Point(100, 100), 2)]
    built = _built([*claims, (shapely.Point(700, 100), 2)])
    assert _same(built.shapes[0], NORTH_WEST)
    assert _same(built.shapes[1], NORTH_EAST)
    assert _same(built.shapes[2], shapely.box(0, 0, 800, 200))
    assert built.doubts == []
    assert built.drawn_metres.tolist() == built.border_metres.tolist() == [600.0, 600.0, 800.0]


def test_a_block_that_nobody_lists_goes_over_the_lane_not_over_the_main_road():
    built = _built([(shapely.Point(100, 300), 0), (shapely.Point(700, 300), 1), (shapely.Point(700, 100), 1)])
    assert _same(built.shapes[0], shapely.union(NORTH_WEST, SOUTH_WEST))
    (doubt,) = built.doubts
    assert (doubt.kind, doubt.grids, doubt.square_metres) == ("unlisted", (0,), 80_000.0)
    assert shapely.contains_xy(SOUTH_WEST, doubt.east, doubt.north)


def test_two_compounds_in_a_block_meet_midway_between_their_walls():
    left, right = shapely.box(10, 210, 180, 390), shapely.box(182, 210, 390, 390)
    built = _built([(left, 0), (right, 1)], streets=[(UPRIGHT, 1), (ACROSS, 1)], walls=[left, right])
    assert shapely.covers(built.shapes[0], left)
    assert shapely.covers(built.shapes[1], right)
    assert "divided" not in _kinds(built)
    assert built.drawn_metres.sum() == pytest.approx(built.border_metres.sum(), abs=1)


def test_a_border_far_from_walls_and_streets_is_doubtful_and_says_where():
    claims = [(shapely.Point(50, 300), 0), (shapely.Point(350, 300), 1)]
    built = _built([*claims, (shapely.Point(600, 300), 1), (shapely.Point(600, 100), 1), (shapely.Point(100, 100), 1)])
    (doubt,) = built.doubts
    assert (doubt.kind, doubt.grids) == ("divided", (0, 1))
    assert doubt.metres == pytest.approx(200, abs=1)
    assert doubt.east == pytest.approx(200, abs=1)
    assert built.drawn_metres[0] / built.border_metres[0] == pytest.approx(0.5, abs=0.01)


def test_what_another_lists_inside_a_compound_does_not_cut_it():
    compound = shapely.box(10, 210, 390, 390)
    claims = [(compound, 0), (shapely.Point(200, 300), 1), (shapely.Point(600, 300), 1), (shapely.Point(600, 100), 1)]
    built = _built([*claims, (shapely.Point(100, 100), 0)])
    assert shapely.covers(built.shapes[0], compound)
    assert shapely.get_num_geometries(built.shapes[1]) == 1


def test_a_river_without_doors_is_divided_between_its_banks():
    banks = [(shapely.LineString([(-10, y), (810, y)]), 2) for y in (180, 220)]
    claims = [(shapely.Point(100, 300), 0), (shapely.Point(700, 300), 1), (shapely.Point(400, 100), 2)]
    built = _built(claims, streets=[*banks, (shapely.LineString([(400, 220), (400, 410)]), 2)])
    river = shapely.box(0, 180, 800, 220)
    shares = shapely.area(shapely.intersection(built.shapes, river)) / river.area
    assert shares == pytest.approx([0.25, 0.25, 0.5], abs=0.02)
    (doubt,) = built.doubts
    assert (doubt.kind, doubt.grids) == ("unlisted", (0, 1, 2))


def test_a_small_part_that_lies_apart_goes_to_its_neighbour_and_a_large_one_is_reported():
    yard = shapely.LineString([(700, 390), (700, 400), (710, 400), (710, 390), (700, 390)])
    claims = [(shapely.Point(100, 300), 0), (shapely.Point(110, 310), 0), (shapely.Point(705, 395), 0)]
    others = [(shapely.Point(600, 300), 1), (shapely.Point(100, 100), 1), (shapely.Point(600, 100), 0)]
    built = _built([*claims, *others], streets=[(UPRIGHT, 1), (ACROSS, 1), (yard, 1)])
    assert sorted(_kinds(built)) == ["detached", "detached", "given-away"]
    given = next(doubt for doubt in built.doubts if doubt.kind == "given-away")
    assert given.grids == (1, 0)
    assert shapely.contains_xy(built.shapes[1], 705, 395)


def test_ground_that_others_keep_is_nobodys_and_its_corners_are_taken_over():
    stays = shapely.Polygon([(750, -50), (900, -50), (900, 450), (750, 450), (750, 133)])
    built = _built([(shapely.Point(100, 100), 0)], taken=[stays])
    assert _same(built.shapes[0], shapely.difference(WHOLE, stays))
    assert (750.0, 133.0) in set(map(tuple, shapely.get_coordinates(built.shapes[0]).tolist()))


def test_each_community_is_built_by_its_own_grids_alone():
    halves = (shapely.box(0, 0, 400, 400), shapely.box(400, 0, 800, 400))
    claims = [(shapely.Point(390, 100), 0), (shapely.Point(700, 300), 1), (shapely.Point(395, 300), 1)]
    built = _built(claims, streets=[(ACROSS, 1)], grounds=halves, places=[0, 1])
    assert _same(built.shapes[0], halves[0])
    assert _same(built.shapes[1], halves[1])


def test_a_community_of_several_islands_is_covered_whole():
    islands = shapely.MultiPolygon([shapely.box(0, 0, 100, 100), shapely.box(300, 0, 400, 100)])
    built = _built([(shapely.Point(20, 50), 0), (shapely.Point(80, 50), 1)], streets=(), grounds=[islands])
    assert shapely.area(built.shapes).sum() == pytest.approx(20_000)
    assert shapely.contains_xy(built.shapes[1], 350, 50)


def test_a_grid_to_which_nothing_comes_is_empty():
    built = _built([(WHOLE, 0), (shapely.Point(5, 5), 1)])
    assert _same(built.shapes[0], WHOLE)
    assert built.shapes[1].is_empty


def test_without_claims_nothing_is_built():
    nobody = Claims(NOTHING, np.array([], dtype=np.int64), np.array([], dtype=bool))
    none = Lines(NOTHING, np.array([], dtype=np.int64))
    built = build(Ground(_array(WHOLE), NOTHING, none, NOTHING), np.array([0]), nobody, np.array([]))
    assert built.shapes[0].is_empty
    assert built.doubts == []


def test_blocks_side_by_side_have_the_same_corners_and_know_what_is_between_them():
    lines = Lines(_array(UPRIGHT, ACROSS), np.array([3, 1]))
    blocks, ground = cut(_array(WHOLE), lines)
    assert ground.tolist() == [0, 0, 0, 0]
    shared = sides(blocks, lines)
    assert sorted(zip(shared.metres.tolist(), shared.rank.tolist(), strict=True)) == [
        (200.0, 3), (200.0, 3), (400.0, 1), (400.0, 1),
    ]  # fmt: skip


def test_corners_that_are_known_come_back_as_the_very_same_numbers():
    degrees = _array(shapely.Polygon([(117.0000000123, 36.65), (117.01, 36.6500000077), (117.01, 36.66)]))
    plane = LocalPlane.around(degrees)
    lattice = on_lattice(plane.forward(degrees))
    assert shapely.equals_exact(in_degrees(lattice, plane, degrees)[0], degrees[0], tolerance=0)


places = st.tuples(st.integers(1, 799), st.integers(1, 399), st.integers(0, 4))
streets = st.tuples(
    st.integers(0, 800), st.integers(0, 400), st.integers(0, 800), st.integers(0, 400), st.integers(1, 5)
)
boxes = st.tuples(
    st.integers(0, 700), st.integers(0, 300), st.integers(10, 120), st.integers(10, 120), st.integers(0, 4)
)


@settings(max_examples=150, deadline=None)
@given(st.lists(places, min_size=1, max_size=30), st.lists(streets, max_size=6), st.lists(boxes, max_size=4))
def test_whatever_is_listed_the_ground_is_covered_once_and_the_same_each_time(points, lines, outlines):
    claims = [(shapely.Point(x, y), grid) for x, y, grid in points]
    claims += [(shapely.box(x, y, x + w, y + h), grid) for x, y, w, h, grid in outlines]
    drawn = [(shapely.LineString([(a, b), (c, d)]), rank) for a, b, c, d, rank in lines if (a, b) != (c, d)]
    built = _built(claims, streets=drawn)
    shapes = built.shapes[~shapely.is_empty(built.shapes)]
    assert shapely.is_valid(shapes).all()
    # Matched edges without overlap, and no ground missing: so there is no gap.
    assert shapely.coverage_is_valid(shapes)
    assert shapely.area(shapes).sum() == pytest.approx(WHOLE.area, abs=0.001)
    again = _built(claims, streets=drawn)
    assert shapely.equals_exact(built.shapes, again.shapes, tolerance=0).all()
    assert built.doubts == again.doubts
