"""What is done to drafts: operations, each once and in turn, undone and done again."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from psycopg import Connection
from pydantic import BaseModel, ConfigDict, Field

from geodata.drafts.impact import Impact
from geodata.drafts.operations import KINDS, LONGEST_ID
from geodata.drafts.so_far import ImpactSoFar, impact_so_far
from geodata.redraw import Applied, Scene, apply, draft_of, operations, redo, undo
from service.api.answers import KEY_NEEDED, Body, Limit, example, json_response, problems
from service.api.draft_features import AREA, FEATURE, ChangedAreas, ChangedGrids, changed_record
from service.api.draft_items import (
    FINDING,
    OPERATION,
    UNDOABLE,
    DraftFinding,
    DraftStep,
    OperationItem,
    OperationList,
    finding_record,
    operation_record,
)
from service.api.draft_standing import turns
from service.api.draft_work import DraftId, DraftWork, IfMatch, private_tag, version_of

router = APIRouter(prefix="/api/v1", tags=["drafts"])

_CHANGING = problems(400, 401, 403, 404, 408, 409, 412, 413, 422, 428, 503)


def _said(text: str, **schema: Any) -> Any:
    """A field that the library reads, and tells what is wrong with; the document describes it."""
    return Field(None, description=text, json_schema_extra=schema)


_CODES: dict[str, Any] = {"type": "array", "items": {"type": "string"}}
_POINT = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
_LINE = {"type": "array", "items": _POINT, "minItems": 2, "maxItems": 10_000}


class OperationQuestion(Body):
    """One operation; which fields it takes depends on its kind. Grids are named by code, positions are [lon, lat]."""

    model_config = ConfigDict(
        extra="allow", json_schema_extra={"example": OPERATION["body"], "required": ["id", "kind"]}
    )

    id: Any = _said("Name that the client gives it: sent again it changes nothing", type="string", maxLength=LONGEST_ID)
    kind: Any = _said("What is done", type="string", enum=sorted(KINDS))
    grid: Any = _said("split, change: the grid", type="string")
    grids: Any = _said(
        "merge, new-grid, move-grids, split-community, create-community: the grids; replace: GeoJSON polygons by code"
    )
    gone: Any = _said("replace: grids that are no more", **_CODES)
    survivor: Any = _said("merge, merge-communities: which keeps its identity", type="string")
    line: Any = _said("split, reshape, split-community: the line drawn", **_LINE)
    codes: Any = _said("split: codes of the new grids; numbered by the profile if left out", **_CODES)
    names: Any = _said("split: names of the new grids; replace: names by code")
    at: Any = _said("move-node, insert-node, remove-node: where it is", **_POINT)
    to: Any = _said(
        "move-node, insert-node: where it goes, [lon, lat]; hand-over: code of the grid that gets the ground"
    )
    between: Any = _said("reshape: the two grids whose border is drawn anew", **_CODES)
    from_: Any = Field(None, alias="from", description="hand-over: only from these grids", json_schema_extra=_CODES)
    ground: Any = _said(
        "hand-over, new-grid: a GeoJSON Polygon or MultiPolygon; of a layer that is not full, ground of no grid too",
        type="object",
    )
    building: Any = _said("hand-over, new-grid: code of a building", type="string")
    addresses: Any = _said("hand-over, new-grid: codes of addresses", **_CODES)
    block: Any = _said("hand-over, new-grid: a place in the block between streets", **_POINT)
    code: Any = _said("new-grid, change, split-community, create-community: the new code", type="string")
    name: Any = _said("new-grid, change, split-community, create-community: the new name", type="string")
    grid_kind: Any = _said("new-grid, change: urban or rural", type="string", enum=["urban", "rural"])
    community: Any = _said("new-grid, move-grids, split-community, renumber: code of the community", type="string")
    communities: Any = _said("merge-communities: their codes", **_CODES)
    parent: Any = _said("create-community: code of the area above; that of their areas if left out", type="string")
    profile: Any = _said("renumber: name of the profile of codes", type="string")
    keep_codes: Any = _said(
        "move-grids, merge-communities, split-community, create-community: whether grids keep codes that begin with "
        "that of the community that they leave",
        type="boolean",
    )
    allow_parts: Any = _said("Whether a grid may come to lie in several pieces", type="boolean")


class TurnQuestion(Body):
    """What an undo or redo is called."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"id": "b0c1f7c3"}})

    id: str | None = Field(None, description="Name that the client gives it: sent again it changes nothing")


class OperationImpact(BaseModel):
    """What an operation, and the draft with it, would change."""

    step: Impact = Field(description="By this operation alone")
    so_far: ImpactSoFar = Field(description="By the whole draft, in sums: `getDraftImpact` has the rest")


class AppliedOperation(BaseModel):
    """What an operation did."""

    model_config = example(
        version=17,
        seq=17,
        repeated=False,
        operation=OPERATION,
        grids={"changed": [FEATURE], "removed": []},
        areas={"changed": [AREA], "removed": []},
        findings=[FINDING],
        impact=None,
        can_undo=UNDOABLE,
        can_redo=None,
    )

    version: int = Field(description="Of the draft after it: send it in If-Match with the next one")
    seq: int
    repeated: bool = Field(description="Whether it had been done before under the same id, and nothing was done now")
    operation: OperationItem
    grids: ChangedGrids
    areas: ChangedAreas
    findings: list[DraftFinding] = Field(description="Of what it touched, and what was done beside what was asked")
    impact: OperationImpact | None
    can_undo: DraftStep | None
    can_redo: DraftStep | None


