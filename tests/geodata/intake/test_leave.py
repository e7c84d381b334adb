"""Leave: who is away, who stands in, and the holes that opens."""

import pandas as pd
import pytest

from geodata.intake.report import LoadOptions
from geodata.load import load_frame
from geodata.people.roster import stored_leaves
from geodata.records import FOREVER_TO
from geodata.times import parse_time
from tests.support import draw

# Far ahead of whenever these tests run, so that all of it lies in the future.
BEGIN = parse_time("2095-01-01")


def load(connection, kind, rows, *, commit=True, effective=BEGIN, **more):
    frame = rows if isinstance(rows, pd.DataFrame) else pd.DataFrame(rows)
    return load_frame(
        connection, kind, frame, options=LoadOptions(commit=commit, effective=effective, actor="t", **more)
    )


@pytest.fixture
def people(connection):
    """Three workers and an office; W1 is the only one on duty for grid A, W2 for grid B."""
    load(connection, "workers", {"code": ["W1", "W2", "W3"], "name": ["甲", "乙", "丙"]})
    load(connection, "organisations", {"code": ["O"], "name": ["派出所"]})
    load(connection, "roles", {"code": ["r"], "name": ["网格员"]})
    load(connection, "areas", {"code": ["S"], "name": ["街道"], "level": ["街道"]})
    load(connection, "grids", draw("AB"))
    duties = {"holder": ["W1", "W2"], "role": ["r", "r"], "target_kind": ["grid", "grid"], "target": ["A", "B"]}
    load(connection, "duties", duties)
    return connection


def leave(worker="W1", begins="2095-01-10", ends="2095-01-16", **more):
    return {"worker": [worker], "from": [begins], "to": [ends], **{name: [value] for name, value in more.items()}}


def rows_of(*leaves):
    return pd.concat([pd.DataFrame(one) for one in leaves], ignore_index=True)


def faults(connection, rows, **more):
    report = load(connection, "leave", rows, commit=False, **more)
    return [(finding.severity, finding.kind, finding.row) for finding in report.findings]


def periods(connection):
    return [(row["begins"], row["ends"]) for row in stored_leaves(connection)]


def day(text):
    return parse_time(text)


def test_a_leave_without_a_stand_in_opens_a_hole_and_says_where_and_when(people):
    report = load(people, "leave", leave())
    (hole,) = report.findings
    assert (hole.severity, hole.kind, hole.row) == ("warning", "hole", 1)
    assert (hole.facts["role"], hole.facts["target"], hole.facts["holders"]) == ("r", "A", ["W1"])
    assert (hole.facts["reason"], hole.facts["hours"]) == ("on_leave", 168.0)
    assert hole.facts["from"] == "2095-01-10T00:00:00+08:00"
    assert hole.facts["to"] == "2095-01-17T00:00:00+08:00"
    assert "甲（W1） is on leave" in hole.message
    assert "无人担任“网格员（r）”" in hole.message_zh
    assert periods(people) == [(day("2095-01-10"), day("2095-01-17"))]


def test_a_stand_in_fills_the_hole(people):
    assert faults(people, leave(stand_in="W3")) == []
    assert faults(people, leave(stand_in="O")) == []


def test_only_the_hours_of_the_duty_count_as_a_hole(people):
    duties = {"holder": ["W1"], "role": ["r"], "target_kind": ["grid"], "target": ["A"], "hours": ["Mo-Fr 08:00-12:00"]}
    load(people, "duties", duties)
    (hole,) = load(people, "leave", leave()).findings
    # 10 January 2095 is a Monday.
    assert (hole.facts["from"], hole.facts["hours"]) == ("2095-01-10T08:00:00+08:00", 20.0)


def test_a_stand_in_who_has_the_post_at_other_hours_does_not_fill_the_hole(people):
    duties = {
        "holder": ["W3"],
        "role": ["r"],
        "target_kind": ["grid"],
        "target": ["A"],
        "assignment": ["替补"],
        "hours": ["Sa,Su 00:00-24:00"],
    }
    load(people, "duties", duties)
    (hole,) = load(people, "leave", leave(stand_in="W3")).findings
    assert (hole.facts["reason"], hole.facts["hours"]) == ("off", 120.0)


