"""The registers beside people and stations: calendar, matters, norms, texts, compounds, gates, buildings, places."""

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geodata.errors import InputError, LoadRefusedError
from geodata.intake.kinds import KINDS
from geodata.intake.report import LoadOptions
from geodata.intake.stores import STORES
from geodata.load import load_frame
from geodata.times import parse_time
from tests.support import draw

EARLY, LATER, LATEST = (parse_time(day) for day in ("2026-01-01", "2026-02-01", "2026-03-01"))
BOWTIE = shapely.Polygon([(117, 36), (117.01, 36.01), (117.01, 36), (117, 36.01)])

COMPOUNDS = {"小区编码": ["C1", "C2"], "小区名称": ["阳光花园", "和平里"], "别名": ["阳光苑、老阳光", None]}
GATES = {"小区": ["C1", "C1"], "经度": [117.001, 117.002], "纬度": [36.501, 36.501]}
BUILDINGS = {
    "楼栋编码": ["B1", "B2"],
    "楼栋": ["1号楼", "2号楼"],
    "小区编码": ["C1", None],
    "单元数": [3, "甲单元、乙单元"],
    "户数": ["48户", 36],
    "经度": [117.001, 117.002],
    "纬度": [36.502, 36.503],
}
PLACES = {
    "名称": ["文化广场", "菜市场"],
    "别名": ["大广场", None],
    "类别": ["广场", "市场"],
    "lon": [117.0, 117.1],
    "lat": [36.5, 36.6],
}
MATTERS = {
    "事项": ["垃圾清运", "邻里纠纷"],
    "责任角色": ["worker", None],
    "责任单位": [None, "O1"],
    "电话": [None, "0531-88880000"],
    "时限": ["2小时", "7个工作日"],
}
NORMS = {"role": ["worker", "worker"], "kind": ["城市", "农村"], "least": [1, 1], "most": [2, None]}
TEXTS = {
    "栏目": ["热线", "公告", "简介"],
    "对象类型": [None, "区划", "网格"],
    "对象": [None, "S", "A"],
    "标题": ["服务热线", "停水通知", "网格简介"],
    "电话": ["12345", None, None],
}
CALENDAR = {
    "日期": ["2026-10-01", 46297, "2026年10月10日"],
    "类型": ["放假", "节假日", "调休"],
    "名称": ["国庆节", "", ""],
}
ROWS = {
    "compounds": COMPOUNDS,
    "gates": GATES,
    "buildings": BUILDINGS,
    "places": PLACES,
    "matters": MATTERS,
    "norms": NORMS,
    "texts": TEXTS,
    "calendar": CALENDAR,
}


def load(connection, kind, rows, *, commit=True, effective=EARLY, **more):
    frame = rows if isinstance(rows, pd.DataFrame) else pd.DataFrame(rows, dtype=object)
    options = LoadOptions(commit=commit, effective=effective, actor="t", **more)
    return load_frame(connection, kind, frame, options=options)


def found(connection, kind, rows, **more):
    report = load(connection, kind, rows, commit=False, **more)
    return [(finding.severity, finding.kind, finding.row) for finding in report.findings]


def in_force(connection, kind, at=EARLY):
    return {row["code"]: row for row in STORES[kind].in_force(connection, at)}


@pytest.fixture
def town(connection):
    """A street with one grid, a role, an office and two compounds."""
    load(connection, "areas", {"code": ["S"], "name": ["样例街道"], "level": ["街道"]})
    load(connection, "roles", {"code": ["worker"], "name": ["专职网格员"]})
    load(connection, "organisations", {"code": ["O1"], "name": ["样例街道综治中心"]})
    load(connection, "grids", draw("A"))
    load(connection, "compounds", COMPOUNDS)
    return connection


