"""Run the service: the web workers and one job worker beside them."""

import asyncio
import contextlib
import ctypes
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from threading import Event, Thread
from typing import Any

import psycopg
from procrastinate.exceptions import ConnectorException

from geodata.embedded.cluster import EmbeddedCluster
from geodata.errors import ConflictError, GeodataError, SetupError, UnavailableError
from service.commands.screen import either, errors, show_error
from service.commands.state import bring_up_to_date, database_url
from service.jobs import job_app, watch_jobs
from service.settings import Settings

PORTS_TRIED = 100
_WORKER_GRACE_SECONDS = 10.0
_RETRY_SECONDS = 3.0
_LOOK_SECONDS = 0.5
_JOBS_AT_ONCE = 2
_PR_SET_PDEATHSIG = 1

_log = logging.getLogger(__name__)


def free_port(host: str, first: int) -> int:
    """Find the first free port from ``first`` on.

    Raises
    ------
    ConflictError
        A hundred ports in a row are busy.
    """
    for port in range(first, min(first + PORTS_TRIED, 65536)):
        if _is_free(host, port):
            return port
    raise ConflictError(
        f"ports {first} to {first + PORTS_TRIED - 1} are all busy: choose another with --port",
        f"端口 {first} 至 {first + PORTS_TRIED - 1} 均被占用：请用 --port 另选",
    )


def _is_free(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def serve(settings: Settings, host: str, port: int, workers: int) -> None:
    """Serve until told to stop; an empty database is migrated first, one that is away is served from memory.

    Raises
    ------
    ConflictError
        The port is busy.
    SetupError
        The database cannot be used until somebody does something.
    """
    if not _is_free(host, port):
        raise ConflictError(
            f"port {port} on {host} is busy: stop what uses it or choose another with --port",
            f"{host} 的端口 {port} 被占用：请停止占用程序，或用 --port 另选",
        )
    environment = dict(os.environ)
    with database_url(settings) as url:
        try:
            bring_up_to_date(settings, url)
        except SetupError:
            raise
        except UnavailableError as away:
            show_error(away)
        os.environ["GRIDMAP_DATABASE_URL"] = url
        os.environ["GRIDMAP_STATE_FOLDER"] = str(settings.state_folder.absolute())
        with _job_worker(environment):
            _run_granian(host, port, workers)


def _run_granian(host: str, port: int, workers: int) -> None:
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces
    from granian.log import LogLevels

    Granian(
        "service.app:create_app",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        # Where HTTP/2 is possible too, a connection that says nothing is kept for ever, and a thousand fill a worker.
        http=HTTPModes.http1,
        workers=workers,
        websockets=False,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        workers_kill_timeout=10,
    ).serve()


@contextmanager
def _job_worker(environment: Mapping[str, str]) -> Iterator[None]:
    """Run one job worker as a process of its own, which ends with this one; one that was killed has a successor.

    It gets the settings as they were given, so that it knows whether the database is our own to start again.
    """
    stopping = Event()
    keeper = Thread(target=_keep_working, args=(environment, stopping), name="job worker")
    keeper.start()
    try:
        yield
    finally:
        stopping.set()
        keeper.join()


def _keep_working(environment: Mapping[str, str], stopping: Event) -> None:
    """Start a worker, and another whenever it ended, until told to stop."""
    command = [sys.executable, "-m", "service.cli", "worker", "--with-parent"]
    while not stopping.is_set():
        process = subprocess.Popen(command, env=environment)  # noqa: S603 - our own program
        while process.poll() is None and not stopping.wait(_LOOK_SECONDS):
            pass
        if stopping.is_set():
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_WORKER_GRACE_SECONDS)
            process.kill()
            process.wait()
            return
        _log.warning("the job worker ended (%s), another is started", process.returncode)
        stopping.wait(_RETRY_SECONDS)


def end_with_parent() -> None:
    """Ask the kernel to end this process when its parent dies, however that dies."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def run_worker(settings: Settings, *, with_parent: bool = False) -> None:
    """Run jobs until told to stop, through losses of the database; our own one is started again where it died.

    Raises
    ------
    SetupError
        The database cannot be used until somebody does something.
    """
    if with_parent:
        end_with_parent()
    cluster = None if settings.database_url else EmbeddedCluster(settings.state_folder)
    with cluster or contextlib.nullcontext(settings.database_url or "") as url:
        bring_up_to_date(settings, url)
        if cluster is not None:
            Thread(target=_keep_running, args=(cluster,), name="database", daemon=True).start()
        asyncio.run(_work(url))
    errors.print(either("worker stopped", "后台任务进程已停止"))


async def _work(url: str) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    stopped = asyncio.create_task(stopping.wait())
    while not stopping.is_set():
        working = asyncio.create_task(_work_until_lost(url))
        await asyncio.wait((working, stopped), return_when=asyncio.FIRST_COMPLETED)
        working.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await working
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), 0 if stopping.is_set() else _RETRY_SECONDS)


async def _work_until_lost(url: str) -> None:
    """Run jobs until cancelled, or until the connection to the queue is lost."""
    app = job_app(url)
    try:
        async with app.open_async(), _beside(watch_jobs(app, url)):
            await app.run_worker_async(
                name=f"gridmap-{os.getpid()}", concurrency=_JOBS_AT_ONCE, install_signal_handlers=False
            )
    except (ConnectorException, psycopg.OperationalError) as error:
        _log.warning("the database is away, jobs wait: %s", error)


@asynccontextmanager
async def _beside(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Do something in the background as long as the block runs."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def _keep_running(cluster: EmbeddedCluster) -> None:
    """Start our own database again whenever it has died."""
    while True:
        time.sleep(_RETRY_SECONDS)
        try:
            cluster.start()
        except GeodataError as error:
            _log.warning("the database does not start again: %s", error)
