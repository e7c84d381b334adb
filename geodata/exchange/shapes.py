"""Shapes of files → two-dimensional shapely geometries, each fault noted with its row.

GEOS follows nested collections by recursion and would take the process down with a file that nests ten thousand; what
reaches it from a file is checked here first. Curves become lines within a ten-thousandth of their radius.
"""

import math
import re
import struct
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.exchange.table import Notes

Floats = NDArray[np.float64]

DEEPEST: Final = 8
# Steps of an arc: the chord leaves the circle by 1 - cos(π / 256) of the radius, 8e-5.
STEPS_PER_CIRCLE: Final = 256
_SIMPLE: Final = frozenset({1, 2, 3})


class ShapeError(ValueError):
    """A shape that cannot be built; the message says why.

    Parameters
    ----------
    message, message_zh
        The reason, in English and Chinese.
    """

    def __init__(self, message: str, message_zh: str) -> None:
        super().__init__(message)
        self.message_zh = message_zh


def note_unreadable(notes: Notes, row: int, message: str, message_zh: str) -> None:
    """Note a shape that could not be built and is None in the table."""
    notes.add("error", "unreadable-shape", f"The shape cannot be read: {message}", f"图形无法读取：{message_zh}", row)


def note_closed(notes: Notes, row: int) -> None:
    """Note a ring that the reader closed."""
    notes.add(
        "warning",
        "unclosed-ring",
        "A ring does not end where it begins; it was closed with a straight edge.",
        "有一个环首尾不相接，已用直线闭合。",
        row,
    )


def checked_ring(points: Floats, row: int, notes: Notes) -> Any:
    """Ring of a polygon, closed where it was open.

    Parameters
    ----------
    points
        Shape (n, 2).
    row, notes
        For the note on an open ring.

    Raises
    ------
    ShapeError
        Fewer than three different places, or numbers that are not finite.
    """
    if not np.isfinite(points).all():
        raise ShapeError("a coordinate is not a finite number.", "坐标不是有限的数。")
    if len(points) < 3 or (len(points) == 3 and (points[0] == points[-1]).all()):
        raise ShapeError(f"a ring has only {len(points)} points.", f"有一个环只有 {len(points)} 个点。")
    if (points[0] != points[-1]).any():
        note_closed(notes, row)
        points = np.vstack([points, points[:1]])
    return shapely.linearrings(points)


def polygon_of(rings: Sequence[Any]) -> Any:
    """Polygon of an outline and its holes, rings or coordinates; empty where there is none."""
    if not len(rings):
        return shapely.Polygon()
    return shapely.polygons(rings[0], list(rings[1:])) if len(rings) > 1 else shapely.polygons(rings[0])


def from_wkb(blobs: Sequence[bytes | None], rows: NDArray[np.int64], notes: Notes) -> NDArray[np.object_]:
    """Geometries of well-known binary, ISO or EWKB; None where a blob is None or cannot be read.

    Parameters
    ----------
    blobs
        One per row.
    rows
        Row numbers for the notes.
    notes
        Takes unreadable shapes, open rings that were closed, and curves that became lines.
    """
    safe: list[bytes | None] = [None] * len(blobs)
    built: dict[int, Any] = {}
    for place, blob in enumerate(blobs):
        if blob is None:
            continue
        if len(blob) >= 5 and _kind(blob, 0)[0] in _SIMPLE:
            safe[place] = blob
            continue
        row = int(rows[place])
        try:
            if _Walk(blob).is_plain():
                safe[place] = blob
            else:
                built[place] = _Walk(blob).straightened()
                notes.add(
                    "warning",
                    "curve-straightened",
                    "The shape has curves; they became lines.",
                    "图形含曲线，已转为折线。",
                    row,
                )
        except ShapeError as error:
            note_unreadable(notes, row, str(error), error.message_zh)
        except (struct.error, shapely.errors.GEOSException, ValueError, IndexError):
            note_unreadable(notes, row, "its bytes are damaged.", "数据已损坏。")
    array = np.empty(len(safe), dtype=object)
    array[:] = safe
    # Numbers that are none are found below; GEOS raises the flag of the processor for them.
    with np.errstate(invalid="ignore"):
        shapes = np.asarray(shapely.from_wkb(array, on_invalid="ignore"), dtype=object)
    for place in np.nonzero(shapely.is_missing(shapes))[0].tolist():
        if safe[place] is not None:
            shapes[place] = _closed(safe[place], int(rows[place]), notes)
    for place, shape in built.items():
        shapes[place] = shape
    flat = np.asarray(shapely.force_2d(shapes), dtype=object)
    points, owners = shapely.get_coordinates(flat, return_index=True)
    for place in np.unique(owners[~np.isfinite(points).all(axis=1)]):
        flat[place] = None
        note_unreadable(notes, int(rows[place]), "a coordinate is not a finite number.", "坐标不是有限的数。")
    return flat


