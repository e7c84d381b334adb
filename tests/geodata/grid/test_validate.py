"""Each fault of a layer of grids is found with its row, its place and its size."""

import numpy as np
import pytest
import shapely

from geodata.crs import metres_per_degree
from geodata.grid.communities import assign_communities
from geodata.grid.validate import Limits, validate
from geodata.records import Finding
from tests.support import CELL, changed, corner, draw, moved_vertex, nothing, of_code, with_shape

TILED = """
    AABB
    AABB
    CCDD
    CCDD
"""
WHOLE = """
    SSSS
    SSSS
    SSSS
    SSSS
"""


def kinds(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(finding.severity, finding.kind) for finding in findings]


def only(findings: list[Finding]) -> Finding:
    assert len(findings) == 1, findings
    return findings[0]


def place(finding: Finding) -> shapely.Point:
    return shapely.Point(finding.lon, finding.lat)


def at(finding: Finding) -> tuple[float | None, float | None]:
    return finding.lon, finding.lat


def cell_square_metres(lat: float = 36.5) -> float:
    east, north = metres_per_degree(lat)
    return east * north * CELL**2


def test_a_sound_tiling_in_its_community_has_no_findings():
    assert validate(draw(TILED), draw(WHOLE)) == []


def test_no_grids_have_no_findings():
    assert validate(draw(TILED).iloc[:0], draw(WHOLE)) == []
    assert validate(draw(TILED).iloc[:0], nothing()) == []


@pytest.mark.parametrize("shape", [None, shapely.Polygon(), shapely.MultiPolygon(), shapely.GeometryCollection()])
def test_a_grid_without_a_shape_is_an_error_with_its_row(shape):
    grids = with_shape(draw(TILED).assign(row=[2, 3, 4, 9]), "D", shape)
    finding = validate(grids, draw(WHOLE))[0]
    assert (finding.severity, finding.kind, finding.row, finding.code) == ("error", "missing-geometry", 9, "D")


@pytest.mark.parametrize(
    "shape",
    [
        shapely.Point(117, 36.5),
        shapely.LineString([(117, 36.5), (117.1, 36.5)]),
        shapely.MultiPoint([(117, 36.5)]),
        shapely.GeometryCollection([shapely.box(117, 36.5, 117.01, 36.51), shapely.Point(117, 36.5)]),
    ],
)
def test_points_lines_and_collections_are_the_wrong_type(shape):
    finding = validate(with_shape(draw(TILED), "A", shape), nothing())[0]
    assert (finding.severity, finding.kind, finding.code) == ("error", "wrong-geometry-type", "A")
    assert finding.facts["geometry_type"] == shape.geom_type
    assert shape.geom_type in finding.message


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 181.0, -500000.0])
def test_coordinates_that_are_no_place_are_an_error(bad):
    with np.errstate(invalid="ignore"):
        shape = shapely.Polygon([(117, 36.5), (bad, 36.5), (117.1, 36.6), (117, 36.5)])
    findings = validate(with_shape(draw(TILED), "B", shape), nothing())
    assert kinds(findings)[0] == ("error", "not-a-place")
    assert findings[0].facts["points"] == 1
    assert findings[0].code == "B"


def test_a_latitude_of_ninety_one_is_no_place_and_ninety_is_one():
    beyond = shapely.Polygon([(0, 80), (10, 80), (5, 91)])
    pole = shapely.Polygon([(0, 80), (10, 80), (5, 90)])
    assert "not-a-place" in {f.kind for f in validate(with_shape(draw("A"), "A", beyond), nothing())}
    assert {f.kind for f in validate(with_shape(draw("A"), "A", pole), nothing())} == {"missing-community"}


def rings(*outlines: list[tuple[float, float]]) -> shapely.Polygon:
    shell, *holes = [[corner(x, y) for x, y in outline] for outline in outlines]
    return shapely.Polygon(shell, holes)


SQUARE = [(0, 0), (8, 0), (8, 8), (0, 8)]


