"""The head of a board, its strip of figures, and its foot with hotlines, notices and the code of the live page."""

import math
from collections.abc import Mapping, Sequence
from typing import Final

from service.maps.boards.facts import Board, Figure, TextTold
from service.maps.boards.sections import more_line
from service.maps.boards.tables import ACCENT, DEEP, INK, MUTED, PALE, RULE, WHITE
from service.maps.boards.typeset import (
    ELLIPSIS,
    NOTHING,
    Block,
    Box,
    Code,
    Item,
    Text,
    fitting_size,
    paragraph,
    stacked,
    text_width,
    wrapped,
)
from service.maps.boards.words import board_words
from service.maps.lettering import clean

_MOST_LINES: Final = 12
_MOST_OVER: Final = 4
_WIDEST_TITLE: Final = 14.0
_TITLE_LINES: Final = 3


def head(board: Board, width: float, margin: float, logo_ratio: float) -> Block:
    """The band across the top: the areas that it lies in, and what it is about, on as many lines as that needs."""
    words = board_words(board.lang)
    left = margin
    if logo_ratio:
        left += min(width * 0.1 * logo_ratio, width * 0.2) + width * 0.025
    room = width - left - margin
    kicker = words["separator"].join(part for part in (words["kicker"], *board.above) if part)
    small = fitting_size(kicker, room, width * 0.021, width * 0.013)
    title = clean(words[f"title_{board.kind}"].format(name=board.name))
    large, lines = _title(title, room, width)
    over = wrapped(kicker, room, small)[:_MOST_OVER]
    top = width * 0.027
    items: list[Item] = []
    y = top
    for line in over:
        items.append(Text(left, y + small * 0.9, line, small, "#d6e2f5"))
        y += small * 1.4
    y += small * 0.35
    for line in lines:
        items.append(Text(left, y + large * 0.95, line, large, WHITE, bold=True))
        y += large * 1.24
    height = y + width * 0.022
    band = [Box(0.0, 0.0, width, height, fill=DEEP), Box(0.0, height, width, width * 0.006, fill="#e0a526")]
    return Block(height + width * 0.006, (*band, *items))


def _title(title: str, room: float, width: float) -> tuple[float, list[str]]:
    """The largest letters with which the title takes few lines."""
    for size, most in ((0.06, 1), (0.054, 1), (0.05, 1), (0.048, 2), (0.04, 2), (0.034, 3), (0.028, 4)):
        lines = wrapped(title, room, size * width, bold=True)
        if len(lines) <= most:
            return size * width, lines
    lines = wrapped(title, room, 0.022 * width, bold=True)
    if len(lines) <= _MOST_LINES:
        return 0.022 * width, lines
    return 0.022 * width, [*lines[: _MOST_LINES - 1], lines[_MOST_LINES - 1][:-1] + ELLIPSIS]


def figures_strip(board: Board, width: float, size: float, lines: int) -> Block:
    """The figures beside each other, and what the area says of itself below."""
    words = board_words(board.lang)
    intro = NOTHING
    if board.intro is not None and (board.intro.body or board.intro.title):
        intro = paragraph(board.intro.body or board.intro.title, width, size * 1.02, colour=INK, most=lines)
    if not board.figures:
        return intro
    wide = width / len(board.figures)
    items: list[Item] = []
    for place, figure in enumerate(board.figures):
        value, unit = figure_told(figure, words)
        x = place * wide
        large = min(size * 2.1, (wide - 2.4 * size) / max(text_width(value, bold=True) + text_width(unit) * 0.45, 1.0))
        if place:
            items.append(Box(x, 0.5 * size, 0.07 * size, 3.2 * size, fill=RULE))
        items.append(Text(x + 1.2 * size, 2.3 * size, value, large, DEEP, bold=True))
        after = x + 1.2 * size + text_width(value, large, bold=True) + 0.3 * size
        items.append(Text(after, 2.3 * size, unit, size * 0.95, INK))
        items.append(Text(x + 1.2 * size, 3.75 * size, words[figure.name], size * 0.95, MUTED))
    return stacked([Block(4.1 * size, tuple(items)), intro], 0.5 * size)


