"""Shapefile → table: .shp, .shx and .dbf together, with .prj and .cpg where they are there."""

import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.crs import LONGEST_WKT, Crs, crs_from_wkt
from geodata.errors import CrsError, FileError
from geodata.exchange.dbase import read_dbase
from geodata.exchange.shapes import Floats, ShapeError, checked_ring, note_unreadable, polygon_of
from geodata.exchange.table import DEFAULT_LIMITS, Limits, Notes, Table, build_frame

PARTS: Final = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_NEEDED: Final = {".shx": ("the index", "索引"), ".dbf": ("the attribute table", "属性表")}
# Types with heights (11–18) and with measures (21–28) begin with the same bytes as the flat ones (1–8).
_FLAT: Final = {kind + tens: kind for kind in (1, 3, 5, 8) for tens in (0, 10, 20)}


def read_shapefile(path: Path, limits: Limits = DEFAULT_LIMITS) -> Table:
    """Table of a Shapefile.

    Parameters
    ----------
    path
        The ``.shp``; its sister files are found beside it, whatever the case of their suffixes.
    limits
        What to refuse.

    Raises
    ------
    FileError
        A part is missing (named), damaged or of another Shapefile, or a limit is hit.

    Notes
    -----
    Heights and measures are dropped. A shape that cannot be built is None with an error finding. Records that are
    marked as deleted are left out. Without ``.prj`` the system is None.
    """
    parts = sister_files(path)
    for suffix, (what, what_zh) in _NEEDED.items():
        if suffix not in parts:
            raise FileError(
                f"The Shapefile lacks {what} ({suffix}): hand in the {', '.join(PARTS[:3])} of the same name together.",
                f"Shapefile 缺少{what_zh}（{suffix}）：请将同名的 {'、'.join(PARTS[:3])} 一起提供。",
                missing=suffix,
            )
    for part in parts.values():
        if part.stat().st_size > limits.file_bytes:
            raise FileError(f"“{part.name[:100]}” is too large.", f"“{part.name[:100]}”过大。")
    notes = Notes()
    code_page = parts[".cpg"].read_bytes()[:40].decode("ascii", "replace").strip() if ".cpg" in parts else None
    attributes = read_dbase(parts[".dbf"], code_page, limits, notes)
    shapes = _shapes(path, parts[".shx"], notes)
    if len(shapes) != attributes.deleted.size:
        raise FileError(
            f"The parts don't belong together: {len(shapes):,} shapes, {attributes.deleted.size:,} attribute records.",
            f"各部分不匹配：图形 {len(shapes):,} 个，属性记录 {attributes.deleted.size:,} 条。",
        )
    kept = np.nonzero(~attributes.deleted)[0]
    crs = _crs(parts.get(".prj"), notes)
    columns = attributes.columns
    if kept.size < len(shapes):
        columns = [[column[place] for place in kept] for column in columns]
        shapes = [shapes[place] for place in kept]
    frame = build_frame(attributes.names, columns, shapes, crs)
    return Table(frame, (kept + 1).astype(np.int64), crs, path.name, "shapefile", notes=notes.findings())


def sister_files(path: Path) -> dict[str, Path]:
    """Parts of a Shapefile by lower-case suffix.

    Parameters
    ----------
    path
        The ``.shp``.
    """
    beside = (entry for entry in path.parent.iterdir() if entry.stem == path.stem and entry.suffix.lower() in PARTS)
    parts = {entry.suffix.lower(): entry for entry in sorted(beside) if entry.is_file()}
    return parts | {".shp": path}


def _crs(prj: Path | None, notes: Notes) -> Crs | None:
    if prj is None:
        return None
    try:
        return crs_from_wkt(
            prj.read_bytes()[: LONGEST_WKT + 1].decode("utf-8", "replace").lstrip("\ufeff").strip("\x00 \r\n")
        )
    except CrsError as error:
        notes.add("warning", "crs-unreadable", error.detail, error.detail_zh)
        return None


def _shapes(path: Path, index: Path, notes: Notes) -> list[Any]:
    data = path.read_bytes()
    shapes = []
    for row, body in enumerate(_records(data, index.read_bytes()), start=1):
        shape = None
        try:
            shape = _shape(body, row, notes)
        except ShapeError as error:
            note_unreadable(notes, row, str(error), error.message_zh)
        except (struct.error, ValueError, shapely.errors.GEOSException):
            note_unreadable(notes, row, "its bytes are damaged.", "数据已损坏。")
        shapes.append(shape)
    return shapes


