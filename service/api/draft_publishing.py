"""From draft to release: what stands against it, the draft on the newest release, and the release that it becomes."""

from dataclasses import asdict
from typing import Any, Literal

from fastapi import APIRouter, Request, Response
from psycopg import Connection
from pydantic import BaseModel, ConfigDict, Field

from geodata.drafts.store import LONGEST_NAME
from geodata.redraw import conflicts, draft_of, publish, rebase
from service.api.answers import KEY_NEEDED, Body, example, json_response, problems
from service.api.draft_items import DETAIL, DraftDetail, draft_tag
from service.api.draft_standing import standing
from service.api.draft_work import DraftId, DraftWork, IfMatch, private_tag, version_of
from service.dependencies import instant_of, local_text

router = APIRouter(prefix="/api/v1", tags=["drafts"])

_CONFLICT: dict[str, Any] = {
    "what": "grid",
    "code": "G001",
    "name": "G001网格",
    "draft": ["ground"],
    "release": ["ground", "name"],
    "lon": 117.002,
    "lat": 36.661,
}


class ConflictItem(BaseModel):
    """A grid or an area that a draft and a later release both changed."""

    what: Literal["grid", "area"]
    code: str
    name: str
    draft: list[str] = Field(description="What the draft did: made, ended, ground, or names of fields")
    release: list[str] = Field(description="What was published since, likewise")
    lon: float | None
    lat: float | None


class ConflictList(BaseModel):
    """What stands between a draft and the newest release."""

    model_config = example(newest=4, stale=True, items=[_CONFLICT])

    newest: int | None = Field(description="Number of the newest release")
    stale: bool = Field(description="Whether the draft must be rebased before it can be published")
    items: list[ConflictItem]


class RebaseQuestion(Body):
    """How a draft is to be rebased."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"leave_out": False}})

    leave_out: bool = Field(
        False,
        description="Leave out what cannot be done on the newest release; else nothing is done where there is any",
    )


class LeftOutItem(BaseModel):
    """An operation that cannot be done on the newest release."""

    id: str
    kind: str
    by: str
    detail: str
    detail_zh: str
    lon: float | None
    lat: float | None


class RebasedDraft(BaseModel):
    """A draft on the newest release."""

    model_config = example(draft=DETAIL, done=15, left_out=[])

    draft: DraftDetail
    done: int = Field(description="Operations that were done again")
    left_out: list[LeftOutItem]


class PublishQuestion(Body):
    """How a draft is to be published."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"effective": "2027-01-01", "note": "2027 年调整"}}
    )

    effective: str | None = Field(
        None, max_length=40, description="Date or time that it takes effect, today or later; now if left out"
    )
    note: str = Field(
        "", max_length=LONGEST_NAME, description="A word on the release; the name of the draft if left out"
    )


class PublishedDraft(BaseModel):
    """The release that a draft became."""

    model_config = example(
        release=4,
        effective_at="2027-01-01T00:00:00+08:00",
        changed=12,
        made=1,
        ended=0,
        areas=0,
        duties_begun=2,
        duties_ended=0,
        texts_begun=1,
        texts_ended=0,
        miscounted=["G012"],
        other_layers={},
        draft=DETAIL
        | {"state": "published", "published_release": 4, "newest": 4, "effective_at": "2027-01-01T00:00:00+08:00"},
    )

    release: int
    effective_at: str
    changed: int = Field(description="Grids that are otherwise")
    made: int = Field(description="Grids that are new")
    ended: int = Field(description="Grids that are no more")
    areas: int = Field(description="Areas that are otherwise, new, or no more")
    duties_begun: int
    duties_ended: int
    texts_begun: int = Field(description="Texts of boards that new grids and areas take over")
    texts_ended: int
    miscounted: list[str] = Field(
        description="Grids, by the codes that they had, whose loaded counts are those of other ground now: nobody can "
        "divide them, so load counts by the new grids"
    )
    other_layers: dict[str, int] = Field(
        description="Releases of other layers that were made with it, for their grids are in another community now"
    )
    draft: DraftDetail


