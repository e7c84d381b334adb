"""Stops of mobile stations: each with a period of its own."""

import pandas as pd
import pytest

from geodata.intake.report import LoadOptions
from geodata.load import load_frame
from geodata.records import FOREVER_TO
from geodata.station.stops import stored_stops
from geodata.times import parse_time

BEFORE, EARLY, LATER, LATEST = (parse_time(day) for day in ("2025-12-01", "2026-01-01", "2026-02-01", "2026-03-01"))

STOPS = {
    "站点": ["bus", "bus", "bus"],
    "经度": [117.0, 117.1, 117.2],
    "纬度": [36.5, 36.6, 36.7],
    "停靠地点": ["文化广场", "东门", "西门"],
    "开始": [None, "2026-02-10", "2025-11-01"],
    "结束": [None, "2026-02-20", "2025-11-30"],
    "停靠时间": ["周一9:00-11:00", "周二 14:00-16:00", None],
}


@pytest.fixture
def town(connection):
    """A mobile station."""
    load(
        connection,
        "stations",
        {"code": ["bus"], "name": ["流动服务车"], "lon": [117.0], "lat": [36.5]},
        effective=BEFORE,
    )
    return connection


def load(connection, kind, rows, *, commit=True, effective=EARLY, **more):
    options = LoadOptions(commit=commit, effective=effective, actor="t", **more)
    return load_frame(connection, kind, pd.DataFrame(rows, dtype=object), options=options)


def stop(connection, address):
    return next(row for row in stored_stops(connection) if row["address"] == address)


def periods(connection, address):
    return connection.execute(
        """SELECT period_from(period), period_to(period), hours, withdrawn_at IS NOT NULL FROM stop_versions
        WHERE address = %s ORDER BY stop_version_id""",
        [address],
    ).fetchall()


def changed(**cells):
    return {
        **STOPS,
        **{
            {"to": "结束", "hours": "停靠时间", "begins": "开始", "lon": "经度"}[name]: value
            for name, value in cells.items()
        },
    }


def test_stops_stand_for_good_for_a_while_or_are_over(town):
    report = load(town, "stops", STOPS)
    assert (report.errors, len(report.plan.new)) == ((), 3)
    assert (stop(town, "文化广场")["from"], stop(town, "文化广场")["to"]) == (EARLY, FOREVER_TO)
    assert stop(town, "文化广场")["hours"] == "Mo 09:00-11:00"
    assert stop(town, "东门")["to"] == parse_time("2026-02-21")
    assert stop(town, "西门")["to"] == parse_time("2025-12-01")


@pytest.mark.parametrize("effective", [EARLY, LATER, LATEST])
def test_a_second_identical_load_changes_nothing_at_any_time(town, effective):
    load(town, "stops", STOPS)
    report = load(town, "stops", STOPS, effective=effective)
    assert (report.plan.same, report.plan.changes_anything) == (3, False)


def test_other_hours_begin_at_the_effective_time_and_the_old_ones_are_kept(town):
    load(town, "stops", STOPS)
    rows = changed(hours=["周三9:00-11:00", "周二 14:00-16:00", None])
    report = load(town, "stops", rows, effective=LATER)
    assert len(report.plan.changed) == 1
    assert periods(town, "文化广场") == [
        (EARLY, LATER, "Mo 09:00-11:00", False),
        (LATER, FOREVER_TO, "We 09:00-11:00", False),
    ]
    assert not load(town, "stops", rows, effective=LATEST).plan.changes_anything


def test_what_has_not_begun_is_corrected_from_its_start(town):
    load(town, "stops", STOPS)
    load(town, "stops", changed(hours=["周一9:00-11:00", "周四 14:00-16:00", None]), effective=LATER)
    begins, ends = parse_time("2026-02-10"), parse_time("2026-02-21")
    assert periods(town, "东门") == [
        (begins, ends, "Tu 14:00-16:00", True),
        (begins, ends, "Th 14:00-16:00", False),
    ]


