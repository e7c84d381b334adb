import math

import numpy as np
import pytest
import shapely

from geodata.errors import CoordinateError, EditRefusedError, NotKnownError
from geodata.grid.edit import Tiling, hand_over
from tests.drawn_grids import area, corner, drawn, grid_area, vertices, whole_after


def _refusal(tiling: Tiling, ground: shapely.Geometry, to: str | None, **options: object) -> EditRefusedError:
    with pytest.raises(EditRefusedError) as caught:
        hand_over(tiling, ground, to, **options)  # type: ignore[arg-type]
    assert caught.value.detail_zh != caught.value.detail
    return caught.value


def test_ground_goes_from_all_grids_under_the_lasso_to_the_one_named() -> None:
    before = drawn("abc abc")
    edit = hand_over(before, area((0.5, -1), (2.5, -1), (2.5, 1.5), (0.5, 1.5)), "a")
    after = whole_after(before, edit)
    assert grid_area(after, "abc") == pytest.approx(6)
    assert after.shape("a").area > before.shape("a").area
    assert [(moved.from_key, moved.to_key) for moved in edit.moved] == [("b", "a"), ("c", "a")]
    assert sum(moved.square_metres for moved in edit.moved) == pytest.approx(2.25 * 90.1 * 111, rel=0.01)


def test_a_new_grid_is_the_one_piece_of_the_edit() -> None:
    before = drawn("ab ab")
    edit = hand_over(before, area((0.5, 0), (1.5, 0), (1.5, 1), (0.5, 1)), None)
    whole_after(before, edit)
    (piece,) = edit.pieces
    assert piece.equals(area((0.5, 0), (1.5, 0), (1.5, 1), (0.5, 1)))
    assert {(moved.from_key, moved.to_key) for moved in edit.moved} == {("a", 0), ("b", 0)}


def test_nodes_go_into_neighbours_only_where_the_new_border_ends() -> None:
    before = drawn("abd abd")
    edit = hand_over(before, area((0.5, -1), (2, -1), (2, 0.6), (0.5, 0.6)), "a")
    after = whole_after(before, edit)
    assert len(vertices(after.shape("d")) - vertices(before.shape("d"))) == 1
    assert not any(math.dist(node, corner(0.5, 0)) < 1e-9 for key in "abd" for node in vertices(after.shape(key)))
    assert not any(math.dist(node, corner(0.5, 0.6)) < 1e-9 for key in "abd" for node in vertices(after.shape(key)))


def test_only_the_grids_that_are_named_give() -> None:
    before = drawn("abc")
    edit = hand_over(before, area((0.5, -1), (2.5, -1), (2.5, 2), (0.5, 2)), "a", of=["b"])
    after = whole_after(before, edit)
    assert after.shape("a").equals(area((0, 0), (2, 0), (2, 1), (0, 1)))
    assert edit.shapes["b"] is None
    assert after.shape("c").equals(before.shape("c"))


def test_a_grid_that_gives_all_it_has_is_gone_and_that_is_noted() -> None:
    before = drawn("abc")
    edit = hand_over(before, area((0.5, -1), (2, -1), (2, 2), (0.5, 2)), "a")
    whole_after(before, edit)
    assert edit.shapes["b"] is None
    (note,) = [note for note in edit.notes if note.kind == "used-up"]
    assert note.facts["grids"] == ["b"]


def test_ground_that_would_lie_apart_is_refused_with_its_place_and_goes_when_parts_are_allowed() -> None:
    before = drawn("abbb abbb")
    island = area((2, 0.5), (3, 0.5), (3, 1.5), (2, 1.5))
    refusal = _refusal(before, island, "a")
    assert refusal.reason == "several-parts"
    assert shapely.covers(island, shapely.Point(refusal.facts["lon"], refusal.facts["lat"]))
    after = whole_after(before, hand_over(before, island, "a", allow_parts=True))
    assert after.shape("a").geom_type == "MultiPolygon"
    assert len(after.shape("b").interiors) == 1


def test_a_grid_that_gives_must_not_fall_apart_unless_allowed() -> None:
    before = drawn("aaa bbb")
    across = area((1, 0), (2, 0), (2, 1), (1, 1))
    refusal = _refusal(before, across, "a")
    assert refusal.reason == "several-parts"
    assert refusal.facts["grids"] == ["b"]
    assert whole_after(before, hand_over(before, across, "a", allow_parts=True)).shape("b").geom_type == "MultiPolygon"


def test_slivers_of_a_careless_lasso_stay_or_go_with_what_lies_beside_them() -> None:
    before = drawn("abc abc")
    thin = 0.5 / 90.1
    careless = area((0.5, -1), (2 + thin, -1), (2 + thin, 1), (0.5, 1))
    edit = hand_over(before, careless, "a")
    after = whole_after(before, edit)
    assert after.shape("c").equals(before.shape("c"))
    assert [note.kind for note in edit.notes if note.facts["grids"] == ["c"]] == ["sliver-stays"]
    nearly_all = area((0.5, -1), (2 - thin, -1), (2 - thin, 3), (0.5, 3))
    edit = hand_over(before, nearly_all, "a")
    whole_after(before, edit)
    assert edit.shapes["b"] is None
    assert {note.kind for note in edit.notes} >= {"sliver-goes", "used-up"}


def test_nothing_but_slivers_is_refused() -> None:
    thin = 0.5 / 90.1
    assert _refusal(drawn("ab"), area((1, 0), (1 + thin, 0), (1 + thin, 1), (1, 1)), "a").reason == "sliver"


