"""Lists through the door: what they name is found exactly or refused, and the result is an ordinary release."""

from collections import Counter

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geodata.errors import LoadRefusedError
from geodata.grid.publish import grids_in_force
from geodata.intake.report import LoadOptions
from geodata.load import load_frame
from geodata.place.buildings import BUILDINGS
from geodata.times import parse_time
from tests.support import CELL, corner, draw, of_code

BEGIN, LATER = parse_time("2025-01-01"), parse_time("2030-01-01")
COMMIT = LoadOptions(crs="EPSG:4326", effective=BEGIN, commit=True)
# Four blocks of 350 m by 220 m in community K, two of its neighbour N; streets run between all letters.
BLOCKS = draw("""
    AAAABBBBNNNN
    AAAABBBBNNNN
    CCCCDDDDOOOO
    CCCCDDDDOOOO
""")


def _around(*codes: str):
    return shapely.union_all([of_code(BLOCKS, code) for code in codes])


def _inner(code: str, west: float = 0.05, east: float = 0.95):
    """A compound's wall inside a block, from one share of its width to another."""
    x0, y0, x1, y1 = of_code(BLOCKS, code).bounds
    width, edge = x1 - x0, 0.1 * CELL
    return shapely.box(x0 + west * width, y0 + edge, x0 + east * width, y1 - edge)


