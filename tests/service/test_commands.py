"""The command ``gridmap``: what each command says, writes and exits with."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
import typer.main

from geodata.access import revoke_key, role_of_key
from geodata.database import connect
from geodata.errors import ConflictError
from service.cli import app
from service.commands import demo, running
from service.settings import Settings
from tests.commands import Run


def _commands(command: object, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield path
    for name, below in getattr(command, "commands", {}).items():
        yield from _commands(below, (*path, name))


COMMANDS = tuple(_commands(typer.main.get_command(app)))


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(_env_file=None, database_url=database_url, state_folder=tmp_path / "state")  # type: ignore[call-arg]


# --- help ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_and_every_option_explains_itself(gridmap: Run, path: tuple[str, ...]) -> None:
    ended = gridmap(*path, "--help")
    assert ended.status == 0
    assert "Usage: gridmap" in ended.said
    command = typer.main.get_command(app)
    for name in path:
        command = command.commands[name]  # type: ignore[attr-defined]
    assert command.help
    for parameter in command.params:
        assert getattr(parameter, "hidden", False) or getattr(parameter, "help", None), parameter.name


def test_what_cannot_be_read_as_a_command_exits_with_2(gridmap: Run) -> None:
    assert gridmap("frobnicate").status == 2
    assert gridmap("demo", "--size", "huge").status == 2


def test_a_setting_that_cannot_be_used_is_named_in_one_line(gridmap: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRIDMAP_TIMEZONE", "Mars/Base")
    ended = gridmap("key", "list")
    assert ended.status == 2
    assert "GRIDMAP_TIMEZONE" in ended.complained
    assert "Mars/Base" in ended.complained
    assert ended.complained.count("\n") == 1


@pytest.mark.parametrize("command", [("check",), ("lookup", "117,36"), ("key", "list"), ("migrate",)], ids=" ".join)
def test_a_database_url_that_is_none_says_how_to_write_one_and_repeats_no_password(
    gridmap: Run, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", "mysql:geheim@example")
    ended = gridmap(*command)
    assert ended.status == (1 if command == ("check",) else 2)
    assert "postgresql://user:password@host" in ended.said + ended.complained
    assert "geheim" not in ended.said + ended.complained


def test_a_database_that_refuses_the_connection_is_told_with_its_place(
    gridmap: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", "postgresql://somebody:geheim@127.0.0.1:1/nothing")
    for command in (("key", "list"), ("lookup", "117,36"), ("check",)):
        ended = gridmap(*command)
        assert ended.status != 0
        assert "Connection refused" in ended.said + ended.complained
        assert "port 1" in ended.said + ended.complained
        assert "geheim" not in ended.said + ended.complained


# --- look-up and assignment ------------------------------------------------------------------------------------------


def test_a_covered_point_is_answered_with_its_people_and_neighbour(territory: Run) -> None:
    ended = territory("lookup", "87.005,36.655")
    assert ended.status == 0
    assert "A1网格 A1" in ended.said
    assert "网格长  示例W2  13800000001" in ended.said
    assert "m from A2网格" in ended.said
    assert "示例W1" in territory("lookup", "87.005，36.655", "--as-of", "2025-06-01").said


def test_a_point_of_nobody_exits_with_1_and_names_the_nearest_in_kilometres(territory: Run) -> None:
    ended = territory("lookup", "88,36.655")
    assert ended.status == 1
    assert "No grid covers this point." in ended.said
    assert "Nearest: B1网格 B1 (general), 86.7 km away" in ended.said


@pytest.mark.parametrize("point", ["nan,nan", "36.655,187.0", "1e999 1"])
def test_what_is_no_point_exits_with_2(territory: Run, point: str) -> None:
    ended = territory("lookup", "--", point)
    assert (ended.status, ended.said) == (2, "")


def test_json_is_the_answer_of_the_api(territory: Run) -> None:
    answer = json.loads(territory("lookup", "87.005,36.655", "--json").said)
    assert answer["status"] == "found"
    assert [grid["code"] for grid in answer["grids"]] == ["A1"]


def test_a_time_without_offset_is_in_the_time_zone_of_the_settings(
    territory: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The first release begins at midnight in China: 16:00 the day before in UTC.
    begun, early = ("lookup", "87.005,36.655", "--as-of", "2024-12-31T17:00"), "no grids are in force"
    assert early in territory(*begun).said
    monkeypatch.setenv("GRIDMAP_TIMEZONE", "UTC")
    assert territory(*begun).status == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("load", "workers", "in.csv", "--report", "in.csv"),
        ("load", "workers", "in.csv", "--report", "link.csv"),
        ("load", "workers", "missing.csv", "--report", "./missing.csv"),
        ("assign", "in.csv", "in.csv"),
        ("assign", "in.csv", "./hard.csv"),
        ("assign", "in.csv", "out.csv", "--summary", "in.csv"),
        ("assign", "in.csv", "out.csv", "--summary", "out.csv"),
    ],
)
def test_what_is_read_is_never_written_over(territory: Run, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    given = tmp_path / "in.csv"
    given.write_text("code,name,phone,lon,lat\nW9,示例,1,87.005,36.655\n", encoding="utf-8")
    (tmp_path / "link.csv").symlink_to(given)
    (tmp_path / "hard.csv").hardlink_to(given)
    before = given.read_bytes()
    ended = territory(*arguments)
    assert ended.status == 2
    assert "already" in ended.complained
    assert given.read_bytes() == before
    assert not (tmp_path / "out.csv").exists()


def test_each_row_gets_its_grid_and_the_summary_counts_them(territory: Run, tmp_path: Path) -> None:
    (tmp_path / "事件.csv").write_text(
        "事件,经度,纬度\n1,87.005,36.655\n2,87.006,36.655\n3,0,0\n4,无,36\n", encoding="gb18030"
    )
    ended = territory("assign", "事件.csv", "结果.csv", "--summary", "汇总.xlsx")
    assert (ended.status, "4 rows: 2 in a grid, 1 outside, 1 invalid" in ended.said) == (0, True)
    rows = pd.read_csv(tmp_path / "结果.csv", dtype=str)
    assert rows["事件"].tolist() == ["1", "2", "3", "4"]
    assert rows["grid_code"].tolist()[:2] == ["A1", "A1"]
    assert rows["status"].tolist() == ["found", "found", "outside", "invalid"]
    counts = pd.read_excel(tmp_path / "汇总.xlsx", dtype=str, engine="openpyxl").set_index("code")["rows"]
    assert (counts["A1"], counts["990101001"], counts["990101"]) == ("2", "2", "2")


def test_an_assignment_that_cannot_be_done_writes_nothing(territory: Run, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("a,b\n87.005,36.655\n", encoding="utf-8")
    for arguments in (
        ("in.csv", "in.csv", "--map", "lon=a", "--map", "lat=b"),
        ("in.csv", "out.csv"),
        ("in.csv", "out.csv", "--map", "lon=c", "--map", "lat=b"),
        ("in.csv", "out.csv", "--map", "street=a"),
        ("in.csv", "out.csv", "--layer", "police"),
        ("in.csv", "out.csv", "--map", "lon=a", "--map", "lat=b", "--summary", "nowhere/sums.csv"),
        ("in.csv", "out.docx", "--map", "lon=a", "--map", "lat=b"),
    ):
        ended = territory("assign", *arguments)
        assert (ended.status, ended.said) == (2, ""), arguments
    assert (tmp_path / "in.csv").read_text() == "a,b\n87.005,36.655\n"
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("out")] == []


# --- keys, checks, demo ----------------------------------------------------------------------------------------------


def test_a_key_is_printed_once_listed_without_itself_and_revoked(territory: Run, database_url: str) -> None:
    made = territory("key", "create", "--role", "clerk", "--name", "网格办", "--expires", "2099-12-31")
    key = made.said.splitlines()[0]
    with connect(database_url) as connection:
        assert role_of_key(connection, key) == "clerk"
    listed = territory("key", "list").said
    assert "网格办" in listed
    assert "2100-01-01 00:00" in listed
    assert key not in listed
    number = next(line.split("│")[1].strip() for line in listed.splitlines() if "网格办" in line)
    assert territory("key", "revoke", number).status == 0
    with connect(database_url) as connection:
        assert role_of_key(connection, key) is None
    assert territory("key", "revoke", "999").status == 2
    assert territory("key", "create", "--role", "king", "--name", "x").status == 2


def test_the_check_exits_with_0_where_nothing_failed_and_with_1_before_migration(
    territory: Run, empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = territory("check")
    assert (sound.status, "schema" in sound.said) == (0, True), sound.said
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", empty_database_url)
    bare = territory("check")
    assert (bare.status, "gridmap migrate" in bare.said) == (1, True)
    assert territory("migrate").status == 0
    assert "0 migrations" in territory("migrate").said


def test_a_busy_port_gets_the_next_free_one() -> None:
    with socket.socket() as first:
        first.bind(("127.0.0.1", 0))
        first.listen()
        busy = first.getsockname()[1]
        found = running.free_port("127.0.0.1", busy)
        assert busy < found <= busy + running.PORTS_TRIED
        with socket.socket() as free:
            free.bind(("127.0.0.1", found))


def test_no_free_port_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "PORTS_TRIED", 1)
    with socket.socket() as first:
        first.bind(("127.0.0.1", 0))
        first.listen()
        with pytest.raises(ConflictError, match="--port"):
            running.free_port("127.0.0.1", first.getsockname()[1])


def test_demo_keys_stay_over_restarts_until_they_no_longer_open_anything(settings: Settings, database_url: str) -> None:
    first = demo.demo_keys(settings, database_url)
    assert tuple(first) == demo.ROLES
    assert demo.demo_keys(settings, database_url) == first
    with connect(database_url) as connection:
        assert {role_of_key(connection, key) for key in first.values()} == set(demo.ROLES)
        (number,) = connection.execute("SELECT key_id FROM keys WHERE role = 'clerk'").fetchone() or (0,)
        revoke_key(connection, number, revoked_by="test")
    later = demo.demo_keys(settings, database_url)
    assert later["clerk"] != first["clerk"]
    assert {**later, "clerk": first["clerk"]} == first


def test_demo_keys_of_another_database_are_not_shown_as_if_they_opened_this_one(
    settings: Settings, database_url: str
) -> None:
    first = demo.demo_keys(settings, database_url)
    with connect(database_url) as connection:
        connection.execute("UPDATE keys SET key_sha256 = sha256(key_sha256)")
    later = demo.demo_keys(settings, database_url)
    assert not set(later.values()) & set(first.values())
    assert (settings.state_folder / "demo-keys.json").stat().st_mode & 0o077 == 0


def test_the_sample_says_which_command_comes_next(gridmap: Run, tmp_path: Path) -> None:
    ended = gridmap("sample", "files")
    assert (ended.status, "gridmap load areas files/areas.gpkg" in ended.said) == (0, True)
    (tmp_path / "taken").touch()
    assert gridmap("sample", "taken").status == 2
