"""The embedded cluster: made, joined, left, killed, as root and as an ordinary user."""

import fcntl
import os
import pwd
import signal
import subprocess
import time
from pathlib import Path

import psycopg
import pytest

from geodata.embedded.cluster import EmbeddedCluster
from geodata.embedded.processes import cluster_title, postmaster
from geodata.errors import ConflictError, SetupError
from tests.clusters import AS_ROOT, QUICK, Client, do, needs_root, server_of, until_gone, value_of

pytestmark = pytest.mark.cluster


def test_a_new_cluster_speaks_utf8_checks_its_pages_and_opens_no_port(folder: Path) -> None:
    with EmbeddedCluster(folder, settings=QUICK) as url:
        assert value_of(url, "SHOW server_encoding") == "UTF8"
        assert value_of(url, "SELECT datctype FROM pg_database WHERE datname = current_database()") == "C.UTF-8"
        assert value_of(url, "SHOW data_checksums") == "on"
        assert value_of(url, "SHOW listen_addresses") == ""
        assert value_of(url, "SELECT count(*) FROM pg_available_extensions WHERE name = 'postgis'") == 1
        assert value_of(url, "SELECT current_user") == "gridmap"


@pytest.mark.parametrize("user", ["", pytest.param("nobody", marks=needs_root)], ids=["ourselves", "ordinary user"])
def test_data_outlives_the_server(folder: Path, user: str) -> None:
    if user:
        os.chown(folder.parent, pwd.getpwnam(user).pw_uid, -1)
    first = Client(folder, user)
    do(first.url(), "CREATE TABLE kept AS SELECT 42 AS number")
    pid = server_of(folder)
    first.leave()
    until_gone(pid)
    second = Client(folder, user)
    assert value_of(second.url(), "SELECT number FROM kept") == 42
    assert (folder / "postgres" / "data").stat().st_uid == (
        pwd.getpwnam(user or "postgres").pw_uid if AS_ROOT else os.geteuid()
    )
    second.leave()


def test_of_two_commands_at_once_one_makes_it_and_both_use_it(folder: Path) -> None:
    clients = [Client(folder), Client(folder)]
    urls = {client.url() for client in clients}
    assert len(urls) == 1
    pids = {value_of(urls.copy().pop(), "SELECT pg_backend_pid()") for _ in clients}
    assert len(pids) == 2
    server = server_of(folder)
    for client in clients:
        assert postmaster(folder / "postgres" / "data") == server
        client.leave()
    until_gone(server)


def test_the_last_user_stops_the_server(folder: Path) -> None:
    first, second = EmbeddedCluster(folder, settings=QUICK), EmbeddedCluster(folder)
    url = first.start()
    assert second.start() == url
    server = server_of(folder)
    first.stop()
    assert value_of(url, "SELECT 1") == 1
    second.stop()
    until_gone(server)
    second.stop()


def test_a_killed_user_leaves_a_server_that_the_next_one_joins(folder: Path) -> None:
    killed = Client(folder)
    url = killed.url()
    server = server_of(folder)
    killed.kill()
    with EmbeddedCluster(folder) as joined:
        assert joined == url
        assert server_of(folder) == server
    until_gone(server)


def test_a_killed_server_recovers_what_was_committed_also_for_those_who_stay(folder: Path) -> None:
    staying = EmbeddedCluster(folder, settings=QUICK)
    url = staying.start()
    do(url, "CREATE TABLE kept AS SELECT 42 AS number")
    with psycopg.connect(url, autocommit=True) as busy:
        busy.execute("SELECT 1")
        server = server_of(folder)
        os.kill(server, signal.SIGKILL)
        until_gone(server)
        with EmbeddedCluster(folder, settings=QUICK) as again:
            assert again == url
            assert server_of(folder) != server
            assert value_of(again, "SELECT number FROM kept") == 42
        assert value_of(url, "SELECT number FROM kept") == 42
    staying.stop()


def test_who_uses_a_server_that_died_can_revive_it(folder: Path) -> None:
    cluster = EmbeddedCluster(folder, settings=QUICK)
    url = cluster.start()
    server = server_of(folder)
    assert cluster.start() == url
    assert server_of(folder) == server
    os.kill(server, signal.SIGKILL)
    until_gone(server)
    assert cluster.start() == url
    assert value_of(url, "SELECT 1") == 1
    cluster.stop()
    assert postmaster(folder / "postgres" / "data") is None


