"""The clerk's desk: files brought, checked, corrected in how they are understood, committed, and undone."""

import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path as FilePath
from typing import Annotated, Any
from urllib.parse import quote

import anyio
from fastapi import APIRouter, Path, Query, Request, Response
from psycopg import Connection
from starlette.concurrency import run_in_threadpool

from geodata.desk import shown, stored
from geodata.desk.stored import BUSY, StoredLoad
from geodata.exchange.sniff import checked_file, content_of
from geodata.exchange.table import DEFAULT_LIMITS
from service.api.answers import KEY_NEEDED, LONGEST_CODE, Limit, json_response, problems
from service.api.keys import LARGEST_ID, Before
from service.api.load_items import (
    FindingList,
    LoadChange,
    LoadItem,
    LoadList,
    LoadStep,
    PlanList,
    RowList,
    Severity,
    What,
    load_item,
)
from service.dependencies import CLERKS, Caller, Serving, instant_of, require, serving
from service.jobs import defer_load

router = APIRouter(prefix="/api/v1", tags=["loads"])

PATH = "/api/v1/loads"
OCTETS = "application/octet-stream"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_READ = (401, 403, 404, 422, 503)
_CHANGED = (400, 401, 403, 404, 408, 409, 412, 413, 422, 503)


LoadId = Annotated[int, Path(ge=1, le=LARGEST_ID, description="Identity of the load", examples=[7])]
After = Annotated[int, Query(ge=-1, le=2**31 - 1, description="Continue after this place, as next_after says")]


def _answer(held: Serving, connection: Connection[Any], load: StoredLoad, status: int = 200) -> Response:
    alive = load.state not in BUSY or shown.worker_alive(connection)
    item = load_item(held, load, alive=alive)
    return json_response(item, status=status, headers={"ETag": f'"{load.version}"'})


def _version(request: Request, told: int | None) -> int | None:
    """The version that the caller looked at: in the body, else in If-Match; None where any will do."""
    tag = request.headers.get("if-match", "").strip()
    if told is not None or tag in ("", "*"):
        return told
    number = tag.removeprefix("W/").strip('"')
    # What is no number of ours matches no version.
    return int(number) if number.isascii() and number.isdigit() and len(number) < 19 else 0


@router.post(
    "/loads",
    operation_id="addLoad",
    summary="Bring a file",
    status_code=201,
    response_model=None,
    responses={201: {"model": LoadItem}, **problems(400, 401, 403, 408, 409, 413, 422, 503)},
    openapi_extra={
        **KEY_NEEDED,
        "requestBody": {
            "required": True,
            "description": "The bytes of the file: CSV, Excel, GeoJSON, GeoPackage, a zip archive of a Shapefile",
            "content": {OCTETS: {"schema": {"type": "string", "format": "binary"}}},
        },
    },
)
async def add_load(
    request: Request,
    file: Annotated[
        str, Query(min_length=1, max_length=1000, description="Name of the file", examples=["网格员名册.xlsx"])
    ],
    kind: Annotated[
        str | None, Query(max_length=LONGEST_CODE, description="What it holds; guessed if left out", examples=["grids"])
    ] = None,
) -> Response:
    """Bring a file, whatever its Content-Type says; it is checked at once, as a job. Nothing is changed by that.

    For clerks and administrators. The file is kept for 30 days, or until the load is discarded; 409 where 20 GiB of
    files are kept already. What cannot be a table is refused here; what is wrong inside it is among the findings of the
    check.
    """
    caller = require(request, CLERKS)
    name = stored.checked_name(file)
    with tempfile.TemporaryDirectory(prefix="gridmap-") as folder:
        path = FilePath(folder) / name
        with path.open("wb") as body:
            async for block in request.stream():
                body.write(block)
        return await run_in_threadpool(_add, request, caller, path, kind)


def _add(request: Request, caller: Caller, path: FilePath, kind: str | None) -> Response:
    held = serving(request)
    checked_file(path, DEFAULT_LIMITS)
    content_of(path)
    with held.database() as connection:
        load = stored.add_load(connection, path, file=path.name, kind=kind, options={}, actor=caller.name)
        load = defer_load(connection, "check", load)
        return _answer(held, connection, load, 201)


@router.get(
    "/loads",
    operation_id="listLoads",
    summary="Files that were brought",
    response_model=None,
    responses={200: {"model": LoadList}, **problems(401, 403, 422, 503)},
    openapi_extra=KEY_NEEDED,
)
def list_loads(request: Request, limit: Limit = None, before: Before = None) -> Response:
    """Loads of the last 30 days, the newest first; for clerks and administrators."""
    require(request, CLERKS)
    held = serving(request)
    size = limit or held.settings.page_size
    with held.database() as connection:
        found = stored.list_loads(connection, before=before, limit=size + 1)
        alive = not any(load.state in BUSY for load in found) or shown.worker_alive(connection)
    more = found[size - 1].load_id if len(found) > size else None
    items = [load_item(held, load, alive=alive) for load in found[:size]]
    return json_response({"next_before": more, "items": items})


