import math
from dataclasses import replace

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.crs import metres_per_degree
from geodata.records import FOREVER_FROM, FOREVER_TO, Station
from geodata.station.nearest import StationFinder, Way, station_record, straight_way

PLAIN = Station(1, "S", "示例站", "站", "", None, "", 117.0, 36.65, "", "", (), FOREVER_FROM, FOREVER_TO)


def station(code: str, lon: float, lat: float) -> Station:
    return replace(PLAIN, code=code, lon=lon, lat=lat)


def codes(finder: StationFinder, count: int) -> list[str]:
    return [finder.stations[place].code for place, _ in finder.nearest(117.0, 36.65, count)]


def test_the_nearest_comes_first_and_no_more_than_asked() -> None:
    finder = StationFinder([station("a", 117.02, 36.65), station("b", 117.001, 36.65), station("c", 117.01, 36.65)])
    assert codes(finder, 2) == ["b", "c"]


def test_fewer_stations_than_asked_give_all_of_them() -> None:
    assert codes(StationFinder([station("a", 117.0, 36.0)]), 3) == ["a"]


def test_no_stations_give_none() -> None:
    assert StationFinder([]).nearest(117.0, 36.65, 3) == []


def test_equal_distances_keep_the_order_of_codes() -> None:
    finder = StationFinder([station(code, 117.0, 36.65) for code in "abcd"])
    assert codes(finder, 3) == ["a", "b", "c"]


@given(
    st.lists(st.tuples(st.floats(116.9, 117.1), st.floats(36.5, 36.8)), min_size=1, max_size=30),
    st.floats(116.9, 117.1),
    st.floats(36.5, 36.8),
)
def test_the_nearest_are_those_that_a_plain_search_finds(
    places: list[tuple[float, float]], lon: float, lat: float
) -> None:
    per_lon, per_lat = metres_per_degree(lat)
    plain = sorted(math.hypot((x - lon) * per_lon, (y - lat) * per_lat) for x, y in places)[:3]
    finder = StationFinder([station(str(i), x, y) for i, (x, y) in enumerate(places)])
    assert [metres for _, metres in finder.nearest(lon, lat, 3)] == pytest.approx(plain)


def test_an_answer_says_that_its_distance_is_a_straight_line() -> None:
    record = station_record(PLAIN, straight_way(0, 1000.4))
    assert (record["metres"], record["walk_minutes"], record["measured"]) == (1000, 12.0, "straight_line")


def test_a_station_that_nobody_can_walk_to_has_no_minutes() -> None:
    record = station_record(PLAIN, Way(0, None, 530.6, "off_network"))
    assert (record["metres"], record["walk_minutes"], record["measured"]) == (531, None, "off_network")


@given(
    st.text(st.characters(exclude_categories=("Cs",)), max_size=30),
    st.floats(0, 2e7),
    st.one_of(st.none(), st.floats(0, 4e4)),
    st.sampled_from([None, True, False]),
)
def test_a_station_is_written_as_its_record_reads(
    name: str, metres: float, minutes: float | None, is_open: bool | None
) -> None:
    forged = '"walk_minutes":0.0,"metres":0,"measured":"straight_line"'
    tricky = [replace(PLAIN, code="a", name=name), replace(PLAIN, code="b", name=forged)]
    finder = StationFinder(tricky, lambda _: is_open)
    for place in (0, 1, 0):
        way = Way(place, minutes, metres, "off_network" if minutes is None else "network")
        assert finder.written(way) == orjson.dumps(finder.record(way))
