from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from geodata.errors import HoursError
from geodata.people.hours import Calendar, Clock, is_open, next_open, open_spans, parse_hours, readable
from geodata.records import FOREVER_FROM, FOREVER_TO, CalendarDay

LOCAL = ZoneInfo("Asia/Shanghai")
# The National Day of 2026 as it might be: a week off, and the Saturday after it worked.
CALENDAR = Calendar.of(
    [
        *(CalendarDay(f"2026-10-0{day}", "holiday", "国庆节") for day in range(1, 8)),
        CalendarDay("2026-10-10", "workday", "调休上班"),
    ]
)
NONE = Calendar()


def at(text: str, zone: ZoneInfo = LOCAL) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp() * 1_000_000)


def shown(micros: int | None, zone: ZoneInfo = LOCAL) -> str | None:
    return None if micros is None else datetime.fromtimestamp(micros / 1e6, zone).strftime("%m-%d %H:%M")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("", ""),
        ("   ", ""),
        ("Mo-Fr 8:30-12:00,14:00-17:30; PH off", "Mo-Fr 08:30-12:00,14:00-17:30; PH closed"),
        ("Mo-Fr: 8:00-12:00", "Mo-Fr 08:00-12:00"),
        ("Mon - Fri 8:00 - 12:00", "Mo-Fr 08:00-12:00"),
        ("daily 8:00-20:00", "Mo-Su 08:00-20:00"),
        ('Mo-Fr 08:00-12:00 "PH call; Sa"; PH off', 'Mo-Fr 08:00-12:00 "PH call; Sa"; PH closed'),
        ("24/7", "24/7"),
        ("周一至周五8:30-12:00,14:00-17:30", "Mo-Fr 08:30-12:00,14:00-17:30"),
        ("周一至周五 8:30-17:30，节假日休息", "Mo-Fr 08:30-17:30; PH closed"),
        ("周一～周五 8：30－17：30", "Mo-Fr 08:30-17:30"),
        ("周一到周五上午8:30-12:00 下午2:00-5:30", "Mo-Fr 08:30-12:00,14:00-17:30"),
        (
            "星期一至星期五：上午8:30至12:00，下午13:30至17:00（法定节假日除外）",
            "Mo-Fr 08:30-12:00,13:30-17:00; PH closed",
        ),
        ("除法定节假日外 每天 8:00-18:00", "Mo-Su 08:00-18:00; PH closed"),
        ("每天9:00-17:00（周一闭馆）", "Mo-Su 09:00-17:00; Mo closed"),
        ("週一至週五 08:00～17:00；例假日休館", "Mo-Fr 08:00-17:00; Sa,Su,PH closed"),
        ("周一至周五8:30-17:30;周六8:30-12:00;周日休息", "Mo-Fr 08:30-17:30; Sa 08:30-12:00; Su closed"),
        ("工作日 9-17", "Mo-Fr 09:00-17:00; PH closed"),
        ("工作日8:30-18:00 节假日9:00-16:00", "Mo-Fr 08:30-18:00; PH 09:00-16:00"),
        ("周一、三、五 9点-11点半", "Mo,We,Fr 09:00-11:30"),
        ("周1-5 8:30-17:30", "Mo-Fr 08:30-17:30"),
        ("周六日 10:00-16:00", "Sa,Su 10:00-16:00"),
        ("上午8时30分至11时30分，下午2时至5时", "08:30-11:30,14:00-17:00"),
        ("晚上8点至次日6点", "20:00-06:00"),
        ("周一至周五8:30-17:30 双休", "Mo-Fr 08:30-17:30; Sa,Su closed"),
        ("双休", "Mo-Su; Sa,Su closed"),
        ("工作日", "Mo-Fr; PH closed"),
        ("周末", "Sa,Su"),
        ("每天", "Mo-Su"),
        ("全天", "24/7"),
        ("24小时值班", "24/7"),
        ("全年无休 24小时", "24/7"),
    ],
)
def test_hours_as_people_write_them_become_one_syntax_and_stay_as_they_are(written: str, meant: str) -> None:
    assert parse_hours(written) == meant
    assert parse_hours(meant) == meant


