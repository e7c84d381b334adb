"""Door: a list as it is at one instant → rows → a file that loads again and changes nothing.

Columns are the fields of the list's load kind; beside them stand names for people, which a load leaves out.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import shapely

from geodata.errors import InputError
from geodata.exchange.pieces import MOST_EXCEL_VERTICES, CellType, Header, Piece, write_pieces
from geodata.intake.cells import Unreadable
from geodata.intake.fields import Field, Kind, Reader
from geodata.intake.kinds import KINDS
from geodata.intake.measures import duration_text
from geodata.intake.values import read_value
from geodata.lists import exported, staffing
from geodata.lists.exported import Asked, Rows, refuse_meaningless
from geodata.times import open_end

ROWS_AT_ONCE = 2_000

_TYPES: Final[dict[str, CellType]] = {"count": "whole", "number": "number", "boolean": "truth"}
_VALID = ("valid_from", "valid_to")
_TIMES = ("from", "to", *_VALID)


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its names, what its cells are, and the field that it is loaded as, if any."""

    name: str
    name_zh: str
    type: CellType = "text"
    field: Field | None = None


@dataclass(frozen=True, slots=True)
class List:
    """One list that can be exported.

    Parameters
    ----------
    label, label_zh
        What it is called.
    rows
        Gives what it holds.
    columns
        In their order, without those of shapes.
    takes
        Which of ``within``, ``layer`` and ``until`` mean something.
    public
        Whether anybody may have it.
    personal
        Whether it holds names or phones that are masked for some.
    kind
        Load kind, or None for an answer.
    """

    name: str
    label: str
    label_zh: str
    rows: Callable[[Asked], Rows]
    columns: tuple[Column, ...]
    takes: frozenset[str] = frozenset()
    public: bool = False
    personal: bool = False
    kind: Kind | None = None

    @property
    def drawn(self) -> bool:
        """Whether records can have a polygon."""
        return self.kind is not None and (self.kind.shape == "polygon" or self.kind.outline)

    @property
    def placed(self) -> bool:
        """Whether records have a place on the map."""
        return self.kind is not None and self.kind.shape != "none"


def write_list(
    what: List,
    asked: Asked,
    path: Path,
    *,
    zone: ZoneInfo,
    chinese: bool = False,
    written: Callable[[int], None] | None = None,
) -> int:
    """Write a list to a file, and say how many rows it has; the file is there whole or not at all.

    Parameters
    ----------
    asked
        The instant, what of it, and whether personal data is shown in full.
    path
        ``.csv``, ``.xlsx`` or ``.gpkg``. Shapes are EPSG:4326: geometry in a GeoPackage, else well-known text.
    zone
        Of the times in the file, which carry their offset.
    chinese
        Headers and choices in Chinese; the loaders understand both.
    written
        Called with the number of rows so far.

    Raises
    ------
    InputError
        An option means nothing for the list.
    NotKnownError
        There is no such area or layer at the instant.
    FileError
        The format is none of these, Excel does not hold so many rows, or the file cannot be written.
    UnavailableError
        The list is read from the database, which is away.

    Notes
    -----
    A workbook has a column of shapes only where all of them fit into its cells: one without it keeps the stored shapes
    when it is loaded, one with empty cells would take them away.
    """
    refuse_meaningless(what.name, asked, what.takes)
    suffix = path.suffix.lower()
    texts = what.drawn and suffix != ".gpkg" and (suffix != ".xlsx" or _fits_excel(what, asked))
    columns = (*what.columns, _SHAPE) if texts else what.columns
    headers = [Header(column.name_zh if chinese else column.name, _type(column, chinese)) for column in columns]
    making = _Making(columns, zone, chinese=chinese, shaped=suffix == ".gpkg" and what.placed)
    return write_pieces(headers, _pieces(making, what.rows(asked)), path, written=written, shaped=making.shaped)


def _fits_excel(what: List, asked: Asked) -> bool:
    shapes = (row["shape"] for row in what.rows(asked))
    return all(shape is None or shapely.get_num_coordinates(shape) <= MOST_EXCEL_VERTICES for shape in shapes)


