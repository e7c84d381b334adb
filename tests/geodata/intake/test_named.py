"""Names in place of codes: taken where one alone is meant, refused where several could be."""

import pandas as pd
import pytest

from geodata.intake.report import LoadOptions
from geodata.load import load_frame
from tests.territory import publish_small_territory


@pytest.fixture
def territory(connection):
    publish_small_territory(connection)
    return connection


def duty(connection, **fields):
    row = {"holder": "W1", "role": "grid_chief", "target_kind": "grid", "target": "B1"} | fields
    return load_frame(connection, "duties", pd.DataFrame([row]))


def found(report):
    return [(finding.severity, finding.kind, finding.facts.get("column")) for finding in report.findings]


class TestDuties:
    @pytest.mark.parametrize(
        ("field", "name"),
        [("holder", "示例W1"), ("holder", "示例 w1"), ("role", "网格长"), ("target", "B1网格")],
    )
    def test_a_name_that_one_has_is_its_code_and_said(self, territory, field, name):
        report = duty(territory, **{field: name})
        assert ("warning", "resolved-by-name", field) in found(report)
        assert report.plan.new == ("W1 · grid_chief · grid · B1 · primary",)

    def test_areas_and_stations_are_found_by_name_too(self, territory):
        assert duty(territory, target_kind="area", target="甲二社区").plan.new[0].endswith("990101002 · primary")
        assert duty(territory, target_kind="station", target="示例站S1").plan.new[0].endswith("S1 · primary")

    def test_a_code_goes_before_a_name(self, territory):
        load_frame(
            territory, "workers", pd.DataFrame({"code": ["W9"], "name": ["W1"]}), options=LoadOptions(commit=True)
        )
        report = duty(territory)
        assert report.plan.new == ("W1 · grid_chief · grid · B1 · primary",)
        assert not report.findings

    def test_a_name_that_several_have_is_refused_with_their_codes(self, territory):
        two = pd.DataFrame({"code": ["W8", "W9"], "name": ["样例甲", "样例甲"]})
        load_frame(territory, "workers", two, options=LoadOptions(commit=True))
        (fault,) = duty(territory, holder="样例甲").errors
        assert (fault.kind, fault.row) == ("ambiguous-name", 1)
        assert "W8, W9" in fault.message_zh

    def test_an_area_may_be_called_without_its_level_where_one_alone_is_meant(self, territory):
        assert duty(territory, target_kind="area", target="甲二").plan.new[0].endswith("990101002 · primary")
        other = pd.DataFrame({"code": ["990101003"], "name": ["甲二村"], "parent": ["990101"]})
        load_frame(territory, "areas", other, options=LoadOptions(commit=True))
        assert [fault.kind for fault in duty(territory, target_kind="area", target="甲二").errors] == ["ambiguous-name"]
        assert [fault.kind for fault in duty(territory, target="甲二").errors] == ["unknown-target"]

    @pytest.mark.parametrize(
        ("field", "said"), [("holder", "责任人（holder）"), ("role", "角色（role）"), ("target", "责任对象（target）")]
    )
    def test_what_is_neither_is_unknown_and_called_as_clerks_call_it(self, territory, field, said):
        (fault,) = duty(territory, **{field: "样例无"}).errors
        assert fault.kind == f"unknown-{field}"
        assert fault.message_zh.startswith(f"{said}：")

    def test_a_layer_that_does_not_exist_is_still_unknown(self, territory):
        assert [fault.kind for fault in duty(territory, layer="nothing").errors] == ["unknown-layer"]


class TestLeave:
    def test_workers_and_stand_ins_are_found_by_name(self, territory):
        row = {"姓名": "示例W1", "开始": "2036-01-01", "结束": "2036-01-05", "代班人": "示例W2"}
        report = load_frame(territory, "leave", pd.DataFrame([row]))
        assert not report.errors
        assert [kind for _, kind, _ in found(report)].count("resolved-by-name") == 2
        assert report.plan.changes[0].after["stand_in"] == "W2"
