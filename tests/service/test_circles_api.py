"""Service circles and life circles, as anybody may ask for them."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
import shapely

from geodata.database import connect
from geodata.intake.report import LoadOptions
from geodata.load import load_frame
from geodata.reachable import Reachable
from geodata.station.network.walking import NoNetwork
from geodata.times import parse_time
from tests.coverage_town import LAT, empty_walking, publish_homes, publish_streets, publish_town
from tests.service.conftest import Service, problem_of
from tests.service.holding import hold

LIFE = "/api/v1/life-circle"
CLUB, CARE, VAN = "党群服务站", "养老服务站", "流动服务"
GATE = (87.011, LAT)
# Off the street by 100 m, in a compound whose gate is 500 m on.
BUILDING = (87.0055, 36.6559)
WEDNESDAY, THURSDAY = "2026-06-03T10:00", "2026-06-04T10:00"


def circle(code: str) -> str:
    return f"/api/v1/stations/{code}/circle"


def publish(url: str) -> None:
    with connect(url) as connection:
        publish_town(connection)
        publish_homes(connection)
        publish_streets(connection)
        outline = shapely.box(87.0045, 36.6553, 87.0112, 36.6565).wkt
        frames = {
            "compounds": pd.DataFrame({"code": ["C1"], "name": ["示例小区"], "geometry": [outline]}),
            "gates": pd.DataFrame({"compound": ["C1"], "lon": [GATE[0]], "lat": [GATE[1]]}),
            "buildings": pd.DataFrame(
                {"code": ["B1"], "name": ["1栋"], "compound": ["C1"], "lon": [BUILDING[0]], "lat": [BUILDING[1]]}
            ),
        }
        options = LoadOptions(commit=True, effective=parse_time("2026-02-01"), actor="test")
        for kind, frame in frames.items():
            report = load_frame(connection, kind, frame, options=options)
            assert report.committed, report.findings
        connection.commit()


@pytest.fixture(scope="module")
def town(serve_town: Callable[..., Service]) -> Service:
    return serve_town("circles_api", publish)


@pytest.fixture
def held(town: Service) -> Iterator[Callable[..., None]]:
    """Has the application hold something else until the test ends."""
    before = town.client.app.state.serving
    yield lambda **other: hold(town.client.app, **other)
    town.client.app.state.serving = before


def test_a_circle_has_nested_bands_with_the_households_within_by_time(town: Service) -> None:
    body = town.get(circle("S1"), minutes=15, bands="5,10,15").json()
    assert body["type"] == "FeatureCollection"
    told = [feature["properties"] for feature in body["features"]]
    # 4.66 thousandths of a degree are five minutes; homes stand every thousandth, ten households of 25 persons each.
    assert [(one["minutes"], one["households"], one["persons"]) for one in told] == [
        (15, 190, 475),
        (10, 140, 350),
        (5, 100, 250),
    ]
    shapes = [shapely.geometry.shape(feature["geometry"]) for feature in body["features"]]
    assert all(shape.is_valid and shape.geom_type == "MultiPolygon" for shape in shapes)
    assert shapes[0].covers(shapes[1])
    assert shapes[1].covers(shapes[2])
    assert shapes[2].covers(shapely.Point(87.005, LAT))
    assert all(0 <= one["missed"] <= 0.06 and 0 <= one["wrongly_in"] <= 0.06 for one in told)
    assert body["error"] == {"missed": told[0]["missed"], "wrongly_in": told[0]["wrongly_in"], "basis": "households"}
    assert body["station"]["code"] == "S1"
    assert (body["profile"], body["cut_off"], body["as_of"], body["warnings"]) == ("adult", False, None, [])
    assert body["network"]["version"]
    share = town.get("/api/v1/coverage", minutes=5, category=CLUB, by="grid").json()["total"]["households"]["covered"]
    assert share == 100 + town.get(circle("S2"), minutes=5).json()["features"][0]["properties"]["households"]


def test_the_same_circle_has_the_same_tag_and_is_not_sent_twice(town: Service) -> None:
    first = town.get(circle("S1"), minutes=5)
    tag = first.headers["etag"]
    assert not tag.startswith("W/")
    again = town.client.get(f"{circle('S1')}?minutes=5", headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert town.get(circle("S1"), minutes=6).headers["etag"] != tag
    assert town.get(circle("S1")).json()["features"][0]["properties"]["minutes"] == 15


def test_a_mobile_station_is_drawn_at_its_stop_and_refused_without_one(town: Service) -> None:
    body = town.get(circle("S9"), minutes=5, at=WEDNESDAY).json()
    assert (body["station"]["lon"], body["station"]["mobile"], body["station"]["open_now"]) == (87.018, True, True)
    assert body["at"].startswith("2026-06-03T10:00")
    body = town.get(circle("S9"), minutes=5, as_of=WEDNESDAY).json()
    assert (body["station"]["lon"], body["as_of"][:16]) == (87.018, WEDNESDAY)
    problem = problem_of(town.get(circle("S9"), minutes=5, at=THURSDAY), 409, "conflict")
    assert "S9" in problem["detail"]


def test_a_closed_station_is_drawn_and_said_to_be_closed(town: Service) -> None:
    body = town.get(circle("S1"), minutes=5, at="2026-06-03T20:00").json()
    assert body["station"]["open_now"] is False
    assert [one["code"] for one in body["warnings"]] == ["closed"]


def test_a_station_off_the_network_is_refused_with_its_distance(town: Service) -> None:
    problem = problem_of(town.get(circle("S3")), 409, "off-network")
    assert problem["facts"]["metres"] == pytest.approx(388, abs=2)
    assert "150" in problem["detail"]
    assert "388" in problem["detail_zh"]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"minutes": 0}, "invalid-input"),
        ({"minutes": -5}, "invalid-input"),
        ({"minutes": 10_000}, "invalid-input"),
        ({"minutes": "nan"}, "invalid-input"),
        ({"minutes": "soon"}, "invalid-input"),
        ({"bands": "5,many"}, "invalid-input"),
        ({"bands": "0,5"}, "invalid-input"),
        ({"bands": "5,61"}, "invalid-input"),
        ({"bands": "nan"}, "invalid-input"),
        ({"bands": "5,,10"}, "invalid-input"),
        ({"bands": "1,2,3,4,5,6,7"}, "invalid-input"),
        ({"minutes": 7, "bands": "1,2,3,4,5,6"}, "invalid-input"),
        ({"profile": "horse"}, "invalid-input"),
        ({"as_of": "soon"}, "invalid-time"),
        ({"at": "soon"}, "invalid-time"),
    ],
)
def test_a_circle_that_means_nothing_is_refused(town: Service, asked: dict[str, Any], code: str) -> None:
    response = town.get(circle("S1"), **asked)
    assert response.status_code == 422, response.text
    assert response.json()["detail_zh"]
    assert response.json()["code"] in (code, "invalid-request")


def test_a_station_that_nobody_knows_or_not_yet_is_not_found(town: Service) -> None:
    problem_of(town.get(circle("S77")), 404, "not-known")
    problem_of(town.get(circle("S3"), as_of="2025-06-01"), 404, "not-known")


def test_without_a_network_nothing_is_drawn_and_while_it_is_compiled_it_is_said(
    town: Service, held: Callable[..., None]
) -> None:
    nothing = empty_walking()

    class Empty(NoNetwork):
        def current(self) -> Any:
            return nothing

    for path, asked in ((circle("S1"), {}), (LIFE, {"lon": 87.005, "lat": LAT})):
        held(network=Empty())
        problem_of(town.get(path, **asked), 409, "no-network")
        held(network=NoNetwork())
        response = town.get(path, **asked)
        problem_of(response, 503, "network-not-ready")
        assert response.headers["retry-after"]


def test_a_circle_that_reaches_the_edge_of_the_extract_is_cut_off(town: Service, held: Callable[..., None]) -> None:
    walking = town.client.app.state.serving.network.current()
    cut = walking.network.cut.copy()
    cut[walking.network.lons.argmin()] = True

    class Cut(NoNetwork):
        def current(self) -> Any:
            return replace(walking, network=replace(walking.network, cut=cut, version="cut"), version="cut")

    held(network=Cut())
    body = town.get(circle("S1"), minutes=10).json()
    assert body["cut_off"] is True
    assert [one["code"] for one in body["warnings"]] == ["cut-off"]
    assert town.get(circle("S1"), minutes=5).json()["cut_off"] is False
    assert town.get(LIFE, lon=87.005, lat=LAT, minutes=10).json()["cut_off"] is True


def test_where_nobody_is_known_to_live_the_shape_is_held_against_the_streets(
    town: Service, held: Callable[..., None]
) -> None:
    class NobodyHome(Reachable):
        def demand(self, *given: Any) -> Any:
            found = super().demand(*given)
            return replace(found, counts={name: values * 0 for name, values in found.counts.items()})

    held(reachable=NobodyHome())
    body = town.get(circle("S1"), minutes=5).json()
    assert body["error"]["basis"] == "streets"
    assert 0 <= body["error"]["missed"] < 0.05
    assert 0 <= body["error"]["wrongly_in"] < 0.05
    assert [one["code"] for one in body["warnings"]] == ["no-households"]
    assert body["features"][0]["properties"]["households"] == 0


def kinds(body: dict[str, Any]) -> dict[str, list[str]]:
    return {one["category"]: [station["code"] for station in one["stations"]] for one in body["categories"]}


def test_from_a_point_categories_are_reached_or_missing_and_the_nearest_is_told(town: Service) -> None:
    body = town.get(LIFE, lon=87.012, lat=LAT, minutes=10).json()
    assert body["start"] == {
        "kind": "point",
        "code": None,
        "name": None,
        "lon": 87.012,
        "lat": LAT,
        "gates": None,
    }
    assert kinds(body) == {CLUB: ["S1"], CARE: [], VAN: ["S9"]}
    assert (sorted(body["reachable"]), body["missing"]) == (sorted([CLUB, VAN]), [CARE])
    told = {one["category"]: one["nearest"] for one in body["categories"]}
    # Seven thousandths of a degree are 626 m, 7.5 minutes; the other stands too far from any street.
    assert (told[CLUB]["code"], told[CLUB]["walk_minutes"], told[CARE]) == ("S1", 7.5, None)
    assert told[VAN]["walk_minutes"] == 0.0
    far = town.get(LIFE, lon=87.012, lat=LAT, minutes=3).json()
    assert far["missing"] == sorted([CLUB, CARE])
    assert {one["category"]: one["nearest"] and one["nearest"]["walk_minutes"] for one in far["categories"]} == {
        CLUB: 7.5,
        CARE: None,
        VAN: 0.0,
    }


def test_opening_hours_and_stops_count_where_a_time_is_asked_about(town: Service) -> None:
    body = town.get(LIFE, lon=87.012, lat=LAT, minutes=10, at="2026-06-03T20:00").json()
    assert kinds(body) == {CLUB: [], CARE: [], VAN: []}
    assert (body["closed"], body["away"], body["hours_unknown"]) == (["S1"], ["S9"], ["S2", "S3"])
    assert {one["category"]: one["nearest"] and one["nearest"]["code"] for one in body["categories"]}[CLUB] == "S2"


def test_from_a_building_or_its_compound_the_walk_leaves_through_the_gate(town: Service) -> None:
    by_building = town.get(LIFE, building="B1", minutes=10).json()
    by_compound = town.get(LIFE, compound="C1", minutes=10).json()
    inside = town.get(LIFE, lon=BUILDING[0], lat=BUILDING[1], minutes=10).json()
    assert by_building["start"]["gates"] == by_compound["start"]["gates"] == inside["start"]["gates"] == 1
    assert (by_building["start"]["name"], by_compound["start"]["name"]) == ("1栋", "示例小区")
    assert by_building["categories"] == by_compound["categories"] == inside["categories"]
    club = next(one for one in by_building["categories"] if one["category"] == CLUB)
    # From the gate six thousandths of a degree, not from the building, which stands half of one away.
    assert club["nearest"]["walk_minutes"] == 6.4


def test_of_an_area_the_share_of_households_that_reach_each_category_is_told(town: Service) -> None:
    body = town.get(LIFE, area="990101001", minutes=5).json()
    told = {one["category"]: one for one in body["categories"]}
    assert told[CLUB]["households"] == {"covered": 120, "all": 220, "share": 0.5455}
    assert told[CLUB]["stations"] == 2
    assert (told[CARE]["stations"], told[CARE]["households"]["covered"], told[CARE]["reached"]) == (0, 0, False)
    assert body["missing"] == [CARE]
    assert (body["start"]["kind"], body["start"]["name"]) == ("area", "甲一社区")
    coverage = town.get("/api/v1/coverage", minutes=5, category=CLUB, within="990101001").json()["total"]
    assert told[CLUB]["persons"] == coverage["persons"]


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({}, 422, "invalid-input"),
        ({"lon": 87.0}, 422, "invalid-input"),
        ({"lon": 87.005, "lat": LAT, "area": "990101001"}, 422, "invalid-input"),
        ({"compound": "C1", "building": "B1"}, 422, "invalid-input"),
        ({"area": "990101001", "crs": "GCJ-02"}, 422, "invalid-input"),
        ({"lon": 87.0, "lat": 95.0}, 422, "invalid-coordinate"),
        ({"lon": 87.0, "lat": LAT, "crs": "EPSG:1"}, 422, "unknown-crs"),
        ({"lon": 87.02, "lat": 36.66}, 409, "off-network"),
        ({"lon": 0, "lat": 0}, 409, "off-network"),
        ({"compound": "C7"}, 404, "not-known"),
        ({"building": "B7"}, 404, "not-known"),
        ({"area": "7"}, 404, "not-known"),
        ({"compound": ""}, 404, "not-known"),
        ({"building": ""}, 404, "not-known"),
        ({"lon": 87.005, "lat": LAT, "minutes": 0}, 422, "invalid-request"),
        ({"lon": 87.005, "lat": LAT, "minutes": 61}, 422, "invalid-request"),
        ({"lon": 87.005, "lat": LAT, "profile": "horse"}, 422, "invalid-input"),
    ],
)
def test_a_life_circle_of_nothing_or_nowhere_is_refused(
    town: Service, asked: dict[str, Any], status: int, code: str
) -> None:
    problem_of(town.get(LIFE, **asked), status, code)


def test_a_point_may_be_given_in_another_system(town: Service) -> None:
    plain = town.get(LIFE, lon=87.012, lat=LAT).json()
    same = town.get(LIFE, lon=87.012, lat=LAT, crs="EPSG:4490").json()
    assert same["categories"] == plain["categories"]
