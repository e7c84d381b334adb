"""All published data in memory, under one version, compiled once to files that every process maps.

A folder per database under ``<state>/snapshots`` holds ``<version>/`` (records and area shapes), ``tilings/<hash>/``
(a grid index per layer, named by the grid versions in it, so that a roster change builds none anew) and ``current``,
which names the version to start with when the database is away.
"""

import fcntl
import gc
import hashlib
import shutil
import tempfile
import time
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import orjson
import psycopg
import shapely
from psycopg import IsolationLevel

from geodata.errors import FileError, UnavailableError
from geodata.grid.index import GridIndex
from geodata.moment import Moment, Tiling
from geodata.people.duties import Register
from geodata.queries import named_queries
from geodata.records import (
    FOREVER_FROM,
    FOREVER_TO,
    Area,
    Duty,
    GridVersion,
    Holder,
    Key,
    Layer,
    Release,
    Role,
    Station,
)

_FORMAT = 1
_MOMENTS_KEPT = 16
_VERSIONS_KEPT = 2

_DAMAGED = (FileError, OSError, KeyError, TypeError, ValueError)

_SQL = named_queries(__file__)

Progress = Callable[[str], None]


def silent(_stage: str) -> None:
    """Progress that nobody follows."""


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Leave out the search for cycles: it would look through ever more records that are all there to stay."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@dataclass(frozen=True, slots=True)
class _AreaShapes:
    """Area polygons as WKB, mapped and parsed when asked for; aligned with the area rows."""

    wkb: np.ndarray[Any, np.dtype[np.uint8]]
    starts: np.ndarray[Any, np.dtype[np.int64]]

    def __getitem__(self, place: int) -> shapely.Geometry | None:
        raw = self.wkb[self.starts[place] : self.starts[place + 1]].tobytes()
        return shapely.from_wkb(raw) if raw else None


