"""What was changed, by whom, and taking it back."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, Field

from geodata import changes
from geodata.access import LONGEST_NAME
from geodata.changes import ChangeEntry
from geodata.record_states import LARGEST_ID
from geodata.times import microseconds
from service.api.answers import KEY_NEEDED, Limit, example, json_response, problems
from service.dependencies import CLERKS, Serving, local_text, require, serving

router = APIRouter(prefix="/api/v1", tags=["changes"])

_CHANGE: dict[str, Any] = {
    "change_id": 118,
    "at": "2026-11-22T09:12:00+08:00",
    "actor": "样例-网格办",
    "action": "edit.change",
    "target": "workers",
    "facts": {"code": "W0001", "fields": ["phone"]},
    "undoes": None,
    "undone_by": None,
    "can_undo": True,
}
_UNDONE: dict[str, Any] = {"change_id": 119, "undoes": 118, "withdrawn": 1, "restored": 1, "releases": 0}

ChangeId = Annotated[int, Path(ge=1, le=LARGEST_ID, description="Name of the change", examples=[118])]


class ChangeItem(BaseModel):
    """One change."""

    change_id: int
    at: str
    actor: str = Field(description="Name of the key, or of the user at the command line")
    action: str = Field(description="load.commit, edit.create, edit.change, edit.end or change.undo")
    target: str = Field(description="Kind of the records")
    facts: dict[str, Any]
    undoes: int | None = Field(description="The change that it took back")
    undone_by: int | None = Field(description="The change that took it back")
    can_undo: bool = Field(description="Not taken back so far; what came later may still stand in the way")


class ChangeList(BaseModel):
    """A page of changes, the newest first."""

    model_config = example(next_before=None, items=[_CHANGE])

    next_before: int | None = Field(description="Send it as before to get the next page; null on the last")
    items: list[ChangeItem]


class ChangeDetail(ChangeItem):
    """One change that was asked for."""

    model_config = example(**_CHANGE)


class UndoneChange(BaseModel):
    """What an undo did."""

    model_config = example(**_UNDONE)

    change_id: int = Field(description="The undo is a change itself: undo it to do the first one again")
    undoes: int
    withdrawn: int = Field(description="Rows that are no more")
    restored: int = Field(description="Rows that are as they were before")
    releases: int = Field(description="Releases of grids that were published in place of those taken back")


def _item(held: Serving, entry: ChangeEntry) -> dict[str, Any]:
    return {
        "change_id": entry.change_id,
        "at": local_text(microseconds(entry.at), held.zone),
        "actor": entry.actor,
        "action": entry.action,
        "target": entry.target,
        "facts": entry.facts,
        "undoes": entry.undoes,
        "undone_by": entry.undone_by,
        "can_undo": entry.can_undo,
    }


@router.get(
    "/changes",
    operation_id="listChanges",
    summary="Changes",
    response_model=None,
    responses={200: {"model": ChangeList}, **problems(401, 403, 422, 503)},
    openapi_extra=KEY_NEEDED,
)
def list_changes(
    request: Request,
    actor: Annotated[str | None, Query(max_length=LONGEST_NAME, pattern="^[^\\x00]*$", description="Only by")] = None,
    target: Annotated[
        str | None,
        Query(max_length=LONGEST_NAME, pattern="^[^\\x00]*$", description="Only of this kind", examples=["workers"]),
    ] = None,
    limit: Limit = None,
    before: Annotated[int | None, Query(ge=1, le=LARGEST_ID, description="Continue before this change")] = None,
) -> Response:
    """What was changed, when and by whom, the newest first; for clerks and administrators."""
    require(request, CLERKS)
    held = serving(request)
    size = limit or held.settings.page_size
    with held.database() as connection:
        found = changes.list_changes(connection, actor=actor, target=target, before=before, limit=size + 1)
    more = found[size - 1].change_id if len(found) > size else None
    return json_response({"next_before": more, "items": [_item(held, entry) for entry in found[:size]]})


@router.get(
    "/changes/{change_id}",
    operation_id="getChange",
    summary="One change",
    response_model=None,
    responses={200: {"model": ChangeDetail}, **problems(401, 403, 404, 422, 503)},
    openapi_extra=KEY_NEEDED,
)
def get_change(request: Request, change_id: ChangeId) -> Response:
    """A change; for clerks and administrators."""
    require(request, CLERKS)
    held = serving(request)
    with held.database() as connection:
        return json_response(_item(held, changes.change(connection, change_id)))


@router.post(
    "/changes/{change_id}/undo",
    operation_id="undoChange",
    summary="Take a change back",
    response_model=None,
    responses={200: {"model": UndoneChange}, **problems(401, 403, 404, 409, 422, 503)},
    openapi_extra=KEY_NEEDED,
)
def undo_change(request: Request, change_id: ChangeId) -> Response:
    """Let everything be as it was before the change; a conflict where what it left has been changed since.

    For clerks and administrators. A load or an edit of several rows is taken back as a whole.
    """
    caller = require(request, CLERKS)
    with serving(request).database() as connection:
        done = changes.undo_change(connection, change_id, caller.name)
    return json_response(
        {
            "change_id": done.change_id,
            "undoes": done.undoes,
            "withdrawn": done.withdrawn,
            "restored": done.restored,
            "releases": len(done.releases),
        }
    )
