"""Lists of people without codes: who is who, whose codes are made, whom the list has to tell apart."""

import hashlib
import itertools

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.changes import undo_change
from geodata.edit import create
from geodata.errors import ConflictError, LoadRefusedError
from geodata.intake.kinds import KINDS
from geodata.intake.report import LoadOptions
from geodata.intake.rows import Records, read_records
from geodata.intake.worker_codes import worker_codes
from geodata.load import load_frame
from geodata.people.holders import WORKERS
from geodata.times import parse_time

EARLY, LATER = parse_time("2026-01-01"), parse_time("2026-02-01")
P = [f"1380000000{n}" for n in range(10)]


def people(connection, *rows, commit=True, effective=EARLY, columns=("姓名", "电话", "单位"), **more):
    frame = pd.DataFrame([dict(zip(columns, row, strict=False)) for row in rows], dtype=object)
    options = LoadOptions(commit=commit, effective=effective, actor="t", **more)
    return load_frame(connection, "workers", frame, options=options)


def known(connection, at=LATER):
    return [(one["name"], one["phone"]) for one in WORKERS.in_force(connection, at)]


def codes(connection, name, at=LATER):
    return [one["code"] for one in WORKERS.in_force(connection, at) if one["name"] == name]


def faults(report):
    return [(finding.severity, finding.kind, finding.row) for finding in report.findings]


def test_a_list_of_names_and_phones_makes_people_once(connection):
    rows = [("样例甲", P[1]), ("样例乙", float(P[2]))]
    report = people(connection, *rows)
    assert (report.findings, report.mapping["code"]) == ((), "*")
    assert sorted(known(connection)) == [("样例乙", P[2]), ("样例甲", P[1])]
    again = people(connection, *reversed(rows), effective=LATER)
    assert (again.plan.same, again.plan.changes_anything, again.findings) == (2, False, ())


def test_a_list_is_taken_back_as_one_change(connection):
    report = people(connection, ("样例甲", P[1]), ("样例乙", P[2]))
    undo_change(connection, report.change_id, "t")
    assert known(connection) == []


def test_a_code_is_not_made_from_what_is_shown_masked(connection):
    people(connection, ("样例甲", P[1]))
    (code,) = codes(connection, "样例甲")
    guesses = {hashlib.sha256(said.encode()).hexdigest()[:10] for said in (P[1], f"样例甲{P[1]}", f"样例甲\x1f{P[1]}")}
    assert code.removeprefix("R") not in guesses
    assert P[1][-4:] not in code


def test_two_of_one_name_with_different_phones_are_two(connection):
    assert people(connection, ("样例甲", P[1]), ("样例甲", P[2])).findings == ()
    assert sorted(known(connection)) == [("样例甲", P[1]), ("样例甲", P[2])]


def test_two_of_one_name_in_different_units_are_two(connection):
    rows = [("样例甲", None, "甲街道"), ("样例甲", None, "乙派出所"), ("样例乙", None, "甲街道")]
    people(connection, *rows)
    assert len(set(codes(connection, "样例甲"))) == 2
    assert people(connection, *reversed(rows), effective=LATER).plan.same == 3
    assert people(connection, rows[0], effective=LATER).plan.same == 1


def test_two_names_with_one_office_phone_are_two(connection):
    people(connection, ("样例甲", P[1]), ("样例乙", P[1]))
    assert len(known(connection)) == 2


@pytest.mark.parametrize(
    "rows",
    [
        [("样例甲",), ("样例甲",)],
        [("样例甲", None, "甲街道"), ("样 例甲", "无", "甲街道 ")],
        [("样例甲", P[1]), ("样例甲", None)],
        [("样例甲", P[1], "甲街道"), ("样例甲", None, "甲街道")],
        [("样例甲", None, "甲街道"), ("样例甲", None, None)],
    ],
)
def test_one_name_twice_that_nothing_tells_apart_is_asked_about(connection, rows):
    report = people(connection, *rows, ("样例乙", P[2]), commit=False)
    assert faults(report) == [("error", "same-name-twice", 1), ("error", "same-name-twice", 2)]
    assert "第 1, 2 行" in report.findings[0].message_zh
    assert "请填写各自的电话、单位或编码" in report.findings[0].message_zh
    assert report.findings[0].facts["column"] == "姓名"
    assert len(report.plan.new) == 1
    with pytest.raises(LoadRefusedError):
        people(connection, *rows)


