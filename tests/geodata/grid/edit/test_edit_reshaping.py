import math

import pytest
import shapely

from geodata.errors import EditRefusedError, NotKnownError
from geodata.grid.edit import Tiling, reshape
from tests.drawn_grids import area, corner, drawn, line, vertices, whole_after


def _reason(tiling: Tiling, first: str, second: str, drawn_line: shapely.Geometry) -> str:
    with pytest.raises(EditRefusedError) as caught:
        reshape(tiling, first, second, drawn_line)
    assert caught.value.detail_zh != caught.value.detail
    return caught.value.reason


def test_the_border_follows_the_line_between_its_ends() -> None:
    before = drawn("ab ab")
    edit = reshape(before, "a", "b", line((1, 0), (1.5, 1), (1, 2)))
    after = whole_after(before, edit)
    assert after.shape("a").equals(area((0, 0), (1, 0), (1.5, 1), (1, 2), (0, 2)))
    assert corner(1, 1) not in vertices(after.shape("a"))
    (moved,) = edit.moved
    assert (moved.from_key, moved.to_key) == ("b", "a")


def test_the_border_beyond_the_ends_of_the_line_stays() -> None:
    before = drawn("ab ab ab ab")
    after = whole_after(before, reshape(before, "b", "a", line((1, 1), (0.5, 1.5), (1, 2))))
    assert after.shape("a").equals(shapely.difference(before.shape("a"), area((1, 1), (0.5, 1.5), (1, 2))))
    assert corner(1, 3) in vertices(after.shape("b"))


def test_the_line_may_cross_the_old_border_again_and_again() -> None:
    before = drawn("ab ab")
    edit = reshape(before, "a", "b", line((1, 0), (1.3, 0.5), (0.7, 1), (1.3, 1.5), (1, 2)))
    after = whole_after(before, edit)
    assert {(moved.from_key, moved.to_key) for moved in edit.moved} == {("a", "b"), ("b", "a")}
    expected = area((0, 0), (1, 0), (1.3, 0.5), (0.7, 1), (1.3, 1.5), (1, 2), (0, 2))
    assert vertices(after.shape("a")) == vertices(expected) | {corner(0, 1)}


def test_what_reaches_over_the_border_at_the_ends_is_left_out() -> None:
    before = drawn("ab ab ab")
    after = whole_after(before, reshape(before, "a", "b", line((0.5, 0.5), (1.5, 0.5), (1.5, 2.5), (0.5, 2.5))))
    expected = shapely.union(before.shape("a"), area((1, 0.5), (1.5, 0.5), (1.5, 2.5), (1, 2.5)))
    assert after.shape("a").equals(expected)


def test_the_direction_of_the_line_and_the_order_of_the_grids_do_not_matter() -> None:
    before = drawn("ab ab")
    there, back = line((1, 0), (1.5, 1), (1, 2)), line((1, 2), (1.5, 1), (1, 0))
    shapes = [dict(reshape(before, *pair, drawn_line).shapes) for pair in ("ab", "ba") for drawn_line in (there, back)]
    assert len({tuple(shapely.to_wkb(shape[key]) for key in "ab") for shape in shapes}) == 1


def test_of_two_ways_around_a_ring_the_one_that_moves_less_ground_is_replaced() -> None:
    before = drawn("aaaa abba abba aaaa")
    after = whole_after(before, reshape(before, "a", "b", line((3, 1), (3.5, 2), (3, 3))))
    assert after.shape("b").equals(shapely.union(before.shape("b"), area((3, 1), (3.5, 2), (3, 3))))


def test_a_closed_line_takes_the_place_of_a_whole_ring() -> None:
    before = drawn("aaaa abba abba aaaa")
    ring = line((1, 1), (3.5, 0.5), (3.5, 3.5), (0.5, 3.5), (1, 1))
    assert whole_after(before, reshape(before, "a", "b", ring)).shape("b").equals(shapely.Polygon(ring))


def test_third_grids_get_no_node_and_lose_no_ground() -> None:
    before = drawn("abc abc")
    edit = reshape(before, "a", "b", line((1, 0), (1.7, 1), (1, 2)))
    whole_after(before, edit)
    assert sorted(edit.shapes) == ["a", "b"]


@pytest.mark.parametrize(
    ("ends", "reason"),
    [
        ([(1, 0), (2.5, 1), (1, 2)], "outside"),
        ([(1, 0), (1.5, -0.5), (1, 2)], "outside"),
        ([(0.2, 0.2), (0.8, 0.8)], "not-on-border"),
        ([(1, 0), (1.5, 1)], "not-on-border"),
        ([(1, 0), (1, 2)], "no-change"),
        ([(1, 0), (2, 0), (2, 2), (1, 2)], "outside"),
        ([(1, 0), (0.5, 1.5), (0.5, 0.5), (1, 2)], "crosses-itself"),
    ],
)
def test_lines_that_cannot_be_the_border_are_refused(ends: list[tuple[float, float]], reason: str) -> None:
    assert _reason(drawn("abc abc"), "a", "b", line(*ends)) == reason


def test_the_place_where_the_line_leaves_the_two_grids_is_named() -> None:
    with pytest.raises(EditRefusedError) as caught:
        reshape(drawn("abc abc"), "a", "b", line((1, 0), (2.5, 1), (1, 2)))
    assert caught.value.facts["lon"] > corner(2, 0)[0]
    assert math.isfinite(caught.value.facts["lat"])


def test_a_line_that_would_cut_a_piece_off_is_refused() -> None:
    before = drawn("aab aab bbb")
    assert _reason(before, "a", "b", line((0, 1), (0.5, 3), (0.6, 3), (2, 3))) in {"several-parts", "outside"}
    assert _reason(before, "a", "b", line((0.5, 1), (0.5, 2.9999), (2, 2.9999))) in {
        "several-parts",
        "nothing-left",
        "outside",
    }


def test_grids_without_a_common_border_have_none_to_draw() -> None:
    assert _reason(drawn("abc"), "a", "c", line((1, 0), (1, 1))) == "not-touching"
    assert _reason(drawn("abc"), "a", "a", line((1, 0), (1, 1))) == "same-grid"
    with pytest.raises(NotKnownError):
        reshape(drawn("abc"), "a", "z", line((1, 0), (1, 1)))


def test_vertices_that_only_one_side_of_the_border_has_do_not_matter() -> None:
    left, right = area((0, 0), (1, 0), (1, 2), (0, 2)), area((1, 0), (2, 0), (2, 2), (1, 2), (1, 1.3), (1, 0.7))
    before = Tiling.of({"a": left, "b": right})
    after = whole_after(before, reshape(before, "a", "b", line((1, 0), (1.5, 1), (1, 2))))
    assert after.shape("a").equals(area((0, 0), (1, 0), (1.5, 1), (1, 2), (0, 2)))


def test_a_border_that_is_drawn_twice_has_to_be_repaired_first() -> None:
    left, right = area((0, 0), (1, 0), (1, 2), (0, 2)), area((1.0003, 0), (2, 0), (2, 2), (1.0003, 2))
    twice = Tiling.of({"a": left, "b": right})
    assert _reason(twice, "a", "b", line((1, 0), (0.5, 1), (1, 2))) == "not-touching"
    tapering = Tiling.of({"a": left, "b": area((1, 0), (2, 0), (2, 2), (1.0003, 2))})
    assert _reason(tapering, "a", "b", line((1, 0), (0.5, 1), (1, 2))) == "not-matched"
