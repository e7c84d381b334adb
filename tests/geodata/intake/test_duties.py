"""Duties: who holds which role for what, from when to when."""

import pandas as pd
import pytest

from geodata.intake.crowds import MOST_AT_ONCE
from geodata.intake.report import LoadOptions
from geodata.load import load_frame
from geodata.people.roster import stored_duties
from geodata.records import FOREVER_TO
from geodata.times import parse_time
from tests.support import draw

EARLY, LATER, LATEST = (parse_time(day) for day in ("2026-01-01", "2026-02-01", "2026-03-01"))


def load(connection, kind, rows, *, commit=True, effective=EARLY, **more):
    frame = rows if isinstance(rows, pd.DataFrame) else pd.DataFrame(rows)
    return load_frame(
        connection, kind, frame, options=LoadOptions(commit=commit, effective=effective, actor="t", **more)
    )


@pytest.fixture
def people(connection):
    """Two workers, an office, two roles; an area, grids in two layers and a station to be responsible for."""
    load(connection, "workers", {"code": ["W1", "W2"], "name": ["甲", "乙"]})
    load(connection, "organisations", {"code": ["O"], "name": ["派出所"]})
    load(connection, "roles", {"code": ["r", "s"], "name": ["网格员", "网格长"]})
    load(connection, "areas", {"code": ["S"], "name": ["街道"], "level": ["街道"]})
    load(connection, "layers", {"code": ["party"], "name": ["组织"], "tiling": ["局部"]})
    load(connection, "grids", draw("AB"))
    load(connection, "grids", draw("P"), layer="party")
    load(connection, "stations", {"code": ["T"], "name": ["驿站"], "lon": [117.0], "lat": [36.5]})
    return connection


def duty(holder="W1", role="r", target_kind="grid", target="A", **more):
    return {
        "holder": [holder],
        "role": [role],
        "target_kind": [target_kind],
        "target": [target],
        **{k: [v] for k, v in more.items()},
    }


def faults(connection, rows, **more):
    report = load(connection, "duties", rows, commit=False, **more)
    return [(finding.severity, finding.kind, finding.row) for finding in report.findings]


def periods(connection):
    return [(row["begins"], row["ends"]) for row in stored_duties(connection)]


def test_a_duty_can_be_for_an_area_a_grid_of_any_layer_and_a_station(people):
    rows = {
        "holder": ["W1", "W2", "O", "W1"],
        "role": ["r", "r", "s", "s"],
        "target_kind": ["网格", "grid", "区划", "站点"],
        "target": ["A", "P", "S", "T"],
        "layer": [None, "party", None, None],
        "assignment": ["主责", "替补", None, "primary"],
    }
    report = load(people, "duties", rows)
    assert len(report.plan.new) == 4
    found = [(row["target_kind"], row["assignment"]) for row in stored_duties(people)]
    assert found == [("grid", "primary"), ("grid", "stand_in"), ("area", "primary"), ("station", "primary")]


def test_the_layer_of_a_row_that_names_none_can_be_told(people):
    assert faults(people, duty(target="P")) == [("error", "unknown-target", 1)]
    assert faults(people, duty(target="P"), layer="party") == []


def test_a_duty_without_from_begins_when_the_load_takes_effect_and_stays(people):
    load(people, "duties", duty())
    assert periods(people) == [(EARLY, FOREVER_TO)]
    again = load(people, "duties", duty(), effective=LATER)
    assert (again.plan.same, again.plan.changes_anything) == (1, False)


def test_to_is_inclusive_and_another_to_ends_or_extends(people):
    load(people, "duties", duty(**{"from": "2026-01-01", "to": "2026-01-31"}))
    assert periods(people) == [(EARLY, LATER)]
    report = load(people, "duties", duty(**{"from": "2026-01-01", "to": "2026-02-28"}))
    assert len(report.plan.changed) == 1
    assert periods(people) == [(EARLY, LATEST)]
    load(people, "duties", duty(**{"from": "2026-01-01"}))
    assert periods(people) == [(EARLY, FOREVER_TO)]


