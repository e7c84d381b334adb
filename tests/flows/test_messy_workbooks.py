"""Workbooks as clerks make them come through the door: understood, faults found in their cells, nothing half-loaded."""

import openpyxl
import pandas as pd
import pytest

from geodata.errors import LoadRefusedError
from geodata.exchange.marked import write_marked
from geodata.intake.report import LoadOptions
from geodata.load import load, load_frame
from tests.messy import duty_table, leave_plan, station_list, wide_roster, worker_list
from tests.support import draw

COMMIT = LoadOptions(commit=True)
ROLES = {
    "code": ["grid_chief", "full_time", "police"],
    "name": ["网格长", "专职网格员", "社区民警"],
}
PEOPLE = {
    "code": ["W-1", "W-2", "W-3", "W-4", "W-5", "W-6", "W-7"],
    "name": ["样例一", "样例二", "样例三", "样例四", "样例五", "样例重名", "样例重名"],
    "phone": [f"1380000030{n}" for n in range(7)],
}
NAMES = {"A": "第一网格", "B": "第二网格", "C": "第三网格", "D": "第四网格", "E": "第五网格", "F": "第六网格"}


@pytest.fixture
def city(connection):
    """Two communities of three grids each, three roles."""
    areas = draw("XXXYYY").assign(name=["甲一社区", "甲二社区"]).drop(columns="row")
    grids = draw("ABCDEF").drop(columns="row")
    grids["name"] = [NAMES[code] for code in grids["code"]]
    load_frame(connection, "areas", areas, options=COMMIT)
    load_frame(connection, "grids", grids, options=COMMIT)
    load_frame(connection, "roles", pd.DataFrame(ROLES), options=COMMIT)
    return connection


@pytest.fixture
def staffed(city):
    load_frame(city, "workers", pd.DataFrame(PEOPLE), options=COMMIT)
    return city


def errors(report):
    return {(finding.kind, finding.row, finding.facts.get("column")) for finding in report.errors}


def kinds(report):
    return {finding.kind for finding in report.warnings}


def counts(connection):
    tables = ("worker_versions", "duties", "leaves", "station_versions")
    return [connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables]


def duties(connection):
    rows = connection.execute(
        """SELECT coalesce(g.code, a.code), r.code, w.name, w.phone, d.assignment
        FROM duties AS d JOIN roles AS r USING (role_id) JOIN worker_versions AS w USING (holder_id)
        LEFT JOIN grid_versions AS g USING (grid_id) LEFT JOIN area_versions AS a ON a.area_id = d.area_id
        WHERE upper_inf(d.period) AND d.withdrawn_at IS NULL"""
    )
    return set(rows.fetchall())


def refused_whole(connection, kind, path, expected):
    """Check that the faults are found in their cells and nothing at all is written."""
    before = counts(connection)
    report = load(connection, kind, path)
    assert errors(report) == expected
    with pytest.raises(LoadRefusedError):
        load(connection, kind, path, options=COMMIT)
    assert counts(connection) == before
    return report


def marks_stand_where_the_faults_are(report, path, sheet, places):
    target = path.with_name("marked.xlsx")
    write_marked(path, sheet, report.findings, target)
    marked = openpyxl.load_workbook(target)[sheet]
    assert {place for place in places if marked[place].comment is not None} == set(places)


