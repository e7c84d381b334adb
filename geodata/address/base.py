"""The compiled base of the register: made from PostGIS in a folder of its own, named once it is whole.

``python -m geodata.address.base HOME`` makes it in a process of its own, so that servers go on answering. The URL of
the database comes by standard input.
"""

import fcntl
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import orjson
from psycopg import Connection, IsolationLevel

from geodata import database
from geodata.address.compile import compile_chunks
from geodata.address.entries import Entry
from geodata.address.index import AddressIndex
from geodata.address.reading import folded
from geodata.address.sources import (
    ADDRESSES,
    CHUNK,
    SMALL,
    Marks,
    count_addresses,
    read_addresses,
    read_areas,
    read_entries,
    read_marks,
    read_names,
)  # fmt: skip
from geodata.address.values import Progress, unheard
from geodata.garbage_collection import without_collecting

LARGE: Final = 10_000
"""A register of so many addresses is made in a process of its own."""
_SHARED: Final = 100_000
"""So many addresses are read by several processes."""
_READERS: Final = 2

DAMAGED: Final = (OSError, EOFError, KeyError, TypeError, ValueError)
_KEPT: Final = 2
_NICER: Final = 5


@dataclass(frozen=True, slots=True)
class Base:
    """A compiled base.

    Parameters
    ----------
    name
        Of its folder.
    program
        Which program wrote it: another one may write other arrays.
    database_id, parts
        As in `Marks`, when it was read.
    areas, area_versions
        Version of the areas that its entries lie in, and of each of them.
    at
        When it was read, microseconds since 1970-01-01 UTC.
    spans
        First entry of each source, and the one behind its last.
    """

    name: str
    program: str
    database_id: str
    parts: Mapping[str, tuple[int, str]]
    areas: str
    area_versions: Sequence[int]
    at: int
    spans: Mapping[str, tuple[int, int]]


@cache
def program() -> str:
    """A digest of the code that compiles: arrays of another one are made anew."""
    digest = sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def newest_base(home: Path) -> Base | None:
    """The base that was made last by this program; None where there is none."""
    try:
        name = (home / "current").read_text(encoding="utf-8").strip()
        facts = orjson.loads((home / name / "base.json").read_bytes())
        base = Base(**facts)
    except DAMAGED:
        return None
    return base if base.program == program() and base.name == name else None


def open_base(home: Path, base: Base) -> AddressIndex | None:
    """The arrays of a base, mapped; None, and the base is forgotten, where they are damaged."""
    try:
        return AddressIndex(home / base.name)
    except DAMAGED:
        shutil.rmtree(home / base.name, ignore_errors=True)
        return None


def compiling(home: Path) -> tuple[int, int] | None:
    """How many addresses were read, of how many, by the process that makes a base now; None where none does."""
    with suppress(*DAMAGED), (home / "compile.lock").open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return _told(home)
    return None


def _told(home: Path) -> tuple[int, int]:
    try:
        done, total = (home / "progress").read_text(encoding="utf-8").split()
        return int(done), int(total)
    except DAMAGED:
        return 0, 0


def make_base(connection: Connection[Any], home: Path, asked_at: int, progress: Progress = unheard) -> Base:
    """The base of the database's present state; one that another process made meanwhile where that will do.

    Parameters
    ----------
    connection
        Outside any transaction.
    home
        Folder of the compiled register; made if it is missing.
    asked_at
        Microseconds since 1970-01-01 UTC.
    progress
        Is told how many addresses were read, of how many.

    Notes
    -----
    Many addresses are read by two processes beside this one.
    """

    def told(done: int, total: int) -> None:
        (home / "progress").write_text(f"{done} {total}", encoding="utf-8")
        progress(done, total)

    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (home / "compile.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        newest = newest_base(home)
        if newest is not None and (newest.at >= asked_at or _is_present(connection, newest)):
            return newest
        unfinished = Path(tempfile.mkdtemp(prefix="unfinished-", dir=home))
        try:
            with _one_state(connection):
                base = _compile(connection, unfinished, told)
            (unfinished / "base.json").write_bytes(orjson.dumps(asdict(base)))
            unfinished.rename(home / base.name)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
            (home / "progress").unlink(missing_ok=True)
        _point_to(home, base.name)
        _forget_older(home, base.name)
        return base


def _is_present(connection: Connection[Any], base: Base) -> bool:
    """Whether nothing changed since a base was read."""
    with connection.transaction():
        marks, areas = read_marks(connection), read_areas(connection, time.time_ns() // 1000)
    same = {part: tuple(version) for part, version in base.parts.items()} == dict(marks.parts)
    return same and base.database_id == marks.database_id and base.areas == areas.version


@without_collecting()
def _compile(connection: Connection[Any], folder: Path, progress: Progress) -> Base:
    marks, at = read_marks(connection), time.time_ns() // 1000
    areas = read_areas(connection, at)
    area_names = [folded(name) for name in areas.names]
    known = {*area_names, *(folded(name) for name in read_names(connection, at))}
    spans: dict[str, tuple[int, int]] = {}

    def chunks() -> Iterator[list[Entry]]:
        read = 0
        for chunk in read_addresses(connection, areas, progress):
            read += len(chunk)
            yield chunk
        spans[ADDRESSES] = (0, read)
        for source in SMALL:
            entries = read_entries(connection, source, at, areas)
            spans[source.query] = (read, read + len(entries))
            read += len(entries)
            yield from (entries[start : start + CHUNK] for start in range(0, len(entries), CHUNK))

    processes = min(_READERS, os.cpu_count() or 1) if count_addresses(connection) >= _SHARED else 1
    compile_chunks(chunks(), folder, known, areas=area_names, processes=processes)
    name = f"base-{marks.database_id[:8]}-{_digest(marks)}-{at}"
    return Base(name, program(), marks.database_id, dict(marks.parts), areas.version, areas.version_ids, at, spans)


def _digest(marks: Marks) -> str:
    return sha256(repr(sorted(marks.parts.items())).encode()).hexdigest()[:12]


@contextmanager
def _one_state(connection: Connection[Any]) -> Iterator[None]:
    """A transaction that sees one state of the data from its first query to its last."""
    connection.isolation_level = IsolationLevel.REPEATABLE_READ
    try:
        with connection.transaction():
            yield
    finally:
        connection.isolation_level = None


def _point_to(home: Path, name: str) -> None:
    unfinished = home / "current.unfinished"
    unfinished.write_text(name, encoding="utf-8")
    unfinished.replace(home / "current")


def _forget_older(home: Path, current: str) -> None:
    """Drop all but the last bases, and what was never finished; who has them open keeps them."""
    bases = sorted(home.glob("base-*"), key=lambda folder: folder.stat().st_mtime)
    stale = [folder for folder in bases[:-_KEPT] if folder.name != current]
    for folder in [*stale, *home.glob("unfinished-*")]:
        shutil.rmtree(folder, ignore_errors=True)


def main(home: str) -> None:
    """Make a base in this process; see the module."""
    os.nice(_NICER)
    # Told to end, it takes away what it has begun, and the processes that read for it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    asked_at = time.time_ns() // 1000
    with database.connect(sys.stdin.readline().strip()) as connection:
        make_base(connection, Path(home), asked_at)


if __name__ == "__main__":
    main(sys.argv[1])
