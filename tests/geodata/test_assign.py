from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from geodata.assign import Assigner, added_names, coordinate_columns, numbers
from geodata.crs import from_wgs84, parse_crs
from geodata.database import connect
from geodata.errors import InputError, NotKnownError
from geodata.moment import Moment
from geodata.snapshot import compile_snapshot
from tests.territory import COMMUNITY_A, STREET, committed

NOW = int(datetime(2026, 6, 1, tzinfo=ZoneInfo("Asia/Shanghai")).timestamp() * 1_000_000)
WGS84 = parse_crs("EPSG:4326")


@pytest.fixture
def now(database_url: str, tmp_path: Path) -> Moment:
    committed(database_url)
    with connect(database_url) as connection:
        return compile_snapshot(connection, tmp_path).moment(NOW)


def test_each_point_gets_its_grid_community_and_worker(now: Moment) -> None:
    columns = Assigner(now, None, WGS84, unmasked=True).columns(np.array([87.005, 87.025]), np.array([36.655, 36.655]))
    assert columns["status"].tolist() == ["found", "found"]
    assert columns["grid_code"].tolist() == ["A1", "B1"]
    assert columns["community"].tolist() == ["甲一社区", "甲二社区"]
    assert columns["worker"].tolist() == ["示例W2", ""]


def test_workers_are_masked_unless_allowed(now: Moment) -> None:
    columns = Assigner(now, None, WGS84, unmasked=False).columns(np.array([87.005]), np.array([36.655]))
    assert columns["worker"].tolist() == ["示**"]


def test_what_is_no_place_is_invalid_and_says_why(now: Moment) -> None:
    xs, ys = np.array([np.nan, np.inf, 500.0, 36.655, 36.655]), np.array([36.655, 0.0, 36.0, 87.005, 117.0])
    columns = Assigner(now, None, WGS84, unmasked=False).columns(xs, ys)
    assert columns["status"].tolist() == ["invalid", "invalid", "invalid", "outside", "invalid"]
    assert columns["reasons"].tolist() == [
        "not-a-number",
        "not-a-number",
        "not-on-earth",
        "looks-swapped",
        "not-on-earth",
    ]


def test_points_of_another_datum_are_converted_first(now: Moment) -> None:
    gcj = parse_crs("GCJ-02")
    xs, ys = from_wgs84(np.array([87.0099]), np.array([36.655]), gcj)
    columns = Assigner(now, None, gcj, unmasked=False).columns(xs, ys)
    assert columns["grid_code"].tolist() == ["A1"]
    assert columns["lon"][0] == pytest.approx(87.0099, abs=1e-8)


def test_no_points_give_empty_columns(now: Moment) -> None:
    columns = Assigner(now, None, WGS84, unmasked=False).columns(np.array([]), np.array([]))
    assert {len(column) for column in columns.values()} == {0}


def test_an_unknown_layer_is_refused_before_anything_is_read(now: Moment) -> None:
    with pytest.raises(NotKnownError):
        Assigner(now, "nothing", WGS84, unmasked=False)


def test_the_summary_counts_rows_per_grid_community_and_street(now: Moment) -> None:
    assigner = Assigner(now, None, WGS84, unmasked=False)
    assigner.columns(np.array([87.005, 87.006, 87.015]), np.full(3, 36.655))
    assigner.columns(np.array([87.025, 90.0, np.nan]), np.full(3, 36.655))
    assert assigner.counts.summary() == [
        ("street", STREET, "甲街道", 4),
        ("community", COMMUNITY_A, "甲一社区", 3),
        ("community", "990101002", "甲二社区", 1),
        ("grid", "A1", "A1网格", 2),
        ("grid", "A2", "A2网格", 1),
        ("grid", "B1", "B1网格", 1),
        ("outside", "", "", 1),
        ("invalid", "", "", 1),
    ]


def test_an_added_name_that_the_input_has_gets_a_prefix() -> None:
    assert added_names(["lon", "lat", "event"])[3:5] == ["gridmap_lon", "gridmap_lat"]
    assert added_names(["x"])[3:5] == ["lon", "lat"]


@pytest.mark.parametrize("columns", [["经度", "纬度"], ["LNG", "Lat"], ["id", "x", "y"]])
def test_usual_names_of_coordinate_columns_are_guessed(columns: list[str]) -> None:
    assert coordinate_columns(columns) == tuple(columns[-2:])


def test_columns_that_are_not_there_are_refused_with_those_that_are() -> None:
    with pytest.raises(InputError, match="a, b"):
        coordinate_columns(["a", "b"])
    with pytest.raises(InputError):
        coordinate_columns(["lon", "lat"], lon="nothing")


def test_cells_become_numbers_or_nothing() -> None:
    cells = ["1.5", " 2 ", 3, 4.5, "", None, "x", True, "1_1", "1e400", "９"]
    assert [value if value == value else None for value in numbers(cells)] == [
        1.5, 2, 3, 4.5, None, None, None, None, None, float("inf"), 9,
    ]  # fmt: skip
