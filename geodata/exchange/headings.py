"""Which of the first rows of a sheet are its header, and what its columns are called.

Clerks write headers of one, two or three levels: 网格长 over 姓名 and 电话. Such levels are joined to one name per
column, 网格长·姓名. Above them stand title rows and lines like 填报单位：…, which are no header.
"""

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from geodata.exchange.merged import Block, NumberedCells, is_blank, spread

LEVELS_JOINED_BY: Final = "·"
MOST_LEVELS: Final = 5
LEAST_WIDTH: Final = 0.6
LEAST_WORDS: Final = 0.8
_NUMBER = re.compile(r"\s*[+-]?[\d.,\s]+(?:[eE][+-]?\d+)?\s*[%‰]?\s*")
_LABELLED = re.compile(r"[^:：]{1,20}[:：]\s*\S")
# What stands under a role or a group when no merged cells say that there are two levels.
_LOWER_LEVEL: Final = frozenset(
    {
        "姓名",
        "名字",
        "电话",
        "联系电话",
        "手机",
        "手机号",
        "手机号码",
        "电话号码",
        "联系方式",
        "办公电话",
        "固定电话",
        "性别",
        "年龄",
        "职务",
        "编码",
        "工号",
        "备注",
        "户数",
        "人数",
        "数量",
        "起",
        "止",
        "开始",
        "结束",
        "name",
        "phone",
    }
)


@dataclass(frozen=True, slots=True)
class Heading:
    """The header of a table among its first filled rows.

    Parameters
    ----------
    first, last
        Positions of its first and last row.
    names
        Name of each column, levels joined; empty where a column has none.
    is_sure
        No row had to serve for want of a better one.
    """

    first: int
    last: int
    names: list[str]
    is_sure: bool


def find_heading(rows: Sequence[NumberedCells], blocks: Sequence[Block]) -> Heading:
    """The header among the first filled rows.

    Parameters
    ----------
    rows
        Numbers and cells of the first filled rows; at least one.
    blocks
        Merged cells of the sheet.

    Notes
    -----
    It begins with the first row that fills most of the width of the rows that follow it and whose cells are nearly all
    words. It goes on downward where cells are merged into the next row or a merged group has its own words below it,
    and upward where a row above names groups of its columns. Where no cells are merged, a group is a word with empty
    cells to its right that has words like 姓名 or 电话, or words that come again, below.
    """
    cells = spread(rows, blocks)
    base, is_sure = _base(rows, cells)
    if not is_sure:
        return Heading(base, base, _joined(cells, base, base), is_sure)
    last = _down(rows, cells, blocks, base)
    first = _up(rows, blocks, base)
    return Heading(first, last, _joined(_grouped(rows, cells, first, last), first, last), is_sure)


def told_heading(rows: Sequence[NumberedCells], blocks: Sequence[Block], count: int) -> Heading:
    """The header that the first `count` of these rows are, as somebody said."""
    cells = spread(rows, blocks)
    return Heading(0, count - 1, _joined(_grouped(rows, cells, 0, count - 1), 0, count - 1), is_sure=True)


def is_word(cell: Any) -> bool:
    """Whether a cell can be a column's name: filled, no number, no date, no truth value."""
    if isinstance(cell, str):
        return bool(cell.strip()) and _NUMBER.fullmatch(cell) is None
    return not (cell is None or isinstance(cell, bool | int | float | datetime.date | datetime.time))


def is_wordy(cells: Sequence[Any]) -> bool:
    """Whether nearly all filled cells of a row can be column names."""
    return sum(is_word(cell) for cell in cells) >= LEAST_WORDS * sum(not is_blank(cell) for cell in cells)


def _base(rows: Sequence[NumberedCells], cells: Sequence[Sequence[Any]]) -> tuple[int, bool]:
    """Position of the first row that can be a header, and whether one looks like it."""
    fills = [_fill(own, whole) for (_, own), whole in zip(rows, cells, strict=True)]
    first_wide: int | None = None
    for place, whole in enumerate(cells):
        widest = max(fills[place : place + 20])
        if fills[place] < LEAST_WIDTH * widest or (fills[place] < widest and _is_labels(rows[place][1])):
            continue
        if first_wide is None:
            first_wide = place
        if is_wordy(whole):
            return place, True
        # Once data has begun, a row of words is a record.
        if place - first_wide >= 3:
            break
    return first_wide or 0, False


def _fill(own: Sequence[Any], whole: Sequence[Any]) -> int:
    """Cells that a row fills. A title or a line of labels counts as what was typed, however far it was merged."""
    typed = [cell for cell in own if not is_blank(cell)]
    if len(typed) < 3 or _is_labels(own):
        return len(typed)
    return sum(not is_blank(cell) for cell in whole)


def _is_labels(cells: Sequence[Any]) -> bool:
    """Whether a row is a line like 填报单位：… 填报日期：…."""
    return all(_is_label(cell) for cell in cells if not is_blank(cell))


