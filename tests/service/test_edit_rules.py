"""What edits through the API refuse, what they say, and who may make them."""

import re
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from geodata.database import connect
from tests.service.conftest import ORIGIN, Service, problem_of
from tests.service.test_keys import eventually
from tests.service.test_register_edits import API, add, send, tag_of
from tests.service.test_session import cookie

WORKER = {"code": "W9", "name": "样例-甲", "phone": "13800000009"}


def test_an_edit_must_say_what_it_saw(service: Service) -> None:
    for method in ("PATCH", "DELETE"):
        problem = problem_of(
            send(service, method, "/workers/W1", {} if method == "PATCH" else None), 428, "if-match-needed"
        )
        assert "If-Match" in problem["detail_zh"]
    for tag in ('"0"', "0", 'W/"0"', '""', ",", '"1-2-3", "x"', "\\"):
        problem_of(send(service, "PATCH", "/workers/W2", {}, tag=tag), 412, "stale-edit")


def test_a_proxy_may_weaken_the_tag_and_several_may_be_sent(own_service: Service) -> None:
    tag = tag_of(own_service, "/workers/W2")
    assert send(own_service, "PATCH", "/workers/W2", {"name": "样例"}, tag=f'"x", W/{tag}').status_code == 200


def test_who_comes_second_is_told_who_was_first_and_what_it_is_now(own_service: Service) -> None:
    tag = tag_of(own_service, "/workers/W2")
    first = send(own_service, "PATCH", "/workers/W2", {"phone": "13900000000"}, tag=tag, role="admin")
    problem = problem_of(
        send(own_service, "PATCH", "/workers/W2", {"phone": "13700000000"}, tag=tag), 412, "stale-edit"
    )
    facts = problem["facts"]
    assert facts["changed_by"] == "测试 admin"
    assert re.fullmatch(r"20\d\d-.*\+08:00", facts["changed_at"])
    assert facts["current"] == first.json()["record"]
    assert facts["etag"] == first.headers["etag"]
    merged = send(own_service, "PATCH", "/workers/W2", {"phone": "13700000000"}, tag=facts["etag"])
    assert merged.json()["record"]["phone"] == "13700000000"


PLANNED = (
    ("/leave", {"worker": "W2", "from": "2091-03-01", "to": "2091-03-10"}, {"stand_in": "W3"}, {"reason": "年假"}),
    (
        "/duties",
        {"holder": "W3", "role": "grid_chief", "target_kind": "grid", "target": "B1", "from": "2091-03-01"},
        {"hours": "Mo-Fr 08:30-17:30"},
        {"to": "2091-12-31"},
    ),
)


@pytest.mark.parametrize(("path", "row", "first", "second"), PLANNED)
def test_who_comes_second_to_what_has_yet_to_begin_is_told_too(
    own_service: Service, path: str, row: dict[str, str], first: dict[str, str], second: dict[str, str]
) -> None:
    made = add(own_service, path, row)
    was = made.headers["location"].removeprefix(API)
    tag = made.headers["etag"]
    won = send(own_service, "PATCH", was, first, tag=tag, role="admin")
    assert won.status_code == 200, won.text
    for method, body in (("PATCH", second), ("DELETE", None)):
        facts = problem_of(send(own_service, method, was, body, tag=tag), 412, "stale-edit")["facts"]
        assert facts["changed_by"] == "测试 admin"
        assert facts["current"] == won.json()["record"]
        assert facts["etag"] == won.headers["etag"]

    now = next(value for key, value in won.json()["record"].items() if key in ("leave_id", "duty_id"))
    again = send(own_service, "PATCH", f"{path}/{now}", second, tag=won.headers["etag"])
    assert again.status_code == 200, again.text
    undone = send(own_service, "POST", f"/changes/{again.json()['change_id']}/undo", role="admin")
    assert undone.status_code == 200, undone.text
    last = next(value for key, value in again.json()["record"].items() if key in ("leave_id", "duty_id"))
    stale = send(own_service, "PATCH", f"{path}/{last}", first, tag=again.headers["etag"])
    assert problem_of(stale, 412, "stale-edit")["facts"]["current"] == won.json()["record"]

    assert send(own_service, "DELETE", f"{path}/{now}", tag="*").status_code == 200
    gone = problem_of(send(own_service, "PATCH", f"{path}/{now}", second, tag="*"), 412, "stale-edit")["facts"]
    assert (gone["current"], gone["etag"]) == (None, None)
    problem_of(send(own_service, "PATCH", f"{path}/999999", second, tag="*"), 404, "not-known")