@pytest.mark.parametrize(
    ("shape", "reason", "where", "word", "word_zh"),
    [
        (rings([(0, 0), (2, 2), (2, 0), (0, 2)]), "self-intersection", (1, 1), "crosses itself", "自相交"),
        (rings(SQUARE, [(9, 9), (10, 9), (10, 10)]), "hole-outside-shell", (9, 9), "hole", "洞"),
        (
            rings(SQUARE, [(1, 1), (6, 1), (6, 6), (1, 6)], [(2, 2), (3, 2), (3, 3)]),
            "nested-holes",
            (2, 2),
            "inside another",
            "另一个",
        ),
        (
            rings([(0, 0), (4, 0), (4, 2), (2, 4), (1, 2), (4, 2), (8, 8), (0, 8)]),
            "ring-self-intersection",
            (4, 2),
            "touches itself",
            "相接",
        ),
        (
            rings(SQUARE, [(0, 4), (4, 3), (8, 4), (4, 5)]),
            "disconnected-interior",
            None,
            "into pieces",
            "切断",
        ),
        (
            shapely.MultiPolygon([rings(SQUARE), rings([(1, 1), (2, 1), (2, 2)])]),
            "nested-shells",
            None,
            "inside another part",
            "之内",
        ),
        (shapely.MultiPolygon([rings(SQUARE), rings(SQUARE)]), "self-intersection", (8, 8), "crosses itself", "自相交"),
        (rings([(0, 0), (2, 2), (0, 0)]), "too-few-points", (0, 0), "three different", "三个"),
    ],
)
def test_an_invalid_ring_is_an_error_with_its_reason_in_words_and_the_exact_place(shape, reason, where, word, word_zh):
    finding = next(f for f in validate(with_shape(draw("A"), "A", shape), nothing()) if f.severity == "error")
    assert (finding.kind, finding.row, finding.code) == ("invalid-ring", 1, "A")
    if reason:
        assert finding.facts["reason"] == reason
    if where:
        assert at(finding) == corner(*where)
    assert word in finding.message
    assert word_zh in finding.message_zh


def test_an_invalid_ring_does_not_show_as_a_gap_as_well():
    spike = shapely.Polygon(
        [corner(*p) for p in [(0, 0), (2, 0), (2, 1), (2, 2), (2, 3), (2, 2), (1, 2), (0, 2), (0, 1)]]
    )
    grids = with_shape(draw(TILED), "C", spike)
    assert "gap" not in {finding.kind for finding in validate(grids, draw(WHOLE))}
    assert ("error", "invalid-ring") in kinds(validate(grids, draw(WHOLE)))


def test_an_overlap_names_both_grids_its_area_and_a_place_inside():
    grids = draw(TILED, "BB..")
    # The second picture lies at the bottom: B covers the southern half of C as well.
    finding = validate(grids, draw(WHOLE))[0]
    assert (finding.severity, finding.kind, finding.code, finding.facts["other"]) == ("error", "overlap", "B", "C")
    assert (finding.row, finding.facts["other_row"]) == (2, 3)
    assert finding.facts["square_metres"] == pytest.approx(2 * cell_square_metres(), rel=1e-3)
    assert shapely.intersection(of_code(grids, "B"), of_code(grids, "C")).contains(place(finding))


def test_every_pair_is_found_under_a_grid_that_hides_many_whole_grids():
    small = "\n".join("".join(chr(0x4E00 + 8 * y + x) for x in range(8)) for y in range(8))
    large = "\n".join("Z" * 10 for _ in range(10))
    grids = draw(small, large)
    overlaps = [finding for finding in validate(grids, nothing()) if finding.kind == "overlap"]
    assert len(overlaps) == 64
    assert {finding.code for finding in overlaps} == {"Z"}


def test_a_grid_inside_another_and_equal_grids_overlap():
    inside = draw("AAA\nAAA\nAAA", "...\n.B.\n...")
    assert [f.facts["other"] for f in validate(inside, nothing()) if f.kind == "overlap"] == ["B"]
    equal = draw("A", "B", "C")
    pairs = {(f.code, f.facts["other"]) for f in validate(equal, nothing()) if f.kind == "overlap"}
    assert pairs == {("A", "B"), ("A", "C")}


def test_copies_of_one_grid_are_each_paired_with_the_first_only():
    letters = [chr(0x4E00 + i) for i in range(50)]
    overlaps = [f for f in validate(draw(*letters), nothing()) if f.kind == "overlap"]
    assert len(overlaps) == 49


@pytest.mark.parametrize(
    ("metres", "expected"),
    [
        (0.0005, {"edge-mismatch"}),
        (0.02, {"edge-mismatch"}),
        (0.2, {"overlap", "gap"}),
        (5.0, {"overlap", "gap"}),
    ],
)
def test_width_decides_whether_a_border_drawn_twice_is_a_hairline_or_a_fault(metres, expected):
    grids = moved_vertex(draw(TILED), "A", (2, 3), (metres, 0))
    left = moved_vertex(draw(TILED), "A", (2, 3), (-metres, 0))
    found = {f.kind for f in validate(grids, draw(WHOLE))} | {f.kind for f in validate(left, draw(WHOLE))}
    assert found == expected


