"""From one state of a load to the next: who may, when not, and what comes between."""

from typing import Any

import pytest

from geodata.database import connect
from geodata.desk import stored
from tests.service.conftest import Service, problem_of
from tests.service.desks import GOOD, Desk, names


@pytest.fixture
def clerk(own_service: Service) -> Desk:
    return Desk(own_service)


@pytest.mark.parametrize("by", ["body", "header"])
def test_the_second_of_two_clerks_is_told(clerk: Desk, by: str) -> None:
    load = clerk.checked(GOOD)
    stale = load["version"] - 1
    given: dict[str, Any] = {"json": {"version": stale}} if by == "body" else {"headers": {"If-Match": f'"{stale}"'}}
    response = clerk.ask("POST", f"/{load['id']}/commit", **given)
    assert problem_of(response, 412, "stale-edit")["facts"]["version"] == load["version"]
    patched = clerk.ask("PATCH", f"/{load['id']}", json={"repair": True, "version": stale})
    problem_of(patched, 412, "stale-edit")
    dropped = clerk.ask("DELETE", f"/{load['id']}", headers={"If-Match": '"nonsense"'})
    problem_of(dropped, 412, "stale-edit")
    right = clerk.ask("POST", f"/{load['id']}/commit", headers={"If-Match": f'"{load["version"]}"'})
    assert right.status_code == 202


def test_steps_that_the_state_does_not_allow_are_refused(clerk: Desk) -> None:
    load = clerk.checked(GOOD)
    problem_of(clerk.ask("POST", f"/{load['id']}/undo"), 409, "conflict")
    problem_of(clerk.ask("POST", f"/{load['id']}/cancel"), 409, "conflict")
    committed = clerk.step(load, "commit")
    problem_of(clerk.ask("POST", f"/{load['id']}/commit"), 409, "conflict")
    problem_of(clerk.ask("PATCH", f"/{load['id']}", json={"repair": True}), 409, "conflict")
    clerk.step(committed, "undo")
    problem_of(clerk.ask("POST", f"/{load['id']}/undo"), 409, "conflict")
    problem_of(clerk.ask("POST", "/4711/commit"), 404, "not-known")


def test_nothing_to_change_is_not_committed(clerk: Desk) -> None:
    clerk.step(clerk.checked(GOOD), "commit")
    again = clerk.checked(GOOD)
    assert again["counts"]["same"] == 2
    assert not again["can_commit"]
    refused = clerk.ask("POST", f"/{again['id']}/commit")
    assert "change nothing" in problem_of(refused, 409, "conflict")["detail"]


def test_a_commit_that_finds_new_errors_writes_nothing_and_shows_them(clerk: Desk) -> None:
    with connect(clerk.service.database_url) as connection:
        connection.execute("INSERT INTO holders (kind, code) VALUES ('worker', 'W11')")
    rows = "责任人,角色,对象类型,对象\nW1,grid_chief,网格,A2\n".encode()
    load = clerk.checked(rows, kind="duties")
    assert load["can_commit"], load
    with connect(clerk.service.database_url) as connection:
        connection.execute("UPDATE worker_versions SET withdrawn_at = now()")
    refused = clerk.step(load, "commit")
    assert (refused["state"], refused["can_commit"]) == ("checked", False)
    assert refused["problem"]["code"] == "load-refused"
    assert refused["counts"]["errors"] >= 1
    assert refused["columns"] == load["columns"]
    assert clerk.get(f"/{load['id']}/findings")["items"]
    assert len(clerk.get(f"/{load['id']}/rows")["items"]) == 1


def test_a_commit_that_would_do_something_else_than_was_shown_writes_nothing(clerk: Desk) -> None:
    load = clerk.checked(GOOD)
    clerk.step(clerk.checked(GOOD.replace("样例-甲".encode(), "样例-丙".encode())), "commit", role="admin")
    refused = clerk.step(load, "commit")
    assert (refused["state"], refused["can_commit"]) == ("checked", True)
    assert refused["problem"]["code"] == "changed-since"
    assert (refused["counts"]["new"], refused["counts"]["changed"]) == (0, 1)
    assert "样例-甲" not in names(clerk.service)
    assert clerk.step(refused, "commit")["state"] == "committed"
    assert "样例-甲" in names(clerk.service)


