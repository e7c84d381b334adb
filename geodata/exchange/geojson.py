"""GeoJSON → table: FeatureCollection, Feature, bare geometry, or features one after the other (newline-delimited).

Nothing is fetched, and nothing mended in silence: GDAL would follow links, close rings and drop what it cannot read.
"""

import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely

from geodata.crs import WGS84, Crs, parse_crs
from geodata.errors import CrsError, FileError
from geodata.exchange.jsontext import JsonText
from geodata.exchange.shapes import DEEPEST, ShapeError, checked_ring, note_unreadable, polygon_of
from geodata.exchange.sniff import not_accepted
from geodata.exchange.table import (
    DEFAULT_LIMITS,
    Limits,
    Notes,
    Table,
    build_frame,
    check_length,
    clean_text,
    plain_number,
    unique_names,
)

_SHAPES: Final = frozenset(
    {"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection"}
)
# Members that tell other JSON formats from GeoJSON.
_OTHERS: Final = {
    "arcs": ("TopoJSON", "TopoJSON"),
    "objects": ("TopoJSON", "TopoJSON"),
    "geometryType": ("Esri JSON; export it as GeoJSON", "Esri JSON，请导出为 GeoJSON"),
    "rings": ("Esri JSON; export it as GeoJSON", "Esri JSON，请导出为 GeoJSON"),
    "featureSet": ("Esri JSON; export it as GeoJSON", "Esri JSON，请导出为 GeoJSON"),
}


@dataclass(slots=True)
class _Columns:
    """Properties of features, gathered by name; a name that comes late is None for those before."""

    limits: Limits
    notes: Notes
    cells: dict[str, list[Any]] = field(default_factory=dict)
    shapes: list[Any] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)

    def add(self, row: int, shape: Any, properties: dict[str, Any]) -> None:
        count = len(self.rows)
        for name, value in properties.items():
            cells = self.cells.get(name)
            if cells is None:
                self.limits.check_count(0, len(self.cells) + 1)
                cells = self.cells[name] = []
            cells.extend(itertools.repeat(None, count - len(cells)))
            cells.append(self._cell(name, value, row))
        self.rows.append(row)
        self.shapes.append(shape)
        if count % 1_000 == 0:
            self.limits.check_count(count + 1, len(self.cells))

    def _cell(self, name: str, value: Any, row: int) -> Any:
        if isinstance(value, dict | list):
            value = json.dumps(value, ensure_ascii=False)
        if isinstance(value, str):
            check_length(value, row, name[:80], self.limits)
            return clean_text(value, row, name[:80], self.notes) or None
        return plain_number(value) if isinstance(value, float) else value


def read_geojson(path: Path, limits: Limits = DEFAULT_LIMITS) -> Table:
    """Table of a GeoJSON file.

    Parameters
    ----------
    path
        A regular file, UTF-8.
    limits
        What to refuse.

    Raises
    ------
    FileError
        No JSON, another kind of JSON (TopoJSON, Esri JSON …), a linked reference system, or a limit is hit.

    Notes
    -----
    The system is WGS 84, or what a ``crs`` member of the older kind names. Heights are dropped. A ring that is open is
    closed with a warning; a shape that cannot be built, or a feature that is none, is None or left out with an error
    finding. ``id`` becomes a column unless there is a property of that name. Lists and objects become JSON text.
    Rows count the features from 1.
    """
    notes = Notes()
    columns = _Columns(limits, notes)
    with JsonText(path) as text:
        crs = _read_all(text, columns, notes)
    count = len(columns.rows)
    limits.check_count(count, len(columns.cells))
    names = unique_names([clean_text(name.strip(), 0, name[:80], notes) for name in columns.cells], notes, ["geometry"])
    cells = [[*cells, *itertools.repeat(None, count - len(cells))] for cells in columns.cells.values()]
    frame = build_frame(names, cells, columns.shapes, crs)
    return Table(frame, np.array(columns.rows, dtype=np.int64), crs, path.name, "geojson", notes=notes.findings())


def _read_all(text: JsonText, columns: _Columns, notes: Notes) -> Crs | None:
    """Add every feature of the file; the reference system it names."""
    crs: Crs | None = WGS84
    numbers = itertools.count(1)
    if text.peek() != "{":
        raise FileError(
            "A GeoJSON file holds a FeatureCollection, a Feature or a geometry; this is other JSON.",
            "GeoJSON 文件应为 FeatureCollection、Feature 或几何对象；此文件是其他 JSON。",
        )
    while text.peek():
        rest: dict[str, Any] = {}
        had_features = False
        for name in text.members():
            if name == "features" and text.peek() == "[":
                had_features = True
                for feature in text.items():
                    _add(feature, next(numbers), columns, notes)
            else:
                rest[name] = text.value()
        _refuse_others(rest, had_features)
        if "crs" in rest:
            crs = _crs(rest["crs"], notes)
        if not had_features:
            _add(rest, next(numbers), columns, notes)
    return crs


