"""Several grids drawn anew at once: exact where they were drawn, matched all around, refused where not whole."""

import numpy as np
import pytest
import shapely

from geodata.errors import EditRefusedError, NotKnownError
from geodata.grid.edit import Tiling, replace
from geodata.grid.edit.aligning import aligned
from tests.support import CELL, corner, draw

PICTURE = """
AABBEE
AABBEE
CCDDFG
CCDDFG
"""
METRE = CELL / 109


def tiling(picture: str = PICTURE, *, full: bool = True) -> Tiling:
    drawn = draw(picture)
    return Tiling.of(dict(zip(drawn["code"], drawn.geometry, strict=True)), full=full)


def shape(*corners: tuple[float, float]) -> shapely.Polygon:
    return shapely.Polygon([corner(*each) for each in corners])


def after(before: Tiling, shapes: dict[str, shapely.Geometry], gone: tuple[str, ...] = ()) -> Tiling:
    return before.changed(replace(before, shapes, gone).shapes)


def same_ground(one: shapely.Geometry, other: shapely.Geometry) -> bool:
    return bool(shapely.hausdorff_distance(one.boundary, other.boundary) <= 1e-12)


def matched(whole: Tiling) -> bool:
    keys = list(whole.keys())
    return bool(shapely.coverage_is_valid(np.array([whole.shape(key) for key in keys], dtype=object)))


def test_an_island_is_drawn_inside_a_grid() -> None:
    island = shape((0.5, 2.5), (1.5, 2.5), (1.5, 3.5), (0.5, 3.5))
    around = shapely.difference(tiling().shape("A"), island)
    whole = after(tiling(), {"A": around, "N": island})
    assert same_ground(whole.shape("N"), island)
    assert len(shapely.get_parts(whole.shape("A"))[0].interiors) == 1
    assert matched(whole)


def test_a_grid_in_two_parts_is_as_it_was_drawn() -> None:
    ends = shapely.MultiPolygon([shape((0, 2), (1, 2), (1, 4), (0, 4)), shape((3, 2), (4, 2), (4, 4), (3, 4))])
    whole = after(tiling(), {"A": ends, "B": shape((1, 2), (3, 2), (3, 4), (1, 4))})
    assert same_ground(whole.shape("A"), ends)
    assert matched(whole)


def test_who_loses_what_to_whom_is_told_and_neighbours_only_get_nodes() -> None:
    edit = replace(
        tiling(), {"A": shape((0, 2), (1.5, 2), (2, 4), (0, 4)), "B": shape((1.5, 2), (4, 2), (4, 4), (2, 4))}
    )
    assert [(one.from_key, one.to_key) for one in edit.moved] == [("A", "B")]
    assert sorted(edit.shapes) == ["A", "B", "C"]
    grown = edit.shapes["C"]
    assert grown is not None
    assert shapely.area(shapely.symmetric_difference(grown, tiling().shape("C"))) == 0
    assert set(map(tuple, shapely.get_coordinates(grown).tolist())) - {(x, y) for x, y in _lattice()} == {
        corner(1.5, 2)
    }


def _lattice() -> list[tuple[float, float]]:
    return [corner(x, y) for x in range(7) for y in range(5)]


def test_what_was_drawn_as_it_is_changes_nothing() -> None:
    whole = tiling()
    assert replace(whole, {key: whole.shape(key) for key in "ABC"}).shapes == {}


def test_borders_that_miss_each_other_by_a_hand_become_one_and_a_metre_is_a_fault() -> None:
    def drawn(metres: float) -> dict[str, shapely.Geometry]:
        gap = metres * METRE / CELL
        return {
            "A": shape((0, 2), (1.5, 2), (1.5, 4), (0, 4)),
            "B": shape((1.5 + gap, 2), (4, 2), (4, 4), (1.5 + gap, 4)),
        }

    for metres in (0.2, -0.2):
        assert matched(after(tiling(), drawn(metres)))
    for metres, reason in ((1.5, "would-gap"), (-1.5, "would-overlap")):
        with pytest.raises(EditRefusedError) as refused:
            replace(tiling(), drawn(metres))
        assert refused.value.reason == reason
        assert abs(refused.value.facts["lon"] - corner(1.5, 3)[0]) < 2 * METRE


@pytest.mark.parametrize(
    ("shapes", "gone", "reason"),
    [
        ({"A": shape((0, 2), (4, 2), (4, 4), (0, 4))}, (), "would-overlap"),
        ({"A": shape((0, 2), (3, 2), (3, 4), (0, 4))}, ("B",), "would-gap"),
        ({"A": shape((0, 2), (2, 2), (2, 5), (0, 5))}, (), "on-rim"),
        ({"A": shape((0, 2), (2, 4), (2, 2), (0, 4))}, (), "crosses-itself"),
        ({"A": tiling().shape("A"), "N": tiling().shape("A")}, (), "would-overlap"),
        ({"A": shapely.Point(0, 0)}, (), "not-an-area"),
        ({"N": shape((7, 7), (8, 7), (8, 8))}, (), "on-rim"),
    ],
)
def test_what_is_not_whole_is_refused(shapes: dict[str, shapely.Geometry], gone: tuple[str, ...], reason: str) -> None:
    with pytest.raises(EditRefusedError) as refused:
        replace(tiling(), shapes, gone)
    assert refused.value.reason == reason


def test_a_grid_that_is_not_there_cannot_go() -> None:
    with pytest.raises(NotKnownError):
        replace(tiling(), {"A": tiling().shape("A")}, ["Q"])


def test_in_a_layer_that_is_not_full_ground_may_be_taken_and_left_but_not_from_others() -> None:
    whole = tiling("AA..BB\nAA..BB", full=False)
    larger, smaller = shape((0, 0), (3, 0), (3, 2), (0, 2)), shape((0, 0), (1, 0), (1, 2), (0, 2))
    assert same_ground(after(whole, {"A": larger}).shape("A"), larger)
    assert same_ground(after(whole, {"A": smaller}).shape("A"), smaller)
    assert same_ground(
        after(whole, {"N": shape((2, 0), (4, 0), (4, 1), (2, 1))}).shape("N"), shape((2, 0), (4, 0), (4, 1), (2, 1))
    )
    with pytest.raises(EditRefusedError) as refused:
        replace(whole, {"A": shape((0, 0), (5, 0), (5, 2), (0, 2))})
    assert (refused.value.reason, refused.value.facts["grids"]) == ("would-overlap", ["B"])


def test_a_node_draws_the_nearest_vertex_of_a_shape_and_leaves_a_second_one() -> None:
    step = 0.3 * METRE / CELL
    moved = shape((0 + step, 2), (2, 2), (2, 2 + step), (2, 4), (0, 4))
    found = aligned(tiling(), [moved])[0]
    corners = set(map(tuple, shapely.get_coordinates(found).tolist()))
    assert {corner(0, 2), corner(2, 2), corner(2, 2 + step)} <= corners
    assert corner(0 + step, 2) not in corners


def test_shapes_far_from_any_node_stay_as_they_are() -> None:
    far = shape((10, 10), (11, 10), (11, 11))
    assert aligned(tiling(), [far]) == [far]
    assert aligned(tiling(), []) == []
