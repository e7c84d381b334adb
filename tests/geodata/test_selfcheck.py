"""The self-check: OK on a sound system, and a hint for each fault that it is meant to find."""

import shutil
from collections import namedtuple
from pathlib import Path

import psycopg
import pytest

from geodata import selfcheck
from geodata.database import connect
from geodata.errors import InputError
from geodata.selfcheck import CHECKS, CheckContext, CheckResult, run_checks


def _by_name(url: str, folder: Path) -> dict[str, CheckResult]:
    results = run_checks(url, folder)
    for result in results:
        assert result.ok == (not result.hint) == (not result.hint_zh), result
        assert result.message
        assert any(ord(letter) > 0x4E00 for letter in result.message_zh + result.hint_zh) or result.name == "extensions"
    return {result.name: result for result in results}


def _do(url: str, statement: str) -> None:
    with connect(url) as connection:
        connection.execute(statement)  # type: ignore[arg-type]


def test_a_sound_system_with_a_worker_is_ok(database_url: str, tmp_path: Path) -> None:
    _do(database_url, "INSERT INTO procrastinate_workers DEFAULT VALUES")
    results = run_checks(database_url, tmp_path)
    assert [(result.name, result.status) for result in results] == [
        (check.__name__.removeprefix("check_"), "ok") for check in CHECKS
    ]


def test_versions_on_both_sides_are_shown(database_url: str, tmp_path: Path) -> None:
    found = _by_name(database_url, tmp_path)
    assert found["server"].message.startswith("PostgreSQL 1")
    assert found["geography"].message.count("GEOS") == 2


@pytest.mark.parametrize(
    "beats", ["", "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '2 minutes')"]
)
def test_no_worker_or_a_silent_one_is_a_warning(database_url: str, tmp_path: Path, beats: str) -> None:
    if beats:
        _do(database_url, beats)
    worker = _by_name(database_url, tmp_path)["worker"]
    assert worker.status == "warning"
    assert "gridmap worker" in worker.hint


def test_a_database_that_was_never_migrated_is_told_so(empty_database_url: str, tmp_path: Path) -> None:
    found = _by_name(empty_database_url, tmp_path)
    wrong = {name: result.status for name, result in found.items() if not result.ok}
    assert wrong == {
        "extensions": "failed",
        "geography": "failed",
        "chinese": "warning",
        "schema": "failed",
        "worker": "warning",
    }
    assert "CREATE EXTENSION postgis" in found["extensions"].hint
    assert "gridmap migrate" in found["schema"].hint


def test_a_schema_of_a_newer_program_is_told_so(database_url: str, tmp_path: Path) -> None:
    _do(database_url, "INSERT INTO schema_migrations VALUES (9999, '9999_future', 'x')")
    schema = {result.name: result for result in run_checks(database_url, tmp_path)}["schema"]
    assert schema.status == "failed"
    assert "newer than this program" in schema.message


def test_a_plain_c_locale_cannot_search_chinese(cluster_url: str, tmp_path: Path) -> None:
    with psycopg.connect(cluster_url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE plain_c ENCODING 'UTF8' LOCALE 'C' TEMPLATE template0")
        try:
            url = cluster_url.replace("/gridmap?", "/plain_c?")
            _do(url, "CREATE EXTENSION pg_trgm WITH SCHEMA public")
            assert _by_name(url, tmp_path)["chinese"].status == "warning"
        finally:
            connection.execute("DROP DATABASE plain_c")


def test_a_server_that_is_away_leaves_only_what_needs_none(tmp_path: Path) -> None:
    found = _by_name(f"postgresql://gridmap@/gridmap?host={tmp_path}", tmp_path)
    assert {name: result.status for name, result in found.items()} == {"server": "failed", "disk": "ok"}
    assert "GRIDMAP_DATABASE_URL" in found["server"].hint


@pytest.mark.parametrize(("free_gib", "status"), [(2.0, "ok"), (1.9, "warning"), (0.2, "failed")])
def test_a_disk_that_fills_up_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free_gib: float, status: str
) -> None:
    usage = namedtuple("usage", "total used free")(0, 0, round(free_gib * 2**30))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    (disk,) = run_checks("postgresql://gridmap@/gridmap?host=/nowhere", tmp_path / "new", [selfcheck.check_disk])
    assert disk.status == status


def test_clocks_that_disagree_are_noticed(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.time", lambda: 1_000_000.0)
    (clock,) = run_checks(database_url, tmp_path, [selfcheck.check_clock])
    assert clock.status == "warning"


def test_a_check_that_breaks_is_a_failed_check_and_the_others_still_run(database_url: str, tmp_path: Path) -> None:
    def check_of_somebody(context: CheckContext) -> CheckResult:
        context.connection.execute("SELECT * FROM no_such_table")
        raise AssertionError

    def check_input(context: CheckContext) -> CheckResult:
        raise InputError("broken")

    results = run_checks(database_url, tmp_path, [check_of_somebody, check_input, selfcheck.check_server])
    assert [(result.name, result.status) for result in results] == [
        ("of-somebody", "failed"),
        ("input", "failed"),
        ("server", "ok"),
    ]