@router.get(
    "/drafts/{draft_id}/conflicts",
    operation_id="listDraftConflicts",
    summary="What a draft and later releases both changed",
    response_model=None,
    responses={200: {"model": ConflictList}, **problems(401, 403, 404, 409, 422, 503)},
    openapi_extra=KEY_NEEDED,
)
async def list_draft_conflicts(request: Request, draft_id: DraftId) -> Response:
    """Grids and areas with their places, to be looked at before the draft is rebased. For planners."""
    work = DraftWork(request)

    def read(connection: Connection[Any]) -> Response:
        draft = draft_of(connection, draft_id)
        items = [one.as_json() for one in conflicts(connection, draft_id, work.memory)]
        return json_response({"newest": draft.newest, "stale": draft.stale, "items": items})

    return await work.run(read)


@router.post(
    "/drafts/{draft_id}/rebase",
    operation_id="rebaseDraft",
    summary="Take a draft to the newest release",
    response_model=None,
    responses={200: {"model": RebasedDraft}, **problems(400, 401, 403, 404, 408, 409, 412, 413, 422, 503)},
    openapi_extra=KEY_NEEDED,
)
async def rebase_draft(
    request: Request, draft_id: DraftId, body: RebaseQuestion | None = None, if_match: IfMatch = None
) -> Response:
    """Its operations are done again there in their order. 409 where some cannot be: the fact `operations` says why.

    In a city each takes some 10 ms, so 1,000 are done in about ten seconds. If-Match may be left out. For planners.
    """
    work = DraftWork(request)
    seen = None if if_match is None else version_of(if_match)

    def again(connection: Connection[Any]) -> Response:
        scene = work.scene_if_any(connection, draft_of(connection, draft_id))
        rebased = rebase(
            connection,
            draft_id,
            actor=work.actor,
            leave_out=body is not None and body.leave_out,
            if_version=seen,
            memory=work.memory,
            scene=scene,
        )
        left_out = [
            {"id": one.client_id, "kind": one.kind, "by": one.done_by, "detail": one.detail, "detail_zh": one.detail_zh}
            | {"lon": one.lon, "lat": one.lat}
            for one in rebased.left_out
        ]
        content = {"draft": standing(work, connection, draft_id), "done": rebased.done, "left_out": left_out}
        return json_response(content, headers=private_tag(draft_tag(rebased.draft, work.actor)))

    return await work.run(again)


@router.post(
    "/drafts/{draft_id}/publish",
    operation_id="publishDraft",
    summary="Make a draft the next release",
    response_model=None,
    responses={200: {"model": PublishedDraft}, **problems(400, 401, 403, 404, 408, 409, 412, 413, 422, 428, 503)},
    openapi_extra=KEY_NEEDED,
)
async def publish_draft(
    request: Request, draft_id: DraftId, body: PublishQuestion | None = None, if_match: IfMatch = None
) -> Response:
    """Grids, areas and duties change at one instant, or nothing does.

    412 `stale-base` where the layer or its areas were changed since: the fact `conflicts` says what both changed, and
    where. 412 `stale-draft` where the draft is not as it was seen. 409 `pending-release` where another release waits
    for its date; 409 where the draft changes nothing, or errors are open (fact `findings`). For planners.
    """
    work = DraftWork(request)
    seen = version_of(if_match)
    asked = body or PublishQuestion(effective=None, note="")
    effective = None if asked.effective is None else instant_of(asked.effective, work.zone)

    def make(connection: Connection[Any]) -> Response:
        scene = work.scene_if_any(connection, draft_of(connection, draft_id))
        published = publish(
            connection,
            draft_id,
            actor=work.actor,
            effective=effective,
            note=asked.note,
            if_version=seen,
            memory=work.memory,
            scene=scene,
        )
        content = {
            "release": published.number,
            "effective_at": local_text(published.effective, work.zone),
            "changed": published.changed,
            "made": published.made,
            "ended": published.ended,
            "areas": published.areas,
            **asdict(published.inheritance),
            "miscounted": published.miscounted,
            "other_layers": published.others,
            "draft": standing(work, connection, draft_id),
        }
        return json_response(content, headers=private_tag(draft_tag(draft_of(connection, draft_id), work.actor)))

    return await work.run(make)
