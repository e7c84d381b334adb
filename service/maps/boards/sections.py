"""The lists of a board as blocks: people, duties, matters, stations; each says what it leaves out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from service.maps.boards.facts import Board, MatterTold, Person, RoleTold, Tier
from service.maps.boards.tables import ACCENT, DEEP, INK, MUTED, Cell, Row, section, table
from service.maps.boards.typeset import NOTHING, Block, paragraph, stacked, text_width
from service.maps.boards.words import board_words, hours_told, promised, way_told

_NO_LIMIT = 10_000


@dataclass(frozen=True, slots=True)
class Detail:
    """How much of each list is shown.

    Parameters
    ----------
    people, roles, matters, stations, notices, hotlines
        Most rows of each.
    descriptions
        Whether matters say what they are about.
    addresses
        Whether stations say where they are.
    every_duty
        Whether the roles of the areas above are explained, too.
    chart_steps, chart_grids
        Most steps of the organisation chart, and whether it has a box for each grid of a community.
    text_lines
        Most lines of each text that clerks wrote.
    packed
        Whether the grids of a community stand beside each other, below those who look after several of them.
    hidden
        Whether numbers that nobody can dial stand there.
    """

    people: int = _NO_LIMIT
    roles: int = _NO_LIMIT
    matters: int = _NO_LIMIT
    stations: int = _NO_LIMIT
    notices: int = _NO_LIMIT
    descriptions: bool = True
    addresses: bool = True
    every_duty: bool = True
    chart_steps: int = 9
    chart_grids: bool = True
    hotlines: int = _NO_LIMIT
    text_lines: int = 40
    packed: bool = False
    hidden: bool = True


def is_large(board: Board, tier: Tier) -> bool:
    """Whether a tier's people stand on cards, with hours and duties: those who are the nearest to the reader."""
    return (board.kind != "community" and tier.kind == "grid") or tier.kind == "compound" == board.kind


def short_name(board: Board, name: str) -> str:
    """A grid's name without its community's before it."""
    for area in (board.name, *reversed(board.above)):
        if name != area and name.startswith(area):
            return name[len(area) :].strip() or name
    return name


def role_of(board: Board, person: Person) -> str:
    """The role's name, and that somebody stands in."""
    stands_in = in_brackets(board, board_words(board.lang)["stand_in"]) if person.stand_in else ""
    return person.role_name + stands_in


def in_brackets(board: Board, text: str) -> str:
    """A remark as the language puts it behind a word."""
    return f" ({text})" if board.lang == "en" else f"（{text}）"


def duties_section(board: Board, width: float, size: float, detail: Detail) -> Block:
    """What each role does, its name before its text."""
    words = board_words(board.lang)
    roles = roles_shown(board, detail)
    shown = roles[: detail.roles]
    if not shown:
        return NOTHING
    blocks = [
        paragraph(f"{role.name}{'：' if board.lang != 'en' else ': '}{role.duties}", width, size * 0.94, leading=1.42)
        for role in shown
    ]
    blocks.append(more_line(board, len(roles) - len(shown), width, size))
    return section(words["duties"], stacked(blocks, 0.35 * size), size, width)


def roles_shown(board: Board, detail: Detail) -> list[RoleTold]:
    """Roles to explain that no card explains: all, or those of the subject's own people."""
    carded = {person.role_name for tier in board.tiers if is_large(board, tier) for person in tier.people}
    roles = [role for role in board.roles if role.name not in carded]
    if detail.every_duty:
        return roles
    own = {person.role_name for tier in board.tiers if tier.kind != "above" for person in tier.people}
    return [role for role in roles if role.name in own]