def test_a_duty_can_be_ended_without_repeating_its_from(people):
    load(people, "duties", duty())
    load(people, "duties", duty(to="2026-02-28"), effective=LATER)
    assert periods(people) == [(EARLY, LATEST)]


def test_a_second_period_of_the_same_duty_may_follow_the_first(people):
    rows = {key: value * 2 for key, value in duty().items()} | {
        "from": ["2026-01-01", "2026-03-01"],
        "to": ["2026-01-31", None],
    }
    load(people, "duties", rows)
    assert periods(people) == [(EARLY, LATER), (LATEST, FOREVER_TO)]
    assert load(people, "duties", rows).plan.same == 2


def test_a_duty_held_twice_at_one_time_is_an_error(people):
    load(people, "duties", duty(**{"from": "2026-01-01"}))
    assert faults(people, duty(**{"from": "2026-02-01"})) == [("error", "overlapping-duty", 1)]


def crowd(many, target="A", **more):
    holders = [f"C{number}" for number in range(many)]
    return {"holder": holders, "role": "r", "target_kind": "grid", "target": target, **more}


def test_one_target_filled_down_a_whole_column_is_one_error(people):
    load(people, "workers", pd.DataFrame({"code": crowd(MOST_AT_ONCE + 1)["holder"], "name": "样例甲"}))
    assert faults(people, pd.DataFrame(crowd(MOST_AT_ONCE))) == []
    (fault,) = load(people, "duties", pd.DataFrame(crowd(MOST_AT_ONCE + 1)), commit=False).errors
    assert (fault.kind, fault.facts["value"]) == ("crowded-target", MOST_AT_ONCE + 1)


def test_a_crowd_counts_with_those_who_are_there_and_only_while_they_are(people):
    load(people, "workers", pd.DataFrame({"code": crowd(MOST_AT_ONCE)["holder"], "name": "样例甲"}))
    load(people, "duties", pd.DataFrame(crowd(MOST_AT_ONCE, to="2026-01-31")))
    assert faults(people, duty()) == [("error", "crowded-target", 1)]
    assert faults(people, duty(), effective=LATER) == []
    assert faults(people, duty(holder="C7", hours="Mo-Fr 08:00-17:00", to="2026-01-15")) == []


def test_the_same_duty_in_two_rows_is_an_error(people):
    rows = {key: value * 2 for key, value in duty().items()}
    assert faults(people, rows) == [("error", "duplicate-duty", 2)]


def test_a_duty_that_ends_before_it_begins_is_an_error(people):
    rows = duty(**{"from": "2026-02-01", "to": "2026-01-01"})
    assert faults(people, rows) == [("error", "backward-period", 1)]
    (fault,) = load(people, "duties", pd.DataFrame(rows), commit=False).errors
    assert "end on 2026-01-01 24:00, before it begins on 2026-02-01 00:00" in fault.message
    assert "结束时间（2026-01-01 24:00）不晚于开始时间（2026-02-01 00:00）" in fault.message_zh


def test_an_end_with_a_time_of_day_is_said_as_it_was_written(people):
    rows = duty(**{"from": "2026-02-01", "to": "2026-01-01 17:30"})
    (fault,) = load(people, "duties", pd.DataFrame(rows), commit=False).errors
    assert "end on 2026-01-01 17:30" in fault.message


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"holder": "X"}, "unknown-holder"),
        ({"role": "X"}, "unknown-role"),
        ({"target": "X"}, "unknown-target"),
        ({"layer": "X"}, "unknown-layer"),
        ({"target_kind": "area"}, "unknown-target"),
        ({"target_kind": "moon"}, "unknown-choice"),
        ({"assignment": "maybe"}, "unknown-choice"),
        ({"from": "someday"}, "unreadable-time"),
        ({"holder": None}, "missing-value"),
    ],
)
def test_what_a_duty_names_must_exist(people, change, kind):
    assert faults(people, duty(**change)) == [("error", kind, 1)]