class TestWideRoster:
    def test_its_faults_are_found_in_their_cells_and_nothing_is_loaded(self, city, tmp_path):
        path = wide_roster(tmp_path / "花名册.xlsx")
        expected = {
            ("letters-in-phone", 13, "网格力量·网格长·电话"),
            ("masked-phone", 13, "网格力量·专职网格员·电话"),
            ("unclear-name", 14, "网格力量·专职网格员·姓名"),
            ("unknown-target", 15, "网格名称"),
        }
        report = refused_whole(city, "roster", path, expected)
        marks_stand_where_the_faults_are(report, path, "网格力量", ["E13", "G13", "F14", "C15"])

    def test_corrected_it_says_who_answers_for_each_grid(self, city, tmp_path):
        report = load(city, "roster", wide_roster(tmp_path / "花名册.xlsx", corrected=True), options=COMMIT)
        assert report.mapping["police.phone"] == "网格力量·联系电话"
        assert {"vacant", "header-row", "repeated-header", "section-row", "total-row", "remark-row"} <= kinds(report)
        assert duties(city) == {
            ("A", "grid_chief", "样例甲", "13800000001", "primary"),
            ("A", "full_time", "样例乙", "13800000002", "primary"),
            ("A", "full_time", "样例丙", "13800000003", "primary"),
            ("A", "police", "样例民一", "13800000091", "primary"),
            ("B", "grid_chief", "样例丁", "13800000004", "primary"),
            ("B", "full_time", "样例戊", "13800000005", "primary"),
            ("B", "full_time", "样例己", "13800000006", "stand_in"),
            ("B", "police", "样例民一", "13800000091", "primary"),
            ("C", "grid_chief", "样例庚", "13800000007", "primary"),
            ("C", "police", "样例民一", "13800000091", "primary"),
            ("D", "grid_chief", "样例辛", "13800000008", "primary"),
            ("D", "full_time", "样例壬", "13800000009", "primary"),
            ("D", "police", "样例民二", "13800000092", "primary"),
            ("E", "grid_chief", "样例癸", "13800000010", "primary"),
            ("E", "full_time", "样例子", "13800000011", "primary"),
            ("E", "police", "样例民二", "13800000092", "primary"),
        }
        assert report.rows_read == 6

    def test_a_second_load_of_it_changes_nothing(self, city, tmp_path):
        path = wide_roster(tmp_path / "花名册.xlsx", corrected=True)
        load(city, "roster", path, options=COMMIT)
        again = load(city, "roster", path, options=COMMIT)
        assert not again.plan.changes_anything
        assert again.plan.same == 13 + 16


class TestWorkerList:
    def test_its_faults_are_found_in_their_cells_and_nothing_is_loaded(self, city, tmp_path):
        path = worker_list(tmp_path / "人员.xlsx")
        expected = {
            ("unlikely-phone", 7, "联系电话"),
            ("duplicate-code", 8, "工号"),
            ("missing-value", 10, "姓 名"),
            ("damaged-code", 10, "联系电话"),
        }
        report = refused_whole(city, "workers", path, expected)
        marks_stand_where_the_faults_are(report, path, "人员名单", ["F7", "A8", "C10", "F10"])

    def test_corrected_every_person_has_a_phone_that_can_be_dialled(self, city, tmp_path):
        report = load(city, "workers", worker_list(tmp_path / "人员.xlsx", corrected=True), options=COMMIT)
        assert {"several-sheets", "repeated-header"} <= kinds(report)
        rows = city.execute(
            "SELECT code, name, phone FROM worker_versions JOIN holders USING (holder_id) ORDER BY code"
        ).fetchall()
        assert rows == [
            ("1001", "样例一", "13800000101"),
            ("1002", "样例二", "13800000102"),
            ("1003", "样例三", "13800000103"),
            ("1004", "样例四", "13800000104"),
            ("1005", "样例五", "13800000105"),
            ("1006", "样例六", "13800000106"),
            ("1007", "样例七", "0531-8888 0007"),
        ]


