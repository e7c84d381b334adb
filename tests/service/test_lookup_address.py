"""The look-up by address over HTTP: what it answers, what it refuses, and that nothing of a caller is kept."""

import logging
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from anyio import CapacityLimiter

from service.matching import Matching, NoRegister
from tests.service.conftest import Service, prepared, problem_of
from tests.service.holding import hold, hold_known_addresses
from tests.territory import COMMUNITY_A, COMMUNITY_B

PATH = "/api/v1/lookup"


@pytest.fixture(scope="module")
def addressed(
    cluster_url: str,
    template_name: str,
    tmp_path_factory: pytest.TempPathFactory,
    serve_application: Callable[..., Service],
) -> Service:
    """An application over the small territory with its register."""
    name = "gridmap_address_tests"
    with psycopg.connect(cluster_url.replace("/gridmap?", "/postgres?"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template_name}")  # type: ignore[arg-type]
    url = cluster_url.replace("/gridmap?", f"/{name}?")
    service = serve_application(
        url, tmp_path_factory.mktemp("state"), prepared(url), report_url="https://c.test/{grid}"
    )
    hold_known_addresses(service.client.app, tmp_path_factory.mktemp("register"))
    return service


@pytest.fixture
def without_register(addressed: Service) -> Iterator[Service]:
    held = addressed.client.app.state.serving
    hold(addressed.client.app, register=NoRegister())
    yield addressed
    addressed.client.app.state.serving = held


def asked(service: Service, text: str, role: str | None = None, **more: Any) -> dict[str, Any]:
    response = service.client.post(PATH, json={"address": text, **more}, headers=service.headers(role))
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def test_an_address_is_answered_as_a_point_is_with_what_it_was_taken_for(addressed: Service) -> None:
    answer = asked(addressed, "样园路12号", "dispatcher")
    (grid,) = answer["grids"]
    assert (answer["status"], grid["code"], grid["report_url"]) == ("found", "A1", "https://c.test/A1")
    assert [(person["name"], person["phone"]) for person in grid["workers"]] == [("示例W2", "13800000001")]
    assert answer["address"]["label"] == "样园路12号"
    assert (answer["query"]["address"], answer["query"]["normalized"]) == ("样园路12号", "样园路12号")
    (by_point,) = addressed.get(PATH, "dispatcher", **{name: answer["point"][name] for name in ("lon", "lat")}).json()[
        "grids"
    ]
    assert by_point == grid


def test_the_get_asks_the_same(addressed: Service) -> None:
    query = {"address": "样园路12号", "as_of": "2026-06-01", "layer": "general"}
    assert addressed.get(PATH, **query).json() == asked(addressed, "样园路12号", as_of="2026-06-01", layer="general")


def test_people_are_masked_in_answers_to_those_who_need_not_see_them(addressed: Service) -> None:
    (person,) = asked(addressed, "样园路12号")["grids"][0]["workers"]
    assert (person["name"], person["phone"]) == ("示**", "138****0001")


def test_what_is_not_sure_says_what_to_ask(addressed: Service) -> None:
    answer = asked(addressed, "幸福里3号")
    assert (answer["status"], answer["grids"], answer["point"]) == ("ambiguous", [], None)
    assert answer["ask"]["options"] == ["甲一社区", "甲二社区"]
    assert asked(addressed, "幸福里3号", within=COMMUNITY_B)["grids"][0]["code"] == "B1"
    nearby = asked(addressed, "幸福里3号", near="87.026,36.652")
    assert nearby["candidates"][0]["grids"][0]["code"] == "B1"


def test_the_place_it_is_about_may_be_given_in_another_datum(addressed: Service) -> None:
    answer = asked(addressed, "87.005,36.655", crs="BD-09")
    assert answer["point"]["lon"] != 87.005
    assert answer["point"]["crs"] == "EPSG:4326"


def test_the_register_is_said_to_be_current_where_another_time_is_asked_about(addressed: Service) -> None:
    past = asked(addressed, "样园路12号", as_of="2025-06-01")
    assert [warning["code"] for warning in past["warnings"]][-1] == "register-is-current"
    assert "register-is-current" not in str(asked(addressed, "样园路12号")["warnings"])


@pytest.mark.parametrize(
    "text",
    ["", " ", "王", "123", "138 0000 0000", "王女士", "' OR 1=1; DROP TABLE grids --", "<img src=x onerror=alert(1)>",
     "\x00\x07\x1b", "10 Downing Street, London", "京都市中京区寺町通御池上る", "\\u0000", "。。。", "%00"],
)  # fmt: skip
def test_what_is_no_address_is_not_found(addressed: Service, text: str) -> None:
    answer = asked(addressed, text)
    assert (answer["status"], answer["grids"]) == ("not_found", [])
    assert answer["ask"]["message"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"address": "x" * 201}, "invalid-request"),
        ({"address": 7}, "invalid-request"),
        ({"address": ["样园路"]}, "invalid-request"),
        ({"address": "样园路", "lon": 87.0, "lat": 36.0}, "invalid-input"),
        ({"address": "样园路", "lon": 87.0}, "invalid-input"),
        ({"address": "样园路", "target": "building:B1"}, "invalid-input"),
        ({"address": "样园路", "near": "here"}, "invalid-input"),
        ({"address": "样园路", "near": "87"}, "invalid-input"),
        ({"address": "样园路", "near": "87,36,1"}, "invalid-input"),
        ({"address": "样园路", "near": "nan,36"}, "invalid-coordinate"),
        ({"address": "样园路", "near": "999,36"}, "invalid-coordinate"),
        ({"address": "样园路", "crs": "EPSG:0"}, "unknown-crs"),
        ({"address": "样园路", "as_of": "soon"}, "invalid-time"),
        ({"lon": 87.0, "lat": 36.0, "within": COMMUNITY_A}, "invalid-input"),
        ({"lon": 87.0, "lat": 36.0, "near": "87,36"}, "invalid-input"),
        ({"near": "87,36"}, "invalid-request"),
    ],
)
def test_what_cannot_be_used_is_a_problem_that_does_not_repeat_it(
    addressed: Service, body: dict[str, Any], code: str
) -> None:
    response = addressed.client.post(PATH, json=body)
    problem_of(response, 422, code)
    assert "样园路" not in response.text
    assert "xxx" not in response.text


