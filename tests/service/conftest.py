"""The application over a small published territory, with a key for each role."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from fastapi import FastAPI

from geodata.access import KEY_ROLES, create_key
from geodata.database import connect
from service.app import create_app
from service.cli import main
from service.settings import Settings
from tests.commands import Ended, Run
from tests.conftest import COPIED
from tests.coverage_town import publish_homes, publish_streets, publish_town
from tests.service.holding import hold_known_addresses
from tests.territory import committed

ORIGIN = "http://testserver"


class Client:
    """Sends requests to an application that runs in an event loop of its own."""

    def __init__(self, app: FastAPI, portal: BlockingPortal) -> None:
        self.app = app
        self._portal = portal
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        self._client = httpx.AsyncClient(transport=transport, base_url=ORIGIN)

    def request(self, method: str, path: str, **given: Any) -> httpx.Response:
        # Each request brings its own cookies, if any.
        self._client.cookies.clear()

        async def send() -> httpx.Response:
            return await self._client.request(method, path, **given)

        return self._portal.call(send)

    def get(self, path: str, **given: Any) -> httpx.Response:
        return self.request("GET", path, **given)

    def post(self, path: str, **given: Any) -> httpx.Response:
        return self.request("POST", path, **given)

    def delete(self, path: str, **given: Any) -> httpx.Response:
        return self.request("DELETE", path, **given)


@contextmanager
def running(app: FastAPI) -> Iterator[Client]:
    """An application between its start and its stop."""
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(app.router.lifespan_context(app)):
        yield Client(app, portal)


@dataclass(frozen=True)
class Service:
    """A running application and how to talk to it."""

    client: Client
    keys: dict[str, str]
    settings: Settings
    database_url: str

    def get(self, path: str, role: str | None = None, **params: Any) -> Any:
        return self.client.get(path, params=params or None, headers=self.headers(role))

    def headers(self, role: str | None) -> dict[str, str]:
        return {} if role is None else {"Authorization": f"Bearer {self.keys[role]}"}


def prepared(url: str, publish: Callable[[str], None] = committed) -> dict[str, str]:
    """Publish the small territory, or more; a key for each role, and one that has expired."""
    publish(url)
    with connect(url) as connection:
        keys = {
            role: create_key(connection, role=role, name=f"测试 {role}", created_by="test")[0] for role in KEY_ROLES
        }
        soon = datetime.now(UTC) + timedelta(hours=1)
        keys["expired"] = create_key(connection, role="admin", name="过期", created_by="test", expires_at=soon)[0]
        connection.execute("UPDATE keys SET expires_at = now() - interval '1 hour' WHERE name = '过期'")
    return keys


@pytest.fixture(scope="session")
def serve_application() -> Iterator[Callable[..., Service]]:
    """Starts applications; all are stopped at the end."""
    with ExitStack() as opened:

        def start(database_url: str, state_folder: Path, keys: dict[str, str], **settings: Any) -> Service:
            made = Settings(
                _env_file=None,  # type: ignore[call-arg]
                database_url=database_url,
                state_folder=state_folder,
                **settings,
            )
            return Service(opened.enter_context(running(create_app(made))), keys, made, database_url)

        yield start


def published_town(url: str) -> None:
    """Publish the town of one street, with its homes and stations."""
    with connect(url) as connection:
        publish_town(connection)
        publish_homes(connection)
        publish_streets(connection)
        connection.commit()


@pytest.fixture(scope="session")
def serve_town(
    cluster_url: str,
    template_name: str,
    tmp_path_factory: pytest.TempPathFactory,
    serve_application: Callable[..., Service],
) -> Callable[..., Service]:
    """Serves the town of one street, or more, from a database of its own; its network is compiled."""

    def serve(name: str, publish: Callable[[str], None] = published_town) -> Service:
        with psycopg.connect(cluster_url.replace("/gridmap?", "/postgres?"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template_name} {COPIED}")  # type: ignore[arg-type]
        url = cluster_url.replace("/gridmap?", f"/{name}?")
        served = serve_application(url, tmp_path_factory.mktemp(name), prepared(url, publish))
        served.client.app.state.serving.network.refresh()
        return served

    return serve


@pytest.fixture(scope="session")
def service(
    cluster_url: str,
    template_name: str,
    tmp_path_factory: pytest.TempPathFactory,
    serve_application: Callable[..., Service],
) -> Service:
    """An application that all tests share which change nothing."""
    name = "gridmap_service_tests"
    with psycopg.connect(cluster_url.replace("/gridmap?", "/postgres?"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template_name} {COPIED}")  # type: ignore[arg-type]
    url = cluster_url.replace("/gridmap?", f"/{name}?")
    started = serve_application(url, tmp_path_factory.mktemp("state"), prepared(url))
    hold_known_addresses(started.client.app, tmp_path_factory.mktemp("register"))
    return started


@pytest.fixture
def own_service(database_url: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """An application of this test alone, over a database that it may change."""
    keys = prepared(database_url)
    settings = Settings(_env_file=None, database_url=database_url, state_folder=tmp_path)  # type: ignore[call-arg]
    with running(create_app(settings)) as client:
        yield Service(client, keys, settings, database_url)


@pytest.fixture
def gridmap(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Run]:
    """Runs the command in a folder of its own, against the database that ``GRIDMAP_DATABASE_URL`` names."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANG", "C.UTF-8")
    for name in ("LC_ALL", "LC_MESSAGES", "GRIDMAP_DATABASE_URL", "GRIDMAP_TIMEZONE"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: str) -> Ended:
        monkeypatch.setattr(sys, "argv", ["gridmap", *arguments])
        with pytest.raises(SystemExit) as exit_of:
            main()
        printed = capsys.readouterr()
        assert "Traceback" not in printed.err
        return Ended(int(exit_of.value.code or 0), printed.out, printed.err)

    yield run
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.fixture
def territory(gridmap: Run, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The same over a small published territory: grids A1, A2 and B1 side by side."""
    committed(database_url)
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", database_url)
    return gridmap


def problem_of(response: Any, status: int, code: str) -> dict[str, Any]:
    """The problem in a response, checked to be a whole one."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert body["code"] == code, body
    assert body["status"] == status
    assert body["type"] == f"urn:gridmap:problem:{code}"
    assert all(body[name] for name in ("title", "title_zh", "detail", "detail_zh", "request_id"))
    return body