@pytest.mark.parametrize("kind", sorted(ROWS))
def test_each_register_is_stored_and_a_second_identical_load_changes_nothing(town, kind):
    first = load(town, kind, ROWS[kind])
    count = len(next(iter(ROWS[kind].values())))
    assert first.errors == ()
    assert len(first.plan.new) + first.plan.same == count
    assert len(in_force(town, kind)) == count
    again = load(town, kind, ROWS[kind], effective=LATER)
    assert (again.plan.same, again.plan.changes_anything, again.committed) == (count, False, False)


@pytest.mark.parametrize("kind", ["gates", "places", "matters", "norms", "texts"])
def test_made_codes_do_not_hang_on_the_order_of_rows(town, kind):
    load(town, kind, ROWS[kind])
    backwards = {name: cells[::-1] for name, cells in ROWS[kind].items()}
    assert not load(town, kind, backwards, effective=LATER).plan.changes_anything


def test_a_made_code_is_the_same_whether_names_or_codes_are_written(town):
    load(town, "gates", GATES)
    assert not load(town, "gates", {**GATES, "小区": ["阳光花园", "C1"]}, effective=LATER).plan.changes_anything
    load(town, "norms", NORMS)
    named = {**NORMS, "role": ["专职网格员", "worker"]}
    assert not load(town, "norms", named, effective=LATER).plan.changes_anything


def test_records_alike_in_what_their_codes_come_from_keep_their_codes_in_any_order(connection):
    rows = {"name": ["公厕", "公厕"], "lon": [117.0, 117.1], "lat": [36.5, 36.6]}
    assert len(set(load(connection, "places", rows).plan.new)) == 2
    backwards = {name: cells[::-1] for name, cells in rows.items()}
    assert not load(connection, "places", backwards, effective=LATER).plan.changes_anything
    shapes = [shapely.Point(117.0, 36.5), shapely.Point(117.1, 36.6)]
    drawn = gpd.GeoDataFrame({"name": ["亭", "亭"]}, geometry=shapes, crs="EPSG:4326")
    assert len(set(load(connection, "places", drawn, effective=LATER).plan.new)) == 2


def test_a_changed_text_of_a_record_without_a_code_is_a_change_not_another_record(town):
    load(town, "matters", MATTERS)
    report = load(town, "matters", {**MATTERS, "时限": ["4小时", "7天"]}, effective=LATER)
    assert (len(report.plan.changed), report.plan.same, report.plan.new) == (1, 1, ())


def test_matters_keep_who_answers_and_the_promised_minutes(town):
    report = load(town, "matters", MATTERS)
    assert [(finding.kind, finding.row) for finding in report.warnings] == [("working-days", 2)]
    rows = {row["name"]: row for row in in_force(town, "matters").values()}
    assert (rows["垃圾清运"]["role"], rows["垃圾清运"]["promised"]) == ("worker", 120)
    assert (rows["邻里纠纷"]["organisation"], rows["邻里纠纷"]["promised"]) == ("O1", 7 * 1440)
    assert rows["邻里纠纷"]["phone"] == "0531-88880000"


def test_a_matter_that_nobody_answers_for_is_said(town):
    rows = {"name": ["噪声"], "role": [None]}
    assert found(town, "matters", rows) == [("warning", "nobody-answers", 1)]


