"""Every list as a file: CSV, Excel or GeoPackage, as of any instant, masked as the key requires."""

import re
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import IO, Annotated, Any, Final, Literal
from urllib.parse import quote

import anyio.to_thread
from fastapi import APIRouter, Query, Request, Response
from fastapi import Path as InPath
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from geodata.export import LISTS, List, known_list, write_list
from geodata.lists import exported
from geodata.lists.recorded import on_record
from geodata.times import instant
from service.api.answers import (
    LONGEST_CODE,
    OPEN_TO_ALL,
    Asked,
    AsOf,
    Within,
    example,
    json_response,
    problems,
)
from service.dependencies import READERS, caller_of, current_snapshot, instant_of, serving

router = APIRouter(prefix="/api/v1/exports", tags=["exports"])

BLOCK = 2**16
MEDIA_TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "gpkg": "application/geopackage+sqlite3",
}
_EXAMPLES: Final = {"csv": "code,name,category,level,parent\r\nS001,示例社区服务站,community,station,C001\r\n"}

Format = Literal["csv", "xlsx", "gpkg"]


class ExportItem(BaseModel):
    """One list that can be had as a file."""

    name: str
    label: str
    label_zh: str
    formats: list[Format]
    takes: list[Literal["within", "layer", "until"]] = Field(description="Parameters that mean something for it")
    allowed: bool = Field(description="Whether the key, or nobody's key, may have it")
    masked: bool = Field(description="Whether names or phones in it are masked for this key")


class ExportList(BaseModel):
    """What can be exported."""

    model_config = example(
        items=[
            {
                "name": "duties",
                "label": "duties",
                "label_zh": "职责",
                "formats": ["csv", "xlsx", "gpkg"],
                "takes": ["until", "within"],
                "allowed": True,
                "masked": False,
            }
        ]
    )

    items: list[ExportItem]


@router.get(
    "",
    operation_id="listExports",
    summary="What can be exported",
    response_model=None,
    responses={200: {"model": ExportList}, **problems(401, 503)},
    openapi_extra=OPEN_TO_ALL,
)
def list_exports(request: Request) -> Response:
    """Every list, and whether the key may have it."""
    caller = caller_of(request, current_snapshot(request))
    items = [
        {
            "name": what.name,
            "label": what.label,
            "label_zh": what.label_zh,
            "formats": list(MEDIA_TYPES),
            "takes": sorted(what.takes),
            "allowed": what.public or caller.role in READERS,
            "masked": what.personal and not caller.unmasked,
        }
        for what in LISTS.values()
    ]
    return json_response({"items": items})


@router.get(
    "/{name}",
    operation_id="exportList",
    summary="A list as a file",
    response_model=None,
    response_class=Response,
    responses={
        200: {
            "description": "The file, streamed; its name is in Content-Disposition",
            "content": {
                media_type.partition(";")[0]: {
                    "schema": {"type": "string", "format": "binary"},
                    "example": _EXAMPLES.get(suffix, "…"),
                }
                for suffix, media_type in MEDIA_TYPES.items()
            },
        },
        **problems(401, 403, 404, 422, 503),
    },
    openapi_extra=OPEN_TO_ALL,
)
async def export_list(
    request: Request,
    name: Annotated[
        str, InPath(max_length=LONGEST_CODE, description="Which list", json_schema_extra={"enum": list(LISTS)})
    ],
    format: Annotated[Format, Query(description="CSV has a byte order mark, for Excel")] = "csv",  # noqa: A002
    lang: Annotated[Literal["en", "zh"], Query(description="Language of headers and choices")] = "en",
    within: Within = None,
    layer: Annotated[
        str | None, Query(max_length=LONGEST_CODE, description="Layer of grids; the default one if left out")
    ] = None,
    until: Annotated[
        str | None,
        Query(max_length=40, description="Of duties, leave and holes also what begins by this date or time"),
    ] = None,
    masked: Annotated[bool, Query(description="Hide names and phones that are not public, whatever the key")] = False,
    as_of: AsOf = None,
) -> Response:
    """A list as it was, is or will be at the instant, with the columns that `gridmap load` reads.

    Loaded again it changes nothing; names for people stand beside codes and are left out by a load. Shapes are in
    EPSG:4326: geometry in GeoPackage, well-known text in the others. Text that a spreadsheet would run as a formula is
    kept from it. Workers, organisations, duties, leave, norms, holes, staffing and workloads need a key; names and
    phones are masked for planners. Who takes out names and phones in full is recorded. That and gates need the
    database, all else answers while it is away.
    """
    what = known_list(name)
    asked = Asked(request, as_of, () if what.public else READERS)
    held = serving(request)
    wanted = exported.Asked(
        asked.snapshot.moment,
        held.database,
        asked.instant,
        within=within,
        layer=layer,
        until=None if until is None else instant_of(until, asked.zone, inclusive_end=True),
        unmasked=asked.caller.unmasked and not masked,
    )
    actor = asked.caller.name
    make = partial(_written, what, wanted, format, actor=actor, zone=asked.zone, chinese=lang == "zh")
    stream, size = await anyio.to_thread.run_sync(make, limiter=held.exports)
    headers = {
        "Cache-Control": "no-store",
        "Content-Length": str(size),
        "Content-Disposition": _disposition(what, wanted, format, asked),
    }
    return StreamingResponse(_blocks(stream), media_type=MEDIA_TYPES[format], headers=headers)


def _written(
    what: List, wanted: exported.Asked, suffix: Format, *, actor: str, zone: Any, chinese: bool
) -> tuple[IO[bytes], int]:
    """The whole file, open for reading, and its size; it has no name any more, so nothing is left whoever goes away."""
    with tempfile.TemporaryDirectory(prefix="gridmap-") as folder:
        path = Path(folder) / f"{what.name}.{suffix}"
        if what.personal and wanted.unmasked:
            with on_record(wanted, actor=actor, target=what.name, format=suffix) as facts:
                facts["rows"] = write_list(what, wanted, path, zone=zone, chinese=chinese)
        else:
            write_list(what, wanted, path, zone=zone, chinese=chinese)
        return path.open("rb"), path.stat().st_size


def _blocks(stream: IO[bytes]) -> Iterator[bytes]:
    with stream:
        while block := stream.read(BLOCK):
            yield block


def _disposition(what: List, wanted: exported.Asked, suffix: str, asked: Asked) -> str:
    """Content-Disposition with a plain name for all and a Chinese one for those that can read it (RFC 6266)."""
    day = instant(wanted.as_of).astimezone(asked.zone).date().isoformat()
    parts = [re.sub(r"[^\w-]", "", part) for part in (wanted.layer, wanted.within) if part]
    plain = re.sub(r"[^A-Za-z0-9_.-]", "", "-".join([what.name, *parts, day])) + f".{suffix}"
    chinese = "-".join([what.label_zh, *parts, day]) + f".{suffix}"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(chinese)}"
