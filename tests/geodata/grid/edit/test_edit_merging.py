import pytest
import shapely

from geodata.errors import EditRefusedError, NotKnownError
from geodata.grid.edit import Tiling, merge
from tests.drawn_grids import area, drawn, vertices, whole_after


def test_merged_grids_lose_their_common_border_and_keep_every_other_vertex() -> None:
    before = drawn("abc abc")
    edit = merge(before, ["a", "b"], "b")
    after = whole_after(before, edit)
    assert dict(edit.shapes)["a"] is None
    assert after.shape("b").equals(area((0, 0), (2, 0), (2, 2), (0, 2)))
    assert vertices(after.shape("b")) <= vertices(before.shape("a")) | vertices(before.shape("b"))
    assert sorted(after.keys()) == ["b", "c"]


def test_who_gives_and_who_gets_is_said_with_the_area() -> None:
    before = drawn("abc")
    (moved,) = merge(before, ["a", "b"], "a").moved
    assert (moved.from_key, moved.to_key) == ("b", "a")
    assert moved.ground == before.shape("b")
    assert moved.square_metres == pytest.approx(90.1 * 111, rel=0.01)


def test_a_grid_around_another_keeps_its_hole_when_it_is_merged() -> None:
    before = drawn("aaab axab aaab")
    after = whole_after(before, merge(before, ["a", "b"], "a"))
    assert len(after.shape("a").interiors) == 1


def test_grids_in_a_row_merge_in_any_order_they_are_named_in() -> None:
    before = drawn("abcd")
    shapes = [merge(before, keys, "b").shapes["b"] for keys in (["a", "b", "c", "d"], ["d", "a", "c", "b"])]
    assert shapely.to_wkb(shapes[0]) == shapely.to_wkb(shapes[1])


def test_grids_that_only_meet_at_a_corner_are_not_merged() -> None:
    with pytest.raises(EditRefusedError) as caught:
        merge(drawn("ac cb"), ["a", "b"], "a")
    assert caught.value.reason == "not-touching"
    assert caught.value.facts["grids"] == ["b"]
    assert "公共边界" in caught.value.detail_zh


def test_grids_apart_become_one_of_two_parts_when_that_is_allowed() -> None:
    before = drawn("abc")
    after = whole_after(before, merge(before, ["a", "c"], "a", allow_parts=True))
    assert after.shape("a").geom_type == "MultiPolygon"


def test_the_grid_between_makes_two_others_merge() -> None:
    before = drawn("abc")
    assert whole_after(before, merge(before, ["a", "c", "b"], "a")).shape("a").geom_type == "Polygon"


@pytest.mark.parametrize(
    ("keys", "survivor", "reason"),
    [
        (["a"], "a", "too-few-grids"),
        (["a", "a"], "a", "too-few-grids"),
        ([], "a", "too-few-grids"),
        (["a", "b"], "c", "survivor-not-among"),
    ],
)
def test_a_merge_needs_two_grids_and_one_of_them_to_stay(keys: list[str], survivor: str, reason: str) -> None:
    with pytest.raises(EditRefusedError) as caught:
        merge(drawn("abc"), keys, survivor)
    assert caught.value.reason == reason


def test_a_grid_that_is_not_there_is_not_known() -> None:
    with pytest.raises(NotKnownError):
        merge(drawn("abc"), ["a", "z"], "a")


def test_a_crack_between_merged_grids_is_closed() -> None:
    left = area((0, 0), (1, 0), (1, 2), (0, 2))
    right = area((1, 0), (2, 0), (2, 2), (1, 2), (1.0003, 1))
    shape = merge(Tiling.of({"a": left, "b": right}), ["a", "b"], "a").shapes["a"]
    assert shape is not None
    assert shape.equals(area((0, 0), (2, 0), (2, 2), (0, 2)))
    assert len(shape.interiors) == 0


def test_a_border_drawn_twice_with_other_vertices_goes_as_well() -> None:
    left, right = area((0, 0), (1, 0), (1, 2), (0, 2)), area((1, 0), (2, 0), (2, 2), (1, 2), (1, 1.3))
    shape = merge(Tiling.of({"a": left, "b": right}), ["a", "b"], "b").shapes["b"]
    assert shape is not None
    assert shape.equals(area((0, 0), (2, 0), (2, 2), (0, 2)))