@pytest.mark.parametrize(
    "written",
    [
        "随叫随到",
        "看情况",
        "周八 8:00-9:00",
        "周一至周五 25:00-26:00",
        "周一 8:70-9:00",
        "8:30-8:30 上班",
        "上午9:00-5:00",
        "8.30-17.30",
        "休息",
        "10-12",
        "Mo-Fr 08:00-12:00;;; or so",
        "SH off",
        "Mo-Fr sunrise-sunset",
        "PH +1 day off",
        "Mo[1] +2 days 10:00-12:00",
        "PH Mo-Fr 10:00-12:00",
        "x" * 501,
        '"' + "x" * 600 + '"',
        ";".join(["Mo 08:00-12:00"] * 5000),
        "(" * 400,
        "Mo-Fr 08:00-12:00\x00",
        "=cmd|'/c calc'!A1",
    ],
)
def test_what_cannot_be_read_or_kept_is_said_in_both_languages(written: str) -> None:
    with pytest.raises(HoursError) as refused:
        parse_hours(written)
    assert refused.value.detail != refused.value.detail_zh
    assert len(refused.value.detail) < 200


def test_stored_hours_that_nobody_can_read_are_known_as_such() -> None:
    assert [readable(text) for text in ("Mo-Fr 08:00-12:00", "随叫随到", "SH off", "x" * 2000)] == [
        True,
        False,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("hours", "when", "open_then"),
    [
        ("", "2026-10-01 03:00", True),
        ("Mo-Fr 08:30-17:30", "2026-10-01 09:00", True),
        ("Mo-Fr 08:30-17:30; PH off", "2026-10-01 09:00", False),
        ("Mo-Fr 08:30-17:30; PH off", "2026-10-08 09:00", True),
        ("Mo-Fr 08:30-17:30; PH off", "2026-10-10 09:00", True),
        ("Mo-Fr 08:30-17:30; Sa,Su,PH off", "2026-10-10 09:00", True),
        ("Mo-Fr 08:30-17:30; PH off", "2026-10-11 09:00", False),
        ("Sa 10:00-12:00", "2026-10-10 11:00", False),
        ("PH 10:00-16:00", "2026-10-03 15:59", True),
        ("PH 10:00-16:00", "2026-10-03 16:00", False),
        ("PH,Sa 10:00-16:00", "2026-10-05 12:00", True),
        ("2026 Oct 10 09:00-12:00", "2026-10-10 10:00", True),
        ("Oct Mo-Fr 09:00-12:00", "2026-10-10 10:00", True),
        ("Oct Sa 09:00-12:00", "2026-10-10 10:00", False),
        ("Fr[2] 09:00-12:00", "2026-10-09 10:00", True),
        ("Fr[2] 09:00-12:00", "2026-10-10 10:00", False),
        ("Sa[-1] 09:00-12:00", "2026-10-31 10:00", True),
        ("Mo-Fr 08:00-18:00; We 12:00-14:00 off", "2026-10-14 13:00", False),
        ("Mo-Fr 08:00-18:00; We 12:00-14:00 off", "2026-10-14 15:00", True),
        ("Mo-Fr 08:00-18:00; We 12:00-14:00", "2026-10-14 15:00", False),
        ("Mo-Fr 08:00-10:00, We 12:00-14:00", "2026-10-14 09:00", True),
        ("Mo-Fr 20:00-06:00; Oct 13 off", "2026-10-14 05:00", False),
        ("Mo-Fr 20:00-06:00; Oct 14 off", "2026-10-14 05:00", True),
        ("24/7; PH off", "2026-10-07 23:59", False),
        ("24/7; PH off", "2026-10-08 00:00", True),
        ("Mo-Fr 08:00-12:00 unknown", "2026-10-08 09:00", False),
        ('Mo-Fr 08:00-12:00 || "ask"', "2026-10-08 13:00", False),
        ('Mo-Fr 08:00-12:00 "PH closed"', "2026-10-08 09:00", True),
    ],
)
def test_holidays_and_worked_weekends_are_those_of_the_calendar(hours: str, when: str, open_then: bool) -> None:
    assert is_open(hours, at(when), CALENDAR) is open_then


@pytest.mark.parametrize(
    ("when", "open_then"),
    [
        ("2026-09-30 17:59", False),
        ("2026-09-30 18:00", True),
        # The night that began before the holiday belongs to the day before.
        ("2026-10-01 07:59", True),
        ("2026-10-01 08:00", False),
        ("2026-10-01 18:00", False),
        ("2026-10-08 03:00", False),
        ("2026-10-08 18:00", True),
        ("2026-10-09 07:00", True),
        # Saturday the 10th is worked as a Friday, so its night runs into Sunday.
        ("2026-10-10 19:00", True),
        ("2026-10-11 07:00", True),
        ("2026-10-11 19:00", False),
    ],
)
def test_a_night_belongs_to_the_day_it_begins(when: str, open_then: bool) -> None:
    assert is_open("Mo-Fr 18:00-08:00; PH off", at(when), CALENDAR) is open_then


