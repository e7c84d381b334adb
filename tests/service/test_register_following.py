"""Look-ups by address while the register is compiled, and after it changed."""

import fcntl
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from geodata.database import connect
from geodata.snapshot_store import snapshot_home
from service.app import create_app
from service.settings import Settings
from tests.service.conftest import Client, prepared, running

PATIENCE_SECONDS = 60
ADD = "INSERT INTO addresses (code, text, geom) VALUES (%s, %s, ST_SetSRID(ST_Point(87.004, 36.655), 4326))"


def add(url: str, code: str, text: str) -> None:
    with connect(url) as connection:
        connection.execute(ADD, (code, text))


def asked(client: Client, text: str) -> httpx.Response:
    return client.post("/api/v1/lookup", json={"address": text})


def eventually(claim: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not claim():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def found(client: Client, text: str) -> Any:
    answer = asked(client, text)
    return answer.status_code == 200 and answer.json()["status"] == "found" and answer.json()["grids"][0]["code"]


def standing(client: Client) -> Any:
    """What the service says of its register."""
    answer = client.get("/readyz")
    assert answer.status_code == 200
    return answer.json()["addresses"]


def test_addresses_wait_for_the_register_while_points_are_answered_and_changes_are_seen(
    database_url: str, tmp_path: Path
) -> None:
    prepared(database_url)
    add(database_url, "A1", "甲街道解放路12号")
    settings = Settings(_env_file=None, database_url=database_url, state_folder=tmp_path)  # type: ignore[call-arg]
    home = snapshot_home(tmp_path, database_url) / "register"
    home.mkdir(parents=True)
    with (home / "compile.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with running(create_app(settings)) as client:
            refused = asked(client, "解放路12号")
            assert (refused.status_code, refused.json()["type"].rpartition(":")[2]) == (503, "register-not-ready")
            assert int(refused.headers["Retry-After"]) > 0
            (home / "progress").write_text("30 100")
            assert standing(client)["state"] == "compiling"
            assert standing(client)["progress"] == {"done": 30, "total": 100}
            assert client.get("/api/v1/lookup?lon=87.004&lat=36.655").json()["status"] == "found"
            fcntl.flock(lock, fcntl.LOCK_UN)
            assert eventually(lambda: found(client, "甲街道解放路12号") == "A1")
            add(database_url, "A2", "甲街道青年路5号")
            assert eventually(lambda: found(client, "青年路5号") == "A1")
            now = standing(client)
            assert (now["state"], now["progress"], now["stale_since"]) == ("ready", None, None)
            assert now["entries"] >= 2
            assert now["changes"] >= 1
