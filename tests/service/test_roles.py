"""Every route of the document, asked by every role, with its key and with its cookie."""

from typing import Any

import pytest
from fastapi.routing import APIRoute

from service.app import ROUTERS, create_app
from service.settings import Settings
from tests.service.conftest import ORIGIN, Service
from tests.service.test_session import cookie

ROLES = ("dispatcher", "planner", "clerk", "admin")
# What is not named here is for everybody.
READERS_ONLY = {"lookupBatch", "listWorkers", "listDuties"}
ADMINISTRATORS_ONLY = {"listKeys", "createKey", "revokeKey", "listAudit"}
FILLED = {"{layer}": "general", "{code}": "A1", "{number}": "1", "{key_id}": "999999"}
BODIES: dict[str, Any] = {
    "lookupByBody": {"json": {"lon": 87.005, "lat": 36.655}},
    "lookupBatch": {"content": b"lon,lat\n87.005,36.655\n", "headers": {"Content-Type": "text/csv"}},
    # An empty name is refused by the library, after the role was looked at: nothing is made.
    "createKey": {"json": {"role": "admin", "name": " "}},
    "signIn": {"json": {"key": "no key"}},
}
OPERATIONS = [
    (operation["operationId"], method.upper(), path)
    for path, item in create_app(Settings(_env_file=None)).openapi()["paths"].items()  # type: ignore[call-arg]
    for method, operation in item.items()
]


def ask(service: Service, name: str, method: str, path: str, headers: dict[str, str]) -> int:
    for blank, value in FILLED.items():
        path = path.replace(blank, value)
    given = BODIES.get(name, {})
    sent = {"Origin": ORIGIN, **given.get("headers", {}), **headers}
    params = {"lon": 87.005, "lat": 36.655} if name == "lookup" else None
    body = {how: what for how, what in given.items() if how != "headers"}
    status: int = service.client.request(method, path, params=params, headers=sent, **body).status_code
    return status


def allowed(name: str, role: str | None) -> bool:
    if name in ADMINISTRATORS_ONLY:
        return role == "admin"
    return role is not None if name in READERS_ONLY else True


@pytest.mark.parametrize("by", ["key", "cookie"])
@pytest.mark.parametrize("role", [None, *ROLES])
@pytest.mark.parametrize(("name", "method", "path"), OPERATIONS)
def test_each_role_gets_what_is_meant_for_it_and_nothing_else(
    service: Service, name: str, method: str, path: str, role: str | None, by: str
) -> None:
    headers = cookie(service, role) if role and by == "cookie" else service.headers(role)
    status = ask(service, name, method, path, headers)
    if name == "signIn":
        assert status == 401
    elif allowed(name, role):
        assert status not in (401, 403, 405)
        assert status < 500
    else:
        assert status == (403 if role else 401)


@pytest.mark.parametrize(("name", "method", "path"), OPERATIONS)
def test_an_expired_key_opens_nothing_that_looks_at_keys(service: Service, name: str, method: str, path: str) -> None:
    status = ask(service, name, method, path, service.headers("expired"))
    assert status == 401 or name in {"health", "readiness", "signOut"}


def test_no_route_under_the_api_is_left_out_of_the_document() -> None:
    hidden = [
        route.path
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute) and not route.include_in_schema and route.path.startswith("/api/")
    ]
    assert hidden == []


def test_the_names_here_are_names_of_routes() -> None:
    names = {name for name, _, _ in OPERATIONS}
    assert READERS_ONLY | ADMINISTRATORS_ONLY | BODIES.keys() <= names
