"""The coverage page and what it draws: words, classes, circles of all stations as one, streets; and what it refuses."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
import shapely

from service.maps.coverage_circles import MOST_CIRCLES, CircleUnions
from service.maps.coverage_classes import SHARE_CLASSES
from tests.service.conftest import Service, problem_of

PAGE, CIRCLES, STREETS = "/maps/coverage", "/maps/coverage/circles", "/maps/coverage/streets"


@pytest.fixture(scope="module")
def town(serve_town: Callable[..., Service]) -> Service:
    return serve_town("coverage_pages")


def config_of(service: Service, path: str) -> dict[str, Any]:
    text = service.client.get(path).text
    found = re.search(r'<script type="application/json" id="gridmap-config">(.*?)</script>', text, re.DOTALL)
    assert found
    config: dict[str, Any] = json.loads(found[1])
    return config


def test_the_page_brings_classes_ways_of_walking_and_who_may_plan(town: Service) -> None:
    chinese, english = config_of(town, PAGE), config_of(town, f"{PAGE}?lang=en")
    assert [one["colour"] for one in chinese["classes"]] == [one.colour for one in SHARE_CLASSES]
    assert chinese["planners"] == ["planner", "admin"]
    assert chinese["profiles"][0] == {"code": "adult", "name": "成年人"}
    assert english["profiles"][0] == {"code": "adult", "name": "Adult"}
    assert chinese["bounds"] == english["bounds"]
    assert chinese["empty"] is False


def test_home_map_and_every_header_lead_to_the_page(town: Service) -> None:
    for path in ("/", "/maps/grids", "/help", "/dispatch"):
        assert f'href="{PAGE}"' in town.client.get(path).text
        assert f'href="{PAGE}?lang=en"' in town.client.get(f"{path}?lang=en").text


def test_the_circles_of_all_stations_are_drawn_as_one_the_largest_first(town: Service) -> None:
    body = town.get(CIRCLES, minutes=6, bands="3", category="党群服务站").json()
    assert [one["properties"]["minutes"] for one in body["features"]] == [6, 3]
    large, small = (shapely.geometry.shape(one["geometry"]) for one in body["features"])
    assert large.is_valid
    # Drawn on a lattice of 20 m and rounded to a tenth of a metre.
    assert large.buffer(1e-5).covers(small)
    stations = town.get("/api/v1/stations", category="党群服务站").json()["items"]
    for station in stations:
        alone = town.get(f"/api/v1/stations/{station['code']}/circle", minutes=6)
        if alone.status_code == 409:
            assert alone.json()["code"] == "off-network"
            continue
        shape = shapely.geometry.shape(alone.json()["features"][0]["geometry"])
        assert large.buffer(1e-5).covers(shape)


def test_the_streets_are_sent_once(town: Service) -> None:
    first = town.client.get(STREETS)
    assert first.headers["cache-control"] == "no-cache"
    body = first.json()
    assert body["edges"] == len(body["lines"]) > 0
    again = town.client.get(STREETS, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_more_circles_than_a_page_can_draw_are_told_and_not_drawn() -> None:
    def refuse(_point: tuple[float, float]) -> Any:
        raise AssertionError

    points = [(117.0 + place / 1000, 36.0) for place in range(MOST_CIRCLES + 1)]
    body = json.loads(CircleUnions().drawn("state", points, (5.0,), refuse))
    assert (body["too_many"], body["features"]) == (MOST_CIRCLES + 1, [])


@pytest.mark.parametrize(
    ("path", "code"),
    [
        (f"{CIRCLES}?minutes=0", "invalid-input"),
        (f"{CIRCLES}?minutes=10000", "invalid-input"),
        (f"{CIRCLES}?minutes=nan", "invalid-input"),
        (f"{CIRCLES}?bands=a,b", "invalid-input"),
        (f"{CIRCLES}?minutes=x", "invalid-request"),
        (f"{CIRCLES}?at=soon", "invalid-time"),
        (f"{CIRCLES}?profile=bird", "invalid-input"),
        (f"{CIRCLES}?category=nothing", "not-known"),
    ],
)
def test_questions_that_make_no_sense_are_refused_in_words(town: Service, path: str, code: str) -> None:
    response = town.client.get(path)
    problem = problem_of(response, 404 if code == "not-known" else 422, code)
    assert re.search("[一-鿿]", problem["detail_zh"])


def test_without_streets_there_is_a_page_and_the_map_says_why_it_is_empty(service: Service) -> None:
    service.client.app.state.serving.network.refresh()
    assert service.client.get(PAGE).status_code == 200
    for path in (CIRCLES, STREETS):
        problem_of(service.client.get(path), 409, "no-network")
