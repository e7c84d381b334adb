import pytest
import shapely

from geodata.errors import NotKnownError
from geodata.grid.edit import Tiling
from tests.drawn_grids import area, corner, drawn


def test_a_grid_is_found_by_its_key_and_by_its_place() -> None:
    tiling = drawn("aab aab")
    assert tiling.at(*corner(0.5, 0.5)) == "a"
    assert tiling.at(*corner(2.5, 1.5)) == "b"
    assert tiling.at(*corner(9, 9)) is None
    assert tiling.shape("b").equals(area((2, 0), (3, 0), (3, 2), (2, 2)))


def test_a_place_on_a_border_has_the_least_key() -> None:
    assert drawn("ab").at(*corner(1, 0.5)) == "a"


def test_a_key_that_nobody_has_is_not_known() -> None:
    with pytest.raises(NotKnownError) as caught:
        drawn("ab").shape("z")
    assert caught.value.facts["grid"] == "z"


def test_neighbours_share_an_edge_and_a_corner_is_not_enough() -> None:
    beside = drawn("abc adc aec").neighbours("b")
    assert sorted(beside) == ["a", "c", "d"]
    assert beside["d"] == pytest.approx(90, abs=1)
    assert beside["a"] == pytest.approx(111, abs=1)
    assert "e" not in beside


def test_a_border_drawn_with_other_vertices_counts_too() -> None:
    left, right = area((0, 0), (1, 0), (1, 2), (0, 2)), area((1, 0), (2, 0), (2, 2), (1, 2), (1, 1))
    assert Tiling.of({"a": left, "b": right}).neighbours("a")["b"] == pytest.approx(222, abs=1)


def test_touching_finds_what_is_as_near_as_asked() -> None:
    tiling = drawn("a.b")
    shape = tiling.shape("a")
    assert tiling.touching(shape) == ["a"]
    assert tiling.touching(shape, 89) == ["a"]
    assert tiling.touching(shape, 91) == ["a", "b"]
    assert tiling.touching(shapely.Point()) == []


def test_a_derived_tiling_has_the_changes_and_its_origin_does_not() -> None:
    before = drawn("ab")
    after = before.changed({"a": None, "c": area((0, 0), (1, 0), (1, 1), (0, 1))})
    assert sorted(before.keys()) == ["a", "b"]
    assert sorted(after.keys()) == ["b", "c"]
    assert "a" in before
    assert "a" not in after
    assert len(after) == 2
    assert after.at(*corner(0.5, 0.5)) == "c"
    assert sorted(after.neighbours("b")) == ["c"]


def test_many_changes_one_after_the_other_are_all_found() -> None:
    tiling = drawn("a")
    for number in range(1_100):
        west = 2 + number
        tiling = tiling.changed({f"n{number}": area((west, 0), (west + 1, 0), (west + 1, 1), (west, 1))})
    assert len(tiling) == 1_101
    assert tiling.at(*corner(2.5, 0.5)) == "n0"
    assert tiling.at(*corner(1_101.5, 0.5)) == "n1099"
    assert sorted(tiling.neighbours("n500")) == ["n499", "n501"]


def test_heights_are_left_out_and_vertices_stay_as_they_are() -> None:
    odd = shapely.Polygon([(117.1234567890123, 36, 5), (117.2, 36, 5), (117.2, 36.1, 5)])
    shape = Tiling.of({"a": odd}).shape("a")
    assert not shape.has_z
    assert (117.1234567890123, 36.0) in shape.exterior.coords