def _records(data: bytes, index: bytes) -> Iterator[memoryview]:
    """Bytes of each record's shape, in the order of the index."""
    if len(data) < 100 or len(index) < 100 or index[:4] != data[:4]:
        raise FileError("The Shapefile's shapes or index are damaged.", "Shapefile 的图形或索引已损坏。")
    view = memoryview(data)
    entries = np.frombuffer(index, dtype=">i4", offset=100, count=(len(index) - 100) // 8 * 2).reshape(-1, 2)
    for start, length in (entries.astype(np.int64) * 2).tolist():
        if start < 100 or length < 0 or start + 8 + length > len(data):
            raise FileError(
                "The Shapefile is cut off: its index points beyond the end of the shapes.",
                "Shapefile 不完整：索引指向图形文件之外。",
            )
        yield view[start + 8 : start + 8 + length]


def _shape(body: memoryview, row: int, notes: Notes) -> Any:
    (kind,) = struct.unpack_from("<i", body)
    if kind == 0:
        return None
    flat = _FLAT.get(kind)
    if flat is None:
        raise ShapeError(f"shapes of kind {kind} are not known.", f"不支持类型 {kind} 的图形。")
    if flat == 1:
        return shapely.points(_finite(np.frombuffer(body, "<f8", 2, 4).reshape(1, 2))[0])
    if flat == 8:
        (count,) = struct.unpack_from("<i", body, 36)
        return shapely.multipoints(_finite(_points(body, 40, count)))
    parts = _parts(body)
    if flat == 3:
        return _assembled([shapely.linestrings(_finite(part)) for part in parts], shapely.multilinestrings)
    return _polygons([checked_ring(part, row, notes) for part in parts])


def _points(body: memoryview, offset: int, count: int) -> Floats:
    if count < 0 or offset + 16 * count > len(body):
        raise ShapeError("its bytes end too early.", "数据不完整。")
    return np.frombuffer(body, "<f8", 2 * count, offset).reshape(count, 2).astype(np.float64)


def _finite(points: Floats) -> Floats:
    if not np.isfinite(points).all():
        raise ShapeError("a coordinate is not a finite number.", "坐标不是有限的数。")
    return points


def _parts(body: memoryview) -> list[Floats]:
    part_count, point_count = struct.unpack_from("<ii", body, 36)
    if part_count < 1 or 44 + 4 * part_count > len(body):
        raise ShapeError("it has no parts.", "图形没有组成部分。")
    starts: NDArray[np.int32] = np.frombuffer(body, "<i4", part_count, 44)
    points = _points(body, 44 + 4 * part_count, point_count)
    ends = np.append(starts[1:], point_count)
    if starts[0] != 0 or (ends < starts).any() or (ends > point_count).any():
        raise ShapeError("its parts don't fit its points.", "图形各部分与坐标点不符。")
    return [points[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]


def _polygons(rings: list[Any]) -> Any:
    """Polygons of rings: clockwise ones are outlines, the others holes in the smallest outline around them."""
    if len(rings) == 1:
        return shapely.polygons(rings[0])
    array = np.array(rings, dtype=object)
    clockwise = ~np.asarray(shapely.is_ccw(array))
    outlines = array[clockwise] if clockwise.any() else array
    holes = array[~clockwise] if clockwise.any() else array[:0]
    filled = shapely.polygons(outlines)
    by_size = np.argsort(shapely.area(filled))
    inside: list[list[Any]] = [[] for _ in outlines]
    alone = []
    for hole in holes:
        owner = next((place for place in by_size if filled[place].covers(hole)), None)
        if owner is None:
            # A hole in nothing stays an area of its own; validation says where.
            alone.append(shapely.polygons(hole))
        else:
            inside[owner].append(hole)
    parts = [polygon_of([ring, *inner]) for ring, inner in zip(outlines, inside, strict=True)]
    return _assembled([*parts, *alone], shapely.multipolygons)


def _assembled(parts: list[Any], join: Callable[[list[Any]], Any]) -> Any:
    return parts[0] if len(parts) == 1 else join(parts)
