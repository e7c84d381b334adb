"""The register of addresses that a process answers from, kept up to date with the database in the background."""

import time
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, Final, Literal

import psycopg

from geodata import database
from geodata.address.areas import AreaChains
from geodata.address.base import LARGE, Base, compiling, make_base, newest_base, open_base
from geodata.address.book import AddressBook
from geodata.address.changed import Changes, open_changed
from geodata.address.sources import (
    AREAS,
    TABLES,
    Marks,
    count_addresses,
    next_change,
    read_areas,
    read_marks,
    read_pinned,
)  # fmt: skip
from geodata.address.values import Progress, unheard
from geodata.errors import RegisterNotReadyError
from geodata.following import Follower

MANY_CHANGED: Final = 20_000
"""So many changes are a reason to compile the base anew."""

RETRY_SECONDS: Final = 5
_ANY_TEXT: Final = "示例路1号"
_FOREVER: Final = 1 << 62


@dataclass(frozen=True, slots=True)
class Standing:
    """How a process stands with its register.

    Parameters
    ----------
    state
        ``ready`` where addresses are answered, else ``compiling``; ``waiting`` while nothing is compiled either.
    entries, changes
        What a look-up can end in, and how many entries came or went since the base was compiled: many are a reason to
        compile it anew. 0 before there is any.
    compiled_at
        When its content was read, microseconds since 1970-01-01 UTC.
    progress
        How many addresses were read, of how many, where a base is being compiled, by whatever process.
    stale_since
        When it last agreed with the database, microseconds since 1970-01-01 UTC, where it answers without that.
    """

    state: Literal["ready", "compiling", "waiting"]
    entries: int
    changes: int
    compiled_at: int | None
    progress: tuple[int, int] | None
    stale_since: int | None


