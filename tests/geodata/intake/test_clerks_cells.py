"""Cells as clerks write them: phones, units of measure, durations, units of buildings, dates held as numbers."""

from datetime import UTC, date, datetime

import pytest

from geodata.intake.cells import Doubted, Unreadable
from geodata.intake.fields import Field
from geodata.intake.kinds import KINDS
from geodata.intake.values import read_cell, read_value
from geodata.times import LOCAL_ZONE, end_of, parse_time, start_of


def read(reader, cell):
    return read_value(Field("x", reader), cell)


def doubt(reader, cell):
    """What was read, and the kind of the warning, None where there is none."""
    value = read_cell(Field("x", reader), cell)
    return (value.value, value.kind) if isinstance(value, Doubted) else (value, None)


def fault(reader, cell):
    with pytest.raises(Unreadable) as refused:
        read(reader, cell)
    assert refused.value.message
    assert refused.value.message_zh
    return refused.value.kind


@pytest.mark.parametrize(
    ("cell", "phone"),
    [
        ("138-0000-0000", "13800000000"),
        ("138 0000 0000", "13800000000"),
        ("+86 13800000000", "13800000000"),
        ("+86-138-0000-0000", "13800000000"),
        ("8613800000000", "13800000000"),
        ("008613800000000", "13800000000"),
        ("１３８００００００００", "13800000000"),
        (" 13800000000\u3000", "13800000000"),
        ("'13800000000", "13800000000"),
        ("0531-88880000", "0531-88880000"),
        ("（0531）88880000", "(0531)88880000"),
        ("0531  88880000", "0531  88880000"),
        ("0531－88880000转801", "0531-88880000转801"),
        ("88880000 ext. 12", "88880000 ext. 12"),
        ("02-2720-8889", "02-2720-8889"),
        ("+886 2 2720 8889", "+886 2 2720 8889"),
        ("400-000-0000", "400-000-0000"),
        ("110", "110"),
        ("12345", "12345"),
        (96100, "96100"),
        (13800000000.0, "13800000000"),
        ("001-00000012", "001-00000012"),
    ],
)
def test_a_phone_is_kept_as_it_is_dialled(cell, phone):
    assert doubt("phone", cell) == (phone, None)


@pytest.mark.parametrize("cell", ["'990101001002003", "’990101001002003", " `990101001002003 "])
def test_the_apostrophe_that_keeps_a_code_as_text_is_no_part_of_it(cell):
    assert read("code", cell) == "990101001002003"


@pytest.mark.parametrize("cell", ["'12", "'A1", "O'Brien", "'2026'"])
def test_other_apostrophes_are(cell):
    assert read("code", cell) == cell


@pytest.mark.parametrize(
    "cell",
    [
        "138****0000",
        "138 **** 0000",
        "138＊＊＊＊0000",
        "138xxxx0000",
        "138●●●●0000",
        "****0000",
        "1380000***",
        "0531-****0000",
    ],
)
def test_a_masked_phone_would_destroy_the_number_and_is_refused(cell):
    assert fault("phone", cell) == "masked-phone"


@pytest.mark.parametrize(
    "cell",
    [
        "13800000000/13900000000",
        "13800000000、13900000000",
        "13800000000,13900000000",
        "13800000000，13900000000",
        "13800000000\n13900000000",
        "13800000000 13900000000",
        "1380000000013900000000",
        "138 0000 0000 139 0000 0000",
        "0531-88880000；13800000000",
        "88880000或88880001",
        "110/120",
    ],
)
def test_two_phones_in_one_cell_are_refused(cell):
    assert fault("phone", cell) == "two-phones"


@pytest.mark.parametrize(
    "cell",
    [
        "1380000000O",
        "张三13800000000",
        "无",
        "暂无",
        "见通讯录",
        "a@b.cn",
        "13800000000（儿子）",
    ],
)
def test_a_phone_with_letters_is_refused(cell):
    assert fault("phone", cell) == "letters-in-phone"


@pytest.mark.parametrize(
    "cell",
    [
        "1380000000",
        "138000000000",
        1380000000,
        "12",
        "1",
        "0531888800001234567",
        "88880000 88880001",
    ],
)
def test_a_phone_of_another_length_is_refused(cell):
    assert fault("phone", cell) in ("unlikely-phone", "two-phones")


def test_a_number_that_may_have_lost_its_zero_is_doubted():
    assert doubt("phone", 53188880000) == ("53188880000", "lost-zero")
    assert doubt("phone", 53188880000.0) == ("53188880000", "lost-zero")


@pytest.mark.parametrize("cell", ["1.38E+10", 1.5, "1.38e+10"])
def test_a_phone_whose_digits_are_lost_is_refused(cell):
    assert fault("phone", cell) in ("damaged-code", "unreadable-phone")


