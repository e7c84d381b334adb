"""The snapshot that a process answers from, kept up to date with the database in the background."""

import hashlib
import logging
import time
from pathlib import Path
from threading import Event, Thread
from typing import Any
from urllib.parse import urlsplit

import psycopg

from geodata import database
from geodata.errors import UnavailableError
from geodata.snapshot import Progress, Snapshot, compile_snapshot, newest_compiled, silent, stored_version

_POLL_SECONDS = 5.0
_RETRY_SECONDS = (0.2, 0.5, 1.0, 2.0, 5.0)

_log = logging.getLogger(__name__)


def snapshot_home(state_folder: Path, database_url: str) -> Path:
    """Folder of one database's compiled snapshots; credentials take no part in its name."""
    parts = urlsplit(database_url)
    place = f"{parts.hostname}:{parts.port}{parts.path}?{parts.query}"
    return state_folder / "snapshots" / hashlib.sha256(place.encode()).hexdigest()[:16]


class SnapshotStore:
    """Gives the current snapshot; follows the database by notice and, healing missed ones, by polling its version.

    Parameters
    ----------
    state_folder
        Where compiled snapshots lie.
    database_url
        The PostGIS whose data it follows.
    """

    def __init__(self, state_folder: Path, database_url: str) -> None:
        self.home = snapshot_home(state_folder, database_url)
        self._url = database_url
        self._snapshot: Snapshot | None = None
        self._name = ""
        self._verified_at = 0
        self._stale_since: int | None = None
        self._stopping = Event()
        self._thread: Thread | None = None

    def current(self) -> Snapshot:
        """The newest snapshot.

        Raises
        ------
        UnavailableError
            The database never answered and nothing was compiled before.
        """
        if self._snapshot is None:
            raise UnavailableError("no data has been read from the database yet", "尚未从数据库读取数据")
        return self._snapshot

    @property
    def stale_since(self) -> int | None:
        """When the database was last known to agree (microseconds), or None while it answers."""
        return self._stale_since

    def refresh(self, progress: Progress = silent) -> Snapshot:
        """Compile and open the database's present version now.

        Raises
        ------
        UnavailableError
            The database does not answer.
        """
        with database.connect(self._url) as connection:
            self._take(connection, progress)
        return self.current()

    def start(self) -> None:
        """Take the database's data, or what was compiled before if it is away, and begin to follow the database."""
        try:
            self.refresh()
        except UnavailableError as away:
            _log.warning("the database is away, answering from what was compiled before: %s", away)
            self._open_compiled()
        self._thread = Thread(target=self._follow, name="snapshot", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the following; the last snapshot stays."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(timeout=2 * _POLL_SECONDS)

    def _open_compiled(self) -> None:
        try:
            self._snapshot = newest_compiled(self.home)
            self._verified_at = int(self._verified.stat().st_mtime * 1_000_000)
        except (UnavailableError, OSError) as error:
            _log.warning("starting without data: %s", error)
        self._stale_since = self._verified_at

    @property
    def _verified(self) -> Path:
        return self.home / "verified"

    def _take(self, connection: psycopg.Connection[Any], progress: Progress = silent) -> None:
        name = stored_version(connection)
        connection.rollback()
        if self._snapshot is None or name != self._name:
            self._snapshot, self._name = compile_snapshot(connection, self.home, progress), name
        self._verified.touch()
        self._verified_at = time.time_ns() // 1000
        self._stale_since = None

    def _follow(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            try:
                with database.connect(self._url) as connection:
                    connection.autocommit = True
                    connection.execute("LISTEN gridmap_version")
                    while not self._stopping.is_set():
                        self._take(connection)
                        failures = 0
                        self._wait_for_notice(connection)
            except (UnavailableError, psycopg.Error, OSError) as error:
                if self._stale_since is None:
                    self._stale_since = self._verified_at
                    _log.warning("the database is away, answering from memory: %s", error)
                self._stopping.wait(_RETRY_SECONDS[min(failures, len(_RETRY_SECONDS) - 1)])
                failures += 1

    def _wait_for_notice(self, connection: psycopg.Connection[Any]) -> None:
        """Return at a notice, at a stop or when the next poll is due."""
        until = time.monotonic() + _POLL_SECONDS
        while not self._stopping.is_set() and time.monotonic() < until:
            for _ in connection.notifies(timeout=0.25, stop_after=1):
                return