def test_a_row_that_comes_again_is_left_out(connection):
    report = people(connection, ("样例甲", P[1], "甲街道"), ("样例 甲", P[1], "乙社区"))
    assert faults(report) == [("warning", "repeated-row", 2)]
    assert len(known(connection)) == 1


def test_a_row_that_comes_again_and_says_otherwise_is_an_error(connection):
    columns = ("姓名", "电话", "电话公开")
    report = people(connection, ("样例甲", P[1], "是"), ("样例甲", P[1], "否"), columns=columns, commit=False)
    assert faults(report) == [("error", "duplicate-code", 2)]


class TestWithThoseWhoAreKnown:
    @pytest.fixture
    def staffed(self, connection):
        people(connection, ("W1", "样例甲", P[1]), ("W2", "样例乙", None), columns=("工号", "姓名", "电话"))
        return connection

    def test_name_and_phone_are_the_worker_that_has_them_by_whatever_code(self, staffed):
        report = people(staffed, ("样例 甲", P[1]), effective=LATER)
        assert (report.plan.same, report.findings) == (1, ())

    def test_a_phone_is_added_to_the_only_one_of_that_name_and_said(self, staffed):
        report = people(staffed, ("样例乙", P[2]), effective=LATER)
        assert faults(report) == [("warning", "taken-for-known", 1)]
        assert report.plan.changed == ("W2",)
        assert ("样例乙", P[2]) in known(staffed)

    def test_a_row_without_a_phone_does_not_take_one_away(self, staffed):
        report = people(staffed, ("样例甲", None), effective=LATER)
        assert faults(report) == [("warning", "taken-for-known", 1)]
        assert (report.plan.same, report.plan.changes_anything) == (1, False)

    def test_another_phone_is_somebody_new_and_said(self, staffed):
        report = people(staffed, ("样例甲", P[9]), effective=LATER)
        assert faults(report) == [("warning", "same-name", 1)]
        assert "W1" in report.findings[0].message_zh
        assert sorted(phone for name, phone in known(staffed) if name == "样例甲") == [P[1], P[9]]
        assert people(staffed, ("样例甲", P[9]), effective=LATER).findings == ()

    def test_a_name_that_several_have_is_asked_about(self, staffed):
        people(staffed, ("样例甲", P[9]))
        report = people(staffed, ("样例甲", None), effective=LATER, commit=False)
        assert faults(report) == [("error", "ambiguous-holder", 1)]
        assert "W1" in report.findings[0].message

    def test_a_phone_that_comes_to_somebody_known_by_name_and_unit_is_theirs(self, staffed):
        people(staffed, ("样例丙", None, "甲街道"), ("样例丙", None, "乙社区"))
        report = people(staffed, ("样例丙", P[3], "甲街道"), ("样例丙", P[4], "乙社区"), effective=LATER)
        assert (len(report.plan.changed), len(report.plan.new), report.findings) == (2, 0, ())

    def test_some_may_have_codes_and_the_rest_is_counted(self, staffed):
        columns = ("工号", "姓名", "电话")
        report = people(staffed, ("W1", "样例甲", P[1]), (None, "样例丁", P[5]), columns=columns, effective=LATER)
        assert faults(report) == [("warning", "made-codes", None)]
        assert (len(report.plan.new), report.plan.same) == (1, 1)

    def test_somebody_with_a_code_in_one_row_and_without_in_another_is_one(self, staffed):
        columns = ("工号", "姓名", "电话")
        rows = [("W7", "样例庚", P[7]), (None, "样例庚", P[7])]
        report = people(staffed, *rows, columns=columns, effective=LATER)
        assert faults(report) == [("warning", "repeated-row", 2)]
        assert report.plan.new == ("W7",)

    def test_who_is_not_in_the_list_ends_when_told_to(self, staffed):
        report = people(staffed, ("样例甲", P[1]), effective=LATER, retire_missing=True)
        assert report.plan.ended == ("W2",)

    def test_a_roster_and_a_list_mean_the_same_person(self, staffed):
        people(staffed, ("样例己", P[6]))
        load_frame(
            staffed, "roles", pd.DataFrame({"code": ["chief"], "name": ["网格长"]}), options=LoadOptions(commit=True)
        )
        areas = pd.DataFrame({"code": ["X"], "name": ["甲社区"]})
        load_frame(staffed, "areas", areas, options=LoadOptions(commit=True))
        row = pd.DataFrame([{"社区": "甲社区", "网格长": "样例己", "电话": P[6]}])
        report = load_frame(staffed, "roster", row, options=LoadOptions(commit=True))
        assert [change.what for change in report.plan.changes] == ["new"]

    def test_a_person_added_without_a_code_gets_one_and_only_once(self, staffed):
        made = create(staffed, "workers", {"name": "样例辛", "phone": P[8]}, actor="t")
        assert made.version.code.startswith("R")
        with pytest.raises(ConflictError):
            create(staffed, "workers", {"name": "样例辛", "phone": P[8]}, actor="t")


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (("样例甲、样例乙", P[1]), ("error", "unclear-name", 1)),
        (("空缺", None), ("warning", "vacant", 1)),
        (("（暂缺）", None), ("warning", "vacant", 1)),
        (("", P[1]), ("error", "missing-value", 1)),
        (("样例甲", "1380000000x"), ("error", "letters-in-phone", 1)),
        (("样例甲", "138****0001"), ("error", "masked-phone", 1)),
        (("样例**", P[1]), ("error", "masked-name", 1)),
    ],
)
def test_what_names_no_one_person_makes_nobody(connection, row, fault):
    report = people(connection, row, commit=False)
    assert faults(report) == [fault]
    assert report.plan.new == ()


