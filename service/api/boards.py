"""Notice boards of grids, compounds and communities: as PDF and as what they say; which hang with something else."""

import re
from dataclasses import asdict
from functools import partial
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import FileResponse

from geodata.boards import printed as printed_log
from geodata.boards.logos import checked_logo, set_logo
from geodata.times import microseconds
from service.api.answers import (
    KEY_NEEDED,
    LONGEST_CODE,
    OPEN_TO_ALL,
    Asked,
    AsOf,
    Limit,
    Within,
    json_response,
    listing,
    problems,
    refuse_repeated,
)
from service.api.board_items import BoardAnswer, LogoAnswer, PrintedList, RunItem, RunList, RunQuestion
from service.api.keys import LARGEST_ID
from service.dependencies import (
    CLERKS,
    PUBLIC,
    READERS,
    Serving,
    local_text,
    require,
    serving,
)
from service.jobs import defer_run
from service.maps.boards.layout import lay_board
from service.maps.boards.making import Told, Wanted, board_memory, paper_of, sources_of, subject_of, tell
from service.maps.boards.pages import parse_here
from service.maps.boards.runs import RunAsked, codes_of
from service.maps.boards.staleness import Standing, standing_of
from service.maps.boards.work import zipped_run
from service.maps.words import Language

router = APIRouter(prefix="/api/v1/boards", tags=["boards"])

_PDF = "application/pdf"
_FILE = {"schema": {"type": "string", "format": "binary"}, "example": "…"}
_PICTURE = {"schema": {"type": "string", "format": "binary"}, "example": "…"}
_CodeAsked = Annotated[str | None, Query(max_length=LONGEST_CODE)]
RunId = Annotated[int, Path(ge=1, le=LARGEST_ID, description="Identity of the print run", examples=[4])]


def language_of(lang: str) -> Language:
    """The language of a printed page."""
    return "en" if lang == "en" else "zh-CN"


@router.get(
    "",
    operation_id="getBoard",
    summary="The notice board of a grid, compound or community",
    response_model=None,
    response_class=Response,
    responses={
        200: {
            "description": "One page, vector, fonts embedded; or what it says",
            "model": BoardAnswer,
            "content": {_PDF: _FILE},
        },
        **problems(401, 404, 422, 503),
    },
    openapi_extra=OPEN_TO_ALL,
)
async def get_board(
    request: Request,
    grid: Annotated[
        str | None, Query(max_length=LONGEST_CODE, description="Code of a grid", examples=["370102001001003"])
    ] = None,
    area: Annotated[
        str | None, Query(max_length=LONGEST_CODE, description="Code of a community, or of another area of few grids")
    ] = None,
    compound: Annotated[str | None, Query(max_length=LONGEST_CODE, description="Code of a compound")] = None,
    layer: Annotated[
        str | None, Query(max_length=LONGEST_CODE, description="Layer of the grids; the default one if left out")
    ] = None,
    size: Annotated[
        Literal["A4", "A3", "600x900"], Query(description="Paper; 600x900 is that of a light box, millimetres")
    ] = "A4",
    here: Annotated[
        str | None,
        Query(max_length=80, description="Where it hangs: lon,lat, EPSG:4326; marked on the plan, walks begin there"),
    ] = None,
    lang: Annotated[Literal["en", "zh"], Query(description="Language of what is printed")] = "zh",
    as_of: AsOf = None,
    format: Annotated[Literal["pdf", "json"], Query(description="pdf to print, json for what it says")] = "pdf",  # noqa: A002
) -> Response:
    """Exactly one of `grid`, `area` and `compound`. The same for everybody: names and phones as the public sees them.

    Always one page: what has no room is left out at the end of lists, which say so, and `shortened` in JSON.
    """
    refuse_repeated(request)
    asked = Asked(request, as_of)
    paper = paper_of(size)
    place = parse_here(here)
    wanted = Wanted(layer or None, grid or None, area or None, compound or None)

    def work() -> Response:
        sources = sources_of(request, asked.moment, asked.instant)
        told = tell(sources, subject_of(asked.moment, wanted), lang=language_of(lang), here=place)
        if format == "json":
            laid = lay_board(told.board, paper, with_plan=told.subject.outline is not None)
            return _told(asked, told, laid.shortened)
        tag, made = board_memory().printed(sources, told, paper)
        return _pdf(request, tag, made.content, told, size)

    held = serving(request)
    return await held.printing.run(work, known=asked.caller is not PUBLIC, gone=request.is_disconnected)


