"""A wide roster becomes workers and duties: who is meant, who is replaced, what stays."""

import hashlib

import pandas as pd
import pytest

from geodata.changes import undo_change
from geodata.errors import LoadRefusedError, NotKnownError
from geodata.intake.report import LoadOptions
from geodata.load import load_frame
from geodata.times import parse_time
from tests.support import draw

PAST, LATER = parse_time("2026-01-01"), parse_time("2036-01-01")
COMMIT = LoadOptions(commit=True)
HOW = ("new", "ended")
P = [f"1380000000{n}" for n in range(10)]


@pytest.fixture
def city(connection):
    """Two communities with two grids each, a compound with two buildings, three roles."""
    start = LoadOptions(commit=True, effective=PAST)
    load_frame(connection, "areas", draw("XXYY").assign(name=["甲社区", "乙社区"]).drop(columns="row"), options=start)
    grids = draw("ABCD").drop(columns="row").assign(name=["第一网格", "第二网格", "第一网格", "第二网格"])
    load_frame(connection, "grids", grids, options=start)
    roles = {"code": ["chief", "full", "leader"], "name": ["网格长", "专职网格员", "楼栋长"]}
    load_frame(connection, "roles", pd.DataFrame(roles), options=start)
    buildings = {
        "code": ["H1", "H2"],
        "name": ["1号楼", "2号楼"],
        "compound": ["K", "K"],
        "units": ["1,2", "1"],
        "lon": [117.0001, 117.0002],
        "lat": [36.5001, 36.5001],
    }
    load_frame(connection, "compounds", pd.DataFrame({"code": ["K"], "name": ["金园"]}), options=start)
    load_frame(connection, "buildings", pd.DataFrame(buildings), options=start)
    return connection


def roster(connection, rows, **options):
    return load_frame(connection, "roster", pd.DataFrame(rows, dtype=object), options=LoadOptions(**options))


def loaded(connection, rows, **options):
    return roster(connection, rows, commit=True, **options)


def held(connection, at):
    rows = connection.execute(
        f"""SELECT coalesce(g.code, a.code, b.code || coalesce('#' || d.unit, '')), r.code, w.name, d.assignment
        FROM duties AS d JOIN roles AS r USING (role_id)
             JOIN worker_versions AS w ON w.holder_id = d.holder_id AND w.withdrawn_at IS NULL AND upper_inf(w.period)
             LEFT JOIN grid_versions AS g ON g.grid_id = d.grid_id
             LEFT JOIN area_versions AS a ON a.area_id = d.area_id
             LEFT JOIN buildings AS b ON b.building_id = d.building_id
        WHERE d.withdrawn_at IS NULL AND d.period @> ({at})::timestamptz"""
    )
    return set(rows.fetchall())


def held_now(connection):
    return held(connection, "clock_timestamp()")


def workers(connection):
    rows = connection.execute(
        """SELECT h.code, w.name, w.phone FROM worker_versions AS w JOIN holders AS h USING (holder_id)
        WHERE w.withdrawn_at IS NULL AND upper_inf(w.period) ORDER BY w.name, w.phone"""
    )
    return rows.fetchall()


def kinds(report):
    return [finding.kind for finding in report.findings if finding.kind != "resolved-by-name"]


