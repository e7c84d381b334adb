"""Workers, organisations, their duties and leave, for those who coordinate them."""

from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any, Literal, TypeVar

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, Field

from geodata.errors import InputError
from geodata.lists.registers import Row, holder_row, holders_by_id, leave_rows, roles_by_id
from geodata.moment import Moment
from geodata.people.masking import masked_name, masked_phone
from geodata.record_states import LARGEST_ID, Version
from geodata.records import Duty, Holder, Leave, Role
from service.api.answers import (
    EXAMPLE_HEAD,
    KEY_NEEDED,
    LONGEST_CODE,
    Asked,
    AsOf,
    Limit,
    Listing,
    example,
    example_page,
    json_response,
    listing,
    problems,
)
from service.api.register_kinds import LEAVE, WORKERS
from service.api.registers import Search, WithHistory, add_one, found_in, period_asked, tag_headers
from service.dependencies import READERS, instant_of, local_or_none

router = APIRouter(prefix="/api/v1", tags=["people"])

_HOLDER: dict[str, Any] = {"kind": "worker", "code": "W0001", "name": "样例-甲", "phone": "13800000000"}
_PERIOD: dict[str, Any] = {"valid_from": "2026-01-01T00:00:00+08:00", "valid_to": None}

HolderKind = Literal["worker", "organisation"]
TargetKind = Literal["area", "grid", "compound", "building", "unit", "place", "station"]
DutyId = Annotated[int, Path(ge=1, le=LARGEST_ID, description="Identity of the duty", examples=[1])]
Until = Annotated[
    str | None,
    Query(max_length=40, description="Also what begins by this date or time, such as leave that is to come"),
]
LeaveId = Annotated[int, Path(ge=1, le=LARGEST_ID, description="Identity of the leave", examples=[7])]


class HolderItem(BaseModel):
    """A worker, or an office with a duty phone; masked for planners unless public."""

    kind: HolderKind
    code: str
    name: str
    phone: str


class RoleName(BaseModel):
    """A kind of responsibility."""

    code: str
    name: str
    name_en: str


class TargetItem(BaseModel):
    """What a duty is for."""

    kind: TargetKind
    layer: str | None = Field(description="Of a grid")
    code: str | None = Field(description="Of a unit BUILDING#LABEL; null where it is not in force at the instant")
    name: str | None = Field(description="Of a unit, its building's")


class DutyItem(BaseModel):
    """Who is responsible for what, in which role."""

    duty_id: int
    holder: HolderItem | None = Field(description="null where the holder is not in force at the instant")
    role: RoleName | None = Field(description="null where the role is not in force at the instant")
    target: TargetItem
    assignment: Literal["primary", "stand_in"]
    hours: str = Field(description="Weekly hours in the syntax of OpenStreetMap's opening_hours; empty for always")
    valid_from: str | None
    valid_to: str | None


DUTY_EXAMPLE: dict[str, Any] = {
    "duty_id": 1,
    "holder": _HOLDER,
    "role": {"code": "grid_worker_full_time", "name": "专职网格员", "name_en": "Full-time grid worker"},
    "target": {"kind": "grid", "layer": "general", "code": "370102001001003", "name": "第三网格"},
    "assignment": "primary",
    "hours": "Mo-Fr 08:30-17:30",
    **_PERIOD,
}


class DutyList(Listing):
    """A page of duties, in the order of their identity."""

    model_config = example_page(DUTY_EXAMPLE)

    items: list[DutyItem]


class DutyDetail(DutyItem):
    """One duty."""

    model_config = example(**EXAMPLE_HEAD, **DUTY_EXAMPLE, history=None)

    as_of: str
    version: int
    stale_since: str | None
    history: list[DutyItem] | None = Field(
        description="Every time that the holder had, has and is to have this role here, the newest first; null unless "
        "asked for"
    )


@router.get(
    "/workers",
    operation_id="listWorkers",
    summary="Workers and organisations",
    response_model=None,
    responses={200: {"model": WORKERS.models[1]}, **problems(401, 403, 422, 503)},
    openapi_extra=KEY_NEEDED,
)
def list_workers(
    request: Request,
    kind: Annotated[HolderKind | None, Query(description="Only of this kind")] = None,
    q: Search = None,
    as_of: AsOf = None,
    limit: Limit = None,
    after: Annotated[
        str | None, Query(max_length=2 * LONGEST_CODE, description="Continue after this kind:code")
    ] = None,
) -> Response:
    """All who can hold a duty at the instant, by kind and code. Names and phones are masked for planners."""
    asked = Asked(request, as_of, READERS)
    rows = [holder_row(holder) for holder in asked.moment.workers if kind is None or holder.kind == kind]

    def place_of(row: Row) -> str:
        return f"{row.fields['kind']}:{row.code}"

    def record(row: Row) -> dict[str, Any]:
        return WORKERS.record(asked, row.fields, row.begins, row.ends)

    if q:
        rows = [row for row in rows if found_in(q, row, record(row))]
    rows.sort(key=place_of)
    return listing(asked, rows, place_of=place_of, after=after, limit=limit, record=record, private=True)


