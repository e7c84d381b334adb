"""Kinds with one record per code: compared, ended, renewed."""

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geodata.area import areas_in_force
from geodata.errors import InputError, LoadRefusedError
from geodata.grid.layers import layers
from geodata.intake.report import LoadOptions
from geodata.load import load_frame
from geodata.people.holders import WORKERS
from geodata.station import register
from geodata.times import parse_time
from tests.support import draw, of_code, with_shape

EARLY, LATER, LATEST = (parse_time(day) for day in ("2026-01-01", "2026-02-01", "2026-03-01"))


def load(connection, kind, rows, *, commit=True, effective=EARLY, **more):
    frame = rows if isinstance(rows, pd.DataFrame) else pd.DataFrame(rows)
    return load_frame(
        connection, kind, frame, options=LoadOptions(commit=commit, effective=effective, actor="t", **more)
    )


def faults(connection, kind, rows, **more):
    report = load(connection, kind, rows, commit=False, **more)
    return [(finding.severity, finding.kind, finding.row) for finding in report.findings]


def worker(connection, code, at):
    return next((row for row in WORKERS.in_force(connection, at) if row["code"] == code), None)


def history(connection):
    return connection.execute(
        """SELECT name, period_from(period), upper_inf(period), withdrawn_at IS NOT NULL FROM worker_versions
        ORDER BY worker_version_id"""
    ).fetchall()


def test_a_change_ends_the_old_version_and_opens_a_new_one(connection):
    load(connection, "workers", {"code": ["1", "2"], "name": ["甲", "乙"], "phone": ["138", "139"]})
    report = load(connection, "workers", {"code": ["1", "2"], "name": ["甲", "丙"]}, effective=LATER)
    assert (report.plan.changed, report.plan.same) == (("2",), 1)
    assert worker(connection, "2", EARLY)["name"] == "乙"
    assert worker(connection, "2", LATER)["name"] == "丙"


def test_a_column_that_the_file_does_not_have_keeps_what_is_stored(connection):
    load(connection, "workers", {"code": ["1"], "name": ["甲"], "phone": ["138"], "phone_public": ["是"]})
    load(connection, "workers", {"code": ["1"], "name": ["乙"]}, effective=LATER)
    assert worker(connection, "1", LATER)["phone"] == "138"
    assert worker(connection, "1", LATER)["phone_public"] is True


def test_an_empty_cell_clears_what_is_stored(connection):
    load(connection, "workers", {"code": ["1"], "name": ["甲"], "phone": ["138"]})
    load(connection, "workers", {"code": ["1"], "name": ["甲"], "phone": [None]}, effective=LATER)
    assert worker(connection, "1", LATER)["phone"] == ""


def test_a_dry_run_writes_nothing(connection):
    report = load(connection, "workers", {"code": ["1"], "name": ["甲"]}, commit=False)
    assert (report.plan.new, report.committed) == (("1",), False)
    assert worker(connection, "1", EARLY) is None


def test_what_is_not_in_the_file_stays_unless_told(connection):
    load(connection, "workers", {"code": ["1", "2"], "name": ["甲", "乙"]})
    assert load(connection, "workers", {"code": ["1"], "name": ["甲"]}, effective=LATER).plan.ended == ()
    report = load(connection, "workers", {"code": ["1"], "name": ["甲"]}, effective=LATER, retire_missing=True)
    assert report.plan.ended == ("2",)
    assert worker(connection, "2", EARLY)
    assert worker(connection, "2", LATER) is None


def test_a_row_that_cannot_be_read_is_not_taken_for_missing(connection):
    load(connection, "workers", {"code": ["1", "2"], "name": ["甲", "乙"]})
    report = load(connection, "workers", {"code": ["1", "2"], "name": ["甲", None]}, commit=False, retire_missing=True)
    assert report.plan.ended == ()


def test_who_comes_back_keeps_the_identity(connection):
    load(connection, "workers", {"code": ["1"], "name": ["甲"]})
    load(connection, "workers", {"code": ["2"], "name": ["乙"]}, effective=LATER, retire_missing=True)
    load(connection, "workers", {"code": ["1"], "name": ["甲"]}, effective=LATEST)
    assert worker(connection, "1", EARLY)["entity_id"] == worker(connection, "1", LATEST)["entity_id"]


def test_a_correction_at_the_same_instant_withdraws_what_never_was_in_force(connection):
    load(connection, "workers", {"code": ["1"], "name": ["甲"]})
    load(connection, "workers", {"code": ["1"], "name": ["乙"]})
    assert history(connection) == [("甲", EARLY, True, True), ("乙", EARLY, True, False)]


def test_a_change_before_a_planned_one_is_refused(connection):
    load(connection, "workers", {"code": ["1"], "name": ["甲"]})
    load(connection, "workers", {"code": ["1"], "name": ["丙"]}, effective=LATEST)
    assert faults(connection, "workers", {"code": ["1"], "name": ["乙"]}, effective=LATER) == [
        ("error", "later-version", 1)
    ]
    assert faults(connection, "workers", {"code": ["1"], "name": ["甲"]}, effective=EARLY - 1) == [
        ("error", "later-version", 1)
    ]


