"""Which processes of the embedded server run, and what a crash left of them."""

import contextlib
import hashlib
import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

PATIENCE_SECONDS = 10.0


def cluster_title(data: Path) -> str:
    """Name of a cluster in the process list: it tells its server processes from everybody else's."""
    return f"gridmap-{hashlib.sha256(os.fsencode(data)).hexdigest()[:12]}"


def listens(path: Path) -> bool:
    """Whether somebody listens on a socket, perhaps a server in another container that shares the folder."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(5)
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True


def postmaster(data: Path) -> int | None:
    """Process id of the server that runs on a data folder.

    Returns
    -------
    int or None
        None when ``postmaster.pid`` is missing or stale, or names a process that is not this server.
    """
    try:
        words = Path(f"/proc/{_noted(data)}/cmdline").read_bytes().split(b"\0")
        ours = data.samefile(os.fsdecode(words[words.index(b"-D") + 1]))
    except (OSError, ValueError, IndexError):
        return None
    return _noted(data) if ours else None


def clear_remains(data: Path, socket_path: Path) -> None:
    """After a crash: end server processes that lost their parent, drop files that name a process which is not theirs.

    Parameters
    ----------
    data
        Data folder of a server that does not run.
    socket_path
        The socket that nobody listens on.

    Notes
    -----
    PostgreSQL looks after the rest. It refuses to start while such a process holds its memory, or while the process id
    in its lock files has gone to another program of the same user, as happens after a power cut, or is that of a dead
    process whom nobody buries, as happens in containers.
    """
    mark = f"postgres: {cluster_title(data)}: ".encode()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while orphans := [pid for pid, line in _processes() if line.startswith(mark)]:
        for pid in orphans:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGQUIT if time.monotonic() < deadline else signal.SIGKILL)
        time.sleep(0.05)
    with contextlib.suppress(OSError, ValueError):
        # Only what could be read is known to be somebody else's.
        Path(f"/proc/{_noted(data)}/cmdline").read_bytes()
        (data / "postmaster.pid").unlink()
    for remains in (socket_path, socket_path.with_name(f"{socket_path.name}.lock")):
        remains.unlink(missing_ok=True)


def _noted(data: Path) -> int:
    return int((data / "postmaster.pid").read_text(encoding="utf-8").split("\n", 1)[0])


def _processes() -> Iterator[tuple[int, bytes]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                yield int(entry.name), (entry / "cmdline").read_bytes()
