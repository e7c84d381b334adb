from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from psycopg import Connection

from geodata.database import connect
from geodata.errors import InputError, NotKnownError
from geodata.lookup import lookup_point
from geodata.snapshot import Snapshot, compile_snapshot
from geodata.start import start_of
from tests import staffed

LOCAL = ZoneInfo("Asia/Shanghai")
# Wednesday.
WORKING, EVENING = "2026-06-03 10:00", "2026-06-03 20:00"

Answer = dict[str, Any]


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=LOCAL).timestamp() * 1_000_000)


@pytest.fixture
def compiled(database_url: str, tmp_path: Path) -> Callable[..., Snapshot]:
    staffed.staffed(database_url)

    def make(*changes: Callable[[Connection[Any]], object]) -> Snapshot:
        with connect(database_url) as connection:
            for change in changes:
                change(connection)
            connection.commit()
            return compile_snapshot(connection, tmp_path)

    return make


def asked(snapshot: Snapshot, when: str, point: tuple[float, float], **how: Any) -> Answer:
    return lookup_point(snapshot.moment(at(when)), *point, layer="general", as_of=at(when), **how)


def people(answer: Answer) -> list[tuple[str, str, str | None]]:
    (grid,) = answer["grids"]
    return [(worker["name"], worker["via"], worker["reason"]) for worker in grid["workers"]]


def first(answer: Answer) -> str:
    (grid,) = answer["grids"]
    (called,) = [worker["name"] for worker in grid["workers"] if worker["call_first"]]
    return str(called)


def named(snapshot: Snapshot, when: str, target: str, **how: Any) -> Answer:
    start, lon, lat = start_of(snapshot.moment(at(when)), target)
    return asked(snapshot, when, (lon, lat), start=start, unmasked=True, **how)


def test_a_point_in_a_building_starts_with_its_people_and_says_so(compiled: Callable[..., Snapshot]) -> None:
    answer = asked(compiled(), WORKING, staffed.IN_BUILDING, unmasked=True)
    assert (answer["building"], answer["compound"]) == (
        {"code": "B1", "name": "示例B1楼"},
        {"code": "C1", "name": "示例小区"},
    )
    assert people(answer) == [
        ("样例L1", "building", None),
        ("样例N1", "grid", None),
        ("示例W2", "grid", None),
        ("样例HALL", "street", None),
    ]
    assert first(answer) == "样例L1"


def test_a_point_in_the_compound_or_only_in_the_grid_says_that(compiled: Callable[..., Snapshot]) -> None:
    snapshot = compiled()
    inside, outside = (asked(snapshot, WORKING, point) for point in (staffed.IN_COMPOUND, staffed.IN_GRID))
    assert (inside["building"], inside["compound"]["code"]) == (None, "C1")
    assert (outside["building"], outside["compound"], outside["target"]) == (None, None, None)


@pytest.mark.parametrize(
    ("target", "leader", "kind"),
    [
        ("building:B1", ("样例L1", "building", None), "building"),
        ("unit:B1#2单元", ("样例U1", "unit", None), "unit"),
        ("unit:B1#1单元", ("样例L1", "building", None), "unit"),
        ("place:PARK", ("样例P1", "place", None), "place"),
        ("compound:C1", ("样例N1", "grid", None), "compound"),
        ("station:S1", ("样例N1", "grid", None), "station"),
    ],
)
def test_a_named_target_is_where_its_people_are_asked_first(
    compiled: Callable[..., Snapshot], target: str, leader: tuple[str, str, str | None], kind: str
) -> None:
    answer = named(compiled(), WORKING, target)
    assert people(answer)[0] == leader
    assert answer["target"]["kind"] == kind


def test_a_building_without_an_outline_still_belongs_to_its_compound(compiled: Callable[..., Snapshot]) -> None:
    answer = named(compiled(), WORKING, "building:B2")
    assert (answer["building"]["code"], answer["compound"]["code"]) == ("B2", "C1")
    assert answer["point"]["lon"] == 87.005


