"""Pinned aliases over HTTP: the next caller is found."""

import time
from typing import Any

import pytest

from tests.service.conftest import Service, problem_of

PATH = "/api/v1/addresses/aliases"
LOOKUP = "/api/v1/lookup"
POINT = {"text": "红房子理发店旁边的大榕树", "label": "大榕树", "lon": 87.005, "lat": 36.655}


def pin(service: Service, body: dict[str, Any], role: str | None = "dispatcher") -> Any:
    return service.client.post(PATH, json=body, headers=service.headers(role))


def looked_up(service: Service, text: str) -> dict[str, Any]:
    answer: dict[str, Any] = service.client.post(LOOKUP, json={"address": text}).json()
    return answer


def until(service: Service, text: str, status: str) -> dict[str, Any]:
    """The answer once it has a status; the register follows the database within seconds."""
    for _ in range(100):
        answer = looked_up(service, text)
        if answer["status"] == status:
            return answer
        time.sleep(0.1)
    raise AssertionError(answer)


def test_what_was_pinned_to_a_point_is_found_by_the_next_caller_until_it_is_taken_back(own_service: Service) -> None:
    until(own_service, POINT["text"], "not_found")
    made = pin(own_service, POINT)
    assert made.status_code == 201
    alias = made.json()
    assert (alias["text"], alias["label"], alias["target"]) == (POINT["text"], "大榕树", None)
    assert alias["created_by"] == "测试 dispatcher"
    answer = until(own_service, POINT["text"], "found")
    assert answer["grids"][0]["code"] == "A1"
    assert [item["id"] for item in own_service.get(PATH, "dispatcher").json()["items"]] == [alias["id"]]
    own_service.client.delete(f"{PATH}/{alias['id']}", headers=own_service.headers("dispatcher"))
    until(own_service, POINT["text"], "not_found")
    assert own_service.get(PATH, "admin").json() == {"next_before": None, "items": []}
    gone = own_service.client.delete(f"{PATH}/{alias['id']}", headers=own_service.headers("dispatcher"))
    problem_of(gone, 404, "not-known")


def test_a_record_may_be_pinned_and_the_audit_log_keeps_no_word_of_the_caller(own_service: Service) -> None:
    made = pin(own_service, {"text": "老服务站", "target": "station:S2"})
    assert (made.status_code, made.json()["label"], made.json()["target"]) == (201, "示例站S2", "station:S2")
    assert until(own_service, "老服务站", "found")["grids"][0]["code"] == "B1"
    log = own_service.get("/api/v1/audit", "admin").text
    assert "address.pin" in log
    assert "老服务站" not in log


def test_pages_of_aliases_go_from_the_newest_to_the_oldest(own_service: Service) -> None:
    made = [pin(own_service, {**POINT, "text": f"示例地点{name}"}).json()["id"] for name in "甲乙丙"]
    first = own_service.get(PATH, "dispatcher", limit=2).json()
    assert [item["id"] for item in first["items"]] == [made[2], made[1]]
    rest = own_service.get(PATH, "dispatcher", limit=2, before=first["next_before"]).json()
    assert ([item["id"] for item in rest["items"]], rest["next_before"]) == ([made[0]], None)


@pytest.mark.parametrize("role", [None, "planner", "clerk"])
def test_only_dispatchers_and_administrators_may_pin(service: Service, role: str | None) -> None:
    status, headers = (401 if role is None else 403), service.headers(role)
    problem_of(pin(service, POINT, role), status, "not-allowed")
    problem_of(service.get(PATH, role), status, "not-allowed")
    problem_of(service.client.delete(f"{PATH}/1", headers=headers), status, "not-allowed")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 422, "invalid-request"),
        ({"text": "老百货"}, 422, "invalid-input"),
        ({"text": "", "target": "station:S1"}, 422, "invalid-input"),
        ({"text": "12", "target": "station:S1"}, 422, "invalid-input"),
        ({"text": "x" * 201, "target": "station:S1"}, 422, "invalid-request"),
        ({"text": "老百货\x00", "target": "station:S1"}, 422, "invalid-request"),
        ({"text": "老百货", "target": "station"}, 422, "invalid-input"),
        ({"text": "老百货", "target": "grid:A1"}, 422, "invalid-input"),
        ({"text": "老百货", "target": "station:nope"}, 404, "not-known"),
        ({"text": "老百货", "lon": 87.0, "label": "x"}, 422, "invalid-input"),
        ({"text": "老百货", "lon": 87.0, "lat": 36.0}, 422, "invalid-input"),
        ({"text": "老百货", "lon": 870.0, "lat": 36.0, "label": "x"}, 422, "invalid-coordinate"),
        ({"text": "老百货", "lon": 87.0, "lat": 36.0, "label": "x", "crs": "nope"}, 422, "unknown-crs"),
        ({"text": "老百货", "target": "station:S1", "by": "me"}, 422, "invalid-request"),
    ],
)
def test_what_cannot_be_pinned_is_a_problem(service: Service, body: dict[str, Any], status: int, code: str) -> None:
    problem_of(pin(service, body), status, code)
