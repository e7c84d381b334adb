from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
import shapely

from geodata.database import connect
from geodata.errors import FileError, InputError, UnavailableError
from geodata.exchange import read_table
from geodata.export import LISTS, List, known_list, write_list
from geodata.intake.kinds import KINDS
from geodata.intake.report import LoadOptions
from geodata.lists.exported import Asked
from geodata.load import load
from geodata.snapshot import compile_snapshot
from geodata.times import parse_time
from tests import stocked

LOCAL = ZoneInfo("Asia/Shanghai")
NOW = "2026-11-18 10:00"
FORMATS = (".csv", ".xlsx", ".gpkg")
LOADED = [what for what in LISTS.values() if what.kind is not None]


@pytest.fixture(scope="module")
def stocked_url(cluster_url: str, template_name: str) -> str:
    name = "gridmap_export_tests"
    with psycopg.connect(cluster_url.replace("/gridmap?", "/postgres?"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template_name}")  # type: ignore[arg-type]
    url = cluster_url.replace("/gridmap?", f"/{name}?")
    stocked.stocked(url)
    return url


@pytest.fixture(scope="module")
def asked(stocked_url: str, tmp_path_factory: pytest.TempPathFactory) -> Asked:
    with connect(stocked_url) as connection:
        snapshot = compile_snapshot(connection, tmp_path_factory.mktemp("compiled"))

    @contextmanager
    def database() -> Iterator[psycopg.Connection[Any]]:
        with connect(stocked_url) as connection:
            yield connection

    return Asked(snapshot.moment, database, parse_time(NOW), unmasked=True)


@pytest.mark.parametrize("chinese", [False, True])
@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("what", LOADED, ids=lambda what: what.name)
def test_an_export_loads_again_and_changes_nothing(
    stocked_url: str, asked: Asked, tmp_path: Path, what: List, suffix: str, chinese: bool
) -> None:
    path = tmp_path / f"{what.name}{suffix}"
    count = write_list(what, asked, path, zone=LOCAL, chinese=chinese)
    assert count > 0
    with connect(stocked_url) as connection:
        # Layers are never retired, and leave to come is not among what is in force.
        options = LoadOptions(effective=parse_time(NOW), retire_missing=what.name not in ("layers", "leave"))
        report = load(connection, what.name, path, options=options)
    assert report.rows_read == count
    assert report.errors == ()
    assert (report.plan.new, report.plan.changed, report.plan.ended) == ((), (), ())
    assert report.plan.same == count
    fields = {field.name for field in what.kind.fields} if what.kind else set()
    assert {one.name for one in what.columns if one.field is not None} <= fields
    ignored = {one.name_zh if chinese else one.name for one in what.columns if one.field is None}
    assert ignored <= set(report.unused_columns)


def written(asked: Asked, name: str, path: Path, **how: Any) -> list[dict[str, Any]]:
    """Rows of the file that an export writes, as the loaders read them."""
    write_list(LISTS[name], asked, path, zone=LOCAL, **how)
    frame = read_table(path).frame
    return [
        {str(column): cell for column, cell in zip(frame.columns, row, strict=True)}
        for row in frame.itertuples(index=False)
    ]


def test_periods_are_local_times_with_their_offset(asked: Asked, tmp_path: Path) -> None:
    rows = written(asked, "duties", tmp_path / "duties.csv")
    spans = {(row["holder"], row["target"]): (row["from"], row["to"]) for row in rows}
    assert spans["N2", "S1"] == ("2025-06-01T08:30:00+08:00", "2100-01-01T00:00:00+08:00")
    assert spans["N3", "C1"] == ("2025-06-02T08:00:00+08:00", "2098-01-01T12:00:00+08:00")
    assert spans["N3", "990101"] == ("2025-06-01T00:00:00+08:00", None)


@pytest.mark.parametrize("suffix", FORMATS)
def test_places_and_shapes_come_back_to_the_last_bit(asked: Asked, tmp_path: Path, suffix: str) -> None:
    write_list(LISTS["places"], asked, tmp_path / f"places{suffix}", zone=LOCAL)
    found = read_table(tmp_path / f"places{suffix}").frame
    assert 87.0081234567890123 in [float(lon) for lon in found["lon"]]
    write_list(LISTS["grids"], asked, tmp_path / f"grids{suffix}", zone=LOCAL)
    grids = read_table(tmp_path / f"grids{suffix}").frame
    shapes = grids.geometry if suffix == ".gpkg" else shapely.from_wkt(grids["wkt"].tolist())
    stored = [asked.moment.geometry(grid) for grid in asked.moment.grids("general")]
    assert [shape.wkb for shape in shapes] == [shape.wkb for shape in stored]


def test_as_of_selects_the_state_of_that_day(asked: Asked, tmp_path: Path) -> None:
    before = replace(asked, as_of=parse_time("2025-02-01"))
    assert [row["holder"] for row in written(before, "duties", tmp_path / "a.csv")] == ["W1", "W3"]
    assert [row["release"] for row in written(before, "grids", tmp_path / "b.csv")] == ["1", "1", "1"]
    assert [row["release"] for row in written(asked, "grids", tmp_path / "c.csv")] == ["1", "2", "2"]


def test_with_an_end_what_is_to_come_is_listed_too(asked: Asked, tmp_path: Path) -> None:
    assert len(written(asked, "leave", tmp_path / "now.csv")) == 1
    later = replace(asked, until=parse_time("2027-01-01"))
    assert [row["worker"] for row in written(later, "leave", tmp_path / "later.csv")] == ["N4", "370102000000000001"]
    earlier = replace(asked, as_of=parse_time("2025-01-15"), until=parse_time("2026-02-01"))
    assert len(written(earlier, "duties", tmp_path / "duties.csv")) == 12


def test_holes_norms_and_workloads_are_told(asked: Asked, tmp_path: Path) -> None:
    (hole,) = written(asked, "holes", tmp_path / "holes.xlsx")
    assert (hole["target"], hole["role"], hole["reason"]) == ("A1", "closed", "on_leave")
    assert (hole["missed"], hole["missed_names"]) == ("370102000000000001", stocked.SECRET)
    assert (hole["from"], hole["to"]) == ("2026-12-01T08:30:00+08:00", "2026-12-04T17:30:00+08:00")
    assert (hole["stretches"], hole["hours"]) == (4, 36)
    faults = written(asked, "staffing", tmp_path / "staffing.xlsx")
    assert {(row["kind"], row["role"], row["site"]) for row in faults} == {
        ("below-norm", "closed", "A2"),
        ("below-norm", "closed", "B1"),
    }
    loads = {row["worker"]: row for row in written(asked, "workloads", tmp_path / "workloads.xlsx")}
    assert (loads["N4"]["building_count"], loads["N4"]["unit_count"], loads["N4"]["place_count"]) == (1, 1, 1)


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_masked_export_of_people_is_refused_by_a_load(
    stocked_url: str, asked: Asked, tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"workers{suffix}"
    rows = written(replace(asked, unmasked=False), "workers", path)
    assert not any(secret in str(row) for row in rows for secret in stocked.SECRETS)
    with connect(stocked_url) as connection:
        report = load(connection, "workers", path)
    assert {finding.kind for finding in report.errors} == {"masked-phone", "masked-name"}
    first = 1 if suffix == ".gpkg" else 2
    assert {finding.row for finding in report.errors} == set(range(first, first + len(rows)))


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("name", [what.name for what in LISTS.values() if what.name not in ("layers", "calendar")])
def test_a_list_that_holds_nothing_is_a_file_with_columns_and_no_rows(
    asked: Asked, tmp_path: Path, name: str, suffix: str
) -> None:
    long_ago = replace(asked, as_of=parse_time("1999-01-01"))
    path = tmp_path / f"{name}{suffix}"
    assert written(long_ago, name, path) == []
    headers = [column.name for column in LISTS[name].columns]
    assert [str(column) for column in read_table(path).frame.columns][: len(headers)] == headers


def test_a_workbook_has_no_column_of_shapes_where_one_does_not_fit(
    stocked_url: str, asked: Asked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("geodata.export.MOST_EXCEL_VERTICES", 3)
    path = tmp_path / "areas.xlsx"
    assert "wkt" not in written(asked, "areas", path)[0]
    with connect(stocked_url) as connection:
        report = load(connection, "areas", path, options=LoadOptions(effective=parse_time(NOW)))
    assert (report.errors, report.plan.changed, report.plan.same) == ((), (), 3)


@pytest.mark.parametrize("suffix", FORMATS)
def test_an_older_file_stays_where_the_new_one_cannot_be_finished(
    asked: Asked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    path = tmp_path / f"stations{suffix}"
    path.write_bytes(b"older")

    def broken(_asked: Asked) -> Iterator[dict[str, Any]]:
        yield from islice(LISTS["stations"].rows(asked), 2)
        raise UnavailableError("away")

    with pytest.raises(UnavailableError):
        write_list(replace(LISTS["stations"], rows=broken), asked, path, zone=LOCAL)
    assert path.read_bytes() == b"older"
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def test_more_rows_than_excel_holds_are_refused(asked: Asked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("geodata.exchange.pieces.EXCEL_ROWS", 3)
    with pytest.raises(FileError, match="Excel holds 2 rows"):
        write_list(LISTS["stations"], asked, tmp_path / "stations.xlsx", zone=LOCAL)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", FORMATS)
def test_rows_are_taken_as_they_are_written_and_never_all_at_once(
    asked: Asked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    monkeypatch.setattr("geodata.export.ROWS_AT_ONCE", 2)
    taken: list[int] = []
    ahead: list[int] = []

    def watched(_asked: Asked) -> Iterator[dict[str, Any]]:
        for row in LISTS["duties"].rows(asked):
            taken.append(1)
            yield row

    def done(rows: int) -> None:
        ahead.append(len(taken) - rows)

    path = tmp_path / f"duties{suffix}"
    assert write_list(replace(LISTS["duties"], rows=watched), asked, path, zone=LOCAL, written=done) == 11
    assert len(ahead) == 6
    assert max(ahead) == 0


def test_a_list_that_nobody_knows_is_named_with_those_that_there_are() -> None:
    with pytest.raises(InputError) as caught:
        known_list("everything" * 100)
    assert all(name in caught.value.detail and name in caught.value.detail_zh for name in LISTS)
    assert len(caught.value.detail) < 400


@pytest.mark.parametrize("options", [{"within": "990101"}, {"layer": "general"}, {"until": 2**62}])
def test_an_option_that_means_nothing_is_refused(asked: Asked, tmp_path: Path, options: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="means nothing"):
        write_list(LISTS["roles"], replace(asked, **options), tmp_path / "roles.csv", zone=LOCAL)


def test_every_kind_that_is_stored_with_a_history_can_be_exported() -> None:
    # The wide roster, lists of grids and what only a network or a map needs are not lists of their own.
    assert set(KINDS) - set(LISTS) == {"roster", "streets", "barriers", "backdrop", "addresses", "counts", "gridlists"}
