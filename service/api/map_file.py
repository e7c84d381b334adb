"""The map as a file to keep."""

import re
from typing import Annotated
from urllib.parse import quote

import anyio.to_thread
from fastapi import APIRouter, Query, Request, Response

from service.api.answers import KEY_NEEDED, LONGEST_CODE, Asked, AsOf, Within, problems
from service.api.coverage import Lang
from service.dependencies import READERS, serving
from service.maps.standalone import Wording, standalone_map

router = APIRouter(prefix="/api/v1/exports", tags=["exports"])

_HTML = "text/html"


@router.get(
    "/map",
    operation_id="exportMap",
    summary="The map of one area or layer as a single HTML file",
    response_class=Response,
    responses={
        200: {
            "description": "The file; its name is in Content-Disposition",
            "content": {_HTML: {"schema": {"type": "string"}, "example": "<!DOCTYPE html>…"}},
        },
        **problems(401, 403, 404, 422, 503),
    },
    openapi_extra=KEY_NEEDED,
)
async def export_map(
    request: Request,
    layer: Annotated[
        str | None, Query(max_length=LONGEST_CODE, description="Layer of grids; the default one if left out")
    ] = None,
    within: Within = None,
    as_of: AsOf = None,
    lang: Lang = "zh",
) -> Response:
    """Grids with the people who answer for them, and stations, as everybody may see them, whatever the key.

    Below them lie water, buildings and streets as they are now. The file opens from a disk, without a network or this
    service: it can be drawn larger and smaller, searched and clicked. It says of when it is, and asks for nothing. At
    most 5,000 grids.
    """
    asked, held = Asked(request, as_of, READERS), serving(request)
    settings = held.settings
    wording = Wording(
        "en" if lang == "en" else "zh-CN",
        asked.zone,
        attribution=settings.attribution,
        approval_number=settings.map_approval_number,
        public_url=settings.public_url,
    )
    made = await anyio.to_thread.run_sync(
        standalone_map,
        asked.moment,
        layer or None,
        within or None,
        asked.instant,
        wording,
        held.database,
        limiter=held.exports,
    )
    plain = re.sub(r"[^A-Za-z0-9_.-]", "", made.plain_name)
    chinese = quote(f"{made.name}.html", safe="")
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": f"attachment; filename=\"{plain}.html\"; filename*=UTF-8''{chinese}",
    }
    return Response(made.document, media_type=_HTML, headers=headers)
