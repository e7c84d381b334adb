"""One cell → one value, or what is wrong with it."""

import contextlib
from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.exchange.table import DamagedNumber
from geodata.intake.kinds import KINDS, Field
from geodata.intake.values import Unreadable, read_value
from geodata.records import FOREVER_TO
from geodata.times import parse_time


def read(reader, cell, **more):
    return read_value(Field("x", reader, **more), cell)


def fault(reader, cell, **more):
    with pytest.raises(Unreadable) as refused:
        read(reader, cell, **more)
    assert refused.value.message
    assert refused.value.message_zh
    return refused.value.kind


@pytest.mark.parametrize("cell", [None, "", "  ", "\u3000", float("nan"), pd.NaT, pd.NA, np.float64("nan"), "\ufeff"])
@pytest.mark.parametrize("reader", ["code", "text", "phone", "count", "number", "boolean", "list", "from", "to"])
def test_an_empty_cell_is_the_default(reader, cell):
    assert read(reader, cell, default="the default") == "the default"


@pytest.mark.parametrize(
    "cell", ["370102001001", " 370102001001 ", 370102001001, 370102001001.0, "370102001001.0", np.int64(370102001001)]
)
def test_a_code_is_its_digits_however_the_cell_holds_it(cell):
    assert read("code", cell) == "370102001001"


def test_a_code_keeps_leading_zeros_and_letters():
    assert read("code", "007-A") == "007-A"


def test_a_long_code_held_exactly_stays():
    assert read("code", 370102001001001001) == "370102001001001001"


@pytest.mark.parametrize("cell", [3.70102001001001e17, DamagedNumber(3.7e17), "3.70102E+17", "3.7e+11"])
def test_a_code_that_lost_digits_is_an_error(cell):
    assert fault("code", cell) == "damaged-code"


@pytest.mark.parametrize("cell", [True, 1.5, datetime(2026, 1, 1), date(2026, 1, 1)])
def test_what_cannot_be_a_code_is_an_error(cell):
    assert fault("code", cell) == "unreadable-code"


@pytest.mark.parametrize("text", ["<b>甲</b>", "=1+1", "𠮷野家", "👮", "a'b\"c", "'; DROP TABLE grids; --"])
def test_markup_emoji_and_rare_characters_stay_as_text(text):
    assert read("text", text) == text


@pytest.mark.parametrize("text", ["a\x00b", "a\x07b", "a\ud800b", "a\x1bb", "\u202eba", "a\u2066b"])
def test_characters_that_are_none_are_an_error(text):
    assert fault("text", text) == "control-character"


def test_a_line_break_inside_a_name_becomes_a_blank():
    assert read("text", "甲\r\n乙\t丙") == "甲 乙 丙"


def test_duties_text_keeps_its_lines():
    assert read_value(KINDS["roles"].field("duties_text"), "一\r\n二") == "一\n二"


def test_an_overlong_text_is_an_error():
    assert read("text", "长" * 500) == "长" * 500
    assert fault("text", "长" * 501) == "overlong-text"


@pytest.mark.parametrize(("cell", "text"), [(5, "5"), (5.0, "5"), (5.5, "5.5"), (True, "true")])
def test_a_number_in_a_text_column_is_its_digits(cell, text):
    assert read("text", cell) == text


@pytest.mark.parametrize("cell", [13800000000, 13800000000.0, "13800000000", "13800000000.0", " 13800000000"])
def test_a_phone_is_text_without_a_decimal_point(cell):
    assert read("phone", cell) == "13800000000"


def test_a_phone_with_an_area_code_stays_as_written():
    assert read("phone", "0531-8888 0000 转 12") == "0531-8888 0000 转 12"


@pytest.mark.parametrize(
    ("cell", "count"), [(0, 0), (12.0, 12), ("12", 12), ("１２", 12), ("1,234", 1234), ("12.0", 12)]
)
def test_a_count_is_a_whole_number(cell, count):
    assert read("count", cell) == count


