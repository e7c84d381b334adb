"""Loads of grids: one release, one area at most, nothing lost unsaid."""

import numpy as np
import pytest
import shapely

from geodata.errors import ConflictError, LoadRefusedError, NotKnownError, PendingReleaseError, StaleBaseError
from geodata.grid.layers import layer
from geodata.grid.publish import grids_in_force, withdraw_pending
from geodata.intake.report import LoadOptions
from geodata.load import load_frame
from geodata.times import parse_time
from tests.support import changed, draw, of_code, with_shape

EARLY, LATER, LATEST, FUTURE = (parse_time(day) for day in ("2026-01-01", "2026-02-01", "2026-03-01", "2999-01-01"))

COMMUNITIES = """
    SSSSTTTT
    SSSSTTTT
"""
GRIDS = """
    AABBCCDD
    AABBCCDD
"""


def load(connection, frame, *, kind="grids", commit=True, effective=EARLY, **more):
    return load_frame(
        connection, kind, frame, options=LoadOptions(commit=commit, effective=effective, actor="t", **more)
    )


def faults(connection, frame, **more):
    report = load(connection, frame, commit=False, **more)
    return [(finding.severity, finding.kind, finding.code) for finding in report.findings]


def in_force(connection, layer_code=None):
    layer_id = layer(connection, layer_code)["layer_id"]
    return {row["code"]: row for row in grids_in_force(connection, layer_id, LATEST)}


@pytest.fixture
def city(connection):
    """A district with two communities."""
    areas = draw("Z" * 8 + "\n" + "Z" * 8).assign(name="区", level="区")
    load(connection, areas, kind="areas")
    load(connection, draw(COMMUNITIES).assign(name=["南社区", "北社区"], parent="Z"), kind="areas")
    return connection


def test_grids_get_the_community_that_most_of_their_ground_is_in(city):
    load(city, draw(GRIDS))
    assert {code: row["community"] for code, row in in_force(city).items()} == {"A": "S", "B": "S", "C": "T", "D": "T"}
    assert all(row["name"] == code for code, row in in_force(city).items())
    assert all(row["kind"] == "urban" for row in in_force(city).values())


def test_a_community_is_named_by_code_or_by_name(city):
    report = load(city, draw(GRIDS).assign(community=["S", "南社区", None, "T"]), commit=False)
    assert report.findings == ()


def test_a_community_that_nobody_knows_is_an_error(city):
    grids = draw(GRIDS).assign(community=["X", None, None, None])
    assert ("error", "unknown-community", "A") in faults(city, grids)


def test_a_name_that_two_communities_have_is_an_error(city):
    load(city, draw(COMMUNITIES).assign(name="同名社区", parent="Z"), kind="areas", effective=LATER)
    grids = draw(GRIDS).assign(community=["同名社区", None, None, None])
    assert ("error", "ambiguous-community", "A") in faults(city, grids, effective=LATER)


def test_grids_outside_every_community_have_none_and_that_is_a_warning(city):
    grids = draw("AB..........XY")
    assert [fault for fault in faults(city, grids) if fault[2] in "XY"] == [
        ("warning", "missing-community", "X"),
        ("warning", "missing-community", "Y"),
    ]
    load(city, grids)
    assert in_force(city)["X"]["community"] is None


def test_where_no_community_is_known_that_is_said_once(connection):
    assert faults(connection, draw("AB")) == [("warning", "missing-community", None)]


def test_a_named_community_without_a_shape_is_no_missing_community(connection):
    areas = draw("S").assign(name="社区")[["code", "name"]]
    load(connection, areas, kind="areas")
    assert faults(connection, draw("AB").assign(community="S")) == []


def test_only_what_differs_gets_a_new_version(city):
    load(city, draw(GRIDS))
    before = in_force(city)
    redrawn = draw("""
        AAABCCDD
        AAABCCDD
    """)
    report = load(city, redrawn, effective=LATER)
    assert (report.plan.changed, report.plan.same, report.release) == (("A", "B"), 2, 2)
    after = in_force(city)
    assert after["C"] == before["C"]
    assert after["A"]["grid_id"] == before["A"]["grid_id"]


