"""Programs of ours that begin where their imports end: forked from a process that has made them once.

A server or a command takes up to three seconds of CPU to import what it needs, and a test run starts a hundred of them.
Here each is a small client (`tests/stand_in.py`) of a process that waits, in place of what is forked there.
"""

import array
import atexit
import contextlib
import gc
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
# What servers, workers and commands import before their first line of work.
IMPORTED = ("granian.server", "service.app", "service.cli", "geodata.sample.loading")
PATIENCE_SECONDS = 120.0


def program(entry: str, *words: str) -> list[str]:
    """The command that runs ``module:function`` as a program of its own, its imports made already."""
    return [sys.executable, "-S", "-E", str(ROOT / "tests" / "stand_in.py"), str(_waiting()), entry, *words]


def put_program(folder: Path, name: str, entry: str) -> None:
    """Put such a program into a folder under a name, for shells to find."""
    words = " ".join(f"'{word}'" for word in program(entry))
    path = folder / name
    path.write_text(f'#!/bin/sh\nexec {words} "$@"\n')
    path.chmod(0o755)


@cache
def _waiting() -> Path:
    """Socket of the process that waits; it ends with this one."""
    folder = tempfile.TemporaryDirectory(prefix="gridmap-forked-")
    at = Path(folder.name) / "socket"
    process = subprocess.Popen(
        [sys.executable, "-c", "from tests.forked import wait; wait()", str(at)], cwd=ROOT, stdin=subprocess.PIPE
    )

    def end() -> None:
        process.communicate()
        folder.cleanup()

    atexit.register(end)
    until = time.monotonic() + PATIENCE_SECONDS
    while not at.exists():
        assert process.poll() is None, "what programs are forked from did not start"
        assert time.monotonic() < until
        time.sleep(0.02)
    return at


def wait() -> None:
    """Import everything, then fork whatever is asked for on a socket, until standard input ends."""
    for module in IMPORTED:
        importlib.import_module(module)
    gc.collect()
    gc.freeze()
    at = sys.argv[1]
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(f"{at}.new")
        listening.listen()
        Path(f"{at}.new").rename(at)
        while sys.stdin not in select.select([listening, sys.stdin], [], [])[0]:
            asked, _ = listening.accept()
            with asked:
                if os.fork() == 0:
                    listening.close()
                    _stand_between(asked)
                    return
            with contextlib.suppress(ChildProcessError):
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass


def _stand_between(asked: socket.socket) -> None:
    """Fork what a client asks for, and stay between the two until either ends."""
    request, files = _receive(asked)
    child = os.fork()
    if child == 0:
        asked.close()
        _be(request, files)
        return
    for file in files:
        os.close(file)
    ended = os.pidfd_open(child)
    while ended not in select.select([asked, ended], [], [])[0]:
        passed_on = asked.recv(1)
        # A client that is gone was killed, and what it stands for is killed too.
        os.kill(child, passed_on[0] if passed_on else signal.SIGKILL)
        if not passed_on:
            break
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    with contextlib.suppress(OSError):
        asked.sendall(status.to_bytes(2, "big", signed=True))
    os._exit(0)


def _receive(asked: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """The request of a client, and its three files."""
    files = array.array("i")
    head, ancillary, _, _ = asked.recvmsg(4, socket.CMSG_SPACE(3 * files.itemsize))
    for _, _, data in ancillary:
        files.frombytes(data)
    length, message = int.from_bytes(head, "big"), b""
    while len(message) < length:
        message += asked.recv(length - len(message))
    return json.loads(message), list(files)


def _be(request: dict[str, Any], files: list[int]) -> None:
    """Be the program, until it returns or raises."""
    os.setsid()
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    # Those that were opened before knew whether another file could seek.
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - as long as the program lasts
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)  # noqa: SIM115
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    time.tzset()
    entry, *sys.argv[1:] = request["words"]
    module, _, function = entry.partition(":")
    sys.argv[0] = module
    try:
        sys.exit(getattr(importlib.import_module(module), function)())
    except SystemExit as ended:
        if isinstance(ended.code, int | None):
            _leave(ended.code or 0)
        raise


def _leave(status: int) -> None:
    """End as Python does, but for taking apart what was imported: that copies all of it first."""
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    with contextlib.suppress(OSError):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status & 0xFF)
