"""Who answers for each grid of a community: a table while there is room, else grids beside each other."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from service.maps.boards.facts import Board, Person, Tier
from service.maps.boards.sections import in_brackets, short_name
from service.maps.boards.tables import ACCENT, DEEP, MUTED, PALE, RULE, Cell, Row, table
from service.maps.boards.typeset import NOTHING, Block, Box, Item, Text, fitting_size, paragraph, stacked, text_width
from service.maps.boards.words import board_words

GridPeople = tuple[Tier, list[Person]]
Shared = tuple[Person, ...]

_WARNING: Final = "#7a1f1f"
_LEADING: Final = 1.36
_MOST_ACROSS: Final = 3
_COLUMN_COSTS: Final = 1.15
_LEAST_SIGNS: Final = 5.0
# Of a number, in letters of the list, so that it stands beside its name.
_LEAST_NUMBER: Final = 0.82
_HALVINGS: Final = 12


@dataclass(frozen=True, slots=True)
class _Frame:
    """So many columns, each so wide, with room for a grid's name and so much between columns; millimetres."""

    across: int
    wide: float
    name: float
    gap: float


@dataclass(frozen=True, slots=True)
class _Named:
    """Somebody in a grid once, with all that they do there; ``role`` is the first of it."""

    role: str
    said: str
    phone: str
    dialable: bool


def grids_table(board: Board, grids: Sequence[GridPeople], width: float, size: float) -> Block:
    """A row for each grid, a column for each of the two roles that most have; others stand below, with their role."""
    if not any(people for _, people in grids):
        return NOTHING
    words = board_words(board.lang)
    counted = _roles(grids)
    roles = sorted(sorted(counted, key=lambda role: -counted[role])[:2], key=list(counted).index)
    gap = size * 0.6
    widest = max(text_width(short_name(board, tier.name), size, bold=True) for tier, _ in grids)
    name_width = min(widest * 1.01, width * 0.26)
    wide = (width - name_width - gap * len(roles)) / len(roles)
    rows: list[Row] = [[Cell(words["grid"], 0.86, MUTED), *(Cell(role, 0.86, MUTED) for role in roles)]]
    for tier, people in grids:
        columns: list[list[Cell]] = [[] for _ in roles]
        if not people:
            columns[0].append(Cell(_vacant(board), 0.92, _WARNING))
        for one in _once(board, people, roles):
            column = columns[roles.index(one.role) if one.role in roles else -1]
            column.append(Cell(one.said))
            if one.phone:
                column.append(_phone(one))
        rows.append([Cell(short_name(board, tier.name), 1.0, ACCENT, bold=True), *columns])
    return table(rows, [name_width, *[wide] * len(roles)], size, gap=gap)


def grids_packed(board: Board, grids: Sequence[GridPeople], width: float, size: float, *, hidden: bool) -> Block:
    """Grids beside each other, each number behind its name, below those who look after several of them.

    Parameters
    ----------
    hidden
        Whether numbers stand there that nobody can dial.
    """
    if not any(people for _, people in grids):
        return NOTHING
    counted = _roles(grids)
    shared = _shared_roles(grids, counted)
    main = max((role for role in counted if role not in shared), key=lambda role: counted[role], default="")
    groups: dict[Shared, list[tuple[Tier, list[_Named]]]] = {}
    for tier, people in grids:
        above = _above(people, shared)
        inside = [person for person in people if person.stand_in or person.role_name not in shared]
        groups.setdefault(above, []).append((tier, _once(board, inside, [main], hidden=hidden)))
    made = [
        _packed(board, groups, shared, main, frame, width, size, hidden=hidden)
        for frame in _frames(board, grids, width, size)
    ]
    # Another column must be worth the lines that it breaks.
    return min(enumerate(made), key=lambda one: one[1].height * _COLUMN_COSTS ** one[0])[1]


def _packed(
    board: Board,
    groups: Mapping[Shared, Sequence[tuple[Tier, Sequence[_Named]]]],
    shared: Sequence[str],
    main: str,
    frame: _Frame,
    width: float,
    size: float,
    *,
    hidden: bool,
) -> Block:
    """The grids in so many columns."""
    blocks = [_columns_head(board, main, frame, size)] if main else []
    for above, members in groups.items():
        vacant = board_words(board.lang)["vacant_known"] if above else _vacant(board)
        listed = [_entry(short_name(board, tier.name), told, vacant, frame, size) for tier, told in members]
        blocks.append(_shared_lines(board, shared, above, width, size, hidden=hidden))
        blocks.append(_beside(listed, frame, size))
    return stacked(blocks, 0.25 * size)


