"""The type-ahead over HTTP."""

from typing import Any

import pytest

from tests.service.conftest import Service, problem_of

PATH = "/api/v1/addresses/suggest"


def suggested(service: Service, q: str, **more: Any) -> list[dict[str, Any]]:
    response = service.client.post(PATH, json={"q": q, **more})
    assert response.status_code == 200, response.text
    items: list[dict[str, Any]] = response.json()["items"]
    return items


@pytest.mark.parametrize(
    ("q", "group", "text"),
    [
        ("样园", "roads", "样园路"),
        ("yangyuan", "roads", "样园路"),
        ("槐荫", "compounds", "槐荫小区"),
        ("老百货", "places", "示例商场"),
        ("样园路12", "doors", "样园路12号"),
        ("甲二", "areas", "甲二社区"),
    ],
)
def test_what_is_typed_is_completed_from_the_register(service: Service, q: str, group: str, text: str) -> None:
    items = suggested(service, q)
    assert (items[0]["group"], items[0]["text"]) == (group, text)
    assert items[0]["point"]["crs"] == "EPSG:4326"


def test_the_get_says_the_same(service: Service) -> None:
    assert service.get(PATH, q="样园路1", limit=5).json()["items"] == suggested(service, "样园路1", limit=5)
    assert len(suggested(service, "样园路1", limit=5)) == 5


@pytest.mark.parametrize("q", ["", "样", "123", "\x00\x01", "' OR 1=1 --", "<b>", "👍👍", "13800000000"])
def test_what_can_become_nothing_gives_nothing(service: Service, q: str) -> None:
    assert suggested(service, q) == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "invalid-request"),
        ({"q": "x" * 201}, "invalid-request"),
        ({"q": "样园", "limit": 0}, "invalid-request"),
        ({"q": "样园", "limit": 1000}, "invalid-request"),
        ({"q": "样园", "near": "here"}, "invalid-input"),
        ({"q": "样园", "near": "87,36", "crs": "nope"}, "unknown-crs"),
        ({"q": None}, "invalid-request"),
    ],
)
def test_what_cannot_be_used_is_a_problem(service: Service, body: dict[str, Any], code: str) -> None:
    problem_of(service.client.post(PATH, json=body), 422, code)