@pytest.mark.parametrize(
    ("target", "error"),
    [
        ("building:NONE", NotKnownError),
        ("unit:B1#9单元", NotKnownError),
        ("unit:NONE#1单元", NotKnownError),
        ("compound:NONE", NotKnownError),
        ("place:NONE", NotKnownError),
        ("station:NONE", NotKnownError),
        ("unit:B1", InputError),
        ("unit:#1", InputError),
        ("grid:A1", InputError),
        ("building:", InputError),
        ("building", InputError),
        ("", InputError),
        (":B1", InputError),
    ],
)
def test_a_target_that_is_not_there_or_not_written_so_is_refused_in_both_languages(
    compiled: Callable[..., Snapshot], target: str, error: type[NotKnownError]
) -> None:
    with pytest.raises(error) as refused:
        start_of(compiled().moment(at(WORKING)), target)
    assert refused.value.detail != refused.value.detail_zh


def test_before_anything_was_published_a_target_is_not_known(compiled: Callable[..., Snapshot]) -> None:
    with pytest.raises(NotKnownError):
        start_of(compiled().moment(at("2024-06-01")), "building:B1")


def test_a_compound_of_which_nobody_knows_where_it_is_says_so(compiled: Callable[..., Snapshot]) -> None:
    snapshot = compiled(
        lambda connection: connection.execute(
            """WITH one AS (INSERT INTO compounds (code) VALUES ('C2') RETURNING compound_id)
            INSERT INTO compound_versions (compound_id, name, period)
            SELECT compound_id, '无边界小区', tstzrange('2025-01-01', NULL) FROM one"""
        )
    )
    with pytest.raises(InputError, match="neither an outline nor buildings"):
        start_of(snapshot.moment(at(WORKING)), "compound:C2")


def test_out_of_hours_the_others_are_asked_and_the_answer_says_when_somebody_is_back(
    compiled: Callable[..., Snapshot],
) -> None:
    answer = asked(compiled(), EVENING, staffed.IN_GRID, unmasked=True)
    worker = next(one for one in answer["grids"][0]["workers"] if one["name"] == "样例N1")
    assert (worker["on_duty_now"], worker["reason"], worker["back_at"]) == (
        False,
        "off_hours",
        "2026-06-04T08:30:00+08:00",
    )
    assert worker["hours"] == "Mo-Fr 08:30-17:30; PH closed"


def test_a_holiday_of_the_calendar_counts(compiled: Callable[..., Snapshot]) -> None:
    snapshot = compiled(lambda connection: staffed.holiday(connection, "2026-06-03"))
    answer = asked(snapshot, WORKING, staffed.IN_GRID, unmasked=True)
    assert ("样例N1", "grid", "off_hours") in people(answer)


def test_somebody_on_leave_is_stood_in_for_in_all_duties(compiled: Callable[..., Snapshot]) -> None:
    snapshot = compiled(lambda c: staffed.leave(c, "N1", "2026-06-01T00:00+08:00", "2026-06-08T00:00+08:00", "S9"))
    answer = asked(snapshot, WORKING, staffed.IN_GRID, unmasked=True)
    assert [one for one in people(answer) if one[0] in ("样例N1", "样例S9")] == [
        ("样例S9", "grid", None),
        ("样例N1", "grid", "on_leave"),
    ]
    stand_in, away = (one for one in answer["grids"][0]["workers"] if one["name"] in ("样例N1", "样例S9"))
    assert stand_in["assignment"] == "stand_in"
    assert away["back_at"] == "2026-06-08T08:30:00+08:00"
    after = asked(snapshot, "2026-06-08 09:00", staffed.IN_GRID, unmasked=True)
    assert "样例S9" not in [name for name, _, _ in people(after)]


def empty_grid_a1(connection: Connection[Any]) -> None:
    """Only the worker with hours is left in A1."""
    connection.execute(
        """UPDATE duties SET withdrawn_at = now() FROM holders
        WHERE holders.holder_id = duties.holder_id AND holders.code = 'W2'"""
    )


