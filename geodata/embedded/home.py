"""Where a cluster's files lie: below the state folder, or elsewhere where its user or its socket cannot be there.

What lies elsewhere is noted beside its place: ``postgres.at`` names the home, ``socket.at`` the socket folder.
"""

import contextlib
import hashlib
import os
import re
import tempfile
from pathlib import Path

from geodata.embedded.account import (
    Account,
    give_folder,
    is_private,
    make_folder,
    reaches,
    refuse_foreign,
    server_account,
)

FAR_HOMES = Path("/var/lib/gridmap")
SOCKET = ".s.PGSQL.5432"

# The path of a socket is at most 107 bytes; libpq reads a comma in a host as the start of the next one.
_LONGEST_SOCKET_FOLDER = 107 - len(f"/{SOCKET}")
_PLAIN_PATH = re.compile(r"[\w./-]+")


def find_home(folder: Path, far_homes: Path, user: str) -> Path:
    """Folder of a cluster, made where missing: below the state folder, or where the server's user gets to.

    Parameters
    ----------
    folder
        The state folder, made where missing.
    far_homes
        Where the home goes when ``user`` cannot reach ``folder``.
    user
        System user who runs the server where we are root.

    Raises
    ------
    SetupError
        A folder belongs to somebody else.
    """
    root = os.geteuid() == 0
    make_folder(folder, 0o711 if root else 0o700)
    near, pointer = folder / "postgres", folder / "postgres.at"
    if root:
        refuse_foreign(folder)
    if pointer.is_file() and not near.exists():
        noted = Path(pointer.read_text(encoding="utf-8").strip())
        if noted.parent == far_homes and noted.is_dir():
            refuse_foreign(noted)
            return noted
    if near.exists() or not root or reaches(server_account(user, near / "data"), folder):
        make_folder(near, 0o711 if root else 0o700)
        refuse_foreign(near)
        return near
    home = far_homes / hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    make_folder(far_homes, 0o755)
    make_folder(home, 0o711)
    replace_file(home / "made-for", f"{folder}\n")
    replace_file(pointer, f"{home}\n")
    return home


def socket_folder(home: Path, account: Account) -> Path:
    """Where the socket of a home lies: a folder of the server's user alone, 0700, with a path short enough."""
    near, note = home / "socket", home / "socket.at"
    if len(os.fsencode(near)) <= _LONGEST_SOCKET_FOLDER and _PLAIN_PATH.fullmatch(str(near)):
        if not is_private(near, account):
            give_folder(near, account)
        return near
    if note.is_file():
        noted = Path(note.read_text(encoding="utf-8").strip())
        if is_private(noted, account):
            return noted
    # A name nobody can guess: nobody can have taken it before us.
    short = "/tmp" if os.geteuid() == 0 or len(tempfile.gettempdir()) > 60 else tempfile.gettempdir()  # noqa: S108
    made = Path(tempfile.mkdtemp(prefix="gridmap-", dir=short))
    give_folder(made, account)
    replace_file(note, f"{made}\n")
    return made


def forget_socket_folder(home: Path) -> None:
    """Tidy the socket folder of a home away where it is a temporary one."""
    note = home / "socket.at"
    if note.is_file():
        with contextlib.suppress(OSError):
            Path(note.read_text(encoding="utf-8").strip()).rmdir()
        note.unlink()


def replace_file(path: Path, text: str, owner: Account | None = None) -> None:
    """Replace a small file at once, so that a power cut leaves the old or the new one; links are not followed."""
    handle, made = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(handle)
        if owner is not None and os.geteuid() == 0:
            os.fchown(handle, owner.uid, owner.gid)
    Path(made).replace(path)
