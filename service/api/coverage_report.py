"""The coverage report as a PDF."""

import re
from typing import Annotated
from urllib.parse import quote

import anyio.to_thread
from fastapi import APIRouter, Depends, Query, Request, Response

from service.api.answers import KEY_NEEDED, problems
from service.api.coverage import Asking, Lang
from service.dependencies import PLANNERS, instant_of, local_text, require, serving
from service.maps.coverage_report import report_pdf
from service.maps.coverage_reporting import MOST_SITES, Dates, make_report

router = APIRouter(prefix="/api/v1/coverage", tags=["coverage"])

_PDF = "application/pdf"
_FILE = {"schema": {"type": "string", "format": "binary"}, "example": "…"}


def _planners(request: Request) -> None:
    """Let planners and administrators in, before anything is worked out."""
    require(request, PLANNERS)


@router.get(
    "/report",
    operation_id="coverageReport",
    summary="The coverage report for a meeting, as PDF",
    dependencies=[Depends(_planners)],
    response_class=Response,
    responses={
        200: {"description": "A4, vector, fonts embedded", "content": {_PDF: _FILE}},
        **problems(401, 403, 404, 409, 422, 503),
    },
    openapi_extra=KEY_NEEDED,
)
async def coverage_report(
    request: Request,
    asking: Asking,
    compare: Annotated[
        str | None,
        Query(
            max_length=40,
            description="An earlier date to compare with: its stations and areas, today's network and households",
            examples=["2025-11-22"],
        ),
    ] = None,
    stations: Annotated[int, Query(ge=0, le=MOST_SITES, description="How many more stations to propose sites for")] = 3,
    lang: Lang = "zh",
) -> Response:
    """One sentence to quote, the map, the ranking of streets or communities, proposed sites, gaps, and the method.

    Proposed sites are the instant answer of `POST /coverage/proposals`, among buildings and public places.
    """
    held, asked = serving(request), asking.asked
    zone, moment = asked.zone, asked.moment
    earlier = None if compare is None else instant_of(compare, zone)
    dates = Dates(
        as_of=asking.record["as_of"][:10],
        made=local_text(instant_of(None, zone), zone)[:10],
        network=local_text(asking.walking.compiled_at, zone)[:10],
        before="" if earlier is None else local_text(earlier, zone)[:10],
    )

    def work() -> bytes:
        return report_pdf(
            make_report(
                held.reachable,
                asking.walking,
                moment,
                asking.selection,
                dates,
                earlier=None if earlier is None else asked.snapshot.moment(earlier),
                stations=stations,
                attribution=held.settings.attribution,
                approval_number=held.settings.map_approval_number,
                lang="en" if lang == "en" else "zh-CN",
            )
        )

    content = await anyio.to_thread.run_sync(work, limiter=held.exports)
    area = re.sub(r"[^\w-]", "", asking.selection.within or "")
    parts = [one for one in (area, dates.as_of) if one]
    plain = re.sub(r"[^A-Za-z0-9_.-]", "", "-".join(["coverage", *parts])) + ".pdf"
    chinese = "-".join(["服务圈覆盖报告", *parts]) + ".pdf"
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": f"inline; filename=\"{plain}\"; filename*=UTF-8''{quote(chinese)}",
    }
    return Response(content, media_type=_PDF, headers=headers)