@pytest.mark.parametrize("unknown", [{"layer": "nope"}, {"within": "nope"}, {"matter": "nope"}])
def test_an_unknown_layer_area_or_matter_is_not_known(addressed: Service, unknown: dict[str, str]) -> None:
    for text in ("样园路12号", "nothing at all"):
        response = addressed.client.post(PATH, json={"address": text, **unknown})
        problem_of(response, 404, "not-known")


def test_until_the_register_is_there_addresses_are_told_to_come_again_and_points_are_answered(
    without_register: Service,
) -> None:
    response = without_register.client.post(PATH, json={"address": "样园路12号"})
    problem_of(response, 503, "register-not-ready")
    assert int(response.headers["retry-after"]) > 0
    assert without_register.get(PATH, lon=87.005, lat=36.655).json()["status"] == "found"


def test_a_queue_that_grew_long_is_refused_at_once(addressed: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    held = addressed.client.app.state.serving
    monkeypatch.setattr("service.matching.MOST_WAITING", 0)
    hold(addressed.client.app, matching=Matching(threads=CapacityLimiter(1)))
    try:
        response = addressed.client.post(PATH, json={"address": "样园路12号"})
        problem_of(response, 503, "busy")
        assert response.headers["retry-after"] == "2"
    finally:
        addressed.client.app.state.serving = held


def test_nothing_of_what_was_asked_is_in_any_log(addressed: Service, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    secret = "样园路12号 王女士 13800000000"
    for body in ({"address": secret}, {"address": secret, "near": "nowhere"}, {"address": secret * 20}):
        addressed.client.post(PATH, json=body)
    addressed.get(PATH, address=secret)
    addressed.get(PATH, address=secret, lon="x")
    ours = "\n".join(record.getMessage() for record in caplog.records if not record.name.startswith("http"))
    assert "样园路" not in ours
    assert "13800000000" not in ours
    assert "/api/v1/lookup" in ours