@pytest.mark.parametrize(
    ("cell", "count"),
    [
        ("120户", 120),
        ("120 户", 120),
        ("1,250人", 1250),
        ("１２０户", 120),
        ("约300", 300),
        ("约 300 户左右", 300),
        ("300多户", 300),
        ("300余", 300),
        ("1.2万人", 12000),
        ("12栋", 12),
        ("300 households", 300),
        ("≈300", 300),
    ],
)
def test_a_unit_beside_a_count_is_read_with_a_warning(cell, count):
    assert doubt("count", cell) == (count, "unit-in-cell")


@pytest.mark.parametrize(
    "cell",
    [
        "3.5 km",
        "300-400",
        "300/400",
        "三百户",
        "1.5户",
        "户",
        "120户30人",
        "-5户",
        "3.00001万",
        "12%",
    ],
)
def test_a_count_that_could_be_anything_is_refused(cell):
    assert fault("count", cell) == "unreadable-number"


def test_a_plain_count_is_not_doubted():
    assert doubt("count", "1,250") == (1250, None)
    assert doubt("count", 12.0) == (12, None)


@pytest.mark.parametrize(
    ("cell", "degrees"),
    [
        ("116°23′15″", 116 + 23 / 60 + 15 / 3600),
        ("116°23'15.5\"E", 116 + 23 / 60 + 15.5 / 3600),
        ("东经116度23分15秒", 116 + 23 / 60 + 15 / 3600),
        ("36°30'N", 36.5),
        ("36°30'S", -36.5),
        ("36.5°", 36.5),
        ("-36.5度", -36.5),
    ],
)
def test_degrees_and_minutes_are_read_with_a_warning(cell, degrees):
    value, kind = doubt("number", cell)
    assert (value, kind) == (pytest.approx(degrees), "degrees-minutes")


@pytest.mark.parametrize("cell", ["116°75′", "116°23′99″", "°", "116°23′15″15‴", "N"])
def test_degrees_that_are_none_are_refused(cell):
    assert fault("number", cell) == "unreadable-number"


@pytest.mark.parametrize(
    ("cell", "minutes"),
    [
        ("2小时", 120),
        ("2 小时内", 120),
        ("2个小时", 120),
        ("两小时", 120),
        ("24小时以内办结", 1440),
        ("二十四小时", 1440),
        ("半小时", 30),
        ("1.5小时", 90),
        ("30分钟", 30),
        ("2天", 2880),
        ("1天12小时", 2160),
        ("三日内", 4320),
        ("1周", 10080),
        ("2 hours", 120),
        ("within 2 hours", 120),
        ("90 min", 90),
        ("2h", 120),
        ("7 days", 10080),
        ("PT2H", 120),
        ("P2D", 2880),
        ("P1DT12H", 2160),
        ("p1w", 10080),
        (120, 120),
        ("120", 120),
        ("１２０", 120),
    ],
)
def test_a_promised_time_is_minutes(cell, minutes):
    assert doubt("duration", cell) == (minutes, None)


@pytest.mark.parametrize("cell", ["7个工作日", "7工作日内", "7 working days", "七个工作日"])
def test_working_days_count_as_days_and_that_is_said(cell):
    assert doubt("duration", cell) == (7 * 1440, "working-days")


@pytest.mark.parametrize(
    "cell",
    ["立即", "尽快", "0", "-2小时", "2个月", "PT", "1.0001分钟", "2小时又", "100年", True, "2026-10-01", "9" * 400],
)
def test_a_promise_without_a_time_is_refused(cell):
    assert fault("duration", cell) == "unreadable-duration"


@pytest.mark.parametrize(
    ("cell", "labels"),
    [
        (3, ("1", "2", "3")),
        (3.0, ("1", "2", "3")),
        ("3", ("1", "2", "3")),
        ("3个单元", ("1", "2", "3")),
        (0, ()),
        ("1单元、2单元", ("1", "2")),
        ("1-4单元", ("1", "2", "3", "4")),
        ("1 至 3", ("1", "2", "3")),
        ("1、3-5", ("1", "3", "4", "5")),
        ("甲,乙；丙", ("甲", "乙", "丙")),
        ("东单元 西单元", ("东", "西")),
        ("3单元", ("3",)),
        ('["1", "2"]', ("1", "2")),
        (["1", "2", None, "2"], ("1", "2")),
        ("１、２", ("1", "2")),
    ],
)
def test_units_are_a_count_or_labels(cell, labels):
    assert read("units", cell) == labels