@pytest.mark.parametrize(
    ("kind", "rows", "fault"),
    [
        ("matters", {"name": ["x"], "role": ["nobody"]}, "unknown-role"),
        ("matters", {"name": ["x"], "organisation": ["nobody"]}, "unknown-organisation"),
        ("norms", {"role": ["nobody"], "least": [1]}, "unknown-role"),
        ("norms", {"role": ["worker"], "area": ["nowhere"], "least": [1]}, "unknown-area"),
        ("norms", {"role": ["worker"], "layer": ["none"], "least": [1]}, "unknown-layer"),
        ("norms", {"role": ["worker"], "per": ["星球"], "least": [1]}, "unknown-level"),
        ("norms", {"role": ["worker"], "per": ["社区"], "kind": ["urban"], "least": [1]}, "layer-without-grids"),
        ("norms", {"role": ["worker"], "least": [3], "most": [2]}, "least-above-most"),
        ("norms", {"role": ["worker"], "least": [None]}, "empty-norm"),
        ("norms", {"role": ["worker"], "most_per_person": [0]}, "empty-norm"),
        ("texts", {"slot": ["notice"], "title": [None]}, "empty-text"),
        ("texts", {"slot": ["notice"], "title": ["x"], "target": ["S"]}, "missing-value"),
        ("texts", {"slot": ["notice"], "title": ["x"], "target_kind": ["grid"]}, "missing-value"),
        ("texts", {"slot": ["banner"], "title": ["x"]}, "unknown-choice"),
        (
            "texts",
            {"slot": ["notice"], "title": ["x"], "target_kind": ["grid"], "target": ["Z"]},
            "unknown-target",
        ),
        (
            "texts",
            {"slot": ["notice"], "title": ["x"], "target_kind": ["grid"], "target": ["A"], "layer": ["none"]},
            "unknown-layer",
        ),
        ("gates", {"compound": ["nowhere"], "lon": [117], "lat": [36]}, "unknown-compound"),
        ("buildings", {"code": ["B"], "name": ["b"], "lon": [None], "lat": [36]}, "missing-value"),
        ("buildings", {"code": ["B"], "name": ["b"], "lon": [36.5], "lat": [117.0]}, "swapped-axes"),
        ("buildings", {"code": ["B"], "name": ["b"], "lon": [117], "lat": [36], "units": [500]}, "unreadable-units"),
        ("calendar", {"day": ["2026-02-30"], "kind": ["holiday"]}, "unreadable-time"),
        ("calendar", {"day": ["2026-10-01 08:00"], "kind": ["holiday"]}, "unreadable-time"),
        ("calendar", {"day": ["2026-10-01"], "kind": ["生日"]}, "unknown-choice"),
    ],
)
def test_what_cannot_be_meant_is_an_error_of_its_row(town, kind, rows, fault):
    report = load(town, kind, rows, commit=False)
    assert [(finding.kind, finding.row) for finding in report.errors] == [(fault, 1)]
    assert report.errors[0].facts["field"] in {field.name for field in KINDS[kind].fields}
    assert report.plan.new == ()
    with pytest.raises(LoadRefusedError):
        load(town, kind, rows)


def test_a_fault_names_the_column_of_its_cell(town):
    rows = {**BUILDINGS, "小区编码": ["nowhere", None], "经度": [117.0, None], "单元数": ["a#b", 1]}
    report = load(town, "buildings", rows, commit=False)
    assert {(finding.row, finding.facts["column"]) for finding in report.errors} == {
        (1, "小区编码"),
        (1, "单元数"),
        (2, "经度"),
    }


def test_the_same_day_twice_is_an_error(connection):
    rows = {"day": ["2026-10-01", "2026/10/1"], "kind": ["holiday", "workday"]}
    assert found(connection, "calendar", rows) == [("error", "duplicate-code", 2)]


def test_norms_on_one_role_differ_by_where_they_hold(town):
    load(town, "norms", NORMS)
    rows = in_force(town, "norms").values()
    assert {(row["kind"], row["per"], row["least"], row["most"]) for row in rows} == {
        ("urban", "grid", 1, 2),
        ("rural", "grid", 1, None),
    }


def test_a_text_is_for_everywhere_an_area_or_a_grid_of_a_layer(town):
    load(town, "texts", TEXTS)
    rows = {row["title"]: row for row in in_force(town, "texts").values()}
    places = {title: (row["target_kind"], row["target"], row["layer"]) for title, row in rows.items()}
    assert places == {
        "服务热线": (None, None, None),
        "停水通知": ("area", "S", None),
        "网格简介": ("grid", "A", "general"),
    }


def test_lines_of_a_text_are_kept(connection):
    load(connection, "texts", {"slot": ["intro"], "title": ["简介"], "body": ["第一行\r\n第二行"]})
    (row,) = in_force(connection, "texts").values()
    assert row["body"] == "第一行\n第二行"


