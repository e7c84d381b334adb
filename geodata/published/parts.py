"""Published rows in files, each named by the version that changed its tables last: what did not change stays as it is.

``parts/<name>/`` holds the rows of one kind, and arrays where it has polygons. Indexes over polygons lie in
``tilings/``, named by what is in them, so that a roster change builds none anew. Long lists lie in shards, parts of
their own that are named by what is in them: of a province's duties those that changed are read, and hardly any others.
"""

import hashlib
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import psycopg
import shapely

from geodata.grid.index import GridIndex
from geodata.queries import named_queries
from geodata.records import FOREVER_FROM, FOREVER_TO

FORMAT = 5

# The tables that the rows of a kind are read from.
SOURCES: Mapping[str, tuple[str, ...]] = {
    "layers": ("layers",),
    "releases": ("releases",),
    "areas": ("area_versions",),
    "roles": ("role_versions",),
    "holders": ("worker_versions", "organisation_versions"),
    "duties": ("duties",),
    "leaves": ("leaves",),
    "calendar": ("calendar_days",),
    "stations": ("station_versions",),
    "stops": ("stop_versions",),
    "matters": ("matter_versions",),
    "norms": ("norm_versions",),
    "texts": ("text_versions",),
    "compounds": ("compound_versions",),
    "gates": ("gate_versions",),
    "buildings": ("building_versions",),
    "places": ("place_versions",),
    "keys": ("keys",),
}
# Identities of one shard, of the kinds whose rows begin with an identity and may be a hundred thousand.
SHARD = 2048
SHARDED = ("holders", "duties", "leaves")
_GRIDS = ("grid_versions", "releases", "layers")
# Columns of a row at which its period stands; the kinds that are left out have none.
_PERIODS: Mapping[str, tuple[int, int]] = {
    **dict.fromkeys(("areas", "roles", "holders", "leaves", "stations", "stops", "matters", "norms"), (-2, -1)),
    **dict.fromkeys(("texts", "compounds", "gates", "buildings", "places", "grids"), (-2, -1)),
    "duties": (6, 7),
}
_OUTLINES = {"compounds": "compound_outlines", "buildings": "building_outlines"}

_SQL = named_queries(__file__)


def stored_version(connection: psycopg.Connection[Any]) -> tuple[str, int, str]:
    """Identity of the database, the present version of its data, and its name: what compiled folders are called."""
    database_id, version, raised_by = _rows(connection, "data_version")[0]
    return database_id, version, f"{FORMAT}-{database_id[:8]}-{version}-{raised_by}"


def write_parts(connection: psycopg.Connection[Any], home: Path, progress: Callable[[str], None]) -> dict[str, str]:
    """Name of each kind's folder under ``parts``, shards too; those that are missing are written now.

    Parameters
    ----------
    connection
        In a transaction that sees one version of the data.
    home
        Folder of the database's compiled snapshots.
    progress
        Is told each stage.
    """
    progress("records")
    (home / "parts").mkdir(exist_ok=True)
    writer = _Writer(connection, home)
    names = {kind: writer.part(kind, tables) for kind, tables in SOURCES.items()}
    for kind in SHARDED:
        names |= {f"{kind} {shard}": shard for shard in open_part(home, names[kind]).rows}
    for layer in (row[0] for row in _rows(connection, "layers")):
        progress(f"tiling {layer}")
        names[f"grids {layer}"] = writer.part("grids", _GRIDS, layer)
    return names