def test_the_same_leave_again_changes_nothing_and_opens_no_new_hole(people):
    load(people, "leave", leave())
    again = load(people, "leave", leave())
    assert (again.plan.same, again.plan.changes_anything, again.findings) == (1, False, ())


def test_another_to_shortens_or_extends_a_leave(people):
    load(people, "leave", leave(stand_in="W3", reason="年假"))
    report = load(people, "leave", leave(ends="2095-01-12", stand_in="W3", reason="年假"))
    (change,) = report.plan.changes
    assert (change.what, change.label) == ("changed", "甲（W1） · 2095-01-10 00:00")
    assert change.before == {
        "worker": "W1",
        "worker_name": "甲",
        "from": "2095-01-10T00:00:00+08:00",
        "to": "2095-01-17T00:00:00+08:00",
        "reason": "年假",
        "stand_in": "W3",
        "stand_in_name": "丙",
    }
    assert change.after["to"] == "2095-01-13T00:00:00+08:00"
    assert periods(people) == [(day("2095-01-10"), day("2095-01-13"))]
    load(people, "leave", leave(ends=None, stand_in="W3", reason="年假"))
    assert periods(people) == [(day("2095-01-10"), FOREVER_TO)]


def test_another_stand_in_in_the_middle_of_a_leave_keeps_who_stood_in_before(people):
    load(people, "leave", leave(stand_in="W3"))
    noon = day("2095-01-12")
    load(people, "leave", leave(stand_in="O"), effective=noon)
    assert periods(people) == [(day("2095-01-10"), noon), (noon, day("2095-01-17"))]
    assert load(people, "leave", leave(stand_in="O"), effective=noon).plan.same == 1


@pytest.mark.parametrize("last", ["2095-01-11", "2095-01-10"])
@pytest.mark.parametrize("reason", ["年假", "病假"])
def test_a_leave_that_is_cut_short_ends_with_the_part_that_another_stood_in_for(people, last, reason):
    load(people, "leave", leave(stand_in="W3", reason="年假"))
    load(people, "leave", leave(stand_in="O", reason=reason), effective=day("2095-01-12"))
    load(people, "leave", leave(ends=last, stand_in="W3", reason="年假"))
    (left,) = stored_leaves(people)
    assert left["ends"] == day(last) + 24 * 3600 * 1_000_000


def test_the_parts_of_a_leave_may_stand_in_rows_of_their_own(people):
    load(people, "leave", leave(stand_in="W3"))
    load(people, "leave", leave(stand_in="O"), effective=day("2095-01-12"))
    parts = rows_of(leave(ends="2095-01-11", stand_in="W3"), leave(begins="2095-01-12", stand_in="O"))
    again = load(people, "leave", parts)
    assert (again.plan.same, again.plan.changes_anything) == (2, False)


def test_one_leave_after_another_are_two_and_each_can_be_changed_alone(people):
    first, second = leave(reason="年假"), leave(begins="2095-01-17", ends="2095-01-20", reason="病假")
    load(people, "leave", rows_of(first, second))
    assert load(people, "leave", first).plan.same == 1
    load(people, "leave", leave(ends="2095-01-14", reason="年假"))
    assert periods(people) == [(day("2095-01-10"), day("2095-01-15")), (day("2095-01-17"), day("2095-01-21"))]


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"worker": "X"}, "unknown-worker"),
        ({"worker": "O"}, "no-worker"),
        ({"stand_in": "X"}, "unknown-stand-in"),
        ({"stand_in": "W1"}, "own-stand-in"),
        ({"ends": "2095-01-09"}, "backward-period"),
        ({"begins": "someday"}, "unreadable-time"),
        ({"begins": None}, "missing-value"),
        ({"worker": None}, "missing-value"),
    ],
)
def test_what_a_leave_says_must_be_possible(people, change, kind):
    assert faults(people, leave(**change)) == [("error", kind, 1)]


def test_a_person_on_two_leaves_at_once_is_an_error(people):
    load(people, "leave", leave())
    assert faults(people, leave(begins="2095-01-12")) == [("error", "overlapping-leave", 1)]
    assert faults(people, rows_of(leave("W2"), leave("W2", begins="2095-01-16"))) == [("error", "overlapping-leave", 2)]


