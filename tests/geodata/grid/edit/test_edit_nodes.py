import math

import pytest
import shapely

from geodata.errors import CoordinateError, EditRefusedError
from geodata.grid.edit import Tiling, draw_out, insert_node, move_node, remove_node
from geodata.grid.edit.nodes import SNAP_METRES
from tests.drawn_grids import STEP, area, corner, drawn, vertices, whole_after


def _refusal(operation: object, *arguments: object) -> EditRefusedError:
    with pytest.raises(EditRefusedError) as caught:
        operation(*arguments)  # type: ignore[operator]
    return caught.value


def test_a_junction_moves_in_all_the_grids_that_meet_there() -> None:
    before = drawn("ab cd")
    edit = move_node(before, corner(1, 1), corner(1.3, 1.2))
    after = whole_after(before, edit)
    assert sorted(edit.shapes) == ["a", "b", "c", "d"]
    assert all(corner(1.3, 1.2) in vertices(after.shape(key)) for key in "abcd")
    assert not any(corner(1, 1) in vertices(after.shape(key)) for key in "abcd")


def test_ground_that_a_moved_node_sweeps_is_said_from_whom_to_whom() -> None:
    before = drawn("ab ab")
    edit = move_node(before, corner(1, 1), corner(1.5, 1))
    (moved,) = edit.moved
    assert (moved.from_key, moved.to_key) == ("b", "a")
    assert moved.square_metres == pytest.approx(0.5 * 90.1 * 111, rel=0.01)
    assert moved.ground.equals(area((1, 0), (1.5, 1), (1, 2)))


def test_a_place_beside_a_node_means_the_node_up_to_half_a_metre() -> None:
    before = drawn("ab ab")
    metre = STEP / 90.1
    beside = (corner(1, 1)[0] + 0.4 * metre, corner(1, 1)[1])
    assert sorted(move_node(before, beside, corner(1.2, 1)).shapes) == ["a", "b"]
    assert _refusal(move_node, before, corner(1.02, 1), corner(1.2, 1)).reason == "no-node"


def test_a_node_is_moved_where_it_is_and_nothing_changes() -> None:
    assert move_node(drawn("ab ab"), corner(1, 1), corner(1, 1)).shapes == {}


def test_the_rim_of_a_full_layer_does_not_move_and_says_what_to_do() -> None:
    refusal = _refusal(move_node, drawn("ab ab"), corner(1, 0), corner(1, -0.2))
    assert refusal.reason == "on-rim"
    assert (refusal.facts["lon"], refusal.facts["lat"]) == corner(1, 0)
    assert "load" in refusal.detail
    assert "载入" in refusal.detail_zh


def test_in_a_layer_that_is_not_full_an_outer_node_moves() -> None:
    before = drawn("ab ab", full=False)
    assert corner(1, -0.2) in vertices(
        before.changed(move_node(before, corner(1, 0), corner(1, -0.2)).shapes).shape("a")
    )


def test_in_a_layer_that_is_not_full_grids_must_not_overlap_either() -> None:
    refusal = _refusal(move_node, drawn("a.b", full=False), corner(1, 0), corner(2.5, 0.5))
    assert refusal.reason == "would-overlap"
    assert refusal.facts["grids"] == ["a", "b"]


@pytest.mark.parametrize("to", [(3.5, 1.5), (-2, 1), (1, 5), (2, 2)])
def test_a_node_dragged_over_other_borders_is_refused_with_the_place(to: tuple[float, float]) -> None:
    before = drawn("abe cdf ghi")
    refusal = _refusal(move_node, before, corner(1, 1), corner(*to))
    assert refusal.reason in {"crosses-itself", "would-overlap", "on-rim"}
    assert math.isfinite(refusal.facts["lon"])
    assert math.isfinite(refusal.facts["lat"])


def test_a_node_moved_onto_the_next_one_becomes_it() -> None:
    before = drawn("ab ab ab")
    after = whole_after(before, move_node(before, corner(1, 1), corner(1.00001, 2)))
    assert corner(1, 1) not in vertices(after.shape("a"))
    assert after.shape("a").equals(before.shape("a"))


def test_a_node_moved_onto_another_border_makes_a_node_there_for_all() -> None:
    before = drawn("aaaa abba abba aaaa ccdd")
    metre = STEP / 111
    edit = move_node(before, corner(1, 2), (corner(1.5, 1)[0], corner(1.5, 1)[1] + 0.006 * metre))
    after = whole_after(before, edit)
    (node,) = vertices(after.shape("c")) - vertices(before.shape("c"))
    assert node in vertices(after.shape("a"))
    assert node in vertices(after.shape("b"))
    assert len(shapely.get_rings(after.shape("a"))) == 2


