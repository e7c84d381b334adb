from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest

from geodata.database import connect
from geodata.export import LISTS, List, write_list
from geodata.intake.report import LoadOptions
from geodata.listed import Asked
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
