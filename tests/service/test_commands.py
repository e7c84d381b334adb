"""The command ``gridmap``: what each command says, writes and exits with."""

import json
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
import typer.main

from geodata.access import revoke_key, role_of_key
from geodata.database import connect
from geodata.errors import ConflictError
from geodata.records import Finding, Mend
from service.cli import app, main
from service.commands import demo, running
from service.commands.findings import show_findings
from service.settings import Settings
from tests.support import draw
from tests.territory import committed


def _commands(command: object, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield path
    for name, below in getattr(command, "commands", {}).items():
        yield from _commands(below, (*path, name))


COMMANDS = tuple(_commands(typer.main.get_command(app)))


@dataclass(frozen=True)
class Ended:
    """How a command ended and what it printed."""

    status: int
    said: str
    complained: str


Run = Callable[..., Ended]


@pytest.fixture
def gridmap(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Run]:
    """Runs the command in a folder of its own, against the database that ``GRIDMAP_DATABASE_URL`` names."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANG", "C.UTF-8")
    for name in ("LC_ALL", "LC_MESSAGES", "GRIDMAP_DATABASE_URL", "GRIDMAP_TIMEZONE"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: str) -> Ended:
        monkeypatch.setattr(sys, "argv", ["gridmap", *arguments])
        with pytest.raises(SystemExit) as exit_of:
            main()
        printed = capsys.readouterr()
        assert "Traceback" not in printed.err
        return Ended(int(exit_of.value.code or 0), printed.out, printed.err)

    yield run
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.fixture
def territory(gridmap: Run, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The same over a small published territory: grids A1, A2 and B1 side by side."""
    committed(database_url)
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", database_url)
    return gridmap


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


# --- load ------------------------------------------------------------------------------------------------------------


def _workers(folder: Path, *rows: str) -> str:
    path = folder / "网格员.csv"
    path.write_text("\n".join(("工号,姓名,手机号,备注", *rows)), encoding="gb18030")
    return str(path)


def test_a_load_is_a_dry_run_until_it_is_told_to_commit(territory: Run, tmp_path: Path) -> None:
    file = _workers(tmp_path, "W9,张三,13800000009,x")
    tried = territory("load", "workers", file)
    assert tried.status == 0
    assert "code = 工号" in tried.said
    assert "Not used: 备注" in tried.said
    assert "Dry run" in tried.said
    assert "1 new" in territory("load", "workers", file).said
    assert "Committed" in territory("load", "workers", file, "--commit").said
    again = territory("load", "workers", file, "--commit")
    assert (again.status, "1 the same" in again.said, "Nothing to change" in again.said) == (0, True, True)


def test_the_rows_of_a_header_can_be_named(territory: Run, tmp_path: Path) -> None:
    path = tmp_path / "workers.csv"
    path.write_text("工号,姓名\n旧编号,旧姓名\nW71,样例甲\n", encoding="utf-8")
    assert territory("load", "workers", str(path), "--map", "code=旧编号", "--map", "name=旧姓名").status == 1
    named = ("--map", "code=工号·旧编号", "--map", "name=姓名·旧姓名", "--header-rows", "1-2")
    assert territory("load", "workers", str(path), *named).status == 0
    for wrong in ("x", "2-1", "0", "3-x"):
        ended = territory("load", "workers", str(path), "--header-rows", wrong)
        assert ended.status == 2


def test_a_file_with_errors_is_refused_with_status_1_and_its_rows_and_columns(territory: Run, tmp_path: Path) -> None:
    file = _workers(tmp_path, "W8,李四,13800000008,", "W9,,13800000009,", "W8,王五,,")
    ended = territory("load", "workers", file, "--commit")
    assert ended.status == 1
    assert "row 3 (W9): 姓名 (name): is empty but needed." in ended.said
    assert "row 4" in ended.said
    assert "Not committed: 2 errors. Correct the file, and load it again." in ended.said
    assert "1 new" in territory("load", "workers", _workers(tmp_path, "W8,李四,,")).said


def test_what_cannot_be_loaded_at_all_exits_with_2(territory: Run, tmp_path: Path) -> None:
    file = _workers(tmp_path, "W9,张三,,")
    for arguments in (
        ("workers", "nothing.csv"),
        ("people", file),
        ("workers", file, "--map", "name"),
        ("workers", file, "--map", "colour=备注"),
        ("workers", file, "--within", "990101001"),
        ("workers", file, "--effective", "tomorrow"),
        ("workers", file, "--report", "findings.docx"),
        ("workers", file, "--report", "no-such-folder/findings.csv"),
    ):
        ended = territory("load", *arguments)
        assert (ended.status, ended.said) == (2, ""), arguments
        assert ended.complained, arguments


def test_a_profile_is_kept_used_and_offered_when_another_is_asked_for(territory: Run, tmp_path: Path) -> None:
    path = tmp_path / "表.csv"
    path.write_text("甲,乙\nW9,张三\n", encoding="utf-8")
    told = ("--map", "code=甲", "--map", "name=乙")
    assert territory("load", "workers", str(path), *told, "--save-profile", "月报").status == 0
    assert "1 new" in territory("load", "workers", str(path), "--profile", "月报").said
    unknown = territory("load", "workers", str(path), "--profile", "年报")
    assert (unknown.status, "月报" in unknown.complained) == (2, True)


def test_a_release_that_waits_for_its_date_can_be_listed_and_withdrawn(territory: Run, tmp_path: Path) -> None:
    grids = draw("AABB", origin=(87.0, 36.65), cell=0.005)
    grids["code"], grids["name"] = ["A1", "A2"], ["甲一", "甲二"]
    path = tmp_path / "grids.gpkg"
    grids.drop(columns="row").to_file(path)
    wanted = ("load", "grids", str(path), "--within", "990101001", "--commit")
    ahead = territory(*wanted, "--effective", "2099-01-01", "--map", "name=name")
    assert (ahead.status, "in force from 2099-01-01 00:00" in ahead.said) == (0, True), ahead.said + ahead.complained
    refused = territory(*wanted)
    assert (refused.status, "gridmap release withdraw 3" in refused.complained) == (2, True)
    tried = territory(*wanted[:-1])
    assert (tried.status, "cannot be committed now" in tried.said) == (1, True)
    assert "pending" in territory("release", "list").said
    assert territory("release", "withdraw", "3").status == 0
    assert "withdrawn" in territory("release", "list").said
    assert territory("release", "withdraw", "3").status == 2
    assert territory(*wanted).status == 0


def test_part_of_a_layer_is_not_taken_for_the_whole(territory: Run, tmp_path: Path) -> None:
    path = tmp_path / "grids.gpkg"
    draw("A", origin=(87.0, 36.65)).assign(code="A1").drop(columns="row").to_file(path)
    ended = territory("load", "grids", str(path), "--commit")
    assert ended.status == 1
    assert "--within AREA" in ended.said
    assert "--retire-missing" in ended.said


def test_the_report_holds_every_finding_as_a_table_or_as_points(territory: Run, tmp_path: Path) -> None:
    file = _workers(tmp_path, *(f"W{number},,," for number in range(100)))
    ended = territory("load", "workers", file, "--report", "findings.xlsx")
    assert ended.status == 1
    assert "100 × error  missing-value" in ended.said
    assert ended.said.count("row") < 20
    sheet = openpyxl.load_workbook(tmp_path / "findings.xlsx").active
    assert sheet.max_row == 101
    assert [cell.value for cell in sheet[2]][:4] == ["error", "missing-value", 2, "W0"]

    path = tmp_path / "grids.gpkg"
    draw("AAB", "....\nA", origin=(87.0, 36.65)).drop(columns="row").to_file(path)
    territory("load", "grids", str(path), "--repair", "--retire-missing", "--report", "places.geojson")
    features = json.loads((tmp_path / "places.geojson").read_bytes())["features"]
    assert features
    assert any(feature["geometry"] for feature in features)


def test_what_is_said_with_the_same_words_of_many_rows_is_said_once(
    gridmap: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    swapped = [Finding("error", "swapped-axes", "Exchange them.", "请交换。", row=row) for row in range(2, 1502)]
    gaps = [Finding("warning", "gap", f"Gap {n}.", f"空隙 {n}。", code=f"G{n}") for n in range(1500)]
    mends = [Mend("clipped", f"Cut {n}.", f"裁去 {n}。", square_metres=2.0) for n in range(1500)]
    show_findings([*gaps, *swapped], mends)
    said = capsys.readouterr().out
    assert len(said.splitlines()) < 25
    assert said.splitlines()[0] == "1,500 × error  swapped-axes"
    assert "rows 2, 3, 4" in said
    assert "1,500 × mended  clipped, 3,000.0 m²" in said
    assert "--report" in said


def test_messages_are_chinese_where_the_terminal_is_and_nothing_of_them_is_cut(
    territory: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    ended = territory("load", "workers", _workers(tmp_path, "W9,,,"))
    assert "第 2 行（W9）：姓名（name）：为空，必须填写。" in ended.said
    assert "未提交：1 处错误。请修改文件，再重新导入。" in ended.said
    assert "…" not in ended.said


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


@pytest.mark.parametrize("point", ["36.655,87.005,1", "here", "nan,nan", "36.655,187.0"])
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