class TestWhatARowIsFor:
    def test_a_grid_is_found_by_code_and_by_its_name_inside_its_community(self, city):
        rows = [
            {"社区": "甲社区", "网格": "第一网格", "网格长": "样例甲"},
            {"社区": "乙社区", "网格": "乙社区第二网格", "网格长": "样例乙"},
            {"社区": "", "网格": "C", "网格长": "样例丙"},
        ]
        loaded(city, rows)
        assert {(target, name) for target, _, name, _ in held_now(city)} == {
            ("A", "样例甲"),
            ("D", "样例乙"),
            ("C", "样例丙"),
        }

    def test_a_name_that_two_grids_have_is_refused_without_the_community(self, city):
        (fault,) = roster(city, [{"网格": "第一网格", "网格长": "样例甲"}]).errors
        assert (fault.kind, fault.row, fault.facts["column"]) == ("ambiguous-name", 1, "网格")

    def test_a_grid_that_lies_in_another_community_is_refused(self, city):
        (fault,) = roster(city, [{"社区": "甲社区", "网格": "C", "网格长": "样例甲"}]).errors
        assert (fault.kind, fault.facts["column"]) == ("elsewhere", "网格")

    def test_buildings_units_and_communities_have_people_too(self, city):
        rows = [
            {"社区": "", "小区": "金园", "楼栋": "1号楼", "单元": "", "楼栋长": "样例甲"},
            {"社区": "", "小区": "金园", "楼栋": "1号楼", "单元": "2", "楼栋长": "样例乙"},
            {"社区": "甲社区", "小区": "", "楼栋": "", "单元": "", "楼栋长": "样例丙"},
        ]
        loaded(city, rows)
        assert {(target, name) for target, _, name, _ in held_now(city)} == {
            ("H1", "样例甲"),
            ("H1#2", "样例乙"),
            ("X", "样例丙"),
        }

    def test_a_row_that_names_nothing_is_refused_at_its_cell(self, city):
        (fault,) = roster(city, [{"网格": "A", "网格长": "样例甲"}, {"网格": None, "网格长": "样例乙"}]).errors
        assert (fault.kind, fault.row, fault.facts["column"]) == ("missing-value", 2, "网格")

    def test_a_layer_that_does_not_exist_is_refused(self, city):
        with pytest.raises(NotKnownError):
            roster(city, [{"网格": "A", "网格长": "样例甲"}], layer="nothing")

    def test_a_sheet_without_any_role_says_which_columns_are_missing(self, city):
        (fault,) = roster(city, [{"网格": "A", "备注": "x"}]).errors
        assert fault.kind == "missing-column"
        assert "网格长·姓名" in fault.message_zh


class TestWhoIsMeant:
    def test_a_worker_of_that_name_and_phone_is_that_worker(self, city):
        load_frame(city, "workers", pd.DataFrame({"code": ["W1"], "name": ["样例甲"], "phone": [P[1]]}), options=COMMIT)
        report = loaded(city, [{"网格": "A", "网格长": "样例 甲", "电话": P[1]}])
        assert not report.warnings
        assert workers(city) == [("W1", "样例甲", P[1])]

    def test_a_worker_may_be_named_by_code(self, city):
        load_frame(city, "workers", pd.DataFrame({"code": ["W1"], "name": ["样例甲"]}), options=COMMIT)
        loaded(city, [{"网格": "A", "网格长": "W1"}])
        assert workers(city) == [("W1", "样例甲", "")]

    def test_a_new_phone_of_somebody_in_the_same_community_is_a_change_and_said(self, city):
        loaded(city, [{"网格": "A", "网格长": "样例甲", "电话": P[1]}])
        ((code, _, _),) = workers(city)
        report = loaded(city, [{"网格": "B", "网格长": "样例甲", "电话": P[2]}])
        assert kinds(report) == ["phone-changed"]
        assert report.plan.changed == (code,)
        assert workers(city) == [(code, "样例甲", P[2])]

    def test_the_same_name_in_another_community_with_another_phone_is_somebody_else(self, city):
        loaded(city, [{"网格": "A", "网格长": "样例甲", "电话": P[1]}])
        report = loaded(city, [{"网格": "C", "网格长": "样例甲", "电话": P[2]}])
        assert kinds(report) == ["same-name"]
        assert [phone for _, _, phone in workers(city)] == [P[1], P[2]]

    def test_one_name_with_two_phones_in_one_community_is_taken_for_two_and_said(self, city):
        rows = [{"网格": "A", "网格长": "样例甲", "电话": P[1]}, {"网格": "B", "网格长": "样例甲", "电话": P[2]}]
        assert kinds(loaded(city, rows)) == ["same-name-other-phone"]
        assert len(workers(city)) == 2

    def test_a_name_without_phone_is_the_one_of_that_name_beside_it(self, city):
        rows = [{"网格": "A", "网格长": "样例甲", "电话": P[1]}, {"网格": "B", "网格长": "样例甲", "电话": None}]
        loaded(city, rows)
        assert [phone for _, _, phone in workers(city)] == [P[1]]
        assert len(held_now(city)) == 2

    def test_a_name_that_two_workers_of_the_community_have_is_refused(self, city):
        rows = [{"网格": "A", "网格长": "样例甲", "电话": P[1]}, {"网格": "B", "网格长": "样例甲", "电话": P[2]}]
        loaded(city, rows)
        (fault,) = roster(city, [{"网格": "B", "专职网格员": "样例甲"}]).errors
        assert (fault.kind, fault.row, fault.facts["column"]) == ("ambiguous-holder", 1, "专职网格员")

    def test_made_codes_do_not_depend_on_the_order_of_the_rows(self, city):
        rows = [{"网格": "A", "网格长": "样例甲"}, {"网格": "C", "网格长": "样例乙"}]
        one, other = roster(city, rows), roster(city, rows[::-1])
        assert set(one.plan.new) == set(other.plan.new)

    def test_a_made_code_does_not_tell_which_phone_it_was_made_from(self, city):
        row = {"网格": "A", "网格长": "样例甲", "电话": P[1]}
        (code,) = [change.code for change in roster(city, [row]).plan.changes if "·" not in change.code]
        # Whoever sees the code beside 138****0001 may try what they like.
        for guess in (f"样例甲\x1f{P[1]}", f"样例甲{P[1]}", P[1]):
            assert code[1:] not in hashlib.sha256(guess.encode()).hexdigest()
        city.execute("ALTER TABLE data_version DISABLE TRIGGER USER")
        city.execute("UPDATE data_version SET database_id = gen_random_uuid()")
        assert code not in {change.code for change in roster(city, [row]).plan.changes}

    def test_an_organisation_can_hold_a_duty(self, city):
        load_frame(city, "organisations", pd.DataFrame({"code": ["O1"], "name": ["样例派出所"]}), options=COMMIT)
        report = loaded(city, [{"网格": "A", "网格长": "样例派出所"}])
        assert report.plan.new == ("O1 · chief · grid · A · primary",)