def _roles(grids: Sequence[GridPeople]) -> dict[str, int]:
    """In how many grids somebody has each role, in the order in which roles come."""
    order = dict.fromkeys(person.role_name for _, people in grids for person in people)
    counted = Counter(role for _, people in grids for role in {person.role_name for person in people})
    return {role: counted[role] for role in order}


def _shared_roles(grids: Sequence[GridPeople], counted: Mapping[str, int]) -> list[str]:
    """Roles whose people look after two grids each at least; no more of them than leave two grids to each group."""
    holders: dict[str, set[tuple[str, str]]] = {role: set() for role in counted}
    for _, people in grids:
        for person in people:
            if not person.stand_in:
                holders[person.role_name].add((person.name, person.phone))
    shared: list[str] = []
    for role in sorted(counted, key=lambda role: len(holders[role])):
        if 0 < 2 * len(holders[role]) <= counted[role]:
            wider = [*shared, role]
            if 2 * len({_above(people, wider) for _, people in grids}) <= len(grids):
                shared = wider
    return sorted(shared, key=list(counted).index)


def _above(people: Sequence[Person], shared: Sequence[str]) -> Shared:
    """Those of a grid who look after others as well, without what differs between the grids."""
    found = [person for person in people if person.role_name in shared and not person.stand_in]
    return tuple(replace(person, target="", hours="") for person in found)


def _once(board: Board, people: Sequence[Person], known: Sequence[str], *, hidden: bool = True) -> list[_Named]:
    """Each person once; what they do stands behind the name where it is not the role of the column."""
    words = board_words(board.lang)
    duties: dict[tuple[str, str], list[Person]] = {}
    for person in people:
        duties.setdefault((person.name, person.phone), []).append(person)
    found = []
    for (name, phone), held in duties.items():
        held = sorted(held, key=lambda one: one.role_name not in known)
        remarks = []
        for one in sorted(held, key=lambda one: one.stand_in):
            role = "" if one.role_name == held[0].role_name and one.role_name in known else one.role_name
            stand_in = words["stand_in"] if one.stand_in else ""
            remarks.append(f"{role}{' ' if role and stand_in and board.lang == 'en' else ''}{stand_in}")
        remark = (", " if board.lang == "en" else "、").join(dict.fromkeys(filter(None, remarks)))
        said = name + (in_brackets(board, remark) if remark else "")
        number = phone if hidden or held[0].dialable else ""
        found.append(_Named(held[0].role_name, said, number, held[0].dialable))
    return found


def _vacant(board: Board) -> str:
    return board_words(board.lang)["vacant" if board.hotlines else "vacant_known"]


def _phone(one: _Named) -> Cell:
    scale, colour = (1.0, DEEP) if one.dialable else (0.9, MUTED)
    return Cell(one.phone, scale, colour, bold=one.dialable, whole=True)


def _frames(board: Board, grids: Sequence[GridPeople], width: float, size: float) -> list[_Frame]:
    """The columns that there can be, the fewest first."""
    gap = 1.6 * size
    name = max(text_width(short_name(board, tier.name), size, bold=True) for tier, _ in grids) * 1.01
    name = min(name, width * 0.3)
    found = [_Frame(across, (width - gap * (across - 1)) / across, name, gap) for across in range(1, _MOST_ACROSS + 1)]
    return [frame for frame in found if frame.across == 1 or frame.wide - name > _LEAST_SIGNS * size]


def _columns_head(board: Board, main: str, frame: _Frame, size: float) -> Block:
    small = size * 0.86
    name = paragraph(board_words(board.lang)["grid"], frame.name, small, colour=MUTED, leading=_LEADING)
    role = paragraph(main, frame.wide - frame.name - 0.6 * size, small, colour=MUTED, leading=_LEADING)
    items: list[Item] = []
    for place in range(frame.across):
        x = place * (frame.wide + frame.gap)
        items += [*name.at(x, 0.0), *role.at(x + frame.name + 0.6 * size, 0.0)]
    return Block(max(name.height, role.height), tuple(items))


