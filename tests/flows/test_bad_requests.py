"""Requests that cannot be right: refused early, nothing of them kept, nothing changed."""

import asyncio
import json
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from service.app import create_app
from service.settings import Settings
from tests.conftest import COPIED
from tests.service.conftest import Service, prepared, problem_of, running
from tests.service.test_keys import eventually
from tests.territory import state_of

MEGABYTE = 1_000_000


@pytest.fixture(scope="module")
def own_service(cluster_url: str, template_name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """An application of these tests alone, none of which may change anything."""
    with psycopg.connect(cluster_url.replace("/gridmap?", "/postgres?"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE gridmap_bad_requests TEMPLATE {template_name} {COPIED}")  # type: ignore[arg-type]
    database_url = cluster_url.replace("/gridmap?", "/gridmap_bad_requests?")
    keys, folder = prepared(database_url), tmp_path_factory.mktemp("bad_requests")
    settings = Settings(_env_file=None, database_url=database_url, state_folder=folder)  # type: ignore[call-arg]
    with running(create_app(settings)) as client:
        service = Service(client, keys, settings, database_url)
        # The register is compiled beside the first answers: it would count among what a request holds.
        assert eventually(lambda: service.get("/api/v1/lookup", address="解放路1号").status_code == 200, 60)
        yield service


@pytest.mark.parametrize(
    ("path", "read_megabytes", "held_megabytes"), [("/api/v1/lookup", 8, 20), ("/api/v1/lookup/batch", 64, 4)]
)
def test_a_body_of_200_megabytes_is_refused_early_and_held_nowhere(
    own_service: Service, path: str, read_megabytes: int, held_megabytes: int
) -> None:
    before = state_of(own_service.database_url)
    headers = [
        (b"content-type", b"application/json"),
        (b"authorization", f"Bearer {own_service.keys['clerk']}".encode()),
    ]
    open_files = len(list(Path("/proc/self/fd").iterdir()))
    taken, status, peak = own_service.client._portal.call(_sent_in_blocks, own_service.client.app, path, headers)
    assert status == 413
    assert taken <= read_megabytes + 1
    assert peak < held_megabytes * MEGABYTE
    assert len(list(Path("/proc/self/fd").iterdir())) <= open_files
    assert state_of(own_service.database_url) == before
    lookup = own_service.get("/api/v1/lookup", lon=87.005, lat=36.655)
    assert lookup.json()["status"] == "found"


async def _sent_in_blocks(app: Any, path: str, headers: list[tuple[bytes, bytes]]) -> tuple[int, int, int]:
    """Send 200 MB without saying so beforehand: blocks that were taken, the status, the most bytes held meanwhile."""
    taken = 0
    statuses: list[int] = []

    async def receive() -> dict[str, Any]:
        nonlocal taken
        if taken >= 200:
            await asyncio.Event().wait()
        taken += 1
        return {"type": "http.request", "body": b" " * MEGABYTE, "more_body": taken < 200}

    async def send(message: Any) -> None:
        statuses.extend([message["status"]] if "status" in message else [])

    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "scheme": "http",
        "http_version": "1.1",
        "query_string": b"",
        "headers": headers,
    }
    tracemalloc.start()
    try:
        await app(scope, receive, send)
        return taken, statuses[0], tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"role": "king", "name": "x"}, 422),
        ({"role": "clerk", "name": ""}, 422),
        ({"role": "clerk", "name": "a\0b"}, 422),
        ({"role": "clerk", "name": "x" * 100_000}, 422),
        ({"role": "clerk", "name": "x", "expires_at": "2026-02-30"}, 422),
        ({"role": "clerk", "name": "x", "expires_at": "never"}, 422),
        ({"role": "clerk"}, 422),
    ],
    ids=lambda value: json.dumps(value)[:60] if isinstance(value, dict) else "",
)
def test_a_key_that_cannot_be_right_is_not_made(own_service: Service, body: dict[str, str], status: int) -> None:
    before = state_of(own_service.database_url)
    answer = own_service.client.post("/api/v1/keys", json=body, headers=own_service.headers("admin"))
    problem = answer.json()
    assert problem_of(answer, status, problem["code"])["detail"]
    assert state_of(own_service.database_url) == before
