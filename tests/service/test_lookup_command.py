"""``gridmap lookup`` with a roster: whom to call first, who is off duty and why, what is asked instead of a point."""

import json
from pathlib import Path

import pytest

from geodata.database import connect
from tests import staffed
from tests.commands import Said, Terminal
from tests.territory import committed

IN_GRID = ",".join(str(degrees) for degrees in staffed.IN_GRID)
WORKING, EVENING = "2026-06-03T10:00", "2026-06-03T20:00"


@pytest.fixture
def terminal(database_url: str, tmp_path: Path) -> Terminal:
    staffed.staffed(database_url)
    with connect(database_url) as connection:
        staffed.matter(connection, "noise", role="worker")
        staffed.matter(connection, "lights", office="HALL")
        connection.commit()
    return Terminal(database_url, tmp_path / "state")


def _line(said: Said, name: str) -> str:
    (line,) = [line for line in said.text.splitlines() if name in line]
    return line


def test_the_one_to_call_first_is_marked_once(terminal: Terminal) -> None:
    said = terminal.run("lookup", "--target", "building:B1", "--as-of", WORKING)
    assert said.status == 0
    assert said.text.count("← call first") == 1
    assert "← call first" in _line(said, "样例L1")
    assert "示例小区 C1 › 示例B1楼 B1" in said.text
    assert _line(said, "样例N1").rstrip().endswith("grid")


def test_who_is_off_duty_is_told_with_the_reason_and_when_they_are_back(terminal: Terminal) -> None:
    said = terminal.run("lookup", IN_GRID, "--as-of", EVENING)
    assert "off duty, back 2026-06-04 08:30" in _line(said, "样例N1")
    zh = Terminal(terminal.url, terminal.state, "zh_CN.UTF-8").run("lookup", IN_GRID, "--as-of", EVENING)
    assert "不在班，2026-06-04 08:30 返岗" in _line(zh, "样例N1")
    assert zh.text.count("← 首先联系") == 1


def test_a_matter_names_who_is_responsible_and_by_when(terminal: Terminal) -> None:
    by_role = terminal.run("lookup", "--target", "building:B1", "--matter", "noise", "--as-of", WORKING)
    assert "promised by 2026-06-03 12:00" in by_role.text
    assert "← call first" in _line(by_role, "样例N1")
    by_office = terminal.run("lookup", "--target", "building:B1", "--matter", "lights", "--as-of", EVENING)
    assert "0531-00000001" in by_office.text
    assert "← call first" in next(line for line in by_office.text.splitlines() if "  matter" in line)


def test_a_unit_place_or_station_stands_for_a_point(terminal: Terminal) -> None:
    unit = terminal.run("lookup", "--target", "unit:B1#2单元", "--as-of", WORKING)
    assert "示例B1楼 B1 2单元" in unit.text
    assert "← call first" in _line(unit, "样例U1")
    assert "示例公园 PARK" in terminal.run("lookup", "--target", "place:PARK", "--as-of", WORKING).text
    answer = json.loads(terminal.run("lookup", "--target", "station:S1", "--as-of", WORKING, "--json").text)
    assert answer["target"]["code"] == "S1"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "name an address, a point as LON,LAT, or a target"),
        (("87.005,36.655", "--target", "building:B1"), "name an address, a point as LON,LAT, or a target"),
        (("--target", "building:none"), "no building 'none'"),
        (("--target", "grid"), "building:CODE"),
        (("--target", "unit:B1#9"), "no unit '9'"),
        (("87.005,36.655", "--matter", "none"), "no matter 'none'"),
    ],
)
def test_what_cannot_be_asked_is_told_and_exits_with_2(terminal: Terminal, words: tuple[str, ...], told: str) -> None:
    said = terminal.run("lookup", *words)
    assert said.status == 2
    assert told in said.text


def test_an_empty_database_is_answered_from_and_one_that_waits_for_migrations_is_named(
    empty_database_url: str, tmp_path: Path
) -> None:
    asked = Terminal(empty_database_url, tmp_path / "state").run("lookup", "87.005,36.655")
    assert asked.status == 1
    assert "No grid covers this point." in asked.text
    with connect(empty_database_url) as connection:
        connection.execute("DELETE FROM schema_migrations WHERE name IN (SELECT max(name) FROM schema_migrations)")
        connection.commit()
    waiting = Terminal(empty_database_url, tmp_path / "other").run("lookup", "87.005,36.655")
    assert waiting.status == 2
    assert "run `gridmap migrate`" in waiting.text


def test_without_a_roster_nothing_is_said_of_duty(database_url: str, tmp_path: Path) -> None:
    committed(database_url)
    said = Terminal(database_url, tmp_path / "state").run("lookup", "87.005,36.655", "--as-of", WORKING)
    assert "off duty" not in said.text
    assert "← call first" in _line(said, "示例W2")
