"""Many points at once: rows in, the same rows with answers out."""

import tempfile
from collections.abc import Iterator
from email.message import Message
from itertools import chain
from typing import IO, Annotated, Any, cast

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from geodata.assign import Assigner
from geodata.crs import parse_crs
from service.api.answers import JSON, KEY_NEEDED, LONGEST_CODE, Asked, AsOf, problems
from service.api.batch_answers import answered
from service.api.batch_rows import CsvRows, JsonRows
from service.api.lookup import WGS84, CrsName, LayerCode
from service.dependencies import READERS

router = APIRouter(prefix="/api/v1", tags=["look-up"])

PATH = "/api/v1/lookup/batch"
CSV = "text/csv"
_BYTES_IN_MEMORY = 1_000_000

_ROWS = {"type": "array", "items": {"type": "object", "additionalProperties": True}}
_ROWS_EXAMPLE = [{"case": "A-1", "lon": 117.0, "lat": 36.65}]
_CSV_EXAMPLE = "case,lon,lat\nA-1,117.0,36.65\n"
_ANSWER_EXAMPLE = [
    {
        "case": "A-1",
        "lon": 117.0,
        "lat": 36.65,
        "status": "found",
        "score": 1.0,
        "level": "point",
        "gridmap_lon": 117.0,
        "gridmap_lat": 36.65,
        "grid_code": "370102001001003",
        "grid_name": "第三网格",
        "community": "示例社区",
        "worker": "张三",
        "on_boundary": False,
        "reasons": [],
    }
]


@router.post(
    "/lookup/batch",
    operation_id="lookupBatch",
    summary="Who covers these points",
    response_model=None,
    response_class=Response,
    responses={
        200: {
            "description": "The same rows with answers, streamed",
            "content": {
                JSON: {"schema": _ROWS, "example": _ANSWER_EXAMPLE},
                CSV: {"schema": {"type": "string"}},
            },
        },
        **problems(401, 403, 404, 408, 413, 415, 422, 503),
    },
    openapi_extra={
        **KEY_NEEDED,
        "requestBody": {
            "required": True,
            "description": "CSV with a header, UTF-8 or GB18030, or a JSON array of objects",
            "content": {
                JSON: {"schema": _ROWS, "example": _ROWS_EXAMPLE},
                CSV: {"schema": {"type": "string"}, "example": _CSV_EXAMPLE},
            },
        },
    },
)
async def lookup_batch(
    request: Request,
    lon: Annotated[
        str | None, Query(max_length=LONGEST_CODE, description="Column of the longitude; guessed if left out")
    ] = None,
    lat: Annotated[
        str | None, Query(max_length=LONGEST_CODE, description="Column of the latitude; guessed if left out")
    ] = None,
    crs: CrsName = WGS84,
    layer: LayerCode = None,
    as_of: AsOf = None,
) -> Response:
    """Rows in, the same rows out with `status`, `grid_code`, `grid_name`, `community`, `worker` … of one layer.

    The layer is the default one if left out. A row that cannot be read gets the status `invalid` and the reason; it
    never fails the others. An added name that a row has already gets the prefix `gridmap_`.
    """
    asked = Asked(request, as_of, READERS)
    declared = Message()
    declared["content-type"] = request.headers.get("content-type", "")
    kind = declared.get_content_type()
    if kind not in (CSV, JSON):
        raise HTTPException(415)
    body = await _kept(request)
    try:
        pieces = await run_in_threadpool(
            _begin, asked, body, kind, declared.get_content_charset(), lon, lat, crs, layer
        )
    except BaseException:
        body.close()
        raise
    media_type = f"{CSV}; charset=utf-8" if kind == CSV else JSON
    return StreamingResponse(pieces, media_type=media_type, headers={"Cache-Control": "no-store"})


async def _kept(request: Request) -> IO[bytes]:
    """The body, on disk where it is large: a caller that writes before it reads must not wait for us."""
    body = tempfile.SpooledTemporaryFile(_BYTES_IN_MEMORY)  # noqa: SIM115 - closed when the answer has been sent
    try:
        async for block in request.stream():
            body.write(block)
    except BaseException:
        body.close()
        raise
    return cast("IO[bytes]", body)


def _begin(
    asked: Asked,
    body: IO[bytes],
    kind: str,
    charset: str | None,
    lon: str | None,
    lat: str | None,
    crs: str,
    layer: str | None,
) -> Iterator[bytes]:
    """Go through the whole body once, so that what is wrong with it is said before anything is answered."""
    assigner = Assigner(asked.moment, layer, parse_crs(crs), unmasked=asked.caller.unmasked)
    rows = CsvRows(body, charset) if kind == CSV else JsonRows(body)
    return chain(rows.written(answered(rows, assigner, lon, lat)), _closing(body))


def _closing(body: IO[Any]) -> Iterator[bytes]:
    body.close()
    yield from ()
