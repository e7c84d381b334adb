"""A state folder for one cluster."""

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from geodata.embedded.processes import postmaster
from tests.clusters import until_gone


@pytest.fixture
def folder(make_short_folder: Callable[[], Path]) -> Iterator[Path]:
    """A state folder that does not exist yet; no server may be left in it at the end."""
    state = make_short_folder() / ".gridmap"
    yield state
    pid = postmaster(state / "postgres" / "data")
    if pid is not None:
        os.kill(pid, signal.SIGQUIT)
        until_gone(pid)
    shutil.rmtree(state.parent)
    assert pid is None, "the test left its server running"
