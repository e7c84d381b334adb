"""The organisation chart: a row of boxes for each step, from the highest area to the buildings, on one trunk."""

from collections.abc import Sequence
from typing import Final

from service.maps.boards.facts import Board, Person
from service.maps.boards.sections import short_name
from service.maps.boards.tables import ACCENT, INK, MUTED, PALE, WHITE, section
from service.maps.boards.typeset import NOTHING, Block, Box, Item, fitting_size, paragraph, stacked
from service.maps.boards.words import board_words
from service.maps.lettering import clean

_MOST_NAMES = 3
# The step of the chart that a board is about.
_SUBJECT: Final = {"grid": "grid", "compound": "compound", "community": "area"}
Boxed = tuple[str, tuple[str, ...]]


def chart_section(board: Board, width: float, size: float, *, steps: int = 9, grids: bool = True) -> Block:
    """Who works with whom; nothing where there is nobody.

    Parameters
    ----------
    steps
        Most rows; the highest areas are left out first.
    grids
        Whether each grid of a community has a box.
    """
    rows = _rows(board, with_grids=grids)[-steps:] if steps and board.people else []
    if not rows:
        return NOTHING
    body = _drawn(rows, width, size)
    return section(board_words(board.lang)["chart"], body, size, width)


def _rows(board: Board, *, with_grids: bool) -> list[tuple[str, list[Boxed], bool]]:
    """Name of each step, its boxes (role and names), and whether it is what the board is about."""
    words = board_words(board.lang)
    rows = []
    grids = [tier for tier in board.tiers if tier.kind == "grid"]
    for tier in board.tiers:
        if tier.kind == "grid" and len(grids) > 1:
            if tier is grids[0] and with_grids:
                boxes = [(short_name(board, one.name), _names(_chief(one.people), board)) for one in grids]
                rows.append((words["grid"], boxes, True))
            continue
        own = tier.kind == _SUBJECT[board.kind]
        below = tier.kind in ("building", "compound") and not own
        name = words[tier.kind] if below else short_name(board, board.name if own else tier.name)
        rows.append((name, _boxes(tier.people, board), own))
    return rows


def _chief(people: Sequence[Person]) -> Sequence[Person]:
    """The first of some people, no stand-in where there is anybody else."""
    return sorted(people, key=lambda person: person.stand_in)[:1]


def _boxes(people: Sequence[Person], board: Board) -> list[Boxed]:
    by_role: dict[str, list[Person]] = {}
    for person in people:
        by_role.setdefault(person.role_name, []).append(person)
    return [(role, _names(several, board)) for role, several in by_role.items()]


def _names(people: Sequence[Person], board: Board) -> tuple[str, ...]:
    names = list(dict.fromkeys(person.name for person in people))
    if len(names) <= _MOST_NAMES:
        return tuple(names)
    return names[0], names[1] + board_words(board.lang)["others"].format(count=len(names))


def _drawn(rows: Sequence[tuple[str, list[Boxed], bool]], width: float, size: float) -> Block:
    label = min(width * 0.2, size * 6.4)
    trunk = label + size * 0.9
    left = trunk + size * 0.9
    items: list[Item] = []
    y = 0.0
    joints = []
    for name, boxes, own in rows:
        block = _boxed(boxes, width - left, size, own=own)
        tag = _tag(name, label, size, own=own)
        height = max(block.height, tag.height)
        middle = y + min(tag.height, height) / 2
        joints.append(middle)
        items += tag.at(0.0, y)
        items.append(Box(label, middle - 0.05 * size, left - label, 0.1 * size, fill=ACCENT))
        items += block.at(left, y)
        y += height + 0.55 * size
    items.insert(0, Box(trunk - 0.05 * size, joints[0], 0.1 * size, joints[-1] - joints[0], fill=ACCENT))
    items += [
        Box(trunk - 0.25 * size, at - 0.25 * size, 0.5 * size, 0.5 * size, fill=ACCENT, radius=0.25 * size)
        for at in joints
    ]
    return Block(y - 0.55 * size, tuple(items))


def _tag(name: str, width: float, size: float, *, own: bool) -> Block:
    room = width - 0.8 * size
    # A word is made smaller before it is broken.
    longest = max(clean(name).split(), key=len, default="")
    small = fitting_size(longest, room, size * 0.94, size * 0.7, bold=True) if longest.isascii() else size * 0.94
    lines = paragraph(name, room, small, colour=WHITE if own else ACCENT, bold=True, leading=1.25)
    height = max(lines.height + 0.7 * size, 1.9 * size)
    box = Box(0, 0, width, height, fill=ACCENT if own else PALE, radius=0.3 * size)
    return Block(height, (box, *lines.at(0.4 * size, (height - lines.height) / 2)))


def _boxed(boxes: Sequence[Boxed], width: float, size: float, *, own: bool) -> Block:
    """Boxes beside each other, as many as there is room for, all of a row equally high."""
    gap = 0.5 * size
    across = max(1, min(len(boxes), int((width + gap) / (6.6 * size + gap))))
    wide = (width - gap * (across - 1)) / across
    rows = [boxes[first : first + across] for first in range(0, len(boxes), across)]
    return stacked([_row(row, wide, gap, size, own=own) for row in rows], 0.45 * size)


def _row(boxes: Sequence[Boxed], wide: float, gap: float, size: float, *, own: bool) -> Block:
    inner = wide - 0.9 * size
    told = [
        stacked(
            [
                paragraph(role, inner, size * 0.8, colour=MUTED, leading=1.3),
                *(paragraph(name, inner, size * 0.98, colour=INK, bold=own, leading=1.3) for name in names),
            ],
            0.0,
        )
        for role, names in boxes
    ]
    height = max(block.height for block in told) + 0.6 * size
    items: list[Item] = []
    for place, block in enumerate(told):
        x = place * (wide + gap)
        items.append(
            Box(
                x,
                0.0,
                wide,
                height,
                fill=WHITE,
                stroke="#9db4d6" if not own else ACCENT,
                weight=0.06 * size,
                radius=0.3 * size,
            )
        )
        items += block.at(x + 0.45 * size, 0.3 * size)
    return Block(height, tuple(items))
