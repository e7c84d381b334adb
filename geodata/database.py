"""Connections to PostGIS: opening them, pooling them, listening, and telling "it is away" from "it said no"."""

import contextlib
import os
import select
import threading
import time
import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, Self

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import TupleRow
from psycopg_pool import ConnectionPool

from geodata.errors import SetupError, UnavailableError

CONNECT_SECONDS = 3
RETRY_SECONDS = 2

# A dead peer is noticed within half a minute, also while a query waits.
_KEEPALIVE = {
    "connect_timeout": CONNECT_SECONDS,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 25_000,
}

_REASONS = {
    "57014": ("timeout", "the database took too long to answer", "数据库响应超时"),
    "55P03": ("busy", "another change holds what this one needs", "数据正被另一项操作占用"),
    "53100": ("disk-full", "the database server has no disk space left", "数据库服务器磁盘已满"),
    "53300": ("too-many-connections", "the database has no free connection", "数据库连接数已满"),
    "25006": ("read-only", "the database accepts no changes now", "数据库当前只读"),
}
_AWAY = ("connection", "the database does not answer", "数据库没有响应")
_AWAY_STATES = frozenset({"57P01", "57P02", "57P03", "57P05"})
_WRONG_URL = ("password authentication failed", "does not exist", "no pg_hba.conf entry", "no password supplied")


def connection_parts(url: str) -> dict[str, Any]:
    """What a libpq URL or key/value string says: ``host``, ``port``, ``dbname`` and so on.

    Raises
    ------
    SetupError
        It cannot be read.
    """
    try:
        return dict(conninfo_to_dict(url))
    except psycopg.ProgrammingError:
        # The words of libpq may repeat the URL, and with it a password.
        raise SetupError(
            "GRIDMAP_DATABASE_URL cannot be read: write postgresql://user:password@host:5432/database",
            "GRIDMAP_DATABASE_URL 无法解析：请写成 postgresql://用户:密码@主机:5432/数据库",
        ) from None


def connection_settings(url: str, *, statement_seconds: float | None = None) -> dict[str, Any]:
    """Keyword arguments for psycopg that every connection of ours shares, the URL under ``conninfo``.

    Parameters
    ----------
    url
        libpq URL or key/value string.
    statement_seconds
        A statement that takes longer is cancelled; None for no limit.

    Raises
    ------
    SetupError
        The URL cannot be read.
    """
    given = connection_parts(url)
    options = [str(given.get("options") or ""), "-c search_path=gridmap,public -c timezone=UTC"]
    if statement_seconds is not None:
        options.append(f"-c statement_timeout={round(statement_seconds * 1000)}")
    ours = {"application_name": "gridmap", "client_encoding": "UTF8", **_KEEPALIVE}
    return {
        "conninfo": url,
        **{name: value for name, value in ours.items() if name not in given},
        "options": " ".join(options).strip(),
    }


def connect(
    url: str, *, autocommit: bool = False, statement_seconds: float | None = None
) -> psycopg.Connection[TupleRow]:
    """Open one connection: search path ``gridmap, public``, times in UTC.

    Raises
    ------
    UnavailableError
        The server does not answer.
    SetupError
        It answers, but the URL is wrong: role, password or database.
    """
    settings = connection_settings(url, statement_seconds=statement_seconds)
    with away_is_unavailable():
        return psycopg.connect(autocommit=autocommit, **settings)


def away(error: BaseException) -> UnavailableError | None:
    """What to tell when an error means that the database cannot serve now; None when it means anything else.

    Parameters
    ----------
    error
        Any exception. Only errors of psycopg and its pool can mean that the database is away.

    Notes
    -----
    Away are: no connection, a lost one, a server that starts or stops, a pool without a free connection, too many
    connections, a full disk, a standby that accepts no changes, a statement or lock that was waited for too long. A
    constraint that was violated, or a statement that is wrong, is not. The ``reason`` among the facts is stable.
    """
    if not isinstance(error, psycopg.Error):
        return None
    state = error.sqlstate
    if state in _REASONS:
        reason, text, text_zh = _REASONS[state]
    elif state in _AWAY_STATES or (state or "").startswith(("08", "53")) or _lost(error):
        if any(words in str(error) for words in _WRONG_URL):
            return _wrong_url(error)
        reason, text, text_zh = _AWAY
    else:
        return None
    return UnavailableError(
        f"{text}; try again in {RETRY_SECONDS} s",
        f"{text_zh}，请 {RETRY_SECONDS} 秒后重试",
        reason=reason,
        retry_seconds=RETRY_SECONDS,
    )


def reason(error: BaseException) -> str:
    """Why a database error came, in the server's or libpq's words and in brackets; empty where nobody said."""
    cause = error.__cause__
    return f" ({' '.join(str(cause).split())})" if isinstance(cause, psycopg.Error) else ""


def _lost(error: psycopg.Error) -> bool:
    """Whether the client noticed it: no connection, a broken one, none free in the pool."""
    return error.sqlstate is None and isinstance(error, psycopg.OperationalError)