@pytest.mark.parametrize(
    "cell",
    [
        500,
        "1-300",
        "4-1",
        "a#b",
        "很长的单元名称" * 5,
        ",".join(map(str, range(300))),
    ],
)
def test_units_that_cannot_be_are_refused(cell):
    assert fault("units", cell) == "unreadable-units"


@pytest.mark.parametrize("cell", [46023, 46023.0, "46023", " 46023 ", "４６０２３"])
def test_a_day_held_as_a_number_is_read_with_a_warning(cell):
    assert doubt("from", cell) == (parse_time("2026-01-01"), "date-serial")
    assert doubt("to", cell) == (parse_time("2026-01-02"), "date-serial")
    assert doubt("day", cell) == ("2026-01-01", "date-serial")


def test_a_time_held_as_a_number_keeps_its_time():
    assert doubt("from", 46023.375) == (parse_time("2026-01-01 09:00"), "date-serial")
    assert doubt("to", 46023.375) == (parse_time("2026-01-01 09:00"), "date-serial")
    assert fault("day", 46023.375) == "unreadable-time"


@pytest.mark.parametrize("cell", [datetime(9999, 12, 31, 20, tzinfo=UTC), datetime(1, 1, 1), "0001-01-01"])
def test_a_day_at_the_end_of_time_is_refused(cell):
    assert fault("day", cell) == "unreadable-time"


@pytest.mark.parametrize("cell", ["P" + "9" * 400 + "D", "9" * 400 + "小时", "1-200," * 800])
def test_hostile_lengths_are_refused(cell):
    assert fault("duration", cell) in ("unreadable-duration", "overlong-text")
    assert fault("units", cell) == "unreadable-units"
    assert fault("count", cell) == "unreadable-number"


def test_a_compact_date_is_no_such_number():
    assert doubt("from", 20260101) == (parse_time("2026-01-01"), None)
    assert doubt("day", date(2026, 1, 1)) == ("2026-01-01", None)


def test_a_day_that_begins_at_one_because_clocks_were_put_forward_is_a_day():
    assert doubt("day", "1940-06-01") == ("1940-06-01", None)


@pytest.mark.parametrize("cell", [1, 19999, 80000, 2026, -46023, True, float("inf")])
def test_other_numbers_are_no_dates(cell):
    assert fault("from", cell) == "unreadable-time"


@pytest.mark.parametrize(
    ("cell", "code"), [("Ａ０１", "A01"), ("　Ａ－０１　", "A-01"), ("B1＃2", "B1#2"), ("网格①", "网格①")]
)
def test_full_width_codes_are_the_plain_ones(cell, code):
    assert read("code", cell) == code


@pytest.mark.parametrize(
    ("cell", "hours"),
    [
        ("周一至周五 8:30-17:30", "Mo-Fr 08:30-17:30"),
        ("周一至周五 8:30-12:00\n14:00-17:30", "Mo-Fr 08:30-12:00,14:00-17:30"),
        ("24小时", "24/7"),
        ("Mo-Su 20:00-06:00", "Mo-Su 20:00-06:00"),
    ],
)
def test_hours_are_normalised(cell, hours):
    assert read_value(KINDS["stations"].field("hours"), cell) == hours
    assert read_value(KINDS["duties"].field("hours"), hours) == hours


@pytest.mark.parametrize("cell", ["随叫随到", "8:30-17:30 x", "x" * 5001, "sunrise-sunset"])
def test_hours_that_cannot_be_read_are_refused(cell):
    assert fault("hours", cell) in ("unreadable-hours", "overlong-text")


def test_every_kind_and_field_has_a_name_for_screens_in_both_languages():
    for kind in KINDS.values():
        assert kind.label != kind.name
        assert kind.label_en
        for field in kind.fields:
            assert not field.label.isascii(), (kind.name, field.name)
            assert field.label_en.isascii()


class TestDaysWithoutYear:
    def test_the_nearest_such_day_is_meant_and_said(self):
        today = datetime.now(LOCAL_ZONE).date()
        for field, edge in (("from", start_of), ("to", end_of)):
            read = read_cell(KINDS["leave"].field(field), f"{today.month}月{today.day}日")
            assert isinstance(read, Doubted)
            assert (read.value, read.kind) == (edge(today), "year-guessed")
        day = read_cell(KINDS["calendar"].field("day"), f"{today.month}月{today.day}")
        assert isinstance(day, Doubted)
        assert day.value == today.isoformat()

    @pytest.mark.parametrize("text", ["2月30日", "13月1日", "月1日", "11月", "10.1"])
    def test_what_is_no_day_in_any_year_is_refused(self, text):
        with pytest.raises(Unreadable):
            read_cell(KINDS["leave"].field("from"), text)
