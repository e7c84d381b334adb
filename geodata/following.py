"""Beside a service: a thread that follows the database, and another at times that compiles what changed."""

import logging
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Lock, Thread
from typing import Final

from geodata import database
from geodata.errors import GeodataError, UnavailableError

CHANNEL: Final = "gridmap_version"
AGAIN_SECONDS: Final = 30.0
"""A compiling that failed is not tried again before."""

EXCHANGED_SECONDS: Final = 900.0
_STOP_SECONDS: Final = 10.0

_log = logging.getLogger(__name__)


class Follower:
    """Calls whenever the database may have changed, through losses of the connection, until it is stopped.

    Parameters
    ----------
    database_url
        The PostGIS that is followed.
    name
        Of what is kept up to date, for the log and the names of threads.
    look
        Takes what changed; called at each notice, and every few seconds for the one that was missed.
    lost
        Called while the database does not answer, and after a fault in `look`.
    pause_seconds
        Between a notice and the look at what it tells: what else follows the database takes it first. Notices of one
        change come together, and the look at the first of them takes all.
    """

    def __init__(
        self,
        database_url: str,
        name: str,
        look: Callable[[], None],
        lost: Callable[[], None],
        *,
        pause_seconds: float = 0.0,
    ) -> None:
        self._url = database_url
        self._name = name
        self._look = look
        self._lost = lost
        self._pause = pause_seconds
        self._looked = 0.0
        self._stopping = database.Stop()
        self._threads: list[Thread] = []
        self._building = Lock()
        self._not_before = 0.0
        self._child: subprocess.Popen[str] | None = None

    @property
    def stopping(self) -> bool:
        """Whether it was told to stop."""
        return self._stopping.is_set()

    @property
    def building(self) -> bool:
        """Whether something is being compiled now."""
        return self._building.locked()

    @property
    def may_build(self) -> bool:
        """Whether compiling may be begun: nothing is being compiled, and the last failure is some time ago."""
        return not self.building and time.monotonic() >= self._not_before

    def start(self) -> None:
        """Begin to follow the database; returns at once."""
        self._run(self._follow, self._name)

    def stop(self) -> None:
        """End the following and any compiling."""
        self._stopping.set()
        child = self._child
        if child is not None:
            child.terminate()
        for thread in self._threads:
            thread.join(timeout=_STOP_SECONDS)

    def build(self, work: Callable[[], None]) -> None:
        """Compile in a thread, unless something is being compiled already; a failure is logged."""
        if not self.stopping and self._building.acquire(blocking=False):
            self._run(lambda: self._build(work), f"{self._name} compiling")

    def build_apart(self, module: str, home: Path) -> None:
        """Run a module of ours with a folder as argument and the URL as input, in a process of its own.

        Raises
        ------
        GeodataError
            It failed.
        """
        command = [sys.executable, "-m", module, str(home.absolute())]
        with subprocess.Popen(command, stdin=subprocess.PIPE, text=True) as child:  # noqa: S603 - our own program
            self._child = child
            # By pipe, for a command line is everybody's to read.
            child.communicate(f"{self._url}\n")
        self._child = None
        if child.returncode:
            raise GeodataError(f"the process that compiles it ended with {child.returncode}")

    def wait_for_restart(self) -> None:
        """Compile nothing for a while: files of the program were exchanged under it, and their work is not ours."""
        self._not_before = time.monotonic() + EXCHANGED_SECONDS
        _log.warning("the program on disk is another than the one that runs: restart the service")

    def unless_stopping(self, _done: int = 0, _total: int = 0) -> None:
        """Progress that ends the work where it is time to stop.

        Raises
        ------
        UnavailableError
            It is.
        """
        if self.stopping:
            raise UnavailableError("the service stops")

    def _run(self, work: Callable[[], None], name: str) -> None:
        thread = Thread(target=work, name=name, daemon=True)
        self._threads = [*(known for known in self._threads if known.is_alive()), thread]
        thread.start()

    def _follow(self) -> None:
        for heard in database.listen(self._url, CHANNEL, stopped=self._stopping):
            if heard.kind == "notice" and time.monotonic() > self._looked + self._pause:
                self._stopping.wait(self._pause)
            if heard.error is not None or not self._tried(self._look):
                self._tried(self._lost)
            self._looked = time.monotonic()

    def _tried(self, work: Callable[[], None]) -> bool:
        try:
            work()
        except UnavailableError:
            return False
        except Exception:
            # This thread is what brings us up to date: it must outlive a fault in one version of the data.
            _log.exception("changes of the %s not taken, answering from the one before", self._name)
            return False
        return True

    def _build(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:
            self._not_before = time.monotonic() + AGAIN_SECONDS
            if not self.stopping:
                _log.warning("the %s was not compiled: %s", self._name, error)
        finally:
            self._building.release()
