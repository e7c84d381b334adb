"""OpenStreetMap extract (PBF) → table, by pyosmium: what it knows of places, streets, compounds, buildings, addresses.

Each is one layer, whose columns are named as the fields of the kind that it is loaded as.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import osmium
import shapely

from geodata.crs import WGS84
from geodata.errors import FileError
from geodata.exchange.osm_edge import Edge
from geodata.exchange.osm_tags import LAYERS, Layer, Rows, Tags
from geodata.exchange.table import (
    DEFAULT_LIMITS,
    Fits,
    Limits,
    Notes,
    Table,
    build_frame,
    check_length,
    choose,
    clean_text,
    note_unchosen,
)

# Location of a node by its id: memory by the number of nodes, however large their ids are.
_LOCATIONS: Final = "sparse_mem_array"
_WKB: Final = osmium.geom.WKBFactory()


def read_osm(
    path: Path, source_layer: str | int | None = None, limits: Limits = DEFAULT_LIMITS, fits: Fits | None = None
) -> Table:
    """Table of one layer of an OpenStreetMap extract.

    Parameters
    ----------
    path
        A file that begins as a PBF.
    source_layer
        Name, one of `osm_tags.LAYERS`, or 1-based number; by default the one whose columns suit best what is wanted;
        the first, with a note naming the others, where nobody says what is.
    limits
        What to refuse.
    fits
        How well column names suit what is wanted.

    Raises
    ------
    FileError
        Damaged, a history of edits, no such layer, or a limit is hit.

    Notes
    -----
    Codes are the letter and number of OpenStreetMap: n17, w17, r17; they last while the object does. Coordinates are
    WGS 84. A way that misses nodes keeps those that are there, a street is parted where they are missed; an area whose
    ring is not closed is left out with a note, so is what has no name or no number, counted.

    Streets end at the box that the head of the extract states, ``cut`` where they leave it. Where it states none, or
    one far larger than what it holds, nothing is cut off: a note tells the box that the extract seems to have, and ends
    outside of it that no other street shares count as cut.
    """
    notes = Notes()
    chosen = choose(list(LAYERS), source_layer, "layer", "图层")
    if chosen is None:
        chosen = 0 if fits is None else int(np.argmax([fits(layer.columns) for layer in LAYERS.values()]))
        if fits is None:
            note_unchosen(list(LAYERS), chosen, notes, "layer", "图层")
    layer = list(LAYERS.values())[chosen]
    collected = _Collected(layer, notes, limits)
    with _readable():
        for tags, code, shape in _objects(path, layer, collected):
            collected.add(tags, code, shape)
    return collected.table(path.name)


@contextmanager
def _readable() -> Iterator[None]:
    """Errors of the library as errors of the file."""
    try:
        yield
    except (RuntimeError, ValueError, OverflowError, MemoryError) as error:
        raise FileError(
            f"The OpenStreetMap extract is damaged or cannot be read: {str(error)[:200]}",
            f"OpenStreetMap 数据已损坏或无法读取：{str(error)[:200]}",
        ) from error


def _objects(path: Path, layer: Layer, collected: "_Collected") -> Iterator[tuple[Tags, str, Any]]:
    """Tags, code and shape of everything that may belong to a layer."""
    source = osmium.io.File(str(path), "pbf")
    with osmium.io.Reader(source, osmium.osm.NOTHING) as reader:
        if reader.header().has_multiple_object_versions:
            raise FileError(
                "This is a history of edits; hand in an extract of one day.",
                "这是带编辑历史的数据，请使用某一天的数据。",
            )
        box = reader.header().box()
        if box.valid():
            low, high = box.bottom_left, box.top_right
            collected.edge.stated = (low.lon, low.lat, high.lon, high.lat)
    kinds = osmium.osm.NODE | osmium.osm.WAY | (osmium.osm.RELATION if layer.areas else osmium.osm.NOTHING)
    processor = osmium.FileProcessor(source, kinds).with_locations(_LOCATIONS)
    if layer.areas:
        processor = processor.with_areas(osmium.filter.KeyFilter(*layer.keys, "amenity", "place"))
    # Closed ways of which no area was made: their rings cross themselves.
    unmade: set[int] = set()
    for found in processor.with_filter(osmium.filter.KeyFilter(*layer.keys)):
        kind = found.type_str()
        tags = {tag.k: tag.v for tag in found.tags}
        if isinstance(found, osmium.osm.Way) and layer.takes("a", tags) and found.is_closed() and layer.wants(tags):
            unmade.add(found.id)
        if isinstance(found, osmium.osm.Area) and found.from_way():
            unmade.discard(found.orig_id())
        if isinstance(found, osmium.osm.Node) and layer.closes is not None and layer.closes(tags):
            collected.edge.closed[found.id] = (found.location.lon, found.location.lat)
        shape_of = _SHAPES.get(type(found)) if layer.closes is None else collected.edge.street
        if shape_of is not None and layer.takes(kind, tags) and layer.wants(tags):
            code, shape = shape_of(found)
            if shape is None:
                collected.broken()
            else:
                yield tags, code, shape
    collected.broken(len(unmade))


def _of_node(node: Any) -> tuple[str, Any]:
    return f"n{node.id}", shapely.Point(node.location.lon, node.location.lat) if node.location.valid() else None


def _of_way(way: Any) -> tuple[str, Any]:
    points = [(node.lon, node.lat) for node in way.nodes if node.location.valid()]
    distinct = [point for place, point in enumerate(points) if not place or point != points[place - 1]]
    return f"w{way.id}", shapely.LineString(distinct) if len(distinct) > 1 else None


def _of_area(area: Any) -> tuple[str, Any]:
    code = f"{'w' if area.from_way() else 'r'}{area.orig_id()}"
    try:
        return code, shapely.from_wkb(_WKB.create_multipolygon(area))
    except (RuntimeError, shapely.errors.ShapelyError):
        return code, None


_SHAPES: Final[Mapping[type, Any]] = {
    osmium.osm.Node: _of_node,
    osmium.osm.Way: _of_way,
    osmium.osm.Area: _of_area,
}


@dataclass(slots=True)
class _Collected:
    """Rows of a layer as they are found."""

    layer: Layer
    notes: Notes
    limits: Limits
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    shapes: list[Any] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    around: list[tuple[str, Any]] = field(default_factory=list)
    edge: Edge = field(default_factory=Edge)

    def broken(self, count: int = 1) -> None:
        """Count shapes that could not be made."""
        self.left_out["shape"] += count

    def add(self, tags: Tags, code: str, shape: Any) -> None:
        """Take what an object says."""
        if self.layer.is_around(tags):
            self.around.append((code, shape))
        if not self.layer.holds(tags) or (self.layer.is_out is not None and self.layer.is_out(tags, shape)):
            return
        rows: Rows = self.layer.rows(tags, code)
        if not rows:
            self.left_out["words"] += 1
        for row in rows:
            self.rows.append(tuple(row.get(name) for name in self.layer.columns))
            self.shapes.append(shape)
        self.limits.check_count(len(self.rows), len(self.layer.columns))

    def table(self, name: str) -> Table:
        """The table of all that was taken, in the order of the codes."""
        order = sorted(range(len(self.rows)), key=lambda at: _place(str(self.rows[at][0])))
        shapes = np.array([self.shapes[at] for at in order], dtype=object)
        rows = [list(self.rows[at]) for at in order]
        if self.layer.around:
            self._lies_in(rows, shapes)
        if self.layer.points:
            shapes = _inside(shapes)
        if self.layer.closes is not None:
            rows, shapes = self._ended(rows, shapes)
        for at, row in enumerate(rows):
            for place, column in enumerate(self.layer.columns):
                if isinstance(row[place], str):
                    check_length(row[place], at + 1, column, self.limits)
                    row[place] = clean_text(row[place], at + 1, column, self.notes)
        self._note_left_out()
        columns: Sequence[Sequence[Any]] = list(zip(*rows, strict=True)) if rows else [()] * len(self.layer.columns)
        frame = build_frame(self.layer.columns, columns, list(shapes), WGS84)
        return Table(
            frame,
            np.arange(1, len(rows) + 1, dtype=np.int64),
            WGS84,
            name,
            "osm",
            sheet=self.layer.name,
            sheets=tuple(LAYERS),
            notes=self.notes.findings(),
        )

    def _ended(self, rows: list[list[Any]], shapes: Any) -> tuple[list[list[Any]], Any]:
        """Streets as far as the extract goes, with their closed vertices and cut ends as text."""
        ended, *points = self.edge.ended([str(row[0]) for row in rows], shapes, self.notes)
        for name, found in zip(("closed", "cut"), points, strict=True):
            column = self.layer.columns.index(name)
            for row, each in zip(rows, found, strict=True):
                row[column] = None if each is None else shapely.to_wkt(each, rounding_precision=-1)
        kept = [at for at, shape in enumerate(ended) if shape is not None]
        return [rows[at] for at in kept], ended[kept]

    def _lies_in(self, rows: list[list[Any]], shapes: Any) -> None:
        """Fill the column of what each shape lies in."""
        if not self.around or not len(shapes):
            return
        codes, areas = zip(*sorted(self.around, key=lambda pair: (pair[1].area, pair[0])), strict=True)
        tree = shapely.STRtree(shapely.make_valid(np.array(areas, dtype=object)))
        inner, outer = tree.query(_inside(shapes), predicate="within")
        column = self.layer.columns.index(self.layer.around)
        # The smallest of several that lie in each other comes first.
        for at, area in sorted(zip(inner.tolist(), outer.tolist(), strict=True), reverse=True):
            rows[at][column] = codes[area]

    def _note_left_out(self) -> None:
        if count := self.left_out["words"]:
            self.notes.add(
                "warning",
                "left-out",
                f"{count:,} {self.layer.name} were left out: {self.layer.lack}.",
                f"有 {count:,} 个对象未读取：{self.layer.lack_zh}。",
                count=count,
            )
        if count := self.left_out["shape"]:
            self.notes.add(
                "warning",
                "left-out",
                f"{count:,} {self.layer.name} were left out: shapes that are incomplete or cross themselves.",
                f"有 {count:,} 个对象未读取：图形不完整或自相交。",
                count=count,
            )


def _inside(shapes: Any) -> Any:
    """A point in each shape."""
    points = np.full(len(shapes), None, dtype=object)
    for at, shape in enumerate(shapes):
        points[at] = shapely.point_on_surface(shape if shape.is_valid else shapely.make_valid(shape))
    return points


def _place(code: str) -> tuple[str, int, int]:
    number, _, part = code[1:].partition(".")
    return code[0], int(number), int(part or 0)
