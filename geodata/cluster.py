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
import hashlib
import os
import pwd
import re
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import quote

import psycopg

from geodata.binaries import Binaries, find_binaries
from geodata.errors import ConflictError, SetupError

ROLE = "gridmap"
DATABASE = "gridmap"
FAR_HOMES = Path("/var/lib/gridmap")
PATIENCE_SECONDS = 180.0

# The path of a socket is at most 107 bytes; libpq reads a comma as the next host.
_SOCKET_NAME = "/.s.PGSQL.5432"
_LONGEST_SOCKET_FOLDER = 107 - len(_SOCKET_NAME)
_PLAIN_PATH = re.compile(r"[\w./-]+")

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


@dataclass(frozen=True, slots=True)
class _Account:
    """The system user who runs the server."""

    uid: int
    gid: int
    name: str


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
    ) -> None:
        self.folder = Path(folder).absolute()
        self._user = user
        self._settings = dict(settings or {})
        self._far_homes = far_homes
        self._home = self.folder / "postgres"
        self._use: int | None = None

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
        """
        if self._use is not None:
            return self._url(DATABASE)
        with _clear_refusals(self.folder):
            self._home = self._find_home()
            with self._door():
                use = self._lock("users")
                fcntl.flock(use, fcntl.LOCK_SH)
                try:
                    if not self._joined():
                        self._launch()
                except BaseException:
                    os.close(use)
                    raise
                self._use = use
        return self._url(DATABASE)

    def stop(self) -> None:
        """Leave the server; the last one to leave stops it."""
        use, self._use = self._use, None
        if use is None:
            return
        try:
            with contextlib.suppress(FileNotFoundError), self._door():
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
            self._home = self._find_home()
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

    # --- places and owners -------------------------------------------------------------------------------------------

    def _find_home(self) -> Path:
        """Folder of this cluster, made where missing: below the state folder, or where the server's user gets to."""
        root = os.geteuid() == 0
        _make_folder(self.folder, 0o711 if root else 0o700)
        near, pointer = self.folder / "postgres", self.folder / "postgres.at"
        if pointer.is_file() and not near.exists():
            noted = Path(pointer.read_text(encoding="utf-8").strip())
            if noted.parent == self._far_homes and noted.is_dir():
                return noted
        if near.exists() or not root:
            _make_folder(near, 0o711 if root else 0o700)
            return near
        if self._reaches(self.folder):
            _make_folder(near, 0o711)
            return near
        home = self._far_homes / hashlib.sha256(os.fsencode(self.folder.resolve())).hexdigest()[:16]
        _make_folder(self._far_homes, 0o755)
        _make_folder(home, 0o711)
        (home / "made-for").write_text(f"{self.folder}\n", encoding="utf-8")
        pointer.write_text(f"{home}\n", encoding="utf-8")
        return home

    def _reaches(self, folder: Path) -> bool:
        """Whether the server's user gets into a folder; where it is ours alone, we open the way through it first."""
        mode = folder.stat().st_mode
        if folder.stat().st_uid == os.geteuid() and mode & 0o011 != 0o011:
            folder.chmod(stat.S_IMODE(mode) | 0o011)
        return self._run(["/usr/bin/test", "-x", str(folder)], self._account()).returncode == 0

    def _account(self) -> _Account:
        """Who runs the server: ourselves; or, where we are root, who owns the data, or the configured user."""
        own = os.geteuid()
        data = self._home / "data"
        owner = data.stat().st_uid if data.is_dir() else self._home.stat().st_uid if self._home.is_dir() else own
        if own not in (0, owner):
            raise SetupError(
                f"{self._home} belongs to the user {_user_name(owner)}: run gridmap as that user, or in another folder",
                f"{self._home} 属于用户 {_user_name(owner)}：请以该用户运行，或换一个工作目录",
            )
        try:
            entry = pwd.getpwuid(owner) if owner != 0 else pwd.getpwnam(self._user)
        except KeyError:
            who = self._user if owner == 0 else str(owner)
            raise SetupError(
                f"there is no system user {who} to run PostgreSQL: create it (useradd --system {who}), run gridmap as "
                "an ordinary user, or set GRIDMAP_DATABASE_URL to a PostGIS",
                f"没有系统用户 {who} 来运行 PostgreSQL：请创建该用户（useradd --system {who}），"
                "或以普通用户运行，或设置 GRIDMAP_DATABASE_URL 指向已有的 PostGIS",
            ) from None
        return _Account(entry.pw_uid, entry.pw_gid, entry.pw_name)

    def _socket_folder(self) -> Path:
        """Where the socket lies: a folder of the server's user alone, 0700, with a path short enough."""
        account = self._account()
        near, note = self._home / "socket", self._home / "socket.at"
        if len(os.fsencode(near)) <= _LONGEST_SOCKET_FOLDER and _PLAIN_PATH.fullmatch(str(near)):
            _give_folder(near, account)
            return near
        if note.is_file():
            noted = Path(note.read_text(encoding="utf-8").strip())
            if _is_private(noted, account):
                return noted
        # A name nobody can guess: nobody can have taken it before us.
        short = "/tmp" if os.geteuid() == 0 or len(tempfile.gettempdir()) > 60 else tempfile.gettempdir()  # noqa: S108
        made = Path(tempfile.mkdtemp(prefix="gridmap-", dir=short))
        _give_folder(made, account)
        self._write(note, f"{made}\n")
        return made

    def _url(self, database: str) -> str:
        host = quote(str(self._socket_folder()), safe="")
        return f"postgresql://{ROLE}@/{database}?host={host}"

    # --- locks -------------------------------------------------------------------------------------------------------

    def _lock(self, name: str) -> int:
        """Open a lock file of the home, without locking it."""
        handle = os.open(self._home / name, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        self._hand_over(handle)
        return handle

    @contextlib.contextmanager
    def _door(self) -> Iterator[None]:
        """Be the only one who makes, starts or stops the server."""
        handle = self._lock("door")
        try:
            deadline = time.monotonic() + PATIENCE_SECONDS
            while not _lock_alone(handle):
                if time.monotonic() > deadline:
                    raise SetupError(
                        f"another gridmap process has been starting the database under {self.folder} for "
                        f"{PATIENCE_SECONDS:.0f} s: see {self._home / 'start.log'}, or end that process",
                        f"另一个 gridmap 进程启动 {self.folder} 下的数据库已超过 {PATIENCE_SECONDS:.0f} 秒："
                        f"请查看 {self._home / 'start.log'}，或结束该进程",
                    )
                time.sleep(0.05)
            yield
        finally:
            os.close(handle)

    def _hand_over(self, handle: int) -> None:
        """Give a file that root made in somebody's home to its owner, who must be able to open it later."""
        if os.geteuid() == 0:
            home = self._home.stat()
            os.fchown(handle, home.st_uid, home.st_gid)

    def _write(self, path: Path, text: str, owner: _Account | None = None) -> None:
        """Replace a small file at once, so that a power cut leaves the old or the new one; links are not followed."""
        handle, made = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(handle)
            if owner is None:
                self._hand_over(handle)
            elif os.geteuid() == 0:
                os.fchown(handle, owner.uid, owner.gid)
        Path(made).replace(path)

    # --- the server --------------------------------------------------------------------------------------------------

    def _joined(self) -> bool:
        """Whether the server runs and answers, with our database in it; waits while it starts or recovers."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self._postmaster() is not None:
            try:
                self._ensure_database()
            except psycopg.OperationalError as error:
                if time.monotonic() > deadline:
                    raise _not_started(str(error), self._home) from error
                time.sleep(0.05)
            else:
                return True
        return False

    def _launch(self) -> None:
        """Make the data where missing, start the server, wait until it answers."""
        account, data = self._account(), self._home / "data"
        binaries = find_binaries(_major(data))
        self._clear_remains(data)
        if not (data / "global" / "pg_control").is_file():
            self._make(data, binaries, account)
        _give_folder(self._home / "log", account)
        self._write(data / "postgresql.conf", self._configuration(), account)
        self._write(data / "pg_hba.conf", "local all all trust\n", account)
        start_log = self._home / "start.log"
        handle = os.open(start_log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        self._hand_over(handle)
        command = [binaries.path("pg_ctl"), "start", "-D", str(data), "-w", "-s", "-t", f"{PATIENCE_SECONDS:.0f}"]
        with os.fdopen(handle, "w") as output:
            done = self._run(command, account, output=output)
        if done.returncode != 0 or not self._joined():
            raise _not_started(start_log.read_text(encoding="utf-8", errors="replace") + self._log_end(), self._home)

    def _configuration(self) -> str:
        settings = {
            **_SETTINGS,
            "cluster_name": self._title(),
            "unix_socket_directories": str(self._socket_folder()),
            **self._settings,
        }
        lines = ["# Written anew at each start: your own settings go into local.conf in this folder."]
        lines += [f"{name} = '{value.replace(chr(39), chr(39) * 2)}'" for name, value in settings.items()]
        return "\n".join([*lines, "include_if_exists = 'local.conf'", ""])

    def _make(self, data: Path, binaries: Binaries, account: _Account) -> None:
        """Make the data folder beside its place and move it there when it is whole."""
        for remains in self._home.glob("data.*.new"):
            shutil.rmtree(remains, ignore_errors=True)
        if data.exists():
            data.rename(self._home / f"data.unusable-{time.time_ns()}")
        fresh = Path(tempfile.mkdtemp(dir=self._home, prefix="data.", suffix=".new"))
        _give_folder(fresh, account)
        command = [binaries.path("initdb"), "-D", str(fresh), "-U", ROLE, "-E", "UTF8", "--locale=C.UTF-8"]
        command += ["--data-checksums", "--auth=trust", "--no-instructions"]
        if self._settings.get("fsync") == "off":
            command.append("--no-sync")
        done = self._run(command, account)
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
        if self._postmaster() is not None:
            binaries, account = find_binaries(_major(data)), self._account()
            for mode in ("fast", "immediate"):
                command = [binaries.path("pg_ctl"), "stop", "-D", str(data), "-m", mode, "-w", "-s", "-t", "60"]
                if self._run(command, account).returncode == 0:
                    break
        note = self._home / "socket.at"
        if note.is_file():
            with contextlib.suppress(OSError):
                Path(note.read_text(encoding="utf-8").strip()).rmdir()
            note.unlink()

    def _run(
        self, command: list[str], account: _Account, output: IO[str] | int = subprocess.PIPE
    ) -> subprocess.CompletedProcess[str]:
        """Run a program as the server's user, in a session of its own, so that Ctrl-C reaches us and not it."""
        environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/"}
        if os.geteuid() != 0:
            return subprocess.run(  # noqa: S603
                command, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True, check=False,
                errors="replace", env=environment, cwd="/", start_new_session=True,
            )  # fmt: skip
        return subprocess.run(  # noqa: S603
            command, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True, check=False,
            errors="replace", env=environment, cwd="/", start_new_session=True,
            user=account.uid, group=account.gid, extra_groups=[],
        )  # fmt: skip

    # --- what runs, what is left -------------------------------------------------------------------------------------

    def _title(self) -> str:
        """Name of the cluster in the process list: it tells our server processes from everybody else's."""
        return f"gridmap-{hashlib.sha256(os.fsencode((self._home / 'data').resolve())).hexdigest()[:12]}"

    def _postmaster(self) -> int | None:
        """Process id of our running server; None when its file is missing, stale or names a process not ours."""
        try:
            pid = int((self._home / "data" / "postmaster.pid").read_text(encoding="utf-8").split("\n", 1)[0])
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError):
            return None
        return pid if os.fsencode(self._home / "data") in words else None

    def _clear_remains(self, data: Path) -> None:
        """After a crash: end server processes that lost their parent, drop a file that names somebody else's process.

        PostgreSQL looks after the rest. It refuses to start while such a process holds its memory, or while the process
        id in ``postmaster.pid`` has gone to another program of the same user, as happens after a power cut.
        """
        mark = f"postgres: {self._title()}: ".encode()
        deadline = time.monotonic() + 10
        while orphans := [pid for pid, line in _processes() if line.startswith(mark)]:
            for pid in orphans:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGQUIT if time.monotonic() < deadline else signal.SIGKILL)
            time.sleep(0.05)
        (data / "postmaster.pid").unlink(missing_ok=True)

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


def _processes() -> Iterator[tuple[int, bytes]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                yield int(entry.name), (entry / "cmdline").read_bytes()


def _major(data: Path) -> int | None:
    """Major version of PostgreSQL that made a data folder; None where there is none."""
    try:
        return int((data / "PG_VERSION").read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None


def _make_folder(path: Path, mode: int) -> None:
    """Make a folder where missing, with a mode that the umask doesn't change."""
    if not path.is_dir():
        path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            path.mkdir()
            path.chmod(mode)


def _give_folder(path: Path, account: _Account) -> None:
    """Make a folder of the server's user alone. Its parent is ours, so what stands there is ours to set right."""
    with contextlib.suppress(FileExistsError):
        path.mkdir(mode=0o700)
    if not _is_private(path, account):
        path.chmod(0o700, follow_symlinks=False) if os.chmod in os.supports_follow_symlinks else path.chmod(0o700)
        if os.geteuid() == 0:
            os.chown(path, account.uid, account.gid, follow_symlinks=False)


def _is_private(path: Path, account: _Account) -> bool:
    try:
        found = path.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == account.uid and found.st_mode & 0o077 == 0


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


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