def test_what_is_the_same_until_a_planned_change_stays_as_it_is(connection):
    load(connection, "workers", {"code": ["1", "2"], "name": ["甲", "乙"]})
    load(connection, "workers", {"code": ["1"], "name": ["丙"]}, effective=LATEST)
    report = load(connection, "workers", {"code": ["1", "2"], "name": ["甲", "丁"]}, effective=LATER)
    assert (report.plan.changed, report.plan.same) == (("2",), 1)
    assert worker(connection, "1", LATEST)["name"] == "丙"


def test_what_changes_later_is_not_retired_now(connection):
    load(connection, "workers", {"code": ["1", "2"], "name": ["甲", "乙"]})
    load(connection, "workers", {"code": ["1"], "name": ["丙"]}, effective=LATEST)
    rows = {"code": ["2"], "name": ["乙"]}
    assert faults(connection, "workers", rows, effective=LATER, retire_missing=True) == [
        ("error", "later-version", None)
    ]


def test_what_was_to_end_goes_on_when_the_file_still_holds_it(connection):
    load(connection, "workers", {"code": ["1", "2"], "name": ["甲", "乙"]})
    load(connection, "workers", {"code": ["2"], "name": ["乙"]}, effective=LATEST, retire_missing=True)
    report = load(connection, "workers", {"code": ["1"], "name": ["甲"]}, effective=LATER)
    assert report.plan.changed == ("1",)
    assert worker(connection, "1", LATEST)


def test_an_error_refuses_the_commit_with_the_report(connection):
    with pytest.raises(LoadRefusedError) as refused:
        load(connection, "workers", {"code": ["1", "1", "3"], "name": ["甲", "乙", "丙"]})
    assert [finding.kind for finding in refused.value.report.errors] == ["duplicate-code"]
    assert refused.value.report.errors[0].row == 2
    assert WORKERS.in_force(connection, EARLY) == []


def test_what_ends_while_duties_go_on_is_said(connection):
    load(connection, "workers", {"code": ["1", "2"], "name": ["甲", "乙"]})
    load(connection, "roles", {"code": ["r"], "name": ["网格员"]})
    load(connection, "areas", {"code": ["S"], "name": ["街道"], "level": ["街道"]})
    load(connection, "duties", {"holder": ["1"], "role": ["r"], "target_kind": ["area"], "target": ["S"]})
    rows = {"code": ["2"], "name": ["乙"]}
    assert faults(connection, "workers", rows, retire_missing=True) == [("warning", "leaves-duties", None)]


@pytest.mark.parametrize("kind", ["roles", "organisations", "workers"])
def test_each_register_loads_and_loads_again_without_a_change(connection, kind):
    rows = {
        "code": ["a", "b"],
        "name": ["甲", "乙"],
        "name_en": ["x", ""],
        "position": [1, None],
        "phone": [110, "12345"],
    }
    assert len(load(connection, kind, rows).plan.new) == 2
    again = load(connection, kind, rows, effective=LATER)
    assert (again.plan.same, again.plan.changes_anything, again.committed) == (2, False, False)


AREAS = {
    "code": ["C2", "C1", "S", "D"],
    "name": ["社区二", "社区一", "街道", "区"],
    "level": [None, "村", "街道", "区"],
    "parent": ["S", "S", "D", None],
}


def test_areas_come_in_any_order_and_default_to_communities(connection):
    load(connection, "areas", AREAS)
    rows = {row["code"]: (row["level"], row["parent"]) for row in areas_in_force(connection, EARLY)}
    assert rows == {"C1": ("community", "S"), "C2": ("community", "S"), "S": ("street", "D"), "D": ("district", None)}
    assert load(connection, "areas", AREAS, effective=LATER).plan.same == 4


def test_a_parent_that_does_not_exist_is_an_error(connection):
    rows = {"code": ["C"], "name": ["社区"], "parent": ["nowhere"]}
    assert faults(connection, "areas", rows) == [("error", "unknown-parent", 1)]


def test_parents_in_a_circle_are_an_error_with_the_database_considered(connection):
    load(connection, "areas", AREAS)
    rows = {"code": ["D", "E", "F"], "name": ["区", "e", "f"], "parent": ["C1", "E", None]}
    assert faults(connection, "areas", rows) == [("error", "circular-parent", 1), ("error", "circular-parent", 2)]


def test_an_area_that_others_lie_in_cannot_end(connection):
    load(connection, "areas", AREAS)
    rows = {"code": ["C1", "D"], "name": ["社区一", "区"], "parent": ["D", None]}
    report = load(connection, "areas", rows, commit=False, retire_missing=True)
    assert report.errors == ()
    assert report.plan.ended == ("C2", "S")
    rows = {"code": ["C1", "D"], "name": ["社区一", "区"]}
    assert faults(connection, "areas", rows, retire_missing=True) == [("error", "retires-parent", None)]


