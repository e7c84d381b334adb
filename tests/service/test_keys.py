import time
from collections.abc import Callable

from geodata.access import key_hash
from geodata.database import connect
from tests.service.conftest import Service, problem_of

KEYS = "/api/v1/keys"


def eventually(holds: Callable[[], bool], seconds: float = 60.0) -> bool:
    """Whether something comes true in time."""
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def test_a_key_is_made_works_is_listed_and_revoked(own_service: Service) -> None:
    admin = own_service.headers("admin")
    made = own_service.client.post(
        KEYS, json={"role": "dispatcher", "name": "热线", "expires_at": "2099-12-31"}, headers=admin
    )
    assert made.status_code == 201
    entry = made.json()
    assert entry["expires_at"] == "2100-01-01T00:00:00+08:00"
    bearer = {"Authorization": f"Bearer {entry['key']}"}

    def opens() -> bool:
        return own_service.client.get("/api/v1/workers", headers=bearer).status_code == 200

    assert eventually(opens)
    listed = own_service.get(KEYS, "admin").json()["items"]
    assert listed[0]["key_id"] == entry["key_id"]
    assert all("key" not in item for item in listed)

    revoked = own_service.client.delete(f"{KEYS}/{entry['key_id']}", headers=admin)
    assert revoked.json()["revoked_at"] is not None
    assert eventually(lambda: not opens())
    again = own_service.client.delete(f"{KEYS}/{entry['key_id']}", headers=admin)
    assert again.json() == revoked.json()
    actions = [(one["action"], one["actor"]) for one in own_service.get("/api/v1/audit", "admin").json()["items"][:2]]
    assert actions == [("key.revoke", "测试 admin"), ("key.create", "测试 admin")]


def test_only_the_hash_of_a_key_is_stored(own_service: Service) -> None:
    key = own_service.client.post(
        KEYS, json={"role": "clerk", "name": "窗口"}, headers=own_service.headers("admin")
    ).json()["key"]
    assert len(key) >= 43
    with connect(own_service.database_url) as connection:
        rows = connection.execute("SELECT key_sha256 FROM keys WHERE name = '窗口'").fetchall()
        text = str(connection.execute("SELECT k, a FROM keys AS k, audit AS a").fetchall())
    assert rows == [(key_hash(key),)]
    assert key not in text


def test_keys_and_audit_are_for_administrators(service: Service) -> None:
    for path in (KEYS, "/api/v1/audit"):
        problem_of(service.get(path), 401, "not-allowed")
        for role in ("dispatcher", "planner", "clerk"):
            assert "admin" in problem_of(service.get(path, role), 403, "not-allowed")["detail"]


def test_a_key_that_is_wrong_or_has_expired_is_refused_everywhere_never_taken_for_the_public(service: Service) -> None:
    for path in ("/api/v1/lookup?lon=87.005&lat=36.655", "/api/v1/layers", "/api/v1/workers"):
        problem = problem_of(service.get(path, "expired"), 401, "not-allowed")
        assert problem["facts"]["reason"] == "expired"
        for authorization in ("Bearer nope", "Bearer", "Bearer ", "Basic eDp5", "nope", "Bearer ключ"):
            response = service.client.get(path, headers={"Authorization": authorization.encode()})
            problem_of(response, 401, "not-allowed")


def test_pages_of_keys_and_audit_go_back_in_time(own_service: Service) -> None:
    first = own_service.get(KEYS, "admin", limit=3).json()
    second = own_service.get(KEYS, "admin", limit=3, before=first["next_before"]).json()
    ids = [item["key_id"] for page in (first, second) for item in page["items"]]
    assert ids == sorted(ids, reverse=True)
    assert len(ids) == len(set(ids)) == 6
    assert own_service.get("/api/v1/audit", "admin", action="key.create", limit=2).json()["next_before"] is not None
    assert own_service.get("/api/v1/audit", "admin", actor="nobody").json() == {"next_before": None, "items": []}


def test_wrong_wishes_for_a_key_are_problems_and_make_none(own_service: Service) -> None:
    admin = own_service.headers("admin")
    before = own_service.get(KEYS, "admin").json()
    wrong = [
        ({"role": "king", "name": "x"}, "invalid-request"),
        ({"role": "clerk"}, "invalid-request"),
        ({"role": "clerk", "name": "  "}, "invalid-input"),
        ({"role": "clerk", "name": "a\x00b"}, "invalid-input"),
        ({"role": "clerk", "name": "x" * 300}, "invalid-request"),
        ({"role": "clerk", "name": "x", "expires_at": "2020-01-01"}, "invalid-input"),
        ({"role": "clerk", "name": "x", "expires_at": "9999-12-31T23:59:59-12:00"}, "invalid-time"),
        ({"role": "clerk", "name": "x", "admin": True}, "invalid-request"),
    ]
    for body, code in wrong:
        problem_of(own_service.client.post(KEYS, json=body, headers=admin), 422, code)
    assert own_service.get(KEYS, "admin").json() == before
    problem_of(own_service.client.delete(f"{KEYS}/999999", headers=admin), 404, "not-known")
    problem_of(own_service.client.delete(f"{KEYS}/0", headers=admin), 422, "invalid-request")
    problem_of(own_service.client.get("/api/v1/audit?actor=%00", headers=admin), 422, "invalid-request")


def test_a_statement_behind_somebody_elses_lock_is_given_up(service: Service) -> None:
    with service.client.app.state.serving.database() as connection:
        assert connection.execute("SHOW statement_timeout").fetchone() == ("10s",)
