"""Files that clerks bring, done by a worker process of its own, and by the next one where that is killed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from geodata.database import connect
from geodata.desk import stored
from geodata.desk.stored import StoredLoad
from service.jobs import defer_load
from tests.browser.browsing import free_port
from tests.forked import program

PATIENCE_SECONDS = 90
GOOD = "工号,姓名\nW11,样例-甲\nW12,样例-乙\n".encode()


@contextmanager
def worker(url: str, state: Path) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        program("service.cli:main", "worker"),
        env={**os.environ, "GRIDMAP_STATE_FOLDER": str(state), "GRIDMAP_DATABASE_URL": url},
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(60)


def eventually(claim: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not claim():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True


def brought(url: str, folder: Path) -> StoredLoad:
    path = folder / "名册.csv"
    path.write_bytes(GOOD)
    with connect(url) as connection:
        load = stored.add_load(connection, path, file=path.name, kind=None, options={}, actor="样例-甲")
        return defer_load(connection, "check", load)


def now(url: str, load: StoredLoad) -> StoredLoad:
    with connect(url) as connection:
        return stored.stored_load(connection, load.load_id)


@pytest.mark.cluster
def test_a_killed_workers_commit_is_made_by_the_next_worker_once(database_url: str, tmp_path: Path) -> None:
    load = brought(database_url, tmp_path)
    with connect(database_url) as holding, worker(database_url, tmp_path) as first:
        assert eventually(lambda: now(database_url, load).state == "checked")
        assert now(database_url, load).can_commit
        # Somebody else's change holds the commit up, so that the worker dies in the middle of it.
        holding.execute("LOCK TABLE worker_versions IN SHARE ROW EXCLUSIVE MODE")
        with connect(database_url) as connection:
            defer_load(connection, "commit", stored.ask_commit(connection, load.load_id, None), actor="样例-甲")
        waiting = (
            "SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        with connect(database_url, autocommit=True) as watching:
            assert eventually(lambda: watching.execute(waiting).fetchone() == (True,))
        first.send_signal(signal.SIGKILL)
        first.wait()
        holding.rollback()
        # As if it had been silent for a while.
        holding.execute("UPDATE procrastinate_workers SET last_heartbeat = last_heartbeat - interval '1 minute'")
        holding.commit()
    assert now(database_url, load).state == "committing"
    with worker(database_url, tmp_path):
        assert eventually(lambda: now(database_url, load).state == "committed")
    with connect(database_url) as connection:
        assert connection.execute("SELECT count(*) FROM changes").fetchone() == (1,)
        assert connection.execute("SELECT max(attempts) FROM procrastinate_jobs").fetchone() == (2,)
        assert connection.execute("SELECT count(*) FROM worker_versions").fetchone() == (2,)


@pytest.mark.cluster
def test_what_a_killed_workers_commit_waits_for_or_holds_is_let_go_though_nobody_ends_its_session(
    database_url: str, tmp_path: Path
) -> None:
    load = brought(database_url, tmp_path)
    waiting = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    with connect(database_url) as holding, connect(database_url, autocommit=True) as watching:
        with worker(database_url, tmp_path) as first:
            assert eventually(lambda: now(database_url, load).state == "checked")
            holding.execute("LOCK TABLE worker_versions IN SHARE ROW EXCLUSIVE MODE")
            with connect(database_url) as connection:
                asked = stored.ask_commit(connection, load.load_id, None)
                defer_load(connection, "commit", asked, actor="样例-甲")
            assert eventually(lambda: watching.execute(waiting).fetchone() is not None)
            first.send_signal(signal.SIGKILL)
            first.wait()
        assert eventually(lambda: watching.execute(waiting).fetchone() is None)


def workers_of(server: psutil.Process) -> set[int]:
    return {
        child.pid
        for child in server.children(recursive=True)
        if child.status() != psutil.STATUS_ZOMBIE and "worker" in child.cmdline()
    }


@pytest.mark.cluster
def test_a_server_whose_worker_was_killed_starts_another_and_ends_with_it(database_url: str, tmp_path: Path) -> None:
    environment = {**os.environ, "GRIDMAP_STATE_FOLDER": str(tmp_path), "GRIDMAP_DATABASE_URL": database_url}
    command = [sys.executable, "-m", "service.cli", "serve", "--port", str(free_port())]
    process = subprocess.Popen(command, env=environment)
    try:
        server = psutil.Process(process.pid)
        assert eventually(lambda: len(workers_of(server)) == 1)
        (killed,) = workers_of(server)
        os.kill(killed, signal.SIGKILL)
        assert eventually(lambda: len(workers_of(server) - {killed}) == 1)
        (successor,) = workers_of(server)
    finally:
        process.terminate()
        process.wait(60)
    assert not psutil.pid_exists(successor)
