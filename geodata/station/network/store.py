"""The walking network that a process answers from, kept up to date with the database in the background."""

import time
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import Any, Final

import numpy as np
import psycopg

from geodata import database
from geodata.following import Follower
from geodata.station.network.arrays import Progress
from geodata.station.network.compile import State, compiling, make_walking, newest_state, open_walking, read_state
from geodata.station.network.fresh import discard_outdated
from geodata.station.network.sources import Marks, read_marks, read_sizes
from geodata.station.network.walking import Standing, Walking, not_ready

LARGE: Final = 100_000
"""With so many addresses, or a fifth as many streets, it is compiled in a process of its own."""

_STREETS_WEIGH: Final = 5
_IN_A_ROW: Final = 3


class NetworkStore:
    """Gives the current walking network; follows the database by notice and, healing missed ones, by polling.

    Parameters
    ----------
    home
        Where the compiled network lies: a folder of this database alone.
    database_url
        The PostGIS whose data it follows.
    pause_seconds
        As in `Follower`.

    Notes
    -----
    Whatever changed is compiled in the background, once for all processes that share the folder, in a process of its
    own where it is large; until then the network before is given. A network is never half new: streets, barriers,
    homes and profiles of an answer are of one state.
    """

    def __init__(self, home: Path, database_url: str, *, pause_seconds: float = 0.0) -> None:
        discard_outdated()
        self.home = home
        self._url = database_url
        self._walking: Walking | None = None
        self._size = Standing("waiting")
        self._state: State | None = None
        self._wanted: tuple[Marks, State] | None = None
        self._agreed_at: int | None = None
        self._agrees = False
        self._taking = Lock()
        self._follower = Follower(database_url, "walking network", self._look, self._lost, pause_seconds=pause_seconds)

    def current(self) -> Walking:
        """What walks are counted on now; has no edges where no streets are loaded.

        Raises
        ------
        NetworkNotReadyError
            Nothing was compiled yet.
        """
        if self._walking is None:
            raise not_ready()
        return self._walking

    @property
    def compiling(self) -> bool:
        """Whether it is being compiled now, by whatever process."""
        return self._follower.building or compiling(self.home)

    @property
    def standing(self) -> Standing:
        """Whether it answers, with what and since when."""
        walking, busy = self._walking, self.compiling
        if walking is None:
            return replace(self._size, state="compiling" if busy else "waiting", compiling=busy)
        stale_since = None if self._agrees else self._agreed_at or walking.compiled_at
        return replace(self._size, compiling=busy, stale_since=stale_since)

    def refresh(self, progress: Progress | None = None) -> Walking:
        """Take the database's present state now, whatever it takes, in this process.

        Raises
        ------
        UnavailableError
            The database does not answer.
        """
        with database.connect(self._url) as connection, database.away_is_unavailable():
            if not self._take(connection):
                connection.rollback()
                make_walking(connection, self.home, progress)
                self._take(connection)
        return self.current()

    def start(self) -> None:
        """Begin to follow the database; returns at once."""
        self._follower.start()

    def stop(self) -> None:
        """End the following and any compiling; the last network stays."""
        self._follower.stop()

    def open_compiled(self) -> Walking:
        """Open what was compiled last, without asking the database.

        Raises
        ------
        NetworkNotReadyError
            Nothing was compiled before.
        """
        with self._taking:
            self._agrees = False
            state = newest_state(self.home)
            if state is not None:
                self._open(state)
        return self.current()

    def _lost(self) -> None:
        """Note that the database does not answer, or that a change of it could not be taken."""
        self._agrees = False
        if self._walking is None:
            self.open_compiled()

    def _look(self) -> None:
        """Take what changed; have it compiled where that is due."""
        with database.connect(self._url) as connection, database.away_is_unavailable():
            # What another process compiles is opened at one of the next looks.
            if self._take(connection) or self.compiling or not self._follower.may_build:
                return
            streets, addresses = read_sizes(connection)
        large = max(streets * _STREETS_WEIGH, addresses) >= LARGE
        self._follower.build(lambda: self._build(large=large))

    def _build(self, *, large: bool) -> None:
        # What changed while it was compiled is compiled at once, unless that goes on and on.
        for _ in range(_IN_A_ROW):
            if large:
                self._follower.build_apart("geodata.station.network.compile", self.home)
                if newest_state(self.home) is None:
                    # What another program compiles is never what this one reads.
                    self._follower.wait_for_restart()
                    return
            with database.connect(self._url) as connection, database.away_is_unavailable():
                if not large:
                    make_walking(connection, self.home, self._follower.unless_stopping)
                if self._take(connection):
                    return

    def _take(self, connection: psycopg.Connection[Any]) -> bool:
        """Open what the database's present state is compiled to; says whether that is there."""
        with self._taking:
            at = time.time_ns() // 1000
            wanted = self._present(connection, at)
            if self._state is None or not self._state.same(wanted):
                newest = newest_state(self.home)
                if newest is None or not newest.same(wanted) or not self._open(newest):
                    self._agrees = False
                    return False
            self._agrees, self._agreed_at = True, at
            return True

    def _present(self, connection: psycopg.Connection[Any], at: int) -> State:
        """What the database's present state would be compiled to."""
        marks = read_marks(connection)
        if self._wanted is None or self._wanted[0] != marks or at >= self._wanted[1].until:
            self._wanted = marks, read_state(connection, marks, at)
        return self._wanted[1]

    def _open(self, state: State) -> bool:
        walking = open_walking(self.home, state, self._walking)
        if walking is not None:
            self._walking, self._state, self._size = walking, state, size_of(walking)
        return walking is not None


def size_of(walking: Walking) -> Standing:
    """How large a walking network is."""
    network = walking.network
    return Standing(
        state="ready" if network.edge_count else "empty",
        version=network.version,
        nodes=network.node_count,
        edges=network.edge_count,
        pieces=len(network.piece_mm),
        walked_mm=int(network.piece_mm.sum()),
        homes=len(walking.homes),
        off_network=int(np.count_nonzero(~walking.homes_connectors.on_network())),
        compiled_at=network.compiled_at,
    )