class RegisterStore:
    """Gives the current register; follows the database by notice and, healing missed ones, by polling its versions.

    Parameters
    ----------
    home
        Where the compiled register lies: a folder of this database alone.
    database_url
        The PostGIS whose data it follows.
    pause_seconds
        As in `Follower`.

    Notes
    -----
    The base is compiled in the background, in a process of its own where it is large; what changed since is compiled at
    once. Until there is a first base, `current` says that there is none yet.
    """

    def __init__(self, home: Path, database_url: str, *, pause_seconds: float = 0.0) -> None:
        self.home = home
        self._url = database_url
        self._book: AddressBook | None = None
        self._changes: Changes | None = None
        self._areas: tuple[Any, AreaChains] | None = None
        self._marks: Marks | None = None
        self._until = 0
        self._whole = True
        self._agreed_at: int | None = None
        self._agrees = True
        self._taking = Lock()
        self._follower = Follower(
            database_url, "register of addresses", self._look, self._lost, pause_seconds=pause_seconds
        )

    def current(self) -> AddressBook:
        """The newest register.

        Raises
        ------
        RegisterNotReadyError
            None was compiled yet; says how far it has come.
        """
        if self._book is None:
            done, total = compiling(self.home) or (0, 0)
            share = f" ({round(100 * done / total)} %)" if total else ""
            raise RegisterNotReadyError(
                f"the register of addresses is being compiled{share}; look-ups by point are answered meanwhile",
                f"地址库正在编译{share}；此间仍可按坐标查询",
                retry_seconds=RETRY_SECONDS,
            )
        return self._book

    @property
    def compiling(self) -> bool:
        """Whether a base is being compiled now."""
        return self._follower.building or compiling(self.home) is not None

    @property
    def standing(self) -> Standing:
        """Whether it answers, with what and since when."""
        book, progress = self._book, compiling(self.home)
        if book is None:
            return Standing("waiting" if progress is None else "compiling", 0, 0, None, progress, None)
        stale_since = None if self._agrees else self._agreed_at or book.compiled_at
        return Standing("ready", len(book), book.changes, book.compiled_at, progress, stale_since)

    def refresh(self, progress: Progress = unheard) -> AddressBook:
        """Take the database's present state now, whatever it takes, in this process.

        Raises
        ------
        UnavailableError
            The database does not answer.
        """
        with database.connect(self._url) as connection, database.away_is_unavailable():
            asked_at = time.time_ns() // 1000
            if not self._take(connection):
                connection.rollback()
                make_base(connection, self.home, asked_at, progress)
                self._take(connection)
        return self.current()

    def start(self) -> None:
        """Begin to follow the database; returns at once."""
        self._follower.start()

    def stop(self) -> None:
        """End the following and any compiling; the last register stays."""
        self._follower.stop()

    def open_compiled(self) -> AddressBook:
        """Open the base that was compiled last, without asking the database.

        Raises
        ------
        RegisterNotReadyError
            None was compiled before.
        """
        base = newest_base(self.home)
        index = None if base is None else open_base(self.home, base)
        if base is not None and index is not None:
            self._book = self._ready(AddressBook(index, version=base.name, compiled_at=base.at))
            self._agrees = False
        return self.current()

    def _lost(self) -> None:
        """Note that the database does not answer, or that a change of it could not be taken."""
        self._agrees = False
        if self._book is None:
            self.open_compiled()

    def _look(self) -> None:
        """Take what changed; have the base compiled anew where that is due."""
        with database.connect(self._url) as connection, database.away_is_unavailable():
            # What another process compiles is opened at one of the next looks.
            if self._take(connection) or self.compiling or not self._follower.may_build:
                return
            large = count_addresses(connection) >= LARGE
        self._follower.build(lambda: self._build(large=large))

    def _build(self, *, large: bool) -> None:
        if large:
            self._follower.build_apart("geodata.address.base", self.home)
            if newest_base(self.home) is None:
                # What another program compiles is never what this one reads.
                self._follower.wait_for_restart()
                return
        with database.connect(self._url) as connection, database.away_is_unavailable():
            if not large:
                make_base(connection, self.home, time.time_ns() // 1000, self._follower.unless_stopping)
            self._take(connection)

    def _take(self, connection: psycopg.Connection[Any]) -> bool:
        """Bring the register up to date; says False where the base must be compiled anew before all is right again."""
        with self._taking:
            marks, at = read_marks(connection), time.time_ns() // 1000
            base = self._newest(marks)
            if base is None:
                return self._agreeing(False, at)
            if self._marks == marks and at < self._until and self._changes is base:
                self._agreeing(True, at)
                return self._good()
            self._until = next_change(connection, at) or _FOREVER
            areas = self._areas_now(connection, marks, at)
            changed = base.since(connection, marks, areas, at, self._until)
            if changed is None:
                return self._agreeing(False, at)
            pinned = read_pinned(connection, at)
            index = open_changed(self.home, base, areas, changed.entries)
            version = f"{base.base.name}+{len(changed)}-{_name(marks)}-{self._until}"
            book = AddressBook(base.index, index, changed.gone, pinned, version=version, compiled_at=at)
            self._book = self._ready(book)
            self._changes, self._marks, self._whole = base, marks, changed.whole
            self._agreeing(True, at)
            return self._good()

    def _ready(self, book: AddressBook) -> AddressBook:
        """A register whose first caller does not wait: the first text of a process brings tables and code to memory."""
        if self._book is None:
            book.find(_ANY_TEXT)
            book.suggest(_ANY_TEXT)
        return book

    def _agreeing(self, agrees: bool, at: int) -> bool:
        """Note whether the register is that of the database, and say so."""
        self._agrees = agrees
        if agrees:
            self._agreed_at = at
        return agrees

    def _good(self) -> bool:
        """Whether a base may stay: little changed since, and nothing is left out."""
        return self._whole and self._book is not None and self._book.changes <= MANY_CHANGED

    def _newest(self, marks: Marks) -> Changes | None:
        """The base that was compiled last, of this database."""
        base = newest_base(self.home)
        if base is None or base.database_id != marks.database_id:
            return None
        if self._changes is not None and self._changes.base.name == base.name:
            return self._changes
        return self._opened(base)

    def _opened(self, base: Base) -> Changes | None:
        index = open_base(self.home, base)
        return None if index is None else Changes(base, index)

    def _areas_now(self, connection: psycopg.Connection[Any], marks: Marks, at: int) -> AreaChains:
        state = (marks.of((AREAS,)), self._until)
        if self._areas is None or self._areas[0] != state:
            self._areas = (state, read_areas(connection, at))
        return self._areas[1]


def _name(marks: Marks) -> str:
    return "-".join(str(version) for version, _ in marks.of(TABLES))