_DEGREES: Final = r"(-?\d{1,8}(?:\.\d{1,20})?)"
_PAIR: Final = re.compile(rf"\s*[(（\[]?\s*{_DEGREES}\s*[,，;；、\s]\s*{_DEGREES}\s*[)）\]]?\s*")


def from_wkt(texts: Sequence[Any], rows: NDArray[np.int64], notes: Notes) -> NDArray[np.object_]:
    """Geometries of well-known text, as a column of a CSV or Excel file may hold them; None where there is no text.

    Parameters
    ----------
    texts
        Cells of the column; a leading ``SRID=4490;`` is left aside. ``117.0,36.65`` is a point, as maps hand it out.
    rows
        Row numbers for the notes.
    notes
        Takes what cannot be read.
    """
    shapes = np.empty(len(texts), dtype=object)
    for place, text in enumerate(texts):
        if text is None:
            continue
        row = int(rows[place])
        if not isinstance(text, str) or "\x00" in text or _depth(text) > DEEPEST:
            note_unreadable(notes, row, "it is no well-known text.", "不是 WKT 文本。")
            continue
        try:
            pair = _PAIR.fullmatch(text)
            written = f"POINT ({pair[1]} {pair[2]})" if pair else text.rpartition(";")[2].strip()
            shapes[place] = _from_text(written, row, notes)
        except ShapeError as error:
            note_unreadable(notes, row, str(error), error.message_zh)
    return shapes


def _from_text(text: str, row: int, notes: Notes) -> Any:
    try:
        with np.errstate(all="ignore"):
            shape = shapely.from_wkt(text, on_invalid="ignore")
            closed = shapely.from_wkt(text, on_invalid="fix") if shape is None else None
    except NotImplementedError as error:
        raise ShapeError("curves in text are not known.", "不支持文本形式的曲线。") from error
    if closed is not None and _has_short_ring(closed):
        raise ShapeError("a ring has too few points.", "环的点数不足。")
    if shape is None and closed is None:
        raise ShapeError("it is no well-known text.", "不是 WKT 文本。")
    if closed is not None:
        note_closed(notes, row)
    flat = shapely.force_2d(closed if shape is None else shape)
    if not np.isfinite(shapely.get_coordinates(flat)).all():
        raise ShapeError("a coordinate is not a finite number.", "坐标不是有限的数。")
    return flat


def _depth(text: str) -> int:
    depth = deepest = 0
    # Far more brackets at the start than a sound text can have need no counting to the end.
    for sign in text:
        if sign == "(":
            depth += 1
            deepest = max(deepest, depth)
            if deepest > DEEPEST:
                break
        elif sign == ")":
            depth -= 1
    return deepest


def _closed(blob: bytes | None, row: int, notes: Notes) -> Any:
    """Shape of a blob that GEOS refuses as it is: with its rings closed, or None."""
    with np.errstate(invalid="ignore"):
        shape = shapely.from_wkb(blob, on_invalid="fix")
    if shape is None or _has_short_ring(shape):
        note_unreadable(notes, row, "its bytes are damaged or a ring is too short.", "数据损坏或环的点数不足。")
        return None
    note_closed(notes, row)
    return shape


def _has_short_ring(shape: Any) -> bool:
    """Whether a ring has fewer than three different places: GEOS makes a line there and back of two points."""
    counts = shapely.get_num_coordinates(shapely.get_rings(shape))
    return bool(((counts > 0) & (counts < 4)).any())


def _kind(blob: bytes, at: int) -> tuple[int, int, str]:
    """Type (1–12 and more), count of dimensions and byte order of the geometry at a place in a blob."""
    order = "<" if blob[at] == 1 else ">"
    (code,) = struct.unpack_from(order + "I", blob, at + 1)
    plain = code & 0x0FFFFFFF
    kind, iso = plain % 1000, plain // 1000
    extended = (code >> 31 & 1) + (code >> 30 & 1)
    return kind, 2 + max((0, 1, 1, 2)[iso] if iso < 4 else 0, extended), order


