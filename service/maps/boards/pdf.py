"""A board as PDF: one page of its paper, true to the millimetre, vector, fonts embedded."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from markupsafe import escape

from geodata.basemap import BaseShapes
from geodata.boards.logos import Logo
from geodata.moment import Moment
from service.maps.boards.facts import Board
from service.maps.boards.ground import Subject
from service.maps.boards.layout import Frame, LaidBoard, Paper, lay_board
from service.maps.boards.plan import Bounds, draw_plan, plan_sheet
from service.maps.boards.tables import WHITE
from service.maps.boards.typeset import Box, svg_of
from service.maps.lettering import clean
from service.maps.paper import LaidOut, lay_out
from service.maps.paper_ground import DETAIL_MILLIMETRES

BaseOf = Callable[[Bounds, float], BaseShapes | None]
"""Gives the base map of a box in a detail, metres; None where it cannot be had."""


@dataclass(frozen=True, slots=True)
class Printed:
    """A board that was printed; ``shortened`` says which lists are not whole: shown, and of how many."""

    content: bytes
    shortened: dict[str, tuple[int, int]]


def no_base(_bounds: Bounds, _detail: float) -> None:
    """No base map."""


def print_board(
    board: Board,
    subject: Subject,
    moment: Moment,
    paper: Paper,
    *,
    base_of: BaseOf = no_base,
    logo: Logo | None = None,
) -> Printed:
    """The board on paper.

    Raises
    ------
    RuntimeError
        It came out on more than one page: a fault of ours.
    """
    laid = lay_board(
        board, paper, with_plan=subject.outline is not None, logo_ratio=0.0 if logo is None else logo.ratio
    )
    pages = _pages(board, subject, moment, laid, base_of, logo)
    if pages.pages != 1:
        raise RuntimeError(f"a board came out on {pages.pages} pages")
    return Printed(pages.pdf(), laid.shortened)


def _pages(
    board: Board, subject: Subject, moment: Moment, laid: LaidBoard, base_of: BaseOf, logo: Logo | None
) -> LaidOut:
    paper = laid.paper
    items = list(laid.items)
    pictures: dict[str, bytes] = {}
    shown = []
    if laid.plan is not None:
        sheet = plan_sheet(board, subject, laid.plan.width, laid.plan.height)
        base = base_of(sheet.frame_bounds, sheet.metres_per_millimetre * DETAIL_MILLIMETRES)
        pictures["plan.svg"] = draw_plan(sheet, board, subject, moment, base, size=laid.size).encode()
        shown.append(_picture("plan.svg", laid.plan))
    if laid.logo is not None and logo is not None:
        frame, pad = laid.logo, laid.logo.height * 0.06
        items.append(
            Box(frame.x - pad, frame.y - pad, frame.width + 2 * pad, frame.height + 2 * pad, fill=WHITE, radius=pad)
        )
        pictures["logo"] = logo.content
        shown.append(_picture("logo", frame))
    pictures["board.svg"] = str(svg_of(items, paper.width, paper.height)).encode()
    shown.insert(0, _picture("board.svg", Frame(0.0, 0.0, paper.width, paper.height)))
    return lay_out(
        _DOCUMENT.format(
            width=paper.width,
            height=paper.height,
            lang=board.lang,
            title=escape(clean(board.name)),
            shown="".join(shown),
        ),
        pictures,
    )


def _picture(name: str, frame: Frame) -> str:
    place = f"left:{frame.x:.2f}mm;top:{frame.y:.2f}mm;width:{frame.width:.2f}mm;height:{frame.height:.2f}mm"
    return f'<img src="own:{name}" alt="" style="{place}">'


_DOCUMENT: Final = (
    '<!DOCTYPE html><html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title><style>'
    "@page {{ size: {width}mm {height}mm; margin: 0 }}"
    " html, body {{ margin: 0; padding: 0 }} .page {{ position: relative; width: {width}mm; height: {height}mm; "
    "overflow: hidden }} img {{ position: absolute; display: block }}</style></head>"
    '<body><div class="page">{shown}</div></body></html>'
)
