"""The workbook to try the clerk's desk with: read as it is, its mistakes found in their cells, good once corrected."""

import time
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from geodata.database import connect
from geodata.errors import LoadRefusedError
from geodata.exchange.marked import write_marked
from geodata.intake.report import LoadOptions, LoadReport
from geodata.load import load
from geodata.moment import Moment
from geodata.sample import SampleCity
from geodata.sample.loading import load_city
from geodata.sample.workbook import write_messy_roster
from geodata.snapshot_store import SnapshotStore
from tests.samples import sample

COMMIT = LoadOptions(commit=True)


def now(url: str, state: Path) -> Moment:
    return SnapshotStore(state, url).refresh().moment(time.time_ns() // 1000)


def tried(url: str, path: Path) -> LoadReport:
    with connect(url) as connection:
        return load(connection, "roster", path)


def marked_cells(path: Path, report: LoadReport, target: Path) -> set[str]:
    """Cells of the sheet with a comment that names an error."""
    write_marked(path, None, report.errors, target)
    sheet = openpyxl.load_workbook(target)["网格力量"]
    return {cell.coordinate for row in sheet.iter_rows() for cell in row if cell.comment is not None}


def test_its_mistakes_are_found_in_their_cells_and_once_corrected_it_is_committed(
    database_url: str, street: SampleCity, tmp_path: Path
) -> None:
    with connect(database_url) as connection:
        load_city(connection, street)
    path = tmp_path / "roster.xlsx"
    mistakes = write_messy_roster(path, now(database_url, tmp_path / "state"))
    assert len(mistakes) == 4
    assert path.stat().st_mode & 0o077 == 0
    report = tried(database_url, path)
    assert len(report.errors) == len(mistakes)
    assert marked_cells(path, report, tmp_path / "marked.xlsx") >= {mistake.cell for mistake in mistakes}
    with connect(database_url) as connection, pytest.raises(LoadRefusedError):
        load(connection, "roster", path, options=COMMIT)

    book = openpyxl.load_workbook(path)
    for mistake in mistakes:
        assert book.active[mistake.cell].value in (mistake.written, int(mistake.written) if mistake.cell == "G9" else 0)
        book.active[mistake.cell] = mistake.right
    book.save(path)
    with connect(database_url) as connection:
        report = load(connection, "roster", path, options=COMMIT)
    assert report.errors == ()
    # A stand-in who is new, and a grid whose worker is gone.
    assert len(report.plan.new) >= 1
    assert len(report.plan.ended) == 1
    assert "样例-新0001" in {holder.name for holder in now(database_url, tmp_path / "state").workers}


def test_nothing_is_written_about_people_who_are_not_the_samples(database_url: str, tmp_path: Path) -> None:
    with connect(database_url) as connection:
        load_city(connection, _renamed())
    path = tmp_path / "roster.xlsx"
    assert write_messy_roster(path, now(database_url, tmp_path / "state")) == ()
    assert not path.exists()


def _renamed() -> SampleCity:
    city = sample("street")
    return replace(city, workers=city.workers.assign(name=city.workers["name"].str.replace("样例-", "某")))