def test_another_end_alone_moves_the_end(town):
    load(town, "stops", STOPS)
    report = load(town, "stops", changed(to=["2026-06-30", "2026-02-28", "2025-11-30"]), effective=LATER)
    assert len(report.plan.changed) == 2
    assert periods(town, "文化广场") == [(EARLY, parse_time("2026-07-01"), "Mo 09:00-11:00", False)]
    assert periods(town, "东门")[0][:2] == (parse_time("2026-02-10"), parse_time("2026-03-01"))
    (one, _) = report.plan.changes
    assert (one.before["to"], one.after["to"]) == (None, "2026-07-01T00:00:00+08:00")


def test_a_column_that_is_not_there_keeps_what_is_stored(town):
    rows = {**STOPS, "编码": ["a", "b", "c"]}
    load(town, "stops", rows)
    short = {name: cells for name, cells in rows.items() if name not in ("开始", "结束", "停靠时间")}
    assert load(town, "stops", short, effective=LATER).plan.same == 3


def test_stops_that_are_left_out_end_only_when_told(town):
    load(town, "stops", STOPS)
    only = {name: cells[:1] for name, cells in STOPS.items()}
    assert load(town, "stops", only, effective=LATER).plan.ended == ()
    report = load(town, "stops", only, effective=LATER, retire_missing=True)
    # The third was over before, so it does not end again.
    assert [change.label for change in report.plan.changes] == ["bus · 东门"]
    assert periods(town, "东门")[0][3] is True


def test_a_stop_ends_by_its_code(town):
    load(town, "stops", STOPS)
    code = stop(town, "文化广场")["code"]
    report = load(town, "stops", {}, effective=LATER, retire=(code,))
    assert report.plan.ended == (code,)
    assert periods(town, "文化广场")[0][:2] == (EARLY, LATER)
    again = load(town, "stops", {}, effective=LATEST, retire=(code,), commit=False)
    assert [finding.kind for finding in again.errors] == ["unknown-code"]


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ({"station": ["nowhere"], "lon": [117], "lat": [36]}, "unknown-station"),
        ({"station": ["bus"], "lon": [117], "lat": [36], "hours": ["随叫随到"]}, "unreadable-hours"),
        (
            {"station": ["bus"], "lon": [117], "lat": [36], "from": ["2026-03-01"], "to": ["2026-02-01"]},
            "backward-period",
        ),
        ({"station": ["bus"], "lon": [36], "lat": [117]}, "swapped-axes"),
        ({"station": ["bus"], "lon": [None], "lat": [36]}, "missing-value"),
    ],
)
def test_what_cannot_be_meant_is_an_error_of_its_row(town, rows, fault):
    report = load(town, "stops", rows, commit=False)
    assert [(finding.kind, finding.row) for finding in report.errors] == [(fault, 1)]


def test_a_stop_that_ends_before_it_begins_says_the_day_that_was_written(town):
    rows = {"station": ["bus"], "lon": [117], "lat": [36], "from": ["2026-03-01"], "to": ["2026-02-01"]}
    (fault,) = load(town, "stops", rows, commit=False).errors
    assert "结束时间（2026-02-01 24:00）" in fault.message_zh


def test_a_begin_that_is_history_cannot_move_back(town):
    load(town, "stops", {**STOPS, "编码": ["a", "b", "c"]})
    rows = {"code": ["a"], "station": ["bus"], "lon": [117.0], "lat": [36.5], "from": ["2025-12-15"]}
    report = load(town, "stops", rows, commit=False, effective=LATER)
    assert [finding.kind for finding in report.errors] == ["moved-begin"]


def test_a_station_that_ends_leaves_its_stops(town):
    load(town, "stops", STOPS)
    report = load(town, "stations", {}, commit=False, effective=LATER, retire=("bus",))
    assert [finding.kind for finding in report.warnings] == ["leaves-stops"]