class TestWhatChanges:
    def test_people_and_duties_are_one_change_that_is_undone_as_one(self, city):
        report = loaded(city, [{"网格": "A", "网格长": "样例甲", "电话": P[1]}])
        assert len(held_now(city)) == len(workers(city)) == 1
        undo_change(city, report.change_id, "test")
        assert held_now(city) == set()
        assert workers(city) == []

    def test_a_dry_run_leaves_nothing_behind(self, city):
        report = roster(city, [{"网格": "A", "网格长": "样例甲", "电话": P[1]}])
        assert [change.what for change in report.plan.changes] == ["new", "new"]
        assert report.plan.changes[1].row == 1
        assert workers(city) == []
        assert held_now(city) == set()

    def test_the_plan_says_names_beside_codes_of_who_comes_and_who_goes(self, city):
        loaded(city, [{"楼栋": "H1", "单元": "1", "楼栋长": "样例甲", "电话": P[1]}])
        report = roster(city, [{"楼栋": "H1", "单元": "1", "楼栋长": "样例乙", "电话": P[2]}])
        came, went = (next(one for one in report.plan.changes if one.what == what and "·" in one.code) for what in HOW)
        for fields, name in ((came.after, "样例乙"), (went.before, "样例甲")):
            assert [fields[f"{field}_name"] for field in ("holder", "role", "target")] == [name, "楼栋长", "1号楼#1"]
            assert (fields["holder"][0], fields["role"], fields["target"]) == ("R", "leader", "H1#1")
        assert came.label == f"样例乙（{came.after['holder']}） · 楼栋长（leader） · 单元 1号楼（H1）#1 · 主责"

    def test_a_refused_sheet_leaves_nothing_behind(self, city):
        rows = [{"网格": "A", "网格长": "样例甲"}, {"网格": "Z", "网格长": "样例乙"}]
        with pytest.raises(LoadRefusedError):
            loaded(city, rows)
        assert workers(city) == []

    def test_a_second_load_changes_nothing(self, city):
        rows = [
            {"网格": "A", "网格长": "样例甲、样例乙", "专职网格员": "样例丙（代）"},
            {"网格": "C", "网格长": "样例甲", "专职网格员": "空缺"},
        ]
        loaded(city, rows)
        again = loaded(city, rows)
        assert not again.plan.changes_anything
        assert again.change_id is None

    def test_somebody_else_in_the_cell_replaces_who_held_the_role(self, city):
        loaded(city, [{"网格": "A", "网格长": "样例甲", "专职网格员": "样例乙"}])
        report = loaded(city, [{"网格": "A", "网格长": "样例丙", "专职网格员": None}])
        assert len(report.plan.ended) == 1
        assert held_now(city) == {("A", "chief", "样例丙", "primary"), ("A", "full", "样例乙", "primary")}

    def test_a_stand_in_stays_when_the_sheet_names_only_the_primary(self, city):
        loaded(city, [{"网格": "A", "网格长": "样例甲、样例乙（代）"}])
        loaded(city, [{"网格": "A", "网格长": "样例丙"}])
        assert held_now(city) == {("A", "chief", "样例丙", "primary"), ("A", "chief", "样例乙", "stand_in")}

    def test_a_stand_in_who_becomes_primary_is_not_both(self, city):
        loaded(city, [{"网格": "A", "网格长": "样例甲、样例乙（代）"}])
        loaded(city, [{"网格": "A", "网格长": "样例乙"}])
        assert held_now(city) == {("A", "chief", "样例乙", "primary")}

    def test_a_vacancy_ends_who_held_the_role_and_is_said(self, city):
        loaded(city, [{"网格": "A", "网格长": "样例甲"}])
        report = loaded(city, [{"网格": "A", "网格长": "空缺"}])
        (vacancy,) = [finding for finding in report.warnings if finding.kind == "vacant"]
        assert (vacancy.row, vacancy.code, vacancy.facts["column"]) == (1, "A", "网格长")
        assert held_now(city) == set()

    def test_retiring_ends_what_the_sheet_leaves_empty_and_nothing_beyond_the_sheet(self, city):
        loaded(city, [{"网格": "A", "网格长": "样例甲、样例乙（代）"}, {"网格": "C", "网格长": "样例丙"}])
        loaded(city, [{"网格": "A", "专职网格员": "样例丁"}])
        loaded(city, [{"网格": "A", "网格长": None}], retire_missing=True)
        assert held_now(city) == {("C", "chief", "样例丙", "primary"), ("A", "full", "样例丁", "primary")}

    def test_a_replacement_may_take_effect_later(self, city):
        loaded(city, [{"网格": "A", "网格长": "样例甲"}])
        loaded(city, [{"网格": "A", "网格长": "样例乙"}], effective=LATER)
        assert held_now(city) == {("A", "chief", "样例甲", "primary")}
        assert held(city, "'2036-01-02'") == {("A", "chief", "样例乙", "primary")}

    def test_a_correction_at_the_same_instant_leaves_only_the_corrected(self, city):
        loaded(city, [{"网格": "A", "网格长": "样例甲"}], effective=LATER)
        loaded(city, [{"网格": "A", "网格长": "样例乙"}], effective=LATER)
        assert held(city, "'2036-01-02'") == {("A", "chief", "样例乙", "primary")}

    def test_a_duty_that_is_planned_already_is_led_up_to(self, city):
        load_frame(city, "workers", pd.DataFrame({"code": ["W1"], "name": ["样例甲"]}), options=COMMIT)
        loaded(city, [{"网格": "A", "网格长": "样例甲"}], effective=LATER)
        loaded(city, [{"网格": "A", "网格长": "样例甲"}])
        assert held_now(city) == held(city, "'2036-01-02'") == {("A", "chief", "样例甲", "primary")}

    def test_somebody_who_is_to_come_later_is_not_brought_forward_in_silence(self, city):
        loaded(city, [{"网格": "A", "网格长": "样例甲"}], effective=LATER)
        assert "later-version" in {fault.kind for fault in roster(city, [{"网格": "A", "网格长": "样例甲"}]).errors}


