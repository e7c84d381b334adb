"""Which column holds which field."""

import pytest

from geodata.errors import InputError
from geodata.intake.columns import match_columns
from geodata.intake.kinds import KINDS, known_kind


def matched(kind, headers, told=None, **more):
    return match_columns(KINDS[kind], headers, told or {}, **more)


def test_chinese_headers_are_guessed_with_remarks_set_aside():
    found = matched("workers", ["序号", "工号（必填）", "姓 名", "手机号码", "是否公开电话"])
    assert found.mapping == {
        "code": "工号（必填）",
        "name": "姓 名",
        "phone": "手机号码",
        "phone_public": "是否公开电话",
    }
    assert found.unused == ("序号",)
    assert found.findings == ()


def test_headers_full_of_brackets_are_read_once():
    # Begun anew at each bracket this would take minutes.
    wild = ["(" * 300_000, "(x" * 150_000, "<" * 100_000 + "名称>"]
    columns = match_columns(known_kind("workers"), ["code", *wild, "姓名(必填)(全称)"], {}, has_geometry=False)
    assert columns.mapping == {"code": "code", "name": "姓名(必填)(全称)"}
    assert columns.unused == tuple(wild)


@pytest.mark.parametrize(
    ("kind", "headers", "fields"),
    [
        ("leave", ["请假人", "请假类别", "起", "止", "天数", "替班人员", "备注"], "worker reason from to - stand_in -"),
        ("stations", ["站点编号", "站点名称", "经度（°）", "纬度（°）", "服务电话"], "code name lon lat phone"),
        ("workers", ["人员编号", "姓名", "电话/手机"], "code name phone"),
        (
            "matters",
            ["序号", "事项名称", "责任主体", "承办科室", "办理期限"],
            "position name role organisation promised",
        ),
        ("duties", ["姓名", "职务", "对象类型", "责任对象", "到岗日期"], "holder role target_kind target from"),
    ],
)
def test_the_words_of_many_offices_are_known(kind, headers, fields):
    mapping = matched(kind, headers).mapping
    used = {column: field for field, column in mapping.items()}
    assert [used.get(header, "-") for header in headers] == fields.split()


def test_english_headers_are_guessed_whatever_their_case():
    assert matched("grids", ["Grid_Code", "NAME", "Households"], has_geometry=True).mapping == {
        "code": "Grid_Code",
        "name": "NAME",
        "households": "Households",
    }


def test_the_own_name_of_a_field_wins_over_a_synonym():
    found = matched("areas", ["编码", "code", "name"])
    assert found.mapping["code"] == "code"
    assert found.unused == ("编码",)


def test_a_column_serves_one_field_only():
    found = matched("grids", ["code", "社区"], has_geometry=True)
    assert found.mapping == {"code": "code", "community": "社区"}


def test_what_is_told_wins_over_the_guess():
    found = matched("areas", ["code", "CPTVID", "PTVNAME"], {"code": "CPTVID", "name": "ptvname"})
    assert found.mapping == {"code": "CPTVID", "name": "PTVNAME"}
    assert found.unused == ("code",)


def test_an_empty_column_leaves_a_field_out():
    assert "households" not in matched("grids", ["code", "户数"], {"households": ""}, has_geometry=True).mapping


def test_a_missing_column_is_one_error_that_names_the_headers_and_the_remedy():
    (finding,) = matched("workers", ["工号", "电话"]).findings
    assert (finding.severity, finding.kind, finding.row) == ("error", "missing-column", None)
    assert "工号, 电话" in finding.message
    assert "--map name=COLUMN" in finding.message
    assert "--map name=" in finding.message_zh


def test_a_told_column_that_is_not_there_is_an_error():
    kinds = [finding.kind for finding in matched("workers", ["code", "name"], {"phone": "Phone2"}).findings]
    assert kinds == ["unknown-column"]


def test_a_told_field_that_the_kind_does_not_have_is_refused():
    with pytest.raises(InputError, match="code, name, phone"):
        matched("workers", ["code", "name"], {"salary": "x"})


def test_stations_need_a_place():
    (finding,) = matched("stations", ["code", "name", "lon"]).findings
    assert "--map lat" in finding.message
    assert matched("stations", ["code", "name", "经度", "纬度"]).findings == ()
    assert matched("stations", ["code", "name"], has_geometry=True).findings == ()


def test_codes_can_be_made_where_a_kind_allows_it():
    assert matched("stations", ["name", "lon", "lat"], {"code": "*"}).mapping["code"] == "*"
    assert [finding.kind for finding in matched("organisations", ["name"], {"code": "*"}).findings] == [
        "unknown-column",
        "missing-column",
    ]


def test_an_unknown_kind_names_the_known_ones():
    with pytest.raises(InputError, match="areas, layers, grids, roles, workers, organisations, duties, leave"):
        known_kind("dragons")


class TestLevels:
    def test_the_last_level_of_a_header_is_enough_where_it_is_the_only_one(self):
        found = matched("workers", ["基本信息·工号", "基本信息·姓名", "联系·电话"])
        assert found.mapping == {"code": "基本信息·工号", "name": "基本信息·姓名", "phone": "联系·电话"}

    def test_a_last_level_that_stands_twice_is_not_guessed(self):
        found = matched("workers", ["工号", "网格长·姓名", "民警·姓名"])
        assert "name" not in found.mapping
        assert [fault.kind for fault in found.findings] == ["missing-column"]


class TestRosters:
    def test_a_role_has_names_and_phones_in_any_order(self):
        found = matched("roster", ["网格长电话", "网格编码", "网格长姓名", "楼栋长（姓名、电话）"])
        assert found.mapping == {
            "grid": "网格编码",
            "grid_chief.name": "网格长姓名",
            "grid_chief.phone": "网格长电话",
            "building_leader.name": "楼栋长（姓名、电话）",
        }

    def test_a_plain_phone_belongs_to_the_role_at_its_left(self):
        found = matched("roster", ["网格", "网格长", "联系电话", "网格员", "联系电话_2", "备注"])
        assert found.mapping["grid_chief.phone"] == "联系电话"
        assert found.mapping["grid_worker_full_time.phone"] == "联系电话_2"
        assert found.unused == ("备注",)

    def test_a_plain_phone_that_stands_elsewhere_is_nobodys(self):
        assert matched("roster", ["电话", "网格", "网格长"]).mapping == {"grid": "网格", "grid_chief.name": "网格长"}

    @pytest.mark.parametrize("headers", [["网格长", "电话"], ["网格", "户数"]])
    def test_a_target_and_a_role_are_needed(self, headers):
        (fault,) = matched("roster", headers).findings
        assert fault.kind == "missing-column"
