"""A workbook's cells as lines of JSON, in a process of its own: the program that `excel.py` starts.

A hostile workbook can make any reader take all memory (two cells in opposite corners of a sheet are enough) or abort.
Here that ends this process only: its memory and its processor time are limited before the file is opened. It imports
nothing of the project, so that it starts quickly.

Called with path, whether to look which sheets are filled (1 or 0), bytes of memory, seconds of processor time. Writes
one line that describes the workbook and the beginning of each filled sheet, reads one line with the name of the wanted
sheet, then writes a line with its merged cells ``{"merged": [[row, column, row, column], …]}`` and lines of rows
``[[row, [cell, …]], …]``. Rows count from 1, columns from 0; dates are ``{"t": "2024-05-01T08:00:00"}``, error cells
``{"e": "#N/A"}``. Macros are never run: whether there are any is told, by name.
"""

import datetime
import re
import resource
import sys
import zipfile
from collections.abc import Iterator
from itertools import islice
from typing import Any
from xml.etree import ElementTree

import orjson
import python_calamine

ROWS_PER_LINE = 1_000
# What is shown of each sheet, so that the one with the wanted table can be told from a note.
BEGINNING_ROWS = 40
BEGINNING_COLUMNS = 200
MOST_LOOKED_AT = 50
# More blocks than any clerk ever merged; what comes after them is read as it stands.
MOST_MERGED = 200_000
_CELL_REFERENCE = re.compile(rb"""\br\s*=\s*["']([A-Z]{1,3})([0-9]{1,7})["']""")
_ERROR_CELL = re.compile(
    rb"""<(?:\w+:)?c\b[^<>]*\bt\s*=\s*["']e["'][^<>]*>(?:<[^v][^<>]*>[^<]*</[^<>]*>)*<v>([^<]*)</v>"""
)
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def main(path: str, look: str, memory_bytes: str, seconds: str) -> int:
    """Exit status; 0 when every row was written."""
    resource.setrlimit(resource.RLIMIT_AS, (int(memory_bytes), int(memory_bytes)))
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), int(seconds)))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        with python_calamine.CalamineWorkbook.from_path(path) as workbook:
            _serve(path, workbook, look == "1")
    except python_calamine.PasswordError:
        return _fail("password")
    except (python_calamine.CalamineError, OSError, ValueError, MemoryError) as error:
        return _fail("damaged", str(error))
    return 0


def _serve(path: str, workbook: python_calamine.CalamineWorkbook, look: bool) -> None:
    """Describe the workbook, then write the rows of the sheet that is asked for."""
    worksheets = [sheet for sheet in workbook.sheets_metadata if sheet.typ == python_calamine.SheetTypeEnum.WorkSheet]
    # Visible sheets come before hidden ones; what is drawn on other kinds of sheets is no table.
    worksheets.sort(key=lambda sheet: sheet.visible != python_calamine.SheetVisibleEnum.Visible)
    hidden = [sheet.name for sheet in worksheets if sheet.visible != python_calamine.SheetVisibleEnum.Visible]
    filled, beginnings = [], {}
    held: python_calamine.CalamineSheet | None = None
    for sheet in worksheets if look else []:
        held = workbook.get_sheet_by_name(sheet.name)
        if held.start is not None:
            filled.append(sheet.name)
            if len(filled) <= MOST_LOOKED_AT:
                beginnings[sheet.name] = _beginning(held)
    names = [name for name in workbook.sheet_names if name in {sheet.name for sheet in worksheets}]
    about = {"sheets": names, "filled": filled, "hidden": hidden, "beginnings": beginnings, "macros": _has_macros(path)}
    _write(about)
    sys.stdout.buffer.flush()
    name = orjson.loads(sys.stdin.buffer.readline() or b"null")
    if name is not None:
        errors = dict(_error_cells(path, name)) if zipfile.is_zipfile(path) else {}
        _write_rows(held if held is not None and held.name == name else workbook.get_sheet_by_name(name), errors)


def _beginning(sheet: python_calamine.CalamineSheet) -> dict[str, Any]:
    """First rows of a sheet, cut to a sensible width, and the cells that are merged there."""
    margin: list[Any] = [""] * (sheet.start[1] if sheet.start else 0)
    rows = [
        [number, [*margin, *cells][:BEGINNING_COLUMNS]]
        for number, cells in enumerate(islice(sheet.iter_rows(), BEGINNING_ROWS), start=1)
    ]
    return {"rows": rows, "merged": [block for block in _merged(sheet) if block[0] <= BEGINNING_ROWS]}


