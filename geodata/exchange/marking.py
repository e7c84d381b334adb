"""Marks in a copy of a workbook, in a process of its own: the program that `marked.py` starts.

openpyxl holds a whole workbook as objects, so a hostile one can take all memory; here that ends this process only. It
imports nothing of the project. Macros, links to other workbooks and formulas are not kept: cells have the values that
were last seen, so the copy reads as the original did.

Called with source, target, bytes of memory, seconds of processor time; reads one line of JSON: ``sheet``, ``header``
(first and last row), ``column`` (of the remarks, from 1), ``title``, ``marks`` ``[[row, column, colour, text], …]``,
``remarks`` ``{row: text}``, ``summary_name``, ``summary`` (rows of cells), ``author``.
"""

import resource
import sys
import warnings
from typing import Any

import openpyxl
import orjson
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

COMMENT_WIDTH = 320
COMMENT_HEIGHT = 120
REMARK_WIDTH = 60
LAST_LOOKED_AT = 200


def main(source: str, target: str, memory_bytes: str, seconds: str) -> int:
    """Exit status; 0 when the copy was written."""
    resource.setrlimit(resource.RLIMIT_AS, (int(memory_bytes), int(memory_bytes)))
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), int(seconds)))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # What openpyxl leaves out (drawings, extensions) it says in warnings.
    warnings.simplefilter("ignore")
    told = orjson.loads(sys.stdin.buffer.readline())
    book = openpyxl.load_workbook(source, data_only=True, keep_vba=False, keep_links=False)
    sheet = book[told["sheet"]]
    _clear(sheet, told)
    _mark(sheet, told)
    _add_summary(book, told)
    book.active = book.sheetnames.index(told["sheet"])
    book.save(target)
    return 0


def _clear(sheet: Any, told: dict[str, Any]) -> None:
    """Take away the marks of an earlier copy."""
    for row in sheet.iter_rows():
        for cell in row:
            comment = getattr(cell, "comment", None)
            if comment is not None and comment.author == told["author"]:
                cell.comment = None
                cell.fill = PatternFill()


def _mark(sheet: Any, told: dict[str, Any]) -> None:
    tops = {}
    for block in sheet.merged_cells.ranges:
        for row in range(block.min_row, min(block.max_row, block.min_row + LAST_LOOKED_AT) + 1):
            for column in range(block.min_col, min(block.max_col, block.min_col + LAST_LOOKED_AT) + 1):
                tops[row, column] = (block.min_row, block.min_col)
    said: dict[tuple[int, int], list[str]] = {}
    for row, column, colour, text in told["marks"]:
        place = tops.get((row, column), (row, column))
        cell = sheet.cell(*place)
        if place not in said or colour == told["worst"]:
            cell.fill = PatternFill("solid", fgColor=colour)
        said.setdefault(place, []).append(text)
    for place, texts in said.items():
        cell = sheet.cell(*place)
        own = [cell.comment.text] if cell.comment is not None else []
        comment = Comment("\n".join([*dict.fromkeys(texts), *own])[:2_000], told["author"])
        comment.width, comment.height = COMMENT_WIDTH, COMMENT_HEIGHT
        cell.comment = comment
    _remark(sheet, told)


def _remark(sheet: Any, told: dict[str, Any]) -> None:
    """The column of remarks, right of the table."""
    column = told["column"]
    first, last = told["header"]
    if sheet.cell(first, column).value == told["title"]:
        for row in range(last + 1, sheet.max_row + 1):
            if sheet.cell(row, column).value is not None:
                sheet.cell(row, column).value = None
    else:
        while any(sheet.cell(row, column).value is not None for row in range(first, last + LAST_LOOKED_AT)):
            column += 1
        if last > first:
            sheet.merge_cells(start_row=first, end_row=last, start_column=column, end_column=column)
    head = sheet.cell(first, column)
    head.value, head.font = told["title"], Font(bold=True)
    sheet.column_dimensions[get_column_letter(column)].width = REMARK_WIDTH
    for row, text in told["remarks"].items():
        _write(sheet.cell(int(row), column), text)
        sheet.cell(int(row), column).alignment = Alignment(wrap_text=True, vertical="top")


def _add_summary(book: Any, told: dict[str, Any]) -> None:
    if told["summary_name"] in book.sheetnames:
        del book[told["summary_name"]]
    sheet = book.create_sheet(told["summary_name"])
    for row, cells in enumerate(told["summary"], start=1):
        for column, value in enumerate(cells, start=1):
            _write(sheet.cell(row, column), value)
    for column, width in enumerate(told["widths"], start=1):
        sheet.column_dimensions[get_column_letter(column)].width = width


def _write(cell: Any, value: Any) -> None:
    cell.value = value
    if isinstance(value, str):
        # Set after the value: openpyxl makes a formula of text that begins with an equals sign.
        cell.data_type = "s"


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:5]))