def test_ground_outside_all_grids_is_refused_and_a_part_outside_is_left_out() -> None:
    before = drawn("ab")
    assert _refusal(before, area((5, 5), (6, 5), (6, 6)), "a").reason == "outside"
    edit = hand_over(before, area((0.5, 0), (1.5, 0), (1.5, 3), (0.5, 3)), "a")
    whole_after(before, edit)
    assert "outside-left-out" in {note.kind for note in edit.notes}


def test_ground_that_the_grid_has_already_is_refused() -> None:
    assert _refusal(drawn("ab"), area((0.2, 0.2), (0.8, 0.2), (0.8, 0.8)), "a").reason == "nothing-to-hand-over"


def test_ground_in_several_parts_goes_all_at_once() -> None:
    before = drawn("abb abb")
    both = shapely.MultiPolygon(
        [area((0.5, 0), (1.5, 0), (1.5, 0.5)), area((0.5, 1.5), (1.5, 1.5), (1.5, 2), (0.5, 2))]
    )
    assert len(hand_over(before, both, "a").moved) == 1
    whole_after(before, hand_over(before, both, "a"))


def test_ground_with_a_hole_leaves_the_hole_where_it_was() -> None:
    before = drawn("aaa aaa aaa")
    ring = shapely.Polygon(
        area((0.5, 0.5), (2.5, 0.5), (2.5, 2.5), (0.5, 2.5)).exterior, [area((1, 1), (2, 1), (2, 2), (1, 2)).exterior]
    )
    assert _refusal(before, ring, None).reason == "several-parts"
    edit = hand_over(before, ring, None, allow_parts=True)
    whole_after(before, edit)
    assert len(edit.pieces[0].interiors) == 1


def test_ground_whose_hole_touches_its_own_border_in_the_middle_of_an_edge_goes() -> None:
    before = drawn("aaaa aaaa aaaa bbbb")
    touching = shapely.Polygon(
        area((0.5, 0.5), (3.5, 0.5), (3.5, 2.5), (0.5, 2.5)).exterior, [area((2, 0.5), (3, 1.5), (1.5, 2)).exterior]
    )
    assert touching.is_valid
    after = whole_after(before, hand_over(before, touching, "b", allow_parts=True))
    assert after.at(*corner(2.2, 1.2)) == "a"
    assert after.at(*corner(0.7, 1.2)) == "b"


def test_in_a_layer_that_is_not_full_ground_of_nobody_goes_too() -> None:
    before = drawn("a..b", full=False)
    edit = hand_over(before, area((0.5, 0.2), (2, 0.2), (2, 0.8), (0.5, 0.8)), "a")
    grown = edit.shapes["a"]
    assert grown is not None
    assert grown.equals(shapely.union(before.shape("a"), area((1, 0.2), (2, 0.2), (2, 0.8), (1, 0.8))))
    (piece,) = hand_over(before, area((1, 0), (4, 0), (4, 2), (1, 2)), None).pieces
    assert piece.area > before.shape("b").area
    (far,) = hand_over(before, area((7, 7), (8, 7), (8, 8), (7, 8)), None).pieces
    assert far.equals(area((7, 7), (8, 7), (8, 8), (7, 8)))


@pytest.mark.parametrize(
    ("ground", "reason"),
    [
        (shapely.Polygon(), "not-an-area"),
        (shapely.Point(117, 36), "not-an-area"),
        (shapely.from_wkt("POLYGON ((118 36, 118.1 36, 118 36.1, 118 36), EMPTY)"), "outside"),
        (area((0, 0), (2, 1), (2, 0), (0, 1)), "crosses-itself"),
        (area((0, 0), (1, 1), (0.5, 0.5)), "sliver"),
        (shapely.Point(corner(1, 0.5)).buffer(0.001, quad_segs=2_600), "too-many-points"),
    ],
)
def test_what_is_no_area_is_refused(ground: shapely.Geometry, reason: str) -> None:
    assert _refusal(drawn("ab"), ground, "a").reason == reason


def test_an_area_that_is_not_on_earth_is_refused() -> None:
    with pytest.raises(CoordinateError), np.errstate(invalid="ignore"):
        hand_over(drawn("ab"), shapely.Polygon([corner(0, 0), corner(1, 0), (500.0, 36.0)]), "a")


@pytest.mark.parametrize("options", [{"to": "z"}, {"to": "a", "of": ["z"]}])
def test_grids_that_are_not_there_are_not_known(options: dict[str, object]) -> None:
    with pytest.raises(NotKnownError):
        hand_over(drawn("ab"), area((0.5, 0), (1.5, 0), (1.5, 1)), **options)  # type: ignore[arg-type]


def test_a_refused_hand_over_leaves_the_tiling_as_it_was() -> None:
    before = drawn("abbb abbb")
    bytes_before = [shapely.to_wkb(before.shape(key)) for key in "ab"]
    _refusal(before, area((2, 0.5), (3, 0.5), (3, 1.5), (2, 1.5)), "a")
    assert [shapely.to_wkb(before.shape(key)) for key in "ab"] == bytes_before


def test_a_lasso_over_very_many_grids_is_refused_at_its_place() -> None:
    places = [(117 + 0.001 * east, 36 + 0.001 * north) for east in range(18) for north in range(18)]
    shapes = {f"g{at}": shapely.box(lon, lat, lon + 0.001, lat + 0.001) for at, (lon, lat) in enumerate(places)}
    error = _refusal(Tiling.of(shapes), shapely.box(116, 35, 118, 37), "g0", allow_parts=True)
    assert error.reason == "too-many-grids"
    assert (error.facts["lon"], error.facts["lat"]) == (117, 36)
    assert "323" in error.detail
