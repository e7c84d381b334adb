import math

import numpy as np
import pytest
import shapely

from geodata.errors import CoordinateError, EditRefusedError, NotKnownError
from geodata.grid.edit import Tiling, merge, split
from geodata.grid.edit.lines import MOST_POINTS
from tests.drawn_grids import STEP, area, corner, drawn, grid_area, line, vertices, whole_after

METRE = STEP / 90.1
"""A metre to the east, in degrees."""


def _reason(tiling: Tiling, key: str, drawn_line: shapely.Geometry) -> str:
    with pytest.raises(EditRefusedError) as caught:
        split(tiling, key, drawn_line)
    assert caught.value.detail_zh != caught.value.detail
    return caught.value.reason


def test_a_line_across_makes_two_pieces_the_larger_one_first() -> None:
    before = drawn("aab aab")
    edit = split(before, "a", line((-1, 0.5), (3, 0.5)))
    whole_after(before, edit)
    assert edit.shapes["a"] is None
    assert [round(piece.area / STEP**2, 6) for piece in edit.pieces] == [3, 1]
    assert [(moved.from_key, moved.to_key) for moved in edit.moved] == [("a", 0), ("a", 1)]


def test_the_ends_of_the_cut_go_into_the_neighbours_and_nothing_else_does() -> None:
    before = drawn("aab aab")
    edit = split(before, "a", line((-1, 0.5), (9, 0.5)))
    assert sorted(edit.shapes) == ["a", "b"]
    (node,) = vertices(edit.shapes["b"]) - vertices(before.shape("b"))
    assert math.dist(node, corner(2, 0.5)) < 1e-12
    assert all(node in vertices(piece) for piece in edit.pieces)


def test_equal_pieces_are_ordered_from_west_to_east() -> None:
    edit = split(drawn("aa aa"), "a", line((1, -1), (1, 3)))
    assert [piece.bounds[0] for piece in edit.pieces] == sorted(piece.bounds[0] for piece in edit.pieces)


def test_a_line_from_node_to_node_puts_no_node_anywhere() -> None:
    before = drawn("aab aab")
    edit = split(before, "a", line((1, 0), (1, 2)))
    whole_after(before, edit)
    assert list(edit.shapes) == ["a"]
    assert set().union(*map(vertices, edit.pieces)) == vertices(before.shape("a"))


def test_a_line_that_passes_a_node_by_a_centimetre_goes_through_it() -> None:
    before = drawn("aab aab")
    edit = split(before, "a", shapely.LineString([(corner(1, -1)[0] + 0.008 * METRE, corner(1, -1)[1]), corner(1, 3)]))
    assert list(edit.shapes) == ["a"]
    assert all(corner(1, 0) in vertices(piece) for piece in edit.pieces)


@pytest.mark.parametrize("metres", [0.4, -0.4, 0.1, 0.0])
def test_ends_within_half_a_metre_of_a_border_go_to_it(metres: float) -> None:
    before = drawn("aab aab")
    start, end = corner(0, 0.5), corner(2, 0.5)
    edit = split(
        before, "a", shapely.LineString([(start[0] + metres * METRE, start[1]), (end[0] - metres * METRE, end[1])])
    )
    whole_after(before, edit)
    assert len(edit.pieces) == 2


def test_a_line_that_ends_inside_does_not_cut() -> None:
    before = drawn("aab aab")
    assert _reason(before, "a", line((-1, 0.5), (1, 0.5))) == "no-crossing"
    assert _reason(before, "a", line((0.5, 0.5), (1.5, 0.5))) == "no-crossing"
    assert _reason(before, "a", line((5, 5), (6, 6))) == "no-crossing"
    assert _reason(before, "a", line((0, 0), (2, 0))) == "no-crossing"


def test_what_dangles_from_a_cut_is_left_out() -> None:
    before = drawn("aa aa")
    edit = split(before, "a", line((-1, 0.5), (0.5, 0.5), (0.5, -1), (1.5, -1), (1.5, 1.5)))
    whole_after(before, edit)
    assert len(edit.pieces) == 2
    assert not any(y > 36.0009 and 117.0014 < x < 117.0016 for piece in edit.pieces for x, y in vertices(piece))
    assert not any(math.dist(node, corner(1.5, 0)) < 1e-9 for piece in edit.pieces for node in vertices(piece))


def test_a_line_that_goes_in_and_out_makes_a_piece_of_each_face() -> None:
    before = drawn("aaaa")
    edit = split(before, "a", line((0.5, -1), (0.5, 2), (1.5, 2), (1.5, -1), (2.5, -1), (2.5, 2)))
    whole_after(before, edit)
    assert len(edit.pieces) == 4


def test_a_line_along_the_border_and_then_across_cuts() -> None:
    before = drawn("aab aab")
    edit = split(before, "a", line((0, 0), (0, 1), (0, 1.5), (2, 1.5)))
    whole_after(before, edit)
    assert [round(piece.area / STEP**2, 6) for piece in edit.pieces] == [3, 1]


def test_a_closed_line_cuts_out_an_island() -> None:
    before = drawn("aaa aaa aaa")
    edit = split(before, "a", line((1, 1), (2, 1), (2, 2), (1, 2), (1, 1)))
    whole_after(before, edit)
    assert len(edit.pieces[0].interiors) == 1
    assert edit.pieces[1].equals(area((1, 1), (2, 1), (2, 2), (1, 2)))


def test_a_cut_through_a_hole_takes_the_grid_in_the_hole_along() -> None:
    before = drawn("aaa aba aaa")
    edit = split(before, "a", line((-1, 1.4), (4, 1.4)))
    after = whole_after(before, edit)
    assert len(edit.pieces) == 2
    assert len(vertices(after.shape("b"))) == 6