def _told(asked: Asked, told: Told, shortened: dict[str, tuple[int, int]]) -> Response:
    record = asdict(told.board)
    for name in ("lang", "layer_name", "grids", "release_day", "day", "here", "attribution", "approval_number"):
        record.pop(name)
    record.pop("logo")
    record.pop("shapes")
    wrong = [asdict(one) for one in told.findings] if asked.caller.role in READERS else None
    return json_response(
        {**asked.head, **record, "digest": told.board.digest(), "shortened": shortened, "findings": wrong}
    )


def _pdf(request: Request, tag: str, content: bytes, told: Told, size: str) -> Response:
    headers = {"ETag": f'"{tag}"', "Cache-Control": "public, no-cache", "Vary": "Authorization, Cookie"}
    if f'"{tag}"' in (known.strip() for known in request.headers.get("if-none-match", "").split(",")):
        return Response(status_code=304, headers=headers)
    name = re.sub(r'[\x00-\x1f"/\\:*?<>|]+', "", told.board.name)[:60]
    plain = re.sub(r"[^A-Za-z0-9_.-]", "", f"board-{told.board.code}-{size}")
    title = f"{name}-公示牌-{size}" if told.board.lang != "en" else f"{name}-board-{size}"
    headers["Content-Disposition"] = f"inline; filename=\"{plain}.pdf\"; filename*=UTF-8''{quote(title)}.pdf"
    return Response(content, media_type=_PDF, headers=headers)


@router.get(
    "/printed",
    operation_id="listPrintedBoards",
    summary="Boards that were printed, and which are stale",
    response_model=None,
    responses={200: {"model": PrintedList}, **problems(401, 403, 404, 422, 503)},
    openapi_extra=KEY_NEEDED,
)
async def list_printed(
    request: Request,
    within: Within = None,
    stale: Annotated[bool | None, Query(description="Only those that are stale, or only those that are not")] = None,
    limit: Limit = None,
    after: Annotated[str | None, Query(max_length=LONGEST_CODE, description="Continue after this one")] = None,
) -> Response:
    """What was printed last of each board by a print run, and whether it says something else now."""
    asked = Asked(request, None, READERS)

    def work() -> Response:
        sources = sources_of(request, asked.moment, asked.instant, addressed=False)
        with serving(request).database() as connection:
            known = printed_log.printed_boards(connection)
        found = [one for one in standing_of(sources, known, within) if stale is None or one.stale == stale]
        found.sort(key=_place)
        record = partial(_printed_record, asked)
        return listing(asked, found, place_of=_place, after=after, limit=limit, record=record, private=True)

    return await serving(request).printing.run(work, known=True, gone=request.is_disconnected)


def _place(one: Standing) -> str:
    return "/".join(one.printed.key)


def _printed_record(asked: Asked, one: Standing) -> dict[str, Any]:
    printed = one.printed
    return {
        "layer": printed.layer,
        "kind": printed.kind,
        "code": printed.code,
        "name": printed.name,
        "size": printed.size,
        "lang": printed.lang,
        "printed_at": local_text(microseconds(printed.printed_at), asked.zone),
        "printed_by": printed.printed_by,
        "release": printed.release,
        "file": printed.file,
        "stale": one.stale,
        "gone": one.gone,
        "changed": list(one.changed),
    }


@router.get(
    "/runs",
    operation_id="listBoardRuns",
    summary="Print runs",
    response_model=None,
    responses={200: {"model": RunList}, **problems(401, 403, 422, 503)},
    openapi_extra=KEY_NEEDED,
)
def list_runs(request: Request, limit: Limit = None) -> Response:
    """Print runs, the newest first: how far each is, and how it ended."""
    require(request, READERS)
    held = serving(request)
    with held.database() as connection:
        found = printed_log.print_runs(connection, limit or held.settings.page_size)
    return json_response({"items": [_run_record(held, run) for run in found]})


@router.post(
    "/runs",
    operation_id="addBoardRun",
    summary="Print the boards of an area",
    status_code=201,
    response_model=None,
    responses={201: {"model": RunItem}, **problems(400, 401, 403, 404, 408, 409, 413, 422, 503)},
    openapi_extra=KEY_NEEDED,
)
async def add_run(request: Request, body: RunQuestion) -> Response:
    """A job prints one board for each grid, community or compound; what it printed is a ZIP at `/runs/{id}/file`.

    For clerks and administrators. 409 where a run is being printed or waits for it.
    """
    asked = Asked(request, None, CLERKS)
    held = serving(request)
    layer = asked.moment.layer(body.layer).code if body.layer else asked.moment.default_layer.code
    lang = language_of(body.lang)
    wanted = {"within": body.within, "layer": layer, "kind": body.kind, "size": body.size, "lang": lang}

    def work() -> Response:
        codes = codes_of(asked.moment, RunAsked(layer, body.kind, body.size, lang, body.within))
        with held.database() as connection:
            printed_log.refuse_second_run(connection)
            run_id = printed_log.begin_run(connection, wanted, len(codes), asked.caller.name, queued=True)
            defer_run(connection, run_id, held.settings)
            return json_response(_run_record(held, printed_log.print_run(connection, run_id)), status=201)

    return await held.printing.run(work, known=True, gone=request.is_disconnected)


