"""The housekeeping of jobs: those of a worker that died go on elsewhere, or say so, well within a minute."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from anyio.from_thread import start_blocking_portal

from geodata.database import connect
from service import jobs
from service.commands import running
from service.jobs import job_app, retry_stalled, watch_jobs

PROMISED_SECONDS = 60.0
PATIENCE_SECONDS = 60.0


@pytest.fixture
def queue(database_url: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection to a queue that no worker looks after."""
    with connect(database_url, autocommit=True) as connection:
        yield connection


def taken(queue: psycopg.Connection[Any], *, silent_seconds: float, attempts: int = 0) -> int:
    """Identity of a job that a worker works on which gave a sign of life so long ago."""
    row = queue.execute(
        """WITH worker AS (INSERT INTO procrastinate_workers (last_heartbeat)
                           VALUES (now() - make_interval(secs => %(silent)s)) RETURNING id)
        INSERT INTO procrastinate_jobs (task_name, queue_name, status, attempts, worker_id)
        SELECT 'desk:check', 'default', 'doing', %(attempts)s, id FROM worker RETURNING id""",
        {"silent": silent_seconds, "attempts": attempts},
    ).fetchone()
    assert row is not None
    return int(row[0])


def state(queue: psycopg.Connection[Any], job_id: int) -> tuple[str, int]:
    row = queue.execute("SELECT status::text, attempts FROM procrastinate_jobs WHERE id = %s", (job_id,)).fetchone()
    assert row is not None
    return row[0], row[1]


def look_once(url: str) -> None:
    async def look() -> None:
        app = job_app(url)
        async with app.open_async():
            await retry_stalled(app)

    with start_blocking_portal() as portal:
        portal.call(look)


def test_a_dead_workers_job_goes_on_in_less_than_the_minute_that_is_promised(database_url: str) -> None:
    defaults = job_app(database_url).worker_defaults
    assert defaults["update_heartbeat_interval"] == jobs.HEARTBEAT_SECONDS
    assert defaults["fetch_job_polling_interval"] == jobs.POLL_SECONDS
    longest = jobs.STALLED_SECONDS + jobs.WATCH_SECONDS + jobs.POLL_SECONDS
    assert longest <= 0.6 * PROMISED_SECONDS
    # A worker that only breathes heavily misses several signs of life before anybody takes its job.
    assert jobs.STALLED_SECONDS >= 3 * jobs.HEARTBEAT_SECONDS


def test_the_job_of_a_worker_that_fell_silent_is_queued_again(
    queue: psycopg.Connection[Any], database_url: str
) -> None:
    dead = taken(queue, silent_seconds=jobs.STALLED_SECONDS + 1)
    alive = taken(queue, silent_seconds=jobs.HEARTBEAT_SECONDS)
    look_once(database_url)
    assert state(queue, dead) == ("todo", 1)
    assert state(queue, alive) == ("doing", 0)


def test_the_job_of_a_worker_that_nobody_knows_any_more_is_queued_again(
    queue: psycopg.Connection[Any], database_url: str
) -> None:
    job_id = taken(queue, silent_seconds=0)
    queue.execute("DELETE FROM procrastinate_workers")
    look_once(database_url)
    assert state(queue, job_id) == ("todo", 1)


def test_a_job_that_workers_died_of_three_times_fails(queue: psycopg.Connection[Any], database_url: str) -> None:
    job_id = taken(queue, silent_seconds=jobs.STALLED_SECONDS + 1)
    seen = []
    for _ in range(3):
        queue.execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE id = %s", (job_id,))
        look_once(database_url)
        seen.append(state(queue, job_id)[0])
    assert seen == ["todo", "todo", "failed"]


def test_dead_workers_jobs_are_found_while_every_place_for_jobs_is_taken(
    queue: psycopg.Connection[Any], database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "WATCH_SECONDS", 0.05)
    may_end = threading.Event()
    app = job_app(database_url)

    @app.task(name="long")
    def long() -> None:
        may_end.wait(PATIENCE_SECONDS)

    monkeypatch.setattr(running, "job_app", lambda _url: app)
    queue.execute(
        "INSERT INTO procrastinate_jobs (task_name, queue_name) SELECT 'long', 'default' FROM generate_series(1, 3)"
    )
    with start_blocking_portal() as portal:
        working = portal.start_task_soon(running._work_until_lost, database_url)
        at_work = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'long' AND status = 'doing'"
        assert eventually(lambda: queue.execute(at_work).fetchone() == (running._JOBS_AT_ONCE,))
        dead = taken(queue, silent_seconds=jobs.STALLED_SECONDS + 1)
        assert eventually(lambda: state(queue, dead) == ("todo", 1))
        may_end.set()
        working.cancel()


def test_the_watch_goes_on_after_a_fault(
    queue: psycopg.Connection[Any], database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "WATCH_SECONDS", 0.05)
    asked: list[str] = []
    settle = jobs._settle

    def faulty_at_first(url: str) -> None:
        asked.append(url)
        if len(asked) == 1:
            queue.execute("SELECT 1 / 0")
        settle(url)

    monkeypatch.setattr(jobs, "_settle", faulty_at_first)

    async def watch() -> None:
        app = job_app(database_url)
        async with app.open_async():
            await watch_jobs(app, database_url)

    with start_blocking_portal() as portal:
        watching = portal.start_task_soon(watch)
        assert eventually(lambda: len(asked) >= 3)
        watching.cancel()


def eventually(claim: Any) -> bool:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not claim():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
