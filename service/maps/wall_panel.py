"""Columns of rows beside a printed map: how high they are is known before anything is drawn."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from service.maps.lettering import clean, fitted, width_of
from service.maps.sheet import INK, written

Draw = Callable[[float, float, float], Markup]
"""Draws at an upper left corner in a width, millimetres."""

RULE: Final = "#c3cbd3"
QUIET: Final = "#4d5a66"
STATION: Final = "#124aa3"


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a column.

    Parameters
    ----------
    height
        Millimetres.
    draw
        Draws it.
    heading
        It is never the last one of a column.
    again
        Heading that is repeated where a column begins with this row; None for none.
    """

    height: float
    draw: Draw
    heading: bool = False
    again: "Row | None" = None


@dataclass(frozen=True, slots=True)
class Cell:
    """A text in a row, from ``left`` to ``right`` in parts of the width; ``end`` sets it to the right."""

    text: str
    left: float
    right: float
    bold: bool = False
    colour: str = INK
    end: bool = False


def text_row(
    cells: Sequence[Cell], size: float, *, height: float = 1.5, ruled: bool = False, again: Row | None = None
) -> Row:
    """A row of texts, each shortened to its room.

    Parameters
    ----------
    size
        Of the letters, millimetres.
    height
        In letters.
    """
    high = size * height

    def draw(x: float, y: float, width: float) -> Markup:
        foot = y + high / 2 + size * 0.36
        parts = [_cell(cell, x, foot, width, size) for cell in cells]
        if ruled:
            parts.append(rule(x, y + high, width))
        return Markup("").join(parts)

    return Row(high, draw, again=again)


def _cell(cell: Cell, x: float, foot: float, width: float, size: float) -> Markup:
    room = (cell.right - cell.left) * width - (0 if cell.end else size * 0.3)
    text = fitted(clean(cell.text), room, size, bold=cell.bold)
    at = x + width * (cell.right if cell.end else cell.left)
    look = {"colour": cell.colour, "bold": cell.bold, "anchor": "end" if cell.end else "start"}
    return written(at, foot, text, size=size, **look) if text else Markup("")  # type: ignore[arg-type]


def joined(rows: Sequence[Row], *, again: Row | None = None) -> Row:
    """Rows that are never parted."""

    def draw(x: float, y: float, width: float) -> Markup:
        return drawn([rows], x, y, width, 0.0, 1)

    return Row(sum(row.height for row in rows), draw, again=again)


def heading_row(text: str, size: float, *, note: str = "", again: bool = False) -> Row:
    """The heading of what follows, with a firm line below."""
    high = size * (1.9 if again else 2.7)

    def draw(x: float, y: float, width: float) -> Markup:
        foot = y + high - size * 0.62
        told = width_of(note, size * 0.85) + size if note else 0.0
        left = written(
            x, foot, fitted(text, max(width - told, width * 0.4), size, bold=True), size=size, bold=True, anchor="start"
        )
        right = written(
            x + width, foot, fitted(note, width * 0.6, size * 0.85), size=size * 0.85, colour=QUIET, anchor="end"
        )
        return left + (right if note else "") + rule(x, y + high - size * 0.15, width, colour=INK, weight=size * 0.09)

    return Row(high, draw, heading=True)


def rule(x: float, y: float, width: float, *, colour: str = RULE, weight: float = 0.1) -> Markup:
    """A line across a column."""
    return Markup('<path d="M{:.2f} {:.2f}h{:.2f}" stroke="{}" stroke-width="{:.2f}"/>').format(
        x, y, width, colour, weight
    )


def gap_row(height: float) -> Row:
    """Nothing."""
    return Row(height, lambda _x, _y, _width: Markup(""))


def flowed(rows: Sequence[Row], height: float, columns: int) -> list[list[Row]] | None:
    """The rows in columns of a height, or None where they need more."""
    found: list[list[Row]] = [[]]
    left = height
    for place, row in enumerate(rows):
        following = rows[place + 1].height if row.heading and place + 1 < len(rows) else 0.0
        if row.height + following > left + 1e-6:
            if row.height + following > height or len(found) == columns:
                return None
            begin = [row.again] if row.again is not None else []
            found.append(begin)
            left = height - sum(one.height for one in begin)
        found[-1].append(row)
        left -= row.height
    return found


def least_height(rows: Sequence[Row], columns: int, most: float) -> float | None:
    """The least height at which the rows fit into so many columns; None where it is more than there is."""
    if flowed(rows, most, columns) is None:
        return None
    low, high = 0.0, most
    while high - low > 0.5:
        middle = (low + high) / 2
        low, high = (middle, high) if flowed(rows, middle, columns) is None else (low, middle)
    return high


def drawn(columns: Sequence[Sequence[Row]], x: float, y: float, width: float, gap: float, count: int) -> Markup:
    """Columns side by side, as SVG; so many share the width."""
    wide = (width - gap * (count - 1)) / count
    parts: list[Markup] = []
    for place, rows in enumerate(columns):
        top = y
        for row in rows:
            parts.append(row.draw(x + place * (wide + gap), top, wide))
            top += row.height
    return Markup("").join(parts)