def test_where_nobody_of_the_grid_is_on_duty_the_warning_names_who_answers_masked_as_the_asker_may_see(
    compiled: Callable[..., Snapshot],
) -> None:
    snapshot = compiled(empty_grid_a1, lambda c: staffed.duty(c, "S9", "worker", area="990101001"))
    for unmasked, shown in ((False, "样**"), (True, "样例S9")):
        answer = asked(snapshot, EVENING, staffed.IN_GRID, unmasked=unmasked)
        (warning,) = answer["warnings"]
        assert warning["code"] == "nobody-on-duty"
        assert (warning["layer"], warning["grid"]) == ("general", "A1")
        assert shown in warning["message"]
        assert shown in warning["message_zh"]
        assert first(answer) == shown
    assert asked(snapshot, WORKING, staffed.IN_GRID)["warnings"] == []
    assert asked(snapshot, EVENING, staffed.IN_BUILDING)["warnings"] == []


def test_where_nobody_at_all_is_on_duty_the_one_who_is_back_first_is_named(compiled: Callable[..., Snapshot]) -> None:
    snapshot = compiled(
        empty_grid_a1,
        lambda connection: connection.execute(
            """UPDATE duties SET withdrawn_at = now() FROM holders
            WHERE holders.holder_id = duties.holder_id AND holders.code = 'HALL'"""
        ),
        lambda c: staffed.duty(c, "S9", "duty_office", area="990101", hours="Mo-Su 07:00-09:00"),
        lambda c: staffed.leave(c, "S9", "2026-06-03T00:00+08:00", "2026-06-05T00:00+08:00"),
    )
    answer = asked(snapshot, EVENING, staffed.IN_GRID, unmasked=True)
    (warning,) = answer["warnings"]
    assert warning["code"] == "nobody-at-all"
    assert "样例N1" in warning["message"]
    assert "2026-06-04 08:30" in warning["message_zh"]
    assert first(answer) == "样例N1"


@pytest.mark.parametrize(
    ("code", "expected"),
    [("noise", ("样例N1", "grid")), ("lights", ("样例HALL", "matter"))],
)
def test_those_responsible_for_a_matter_come_first(
    compiled: Callable[..., Snapshot], code: str, expected: tuple[str, str]
) -> None:
    snapshot = compiled(
        lambda c: staffed.matter(c, "noise", role="worker"), lambda c: staffed.matter(c, "lights", office="HALL")
    )
    answer = asked(snapshot, WORKING, staffed.IN_BUILDING, matter=code, unmasked=True)
    (grid,) = answer["grids"]
    assert (grid["workers"][0]["name"], grid["workers"][0]["via"]) == expected
    assert grid["workers"][0]["call_first"]
    assert len(grid["workers"]) >= 4
    assert answer["matter"]["promised_by"] == "2026-06-03T12:00:00+08:00"
    assert (answer["matter"]["phone"], answer["matter"]["promised_minutes"]) == ("12345", 120)


def test_a_responsible_person_who_is_off_duty_is_shown_first_but_not_called_first(
    compiled: Callable[..., Snapshot],
) -> None:
    snapshot = compiled(lambda c: staffed.matter(c, "noise", role="worker"))
    answer = asked(snapshot, EVENING, staffed.IN_BUILDING, matter="noise", unmasked=True)
    assert people(answer)[0] == ("样例N1", "grid", "off_hours")
    assert first(answer) == "样例L1"


def test_an_unknown_matter_is_not_known(compiled: Callable[..., Snapshot]) -> None:
    with pytest.raises(NotKnownError):
        asked(compiled(), WORKING, staffed.IN_GRID, matter="none")


