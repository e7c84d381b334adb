"""Drafts and releases as files to be redrawn elsewhere, and redrawn files as operations of a draft."""

import re
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path as FilePath
from typing import IO, Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from psycopg import Connection
from pydantic import BaseModel, Field

from geodata.desk.stored import checked_name
from geodata.errors import InputError, LoadRefusedError
from geodata.records import Finding
from geodata.redraw import draft_of
from geodata.redraw_files import (
    Reading,
    Recognised,
    apply_recognised,
    export_draft,
    export_release,
    recognise_file,
)
from service.api.answers import KEY_NEEDED, LayerInPath, example, json_response, problems
from service.api.draft_items import DETAIL, DraftDetail, draft_tag
from service.api.draft_standing import standing
from service.api.draft_work import DraftId, DraftWork, IfMatch, private_tag, stale_draft, version_of
from service.api.loads import OCTETS
from service.api.releases import ReleaseNumber
from service.problems import problem_response

router = APIRouter(prefix="/api/v1", tags=["drafts"])

PATH = "/api/v1/drafts/*/import"
MOST_MAPPED = 20
_GPKG = "application/geopackage+sqlite3"
_BLOCK = 1 << 18
_FIELDS = ("code", "name", "kind", "community")
_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "A GeoPackage; its name is in Content-Disposition",
        "content": {_GPKG: {"schema": {"type": "string", "format": "binary"}, "example": "…"}},
    }
}
_FINDING: dict[str, Any] = {
    "severity": "warning",
    "kind": "community-not-known",
    "message": "Row 12 names a community that is not known.",
    "message_zh": "第 12 行的社区无法识别。",
    "row": 12,
    "code": "G012",
    "lon": 117.002,
    "lat": 36.661,
    "facts": {},
}

Format = Annotated[Literal["gpkg"], Query(description="Kind of file")]


class FileFinding(BaseModel):
    """What is wrong with a row of a file, or worth a look."""

    severity: Literal["error", "warning"] = Field(description="error: nothing of the file can be taken over")
    kind: str
    message: str
    message_zh: str
    row: int | None
    code: str | None
    lon: float | None
    lat: float | None
    facts: dict[str, Any]


class PlannedItem(BaseModel):
    """An operation that a file says."""

    kind: str
    summary: str
    summary_zh: str


class ImportedFile(BaseModel):
    """What a redrawn file says of a draft, and whether it was done."""

    model_config = example(
        file="样例街道.gpkg",
        rows=896,
        same=894,
        version=17,
        kinds={"replace": 1},
        operations=[{"kind": "replace", "summary": "A redrawn: A-1 new", "summary_zh": "重画 A，新增 A-1"}],
        findings=[_FINDING],
        applied=1,
        draft=DETAIL,
    )

    file: str
    rows: int
    same: int = Field(description="Grids that are in the file as in the draft")
    version: int = Field(description="Of the draft that the file was compared with: send it in If-Match to commit")
    kinds: dict[str, int] = Field(description="How many operations there are of each kind")
    operations: list[PlannedItem] = Field(description="In their order; none where there are errors")
    findings: list[FileFinding]
    applied: int = Field(description="Operations that were done; 0 unless `commit` was asked for")
    draft: DraftDetail


@router.get(
    "/drafts/{draft_id}/export",
    operation_id="exportDraft",
    summary="The grids of a draft as a file",
    response_class=Response,
    responses={**_FILE, **problems(401, 403, 404, 409, 422, 503)},
    openapi_extra=KEY_NEEDED,
)
async def export_draft_file(
    request: Request,
    draft_id: DraftId,
    format: Format = "gpkg",  # noqa: A002
) -> Response:
    """Exact borders in EPSG:4326, codes and names: redrawn elsewhere, `importDraft` takes it back. For planners."""
    work = DraftWork(request)

    def write(connection: Connection[Any]) -> Response:
        draft = draft_of(connection, draft_id)
        scene = work.scene(connection, draft)
        make = partial(export_draft, connection, draft_id, memory=work.memory, scene=scene)
        return _file(make, f"draft-{draft_id}-{draft.version}", f"{draft.name}-{draft.version}", format)

    return await work.run(write)


@router.get(
    "/layers/{layer}/releases/{number}/export",
    operation_id="exportRelease",
    summary="The grids that a release left as a file",
    response_class=Response,
    responses={**_FILE, **problems(401, 403, 404, 409, 422, 503)},
    openapi_extra=KEY_NEEDED,
)
async def export_release_file(
    request: Request,
    layer: LayerInPath,
    number: ReleaseNumber,
    format: Format = "gpkg",  # noqa: A002
) -> Response:
    """Exact borders in EPSG:4326, with codes, names, and counts as they are stated. For planners."""
    work = DraftWork(request)

    def write(connection: Connection[Any]) -> Response:
        make = partial(export_release, connection, layer, number)
        return _file(make, f"release-{number}", f"{layer}-{number}", format)

    return await work.run(write)