@router.get(
    "/loads/{load_id}",
    operation_id="getLoad",
    summary="One load",
    response_model=None,
    responses={200: {"model": LoadItem}, **problems(*_READ)},
    openapi_extra=KEY_NEEDED,
)
def get_load(request: Request, load_id: LoadId) -> Response:
    """State, understanding and counts of a load; for clerks and administrators. Ask again while it is being worked on.

    The header ETag is the version, to be sent back as If-Match.
    """
    require(request, CLERKS)
    held = serving(request)
    with held.database() as connection:
        return _answer(held, connection, stored.stored_load(connection, load_id))


@router.patch(
    "/loads/{load_id}",
    operation_id="changeLoad",
    summary="Understand a file otherwise",
    response_model=None,
    responses={200: {"model": LoadItem}, **problems(*_CHANGED)},
    openapi_extra=KEY_NEEDED,
)
def change_load(request: Request, load_id: LoadId, body: LoadChange) -> Response:
    """Say what the file holds and how it is to be read; what is left out stays. It is checked again at once.

    For clerks and administrators. 412 where somebody changed the load since the version that you name.
    """
    require(request, CLERKS)
    held = serving(request)
    given = body.model_dump(exclude_unset=True, exclude={"kind", "version"})
    if given.get("effective") is not None:
        given["effective"] = instant_of(given["effective"], held.zone)
    with held.database() as connection:
        before = stored.stored_load(connection, load_id)
        load = stored.amend_load(
            connection,
            load_id,
            _version(request, body.version),
            kind=body.kind if "kind" in body.model_fields_set else before.kind,
            options={**before.options, **given},
        )
        load = defer_load(connection, "check", load)
        return _answer(held, connection, load)


def _step(
    request: Request,
    load_id: int,
    body: LoadStep | None,
    step: Callable[[Connection[Any], int, int | None], StoredLoad],
    task: str | None,
) -> Response:
    """Move a load on, and queue the work that this takes."""
    caller = require(request, CLERKS)
    held = serving(request)
    with held.database() as connection:
        load = step(connection, load_id, _version(request, None if body is None else body.version))
        if task is not None:
            load = defer_load(connection, task, load, actor=caller.name)
        return _answer(held, connection, load, 200 if task is None else 202)


@router.post(
    "/loads/{load_id}/commit",
    operation_id="commitLoad",
    summary="Commit a load",
    status_code=202,
    response_model=None,
    responses={202: {"model": LoadItem}, **problems(*_CHANGED)},
    openapi_extra=KEY_NEEDED,
)
def commit_load(request: Request, load_id: LoadId, body: LoadStep | None = None) -> Response:
    """Write what the check announced, as a job; it is checked once more, against the data as it is then.

    For clerks and administrators. Where that finds errors nothing is written, and the load is `checked` again with a
    `problem`.
    """
    return _step(request, load_id, body, stored.ask_commit, "commit")


@router.post(
    "/loads/{load_id}/undo",
    operation_id="undoLoad",
    summary="Undo a load",
    status_code=202,
    response_model=None,
    responses={202: {"model": LoadItem}, **problems(*_CHANGED)},
    openapi_extra=KEY_NEEDED,
)
def undo_load(request: Request, load_id: LoadId, body: LoadStep | None = None) -> Response:
    """Undo what a load committed, as a job; for clerks and administrators.

    Where somebody has changed the same records since, or uses them, nothing is undone and the `problem` says who.
    """
    return _step(request, load_id, body, stored.ask_undo, "undo")


@router.post(
    "/loads/{load_id}/cancel",
    operation_id="cancelLoad",
    summary="Stop the work on a load",
    response_model=None,
    responses={200: {"model": LoadItem}, **problems(*_CHANGED)},
    openapi_extra=KEY_NEEDED,
)
def cancel_load(request: Request, load_id: LoadId, body: LoadStep | None = None) -> Response:
    """Stop checking, committing or undoing; nothing of it stays. For clerks and administrators."""
    return _step(request, load_id, body, stored.cancel_load, None)


@router.delete(
    "/loads/{load_id}",
    operation_id="discardLoad",
    summary="Discard a load",
    status_code=204,
    response_model=None,
    response_class=Response,
    responses={204: {"description": "It is forgotten"}, **problems(401, 403, 404, 409, 412, 422, 503)},
    openapi_extra=KEY_NEEDED,
)
def discard_load(request: Request, load_id: LoadId) -> Response:
    """Forget a file and everything found in it, at once; what it committed stays. For clerks and administrators."""
    caller = require(request, CLERKS)
    with serving(request).database() as connection:
        stored.discard_load(connection, load_id, _version(request, None), caller.name)
    return Response(status_code=204)


