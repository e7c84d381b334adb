"""A PostGIS cluster of our own under the state folder, shared by every process that uses it at the same time.

::

    <state folder>/postgres/     the home; where the server's user cannot get there, the one that postgres.at names
        door                     locked by whoever makes, starts or stops the server
        users                    a shared lock of each process that uses the server: the last one out stops it
        data/ log/ socket/       of the server's user; socket/ elsewhere, noted in socket.at, where its path is too long

Locks are the kernel's (``flock``): those of a killed process are gone with it, so nothing has to be cleaned up by hand.
"""

import contextlib
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

import psycopg

from geodata.embedded.account import Account, give_folder, run_as, server_account
from geodata.embedded.binaries import Binaries, find_binaries
from geodata.embedded.home import (
    FAR_HOMES,
    SOCKET,
    find_home,
    forget_socket_folder,
    replace_file,
    socket_folder,
)
from geodata.embedded.processes import clear_remains, cluster_title, listens, postmaster
from geodata.errors import ConflictError, SetupError

ROLE = "gridmap"
DATABASE = "gridmap"
PATIENCE_SECONDS = 180.0

_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "60",
    "shared_buffers": "256MB",
    "maintenance_work_mem": "256MB",
    "work_mem": "16MB",
    "effective_cache_size": "1GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "lc_messages": "C",
    "lc_monetary": "C.UTF-8",
    "lc_numeric": "C.UTF-8",
    "lc_time": "C.UTF-8",
    # One file per weekday, begun anew a week later; no statement and no row of data ever gets into it.
    "logging_collector": "on",
    "log_directory": "../log",
    "log_filename": "postgres-%a.log",
    "log_truncate_on_rotation": "on",
    "log_rotation_age": "1d",
    "log_timezone": "UTC",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}