class _Targets:
    """What the duties of a moment are for, each found when it is asked for."""

    def __init__(self, moment: Moment) -> None:
        self._moment = moment
        self._stations = {one.station_id: one for one in moment.stations}
        self._grids = {grid.grid_id: grid for layer in moment.layers for grid in moment.grids(layer.code)}
        self._by_id: dict[str, Callable[[int], Any]] = {
            "area": moment.area_by_id,
            "station": self._stations.get,
            "grid": self._grids.get,
            "compound": moment.compound_by_id,
            "building": moment.building_by_id,
            "unit": moment.building_by_id,
            "place": moment.place_by_id,
        }

    def of(self, duty: Duty) -> dict[str, Any]:
        """Kind, layer, code and name of a duty's target."""
        found = self._by_id[duty.target_kind](duty.target_id)
        if found is None:
            return {"kind": duty.target_kind, "layer": None, "code": None, "name": None}
        code = f"{found.code}#{duty.unit}" if duty.target_kind == "unit" else found.code
        layer = found.layer if duty.target_kind == "grid" else None
        return {"kind": duty.target_kind, "layer": layer, "code": code, "name": found.name}


@router.get(
    "/duties",
    operation_id="listDuties",
    summary="Duties",
    response_model=None,
    responses={200: {"model": DutyList}, **problems(401, 403, 422, 503)},
    openapi_extra=KEY_NEEDED,
)
def list_duties(
    request: Request,
    role: Annotated[str | None, Query(max_length=LONGEST_CODE, description="Only in the role of this code")] = None,
    holder: Annotated[str | None, Query(max_length=LONGEST_CODE, description="Only of the holder of this code")] = None,
    target_kind: Annotated[TargetKind | None, Query(description="Only for such targets")] = None,
    target: Annotated[
        str | None, Query(max_length=2 * LONGEST_CODE, description="Only for the target of this code")
    ] = None,
    until: Until = None,
    as_of: AsOf = None,
    limit: Limit = None,
    after: Annotated[
        int | None, Query(ge=0, le=LARGEST_ID, description="Continue after the duty of this identity")
    ] = None,
) -> Response:
    """Duties in force at the instant, and with `until` those to come. Names and phones are masked for planners."""
    asked = Asked(request, as_of, READERS)
    targets = _Targets(asked.moment)
    holders, roles = holders_by_id(asked.moment), roles_by_id(asked.moment)

    def fits(duty: Duty) -> bool:
        return (
            (role is None or (duty.role_id in roles and roles[duty.role_id].code == role))
            and (holder is None or (duty.holder_id in holders and holders[duty.holder_id].code == holder))
            and (target_kind is None or duty.target_kind == target_kind)
            and (target is None or targets.of(duty)["code"] == target)
        )

    def record(duty: Duty) -> dict[str, Any]:
        what = roles.get(duty.role_id)
        who = holders.get(duty.holder_id)
        return {
            "duty_id": duty.duty_id,
            "holder": None if who is None else _holder(who, what, unmasked=asked.caller.unmasked),
            "role": None if what is None else {"code": what.code, "name": what.name, "name_en": what.name_en},
            "target": targets.of(duty),
            "assignment": duty.assignment,
            "hours": duty.hours,
            "valid_from": local_or_none(duty.valid_from, asked.zone),
            "valid_to": local_or_none(duty.valid_to, asked.zone),
        }

    return listing(
        asked,
        sorted(filter(fits, _lasting(asked, asked.moment.roster.register.duties, until)), key=_duty_id),
        place_of=_duty_id,
        after=after,
        limit=limit,
        record=record,
        private=True,
    )


_P = TypeVar("_P", Duty, Leave)


def _lasting(asked: Asked, rows: Iterable[_P], until: str | None) -> list[_P]:
    """Those in force at the instant, or at some time from then until the end that is asked for."""
    end = asked.instant + 1 if until is None else instant_of(until, asked.zone, inclusive_end=True)
    if end <= asked.instant:
        raise InputError("until must be later than as_of", "until 应晚于 as_of")
    return [row for row in rows if row.valid_from < end and asked.instant < row.valid_to]


def _duty_id(duty: Duty) -> int:
    return duty.duty_id