def test_an_island_of_three_nodes_cannot_lose_one() -> None:
    outer, island = area((0, 0), (4, 0), (4, 4), (0, 4)), area((1, 1), (2, 1), (1, 2))
    tiling = Tiling.of({"a": shapely.difference(outer, island), "b": island})
    assert _refusal(remove_node, tiling, corner(1, 1)).reason == "too-few-corners"
    assert _refusal(move_node, tiling, corner(1, 1), corner(2, 1)).reason == "too-few-corners"


def test_a_node_put_into_a_border_is_there_on_both_sides_and_moves_no_ground() -> None:
    before = drawn("ab")
    edit = insert_node(before, corner(1, 0.4))
    after = whole_after(before, edit)
    (node,) = vertices(after.shape("a")) - vertices(before.shape("a"))
    assert node in vertices(after.shape("b"))
    assert math.dist(node, corner(1, 0.4)) < 1e-12
    assert edit.moved == ()


def test_a_node_may_be_put_into_the_rim() -> None:
    before = drawn("ab")
    assert sorted(insert_node(before, corner(0.5, 0)).shapes) == ["a"]


def test_a_border_drawn_out_is_the_same_as_a_node_put_in_and_moved() -> None:
    before = drawn("ab")
    at_once = draw_out(before, corner(1, 0.4), corner(1.3, 0.5))
    after = whole_after(before, at_once)
    (node,) = vertices(insert_node(before, corner(1, 0.4)).shapes["a"]) - vertices(before.shape("a"))
    between = before.changed(insert_node(before, corner(1, 0.4)).shapes)
    in_turn = between.changed(move_node(between, node, corner(1.3, 0.5)).shapes)
    assert dict(at_once.shapes) == {key: in_turn.shape(key) for key in "ab"}
    assert [(one.from_key, one.to_key) for one in at_once.moved] == [("b", "a")]
    assert corner(1.3, 0.5) in vertices(after.shape("b"))
    assert _refusal(draw_out, before, corner(1, 0.4), corner(3, 3)).reason == "crosses-itself"


def test_a_node_is_put_nowhere_else_than_into_a_border() -> None:
    before = drawn("ab")
    assert _refusal(insert_node, before, corner(0.5, 0.5)).reason == "no-border"
    assert str(SNAP_METRES) in _refusal(insert_node, before, corner(0.5, 0.5)).detail
    assert _refusal(insert_node, before, corner(1, 1)).reason == "node-there"


def test_a_removed_node_makes_the_border_straight_on_both_sides() -> None:
    before = drawn("ab ab")
    bent = before.changed(move_node(before, corner(1, 1), corner(1.4, 1)).shapes)
    after = whole_after(bent, remove_node(bent, corner(1.4, 1)))
    assert after.shape("a").equals(before.shape("a"))
    assert corner(1.4, 1) not in vertices(after.shape("b"))


def test_a_node_where_three_borders_meet_stays() -> None:
    refusal = _refusal(remove_node, drawn("ab cc"), corner(1, 1))
    assert refusal.reason == "junction"
    assert refusal.facts["grids"] == ["a", "b", "c"]


def test_a_corner_of_the_rim_stays_and_a_needless_node_of_it_goes() -> None:
    before = drawn("aa aa")
    assert _refusal(remove_node, before, corner(0, 0)).reason == "on-rim"
    after = whole_after(before, remove_node(before, corner(1, 0)))
    assert corner(1, 0) not in vertices(after.shape("a"))


def test_a_border_that_is_drawn_twice_has_to_be_repaired_first() -> None:
    left, right = (
        area((0, 0), (1, 0), (1, 1), (1, 2), (0, 2)),
        area((1.0003, 0), (2, 0), (2, 2), (1.0003, 2), (1.0003, 1)),
    )
    refusal = _refusal(move_node, Tiling.of({"a": left, "b": right}), corner(1, 1), corner(1.2, 1))
    assert refusal.reason == "not-matched"
    assert "--repair" in refusal.detail


def test_a_node_on_an_edge_that_lacks_it_moves_that_edge_too() -> None:
    left, right = area((0, 0), (1, 0), (1, 1), (1, 2), (0, 2)), area((1, 0), (2, 0), (2, 2), (1, 2))
    before = Tiling.of({"a": left, "b": right})
    after = before.changed(move_node(before, corner(1, 1), corner(1.2, 1)).shapes)
    assert corner(1.2, 1) in vertices(after.shape("b"))
    assert shapely.coverage_is_valid([after.shape("a"), after.shape("b")])


@pytest.mark.parametrize("place", [(math.nan, 36.0), (117.0, math.inf), (36.0, 117.0), (1e9, 0.0)])
def test_places_that_are_not_on_earth_are_refused(place: tuple[float, float]) -> None:
    before = drawn("ab ab")
    for operation in (insert_node, remove_node):
        with pytest.raises(CoordinateError):
            operation(before, place)
    with pytest.raises(CoordinateError):
        move_node(before, corner(1, 1), place)
