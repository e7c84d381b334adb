"""Connections: what they are set to, how they fail, how they come back."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import psycopg
import pytest
from psycopg_pool import PoolTimeout

from geodata.database import Stop, away, away_is_unavailable, connect, connection_settings, listen, open_pool
from geodata.embedded.cluster import EmbeddedCluster
from geodata.embedded.processes import postmaster
from geodata.errors import SetupError, UnavailableError

QUICK = {"fsync": "off", "shared_buffers": "16MB"}


@pytest.fixture
def own_cluster(make_short_folder: Callable[[], object]) -> Iterator[EmbeddedCluster]:
    """A cluster that a test may stop and start."""
    cluster = EmbeddedCluster(str(make_short_folder()), settings=QUICK)
    yield cluster
    cluster.stop()


def _terminate(url: str, application: str = "gridmap") -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name = %s AND datname = current_database() AND pid <> pg_backend_pid()",
            [application],
        )


# --- one connection --------------------------------------------------------------------------------------------------


def test_a_connection_finds_our_tables_and_speaks_utc(database_url: str) -> None:
    with connect(database_url) as connection:
        assert not connection.autocommit
        shown = [connection.execute(f"SHOW {name}").fetchone() for name in ("search_path", "timezone")]
        assert shown == [("gridmap,public",), ("UTC",)]
        assert connection.execute(
            "SELECT application_name FROM pg_stat_activity WHERE pid = pg_backend_pid()"
        ).fetchone() == ("gridmap",)


def test_what_the_url_sets_is_kept(database_url: str) -> None:
    url = f"{database_url}&application_name=notebook&options=-c%20work_mem%3D7MB"
    with connect(url) as connection:
        assert connection.execute("SHOW work_mem").fetchone() == ("7MB",)
        assert connection.execute("SHOW application_name").fetchone() == ("notebook",)
        assert connection.execute("SHOW search_path").fetchone() == ("gridmap,public",)


def test_a_dead_peer_is_noticed_over_tcp() -> None:
    settings = connection_settings("postgresql://host/db?keepalives_idle=60")
    assert settings["keepalives_interval"] * settings["keepalives_count"] < 30
    assert settings["tcp_user_timeout"] < 30_000
    assert "keepalives_idle" not in settings


def test_a_statement_that_takes_too_long_is_cancelled_and_counts_as_away(database_url: str) -> None:
    with (
        pytest.raises(UnavailableError) as told,
        away_is_unavailable(),
        connect(database_url, statement_seconds=0.1) as connection,
    ):
        connection.execute("SELECT pg_sleep(5)")
    assert told.value.facts["reason"] == "timeout"


def test_a_lock_that_is_not_given_counts_as_busy(database_url: str) -> None:
    with connect(database_url) as holder, connect(database_url) as waiter:
        holder.execute("LOCK TABLE layers")
        with pytest.raises(UnavailableError) as told, away_is_unavailable():
            waiter.execute("LOCK TABLE layers NOWAIT")
        assert told.value.facts["reason"] == "busy"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("/test_", "/no_such_database_"), "no_such_database.* does not exist"),
        (("gridmap@", "no-such-role@"), "no-such-role.* does not exist"),
    ],
)
def test_a_wrong_url_is_told_from_a_server_that_is_away(database_url: str, change: tuple[str, str], words: str) -> None:
    with pytest.raises(SetupError, match=f"GRIDMAP_DATABASE_URL.*{words}"):
        connect(database_url.replace(*change))


@pytest.mark.parametrize("url", ["postgresql://[half/db", "nonsense", "no_such_word=1"])
def test_a_url_that_cannot_be_read_is_called_that(url: str) -> None:
    with pytest.raises(SetupError, match="GRIDMAP_DATABASE_URL cannot be read"):
        connect(url)


@pytest.mark.parametrize("url", ["postgresql://127.0.0.1:1/db", "postgresql://gridmap@/gridmap?host=%2Fnowhere"])
def test_no_server_is_away(url: str) -> None:
    with pytest.raises(UnavailableError) as told:
        connect(url)
    assert not isinstance(told.value, SetupError)
    assert told.value.facts == {"reason": "connection", "retry_seconds": 2}
    assert "秒后重试" in told.value.detail_zh


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (psycopg.errors.AdminShutdown(), "connection"),
        (psycopg.errors.CrashShutdown(), "connection"),
        (psycopg.errors.CannotConnectNow(), "connection"),
        (psycopg.errors.ConnectionFailure(), "connection"),
        (psycopg.errors.OutOfMemory(), "connection"),
        (psycopg.errors.TooManyConnections(), "too-many-connections"),
        (psycopg.errors.DiskFull(), "disk-full"),
        (psycopg.errors.ReadOnlySqlTransaction(), "read-only"),
        (psycopg.errors.QueryCanceled(), "timeout"),
        (psycopg.OperationalError("the connection is closed"), "connection"),
        (PoolTimeout("couldn't get a connection after 1 sec"), "connection"),
        (psycopg.errors.UniqueViolation(), None),
        (psycopg.errors.RestrictViolation(), None),
        (psycopg.errors.SerializationFailure(), None),
        (psycopg.errors.UndefinedTable(), None),
        (psycopg.errors.InternalError_(), None),
        (psycopg.ProgrammingError("the query has 1 placeholder"), None),
        (psycopg.InterfaceError("the cursor is closed"), None),
        (OSError("No space left on device"), None),
        (KeyboardInterrupt(), None),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else str(value),
)
def test_away_is_told_from_a_refusal(error: BaseException, reason: str | None) -> None:
    told = away(error)
    assert (told and told.facts["reason"]) == reason


def test_a_refusal_passes_through_unchanged(database_url: str) -> None:
    with pytest.raises(psycopg.errors.UndefinedTable), away_is_unavailable(), connect(database_url) as connection:
        connection.execute("SELECT * FROM no_such_table")


# --- a pool ----------------------------------------------------------------------------------------------------------


def test_a_borrowed_connection_commits_unless_the_block_fails(database_url: str) -> None:
    insert = "INSERT INTO layers (code, name, tiling) VALUES (%s, 'x', 'partial')"
    with open_pool(database_url) as pool:
        with pool.connection() as connection:
            connection.execute(insert, ["kept"])
        with pytest.raises(psycopg.errors.UniqueViolation), pool.connection() as connection:
            connection.cursor().executemany(insert, [["dropped"], ["kept"]])
        with pool.connection() as connection:
            assert connection.execute("SELECT code FROM layers WHERE code <> 'general'").fetchall() == [("kept",)]


def test_who_finds_no_free_connection_is_told_to_come_back(database_url: str) -> None:
    with open_pool(database_url, max_size=1, wait_seconds=0.1) as pool, pool.connection():
        with pytest.raises(UnavailableError) as told, pool.connection():
            pass
        assert told.value.facts["retry_seconds"] > 0


def test_a_pool_passes_its_settings_on(database_url: str) -> None:
    with open_pool(database_url, statement_seconds=0.1) as pool:
        with pytest.raises(UnavailableError) as told, pool.connection() as connection:
            connection.execute("SELECT pg_sleep(5)")
        assert told.value.facts["reason"] == "timeout"
        with pool.connection() as connection:
            assert connection.execute("SHOW search_path").fetchone() == ("gridmap,public",)


def test_a_connection_lost_while_lent_is_away_and_the_next_one_is_fresh(database_url: str) -> None:
    with open_pool(database_url, wait_seconds=5) as pool:
        with pytest.raises(UnavailableError), pool.connection() as connection:
            connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        with pool.connection() as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)


def test_connections_lost_while_idle_are_never_lent(database_url: str) -> None:
    with open_pool(database_url, min_size=2, wait_seconds=5) as pool:
        with pool.connection():
            pass
        _terminate(database_url)
        with pool.connection() as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.cluster
def test_a_pool_survives_a_restart_of_the_server_and_one_opened_meanwhile_heals_too(
    own_cluster: EmbeddedCluster,
) -> None:
    url = own_cluster.start()
    with open_pool(url, wait_seconds=0.5) as before:
        with before.connection():
            pass
        own_cluster.stop()
        with pytest.raises(UnavailableError), before.connection():
            pass
        with open_pool(url, wait_seconds=0.2) as meanwhile:
            with pytest.raises(UnavailableError), meanwhile.connection():
                pass
            assert own_cluster.start() == url
            for pool in (before, meanwhile):
                assert _soon(lambda pool=pool: _answers(pool))  # type: ignore[misc]


@pytest.mark.cluster
def test_who_asks_after_a_long_outage_is_not_made_to_wait_for_the_pools_own_attempts(
    own_cluster: EmbeddedCluster,
) -> None:
    url = own_cluster.start()
    with open_pool(url, wait_seconds=0.5) as pool:
        own_cluster.stop()
        assert not any(_answers(pool) for _ in range(8))
        own_cluster.start()
        assert any(_answers(pool) for _ in range(3))


def _answers(pool: object) -> bool:
    try:
        with pool.connection() as connection:  # type: ignore[attr-defined]
            return connection.execute("SELECT 1").fetchone() == (1,)
    except UnavailableError:
        return False


def _soon(claim: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if claim():
            return True
        time.sleep(0.1)
    return False


# --- listening -------------------------------------------------------------------------------------------------------


def test_a_listener_hears_that_it_is_connected_then_notices_then_quiet(database_url: str) -> None:
    stopped = Stop()
    heard = listen(database_url, "some channel", stopped=stopped, quiet_seconds=0.3)
    assert next(heard).kind == "connected"
    with connect(database_url, autocommit=True) as connection:
        connection.execute("SELECT pg_notify('some channel', '17')")
    notice = next(heard)
    assert (notice.kind, notice.payload) == ("notice", "17")
    assert next(heard).kind == "quiet"
    stopped.set()
    assert list(heard) == []


def test_a_listener_that_lost_its_connection_says_so_and_connects_again(database_url: str) -> None:
    heard = listen(database_url, "channel", stopped=Stop(), quiet_seconds=0.2)
    assert next(heard).kind == "connected"
    _terminate(database_url)
    lost, again = islice(heard, 2)
    assert lost.kind == "away"
    assert lost.error is not None
    assert again.kind == "connected"
    heard.close()  # type: ignore[attr-defined]


def test_a_listener_that_waits_is_told_to_stop(database_url: str) -> None:
    stopped, connected = Stop(), threading.Event()

    def follow() -> None:
        for _ in listen(database_url, "channel", stopped=stopped, quiet_seconds=3600):
            connected.set()

    thread = threading.Thread(target=follow, daemon=True)
    thread.start()
    assert connected.wait(60)
    stopped.set()
    stopped.set()
    thread.join(timeout=60)
    assert not thread.is_alive()


@pytest.mark.cluster
def test_a_listener_waits_for_a_server_that_was_killed(own_cluster: EmbeddedCluster) -> None:
    url = own_cluster.start()
    stopped = Stop()
    kinds: list[str] = []

    def follow() -> None:
        heard = listen(url, "channel", stopped=stopped, quiet_seconds=0.2, longest_wait_seconds=0.5)
        kinds.extend(each.kind for each in heard)

    thread = threading.Thread(target=follow)
    thread.start()
    try:
        assert _soon(lambda: "connected" in kinds)
        server = postmaster(own_cluster.folder / "postgres" / "data")
        assert server is not None
        os.kill(server, signal.SIGKILL)
        assert _soon(lambda: kinds.count("away") >= 2)
        with EmbeddedCluster(own_cluster.folder, settings=QUICK):
            assert _soon(lambda: kinds.count("connected") == 2)
    finally:
        stopped.set()
        thread.join(timeout=60)
    assert not thread.is_alive()


def test_a_listener_outlives_a_server_that_goes_between_its_connection_and_its_first_statement(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = []

    def cut_off(url: str, **how: Any) -> psycopg.Connection[Any]:
        connection = connect(url, **how)
        if not ended:
            with psycopg.connect(database_url, autocommit=True) as other:
                other.execute("SELECT pg_terminate_backend(%s, 5000)", (connection.info.backend_pid,))
            ended.append(connection)
        return connection

    monkeypatch.setattr("geodata.database.connect", cut_off)
    stopped = Stop()
    heard = listen(database_url, "somewhere", stopped=stopped)
    assert [next(heard).kind, next(heard).kind] == ["away", "connected"]
    stopped.set()
    assert list(heard) == []