@router.get(
    "/leave",
    operation_id="listLeave",
    summary="Leave",
    response_model=None,
    responses={200: {"model": LEAVE.models[1]}, **problems(401, 403, 422, 503)},
    openapi_extra=KEY_NEEDED,
)
def list_leave(
    request: Request,
    worker: Annotated[str | None, Query(max_length=LONGEST_CODE, description="Only of the worker of this code")] = None,
    q: Search = None,
    until: Until = None,
    as_of: AsOf = None,
    limit: Limit = None,
    after: Annotated[
        int | None, Query(ge=0, le=LARGEST_ID, description="Continue after the leave of this identity")
    ] = None,
) -> Response:
    """Who is away at the instant, and with `until` who will be. Names are masked for planners."""
    asked = Asked(request, as_of, READERS)
    found = sorted(_lasting(asked, asked.moment.roster.register.leaves, until), key=lambda leave: leave.leave_id)

    def record(row: Row) -> dict[str, Any]:
        return LEAVE.record(asked, row.fields, row.begins, row.ends)

    rows = [row for row in leave_rows(asked.moment, found) if worker is None or row.fields["worker"] == worker]
    if q:
        rows = [row for row in rows if found_in(q, row, record(row))]
    return listing(
        asked, rows, place_of=lambda row: int(row.code), after=after, limit=limit, record=record, private=True
    )


def _holder(holder: Holder, role: Role | None, *, unmasked: bool) -> dict[str, Any]:
    return _masked_holder(
        {"kind": holder.kind, "code": holder.code, "name": holder.name, "phone": holder.phone},
        show_name=unmasked or holder.kind == "organisation" or (role is not None and role.name_public),
        show_phone=unmasked or holder.phone_public or (role is not None and role.phone_public),
    )


def _masked_holder(who: dict[str, Any], *, show_name: bool, show_phone: bool) -> dict[str, Any]:
    return {
        **who,
        "name": who["name"] if show_name else masked_name(who["name"]),
        "phone": who["phone"] if show_phone else masked_phone(who["phone"]),
    }


def duty_of(asked: Asked, stored: Mapping[str, Any], begins: int, ends: int) -> dict[str, Any]:
    """JSON of a duty as the database holds it, with the names that its parts have now or had last.

    Parameters
    ----------
    stored
        Fields of `geodata.record_states.versions` for ``duties``.
    begins, ends
        Microseconds since 1970-01-01 UTC.
    """
    unmasked = asked.caller.unmasked
    who = {name: stored[f"holder_{name}"] for name in ("kind", "name", "phone")} | {"code": stored["holder"]}
    target = {"kind": stored["target_kind"], "layer": stored["layer"], "code": stored["target"]}
    return {
        "duty_id": int(stored["code"]),
        "holder": _masked_holder(
            who,
            show_name=unmasked or who["kind"] == "organisation" or stored["name_public"],
            show_phone=unmasked or stored["holder_phone_public"] or stored["phone_public"],
        ),
        "role": {"code": stored["role"], "name": stored["role_name"], "name_en": stored["role_name_en"]},
        "target": {**target, "name": stored["target_name"]},
        "assignment": stored["assignment"],
        "hours": stored["hours"],
        "valid_from": local_or_none(begins, asked.zone),
        "valid_to": local_or_none(ends, asked.zone),
    }


def duty_record(asked: Asked, version: Version) -> dict[str, Any]:
    """JSON of a state of a duty."""
    return duty_of(asked, version.fields, version.begins, version.ends)


@router.get(
    "/duties/{duty_id}",
    operation_id="getDuty",
    summary="One duty",
    response_model=None,
    responses={200: {"model": DutyDetail}, **problems(401, 403, 404, 422, 503)},
    openapi_extra=KEY_NEEDED,
)
def get_duty(request: Request, duty_id: DutyId, history: WithHistory = False) -> Response:
    """A duty as the database holds it, over or to come too, with a tag to be sent back as If-Match."""
    asked = Asked(request, None, READERS)
    state, states = period_asked(asked, "duties", duty_id, history=history)
    past = None if states is None else [duty_record(asked, one) for one in states]
    return json_response({**asked.head, **duty_record(asked, state), "history": past}, headers=tag_headers(state))


def leave_record(asked: Asked, version: Version) -> dict[str, Any]:
    """JSON of a state of a leave."""
    return LEAVE.record(asked, version.fields, version.begins, version.ends)


@router.get(
    "/leave/{leave_id}",
    operation_id="getLeave",
    summary="One leave",
    response_model=None,
    responses={200: {"model": LEAVE.models[2]}, **problems(401, 403, 404, 422, 503)},
    openapi_extra=KEY_NEEDED,
)
def get_leave(request: Request, leave_id: LeaveId, history: WithHistory = False) -> Response:
    """A leave as the database holds it, over or to come too, with a tag to be sent back as If-Match.

    Its history is what it was before stand-in or reason changed, and what it became.
    """
    asked = Asked(request, None, READERS)
    state, states = period_asked(asked, "leave", leave_id, history=history)
    past = None if states is None else [leave_record(asked, one) for one in states]
    return json_response({**asked.head, **leave_record(asked, state), "history": past}, headers=tag_headers(state))


add_one(router, WORKERS)