class _Writer:
    """Writes the parts of one version of the data."""

    def __init__(self, connection: psycopg.Connection[Any], home: Path) -> None:
        self._connection = connection
        self._home = home
        self._database_id = stored_version(connection)[0]
        self._changed = {part: (version, raised_by) for part, version, raised_by in _rows(connection, "data_parts")}

    def part(self, kind: str, tables: Sequence[str], layer: str | None = None) -> str:
        """Name of a kind's folder, which is there when this returns."""
        version, raised_by = max(self._changed[table] for table in tables)
        what = kind if layer is None else f"{kind}-{layer}"
        name = f"{FORMAT}-{self._database_id[:8]}-{what}-{version}-{raised_by}"
        if not (self._home / "parts" / name).exists():
            if kind in SHARDED:
                self._save(name, self._shards(kind))
            else:
                self._write(name, kind, layer)
        return name

    def _shards(self, kind: str) -> list[str]:
        """Names of the shards of a kind, in the order of identities; those that are missing are written now."""
        names = {}
        for shard, count, digest in _rows(self._connection, f"{kind}_shards", size=SHARD):
            content = hashlib.sha256(f"{self._database_id} {count} {digest}".encode()).hexdigest()[:24]
            names[shard] = f"{FORMAT}-{kind}.{shard}-{content}"
        missing = {shard: list[Any]() for shard, name in names.items() if not (self._home / "parts" / name).exists()}
        for row in _rows(self._connection, kind, size=SHARD, shards=list(missing)) if missing else ():
            missing[row[0] // SHARD].append(row)
        for shard, rows in missing.items():
            self._save(names[shard], rows, _changes(kind, rows))
        return list(names.values())

    def _save(self, name: str, rows: Sequence[Any], changes: Sequence[int] = ()) -> None:
        unfinished = Path(tempfile.mkdtemp(prefix="unfinished-", dir=self._home))
        self._finish(unfinished, name, rows, changes, None)

    def _write(self, name: str, kind: str, layer: str | None) -> None:
        query, values = (kind, {}) if layer is None else ("grid_versions", {"layer": layer})
        rows = _rows(self._connection, query, **values)
        unfinished = Path(tempfile.mkdtemp(prefix="unfinished-", dir=self._home))
        index = None
        if kind == "grids":
            content = np.array([row[0] for row in rows], dtype=np.int64).tobytes()
            index = self._index(f"{layer}", content, lambda: self._shapes("grid_geometries", **values))
        elif kind in _OUTLINES:
            index = self._outlines(kind, rows, unfinished)
        elif kind == "areas":
            _save_shapes(unfinished, [row[0] for row in _rows(self._connection, "area_geometries")])
        self._finish(unfinished, name, rows, _changes(kind, rows), index)

    def _finish(
        self, unfinished: Path, name: str, rows: Sequence[Any], changes: Sequence[int], index: str | None
    ) -> None:
        (unfinished / "rows.json").write_bytes(orjson.dumps(rows))
        (unfinished / "meta.json").write_bytes(orjson.dumps({"changes": changes, "index": index}))
        unfinished.rename(self._home / "parts" / name)

    def _outlines(self, kind: str, rows: Sequence[Any], folder: Path) -> str | None:
        """Name of the index over the polygons of those that have one; None where none has."""
        shapes = self._shapes(_OUTLINES[kind])
        places = np.flatnonzero([shape is not None for shape in shapes])
        if not places.size:
            return None
        periods = np.array([[rows[place][-2], rows[place][-1]] for place in places.tolist()], dtype=np.int64)
        np.save(folder / "outlined.npy", np.column_stack([places, periods]))
        outlined = shapes[places]
        return self._index(kind, b"".join(shapely.to_wkb(outlined).tolist()), lambda: outlined)

    def _index(self, what: str, content: bytes, shapes: Callable[[], Any]) -> str:
        """Name of the folder of the index over these polygons; built where it is missing."""
        digest = hashlib.sha256(self._database_id.encode() + content).hexdigest()[:24]
        name = f"{FORMAT}-{what}-{digest}"
        tilings = self._home / "tilings"
        if not (tilings / name).exists():
            tilings.mkdir(exist_ok=True)
            GridIndex.build(shapes()).save(tilings / name)
        return name

    def _shapes(self, query: str, **values: Any) -> np.ndarray[Any, np.dtype[np.object_]]:
        return np.asarray(shapely.from_wkb([row[0] for row in _rows(self._connection, query, **values)]), dtype=object)


def _changes(kind: str, rows: Sequence[Any]) -> list[int]:
    if kind == "releases":
        return sorted({row[2] for row in rows})
    if kind not in _PERIODS:
        return []
    begins, ends = _PERIODS[kind]
    instants = {row[begins] for row in rows} | {row[ends] for row in rows}
    return sorted(instants - {FOREVER_FROM, FOREVER_TO})


def _save_shapes(folder: Path, shapes: Sequence[bytes | None]) -> None:
    starts = np.zeros(len(shapes) + 1, dtype=np.int64)
    np.cumsum([len(shape or b"") for shape in shapes], out=starts[1:])
    np.save(folder / "area_wkb.npy", np.frombuffer(b"".join(shape or b"" for shape in shapes), dtype=np.uint8))
    np.save(folder / "area_starts.npy", starts)


def _rows(connection: psycopg.Connection[Any], query: str, **values: Any) -> list[Any]:
    return connection.execute(_SQL[query], values, binary=True).fetchall()


@dataclass(frozen=True, slots=True)
class Part:
    """One kind's folder.

    Parameters
    ----------
    changes
        Instants at which its rows begin or end, microseconds since 1970-01-01 UTC.
    index
        Name of the index over its polygons, or None.
    """

    folder: Path
    changes: tuple[int, ...]
    index: str | None

    @property
    def rows(self) -> list[Any]:
        """The rows, in the order of the query that they come from; of a kind in shards their names."""
        rows: list[Any] = orjson.loads((self.folder / "rows.json").read_bytes())
        return rows

    def array(self, name: str) -> np.ndarray[Any, Any]:
        """An array, mapped read-only."""
        return np.asarray(np.load(self.folder / f"{name}.npy", mmap_mode="r", allow_pickle=False))

    def open_index(self) -> GridIndex | None:
        """The index over its polygons, or None where it has none."""
        if self.index is None:
            return None
        return GridIndex.open(self.folder.parent.parent / "tilings" / self.index)


def open_part(home: Path, name: str) -> Part:
    """A kind's folder that `write_parts` wrote."""
    folder = home / "parts" / name
    meta = orjson.loads((folder / "meta.json").read_bytes())
    return Part(folder, tuple(meta["changes"]), meta["index"])
