"""All published data in memory, under one version, compiled once to files that every process maps.

A folder per database under ``<state>/snapshots`` holds ``<version>/`` (which parts that version is made of), the parts
and indexes themselves (`geodata.published.parts`), and ``current``, which names the version to start with when the
database is away.
"""

import fcntl
import shutil
import tempfile
import time
from bisect import bisect_right
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import orjson
import psycopg
from psycopg import IsolationLevel

from geodata.errors import FileError, UnavailableError
from geodata.garbage_collection import without_collecting
from geodata.moment import Moment
from geodata.people.hours import Clock
from geodata.published.parts import open_part, write_parts
from geodata.published.parts import stored_version as _stored_version
from geodata.published.reading import Reader, key_of, read_published
from geodata.published.rows import Published
from geodata.times import LOCAL_ZONE

_MOMENTS_KEPT = 16
_VERSIONS_KEPT = 2

_DAMAGED = (FileError, OSError, EOFError, KeyError, TypeError, ValueError)

Progress = Callable[[str], None]
Interval = tuple[int, int]
_T = TypeVar("_T")


def silent(_stage: str) -> None:
    """Progress that nobody follows."""


class Snapshot:
    """One version of all published data. Immutable; `moment` selects what is in force at an instant.

    Parameters
    ----------
    folder
        Of the version.
    before
        The version that was open before: what did not change since then is shared with it.
    zone
        Local time, which weekly hours are read in.

    Attributes
    ----------
    name
        Of this version's folder.
    version
        Of the data; rises with every transaction that changes published data.
    database_id
        Which database it was read from.
    compiled_at
        When it was read, microseconds since 1970-01-01 UTC.
    layers
        The default first.
    releases
        By layer code, withdrawn ones too.
    keys
        Keys that are not revoked, by the SHA-256 of the key.
    read
        What was read from files, by kinds and names of parts: the next version shares it where names are the same.
    """

    @without_collecting()
    def __init__(self, folder: Path, before: "Snapshot | None" = None, zone: ZoneInfo = LOCAL_ZONE) -> None:
        content = orjson.loads((folder / "records.json").read_bytes())
        self.name = folder.name
        self.database_id: str = content["database_id"]
        self.version: int = content["version"]
        self.compiled_at: int = content["compiled_at"]
        reader = Reader(folder.parent, content["parts"], {} if before is None else before.read)
        self._published = read_published(reader, self.version, zone)
        self.layers = self._published.layers
        self.releases = self._published.releases
        self.keys = {key.sha256: key for key in reader.records(key_of, "keys")}
        self._changes = sorted({instant for kind in reader.names for instant in reader.part(kind).changes})
        self.read: dict[Any, Any] = reader.kept
        self._clock = Clock(_hours(self._published), self._published.meaning, zone)
        self._moments: dict[Interval, Moment] = {}
        self._latest: tuple[int, int, Moment] | None = None
        self._lock = Lock()

    def interval(self, as_of: int) -> Interval:
        """Which stretch an instant lies in, between changes of the data and of hours: all of it has the same answers.

        Returns
        -------
        tuple
            How many changes of the data lie before, and since when no weekly hours opened or closed (microseconds).
        """
        return bisect_right(self._changes, as_of), self._clock.stretch(as_of)[0]

    def moment(self, as_of: int) -> Moment:
        """Everything in force at an instant (microseconds since 1970-01-01 UTC); kept for the next who asks."""
        latest = self._latest
        if latest is not None and latest[0] <= as_of < latest[1]:
            return latest[2]
        place = self.interval(as_of)
        moment = self._moments.get(place)
        if moment is None:
            with self._lock:
                moment = self._moments.get(place) or self._new_moment(as_of, place)
        begins, ends = self._clock.stretch(as_of)
        changes = place[0]
        begins = max(begins, self._changes[changes - 1]) if changes else begins
        ends = min(ends, self._changes[changes]) if changes < len(self._changes) else ends
        self._latest = (begins, ends, moment)
        return moment

    def _new_moment(self, as_of: int, place: Interval) -> Moment:
        kin = next((moment for (changes, _), moment in self._moments.items() if changes == place[0]), None)
        moment = self._moments[place] = Moment(as_of, self._published) if kin is None else kin.at(as_of)
        self._forget_moments(place)
        return moment

    def _forget_moments(self, newest: Interval) -> None:
        """Keep the newest ones, and the present: whoever asks about one day after another must not slow it down."""
        kept = {newest, self.interval(time.time_ns() // 1000)}
        while len(self._moments) > _MOMENTS_KEPT:
            del self._moments[next(place for place in self._moments if place not in kept)]


def _hours(published: Published) -> Iterator[str]:
    yield from {duty.hours for duty in published.register.duties}
    yield from (station.hours for station in published.stations)
    yield from (stop.hours for stop in published.stops)


def newest_compiled(home: Path, zone: ZoneInfo = LOCAL_ZONE) -> Snapshot:
    """The snapshot that was compiled last, without asking the database.

    Raises
    ------
    UnavailableError
        None was compiled yet, or its files are damaged.
    """
    try:
        return Snapshot(home / (home / "current").read_text(encoding="utf-8").strip(), zone=zone)
    except _DAMAGED as error:
        raise UnavailableError(
            "no compiled snapshot can be opened; it is made as soon as the database answers",
            "还没有可用的数据快照；数据库恢复后会自动生成",
        ) from error


def compile_snapshot(
    connection: psycopg.Connection[Any],
    home: Path,
    progress: Progress = silent,
    before: Snapshot | None = None,
    zone: ZoneInfo = LOCAL_ZONE,
) -> Snapshot:
    """Bring the compiled files up to the database's version, and open them.

    Parameters
    ----------
    connection
        Outside any transaction.
    home
        Folder of this database's compiled snapshots, see `following.snapshot_home`; made if it is missing.
    progress
        Is told each stage.
    before
        The version that is open; what did not change is shared with it.
    zone
        Local time.

    Notes
    -----
    Several processes may call this at once: the first one compiles, the others wait and open.
    """
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _locked(home / "compile.lock"):
        connection.isolation_level = IsolationLevel.REPEATABLE_READ
        try:
            with connection.transaction():
                snapshot = _compiled(connection, home, progress, before, zone)
        finally:
            connection.isolation_level = None
        _write_atomically(home / "current", snapshot.name.encode())
        _forget_older(home, snapshot.name)
    return snapshot


def stored_version(connection: psycopg.Connection[Any]) -> str:
    """Name of the database's present version, as compiled folders carry it."""
    return _stored_version(connection)[2]


def _compiled(
    connection: psycopg.Connection[Any], home: Path, progress: Progress, before: Snapshot | None, zone: ZoneInfo
) -> Snapshot:
    """The snapshot of the database's version, from files that are there or made now; damaged ones are made anew."""
    name = stored_version(connection)
    try:
        if not (home / name).exists():
            _compile(connection, home, progress)
        return Snapshot(home / name, before, zone)
    except _DAMAGED:
        for damaged in (name, "parts", "tilings"):
            shutil.rmtree(home / damaged, ignore_errors=True)
    return Snapshot(_compile(connection, home, progress), zone=zone)


def _compile(connection: psycopg.Connection[Any], home: Path, progress: Progress) -> Path:
    database_id, version, name = _stored_version(connection)
    content = {
        "database_id": database_id,
        "version": version,
        "compiled_at": time.time_ns() // 1000,
        "parts": write_parts(connection, home, progress),
    }
    unfinished = Path(tempfile.mkdtemp(prefix="unfinished-", dir=home))
    (unfinished / "records.json").write_bytes(orjson.dumps(content))
    return unfinished.rename(home / name)


def _write_atomically(path: Path, content: bytes) -> None:
    unfinished = path.with_name(f"{path.name}.unfinished")
    unfinished.write_bytes(content)
    unfinished.replace(path)


def _forget_older(home: Path, current: str) -> None:
    """Drop versions beyond the last two, and parts and indexes that none of those names."""
    compiled = sorted(
        (entry.parent for entry in home.glob("*/records.json")), key=lambda folder: folder.stat().st_mtime
    )
    kept = {current, *[folder.name for folder in compiled[-_VERSIONS_KEPT:]]}
    stale = [folder for folder in compiled if folder.name not in kept]
    named: set[str] = set()
    for folder in compiled:
        if folder.name in kept:
            named.update(orjson.loads((folder / "records.json").read_bytes()).get("parts", {}).values())
    stale += [folder for folder in (home / "parts").glob("*") if folder.name not in named]
    indexes = {open_part(home, name).index for name in named if (home / "parts" / name / "meta.json").exists()}
    stale += [folder for folder in (home / "tilings").glob("*") if folder.name not in indexes]
    for folder in [*stale, *home.glob("unfinished-*")]:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
