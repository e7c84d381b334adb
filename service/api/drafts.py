"""Drafts: a proposed state of a layer, begun from a release, changed by operations, published as the next release."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from psycopg import Connection

from geodata.redraw import Draft, create_draft, discard, draft_of, drafts, rename_draft
from service.api.answers import KEY_NEEDED, LONGEST_CODE, Limit, json_response, problems
from service.api.draft_items import ChangedDraft, DraftDetail, DraftList, NewDraft, State, draft_record, draft_tag
from service.api.draft_standing import draft_answer
from service.api.draft_work import DraftId, DraftWork, IfMatch, known_already, stale_draft, version_of
from service.api.keys import LARGEST_ID

router = APIRouter(prefix="/api/v1", tags=["drafts"])


@router.post(
    "/drafts",
    operation_id="addDraft",
    summary="Begin a draft",
    status_code=201,
    response_model=None,
    responses={201: {"model": DraftDetail}, **problems(400, 401, 403, 404, 408, 409, 413, 422, 503)},
    openapi_extra=KEY_NEEDED,
)
async def add_draft(request: Request, body: NewDraft) -> Response:
    """A draft of the last release of a layer, or of an earlier one; several may be open side by side. For planners."""
    work = DraftWork(request)

    def make(connection: Connection[Any]) -> Response:
        made = create_draft(
            connection, body.layer, name=body.name, note=body.note, release=body.release, actor=work.actor
        )
        return draft_answer(work, connection, made.draft_id, 201)

    return await work.run(make)


@router.get(
    "/drafts",
    operation_id="listDrafts",
    summary="Drafts",
    response_model=None,
    responses={200: {"model": DraftList}, **problems(401, 403, 404, 422, 503)},
    openapi_extra=KEY_NEEDED,
)
def list_drafts(
    request: Request,
    layer: Annotated[
        str | None, Query(max_length=LONGEST_CODE, description="Only drafts of this layer", examples=["general"])
    ] = None,
    state: Annotated[State | None, Query(description="Only drafts that are open, published or discarded")] = None,
    limit: Limit = None,
    after: Annotated[
        int | None, Query(ge=1, le=LARGEST_ID, description="Continue after the draft of this identity")
    ] = None,
) -> Response:
    """Drafts of all planners, the newest first. For planners."""
    work = DraftWork(request)
    size = limit or work.held.settings.page_size
    with work.held.database() as connection:
        found = drafts(connection, layer, state=state, before=after, limit=size + 1)
    more = found[size - 1].draft_id if len(found) > size else None
    return json_response({"next_after": more, "items": [draft_record(one, work.zone) for one in found[:size]]})


@router.get(
    "/drafts/{draft_id}",
    operation_id="getDraft",
    summary="One draft",
    response_model=None,
    responses={200: {"model": DraftDetail}, **problems(401, 403, 404, 422, 503)},
    openapi_extra=KEY_NEEDED,
)
async def get_draft(request: Request, draft_id: DraftId) -> Response:
    """How a draft stands; 304 while nobody changed it, its name or the layer. For planners."""
    work = DraftWork(request)

    def read(connection: Connection[Any]) -> Response:
        tag = draft_tag(draft_of(connection, draft_id), work.actor)
        return known_already(request, tag) or draft_answer(work, connection, draft_id)

    return await work.run(read)


@router.patch(
    "/drafts/{draft_id}",
    operation_id="changeDraft",
    summary="Call a draft something else",
    response_model=None,
    responses={200: {"model": DraftDetail}, **problems(400, 401, 403, 404, 408, 409, 412, 413, 422, 428, 503)},
    openapi_extra=KEY_NEEDED,
)
async def change_draft(request: Request, draft_id: DraftId, body: ChangedDraft, if_match: IfMatch = None) -> Response:
    """Its name, and the word on it. With a whole ETag in If-Match, another's new name is not written over."""
    work = DraftWork(request)
    seen = version_of(if_match)

    def change(connection: Connection[Any]) -> Response:
        _refuse_otherwise(draft_of(connection, draft_id), work.actor, if_match)
        rename_draft(connection, draft_id, actor=work.actor, name=body.name, note=body.note, if_version=seen)
        return draft_answer(work, connection, draft_id)

    return await work.run(change)


@router.delete(
    "/drafts/{draft_id}",
    operation_id="discardDraft",
    summary="Discard a draft",
    response_model=None,
    responses={200: {"model": DraftDetail}, **problems(401, 403, 404, 409, 412, 422, 428, 503)},
    openapi_extra=KEY_NEEDED,
)
async def discard_draft(request: Request, draft_id: DraftId, if_match: IfMatch = None) -> Response:
    """It is closed for good; what was done to it stays readable. For planners."""
    work = DraftWork(request)
    seen = version_of(if_match)

    def close(connection: Connection[Any]) -> Response:
        _refuse_otherwise(draft_of(connection, draft_id), work.actor, if_match)
        discard(connection, draft_id, actor=work.actor, if_version=seen)
        return draft_answer(work, connection, draft_id)

    return await work.run(close)


def _refuse_otherwise(draft: Draft, actor: str, if_match: str | None) -> None:
    """Refuse a whole tag that is not that of the draft now; a version alone is looked at later."""
    sent = (if_match or "").strip().removeprefix("W/")
    if "." in sent and sent != draft_tag(draft, actor):
        raise stale_draft(draft)
