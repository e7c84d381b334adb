"""Headings and tables of a board, whose cells take as many lines as their text needs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from service.maps.boards.typeset import NOTHING, Block, Box, Item, Text, paragraph, stacked, text_width

INK: Final = "#1d252c"
MUTED: Final = "#4d5a66"
ACCENT: Final = "#124aa3"
DEEP: Final = "#0c3577"
PALE: Final = "#eaf1fb"
RULE: Final = "#d5dbe1"
WHITE: Final = "#ffffff"

_LEADING: Final = 1.36
_PAD: Final = 0.3


@dataclass(frozen=True, slots=True)
class Cell:
    """A text of a table; ``scale`` is its size in parts of the table's; ``whole`` ones shrink rather than break."""

    text: str
    scale: float = 1.0
    colour: str = INK
    bold: bool = False
    end: bool = False
    whole: bool = False


Row = Sequence[Cell | Sequence[Cell]]
"""Cells of a row; a sequence of cells stands below each other in one."""


def table(rows: Sequence[Row], widths: Sequence[float], size: float, *, gap: float, rule: str = RULE) -> Block:
    """Rows below each other with hairlines between; ``widths`` are of the columns, without the gaps between them."""
    items: list[Item] = []
    y = 0.0
    whole = sum(widths) + gap * (len(widths) - 1)
    for place, row in enumerate(rows):
        if place:
            items.append(Box(0.0, y - 0.025 * size, whole, 0.05 * size, fill=rule))
        blocks = [_cell(cell, width, size) for cell, width in zip(row, widths, strict=True)]
        x = 0.0
        for block, width in zip(blocks, widths, strict=True):
            items += block.at(x, y + _PAD * size)
            x += width + gap
        y += max(block.height for block in blocks) + 2 * _PAD * size
    return Block(y, tuple(items)) if rows else NOTHING


def _cell(cell: Cell | Sequence[Cell], room: float, size: float) -> Block:
    if not isinstance(cell, Cell):
        return stacked([_cell(one, room, size) for one in cell], 0.0)
    wanted = cell.scale * size
    if cell.whole and cell.text:
        wanted = max(min(wanted, room / text_width(cell.text, bold=cell.bold)), wanted * 0.6)
    block = paragraph(cell.text, room, wanted, colour=cell.colour, bold=cell.bold, leading=_LEADING)
    if not cell.end:
        return block
    moved = (
        Text(room, one.y, one.text, one.size, one.colour, one.bold, "end")
        for one in block.items
        if isinstance(one, Text)
    )
    return Block(block.height, tuple(moved))


def section(title: str, body: Block, size: float, width: float, note: str = "") -> Block:
    """A block below its heading; nothing where the block is empty."""
    if not body.height:
        return NOTHING
    large = size * 1.22
    head: list[Item] = [
        Box(0.0, 0.22 * large, 0.26 * large, 1.06 * large, fill=ACCENT, radius=0.08 * large),
        Text(0.6 * large, 1.12 * large, title, large, DEEP, bold=True),
    ]
    if note:
        head.append(Text(width, 1.12 * large, note, size * 0.8, MUTED, anchor="end"))
    return stacked([Block(1.55 * large, tuple(head)), body], 0.2 * size)