def test_a_mobile_station_stands_at_its_open_stop_and_nowhere_between(compiled: Callable[..., Snapshot]) -> None:
    snapshot = compiled(
        lambda c: staffed.stop(c, "T1", "S2", 87.008, "We 09:00-12:00"),
        lambda c: staffed.stop(c, "T2", "S2", 87.015, "We 14:00-16:00"),
    )

    def seen(when: str) -> list[tuple[str, float]]:
        (grid,) = asked(snapshot, when, staffed.IN_GRID)["grids"]
        return [(station["code"], station["lon"]) for station in grid["stations"]]

    assert sorted(seen("2026-06-03 10:00")) == [("S1", 87.005), ("S2", 87.008)]
    assert sorted(seen("2026-06-03 15:00")) == [("S1", 87.005), ("S2", 87.015)]
    assert seen("2026-06-03 13:00") == [("S1", 87.005)]
    assert [station.code for station in snapshot.moment(at("2026-06-03 13:00")).stations] == ["S1", "S2"]


def test_stations_say_whether_they_are_open_where_their_hours_are_known(compiled: Callable[..., Snapshot]) -> None:
    def hours(connection: Connection[Any]) -> None:
        connection.execute("UPDATE station_versions SET withdrawn_at = now()")
        for code, written in (("S1", "Mo-Fr 08:00-18:00"), ("S2", "请电询")):
            connection.execute(
                """INSERT INTO station_versions (station_id, name, geom, hours, period)
                SELECT station_id, code, ST_SetSRID(ST_Point(87.005, 36.655), 4326), %s, tstzrange('2025-01-01', NULL)
                FROM stations WHERE code = %s""",
                (written, code),
            )

    snapshot = compiled(hours)
    for when, expected in ((WORKING, [True, None]), (EVENING, [False, None])):
        (grid,) = asked(snapshot, when, staffed.IN_GRID)["grids"]
        assert [station["open_now"] for station in grid["stations"]] == expected


def test_moments_of_one_day_differ_by_hours_only_and_share_all_else(compiled: Callable[..., Snapshot]) -> None:
    snapshot = compiled()
    working, evening = (snapshot.moment(at(when)) for when in (WORKING, EVENING))
    assert working is not evening
    assert working is snapshot.moment(at("2026-06-03 16:00"))
    assert working.areas is evening.areas
    assert working.stations is evening.stations
    assert working.grids("general")[0] is evening.grids("general")[0]
    assert snapshot.interval(at(WORKING)) != snapshot.interval(at(EVENING))
    assert snapshot.interval(at(WORKING)) == snapshot.interval(at("2026-06-03 09:00"))


def test_registers_give_what_is_in_force_in_code_order(compiled: Callable[..., Snapshot]) -> None:
    snapshot = compiled(
        lambda c: staffed.matter(c, "noise", role="worker"),
        lambda c: staffed.leave(c, "N1", "2026-06-01T00:00+08:00", "2026-06-08T00:00+08:00"),
        lambda c: staffed.holiday(c, "2026-10-01"),
        lambda c: staffed.stop(c, "T1", "S2", 87.008, ""),
        lambda c: c.execute(
            """WITH one AS (INSERT INTO norms (code) VALUES ('n') RETURNING norm_id)
            INSERT INTO norm_versions (norm_id, role_id, least, period)
            SELECT norm_id, role_id, 1, tstzrange('2025-01-01', NULL) FROM one, roles WHERE code = 'worker'"""
        ),
        lambda c: c.execute(
            """WITH one AS (INSERT INTO texts (code) VALUES ('t') RETURNING text_id)
            INSERT INTO text_versions (text_id, slot, title, period)
            SELECT text_id, 'hotline', '热线', tstzrange('2025-01-01', NULL) FROM one"""
        ),
    )
    now, before = snapshot.moment(at(WORKING)), snapshot.moment(at("2024-06-01"))
    assert [one.code for one in now.buildings] == ["B1", "B2"]
    assert now.building("B1").units == ("1单元", "2单元")
    for name in ("matters", "norms", "texts", "stops", "leaves", "compounds", "buildings", "places"):
        assert getattr(now, name), name
        assert not getattr(before, name), name
    assert [day.day for day in before.calendar] == ["2026-10-01"]
    shape = now.building_geometry(now.building("B1"))
    assert shape is not None
    assert shape.bounds == (87.003, 36.653, 87.004, 36.654)
    assert now.building_geometry(now.building("B2")) is None
