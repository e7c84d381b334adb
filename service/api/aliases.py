"""What dispatchers pinned: a text that callers say, and the place that it means."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from geodata import pinning
from geodata.address.normalize import LONGEST
from geodata.crs import parse_crs, point_to_wgs84
from geodata.pinning import LONGEST_LABEL, Pin
from geodata.record_states import LARGEST_ID
from geodata.times import microseconds
from service.api.answers import KEY_NEEDED, LONGEST_CODE, Body, Degrees, Limit, example, json_response, problems
from service.api.lookup_answer import Point
from service.api.lookup_question import WGS84
from service.dependencies import DISPATCHERS, Serving, local_text, require, serving

router = APIRouter(prefix="/api/v1/addresses/aliases", tags=["look-up"])

_ALIAS: dict[str, Any] = {
    "id": 12,
    "text": "老百货大楼",
    "label": "示例商场",
    "target": "place:P0012",
    "point": None,
    "created_at": "2026-11-22T09:12:00+08:00",
    "created_by": "样例-热线",
}
_NO_NUL = "^[^\\x00]*$"

AliasId = Annotated[int, Path(ge=1, le=LARGEST_ID, description="Identity of the alias", examples=[12])]


class NewAlias(Body):
    """A text and what it means: a record by its target, or a point with a label."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"text": "老百货大楼", "label": "示例商场", "lon": 117.0, "lat": 36.65}},
    )

    text: str = Field(max_length=LONGEST, pattern=_NO_NUL, description="As callers say it")
    target: str | None = Field(
        None,
        max_length=3 * LONGEST_CODE,
        pattern=_NO_NUL,
        description="address:CODE, building:CODE, compound:CODE, place:CODE or station:CODE; counts before the point",
    )
    label: str = Field("", max_length=LONGEST_LABEL, pattern=_NO_NUL, description="Name of the point")
    lon: Degrees | None = Field(None, allow_inf_nan=False)
    lat: Degrees | None = Field(None, allow_inf_nan=False)
    crs: str = Field(WGS84, max_length=LONGEST_CODE, description="Reference system of the point")


class AliasItem(BaseModel):
    """One alias that holds."""

    model_config = example(**_ALIAS)

    id: int
    text: str = Field(description="As it was typed")
    label: str
    target: str | None = Field(description="The record that is meant, as kind:CODE; null where it is a point")
    point: Point | None
    created_at: str
    created_by: str = Field(description="Name of the key")


class AliasList(BaseModel):
    """A page of aliases, the newest first."""

    model_config = example(next_before=None, items=[_ALIAS])

    next_before: int | None = Field(description="Send it as before to get the next page; null on the last")
    items: list[AliasItem]


def _item(held: Serving, pin: Pin) -> dict[str, Any]:
    return {
        "id": pin.pin_id,
        "text": pin.typed,
        "label": pin.label,
        "target": None if pin.kind is None else f"{pin.kind}:{pin.code}",
        "point": None if pin.lon is None else {"lon": pin.lon, "lat": pin.lat, "crs": WGS84},
        "created_at": local_text(microseconds(pin.recorded_at), held.zone),
        "created_by": pin.recorded_by,
    }


@router.get(
    "",
    operation_id="listAliases",
    summary="What was pinned",
    response_model=None,
    responses={200: {"model": AliasList}, **problems(401, 403, 422, 503)},
    openapi_extra=KEY_NEEDED,
)
def list_aliases(
    request: Request,
    limit: Limit = None,
    before: Annotated[int | None, Query(ge=1, le=LARGEST_ID, description="Continue before this alias")] = None,
) -> Response:
    """Texts and what they mean, the newest first; for dispatchers and administrators."""
    require(request, DISPATCHERS)
    held = serving(request)
    size = limit or held.settings.page_size
    with held.database() as connection:
        found = pinning.list_pins(connection, before=before, limit=size + 1)
    more = found[size - 1].pin_id if len(found) > size else None
    return json_response({"next_before": more, "items": [_item(held, pin) for pin in found[:size]]})


@router.post(
    "",
    operation_id="addAlias",
    summary="Pin a text to a place",
    status_code=201,
    response_model=None,
    responses={201: {"model": AliasItem}, **problems(400, 401, 403, 404, 408, 413, 422, 503)},
    openapi_extra=KEY_NEEDED,
)
def add_alias(request: Request, alias: NewAlias) -> Response:
    """Let a text mean a record or a point from now on, so that the next caller is found; seen within seconds.

    What the text was pinned to before, it means no more. For dispatchers and administrators.
    """
    caller = require(request, DISPATCHERS)
    held = serving(request)
    what = _meant(alias)
    with held.database() as connection:
        pin = pinning.pin_address(connection, alias.text, caller.name, **what)
    return json_response(_item(held, pin), status=201)


def _meant(alias: NewAlias) -> dict[str, Any]:
    if alias.target is not None:
        kind, _, code = alias.target.partition(":")
        return {"kind": kind, "code": code}
    lon, lat = alias.lon, alias.lat
    if lon is not None and lat is not None:
        lon, lat = point_to_wgs84(lon, lat, parse_crs(alias.crs))
    return {"label": alias.label, "lon": lon, "lat": lat}


@router.delete(
    "/{alias_id}",
    operation_id="withdrawAlias",
    summary="Take an alias back",
    status_code=204,
    response_model=None,
    response_class=Response,
    responses={204: {"description": "The text is read as any other again"}, **problems(401, 403, 404, 422, 503)},
    openapi_extra=KEY_NEEDED,
)
def withdraw_alias(request: Request, alias_id: AliasId) -> Response:
    """Let a text mean what it was pinned to no more; for dispatchers and administrators."""
    caller = require(request, DISPATCHERS)
    with serving(request).database() as connection:
        pinning.withdraw_pin(connection, alias_id, caller.name)
    return Response(status_code=204)
