"""How a board fills one page: as large as it can be, in measured steps; never cut, and it says what it leaves out.

The page has a head, a strip of figures, two columns, and a foot with hotlines and the code. The plan takes what the
lists beside and below it leave. Where letters would become too small to read, the lists are shortened instead.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from service.maps.boards.callers import people_count, people_section
from service.maps.boards.chart import chart_section
from service.maps.boards.facts import Board
from service.maps.boards.frame import figures_strip, foot, head
from service.maps.boards.sections import (
    Detail,
    duties_section,
    matters_section,
    notices_section,
    roles_shown,
    stations_section,
)
from service.maps.boards.typeset import Block, Item, stacked

# Of the height between strip and foot; a small sheet must say as much as a large one.
_LEAST_PLAN: Final = 0.28
_LITTLE: Final = 0.3
_MOST_BOXES: Final = 24
_LEAST_PLAN_SMALL: Final = 0.22
_SMALL_MILLIMETRES: Final = 250.0


@dataclass(frozen=True, slots=True)
class Paper:
    """A size of paper, millimetres; letters of lists are between ``least`` and ``most`` high."""

    name: str
    width: float
    height: float
    least: float
    most: float

    @property
    def margin(self) -> float:
        """Left free on each side."""
        return self.width * 0.045

    @property
    def inner(self) -> float:
        """Between the margins."""
        return self.width - 2 * self.margin


PAPERS: Final = {
    "A4": Paper("A4", 210.0, 297.0, 2.2, 3.5),
    "A3": Paper("A3", 297.0, 420.0, 2.6, 5.2),
    "600x900": Paper("600x900", 600.0, 900.0, 5.0, 10.8),
}


_BARE: Final = Detail(
    0,
    0,
    0,
    0,
    0,
    descriptions=False,
    addresses=False,
    every_duty=False,
    chart_steps=0,
    chart_grids=False,
    hotlines=3,
    text_lines=1,
)


@dataclass(frozen=True, slots=True)
class Frame:
    """Where something that is drawn apart stands: left, top, width, height, millimetres."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class LaidBoard:
    """A board on its page.

    Parameters
    ----------
    size
        Of the letters in lists, millimetres.
    plan, logo
        Where they go; None where there is none.
    shortened
        Of each list that is not whole, how many of its rows are shown, and of how many.
    """

    paper: Paper
    size: float
    items: tuple[Item, ...]
    plan: Frame | None
    logo: Frame | None
    shortened: dict[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Columns:
    left: Block
    right: Block
    plan_height: float


def lay_board(board: Board, paper: Paper, *, with_plan: bool = True, logo_ratio: float = 0.0) -> LaidBoard:
    """The board on one page of this paper.

    Parameters
    ----------
    with_plan
        Whether there is anything to draw.
    logo_ratio
        Width of the logo in heights; 0 for none.
    """
    for detail, least in _details(board, paper):
        found = _largest(board, paper, detail, least, with_plan=with_plan)
        if found is not None:
            break
    else:
        detail = _BARE
        room = _room(board, paper, paper.least, detail)
        found = paper.least, _columns(board, paper, paper.least, detail, room, with_plan=with_plan)
    size, columns = found
    detail, columns = _filled_up(board, paper, size, detail, columns, with_plan=with_plan)
    return _assembled(board, paper, size, detail, columns, with_plan=with_plan, logo_ratio=logo_ratio)


def _filled_up(
    board: Board, paper: Paper, size: float, detail: Detail, columns: _Columns, *, with_plan: bool
) -> tuple[Detail, _Columns]:
    """As much more as has room at the same size: what was left out for one column may fit into the other."""
    whole = Detail()
    more: list[dict[str, int | bool]] = [
        {"people": whole.people},
        {"matters": whole.matters},
        *({"chart_steps": steps} for steps in (whole.chart_steps, 3, 2)),
        {"roles": whole.roles},
        *({"roles": count} for count in (6, 4, 3, 2, 1)),
        {"stations": whole.stations},
        {"notices": whole.notices},
        {"hotlines": whole.hotlines},
        {"addresses": True},
        {"descriptions": True},
        {"every_duty": True},
    ]
    for change in more:
        name, value = next(iter(change.items()))
        if getattr(detail, name) >= value or (name == "every_duty" and detail.roles < whole.roles):
            continue
        wider = replace(detail, **change)  # type: ignore[arg-type]
        found = _fitting(board, paper, size, wider, with_plan=with_plan)
        if found is not None:
            detail, columns = wider, found
    return detail, columns


def _details(board: Board, paper: Paper) -> Iterator[tuple[Detail, float]]:
    """How much to show, and from which size on: all where it can be read, else less, the least needful first."""
    most, least = paper.most, paper.least
    middle = (most + least) / 2
    # With many grids, their boxes in the chart say nothing that the list of people does not say.
    begin = Detail(chart_grids=len(board.grids) <= _MOST_BOXES)
    yield begin, middle
    if board.kind == "community":
        begin = replace(begin, packed=True)
        yield begin, middle
    less = replace(begin, every_duty=False)
    terse = replace(less, descriptions=False, addresses=False, text_lines=8)
    yield less, middle * 0.96
    yield replace(less, descriptions=False), middle * 0.9
    yield terse, middle * 0.86
    yield replace(terse, stations=5, chart_grids=False), (middle + least) / 2
    few = replace(terse, roles=0, stations=4, chart_grids=False, hotlines=9, text_lines=4)
    yield few, least
    few = replace(few, chart_steps=3, hotlines=6, text_lines=2, stations=3, notices=1)
    yield few, least
    few = replace(few, chart_steps=0)
    yield few, least
    few = replace(few, hidden=False)
    people, matters = people_count(board), len(board.matters)
    for share in (1.0, 0.8, 0.65, 0.5, 0.35, 0.25, 0.15, 0.08, 0.04):
        yield replace(few, people=max(1, round(people * share)), matters=max(3, round(matters * share))), least
    for count in (2, 1):
        yield replace(few, people=count, matters=count, stations=count, notices=0, hotlines=3), least


def _largest(
    board: Board, paper: Paper, detail: Detail, least: float, *, with_plan: bool
) -> tuple[float, _Columns] | None:
    """The largest letters, not under the least, with which this much fits."""
    low, high = least, paper.most
    found = _fitting(board, paper, low, detail, with_plan=with_plan)
    if found is None:
        return None
    largest = _fitting(board, paper, high, detail, with_plan=with_plan)
    if largest is not None:
        return high, largest
    best = low, found
    while high / low > 1.02:
        size = (high * low) ** 0.5
        found = _fitting(board, paper, size, detail, with_plan=with_plan)
        if found is None:
            high = size
        else:
            low, best = size, (size, found)
    return best


def _fitting(board: Board, paper: Paper, size: float, detail: Detail, *, with_plan: bool) -> _Columns | None:
    room = _room(board, paper, size, detail)
    columns = _columns(board, paper, size, detail, room, with_plan=with_plan)
    plan = room - columns.left.height - (1.4 * size if columns.left.height else 0.0)
    if with_plan and plan < room * (_LEAST_PLAN if paper.width > _SMALL_MILLIMETRES else _LEAST_PLAN_SMALL):
        return None
    if max(columns.left.height, columns.right.height) > room:
        return None
    return columns


def _room(board: Board, paper: Paper, size: float, detail: Detail) -> float:
    """Height between strip and foot."""
    top = _top(board, paper, size, detail.text_lines)
    return paper.height - top - _foot(board, paper, size, detail).height - 2.4 * size


def _top(board: Board, paper: Paper, size: float, lines: int) -> float:
    strip = figures_strip(board, paper.inner, size, lines)
    return head(board, paper.width, paper.margin, 0.0).height + strip.height + (2.2 if strip.height else 1.1) * size


def _foot(board: Board, paper: Paper, size: float, detail: Detail) -> Block:
    notices = notices_section(board, paper.inner * 0.27, size, detail)
    return foot(board, paper.inner, size, notices, hotlines=detail.hotlines, lines=detail.text_lines)


def _columns(board: Board, paper: Paper, size: float, detail: Detail, room: float, *, with_plan: bool) -> _Columns:
    """The two columns; lists go to whichever leaves more room, people always right beside the plan."""
    gap = paper.width * 0.026
    left_width = (paper.inner - gap) * 0.53
    right_width = paper.inner - gap - left_width
    left = [chart_section(board, left_width, size, steps=detail.chart_steps, grids=detail.chart_grids)]
    right = [people_section(board, right_width, size, detail)]
    wanted = room * (0.36 if with_plan else 0.0)
    for make in (matters_section, stations_section, duties_section):
        on_left, on_right = make(board, left_width, size, detail), make(board, right_width, size, detail)
        free_left = room - wanted - _high(left, size) - on_left.height
        free_right = room - _high(right, size) - on_right.height
        if free_right >= free_left:
            right.append(on_right)
        else:
            left.append(on_left)
    return _Columns(stacked(left, 1.4 * size), stacked(right, 1.4 * size), wanted)


def _high(blocks: Sequence[Block], size: float) -> float:
    return sum(block.height + 1.4 * size for block in blocks if block.height)


def _assembled(
    board: Board, paper: Paper, size: float, detail: Detail, columns: _Columns, *, with_plan: bool, logo_ratio: float
) -> LaidBoard:
    header = head(board, paper.width, paper.margin, logo_ratio)
    strip = figures_strip(board, paper.inner, size, detail.text_lines)
    footer = _foot(board, paper, size, detail)
    items = [*header.items]
    y = header.height + 1.1 * size
    items += strip.at(paper.margin, y)
    y += strip.height + (1.1 * size if strip.height else 0.0)
    room = _room(board, paper, size, detail)
    gap = paper.width * 0.026
    left_width = (paper.inner - gap) * 0.53
    plan = None
    below = y
    if with_plan and not columns.left.height and columns.right.height < room * _LITTLE:
        # Hardly anybody to name: the plan gets the whole width, the few words stand below.
        high = room - columns.right.height - 1.4 * size
        items += columns.right.at(paper.margin, y + high + 1.4 * size)
        items += footer.at(paper.margin, paper.height - footer.height - 1.2 * size)
        plan = Frame(paper.margin, y, paper.inner, high)
        logo = None if not logo_ratio else _logo_frame(paper, header.height, logo_ratio)
        return LaidBoard(paper, size, tuple(items), plan, logo, _shortened(board, detail))
    if with_plan:
        high = room - columns.left.height - (1.4 * size if columns.left.height else 0.0)
        plan = Frame(paper.margin, y, left_width, high)
        below += high + 1.4 * size
    items += columns.left.at(paper.margin, below)
    items += columns.right.at(paper.margin + left_width + gap, y)
    items += footer.at(paper.margin, paper.height - footer.height - 1.2 * size)
    logo = None if not logo_ratio else _logo_frame(paper, header.height, logo_ratio)
    return LaidBoard(paper, size, tuple(items), plan, logo, _shortened(board, detail))


def _logo_frame(paper: Paper, height: float, ratio: float) -> Frame:
    side = min(height * 0.62, paper.width * 0.1)
    wide = min(side * ratio, paper.width * 0.2)
    high = wide / ratio
    return Frame(paper.margin, (height - high) / 2, wide, high)


def _shortened(board: Board, detail: Detail) -> dict[str, tuple[int, int]]:
    whole = {
        "people": (detail.people, people_count(board)),
        "roles": (detail.roles, len(roles_shown(board, detail))),
        "matters": (detail.matters, len(board.matters)),
        "stations": (detail.stations, len(board.stations)),
        "notices": (detail.notices, len(board.notices)),
        "hotlines": (detail.hotlines, len(board.hotlines)),
    }
    return {name: (shown, total) for name, (shown, total) in whole.items() if shown < total}
