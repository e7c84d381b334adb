"""Rows of cells, as sheets and delimited text hold them → header, columns, records.

Title rows stand above many a header and empty rows anywhere. The header is the first row that fills most of the width
that its following rows have and whose cells are nearly all words rather than numbers.
"""

import datetime
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.exchange.table import ERROR_CELLS, Limits, Notes, build_frame, check_length, clean_text, unique_names

Cells = Sequence[Any]
NumberedCells = tuple[int, Cells]

# A header further down than this is no header.
LOOK_AT: Final = 50
# Few rows at a time as lists: many would keep the garbage collector busy for longer than the reading.
BLOCK_ROWS: Final = 1_000
LEAST_WIDTH: Final = 0.6
LEAST_WORDS: Final = 0.8
_NUMBER = re.compile(r"\s*[+-]?[\d.,\s]+(?:[eE][+-]?\d+)?\s*[%‰]?\s*")


@dataclass(slots=True)
class HeaderedRows:
    """A table read row by row: its header found, its records to come.

    Parameters
    ----------
    names
        Column names, distinct.
    header_row
        Row of the header as its user counts; 0 where the file is empty.
    places
        Position of each column in the rows.
    records
        What follows the header, with row numbers; empty rows are left out.
    """

    names: list[str]
    header_row: int
    places: list[int]
    records: Iterator[NumberedCells]
    notes: Notes
    limits: Limits
    _header: list[Any] = field(default_factory=list)
    # A record that had to serve as header may well have a twin.
    _may_repeat: bool = False

    def take(self, count: int | None = None) -> tuple[pd.DataFrame, NDArray[np.int64]]:
        """Frame of the next records, all of them by default, and their row numbers.

        Parameters
        ----------
        count
            At most so many.

        Raises
        ------
        FileError
            More rows or longer cells than the limits allow.
        """
        numbers: list[int] = []
        columns: list[list[Any]] = [[] for _ in self._header]
        stop = count if count is not None else self.limits.rows + 1
        while block := list(islice(self.records, min(BLOCK_ROWS, stop - len(numbers)))):
            self._append(block, numbers, columns)
            self.limits.check_count(len(numbers), max(1, len(columns)))
        self._note_left_out(columns, numbers)
        kept = [
            self._column(name, columns[place], numbers) for name, place in zip(self.names, self.places, strict=True)
        ]
        return build_frame(self.names, kept), np.array(numbers, dtype=np.int64)

    def _append(self, block: list[NumberedCells], numbers: list[int], columns: list[list[Any]]) -> None:
        """Add a block of records to the columns, each record as wide as the header."""
        width, header = len(columns), self._header
        rows: list[Cells] = []
        for number, cells in block:
            fitted = cells if len(cells) == width else self._fitted(number, cells, width)
            if self._may_repeat and (fitted[0] or "") == header[0] and [_as_cell(cell) for cell in fitted] == header:
                self.notes.add(
                    "warning",
                    "repeated-header",
                    "The header stands here again; left out.",
                    "此行重复了表头，已忽略。",
                    number,
                )
                continue
            numbers.append(number)
            rows.append(fitted)
        for column, cells in zip(columns, zip(*rows, strict=True), strict=False):
            column.extend(cells)

    def _fitted(self, number: int, cells: Cells, width: int) -> Cells:
        if len(cells) < width:
            return [*cells, *[None] * (width - len(cells))]
        extra = [cell for cell in cells[width:] if not _is_blank(cell)]
        if extra:
            self.notes.add(
                "warning",
                "extra-cells",
                f"The row has {len(extra)} filled cells beyond the last column; they are left out.",
                f"该行在最后一列之后还有 {len(extra)} 个非空单元格，已忽略。",
                number,
            )
        return cells[:width]

    def _note_left_out(self, columns: Sequence[Sequence[Any]], numbers: list[int]) -> None:
        for place in set(range(len(columns))) - set(self.places):
            filled = next((n for n, cell in enumerate(columns[place]) if not _is_blank(cell)), None)
            if filled is not None:
                self.notes.add(
                    "warning",
                    "extra-cells",
                    f"Column {place + 1} has no name and was empty further up; its cells are left out from here on.",
                    f"第 {place + 1} 列没有列名且前面为空，自此行起的内容已忽略。",
                    numbers[filled],
                )

    def _column(self, name: str, cells: Cells, numbers: list[int]) -> list[Any]:
        if _is_clean([cell for cell in cells if isinstance(cell, str)]):
            return [None if cell == "" else cell for cell in cells]
        return [self._cell(name, cell, number) for cell, number in zip(cells, numbers, strict=True)]

    def _cell(self, name: str, cell: Any, number: int) -> Any:
        if not isinstance(cell, str):
            return cell
        check_length(cell, number, name, self.limits)
        if cell in ERROR_CELLS:
            note_error_cell(self.notes, number, name, cell)
            return None
        return clean_text(cell, number, name, self.notes) or None


