"""``gridmap boards``: a folder of boards that is renewed, stopped and gone on with, and what hangs out of date."""

import csv
from pathlib import Path

import psycopg
import pytest
from pypdf import PdfReader

from geodata.boards import printed
from geodata.database import connect
from service.maps.boards import runs
from tests.commands import Run
from tests.service.test_boards_api import _picture


def _table(folder: Path) -> list[dict[str, str]]:
    with (folder / "boards.csv").open(encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def test_boards_of_an_area_are_printed_once_and_anew_where_they_say_something_else(
    territory: Run, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRIDMAP_PUBLIC_URL", "https://grids.example.gov.cn")
    out = tmp_path / "boards"
    first = territory("boards", "--within", "990101001", "--out", str(out), "--size", "A4")
    assert first.status == 0
    assert "2 boards printed, 0 were there" in first.said
    assert "2 boards without a number of their own to dial" in first.said
    assert sorted(path.name for path in out.glob("*.pdf")) == ["A1-A1网格-A4.pdf", "A2-A2网格-A4.pdf"]
    assert [len(PdfReader(path).pages) for path in out.glob("*.pdf")] == [1, 1]
    (row, _) = _table(out)
    assert (row["code"], row["findings"]) == ("A1", "no-dialable-number phone-not-public no-hotline")

    # A file that was lost and a line that was cut off when the power went.
    (out / "A2-A2网格-A4.pdf").unlink()
    with (out / runs.MANIFEST).open("ab") as manifest:
        manifest.write(b'{"key": "gene')
    second = territory("boards", "--within", "990101001", "--out", str(out), "--size", "A4")
    assert "1 board printed, 1 were there" in second.said
    again = territory("boards", "--within", "990101001", "--out", str(out), "--size", "A4")
    assert "0 boards printed, 2 were there" in again.said
    assert "0 stale" in territory("boards", "--list").said

    with connect(database_url) as connection:
        connection.execute(
            """WITH one AS (INSERT INTO texts (code) VALUES ('T1') RETURNING text_id)
            INSERT INTO text_versions (text_id, slot, title, phone, position, period)
            SELECT text_id, 'hotline', '热线', '12345', 1, tstzrange('2025-01-01', NULL) FROM one"""
        )
    assert "2 of 2 printed boards hang with something else on them: A1, A2" in territory("check").said
    listed = territory("boards", "--list", "--stale")
    assert "2 boards printed, 2 stale" in listed.said
    assert "hotlines" in listed.said
    third = territory("boards", "--within", "990101001", "--out", str(out), "--size", "A4", "--stale")
    assert "2 boards printed" in third.said
    assert "2 printed boards say what they would say now" in territory("check").said
    assert "0 stale" in territory("boards", "--list").said


def test_a_run_that_somebody_stops_says_so_and_can_be_gone_on_with(
    territory: Run, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = printed.move_on

    def stopped(connection: psycopg.Connection[object], run_id: int, done: int, total: int, count: int) -> bool:
        if done == 1:
            printed.cancel_run(connection, run_id, "test")
        return moved(connection, run_id, done, total, count)

    monkeypatch.setattr(printed, "move_on", stopped)
    out = tmp_path / "boards"
    ended = territory("boards", "--kind", "community", "--out", str(out), "--size", "A4")
    assert ended.status == 1
    assert "stopped at 1 of 2" in ended.said
    assert "GRIDMAP_PUBLIC_URL is not set" in ended.said
    assert "cancelled" in territory("boards", "--runs").said
    monkeypatch.setattr(printed, "move_on", moved)
    assert (
        "1 board printed, 1 were there"
        in territory("boards", "--kind", "community", "--out", str(out), "--size", "A4").said
    )


def test_what_cannot_be_printed_is_told_in_a_line(territory: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    (tmp_path / "logo.png").write_bytes(_picture())
    for arguments, said in (
        (("--within", "nowhere", "--out", "boards"), "nowhere"),
        (("--layer", "nosuch", "--out", "boards"), "nosuch"),
        (("--out", "file"), "no folder"),
        (("--logo", "file"), "no picture"),
        (("--logo", "missing.png"), "cannot be read"),
        (("--cancel", "7"), "no print run 7"),
        ((), "--out"),
    ):
        ended = territory("boards", *arguments)
        assert ended.status == 2
        assert said in ended.complained
    assert territory("boards", "--logo", "logo.png", "--within", "990101").status == 0


def test_a_run_whose_process_was_killed_says_so_and_one_that_goes_on_is_left_alone(
    territory: Run, database_url: str
) -> None:
    long_ago = "UPDATE board_runs SET progress_at = now() - interval '1 hour'"
    with connect(database_url, autocommit=True) as printing:
        printed.begin_run(printing, {"kind": "grid", "size": "A3"}, None, "test")
        printing.execute(long_ago)
        assert "printing" in territory("boards", "--runs").said
    told = territory("boards", "--runs").said
    assert "failed" in told
    assert "printing" not in told
