"""Whom to call: the people of a board from the nearest on, large where they are the reader's own."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Final

from service.maps.boards.facts import Board, Person, Tier
from service.maps.boards.grid_lists import grids_packed, grids_table
from service.maps.boards.sections import Detail, is_large, more_line, role_of, short_name
from service.maps.boards.tables import ACCENT, DEEP, MUTED, PALE, Cell, Row, section, table
from service.maps.boards.typeset import NOTHING, Block, Box, paragraph, stacked, text_width
from service.maps.boards.words import board_words, hours_told

_ROW_PHONE: Final = 1.08
_NUMBERED = re.compile(r"(.*?)(\d+)(\D{0,4})", re.ASCII)


def people_section(board: Board, width: float, size: float, detail: Detail) -> Block:
    """Whom to call: the nearest first, those of the grid large."""
    words = board_words(board.lang)
    groups = _groups(board)
    if not board.own:
        said = words[nobody_word(board)]
        body: list[Block] = [_notice(said, width, size)]
    else:
        body = []
    left = detail.people
    shown, unlisted = 0, 0
    if board.kind == "community":
        grids = [(tier, people) for tier, people in groups if tier.kind == "grid"]
        groups = [one for one in groups if one[0].kind != "grid"]
        rows = grids[: max(left, 0)]
        body.append(
            grids_packed(board, rows, width, size, hidden=detail.hidden)
            if detail.packed
            else grids_table(board, rows, width, size)
        )
        left -= len(rows)
        unlisted = len(grids) - len(rows)
    for tier, people in groups:
        kept = people[: max(left, 0)]
        left -= len(kept)
        shown += len(kept)
        if kept:
            body.append(_group(board, tier, kept, width, size))
    missing = sum(len(people) for _, people in groups) - shown + unlisted
    body.append(more_line(board, missing, width, size))
    return section(words["people"], stacked(body, 0.5 * size), size, width)


def nobody_word(board: Board) -> str:
    """Name of what is said where nobody is responsible: to call a hotline, where there is any."""
    if not board.hotlines:
        return "nobody_known"
    return "nobody_community" if board.kind == "community" else "nobody"


def people_count(board: Board) -> int:
    """How many rows there are in `people_section`: one for a grid of a community."""
    row = board.kind == "community"
    return sum(1 if row and tier.kind == "grid" else len(people) for tier, people in _groups(board))


def _groups(board: Board) -> list[tuple[Tier, list[Person]]]:
    """Tiers from the nearest on, of the areas above only who can be called; one person stands once in each."""
    nearest_above = next((tier for tier in reversed(board.tiers) if tier.kind == "above"), None)
    found = []
    for tier in nearest_first(board):
        people = merged(tier.people)
        if tier.kind in ("area", "above"):
            # Where the list must end early, those whom nobody could call go first.
            people.sort(key=lambda one: not one.dialable)
        if tier.kind == "above":
            people = [one for one in people if one.dialable or (tier is nearest_above and board.kind != "community")]
            people = (
                people if board.kind == "grid" or tier is not nearest_above else [one for one in people if one.dialable]
            )
        if people or (tier.kind == "grid" and board.kind == "community"):
            found.append((tier, people))
    return found


def nearest_first(board: Board) -> list[Tier]:
    """The tiers as somebody calls them: what the board is about, what lies in it, then the areas, the lowest first."""
    ranks = {"grid": 0, "compound": 1, "building": 2, "area": 3, "above": 4}
    if board.kind == "compound":
        ranks |= {"compound": 0, "grid": 1}
    tiers = list(enumerate(board.tiers))
    tiers.sort(key=lambda one: (ranks[one[1].kind], -one[0] if one[1].kind == "above" else one[0]))
    return [tier for _, tier in tiers]


def merged(people: Iterable[Person]) -> list[Person]:
    """Each person of a role once, with all that they look after."""
    targets: dict[tuple[str, str, str], list[str]] = {}
    first: dict[tuple[str, str, str], Person] = {}
    for person in people:
        key = (person.role, person.name, person.phone)
        targets.setdefault(key, []).append(person.target)
        first.setdefault(key, person)
    return [replace(person, target=joined(targets[key])) for key, person in first.items()]


def joined(names: Sequence[str]) -> str:
    """Names in a row, numbered ones of a kind together: ``1–6、8号楼``."""
    said: list[str] = []
    numbered = [(name, _NUMBERED.fullmatch(name)) for name in dict.fromkeys(names)]
    for kind, group in groupby(numbered, key=lambda one: (one[1][1], one[1][3]) if one[1] else None):
        if kind is None:
            said += [name for name, _ in group]
            continue
        numbers = sorted(int(found[2]) for _, found in group if found)
        said.append(f"{kind[0]}{'、'.join(_runs(numbers))}{kind[1]}")
    return "、".join(said)


def _runs(numbers: Sequence[int]) -> list[str]:
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return [f"{run[0]}–{run[-1]}" if len(run) > 2 else "、".join(map(str, run)) for run in runs]


def _group(board: Board, tier: Tier, people: Sequence[Person], width: float, size: float) -> Block:
    large = is_large(board, tier)
    targets = {person.target for person in people}
    words = board_words(board.lang)
    if large and tier.kind == board.kind:
        heading = ""
    elif tier.kind in ("building", "compound"):
        heading = next(iter(targets)) if len(targets) == 1 else words[tier.kind]
    else:
        heading = short_name(board, tier.name)
    gap = size * 0.6
    room = width - gap
    if large:
        body = stacked([_card(board, one, width, size) for one in people], 0.55 * size)
    else:
        several = tier.kind in ("building", "compound") and len(targets) > 1
        rows = [_row(board, one, told=several) for one in people]
        phones = max(text_width(one.phone, _ROW_PHONE * size, bold=True) for one in people)
        last = min(phones * 1.01, room * 0.42)
        body = table(rows, [room - last, last], size, gap=gap)
    return stacked([_heading(heading, width, size), body], 0.1 * size)


def _heading(text: str, width: float, size: float) -> Block:
    if not text:
        return NOTHING
    line = paragraph(text, width, size * 0.92, colour=ACCENT, bold=True, leading=1.3)
    return Block(line.height, line.items)


def _card(board: Board, person: Person, width: float, size: float) -> Block:
    """Role, name and number large; hours and duties below."""
    pad = 0.55 * size
    inner = width - 2 * pad
    large = size * 1.42
    phone_width = min(text_width(person.phone, large if person.dialable else size, bold=person.dialable), inner * 0.55)
    room = inner - phone_width - 0.6 * size
    name = stacked(
        [
            paragraph(role_of(board, person), room, size * 0.95, colour=ACCENT, bold=True, leading=1.25),
            paragraph(person.name, room, large, bold=True, leading=1.3),
        ],
        0.0,
    )
    colour = DEEP if person.dialable else MUTED
    phone = paragraph(
        person.phone or "–",
        phone_width * 1.02,
        large if person.dialable else size,
        colour=colour,
        bold=person.dialable,
        leading=1.3,
    )
    duties = next((role.duties for role in board.roles if role.name == person.role_name), "")
    below = stacked(
        [
            paragraph(hours_told(person.hours, board.lang), inner, size * 0.88, colour=MUTED, leading=1.35),
            paragraph(duties, inner, size * 0.94, leading=1.4),
        ],
        0.0,
    )
    inside = stacked([name, below], 0.1 * size)
    height = inside.height + 2 * pad
    return Block(
        height,
        (
            Box(0.0, 0.0, width, height, fill=PALE, radius=0.35 * size),
            *inside.at(pad, pad),
            *phone.at(width - pad - phone_width, pad + max(name.height - phone.height, 0.0)),
        ),
    )


def _row(board: Board, person: Person, *, told: bool) -> Row:
    gap = " · " if board.lang == "en" else "　"
    cells = [Cell(f"{role_of(board, person)}{gap}{person.name}")]
    if told:
        cells.append(Cell(person.target, 0.86, MUTED))
    return cells, _phone(person, _ROW_PHONE)


def _phone(person: Person, scale: float) -> list[Cell]:
    if person.dialable:
        return [Cell(person.phone, scale, DEEP, bold=True, end=True, whole=True)]
    if not person.phone:
        return [Cell("–", 1.0, MUTED, end=True)]
    return [
        Cell(person.phone, 1.0, MUTED, end=True, whole=True),
    ]


def _notice(text: str, width: float, size: float) -> Block:
    inner = paragraph(text, width - 1.6 * size, size, colour="#7a1f1f", bold=True)
    height = inner.height + 1.0 * size
    return Block(
        height, (Box(0, 0, width, height, fill="#fdeeee", radius=0.4 * size), *inner.at(0.8 * size, 0.5 * size))
    )
