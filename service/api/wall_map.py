"""Wall maps of communities, streets, districts and whole layers, as PDF."""

import re
from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response

from service.api.answers import KEY_NEEDED, LONGEST_CODE, Asked, AsOf, problems, refuse_repeated
from service.api.coverage import Lang
from service.dependencies import READERS, serving
from service.maps.boards.making import sources_of
from service.maps.wall_facts import Orientation, PaperSize
from service.maps.wall_making import WallAsked, make_wall

router = APIRouter(prefix="/api/v1", tags=["boards"])

_PDF = "application/pdf"
_FILE = {"schema": {"type": "string", "format": "binary"}, "example": "…"}


@router.get(
    "/wall-map",
    operation_id="getWallMap",
    summary="The wall map of an area or layer, as PDF",
    response_class=Response,
    responses={
        200: {"description": "One page, vector, fonts embedded, true to scale", "content": {_PDF: _FILE}},
        **problems(401, 403, 404, 422, 503),
    },
    openapi_extra=KEY_NEEDED,
)
async def get_wall_map(
    request: Request,
    area: Annotated[
        str | None,
        Query(max_length=LONGEST_CODE, description="Code of an area of any level", examples=["370102001"]),
    ] = None,
    layer: Annotated[
        str | None,
        Query(max_length=LONGEST_CODE, description="Layer of grids; all of it where no area is given"),
    ] = None,
    size: Annotated[PaperSize, Query(description="Paper")] = "A3",
    orientation: Annotated[
        Orientation | Literal[""], Query(description="Whichever shows the ground larger, if left out")
    ] = "",
    theme: Annotated[
        str,
        Query(
            max_length=LONGEST_CODE,
            description="What grids are coloured by: a code of `GET /layers/{layer}/themes`; told apart if left out",
        ),
    ] = "",
    lang: Lang = "zh",
    as_of: AsOf = None,
) -> Response:
    """An area, a layer, or an area's part of a layer. Names and phones as the public sees them, whatever the key.

    As much of the registers as there is room for: grids with people, grids, or areas alone. Streets, water and
    buildings are current.
    """
    refuse_repeated(request)
    asked = Asked(request, as_of, READERS)
    wanted = WallAsked(
        area or None, layer or None, size, orientation or None, theme or None, "en" if lang == "en" else "zh-CN"
    )

    def work() -> Response:
        made = make_wall(sources_of(request, asked.moment, asked.instant), wanted)
        day = made.wall.as_of
        plain = re.sub(r"[^A-Za-z0-9_.-]", "", f"wall-map-{area or layer}-{size}-{day}")
        chinese = quote(f"{made.name}-{size}-{day}.pdf", safe="")
        headers = {
            "Cache-Control": "no-store",
            "Content-Disposition": f"inline; filename=\"{plain}.pdf\"; filename*=UTF-8''{chinese}",
        }
        return Response(made.content, media_type=_PDF, headers=headers)

    return await serving(request).printing.run(work, known=True, gone=request.is_disconnected)
