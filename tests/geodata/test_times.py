"""Dates as people write them."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.errors import TimeError
from geodata.records import FOREVER_TO
from geodata.times import instant, microseconds, open_end, parse_time

NEW_YEAR = microseconds(datetime(2025, 12, 31, 16, tzinfo=UTC))  # midnight in Shanghai


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-01", "2026/1/1", "2026.01.01", "2026年1月1日", "20260101", "２０２６－０１－０１", " 2026-01-01 ",
        "2026-01-01 00:00", "2026-01-01T00:00:00", "2026-01-01T00:00:00+08:00", "2025-12-31T16:00:00Z",
        "2025-12-31 24:00", "2026-01-01T00:00:00.000000",
    ],
)  # fmt: skip
def test_every_way_to_write_new_year_is_local_midnight(text):
    assert parse_time(text) == NEW_YEAR


def test_an_inclusive_end_without_a_time_is_the_next_midnight():
    assert parse_time("2025-12-31", inclusive_end=True) == NEW_YEAR


def test_an_inclusive_end_with_a_time_is_that_time():
    assert parse_time("2026-01-01 00:00", inclusive_end=True) == NEW_YEAR


@pytest.mark.parametrize(
    "text",
    ["", "soon", "2026-02-30", "2026-13-01", "2026-1", "31/12/2026", "2026-01-01 25:00", "2026-01-01 08:60",
     "0000-01-01", "2026-01-01x", "99999999999999999999", "2026-01-01T08:00+99:00"],
)  # fmt: skip
def test_what_is_no_time_is_refused_with_advice(text):
    with pytest.raises(TimeError, match="Write 2026-01-31") as refused:
        parse_time(text)
    assert "2026-01-31" in refused.value.detail_zh


@given(st.datetimes(timezones=st.just(UTC)))
def test_an_instant_survives_the_way_there_and_back(moment):
    assert instant(microseconds(moment)) == moment


def test_the_open_end_has_no_instant():
    assert open_end(FOREVER_TO) is None


def test_a_time_outside_the_calendar_is_refused():
    with pytest.raises(TimeError):
        instant(10**18)