def _wrong_url(error: psycopg.Error) -> SetupError:
    said = str(error).strip().splitlines()[-1]
    return SetupError(
        f"the database refused the connection; check role, password and database in GRIDMAP_DATABASE_URL ({said})",
        f"数据库拒绝了连接：请检查 GRIDMAP_DATABASE_URL 中的用户、密码和数据库名（{said}）",
        reason="refused",
    )


@contextlib.contextmanager
def away_is_unavailable() -> Iterator[None]:
    """Raise `UnavailableError` in place of a psycopg error that means that the database cannot serve now."""
    try:
        yield
    except psycopg.Error as error:
        told = away(error)
        if told is None:
            raise
        raise told from error


class Pool:
    """Connections kept open, handed out one at a time.

    Notes
    -----
    Opening it does not wait for the server: a pool can be made while the database is away, and heals by itself.
    """

    def __init__(self, pool: ConnectionPool[psycopg.Connection[TupleRow]]) -> None:
        self._pool = pool

    @contextlib.contextmanager
    def connection(self) -> Iterator[psycopg.Connection[TupleRow]]:
        """Lend a connection: what was done in it is committed at the end, rolled back when an error leaves the block.

        Raises
        ------
        UnavailableError
            None became free in time, or the database went away meanwhile.
        """
        with away_is_unavailable(), self._pool.connection() as connection:
            yield connection

    def close(self) -> None:
        """Close all connections."""
        self._pool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_pool(
    url: str,
    *,
    min_size: int = 1,
    max_size: int = 8,
    wait_seconds: float = 1.0,
    statement_seconds: float | None = None,
) -> Pool:
    """Open a pool of connections like those of `connect`.

    Parameters
    ----------
    min_size, max_size
        How many connections are kept at least and opened at most.
    wait_seconds
        How long a borrower waits for a free connection before it is told `UnavailableError`.
    statement_seconds
        As in `connect`.
    """
    settings = connection_settings(url, statement_seconds=statement_seconds)
    pool = ConnectionPool(
        settings.pop("conninfo"),
        kwargs=settings,
        min_size=min_size,
        max_size=max_size,
        timeout=wait_seconds,
        check=ConnectionPool.check_connection,
        # The pool's own attempts come ever more seldom; given up soon, each borrower has a new one made at once.
        reconnect_timeout=wait_seconds / 2,
        name="gridmap",
        open=False,
    )
    pool.open(wait=False)
    return Pool(pool)


@dataclass(frozen=True, slots=True)
class Heard:
    """Why a listener should look again.

    Parameters
    ----------
    kind
        ``connected`` (first, and after each loss: notices may have been missed), ``notice``, ``quiet`` (nothing came
        for a while; look anyway) or ``away``.
    payload
        Text of the notice.
    error
        What is wrong, where the database is away.
    """

    kind: Literal["connected", "notice", "quiet", "away"]
    payload: str = ""
    error: UnavailableError | None = None


class Stop(threading.Event):
    """An event that also ends a wait for files, of which it is one: a listener that is told to stop does so at once."""

    def __init__(self) -> None:
        super().__init__()
        self._read, self._write = os.pipe()
        weakref.finalize(self, _close, self._read, self._write)

    def fileno(self) -> int:
        """The file that can be read once it is set."""
        return self._read

    def set(self) -> None:
        """End the waits, now and from now on."""
        if not self.is_set():
            os.write(self._write, b"\0")
        super().set()


def _close(*files: int) -> None:
    for file in files:
        os.close(file)


def listen(
    url: str, channel: str, *, stopped: Stop, quiet_seconds: float = 5.0, longest_wait_seconds: float = 5.0
) -> Iterator[Heard]:
    """Yield whenever a notice comes on a channel, through losses of the connection, until told to stop.

    Parameters
    ----------
    channel
        Name given to ``pg_notify``.
    stopped
        Set it to end the loop.
    quiet_seconds
        Yield ``quiet`` after this long without a notice.
    longest_wait_seconds
        Between attempts to connect the wait doubles from half a second up to this.
    """
    wait = 0.5
    while not stopped.is_set():
        try:
            # All of it, for the server may go between the connection and its first statement.
            with away_is_unavailable(), connect(url, autocommit=True) as connection:
                connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
                yield Heard("connected")
                wait = 0.5
                yield from _notices(connection, stopped, quiet_seconds)
        except UnavailableError as error:
            yield Heard("away", error=error)
            stopped.wait(wait)
            wait = min(wait * 2, longest_wait_seconds)


def _notices(connection: psycopg.Connection[TupleRow], stopped: Stop, quiet_seconds: float) -> Iterator[Heard]:
    waiting = select.poll()
    for file in (connection, stopped):
        waiting.register(file, select.POLLIN)
    last = time.monotonic()
    while not stopped.is_set():
        # Those that came with the answer to a statement are not waited for.
        for notice in connection.notifies(timeout=0, stop_after=1):
            last = time.monotonic()
            yield Heard("notice", notice.payload)
        waiting.poll(max(0.0, last + quiet_seconds - time.monotonic()) * 1000)
        if time.monotonic() - last >= quiet_seconds:
            last = time.monotonic()
            # A round trip, because a peer that vanished says nothing.
            connection.execute("SELECT 1")
            yield Heard("quiet")
