"""Rows of cells, as sheets and delimited text hold them → header, columns, records."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.errors import FileError
from geodata.exchange.headings import Heading, find_heading, told_heading
from geodata.exchange.merged import Block, Cells, NumberedCells, filled_down, is_blank, spread
from geodata.exchange.remarks import Remarks, section_rows
from geodata.exchange.table import ERROR_CELLS, Limits, Notes, build_frame, check_length, clean_text, unique_names

# A header further down than this is no header.
LOOK_AT: Final = 50
LONGEST_TITLE: Final = 200
MANY_EMPTY_ROWS: Final = 100
# Few rows at a time as lists: many would keep the garbage collector busy for longer than the reading.
BLOCK_ROWS: Final = 1_000


@dataclass(slots=True)
class HeaderedRows:
    """A table read row by row: its header found, its records to come.

    Parameters
    ----------
    names
        Column names, distinct.
    header_rows
        First and last row of the header as its user counts; None where the file is empty.
    places
        Position of each column in the rows.
    records
        What follows the header, with row numbers; empty rows are left out.
    titles
        What stands above the header, cell by cell, each once.
    """

    names: list[str]
    header_rows: tuple[int, int] | None
    places: list[int]
    records: Iterator[NumberedCells]
    notes: Notes
    limits: Limits
    titles: tuple[str, ...] = ()
    _width: int = 0
    # Rows that are left out when they come again, as a header does on every printed page: as typed, and with the values
    # of merged cells written out.
    _twins: list[tuple[list[Any], list[Any]]] = field(default_factory=list)

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
        columns: list[list[Any]] = [[] for _ in range(self._width)]
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
        width = self._width
        beginnings = {cells[0] for twin in self._twins for cells in twin}
        rows: list[Cells] = []
        for number, cells in block:
            fitted = cells if len(cells) == width else self._fitted(number, cells, width)
            if _as_cell(fitted[0]) in beginnings and self._is_twin(fitted):
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

    def _is_twin(self, cells: Cells) -> bool:
        """Whether a row is the header, or a title above it, once more."""
        row = [_as_cell(cell) for cell in cells]
        return any(
            all(cell in (one, other) for cell, one, other in zip(row, typed, whole, strict=True))
            for typed, whole in self._twins
        )

    def _fitted(self, number: int, cells: Cells, width: int) -> Cells:
        if len(cells) < width:
            return [*cells, *[None] * (width - len(cells))]
        extra = [cell for cell in cells[width:] if not is_blank(cell)]
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
            filled = next((n for n, cell in enumerate(columns[place]) if not is_blank(cell)), None)
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


def with_header(
    rows: Iterable[NumberedCells],
    notes: Notes,
    limits: Limits,
    *,
    blocks: Sequence[Block] = (),
    header_rows: tuple[int, int] | None = None,
    remarks: bool = True,
) -> HeaderedRows:
    """Rows with their header found and read.

    Parameters
    ----------
    rows
        Row numbers and cells, in order; empty rows may be among them.
    notes
        Takes what was noticed: title rows that were passed over, unnamed or repeated columns, a doubtful header.
    limits
        What to refuse.
    blocks
        Merged cells of the sheet.
    header_rows
        First and last row of the header where somebody said so; rows above are left out.
    remarks
        Leave out sums, section titles and remarks among and below the records.

    Raises
    ------
    FileError
        More columns than allowed; nothing stands in the rows that are said to be the header.
    """
    filled = _filled(rows, notes)
    above: Sequence[NumberedCells] = ()
    if header_rows is not None:
        above, filled = _divided(filled, header_rows[0])
    first = list(islice(filled, LOOK_AT))
    if not first and header_rows is None:
        notes.add("error", "empty-table", "The table is empty.", "表格为空。")
        return HeaderedRows([], None, [], iter(()), notes, limits)
    heading = find_heading(first, blocks) if header_rows is None else _told(first, blocks, header_rows)
    numbers = (first[heading.first][0], first[heading.last][0])
    if not heading.is_sure:
        _note_doubtful(numbers[0], notes)
    below = first[heading.last + 1 :]
    width = max([len(heading.names), *[_width(cells) for _, cells in below]])
    limits.check_count(1, width)
    padded = [*heading.names, *[""] * (width - len(heading.names))][:width]
    names, places = _columns(padded, [cells for _, cells in below], numbers[1], notes)
    records = filled_down(chain(below, filled), blocks)
    if remarks:
        records = Remarks(width, section_rows(blocks, width), notes).records(records)
    _note_heading(heading, numbers, notes, told=header_rows is not None)
    head = first[: heading.last + 1]
    # A record that had to serve as header may well have a twin.
    twins = [
        (_fitted_texts(typed, width), _fitted_texts(whole, width))
        for (_, typed), whole in zip(head if heading.is_sure else [], spread(head, blocks), strict=False)
    ]
    titles = _titles([*above, *first[: heading.first]])
    return HeaderedRows(names, numbers, places, records, notes, limits, titles, width, twins)


def _filled(rows: Iterable[NumberedCells], notes: Notes) -> Iterator[NumberedCells]:
    """Rows that hold something; a stretch of empty ones among them is said where it is long enough to be a mistake."""
    last: NumberedCells = (0, [])
    for row in rows:
        if not _is_filled(row[1]):
            continue
        empty = row[0] - last[0] - 1
        if empty >= MANY_EMPTY_ROWS:
            # In a text file a cell of several lines takes as many rows.
            empty -= sum(cell.count("\n") for cell in last[1] if isinstance(cell, str))
        if empty >= MANY_EMPTY_ROWS:
            notes.add(
                "warning",
                "empty-rows",
                f"{empty} rows above are empty; they are left out. Check that nothing is missing there.",
                f"此行之上有 {empty} 个空行，已忽略。请确认其中没有遗漏的数据。",
                row[0],
            )
        last = row
        yield row


def _divided(rows: Iterator[NumberedCells], number: int) -> tuple[Sequence[NumberedCells], Iterator[NumberedCells]]:
    """The last rows before one of a number, and that one with all that follow."""
    above: deque[NumberedCells] = deque(maxlen=LOOK_AT)
    for row in rows:
        if row[0] >= number:
            return tuple(above), chain([row], rows)
        above.append(row)
    return tuple(above), iter(())


def _titles(rows: Sequence[NumberedCells]) -> tuple[str, ...]:
    texts = (str(cell).strip()[:LONGEST_TITLE] for _, cells in rows for cell in cells if not is_blank(cell))
    return tuple(dict.fromkeys(texts))


def _told(first: Sequence[NumberedCells], blocks: Sequence[Block], header_rows: tuple[int, int]) -> Heading:
    count = sum(number <= header_rows[1] for number, _ in first)
    if count == 0 or header_rows[0] > header_rows[1]:
        shown = f"{header_rows[0]}–{header_rows[1]}"
        raise FileError(
            f"There is nothing in the rows {shown} that are said to be the header.",
            f"指定的表头行（{shown}）为空或不存在。",
            header_rows=list(header_rows),
        )
    return told_heading(first, blocks, count)


def _note_doubtful(number: int, notes: Notes) -> None:
    notes.add(
        "warning",
        "doubtful-header",
        f"No row looks like a header; row {number} is taken as it.",
        f"没有像表头的行，以第 {number} 行为表头。",
        number,
    )


def _note_heading(heading: Heading, numbers: tuple[int, int], notes: Notes, *, told: bool) -> None:
    """Note a header that was guessed where it could have been another."""
    if not told and (heading.first or heading.last > heading.first):
        is_one = heading.first == heading.last
        rows = f"Row {numbers[0]} is" if is_one else f"Rows {numbers[0]} to {numbers[1]} are"
        rows_zh = f"第 {numbers[0]} 行" if is_one else f"第 {numbers[0]}–{numbers[1]} 行"
        above = f"; the {heading.first} filled rows above are left out" if heading.first else ""
        above_zh = f"，其上 {heading.first} 行已忽略" if heading.first else ""
        notes.add(
            "warning",
            "header-row",
            f"{rows} taken as the header{above}.",
            f"以{rows_zh}为表头{above_zh}。",
            numbers[0],
            header_rows=list(numbers),
        )


def _fitted_texts(cells: Cells, width: int) -> list[Any]:
    return [_as_cell(cell) for cell in [*cells, *[None] * (width - len(cells))][:width]]


def _columns(header: Sequence[str], below: Sequence[Cells], number: int, notes: Notes) -> tuple[list[str], list[int]]:
    """Names and positions of the columns: unnamed ones that hold nothing in the first rows are left out."""
    names, places = [], []
    for place, cell in enumerate(header):
        if not cell:
            if not any(place < len(cells) and not is_blank(cells[place]) for cells in below):
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
            name = clean_text(cell, number, f"column {place + 1}", notes)
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
        if not is_blank(cells[place - 1]):
            return place
    return 0