def test_a_list_that_asks_a_thousand_times_stays_readable(connection):
    people(connection, *((f"W{n}", f"样例{n}", P[1]) for n in range(60)), columns=("工号", "姓名", "电话"))
    report = people(connection, *((f"样例{n}", P[2]) for n in range(60)), commit=False, effective=LATER)
    assert [finding.kind for finding in report.findings] == ["same-name"] * 51
    assert report.findings[-1].facts["rows"] == 10


PHONES, UNITS = st.sampled_from(["", *P[:3]]), st.sampled_from([None, "甲街道", "乙社区"])
ROWS = st.lists(st.tuples(st.sampled_from(["样例甲", "样例乙"]), PHONES, UNITS), max_size=6)


def given_codes(rows, stored):
    cells = dict(zip(("姓名", "电话", "单位"), map(list, zip(*rows, strict=True)), strict=True))
    mapping = {"name": "姓名", "phone": "电话", "unit": "单位"}
    records, _ = read_records(KINDS["workers"], cells, pd.RangeIndex(1, len(rows) + 1).to_numpy(), mapping)
    coded, findings = worker_codes(records, stored, b"secret")
    assert isinstance(coded, Records)
    return coded, findings


@given(ROWS.filter(bool))
def test_the_same_list_again_gives_the_same_people_in_any_order(rows):
    coded, findings = given_codes(rows, [])
    stored = [
        {"code": code, "name": name, "phone": phone}
        for code, name, phone, sound in zip(
            *(coded.column(f) for f in ("code", "name", "phone")), coded.sound, strict=True
        )
        if sound
    ]
    made = {one["code"] for one in stored}
    assert len(made) == len(stored)
    for order in itertools.islice(itertools.permutations(rows), 6):
        again, _ = given_codes(list(order), stored)
        assert {code for code, sound in zip(again.column("code"), again.sound, strict=True) if sound} == made
    told = {(name, phone) for name, phone, _ in rows if phone}
    assert (
        not told
        or any(finding.severity == "error" for finding in findings)
        or told <= {(one["name"], one["phone"]) for one in stored}
    )


def test_ten_thousand_of_one_name_are_told_apart_in_one_pass():
    rows = [("样例甲", f"138{n:08d}", None) for n in range(10_000)]
    coded, findings = given_codes(rows, [])
    assert (len(set(coded.column("code"))), findings) == (10_000, [])
    unclear, findings = given_codes([("样例甲", "", None)] * 10_000, [])
    assert not unclear.sound.any()
    assert "1, 2, 3, 4, 5 …" in findings[0].message
