"""What planners must not do to drafts, and what is no request at all: a clear answer, and nothing changed."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.redrawing import line
from tests.service.conftest import Service, problem_of
from tests.service.test_drafts_api import DRAFTS, RELEASES, Plan, published_city, split_a

ACROSS = line((1, -1), (1, 5))
SPLIT = {"id": "1", "kind": "split", "grid": "A", "line": ACROSS}
MOVE = {"id": "1", "kind": "move-node", "at": ACROSS[0], "to": ACROSS[1]}


@pytest.fixture(scope="module")
def plan(serve_town: Callable[..., Service]) -> Plan:
    return Plan(serve_town("draft_refusals", published_city))


def refused(plan: Plan, operation: Any, status: int, code: str) -> dict[str, Any]:
    """The problem of an operation; the draft is as it was."""
    before = plan.get()
    problem = problem_of(plan.post("/operations", operation), status, code)
    assert plan.get() == before
    assert plan.get("/operations")["items"] == []
    return problem


@pytest.mark.parametrize(
    ("operation", "field"),
    [
        ({}, "id"),
        ({"id": "1"}, "kind"),
        ({"id": "", "kind": "split"}, "id"),
        ({"id": "x" * 65, "kind": "split"}, "id"),
        ({"id": "1\x00", "kind": "split"}, "id"),
        ({"id": 7, "kind": "split"}, "id"),
        ({"id": "1", "kind": "restore", "release": 1}, "kind"),
        ({"id": "1", "kind": ["split"]}, "kind"),
        ({**SPLIT, "grid": None}, "grid"),
        ({**SPLIT, "grid": ["A"]}, "grid"),
        ({**SPLIT, "line": "A-B"}, "line"),
        ({**SPLIT, "line": ACROSS[:1]}, "line"),
        ({**SPLIT, "line": [ACROSS[0]] * 10_001}, "line"),
        ({**SPLIT, "line": [[1000, 0], ACROSS[1]]}, "line"),
        ({**SPLIT, "line": [[True, 0], ACROSS[1]]}, "line"),
        ({**SPLIT, "line": [[10**400, 0], ACROSS[1]]}, "line"),
        ({**SPLIT, "line": [["117", "36"], ACROSS[1]]}, "line"),
        ({**SPLIT, "survivor": "A"}, "survivor"),
        ({**SPLIT, "codes": ["x\ny"]}, "codes"),
        ({**MOVE, "to": "B"}, "to"),
        ({"id": "1", "kind": "hand-over", "to": "B"}, "ground"),
        ({"id": "1", "kind": "hand-over", "to": "B", "ground": {"type": "Point", "coordinates": [1, 2]}}, "ground"),
        ({"id": "1", "kind": "change", "grid": "A"}, "code"),
        ({"id": "1", "kind": "change", "grid": "A", "grid_kind": "moon"}, "grid_kind"),
        ({"id": "1", "kind": "merge", "grids": ["A", "B"], "survivor": "A", "allow_parts": "yes"}, "allow_parts"),
        ({**SPLIT, "<script>": 1}, "<script>"),
    ],
)
def test_an_operation_that_cannot_be_read_is_told_by_its_field(plan: Plan, operation: Any, field: str) -> None:
    problem = refused(plan, operation, 422, "invalid-input")
    assert problem["facts"]["field"] == field


@pytest.mark.parametrize(
    ("operation", "reason"),
    [
        ({**SPLIT, "line": line((5, -1), (5, 5))}, "no-crossing"),
        ({**SPLIT, "line": line((1, -1), (1, 5), (0, 3), (2, 3))}, "crosses-itself"),
        ({"id": "1", "kind": "merge", "grids": ["A", "G"], "survivor": "A"}, "not-touching"),
        ({"id": "1", "kind": "move-node", "at": line((0, 4))[0], "to": line((1, 3))[0]}, "on-rim"),
        ({"id": "1", "kind": "move-node", "at": line((2, 2))[0], "to": [118.0, 36.5]}, ""),
    ],
)
def test_borders_that_cannot_be_so_are_refused_with_the_place_and_what_to_do(
    plan: Plan, operation: Any, reason: str
) -> None:
    problem = refused(plan, operation, 422, "edit-refused")
    assert problem["facts"]["reason"] == reason or not reason
    assert problem["facts"]["lon"] > 116
    assert set(problem["facts"].get("grids", [])) <= set("ABCDEFG")


@pytest.mark.parametrize(
    ("operation", "status", "code"),
    [
        ({**SPLIT, "grid": "Z" * 200}, 404, "not-known"),
        ({**SPLIT, "grid": "'; DROP TABLE drafts; --"}, 404, "not-known"),
        ({"id": "1", "kind": "hand-over", "to": "B", "building": "no such"}, 404, "not-known"),
        ({"id": "1", "kind": "change", "grid": "A", "code": "B"}, 409, "conflict"),
        ({"id": "1", "kind": "move-grids", "grids": ["A"], "community": "nowhere"}, 404, "not-known"),
    ],
)
def test_what_an_operation_names_must_be_there_and_a_new_code_free(
    plan: Plan, operation: Any, status: int, code: str
) -> None:
    refused(plan, operation, status, code)


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 422),
        (b"{", 422),
        (b"[]", 422),
        (b'"split"', 422),
        (b"\xff\xfe", 422),
        (b"[" * 100_000, 400),
        (b'{"id": "1", "kind": "move-node", "at": [NaN, 1], "to": [1, Infinity]}', 422),
        (b'{"id": "1", "kind": "move-node", "at": [' + b"9" * 5000 + b", 1]}", 400),
        (b'{"id": "\\ud800", "kind": "split"}', 422),
        (json.dumps({str(number): 1 for number in range(1000)}).encode(), 422),
    ],
)
def test_a_body_that_is_no_operation_is_refused(plan: Plan, content: bytes, status: int) -> None:
    headers = {"If-Match": "*", "Content-Type": "application/json"}
    response = plan.send("POST", f"{plan.path}/operations", headers, content=content)
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert plan.get()["version"] == 0


@pytest.mark.parametrize(
    ("if_match", "status", "code"),
    [
        ("", 428, "if-match-needed"),
        ('"17"', 412, "stale-draft"),
        ("soon", 422, "invalid-input"),
        ('"-1"', 422, "invalid-input"),
        ('"' + "9" * 30 + '"', 422, "invalid-input"),
        ("9" * 2000, 422, "invalid-request"),
    ],
)
def test_who_does_not_say_what_was_seen_changes_nothing(plan: Plan, if_match: str, status: int, code: str) -> None:
    headers = {"If-Match": if_match}
    problem_of(plan.send("POST", f"{plan.path}/operations", headers, json=SPLIT), status, code)
    problem_of(plan.send("POST", f"{plan.path}/undo", headers), status, code)
    problem_of(plan.send("POST", f"{plan.path}/publish", headers), status, code)
    problem_of(plan.send("DELETE", plan.path, headers), status, code)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"{DRAFTS}/999999", 404),
        (f"{DRAFTS}/0", 422),
        (f"{DRAFTS}/{2**63}", 422),
        (f"{DRAFTS}/one", 422),
        (f"{DRAFTS}/%00", 422),
        (f"{DRAFTS}?state=lost", 422),
        (f"{DRAFTS}?layer=nosuch", 404),
        (f"{DRAFTS}?after=0", 422),
        (f"{DRAFTS}?limit=100000", 422),
        (f"{RELEASES}/1/diff/0", 422),
        (f"{RELEASES}/1/diff/9", 404),
        ("/api/v1/layers/nosuch/releases/1/diff/1", 404),
    ],
)
def test_a_path_that_names_nothing_is_told_so(plan: Plan, path: str, status: int) -> None:
    response = plan.send("GET", path)
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("part", "params", "status", "code"),
    [
        ("grids", {}, 422, "invalid-input"),
        ("grids", {"codes": "A", "bbox": "117,36,118,37"}, 422, "invalid-input"),
        ("grids", {"bbox": "118,36,117,37"}, 422, "invalid-input"),
        ("grids", {"bbox": "nan,nan,nan,nan"}, 422, "invalid-input"),
        ("grids", {"codes": "Q"}, 404, "not-known"),
        ("grids", {"bbox": "117,36,118,37", "limit": 2}, 422, "too-many"),
        ("grids", {"bbox": "117,36,118,37", "limit": 0}, 422, "invalid-request"),
        ("lines", {}, 422, "invalid-request"),
        ("lines", {"bbox": "x"}, 422, "invalid-input"),
        ("changes", {"since": 40}, 412, "stale-draft"),
        ("changes", {"since": -1}, 422, "invalid-request"),
        ("report", {"format": "exe"}, 422, "invalid-request"),
    ],
)
def test_a_question_about_a_draft_that_cannot_be_answered_is_refused(
    plan: Plan, part: str, params: dict[str, Any], status: int, code: str
) -> None:
    problem_of(plan.send("GET", f"{plan.path}/{part}", params=params), status, code)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 422, "invalid-request"),
        ({"name": " "}, 422, "invalid-input"),
        ({"name": "x" * 501}, 422, "invalid-input"),
        ({"name": "样例\u202e\x00"}, 422, "invalid-input"),
        ({"name": "样例", "layer": "nosuch"}, 404, "not-known"),
        ({"name": "样例", "release": 9}, 404, "not-known"),
        ({"name": "样例", "release": 2**40}, 422, "invalid-request"),
        ({"name": "样例", "colour": "red"}, 422, "invalid-request"),
    ],
)
def test_a_draft_of_nothing_is_not_begun(plan: Plan, body: dict[str, Any], status: int, code: str) -> None:
    count = len(plan.send("GET", DRAFTS).json()["items"])
    problem_of(plan.send("POST", DRAFTS, json=body), status, code)
    assert len(plan.send("GET", DRAFTS).json()["items"]) == count


def test_a_release_cannot_be_planned_for_a_time_that_is_none_or_past(plan: Plan) -> None:
    own = Plan(plan.service)
    split_a(own)
    problem_of(own.post("/publish", {"effective": "soon"}), 422, "invalid-time")
    problem_of(own.post("/publish", {"effective": "2001-01-01"}), 409, "conflict")
    problem_of(own.post("/publish", {"colour": "red"}), 422, "invalid-request")
    assert own.get()["state"] == "open"


@pytest.mark.parametrize(("role", "status"), [(None, 401), ("dispatcher", 403), ("clerk", 403), ("expired", 401)])
def test_nobody_but_planners_learns_whether_a_draft_exists(plan: Plan, role: str | None, status: int) -> None:
    for path in (plan.path, f"{DRAFTS}/999999"):
        known = plan.service.client.get(path, headers=plan.service.headers(role))
        done = plan.service.client.post(f"{path}/operations", json=SPLIT, headers=plan.service.headers(role))
        assert (known.status_code, done.status_code) == (status, status)
