"""The board on a screen: as it would be printed now, with numbers to dial, and for those with a key what is wrong."""

import hashlib
from typing import Any, Final
from urllib.parse import quote

from fastapi import APIRouter
from psycopg import Connection
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from geodata.basemap import base_shapes, base_version
from geodata.crs import checked_point
from geodata.errors import InputError, RetiredError, UnavailableError
from geodata.moment import Moment
from service.dependencies import READERS, current_snapshot, instant_of, serving
from service.maps.boards.callers import merged, nearest_first, nobody_word
from service.maps.boards.facts import Board, Person, Tier
from service.maps.boards.frame import figure_told
from service.maps.boards.layout import PAPERS
from service.maps.boards.making import Told, Wanted, sources_of, subject_of, tell
from service.maps.boards.plan import draw_plan, plan_sheet
from service.maps.boards.sections import role_of, short_name
from service.maps.boards.words import board_words, hours_told, promised, way_told
from service.maps.pages import Page
from service.maps.paper_ground import DETAIL_MILLIMETRES

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

_PLAN_WIDTH: Final = 180.0
_PLAN_HEIGHT: Final = 120.0
_LETTERS: Final = 3.4
_PLANS_KEPT: Final = 200
_PLANS: Final[dict[str, str]] = {}


@router.get("/maps/boards/plan.svg")
async def board_plan(
    request: Request,
    layer: str | None = None,
    grid: str | None = None,
    area: str | None = None,
    compound: str | None = None,
    here: str | None = None,
    as_of: str | None = None,
) -> Response:
    """The plan of a board as a picture."""

    def work() -> Response:
        told = _told(request, Wanted(layer or None, grid or None, area or None, compound or None), here, as_of)
        if told.subject.outline is None:
            return Response(status_code=404)
        moment = current_snapshot(request).moment(instant_of(as_of or None, serving(request).zone))
        try:
            with serving(request).database() as connection:
                return _plan(request, told, moment, connection)
        except UnavailableError:
            return _plan(request, told, moment, None)

    return await serving(request).printing.run(work, known=False, gone=request.is_disconnected)


def _plan(request: Request, told: Told, moment: Moment, connection: Connection[Any] | None) -> Response:
    """The picture, drawn once for each state of what it shows."""
    version = "" if connection is None else base_version(connection)
    whole = f"{told.board.digest()} {moment.version} {version}"
    tag = f'"{hashlib.blake2b(whole.encode(), digest_size=12).hexdigest()}"'
    # A picture alone: nothing in it may run or be fetched, wherever it is opened.
    headers = {"ETag": tag, "Cache-Control": "no-cache", "Content-Security-Policy": "default-src 'none'; sandbox"}
    if tag in (known.strip() for known in request.headers.get("if-none-match", "").split(",")):
        return Response(status_code=304, headers=headers)
    drawn = _PLANS.get(tag)
    if drawn is None:
        sheet = plan_sheet(told.board, told.subject, _PLAN_WIDTH, _PLAN_HEIGHT)
        detail = sheet.metres_per_millimetre * DETAIL_MILLIMETRES
        base = None if connection is None else base_shapes(connection, sheet.frame_bounds, detail)
        drawn = _PLANS[tag] = draw_plan(sheet, told.board, told.subject, moment, base, size=_LETTERS)
        while len(_PLANS) > _PLANS_KEPT:
            _PLANS.pop(next(iter(_PLANS)), None)
    return Response(drawn, media_type="image/svg+xml", headers=headers)


@router.get("/maps/boards/{layer}/{code:path}")
def grid_board(request: Request, layer: str, code: str, here: str | None = None, as_of: str | None = None) -> Response:
    """The board of a grid; of one that is no more, which boards took its place: codes on walls lead here for years."""
    try:
        return _page(request, Wanted(layer, grid=code), here, as_of)
    except RetiredError as gone:
        return _gone(request, layer, gone)


@router.get("/maps/boards")
def board(
    request: Request,
    layer: str | None = None,
    grid: str | None = None,
    area: str | None = None,
    compound: str | None = None,
    here: str | None = None,
    as_of: str | None = None,
) -> Response:
    """The board of a community or a compound."""
    return _page(request, Wanted(layer or None, grid or None, area or None, compound or None), here, as_of)


def _told(request: Request, wanted: Wanted, here: str | None, as_of: str | None) -> Told:
    zone = serving(request).zone
    at = instant_of(as_of or None, zone)
    moment = current_snapshot(request).moment(at)
    subject = subject_of(moment, wanted)
    lang = "en" if request.query_params.get("lang") == "en" else "zh-CN"
    return tell(sources_of(request, moment, at), subject, lang=lang, here=parse_here(here))  # type: ignore[arg-type]


