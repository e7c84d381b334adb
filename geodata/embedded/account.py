"""The system user who runs the embedded server: who it is, folders of its own, programs run in its name."""

import contextlib
import os
import pwd
import stat
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from geodata.errors import SetupError


@dataclass(frozen=True, slots=True)
class Account:
    """A system user.

    Parameters
    ----------
    uid, gid
        Numbers of the user and of its first group.
    name
        Log-in name.
    """

    uid: int
    gid: int
    name: str


def server_account(user: str, data: Path) -> Account:
    """Who runs the server: ourselves; where we are root, the owner of the data or, without data, ``user``.

    Raises
    ------
    SetupError
        There is no such user on this machine.
    """
    own = os.geteuid()
    owner = data.stat().st_uid if own == 0 and data.is_dir() else own
    try:
        entry = pwd.getpwuid(owner) if owner != 0 else pwd.getpwnam(user)
    except KeyError:
        who = user if owner == 0 else f"number {owner}"
        raise SetupError(
            f"there is no system user {who} to run PostgreSQL, which refuses to run as root or without a name: create "
            "it (useradd --system NAME), or set GRIDMAP_DATABASE_URL to a PostGIS",
            f"没有系统用户 {who} 来运行 PostgreSQL（它拒绝以 root 或无名用户运行）："
            "请创建该用户（useradd --system 用户名），或设置 GRIDMAP_DATABASE_URL 指向已有的 PostGIS",
        ) from None
    return Account(entry.pw_uid, entry.pw_gid, entry.pw_name)


def refuse_foreign(path: Path) -> None:
    """Refuse a folder of another user: root too would leave files there that its owner cannot use, or follow its links.

    Raises
    ------
    SetupError
        The folder exists and is not ours.
    """
    if path.is_dir() and path.stat().st_uid != os.geteuid():
        owner = _name(path.stat().st_uid)
        raise SetupError(
            f"{path} belongs to the user {owner}: run gridmap as that user, or in another folder",
            f"{path} 属于用户 {owner}：请以该用户运行，或换一个工作目录",
        )


def run_as(
    account: Account, command: Sequence[str], output: IO[str] | int = subprocess.PIPE
) -> subprocess.CompletedProcess[str]:
    """Run a program as a user, in a session of its own, so that Ctrl-C reaches us and not it.

    Parameters
    ----------
    output
        Where both its outputs go. A program that leaves a server behind needs a file: a pipe would stay open.
    """
    # PGDATA, PGHOST and the like of our caller are not meant for it.
    environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/"}
    switch = {"user": account.uid, "group": account.gid, "extra_groups": []} if os.geteuid() == 0 else {}
    process: subprocess.Popen[str] = subprocess.Popen(  # type: ignore[call-overload]  # noqa: S603
        command,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        cwd="/",
        env=environment,
        start_new_session=True,
        **switch,
    )
    with process:
        try:
            said, _ = process.communicate()
        except BaseException:
            # Killed half-way it would leave a server that nobody knows of; its own time limit ends it.
            process.wait()
            raise
    return subprocess.CompletedProcess(command, process.returncode, said)


def make_folder(path: Path, mode: int) -> None:
    """Make a folder where missing, with a mode that the umask doesn't change."""
    if not path.is_dir():
        path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            path.mkdir()
            path.chmod(mode)


def give_folder(path: Path, account: Account) -> None:
    """Make a folder, or set an existing one right, so that one user alone gets into it; links are not followed."""
    with contextlib.suppress(FileExistsError):
        path.mkdir(mode=0o700)
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        os.fchmod(handle, 0o700)
        if os.geteuid() == 0:
            os.fchown(handle, account.uid, account.gid)
    finally:
        os.close(handle)


def is_private(path: Path, account: Account) -> bool:
    """Whether a path is a folder, not a link, that belongs to a user and lets nobody else in."""
    try:
        found = path.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == account.uid and found.st_mode & 0o077 == 0


def reaches(account: Account, folder: Path) -> bool:
    """Whether a user gets into a folder of ours; the folder itself we open for passing, not for listing."""
    mode = folder.stat().st_mode
    if mode & 0o011 != 0o011:
        folder.chmod(stat.S_IMODE(mode) | 0o011)
    return run_as(account, ["/usr/bin/test", "-x", str(folder)]).returncode == 0


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"number {uid}"