def note_error_cell(notes: Notes, row: int, column: str, shown: str) -> None:
    """Note a cell that holds an Excel error instead of a value."""
    notes.add(
        "warning",
        "error-cell",
        f"Column “{column}” shows {shown}: a formula failed in Excel. Taken as empty.",
        f"“{column}”列显示 {shown}：Excel 公式出错，按空值处理。",
        row,
        column=column,
    )


def with_header(rows: Iterable[NumberedCells], notes: Notes, limits: Limits) -> HeaderedRows:
    """Rows with their header found and read.

    Parameters
    ----------
    rows
        Row numbers and cells, in order; empty rows may be among them.
    notes
        Takes what was noticed: title rows that were passed over, unnamed or repeated columns, a doubtful header.
    limits
        What to refuse.

    Raises
    ------
    FileError
        More columns than allowed.
    """
    filled = (row for row in rows if _is_filled(row[1]))
    first = list(islice(filled, LOOK_AT))
    if not first:
        notes.add("error", "empty-table", "The table is empty.", "表格为空。")
        return HeaderedRows([], 0, [], iter(()), notes, limits)
    place = header_place([cells for _, cells in first], notes, [number for number, _ in first])
    number, header = first[place]
    width = len(header) - next((n for n, cell in enumerate(reversed(header)) if not _is_blank(cell)), 0)
    below = first[place + 1 :]
    width = max([width, *[_width(cells) for _, cells in below]])
    limits.check_count(1, width)
    padded = [*header, *[None] * (width - len(header))][:width]
    names, places = _columns(padded, [cells for _, cells in below], number, notes)
    if place:
        notes.add(
            "warning",
            "header-row",
            f"Row {number} is taken as the header; the {place} filled rows above it are left out.",
            f"以第 {number} 行为表头，其上 {place} 行已忽略。",
            number,
        )
    return HeaderedRows(
        names,
        number,
        places,
        chain(below, filled),
        notes,
        limits,
        [_as_cell(cell) for cell in padded],
        _is_wordy(header),
    )


def header_place(rows: Sequence[Cells], notes: Notes, numbers: Sequence[int]) -> int:
    """Position of the header among the first filled rows.

    Parameters
    ----------
    rows
        Cells of filled rows.
    notes
        Takes a warning where no row looks like a header and the first wide one is taken.
    numbers
        Their row numbers, for the warning.
    """
    fills = [sum(not _is_blank(cell) for cell in cells) for cells in rows]
    first_wide: int | None = None
    for place, cells in enumerate(rows):
        widest = max(fills[place : place + 20])
        if fills[place] < LEAST_WIDTH * widest:
            continue
        if first_wide is None:
            first_wide = place
        if _is_wordy(cells):
            return place
        # Once data has begun, a row of words is a record.
        if place - first_wide >= 3:
            break
    chosen = first_wide or 0
    notes.add(
        "warning",
        "doubtful-header",
        f"No row looks like a header; row {numbers[chosen]} is taken as it.",
        f"没有像表头的行，以第 {numbers[chosen]} 行为表头。",
        numbers[chosen],
    )
    return chosen


def _columns(header: Cells, below: Sequence[Cells], number: int, notes: Notes) -> tuple[list[str], list[int]]:
    """Names and positions of the columns: unnamed ones that hold nothing in the first rows are left out."""
    names, places = [], []
    for place, cell in enumerate(header):
        if _is_blank(cell):
            if not any(place < len(cells) and not _is_blank(cells[place]) for cells in below):
                continue
            name = f"column {place + 1}"
            notes.add(
                "warning",
                "unnamed-column",
                f"Column {place + 1} has no name in the header; it is called “{name}”.",
                f"第 {place + 1} 列没有列名，称为“{name}”。",
                number,
                column=name,
            )
        else:
            name = clean_text(str(_as_cell(cell)).strip(), number, f"column {place + 1}", notes)
        names.append(name)
        places.append(place)
    return unique_names(names, notes), places


def _is_clean(texts: list[str]) -> bool:
    """Whether no text of a column needs a second look: told for all at once, since nearly every column is clean."""
    joined = "\n".join(texts)
    if "\x00" in joined or "#" in joined or len(joined) > 100 * len(texts) + 1_000:
        return False
    try:
        joined.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_wordy(cells: Cells) -> bool:
    """Whether nearly all filled cells of a row can be column names."""
    return sum(_is_word(cell) for cell in cells) >= LEAST_WORDS * sum(not _is_blank(cell) for cell in cells)


def _as_cell(cell: Any) -> Any:
    return "" if cell is None else cell


def _is_filled(cells: Cells) -> bool:
    for cell in cells:
        if isinstance(cell, str):
            if cell and not cell.isspace():
                return True
        elif cell is not None:
            return True
    return False


def _width(cells: Cells) -> int:
    for place in range(len(cells), 0, -1):
        if not _is_blank(cells[place - 1]):
            return place
    return 0


def _is_blank(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _is_word(cell: Any) -> bool:
    """Whether a cell can be a column's name: filled, no number, no date, no truth value."""
    if isinstance(cell, str):
        return bool(cell.strip()) and _NUMBER.fullmatch(cell) is None
    return not (cell is None or isinstance(cell, bool | int | float | datetime.date | datetime.time))
