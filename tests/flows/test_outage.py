"""PostGIS is killed under the service: look-ups go on, say since when, outlive a restart, and recover by themselves."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from geodata.embedded.cluster import EmbeddedCluster
from geodata.embedded.processes import postmaster
from geodata.migrate import migrate
from service.app import create_app
from service.settings import Settings
from tests.service.conftest import Client, prepared, problem_of, running

pytestmark = pytest.mark.cluster

LOOKUP = "/api/v1/lookup?lon=87.005&lat=36.655"
PATIENCE_SECONDS = 60


class Database:
    """A PostGIS of this test alone that can be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cluster = EmbeddedCluster(folder, settings={"fsync": "off", "shared_buffers": "16MB"})
        self.url = self.cluster.start()

    def kill(self) -> None:
        pid = postmaster(self.folder / "postgres" / "data")
        assert pid is not None
        os.kill(pid, signal.SIGQUIT)
        assert eventually(lambda: not Path(f"/proc/{pid}").exists())

    def start_again(self) -> None:
        assert self.cluster.start() == self.url


@pytest.fixture
def database(make_short_folder: Callable[[], Path]) -> Iterator[Database]:
    database = Database(make_short_folder() / "state")
    migrate(database.url)
    yield database
    database.start_again()
    database.cluster.stop()


def eventually(holds: Callable[[], bool]) -> bool:
    until = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def impatient(url: str, folder: Path) -> Settings:
    """As an operator has them who sets nothing: a request waits a second for the database."""
    return Settings(_env_file=None, database_url=url, state_folder=folder, database_wait_seconds=1)  # type: ignore[call-arg]


def stale_since(client: Client) -> Any:
    return client.get(LOOKUP).json()["stale_since"]


def test_lookups_go_on_without_the_database_across_a_restart_and_recover(database: Database, tmp_path: Path) -> None:
    keys = prepared(database.url)
    settings = impatient(database.url, tmp_path)
    dispatcher = {"Authorization": f"Bearer {keys['dispatcher']}"}
    admin = {"Authorization": f"Bearer {keys['admin']}"}
    began = datetime.now(UTC)

    with running(create_app(settings)) as client:
        whole = client.get(LOOKUP, headers=dispatcher).json()
        assert whole["stale_since"] is None
        database.kill()
        killed = datetime.now(UTC)
        assert eventually(lambda: stale_since(client) is not None)
        _answers_from_memory(client, whole, dispatcher, began, killed)
        _refuses_changes(client, admin)

    with running(create_app(settings)) as client:
        _answers_from_memory(client, whole, dispatcher, began, killed)
        _refuses_changes(client, admin)
        database.start_again()
        assert eventually(lambda: stale_since(client) is None)
        made = client.post("/api/v1/keys", json={"role": "clerk", "name": "恢复"}, headers=admin)
        assert made.status_code == 201
        bearer = {"Authorization": f"Bearer {made.json()['key']}"}
        assert eventually(lambda: client.get("/api/v1/workers", headers=bearer).status_code == 200)


def _answers_from_memory(
    client: Client, whole: dict[str, Any], dispatcher: dict[str, str], began: datetime, killed: datetime
) -> None:
    """The same answer as before, people in full for whom they are in full, and since when it may be old."""
    answer = client.get(LOOKUP, headers=dispatcher).json()
    assert answer["grids"] == whole["grids"]
    assert answer["grids"][0]["workers"][0]["phone"] == "13800000001"
    assert began.timestamp() - 1 <= datetime.fromisoformat(answer["stale_since"]).timestamp() <= killed.timestamp() + 1
    assert client.get(LOOKUP).json()["grids"][0]["workers"][0]["phone"] == "138****0001"
    assert client.get("/api/v1/layers/general/grids").json()["stale_since"] == answer["stale_since"]
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json()["database"]) == (200, "away")
    batch = client.post(
        "/api/v1/lookup/batch", content=b"lon,lat\n87.005,36.655\n", headers={**dispatcher, "Content-Type": "text/csv"}
    )
    assert ",A1," in batch.text


def _refuses_changes(client: Client, admin: dict[str, str]) -> None:
    """What lies outside memory is unavailable, soon, and says when to try again."""
    asked = time.monotonic()
    response = client.post("/api/v1/keys", json={"role": "clerk", "name": "停机"}, headers=admin)
    problem_of(response, 503, "database-away")
    assert int(response.headers["retry-after"]) > 0
    assert time.monotonic() - asked < 10
    problem_of(client.get("/api/v1/audit", headers=admin), 503, "database-away")


def test_a_service_that_never_saw_the_database_waits_for_it(database: Database, tmp_path: Path) -> None:
    prepared(database.url)
    database.kill()
    settings = impatient(database.url, tmp_path)
    with running(create_app(settings)) as client:
        problem_of(client.get(LOOKUP), 503, "database-away")
        assert client.get("/readyz").status_code == 503
        assert client.get("/healthz").status_code == 200
        database.start_again()
        assert eventually(lambda: client.get(LOOKUP).status_code == 200)
        assert client.get("/readyz").json()["database"] == "answers"
