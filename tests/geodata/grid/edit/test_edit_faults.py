import pytest
import shapely

from geodata.errors import EditRefusedError
from geodata.grid.edit import Edit, Tiling, faults, merge
from geodata.grid.edit.faults import sound
from tests.drawn_grids import area, corner, drawn


def _kinds(before: Tiling, shapes: dict[str, shapely.Geometry | None]) -> list[str]:
    found = faults(before, Edit(shapes))
    assert all(finding.message_zh != finding.message and finding.lon is not None for finding in found)
    return [finding.kind for finding in found]


def test_an_edit_that_keeps_the_tiling_whole_has_no_fault() -> None:
    before = drawn("ab")
    assert (
        _kinds(before, {"a": area((0, 0), (1.5, 0), (1.5, 1), (0, 1)), "b": area((1.5, 0), (2, 0), (2, 1), (1.5, 1))})
        == []
    )
    assert _kinds(before, {}) == []


def test_ground_that_two_grids_would_have_is_named_with_both() -> None:
    (found,) = faults(drawn("abc"), Edit({"a": area((0, 0), (1.4, 0), (1.4, 1), (1, 1), (0, 1))}))
    assert (found.kind, found.severity, found.facts["grids"]) == ("overlap", "error", ["a", "b"])
    assert corner(1, 0)[0] < (found.lon or 0) < corner(1.4, 0)[0]
    assert found.facts["square_metres"] == pytest.approx(0.4 * 90.1 * 111, rel=0.01)


def test_a_grid_hidden_inside_another_is_an_overlap() -> None:
    before = drawn("aaa aaa aaa")
    assert _kinds(before, {"n": area((1, 1), (2, 1), (2, 2), (1, 2))}) == ["overlap"]


def test_lost_ground_is_a_gap_however_narrow() -> None:
    before = drawn("ab")
    for narrow in (0.5, 0.01, 0.0001):
        shape = area((0, 0), (1 - narrow, 0), (1 - narrow, 1), (0, 1))
        assert _kinds(before, {"a": shape}) == ["gap"]
    assert _kinds(before, {"a": None}) == ["gap"]


def test_ground_that_was_outside_the_layer_is_named() -> None:
    assert _kinds(drawn("ab"), {"a": area((-0.5, 0), (1, 0), (1, 1), (-0.5, 1))}) == ["outside"]


def test_in_a_layer_that_is_not_full_only_overlaps_are_faults() -> None:
    before = drawn("a.b", full=False)
    assert _kinds(before, {"a": area((-0.5, 0), (1.5, 0), (1.5, 1), (0, 1))}) == []
    assert _kinds(before, {"a": area((0, 0), (2.5, 0), (2.5, 1), (0, 1))}) == ["overlap"]


def test_a_vertex_on_one_side_of_a_border_only_is_a_mismatch() -> None:
    before = drawn("ab")
    assert _kinds(before, {"a": area((0, 0), (1, 0), (1, 0.5), (1, 1), (0, 1))}) == ["edge-mismatch"]


def test_a_border_that_crosses_itself_is_named_first_and_alone() -> None:
    (found,) = faults(drawn("ab"), Edit({"a": area((0, 0), (1, 1), (1, 0), (0, 1))}))
    assert found.kind == "invalid-ring"
    assert (found.lon, found.lat) == pytest.approx(corner(0.5, 0.5))


def test_small_and_scattered_grids_are_warnings_once() -> None:
    before = drawn("abc")
    thin = area((0, 0), (0.008, 0), (0.008, 1), (0, 1))
    rest = area((0.008, 0), (2, 0), (2, 1), (1, 1), (0.008, 1))
    (found,) = faults(before, Edit({"a": thin, "b": rest}))
    assert (found.kind, found.severity, found.facts["grids"]) == ("sliver", "warning", ["a"])
    (found,) = faults(before, merge(before, ["a", "c"], "a", allow_parts=True))
    assert (found.kind, found.severity, found.facts["parts"]) == ("many-parts", "warning", 2)
    after = before.changed({"a": thin, "b": rest})
    assert _kinds(after, {"b": rest, "a": thin}) == []


def test_pieces_count_as_grids_of_their_own() -> None:
    before = drawn("ab")
    whole = Edit({"a": None}, (area((0, 0), (1, 0), (1, 1), (0, 1)),))
    assert faults(before, whole) == []
    (found,) = faults(before, Edit({"a": None}, (area((0, 0), (1.5, 0), (1.5, 1), (1, 1), (0, 1)),)))
    assert (found.kind, found.facts["grids"], found.facts["pieces"]) == ("overlap", ["b"], [0])


def test_faults_that_were_there_before_do_not_count() -> None:
    faulty = Tiling.of(
        {
            "a": area((0, 0), (1.1, 0), (1.1, 1), (0, 1)),
            "b": area((1, 0), (2, 0), (2, 0.5), (2, 1), (1, 1)),
            "c": area((2, 0), (3, 0), (3, 1), (2, 1)),
            "d": area((3.2, 0), (4, 0), (4, 1), (3.2, 1)),
        }
    )
    assert _kinds(faulty, {key: faulty.shape(key) for key in "abcd"}) == []
    split_overlap = {"a": area((0, 0), (0.5, 0), (0.5, 1), (0, 1)), "n": area((0.5, 0), (1.1, 0), (1.1, 1), (0.5, 1))}
    assert _kinds(faulty, split_overlap) == []
    assert _kinds(faulty, {"a": area((0, 0), (1.2, 0), (1.2, 1), (0, 1))}) == ["overlap"]


def test_an_unsound_edit_is_refused_with_the_place_and_the_reason() -> None:
    before = drawn("ab")
    with pytest.raises(EditRefusedError) as caught:
        sound(before, Edit({"a": area((0, 0), (1.4, 0), (1.4, 1), (1, 1), (0, 1))}))
    assert caught.value.reason == "would-overlap"
    assert caught.value.facts["grids"] == ["a", "b"]
    with pytest.raises(EditRefusedError) as caught:
        sound(before, Edit({"a": None}))
    assert caught.value.reason == "would-gap"