def _refuse_others(rest: dict[str, Any], had_features: bool) -> None:
    for name, (what, what_zh) in _OTHERS.items():
        if name in rest:
            raise not_accepted(what, what_zh)
    kind = _type_of(rest)
    if kind == "FeatureCollection" and not had_features:
        raise FileError(
            "The FeatureCollection has no list “features”: references to other data are not followed. "
            "Export the features into the file.",
            "FeatureCollection 中没有“features”数组：系统不会读取引用的外部数据，请将要素导出到文件中。",
        )
    if kind != "FeatureCollection" if had_features else kind != "Feature" and kind not in _SHAPES:
        raise FileError(
            f"The file is JSON but no GeoJSON: its type is {json.dumps(kind)[:60]}.",
            f"文件是 JSON，但不是 GeoJSON：type 为 {json.dumps(kind)[:60]}。",
        )


def _type_of(value: Any) -> str | None:
    kind = value.get("type") if isinstance(value, dict) else None
    return kind if isinstance(kind, str) else None


def _crs(member: Any, notes: Notes) -> Crs | None:
    """System that the member of GeoJSON 2008 names; null means unknown."""
    if member is None:
        return None
    properties = member.get("properties") if isinstance(member, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    if isinstance(member, dict) and member.get("type") == "link":
        raise FileError(
            "The file links to its reference system elsewhere; such links are not followed. Remove “crs” or name it.",
            "文件以链接指定坐标系，系统不访问链接。请删除“crs”或直接写明坐标系名称。",
        )
    try:
        return parse_crs(name if isinstance(name, str) else json.dumps(member))
    except CrsError as error:
        notes.add("warning", "crs-unreadable", error.detail, error.detail_zh)
        return None


def _add(feature: Any, row: int, columns: _Columns, notes: Notes) -> None:
    """Add one feature or bare geometry."""
    if _type_of(feature) in _SHAPES:
        feature = {"type": "Feature", "geometry": feature, "properties": None}
    if not isinstance(feature, dict) or _type_of(feature) != "Feature":
        if isinstance(feature, dict) and "attributes" in feature:
            raise not_accepted("Esri JSON; export it as GeoJSON", "Esri JSON，请导出为 GeoJSON")
        notes.add("error", "no-feature", "This entry is no feature; left out.", "此项不是要素，已忽略。", row)
        return
    properties = feature.get("properties")
    kept = dict(properties) if isinstance(properties, dict) else {}
    if feature.get("id") is not None:
        kept.setdefault("id", feature["id"])
    shape = None
    if feature.get("geometry") is not None:
        try:
            shape = _shape(feature["geometry"], row, notes, 0)
        except ShapeError as error:
            note_unreadable(notes, row, str(error), error.message_zh)
        except shapely.errors.GEOSException as error:
            note_unreadable(notes, row, str(error)[:200], str(error)[:200])
    columns.add(row, shape, kept)


def _shape(geometry: Any, row: int, notes: Notes, depth: int) -> Any:
    kind = _type_of(geometry)
    if kind not in _SHAPES or depth > DEEPEST:
        raise ShapeError(f"its type is {json.dumps(kind)[:40]}.", f"类型为 {json.dumps(kind)[:40]}。")
    if kind == "GeometryCollection":
        return shapely.geometrycollections(
            [_shape(part, row, notes, depth + 1) for part in _listed(geometry.get("geometries"))]
        )
    given = _listed(geometry.get("coordinates"))
    if kind == "Point":
        return shapely.points(_positions([given])[0]) if given else shapely.Point()
    if kind == "MultiPolygon":
        return shapely.multipolygons([_polygon(part, row, notes) for part in given])
    return _MAKERS[kind](given) if kind != "Polygon" else _polygon(given, row, notes)


def _line(given: list[Any]) -> Any:
    if len(given) == 1:
        raise ShapeError("a line has only one point.", "线只有一个点。")
    return shapely.linestrings(_positions(given)) if given else shapely.LineString()


_MAKERS: Final[dict[str, Callable[[list[Any]], Any]]] = {
    "LineString": _line,
    "MultiPoint": lambda given: shapely.multipoints(_positions(given)) if given else shapely.MultiPoint(),
    "MultiLineString": lambda given: shapely.multilinestrings([_line(_listed(part)) for part in given]),
}


def _polygon(given: Any, row: int, notes: Notes) -> Any:
    listed = [_listed(ring) for ring in _listed(given)]
    if listed == [[]]:
        return shapely.Polygon()
    rings = [checked_ring(_positions(ring), row, notes) for ring in listed]
    return polygon_of(rings)


def _listed(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ShapeError("its coordinates are no list.", "坐标不是数组。")
    return value


def _positions(given: list[Any]) -> Any:
    """Array (n, 2) of positions that are lists of at least two finite numbers."""
    try:
        array = np.array(given)
    except ValueError:
        array = _unequal(given)
    if array.ndim != 2 or array.shape[1] < 2 or array.dtype.kind not in "if":
        raise ShapeError("a position is not two numbers.", "坐标点不是两个数字。")
    points = array[:, :2].astype(np.float64)
    if not np.isfinite(points).all():
        raise ShapeError("a coordinate is not a finite number.", "坐标不是有限的数。")
    return points


def _unequal(given: list[Any]) -> Any:
    """Array of positions with and without height side by side; of no use where they differ otherwise."""
    flat = [position[:2] for position in given if isinstance(position, list)]
    try:
        return np.array(flat) if len(flat) == len(given) else np.empty(0)
    except ValueError:
        return np.empty(0)