def test_an_undo_that_something_stands_on_says_who_did_it(clerk: Desk) -> None:
    first = clerk.step(clerk.checked(GOOD), "commit")
    changed = GOOD.replace("样例-甲".encode(), "样例-新".encode())
    clerk.step(clerk.checked(changed), "commit", role="admin")
    refused = clerk.step(first, "undo")
    assert (refused["state"], refused["can_undo"]) == ("committed", True)
    assert "测试 admin" in refused["problem"]["detail"]
    assert "样例-新" in names(clerk.service)


def test_a_load_that_was_cancelled_is_not_worked_on_and_can_be_checked_again(clerk: Desk) -> None:
    made = clerk.bring(GOOD)
    stopped = clerk.ask("POST", f"/{made['id']}/cancel", json={"version": made["version"]})
    assert stopped.json()["state"] == "cancelled"
    clerk.work()
    assert clerk.get(f"/{made['id']}")["state"] == "cancelled"
    clerk.ask("PATCH", f"/{made['id']}", json={})
    clerk.work()
    assert clerk.get(f"/{made['id']}")["state"] == "checked"


def test_a_commit_that_was_cancelled_writes_nothing(clerk: Desk) -> None:
    load = clerk.checked(GOOD)
    before = names(clerk.service)
    clerk.ask("POST", f"/{load['id']}/commit")
    stopped = clerk.ask("POST", f"/{load['id']}/cancel").json()
    assert (stopped["state"], stopped["can_commit"]) == ("checked", True)
    clerk.work()
    assert names(clerk.service) == before
    assert clerk.step(stopped, "commit")["state"] == "committed"


def test_a_load_says_that_no_worker_lives(clerk: Desk) -> None:
    made = clerk.bring(GOOD)
    assert made["problem"]["code"] == "no-worker"
    with connect(clerk.service.database_url) as connection:
        connection.execute("INSERT INTO procrastinate_workers DEFAULT VALUES")
    assert clerk.get(f"/{made['id']}")["problem"] is None
    assert clerk.get()["items"][0]["problem"] is None


def test_loads_are_forgotten_after_their_days(clerk: Desk) -> None:
    old, young = clerk.bring(GOOD), clerk.bring(GOOD)
    with connect(clerk.service.database_url) as connection:
        connection.execute("UPDATE loads SET created_at = now() - interval '31 days' WHERE load_id = %s", (old["id"],))
        assert stored.forget_old_loads(connection) == 1
        assert connection.execute("SELECT DISTINCT load_id FROM load_parts").fetchall() == [(young["id"],)]


def test_a_job_says_where_it_stands_and_only_jobs_on_loads_are_shown(clerk: Desk) -> None:
    made = clerk.bring(GOOD)
    path = f"/api/v1/jobs/{made['job_id']}"
    job = clerk.service.get(path, "clerk").json()
    assert (job["task"], job["state"], job["load"]) == ("check", "waiting", made["id"])
    clerk.work()
    assert clerk.service.get(path, "clerk").json()["state"] == "done"
    problem_of(clerk.service.get("/api/v1/jobs/4711", "clerk"), 404, "not-known")
    # Whose job it is not does not learn whether there is one.
    problem_of(clerk.service.get(path, "planner"), 404, "not-known")
    problem_of(clerk.service.get(path, "dispatcher"), 403, "not-allowed")
    with connect(clerk.service.database_url) as connection:
        (other,) = connection.execute(
            "INSERT INTO procrastinate_jobs (task_name, queue_name) VALUES ('housekeeping:x', 'default') RETURNING id"
        ).fetchone()  # type: ignore[misc]
    problem_of(clerk.service.get(f"/api/v1/jobs/{other}", "clerk"), 404, "not-known")
