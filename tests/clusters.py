"""Clusters of our own for tests: another process that uses one, and what its server says."""

import os
import select
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from geodata.embedded.processes import postmaster

ROOT = Path(__file__).resolve().parents[1]
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
        assert line, self.process.communicate(timeout=60)[1]
        return line

    def leave(self) -> None:
        _, said = self.process.communicate("\n", timeout=60)
        assert self.process.returncode == 0, said

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate(timeout=60)


def value_of(url: str, query: str) -> object:
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(query).fetchone()  # type: ignore[arg-type]
        return row[0] if row else None


def do(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)  # type: ignore[arg-type]


def server_of(folder: Path) -> int:
    pid = postmaster(folder / "postgres" / "data")
    assert pid is not None
    return pid


def until_gone(pid: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return
        except OSError:
            return
        time.sleep(0.05)
    pytest.fail(f"process {pid} is still there")