def test_days_are_read_from_dates_serials_and_words(connection):
    report = load(connection, "calendar", CALENDAR)
    assert [(row["day"], row["kind"]) for row in in_force(connection, "calendar").values()] == [
        ("2026-10-01", "holiday"),
        ("2026-10-02", "holiday"),
        ("2026-10-10", "workday"),
    ]
    assert [(finding.kind, finding.row) for finding in report.warnings] == [("date-serial", 2)]


def test_a_calendar_of_next_year_does_not_end_the_days_that_were(connection):
    load(connection, "calendar", {"day": ["2025-10-01", "2026-05-01"], "kind": ["holiday", "holiday"]})
    rows = {"day": ["2027-01-01"], "kind": ["holiday"]}
    report = load(connection, "calendar", rows, effective=LATER, retire_missing=True)
    assert report.plan.ended == ("2026-05-01",)
    assert set(in_force(connection, "calendar")) == {"2025-10-01", "2027-01-01"}


def test_a_day_that_changes_is_kept_as_withdrawn(connection):
    load(connection, "calendar", {"day": ["2026-10-10"], "kind": ["holiday"]})
    load(connection, "calendar", {"day": ["2026-10-10"], "kind": ["workday"]})
    rows = connection.execute("SELECT kind, withdrawn_at IS NULL FROM calendar_days ORDER BY 1").fetchall()
    assert rows == [("holiday", False), ("workday", True)]


def test_a_compound_has_a_shape_other_names_and_gates(town):
    drawn = draw("DD").assign(name="大院", aliases="旧大院，老大院")
    load(town, "compounds", drawn)
    row = in_force(town, "compounds")["D"]
    assert row["aliases"] == ("旧大院", "老大院")
    assert shapely.from_wkb(row["wkb"]).geom_type == "MultiPolygon"
    assert not load(town, "compounds", drawn, effective=LATER).plan.changes_anything
    load(town, "gates", GATES)
    assert {row["compound"] for row in in_force(town, "gates").values()} == {"C1"}


def test_a_table_of_names_keeps_the_shapes_of_compounds(town):
    load(town, "compounds", draw("D").assign(name="大院"))
    load(town, "compounds", {"code": ["D"], "name": ["小院"]}, effective=LATER)
    assert in_force(town, "compounds", LATER)["D"]["wkb"] == in_force(town, "compounds")["D"]["wkb"] is not None


@pytest.mark.parametrize(("kind", "said"), [("compounds", "Compound X"), ("buildings", "Building X")])
def test_an_invalid_outline_is_an_error_with_its_place_or_mended_when_asked(connection, kind, said):
    frame = gpd.GeoDataFrame({"code": ["X"], "name": ["x"]}, geometry=[BOWTIE], crs="EPSG:4326")
    (fault,) = load(connection, kind, frame, commit=False).errors
    assert (fault.kind, fault.row, fault.code, fault.message[: len(said)]) == ("invalid-ring", 1, "X", said)
    assert (fault.lon, fault.lat) == (pytest.approx(117.005), pytest.approx(36.005))
    mended = load(connection, kind, frame, repair=True)
    assert [mend.kind for mend in mended.mends] == ["made-valid"]
    assert shapely.from_wkb(in_force(connection, kind)["X"]["wkb"]).is_valid


def test_a_building_drawn_as_an_outline_stands_at_a_point_inside_it(connection):
    frame = draw("BB").assign(name="楼")
    load(connection, "buildings", frame)
    row = in_force(connection, "buildings")["B"]
    outline = shapely.from_wkb(row["wkb"])
    assert outline.contains(shapely.Point(row["lon"], row["lat"]))
    assert outline.equals(frame.geometry.iloc[0])
    assert not load(connection, "buildings", frame, effective=LATER).plan.changes_anything


