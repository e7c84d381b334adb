"""Norms and the roster: what a load of duties breaks, and what a norm finds when it is loaded."""

import pandas as pd
import pytest

from geodata.intake.report import LoadOptions
from geodata.load import load_frame
from geodata.people.norms import NORMS
from geodata.times import parse_time
from tests.support import draw

BEGIN = parse_time("2095-01-01")


def load(connection, kind, rows, *, commit=True, effective=BEGIN, **more):
    frame = rows if isinstance(rows, pd.DataFrame) else pd.DataFrame(rows)
    return load_frame(
        connection, kind, frame, options=LoadOptions(commit=commit, effective=effective, actor="t", **more)
    )


@pytest.fixture
def people(connection):
    """Three workers, one role, a street with two communities and three grids; nobody has a duty yet."""
    load(connection, "workers", {"code": ["W1", "W2", "W3"], "name": ["甲", "乙", "丙"]})
    load(connection, "roles", {"code": ["r"], "name": ["网格员"]})
    load(connection, "areas", {"code": ["S"], "name": ["街道"], "level": ["街道"]})
    load(connection, "areas", {"code": ["C"], "name": ["社区"], "level": ["社区"], "parent": ["S"]})
    grids = draw("ABD")
    grids["community"] = "C"
    load(connection, "grids", grids)
    return connection


def duties(*pairs, **more):
    rows = {"holder": [one for one, _ in pairs], "target": [target for _, target in pairs]}
    return rows | {"role": ["r"] * len(pairs), "target_kind": ["grid"] * len(pairs)} | more


def norm(**limits):
    return {"code": ["n"], "role": ["r"]} | {name: [value] for name, value in limits.items()}


def faults(report):
    return [(finding.severity, finding.kind, finding.row) for finding in report.findings]


def test_a_person_on_more_grids_than_the_norm_allows_is_an_error(people):
    load(people, "norms", norm(most_per_person=1))
    report = load(people, "duties", duties(("W1", "A"), ("W2", "B"), ("W1", "D")), commit=False)
    assert faults(report) == [("error", "above-norm-per-person", 3)]
    (fault,) = report.findings
    assert (fault.facts["count"], fault.facts["holder"], fault.facts["most_per_person"]) == (2, "W1", 1)
    assert "甲（W1） would be 网格员（r） of 2 at once" in fault.message
    assert "每人最多 1 处" in fault.message_zh


def test_one_grid_more_counts_those_that_are_stored(people):
    load(people, "norms", norm(most_per_person=1))
    load(people, "duties", duties(("W1", "A")))
    assert faults(load(people, "duties", duties(("W1", "B")), commit=False)) == [("error", "above-norm-per-person", 1)]


def test_as_many_as_before_the_norm_is_a_warning_and_changes_nothing(people):
    load(people, "duties", duties(("W1", "A"), ("W1", "B")))
    assert faults(load(people, "norms", norm(most_per_person=1))) == [("warning", "above-norm-per-person", 1)]
    again = load(people, "duties", duties(("W1", "A"), ("W1", "B")))
    assert (faults(again), again.plan.same) == ([("warning", "above-norm-per-person", 2)], 2)


def test_a_stand_in_may_have_more(people):
    load(people, "norms", norm(most_per_person=1))
    load(people, "duties", duties(("W1", "A")))
    assert faults(load(people, "duties", duties(("W1", "B"), assignment=["替补"]), commit=False)) == []


def test_too_many_in_the_future_are_found_when_they_are_planned(people):
    load(people, "norms", norm(most_per_person=1))
    load(people, "duties", duties(("W1", "A")))
    later = duties(("W1", "B"), **{"from": ["2096-01-01"]})
    assert faults(load(people, "duties", later, commit=False)) == [("error", "above-norm-per-person", 1)]
    first = duties(("W1", "A"), to=["2095-12-31"])
    load(people, "duties", first)
    assert faults(load(people, "duties", later, commit=False)) == []


def test_more_or_fewer_than_a_norm_says_are_warnings_for_the_grids_of_the_file(people):
    load(people, "norms", norm(least=1, most=1))
    report = load(people, "duties", duties(("W1", "A"), ("W2", "A")))
    assert faults(report) == [("warning", "above-norm", 2)]
    assert report.findings[0].facts["target"] == "A"
    report = load(people, "duties", duties(("W1", "A"), ("W2", "A"), to=["2095-06-30", "2095-06-30"]), commit=False)
    assert {finding.kind for finding in report.findings} == {"above-norm"}
    gone = load(people, "duties", duties(("W3", "B")), retire_missing=True, commit=False)
    assert ("warning", "below-norm", None) in faults(gone)


