import time
from typing import Any

import pytest

from geodata.errors import SetupError
from service.sessions import COOKIE, Sessions
from tests.service.conftest import ORIGIN, Service, problem_of

OURS = {"Origin": ORIGIN}


def sign_in(service: Service, role: str, **headers: str) -> Any:
    return service.client.post("/session", json={"key": service.keys[role]}, headers=headers or OURS)


def cookie(service: Service, role: str) -> dict[str, str]:
    value = sign_in(service, role).cookies[COOKIE]
    return {"Cookie": f"other=1; {COOKIE}={value}"}


def test_a_key_is_traded_for_a_cookie_that_scripts_cannot_read(service: Service) -> None:
    response = sign_in(service, "dispatcher")
    assert response.json() == {"role": "dispatcher", "name": "测试 dispatcher", "unmasked": True}
    attributes = response.headers["set-cookie"].lower()
    assert "httponly" in attributes
    assert "samesite=lax" in attributes
    assert "path=/;" in attributes
    assert "secure" not in attributes
    assert service.keys["dispatcher"] not in attributes


def test_behind_https_the_cookie_stays_on_https(service: Service) -> None:
    response = sign_in(service, "clerk", **OURS, **{"X-Forwarded-Proto": "https"})
    assert "secure" in response.headers["set-cookie"].lower()


def test_the_cookie_opens_what_the_key_opens(service: Service) -> None:
    headers = cookie(service, "dispatcher")
    assert service.client.get("/api/v1/workers", headers=headers).status_code == 200
    assert service.client.get("/session", headers=headers).json()["role"] == "dispatcher"
    problem_of(service.client.get("/api/v1/keys", headers=headers), 403, "not-allowed")
    grid = service.client.get("/api/v1/lookup?lon=87.005&lat=36.655", headers=headers).json()["grids"][0]
    assert grid["workers"][0]["name"] == "示例W2"


def test_a_wrong_key_opens_no_session(service: Service) -> None:
    response = service.client.post("/session", json={"key": "nope"}, headers=OURS)
    problem_of(response, 401, "not-allowed")
    assert "set-cookie" not in response.headers


def test_signing_out_takes_the_cookie_back(service: Service) -> None:
    response = service.client.delete("/session", headers={**cookie(service, "clerk"), **OURS})
    assert response.json()["role"] == "public"
    assert "max-age=0" in response.headers["set-cookie"].lower()


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Origin": ORIGIN}, True),
        ({"Origin": "https://portal.example", "X-Forwarded-Host": "portal.example"}, True),
        ({"Sec-Fetch-Site": "cross-site", "Origin": ORIGIN}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Origin": "https://evil.example"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": "http://["}, False),
        ({}, False),
    ],
)
def test_only_our_own_pages_may_act_by_the_cookie(service: Service, headers: dict[str, str], allowed: bool) -> None:
    sent = {**cookie(service, "clerk"), **headers, "Content-Type": "text/csv"}
    response = service.client.post("/api/v1/lookup/batch", content=b"lon,lat\n", headers=sent)
    assert response.status_code == (200 if allowed else 403), response.text
    assert sign_in(service, "clerk", **(headers or {"X": "y"})).status_code == (200 if allowed else 403)


def test_a_key_in_the_header_needs_no_such_proof(service: Service) -> None:
    sent = {**service.headers("clerk"), "Origin": "https://evil.example", "Content-Type": "text/csv"}
    assert service.client.post("/api/v1/lookup/batch", content=b"lon,lat\n", headers=sent).status_code == 200


@pytest.mark.parametrize("value", ["", "x", "AAAA", "\xff", "a" * 5000])
def test_a_forged_cookie_is_refused_and_taken_back(service: Service, value: str) -> None:
    response = service.client.get("/session", headers=[(b"cookie", f"{COOKIE}={value}".encode("latin-1"))])
    assert problem_of(response, 401, "not-allowed")["facts"]["reason"] == "session-ended"
    assert "max-age=0" in response.headers["set-cookie"].lower()


def test_the_header_counts_before_the_cookie(service: Service) -> None:
    headers = {**cookie(service, "clerk"), **service.headers("planner")}
    assert service.client.get("/session", headers=headers).json()["role"] == "planner"


def test_a_session_runs_out(tmp_path: Any) -> None:
    sessions = Sessions(tmp_path, hours=1)
    value = sessions.issue(b"k" * 32, now=1000.0)
    assert sessions.read(value, now=1000.0 + 3599) == b"k" * 32
    assert sessions.read(value, now=1000.0 + 3600) is None


def test_all_workers_share_one_secret_that_nobody_else_reads(tmp_path: Any) -> None:
    value = Sessions(tmp_path, hours=1).issue(b"k" * 32)
    assert Sessions(tmp_path, hours=1).read(value) == b"k" * 32
    assert [path.name for path in tmp_path.iterdir()] == ["session.secret"]
    assert (tmp_path / "session.secret").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("left", [0, 31])
def test_a_secret_that_was_cut_off_signs_nothing(tmp_path: Any, left: int) -> None:
    sessions = Sessions(tmp_path, hours=1)
    value = sessions.issue(b"k" * 32)
    secret = tmp_path / "session.secret"
    secret.write_bytes(secret.read_bytes()[:left])
    damaged = Sessions(tmp_path, hours=1)
    with pytest.raises(SetupError, match="damaged"):
        damaged.read(value)
    with pytest.raises(SetupError, match="damaged"):
        damaged.issue(b"k" * 32)


def test_no_bit_of_a_cookie_can_be_changed(tmp_path: Any) -> None:
    sessions = Sessions(tmp_path, hours=1)
    value = sessions.issue(b"k" * 32, now=time.time())
    for place in range(0, len(value), 7):
        changed = "B" if value[place] != "B" else "C"
        assert sessions.read(value[:place] + changed + value[place + 1 :]) is None
