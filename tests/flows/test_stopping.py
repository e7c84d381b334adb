"""A command that is told to end takes the servers that it started with it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from geodata.embedded.processes import postmaster
from tests.browser.browsing import free_port

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.cluster
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
def test_a_demo_that_is_told_to_end_while_it_loads_stops_its_database(
    make_short_folder: Callable[[], Path], number: signal.Signals
) -> None:
    folder = make_short_folder()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GRIDMAP_")}
    command = [sys.executable, "-m", "service.cli", "demo", "--size", "street", "--port", str(free_port())]
    demo = subprocess.Popen(
        command,
        cwd=folder,
        env={**environment, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        # A run in the background of a shell hands down that SIGINT is ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    data = folder / ".gridmap" / "postgres" / "data"
    try:
        deadline = time.monotonic() + 60
        while postmaster(data) is None and demo.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        assert postmaster(data) is not None
        demo.send_signal(number)
        _, said = demo.communicate(timeout=60)
    finally:
        demo.kill()
        demo.communicate()
    assert demo.returncode != 0
    assert b"Traceback" not in said
    assert postmaster(data) is None