def _shared_lines(
    board: Board, shared: Sequence[str], above: Shared, width: float, size: float, *, hidden: bool
) -> Block:
    """Those who look after all the grids below, on a band; that nobody does, where others have somebody."""
    pad = 0.5 * size
    blocks = []
    for role in shared:
        people = [person for person in above if person.role_name == role]
        space = "\u3000" if board.lang != "en" else ": "
        for person in people:
            number = person.phone if hidden or person.dialable else ""
            one = _Named(role, f"{role}{space}{person.name}", number, person.dialable)
            blocks.append(_line(one, width - 2 * pad, size))
        if not people:
            said = f"{role}{space}{board_words(board.lang)['vacant_known']}"
            blocks.append(paragraph(said, width - 2 * pad, size, colour=_WARNING, leading=_LEADING))
    inside = stacked(blocks, 0.0)
    if not inside.height:
        return NOTHING
    height = inside.height + 0.3 * size
    return Block(height, (Box(0.0, 0.0, width, height, fill=PALE, radius=0.3 * size), *inside.at(pad, 0.15 * size)))


def _entry(name: str, told: Sequence[_Named], vacant: str, frame: _Frame, size: float) -> Block:
    """A grid and its people."""
    left = frame.name + 0.6 * size
    room = frame.wide - left
    people = stacked([_line(one, room, size) for one in told], 0.0)
    if not told:
        people = paragraph(vacant, room, size * 0.92, colour=_WARNING, leading=_LEADING)
    title = paragraph(name, frame.name, size, colour=ACCENT, bold=True, leading=_LEADING)
    return Block(max(title.height, people.height), (*title.at(0.0, 0.0), *people.at(left, 0.0)))


def _line(one: _Named, room: float, size: float) -> Block:
    """A name, and the number at the end of its line, or below where there is no room beside it."""
    if not one.phone:
        return paragraph(one.said, room, size, leading=_LEADING)
    cell = _phone(one)
    wide = text_width(one.said, size) + 0.5 * size
    least = size * _LEAST_NUMBER
    beside = wide + text_width(one.phone, least, bold=cell.bold) <= room
    free, least = (room - wide, least) if beside else (room, size * 0.6)
    large = fitting_size(one.phone, free, size * cell.scale, least, bold=cell.bold)
    phone = paragraph(one.phone, room, large, colour=cell.colour, bold=cell.bold, leading=_LEADING * size / large)
    ended = tuple(replace(text, x=room, anchor="end") for text in phone.items if isinstance(text, Text))
    said = paragraph(one.said, room, size, leading=_LEADING)
    top = 0.0 if beside else said.height
    return Block(top + phone.height, (*said.items, *Block(phone.height, ended).at(0.0, top)))


def _beside(blocks: Sequence[Block], frame: _Frame, size: float) -> Block:
    """Blocks below each other in columns that are as even as their order lets them be, hairlines between."""
    items: list[Item] = []
    height = 0.0
    for place, column in enumerate(_columns(blocks, frame.across)):
        x = place * (frame.wide + frame.gap)
        y = 0.0
        for number, block in enumerate(column):
            if number:
                items.append(Box(x, y + 0.14 * size, frame.wide, 0.05 * size, fill=RULE))
                y += 0.33 * size
            items += block.at(x, y)
            y += block.height
        height = max(height, y)
    return Block(height + 0.3 * size, tuple(items))


def _columns(blocks: Sequence[Block], across: int) -> list[list[Block]]:
    """The blocks in so many columns at most, the highest as low as can be."""
    low, high = max(one.height for one in blocks), sum(one.height for one in blocks)
    best = [list(blocks)]
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        found = _filled(blocks, middle)
        if len(found) <= across:
            best, high = found, middle
        else:
            low = middle
    return best


def _filled(blocks: Sequence[Block], most: float) -> list[list[Block]]:
    """As few columns as the blocks fit into in their order, none higher than this."""
    columns: list[list[Block]] = []
    left = 0.0
    for block in blocks:
        if not columns or block.height > left:
            columns.append([])
            left = most
        columns[-1].append(block)
        left -= block.height
    return columns