class EmbeddedCluster:
    """A PostgreSQL server with PostGIS that lives under a state folder and listens on a private socket only.

    Parameters
    ----------
    folder
        The state folder (``.gridmap`` in the working directory); made where missing.
    user
        System user who runs the server where we are root, for PostgreSQL refuses to run as root. A cluster that exists
        keeps its owner. Ordinary users run it themselves.
    settings
        PostgreSQL settings over our own, for example ``{"fsync": "off"}`` for tests. They take effect when the server
        starts, not when it is joined.
    far_homes
        Where the data goes when ``user`` cannot reach ``folder``, as below a home folder closed to others.
    patience_seconds
        How long to wait for another process at the door, and for a server that starts or recovers.

    Notes
    -----
    ``with EmbeddedCluster(folder) as url:`` starts or joins the server and leaves it at the end. Several instances, in
    one process or in many, may use one folder at the same time. A process that dies without leaving keeps nobody out:
    the next one joins the server that still runs, or starts it again.
    """

    def __init__(
        self,
        folder: Path | str,
        *,
        user: str = "postgres",
        settings: Mapping[str, str] | None = None,
        far_homes: Path = FAR_HOMES,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        self.folder = Path(folder).resolve()
        self._user = user
        self._settings = dict(settings or {})
        self._far_homes = far_homes
        self._patience_seconds = patience_seconds
        self._home = self.folder / "postgres"
        self._use: int | None = None
        self._process = 0

    def __enter__(self) -> str:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> str:
        """URL of the server, made, started or joined as needed, with an empty or used database ``gridmap`` in it.

        Returns
        -------
        str
            A libpq URL with the socket folder as its host.

        Raises
        ------
        SetupError
            PostgreSQL or PostGIS is missing, the folder belongs to somebody else, the disk is full, or the server does
            not start; the text says what to do and ends with the server's own words.

        Notes
        -----
        Who has started it may start it again at any time: a server that died meanwhile is revived at the same URL.
        """
        with _clear_refusals(self.folder):
            self._home = find_home(self.folder, self._far_homes, self._user)
            with self._door():
                use = self._lock("users") if self._use is None else self._use
                fcntl.flock(use, fcntl.LOCK_SH)
                try:
                    if not self._joined():
                        self._launch()
                except BaseException as error:
                    if self._use is None:
                        # A server that is only slow goes on: the next attempt finds it further.
                        if not isinstance(error, SetupError) and _lock_alone(use):
                            self._halt()
                        os.close(use)
                    raise
                self._use, self._process = use, os.getpid()
        return self._url(DATABASE)

    def stop(self) -> None:
        """Leave the server; the last one to leave stops it. A forked child only forgets it: its parent is still in."""
        use, self._use = self._use, None
        if use is None:
            return
        try:
            # Where somebody deleted the folder, the server ends by itself.
            with contextlib.suppress(FileNotFoundError):
                if self._process == os.getpid():
                    with self._door():
                        if _lock_alone(use):
                            self._halt()
        finally:
            os.close(use)

    def remove(self) -> None:
        """Delete the cluster and all data in it.

        Raises
        ------
        ConflictError
            A process, this one included, uses the cluster.
        """
        if not self.folder.is_dir():
            return
        with _clear_refusals(self.folder):
            self._home = find_home(self.folder, self._far_homes, self._user)
            with self._door():
                use = self._lock("users")
                try:
                    if not _lock_alone(use):
                        raise ConflictError(
                            f"the database under {self.folder} is in use: stop the other gridmap processes first",
                            f"{self.folder} 下的数据库正在使用中：请先停止其他 gridmap 进程",
                        )
                    self._halt()
                    for name in ("data", "log", "socket"):
                        shutil.rmtree(self._home / name, ignore_errors=True)
                finally:
                    os.close(use)

    def _account(self) -> Account:
        return server_account(self._user, self._home / "data")

    def _socket_folder(self) -> Path:
        return socket_folder(self._home, self._account())

    def _url(self, database: str) -> str:
        return f"postgresql://{ROLE}@/{database}?host={quote(str(self._socket_folder()), safe='')}"

    # --- locks -------------------------------------------------------------------------------------------------------

    def _lock(self, name: str) -> int:
        """Open a lock file of the home, without locking it."""
        return os.open(self._home / name, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)

    @contextlib.contextmanager
    def _door(self) -> Iterator[None]:
        """Be the only one who makes, starts or stops the server."""
        handle = self._lock("door")
        try:
            deadline = time.monotonic() + self._patience_seconds
            while not _lock_alone(handle):
                if time.monotonic() > deadline:
                    log = self._home / "start.log"
                    raise SetupError(
                        f"another gridmap process has been starting or stopping the database under {self.folder} for "
                        f"{self._patience_seconds:.0f} s: see {log}, or end that process",
                        f"另一个 gridmap 进程启动或停止 {self.folder} 下的数据库已超过 "
                        f"{self._patience_seconds:.0f} 秒：请查看 {log}，或结束该进程",
                    )
                time.sleep(0.05)
            yield
        finally:
            os.close(handle)

    # --- the server --------------------------------------------------------------------------------------------------

    def _joined(self) -> bool:
        """Whether the server runs and answers, with our database in it; waits while it starts or recovers."""
        deadline = time.monotonic() + self._patience_seconds
        while listens(self._socket_folder() / SOCKET) or postmaster(self._home / "data") is not None:
            try:
                self._ensure_database()
            except psycopg.OperationalError as error:
                if "too many clients" in str(error):
                    return True
                if time.monotonic() > deadline:
                    raise _not_started(f"{error}\n{self._log_end()}", self._home) from error
                time.sleep(0.05)
            else:
                return True
        return False

    def _launch(self) -> None:
        """Make the data where missing, start the server, wait until it answers."""
        account, data = self._account(), self._home / "data"
        binaries = find_binaries(_major(data))
        clear_remains(data, self._socket_folder() / SOCKET)
        if not (data / "global" / "pg_control").is_file():
            self._make(data, binaries, account)
        give_folder(self._home / "log", account)
        replace_file(data / "postgresql.conf", self._configuration(), account)
        replace_file(data / "pg_hba.conf", "local all all trust\n", account)
        start_log = self._home / "start.log"
        handle = os.open(start_log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        command = [binaries.path("pg_ctl"), "start", "-D", str(data), "-w", "-s", "-t", f"{self._patience_seconds:.0f}"]
        with os.fdopen(handle, "w") as output:
            done = run_as(account, command, output)
        if done.returncode != 0 or not self._joined():
            said = start_log.read_text(encoding="utf-8", errors="replace")
            raise _not_started(self._log_end() if "redirecting log output" in said else said, self._home)

    def _configuration(self) -> str:
        settings = {
            **_SETTINGS,
            "cluster_name": cluster_title(self._home / "data"),
            "unix_socket_directories": str(self._socket_folder()),
            **self._settings,
        }
        lines = ["# Written anew at each start: your own settings go into local.conf in this folder."]
        lines += [f"{name} = '{value.replace(chr(39), chr(39) * 2)}'" for name, value in settings.items()]
        return "\n".join([*lines, "include_if_exists = 'local.conf'", ""])

    def _make(self, data: Path, binaries: Binaries, account: Account) -> None:
        """Make the data folder beside its place and move it there when it is whole."""
        for remains in self._home.glob("data.*.new"):
            shutil.rmtree(remains, ignore_errors=True)
        if data.exists():
            data.rename(self._home / f"data.unusable-{time.time_ns()}")
        fresh = Path(tempfile.mkdtemp(dir=self._home, prefix="data.", suffix=".new"))
        give_folder(fresh, account)
        command = [binaries.path("initdb"), "-D", str(fresh), "-U", ROLE, "-E", "UTF8", "--locale=C.UTF-8"]
        command += ["--data-checksums", "--auth=trust", "--no-instructions"]
        if self._settings.get("fsync") == "off":
            command.append("--no-sync")
        done = run_as(account, command)
        if done.returncode != 0:
            shutil.rmtree(fresh, ignore_errors=True)
            raise _not_started(done.stdout, self._home)
        fresh.rename(data)

    def _ensure_database(self) -> None:
        with psycopg.connect(self._url("postgres"), connect_timeout=5, autocommit=True) as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
            if known is None:
                connection.execute(f"CREATE DATABASE {DATABASE}")

    def _halt(self) -> None:
        """Stop the server, if it runs, and tidy its socket folder away where that is a temporary one."""
        data = self._home / "data"
        if postmaster(data) is not None:
            binaries, account = find_binaries(_major(data)), self._account()
            for mode in ("fast", "immediate"):
                command = [binaries.path("pg_ctl"), "stop", "-D", str(data), "-m", mode, "-w", "-s", "-t", "60"]
                if run_as(account, command).returncode == 0:
                    break
        forget_socket_folder(self._home)

    def _log_end(self) -> str:
        """Last lines of the newest server log."""
        logs = sorted((self._home / "log").glob("*.log"), key=lambda path: path.stat().st_mtime)
        return "\n".join(logs[-1].read_text(encoding="utf-8", errors="replace").splitlines()[-8:]) if logs else ""


def _lock_alone(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _major(data: Path) -> int | None:
    """Major version of PostgreSQL that made a data folder; None where there is none."""
    try:
        return int((data / "PG_VERSION").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


@contextlib.contextmanager
def _clear_refusals(folder: Path) -> Iterator[None]:
    """Say in our words what the system refused: rights, space, a path that is a file."""
    try:
        yield
    except OSError as error:
        raise SetupError(
            f"the state folder {folder} cannot be used: {error}. Give gridmap a folder that it may write to, free disk "
            "space, or set GRIDMAP_DATABASE_URL to a PostGIS",
            f"状态目录 {folder} 不可用：{error}。请换一个可写的目录、释放磁盘空间，"
            "或设置 GRIDMAP_DATABASE_URL 指向已有的 PostGIS",
        ) from error


def _not_started(words: str, home: Path) -> SetupError:
    """What to do when PostgreSQL could not be made or started, with its own last words."""
    last = "\n".join(words.strip().splitlines()[-8:])
    full = "No space left on device" in words
    todo = "free some disk space and try again" if full else f"see {home / 'log'} and {home / 'start.log'}"
    todo_zh = "请释放磁盘空间后重试" if full else f"请查看 {home / 'log'} 与 {home / 'start.log'}"
    return SetupError(
        f"the embedded database under {home} did not start: {todo}, or set GRIDMAP_DATABASE_URL to a PostGIS\n{last}",
        f"{home} 下的内置数据库未能启动：{todo_zh}，或设置 GRIDMAP_DATABASE_URL 指向已有的 PostGIS\n{last}",
        home=str(home),
    )
