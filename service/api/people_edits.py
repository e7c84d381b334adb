"""Editing duties and leave: who is responsible for what from when to when, and who stands in."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from geodata.edit import Edited
from geodata.record_states import LARGEST_ID
from geodata.roster_edit import change_period, create_period, end_period
from service.api.answers import KEY_NEEDED, LONGEST_CODE, example, problems
from service.api.edits import EditAnswer, Editing, Effective, IfMatch, answer_model, location, tags_of
from service.api.people import DUTY_EXAMPLE, DutyId, DutyItem, LeaveId, TargetKind, duty_record, leave_record
from service.api.records import LONGEST_TEXT, example_of
from service.api.register_kinds import LEAVE
from service.dependencies import instant_of

router = APIRouter(prefix="/api/v1", tags=["people"])


class EditedDuty(EditAnswer):
    """An edit of a duty that was made."""

    model_config = example(record=DUTY_EXAMPLE, change_id=118, warnings=[])

    record: DutyItem | None = Field(description="The duty from the edit on; null where it never comes into force")


_Time = Annotated[str | None, Field(max_length=40)]
_Hours = Annotated[str | None, Field(max_length=LONGEST_TEXT)]


class NewDuty(BaseModel):
    """A duty to be added."""

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
        json_schema_extra={
            "example": {
                "holder": "W0001",
                "role": "grid_worker_full_time",
                "target_kind": "grid",
                "target": "370102001001003",
                "hours": "Mo-Fr 08:30-17:30",
                "from": "2026-12-01",
            }
        },
    )

    holder: str = Field(max_length=LONGEST_CODE, description="Code of the worker or organisation")
    role: str = Field(max_length=LONGEST_CODE, description="Code of the role")
    target_kind: TargetKind = Field(description="Kind of the target")
    target: str = Field(max_length=2 * LONGEST_CODE, description="Code of the target; a unit is BUILDING#LABEL")
    layer: str | None = Field(None, max_length=LONGEST_CODE, description="Layer of a grid; the default if left out")
    assignment: Literal["primary", "stand_in"] = Field("primary", description="primary or stand_in")
    hours: _Hours = Field(None, description="Weekly hours: opening_hours or 周一至周五 8:30-17:30; always if left out")
    begins: _Time = Field(None, alias="from", description="When it begins; now if left out")
    to: _Time = Field(None, description="When it ends, a date included; never if left out")
    replaces: int | None = Field(
        None, ge=1, le=LARGEST_ID, description="Identity of a duty that ends where this one begins"
    )


class DutyChange(BaseModel):
    """What to change of a duty; to change its holder or target, replace it by a new one."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"hours": "24/7"}})

    to: _Time = Field(None, description="When it ends, a date included; null: never")
    hours: _Hours = Field(None, description="Weekly hours; null or empty: always")
    assignment: Literal["primary", "stand_in"] = Field("primary", description="primary or stand_in")
    effective: _Time = Field(None, description="When hours or assignment change; now if left out")


class NewLeave(BaseModel):
    """A leave to be added."""

    model_config = ConfigDict(
        extra="forbid",
        populate_by_name=True,
        json_schema_extra={
            "example": {"worker": "W0001", "from": "2026-12-01", "to": "2026-12-05", "stand_in": "W0002"}
        },
    )

    worker: str = Field(max_length=LONGEST_CODE, description="Code of the one who is away")
    begins: str = Field(max_length=40, alias="from", description="When it begins")
    to: _Time = Field(None, description="When it ends, a date included; open if left out")
    reason: str | None = Field(None, max_length=LONGEST_TEXT, description="Why")
    stand_in: str | None = Field(None, max_length=LONGEST_CODE, description="Code of who stands in for every duty")


