"""Run the service: the web workers and one job worker beside them."""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from geodata.errors import ConflictError, UnavailableError
from service.commands.screen import either, errors, show_error
from service.commands.state import bring_up_to_date, database_url
from service.settings import Settings

PORTS_TRIED = 100
_WORKER_GRACE_SECONDS = 10.0
_PR_SET_PDEATHSIG = 1


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
    with database_url(settings) as url:
        try:
            bring_up_to_date(settings, url)
        except UnavailableError as away:
            if away.code != UnavailableError.code:
                raise
            show_error(away)
        os.environ["GRIDMAP_DATABASE_URL"] = url
        os.environ["GRIDMAP_STATE_FOLDER"] = str(settings.state_folder.absolute())
        with _job_worker():
            _run_granian(host, port, workers)


def _run_granian(host: str, port: int, workers: int) -> None:
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    Granian(
        "service.app:create_app",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        workers=workers,
        websockets=False,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        workers_kill_timeout=10,
    ).serve()


@contextmanager
def _job_worker() -> Iterator[None]:
    """Run one job worker as a process of its own, which ends with this one."""
    process = subprocess.Popen([sys.executable, "-m", "service.cli", "worker", "--with-parent"])
    try:
        yield
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_WORKER_GRACE_SECONDS)
        process.kill()
        process.wait()


def end_with_parent() -> None:
    """Ask the kernel to end this process when its parent dies, however that dies."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def run_worker(settings: Settings, *, with_parent: bool = False) -> None:
    """Run jobs until told to stop."""
    from service.jobs import job_app

    if with_parent:
        end_with_parent()
    with database_url(settings) as url:
        bring_up_to_date(settings, url)
        app = job_app(url)
        with contextlib.suppress(KeyboardInterrupt):
            app.run_worker(name=f"gridmap-{os.getpid()}", concurrency=2)
    errors.print(either("worker stopped", "后台任务进程已停止"))