def test_two_requests_at_the_same_time_one_wins(own_service: Service) -> None:
    tag = tag_of(own_service, "/workers/W2")
    # None is the phone that is stored: to send that again changes nothing and is no conflict.
    phones = [f"1390000{at:04d}" for at in range(6)]
    with ThreadPoolExecutor(6) as pool:
        answers = list(
            pool.map(lambda phone: send(own_service, "PATCH", "/workers/W2", {"phone": phone}, tag=tag), phones)
        )
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 5
    won = next(answer for answer in answers if answer.status_code == 200).json()["record"]["phone"]
    assert own_service.get(f"{API}/workers/W2", "clerk").json()["phone"] == won


def test_fields_that_do_not_exist_are_refused(service: Service) -> None:
    problem = problem_of(send(service, "POST", "/workers", {**WORKER, "salary": 1}), 422, "invalid-request")
    assert problem["errors"][0]["location"] == "body.salary"
    problem_of(send(service, "PATCH", "/workers/W2", {"code": "W8"}, tag="*"), 422, "invalid-request")
    problem_of(send(service, "PATCH", "/duties/1", {"holder": "W3"}, tag="*"), 422, "invalid-request")
    problem_of(send(service, "POST", "/calendar", {"day": "2026-10-01", "kind": "party"}), 422, "invalid-request")
    problem_of(send(service, "POST", "/workers", [WORKER]), 422, "invalid-request")


@pytest.mark.parametrize("effective", ["soon", "2026-02-30", "9999-12-31T23:59:59-12:00", ""])
def test_a_time_that_is_none_is_refused(service: Service, effective: str) -> None:
    problem_of(send(service, "POST", "/workers", {**WORKER, "effective": effective}), 422, "invalid-time")
    problem_of(send(service, "DELETE", f"/workers/W2?effective={effective}", tag="*"), 422, "invalid-time")


def test_a_change_planned_for_later_is_told_with_its_date(own_service: Service) -> None:
    planned = send(own_service, "PATCH", "/workers/W2", {"phone": "13900000000", "effective": "2090-01-01"}, tag="*")
    assert planned.json()["record"]["valid_from"] == "2090-01-01T00:00:00+08:00"
    now = own_service.get(f"{API}/workers/W2", "clerk")
    assert (now.json()["phone"], now.json()["valid_to"]) == ("13800000001", "2090-01-01T00:00:00+08:00")
    problem = problem_of(
        send(own_service, "PATCH", "/workers/W2", {"name": "样例"}, tag=now.headers["etag"]), 409, "conflict"
    )
    assert problem["facts"]["changes"] == "2090-01-01T00:00:00+08:00"
    assert "2090-01-01" in problem["detail_zh"]
    then = own_service.get(f"{API}/workers/W2", "clerk", as_of="2090-06-01")
    assert then.headers["etag"] == planned.headers["etag"]
    history = own_service.get(f"{API}/workers/W2", "dispatcher", history="true").json()["history"]
    assert [one["phone"] for one in history] == ["13900000000", "13800000001"]


def test_what_still_depends_on_it_is_told(own_service: Service) -> None:
    ended = send(own_service, "DELETE", "/workers/W2", tag="*")
    assert ended.status_code == 200, ended.text
    kinds = [one["kind"] for one in ended.json()["warnings"]]
    assert "leaves-duties" in kinds


def test_an_edit_is_taken_back_and_done_again(own_service: Service) -> None:
    path = f"{API}/workers/W2"
    before = own_service.get(path, "clerk")
    made = send(own_service, "PATCH", "/workers/W2", {"phone": "13900000000"}, tag=before.headers["etag"]).json()
    listed = own_service.get(f"{API}/changes", "clerk").json()["items"][0]
    assert (listed["change_id"], listed["action"], listed["target"]) == (made["change_id"], "edit.change", "workers")
    assert (listed["actor"], listed["facts"]) == ("测试 clerk", {"code": "W2", "fields": ["phone"]})
    undone = send(own_service, "POST", f"/changes/{made['change_id']}/undo")
    assert undone.status_code == 200, undone.text
    after = own_service.get(path, "clerk")
    assert after.headers["etag"] == before.headers["etag"]
    assert after.json()["phone"] == before.json()["phone"]
    problem_of(send(own_service, "POST", f"/changes/{made['change_id']}/undo"), 409, "conflict")
    assert own_service.get(f"{API}/changes/{made['change_id']}", "admin").json()["can_undo"] is False
    again = send(own_service, "POST", f"/changes/{undone.json()['change_id']}/undo")
    assert again.status_code == 200, again.text
    assert own_service.get(path, "clerk").json()["phone"] == "13900000000"


