import logging
from typing import Any

import anyio
import pytest
from anyio.from_thread import start_blocking_portal
from starlette.exceptions import HTTPException
from starlette.types import Message

from geodata import errors
from service.middleware import BodyLimit, RequestFrame
from service.problems import status_of
from tests.service.conftest import Client, Service, problem_of


def test_a_path_that_does_not_exist_is_a_problem(service: Service) -> None:
    for path in ("/nope", "/api/v1/lookup/", "/docs", "/api/v1/%00%ff", "/api/v1/layers/general/grids/"):
        problem_of(service.get(path), 404, "no-such-path")


def test_a_method_that_a_path_does_not_take_is_told_those_that_it_takes(service: Service) -> None:
    response = service.client.delete("/api/v1/lookup")
    problem_of(response, 405, "method-not-allowed")
    assert response.headers["allow"] == "GET, HEAD, POST"


def test_every_error_of_the_library_has_a_status() -> None:
    expected = {
        errors.CoordinateError: 422,
        errors.FileError: 422,
        errors.LoadRefusedError: 422,
        errors.NotKnownError: 404,
        errors.ConflictError: 409,
        errors.PendingReleaseError: 409,
        errors.StaleBaseError: 412,
        errors.AccessError: 401,
        errors.UnavailableError: 503,
        errors.SetupError: 503,
    }
    assert {kind: status_of(kind("x")) for kind in expected} == expected


def test_a_known_caller_of_the_wrong_role_is_forbidden_not_unknown() -> None:
    assert status_of(errors.AccessError("x", reason="role")) == 403


def test_a_body_that_says_it_is_200_megabytes_is_refused_unread(service: Service) -> None:
    response = service.client.post(
        "/api/v1/lookup", content=b"{}", headers={"Content-Length": "200000000", "Content-Type": "application/json"}
    )
    problem = problem_of(response, 413, "body-too-large")
    assert problem["facts"]["max_bytes"] == 8_000_000


def test_a_body_without_a_length_is_cut_off_at_the_limit(service: Service) -> None:
    sent = 0

    async def endless() -> Any:
        nonlocal sent
        for _ in range(200):
            sent += 1
            yield b" " * 1_000_000

    for path, largest in (("/api/v1/lookup", 8), ("/api/v1/lookup/batch", 64)):
        sent = 0
        headers = {"Content-Type": "application/json", **service.headers("clerk")}
        problem_of(service.client.post(path, content=endless(), headers=headers), 413, "body-too-large")
        assert sent <= largest + 1


def test_a_body_that_does_not_come_is_not_waited_for() -> None:
    async def reads(scope: Any, receive: Any, send: Any) -> None:
        while (await receive())["more_body"]:
            pass

    async def receive() -> Message:
        # A byte now and then must not be enough to stay.
        await anyio.sleep(0.02)
        return {"type": "http.request", "body": b"x", "more_body": True}

    scope = {"type": "http", "method": "POST", "path": "/", "headers": []}
    with start_blocking_portal() as portal, pytest.raises(HTTPException) as refused:
        portal.call(BodyLimit(reads, 1_000_000, {}, 0.1), scope, receive, receive)
    assert refused.value.status_code == 408


