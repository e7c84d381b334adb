"""What every reader hands over: a table of plain Python cells, with the row that each record has for its user."""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.crs import Crs
from geodata.errors import FileError
from geodata.records import Finding, Severity

# How well column names suit what is wanted: 0 for not at all, more for better.
Fits = Callable[[Sequence[str]], float]
Format = Literal["csv", "excel", "geojson", "geopackage", "shapefile", "osm"]

# Excel keeps 15 digits: a whole number of 16 or more has lost its last ones.
FIRST_DAMAGED: Final = 10**15
NOTES_PER_KIND: Final = 100
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_SCIENTIFIC = re.compile(r"[+-]?\d(?:\.\d+)?[eE]\+(\d{2,3})")
ERROR_CELLS: Final = frozenset(
    {"#N/A", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "#GETTING_DATA"}
)


class DamagedNumber(float):
    """A whole number of more than 15 digits that a file holds as a floating-point number: its last digits are lost.

    It comes from Excel cells that are numbers instead of text, and from real-valued columns of other formats. It is a
    float, so what reads it as a measure may go on; what reads it as a code must refuse it (see `is_damaged`).
    """

    __slots__ = ()


def is_damaged(cell: object) -> bool:
    """Whether a cell cannot be a code any more: a `DamagedNumber`, or the text ``3.70102E+17`` that Excel makes of one.

    Parameters
    ----------
    cell
        A cell of any table.
    """
    if isinstance(cell, DamagedNumber):
        return True
    match = _SCIENTIFIC.fullmatch(cell.strip()) if isinstance(cell, str) else None
    return match is not None and int(match[1]) >= 11


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a file may hold before it is refused.

    Parameters
    ----------
    file_bytes
        Size of the file on disk.
    unpacked_bytes
        Size of everything in an archive (zip, xlsx, ods), and memory that reading a workbook may take.
    rows, columns, cells
        Records, columns and their product.
    cell_characters
        Length of one cell's text; shapes written as text are long.
    """

    file_bytes: int = 2 * 2**30
    unpacked_bytes: int = 2 * 2**30
    rows: int = 5_000_000
    columns: int = 1_000
    cells: int = 30_000_000
    cell_characters: int = 4_000_000

    def check_count(self, rows: int, columns: int) -> None:
        """Refuse a table that has grown too large.

        Raises
        ------
        FileError
            More rows, columns or cells than allowed.
        """
        for what, what_zh, count, limit in (
            ("columns", "列", columns, self.columns),
            ("rows", "行", rows, self.rows),
            ("cells", "单元格", rows * columns, self.cells),
        ):
            if count > limit:
                raise FileError(
                    f"The table has more than {limit:,} {what}. Split it into several files.",
                    f"表格超过 {limit:,} {what_zh}，请拆分成多个文件。",
                    limit=limit,
                )


DEFAULT_LIMITS: Final = Limits()


@dataclass(frozen=True, slots=True)
class Table:
    """One table as its file holds it.

    Parameters
    ----------
    frame
        Columns named as in the file; cells are str, int, float, bool, datetime or None, in columns of type object.
        A GeoDataFrame with the column ``geometry`` (two-dimensional shapely geometries or None, in `crs`) where the
        format holds shapes. Index 0, 1, 2 …
    rows
        Row of each record as its user counts: line or sheet row, the header included; the record's 1-based position
        in formats without a header.
    crs
        What the file says of its coordinates; None where it says nothing.
    name
        Name of the file without folder, or of the file inside a zip archive.
    format
        Which reader read it.
    sheet
        Name of the sheet or layer that was read; None where the format has none.
    sheets
        Names of all sheets or layers to choose from.
    notes
        What the reader noticed. ``error`` findings concern single cells or shapes that could not be kept.
    header_rows
        First and last row of the header, as `rows` count; None in formats without one.
    places
        Position in the file of each column, from 0; empty in formats where columns have no position.
    titles
        What stands above the header.
    """

    frame: pd.DataFrame
    rows: NDArray[np.int64]
    crs: Crs | None
    name: str
    format: Format
    sheet: str | None = None
    sheets: tuple[str, ...] = ()
    notes: tuple[Finding, ...] = ()
    header_rows: tuple[int, int] | None = None
    places: tuple[int, ...] = ()
    titles: tuple[str, ...] = ()


@dataclass(slots=True)
class Notes:
    """Findings of one read, at most a hundred of a kind and then how many more there were."""

    _found: list[Finding] = field(default_factory=list)
    _counts: Counter[str] = field(default_factory=Counter)
    _last: dict[str, Finding] = field(default_factory=dict)

    def add(
        self, severity: Severity, kind: str, message: str, message_zh: str, row: int | None = None, **facts: Any
    ) -> None:
        """Note one thing; `Finding` explains the parameters."""
        finding = Finding(severity, kind, message, message_zh, row, facts=facts)
        self._counts[kind] += 1
        self._last[kind] = finding
        if self._counts[kind] <= NOTES_PER_KIND:
            self._found.append(finding)

    def findings(self) -> tuple[Finding, ...]:
        """Everything noted so far."""
        more = []
        for kind, count in self._counts.items():
            if count > NOTES_PER_KIND:
                hidden = count - NOTES_PER_KIND
                message, message_zh = f"{hidden:,} more of the kind “{kind}”.", f"另有 {hidden:,} 处“{kind}”问题。"
                more.append(Finding(self._last[kind].severity, kind, message, message_zh, facts={"hidden": hidden}))
        return (*self._found, *more)

    def drain(self) -> tuple[Finding, ...]:
        """Everything noted since the last call; the counts stay, so that a stream of chunks keeps the limit."""
        found = tuple(self._found)
        self._found.clear()
        return found


def plain_number(value: float) -> int | float | None:
    """Number as the loader wants it: whole ones as int, those of more than 15 digits as `DamagedNumber`.

    Parameters
    ----------
    value
        A floating-point cell. NaN and infinities become None.
    """
    if not math.isfinite(value):
        return None
    if not value.is_integer():
        return value
    return int(value) if abs(value) < FIRST_DAMAGED else DamagedNumber(value)


def clean_text(text: str, row: int, column: str, notes: Notes) -> str:
    """Text that can be stored; NUL and halves of characters become � and an error finding.

    Parameters
    ----------
    text
        Any text.
    row, column
        Where it stands, for the finding.
    notes
        Takes the finding.
    """
    if text.isascii() and "\x00" not in text:
        return text
    cleaned, count = _UNSTORABLE.subn("�", text)
    if count:
        notes.add(
            "error",
            "unstorable-text",
            f"Column “{column}” holds what is no character (NUL or half of one), {count} times: delete it.",
            f"“{column}”列含有 {count} 个无效字符（空字符或半个字符），请删除。",
            row,
            column=column,
        )
    return cleaned


def check_length(text: str, row: int, column: str, limits: Limits) -> None:
    """Refuse a cell that no honest table holds.

    Raises
    ------
    FileError
        The text is longer than allowed.
    """
    if len(text) > limits.cell_characters:
        raise FileError(
            f"Row {row}, column “{column}”: a cell of {len(text):,} characters; at most {limits.cell_characters:,}.",
            f"第 {row} 行“{column}”列的单元格有 {len(text):,} 个字符，最多允许 {limits.cell_characters:,} 个。",
            row=row,
            column=column,
        )


def unique_names(names: Iterable[str], notes: Notes, taken: Sequence[str] = ()) -> list[str]:
    """Column names made distinct: the second ``name`` becomes ``name_2``, with a note.

    Parameters
    ----------
    names
        As in the file.
    notes
        Takes the findings.
    taken
        Names that no column may have.
    """
    used, result = set(taken), []
    for name in names:
        new, number = name, 2
        while new in used:
            new, number = f"{name}_{number}", number + 1
        if new != name:
            notes.add(
                "warning",
                "duplicate-column",
                f"The column name “{name}” stands more than once; this one is called “{new}”.",
                f"列名“{name}”重复出现，此列改称“{new}”。",
                column=new,
            )
        used.add(new)
        result.append(new)
    return result


def build_frame(
    names: Sequence[str],
    columns: Iterable[Sequence[Any]],
    geometry: Sequence[Any] | None = None,
    crs: Crs | None = None,
) -> pd.DataFrame:
    """Frame of object columns, with shapes where `geometry` is given.

    Parameters
    ----------
    names
        Distinct; none is ``geometry`` where shapes are given.
    columns
        Cells of each column.
    geometry
        Shapely geometries or None.
    crs
        Their system. GeoPandas is told when it has an EPSG code.
    """
    data = {name: pd.Series(_objects(cells), dtype=object) for name, cells in zip(names, columns, strict=True)}
    frame = pd.DataFrame(data, columns=pd.Index(list(names), dtype=object))
    if geometry is None:
        return frame
    if not data:
        frame = pd.DataFrame(index=pd.RangeIndex(len(geometry)), columns=pd.Index([], dtype=object))
    known = crs.name if crs is not None and crs.kind in ("wgs84", "epsg") else None
    shapes = gpd.GeoSeries(_objects(geometry), crs=known, index=frame.index)
    joined: pd.DataFrame = gpd.GeoDataFrame(frame, geometry=shapes)
    return joined


def _objects(cells: Sequence[Any]) -> NDArray[np.object_]:
    # numpy would look into nested cells and make a matrix of them.
    array = np.empty(len(cells), dtype=object)
    array[:] = cells
    return array


def choose(names: Sequence[str], wanted: str | int | None, what: str, what_zh: str) -> int | None:
    """Position of the wanted sheet or layer, None where nothing is wanted.

    Parameters
    ----------
    names
        What there is.
    wanted
        A name, or the 1-based number as number or as text. Text is looked for among the names first.
    what, what_zh
        "sheet" or "layer", for the message.

    Raises
    ------
    FileError
        There is none such; lists what there is.
    """
    if wanted is None:
        return None
    text = str(wanted).strip()
    if isinstance(wanted, str):
        if text in names:
            return list(names).index(text)
        folded = [name.strip().casefold() for name in names]
        if folded.count(text.casefold()) == 1:
            return folded.index(text.casefold())
    if text.isascii() and text.isdecimal() and len(text) < 6 and 1 <= int(text) <= len(names):
        return int(text) - 1
    listed = ", ".join(f"“{name[:80]}”" for name in names[:30])
    raise FileError(
        f"There is no {what} “{text[:80]}”. There are: {listed}.",
        f"没有名为“{text[:80]}”的{what_zh}。现有：{listed}。",
        sheets=list(names[:30]),
    )


def note_unchosen(names: Sequence[str], index: int, notes: Notes, what: str, what_zh: str) -> None:
    """Note which of several sheets or layers was read, when nobody chose."""
    others = [name for place, name in enumerate(names) if place != index]
    if others:
        listed = ", ".join(f"“{name[:80]}”" for name in others[:30])
        option = "--sheet" if what == "sheet" else "--source-layer"
        notes.add(
            "warning",
            "several-sheets",
            f"Read the {what} “{names[index][:80]}”. The file also holds: {listed}; {option} NAME reads another.",
            f"读取了{what_zh}“{names[index][:80]}”。文件中还有：{listed}，可用 {option} 名称 另选。",
            sheets=others[:30],
        )