def test_the_editor_sees_an_edit_at_once_and_everybody_soon(own_service: Service) -> None:
    send(own_service, "PATCH", "/roles/grid_chief", {"name": "样例网格长"}, tag="*")
    assert own_service.get(f"{API}/roles/grid_chief", "clerk").json()["name"] == "样例网格长"
    assert eventually(lambda: own_service.get(f"{API}/roles/grid_chief").json()["name"] == "样例网格长")


def test_the_audit_log_names_the_editor(own_service: Service) -> None:
    add(own_service, "/workers", WORKER)
    entry = own_service.get(f"{API}/audit", "admin").json()["items"][0]
    assert (entry["actor"], entry["action"], entry["target"]) == ("测试 clerk", "edit.create", "workers W9")
    assert WORKER["phone"] not in str(entry)


def test_a_page_of_another_site_edits_nothing_by_the_cookie(own_service: Service) -> None:
    headers = cookie(own_service, "clerk")
    foreign = {**headers, "Origin": "https://other.example", "If-Match": "*"}
    for method, path in (("POST", "/workers"), ("PATCH", "/workers/W2"), ("DELETE", "/workers/W2")):
        body = WORKER if method == "POST" else {}
        response = own_service.client.request(method, f"{API}{path}", json=body, headers=foreign)
        problem_of(response, 403, "not-allowed")
    own = {**headers, "Origin": ORIGIN}
    assert own_service.client.post(f"{API}/workers", json=WORKER, headers=own).status_code == 201


@pytest.mark.parametrize("path", ["/workers/W2", "/workers/W2?history=true", "/duties/2", "/workers?q=W2", "/leave"])
def test_a_planner_sees_people_masked(own_service: Service, path: str) -> None:
    add(own_service, "/leave", {"worker": "W2", "from": "2026-01-01", "stand_in": "W3"})
    assert eventually(lambda: own_service.get(f"{API}/leave", "clerk").json()["total"] == 1)
    seen = own_service.get(f"{API}{path}", "planner").text
    assert "示**" in seen
    assert "13800000001" not in seen
    assert "示例W" not in seen
    assert "示例W" in own_service.get(f"{API}{path}", "dispatcher").text


def test_nobody_finds_out_a_masked_name_by_searching_for_it(service: Service) -> None:
    assert service.get(f"{API}/workers", "planner", q="示例").json()["total"] == 0
    assert service.get(f"{API}/workers", "clerk", q="示例W").json()["total"] == 3
    assert service.get(f"{API}/workers", "planner", q="w1").json()["total"] == 1


def test_registers_are_searched_by_code_and_name(service: Service) -> None:
    assert [one["code"] for one in service.get(f"{API}/stations", q="站S2").json()["items"]] == ["S2"]
    assert [one["code"] for one in service.get(f"{API}/roles", q="网格").json()["items"]] == ["grid_chief"]
    assert service.get(f"{API}/roles", q="nobody").json()["items"] == []


def test_public_registers_are_cached_by_their_version(service: Service) -> None:
    first = service.get(f"{API}/roles")
    again = service.client.get(f"{API}/roles", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.app.STATEMENT_SECONDS", 2.0)


def test_while_the_database_is_away_editors_are_told_and_readers_are_answered(
    impatient: None, own_service: Service
) -> None:
    with connect(own_service.database_url) as blocker:
        blocker.execute("LOCK TABLE worker_versions IN ACCESS EXCLUSIVE MODE")
        response: httpx.Response = send(own_service, "PATCH", "/workers/W2", {"name": "样例"}, tag="*")
        problem_of(response, 503, "database-away")
        assert int(response.headers["retry-after"]) > 0
        assert own_service.get(f"{API}/workers/W2", "dispatcher").status_code == 200


def test_codes_with_slashes_and_other_signs_are_addressed(own_service: Service) -> None:
    code = "C1/3#2 号?&%"
    made = add(own_service, "/organisations", {"code": code, "name": "样例"})
    assert own_service.client.get(made.headers["location"], headers=own_service.headers("clerk")).json()["code"] == code
