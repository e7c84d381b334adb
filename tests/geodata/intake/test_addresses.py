"""Registers of addresses as cities keep them: in one column, in parts, by the codes of buildings; compared by code."""

import pandas as pd
import pytest
import shapely

from geodata.address.register import addresses_now
from geodata.exchange import read_table
from geodata.intake.address_rows import whole_text, with_sub_number
from geodata.intake.report import LoadOptions
from geodata.intake.understanding import guess_kinds, likeliest
from geodata.load import load, load_frame

COMMIT = LoadOptions(crs="EPSG:4326", commit=True)
HERE = {"经度": 117.001, "纬度": 36.651}


def _load(connection, rows, options=COMMIT):
    return load_frame(connection, "addresses", pd.DataFrame(rows), options=options)


def _areas(connection):
    """Two communities side by side, each 0.01 degrees wide."""
    shapes = [shapely.box(117.0, 36.65, 117.01, 36.66).wkt, shapely.box(117.01, 36.65, 117.02, 36.66).wkt]
    frame = pd.DataFrame({"code": ["370100000001", "370100000002"], "name": ["甲社区", "乙社区"], "wkt": shapes})
    load_frame(connection, "areas", frame, options=COMMIT)


def _kinds(report):
    return [finding.kind for finding in report.findings]


@pytest.fixture
def estate(connection):
    """A compound with two buildings, and one without a shape or building."""
    compounds = {"code": ["C1", "C2", "C3"], "name": ["示例花园", "空院", "空院"], "aliases": ["花园小区", None, None]}
    load_frame(connection, "compounds", pd.DataFrame(compounds), options=COMMIT)
    buildings = {
        "code": ["B1", "B2"],
        "name": ["1号楼", "2号楼"],
        "compound": ["C1", "C1"],
        "lon": [117.01, 117.012],
        "lat": [36.66, 36.66],
    }
    load_frame(connection, "buildings", pd.DataFrame(buildings), options=COMMIT)


