"""GeoPackage → table, through SQLite alone: read-only, without its views, triggers, functions or extensions."""

import contextlib
import datetime
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import numpy as np

from geodata.crs import Crs, crs_from_wkt, parse_crs
from geodata.errors import CrsError, FileError
from geodata.exchange.shapes import from_wkb, note_unreadable
from geodata.exchange.table import (
    DEFAULT_LIMITS,
    Limits,
    Notes,
    Table,
    build_frame,
    check_length,
    choose,
    clean_text,
    note_unchosen,
    plain_number,
    unique_names,
)

# Bytes of the envelope that stands before the shape, by its code.
_ENVELOPES: Final = (0, 32, 48, 48, 64)
_KEYS: Final = frozenset({"fid", "ogc_fid"})
_SECONDS: Final = 300.0


@dataclass(frozen=True, slots=True)
class _Layer:
    name: str
    shapes: str | None
    srs: int | None


def read_geopackage(path: Path, source_layer: str | int | None = None, limits: Limits = DEFAULT_LIMITS) -> Table:
    """Table of one layer of a GeoPackage.

    Parameters
    ----------
    path
        A regular file that begins as a SQLite database.
    source_layer
        Name, or 1-based number. By default the first layer that has rows, with a note naming the others.
    limits
        What to refuse.

    Raises
    ------
    FileError
        No GeoPackage, damaged, in use by a program that has not finished writing, no such layer, or a limit is hit.

    Notes
    -----
    Heights and measures are dropped, curves become lines with a note, a shape that cannot be read is None with an
    error finding. The key column ``fid`` is left out. Rows count from 1 in the order of the file. A layer that is a
    view is refused: reading it would run the file's own SQL.
    """
    for tail in ("-wal", "-journal"):
        beside = path.with_name(path.name + tail)
        if beside.is_file() and beside.stat().st_size > 0:
            raise FileError(
                f"“{path.name[:100]}” is open in another program that is still writing. Close it and try again.",
                f"“{path.name[:100]}”正被其他程序使用，尚未写完。请关闭该程序后重试。",
            )
    notes = Notes()
    try:
        with contextlib.closing(_opened(path, limits)) as database:
            layers = list(_layers(database))
            if not layers:
                raise FileError("The GeoPackage has no layer.", "GeoPackage 中没有图层。")
            names = [layer.name for layer in layers]
            chosen = choose(names, source_layer, "layer", "图层")
            layer = layers[chosen] if chosen is not None else _first_filled(database, layers, notes)
            return _read_layer(database, layer, names, path, notes, limits)
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise FileError(
            f"The GeoPackage is damaged or no GeoPackage: {str(error)[:200]}",
            f"GeoPackage 已损坏或格式不符：{str(error)[:200]}",
        ) from error


def _opened(path: Path, limits: Limits) -> sqlite3.Connection:
    """Connection that can read tables and do nothing else."""
    # Immutable: neither a journal beside the file nor a lock is looked at or made.
    address = f"file:{quote(str(path.resolve()))}?mode=ro&immutable=1"
    database = sqlite3.connect(address, uri=True, isolation_level=None)
    database.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
    database.execute("PRAGMA trusted_schema = OFF")
    database.execute("PRAGMA cell_size_check = ON")
    database.execute("PRAGMA mmap_size = 0")
    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, min(limits.unpacked_bytes, 2**30))
    database.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    database.set_authorizer(_allowed)
    end = time.monotonic() + _SECONDS
    database.set_progress_handler(lambda: time.monotonic() > end, 1_000_000)
    return database


def _allowed(action: int, first: str | None, second: str | None, _database: str | None, trigger: str | None) -> int:
    """Reading of tables is allowed, by no view or trigger; so are two harmless functions and one pragma."""
    plain = action in (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ) and trigger is None
    known = (action == sqlite3.SQLITE_FUNCTION and second in ("count", "typeof")) or (
        action == sqlite3.SQLITE_PRAGMA and first == "table_info"
    )
    return sqlite3.SQLITE_OK if plain or known else sqlite3.SQLITE_DENY


def _layers(database: sqlite3.Connection) -> Iterator[_Layer]:
    listing = database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'")
    tables = {name for name, sql in listing if not str(sql).lstrip().upper().startswith("CREATE VIRTUAL")}
    if "gpkg_contents" not in tables:
        raise FileError("This SQLite database is no GeoPackage.", "该 SQLite 数据库不是 GeoPackage。")
    shapes: dict[str, tuple[str, int]] = {}
    if "gpkg_geometry_columns" in tables:
        for table, column, srs in database.execute("SELECT table_name, column_name, srs_id FROM gpkg_geometry_columns"):
            shapes[str(table)] = (str(column), srs)
    for (listed,) in database.execute(
        "SELECT table_name FROM gpkg_contents WHERE data_type IN ('features', 'attributes')"
    ):
        name = str(listed)
        if name in tables:
            yield _Layer(name, *shapes.get(name, (None, None)))


def _first_filled(database: sqlite3.Connection, layers: list[_Layer], notes: Notes) -> _Layer:
    """First layer with shapes and rows, else with rows."""
    filled = [layer for layer in layers if database.execute(f"SELECT 1 FROM {_quoted(layer.name)} LIMIT 1").fetchone()]  # noqa: S608
    candidates = filled or layers
    chosen = next((layer for layer in candidates if layer.shapes is not None), candidates[0])
    names = [layer.name for layer in candidates]
    note_unchosen(names, names.index(chosen.name), notes, "layer", "图层")
    return chosen


