"""The embedded cluster: made, joined, left, killed, as root and as an ordinary user, in awkward places."""

import fcntl
import os
import pwd
import select
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import unquote

import psycopg
import pytest

from geodata.embedded.account import Account, is_private
from geodata.embedded.binaries import PACKAGES, find_binaries
from geodata.embedded.cluster import EmbeddedCluster
from geodata.embedded.processes import cluster_title, postmaster
from geodata.errors import ConflictError, SetupError

pytestmark = pytest.mark.cluster
ROOT = Path(__file__).resolve().parents[3]
# The server may be killed in these tests, the machine not.
QUICK = {"fsync": "off", "shared_buffers": "16MB", "max_connections": "20"}
AS_ROOT = os.geteuid() == 0
needs_root = pytest.mark.skipif(not AS_ROOT, reason="only root can act as several users")

# Uses a cluster until told to leave, as a user of its own where one is named.
USER_OF_CLUSTER = """
import os, pwd, sys
from geodata.embedded.cluster import EmbeddedCluster
folder, user, settings = sys.argv[1], sys.argv[2], dict(pair.split("=") for pair in sys.argv[3:])
if user.isdigit():
    os.setgroups([])
    os.setuid(int(user))
elif user:
    entry = pwd.getpwnam(user)
    os.setgroups([])
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)
with EmbeddedCluster(folder, settings=settings) as url:
    print(url, flush=True)
    sys.stdin.readline()
"""


class Client:
    """Another process that uses a cluster."""

    def __init__(self, folder: Path, user: str = "") -> None:
        settings = [f"{name}={value}" for name, value in QUICK.items()]
        self.process = subprocess.Popen(
            [sys.executable, "-c", USER_OF_CLUSTER, str(folder), user, *settings],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def url(self) -> str:
        assert self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], 60)
        line = self.process.stdout.readline().strip() if ready else ""
        assert line, self.process.communicate(timeout=10)[1]
        return line

    def leave(self) -> None:
        _, said = self.process.communicate("\n", timeout=60)
        assert self.process.returncode == 0, said

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate(timeout=10)


@pytest.fixture
def folder(make_short_folder: Callable[[], Path]) -> Iterator[Path]:
    """A state folder that does not exist yet; no server may be left in it at the end."""
    state = make_short_folder() / ".gridmap"
    yield state
    pid = postmaster(state / "postgres" / "data")
    if pid is not None:
        os.kill(pid, signal.SIGQUIT)
        _until_gone(pid)
    shutil.rmtree(state.parent)
    assert pid is None, "the test left its server running"


def _value(url: str, query: str) -> object:
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(query).fetchone()  # type: ignore[arg-type]
        return row[0] if row else None


def _do(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)  # type: ignore[arg-type]


def _server(folder: Path) -> int:
    pid = postmaster(folder / "postgres" / "data")
    assert pid is not None
    return pid