def _is_label(cell: Any) -> bool:
    return isinstance(cell, str) and _LABELLED.match(cell.strip()) is not None


def _down(rows: Sequence[NumberedCells], cells: Sequence[Sequence[Any]], blocks: Sequence[Block], base: int) -> int:
    """Position of the last row of the header that begins at `base`, or above it."""
    last = base
    while last + 1 < len(rows) and last - base + 1 < MOST_LEVELS:
        number, below = rows[last][0], rows[last + 1][0]
        merged_into = [block for block in blocks if rows[base][0] <= block.first_row <= number]
        heads = {block for block in merged_into if block.first_row == number and block.width > 1}
        reaches = any(block.last_row >= below and block.height <= MOST_LEVELS for block in merged_into)
        goes_on = (reaches and is_wordy(cells[last + 1])) or (heads and _words_below(rows, last + 1, heads))
        if not merged_into and last == base:
            goes_on = _looks_grouped(rows[last][1], rows[last + 1][1])
        if not goes_on:
            break
        last += 1
    return last


def _words_below(rows: Sequence[NumberedCells], place: int, heads: set[Block]) -> bool:
    """Whether a row is a level below merged groups: words under them alone, or words that differ from the records."""
    cells = rows[place][1]
    filled = [column for column, cell in enumerate(cells) if not is_blank(cell)]
    if len(filled) < 2 or not all(is_word(cells[column]) for column in filled):
        return False
    under = {column for head in heads for column in range(head.first_column, head.last_column + 1)}
    if set(filled) <= under:
        return True
    below = [row for _, row in rows[place + 1 : place + 11]]
    return under <= set(filled) and any(_holds_figures(column, below) for column in filled)


def _holds_figures(column: int, rows: Sequence[Sequence[Any]]) -> bool:
    """Whether a column holds mostly what is no word."""
    cells = [row[column] for row in rows if column < len(row) and not is_blank(row[column])]
    return 2 * sum(not is_word(cell) for cell in cells) > len(cells)


def _looks_grouped(upper: Sequence[Any], lower: Sequence[Any]) -> bool:
    """Whether a row is the lower level of a header without merged cells."""
    filled = [column for column, cell in enumerate(lower) if not is_blank(cell)]
    if len(filled) < 2 or not all(is_word(lower[column]) for column in filled):
        return False
    width = len(upper)
    for column in filled:
        is_head = column < width and not is_blank(upper[column])
        if is_head and (column + 1 >= width or not is_blank(upper[column + 1])):
            return False
    if all(column < width and not is_blank(upper[column]) for column in filled):
        return False
    words = [str(lower[column]).strip() for column in filled]
    return len(set(words)) < len(words) or all(word.casefold() in _LOWER_LEVEL for word in words)


def _up(rows: Sequence[NumberedCells], blocks: Sequence[Block], base: int) -> int:
    """Position of the first row of the header: rows above that name groups of columns belong to it."""
    first = base
    while first > 0 and base - first + 1 < MOST_LEVELS:
        number, own = rows[first - 1]
        typed = [cell for cell in own if not is_blank(cell)]
        if len(typed) < 2 or not all(is_word(cell) for cell in typed) or any(_is_label(cell) for cell in typed):
            break
        above = [block for block in blocks if block.first_row == number]
        is_group = any(block.width > 1 or block.last_row >= rows[first][0] for block in above)
        if not (is_group if above else _looks_grouped(own, rows[first][1])):
            break
        first -= 1
    return first


def _grouped(rows: Sequence[NumberedCells], cells: Sequence[Sequence[Any]], first: int, last: int) -> list[list[Any]]:
    """The rows with the word of a group, where no cells are merged, in the empty cells to its right."""
    written = [list(row) for row in cells]
    for place in range(first, last):
        upper, lower = written[place], written[place + 1]
        upper.extend([None] * (len(lower) - len(upper)))
        head: Any = None
        for column, below in enumerate(lower):
            if not is_blank(upper[column]):
                head = upper[column] if not is_blank(below) else None
            elif head is not None and not is_blank(below) and is_blank(_cell(rows[place][1], column)):
                upper[column] = head
            else:
                head = None
    return written


def _cell(cells: Sequence[Any], column: int) -> Any:
    return cells[column] if column < len(cells) else None


def _joined(cells: Sequence[Sequence[Any]], first: int, last: int) -> list[str]:
    """Name of each column: its words from the top, none twice."""
    width = max((len(cells[place]) for place in range(first, last + 1)), default=0)
    return [_name([_cell(cells[place], column) for place in range(first, last + 1)]) for column in range(width)]


def _name(levels: Sequence[Any]) -> str:
    words: list[str] = []
    for cell in levels:
        word = "" if is_blank(cell) else str(cell).strip()
        if not word or (words and word == words[-1]):
            continue
        # 网格长 over 网格长姓名 says the same twice.
        if words and word.startswith(words[-1]):
            words.pop()
        words.append(word)
    return LEVELS_JOINED_BY.join(words)