def _read_layer(
    database: sqlite3.Connection, layer: _Layer, names: list[str], path: Path, notes: Notes, limits: Limits
) -> Table:
    columns = _columns(database, layer)
    limits.check_count(0, len(columns))
    (count,) = database.execute(f"SELECT count(*) FROM {_quoted(layer.name)}").fetchone()  # noqa: S608
    limits.check_count(count, len(columns))
    wanted = ", ".join(_quoted(name) for name, _ in columns)
    stored = database.execute(f"SELECT {wanted} FROM {_quoted(layer.name)}").fetchall()  # noqa: S608
    rows = np.arange(1, len(stored) + 1, dtype=np.int64)
    cells = list(zip(*stored, strict=True)) if stored else [() for _ in columns]
    has_shapes = layer.shapes is not None
    titles = unique_names(
        [_name(name, notes) for name, _ in columns[has_shapes:]], notes, ["geometry"] if has_shapes else []
    )
    plain = [
        _plain(title, kind, column, notes, limits)
        for title, (_, kind), column in zip(titles, columns[has_shapes:], cells[has_shapes:], strict=True)
    ]
    crs = _crs(database, layer, notes) if has_shapes else None
    shapes = from_wkb(_bodies(cells[0], notes), rows, notes).tolist() if has_shapes else None
    frame = build_frame(titles, plain, shapes, crs)
    return Table(frame, rows, crs, path.name, "geopackage", layer.name, tuple(names), notes.findings())


def _columns(database: sqlite3.Connection, layer: _Layer) -> list[tuple[str, str]]:
    """Name and declared type of each column, that of the shapes first."""
    found = [
        (str(row[1]), str(row[2]).upper(), row[5])
        for row in database.execute(f"PRAGMA table_info({_quoted(layer.name)})")
    ]
    plain = [(name, kind) for name, kind, key in found if name != layer.shapes and not (key and name.lower() in _KEYS)]
    if layer.shapes is None:
        return plain
    if layer.shapes not in [name for name, _, _ in found]:
        raise FileError(f"The layer “{layer.name[:80]}” lacks its shapes.", f"图层“{layer.name[:80]}”缺少图形列。")
    return [(layer.shapes, "BLOB"), *plain]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _name(name: str, notes: Notes) -> str:
    return clean_text(name, 0, name[:40].encode(errors="replace").decode(), notes)


def _crs(database: sqlite3.Connection, layer: _Layer, notes: Notes) -> Crs | None:
    row = database.execute(
        "SELECT organization, organization_coordsys_id, definition FROM gpkg_spatial_ref_sys WHERE srs_id = ?",
        (layer.srs,),
    ).fetchone()
    if row is None or layer.srs in (0, -1):
        return None
    organization, code, definition = row
    try:
        if str(organization).upper() == "EPSG":
            return parse_crs(f"EPSG:{code}")
        return crs_from_wkt(str(definition))
    except CrsError as error:
        notes.add("warning", "crs-unreadable", error.detail, error.detail_zh)
        return None


def _bodies(blobs: tuple[Any, ...], notes: Notes) -> list[bytes | None]:
    """Well-known binary after the header of each blob."""
    bodies: list[bytes | None] = []
    for place, blob in enumerate(blobs):
        body = None
        if blob is not None:
            body = _body(blob)
            if body is None:
                note_unreadable(notes, place + 1, "it is no GeoPackage shape.", "不是 GeoPackage 图形。")
        bodies.append(body)
    return bodies


def _body(blob: Any) -> bytes | None:
    if not isinstance(blob, bytes) or len(blob) < 8 or blob[:2] != b"GP" or blob[3] & 0x20:
        return None
    envelope = blob[3] >> 1 & 7
    return blob[8 + _ENVELOPES[envelope] :] if envelope < len(_ENVELOPES) else None


def _plain(name: str, kind: str, cells: tuple[Any, ...], notes: Notes, limits: Limits) -> list[Any]:
    """Cells as plain values: by what they are, and by the declared type where SQLite has no such type."""
    return [_cell(name, kind, cell, place + 1, notes, limits) for place, cell in enumerate(cells)]


def _cell(name: str, kind: str, cell: Any, row: int, notes: Notes, limits: Limits) -> Any:
    if cell is None:
        return None
    if isinstance(cell, str):
        check_length(cell, row, name, limits)
        if kind in ("DATE", "DATETIME"):
            return _moment(cell) or clean_text(cell, row, name, notes)
        return clean_text(cell, row, name, notes) or None
    if isinstance(cell, float):
        return plain_number(cell)
    if isinstance(cell, bytes):
        notes.add(
            "warning",
            "binary-cell",
            f"Column “{name}” holds binary data; left out.",
            f"“{name}”列含二进制数据，已忽略。",
            row,
        )
        return None
    return bool(cell) if kind == "BOOLEAN" and cell in (0, 1) else cell


def _moment(text: str) -> datetime.datetime | None:
    try:
        return datetime.datetime.fromisoformat(text)
    except ValueError:
        return None