def test_the_same_leave_in_two_rows_is_an_error(people):
    assert faults(people, rows_of(leave(), leave(ends="2095-01-20"))) == [("error", "duplicate-leave", 2)]


def test_a_stand_in_who_is_on_leave_too_is_an_error_from_either_side(people):
    load(people, "leave", leave("W3", begins="2095-01-12", ends="2095-01-13"))
    report = load(people, "leave", leave(stand_in="W3"), commit=False)
    fault, hole = report.findings
    assert (fault.severity, fault.kind, fault.row) == ("error", "stand-in-on-leave", 1)
    assert (hole.kind, hole.facts["hours"]) == ("hole", 48.0)
    assert (fault.facts["from"], fault.facts["to"]) == ("2095-01-12T00:00:00+08:00", "2095-01-14T00:00:00+08:00")
    assert "from 2095-01-12 00:00 to 2095-01-13 24:00 too" in fault.message
    assert "2095-01-12 00:00 起至 2095-01-13 24:00 也在请假" in fault.message_zh
    assert "2095-01-12 00:00 至 2095-01-13 24:00，" in hole.message_zh
    load(people, "leave", leave("W2", stand_in="O"))
    load(people, "leave", leave("W1", begins="2095-02-01", ends="2095-02-05", stand_in="W2"))
    own = faults(people, leave("W2", begins="2095-02-03", ends="2095-02-04"))
    assert own == [("error", "stand-in-on-leave", 1), ("warning", "hole", 1)]


def test_a_stand_in_for_two_at_once_is_worth_a_look(people):
    load(people, "leave", leave(stand_in="W3"))
    assert faults(people, leave("W2", begins="2095-01-16", ends="2095-01-18", stand_in="W3")) == [
        ("warning", "stand-in-twice", 1)
    ]


def test_leave_that_is_not_in_the_file_ends_only_when_told(people):
    load(people, "leave", rows_of(leave(), leave("W2")))
    assert load(people, "leave", leave(), commit=False).plan.ended == ()
    inside = day("2095-01-12")
    report = load(people, "leave", leave(), effective=inside, retire_missing=True)
    assert report.plan.ended == ("W2 · 2095-01-10 00:00",)
    assert periods(people)[1] == (day("2095-01-10"), inside)


def test_leave_is_ended_by_its_identity(people):
    load(people, "leave", leave())
    (known,) = stored_leaves(people)
    nothing = pd.DataFrame({"worker": [], "from": []})
    assert faults(people, nothing, retire=("999",)) == [("error", "unknown-leave", None)]
    load(people, "leave", nothing, retire=(str(known["leave_id"]),))
    assert periods(people) == []


def test_who_leaves_for_good_while_a_duty_goes_on_opens_a_hole(people):
    report = load(
        people, "workers", {"code": [], "name": []}, commit=False, effective=day("2095-02-01"), retire=("W1",)
    )
    left, hole = report.findings
    assert (left.kind, left.code) == ("leaves-duties", "W1")
    assert (hole.severity, hole.kind) == ("warning", "hole")
    facts = {name: hole.facts[name] for name in ("target", "holders", "reason", "from")}
    assert facts == {"target": "A", "holders": ["W1"], "reason": "ended", "from": "2095-02-01T00:00:00+08:00"}


def test_a_stand_in_who_leaves_for_good_opens_a_hole_where_somebody_is_missed(people):
    load(people, "leave", leave(stand_in="W3"))
    report = load(
        people, "workers", {"code": [], "name": []}, commit=False, effective=day("2095-01-12"), retire=("W3",)
    )
    (hole,) = report.findings
    assert (hole.kind, hole.facts["target"], hole.facts["reason"]) == ("hole", "A", "on_leave")
    assert (hole.facts["from"], hole.facts["to"]) == ("2095-01-12T00:00:00+08:00", "2095-01-17T00:00:00+08:00")


def test_a_role_that_is_given_up_leaves_no_hole(people):
    report = load(people, "roles", {"code": [], "name": []}, commit=False, effective=day("2095-02-01"), retire=("r",))
    assert {finding.kind for finding in report.findings} == {"leaves-duties"}
