"""A clerk's own sheet again, with each fault marked in its cell: what to correct, where it stands."""

import contextlib
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import openpyxl
import orjson
from openpyxl.cell import WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.cell_range import CellRange

from geodata.errors import FileError
from geodata.exchange.delimited import csv_cells
from geodata.exchange.excel import sheet_cells
from geodata.exchange.merged import Block, NumberedCells
from geodata.exchange.read import read_table
from geodata.exchange.sniff import content_of
from geodata.exchange.table import DEFAULT_LIMITS, Limits, Table
from geodata.exchange.zipped import unpacked
from geodata.records import Finding

REMARKS: Final = "问题"
SUMMARY: Final = "问题汇总"
AUTHOR: Final = "Grid Map"
RED, AMBER = "FFC7CE", "FFEB9C"
MOST_MARKS: Final = 3_000
MOST_LISTED: Final = 10_000
# Above this a sheet is written again from its cells, row by row, without its looks.
MOST_CELLS_IN_PLACE: Final = 400_000
MOST_ROWS: Final = 1_000_000
SECONDS: Final = 60

_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
_LONGEST_CELL: Final = 32_000
_LONGEST_REMARK: Final = 2_000
_WIDTHS: Final = (12, 10, 24, 70, 70)


def write_marked(
    source_path: Path,
    sheet: str | None,
    findings: Sequence[Finding],
    target_path: Path,
    *,
    header_rows: tuple[int, int] | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> None:
    """Write a copy of a sheet as xlsx with its faults marked.

    Parameters
    ----------
    source_path
        The file as it was handed in.
    sheet
        Sheet, or table of a zip archive, that was read; as a load without one would choose when None.
    findings
        What is wrong; ``row`` and the fact ``column`` say where.
    target_path
        Where to write; a file there is replaced.
    header_rows
        First and last row of the header, where somebody said so.
    limits
        What to refuse, as when the file was read.

    Raises
    ------
    FileError
        The file cannot be read any more as what it claims to be.

    Notes
    -----
    Cells with an error are red, those with a warning amber, and a comment says in Chinese what is wrong; a finding
    without a column marks the row's first cell. A last column 问题 repeats it, and a sheet 问题汇总 lists all, in
    English too. At most `MOST_MARKS` cells are marked, errors first; the summary says so. A workbook in xlsx form keeps
    its looks and other sheets; formulas become their values and macros are dropped. Other files, and sheets of more
    than `MOST_CELLS_IN_PLACE` cells, are written again from their cells. The copy loads as the original would.
    """
    if content_of(source_path) == "zip":
        with unpacked(source_path, sheet, limits) as (inside, tables):
            inner = None if len(tables) > 1 or (sheet and Path(sheet).name == inside.name) else sheet
            write_marked(inside.path, inner, findings, target_path, header_rows=header_rows, limits=limits)
        return
    table = read_table(source_path, sheet=sheet, header_rows=header_rows, limits=limits)
    marks = _marks(table, findings)
    size = (int(table.rows[-1]) if len(table.rows) else 1) * (max(table.places, default=0) + 1)
    in_place = table.format == "excel" and source_path.suffix.lower() in (".xlsx", ".xlsm")
    cells, blocks = _cells(source_path, table, limits)
    with contextlib.closing(cells):
        # A merged block takes as long as all the cells in it, empty ones too.
        is_small = max(size, sum(block.height * block.width for block in blocks)) <= MOST_CELLS_IN_PLACE
        if in_place and is_small and _mark_in_place(source_path, target_path, table, marks, limits):
            return
        _write_again(cells, blocks if is_small else [], target_path, table, marks)


@dataclass(frozen=True, slots=True)
class _Marks:
    """What is marked: row and column (from 1) with colour and text, remarks by row, and the summary.

    ``column`` takes the remarks; with ``is_again`` it holds those of an earlier copy.
    """

    cells: list[tuple[int, int, str, str]]
    remarks: dict[int, str]
    summary: list[list[Any]]
    header: tuple[int, int]
    column: int
    is_again: bool


def _marks(table: Table, findings: Sequence[Finding]) -> _Marks:
    columns = [str(name) for name in table.frame.columns]
    if isinstance(table.frame, gpd.GeoDataFrame):
        columns.remove(str(table.frame.active_geometry_name))
    places = table.places or tuple(range(len(columns)))
    place_of = dict(zip(columns, places, strict=True))
    header = table.header_rows or (1, 1)
    shift = 0 if table.header_rows else 1
    ordered = sorted(findings, key=lambda finding: finding.severity != "error")
    first = min(places, default=0)
    cells: list[tuple[int, int, str, str]] = []
    said: dict[int, list[str]] = defaultdict(list)
    for finding in ordered:
        if finding.row is None or len(cells) >= MOST_MARKS:
            continue
        place = place_of.get(str(finding.facts.get("column")), first)
        text = _clean(finding.message_zh)
        cells.append((finding.row + shift, place + 1, RED if finding.severity == "error" else AMBER, text))
        said[finding.row + shift].append(text)
    remarks = {row: "；".join(dict.fromkeys(texts))[:_LONGEST_REMARK] for row, texts in said.items() if row > header[1]}
    is_again = bool(columns) and columns[-1] == REMARKS
    column = places[-1] + 1 if is_again else max(places, default=0) + 2
    return _Marks(cells, remarks, _summary(ordered, len(cells)), header, column, is_again)


def _summary(findings: Sequence[Finding], marked: int) -> list[list[Any]]:
    errors = sum(finding.severity == "error" for finding in findings)
    placed = sum(finding.row is not None for finding in findings)
    lines: list[list[Any]] = [
        [f"错误 {errors} 处，提醒 {len(findings) - errors} 处。请在原表中更正后重新导入；“{REMARKS}”列和批注无需删除。"]
    ]
    if placed > marked:
        lines.append([f"仅在表中标出前 {marked:,} 处，共 {placed:,} 处。 Only the first {marked:,} are marked."])
    if len(findings) > MOST_LISTED:
        lines.append([f"以下只列出前 {MOST_LISTED:,} 处，共 {len(findings):,} 处。"])
    lines.append(["严重程度", "所在行", "所在列", "问题说明", "Problem"])
    return [*lines, *map(_listed, findings[:MOST_LISTED])]


def _listed(finding: Finding) -> list[Any]:
    return [
        "错误" if finding.severity == "error" else "提醒",
        finding.row,
        _clean(str(finding.facts.get("column") or "")),
        _clean(finding.message_zh),
        _clean(finding.message),
    ]


def _clean(text: str) -> str:
    return _CONTROLS.sub("�", text)[:_LONGEST_CELL]


def _mark_in_place(source: Path, target: Path, table: Table, marks: _Marks, limits: Limits) -> bool:
    """Whether the copy could be written with the looks of the original."""
    told = {
        "sheet": table.sheet,
        "header": marks.header,
        "column": marks.column,
        "title": REMARKS,
        "marks": marks.cells,
        "worst": RED,
        "remarks": {str(row): text for row, text in marks.remarks.items()},
        "summary_name": SUMMARY,
        "summary": marks.summary,
        "widths": _WIDTHS,
        "author": AUTHOR,
    }
    program = Path(__file__).with_name("marking.py")
    arguments = [str(source.resolve()), str(target.resolve()), str(limits.unpacked_bytes), str(SECONDS)]
    try:
        done = subprocess.run(  # noqa: S603  our own program, no shell
            [sys.executable, "-I", str(program), *arguments],
            input=orjson.dumps(told, option=orjson.OPT_APPEND_NEWLINE),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=2 * SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def _cells(source: Path, table: Table, limits: Limits) -> tuple[Generator[NumberedCells], list[Block]]:
    """Cells of the sheet as they stand, the header among them."""
    if table.format == "excel":
        return sheet_cells(source, table.sheet, limits)
    if table.format == "csv":
        return csv_cells(source, limits), []
    frame = table.frame
    plain = frame.drop(columns=frame.active_geometry_name) if isinstance(frame, gpd.GeoDataFrame) else frame
    rows = plain.itertuples(index=False, name=None)
    head: NumberedCells = (1, [str(name) for name in plain.columns])
    return _numbered(head, rows), []


def _numbered(head: NumberedCells, rows: Iterable[Sequence[Any]]) -> Generator[NumberedCells]:
    yield head
    for number, cells in enumerate(rows, start=2):
        yield number, list(cells)


def _write_again(
    cells: Iterable[NumberedCells], blocks: Sequence[Block], target: Path, table: Table, marks: _Marks
) -> None:
    """The sheet written from its cells, with marks as they come by, then the summary."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(_sheet_name(table.sheet))
    sheet.column_dimensions[get_column_letter(marks.column)].width = 60
    marked: dict[int, list[tuple[int, str, str]]] = defaultdict(list)
    for row, column, colour, text in marks.cells:
        marked[row].append((column, colour, text))
    at = 0
    for number, values in cells:
        if number > MOST_ROWS:
            break
        while at < number - 1:
            sheet.append([])
            at += 1
        sheet.append(_row(sheet, number, values, marked.get(number, []), marks))
        at = number
    for block in blocks:
        sheet.merged_cells.ranges.add(
            CellRange(None, block.first_column + 1, block.first_row, block.last_column + 1, block.last_row)
        )
    summary = book.create_sheet(SUMMARY)
    for column, width in enumerate(_WIDTHS, start=1):
        summary.column_dimensions[get_column_letter(column)].width = width
    for line in marks.summary:
        summary.append([_plain_cell(summary, value) for value in line])
    try:
        book.save(target)
    except OSError as error:
        raise FileError("The marked sheet cannot be written.", "无法写出标注后的表格。") from error


def _row(
    sheet: Any, number: int, values: Sequence[Any], marked: Sequence[tuple[int, str, str]], marks: _Marks
) -> list[Any]:
    written = [None if value == "" else value for value in values]
    least = max([marks.column, *(column for column, _, _ in marked)])
    written += [None] * (least - len(written))
    if number == marks.header[0]:
        written[marks.column - 1] = REMARKS
    elif number in marks.remarks:
        written[marks.column - 1] = marks.remarks[number]
    elif marks.is_again and number > marks.header[1]:
        written[marks.column - 1] = None
    row: list[Any] = [None if value is None else _plain_cell(sheet, value) for value in written]
    texts: dict[int, list[str]] = defaultdict(list)
    for column, colour, text in marked:
        cell = row[column - 1] or WriteOnlyCell(sheet)
        if column not in texts or colour == RED:
            cell.fill = PatternFill("solid", fgColor=colour)
        texts[column].append(text)
        row[column - 1] = cell
    for column, lines in texts.items():
        row[column - 1].comment = Comment("\n".join(dict.fromkeys(lines))[:_LONGEST_REMARK], AUTHOR)
    if number == marks.header[0]:
        row[marks.column - 1].font = Font(bold=True)
    elif number in marks.remarks:
        row[marks.column - 1].alignment = Alignment(wrap_text=True, vertical="top")
    return row


def _plain_cell(sheet: Any, value: Any) -> Any:
    """A cell whose text is text, whatever it begins with."""
    if isinstance(value, str):
        cell = WriteOnlyCell(sheet, _clean(value))
        cell.data_type = "s"
        return cell
    if value is None or isinstance(value, bool | int | float) or hasattr(value, "isoformat"):
        return WriteOnlyCell(sheet, value)
    return _plain_cell(sheet, str(value))


def _sheet_name(name: str | None) -> str:
    cleaned = re.sub(r"[\[\]:*?/\\]", " ", _clean(name or "")).strip(" '")[:31]
    return cleaned if cleaned and cleaned != SUMMARY else "Sheet1"