@router.get(
    "/drafts/{draft_id}/operations",
    operation_id="listDraftOperations",
    summary="What was done to a draft",
    response_model=None,
    responses={200: {"model": OperationList}, **problems(401, 403, 404, 422, 503)},
    openapi_extra=KEY_NEEDED,
)
def list_draft_operations(
    request: Request,
    draft_id: DraftId,
    limit: Limit = None,
    after: Annotated[int, Query(ge=0, le=2**31 - 1, description="Continue after this version")] = 0,
) -> Response:
    """In order, with who did it, and what was taken back. For planners."""
    work = DraftWork(request)
    size = limit or work.held.settings.page_size
    with work.held.database() as connection:
        version = draft_of(connection, draft_id).version
        found = operations(connection, draft_id, after, size + 1)
    more = found[size - 1].seq if len(found) > size else None
    items = [operation_record(one, work.actor, work.zone) for one in found[:size]]
    return json_response({"version": version, "next_after": more, "items": items})


@router.post(
    "/drafts/{draft_id}/operations",
    operation_id="applyOperation",
    summary="Do an operation to a draft",
    response_model=None,
    responses={200: {"model": AppliedOperation}, **_CHANGING},
    openapi_extra=KEY_NEEDED,
)
async def apply_operation(
    request: Request, draft_id: DraftId, body: OperationQuestion, if_match: IfMatch = None
) -> Response:
    """The tiling stays whole, or nothing is changed and `edit-refused` says why and where (`lon`, `lat`, `grids`).

    The same `id` again answers the same and does nothing, whatever If-Match says; with other content it is a conflict.
    412 `stale-draft` names the `version` now and the codes `changed` since the one that was seen. For planners.
    """
    work = DraftWork(request)
    seen = version_of(if_match)
    sent = body.model_dump(by_alias=True, exclude_unset=True)

    def do(connection: Connection[Any], scene: Scene) -> Applied:
        return apply(connection, draft_id, sent, actor=work.actor, if_version=seen, memory=work.memory, scene=scene)

    return await _done(work, draft_id, do)


@router.post(
    "/drafts/{draft_id}/undo",
    operation_id="undoOperation",
    summary="Take back one's own last operation",
    response_model=None,
    responses={200: {"model": AppliedOperation}, **_CHANGING},
    openapi_extra=KEY_NEEDED,
)
async def undo_operation(
    request: Request, draft_id: DraftId, body: TurnQuestion | None = None, if_match: IfMatch = None
) -> Response:
    """Its inverse is done, and what others did stays; 409 where there is nothing, or others changed the same since.

    For planners.
    """
    return await _turn(DraftWork(request), draft_id, undo, body, version_of(if_match))


@router.post(
    "/drafts/{draft_id}/redo",
    operation_id="redoOperation",
    summary="Do again what one took back last",
    response_model=None,
    responses={200: {"model": AppliedOperation}, **_CHANGING},
    openapi_extra=KEY_NEEDED,
)
async def redo_operation(
    request: Request, draft_id: DraftId, body: TurnQuestion | None = None, if_match: IfMatch = None
) -> Response:
    """What one took back is done again; 409 where there is nothing, or others changed the same since. For planners."""
    return await _turn(DraftWork(request), draft_id, redo, body, version_of(if_match))


async def _turn(
    work: DraftWork, draft_id: int, turn: Callable[..., Applied], body: TurnQuestion | None, seen: int | None
) -> Response:
    client_id = None if body is None else body.id

    def do(connection: Connection[Any], scene: Scene) -> Applied:
        return turn(
            connection,
            draft_id,
            actor=work.actor,
            client_id=client_id,
            if_version=seen,
            memory=work.memory,
            scene=scene,
        )

    return await _done(work, draft_id, do)


async def _done(work: DraftWork, draft_id: int, do: Callable[[Connection[Any], Scene], Applied]) -> Response:
    def transaction(connection: Connection[Any]) -> Response:
        scene = work.scene(connection, draft_of(connection, draft_id))
        applied = do(connection, scene)
        own = turns(connection, draft_of(connection, draft_id), work.actor)
        content = {**_applied(work, applied, scene), **own}
        return json_response(content, headers=private_tag(f'"{applied.version}"'))

    return await work.run(transaction)


def _applied(work: DraftWork, applied: Applied, scene: Scene) -> dict[str, Any]:
    return {
        "version": applied.version,
        "seq": applied.operation.seq,
        "repeated": applied.repeated,
        "operation": operation_record(applied.operation, work.actor, work.zone),
        **changed_record(applied.changed, applied.after, scene),
        "findings": [finding_record(finding) for finding in applied.findings],
        "impact": None
        if applied.impact is None
        else {"step": applied.impact, "so_far": impact_so_far(applied.after, scene)},
    }