def _frame(rows: dict[str, list[object]], shapes: list[object]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(rows, geometry=shapes, crs="EPSG:4326")


def _doors() -> pd.DataFrame:
    """Odd doors of 建设路 on the north side of the street in the middle, even ones south; some of 小巷 in block A."""
    rows = [("建设路", f"{n}号", *corner(0.3 * n, 2.1 if n % 2 else 1.9)) for n in range(1, 26)]
    rows += [("小巷", f"{n}号", *corner(1 + 0.1 * n, 3.5)) for n in (1, 2)]
    rows += [("小巷", "2号附1号", *corner(1.25, 3.5)), ("邻路", "1号", *corner(10, 3))]
    return pd.DataFrame(rows, columns=["道路", "门牌号", "lon", "lat"]).assign(户数=10)


@pytest.fixture
def town(connection):
    """Two communities with streets, compounds, buildings and doors."""
    frames = {
        "areas": _frame(
            {"code": ["S", "K", "N", "X"], "name": ["甲街道", "甲社区", "乙社区", "丙社区"],
             "level": ["street", "community", "community", "community"], "parent": [None, "S", "S", "S"]},
            [None, _around("A", "B", "C", "D"), _around("N", "O"), None],
        ),
        "streets": _frame(
            {"name": ["建设路", "纵街", "界街"], "class": ["主干路", "支路", "支路"]},
            [shapely.LineString([corner(-1, 2), corner(13, 2)]), shapely.LineString([corner(4, -1), corner(4, 5)]),
             shapely.LineString([corner(8, -1), corner(8, 5)])],
        ),
        "compounds": _frame(
            {"code": ["C1", "C2", "C3", "C4", "C5", "C6"], "name": ["甲园", "乙园", "丙园", "同名园", "同名园", "邻园"],
             "aliases": ["甲小区", "", "", "", "", ""]},
            [_inner("A"), _inner("B"), _inner("C"), _inner("D", 0.05, 0.4), _inner("D", 0.42, 0.95), _inner("N")],
        ),
        "buildings": pd.DataFrame(
            [
                *((f"B{n}", f"{n}号楼", "C3", *corner(0.5 + 0.4 * n, 1)) for n in range(1, 8)),
                ("B9", "大厦", None, *corner(6, 1.5)),
            ],
            columns=["code", "name", "compound", "lon", "lat"],
        ),
        "addresses": _doors(),
    }  # fmt: skip
    for kind, frame in frames.items():
        load_frame(connection, kind, frame, options=COMMIT)
    return connection


def _lists(*rows: tuple[str, ...]) -> pd.DataFrame:
    """Rows of code, community, compounds, buildings, roads."""
    return pd.DataFrame(rows, columns=["网格编码", "社区", "小区", "楼栋", "道路"])


WHOLE = (
    ("G1", "甲社区", "甲园", "", ""),
    ("G2", "K", "C2", "", ""),
    ("G3", "K", "丙园", "", ""),
    ("G4", "K", "C4、C5", "", ""),
)


def _load(connection, lists, **options):
    return load_frame(connection, "gridlists", lists, options=LoadOptions(**{"effective": LATER, **options}))


def _in_force(connection, at=LATER):
    layer_id = connection.execute("SELECT layer_id FROM layers WHERE code = 'general'").fetchone()[0]
    return {row["code"]: shapely.from_wkb(row["wkb"]) for row in grids_in_force(connection, layer_id, at)}


def _found(report, kind):
    return [finding for finding in report.findings if finding.kind == kind]


def test_compounds_by_name_alias_and_code_become_the_blocks_that_they_stand_in(town):
    report = _load(town, _lists(("G1", "甲社区", "甲小区", "", ""), *WHOLE[1:]), commit=True)
    built = _in_force(town)
    for code, block in zip(("G1", "G2", "G3", "G4"), "ABCD", strict=True):
        assert shapely.area(shapely.symmetric_difference(built[code], of_code(BLOCKS, block))) < 1e-12
    assert report.errors == ()
    (borders,) = _found(report, "borders-drawn")
    assert borders.facts["grids"] == {"G1": 1.0, "G2": 1.0, "G3": 1.0, "G4": 1.0}


def test_the_release_waits_for_its_date_and_can_be_loaded_once(town):
    report = _load(town, _lists(*WHOLE), commit=True)
    assert (report.release, report.layer, report.plan.new) == (1, "general", ("G1", "G2", "G3", "G4"))
    periods = town.execute("SELECT DISTINCT period_from(period) FROM grid_versions").fetchall()
    assert periods == [(LATER,)]
    again = _load(town, _lists(*WHOLE), effective=LATER + 1)
    assert [finding.kind for finding in again.errors] == ["pending-release"]


def test_a_second_identical_load_changes_nothing(town):
    _load(town, _lists(*WHOLE), commit=True, effective=BEGIN)
    report = _load(town, _lists(*WHOLE), commit=True, effective=None)
    assert (report.plan.same, report.committed, report.release) == (4, False, None)


def test_building_numbers_and_ranges_divide_a_compound(town):
    rows = (*WHOLE[:2], ("G3", "K", "", "丙园1-3号楼", ""), ("G4", "K", "C4、C5", "丙园4、5栋、6#、7号楼、大厦", ""))
    built_from = _load(town, _lists(*rows), commit=True)
    built = _in_force(town)
    owner = {
        n: next(code for code, shape in built.items() if shape.covers(shapely.Point(corner(0.5 + 0.4 * n, 1))))
        for n in range(1, 8)
    }
    assert owner == {1: "G3", 2: "G3", 3: "G3", 4: "G4", 5: "G4", 6: "G4", 7: "G4"}
    (doubt,) = _found(built_from, "divided-block")
    assert of_code(BLOCKS, "C").covers(shapely.Point(doubt.lon, doubt.lat))


def test_the_sides_of_a_road_go_to_different_grids(town):
    rows = (("G1", "K", "", "", "建设路1-99单号、小巷全路"), ("G2", "K", "", "", "建设路2-98双号"))
    report = _load(town, _lists(*rows), commit=True)
    built = _in_force(town)
    assert report.errors == ()
    assert built["G1"].covers(shapely.Point(corner(0.3, 2.1)))
    assert built["G2"].covers(shapely.Point(corner(0.6, 1.9)))
    assert shapely.area(shapely.symmetric_difference(built["G1"], _around("A", "B"))) < 1e-12


def test_an_annex_can_belong_to_another_grid_than_its_number(town):
    rows = (("G1", "K", "", "", "建设路单号、小巷2号、小巷1号"), ("G2", "K", "", "", "建设路双号、小巷2号附1号"))
    report = _load(town, _lists(*rows))
    assert report.errors == ()
    (doubt,) = _found(report, "divided-block")
    assert set(doubt.facts["others"]) == {"G1", "G2"}


def test_what_a_compound_or_building_list_says_goes_before_a_range(town):
    rows = (("G1", "K", "甲园、乙园、丙园、C4、C5", "", ""), ("G2", "K", "", "", "小巷全路"))
    report = _load(town, _lists(*rows))
    (against,) = _found(report, "against-list")
    assert (against.code, against.facts["other"], against.facts["items"]) == ("G2", "G1", 3)
    assert _inner("A").covers(shapely.Point(against.lon, against.lat))


@pytest.mark.parametrize(
    ("row", "kind", "field"),
    [
        (("G1", "K", "无此园", "", ""), "unknown-compound", "compounds"),
        (("G1", "K", "同名园", "", ""), "ambiguous-compound", "compounds"),
        (("G1", "K", "邻园", "", ""), "listed-elsewhere", "compounds"),
        (("G1", "K", "C6", "", ""), "listed-elsewhere", "compounds"),
        (("G1", "K", "", "丙园88号楼", ""), "unknown-building", "buildings"),
        (("G1", "K", "", "3号院", ""), "unknown-building", "buildings"),
        (("G1", "K", "", "丙园7-1号楼", ""), "backward-range", "buildings"),
        (("G1", "K", "", "", "无此路1-9号"), "unknown-road", "roads"),
        (("G1", "K", "", "", "3-9号"), "unknown-road", "roads"),
        (("G1", "K", "", "", "建设路9-1"), "backward-range", "roads"),
        (("G1", "K", "", "", "建设路2-8单号"), "contradictory-range", "roads"),
        (("G1", "K", "", "", "建设路5号~"), "unreadable-range", "roads"),
        (("G1", "K", "长" * 5000, "", ""), "unknown-compound", "compounds"),
        (("G1", "K", "", "", "路1" * 5000), "unreadable-range", "roads"),
        (("G1", "X", "甲园", "", ""), "community-without-shape", "community"),
        (("G1", "甲街道", "甲园", "", ""), "community-without-shape", "community"),
        (("G1", "无此社区", "甲园", "", ""), "unknown-community", "community"),
    ],
)
def test_an_item_that_means_nothing_is_an_error_at_its_row(town, row, kind, field):
    report = _load(town, _lists(*WHOLE[1:], row))
    (fault,) = [finding for finding in report.errors if finding.kind == kind]
    assert (fault.row, fault.code, fault.facts["field"]) == (4, "G1", field)
    assert len(fault.message) < 300
    with pytest.raises(LoadRefusedError):
        _load(town, _lists(*WHOLE[1:], row), commit=True)


def test_a_range_without_doors_and_a_road_next_door_are_warned_of(town):
    rows = (*WHOLE[1:], ("G1", "K", "甲园", "", "建设路1001-1099单号、邻路1号"), ("H1", "N", "邻园", "", ""))
    report = _load(town, _lists(*rows))
    assert [finding.facts["value"] for finding in _found(report, "empty-range")] == ["建设路1001-1099单号", "邻路1号"]
    assert report.errors == ()


@pytest.mark.parametrize(
    ("one", "other", "kind"),
    [
        (("甲园", "", ""), ("甲小区", "", ""), "listed-twice"),
        (("", "丙园1-3号楼", ""), ("", "B3", ""), "listed-twice"),
        (("", "", "建设路1-9单号"), ("", "", "建设路7-99单号"), "overlapping-ranges"),
        (("", "", "建设路1-9"), ("", "", "建设路全路"), "overlapping-ranges"),
        (("", "", "建设路5号"), ("", "", "建设路1-9单号"), "overlapping-ranges"),
    ],
)
def test_the_same_item_in_two_grids_is_an_error_with_both_rows(town, one, other, kind):
    report = _load(town, _lists(*WHOLE[1:], ("G8", "K", *one), ("G9", "K", *other)))
    (fault,) = [finding for finding in report.errors if finding.kind == kind]
    assert (fault.row, fault.code, fault.facts["other"], fault.facts["other_row"]) == (5, "G9", "G8", 4)


def test_the_same_road_in_two_communities_is_no_overlap(town):
    rows = (*WHOLE, ("H1", "N", "邻园", "", "建设路1-99"))
    assert _load(town, _lists(("G1", "K", "甲园", "", "建设路1-99"), *rows[1:])).errors == ()


def test_doors_that_no_list_names_are_listed_with_the_grid_they_come_to(town):
    report = _load(town, _lists(*WHOLE))
    found = {finding.facts["what"]: finding for finding in _found(report, "unlisted-doors")}
    assert set(found) == {"建设路", "小巷", "大厦"}
    assert (found["小巷"].code, found["小巷"].facts["count"], found["小巷"].facts["households"]) == ("G1", 3, 30)
    assert of_code(BLOCKS, "A").covers(shapely.Point(found["小巷"].lon, found["小巷"].lat))


def test_a_grid_that_lists_nothing_known_is_an_error_and_the_others_are_drawn(town):
    report = _load(town, _lists(*WHOLE, ("G5", "K", "", "", "")))
    assert [finding.kind for finding in report.errors] == ["grid-without-place"]
    assert report.errors[0].row == 5
    assert report.plan.new == ("G1", "G2", "G3", "G4")


def test_only_the_communities_that_the_lists_name_are_replaced(town):
    _load(town, _lists(*WHOLE, ("H1", "N", "邻园", "", "")), commit=True, effective=BEGIN)
    rows = (("G1", "K", "甲园、乙园", "", ""), ("G4", "K", "丙园、C4、C5", "", ""))
    asked = _load(town, _lists(*rows), effective=None)
    assert asked.needs_retire_missing
    report = _load(town, _lists(*rows), effective=None, commit=True, retire_missing=True)
    assert set(report.plan.ended) == {"G2", "G3"}
    assert set(_in_force(town)) == {"G1", "G4", "H1"}
    within = _load(town, _lists(*rows), effective=None, within="S")
    assert "H1" in within.plan.ended


def test_grids_of_a_neighbour_that_reach_in_keep_their_ground_edges_matched(town):
    reaching = shapely.Polygon([corner(*at) for at in ((7.5, 2.5), (8, 2.5), (12, 2.5), (12, 4), (8, 4), (7.5, 4))])
    rest = shapely.difference(_around("N", "O"), reaching)
    frame = gpd.GeoDataFrame(
        {"code": ["H1", "H2"], "community": ["N", "N"]}, geometry=[reaching, rest], crs="EPSG:4326"
    )
    load_frame(town, "grids", frame, options=COMMIT)
    report = _load(town, _lists(*WHOLE), commit=True)
    assert report.errors == ()
    assert {"overlap", "gap", "edge-mismatch"}.isdisjoint(finding.kind for finding in report.findings)
    (taken,) = _found(report, "ground-taken")
    assert reaching.covers(shapely.Point(taken.lon, taken.lat))
    built = _in_force(town)
    assert shapely.coverage_is_valid(list(built.values()))
    assert built["H1"].area == pytest.approx(reaching.area)


def test_a_partial_layer_is_refused(town):
    layers = pd.DataFrame({"code": ["dedicated"], "name": ["专属"], "tiling": ["partial"]})
    load_frame(town, "layers", layers, options=LoadOptions(commit=True))
    report = _load(town, _lists(*WHOLE), layer="dedicated")
    assert [finding.kind for finding in report.errors] == ["partial-layer"]


def test_without_streets_the_ground_is_divided_all_the_same_and_said(town):
    town.execute("UPDATE streets SET withdrawn_at = now()")
    report = _load(town, _lists(*WHOLE), commit=True)
    assert report.errors == ()
    assert _found(report, "no-streets")
    built = list(_in_force(town).values())
    assert shapely.coverage_is_valid(built)
    assert shapely.area(built).sum() == pytest.approx(_around("A", "B", "C", "D").area)


def test_no_rows_change_nothing(town):
    report = _load(town, _lists(), commit=True)
    assert (report.committed, report.plan.changes_anything) == (False, False)


def _rows(*rows: dict[str, object]) -> pd.DataFrame:
    columns = {"code": "网格编码", "name": "网格名称", "community": "社区", "scope": "网格范围", "buildings": "楼栋"}
    columns |= {"compounds": "小区", "roads": "道路", "households": "户数"}
    used = [name for name in columns if any(name in row for row in rows)]
    return pd.DataFrame([{columns[name]: row.get(name) for name in used} for row in rows])


def _one_grid(community="K", **fields):
    """One grid that is tried, and three that hold the rest of their community."""
    rest = [{"code": code, "community": "K", "scope": scope} for code, scope in (("G2", "乙园"), ("G4", "C4、C5"))]
    return _rows({"code": "G3", "community": community, **fields}, *rest)


def _buildings_in(connection, code):
    built = _in_force(connection)[code]
    buildings = BUILDINGS.in_force(connection, LATER)
    return {row["code"] for row in buildings if built.covers(shapely.Point(row["lon"], row["lat"]))}


@pytest.mark.parametrize(
    ("fields", "numbers"),
    [
        ({"scope": "丙园1-3号楼"}, "123"),
        ({"scope": "丙园：1、3、5-7号楼（除6号楼）"}, "1357"),
        ({"scope": "丙园5-7号楼，除6号楼"}, "57"),
        ({"scope": "丙园（1、3号楼）"}, "13"),
        ({"scope": "丙园1号楼和3号楼"}, "13"),
        ({"scope": "丙园1 3号楼"}, "13"),
        ({"scope": "丙园（除2-6号楼）"}, "17"),
        ({"compounds": "丙园", "buildings": "1#-3#"}, "123"),
        ({"compounds": "丙园", "buildings": "1号楼至3号楼"}, "123"),
        ({"compounds": "丙园1-3号楼"}, "123"),
        ({"roads": "丙园1-3号楼"}, "123"),
        ({"compounds": "丙园", "buildings": "全部"}, "1234567"),
        ({"compounds": "丙园", "buildings": "全部（除4-7号楼）"}, "123"),
    ],
)
def test_buildings_are_read_as_offices_write_them(town, fields, numbers):
    others = "、".join(f"B{n}" for n in range(1, 8) if str(n) not in numbers)
    lists = _one_grid(**fields)
    if others:
        lists = pd.concat([lists, _rows({"code": "G1", "community": "K", "scope": others})])
    report = _load(town, lists, commit=True)
    assert report.errors == ()
    assert _buildings_in(town, "G3") == {f"B{n}" for n in numbers}


@pytest.mark.parametrize(
    ("fields", "kind", "value"),
    [
        ({"scope": "丙园、查无此处"}, "unknown-item", "查无此处"),
        ({"scope": "丙园1-3号楼（除9号楼）"}, "unknown-building", "9号楼"),
        ({"scope": "丙园1-3号楼（除5号楼）"}, "exception-without-effect", "5号楼"),
        ({"scope": "丙园、邻园"}, "listed-elsewhere", "邻园"),
        ({"scope": "丙园、建设路9-1号"}, "backward-range", "建设路9-1号"),
        ({"compounds": "丙园、甲园", "buildings": "1-3号楼"}, "unclear-compound", "1-3号楼"),
        ({"buildings": "全部", "scope": "丙园"}, "unknown-building", "全部"),
        ({"scope": "丙园、" + "和 " * 40}, "unknown-item", "和 "),
        ({"scope": "丙园、" + "甲园和" * 40}, "unknown-item", "甲园和"),
    ],
)
def test_words_that_mean_nothing_are_named_in_their_cell(town, fields, kind, value):
    report = _load(town, _one_grid(**fields))
    (fault,) = [finding for finding in report.errors if finding.kind == kind]
    assert value in fault.facts["value"]
    assert (fault.row, fault.code) == (1, "G3")
    assert fault.facts["column"] in ("网格范围", "小区", "楼栋")
    assert len(fault.message) < 300


def test_a_number_that_no_building_has_and_words_without_a_place_are_warnings(town):
    report = _load(town, _one_grid(scope="丙园1-99号楼、东至纵街，建设路以南、甲园及周边"))
    assert report.errors == ()
    (lacking,) = _found(report, "missing-building")
    assert "99" in lacking.message_zh
    assert [one.facts["value"] for one in _found(report, "bounds-not-used")] == ["东至纵街、建设路以南"]
    assert [one.facts["value"] for one in _found(report, "left-out-words")] == ["及周边"]


def test_an_exception_of_a_range_leaves_the_door_to_another_grid(town):
    lists = _rows(
        {"code": "G1", "community": "K", "scope": "甲园、建设路1-25单号（除5号、7号）"},
        {"code": "G2", "community": "K", "scope": "乙园、建设路5号、7号"},
        {"code": "G3", "community": "K", "scope": "丙园、C4、C5"},
    )
    assert _load(town, lists).errors == ()
    lists.loc[1, "网格范围"] = "乙园、建设路5号、9号"
    (fault,) = _load(town, lists).errors
    assert (fault.kind, fault.facts["first"], fault.facts["column"]) == ("overlapping-ranges", 9, "网格范围")


def test_rows_of_one_grid_are_joined_and_their_households_added_up(town):
    lists = _rows(
        {"code": "G1", "name": "一", "community": "K", "compounds": "甲园", "households": 30},
        {"code": "G1", "name": None, "community": "K", "compounds": "乙园", "households": 12},
        {"code": "G3", "name": "三", "community": "K", "compounds": "丙园", "households": 5},
        {"code": None, "name": None, "community": None, "compounds": "C4、C5", "households": None},
    )
    report = _load(town, lists, commit=True)
    assert (report.errors, report.plan.new) == ((), ("G1", "G3"))
    assert {one.row for one in _found(report, "summed-count") + _found(report, "grid-from-above")} == {1, 4}
    assert dict(town.execute("SELECT code, households FROM grid_versions").fetchall()) == {"G1": 42, "G3": 5}


def test_a_count_that_is_left_empty_keeps_what_is_stored(town):
    lists = _rows(
        {"code": "G1", "community": "K", "scope": "甲园、乙园", "households": 30},
        {"code": "G3", "community": "K", "scope": "丙园、C4、C5", "households": 5},
    )
    _load(town, lists, commit=True, effective=BEGIN)
    lists["户数"] = [None, 6]
    assert _load(town, lists, effective=LATER).plan.changed == ("G3",)


@pytest.mark.parametrize(
    ("rows", "kind", "row"),
    [
        ([{"code": "G1", "name": "一", "community": "K"}, {"code": "G1", "name": "二", "community": "K"}],
         "duplicate-code", 2),
        ([{"code": "G1", "community": "K"}, {"code": "G1", "community": "N"}], "duplicate-code", 2),
        ([{"code": None, "name": None, "community": "K"}], "missing-value", 1),
        ([{"code": "G1", "name": "一", "community": None}], "missing-value", 1),
        ([{"code": "G1", "community": "K"}, {"code": None, "community": "N"}], "missing-value", 2),
    ],
)  # fmt: skip
def test_rows_that_leave_open_which_grid_they_are_of_are_errors(town, rows, kind, row):
    report = _load(town, _rows(*({**one, "scope": "甲园" if at == 0 else "邻园"} for at, one in enumerate(rows))))
    assert [(one.kind, one.row) for one in report.errors if one.kind == kind] == [(kind, row)]


def test_grids_without_codes_keep_those_of_their_names_and_new_ones_are_numbered(town):
    first = _rows({"code": "G7", "name": "甲社区第一网格", "community": "K", "scope": "甲园"})
    _load(town, first, commit=True, effective=BEGIN)
    lists = _rows(
        {"name": "第一网格", "community": "甲社区", "scope": "甲园、乙园"},
        {"name": "第二网格", "community": None, "scope": "丙园、C4、C5"},
    )
    report = _load(town, lists, effective=parse_time("2031-01-01"))
    assert report.errors == ()
    assert (report.plan.changed, report.plan.new) == (("G7",), ("K001",))
    assert {"code-by-name", "made-code", "community-from-above"} <= {one.kind for one in report.findings}
    assert _load(town, lists.iloc[1:], within="K", effective=parse_time("2031-01-01")).plan.new == ("K001",)


def test_a_sheet_without_any_lists_says_which_columns_it_lacks(town):
    report = _load(town, pd.DataFrame({"网格编码": ["G1"], "社区": ["K"]}))
    assert [one.kind for one in report.errors] == ["missing-column"]
    report = _load(town, pd.DataFrame({"社区": ["K"], "网格范围": ["甲园"]}))
    assert [one.kind for one in report.errors] == ["missing-column"]


def test_a_cell_and_a_road_full_of_faults_are_cut_short(town):
    nowhere = "、".join(f"无此处{n}" for n in range(2_000))
    ranges = "、".join(f"建设路1-{n}号" for n in range(2, 1_200))
    lists = _rows(
        {"code": "G1", "community": "K", "scope": f"甲园、{nowhere}"},
        {"code": "G2", "community": "K", "scope": f"乙园、{ranges}"},
        {"code": "G3", "community": "K", "scope": f"丙园、C4、C5、{ranges}"},
    )
    report = _load(town, lists)
    kinds = Counter(one.kind for one in report.errors)
    assert kinds == {"unknown-item": 50, "unreadable-list": 1, "overlapping-ranges": 50}