def _page(
    request: Request, load_id: int, limit: int | None, read: Callable[..., list[tuple[int, Any]]]
) -> tuple[StoredLoad, list[tuple[int, Any]], int | None]:
    """The load, one page of what was kept beside it, and where the next page begins."""
    require(request, CLERKS)
    held = serving(request)
    size = limit or held.settings.page_size
    with held.database() as connection:
        load = stored.stored_load(connection, load_id)
        found = read(connection, load_id, limit=size + 1)
    return load, found[:size], found[size - 1][0] if len(found) > size else None


@router.get(
    "/loads/{load_id}/findings",
    operation_id="listLoadFindings",
    summary="What is wrong with a file",
    response_model=None,
    responses={200: {"model": FindingList}, **problems(*_READ)},
    openapi_extra=KEY_NEEDED,
)
def list_findings(
    request: Request,
    load_id: LoadId,
    severity: Annotated[Severity | None, Query(description="Only errors or only warnings")] = None,
    limit: Limit = None,
    after: After = -1,
) -> Response:
    """Findings of the last check with rows, columns and places, errors first; for clerks and administrators.

    The first 20,000 are kept; the counts of the load are of all.
    """
    read = partial(shown.load_findings, severity=severity, after=after)
    _, found, more = _page(request, load_id, limit, read)
    return json_response({"next_after": more, "items": [content for _, content in found]})


@router.get(
    "/loads/{load_id}/rows",
    operation_id="listLoadRows",
    summary="What stands in a file",
    response_model=None,
    responses={200: {"model": RowList}, **problems(*_READ)},
    openapi_extra=KEY_NEEDED,
)
def list_rows(request: Request, load_id: LoadId, limit: Limit = None, after: After = -1) -> Response:
    """Rows of the sheet as text, after the row `after`; for clerks and administrators.

    The first 20,000 are kept, and later ones that something was found in. Text is cut after 200 characters.
    """
    load, found, more = _page(request, load_id, limit, partial(shown.load_rows, after=after))
    columns = [column["column"] for column in load.understanding.get("columns", [])]
    items = [{"row": row, "cells": cells} for row, cells in found]
    return json_response({"next_after": more, "columns": columns, "items": items})


@router.get(
    "/loads/{load_id}/plan",
    operation_id="listLoadPlan",
    summary="What a file would change",
    response_model=None,
    responses={200: {"model": PlanList}, **problems(*_READ)},
    openapi_extra=KEY_NEEDED,
)
def list_plan(
    request: Request,
    load_id: LoadId,
    what: Annotated[What | None, Query(description="Only what is new, changed or ended")] = None,
    limit: Limit = None,
    after: After = -1,
) -> Response:
    """Records that the load adds, changes and ends, before and after; for clerks and administrators.

    The first 20,000 are kept; the counts of the load are of all.
    """
    _, found, more = _page(request, load_id, limit, partial(shown.load_plan, what=what, after=after))
    return json_response({"next_after": more, "items": [content for _, content in found]})


@router.get(
    "/loads/{load_id}/marked",
    operation_id="getMarkedSheet",
    summary="The sheet with its faults marked",
    response_model=None,
    response_class=Response,
    responses={
        200: {
            "description": "The clerk's own sheet as a workbook, each fault marked in its cell",
            "content": {XLSX: {"schema": {"type": "string", "format": "binary"}, "example": "PK…"}},
        },
        **problems(401, 403, 404, 409, 422, 503),
    },
    openapi_extra=KEY_NEEDED,
)
async def get_marked_sheet(request: Request, load_id: LoadId) -> Response:
    """The sheet as it was brought, with the faults of the last check marked in their cells and listed beside it.

    For clerks and administrators. Corrected, it can be brought as it is.
    """
    require(request, CLERKS)
    held = serving(request)
    # A large sheet takes a minute and much memory: few at a time, and no connection is kept meanwhile.
    file, content = await anyio.to_thread.run_sync(_marked, held, load_id, limiter=held.exports)
    name = quote(f"{file.rpartition('.')[0]}-问题.xlsx", safe="")
    headers = {"Cache-Control": "no-store", "Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    return Response(content, media_type=XLSX, headers=headers)


def _marked(held: Serving, load_id: int) -> tuple[str, bytes]:
    with tempfile.TemporaryDirectory(prefix="gridmap-") as folder:
        with held.database() as connection:
            load = stored.stored_load(connection, load_id)
            unmarked = shown.unmarked_sheet(connection, load, FilePath(folder))
        return load.file, unmarked.marked().read_bytes()