class TestWhatARowSays:
    def test_a_text_is_made_of_areas_and_parts_and_bare_numbers_get_their_words(self, connection):
        row = {"省": "示例省", "市": "示例市", "区县": "示例区", "街道": "甲街道", "社区": "甲社区", "道路": "建设路"}
        report = _load(connection, [{**row, "门牌号": 12, "楼栋": "3", "单元": "2", "楼层": "4", "室": "402", **HERE}])
        assert report.errors == ()
        (stored,) = addresses_now(connection)
        assert stored["text"] == "示例省示例市示例区甲街道甲社区建设路12号3号楼2单元4层402室"
        assert stored["areas"] == ["示例省", "示例市", "示例区", "甲街道", "甲社区"]
        assert (stored["number"], stored["floor"], stored["room"]) == ("12", "4", "402")

    def test_a_text_that_is_given_stays_as_it_is(self, connection):
        _load(connection, [{"标准地址": "建设路１２号", "区县": "示例区", **HERE}])
        (stored,) = addresses_now(connection)
        assert (stored["text"], stored["areas"]) == ("建设路１２号", ["示例区"])

    @pytest.mark.parametrize("placeholder", ["市辖区", "县", "-"])
    def test_what_stands_where_there_is_no_district_is_no_area(self, connection, placeholder):
        _load(connection, [{"市": "示例市", "区县": placeholder, "道路": "建设路", "门牌号": "1号", **HERE}])
        (stored,) = addresses_now(connection)
        assert (stored["text"], stored["areas"]) == ("示例市建设路1号", ["示例市"])

    def test_a_city_that_is_its_own_province_is_said_once(self, connection):
        _load(connection, [{"省": "示例市", "市": "示例市", "道路": "建设路", "门牌号": "1号", **HERE}])
        assert addresses_now(connection)[0]["text"] == "示例市建设路1号"

    @pytest.mark.parametrize(
        ("number", "sub", "whole"),
        [
            ("12号", "附1号", "12号附1号"),
            ("12", "1", "12号附1号"),
            ("12号", "之3", "12号附3号"),
            ("12号", "", "12号"),
            ("", "1", ""),
            ("甲12号", "2", "甲12号附2号"),
        ],
    )
    def test_a_sub_number_belongs_to_its_number(self, number, sub, whole):
        assert with_sub_number(number, sub) == whole

    def test_the_number_is_stored_with_its_sub_number(self, connection):
        _load(connection, [{"道路": "建设路", "门牌号": "12", "附号": "1", **HERE}])
        (stored,) = addresses_now(connection)
        assert (stored["text"], stored["number"]) == ("建设路12号附1号", "12号附1号")

    def test_a_building_that_is_named_with_its_compound_does_not_repeat_it(self):
        assert whole_text((), {"compound": "示例花园", "building": "示例花园3号楼"}) == "示例花园3号楼"
        assert whole_text(("甲社区",), {"compound": "示例花园", "building": "3"}) == "甲社区示例花园3号楼"
        assert whole_text((), {}) == ""

    def test_other_names_are_kept_apart(self, connection):
        _load(connection, [{"地址": "建设路1号", "曾用名": "解放路1号；和平路1号", **HERE}])
        assert addresses_now(connection)[0]["aliases"] == ["解放路1号", "和平路1号"]

    def test_a_table_without_any_address_column_is_refused_with_what_it_lacks(self, connection):
        report = _load(connection, [{"户数": 3, **HERE}], LoadOptions())
        assert _kinds(report)[0] == "missing-column"
        assert "地址" in report.errors[0].message_zh


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        (["标准地址", "经度", "纬度"], "addresses"),
        (
            ["省", "市", "区县", "街道", "社区", "道路", "门牌号", "小区", "楼栋", "单元", "室", "经度", "纬度"],
            "addresses",
        ),
        (["地址编码", "标准地址全称", "楼栋编码"], "addresses"),
        (["楼栋编号", "楼栋", "小区", "户数", "经度", "纬度"], "buildings"),
        (["楼栋编码", "楼栋名称", "所属小区", "单元数", "户数", "经度", "纬度"], "buildings"),
        (["小区编码", "小区名称", "别名"], "compounds"),
        (["网格名称", "社区", "小区", "楼栋", "门牌号", "户数"], "gridlists"),
    ],
)
def test_a_table_is_taken_for_addresses_where_it_is_one(tmp_path, headers, kind):
    path = tmp_path / "table.csv"
    path.write_text(",".join(headers) + "\n" + ",".join("1" for _ in headers) + "\n", encoding="utf-8")
    assert likeliest(guess_kinds(read_table(path))) == kind


@pytest.mark.usefixtures("estate")
class TestPlacesByReference:
    def test_a_door_without_a_point_has_that_of_its_building_and_it_is_said(self, connection):
        report = _load(connection, [{"标准地址": "示例花园1号楼101", "楼栋编码": "B1"}])
        assert [(f.kind, f.row) for f in report.findings] == [("placed-by-building", 1)]
        (stored,) = addresses_now(connection)
        assert (stored["lon"], stored["lat"]) == (117.01, 36.66)
        assert (stored["compound"], stored["building"]) == ("示例花园", "1号楼")

    def test_names_of_compound_and_building_do_as_well(self, connection):
        report = _load(connection, [{"小区": "花园小区", "楼栋": "2号楼", "室": "101"}])
        assert _kinds(report) == ["placed-by-building"]
        assert addresses_now(connection)[0]["lon"] == 117.012

    def test_a_compound_alone_gives_a_point_among_its_houses(self, connection):
        report = _load(connection, [{"标准地址": "示例花园9号楼", "小区编码": "C1"}])
        assert _kinds(report) == ["placed-by-compound"]
        assert addresses_now(connection)[0]["lon"] in (117.01, 117.012)

    def test_a_gate_does_where_nothing_else_is_known_of_a_compound(self, connection):
        gate = pd.DataFrame({"compound": ["C2"], "lon": [117.02], "lat": [36.67]})
        load_frame(connection, "gates", gate, options=COMMIT)
        _load(connection, [{"标准地址": "空院1号", "小区编码": "C2"}])
        assert addresses_now(connection)[0]["lon"] == 117.02

    def test_what_has_no_point_and_names_nothing_that_has_one_is_an_error(self, connection):
        rows = [{"标准地址": "空院1号", "小区": "空院"}, {"标准地址": "建设路1号", "小区": None}]
        report = _load(connection, rows, LoadOptions())
        assert [(f.kind, f.row) for f in report.errors] == [("missing-value", 1), ("missing-value", 2)]

    def test_a_code_that_stands_for_nothing_is_an_error(self, connection):
        report = _load(connection, [{"地址": "建设路1号", "楼栋编码": "B9", **HERE}], LoadOptions())
        (error,) = report.errors
        assert (error.kind, error.facts["value"]) == ("unknown-building-code", "B9")

    def test_a_door_far_from_the_building_that_it_names_is_a_warning(self, connection):
        report = _load(connection, [{"地址": "示例花园1号楼101", "楼栋编码": "B1", "lon": 117.05, "lat": 36.66}])
        (warning,) = report.warnings
        assert warning.kind == "far-from-building"
        assert warning.facts["metres"] == pytest.approx(3_575, rel=0.01)
        assert addresses_now(connection)[0]["lon"] == 117.05