def test_a_second_identical_load_makes_no_release(city):
    grids = draw(GRIDS).assign(households=[1, None, 3, 4])
    assert load(city, grids).release == 1
    again = load(city, grids, effective=LATER)
    assert (again.release, again.plan.same, again.committed) == (None, 4, False)


def test_a_load_that_would_end_much_says_so_first(city):
    load(city, draw(GRIDS))
    fewer = draw("""
        AABBCC..
        AABBCC..
    """)
    report = load(city, fewer, commit=False, effective=LATER)
    assert report.needs_retire_missing
    (error,) = report.errors
    assert (error.kind, error.facts["ended"], error.facts["before"]) == ("retires-many", 1, 4)
    assert "--retire-missing" in error.message
    with pytest.raises(LoadRefusedError):
        load(city, fewer, effective=LATER)
    told = load(city, fewer, effective=LATER, retire_missing=True)
    assert (told.plan.ended, told.release, told.needs_retire_missing) == (("D",), 2, False)
    assert sorted(in_force(city)) == ["A", "B", "C"]


def test_a_tenth_may_end_with_a_warning(connection):
    load(connection, draw("ABCDEFGHIJ"))
    report = load(connection, draw("ABCDEFGHI"), effective=LATER)
    assert report.plan.ended == ("J",)
    assert "retires" in [finding.kind for finding in report.warnings]


def test_a_row_that_cannot_be_read_is_not_taken_for_ended(city):
    load(city, draw(GRIDS))
    report = load(city, draw(GRIDS).assign(households=["x", "y", 1, 1]), commit=False, effective=LATER)
    assert [finding.kind for finding in report.errors] == ["unreadable-number", "unreadable-number"]
    assert report.plan.ended == ()


def test_one_area_can_be_replaced_alone(city):
    load(city, draw(GRIDS))
    before = in_force(city)
    south = draw("""
        AAAE
        AAAE
    """)
    report = load(city, south, within="S", effective=LATER, retire_missing=True)
    assert (report.plan.new, report.plan.changed, report.plan.ended) == (("E",), ("A",), ("B",))
    assert (in_force(city)["C"], in_force(city)["D"]) == (before["C"], before["D"])


def test_an_area_holds_what_lies_in_the_areas_below_it(city):
    load(city, draw(GRIDS))
    assert load(city, draw(GRIDS), within="Z", effective=LATER).plan.same == 4


def test_what_lies_elsewhere_is_not_loaded_within_an_area(city):
    load(city, draw(GRIDS))
    assert faults(city, draw(GRIDS), within="S", effective=LATER) == [
        ("error", "outside-within", "C"),
        ("error", "outside-within", "D"),
    ]


def test_grids_outside_the_area_are_asked_about_overlaps_too(city):
    load(city, draw(GRIDS))
    wide = draw("""
        AABBB...
        AABBB...
    """)
    found = faults(city, wide, within="S", effective=LATER)
    assert ("error", "overlap", "B") in found
    assert not any(code in ("C", "D") and severity == "error" for severity, _, code in found)


def test_an_unknown_area_or_layer_is_named(city):
    with pytest.raises(NotKnownError, match="nowhere"):
        load(city, draw(GRIDS), within="nowhere")
    with pytest.raises(NotKnownError, match="general"):
        load(city, draw(GRIDS), layer="nowhere")


def test_overlaps_and_invalid_rings_refuse_gaps_do_not(city):
    overlapping = draw(GRIDS, "..A")
    assert any(fault[:2] == ("error", "overlap") for fault in faults(city, overlapping))
    gap = draw("""
        AABBCC.D
        AABBCCDD
    """)
    assert [fault[:2] for fault in faults(city, gap)] == [("warning", "gap")]
    bowtie = with_shape(
        draw(GRIDS), "A", shapely.Polygon([(117, 36.5), (117.001, 36.502), (117.001, 36.5), (117, 36.502)])
    )
    assert ("error", "invalid-ring", "A") in faults(city, bowtie)
    assert load(city, gap).committed