def matters_section(board: Board, width: float, size: float, detail: Detail) -> Block:
    """Which matter goes to whom, the number, and by when it is promised."""
    words = board_words(board.lang)
    shown = board.matters[: detail.matters]
    if not shown:
        return NOTHING
    gap = size * 0.7
    widths = _matter_widths(board, shown, width - 3 * gap, size)
    head: Row = [
        Cell(words["matter"], 0.86, MUTED),
        Cell(words["responsible"], 0.86, MUTED),
        Cell(words["phone"], 0.86, MUTED),
        Cell(words["promised"], 0.86, MUTED, end=True),
    ]
    rows: list[Row] = [head]
    for one in shown:
        said = [Cell(one.name, 1.0, INK, bold=True)]
        if detail.descriptions and one.description:
            said.append(Cell(one.description, 0.86, MUTED))
        whole = _who(one)
        # A name is not broken where it has room on a line of its own.
        apart = one.person and text_width(whole, size) > widths[1]
        who = [Cell(one.responsible), Cell(one.person)] if apart else [Cell(whole)]
        phone = Cell(_matter_phone(one), 1.0, DEEP, bold=not one.by_hotline, whole=True)
        rows.append([said, who, phone, Cell(promised(one.promised_minutes, board.lang), 1.0, end=True, whole=True)])
    starred = words["starred"] if any(one.by_hotline for one in shown) else ""
    body = stacked(
        [
            table(rows, widths, size, gap=gap),
            paragraph(starred, width, size * 0.84, colour=MUTED),
            more_line(board, len(board.matters) - len(shown), width, size),
        ],
        0.2 * size,
    )
    return section(words["matters"], body, size, width)


def _matter_widths(board: Board, matters: Sequence[MatterTold], room: float, size: float) -> list[float]:
    """Numbers and times as wide as they are, what is left for matters and people by what they need."""
    words = board_words(board.lang)

    def widest(name: str, texts: Iterable[str], *, bold: bool) -> float:
        return max(text_width(words[name], size * 0.86), *(text_width(text, size, bold=bold) for text in texts)) * 1.01

    phone = min(widest("phone", map(_matter_phone, matters), bold=True), room * 0.28)
    times = (promised(one.promised_minutes, board.lang) for one in matters)
    time = min(widest("promised", times, bold=False), room * 0.16)
    left = room - phone - time
    matter = widest("matter", (one.name for one in matters), bold=True)
    who = widest("responsible", map(_who, matters), bold=False)
    share = min(max(matter / (matter + who), 0.36), 0.6)
    return [left * share, left * (1 - share), phone, time]


def _who(one: MatterTold) -> str:
    return f"{one.responsible} {one.person}".strip() or "–"


def _matter_phone(one: MatterTold) -> str:
    return f"{one.phone or '–'}{'＊' if one.by_hotline else ''}"


def stations_section(board: Board, width: float, size: float, detail: Detail) -> Block:
    """The nearest stations: as numbered on the plan, with hours, phone and the walk."""
    words = board_words(board.lang)
    shown = board.stations[: detail.stations]
    if not shown:
        return NOTHING
    gap = size * 0.6
    number = size * 1.5
    room = width - number - 2 * gap
    rows: list[Row] = []
    for place, one in enumerate(shown, 1):
        said = [Cell(one.name, 1.0, INK, bold=True)]
        if detail.addresses and one.address:
            said.append(Cell(one.address, 0.84, MUTED))
        if one.hours:
            said.append(Cell(hours_told(one.hours, board.lang), 0.84, MUTED))
        told = [Cell(way_told(one.walk_minutes, one.metres, board.lang), 0.92, INK, end=True)]
        if one.phone:
            told.append(Cell(one.phone, 0.98, DEEP, bold=True, end=True, whole=True))
        rows.append([Cell(str(place), 1.0, ACCENT, bold=True), said, told])
    note = words["straight"] if any(one.straight and one.walk_minutes is not None for one in shown) else ""
    body = stacked(
        [
            table(rows, [number, room * 0.66, room * 0.34], size, gap=gap),
            paragraph(note, width, size * 0.8, colour=MUTED),
            more_line(board, len(board.stations) - len(shown), width, size),
        ],
        0.2 * size,
    )
    return section(words["stations"], body, size, width)


def notices_section(board: Board, width: float, size: float, detail: Detail) -> Block:
    """What clerks have to say, each text below its title."""
    blocks = [
        stacked(
            [
                paragraph(one.title, width, size, colour=DEEP, bold=True, leading=1.4, most=min(detail.text_lines, 4)),
                paragraph(
                    " ".join(part for part in (one.body, one.phone) if part),
                    width,
                    size * 0.94,
                    leading=1.42,
                    most=detail.text_lines,
                ),
            ],
            0.0,
        )
        for one in board.notices[: detail.notices]
    ]
    return stacked(blocks, 0.4 * size)


def more_line(board: Board, missing: int, width: float, size: float) -> Block:
    """That a list goes on, and where; nothing where it does not."""
    if missing <= 0:
        return NOTHING
    words = board_words(board.lang)
    said = words["more" if board.link else "more_no_link"].format(count=missing)
    return paragraph(said, width, size * 0.9, colour=MUTED)