def test_a_building_may_have_both_a_point_and_an_outline_in_columns(connection):
    outline = "POLYGON ((117 36, 117.001 36, 117.001 36.001, 117 36.001, 117 36))"
    rows = {
        "code": ["B", "D"],
        "name": ["b", "d"],
        "lon": [117.0002, 117.5],
        "lat": [36.0002, 36.5],
        "wkt": [outline, None],
    }
    load(connection, "buildings", rows)
    stored = in_force(connection, "buildings")
    assert (stored["B"]["lon"], stored["B"]["lat"]) == (117.0002, 36.0002)
    assert shapely.from_wkb(stored["B"]["wkb"]).equals(shapely.from_wkt(outline))
    assert stored["D"]["wkb"] is None


def test_buildings_of_another_datum_come_back_where_they_are(connection):
    rows = {"code": ["B"], "name": ["b"], "lon": [117.0], "lat": [36.5]}
    load(connection, "buildings", rows, crs="GCJ-02")
    row = in_force(connection, "buildings")["B"]
    assert abs(row["lon"] - 117.0) > 0.002


def test_units_are_counted_or_listed(town):
    load(town, "buildings", BUILDINGS)
    stored = in_force(town, "buildings")
    assert (stored["B1"]["units"], stored["B2"]["units"]) == (("1", "2", "3"), ("甲", "乙"))
    assert (stored["B1"]["compound"], stored["B1"]["households"]) == ("C1", 48)


def test_a_name_stands_for_the_only_record_that_has_it(town):
    rows = {**BUILDINGS, "小区编码": ["阳光花园", "老阳光"]}
    report = load(town, "buildings", rows)
    named = [finding for finding in report.warnings if finding.kind == "resolved-by-name"]
    assert [(finding.kind, finding.code, finding.facts["column"]) for finding in named] == [
        ("resolved-by-name", "C1", "小区编码"),
        ("resolved-by-name", "C1", "小区编码"),
    ]
    assert {row["compound"] for row in in_force(town, "buildings").values()} == {"C1"}
    load(town, "compounds", {"code": ["C3"], "name": ["阳光花园"]})
    again = load(town, "buildings", rows, commit=False)
    assert [(finding.kind, finding.row) for finding in again.errors] == [("ambiguous-name", 1)]


def test_coordinates_of_another_datum_are_noticed_against_what_is_stored(connection):
    rows = {"code": list("abc"), "name": list("abc"), "lon": [117.0, 117.01, 117.02], "lat": [36.5, 36.51, 36.52]}
    for kind in ("buildings", "places"):
        load(connection, kind, rows)
        shifted = {**rows, "lon": [lon + 0.0061 for lon in rows["lon"]], "lat": [lat + 0.0006 for lat in rows["lat"]]}
        report = load(connection, kind, {**rows, **shifted}, commit=False, crs="GCJ-02")
        assert report.plan.changed == ("a", "b", "c")
        gcj = load(connection, kind, rows, commit=False, crs="GCJ-02")
        assert [finding.facts["fits"] for finding in gcj.warnings if finding.kind == "looks-shifted"] == ["EPSG:4326"]


def test_what_is_left_out_ends_only_when_told_and_its_dependants_are_named(town):
    load(town, "buildings", BUILDINGS)
    load(town, "gates", GATES)
    only = {"小区编码": ["C2"], "小区名称": ["和平里"]}
    assert load(town, "compounds", only, effective=LATER).plan.ended == ()
    assert found(town, "compounds", only, effective=LATER, retire_missing=True) == [
        ("error", "retires-compound", None),
        ("warning", "leaves-gates", None),
    ]
    load(town, "buildings", {**BUILDINGS, "小区编码": [None, None]}, effective=LATER)
    report = load(town, "compounds", only, effective=LATER, retire_missing=True)
    assert report.plan.ended == ("C1",)
    assert set(in_force(town, "compounds", LATER)) == {"C2"}
    assert set(in_force(town, "compounds", EARLY)) == {"C1", "C2"}


