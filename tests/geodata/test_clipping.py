"""Lines cut where they leave an area."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geodata.clipping import clip_lines, joined_points, points_in

BOX = shapely.box(0, 0, 10, 10)


def _clip(line, area=BOX):
    lines, ends = clip_lines(np.array([line], dtype=object), area)
    return lines[0], ends[0]


def _line(*points):
    return shapely.LineString(points)


def test_a_line_inside_is_the_same_object_with_no_end_cut():
    line = _line((1, 1), (5, 5), (9, 2))
    clipped, ends = _clip(line)
    assert clipped is line
    assert ends is None


def test_a_line_that_leaves_ends_at_the_rim_and_its_vertices_stay():
    clipped, ends = _clip(_line((0.1, 0.3), (5, 5), (15, 5)))
    assert list(clipped.coords) == [(0.1, 0.3), (5, 5), (10, 5)]
    assert ends == shapely.MultiPoint([(10, 5)])


def test_a_line_that_comes_back_is_in_parts_and_runs_as_it_did():
    clipped, ends = _clip(_line((5, 1), (12, 1), (12, 3), (5, 3)))
    assert [list(part.coords) for part in clipped.geoms] == [[(5, 1), (10, 1)], [(10, 3), (5, 3)]]
    assert ends == shapely.MultiPoint([(10, 1), (10, 3)])


def test_what_lies_outside_is_gone():
    assert _clip(_line((11, 1), (12, 1))) == (None, None)
    assert _clip(_line((10, 1), (12, 1))) == (None, None)


def test_an_end_that_lay_on_the_rim_before_counts_as_cut():
    clipped, ends = _clip(_line((5, 5), (10, 5)))
    assert list(clipped.coords) == [(5, 5), (10, 5)]
    assert ends == shapely.MultiPoint([(10, 5)])


def test_turns_that_cross_themselves_get_no_vertex_there():
    clipped, _ = _clip(_line((1, 1), (8, 8), (8, 1), (1, 8), (-3, 8)))
    assert list(clipped.coords) == [(1, 1), (8, 8), (8, 1), (1, 8), (0, 8)]


def test_an_area_with_a_hole_and_a_line_in_parts_are_cut_as_well():
    area = shapely.Polygon(BOX.exterior.coords, [[(4, 4), (6, 4), (6, 6), (4, 6)]])
    lines = shapely.MultiLineString([[(1, 5), (9, 5)], [(1, 1), (2, 2)]])
    clipped, ends = _clip(lines, area)
    assert [list(part.coords) for part in clipped.geoms] == [
        [(1, 5), (4, 5)],
        [(6, 5), (9, 5)],
        [(1, 1), (2, 2)],
    ]
    assert ends == shapely.MultiPoint([(4, 5), (6, 5)])


_NUMBERS = st.floats(-20, 20, allow_nan=False).map(lambda value: round(value, 7))
_POINTS = st.tuples(_NUMBERS, _NUMBERS)


@given(_POINTS, _POINTS)
def test_lines_that_share_a_segment_are_cut_in_one_point_whichever_way_they_run(one, other):
    if one == other:
        return
    (ahead, ends), (back, ends_back) = _clip(_line(one, other)), _clip(_line(other, one))
    assert ends == ends_back
    assert (ahead is None) == (back is None)
    if ahead is not None:
        assert list(ahead.coords) == list(back.coords)[::-1]


@given(st.lists(_POINTS, min_size=2, max_size=6, unique=True))
def test_vertices_inside_stay_and_all_that_is_left_lies_inside(points):
    clipped, _ = _clip(_line(*points))
    kept = set() if clipped is None else {tuple(point) for point in shapely.get_coordinates(clipped)}
    inside = {point for point in points if 0 < point[0] < 10 and 0 < point[1] < 10}
    assert inside <= kept
    assert shapely.covers(shapely.buffer(BOX, 1e-6), clipped) or clipped is None


@pytest.mark.parametrize(("points", "expected"), [([(1, 1), (20, 1)], [(1, 1)]), ([(20, 1)], None), (None, None)])
def test_points_are_kept_where_they_lie_inside(points, expected):
    found = points_in(None if points is None else shapely.MultiPoint(points), BOX)
    assert found == (None if expected is None else shapely.MultiPoint(expected))


def test_points_of_two_are_joined_once():
    one, other = shapely.MultiPoint([(1, 1), (2, 2)]), shapely.MultiPoint([(2, 2), (0, 0)])
    assert joined_points(one, other) == shapely.MultiPoint([(0, 0), (1, 1), (2, 2)])
    assert joined_points(None, other) is other
    assert joined_points(None, None) is None