class LeaveChange(BaseModel):
    """What to change of a leave."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"stand_in": "W0002"}})

    to: _Time = Field(None, description="When it ends, a date included; null: open")
    reason: str | None = Field(None, max_length=LONGEST_TEXT, description="Why; null empties it")
    stand_in: str | None = Field(None, max_length=LONGEST_CODE, description="Code of who stands in; null: nobody")
    effective: _Time = Field(None, description="When stand-in or reason change; now if left out")


_EditedLeave = answer_model(LEAVE.shown.title, LEAVE.models[0], example_of(LEAVE.shown))


@router.post(
    "/duties",
    operation_id="createDuty",
    summary="Add a duty",
    status_code=201,
    response_model=None,
    responses={201: {"model": EditedDuty}, **problems(400, 401, 403, 404, 408, 409, 413, 422, 503)},
    openapi_extra=KEY_NEEDED,
)
def create_duty(request: Request, body: NewDuty) -> Response:
    """Give somebody a role for something; with `replaces` another duty ends where this one begins. For clerks."""
    editing = Editing(request, duty_record)
    given = body.model_dump(exclude_unset=True, by_alias=True, exclude={"replaces"})
    replaces = None if body.replaces is None else str(body.replaces)
    return _created(editing, "duties", given, replaces=replaces)


@router.patch(
    "/duties/{duty_id}",
    operation_id="changeDuty",
    summary="Change a duty",
    response_model=None,
    responses={200: {"model": EditedDuty}, **problems(400, 401, 403, 404, 408, 409, 412, 413, 422, 428, 503)},
    openapi_extra=KEY_NEEDED,
)
def change_duty(request: Request, duty_id: DutyId, body: DutyChange, if_match: IfMatch = None) -> Response:
    """Move a duty's end, or change its hours or assignment from a time on. For clerks.

    What was before stays: where hours or assignment change, the answer is a duty of its own identity that begins there.
    """
    return _changed(Editing(request, duty_record), "duties", duty_id, body, if_match)


@router.delete(
    "/duties/{duty_id}",
    operation_id="endDuty",
    summary="End a duty",
    response_model=None,
    responses={200: {"model": EditedDuty}, **problems(401, 403, 404, 409, 412, 422, 428, 503)},
    openapi_extra=KEY_NEEDED,
)
def end_duty(request: Request, duty_id: DutyId, if_match: IfMatch = None, effective: Effective = None) -> Response:
    """End a duty; one that has yet to begin never does. A hole that this leaves is told as a warning. For clerks."""
    return _ended(Editing(request, duty_record), "duties", duty_id, if_match, effective)


@router.post(
    "/leave",
    operation_id="createLeave",
    summary="Add a leave",
    status_code=201,
    response_model=None,
    responses={201: {"model": _EditedLeave}, **problems(400, 401, 403, 408, 409, 413, 422, 503)},
    openapi_extra=KEY_NEEDED,
)
def create_leave(request: Request, body: NewLeave) -> Response:
    """Say that somebody is away, and who stands in for all of that person's duties meanwhile. For clerks."""
    given = body.model_dump(exclude_unset=True, by_alias=True)
    return _created(Editing(request, leave_record), "leave", given)


@router.patch(
    "/leave/{leave_id}",
    operation_id="changeLeave",
    summary="Change a leave",
    response_model=None,
    responses={200: {"model": _EditedLeave}, **problems(400, 401, 403, 404, 408, 409, 412, 413, 422, 428, 503)},
    openapi_extra=KEY_NEEDED,
)
def change_leave(request: Request, leave_id: LeaveId, body: LeaveChange, if_match: IfMatch = None) -> Response:
    """Move the end of a leave, or change who stands in from a time on. For clerks.

    What was before stays: where stand-in or reason change, the answer is a leave of its own identity that begins there.
    """
    return _changed(Editing(request, leave_record), "leave", leave_id, body, if_match)


@router.delete(
    "/leave/{leave_id}",
    operation_id="endLeave",
    summary="End a leave",
    response_model=None,
    responses={200: {"model": _EditedLeave}, **problems(401, 403, 404, 409, 412, 422, 428, 503)},
    openapi_extra=KEY_NEEDED,
)
def end_leave(request: Request, leave_id: LeaveId, if_match: IfMatch = None, effective: Effective = None) -> Response:
    """Somebody is back earlier; a leave that has yet to begin never does. For clerks."""
    return _ended(Editing(request, leave_record), "leave", leave_id, if_match, effective)


def _created(editing: Editing, kind: str, given: dict[str, Any], *, replaces: str | None = None) -> Response:
    zone, actor = editing.asked.zone, editing.asked.caller.name
    if given.get("from") is not None:
        given["from"] = instant_of(given["from"], zone)
    if given.get("to") is not None:
        given["to"] = instant_of(given["to"], zone, inclusive_end=True)

    def make(connection: Any) -> Edited:
        return create_period(connection, kind, given, actor=actor, replaces=replaces)

    return editing.answer(make, created=lambda version: location(editing.request, version))


def _changed(editing: Editing, kind: str, identity: int, body: BaseModel, if_match: str | None) -> Response:
    seen = tags_of(if_match)
    given = body.model_dump(exclude_unset=True)
    effective = editing.instant(given.pop("effective", None))
    if "to" in given:
        given["to"] = editing.ending(given)

    def make(connection: Any) -> Edited:
        actor = editing.asked.caller.name
        return change_period(connection, kind, str(identity), given, seen=seen, actor=actor, effective=effective)

    return editing.answer(make)


def _ended(editing: Editing, kind: str, identity: int, if_match: str | None, effective: str | None) -> Response:
    seen, at = tags_of(if_match), editing.instant(effective)

    def make(connection: Any) -> Edited:
        actor = editing.asked.caller.name
        return end_period(connection, kind, str(identity), seen=seen, actor=actor, effective=at)

    return editing.answer(make)