def test_processes_that_lost_their_server_are_ended_before_a_new_start(folder: Path) -> None:
    with EmbeddedCluster(folder, settings=QUICK) as url:
        with psycopg.connect(url, autocommit=True) as busy:
            orphan = busy.info.backend_pid
            os.kill(orphan, signal.SIGSTOP)
            server = server_of(folder)
            os.kill(server, signal.SIGKILL)
            until_gone(server)
            os.kill(orphan, signal.SIGCONT)
            with EmbeddedCluster(folder, settings=QUICK) as again:
                assert value_of(again, "SELECT 1") == 1
                until_gone(orphan)
        title = cluster_title(folder / "postgres" / "data")
        assert value_of(url, "SHOW cluster_name") == title


def test_a_stale_file_that_names_somebody_elses_process_does_not_matter(folder: Path) -> None:
    with EmbeddedCluster(folder, settings=QUICK) as url:
        do(url, "CREATE TABLE kept AS SELECT 42 AS number")
    data = folder / "postgres" / "data"
    owner = data.stat()
    become = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []} if AS_ROOT else {}
    other = subprocess.Popen(["/bin/sleep", "60"], **become)  # type: ignore[call-overload]
    try:
        stale = data / "postmaster.pid"
        stale.write_text(f"{other.pid}\n{data}\n{int(time.time())}\n5432\n/tmp\n\n  1234567     99999\nready   \n")
        os.chown(stale, owner.st_uid, owner.st_gid)
        with EmbeddedCluster(folder, settings=QUICK) as url:
            assert value_of(url, "SELECT number FROM kept") == 42
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_a_half_made_data_folder_is_made_anew(folder: Path) -> None:
    home = folder / "postgres"
    (home / "data" / "base").mkdir(parents=True)
    (home / "data" / "PG_VERSION").write_text("15\n")
    (home / "data.abc.new").mkdir()
    folder.chmod(0o711)
    home.chmod(0o711)
    with EmbeddedCluster(folder, settings=QUICK) as url:
        assert value_of(url, "SELECT 1") == 1
    assert not (home / "data.abc.new").exists()
    assert [path.name for path in home.glob("data.unusable-*/PG_VERSION")] == ["PG_VERSION"]


def test_a_server_that_refuses_to_start_is_quoted_and_its_settings_are_the_users_to_change(folder: Path) -> None:
    with EmbeddedCluster(folder, settings=QUICK):
        pass
    own = folder / "postgres" / "data" / "local.conf"
    own.write_text("work_mem = '7MB'\n")
    own.chmod(0o644)
    with EmbeddedCluster(folder, settings=QUICK) as url:
        assert value_of(url, "SHOW work_mem") == "7MB"
    own.write_text("no_such_setting = 1\n")
    with pytest.raises(SetupError, match="no_such_setting"):
        EmbeddedCluster(folder, settings=QUICK).start()
    assert postmaster(folder / "postgres" / "data") is None


def test_who_stands_at_the_door_too_long_is_told(folder: Path) -> None:
    with EmbeddedCluster(folder, settings=QUICK):
        pass
    with (folder / "postgres" / "door").open() as door:
        fcntl.flock(door, fcntl.LOCK_EX)
        with pytest.raises(SetupError, match="another gridmap process"):
            EmbeddedCluster(folder, patience_seconds=0.2).start()


def test_a_forked_child_that_leaves_does_not_stop_its_parents_server(folder: Path) -> None:
    cluster = EmbeddedCluster(folder, settings=QUICK)
    url = cluster.start()
    child = os.fork()
    if child == 0:
        cluster.stop()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert value_of(url, "SELECT 1") == 1
    cluster.stop()
    assert postmaster(folder / "postgres" / "data") is None


def test_removing_takes_the_data_away_unless_somebody_uses_it(folder: Path) -> None:
    cluster = EmbeddedCluster(folder, settings=QUICK)
    cluster.remove()
    with cluster as url:
        do(url, "CREATE TABLE kept AS SELECT 42 AS number")
        with pytest.raises(ConflictError, match="in use"):
            EmbeddedCluster(folder).remove()
        assert value_of(url, "SELECT number FROM kept") == 42
    cluster.remove()
    assert not (folder / "postgres" / "data").exists()
    with cluster as url:
        assert value_of(url, "SELECT to_regclass('kept')") is None


def test_logs_name_neither_statements_nor_rows(folder: Path) -> None:
    with EmbeddedCluster(folder, settings=QUICK) as url, psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE people (phone text PRIMARY KEY)")
        connection.execute("INSERT INTO people VALUES (%s)", ["13800138000"])
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("INSERT INTO people VALUES (%s)", ["13800138000"])
    log = "".join(path.read_text() for path in (folder / "postgres" / "log").iterdir())
    assert "duplicate key" in log
    assert "13800138000" not in log
    assert "INSERT" not in log