def _until_gone(pid: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return
        except OSError:
            return
        time.sleep(0.05)
    pytest.fail(f"process {pid} is still there")


def test_a_new_cluster_speaks_utf8_checks_its_pages_and_opens_no_port(folder: Path) -> None:
    with EmbeddedCluster(folder, settings=QUICK) as url:
        assert _value(url, "SHOW server_encoding") == "UTF8"
        assert _value(url, "SELECT datctype FROM pg_database WHERE datname = current_database()") == "C.UTF-8"
        assert _value(url, "SHOW data_checksums") == "on"
        assert _value(url, "SHOW listen_addresses") == ""
        assert _value(url, "SELECT count(*) FROM pg_available_extensions WHERE name = 'postgis'") == 1
        assert _value(url, "SELECT current_user") == "gridmap"


def test_nobody_but_the_server_and_root_gets_to_the_socket(folder: Path) -> None:
    with EmbeddedCluster(folder, settings=QUICK):
        data = (folder / "postgres" / "data").stat()
        socket_folder = (folder / "postgres" / "socket").stat()
        assert stat.S_IMODE(socket_folder.st_mode) == 0o700
        assert stat.S_IMODE(data.st_mode) == 0o700
        assert socket_folder.st_uid == data.st_uid != 0


@pytest.mark.parametrize("user", ["", pytest.param("nobody", marks=needs_root)], ids=["ourselves", "ordinary user"])
def test_data_outlives_the_server(folder: Path, user: str) -> None:
    if user:
        os.chown(folder.parent, pwd.getpwnam(user).pw_uid, -1)
    first = Client(folder, user)
    _do(first.url(), "CREATE TABLE kept AS SELECT 42 AS number")
    pid = _server(folder)
    first.leave()
    _until_gone(pid)
    second = Client(folder, user)
    assert _value(second.url(), "SELECT number FROM kept") == 42
    assert (folder / "postgres" / "data").stat().st_uid == (
        pwd.getpwnam(user or "postgres").pw_uid if AS_ROOT else os.geteuid()
    )
    second.leave()


def test_of_two_commands_at_once_one_makes_it_and_both_use_it(folder: Path) -> None:
    clients = [Client(folder), Client(folder)]
    urls = {client.url() for client in clients}
    assert len(urls) == 1
    pids = {_value(urls.copy().pop(), "SELECT pg_backend_pid()") for _ in clients}
    assert len(pids) == 2
    server = _server(folder)
    for client in clients:
        assert postmaster(folder / "postgres" / "data") == server
        client.leave()
    _until_gone(server)


def test_the_last_user_stops_the_server(folder: Path) -> None:
    first, second = EmbeddedCluster(folder, settings=QUICK), EmbeddedCluster(folder)
    url = first.start()
    assert second.start() == url
    server = _server(folder)
    first.stop()
    assert _value(url, "SELECT 1") == 1
    second.stop()
    _until_gone(server)
    second.stop()


def test_a_killed_user_leaves_a_server_that_the_next_one_joins(folder: Path) -> None:
    killed = Client(folder)
    url = killed.url()
    server = _server(folder)
    killed.kill()
    with EmbeddedCluster(folder) as joined:
        assert joined == url
        assert _server(folder) == server
    _until_gone(server)


def test_a_killed_server_recovers_what_was_committed_also_for_those_who_stay(folder: Path) -> None:
    staying = EmbeddedCluster(folder, settings=QUICK)
    url = staying.start()
    _do(url, "CREATE TABLE kept AS SELECT 42 AS number")
    with psycopg.connect(url, autocommit=True) as busy:
        busy.execute("SELECT 1")
        server = _server(folder)
        os.kill(server, signal.SIGKILL)
        _until_gone(server)
        with EmbeddedCluster(folder, settings=QUICK) as again:
            assert again == url
            assert _server(folder) != server
            assert _value(again, "SELECT number FROM kept") == 42
        assert _value(url, "SELECT number FROM kept") == 42
    staying.stop()


def test_who_uses_a_server_that_died_can_revive_it(folder: Path) -> None:
    cluster = EmbeddedCluster(folder, settings=QUICK)
    url = cluster.start()
    server = _server(folder)
    assert cluster.start() == url
    assert _server(folder) == server
    os.kill(server, signal.SIGKILL)
    _until_gone(server)
    assert cluster.start() == url
    assert _value(url, "SELECT 1") == 1
    cluster.stop()
    assert postmaster(folder / "postgres" / "data") is None


def test_processes_that_lost_their_server_are_ended_before_a_new_start(folder: Path) -> None:
    with EmbeddedCluster(folder, settings=QUICK) as url:
        with psycopg.connect(url, autocommit=True) as busy:
            orphan = busy.info.backend_pid
            os.kill(orphan, signal.SIGSTOP)
            server = _server(folder)
            os.kill(server, signal.SIGKILL)
            _until_gone(server)
            os.kill(orphan, signal.SIGCONT)
            with EmbeddedCluster(folder, settings=QUICK) as again:
                assert _value(again, "SELECT 1") == 1
                _until_gone(orphan)
        title = cluster_title(folder / "postgres" / "data")
        assert _value(url, "SHOW cluster_name") == title


def test_a_stale_file_that_names_somebody_elses_process_does_not_matter(folder: Path) -> None:
    with EmbeddedCluster(folder, settings=QUICK) as url:
        _do(url, "CREATE TABLE kept AS SELECT 42 AS number")
    data = folder / "postgres" / "data"
    owner = data.stat()
    become = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []} if AS_ROOT else {}
    other = subprocess.Popen(["/bin/sleep", "60"], **become)  # type: ignore[call-overload]
    try:
        stale = data / "postmaster.pid"
        stale.write_text(f"{other.pid}\n{data}\n{int(time.time())}\n5432\n/tmp\n\n  1234567     99999\nready   \n")
        os.chown(stale, owner.st_uid, owner.st_gid)
        with EmbeddedCluster(folder, settings=QUICK) as url:
            assert _value(url, "SELECT number FROM kept") == 42
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
        assert _value(url, "SELECT 1") == 1
    assert not (home / "data.abc.new").exists()
    assert [path.name for path in home.glob("data.unusable-*/PG_VERSION")] == ["PG_VERSION"]