def _merged(sheet: python_calamine.CalamineSheet) -> list[list[int]]:
    blocks = (sheet.merged_cell_ranges or [])[:MOST_MERGED]
    return [[first[0] + 1, first[1], last[0] + 1, last[1]] for first, last in blocks]


def _has_macros(path: str) -> bool:
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            return any(name.lower().endswith("vbaproject.bin") for name in archive.namelist())
    with open(path, "rb") as stream:  # noqa: PTH123  no further import: this program starts quickly
        return "_VBA_PROJECT".encode("utf-16-le") in stream.read()


def _write_rows(sheet: python_calamine.CalamineSheet, errors: dict[tuple[int, int], str]) -> None:
    _write({"merged": _merged(sheet)})
    if sheet.start is None:
        return
    # Rows come from the first of the sheet, columns only from the first filled one.
    margin: list[Any] = [""] * sheet.start[1]
    rows = ((number, [*margin, *cells]) for number, cells in enumerate(sheet.iter_rows(), start=1))
    while block := list(islice(rows, ROWS_PER_LINE)):
        if errors:
            for number, cells in block:
                for place in range(len(cells)):
                    if (number, place) in errors:
                        cells[place] = {"e": errors[number, place]}
        written = [row for row in block if any(cell != "" for cell in row[1])]
        if written:
            _write(written)


def _write(value: Any) -> None:
    options = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_APPEND_NEWLINE
    sys.stdout.buffer.write(orjson.dumps(value, default=_moment, option=options))


def _moment(value: Any) -> Any:
    """Date and time as marked text; a time of day or a duration as it is read on the sheet."""
    if isinstance(value, datetime.datetime):
        return {"t": value.isoformat()}
    if isinstance(value, datetime.date):
        return {"t": f"{value.isoformat()}T00:00:00"}
    if isinstance(value, datetime.timedelta):
        minutes, seconds = divmod(int(value.total_seconds()), 60)
        return f"{minutes // 60:02d}:{minutes % 60:02d}" + (f":{seconds:02d}" if seconds else "")
    return value.strftime("%H:%M:%S").removesuffix(":00") if value.second == 0 else value.strftime("%H:%M:%S")


def _error_cells(path: str, name: str) -> Iterator[tuple[tuple[int, int], str]]:
    """Row (from 1), column (from 0) and text of cells that hold an error: calamine reads them as empty ones."""
    with zipfile.ZipFile(path) as archive:
        part = _sheet_part(archive, name)
        if part is None:
            return
        with archive.open(part) as stream:
            kept = b""
            while block := stream.read(2**20):
                text = kept + block
                cut = text.rfind(b"<", 0, max(0, len(text) - 4096))
                scanned, kept = (text[:cut], text[cut:]) if cut > 0 and len(block) == 2**20 else (text, b"")
                yield from _errors_in(scanned)
            yield from _errors_in(kept)


def _errors_in(text: bytes) -> Iterator[tuple[tuple[int, int], str]]:
    if b't="e"' not in text and b"t='e'" not in text:
        return
    for match in _ERROR_CELL.finditer(text):
        reference = _CELL_REFERENCE.search(match[0])
        if reference is not None:
            column = 0
            for letter in reference[1]:
                column = column * 26 + letter - 64
            yield (int(reference[2]), column - 1), match[1].decode("utf-8", "replace")[:20]


def _sheet_part(archive: zipfile.ZipFile, name: str) -> str | None:
    """File in an xlsx archive that holds the sheet; None in other formats."""
    if "xl/workbook.xml" not in archive.namelist():
        return None
    relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314  memory is limited
    targets = {relation.get("Id"): relation.get("Target", "") for relation in relations}
    for sheet in ElementTree.fromstring(archive.read("xl/workbook.xml")).iter():  # noqa: S314
        if sheet.tag.endswith("}sheet") and sheet.get("name") == name:
            target = targets.get(sheet.get(_RELATION)) or ""
            part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            return part if part in archive.namelist() else None
    return None


def _fail(why: str, detail: str = "") -> int:
    _write({"failed": why, "detail": detail[:200]})
    return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:5]))