def test_a_partial_layer_has_no_gaps(city):
    load(city, draw("X").drop(columns="geometry").assign(code="market", name="专属", tiling="partial"), kind="layers")
    assert faults(city, draw("A..B"), layer="market") == []


def test_a_grid_of_a_nested_layer_that_crosses_the_outer_grids_is_a_warning(city):
    layers = (
        draw("X").drop(columns="geometry").assign(code="micro", name="微网格", tiling="partial", nested_in="general")
    )
    load(city, layers, kind="layers")
    assert faults(city, draw("XYY"), layer="micro") == []
    load(city, draw(GRIDS))
    assert faults(city, draw("XYY.....ZZ"), layer="micro") == [
        ("warning", "missing-community", "Z"),
        ("warning", "crosses-outer-grid", "Y"),
        ("warning", "crosses-outer-grid", "Z"),
    ]


def test_small_faults_are_mended_when_asked_and_each_is_reported(city):
    shifted = changed(draw(GRIDS), "B", lambda xy: xy - np.array((0.003, 0.0)))
    assert any(fault[:2] == ("error", "overlap") for fault in faults(city, shifted))
    report = load(city, shifted, repair=True)
    assert report.committed
    assert report.mends
    assert shapely.coverage_is_valid([shapely.from_wkb(row["wkb"]) for row in in_force(city).values()])
    assert load(city, shifted, repair=True, effective=LATER).plan.same == 4


def test_a_pending_release_stops_the_next_until_it_is_withdrawn(city):
    load(city, draw(GRIDS))
    renamed = draw(GRIDS).assign(name=["甲", "乙", "丙", "丁"])
    assert load(city, renamed, effective=FUTURE).release == 2
    assert faults(city, draw(GRIDS), effective=LATER) == [("error", "pending-release", None)]
    with pytest.raises(PendingReleaseError):
        load(city, draw(GRIDS), effective=LATER)
    withdraw_pending(city, layer(city, None)["layer_id"], 2, actor="t")
    assert load(city, draw(GRIDS), effective=LATER).plan.same == 4


def test_a_load_before_the_last_release_is_refused(city):
    load(city, draw(GRIDS), effective=LATER)
    with pytest.raises(ConflictError, match="2026-02-01"):
        load(city, draw(GRIDS).assign(name="x"), effective=EARLY)


def test_a_stale_base_is_refused(city):
    load(city, draw(GRIDS))
    load(city, draw(GRIDS).assign(name=["1", "2", "3", "4"]), effective=LATER)
    with pytest.raises(StaleBaseError):
        load(city, draw(GRIDS), effective=LATEST, base=1)


def test_columns_that_the_file_does_not_have_keep_what_is_stored(city):
    load(city, draw(GRIDS).assign(name=["甲", "乙", "丙", "丁"], households=[1, 2, 3, 4]))
    report = load(city, draw(GRIDS), effective=LATER)
    assert report.plan.same == 4


def test_duties_on_a_grid_that_ends_are_said(city):
    load(city, draw(GRIDS))
    for kind, rows in (("workers", {"name": "甲"}), ("roles", {"name": "网格员"})):
        load(city, draw("X").drop(columns="geometry").assign(**rows), kind=kind)
    duties = draw("X").drop(columns=["geometry", "code"]).assign(holder="X", role="X", target_kind="grid", target="D")
    load(city, duties, kind="duties")
    fewer = draw(GRIDS).iloc[:3]
    assert ("warning", "leaves-duties", "D") in faults(city, fewer, effective=LATER, retire_missing=True)


def test_a_file_without_rows_ends_nothing_unasked(city):
    load(city, draw(GRIDS))
    report = load(city, draw(GRIDS).iloc[:0], commit=False, effective=LATER)
    assert [finding.kind for finding in report.errors] == ["retires-many"]


def test_a_multipolygon_and_a_polygon_of_the_same_ground_are_the_same(city):
    load(city, draw(GRIDS))
    multi = with_shape(draw(GRIDS), "A", shapely.MultiPolygon([of_code(draw(GRIDS), "A")]))
    assert load(city, multi, effective=LATER).plan.same == 4