def test_a_holder_code_of_a_worker_and_an_organisation_is_an_error(people):
    load(people, "organisations", {"code": ["W1"], "name": ["同号单位"]})
    assert faults(people, duty()) == [("error", "ambiguous-holder", 1)]


def test_a_past_duty_may_name_who_has_left_since_a_present_one_may_not(people):
    load(people, "workers", {"code": ["W2"], "name": ["乙"]}, effective=LATER, retire_missing=True)
    past = duty(**{"from": "2026-01-01", "to": "2026-01-15"})
    assert faults(people, past, effective=LATEST) == []
    assert faults(people, duty(), effective=LATEST) == [("error", "unknown-holder", 1)]


def test_what_is_not_in_the_file_ends_only_when_told(people):
    load(people, "duties", duty())
    load(people, "duties", duty(holder="W2", **{"from": "2026-03-01"}))
    load(people, "duties", duty(holder="O", to="2026-01-15"))
    assert load(people, "duties", duty(target="B"), commit=False, effective=LATER).plan.ended == ()
    report = load(people, "duties", duty(target="B"), effective=LATER, retire_missing=True)
    assert report.plan.ended == ("W1 · r · grid · A · primary", "W2 · r · grid · A · primary")
    kept = {(row["begins"], row["ends"]) for row in stored_duties(people)}
    assert kept == {(EARLY, LATER), (EARLY, parse_time("2026-01-16")), (LATER, FOREVER_TO)}


def test_a_stand_in_is_another_duty_than_the_primary(people):
    load(people, "duties", duty())
    assert len(load(people, "duties", duty(assignment="替补")).plan.new) == 1


@pytest.fixture
def houses(people):
    """A compound, a building of two units and a place, to be responsible for."""
    load(people, "compounds", {"code": ["C"], "name": ["示例小区"]})
    load(people, "buildings", {"code": ["3#"], "name": ["3号楼"], "units": [2], "lon": [117.0], "lat": [36.5]})
    load(people, "places", {"name": ["示例广场"], "lon": [117.0], "lat": [36.5]})
    return people


def stored(connection):
    return [(row["begins"], row["ends"], row["hours"]) for row in stored_duties(connection)]


def test_a_duty_can_be_for_a_compound_a_building_a_unit_and_a_place(houses):
    place = houses.execute("SELECT code FROM places").fetchone()[0]
    rows = {
        "holder": ["W1"] * 4,
        "role": ["r"] * 4,
        "target_kind": ["小区", "楼栋", "单元", "地点"],
        "target": ["C", "3#", "3##2单元", place],
    }
    assert len(load(houses, "duties", rows).plan.new) == 4
    found = [(row["target_kind"], row["unit"]) for row in stored_duties(houses)]
    assert found == [("compound", ""), ("building", ""), ("unit", "2"), ("place", "")]
    assert load(houses, "duties", rows).plan.same == 4


@pytest.mark.parametrize("target", ["3##9", "3#", "3##"])
def test_a_unit_must_be_one_of_its_building(houses, target):
    assert faults(houses, duty(target_kind="unit", target=target))[0][1] in ("unknown-unit", "unknown-target")
    report = load(houses, "duties", duty(target_kind="单元", target="3##9"), commit=False)
    assert report.findings[0].facts["units"] == ["1", "2"]


def test_hours_are_kept_in_one_spelling_and_no_hours_mean_always(people):
    load(people, "duties", duty(hours="周一至周五 8:30-17:30"))
    load(people, "duties", duty(holder="W2", hours=None))
    assert [hours for _, _, hours in stored(people)] == ["Mo-Fr 08:30-17:30", ""]
    assert load(people, "duties", duty(hours="Mo-Fr 08:30-17:30"), effective=LATER).plan.same == 1


