import math

import numpy as np
import pytest
import shapely

from geodata.errors import CoordinateError, EditRefusedError, NotKnownError
from geodata.grid.edit import block_at, cells_of, hand_over
from tests.drawn_grids import STEP, area, corner, drawn, line, whole_after


def _near(first: shapely.Geometry, second: shapely.Geometry) -> bool:
    """Whether two shapes are the same up to a millimetre of border."""
    return bool(shapely.symmetric_difference(first, second).area < 1e-8 * STEP * 4)


def test_the_block_at_a_place_is_what_lies_between_the_streets_and_the_border() -> None:
    before = drawn("aab aab")
    streets = [line((-1, 0.5), (5, 0.5)), line((1, -1), (1, 5))]
    block = block_at(before, "a", corner(0.2, 0.2), streets)
    assert _near(block, area((0, 0), (1, 0), (1, 0.5), (0, 0.5)))


def test_a_street_that_ends_inside_does_not_part_a_block() -> None:
    before = drawn("aab aab")
    block = block_at(before, "a", corner(0.2, 0.2), [line((1, -1), (1, 1)), line((0, 1), (2, 1))])
    assert _near(block, area((0, 0), (1, 0), (2, 0), (2, 1), (0, 1))) or _near(
        block, area((0, 0), (1, 0), (1, 1), (0, 1))
    )
    assert _near(block_at(before, "a", corner(0.2, 0.2), [line((1, -1), (1, 1.5))]), before.shape("a"))


def test_a_block_can_be_handed_over_as_it_is_found() -> None:
    before = drawn("aab aab")
    block = block_at(before, "a", corner(1.5, 0.2), [line((1, -1), (1.3, 1), (9, 1.1))])
    after = whole_after(before, hand_over(before, block, "b", of=["a"]))
    assert after.at(*corner(1.5, 0.2)) == "b"
    assert after.at(*corner(0.5, 0.2)) == "a"


def test_without_streets_the_block_is_the_whole_part() -> None:
    before = drawn("aba")
    assert _near(block_at(before, "a", corner(2.5, 0.5), []), area((2, 0), (3, 0), (3, 1), (2, 1)))


def test_a_place_outside_the_grid_has_no_block_in_it() -> None:
    with pytest.raises(EditRefusedError) as caught:
        block_at(drawn("ab"), "a", corner(1.5, 0.5), [])
    assert caught.value.reason == "outside"
    with pytest.raises(NotKnownError):
        block_at(drawn("ab"), "z", corner(1.5, 0.5), [])
    with pytest.raises(CoordinateError):
        block_at(drawn("ab"), "a", (math.nan, 36.0), [])


def test_the_cells_of_addresses_have_them_and_none_of_the_others() -> None:
    before = drawn("aaa aaa")
    places = np.array([corner(x + 0.5, y + 0.5) for x in range(3) for y in range(2)])
    chosen = np.array([0, 1])
    ground = cells_of(before, places, chosen)
    assert shapely.covers(ground, shapely.points(places[:2])).all()
    assert not shapely.intersects(ground, shapely.points(places[2:])).any()
    after = whole_after(before, hand_over(before, ground, None))
    assert {after.at(*place) for place in places[:2]} == {"piece 0"}


def test_the_border_of_cells_is_straight_where_no_address_is_in_the_way() -> None:
    before = drawn("aaa aaa")
    rng = np.random.default_rng(3)
    west, east = rng.uniform((0, 0), (1.2, 2), (40, 2)), rng.uniform((1.8, 0), (3, 2), (40, 2))
    places = np.array([corner(*place) for place in (*west, *east)])
    ground = cells_of(before, places, np.arange(80) < 40)
    inner = [vertex for vertex in shapely.get_coordinates(ground) if corner(1, 0)[0] < vertex[0] < corner(2, 0)[0]]
    assert 2 <= len(inner) <= 6


def test_addresses_in_several_grids_give_ground_of_each() -> None:
    before = drawn("ab")
    places = [corner(0.2, 0.5), corner(0.8, 0.5), corner(1.2, 0.5), corner(1.8, 0.5)]
    ground = cells_of(before, places, [False, True, True, False])
    assert _near(ground, area((0.5, 0), (1.5, 0), (1.5, 1), (0.5, 1)))


def test_all_addresses_of_a_grid_give_the_whole_grid() -> None:
    before = drawn("ab")
    ground = cells_of(before, [corner(0.2, 0.5), corner(0.8, 0.5), corner(1.2, 0.5)], [0, 1])
    assert ground.equals(before.shape("a"))


def test_scattered_addresses_give_several_parts() -> None:
    before = drawn("aaaa")
    ground = cells_of(before, [corner(x + 0.5, 0.5) for x in range(4)], [0, 3])
    assert ground.geom_type == "MultiPolygon"


@pytest.mark.parametrize(
    ("places", "chosen", "reason"),
    [
        ([(0.2, 0.5)], [], "no-addresses"),
        ([(0.2, 0.5), (9, 9)], [1], "outside"),
        ([(0.2, 0.5), (0.2, 0.5), (0.7, 0.5)], [0], "same-place"),
    ],
)
def test_addresses_that_have_no_ground_of_their_own_are_refused(
    places: list[tuple[float, float]], chosen: list[int], reason: str
) -> None:
    with pytest.raises(EditRefusedError) as caught:
        cells_of(drawn("ab"), [corner(*place) for place in places], np.array(chosen, dtype=np.int64))
    assert caught.value.reason == reason
    assert caught.value.detail_zh != caught.value.detail
