"""Cells that were merged: one value for a whole block, kept in its first cell only."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

Cells = Sequence[Any]
NumberedCells = tuple[int, Cells]


@dataclass(frozen=True, slots=True, order=True)
class Block:
    """Merged cells: rows as the user counts and columns from 0, both ends included."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int

    @property
    def height(self) -> int:
        """Number of rows."""
        return self.last_row - self.first_row + 1

    @property
    def width(self) -> int:
        """Number of columns."""
        return self.last_column - self.first_column + 1


def filled_down(rows: Iterable[NumberedCells], blocks: Sequence[Block]) -> Iterator[NumberedCells]:
    """Rows in which the value of a block that goes over several rows stands in each of them.

    Parameters
    ----------
    rows
        Filled rows in order, from any row on.
    blocks
        Blocks of more than one row; others are passed over. A value is written down the block's first column, into
        empty cells only, and never below the block.

    Notes
    -----
    Rows that hold nothing of their own don't come, so a block that reaches far below the table makes no records.
    """
    waiting = sorted((block for block in blocks if block.height > 1), reverse=True)
    if not waiting:
        yield from rows
        return
    open_blocks: dict[int, tuple[int, Any]] = {}
    for number, cells in rows:
        while waiting and waiting[-1].first_row <= number:
            block = waiting.pop()
            if block.first_row == number and block.first_column < len(cells):
                open_blocks[block.first_column] = (block.last_row, cells[block.first_column])
        if open_blocks:
            open_blocks = {column: held for column, held in open_blocks.items() if held[0] >= number}
            cells = _with_values(cells, open_blocks)
        yield number, cells


def _with_values(cells: Cells, values: dict[int, tuple[int, Any]]) -> Cells:
    written = list(cells)
    for column, (_, value) in values.items():
        if column >= len(written):
            written.extend([None] * (column + 1 - len(written)))
        if is_blank(written[column]):
            written[column] = value
    return written


def spread(rows: Sequence[NumberedCells], blocks: Sequence[Block]) -> list[list[Any]]:
    """Cells of a few rows with the value of each block in all its cells, as a header is read.

    Parameters
    ----------
    rows
        Filled rows in order.
    blocks
        All blocks of the sheet; those that begin in these rows count.
    """
    cells = [list(row) for _, row in rows]
    places = {number: place for place, (number, _) in enumerate(rows)}
    width = max((len(row) for row in cells), default=0)
    last = rows[-1][0] if rows else 0
    for block in blocks:
        start = places.get(block.first_row)
        if start is None or block.first_column >= len(rows[start][1]):
            continue
        value = rows[start][1][block.first_column]
        for number in range(block.first_row, min(block.last_row, last) + 1):
            if number in places:
                _spread_row(cells[places[number]], block, value, width)
    return cells


def _spread_row(cells: list[Any], block: Block, value: Any, width: int) -> None:
    stop = min(block.last_column + 1, width)
    if len(cells) < stop:
        cells.extend([None] * (stop - len(cells)))
    for column in range(block.first_column, stop):
        if is_blank(cells[column]):
            cells[column] = value


def is_blank(cell: Any) -> bool:
    """Whether a cell holds nothing to be seen."""
    return cell is None or (isinstance(cell, str) and not cell.strip())