def figure_told(figure: Figure, words: Mapping[str, str]) -> tuple[str, str]:
    """Value and unit of a figure as they are read."""
    if figure.name != "area":
        return f"{figure.value:,.0f}", words[f"unit_{figure.name}"]
    if figure.value < 10_000:
        return f"{figure.value:,.0f}", words["unit_m2"]
    if figure.value < 1_000_000:
        return f"{figure.value / 1e4:.1f}", words["unit_ha"]
    return f"{figure.value / 1e6:,.2f}", words["unit_km2"]


def foot(board: Board, width: float, size: float, notices: Block, *, hotlines: int, lines: int) -> Block:
    """Hotlines large, notices, the code, and below what the board rests on."""
    words = board_words(board.lang)
    side = 0.125 * width if board.link else 0.0
    left = side + (1.2 * size if side else 0.0)
    pad = 0.9 * size
    notice_width = width * 0.27 if notices.height else 0.0
    room = width - left - 2 * pad - (notice_width + 1.2 * size if notice_width else 0.0)
    calls = _hotlines(board, board.hotlines[:hotlines], room, size)
    scan = _scan(board, room, size)
    middle = stacked([calls, scan], 0.7 * size)
    height = max(side + 2 * pad, middle.height + 2 * pad, notices.height + 2 * pad)
    below = paragraph(_basis(board, words), width, size * 0.82, colour=MUTED, leading=1.4, most=max(2, lines // 6))
    if not (side or middle.height or notices.height):
        return below
    items: list[Item] = [Box(0.0, 0.0, width, height, fill=PALE, radius=0.5 * size)]
    if side:
        items += [
            Box(pad, (height - side) / 2, side, side, fill=WHITE, radius=0.3 * size),
            Code(pad, (height - side) / 2, side, board.link),
        ]
    items += middle.at(left + pad, (height - middle.height) / 2)
    if notice_width:
        x = width - pad - notice_width
        items.append(Box(x - 0.8 * size, pad, 0.06 * size, height - 2 * pad, fill="#b9cae6"))
        items += notices.at(x, (height - notices.height) / 2)
    return stacked([Block(height, tuple(items)), below], 0.6 * size)


def _hotlines(board: Board, shown: Sequence[TextTold], width: float, size: float) -> Block:
    """Hotlines beside each other, as many as there is room for, then on the next row."""
    if not shown:
        return NOTHING
    # One long title must not stand in the way of all the others.
    least = min(max(text_width(one.title, size * 0.95) for one in shown), _WIDEST_TITLE * size)
    least = max(least, *(text_width(one.phone, size * 1.6, bold=True) for one in shown), size)
    across = max(1, min(len(shown), int(width / (least + 1.2 * size))))
    across = math.ceil(len(shown) / math.ceil(len(shown) / across))
    wide = width / across
    rows = []
    for first in range(0, len(shown), across):
        items: list[Item] = []
        high = 0.0
        for place, one in enumerate(shown[first : first + across]):
            title = paragraph(one.title, wide - size, size * 0.95, colour=INK, leading=1.3, most=_TITLE_LINES)
            phone = paragraph(
                one.phone,
                wide - 0.5 * size,
                fitting_size(one.phone, wide - size, size * 1.6, size),
                colour=DEEP,
                bold=True,
                leading=1.25,
            )
            block = stacked([title, phone], 0.0)
            items += block.at(place * wide, 0.0)
            high = max(high, block.height)
        rows.append(Block(high, tuple(items)))
    return stacked([*rows, more_line(board, len(board.hotlines) - len(shown), width, size)], 0.4 * size)


def _scan(board: Board, width: float, size: float) -> Block:
    if not board.link:
        return NOTHING
    words = board_words(board.lang)
    return stacked(
        [
            paragraph(words["scan"], width, size * 1.05, colour=ACCENT, bold=True, leading=1.35),
            paragraph(words["scan_more"], width, size * 0.9, colour=MUTED, leading=1.35),
        ],
        0.0,
    )


def _basis(board: Board, words: Mapping[str, str]) -> str:
    """Release, date, whose data, approval number, and what clerks added."""
    said = []
    if board.release is not None:
        text = words["release_day" if board.release_day else "release"]
        said.append(text.format(number=board.release, day=board.release_day))
    said.append(words["made"].format(day=board.day) if board.day else "")
    if any(one.source == "stated" for one in board.figures):
        said.append(words["stated"])
    said += [board.attribution, words["approval"].format(number=board.approval_number) if board.approval_number else ""]
    said.append(board.footer)
    return " · ".join(part for part in said if part)