def test_the_hairline_width_is_a_parameter():
    grids = moved_vertex(draw(TILED), "A", (2, 3), (0.2, 0))
    assert kinds(validate(grids, draw(WHOLE), limits=Limits(hairline_metres=0.5))) == [("warning", "edge-mismatch")]


def test_an_unmatched_vertex_on_a_shared_border_is_a_mismatch_of_that_pair_only():
    square = shapely.box(*of_code(draw(TILED), "D").bounds)
    findings = validate(with_shape(draw(TILED), "D", square), draw(WHOLE))
    assert {finding.kind for finding in findings} == {"edge-mismatch"}
    assert {(f.code, f.facts["other"]) for f in findings} == {("B", "D"), ("C", "D")}
    assert all(of_code(draw(TILED), "D").boundary.distance(place(f)) < 1e-9 for f in findings)


def test_a_hole_between_grids_is_a_gap_with_area_width_and_neighbours():
    grids = draw("""
        AABB
        A..B
        CCDD
    """)
    finding = only([f for f in validate(grids, nothing()) if f.kind == "gap"])
    assert finding.severity == "warning"
    assert finding.facts["square_metres"] == pytest.approx(2 * cell_square_metres(), rel=1e-3)
    assert finding.facts["others"] == ["A", "B", "C", "D"]
    assert finding.facts["width_metres"] == pytest.approx(CELL * metres_per_degree(36.5)[1], rel=0.02)
    hole = shapely.box(*corner(1, 1), *corner(3, 2))
    assert hole.contains(place(finding))


def test_a_grid_in_a_hole_is_no_gap():
    grids = draw("""
        AAA
        ABA
        AAA
    """)
    assert validate(grids, draw("SSS\nSSS\nSSS")) == []


def test_an_island_in_a_hole_leaves_a_ring_shaped_gap():
    grids = draw("""
        AAAAA
        A...A
        A.B.A
        A...A
        AAAAA
    """)
    gap = only([f for f in validate(grids, nothing()) if f.kind == "gap"])
    assert gap.facts["square_metres"] == pytest.approx(8 * cell_square_metres(), rel=1e-3)
    assert not of_code(grids, "B").intersects(place(gap))


def test_ground_of_a_community_that_no_grid_covers_is_a_gap():
    gap = only(validate(draw("AAB."), draw("SSSS")))
    assert (gap.kind, gap.facts["community"], gap.code) == ("gap", "S", "B")
    assert shapely.box(*corner(3, 0), *corner(4, 1)).contains(place(gap))


def test_a_community_without_any_grid_is_somebody_elses():
    assert validate(draw("AABB"), draw("SSSSTT")) == []


@pytest.mark.parametrize("metres", [0.3, 0.8])
def test_a_crack_open_to_the_outside_is_a_gap_even_without_communities(metres):
    grids = draw("AABB")
    for y in (0, 1):
        grids = moved_vertex(grids, "B", (2, y), (metres, 0))
    gap = only([f for f in validate(grids, nothing()) if f.kind == "gap"])
    assert gap.facts["others"] == ["A", "B"]
    assert gap.facts["width_metres"] == pytest.approx(metres, rel=0.02)
    assert gap.facts["square_metres"] == pytest.approx(metres * CELL * metres_per_degree(36.5)[1], rel=0.03)


def test_partial_layers_may_have_gaps_but_no_overlap():
    apart = draw("AA.BB\nA...B\nAA.BB")
    assert validate(apart, draw("SSSSS\nSSSSS\nSSSSS"), tiling="partial") == []
    over = validate(draw("AAB", "BB."), draw("SSS"), tiling="partial")
    assert kinds(over) == [("error", "overlap")]


def test_a_grid_across_a_community_border_is_told_its_shares():
    finding = only(validate(draw("AAAA\nAAAA"), draw("STTT\nUTTT")))
    assert (finding.severity, finding.kind, finding.code) == ("warning", "crosses-community", "A")
    assert finding.facts["community"] == "T"
    assert finding.facts["shares"] == {"T": 0.75, "S": 0.125, "U": 0.125}
    assert not of_code(draw("STTT\nUTTT"), "T").intersects(place(finding))


def test_the_share_that_counts_as_crossing_is_a_parameter():
    assert validate(draw("AAAA"), draw("STTT"), limits=Limits(community_share=0.7, hairline_metres=500)) == []