@pytest.mark.parametrize(
    "name", ["long-" * 40, "a,b", "it's 网格 %41", "网格" * 30], ids=["long", "comma", "odd", "wide"]
)
def test_any_working_directory_will_do(folder: Path, name: str) -> None:
    state = folder.parent / name / ".gridmap"
    with EmbeddedCluster(state, settings=QUICK) as url:
        assert _value(url, "SELECT 1") == 1
        place = Path(unquote(url.partition("host=")[2]))
        owner = (state / "postgres" / "data").stat()
        assert is_private(place, Account(owner.st_uid, owner.st_gid, ""))
        assert len(os.fsencode(place)) < 90
        with EmbeddedCluster(state) as joined:
            assert joined == url
    assert not place.exists() or place.is_relative_to(state)


def test_a_socket_folder_that_others_can_enter_is_not_used(folder: Path) -> None:
    state = folder.parent / ("long-" * 40)
    with EmbeddedCluster(state, settings=QUICK):
        pass
    open_to_all = folder.parent / "open"
    open_to_all.mkdir()
    open_to_all.chmod(0o777)
    (state / "postgres" / "socket.at").write_text(f"{open_to_all}\n")
    with EmbeddedCluster(state, settings=QUICK) as url:
        assert str(open_to_all) not in unquote(url)
        assert list(open_to_all.iterdir()) == []


def test_a_link_in_place_of_the_socket_folder_is_refused(folder: Path) -> None:
    with EmbeddedCluster(folder, settings=QUICK):
        pass
    elsewhere = folder.parent / "elsewhere"
    elsewhere.mkdir()
    elsewhere.chmod(0o755)
    (folder / "postgres" / "socket").rmdir()
    (folder / "postgres" / "socket").symlink_to(elsewhere)
    with pytest.raises(SetupError, match="cannot be used"):
        EmbeddedCluster(folder, settings=QUICK).start()
    assert stat.S_IMODE(elsewhere.stat().st_mode) == 0o755


@needs_root
def test_data_goes_where_the_servers_user_can_reach_it(folder: Path) -> None:
    closed = folder.parent / "home"
    closed.mkdir()
    closed.chmod(0o700)
    far = folder.parent / "far"
    for expected in (None, 42):
        with EmbeddedCluster(closed / ".gridmap", settings=QUICK, far_homes=far) as url:
            if expected is None:
                _do(url, "CREATE TABLE kept AS SELECT 42 AS number")
            assert _value(url, "SELECT number FROM kept") == 42
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    assert Path((closed / ".gridmap" / "postgres.at").read_text().strip()).parent == far
    moved = folder.parent / "moved"
    (closed / ".gridmap").rename(moved)
    with EmbeddedCluster(moved, settings=QUICK, far_homes=far) as url:
        assert _value(url, "SELECT number FROM kept") == 42


@needs_root
def test_a_folder_of_somebody_else_is_refused_by_name(folder: Path) -> None:
    folder.mkdir()
    os.chown(folder, pwd.getpwnam("nobody").pw_uid, -1)
    with pytest.raises(SetupError, match="belongs to the user nobody"):
        EmbeddedCluster(folder).start()


@needs_root
def test_an_ordinary_user_is_told_that_root_made_it(folder: Path) -> None:
    with EmbeddedCluster(folder, settings=QUICK):
        pass
    client = Client(folder, "nobody")
    _, said = client.process.communicate(timeout=60)
    assert client.process.returncode == 1
    assert "belongs to the user root" in said


