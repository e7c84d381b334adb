"""Duties: who holds which role for what, from when to when."""

import pandas as pd
import pytest

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


def test_the_same_duty_in_two_rows_is_an_error(people):
    rows = {key: value * 2 for key, value in duty().items()}
    assert faults(people, rows) == [("error", "duplicate-duty", 2)]


def test_a_duty_that_ends_before_it_begins_is_an_error(people):
    assert faults(people, duty(**{"from": "2026-02-01", "to": "2026-01-01"})) == [("error", "backward-period", 1)]


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
