"""Stations without coordinates: mobile ones need none, of the others they are asked for."""

import pandas as pd
import pytest

from geodata.intake.mobile import LISTED
from geodata.intake.report import LoadOptions
from geodata.intake.understanding import likeliest, suiting
from geodata.load import load_frame
from geodata.station.register import STATIONS
from geodata.times import parse_time

EARLY, LATER = parse_time("2026-01-01"), parse_time("2026-02-01")
BUS = {"编码": ["bus"], "名称": ["样例车"], "类别": ["流动服务站"], "地址": ["各社区"]}


def load(connection, rows, *, kind="stations", commit=True, effective=EARLY, **more):
    options = LoadOptions(commit=commit, effective=effective, actor="t", **more)
    return load_frame(connection, kind, pd.DataFrame(rows, dtype=object), options=options)


def faults(report):
    return [(finding.severity, finding.kind, finding.row) for finding in report.findings]


def place(connection, code="bus", at=LATER):
    return next((one["lon"], one["lat"]) for one in STATIONS.in_force(connection, at) if one["code"] == code)


@pytest.mark.parametrize("more", [{}, {"经度": [None], "纬度": [None]}])
def test_a_mobile_station_needs_no_place_and_says_that_it_has_no_stops_yet(connection, more):
    report = load(connection, {**BUS, **more})
    assert faults(report) == [("warning", "no-stops", 1)]
    assert "导入停靠点后" in report.findings[0].message_zh
    assert place(connection) == (None, None)
    assert load(connection, {**BUS, **more}, effective=LATER).plan.same == 1


@pytest.mark.parametrize(
    "words",
    [
        {"名称": ["巡回法庭"], "类别": [None]},
        {"级别": ["流动"], "类别": ["站"]},
        {"类别": ["Mobile clinic"]},
        {"名称": ["移动服务车"], "类别": [None]},
    ],
)
def test_name_level_or_category_say_that_a_station_moves(connection, words):
    assert faults(load(connection, BUS | words, commit=False)) == [("warning", "no-stops", 1)]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"类别": ["服务站"]}, "只有地址，缺少经纬度"),
        ({"类别": ["营业厅"], "名称": ["中国移动营业厅"]}, "只有地址，缺少经纬度"),
        ({"类别": ["服务站"], "地址": [None]}, "没有地址，也缺少经纬度"),
        ({"类别": ["服务站"], "经度": [None], "纬度": [36.5]}, "缺少经纬度"),
    ],
)
def test_a_station_that_stays_says_what_is_missing(connection, row, words):
    report = load(connection, BUS | row, commit=False)
    assert faults(report) == [("error", "missing-place", 1)]
    assert words in report.findings[0].message_zh
    assert report.findings[0].facts["column"] in ("经度", "地址")
    assert report.plan.new == ()


def test_a_file_of_addresses_alone_is_listed_up_to_a_number(connection):
    count = LISTED + 5
    rows = {"编码": [f"S{n}" for n in range(count)], "名称": ["样例站"] * count, "地址": ["甲路1号"] * count}
    report = load(connection, rows, commit=False)
    assert len(report.errors) == LISTED + 1
    assert report.errors[-1].facts["rows"] == 5


def test_stops_with_coordinates_make_a_station_mobile_whatever_it_is_called(connection):
    load(connection, {**BUS, "类别": ["服务站"], "lon": [117.0], "lat": [36.5]})
    load(connection, {"站点": ["样例车"], "lon": [117.1], "lat": [36.6], "停靠时间": ["周一 9:00-11:00"]}, kind="stops")
    assert load(connection, {**BUS, "类别": ["服务站"], "lon": [None], "lat": [None]}, effective=LATER).findings == ()
    assert place(connection) == (None, None)
    assert place(connection, at=EARLY) == (117.0, 36.5)


def test_a_file_without_coordinates_keeps_those_that_are_stored(connection):
    load(connection, {**BUS, "类别": ["服务站"], "lon": [117.0], "lat": [36.5]})
    report = load(connection, {"编码": ["bus"], "名称": ["样例站"], "电话": ["12345"]}, effective=LATER)
    assert report.findings == ()
    assert place(connection) == (117.0, 36.5)


def test_a_station_that_settles_down_gets_a_place(connection):
    load(connection, BUS)
    load(connection, {**BUS, "lon": [117.0], "lat": [36.5]}, effective=LATER)
    assert place(connection) == (117.0, 36.5)


def test_stations_are_still_told_from_organisations_by_their_place():
    headers = ["编码", "名称", "地址", "电话"]
    assert suiting("stations")(headers) < suiting("stations")([*headers, "经度", "纬度"])
    assert likeliest([]) is None