@dataclass(frozen=True, slots=True)
class _Making:
    """How rows become cells."""

    columns: Sequence[Column]
    zone: ZoneInfo
    chinese: bool
    shaped: bool

    def cells(self, row: Mapping[str, Any]) -> list[Any]:
        return [self.cell(column, row.get("shape" if column is _SHAPE else column.name)) for column in self.columns]

    def cell(self, column: Column, value: Any) -> Any:
        if value is None or value in ("", ()):
            return None
        if column is _SHAPE:
            return shapely.to_wkt(value, rounding_precision=-1)
        if column.name in _TIMES:
            return self._time(value)
        if isinstance(value, tuple | list):
            return _listing(None if column.field is None else column.field.reader, tuple(value))
        if column.field is None:
            return value
        if column.field.reader == "duration":
            return duration_text(value, chinese=self.chinese)
        if not self.chinese:
            return value
        if column.field.reader == "boolean":
            return "是" if value else "否"
        return next(iter(column.field.choices.get(value, ())), value) if isinstance(value, str) else value

    def _time(self, micros: int) -> str | None:
        when = open_end(micros)
        return None if when is None else when.astimezone(self.zone).isoformat()

    def shape(self, row: Mapping[str, Any]) -> shapely.Geometry | None:
        shape = row.get("shape")
        return shapely.Point(row["lon"], row["lat"]) if shape is None and row.get("lon") is not None else shape


def _pieces(making: _Making, rows: Rows) -> Iterator[Piece]:
    while some := list(islice(rows, ROWS_AT_ONCE)):
        shapes = [making.shape(row) for row in some] if making.shaped else None
        yield Piece([making.cells(row) for row in some], shapes)


# A register says the same few units and services tens of thousands of times.
@lru_cache(maxsize=4_096)
def _listing(reader: Reader | None, values: tuple[str, ...]) -> str:
    """Several texts in one cell, as the loaders part them again: as JSON where signs inside them would do that too."""
    joined = "、".join(values)
    if reader is None:
        return joined
    try:
        same = tuple(read_value(Field("", reader), joined)) == values
    except Unreadable:
        same = False
    return joined if same else json.dumps(values, ensure_ascii=False)


def _type(column: Column, chinese: bool) -> CellType:
    return "text" if chinese and column.type == "truth" else column.type


_SHAPE = Column("wkt", "图形")
_VALIDITY = (Column("valid_from", "生效自"), Column("valid_to", "生效至"))
# Behind which field a name for people stands, and what it is called.
_BESIDE: Final[dict[str, dict[str, tuple[Column, ...]]]] = {
    "areas": {"parent": (Column("parent_name", "上级区划名称"),)},
    "grids": {
        "community": (Column("community_name", "社区的名称"),),
        "persons": (Column("layer", "网格所属类型"), Column("release", "版本号", "whole")),
    },
    "duties": {
        "holder": (Column("holder_name", "责任人姓名"), Column("holder_phone", "责任人电话")),
        "role": (Column("role_name", "角色的名称"),),
        "target": (Column("target_name", "对象名称"),),
        "hours": (Column("duty_id", "职责序号", "whole"),),
    },
    "leave": {
        "worker": (Column("worker_name", "请假人姓名"),),
        "stand_in": (Column("stand_in_name", "代班人姓名"), Column("leave_id", "请假序号", "whole")),
    },
    "stations": {"parent": (Column("parent_name", "上级站点名称"),)},
    "stops": {"station": (Column("station_name", "所属站点名称"),)},
    "matters": {
        "role": (Column("role_name", "责任角色名称"),),
        "organisation": (Column("organisation_name", "责任单位名称"),),
    },
    "norms": {"role": (Column("role_name", "角色的名称"),), "area": (Column("area_name", "区划的名称"),)},
    "texts": {"target": (Column("target_name", "对象名称"),)},
    "buildings": {"compound": (Column("compound_name", "所在小区的名称"),)},
    "gates": {"compound": (Column("compound_name", "所在小区的名称"),)},
}
_NO_PERIOD = ("layers", "calendar", "duties", "leave", "stops")
_NO_COLUMN = ("wkt", "period")


