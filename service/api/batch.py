"""Many points or addresses at once: rows in, the same rows with answers out."""

import tempfile
from collections.abc import AsyncIterator, Iterator
from email.message import Message
from pathlib import Path
from typing import Annotated, Literal

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from starlette.exceptions import HTTPException

from geodata.assign import Assigner
from geodata.crs import parse_crs
from service.api.answers import JSON, KEY_NEEDED, LONGEST_CODE, Asked, AsOf, problems, refuse_repeated
from service.api.batch_answers import csv_answers, json_answers
from service.api.lookup_question import WGS84, AreaCode, CrsName, LayerCode
from service.dependencies import READERS, serving
from service.matching import InTurn

router = APIRouter(prefix="/api/v1", tags=["look-up"])

PATH = "/api/v1/lookup/batch"
CSV = "text/csv"

_ROWS = {"type": "array", "items": {"type": "object", "additionalProperties": True}}
_ROWS_EXAMPLE = [{"case": "A-1", "lon": 117.0, "lat": 36.65}]
_CSV_EXAMPLE = "case,address\nA-1,示例路12号3单元\n"
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
    summary="Who covers these addresses or points",
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
            "description": "CSV with a header, in UTF-8, UTF-16 or GB18030, or a JSON array of objects",
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
    address: Annotated[
        str | None,
        Query(max_length=LONGEST_CODE, description="Column of the address; guessed where there are no coordinates"),
    ] = None,
    within: AreaCode = None,
    lang: Annotated[Literal["en", "zh"], Query(description="Language of the reasons about addresses")] = "en",
    crs: CrsName = WGS84,
    layer: LayerCode = None,
    as_of: AsOf = None,
) -> Response:
    """Rows in, the same rows out with `status`, `grid_code`, `grid_name`, `community`, `worker` … of one layer.

    A row with a point is answered by its point. Without one, or where the row's cells hold none, it is answered by its
    address, as a single look-up is: with status `found`, `ambiguous`, `outside` or `not_found`, its score, and the
    reasons in words. Only what is sure has a grid.

    The layer is the default one if left out. A row that cannot be read gets the status `invalid` and the reason; it
    never fails the others. An added name that a row has already gets the prefix `gridmap_`. Encoding, separator and
    header of CSV are found from the content, as by `gridmap assign`; a declared charset that is none of UTF-8, UTF-16
    and GB18030 is refused. So is JSON with numbers beyond 64 bits or nested more than a hundred times.
    """
    asked = Asked(request, as_of, READERS)
    refuse_repeated(request)
    declared = Message()
    declared["content-type"] = request.headers.get("content-type", "")
    kind = declared.get_content_type()
    if kind not in (CSV, JSON):
        raise HTTPException(415)
    held = serving(request)
    threads = held.matching.batches
    assigner = Assigner(
        asked.moment,
        layer,
        parse_crs(crs),
        unmasked=asked.caller.unmasked,
        book=lambda: InTurn(held.register.current(), held.matching.batch),
        within=within,
        chinese=lang == "zh",
    )
    mapping = {name: column for name, column in (("lon", lon), ("lat", lat), ("address", address)) if column}
    # What the answer is read from stays open without its name, so that nothing is left whoever goes away.
    with tempfile.TemporaryDirectory(prefix="gridmap-") as folder:
        path = await _kept(request, Path(folder))
        if kind == CSV:
            charset = declared.get_content_charset()
            pieces = await run_sync(csv_answers, path, charset, assigner, mapping, limiter=threads)
        else:
            pieces = await run_sync(json_answers, path, assigner, mapping, limiter=threads)
    media_type = f"{CSV}; charset=utf-8" if kind == CSV else JSON
    return StreamingResponse(_in_turn(pieces, threads), media_type=media_type, headers={"Cache-Control": "no-store"})


async def _in_turn(pieces: Iterator[bytes], threads: CapacityLimiter) -> AsyncIterator[bytes]:
    """The pieces, each made when a thread is free: many batches at once wait for each other, not others for them."""
    while (piece := await run_sync(next, pieces, None, limiter=threads)) is not None:
        yield piece


async def _kept(request: Request, folder: Path) -> Path:
    """The body, on disk: a caller that writes before it reads must not wait for us."""
    path = folder / "body.csv"
    with path.open("wb") as body:
        async for block in request.stream():
            body.write(block)
    return path