class TestStationList:
    def test_its_faults_are_found_in_their_cells_and_nothing_is_loaded(self, city, tmp_path):
        path = station_list(tmp_path / "站点.xlsx")
        report = load(city, "stations", path)
        assert {row for _, row, _ in errors(report)} == {5, 6, 7}
        assert ("unreadable-hours", 6, "服务时间") in errors(report)
        refused_whole(city, "stations", path, errors(report))
        marks_stand_where_the_faults_are(report, path, "站点", ["F6"])

    def test_corrected_the_hours_are_those_that_a_machine_reads(self, city, tmp_path):
        report = load(city, "stations", station_list(tmp_path / "站点.xlsx", corrected=True), options=COMMIT)
        assert report.rows_read == 5
        assert {"several-sheets", "header-row", "remark-row"} <= kinds(report)
        rows = city.execute(
            """SELECT code, hours, services, round(ST_X(geom)::numeric, 4)::text, round(ST_Y(geom)::numeric, 4)::text
            FROM station_versions JOIN stations USING (station_id) ORDER BY code"""
        ).fetchall()
        assert [row[1] for row in rows] == [
            "Mo-Fr 08:30-12:00,13:30-17:30",
            "24/7",
            "Mo-Su 09:00-21:00",
            rows[3][1],
            "24/7",
        ]
        assert rows[0][2] == ["社保", "医保", "咨询"]
        assert rows[1][2:] == (["休息", "饮水"], "117.0010", "36.5010")


class TestDutyTable:
    def test_its_faults_are_found_in_their_cells_and_nothing_is_loaded(self, staffed, tmp_path):
        path = duty_table(tmp_path / "职责.xlsx", empty_rows=2_000)
        report = load(staffed, "duties", path)
        found = {(kind, row) for kind, row, _ in errors(report)}
        assert found == {("damaged-code", 6), ("backward-period", 7), ("unknown-role", 8), ("ambiguous-name", 9)}
        assert ("ambiguous-name", 9, "责任人") in errors(report)
        refused_whole(staffed, "duties", path, errors(report))

    def test_corrected_it_is_loaded_in_spite_of_two_hundred_thousand_empty_rows(self, staffed, tmp_path):
        report = load(staffed, "duties", duty_table(tmp_path / "职责.xlsx", corrected=True), options=COMMIT)
        assert report.rows_read == 8
        assert {"resolved-by-name", "total-row", "date-serial"} <= kinds(report)
        assert len(report.plan.new) == 8
        assert ("A", "full_time", "样例重名", "13800000305", "primary") in duties(staffed)
        assert ("C", "full_time", "样例三", "13800000302", "stand_in") in duties(staffed)


class TestLeavePlan:
    def test_its_faults_are_found_in_their_cells_and_nothing_is_loaded(self, staffed, tmp_path):
        path = leave_plan(tmp_path / "休假.xlsx")
        report = load(staffed, "leave", path)
        found = {(kind, row) for kind, row, _ in errors(report)}
        assert found == {("unknown-worker", 6), ("ambiguous-name", 7), ("backward-period", 8), ("unreadable-time", 9)}
        refused_whole(staffed, "leave", path, errors(report))
        marks_stand_where_the_faults_are(report, path, "休假安排", ["B7", "C8", "C9"])

    def test_corrected_everybody_is_away_from_the_first_to_the_last_day(self, staffed, tmp_path):
        report = load(staffed, "leave", leave_plan(tmp_path / "休假.xlsx", corrected=True), options=COMMIT)
        assert {"year-guessed", "resolved-by-name", "remark-row"} <= kinds(report)
        rows = staffed.execute(
            """SELECT h.code, s.code, lower(period) AT TIME ZONE 'Asia/Shanghai',
                   upper(period) AT TIME ZONE 'Asia/Shanghai'
            FROM leaves JOIN holders AS h USING (holder_id) LEFT JOIN holders AS s ON s.holder_id = stand_in_id"""
        ).fetchall()
        assert len(rows) == 7
        days = {(code, other): (f"{begin:%Y-%m-%d}", f"{end:%Y-%m-%d}") for code, other, begin, end in rows}
        assert days["W-1", "W-2"] == ("2026-12-01", "2026-12-08")
        assert days["W-3", None] == ("2026-12-28", "2027-01-04")
        assert days["W-4", "W-5"] == ("2026-12-10", "2026-12-11")