def _of_kind(
    name: str, rows: Callable[[Asked], Rows], *takes: str, public: bool = True, personal: bool = False
) -> List:
    """The list of a load kind."""
    kind = KINDS[name]
    columns: list[Column] = []
    for field in kind.fields:
        if field.name not in _NO_COLUMN:
            header = next(iter(field.synonyms), field.name)
            columns.append(Column(field.name, header, _TYPES.get(field.reader, "text"), field))
            columns += _BESIDE.get(name, {}).get(field.name, ())
    if name not in _NO_PERIOD:
        columns += _VALIDITY
    return List(name, kind.label_en, kind.label, rows, tuple(columns), frozenset(takes), public, personal, kind)


_ROLE = (Column("role", "角色编码"), Column("role_name", "角色名称"))
_TARGET_COLUMNS = (
    Column("target_kind", "对象类型"),
    Column("layer", "网格类型"),
    Column("target", "对象编码"),
    Column("target_name", "对象名称"),
)
_HOLES = List(
    "holes",
    "when nobody is on duty",
    "缺岗",
    staffing.holes,
    (
        *_TARGET_COLUMNS,
        *_ROLE,
        Column("from", "开始"),
        Column("to", "结束"),
        Column("stretches", "段数", "whole"),
        Column("hours", "小时数", "number"),
        Column("reason", "原因"),
        Column("missed", "缺岗人编码"),
        Column("missed_names", "缺岗人姓名"),
    ),
    frozenset({"within", "until"}),
    personal=True,
)
_STAFFING = List(
    "staffing",
    "staffing norms that are not met",
    "未达标的配备",
    staffing.staffing,
    (
        Column("kind", "情况"),
        Column("norm", "标准编码"),
        *_ROLE,
        Column("count", "现有", "whole"),
        Column("least", "最少", "whole"),
        Column("most", "最多", "whole"),
        Column("most_per_person", "每人最多", "whole"),
        Column("level", "级别"),
        Column("layer", "网格类型"),
        Column("site", "网格或区划编码"),
        Column("site_name", "网格或区划名称"),
        Column("holder", "责任人编码"),
        Column("holder_name", "责任人姓名"),
    ),
    frozenset({"within"}),
    personal=True,
)
_COUNTED = {
    "area": "区划数",
    "grid": "网格数",
    "compound": "小区数",
    "building": "楼栋数",
    "unit": "单元数",
    "place": "场所数",
    "station": "站点数",
}
_WORKLOADS = List(
    "workloads",
    "how much each worker looks after",
    "工作量",
    staffing.workloads,
    (
        Column("worker", "人员编码"),
        Column("worker_name", "姓名"),
        *(Column(f"{kind}_count", label, "whole") for kind, label in _COUNTED.items()),
        Column("households", "户数", "whole"),
        Column("persons", "人数", "whole"),
        Column("households_from", "户数来源"),
        Column("uncounted", "未计数对象", "whole"),
    ),
    frozenset({"within"}),
    personal=True,
)
LISTS: Final[dict[str, List]] = {
    what.name: what
    for what in (
        _of_kind("areas", exported.areas, "within"),
        _of_kind("layers", exported.layers),
        _of_kind("grids", exported.grids, "within", "layer"),
        _of_kind("roles", exported.roles),
        _of_kind("workers", exported.workers, "within", public=False, personal=True),
        _of_kind("organisations", exported.organisations, "within", public=False),
        _of_kind("duties", exported.duties, "within", "until", public=False, personal=True),
        _of_kind("leave", exported.leave, "within", "until", public=False, personal=True),
        _of_kind("calendar", exported.calendar),
        _of_kind("norms", exported.norms, public=False),
        _of_kind("matters", exported.matters),
        _of_kind("texts", exported.texts, "within"),
        _of_kind("stations", exported.stations, "within"),
        _of_kind("stops", exported.stops, "within"),
        _of_kind("compounds", exported.compounds, "within"),
        _of_kind("gates", exported.gates, "within"),
        _of_kind("buildings", exported.buildings, "within"),
        _of_kind("places", exported.places, "within"),
        _HOLES,
        _STAFFING,
        _WORKLOADS,
    )
}


def known_list(name: str) -> List:
    """List of that name.

    Raises
    ------
    InputError
        There is none; the error names those that there are.
    """
    if name not in LISTS:
        known = ", ".join(LISTS)
        raise InputError(
            f"Cannot export {name[:40]!r}: the lists are {known}.", f"不能导出“{name[:40]}”，可导出：{known}。"
        )
    return LISTS[name]