def test_an_area_counts_everybody_in_it(people):
    load(people, "norms", norm(per="street", least=3))
    report = load(people, "duties", duties(("W1", "A"), ("W2", "B")))
    assert [(one.kind, one.facts["target"], one.facts["count"]) for one in report.findings] == [("below-norm", "S", 2)]
    assert faults(load(people, "duties", duties(("W3", "D")))) == []


def test_a_norm_says_when_it_is_loaded_where_it_is_not_met(people):
    load(people, "duties", duties(("W1", "A")))
    (finding,) = load(people, "norms", norm(least=1)).findings
    assert (finding.severity, finding.kind, finding.row) == ("warning", "below-norm", 1)
    assert finding.message == "Norm n is not met: 2 of 3 have fewer than 1 as 网格员（r）: B, D"
    assert finding.message_zh == "配备标准 n 尚未满足：3 处中有 2 处的“网格员（r）”少于 1 人：B, D"
    assert load(people, "norms", norm(least=1)).findings == ()


def test_a_duty_that_ends_without_a_successor_is_a_hole_at_load(people):
    load(people, "duties", duties(("W1", "A")))
    report = load(people, "duties", duties(("W1", "A"), to=["2095-01-31"]), commit=False)
    (hole,) = report.findings
    assert (hole.kind, hole.row, hole.facts["reason"]) == ("hole", 1, "ended")
    assert hole.facts["from"] == "2095-02-01T00:00:00+08:00"
    both = duties(("W1", "A"), ("W2", "A"), **{"from": [None, "2095-02-01"], "to": ["2095-01-31", None]})
    assert faults(load(people, "duties", both, commit=False)) == []


def test_what_a_load_ends_at_once_is_a_hole_from_then_on(people):
    load(people, "duties", duties(("W1", "A"), ("W2", "B")))
    report = load(people, "duties", duties(("W1", "A")), retire_missing=True, effective=BEGIN + 10**12, commit=False)
    assert [(one.kind, one.facts["target"], one.facts["holders"]) for one in report.findings] == [("hole", "B", ["W2"])]


WHERE = {"role": ["网格员"], "least": [1]}


@pytest.mark.parametrize(
    "word", [None, "", "全部", "不限", " 不 限 ", "ALL", "城乡", "城市、农村", "不分城乡", "－", "／"]
)
def test_a_norm_for_town_and_country_says_so_in_any_word_or_none(people, word):
    load(people, "norms", {**WHERE, "城乡": [word], "网格类型": [word if word in ("全部", "ALL") else None]})
    assert [(one["kind"], one["layer"], one["area"]) for one in NORMS.in_force(people, BEGIN)] == [(None, None, None)]
    again = load(people, "norms", {**WHERE, "城乡": ["全部"], "适用区划": ["全区"]})
    assert (again.plan.same, again.plan.changes_anything) == (1, False)


@pytest.mark.parametrize("layer", ["general", "综合网格", "综合"])
@pytest.mark.parametrize("area", ["C", "社区"])
def test_a_norm_names_role_layer_and_area_by_code_or_name(people, layer, area):
    load(people, "norms", {**WHERE, "网格类型": [layer], "适用区划": [area], "城乡": ["农村"]})
    (stored,) = NORMS.in_force(people, BEGIN)
    assert [stored[name] for name in ("role", "layer", "area", "kind")] == ["r", "general", "C", "rural"]
    by_code = {"role": ["r"], "least": [1], "layer": ["general"], "area": ["C"], "kind": ["rural"]}
    assert load(people, "norms", by_code).plan.same == 1


@pytest.mark.parametrize(
    ("cells", "kind", "words"),
    [
        ({"城乡": ["都行"]}, "unknown-choice", "不填为不限"),
        ({"网格类型": ["没有的"]}, "unknown-layer", "没有的"),
        ({"适用区划": ["丙社区"]}, "unknown-area", "丙社区"),
        ({"role": ["没有的岗位"]}, "unknown-role", "没有的岗位"),
        ({"role": ["全部"]}, "unknown-role", "全部"),
    ],
)
def test_a_norm_that_names_what_is_not_there_is_an_error_that_says_it(people, cells, kind, words):
    report = load(people, "norms", {**WHERE, **cells}, commit=False)
    (fault,) = report.errors
    assert (fault.kind, fault.row) == (kind, 1)
    assert words in fault.message_zh


def test_a_name_that_two_areas_have_is_asked_about(people):
    load(people, "areas", {"code": ["C2"], "name": ["社区"], "level": ["社区"], "parent": ["S"]})
    (fault,) = load(people, "norms", {**WHERE, "适用区划": ["社区"]}, commit=False).errors
    assert (fault.kind, fault.row) == ("ambiguous-name", 1)
