"""A real server for the browser, and visits to it that notice everything that should not happen."""

import contextlib
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Page, Request

from geodata.sample.city import SampleCity
from tests.forked import program

READY_SECONDS = 120.0


@dataclass
class Site:
    """A served database."""

    address: str
    city: SampleCity | None = None
    keys: dict[str, str] = field(default_factory=dict)


@dataclass
class Visit:
    """A page and what went wrong on it."""

    page: Page
    address: str
    requests: list[Request] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def open(self, path: str = "/maps/grids") -> Page:
        """Go to a path; for a map, wait until the grids are painted."""
        self.page.goto(self.address + path)
        if path.startswith("/maps/grids"):
            self.page.wait_for_selector("html[data-ready]", timeout=60_000)
        return self.page

    def assert_sound(self) -> None:
        """No error, no policy violation, and every request went to the service itself."""
        assert self.faults == []
        origin = "/".join(self.address.split("/")[:3])
        foreign = [
            request.url for request in self.requests if not request.url.startswith((f"{origin}/", "data:", "blob:"))
        ]
        assert foreign == []


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def served(
    database_url: str, state_folder: Path, *, root_path: str = "", port: int | None = None, **settings: str
) -> Iterator[str]:
    """Serve a database, with settings by their names in capitals; gives the address below the root path."""
    port = port or free_port()
    environment = {
        **os.environ,
        **{f"GRIDMAP_{name}": value for name, value in settings.items()},
        "GRIDMAP_DATABASE_URL": database_url,
        "GRIDMAP_STATE_FOLDER": str(state_folder),
        "GRIDMAP_ROOT_PATH": root_path,
    }
    words = ["--interface", "asgi", "--factory", "--no-ws", "--log-level", "warning"]
    words += ["--host", "127.0.0.1", "--port", str(port), "service.app:create_app"]
    server = subprocess.Popen(program("granian.cli:entrypoint", *words), env=environment, cwd=Path(__file__).parents[2])
    try:
        _await_ready(server, f"http://127.0.0.1:{port}/healthz")
        yield f"http://127.0.0.1:{port}{root_path}"
    finally:
        server.terminate()
        try:
            server.wait(15)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _await_ready(server: "subprocess.Popen[bytes]", address: str) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        assert server.poll() is None, "the server stopped while starting"
        with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
            urllib.request.urlopen(address, timeout=2).close()
            return
        time.sleep(0.1)
    raise AssertionError(f"nothing answers at {address}")