class TestColumns:
    def test_roles_are_known_by_what_clerks_call_them(self, city):
        rows = [{"网格": "A", "楼长姓名": "样例甲", "楼长手机": P[1], "网格员": "样例乙", "联系电话": P[2]}]
        report = roster(city, rows)
        assert report.mapping == {
            "grid": "网格",
            "leader.name": "楼长姓名",
            "leader.phone": "楼长手机",
            "full.name": "网格员",
            "full.phone": "联系电话",
        }

    def test_a_column_can_be_told(self, city):
        report = roster(city, [{"网格": "A", "负责同志": "样例甲"}], mapping={"chief.name": "负责同志"})
        assert not report.errors
        assert report.mapping["chief.name"] == "负责同志"

    def test_a_phone_of_a_code_that_excel_cut_is_refused(self, city):
        (fault,) = roster(city, [{"网格": "A", "网格长": "样例甲", "电话": "1.38E+10"}]).errors
        assert fault.facts["column"] == "电话"


LIST_HEADER = ("序号", "姓名", "性别", "联系电话", "所属社区", "所属网格", "职务")
LISTED = tuple(
    dict(zip(LIST_HEADER, cells, strict=True))
    for cells in (
        (1, "样例甲", "男", P[1], "甲", "第一网格", "网格长"),
        (2, "样例乙", "女", P[2], "甲", "第一网格", "专职网格员"),
        (3, "样例丙", "女", P[3], "甲", "第一网格", "网格员"),
        (4, "样例丁", "男", P[4], "乙社区", "第二网格", "chief、专职网格员"),
        (5, "样例戊", "男", P[5], "乙社区", None, "网格负责人"),
    )
)