@router.get(
    "/runs/{run_id}/file",
    operation_id="getBoardRunFile",
    summary="What a print run printed, as ZIP",
    response_class=Response,
    responses={
        200: {"description": "PDFs and a table of them", "content": {"application/zip": _FILE}},
        **problems(401, 403, 404, 422, 503),
    },
    openapi_extra=KEY_NEEDED,
)
def get_run_file(request: Request, run_id: RunId) -> Response:
    """The boards that were printed so far and `boards.csv`; kept for 30 days."""
    require(request, READERS)
    held = serving(request)
    with held.database() as connection:
        printed_log.print_run(connection, run_id)
    made = zipped_run(held.settings.state_folder, run_id)
    return FileResponse(
        made, media_type="application/zip", filename=f"boards-{run_id}.zip", headers={"Cache-Control": "no-store"}
    )


@router.get(
    "/runs/{run_id}",
    operation_id="getBoardRun",
    summary="One print run",
    response_model=None,
    responses={200: {"model": RunItem}, **problems(401, 403, 404, 422, 503)},
    openapi_extra=KEY_NEEDED,
)
def get_run(request: Request, run_id: RunId) -> Response:
    """How far a print run is, and how it ended."""
    require(request, READERS)
    held = serving(request)
    with held.database() as connection:
        return json_response(_run_record(held, printed_log.print_run(connection, run_id)))


@router.post(
    "/runs/{run_id}/cancel",
    operation_id="cancelBoardRun",
    summary="Stop a print run",
    response_model=None,
    responses={200: {"model": RunItem}, **problems(401, 403, 404, 409, 422, 503)},
    openapi_extra=KEY_NEEDED,
)
def cancel_run(request: Request, run_id: RunId) -> Response:
    """It stops after the board that it is printing; what was printed stays, and the next run goes on from there."""
    caller = require(request, CLERKS)
    held = serving(request)
    with held.database() as connection:
        return json_response(_run_record(held, printed_log.cancel_run(connection, run_id, caller.name)))


def _run_record(held: Serving, run: printed_log.Run) -> dict[str, Any]:
    return {
        "id": run.run_id,
        "state": run.state,
        "asked": run.asked,
        "done": run.done,
        "total": run.total,
        "printed": run.printed,
        "problem": run.problem,
        "created_at": local_text(microseconds(run.created_at), held.zone),
        "created_by": run.created_by,
        "progress_at": local_text(microseconds(run.progress_at), held.zone),
    }


@router.put(
    "/logo",
    operation_id="setBoardLogo",
    summary="Set the logo of an area's boards",
    response_model=None,
    responses={200: {"model": LogoAnswer}, **problems(401, 403, 404, 413, 422, 503)},
    openapi_extra=KEY_NEEDED
    | {"requestBody": {"required": True, "content": {"image/png": _PICTURE, "image/jpeg": _PICTURE}}},
)
async def put_logo(
    request: Request,
    area: Annotated[
        str | None, Query(max_length=LONGEST_CODE, description="Code of an area; everywhere if left out")
    ] = None,
) -> Response:
    """A PNG or JPEG of at most 2 MB, for the area and all below it that have none of their own; written anew by us."""
    asked = Asked(request, None, CLERKS)
    held = serving(request)
    found = asked.moment.area(area) if area else None
    content = await request.body()

    def work() -> Response:
        logo = checked_logo(content)
        with held.database() as connection:
            set_logo(connection, found, logo, asked.caller.name)
        return json_response({"area": area, "width": logo.width, "height": logo.height})

    return await held.printing.run(work, known=True, gone=request.is_disconnected)


@router.delete(
    "/logo",
    operation_id="removeBoardLogo",
    summary="Remove the logo of an area's boards",
    status_code=204,
    responses=problems(401, 403, 404, 422, 503),
    openapi_extra=KEY_NEEDED,
)
def delete_logo(
    request: Request,
    area: Annotated[
        str | None, Query(max_length=LONGEST_CODE, description="Code of an area; everywhere if left out")
    ] = None,
) -> Response:
    """Boards of the area get the logo of the nearest area above, if that has one."""
    asked = Asked(request, None, CLERKS)
    found = asked.moment.area(area) if area else None
    with serving(request).database() as connection:
        set_logo(connection, found, None, asked.caller.name)
    return Response(status_code=204, headers={"Cache-Control": "no-store"})