@needs_root
def test_a_missing_system_user_is_named(folder: Path) -> None:
    with pytest.raises(SetupError, match="no system user nobody-of-this-name"):
        EmbeddedCluster(folder, user="nobody-of-this-name").start()


@needs_root
def test_a_user_without_a_name_is_told_so(folder: Path) -> None:
    os.chown(folder.parent, 54321, -1)
    client = Client(folder, "54321")
    _, said = client.process.communicate(timeout=60)
    assert client.process.returncode == 1
    assert "no system user number 54321" in said


@needs_root
def test_a_full_disk_is_called_that(folder: Path) -> None:
    small = folder.parent / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=12m,mode=755", "none", str(small)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("this machine lets nobody mount a small disk")
    try:
        with pytest.raises(SetupError, match="free some disk space"):
            EmbeddedCluster(small / ".gridmap", settings=QUICK).start()
        assert list((small / ".gridmap" / "postgres").glob("data*")) == []
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_a_file_in_place_of_the_folder_is_a_clear_refusal(folder: Path) -> None:
    folder.write_text("not a folder")
    with pytest.raises(SetupError, match="GRIDMAP_DATABASE_URL"):
        EmbeddedCluster(folder).start()


def test_a_server_that_refuses_to_start_is_quoted_and_its_settings_are_the_users_to_change(folder: Path) -> None:
    with EmbeddedCluster(folder, settings=QUICK):
        pass
    own = folder / "postgres" / "data" / "local.conf"
    own.write_text("work_mem = '7MB'\n")
    own.chmod(0o644)
    with EmbeddedCluster(folder, settings=QUICK) as url:
        assert _value(url, "SHOW work_mem") == "7MB"
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
    assert _value(url, "SELECT 1") == 1
    cluster.stop()
    assert postmaster(folder / "postgres" / "data") is None


def test_removing_takes_the_data_away_unless_somebody_uses_it(folder: Path) -> None:
    cluster = EmbeddedCluster(folder, settings=QUICK)
    cluster.remove()
    with cluster as url:
        _do(url, "CREATE TABLE kept AS SELECT 42 AS number")
        with pytest.raises(ConflictError, match="in use"):
            EmbeddedCluster(folder).remove()
        assert _value(url, "SELECT number FROM kept") == 42
    cluster.remove()
    assert not (folder / "postgres" / "data").exists()
    with cluster as url:
        assert _value(url, "SELECT to_regclass('kept')") is None


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


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[str]]:
    """Pretend that only these PostgreSQL versions are installed, with or without PostGIS."""

    def install(**versions: bool) -> tuple[str]:
        for name, postgis in versions.items():
            prefix = tmp_path / f"pgsql-{name.removeprefix('v')}"
            (prefix / "bin").mkdir(parents=True)
            for program in ("initdb", "pg_ctl", "postgres"):
                (prefix / "bin" / program).touch()
            if postgis:
                (prefix / "share" / "extension").mkdir(parents=True)
                (prefix / "share" / "extension" / "postgis.control").touch()
        monkeypatch.setenv("PATH", str(tmp_path))
        return (f"{tmp_path}/pgsql-*/bin",)

    return install


def test_the_newest_postgresql_that_has_postgis_is_taken(places: Callable[..., tuple[str]]) -> None:
    found = places(v98=True, v97=True, v99=False)
    assert find_binaries(places=found).major == 98
    assert find_binaries(97, places=found).major == 97


@pytest.mark.parametrize(
    ("installed", "major", "words"),
    [
        ({}, None, "PostgreSQL with PostGIS is not"),
        ({"v99": False}, None, "PostGIS is not"),
        ({"v99": True}, 97, "postgresql-97"),
    ],
)
def test_what_is_missing_is_named_with_the_command_that_installs_it(
    places: Callable[..., tuple[str]], installed: dict[str, bool], major: int | None, words: str
) -> None:
    with pytest.raises(SetupError, match=words) as refused:
        find_binaries(major, places=places(**installed))
    for text in (refused.value.detail, refused.value.detail_zh):
        assert "apt-get install postgresql-" in text
        assert "GRIDMAP_DATABASE_URL" in text


def test_the_packages_that_are_named_are_those_that_set_up_installs() -> None:
    listed = (ROOT / "docker" / "apt.txt").read_text(encoding="utf-8").split()
    assert set(PACKAGES) <= set(listed)