@pytest.mark.parametrize("cell", [-1, 1.5, "many", "12 km", True, "1,2,3", 2**31, "inf", "nan", DamagedNumber(1e17)])
def test_what_is_no_count_is_an_error(cell):
    assert fault("count", cell) == "unreadable-number"


@pytest.mark.parametrize("cell", ["inf", "-inf", "abc", True, "117°61'E", 10**400])
def test_what_is_no_number_is_an_error(cell):
    assert fault("number", cell) == "unreadable-number"


@pytest.mark.parametrize("cell", ["是", "true", "TRUE", 1, "1", 1.0, True, "yes", "√", "公开"])
def test_yes_is_read_in_many_ways(cell):
    assert read("boolean", cell) is True


@pytest.mark.parametrize("cell", ["否", "false", 0, "0", False, "no", "×", "不公开"])
def test_no_is_read_in_many_ways(cell):
    assert read("boolean", cell) is False


def test_neither_yes_nor_no_is_an_error():
    assert fault("boolean", "也许") == "unreadable-boolean"


@pytest.mark.parametrize(
    "cell", ["办证、咨询,调解；助老", '["办证", "咨询", "调解", "助老"]', ["办证", "咨询", "调解", "助老", None]]
)
def test_services_are_split_and_trimmed(cell):
    assert read("list", cell) == ("办证", "咨询", "调解", "助老")


@pytest.mark.parametrize(
    ("cell", "level"),
    [
        ("社区", "community"),
        ("行政村", "community"),
        ("街道", "street"),
        ("镇", "street"),
        ("区/县", "district"),
        ("片区", "sub_area"),
        ("Street", "street"),
    ],
)
def test_levels_have_chinese_names(cell, level):
    assert read("level", cell) == level


def test_an_unknown_level_stays_as_written():
    assert read("level", "功能区") == "功能区"


def test_a_choice_is_read_by_its_name_or_synonym_and_else_refused():
    kind = KINDS["grids"].field("kind")
    assert (read_value(kind, "农村"), read_value(kind, "URBAN")) == ("rural", "urban")
    with pytest.raises(Unreadable, match="urban"):
        read_value(kind, "海洋")


@pytest.mark.parametrize(
    "cell",
    ["2026-01-31", "2026年1月31日", date(2026, 1, 31), datetime(2026, 1, 31), 20260131, pd.Timestamp("2026-01-31")],
)
def test_a_day_begins_at_local_midnight_and_ends_at_the_next(cell):
    assert read("from", cell) == parse_time("2026-01-31T00:00+08:00")
    assert read("to", cell) == parse_time("2026-02-01T00:00+08:00")


def test_a_cell_with_a_time_ends_at_that_time():
    assert read("to", datetime(2026, 1, 31, 8)) == parse_time("2026-01-31 08:00")
    assert read("to", datetime(2026, 1, 31, tzinfo=UTC)) == parse_time("2026-01-31 08:00")


@pytest.mark.parametrize("cell", ["至今", "长期", "9999-12-31", datetime(9999, 12, 31)])
def test_an_open_end_has_names(cell):
    assert read("to", cell) == FOREVER_TO


@pytest.mark.parametrize("cell", ["2026-02-30", "明天", 5, True])
def test_a_date_that_is_no_date_is_an_error(cell):
    assert fault("from", cell) == "unreadable-time"


CELLS = st.one_of(
    st.none(),
    st.text(),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.datetimes(),
    st.dates(),
    st.lists(st.text()),
    st.binary(),
)


@given(kind=st.sampled_from(sorted(KINDS)), data=st.data(), cell=CELLS)
def test_no_cell_whatever_breaks_a_reader(kind, data, cell):
    field = data.draw(st.sampled_from(KINDS[kind].fields))
    with contextlib.suppress(Unreadable):
        read_value(field, cell)