def test_an_area_that_grids_lie_in_cannot_end(connection):
    load(connection, "areas", draw("CC.DD").assign(name=["c", "d"]))
    load(connection, "grids", draw("AA.BB"))
    rows = {"code": ["D"], "name": ["d"]}
    assert faults(connection, "areas", rows, retire_missing=True) == [("error", "retires-community", None)]


def test_shapes_of_areas_are_kept_when_a_table_brings_new_names(connection):
    load(connection, "areas", draw("CC").assign(name="old"))
    load(connection, "areas", {"code": ["C"], "name": ["new"]}, effective=LATER)
    (row,) = areas_in_force(connection, LATER)
    assert row["name"] == "new"
    assert shapely.from_wkb(row["wkb"]).equals(of_code(draw("CC"), "C"))


def test_an_area_may_have_no_shape_in_a_file_with_shapes(connection):
    frame = gpd.GeoDataFrame({"code": ["C"], "name": ["c"]}, geometry=[None], crs="EPSG:4326")
    assert faults(connection, "areas", frame) == []


BOWTIE = shapely.Polygon([(117, 36), (117.01, 36.01), (117.01, 36), (117, 36.01)])


def test_an_invalid_ring_of_an_area_is_an_error_or_mended_when_asked(connection):
    frame = with_shape(draw("CC").assign(name="c"), "C", BOWTIE)
    report = load(connection, "areas", frame, commit=False)
    (finding,) = report.errors
    assert (finding.kind, finding.row, finding.code) == ("invalid-ring", 1, "C")
    assert finding.lon == pytest.approx(117.005)
    assert finding.message.startswith("Area C")
    mended = load(connection, "areas", frame, repair=True)
    assert [mend.kind for mend in mended.mends] == ["made-valid"]
    assert mended.committed


STATIONS = {
    "code": ["p", "s"],
    "name": ["驿站", "街道中心"],
    "parent": ["s", None],
    "lon": ["117.0", 117.1],
    "lat": [36.5, "36.6"],
    "services": ["办证、咨询", None],
}


def test_stations_keep_every_field(connection):
    load(connection, "stations", STATIONS)
    post, centre = register.STATIONS.in_force(connection, EARLY)
    assert (post["parent"], post["lon"], post["lat"], post["services"]) == ("s", 117.0, 36.5, ("办证", "咨询"))
    assert (centre["parent"], centre["services"], centre["hours"]) == (None, (), "")
    assert load(connection, "stations", STATIONS, effective=LATER).plan.same == 2


def test_a_moved_station_has_a_new_version(connection):
    load(connection, "stations", STATIONS)
    report = load(connection, "stations", {**STATIONS, "lon": [117.0, 117.2]}, effective=LATER)
    assert report.plan.changed == ("s",)


def test_stations_without_codes_get_codes_that_last(connection):
    rows = {key: STATIONS[key] for key in ("name", "lon", "lat")}
    first = load(connection, "stations", rows, mapping={"code": "*"})
    assert len(set(first.plan.new)) == 2
    assert load(connection, "stations", rows, mapping={"code": "*"}, effective=LATER).plan.same == 2


def test_a_row_that_stands_twice_counts_once_where_codes_are_made(connection):
    rows = {"name": ["a", "a", "a"], "lon": [117.0, 117.0, 117.5], "lat": [36.5, 36.5, 36.5]}
    report = load(connection, "stations", rows, mapping={"code": "*"})
    assert [(finding.kind, finding.row) for finding in report.warnings if finding.row] == [("repeated-row", 2)]
    assert len(set(report.plan.new)) == 2
    assert load(connection, "stations", rows, mapping={"code": "*"}, effective=LATER).plan.same == 2


LAYERS = {
    "code": ["micro", "party"],
    "name": ["微网格", "组织"],
    "tiling": ["full", "局部"],
    "nested_in": ["general", None],
}


def test_layers_are_changed_in_place(connection):
    load(connection, "layers", LAYERS)
    assert {row["code"]: row["nested_in"] for row in layers(connection)} == {
        "general": None,
        "micro": "general",
        "party": None,
    }
    report = load(connection, "layers", {**LAYERS, "name": ["微网格", "党建"]})
    assert report.plan.changed == ("party",)


def test_layers_are_never_retired(connection):
    with pytest.raises(InputError):
        load(connection, "layers", LAYERS, retire_missing=True)


def test_a_layer_in_a_layer_that_does_not_exist_is_an_error(connection):
    rows = {"code": ["x"], "name": ["x"], "tiling": ["full"], "nested_in": ["nowhere"]}
    assert faults(connection, "layers", rows) == [("error", "unknown-nested-in", 1)]


def test_a_layer_code_that_no_address_can_hold_is_an_error(connection):
    rows = {"code": ["综合"], "name": ["x"], "tiling": ["full"]}
    assert faults(connection, "layers", rows) == [("error", "unusable-code", 1)]