def test_a_hundred_crossings_are_too_many_pieces() -> None:
    x = np.linspace(0.01, 1.99, 100)
    y = np.where(np.arange(100) % 2, -0.5, 1.5)
    assert _reason(drawn("aa"), "a", line(*zip(x, y, strict=True))) == "too-many-pieces"


@pytest.mark.parametrize(("times", "reason"), [(280, "too-many-pieces"), (9_990, "too-many-crossings")])
def test_a_line_to_and_fro_is_refused_before_it_takes_long(times: int, reason: str) -> None:
    x = np.linspace(0.01, 1.99, times)
    y = np.where(np.arange(times) % 2, -0.5, 1.5)
    assert _reason(drawn("aa"), "a", line(*zip(x, y, strict=True))) == reason


def test_a_cut_off_sliver_stays_with_the_piece_beside_it_and_is_noted() -> None:
    before = drawn("aaaa aaaa")
    thin = 0.3 * STEP / 90.1 / STEP
    edit = split(before, "a", line((2, -1), (2, 2 - thin), (3, 2 - thin), (3, 3)))
    assert len(edit.pieces) == 2
    edit = split(before, "a", line((thin, -1), (thin, 1), (2, 1), (2, 3)))
    whole_after(before, edit)
    assert len(edit.pieces) == 2
    edit = split(
        before, "a", line((-1, 1.5), (0.5, 1.5), (0.5, 2 + thin), (0.6, 2 - thin), (0.7, 2 + thin), (4, 0.5), (9, 0.5))
    )
    whole_after(before, edit)
    assert {note.kind for note in edit.notes} == {"sliver-joined"}
    assert len(edit.pieces) == 3


def test_a_line_that_cuts_off_nothing_but_a_sliver_is_refused() -> None:
    thin = 0.5 * STEP / 111 / STEP
    assert _reason(drawn("aa"), "a", line((-1, 1 - thin * 1.5), (3, 1 - thin * 1.5))) == "sliver"


def test_a_line_between_the_parts_of_a_grid_parts_them() -> None:
    before = drawn("aba")
    edit = split(before, "a", line((1.5, -1), (1.5, 2)))
    whole_after(before, edit)
    assert [piece.geom_type for piece in edit.pieces] == ["Polygon", "Polygon"]


def test_parts_that_the_line_does_not_cut_go_with_the_nearest_piece() -> None:
    before = drawn("aab aab bbb bba")
    edit = split(before, "a", line((-1, 3), (3, 3)))
    after = whole_after(before, edit)
    assert len(edit.pieces) == 2
    assert grid_area(after, ["piece 0"]) == pytest.approx(3)
    assert after.shape("piece 0").geom_type == "MultiPolygon"


def test_a_line_that_crosses_itself_is_refused_with_the_place() -> None:
    with pytest.raises(EditRefusedError) as caught:
        split(drawn("aa aa"), "a", line((-1, 0.5), (3, 1.5), (3, 0.5), (-1, 1.5)))
    assert caught.value.reason == "crosses-itself"
    assert (caught.value.facts["lon"], caught.value.facts["lat"]) == pytest.approx(corner(1, 1))
    assert _reason(drawn("aa aa"), "a", line((-1, 1), (3, 1), (1, 1))) == "crosses-itself"


def test_what_is_no_line_is_refused() -> None:
    before = drawn("aa aa")
    assert _reason(before, "a", shapely.Point(117, 36)) == "not-a-line"
    assert _reason(before, "a", shapely.LineString()) == "not-a-line"
    assert _reason(before, "a", line((1, 1), (1, 1), (1, 1))) == "not-a-line"
    assert _reason(before, "a", shapely.MultiLineString([line((0, 1), (2, 1))])) == "not-a-line"
    assert (
        _reason(before, "a", shapely.LineString(np.linspace(corner(0, 0), corner(2, 2), MOST_POINTS + 1)))
        == "too-many-points"
    )


@pytest.mark.parametrize("place", [(math.nan, 36.0), (117.0, math.inf), (36.0, 117.0)])
def test_a_line_that_leaves_the_earth_is_refused(place: tuple[float, float]) -> None:
    with pytest.raises(CoordinateError), np.errstate(invalid="ignore"):
        split(drawn("aa aa"), "a", shapely.LineString([corner(0, 1), place]))


def test_a_grid_that_is_not_there_cannot_be_split() -> None:
    with pytest.raises(NotKnownError):
        split(drawn("aa"), "z", line((1, -1), (1, 2)))


def test_pieces_that_are_merged_again_are_the_grid_as_it_was() -> None:
    before = drawn("aab aab")
    after = before.changed(split(before, "a", line((-1, 0.7), (3, 0.3))).placed(["a", "n"]).shapes)
    again = after.changed(merge(after, ["a", "n"], "a").shapes)
    assert again.shape("a").equals(before.shape("a"))


def test_pieces_get_the_keys_that_are_given_to_them() -> None:
    before = drawn("aab aab")
    edit = split(before, "a", line((-1, 0.5), (3, 0.5))).placed(["n", "a"])
    assert edit.pieces == ()
    assert edit.shapes["a"].area < edit.shapes["n"].area
    assert [(moved.from_key, moved.to_key) for moved in edit.moved] == [("a", "n")]


def test_the_same_split_gives_the_same_bytes() -> None:
    edits = [split(drawn("aab aab"), "a", line((-1, 0.7), (3, 0.31))) for _ in range(2)]
    assert [shapely.to_wkb(piece) for piece in edits[0].pieces] == [shapely.to_wkb(piece) for piece in edits[1].pieces]
