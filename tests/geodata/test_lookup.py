from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import orjson
import pytest

from geodata.database import connect
from geodata.errors import NotKnownError
from geodata.lookup import assign_points, lookup_point
from geodata.moment import Moment
from geodata.snapshot import compile_snapshot
from tests.territory import committed

NOW = int(datetime(2026, 6, 1, tzinfo=ZoneInfo("Asia/Shanghai")).timestamp() * 1_000_000)


@pytest.fixture
def now(database_url: str, tmp_path: Path) -> Moment:
    committed(database_url)
    with connect(database_url) as connection:
        connection.execute(
            "INSERT INTO layers (code, name, tiling, position) VALUES ('dedicated', '专属网格', 'partial', 50)"
        )
        connection.commit()
        return compile_snapshot(connection, tmp_path).moment(NOW)


def codes(answer: dict) -> list[str]:  # type: ignore[type-arg]
    return [grid["code"] for grid in answer["grids"]]


def test_a_point_answers_grid_areas_people_and_stations(now: Moment) -> None:
    answer = lookup_point(now, 87.005, 36.655)
    (grid,) = answer["grids"]
    assert answer["status"] == "found"
    assert (grid["code"], grid["release"], grid["on_boundary"]) == ("A1", 2, False)
    assert [(area["level"], area["name"]) for area in grid["areas"]] == [
        ("community", "甲一社区"),
        ("street", "甲街道"),
    ]
    assert [(person["name"], person["phone"], person["via"]) for person in grid["workers"]] == [
        ("示**", "138****0001", "grid")
    ]
    assert [station["code"] for station in grid["stations"]] == ["S1", "S2"]
    assert grid["stations"][0]["metres"] == 0


def test_a_key_that_allows_it_sees_name_and_phone(now: Moment) -> None:
    (person,) = lookup_point(now, 87.005, 36.655, unmasked=True)["grids"][0]["workers"]
    assert (person["name"], person["phone"]) == ("示例W2", "13800000001")


def test_the_nearest_other_grid_is_named_with_its_distance(now: Moment) -> None:
    other = lookup_point(now, 87.009, 36.655)["grids"][0]["nearest_other"]
    assert other["code"] == "A2"
    assert other["metres"] == pytest.approx(89.4, abs=0.2)


def test_a_shared_border_belongs_to_the_lowest_code(now: Moment) -> None:
    answer = lookup_point(now, 87.01, 36.655)
    assert codes(answer) == ["A1"]
    assert answer["grids"][0]["on_boundary"]
    assert answer["grids"][0]["nearest_other"] == {"metres": 0, "code": "A2", "name": "A2网格"}


def test_outside_names_the_nearest_grid_of_each_asked_layer(now: Moment) -> None:
    answer = lookup_point(now, 87.031, 36.655)
    assert (answer["status"], answer["grids"]) == ("outside", [])
    (near,) = answer["nearest"]
    assert (near["layer"], near["code"]) == ("general", "B1")
    assert near["metres"] == pytest.approx(89.4, abs=0.2)


def test_a_layer_without_grids_is_outside_with_nothing_near(now: Moment) -> None:
    answer = lookup_point(now, 87.005, 36.655, layer="dedicated")
    assert (answer["status"], answer["nearest"]) == ("outside", [])
    assert [warning["code"] for warning in answer["warnings"]] == ["no-grids"]


def test_swapped_coordinates_are_noticed_where_the_other_way_round_hits_a_grid(now: Moment) -> None:
    swapped = lookup_point(now, 36.655, 87.005)
    elsewhere = lookup_point(now, 36.655, 60.0)
    assert swapped["status"] == "outside"
    assert [warning["code"] for warning in swapped["warnings"]] == ["looks-swapped"]
    assert elsewhere["warnings"] == []


def test_a_grid_without_people_of_its_own_says_so(now: Moment) -> None:
    answer = lookup_point(now, 87.025, 36.655)
    assert codes(answer) == ["B1"]
    assert [warning["code"] for warning in answer["warnings"]] == ["nobody-at-all"]


def test_an_unknown_layer_is_not_known(now: Moment) -> None:
    with pytest.raises(NotKnownError):
        lookup_point(now, 87.005, 36.655, layer="nothing")


def test_many_points_get_what_each_gets_alone(now: Moment) -> None:
    lons = np.array([87.005, 87.01, 87.015, 87.029, 87.5, np.nan])
    lats = np.full(6, 36.655)
    assigned = assign_points(now, "general", lons, lats)
    names = [assigned.versions[place].code if place >= 0 else None for place in assigned.position]
    assert names == ["A1", "A1", "A2", "B1", None, None]
    assert assigned.on_boundary.tolist() == [False, True, False, False, False, False]


@pytest.mark.parametrize("unmasked", [False, True])
def test_a_rendered_answer_is_written_as_the_plain_one(now: Moment, unmasked: bool) -> None:
    for lon, lat in ((87.005, 36.655), (87.01, 36.655), (87.025, 36.655), (87.035, 36.655), (87.005, 36.655)):
        plain, rendered = (
            lookup_point(
                now,
                lon,
                lat,
                unmasked=unmasked,
                rendered=how,
                more=lambda grid: {"link": f"{grid.code}/{grid.release}"},
            )
            for how in (False, True)
        )
        assert orjson.dumps(rendered) == orjson.dumps(plain)
        assert [grid["link"] for grid in plain["grids"]] == [
            f"{grid['code']}/{grid['release']}" for grid in plain["grids"]
        ]
