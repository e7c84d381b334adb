"""Rows of a calendar that say several days: ranges, lists, last days in a column, years that stand elsewhere."""

from datetime import date, datetime, timedelta

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.errors import LoadRefusedError
from geodata.intake import calendar_ranges
from geodata.intake.calendar_ranges import MOST_DAYS
from geodata.intake.report import LoadOptions
from geodata.load import load, load_frame
from geodata.people.calendar_days import calendar_days

OCTOBER = [f"2026-10-0{day}" for day in range(1, 8)]
HOLIDAY = {"类型": ["放假"], "名称": ["国庆节"]}
FORMS = (
    "{0:%Y-%m-%d}~{1:%Y-%m-%d}",
    "{0:%Y-%m-%d} 至 {1:%Y-%m-%d}",
    "{0.year}/{0.month}/{0.day}—{1.year}/{1.month}/{1.day}",
    "{0.year}年{0.month}月{0.day}日（周四）到{1.year}年{1.month}月{1.day}日放假",
    "{0:%Y%m%d}-{1:%Y%m%d}",
    "{0.year}.{0.month}.{0.day}-{1.year}.{1.month}.{1.day}，共9天",
)


def calendar(connection, rows, *, commit=True, name="frame", **more):
    frame = pd.DataFrame(rows, dtype=object)
    return load_frame(connection, "calendar", frame, options=LoadOptions(commit=commit, **more), name=name)


def days(connection):
    return [row["day"] for row in calendar_days(connection)]


def faults(report):
    return [(finding.severity, finding.kind, finding.row) for finding in report.findings]


@pytest.mark.parametrize(
    "cell",
    [
        "2026-10-01~2026-10-07",
        "2026年10月1日-7日",
        "2026年10月1日至7日",
        "2026/10/1—10/7",
        "２０２６．１０．１－１０．７",
        "2026.10.1--2026.10.7",
        "20261001-20261007",
        "2026年10月1日（周四）至7日（周三）放假调休，共7天",
        "2026年10月1日、2日、10月3日至7日".replace("、2日", "、10月2日"),
    ],
)
def test_a_range_in_one_cell_is_a_row_for_each_day(connection, cell):
    report = calendar(connection, {"日期": [cell], **HOLIDAY})
    assert days(connection) == OCTOBER
    assert report.findings == ()
    assert {change.row for change in report.plan.changes} == {1}
    assert calendar(connection, {"日期": [cell], **HOLIDAY}).plan.same == 7


@pytest.mark.parametrize("last", ["2026-10-07", "10月7日", date(2026, 10, 7), datetime(2026, 10, 7), 46302, "10.7"])
@pytest.mark.parametrize("first", [datetime(2026, 10, 1), "2026年10月1日", 46296])
def test_the_last_day_may_stand_in_a_column_of_its_own(connection, first, last):
    report = calendar(connection, {"日期": [first], "至": [last], **HOLIDAY})
    assert days(connection) == OCTOBER
    assert report.mapping["to"] == "至"


@pytest.mark.parametrize(
    "cell", ["2026-10-01", "2026-10-01 00:00:00", "2026-10-01T00:00:00+08:00", "20261001", "46296"]
)
def test_a_row_without_a_last_day_is_one_day(connection, cell):
    calendar(connection, {"开始日期": [cell], "结束日期": [None], **HOLIDAY})
    assert days(connection) == ["2026-10-01"]


def test_a_last_day_without_a_year_may_be_in_the_next_one(connection):
    calendar(connection, {"日期": ["2026-12-31"], "至": ["1月2日"], **HOLIDAY})
    assert days(connection) == ["2026-12-31", "2027-01-01", "2027-01-02"]


@pytest.mark.parametrize(
    ("rows", "name"),
    [
        ({"年份": [2026], "日期": ["10.1-10.7"]}, "frame"),
        ({"年份": ["2026年"], "日期": ["10月1日至7日"]}, "2025.csv"),
        ({"2026年放假时间": ["10月1日-7日"]}, "frame"),
        ({"放假时间（2026年）": ["10/1—10/7"]}, "frame"),
    ],
)
def test_the_year_may_stand_in_a_column_or_in_the_header(connection, rows, name):
    report = calendar(connection, {**rows, **HOLIDAY}, name=name, mapping={"day": list(rows)[-1]})
    assert (days(connection), report.findings) == (OCTOBER, ())


def test_each_row_has_its_own_year(connection):
    calendar(connection, {"年度": [2026, "2027年"], "日期": ["12.31", "1.1-1.2"], "类型": ["放假", "放假"]})
    assert days(connection) == ["2026-12-31", "2027-01-01", "2027-01-02"]


def sheet(path, rows, title="Sheet1"):
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


TABLE = [["节日", "放假时间", "类型"], ["国庆节", "10月1日至7日", "放假"], ["调休", "9月20日、10月10日", "上班"]]


@pytest.mark.parametrize("header_rows", [None, (3, 3)])
def test_the_year_may_stand_above_the_table(connection, tmp_path, header_rows):
    path = sheet(tmp_path / "放假.xlsx", [["关于2026年部分节假日安排的通知"], ["2025年11月发布"], *TABLE])
    report = load(connection, "calendar", path, options=LoadOptions(commit=True, header_rows=header_rows))
    assert days(connection) == ["2026-09-20", *OCTOBER, "2026-10-10"]
    assert "year-guessed" not in {finding.kind for finding in report.findings}


