"""What a duty and a leave were, are and are to be: by their own path with ``history=true``."""

from typing import Any

import pytest

from tests.service.conftest import Service, problem_of
from tests.service.test_register_edits import API, add, send, tag_of

DUTY = {
    "holder": "W3",
    "role": "grid_chief",
    "target_kind": "grid",
    "target": "B1",
    "hours": "Mo-Fr 08:30-12:00",
    "from": "2091-01-01",
    "to": "2091-12-31",
}


def history(service: Service, path: str, role: str = "clerk") -> list[dict[str, Any]]:
    answer = service.get(f"{API}{path}", role, history="true")
    assert answer.status_code == 200, answer.text
    return list(answer.json()["history"])


def changed(service: Service, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = send(service, "PATCH", path, body, tag=tag_of(service, path))
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["record"])


def days(states: list[dict[str, Any]]) -> list[tuple[str, str | None]]:
    return [(one["valid_from"][:10], one["valid_to"] and one["valid_to"][:10]) for one in states]


def test_a_duty_tells_its_hours_of_all_times_the_newest_first(own_service: Service) -> None:
    first = add(own_service, "/duties", DUTY).json()["record"]["duty_id"]
    second = changed(own_service, f"/duties/{first}", {"hours": "24/7", "effective": "2091-06-01"})["duty_id"]
    assert second != first
    for one in (first, second):
        told = history(own_service, f"/duties/{one}")
        assert [state["duty_id"] for state in told] == [second, first]
        assert [state["hours"] for state in told] == ["24/7", "Mo-Fr 08:30-12:00"]
        assert days(told) == [("2091-06-01", "2092-01-01"), ("2091-01-01", "2091-06-01")]
    # The same role here again, years later, is part of it; another's, or elsewhere, is not.
    again = add(own_service, "/duties", DUTY | {"from": "2095-01-01", "to": "2095-12-31"}).json()["record"]["duty_id"]
    add(own_service, "/duties", DUTY | {"holder": "W1", "from": "2096-01-01", "to": "2096-12-31"})
    add(own_service, "/duties", DUTY | {"target": "A1", "from": "2096-01-01", "to": "2096-12-31"})
    assert [state["duty_id"] for state in history(own_service, f"/duties/{first}")] == [again, second, first]


def test_a_leave_tells_its_stand_ins_of_all_times_and_not_other_leave(own_service: Service) -> None:
    leave = {"worker": "W2", "from": "2091-03-01", "to": "2091-03-10", "reason": "年假"}
    first = add(own_service, "/leave", leave).json()["record"]["leave_id"]
    add(own_service, "/leave", leave | {"from": "2092-03-01", "to": "2092-03-10"})
    second = changed(own_service, f"/leave/{first}", {"stand_in": "W3", "effective": "2091-03-04"})["leave_id"]
    third = changed(own_service, f"/leave/{second}", {"stand_in": "W1", "effective": "2091-03-06"})["leave_id"]
    for one in (first, second, third):
        told = history(own_service, f"/leave/{one}")
        assert [state["leave_id"] for state in told] == [third, second, first]
        assert [state["stand_in"] for state in told] == ["W1", "W3", None]
        assert days(told)[1] == ("2091-03-04", "2091-03-06")


def test_what_was_withdrawn_is_no_part_of_it(own_service: Service) -> None:
    first = add(own_service, "/duties", DUTY).json()["record"]["duty_id"]
    changed(own_service, f"/duties/{first}", {"hours": "24/7", "effective": "2091-06-01"})
    undone = own_service.get(f"{API}/changes", "clerk").json()["items"][0]["change_id"]
    assert send(own_service, "POST", f"/changes/{undone}/undo").status_code == 200
    (state,) = history(own_service, f"/duties/{first}")
    assert (state["duty_id"], state["hours"], days([state])) == (first, DUTY["hours"], [("2091-01-01", "2092-01-01")])


@pytest.mark.parametrize("path", ["/duties/1", "/leave/1"])
def test_history_is_masked_for_planners_and_not_for_the_public(own_service: Service, path: str) -> None:
    add(own_service, "/leave", {"worker": "W2", "from": "2091-03-01", "stand_in": "W3"})
    assert "示例W" not in str(history(own_service, path, "planner"))
    assert "示例W" in str(history(own_service, path, "dispatcher"))
    problem_of(own_service.get(f"{API}{path}", history="true"), 401, "not-allowed")
    assert own_service.get(f"{API}{path}", "clerk").json()["history"] is None


@pytest.mark.parametrize("path", ["/duties/999999", "/leave/999999"])
def test_what_nobody_knows_has_no_history(own_service: Service, path: str) -> None:
    problem_of(own_service.get(f"{API}{path}", "clerk", history="true"), 404, "not-known")
