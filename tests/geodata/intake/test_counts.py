"""Counts loaded by building or address, and counted where those stand; and by grid."""

from typing import Any

import numpy as np
import pandas as pd
import psycopg
import pytest
from psycopg.rows import TupleRow

from geodata.changes import undo_change
from geodata.errors import InputError, NotKnownError
from geodata.exchange import Table
from geodata.intake.report import LoadOptions, LoadReport
from geodata.intake.understanding import guess_kinds, likeliest
from geodata.load import load_frame
from geodata.station.counts import counts_now
from geodata.station.homes import Homes, read_homes
from geodata.times import parse_time
from tests.territory import box, publish_small_territory

Connection = psycopg.Connection[TupleRow]
COMMIT = LoadOptions(commit=True, effective=parse_time("2026-01-01"), actor="test")


@pytest.fixture
def built(connection: Connection) -> Connection:
    """Two buildings and an entry of the register."""
    connection.execute("SELECT 1")
    frame = pd.DataFrame({"code": ["B1", "B2"], "name": ["甲楼", "乙楼"], "households": [6, 7], "lon": [87.0, 87.001],
                          "lat": [36.65, 36.65]})  # fmt: skip
    assert load_frame(connection, "buildings", frame, options=COMMIT).committed
    connection.execute(
        """INSERT INTO addresses (code, text, households, geom)
        VALUES ('A1', '示例路1号', 3, ST_SetSRID(ST_MakePoint(87.002, 36.65), 4326))"""
    )
    return connection


def load(connection: Connection, options: LoadOptions = COMMIT, **columns: Any) -> LoadReport:
    return load_frame(connection, "counts", pd.DataFrame(columns), options=options)


def homes(connection: Connection) -> Homes:
    return read_homes(connection, parse_time("2026-06-01"))


def kinds(report: LoadReport) -> list[str]:
    return [finding.kind for finding in report.findings]


def test_people_are_counted_where_their_building_or_door_stands(built: Connection) -> None:
    report = load(built, 楼栋编码=["B1", "B2", None], 地址编码=[None, None, "A1"], 老年人=[4, 5, 2], 儿童=[1, None, 0])
    assert report.committed, report.findings
    assert len(report.plan.new) == 3  # type: ignore[union-attr]
    found = homes(built)
    assert found.counts["elderly"].tolist() == [4, 5, 2]
    assert found.counts["children"].tolist() == [1, 0, 0]
    assert found.counts["households"].tolist() == [6, 7, 3]
    assert list(found.counts) == ["households", "persons", "addresses", "children", "elderly"]


def test_any_other_column_is_kept_under_the_name_it_is_told(built: Connection) -> None:
    options = LoadOptions(commit=True, mapping={"count.独居": "独居老人数"})
    assert load(built, options, 楼栋=["甲楼"], 独居老人数=["3人"]).committed
    assert homes(built).counts["独居"].tolist() == [3, 0, 0]


@pytest.mark.parametrize("name", ["households", "a b", "1x", "", "x" * 41, "area_m2"])
def test_a_name_that_nobody_could_ask_for_is_refused(built: Connection, name: str) -> None:
    with pytest.raises(InputError):
        load(built, LoadOptions(mapping={f"count.{name}": "n"}), building=["B1"], n=[1])


def test_a_second_load_changes_what_it_says_and_leaves_the_rest(built: Connection) -> None:
    load(built, building=["B1"], 老年人=[4], 儿童=[1])
    again = load(built, building=["B1"], 老年人=[4])
    assert not again.plan.changes_anything  # type: ignore[union-attr]
    load(built, building=["B1"], 老年人=[6])
    assert [row["counts"] for row in counts_now(built)] == [{"children": 1, "elderly": 6}]
    load(built, building=["B1"], 儿童=[None], 老年人=[7])
    assert [row["counts"] for row in counts_now(built)] == [{"elderly": 7}]


def test_what_is_left_out_stays_unless_it_is_to_be_retired(built: Connection) -> None:
    load(built, building=["B1", "B2"], 老年人=[4, 5])
    load(built, building=["B1"], 老年人=[4])
    assert homes(built).counts["elderly"].sum() == 9
    load(built, LoadOptions(commit=True, retire_missing=True), building=["B1"], 老年人=[4])
    assert homes(built).counts["elderly"].sum() == 4


def test_rows_about_nothing_about_two_or_about_the_same_are_errors(built: Connection) -> None:
    report = load(
        built, LoadOptions(), building=["B1", None, "B1", "B2"], address=[None, None, None, "A1"], 老年人=[1, 2, 3, 4]
    )
    assert sorted(kinds(report)) == ["repeated-place", "which-place", "which-place"]
    assert kinds(load(built, LoadOptions(), address=["A9"], 老年人=[1])) == ["unknown-address"]
    assert kinds(load(built, LoadOptions(), building=["B9"], 老年人=[1])) == ["unknown-building"]
    assert load(built, LoadOptions(), building=["B1"], 老年人=["许多"]).errors
    assert load(built, LoadOptions(), building=["B1"], 老年人=[-1]).errors
    assert load(built, LoadOptions(), 老年人=[1]).errors
    assert counts_now(built) == []