def test_a_role_or_office_that_ends_leaves_matters_and_norms(town):
    load(town, "matters", MATTERS)
    load(town, "norms", NORMS)
    roles = {"code": ["other"], "name": ["其他"]}
    assert found(town, "roles", roles, effective=LATER, retire_missing=True) == [
        ("warning", "leaves-matters", None),
        ("warning", "leaves-norms", None),
    ]
    assert found(town, "organisations", {}, effective=LATER, retire=("O1",)) == [("warning", "leaves-matters", None)]


def test_a_unit_that_vanishes_under_a_duty_is_said(town):
    load(town, "buildings", BUILDINGS)
    load(town, "workers", {"code": ["w"], "name": ["样例甲"]})
    duty = {"holder": ["w"], "role": ["worker"], "target_kind": ["unit"], "target": ["B1#3"]}
    load(town, "duties", duty)
    report = load(town, "buildings", {**BUILDINGS, "单元数": [2, "甲、乙"]}, commit=False, effective=LATER)
    assert [(finding.kind, finding.code) for finding in report.warnings if finding.kind == "leaves-duties"] == [
        ("leaves-duties", "B1#3")
    ]
    ended = load(town, "buildings", {}, commit=False, effective=LATER, retire=("B1",))
    assert [(finding.kind, finding.code) for finding in ended.warnings] == [("leaves-duties", "B1")]


def test_named_codes_end_without_a_file(town):
    report = load(town, "compounds", {}, effective=LATER, retire=("C1",))
    assert (report.plan.ended, report.committed) == (("C1",), True)
    assert set(in_force(town, "compounds", LATER)) == {"C2"}
    assert found(town, "compounds", {}, effective=LATEST, retire=("C1", "zzz")) == [
        ("error", "unknown-code", None),
        ("error", "unknown-code", None),
    ]


def test_a_code_cannot_be_kept_and_ended_at_once(town):
    assert found(town, "compounds", COMPOUNDS, retire=("C1",)) == [("error", "kept-and-ended", None)]


@pytest.mark.parametrize("kind", ["grids", "duties", "layers"])
def test_codes_are_ended_only_where_records_are_known_by_them(connection, kind):
    with pytest.raises(InputError):
        load(connection, kind, {"code": ["x"], "name": ["x"], "tiling": ["full"]}, retire=("y",))


def test_the_plan_says_each_change_before_and_after(town):
    load(town, "buildings", BUILDINGS)
    rows = {**BUILDINGS, "楼栋编码": ["B1", "B3"], "户数": [50, 36]}
    plan = load(town, "buildings", rows, commit=False, effective=LATER, retire_missing=True).plan
    changed, new, ended = (
        next(change for change in plan.changes if change.what == what) for what in ("changed", "new", "ended")
    )
    assert (changed.code, changed.label, changed.row) == ("B1", "1号楼", 1)
    assert {name for name in changed.before if changed.before[name] != changed.after[name]} == {"households"}
    assert (changed.before["households"], changed.after["households"]) == (48, 50)
    assert (new.code, new.row, new.before, new.after["units"]) == ("B3", 2, None, ["甲", "乙"])
    assert (ended.code, ended.row, ended.after, ended.before["name"]) == ("B2", None, None, "2号楼")


def test_the_plan_of_grids_shows_attributes_and_that_a_shape_moved(connection):
    load(connection, "grids", draw("AABB").assign(households=[10, 20]))
    plan = load(connection, "grids", draw("AAAB").assign(households=[10, 25]), commit=False, effective=LATER).plan
    one, other = plan.changes
    assert (one.code, one.before["shape"], one.after["shape"]) == ("A", "drawn", "redrawn")
    assert (other.before["households"], other.after["households"]) == (20, 25)
    assert not any("wkb" in change.after for change in plan.changes)


def test_made_codes_have_room_for_the_addresses_of_a_city(town):
    places = load(town, "places", PLACES, commit=False)
    assert {len(code) for code in places.plan.new} == {16}