def test_spans_are_joined_and_cut_to_what_is_asked() -> None:
    spans = open_spans(
        "Mo-Fr 08:00-12:00,12:00-18:00,18:00-26:00", at("2026-11-17 09:00"), at("2026-11-19 01:00"), NONE
    )
    assert [(shown(begin), shown(end)) for begin, end in spans] == [
        ("11-17 09:00", "11-18 02:00"),
        ("11-18 08:00", "11-19 01:00"),
    ]
    assert open_spans("", 5, 7, NONE) == [(5, 7)]
    assert open_spans("24/7", at("2026-11-17 09:00"), at("2026-11-20 09:00"), NONE) == [
        (at("2026-11-17 09:00"), at("2026-11-20 09:00"))
    ]


def test_the_next_opening_is_found_over_a_week_off_and_never_where_there_is_none() -> None:
    hours = "Mo-Fr 08:30-17:30; PH off"
    assert shown(next_open(hours, at("2026-09-30 17:30"), CALENDAR)) == "10-08 08:30"
    assert shown(next_open(hours, at("2026-10-08 09:00"), CALENDAR)) == "10-08 09:00"
    for never in ("off", "Mo-Fr 08:00-12:00 unknown", "2020 Mo 08:00-12:00"):
        assert next_open(never, at("2026-09-30 17:00"), CALENDAR) is None


def test_the_wall_clock_decides_where_clocks_change() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    spans = open_spans("08:00-09:00", at("2026-03-28 00:00", berlin), at("2026-03-30 00:00", berlin), NONE, berlin)
    assert [(shown(begin, berlin), shown(end, berlin)) for begin, end in spans] == [
        ("03-28 08:00", "03-28 09:00"),
        ("03-29 08:00", "03-29 09:00"),
    ]


@pytest.mark.parametrize("micros", [-(2**62), -62_135_596_800_000_000, 253_402_300_799_999_999, 2**62])
def test_the_ends_of_the_calendar_do_no_harm(micros: int) -> None:
    assert not is_open("Mo-Fr 08:00-08:01; We off", micros, NONE)
    assert Clock(["Mo-Fr 08:00-12:00"], NONE, LOCAL).stretch(micros)[0] <= micros
    assert next_open("off", micros, NONE) is None


@pytest.mark.parametrize(
    "hours", ["9999 Mo 10:00-12:00", "Mo[-1] 10:00-12:00", "week 53 Su 10:00-12:00", "Jan off; Dec 31 08:00-09:00"]
)
@pytest.mark.parametrize("day", ["9999-12-01", "9999-12-28", "9999-12-31", "0001-01-02"])
def test_hours_that_name_dates_are_answered_to_the_last_day(hours: str, day: str) -> None:
    when = at(f"{day}T11:00:00")
    is_open(hours, when, Calendar(), LOCAL)
    next_open(hours, when, Calendar(), LOCAL)
    open_spans(hours, when, when + 10**12, Calendar(), LOCAL)


def test_a_clock_tells_stretches_in_which_no_hours_change() -> None:
    clock = Clock(["Mo-Fr 08:30-17:30", "18:00-02:00", "", "nonsense"], NONE, LOCAL)
    stretches = [
        shown(clock.stretch(at(f"2026-11-18 {hour}"))[0]) for hour in ("00:10", "02:00", "08:29", "12:00", "23:59")
    ]
    assert stretches == ["11-18 00:00", "11-18 02:00", "11-18 02:00", "11-18 08:30", "11-18 18:00"]
    assert Clock(["", "nonsense"], NONE, LOCAL).stretch(0) == (FOREVER_FROM, FOREVER_TO)


def test_hours_of_many_single_dates_are_refused_with_a_word_about_the_calendar() -> None:
    dates = "; ".join(f"Jan {day} 08:00-09:00" for day in range(1, 22))
    with pytest.raises(HoursError, match="21 rules for dates") as refused:
        parse_hours(dates)
    assert "节假日表" in refused.value.detail_zh
    assert parse_hours("; ".join(f"Jan {day} 08:00-{day:02}:30" for day in range(9, 24)))