def test_counts_can_be_undone_like_everything_else(built: Connection) -> None:
    report = load(built, building=["B1"], 老年人=[4])
    assert report.change_id is not None
    undo_change(built, report.change_id, "test")
    assert "elderly" not in homes(built).counts


# --- by grid ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def gridded(built: Connection) -> Connection:
    """The same within the grids A1, A2 and B1 of the default layer, and one A1 of another layer."""
    publish_small_territory(built)
    built.execute(
        """WITH made AS (INSERT INTO layers (code, name, tiling, position) VALUES ('police', '警务网格', 'partial', 9)
                        RETURNING layer_id),
        number AS (INSERT INTO releases (layer_id, number, effective_at, published_by)
                   SELECT layer_id, 1, '2025-01-01', 'test' FROM made RETURNING release_id, layer_id),
        one AS (INSERT INTO grids (layer_id) SELECT layer_id FROM made RETURNING grid_id, layer_id)
        INSERT INTO grid_versions (grid_id, layer_id, release_id, code, name, kind, geom, period)
        SELECT grid_id, layer_id, release_id, 'A1', '警务一', 'urban', ST_GeomFromText(%s, 4326),
               tstzrange('2025-01-01', NULL) FROM one JOIN number USING (layer_id)""",
        (box(0, 30),),
    )
    return built


def of_grids(connection: Connection) -> dict[tuple[str, str], dict[str, int]]:
    return {(row["layer"], row["grid"]): row["counts"] for row in counts_now(connection) if row["grid"]}


def test_grids_have_counts_of_their_own_in_each_layer(gridded: Connection) -> None:
    report = load(gridded, 网格编码=["A1", "A2网格", "A1"], 网格类型=[None, None, "警务"], 事件数=["3件", 0, 8])
    assert report.committed, report.findings
    assert kinds(report) == ["unit-in-cell", "resolved-by-name", "resolved-by-name"]
    assert of_grids(gridded) == {
        ("general", "A1"): {"events": 3}, ("general", "A2"): {"events": 0}, ("police", "A1"): {"events": 8}
    }  # fmt: skip
    assert not load(gridded, 网格编码=["A1"], 事件数=[3]).plan.changes_anything  # type: ignore[union-attr]
    police = LoadOptions(commit=True, layer="police")
    load(gridded, police, 网格编码=["A1"], 事件数=[9])
    assert of_grids(gridded)["police", "A1"] == {"events": 9}
    assert "events" not in homes(gridded).counts


def test_what_is_missing_is_retired_among_the_grids_of_its_layer_alone(gridded: Connection) -> None:
    load(gridded, building=["B1"], 老年人=[4])
    load(gridded, 网格编码=["A1", "A2", "A1"], 网格类型=[None, None, "police"], 事件数=[1, 2, 3])
    only = load(gridded, LoadOptions(commit=True, retire_missing=True), 网格编码=["A1"], 事件数=[1])
    assert len(only.plan.ended) == 1  # type: ignore[union-attr]
    assert of_grids(gridded).keys() == {("general", "A1"), ("police", "A1")}
    assert homes(gridded).counts["elderly"].sum() == 4
    assert only.change_id is not None
    undo_change(gridded, only.change_id, "test")
    assert of_grids(gridded)["general", "A2"] == {"events": 2}


def test_a_grid_beside_a_building_only_says_where_that_stands(gridded: Connection) -> None:
    report = load(gridded, 楼栋=["B1", None], 网格=["哪里", "A1"], 老年人=[4, 5])
    assert report.committed, report.findings
    assert {(row["building"], row["grid"]) for row in counts_now(gridded)} == {("B1", ""), ("", "A1")}


def test_rows_about_unknown_or_repeated_grids_are_errors(gridded: Connection) -> None:
    assert kinds(load(gridded, LoadOptions(), grid=["A9", "A1", "A1"], events=[1, 2, 3])) == [
        "unknown-grid",
        "repeated-place",
    ]
    assert kinds(load(gridded, LoadOptions(), grid=["A1"], layer=["nowhere"], events=[1])) == ["unknown-layer"]
    with pytest.raises(NotKnownError):
        load(gridded, LoadOptions(layer="nowhere"), grid=["A1"], events=[1])


def test_a_summary_of_rows_by_area_and_grid_counts_its_grids_alone(gridded: Connection) -> None:
    summary = {
        "level": ["street", "community", "grid", "grid", "outside"],
        "code": ["990101", "990101001", "A1", "A2", None],
        "name": ["甲街道", "甲一社区", "A1网格", "A2网格", None],
        "rows": [9, 6, 4, 2, 3],
    }
    report = load(gridded, **summary)
    assert kinds(report) == ["not-a-grid"]
    assert report.findings[0].facts["rows"] == 3
    assert of_grids(gridded) == {("general", "A1"): {"events": 4}, ("general", "A2"): {"events": 2}}
    table = Table(pd.DataFrame(summary), np.arange(2, 7), None, "summary.csv", "csv")
    assert likeliest(guess_kinds(table)) == "counts"
