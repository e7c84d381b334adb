"""The impact of a draft for the meeting that decides: a report to print, or a workbook."""

import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, Literal
from urllib.parse import quote

import anyio.to_thread
from fastapi import APIRouter, Query, Request, Response
from psycopg import Connection

from geodata.basemap import base_shapes
from geodata.drafts.impact import impact
from geodata.drafts.report import Cover, write_report
from geodata.redraw import Draft, DraftState, Scene, draft_of, draft_state
from service.api.answers import KEY_NEEDED, problems
from service.api.draft_work import DraftId, DraftWork
from service.dependencies import current_snapshot, local_text, now_micros
from service.maps.draft_report import report_pdf
from service.maps.draft_report_records import DraftReport
from service.maps.draft_reporting import drawn_by_of, make_report, telling_of

router = APIRouter(prefix="/api/v1", tags=["drafts"])

_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}
_FILE = {"schema": {"type": "string", "format": "binary"}, "example": "…"}


@router.get(
    "/drafts/{draft_id}/report",
    operation_id="getDraftReport",
    summary="The impact of a draft as PDF to print, or as a workbook",
    response_class=Response,
    responses={
        200: {"description": "An Excel workbook, or A4 pages", "content": dict.fromkeys(_TYPES.values(), _FILE)},
        **problems(401, 403, 404, 409, 422, 503),
    },
    openapi_extra=KEY_NEEDED,
)
async def get_draft_report(
    request: Request,
    draft_id: DraftId,
    format: Annotated[Literal["xlsx", "pdf"], Query(description="Kind of file")] = "xlsx",  # noqa: A002
    lang: Annotated[Literal["zh", "en"], Query(description="Language of its titles and words")] = "zh",
) -> Response:
    """Figures before and after, every grid and community, who changes hands, whose duties end. For planners.

    The PDF has a sentence to quote and maps before and after; where tables are long, the workbook has all of them.
    """
    work = DraftWork(request)

    def read(connection: Connection[Any]) -> tuple[Draft, bytes | DraftReport]:
        draft = draft_of(connection, draft_id)
        scene = work.scene(connection, draft)
        state = draft_state(connection, draft_id, work.memory)
        if format == "pdf":
            return draft, _told(work, connection, draft, state, scene, lang)
        return draft, _workbook(work, draft, state, scene, lang)

    draft, content = await work.run(read)
    if isinstance(content, DraftReport):
        # Laid out when the database is free again.
        content = await anyio.to_thread.run_sync(report_pdf, content, limiter=work.held.exports)
    return Response(content, media_type=_TYPES[format], headers=_headers(draft, lang, format))


def _workbook(work: DraftWork, draft: Draft, state: DraftState, scene: Scene, lang: Literal["zh", "en"]) -> bytes:
    with TemporaryDirectory(prefix="gridmap-report-") as folder:
        path = Path(folder) / "report.xlsx"
        write_report(impact(state, scene), work.findings(state, scene), _cover(work, draft, lang), path, language=lang)
        return path.read_bytes()


def _told(
    work: DraftWork, connection: Connection[Any], draft: Draft, state: DraftState, scene: Scene, lang: str
) -> DraftReport:
    cover, settings = _cover(work, draft, lang), work.held.settings
    telling = telling_of(
        draft,
        cover.layer,
        base_on=local_text(draft.base_effective, work.zone)[:10],
        written=cover.written_at,
        attribution=settings.attribution,
        approval_number=settings.map_approval_number,
    )
    return make_report(
        state,
        scene,
        work.findings(state, scene),
        telling,
        ground=lambda bounds, detail: base_shapes(connection, bounds, detail),
        stations=[(one.lon, one.lat) for one in scene.stations.points],
        lang="en" if lang == "en" else "zh-CN",
    )


def _cover(work: DraftWork, draft: Draft, lang: str) -> Cover:
    now = now_micros()
    layer = current_snapshot(work.request).moment(now).layer(draft.layer)
    name = layer.name_en or layer.name if lang == "en" else layer.name
    written = local_text(now, work.zone)[:16].replace("T", " ")
    return Cover(draft.name, name, written, draft.note, drawn_by_of(draft))


def _headers(draft: Draft, lang: str, ending: str) -> dict[str, str]:
    named = re.sub(r"[^\w-]", "", draft.name)[:80]
    plain = f"draft-{draft.draft_id}.{ending}"
    long = f"{'影响报告' if lang == 'zh' else 'impact'}-{named or draft.draft_id}.{ending}"
    shown = "inline" if ending == "pdf" else "attachment"
    return {
        "Cache-Control": "no-store",
        "Content-Disposition": f"{shown}; filename=\"{plain}\"; filename*=UTF-8''{quote(long)}",
    }