def test_the_community_that_a_row_names_is_the_one_that_counts():
    grids = draw("AAAA").assign(community=["S"])
    finding = next(f for f in validate(grids, draw("STTT")) if f.kind == "crosses-community")
    assert (finding.facts["community"], finding.facts["share"]) == ("S", 0.25)


def test_a_named_community_that_is_unknown_is_missing():
    findings = validate(draw("AB").assign(community=["S", "X"]), draw("SS"))
    finding = only(findings)
    assert (finding.kind, finding.code, finding.facts["community"]) == ("missing-community", "B", "X")


def test_a_grid_in_no_community_says_where_it_is():
    grids = draw("AABB")
    finding = next(f for f in validate(grids, draw("SS..")) if f.kind == "missing-community")
    assert finding.code == "B"
    assert of_code(grids, "B").contains(place(finding))


def test_without_any_community_one_warning_stands_for_all():
    assert kinds(validate(draw(TILED), nothing())) == [("warning", "missing-community")]


def test_a_thin_or_tiny_grid_is_a_sliver():
    thin = draw("AB", cell=CELL).pipe(changed, "A", lambda xy: np.where(xy[:, :1] == 1, xy * (0.005, 1), xy))
    sliver = only([f for f in validate(thin, nothing()) if f.kind == "sliver"])
    assert (sliver.severity, sliver.code) == ("warning", "A")
    assert sliver.facts["width_metres"] == pytest.approx(0.005 * CELL * metres_per_degree(36.5)[0], rel=0.05)
    assert "sliver" in {f.kind for f in validate(draw("A", cell=1e-5), nothing())}


def test_a_grid_in_several_parts_is_worth_a_look():
    finding = only(validate(draw("ABA\nBBB"), draw("SSS\nSSS")))
    assert (finding.severity, finding.kind, finding.code, finding.facts["parts"]) == ("warning", "many-parts", "A", 2)


def test_errors_come_first_then_rows_in_order():
    grids = draw(
        """
        A.BB
        AABB
        CCDD
    """,
        "DDD.",
    )
    grids = grids.assign(row=[40, 30, 20, 10])
    findings = validate(grids, nothing())
    order = [(f.severity != "error", f.row is None, f.row or 0) for f in findings]
    assert order == sorted(order)
    assert findings[0].kind == "overlap"


def test_heights_change_nothing():
    flat = draw(TILED, "..BB")
    high = flat.set_geometry(shapely.force_3d(flat.geometry.to_numpy(), 12.5)).set_crs("EPSG:4326")
    assert validate(high, draw(WHOLE)) == validate(flat, draw(WHOLE))


def test_every_message_says_its_code_in_both_languages():
    grids = with_shape(draw("AABBCC\nAA.BCC\nDDDDDD", "ACC"), "D", None)
    for finding in validate(grids, draw("SSSTTT\nSSSTTT")):
        assert finding.code is not None
        assert finding.code in finding.message
        assert finding.code in finding.message_zh


def test_grids_are_assigned_to_the_community_with_most_of_their_ground():
    grids = draw("AAAB.C", origin=corner(0, 0))
    found = assign_communities(grids, draw("STTT"))
    assert found["code"].tolist() == ["A", "B", "C"]
    assert found["community"].tolist() == ["T", "T", None]
    assert found["share"].tolist() == pytest.approx([2 / 3, 1, 0])


def test_equal_shares_go_to_the_lowest_community_code_and_touching_is_not_enough():
    assert assign_communities(draw("AA"), draw("TS"))["community"].tolist() == ["S"]
    assert assign_communities(draw("A."), draw(".S"))["community"].tolist() == [None]


def test_assignment_takes_missing_and_invalid_shapes():
    bowtie = rings([(0, 0), (2, 2), (2, 0), (0, 2)])
    grids = with_shape(with_shape(draw("AABC"), "A", bowtie), "B", None)
    assert assign_communities(grids, draw("SSSS\nSSSS"))["community"].tolist() == ["S", None, "S"]
    assert assign_communities(grids, nothing())["community"].tolist() == [None, None, None]
    assert assign_communities(grids.iloc[:0], draw("S")).empty


def test_a_grid_too_thin_to_measure_is_a_sliver_at_one_of_its_corners():
    thread = shapely.Polygon([(0.0, 36.5), (0.0, 36.6), (1e-300, 36.55)])
    assert thread.is_valid
    grids = with_shape(draw("AB"), "B", thread)
    slivers = [finding for finding in validate(grids, nothing()) if finding.code == "B"]
    assert kinds(slivers) == [("warning", "sliver")]
    assert at(slivers[0]) == (0.0, 36.5)