class TestComparison:
    def test_a_second_identical_load_changes_nothing(self, connection):
        rows = [
            {"地址": f"建设路{n}号", "曾用名": f"解放路{n}号", "lon": 117 + n / 1e4, "lat": 36.65} for n in range(9)
        ]
        assert len(_load(connection, rows).plan.new) == 9
        again = _load(connection, rows)
        assert (again.plan.same, again.committed) == (9, False)

    def test_a_column_that_the_file_lacks_keeps_what_is_stored_and_an_empty_cell_does_not(self, connection):
        full = {"编码": "D1", "道路": "建设路", "门牌号": "1号", "户数": 3, "人数": 9, **HERE}
        _load(connection, [full])
        report = _load(connection, [{"编码": "D1", "地址": "建设路1号", "户数": None}])
        (change,) = report.plan.changes
        assert (change.what, change.before["households"], change.after["households"]) == ("changed", 3, None)
        (stored,) = addresses_now(connection)
        assert (stored["households"], stored["persons"], stored["road"], stored["lon"]) == (None, 9, "建设路", 117.001)

    def test_only_missing_ones_end_and_only_when_told(self, connection):
        _load(connection, [{"编码": c, "地址": f"{c}路1号", **HERE} for c in "甲乙丙"])
        kept = [{"编码": "甲", "地址": "甲路1号", **HERE}, {"编码": "乙", "地址": None, **HERE}]
        assert _load(connection, kept, LoadOptions(crs="EPSG:4326")).plan.ended == ()
        report = _load(connection, kept, LoadOptions(crs="EPSG:4326", retire_missing=True))
        # The row of 乙 cannot be read: it is an error, and 乙 is not missing.
        assert (report.plan.ended, len(report.errors)) == (("丙",), 1)
        report = _load(connection, kept[:1], LoadOptions(crs="EPSG:4326", retire_missing=True, commit=True))
        assert set(report.plan.ended) == {"乙", "丙"}
        assert {change.label for change in report.plan.changes if change.what == "ended"} == {"乙路1号", "丙路1号"}
        assert [row["code"] for row in addresses_now(connection)] == ["甲"]

    def test_a_dry_run_writes_nothing(self, connection):
        report = _load(connection, [{"地址": "建设路1号", **HERE}], LoadOptions(crs="EPSG:4326"))
        assert (len(report.plan.new), report.committed, addresses_now(connection)) == (1, False, [])

    def test_two_loads_in_one_transaction_do_not_see_each_others_rows(self, connection):
        _load(connection, [{"地址": "建设路1号", **HERE}])
        report = _load(connection, [{"地址": "建设路2号", "lon": 117.002, "lat": 36.65}])
        assert (len(report.plan.new), len(addresses_now(connection))) == (1, 2)

    def test_hostile_text_is_text(self, connection):
        text = '建设路1号\\N\'; DROP TABLE addresses; -- \t{甲,"乙"}'
        _load(connection, [{"地址": text, "曾用名": '甲"路\\1号', **HERE}])
        (stored,) = addresses_now(connection)
        assert "DROP TABLE" in stored["text"]
        assert stored["aliases"] == ['甲"路\\1号']