def test_other_hours_begin_a_new_row_and_what_was_stays(people):
    load(people, "duties", duty(hours="Mo-Fr 08:00-12:00"))
    report = load(people, "duties", duty(hours="24小时"), effective=LATER)
    assert len(report.plan.changed) == 1
    assert stored(people) == [(EARLY, LATER, "Mo-Fr 08:00-12:00"), (LATER, FOREVER_TO, "24/7")]
    for effective in (LATER, LATEST):
        assert load(people, "duties", duty(hours="24小时"), effective=effective).plan.same == 1


def test_other_hours_are_one_duty_with_the_earlier_ones_by_its_from(people):
    rows = duty(hours="24/7", **{"from": "2026-01-01"})
    load(people, "duties", duty(hours="Mo-Fr 08:00-12:00"))
    load(people, "duties", rows, effective=LATER)
    assert load(people, "duties", rows, effective=LATEST).plan.same == 1
    load(people, "duties", {**rows, "to": ["2026-02-28"]}, effective=LATER)
    assert stored(people) == [(EARLY, LATER, "Mo-Fr 08:00-12:00"), (LATER, LATEST, "24/7")]


def test_a_file_without_hours_leaves_them_as_they_are(people):
    load(people, "duties", duty(hours="Mo-Fr 08:00-12:00"))
    assert load(people, "duties", duty(), effective=LATER).plan.same == 1


def test_hours_that_are_planned_to_change_are_not_lost_in_silence(people):
    load(people, "duties", duty(hours="24/7"))
    load(people, "duties", duty(hours="Mo-Fr 08:00-12:00"), effective=LATEST)
    assert faults(people, duty(hours="Sa,Su"), effective=LATER) == [("error", "later-version", 1)]
    load(people, "duties", duty(to="2026-02-14"), effective=LATER)
    assert stored(people) == [(EARLY, parse_time("2026-02-15"), "24/7")]


def test_hours_of_a_duty_that_is_over_stay_as_they_were(people):
    load(people, "duties", duty(hours="24/7", to="2026-01-31", **{"from": "2026-01-01"}))
    again = duty(hours="Mo-Fr 08:00-12:00", to="2026-01-31", **{"from": "2026-01-01"})
    assert faults(people, again, effective=LATEST) == [("warning", "past-unchanged", 1)]
    assert load(people, "duties", again, effective=LATEST).plan.same == 1


def test_hours_that_cannot_be_read_are_an_error(people):
    assert faults(people, duty(hours="随叫随到吧大概")) == [("error", "unreadable-hours", 1)]


def test_the_plan_says_each_change_with_names_before_and_after(people):
    load(people, "duties", duty(hours="24/7"))
    report = load(people, "duties", duty(hours="Mo-Fr 08:00-12:00", to="2026-02-28"), commit=False, effective=LATER)
    (change,) = report.plan.changes
    assert (change.what, change.row) == ("changed", 1)
    assert change.label == "甲（W1） · 网格员（r） · 网格 A · 主责"
    assert (change.before["hours"], change.after["hours"]) == ("24/7", "Mo-Fr 08:00-12:00")
    assert (change.before["to"], change.after["to"]) == (None, "2026-03-01T00:00:00+08:00")
    assert (change.after["holder"], change.after["layer"], change.after["target"]) == ("W1", "general", "A")


def test_a_duty_is_ended_by_its_identity(people):
    load(people, "duties", duty())
    (known,) = stored_duties(people)
    nothing = pd.DataFrame({name: [] for name in ("holder", "role", "target_kind", "target")})
    assert faults(people, nothing, retire=("999",)) == [("error", "unknown-duty", None)]
    report = load(people, "duties", nothing, effective=LATER, retire=(str(known["duty_id"]),))
    assert report.plan.ended == ("W1 · r · grid · A · primary",)
    assert periods(people) == [(EARLY, LATER)]
