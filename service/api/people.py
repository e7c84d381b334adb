"""Workers, organisations and their duties, for those who coordinate them."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from geodata.moment import Moment
from geodata.people.masking import masked_name, masked_phone
from geodata.records import Duty, Holder, Role
from service.api.answers import (
    KEY_NEEDED,
    LONGEST_CODE,
    Asked,
    AsOf,
    Limit,
    Listing,
    example_page,
    listing,
    problems,
)
from service.dependencies import READERS, local_or_none

router = APIRouter(prefix="/api/v1", tags=["people"])

LARGEST_ID = 2**63 - 1

_HOLDER: dict[str, Any] = {"kind": "worker", "code": "W0001", "name": "张三", "phone": "13800000000"}
_PERIOD: dict[str, Any] = {"valid_from": "2026-01-01T00:00:00+08:00", "valid_to": None}

HolderKind = Literal["worker", "organisation"]


class HolderItem(BaseModel):
    """A worker, or an office with a duty phone; masked for planners unless public."""

    kind: HolderKind
    code: str
    name: str
    phone: str


class WorkerItem(HolderItem):
    """A worker or organisation and since when."""

    phone_public: bool
    valid_from: str | None
    valid_to: str | None


class WorkerList(Listing):
    """A page of workers and organisations."""

    model_config = example_page({**_HOLDER, "phone_public": False, **_PERIOD})

    items: list[WorkerItem]


class RoleItem(BaseModel):
    """A kind of responsibility."""

    code: str
    name: str
    name_en: str


class TargetItem(BaseModel):
    """What a duty is for."""

    kind: Literal["area", "grid", "station"]
    layer: str | None = Field(description="Of a grid")
    code: str | None = Field(description="null where the target is not in force at the instant")
    name: str | None


class DutyItem(BaseModel):
    """Who is responsible for what, in which role."""

    duty_id: int
    holder: HolderItem | None = Field(description="null where the holder is not in force at the instant")
    role: RoleItem | None = Field(description="null where the role is not in force at the instant")
    target: TargetItem
    assignment: Literal["primary", "stand_in"]
    valid_from: str | None
    valid_to: str | None


class DutyList(Listing):
    """A page of duties, in the order of their identity."""

    model_config = example_page(
        {
            "duty_id": 1,
            "holder": _HOLDER,
            "role": {"code": "grid_worker_full_time", "name": "专职网格员", "name_en": "Full-time grid worker"},
            "target": {"kind": "grid", "layer": "general", "code": "370102001001003", "name": "第三网格"},
            "assignment": "primary",
            **_PERIOD,
        }
    )

    items: list[DutyItem]


def _holder(holder: Holder, role: Role | None, *, unmasked: bool) -> dict[str, Any]:
    show_name = unmasked or holder.kind == "organisation" or (role is not None and role.name_public)
    show_phone = unmasked or holder.phone_public or (role is not None and role.phone_public)
    return {
        "kind": holder.kind,
        "code": holder.code,
        "name": holder.name if show_name else masked_name(holder.name),
        "phone": holder.phone if show_phone else masked_phone(holder.phone),
    }


def _worker_record(asked: Asked, holder: Holder) -> dict[str, Any]:
    return {
        **_holder(holder, None, unmasked=asked.caller.unmasked),
        "phone_public": holder.phone_public,
        "valid_from": local_or_none(holder.valid_from, asked.zone),
        "valid_to": local_or_none(holder.valid_to, asked.zone),
    }


@router.get(
    "/workers",
    operation_id="listWorkers",
    summary="Workers and organisations",
    response_model=None,
    responses={200: {"model": WorkerList}, **problems(401, 403, 422, 503)},
    openapi_extra=KEY_NEEDED,
)
def list_workers(
    request: Request,
    kind: Annotated[HolderKind | None, Query(description="Only of this kind")] = None,
    as_of: AsOf = None,
    limit: Limit = None,
    after: Annotated[
        str | None, Query(max_length=2 * LONGEST_CODE, description="Continue after this kind:code")
    ] = None,
) -> Response:
    """All who can hold a duty at the instant, by kind and code. Names and phones are masked for planners."""
    asked = Asked(request, as_of, READERS)
    kept = [holder for holder in asked.moment.workers if kind is None or holder.kind == kind]

    def place_of(holder: Holder) -> str:
        return f"{holder.kind}:{holder.code}"

    return listing(
        asked,
        sorted(kept, key=place_of),
        place_of=place_of,
        after=after,
        limit=limit,
        record=lambda holder: _worker_record(asked, holder),
        private=True,
    )


Targets = Mapping[tuple[str, int], tuple[str | None, str, str]]


def _targets(moment: Moment) -> Targets:
    """Layer, code and name of everything that a duty can be for, by kind and identity."""
    found: dict[tuple[str, int], tuple[str | None, str, str]] = {
        ("area", area.area_id): (None, area.code, area.name) for area in moment.areas.values()
    }
    found |= {("station", one.station_id): (None, one.code, one.name) for one in moment.stations}
    for layer in moment.layers:
        found |= {("grid", grid.grid_id): (layer.code, grid.code, grid.name) for grid in moment.grids(layer.code)}
    return found


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
    target_kind: Annotated[
        Literal["area", "grid", "station"] | None, Query(description="Only for such targets")
    ] = None,
    target: Annotated[
        str | None, Query(max_length=LONGEST_CODE, description="Only for the area, grid or station of this code")
    ] = None,
    as_of: AsOf = None,
    limit: Limit = None,
    after: Annotated[
        int | None, Query(ge=0, le=LARGEST_ID, description="Continue after the duty of this identity")
    ] = None,
) -> Response:
    """Duties in force at the instant. Names and phones are masked for planners."""
    asked = Asked(request, as_of, READERS)
    moment = asked.moment
    targets = _targets(moment)
    holders = {one.holder_id: one for one in moment.workers}
    roles = {one.role_id: one for one in moment.roles.values()}

    def fits(duty: Duty) -> bool:
        known = targets.get((duty.target_kind, duty.target_id))
        return (
            (role is None or (duty.role_id in roles and roles[duty.role_id].code == role))
            and (holder is None or (duty.holder_id in holders and holders[duty.holder_id].code == holder))
            and (target_kind is None or duty.target_kind == target_kind)
            and (target is None or (known is not None and known[1] == target))
        )

    def record(duty: Duty) -> dict[str, Any]:
        layer, code, name = targets.get((duty.target_kind, duty.target_id), (None, None, None))
        what = roles.get(duty.role_id)
        who = holders.get(duty.holder_id)
        return {
            "duty_id": duty.duty_id,
            "holder": None if who is None else _holder(who, what, unmasked=asked.caller.unmasked),
            "role": None if what is None else {"code": what.code, "name": what.name, "name_en": what.name_en},
            "target": {"kind": duty.target_kind, "layer": layer, "code": code, "name": name},
            "assignment": duty.assignment,
            "valid_from": local_or_none(duty.valid_from, asked.zone),
            "valid_to": local_or_none(duty.valid_to, asked.zone),
        }

    return listing(
        asked,
        sorted(filter(fits, moment.duties), key=lambda duty: duty.duty_id),
        place_of=lambda duty: duty.duty_id,
        after=after,
        limit=limit,
        record=record,
        private=True,
    )