class TestContradictions:
    def test_one_door_at_two_points_names_both_rows(self, connection):
        rows = [{"地址": "建设路1号", "lon": 117.0, "lat": 36.65}, {"地址": "建设路1号", "lon": 117.01, "lat": 36.65}]
        report = _load(connection, rows)
        (warning,) = report.warnings
        assert (warning.kind, warning.row, warning.facts["other_row"]) == ("door-at-two-points", 2, 1)
        assert warning.facts["metres"] == pytest.approx(894, rel=0.01)
        assert "第 1 行" in warning.message_zh

    def test_one_door_of_two_districts_is_two_doors(self, connection):
        rows = [
            {"区县": "东区县", "道路": "建设路", "门牌号": "1号", "lon": 117.0, "lat": 36.65},
            {"区县": "西区县", "道路": "建设路", "门牌号": "1号", "lon": 117.1, "lat": 36.65},
        ]
        assert _kinds(_load(connection, rows)) == []

    def test_a_door_that_the_register_has_elsewhere_is_said(self, connection):
        _load(connection, [{"编码": "D1", "地址": "建设路1号", **HERE}])
        report = _load(connection, [{"编码": "D2", "地址": "建设路1号", "lon": 117.02, "lat": 36.65}])
        (warning,) = report.warnings
        assert warning.kind == "door-at-two-points"
        assert "D1" in warning.message

    def test_the_same_door_twice_at_one_place_is_one_too_many(self, connection):
        rows = [{"编码": code, "地址": "建设路1号", **HERE} for code in ("D1", "D2")]
        assert _kinds(_load(connection, rows)) == ["repeated-address"]

    @pytest.mark.parametrize(("doors", "kinds"), [(50, []), (51, ["many-at-one-point"])])
    def test_many_doors_at_one_point_were_put_there(self, connection, doors, kinds):
        assert _kinds(_load(connection, [{"地址": f"示例路{n + 1}号", **HERE} for n in range(doors)])) == kinds

    def test_rooms_of_one_house_may_share_its_point(self, connection):
        rows = [{"地址": f"示例花园3号楼{n % 4 + 1}单元{n + 101}室", **HERE} for n in range(200)]
        parts = [{"小区": "示例园", "楼栋": "3号楼", "室": n + 101, **HERE} for n in range(200)]
        assert _kinds(_load(connection, rows)) == []
        assert _kinds(_load(connection, parts)) == []

    @pytest.mark.parametrize("in_parts", [True, False])
    def test_a_number_far_from_its_neighbours_is_named(self, connection, in_parts):
        rows = []
        for number in range(1, 41):
            lon = 117.0 + number * 0.0001 + (0.02 if number == 17 else 0)
            said = {"道路": "建设路", "门牌号": f"{number}号"} if in_parts else {"地址": f"示例区建设路{number}号"}
            rows.append({**said, "lon": lon, "lat": 36.65 + number % 2 * 0.0002})
        (warning,) = _load(connection, rows).warnings
        assert (warning.kind, warning.row) == ("off-its-neighbours", 17)
        assert warning.facts["metres"] > 1_500

    @pytest.mark.parametrize("in_parts", [True, False])
    def test_a_compound_behind_one_number_may_lie_far_from_the_doors_beside_it(self, connection, in_parts):
        rows = []
        for number in range(1, 41):
            behind = "示例花园3号楼" if number == 17 else ""
            said = {"道路": "建设路", "门牌号": f"{number}号", "小区": behind[:4] or None, "楼栋": behind[4:] or None}
            said = said if in_parts else {"地址": f"建设路{number}号{behind}"}
            rows.append({**said, "lon": 117.0 + number * 0.0001, "lat": 36.65 + (0.004 if behind else 0)})
        assert _kinds(_load(connection, rows)) == []

    def test_two_roads_of_one_name_are_said_once_and_their_doors_are_not_blamed(self, connection):
        rows = [
            {
                "地址": f"建设路{number}号",
                "lon": 117.0 + number * 0.0001 + (0.05 if number % 4 == 1 else 0),
                "lat": 36.65,
            }
            for number in range(1, 60, 2)
        ]
        assert _kinds(_load(connection, rows)) == ["two-roads-of-one-name"]

    def test_a_point_outside_its_stated_community_is_said_with_the_distance(self, connection):
        _areas(connection)
        rows = [
            {"社区": said, "道路": road, "门牌号": "1号", "lon": lon, "lat": 36.655}
            for road, said, lon in (
                ("甲路", "甲社区", 117.005),
                ("乙路", "甲社区居委会", 117.02),
                ("丙路", "甲", 117.0101),  # 9 m beyond the border
                ("丁路", "乙社区", 117.015),
            )
        ]
        (warning,) = _load(connection, rows).warnings
        assert (warning.kind, warning.row, warning.facts["area"]) == ("outside-stated-area", 2, "甲社区")
        assert warning.facts["metres"] == pytest.approx(890, rel=0.05)

    def test_an_area_is_known_in_traditional_characters_and_with_all_that_it_lies_in(self, connection):
        shape = shapely.box(117.0, 36.65, 117.01, 36.66).wkt
        areas = pd.DataFrame({"code": ["63000010001"], "name": ["示例市東區國光里"], "wkt": [shape]})
        load_frame(connection, "areas", areas, options=COMMIT)
        rows = [
            {"地址": f"示例市东区国光里建設路{n}號", "lon": lon, "lat": 36.655}
            for n, lon in ((1, 117.005), (3, 117.02))
        ]
        (warning,) = _load(connection, rows).warnings
        assert (warning.kind, warning.row, warning.facts["area"]) == ("outside-stated-area", 2, "示例市東區國光里")

    def test_a_community_that_nobody_knows_is_said_once(self, connection):
        _areas(connection)
        rows = [{"社区": "无此社区", "道路": "建设路", "门牌号": f"{n}号", **HERE} for n in range(1, 6)]
        (warning,) = _load(connection, rows).warnings
        assert (warning.kind, warning.facts["count"]) == ("unknown-stated-area", 5)

    def test_texts_in_which_nothing_is_found_are_told_up_to_fifty_and_counted(self, connection):
        rows = [{"地址": f"无法定位{chr(0x4E00 + n)}", "lon": 117 + n / 1e4, "lat": 36.65} for n in range(60)]
        warnings = _load(connection, rows).warnings
        assert {warning.kind for warning in warnings} == {"unreadable-address"}
        assert (len(warnings), warnings[-1].facts) == (51, {"rows": 10})

    def test_none_of_it_refuses_a_load(self, connection):
        rows = [{"地址": "建设路1号", "lon": 117.0, "lat": 36.65}, {"地址": "建设路1号", "lon": 117.01, "lat": 36.65}]
        assert _load(connection, rows).committed


@pytest.mark.real_data
class TestRealAddresses:
    def test_a_column_of_taipei_addresses_is_read_and_its_contradictions_told(self, connection, shared_data):
        options = LoadOptions(crs="EPSG:4326", commit=True, mapping={"text": "address", "code": "*"})
        report = load(connection, "addresses", shared_data / "taipei" / "facilities.csv", options=options)
        assert report.errors == ()
        assert len(report.plan.new) > 500
        assert {f.kind for f in report.warnings} <= {"door-at-two-points", "repeated-address", "repeated-row",
                                                     "unreadable-address", "off-its-neighbours",
                                                     "several-doors"}  # fmt: skip
        assert (
            load(connection, "addresses", shared_data / "taipei" / "facilities.csv", options=options).committed is False
        )

    def test_an_extract_loads_compounds_before_the_houses_in_them(self, connection, shared_data):
        path = shared_data / "beijing" / "tsinghua.osm.pbf"
        for kind in ("compounds", "buildings", "places", "streets", "addresses"):
            report = load(connection, kind, path, options=LoadOptions(commit=True))
            assert report.errors == (), kind
            assert report.committed, kind
            assert not load(connection, kind, path, options=LoadOptions(commit=True)).committed, kind
