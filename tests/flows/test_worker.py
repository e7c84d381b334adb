import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from geodata.embedded.cluster import EmbeddedCluster

PATIENCE_SECONDS = 60


def connections_of_the_worker(url: str) -> int:
    try:
        with psycopg.connect(url) as connection:
            row = connection.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'gridmap worker'"
            ).fetchone()
    except psycopg.OperationalError:
        return 0
    return int(row[0]) if row else 0


def eventually(claim: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not claim():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True


@pytest.mark.cluster
def test_a_worker_starts_its_killed_database_again_and_goes_on(make_short_folder: Callable[[], Path]) -> None:
    state = make_short_folder() / "state"
    with EmbeddedCluster(state, settings={"fsync": "off"}) as url:
        worker = subprocess.Popen(
            [sys.executable, "-m", "service.cli", "worker"],
            env={**os.environ, "GRIDMAP_STATE_FOLDER": str(state), "GRIDMAP_DATABASE_URL": ""},
        )
        try:
            assert eventually(lambda: connections_of_the_worker(url) > 0)
            (pid, *_) = (state / "postgres" / "data" / "postmaster.pid").read_text(encoding="utf-8").split()
            os.kill(int(pid), signal.SIGKILL)
            assert eventually(lambda: connections_of_the_worker(url) == 0)
            assert eventually(lambda: connections_of_the_worker(url) > 0)
        finally:
            worker.terminate()
            assert worker.wait(60) == 0
