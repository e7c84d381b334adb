import pytest

from tests.service.conftest import Service, problem_of
from tests.service.test_keys import eventually


@pytest.mark.parametrize("path", ["/api/v1/workers", "/api/v1/duties"])
def test_the_roster_is_not_for_the_public(service: Service, path: str) -> None:
    response = service.get(path)
    problem = problem_of(response, 401, "not-allowed")
    assert problem["facts"]["roles"] == ["dispatcher", "planner", "clerk", "admin"]
    assert response.headers["www-authenticate"].startswith("Bearer")


def test_workers_are_those_of_the_instant_by_code(service: Service) -> None:
    def codes(as_of: str) -> list[str]:
        return [one["code"] for one in service.get("/api/v1/workers", "dispatcher", as_of=as_of).json()["items"]]

    assert codes("2025-06-01") == ["W1", "W3"]
    assert codes("2026-06-01") == ["W1", "W2", "W3"]


def test_workers_come_page_by_page(service: Service) -> None:
    first = service.get("/api/v1/workers", "clerk", limit=2).json()
    assert first["total"] == 3
    second = service.client.get(first["next"], headers=service.headers("clerk")).json()
    assert [one["code"] for one in second["items"]] == ["W3"]


@pytest.mark.parametrize("path", ["/api/v1/workers", "/api/v1/duties"])
def test_a_planner_sees_the_roster_masked_and_the_others_in_full(service: Service, path: str) -> None:
    seen = {}
    for role in ("planner", "dispatcher", "clerk", "admin"):
        item = service.get(path, role).json()["items"][0]
        holder = item.get("holder", item)
        seen[role] = (holder["name"], holder["phone"])
    assert seen.pop("planner") == ("示**", "138****0001")
    assert set(seen.values()) == {("示例W1", "13800000001")} or set(seen.values()) == {("示例W2", "13800000001")}


def test_no_cache_keeps_the_roster(service: Service) -> None:
    response = service.get("/api/v1/workers", "dispatcher")
    assert response.headers["cache-control"] == "no-store"
    assert "etag" not in response.headers


def test_duties_say_who_is_responsible_for_what(service: Service) -> None:
    items = service.get("/api/v1/duties", "dispatcher", as_of="2026-06-01").json()["items"]
    found = [
        (one["holder"]["code"], one["role"]["code"], one["target"]["layer"], one["target"]["code"]) for one in items
    ]
    assert found == [("W2", "grid_chief", "general", "A1"), ("W3", "grid_chief", "general", "A2")]


@pytest.mark.parametrize(
    ("query", "holders"),
    [
        ({"target": "A1"}, ["W2"]),
        ({"holder": "W3"}, ["W3"]),
        ({"role": "grid_chief"}, ["W2", "W3"]),
        ({"role": "nope"}, []),
        ({"target_kind": "station"}, []),
    ],
)
def test_duties_are_chosen_by_role_holder_and_target(
    service: Service, query: dict[str, str], holders: list[str]
) -> None:
    items = service.client.get("/api/v1/duties", params=query, headers=service.headers("dispatcher")).json()["items"]
    assert [one["holder"]["code"] for one in items] == holders


def test_duties_and_leave_to_come_are_listed_until_a_day(own_service: Service) -> None:
    clerk = own_service.headers("clerk")
    later = {"worker": "W2", "from": "2090-03-01", "to": "2090-03-05"}
    leave = own_service.client.post("/api/v1/leave", json=later, headers=clerk).json()["record"]["leave_id"]
    duty = {"holder": "W3", "role": "grid_chief", "target_kind": "grid", "target": "B1", "from": "2090-01-01"}
    made = own_service.client.post("/api/v1/duties", json=duty, headers=clerk).json()["record"]["duty_id"]

    def listed(path: str, **params: str) -> list[int]:
        items = own_service.get(f"/api/v1/{path}", "clerk", **params).json()["items"]
        return [one.get("leave_id", one.get("duty_id")) for one in items]

    assert eventually(lambda: listed("leave", until="2090-03-01") == [leave])
    assert listed("leave") == listed("leave", until="2090-02-28") == []
    assert listed("leave", as_of="2090-03-05T23:00") == [leave]
    assert listed("leave", until="2091-01-01", worker="W3") == listed("leave", until="2091-01-01", q="W3") == []
    assert eventually(lambda: made in listed("duties", until="2090-01-01"))
    assert made not in listed("duties", until="2089-12-31")
    problem_of(own_service.get("/api/v1/leave", "clerk", until="2020-01-01"), 422, "invalid-input")
    problem_of(own_service.get("/api/v1/duties", "clerk", until="soon"), 422, "invalid-time")