class _Walk:
    """One way through a blob; every step checks that the bytes are there."""

    def __init__(self, blob: bytes) -> None:
        self.blob = blob
        self.at = 0
        self.curved = False

    def is_plain(self) -> bool:
        """Whether GEOS can read it as it is: no curves, and nested no deeper than a file may."""
        self._pass(0)
        return not self.curved

    def straightened(self) -> Any:
        """Shape with lines for its curves."""
        return self._build(0)

    def _head(self, depth: int) -> tuple[int, int, str]:
        if depth > DEEPEST:
            raise ShapeError("collections are nested too deeply.", "图形集合嵌套过深。")
        if self.at + 5 > len(self.blob):
            raise ShapeError("its bytes end too early.", "数据不完整。")
        kind, dimensions, order = _kind(self.blob, self.at)
        extended = struct.unpack_from(order + "I", self.blob, self.at + 1)[0] & 0x20000000
        self.at += 9 if extended else 5
        return kind, dimensions, order

    def _count(self, order: str, bytes_each: int) -> int:
        (count,) = struct.unpack_from(order + "I", self.blob, self.at)
        self.at += 4
        if self.at + count * bytes_each > len(self.blob):
            raise ShapeError("its bytes end too early.", "数据不完整。")
        return int(count)

    def _skip(self, order: str, bytes_each: int) -> None:
        count = self._count(order, bytes_each)
        self.at += count * bytes_each

    def _pass(self, depth: int) -> None:
        kind, dimensions, order = self._head(depth)
        if kind == 1:
            self.at += 8 * dimensions
        elif kind in (2, 8):
            self.curved |= kind == 8
            self._skip(order, 8 * dimensions)
        elif kind == 3:
            for _ in range(self._count(order, 4)):
                self._skip(order, 8 * dimensions)
        elif kind in (4, 5, 6, 7, 9, 10, 11, 12):
            self.curved |= kind > 8
            for _ in range(self._count(order, 5)):
                self._pass(depth + 1)
        else:
            raise ShapeError(f"shapes of kind {kind} are not known.", f"不支持类型 {kind} 的图形。")

    def _points(self, order: str, dimensions: int, count: int) -> Floats:
        points = np.frombuffer(self.blob, dtype=order + "f8", count=count * dimensions, offset=self.at)
        self.at += 8 * count * dimensions
        return np.array(points.reshape(count, dimensions)[:, :2], dtype=np.float64)

    def _build(self, depth: int) -> Any:
        kind, dimensions, order = self._head(depth)
        if kind == 1:
            return shapely.points(self._points(order, dimensions, 1)[0])
        if kind in (2, 8):
            points = self._points(order, dimensions, self._count(order, 8 * dimensions))
            return shapely.linestrings(points if kind == 2 else _along_arcs(points))
        if kind == 3:
            counts = range(self._count(order, 4))
            rings = [self._points(order, dimensions, self._count(order, 8 * dimensions)) for _ in counts]
            return polygon_of(rings)
        parts = [self._build(depth + 1) for _ in range(self._count(order, 5))]
        return _assembled(kind, parts)


def _assembled(kind: int, parts: list[Any]) -> Any:
    if kind == 9:
        return shapely.linestrings(_joined(parts))
    if kind == 10:
        rings = [shapely.get_coordinates(part) for part in parts]
        return polygon_of(rings)
    makers = {4: shapely.multipoints, 5: shapely.multilinestrings, 11: shapely.multilinestrings}
    if kind in (6, 12):
        return shapely.multipolygons(parts)
    return makers.get(kind, shapely.geometrycollections)(parts)


def _joined(parts: list[Any]) -> Floats:
    """Coordinates of lines that follow one another, the joints once."""
    rows = [shapely.get_coordinates(part) for part in parts]
    return np.vstack(
        [rows[0], *[after[1:] if (after[0] == before[-1]).all() else after for before, after in pairwise(rows)]]
    )


def _along_arcs(points: Floats) -> Floats:
    """Points along arcs that are each given by start, a point between, and end."""
    if len(points) == 0:
        return points
    if len(points) < 3 or len(points) % 2 == 0:
        raise ShapeError("an arc lacks a point.", "圆弧缺少点。")
    pieces = [points[:1]]
    pieces += [_arc(*points[place : place + 3]) for place in range(0, len(points) - 2, 2)]
    return np.vstack(pieces)


def _arc(start: Floats, middle: Floats, end: Floats) -> Floats:
    """Points after the start, the end exactly as given; the same for both directions, so that neighbours match."""
    if tuple(start) > tuple(end):
        backward = _arc(end, middle, start)
        return np.vstack([backward[-2::-1], [end]])
    (ax, ay), (bx, by) = middle - start, end - start
    if (start == end).all():
        # A full circle; the middle lies opposite.
        centre, turn = (start + middle) / 2, 2 * math.pi
    else:
        double = 2 * (ax * by - ay * bx)
        if double == 0:
            return np.vstack([middle, end])
        a, b = ax * ax + ay * ay, bx * bx + by * by
        centre = start + np.array([by * a - ay * b, ax * b - bx * a]) / double
        first, last = (math.atan2(*(point - centre)[::-1]) for point in (start, end))
        turn = (last - first) % (2 * math.pi)
        # Three points turn clockwise when the middle lies to the left of the chord.
        if double < 0:
            turn -= 2 * math.pi
    radius = math.hypot(*(start - centre))
    if not math.isfinite(radius):
        raise ShapeError("an arc has no circle.", "圆弧无效。")
    begin = math.atan2(*(start - centre)[::-1])
    steps = max(2, math.ceil(abs(turn) / (2 * math.pi) * STEPS_PER_CIRCLE))
    angles = begin + turn * np.arange(1, steps) / steps
    between = centre + radius * np.column_stack([np.cos(angles), np.sin(angles)])
    return np.vstack([between, end])
