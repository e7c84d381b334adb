"""Pasted coordinates are known in every form in use, and numbers of doors are no coordinates."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.address.characters import fold
from geodata.address.coordinates import find_coordinates
from geodata.address.normalize import normalize


@pytest.mark.parametrize(
    ("typed", "swapped"),
    [
        ("117.0123,36.6512", False),
        ("117.0123 36.6512", False),
        ("１１７．０１２３，３６．６５１２", False),
        ("(117.0123, 36.6512)", False),
        ("36.6512,117.0123", True),
        ("POINT(117.0123 36.6512)", False),
        ("36.6512N 117.0123E", False),
        ("N36.6512 E117.0123", False),
        ("东经117.0123 北纬36.6512", False),
        ("北纬36.6512°，东经117.0123°", False),
        ("经度:117.0123 纬度:36.6512", False),
        ("lat=36.6512&lng=117.0123", False),
        ("lon=36.6512,lat=117.0123", True),
        ("117.0123°, 36.6512°", False),
        ("东经117°0'44.28\" 北纬36°39'4.32\"", False),
        ("36°39′4.32″N, 117°0′44.28″E", False),
        ("N36度39分4.32秒 E117度0分44.28秒", False),
        ("坐标：117.0123，36.6512", False),
        ("定位 117.0123/36.6512", False),
    ],
)
def test_a_pair_is_read_in_each_form(typed: str, swapped: bool) -> None:
    normal = normalize(typed)
    assert normal.text == ""
    (pair,) = normal.aside
    assert pair.kind == "coordinates"
    assert (pair.facts["lon"], pair.facts["lat"]) == (pytest.approx(117.0123), pytest.approx(36.6512))
    assert pair.facts["swapped"] is swapped


@pytest.mark.parametrize(
    ("typed", "datum"),
    [
        ("117.0123,36.6512", None),
        ("GCJ-02 117.0123,36.6512", "GCJ-02"),
        ("高德坐标117.0123,36.6512", "GCJ-02"),
        ("百度坐标：117.0123,36.6512", "BD-09"),
        ("WGS84: 117.0123,36.6512", "EPSG:4326"),
        ("CGCS2000 117.0123,36.6512", "EPSG:4490"),
    ],
)
def test_the_datum_is_the_one_that_the_words_name(typed: str, datum: str | None) -> None:
    (pair,) = find_coordinates(fold(typed)[0])
    assert pair.facts["datum"] == datum


def test_hemispheres_and_places_outside_china_are_read_as_marked() -> None:
    (south,) = find_coordinates("33.8568s 151.2153e")
    (west,) = find_coordinates("西经73.9857 北纬40.7484")
    (plain,) = find_coordinates("8.6900,49.4100")
    assert (south.facts["lon"], south.facts["lat"]) == (151.2153, -33.8568)
    assert (west.facts["lon"], west.facts["lat"]) == (-73.9857, 40.7484)
    assert (plain.facts["lon"], plain.facts["lat"], plain.facts["swapped"]) == (8.69, 49.41, False)


def test_metres_of_a_projected_system_are_given_as_they_stand() -> None:
    (pair,) = find_coordinates("39512345.12, 4056789.3")
    assert (pair.facts["x"], pair.facts["y"]) == (39512345.12, 4056789.3)
    assert "lon" not in pair.facts


def test_an_address_beside_coordinates_stays() -> None:
    assert normalize("文化西路44号 117.0123,36.6512").text == "文化西路44号"
    assert normalize("文化西路44号（117.0123,36.6512）").text == "文化西路44号"


@pytest.mark.parametrize(
    "typed",
    [
        "12-3-501",
        "12.5 3.2",
        "1.2.3",
        "117,36",
        "文化路117 36号",
        "3.14159",
        "181.000,36.000",
        "117.000,91.000,1",
        "12楼36度",
        "e12 n3",
        "2.5,3.5",
        "192.168.100.200",
        "117°",
    ],
)
def test_other_numbers_are_no_coordinates(typed: str) -> None:
    assert list(find_coordinates(typed)) == []


@given(
    st.floats(73.5, 135, allow_nan=False),
    st.floats(3.5, 53, allow_nan=False),
    st.sampled_from([",", " ", ", ", "，", ";", "/"]),
)
def test_any_point_of_china_is_read_back_in_both_orders(lon: float, lat: float, between: str) -> None:
    for first, second, swapped in ((lon, lat, False), (lat, lon, True)):
        (pair,) = find_coordinates(fold(f"{first:.6f}{between}{second:.6f}")[0])
        assert pair.facts["lon"] == pytest.approx(lon, abs=1e-6)
        assert pair.facts["lat"] == pytest.approx(lat, abs=1e-6)
        assert pair.facts["swapped"] is swapped


@pytest.mark.parametrize(
    "typed", ["117.0,36.65", "36.65,117.0", "117.0，36.6", "(117.0 36.65)", "117.0,36.65 bd-09 坐标"]
)
def test_two_plain_numbers_that_are_all_of_a_text_are_a_place_in_china(typed: str) -> None:
    (pair,) = find_coordinates(fold(typed)[0])
    assert (pair.facts["lon"], round(pair.facts["lat"])) == (117.0, 37)


@pytest.mark.parametrize("typed", ["117.0,36", "12.5,30.1", "样园路117.0,36.6", "117.0,36.6号", "117.0,36.6室"])
def test_beside_other_words_they_are_numbers_of_doors(typed: str) -> None:
    assert list(find_coordinates(fold(typed)[0])) == []
