"""What the operator is told about people: grids without anybody, holes to come, norms that are not met."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from psycopg import Connection

from geodata.database import connect
from geodata.datacheck import counts, norms, people, roster
from geodata.intake.report import LoadOptions
from geodata.load import load_frame
from geodata.snapshot import Snapshot, compile_snapshot
from geodata.times import parse_time
from tests.territory import publish_small_territory

# Far ahead of whenever this runs.
BEGIN, END = parse_time("2095-01-10"), parse_time("2095-01-24")


@pytest.fixture
def opened(database_url: str) -> Iterator[Connection[Any]]:
    with connect(database_url) as connection:
        publish_small_territory(connection)
        yield connection


def load(connection: Connection[Any], kind: str, **row: Any) -> None:
    frame = pd.DataFrame([row])
    load_frame(connection, kind, frame, options=LoadOptions(commit=True, effective=BEGIN, actor="test"))


def compiled(connection: Connection[Any], folder: Path) -> Snapshot:
    connection.commit()
    return compile_snapshot(connection, folder)


def test_a_grid_without_anybody_of_its_own_is_named(opened: Connection[Any], tmp_path: Path) -> None:
    told = people(compiled(opened, tmp_path).moment(BEGIN))
    assert (told.status, told.message) == ("warning", "1 of 3 grids has nobody of their own: B1")
    load(opened, "duties", holder="W1", role="grid_chief", target_kind="grid", target="B1", hours="Su 03:00-04:00")
    told = people(compiled(opened, tmp_path).moment(BEGIN))
    assert (told.status, told.message) == ("ok", "3 grids have somebody of their own")


def test_counts_of_grids_that_are_no_more_are_told(opened: Connection[Any], tmp_path: Path) -> None:
    moment = compiled(opened, tmp_path).moment(BEGIN)
    assert counts(moment, []).status == counts(moment, [("general", "A1")]).status == "ok"
    told = counts(moment, [("general", "A1"), ("general", "Z9"), ("nosuch", "A1")])
    assert told.status == "warning"
    assert told.message.startswith("of 3 grids with counts 2 are no longer there")
    redrawn = counts(moment, [("general", "A1"), ("general", "Z9")], [("general", "A1")])
    assert redrawn.message.endswith("1 were redrawn since, their counts are those of other ground: A1")
    assert told.message.endswith(": A1, Z9")


def test_holes_to_come_are_told_with_where_and_since_when(opened: Connection[Any], tmp_path: Path) -> None:
    def told() -> Any:
        snapshot = compiled(opened, tmp_path)
        return roster(snapshot.moment(BEGIN), snapshot.moment(END - 1), BEGIN, END)

    assert (told().status, told().message) == ("ok", "no hole in the next 14 days")
    load(opened, "leave", worker="W3", **{"from": "2095-01-12", "to": "2095-01-13"})
    found = told()
    assert found.status == "warning"
    assert found.message == "nobody will be on duty at some time in the next 14 days in 1 role: A2 (01-12 00:00)"
    assert "未来 14 天内有 1 个岗位出现空缺：A2" in found.message_zh


def test_norms_that_are_not_met_are_counted_and_named(opened: Connection[Any], tmp_path: Path) -> None:
    assert norms(compiled(opened, tmp_path).moment(BEGIN)).message == "no staffing norms are loaded"
    load(opened, "norms", code="one", role="grid_chief", per="grid", least=1)
    told = norms(compiled(opened, tmp_path).moment(BEGIN))
    assert (told.status, told.message) == ("warning", "staffing norms are not met in 1 case: B1 (one: 0)")
    load(opened, "norms", code="one", role="grid_chief", per="grid", least=0)
    assert norms(compiled(opened, tmp_path).moment(BEGIN)).message == "all staffing norms are met: 1"