class TestAListWithARowForEachPerson:
    def test_each_person_holds_the_role_of_the_row_on_its_target(self, city):
        report = loaded(city, list(LISTED))
        assert not report.errors
        assert held_now(city) == {
            ("A", "chief", "样例甲", "primary"),
            ("A", "full", "样例乙", "primary"),
            ("A", "full", "样例丙", "primary"),
            ("D", "chief", "样例丁", "primary"),
            ("D", "full", "样例丁", "primary"),
            ("Y", "chief", "样例戊", "primary"),
        }
        assert {(name, phone) for _, name, phone in workers(city)} == {(row["姓名"], row["联系电话"]) for row in LISTED}
        assert not loaded(city, list(LISTED)).plan.changes_anything

    def test_who_is_listed_replaces_who_held_that_role_there_and_nobody_else(self, city):
        loaded(city, list(LISTED))
        loaded(city, [{**LISTED[0], "姓名": "样例新", "联系电话": P[6]}])
        assert {(role, name) for target, role, name, _ in held_now(city) if target == "A"} == {
            ("chief", "样例新"),
            ("full", "样例乙"),
            ("full", "样例丙"),
        }

    def test_a_column_of_stand_ins_is_for_the_role_of_its_row(self, city):
        loaded(city, [{**LISTED[0], "代班人": f"样例乙{P[2]}"}, LISTED[1]])
        assert {(role, name, how) for _, role, name, how in held_now(city)} == {
            ("chief", "样例甲", "primary"),
            ("chief", "样例乙", "stand_in"),
            ("full", "样例乙", "primary"),
        }

    @pytest.mark.parametrize(("role", "kind"), [("城管队员", "unknown-role"), (None, "missing-value")])
    def test_a_role_that_nobody_knows_is_refused_in_its_cell(self, city, role, kind):
        (fault,) = roster(city, [{**LISTED[0], "职务": role}]).errors
        assert (fault.kind, fault.row, fault.facts["column"]) == (kind, 1, "职务")
        assert role is None or "专职网格员" in fault.message_zh

    def test_roles_without_a_column_of_names_are_refused(self, city):
        (fault,) = roster(city, [{"所属网格": "A", "职务": "网格长", "联系电话": P[1]}]).errors
        assert (fault.kind, fault.facts["field"]) == ("missing-column", "person.name")


class TestStandInsBesideAWideSheet:
    def test_they_are_those_of_its_only_role(self, city):
        loaded(city, [{"网格": "A", "网格长": "样例甲", "电话": P[1], "代班人": f"样例乙{P[2]}"}])
        assert {(name, how) for _, _, name, how in held_now(city)} == {("样例甲", "primary"), ("样例乙", "stand_in")}

    def test_among_several_roles_the_sheet_is_told_that_they_are_not_read(self, city):
        report = loaded(city, [{"网格": "A", "网格长": "样例甲", "专职网格员": "样例丙", "代班人": "样例乙"}])
        assert [(one.severity, one.facts["column"]) for one in report.findings if one.kind == "stand-ins-not-read"] == [
            ("warning", "代班人")
        ]
        assert {name for _, _, name, _ in held_now(city)} == {"样例甲", "样例丙"}

    def test_a_phone_beside_a_role_stays_that_roles(self, city):
        loaded(city, [{"网格": "A", "岗位": "固定", "网格长": "样例甲", "手机": P[1]}])
        assert [phone for _, _, phone in workers(city)] == [P[1]]
