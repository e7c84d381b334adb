"""The impact of a draft as a workbook, for the meeting that decides."""

import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from psycopg import Connection

from geodata.drafts.impact import impact
from geodata.drafts.report import Cover, write_report
from geodata.redraw import Draft, draft_of, draft_state
from service.api.answers import KEY_NEEDED, problems
from service.api.draft_work import DraftId, DraftWork
from service.dependencies import current_snapshot, local_text, now_micros

router = APIRouter(prefix="/api/v1", tags=["drafts"])

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FILE = {"schema": {"type": "string", "format": "binary"}, "example": "…"}


@router.get(
    "/drafts/{draft_id}/report",
    operation_id="getDraftReport",
    summary="The impact of a draft as a workbook",
    response_class=Response,
    responses={
        200: {"description": "An Excel workbook", "content": {_XLSX: _FILE}},
        **problems(401, 403, 404, 409, 422, 503),
    },
    openapi_extra=KEY_NEEDED,
)
async def get_draft_report(
    request: Request,
    draft_id: DraftId,
    format: Annotated[Literal["xlsx"], Query(description="Kind of file")] = "xlsx",  # noqa: A002, ARG001
    lang: Annotated[Literal["zh", "en"], Query(description="Language of its titles and words")] = "zh",
) -> Response:
    """Figures before and after, every grid and community, who changes hands, whose duties end. For planners."""
    work = DraftWork(request)

    def write(connection: Connection[Any]) -> Response:
        draft = draft_of(connection, draft_id)
        scene = work.scene(connection, draft)
        state = draft_state(connection, draft_id, work.memory)
        with TemporaryDirectory(prefix="gridmap-report-") as folder:
            path = Path(folder) / "report.xlsx"
            write_report(
                impact(state, scene),
                work.findings(state, scene),
                _cover(work, draft),
                path,
                language=lang,
            )
            content = path.read_bytes()
        return Response(content, media_type=_XLSX, headers=_headers(draft, lang))

    return await work.run(write)


def _cover(work: DraftWork, draft: Draft) -> Cover:
    now = now_micros()
    layer = current_snapshot(work.request).moment(now).layer(draft.layer)
    return Cover(draft.name, layer.name, local_text(now, work.zone)[:16].replace("T", " "), draft.note)


def _headers(draft: Draft, lang: str) -> dict[str, str]:
    named = re.sub(r"[^\w-]", "", draft.name)[:80]
    plain = f"draft-{draft.draft_id}.xlsx"
    long = f"{'影响报告' if lang == 'zh' else 'impact'}-{named or draft.draft_id}.xlsx"
    return {
        "Cache-Control": "no-store",
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(long)}",
    }
