"""Periods in one cell, as leave lists have them."""

from datetime import date, datetime, timedelta

import pandas as pd
import pytest

from geodata.intake.cells import Doubted, Unreadable
from geodata.intake.columns import match_columns
from geodata.intake.kinds import KINDS
from geodata.intake.periods import read_period
from geodata.intake.rows import read_records
from geodata.records import FOREVER_TO
from geodata.times import LOCAL_ZONE, end_of, instant, parse_time, start_of


def days(value):
    """First day and last day of a period without doubt, as text."""
    begins, ends = read_period(value)
    last = instant(ends).astimezone(LOCAL_ZONE) - timedelta(microseconds=1)
    return f"{instant(begins).astimezone(LOCAL_ZONE):%Y-%m-%d}", f"{last:%Y-%m-%d}"


class TestWithYears:
    @pytest.mark.parametrize(
        "text",
        [
            "2026.10.1-2026.10.7",
            "2026.10.1-10.7",
            "2026-10-01~2026-10-07",
            "2026年10月1日至10月7日",
            "2026年10月1日至7日",
            "2026/10/1 — 2026/10/7",
            "２０２６．１０．１－１０．７",
            "2026-10-01到2026-10-07",
        ],
    )
    def test_the_last_day_counts_whole(self, text):
        assert days(text) == ("2026-10-01", "2026-10-07")

    def test_an_end_without_a_year_may_lie_in_the_next(self):
        assert days("2026.12.28-1.3") == ("2026-12-28", "2027-01-03")

    @pytest.mark.parametrize("value", ["2026-10-01", datetime(2026, 10, 1), date(2026, 10, 1)])
    def test_one_day_alone_is_that_day(self, value):
        assert days(value) == ("2026-10-01", "2026-10-01")

    @pytest.mark.parametrize("text", ["2026.10.1起", "2026年10月1日至今", "2026-10-01以后", "2026.10.1-长期"])
    def test_an_open_end_stays_open(self, text):
        assert read_period(text) == (parse_time("2026-10-01"), FOREVER_TO)

    def test_times_of_day_are_kept(self):
        expected = (parse_time("2026-10-01 08:30"), parse_time("2026-10-01 12:00"))
        assert read_period("2026-10-01 8:30-2026-10-01 12:00") == expected


class TestWithoutYears:
    def test_the_nearest_such_day_is_meant_and_said(self):
        for away in (-150, -3, 0, 3, 150):
            first = datetime.now(LOCAL_ZONE).date() + timedelta(days=away)
            last = first + timedelta(days=6)
            read = read_period(f"{first.month}.{first.day}-{last.month}.{last.day}")
            assert isinstance(read, Doubted)
            assert read.value == (start_of(first), end_of(last))
            assert str(first.year) in read.message_zh


class TestRefused:
    @pytest.mark.parametrize(
        "value", [10.1, 45000, "国庆", "10月", "2.30-3.1", "2026.13.1", "2026.2.29-3.1", "1.1-1.7-9"]
    )
    def test_what_is_no_period_is_refused(self, value):
        with pytest.raises(Unreadable) as caught:
            read_period(value)
        assert caught.value.kind == "unreadable-time"

    def test_a_period_that_ends_before_it_begins_is_refused(self):
        with pytest.raises(Unreadable) as caught:
            read_period("2026.10.7-2026.10.1")
        assert caught.value.kind == "backward-period"


def read(rows):
    frame = pd.DataFrame(rows, dtype=object)
    kind = KINDS["leave"]
    columns = {name: frame[name].tolist() for name in frame}
    found = match_columns(kind, list(columns), {})
    assert not found.findings
    return read_records(kind, columns, frame.index.to_numpy() + 2, found.mapping)


class TestInATable:
    def test_its_ends_are_the_fields_from_and_to(self):
        records, findings = read([{"姓名": "样例甲", "休假时间": "2026.10.1-10.7"}])
        assert records.fields["from"] == [parse_time("2026-10-01")]
        assert records.fields["to"] == [parse_time("2026-10-08")]
        assert "period" not in records.fields
        assert not findings

    def test_columns_of_their_own_go_first(self):
        records, _ = read([{"姓名": "样例甲", "休假时间": "2026.10.1-10.7", "开始日期": "2026-10-02"}])
        assert records.fields["from"] == [parse_time("2026-10-02")]
        assert records.fields["to"] == [parse_time("2026-10-08")]

    def test_an_empty_one_is_missing_where_a_begin_is_needed(self):
        records, (fault,) = read([{"姓名": "样例甲", "休假时间": None}])
        assert (fault.kind, fault.row, fault.facts["column"]) == ("missing-value", 2, "休假时间")
        assert not records.sound[0]