def parse_here(text: str | None) -> tuple[float, float] | None:
    """Longitude and latitude of where a board hangs; None for an empty text.

    Raises
    ------
    InputError
        Not two numbers, or no place on Earth.
    """
    if text is None or not text.strip():
        return None
    try:
        lon, lat = (float(part) for part in text.split(","))
    except ValueError as error:
        raise InputError(
            "here must be lon,lat in degrees, for example 117.0,36.65", "here 应为 经度,纬度，例如 117.0,36.65"
        ) from error
    return checked_point(lon, lat)


def _page(request: Request, wanted: Wanted, here: str | None, as_of: str | None) -> Response:
    page = Page(request)
    told = _told(request, wanted, here, as_of)
    board, subject = told.board, told.subject
    words = board_words(page.lang)
    named = {
        "grid": subject.code if subject.kind == "grid" else "",
        "area": subject.code if subject.kind == "community" else "",
        "compound": subject.code if subject.kind == "compound" else "",
    }
    asked = {
        name: value
        for name, value in {"layer": subject.layer, **named, "here": here or "", "as_of": as_of or ""}.items()
        if value
    }
    title = words[f"title_{board.kind}"].format(name=board.name)
    return page.answer(
        page.render(
            "board.html",
            title=f"{title} · {page.words['product']}",
            heading=title,
            board=board,
            own=words,
            nobody=words[nobody_word(board)],
            vacant=words["vacant" if board.hotlines else "vacant_known"],
            figures=[(words[one.name], *figure_told(one, words)) for one in board.figures],
            tiers=[_tier(page, board, tier) for tier in nearest_first(board)],
            roles=board.roles if board.kind == "community" else (),
            matters=[(one, promised(one.promised_minutes, page.lang)) for one in board.matters],
            stations=[
                (one, hours_told(one.hours, page.lang), way_told(one.walk_minutes, one.metres, page.lang))
                for one in board.stations
            ],
            plan=page.href("/maps/boards/plan.svg", **asked) if subject.outline is not None else "",
            prints=[(name, page.href("/api/v1/boards", **asked, size=name)) for name in PAPERS],
            map_link=page.href("/maps/grids", **_map_query(told)),
            findings=_findings(page, told) if page.role in READERS else None,
            told_basis=_basis(board),
        )
    )


def _gone(request: Request, layer: str, gone: RetiredError) -> Response:
    page = Page(request)
    words = board_words(page.lang)
    heading = words["gone"].format(name=gone.facts["name"])
    path = f"/maps/boards/{quote(layer, safe='')}/"
    after = [
        (one["name"] or one["code"], page.href(path + quote(one["code"], safe=""))) for one in gone.facts["replaced_by"]
    ]
    return page.answer(
        page.render(
            "board_gone.html",
            title=heading,
            heading=heading,
            detail=gone.detail if page.lang == "en" else gone.detail_zh,
            choose=words["gone_choose"],
            after=after,
        ),
        404,
    )


def _findings(page: Page, told: Told) -> list[str]:
    return [one.message if page.lang == "en" else one.message_zh for one in told.findings]


def _map_query(told: Told) -> dict[str, str]:
    subject = told.subject
    query = {"layer": subject.layer}
    if subject.kind == "grid":
        return query | {"grid": subject.code}
    if subject.kind == "community":
        return query | {"area": subject.code}
    return query | ({"grid": subject.grids[0].code} if subject.grids else {})


def _tier(page: Page, board: Board, tier: Tier) -> dict[str, Any]:
    words = board_words(board.lang)
    several = board.kind == "community" and tier.kind == "grid"
    name = words[tier.kind] if tier.kind in ("building", "compound") else short_name(board, tier.name)
    code = next((code for code, known in board.grids if known == tier.name), "") if several else ""
    path = f"/maps/boards/{quote(board.layer, safe='')}/{quote(code, safe='')}"
    return {
        "name": name,
        "link": page.href(path) if code else "",
        "people": [_person(board, tier, one, brief=several) for one in merged(tier.people)],
    }


def _person(board: Board, tier: Tier, person: Person, *, brief: bool) -> dict[str, Any]:
    """Somebody as the page shows them: ``brief`` where many of one role stand below each other."""
    duties = next((role.duties for role in board.roles if role.name == person.role_name), "")
    return {
        "role": role_of(board, person),
        "name": person.name,
        "phone": person.phone,
        "dialable": person.dialable,
        "target": person.target if tier.kind in ("building", "compound") else "",
        "hours": "" if brief else hours_told(person.hours, board.lang),
        "duties": duties if tier.kind != "above" and board.kind != "community" else "",
    }


def _basis(board: Board) -> str:
    words = board_words(board.lang)
    said = []
    if board.release is not None:
        text = words["release_day" if board.release_day else "release"]
        said.append(text.format(number=board.release, day=board.release_day))
    said += [board.attribution, board.footer]
    if board.approval_number:
        said.append(words["approval"].format(number=board.approval_number))
    return " · ".join(part for part in said if part)
