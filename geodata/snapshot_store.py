"""The snapshot that a process answers from, kept up to date with the database in the background."""

import hashlib
import logging
import time
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Any
from zoneinfo import ZoneInfo

import psycopg

from geodata import database
from geodata.errors import UnavailableError
from geodata.snapshot import Progress, Snapshot, compile_snapshot, newest_compiled, silent, stored_version
from geodata.times import LOCAL_ZONE

_STOP_SECONDS = 10.0

_log = logging.getLogger(__name__)


def snapshot_home(state_folder: Path, database_url: str) -> Path:
    """Folder of one database's compiled snapshots: named by server and database, credentials left out.

    A server on a socket of this machine counts as one, because the embedded one may move its socket.
    """
    parts = database.connection_parts(database_url)
    host = str(parts.get("host") or "")
    place = ("socket" if host.startswith("/") or not host else host, parts.get("port"), parts.get("dbname"))
    return state_folder / "snapshots" / hashlib.sha256(repr(place).encode()).hexdigest()[:16]


class SnapshotStore:
    """Gives the current snapshot; follows the database by notice and, healing missed ones, by polling its version.

    Parameters
    ----------
    state_folder
        Where compiled snapshots lie.
    database_url
        The PostGIS whose data it follows.
    zone
        Local time, which weekly hours are read in.
    taken
        Called with each snapshot once it is the newest; must return at once.
    """

    def __init__(
        self,
        state_folder: Path,
        database_url: str,
        zone: ZoneInfo = LOCAL_ZONE,
        taken: Callable[[Snapshot], None] = lambda _snapshot: None,
    ) -> None:
        self._zone = zone
        self._taken = taken
        self.home = snapshot_home(state_folder, database_url)
        self._url = database_url
        self._snapshot: Snapshot | None = None
        self._name = ""
        self._verified_at = 0
        self._stale_since: int | None = None
        self._stopping = database.Stop()
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

    @property
    def seconds_since_followed(self) -> float | None:
        """How long ago a server that follows the database last agreed with it; None where none ever did."""
        return time.time() - self._followed.stat().st_mtime if self._followed.exists() else None

    def refresh(self, progress: Progress = silent) -> Snapshot:
        """Compile and open the database's present version now.

        Raises
        ------
        UnavailableError
            The database does not answer.
        """
        with database.connect(self._url) as connection, database.away_is_unavailable():
            self._take(connection, progress)
        return self.current()

    def start(self) -> None:
        """Take the database's data, or what was compiled before if it is away, and begin to follow the database."""
        try:
            self.refresh()
        except UnavailableError as away:
            _log.warning("the database is away, answering from what was compiled before: %s", away)
            try:
                self.open_compiled()
            except UnavailableError as error:
                _log.warning("starting without data: %s", error)
        self._thread = Thread(target=self._follow, name="snapshot", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the following; the last snapshot stays."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(timeout=_STOP_SECONDS)

    def open_compiled(self) -> Snapshot:
        """Open what was compiled last, without asking the database.

        Raises
        ------
        UnavailableError
            Nothing was compiled before.
        """
        self._snapshot = newest_compiled(self.home, self._zone)
        self._taken(self._snapshot)
        self._verified_at = int(self._verified.stat().st_mtime * 1_000_000) if self._verified.exists() else 0
        self._stale_since = self._verified_at
        return self._snapshot

    @property
    def _verified(self) -> Path:
        return self.home / "verified"

    @property
    def _followed(self) -> Path:
        return self.home / "followed"

    def _take(self, connection: psycopg.Connection[Any], progress: Progress = silent) -> None:
        name = stored_version(connection)
        connection.rollback()
        if self._snapshot is None or name != self._name:
            snapshot = compile_snapshot(connection, self.home, progress, self._snapshot, self._zone)
            self._snapshot, self._name = snapshot, name
            self._taken(snapshot)
        self._verified.touch()
        self._verified_at = time.time_ns() // 1000
        self._stale_since = None

    def _follow(self) -> None:
        for heard in database.listen(self._url, "gridmap_version", stopped=self._stopping):
            if heard.error is not None:
                self._mark_stale(heard.error)
                continue
            try:
                self.refresh()
                self._followed.touch()
            except UnavailableError as error:
                self._mark_stale(error)
            except Exception:
                # This thread is what brings the data up to date again: it must outlive a fault in one version of it.
                _log.exception("version not taken, answering from the one before")

    def _mark_stale(self, error: UnavailableError) -> None:
        if self._stale_since is None:
            self._stale_since = self._verified_at
            _log.warning("the database is away, answering from memory: %s", error)