def test_who_has_sent_the_whole_body_may_wait_for_the_answer_as_long_as_it_takes() -> None:
    async def waits(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send(await receive())

    messages = iter([{"type": "http.request", "body": b"x"}, {"type": "http.disconnect"}])
    sent: list[Message] = []

    async def receive() -> Message:
        message = next(messages)
        await anyio.sleep(0.1 if message["type"] == "http.disconnect" else 0)
        return message

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/", "headers": []}
    with start_blocking_portal() as portal:
        portal.call(BodyLimit(waits, 10, {}, 0.02), scope, receive, send)
    assert sent == [{"type": "http.disconnect"}]


@pytest.mark.parametrize(
    "path",
    ["/", "/maps/grids", "/healthz", "/openapi.json", "/api/v1/layers", "/api/v1/layers/general/grids?format=geojson"],
)
def test_head_is_answered_as_get_without_the_content(service: Service, path: str) -> None:
    plain = {"Accept-Encoding": "identity"}
    asked, whole = service.client.request("HEAD", path, headers=plain), service.client.get(path, headers=plain)
    assert (asked.status_code, asked.content) == (200, b"")
    for name in ("content-type", "content-length", "etag", "cache-control"):
        assert asked.headers.get(name) == whole.headers.get(name), name


def test_head_is_refused_as_get_is(service: Service) -> None:
    assert service.client.request("HEAD", "/api/v1/workers").status_code == 401
    assert service.client.request("HEAD", "/nope", headers={"Accept": "text/html"}).status_code == 404
    assert service.client.request("HEAD", "/api/v1/lookup/batch").status_code == 405


def test_an_unexpected_error_shows_nothing_of_the_inside_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def broken(scope: Any, receive: Any, send: Any) -> None:
        raise RuntimeError("password=hunter2")

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = {"type": "http", "method": "GET", "path": "/x", "headers": []}
    with start_blocking_portal() as portal:
        portal.call(RequestFrame(broken, ""), scope, receive, send)
    assert sent[0]["status"] == 500
    assert b"internal-error" in sent[1]["body"]
    assert b"hunter2" not in sent[1]["body"]
    assert "hunter2" in caplog.text


def test_a_full_disk_is_told_with_what_to_do() -> None:
    sent: list[Message] = []

    async def fill(_scope: Any, _receive: Any, _send: Any) -> None:
        # Every write to it fails as on a full disk.
        with open("/dev/full", "wb", buffering=0) as disk:  # noqa: PTH123
            disk.write(b"x")

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/api/v1/loads", "headers": [], "query_string": b""}
    with start_blocking_portal() as portal:
        portal.call(RequestFrame(fill, ""), scope, receive, send)
    assert sent[0]["status"] == 503
    assert (b"retry-after", b"60") in sent[0]["headers"]
    assert b'"disk-full"' in sent[1]["body"]


def test_the_log_names_the_path_but_never_what_was_looked_up(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        service.get("/api/v1/lookup", lon=87.00512, lat=36.655)
    # The client of the test, httpx, logs whole addresses; what counts is what the service says.
    lines = [record.getMessage() for record in caplog.records if not record.name.startswith("httpx")]
    assert len(lines) == 1
    assert "/api/v1/lookup" in lines[0]
    assert "87.00512" not in lines[0]


def test_a_path_cannot_forge_a_line_of_the_log(service: Service, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="gridmap.access"):
        service.get("/x%0AGET /forged 200")
    assert all("\n" not in record.getMessage() for record in caplog.records)


def test_every_response_carries_its_id_and_the_security_headers(service: Service) -> None:
    for path in ("/healthz", "/nope"):
        headers = service.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["content-security-policy"] == "frame-ancestors 'self'"
        assert headers["x-request-id"]


def test_a_problem_names_the_request_as_its_header_does(service: Service) -> None:
    response = service.get("/nope")
    assert response.json()["request_id"] == response.headers["x-request-id"]


def test_a_limit_of_one_path_is_not_that_of_the_others() -> None:
    async def reads_nothing(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    def status(path: str) -> int:
        sent: list[Message] = []

        async def send(message: Message) -> None:
            sent.append(message)

        async def receive() -> Message:
            raise AssertionError("the body must not be read")

        scope = {"type": "http", "method": "POST", "path": path, "headers": [(b"content-length", b"50")]}
        with start_blocking_portal() as portal:
            portal.call(BodyLimit(reads_nothing, 10, {"/large": 100}), scope, receive, send)
        found: int = sent[0]["status"]
        return found

    assert (status("/large"), status("/other")) == (200, 413)


def test_before_any_data_was_read_the_service_is_unavailable_and_says_when_to_try_again(service: Service) -> None:
    held = service.client.app.state.serving
    empty = type(held.store)(service.settings.state_folder / "empty", "postgresql://localhost:1/none")
    client = Client(service.client.app, service.client._portal)
    service.client.app.state.serving = type(held)(held.settings, held.zone, empty, held.sessions, held.database)
    try:
        for path in ("/readyz", "/api/v1/lookup?lon=1&lat=1"):
            response = client.get(path)
            problem_of(response, 503, "database-away")
            assert int(response.headers["retry-after"]) > 0
        assert client.get("/healthz").status_code == 200
    finally:
        service.client.app.state.serving = held