def test_the_year_may_stand_above_the_table_of_a_delimited_file(connection, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("2026年放假安排,,\n" + "\n".join(",".join(row) for row in TABLE), "utf-8")
    load(connection, "calendar", path, options=LoadOptions(commit=True))
    assert days(connection) == ["2026-09-20", *OCTOBER, "2026-10-10"]


@pytest.mark.parametrize(("file", "title"), [("2026放假.xlsx", "Sheet1"), ("放假.xlsx", "2026年")])
def test_a_year_in_the_name_of_file_or_sheet_is_taken_with_a_warning(connection, tmp_path, file, title):
    report = load(connection, "calendar", sheet(tmp_path / file, TABLE, title), options=LoadOptions(commit=True))
    assert days(connection) == ["2026-09-20", *OCTOBER, "2026-10-10"]
    guessed = [finding for finding in report.findings if finding.kind == "year-guessed"]
    assert [(finding.row, finding.facts["column"]) for finding in guessed] == [(2, "放假时间"), (3, "放假时间")]
    assert "2026" in guessed[0].message_zh


def test_without_any_year_the_nearest_is_taken_with_one_warning_for_the_row(connection):
    report = calendar(connection, {"日期": ["10月1日至7日"], **HOLIDAY})
    assert faults(report) == [("warning", "year-guessed", 1)]
    assert len(days(connection)) == 7


@pytest.mark.parametrize(
    ("rows", "kind", "words"),
    [
        ({"日期": ["2026-04-06"], "至": ["2026-04-04"]}, "backward-period", "2026-04-06 – 2026-04-04"),
        ({"日期": ["2026-10-07~2026-10-01"]}, "backward-period", "早于"),
        ({"日期": ["2026年10月7日-1日"]}, "backward-period", "早于"),
        ({"日期": ["2026.10.7-10.1"]}, "backward-period", "早于"),
        ({"日期": ["2026-01-01~2026-03-02"]}, "overlong-range", "共 61 天"),
        ({"日期": ["2026-01-01"], "至": ["2026-12-31"]}, "overlong-range", "2026-01-01 至 2026-12-31 共 365 天"),
        ({"日期": ["2026-01-01"], "至": ["2999-12-31"]}, "overlong-range", "最多 60 天"),
        ({"日期": ["2026-10-01"], "至": ["长期"]}, "unreadable-time", "长期"),
        ({"日期": ["2026-10-01起"]}, "unreadable-time", "日期范围"),
        ({"日期": ["2026-10-01 08:00~2026-10-02 17:00"]}, "unreadable-time", "时刻"),
        ({"日期": ["国庆"]}, "unreadable-time", "国庆"),
        ({"日期": ["、"]}, "unreadable-time", "日期"),
        ({"日期": ["2026-02-30~2026-03-01"]}, "unreadable-time", "日期"),
        ({"日期": [10.1]}, "unreadable-time", "10.1"),
        ({"日期": [datetime(2026, 10, 1, 8)]}, "unreadable-time", "时刻"),
        ({"日期": ["2026-10-01~2026-10-03"], "至": ["2026-10-05"]}, "unclear-range", "只填写一个"),
        ({"日期": ["2026-10-01"], "至": ["2026-10-02、2026-10-03"]}, "unclear-range", "只填写一个"),
        ({"日期": ["10.1-10.7"], "年份": ["去年"]}, "unreadable-time", "不是年份"),
        ({"日期": [None]}, "missing-value", "必须填写"),
    ],
)
def test_what_is_no_range_of_days_is_an_error_of_its_row(connection, rows, kind, words):
    report = calendar(connection, {**rows, **HOLIDAY}, commit=False)
    assert faults(report) == [("error", kind, 1)]
    (fault,) = report.findings
    assert words in fault.message_zh
    assert fault.facts["column"] == "日期"
    assert report.plan.new == ()


def test_sixty_days_are_still_a_range(connection):
    calendar(connection, {"日期": ["2026-01-01~2026-03-01"], **HOLIDAY})
    assert len(days(connection)) == MOST_DAYS


def test_a_day_in_two_ranges_is_an_error_of_the_later_row(connection):
    rows = {"日期": ["2026-10-01~2026-10-07", "2026-10-06、2026-10-08"], "类型": ["放假", "放假"]}
    report = calendar(connection, rows, commit=False)
    assert faults(report) == [("error", "duplicate-code", 2)]
    assert report.findings[0].facts["first_row"] == 1
    with pytest.raises(LoadRefusedError):
        calendar(connection, rows)


def test_a_table_of_endless_ranges_is_refused_in_words(connection, monkeypatch):
    monkeypatch.setattr(calendar_ranges, "MOST_DAYS_IN_ALL", 10)
    rows = {"日期": ["2026-10-01~2026-10-07", "2026-11-01~2026-11-07"], "类型": ["放假", "放假"]}
    assert faults(calendar(connection, rows, commit=False)) == [("error", "too-many-days", 2)]


def test_a_range_of_no_known_kind_is_one_error_however_many_its_days(connection):
    report = calendar(connection, {"日期": ["2026-10-01~2026-10-07"], "类型": ["也许"]}, commit=False)
    assert faults(report) == [("error", "unknown-choice", 1)]


@given(st.dates(date(2000, 1, 1), date(2099, 1, 1)), st.integers(1, MOST_DAYS - 1), st.sampled_from(FORMS))
def test_every_spelling_of_a_range_gives_its_days(first, more, form):
    last = first + timedelta(days=more)
    cells, rows, mapping = calendar_ranges.spread_days(
        {"日期": [form.format(first, last)]}, pd.Series([3]).to_numpy(), {"day": "日期"}
    )
    assert cells["日期"] == [first + timedelta(days=at) for at in range(more + 1)]
    assert set(rows) == {3}
    assert mapping == {"day": "日期"}