@router.post(
    "/drafts/{draft_id}/import",
    operation_id="importDraft",
    summary="A redrawn file as operations of a draft",
    response_model=None,
    responses={200: {"model": ImportedFile}, **problems(400, 401, 403, 404, 408, 409, 412, 413, 422, 428, 503)},
    openapi_extra={
        **KEY_NEEDED,
        "requestBody": {
            "required": True,
            "description": "The bytes of the file: GeoPackage, GeoJSON, a zip archive of a Shapefile, a table with WKT",
            "content": {OCTETS: {"schema": {"type": "string", "format": "binary"}}},
        },
    },
)
async def import_draft(
    request: Request,
    draft_id: DraftId,
    file: Annotated[
        str, Query(min_length=1, max_length=1000, description="Name of the file", examples=["样例街道.gpkg"])
    ],
    commit: Annotated[bool, Query(description="Do the operations; else they are only told")] = False,
    source_layer: Annotated[str | None, Query(max_length=200, description="Layer or table of the file")] = None,
    crs: Annotated[str | None, Query(max_length=100, description="Datum, over what the file says")] = None,
    columns: Annotated[
        list[str] | None,
        Query(alias="map", max_length=MOST_MAPPED, description="FIELD=COLUMN for code, name, kind or community"),
    ] = None,
    if_match: IfMatch = None,
) -> Response:
    """Grids that changed, were split, merged, made or renamed are recognised by their codes and their ground.

    It may hold some of the grids; the others stay. Rows of one code are a split of that grid. Nothing is done without
    `commit`, which needs If-Match; with errors it is refused as `load-refused`, and the fact `findings` says why. Each
    operation can be undone. For planners.
    """
    work = DraftWork(request)
    seen = version_of(if_match) if commit or if_match is not None else None
    reading = Reading(source_layer, crs, _mapping(columns or []))
    with tempfile.TemporaryDirectory(prefix="gridmap-") as folder:
        path = FilePath(folder) / checked_name(file)
        with path.open("wb") as body:
            async for block in request.stream():
                body.write(block)
        try:
            return await work.run(lambda connection: _taken(work, connection, draft_id, path, reading, seen, commit))
        except LoadRefusedError as error:
            return _refused(request, error)


def _taken(
    work: DraftWork,
    connection: Connection[Any],
    draft_id: int,
    path: FilePath,
    reading: Reading,
    seen: int | None,
    commit: bool,
) -> Response:
    """What a file says; done too, where that is asked for."""
    draft = draft_of(connection, draft_id)
    if seen is not None and seen != draft.version:
        raise stale_draft(draft)
    scene = work.scene(connection, draft)
    found = recognise_file(connection, draft_id, path, reading=reading, memory=work.memory, scene=scene)
    done = []
    if commit:
        done = apply_recognised(connection, draft_id, found, actor=work.actor, memory=work.memory, scene=scene)
    content = _record(found) | {"applied": len(done), "draft": standing(work, connection, draft_id)}
    return json_response(content, headers=private_tag(draft_tag(draft_of(connection, draft_id), work.actor)))


def _record(found: Recognised) -> dict[str, Any]:
    return {
        "file": found.file,
        "rows": found.rows,
        "same": found.same,
        "version": found.version,
        "kinds": found.kinds,
        "operations": [
            {"kind": one.body["kind"], "summary": one.words, "summary_zh": one.words_zh} for one in found.planned
        ],
        "findings": [_finding(one) for one in found.findings],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "severity": finding.severity,
        "kind": finding.kind,
        "message": finding.message,
        "message_zh": finding.message_zh,
        "row": finding.row,
        "code": finding.code,
        "lon": finding.lon,
        "lat": finding.lat,
        "facts": dict(finding.facts),
    }


def _refused(request: Request, error: LoadRefusedError) -> Response:
    """The findings that keep a file from being taken over."""
    facts = {"findings": [_finding(one) for one in error.report.findings]}
    titles = ("The file has errors: nothing was changed", "文件有错误，未做任何修改")
    return problem_response(request.scope, 422, error.code, titles, (error.detail, error.detail_zh), facts=facts)


def _mapping(columns: list[str]) -> dict[str, str]:
    """Field to column.

    Raises
    ------
    InputError
        One is not FIELD=COLUMN, of a field that a file of grids has.
    """
    pairs = [one.partition("=") for one in columns]
    if any(name not in _FIELDS or not column.strip() for name, _, column in pairs):
        raise InputError(
            f"map: FIELD=COLUMN is needed, where FIELD is one of {', '.join(_FIELDS)}.",
            f"map：应为 字段=列名，字段为 {'、'.join(_FIELDS)} 之一。",
            parameter="map",
        )
    return {name: column.strip() for name, _, column in pairs}


def _file(make: Callable[[FilePath], int], plain: str, named: str, suffix: str) -> Response:
    """A file as an answer; it has no name any more, so nothing is left whoever goes away."""
    with tempfile.TemporaryDirectory(prefix="gridmap-") as folder:
        path = FilePath(folder) / f"{plain}.{suffix}"
        make(path)
        stream, size = path.open("rb"), path.stat().st_size
    long = re.sub(r"[^\w-]", "", named)[:80] or plain
    headers = {
        "Cache-Control": "no-store",
        "Content-Length": str(size),
        "Content-Disposition": f"attachment; filename=\"{plain}.{suffix}\"; filename*=UTF-8''{quote(long)}.{suffix}",
    }
    return StreamingResponse(_blocks(stream), media_type=_GPKG, headers=headers)


def _blocks(stream: IO[bytes]) -> Iterator[bytes]:
    with stream:
        while block := stream.read(_BLOCK):
            yield block