class Snapshot:
    """One version of all published data. Immutable; `moment` selects what is in force at an instant.

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
    """

    @_no_garbage_collection()
    def __init__(self, folder: Path) -> None:
        content = orjson.loads((folder / "records.json").read_bytes())
        self.name = folder.name
        self.database_id: str = content["database_id"]
        self.version: int = content["version"]
        self.compiled_at: int = content["compiled_at"]
        self.layers = tuple(Layer(*row) for row in content["layers"])
        self.releases = {
            layer.code: tuple(Release(*row) for row in content["releases"][layer.code]) for layer in self.layers
        }
        self.keys = {bytes.fromhex(row[0]): Key(bytes.fromhex(row[0]), *row[1:]) for row in content["keys"]}
        self._areas = tuple(Area(*row) for row in content["areas"])
        self._register = Register(
            (Role(*row) for row in content["roles"]),
            (Holder(*row) for row in content["holders"]),
            (Duty(*row) for row in content["duties"]),
        )
        self._stations = tuple(Station(*[*row[:11], tuple(row[11]), *row[12:]]) for row in content["stations"])
        self._tilings = {
            code: Tiling(
                [GridVersion(*[*row, place]) for place, row in enumerate(entry["versions"])],
                GridIndex.open(folder.parent / "tilings" / entry["index"]),
            )
            for code, entry in content["tilings"].items()
        }
        self._shapes = _AreaShapes(
            np.load(folder / "area_wkb.npy", mmap_mode="r"), np.load(folder / "area_starts.npy", mmap_mode="r")
        )
        self._shape_places = {(area.area_id, area.valid_from): place for place, area in enumerate(self._areas)}
        self._changes = self._instants_of_change()
        self._moments: dict[int, Moment] = {}
        self._lock = Lock()

    def _instants_of_change(self) -> list[int]:
        register = self._register
        timed: list[Sequence[Any]] = [
            self._areas,
            register.roles,
            register.holders,
            register.duties,
            self._stations,
        ]
        instants = {instant for rows in timed for row in rows for instant in (row.valid_from, row.valid_to)}
        for tiling in self._tilings.values():
            instants.update(np.unique(tiling.valid_from).tolist(), np.unique(tiling.valid_to).tolist())
        instants.update(release.effective_at for releases in self.releases.values() for release in releases)
        return sorted(instants - {FOREVER_FROM, FOREVER_TO})

    def interval(self, as_of: int) -> int:
        """Number of the stretch between two changes that an instant lies in: its instants all have the same answers."""
        return bisect_right(self._changes, as_of)

    def moment(self, as_of: int) -> Moment:
        """Everything in force at an instant (microseconds since 1970-01-01 UTC); kept for the next who asks."""
        place = self.interval(as_of)
        moment = self._moments.get(place)
        if moment is not None:
            return moment
        with self._lock:
            if place in self._moments:
                return self._moments[place]
            moment = self._moments[place] = Moment(
                as_of,
                version=self.version,
                layers=self.layers,
                tilings=self._tilings,
                releases=self.releases,
                areas=self._areas,
                register=self._register,
                stations=self._stations,
                area_shape=self._shape,
            )
            self._forget_moments(place)
        return moment

    def _forget_moments(self, newest: int) -> None:
        """Keep the newest ones, and the present: whoever asks about one day after another must not slow it down."""
        kept = {newest, self.interval(time.time_ns() // 1000)}
        while len(self._moments) > _MOMENTS_KEPT:
            del self._moments[next(place for place in self._moments if place not in kept)]

    def _shape(self, area: Area) -> shapely.Geometry | None:
        return self._shapes[self._shape_places[area.area_id, area.valid_from]]


def newest_compiled(home: Path) -> Snapshot:
    """The snapshot that was compiled last, without asking the database.

    Raises
    ------
    UnavailableError
        None was compiled yet, or its files are damaged.
    """
    try:
        return Snapshot(home / (home / "current").read_text(encoding="utf-8").strip())
    except _DAMAGED as error:
        raise UnavailableError(
            "no compiled snapshot can be opened; it is made as soon as the database answers",
            "还没有可用的数据快照；数据库恢复后会自动生成",
        ) from error


def compile_snapshot(connection: psycopg.Connection[Any], home: Path, progress: Progress = silent) -> Snapshot:
    """Bring the compiled files up to the database's version, and open them.

    Parameters
    ----------
    connection
        Idle; read in one repeatable-read transaction, which is ended.
    home
        The folder of this database under ``<state>/snapshots``; made if it is missing.
    progress
        Is told each stage.

    Notes
    -----
    Several processes may call this at once: the first one compiles, the others wait and open.
    """
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _locked(home / "compile.lock"):
        connection.isolation_level = IsolationLevel.REPEATABLE_READ
        try:
            with connection.transaction():
                snapshot = _compiled(connection, home, progress)
        finally:
            connection.isolation_level = None
        _write_atomically(home / "current", snapshot.name.encode())
        _forget_older(home, snapshot.name)
    return snapshot


def stored_version(connection: psycopg.Connection[Any]) -> str:
    """Name of the database's present version, as compiled folders carry it."""
    database_id, version, raised_by = _one(connection, "data_version")
    return f"{_FORMAT}-{database_id[:8]}-{version}-{raised_by}"


def _compiled(connection: psycopg.Connection[Any], home: Path, progress: Progress) -> Snapshot:
    """The snapshot of the database's version, from files that are there or made now; damaged ones are made anew."""
    name = stored_version(connection)
    if (home / name).exists():
        try:
            return Snapshot(home / name)
        except _DAMAGED:
            shutil.rmtree(home / name)
            shutil.rmtree(home / "tilings", ignore_errors=True)
    return Snapshot(_compile(connection, home, progress))


def _compile(connection: psycopg.Connection[Any], home: Path, progress: Progress) -> Path:
    folder = home / stored_version(connection)
    database_id, version, _ = _one(connection, "data_version")
    progress("records")
    layers = _rows(connection, "layers")
    releases: dict[str, list[Any]] = {layer[0]: [] for layer in layers}
    for row in _rows(connection, "releases"):
        releases[row[0]].append(row)
    content: dict[str, Any] = {
        "database_id": database_id,
        "version": version,
        "compiled_at": time.time_ns() // 1000,
        "layers": layers,
        "releases": releases,
        **{kind: _rows(connection, kind) for kind in ("areas", "roles", "holders", "duties", "stations", "keys")},
        "tilings": {},
    }
    for layer in layers:
        progress(f"tiling {layer[0]}")
        versions = _rows(connection, "grid_versions", layer=layer[0])
        content["tilings"][layer[0]] = {
            "index": _index(connection, home / "tilings", layer[0], database_id, [row[0] for row in versions]),
            "versions": versions,
        }
    unfinished = Path(tempfile.mkdtemp(prefix="unfinished-", dir=home))
    _save_shapes(unfinished, [row[0] for row in _rows(connection, "area_geometries")])
    (unfinished / "records.json").write_bytes(orjson.dumps(content))
    unfinished.rename(folder)
    return folder


def _index(
    connection: psycopg.Connection[Any], tilings: Path, layer: str, database_id: str, version_ids: list[int]
) -> str:
    """Name of the folder of the index over these grid versions; built where it is missing."""
    content = database_id.encode() + np.array(version_ids, dtype=np.int64).tobytes()
    name = f"{_FORMAT}-{layer}-{hashlib.sha256(content).hexdigest()[:24]}"
    if not (tilings / name).exists():
        tilings.mkdir(exist_ok=True)
        geometries = shapely.from_wkb([row[0] for row in _rows(connection, "grid_geometries", layer=layer)])
        GridIndex.build(np.asarray(geometries, dtype=object)).save(tilings / name)
    return name


def _save_shapes(folder: Path, shapes: Sequence[bytes | None]) -> None:
    starts = np.zeros(len(shapes) + 1, dtype=np.int64)
    np.cumsum([len(shape or b"") for shape in shapes], out=starts[1:])
    np.save(folder / "area_wkb.npy", np.frombuffer(b"".join(shape or b"" for shape in shapes), dtype=np.uint8))
    np.save(folder / "area_starts.npy", starts)


def _rows(connection: psycopg.Connection[Any], query: str, **values: Any) -> list[Any]:
    return connection.execute(_SQL[query], values, binary=True).fetchall()


def _one(connection: psycopg.Connection[Any], query: str) -> Any:
    return _rows(connection, query)[0]


def _write_atomically(path: Path, content: bytes) -> None:
    unfinished = path.with_name(f"{path.name}.unfinished")
    unfinished.write_bytes(content)
    unfinished.replace(path)


def _forget_older(home: Path, current: str) -> None:
    """Drop versions beyond the last two, and indexes that none of those names."""
    compiled = sorted(
        (entry.parent for entry in home.glob("*/records.json")), key=lambda folder: folder.stat().st_mtime
    )
    kept = {current, *[folder.name for folder in compiled[-_VERSIONS_KEPT:]]}
    named: set[str] = set()
    for folder in compiled:
        if folder.name in kept:
            tilings = orjson.loads((folder / "records.json").read_bytes())["tilings"]
            named.update(entry["index"] for entry in tilings.values())
    stale = [folder for folder in compiled if folder.name not in kept]
    stale += [folder for folder in (home / "tilings").glob("*") if folder.name not in named]
    for folder in [*stale, *home.glob("unfinished-*")]:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
