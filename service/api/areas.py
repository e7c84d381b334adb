"""The administrative hierarchy: districts, streets, communities."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from geodata.moment import Moment
from geodata.records import Area
from geodata.succession import area_or_retired
from service.api.answers import (
    EXAMPLE_HEAD,
    LONGEST_CODE,
    OPEN_TO_ALL,
    AreaName,
    Asked,
    AsOf,
    CodeInPath,
    Limit,
    Listing,
    Within,
    example,
    example_page,
    listing,
    problems,
)
from service.dependencies import local_or_none

router = APIRouter(prefix="/api/v1", tags=["areas"])

_EXAMPLE: dict[str, Any] = {
    "code": "370102001001",
    "name": "示例社区",
    "level": "community",
    "parent": "370102001",
    "valid_from": "2026-01-01T00:00:00+08:00",
    "valid_to": None,
}


class AreaItem(BaseModel):
    """A unit of the hierarchy."""

    code: str
    name: str
    level: str = Field(description="district, street, community … as loaded")
    parent: str | None = Field(description="Code of the area above")
    valid_from: str | None
    valid_to: str | None


class AreaList(Listing):
    """A page of areas, in code order."""

    model_config = example_page(_EXAMPLE)

    items: list[AreaItem]


class AreaDetail(AreaItem):
    """An area with what is above and below it."""

    model_config = example(
        **EXAMPLE_HEAD,
        **_EXAMPLE,
        above=[{"level": "street", "code": "370102001", "name": "示例街道"}],
        below=[],
        bbox=[117.0, 36.6, 117.1, 36.7],
    )

    as_of: str
    version: int
    stale_since: str | None
    above: list[AreaName] = Field(description="The areas above, the next one first")
    below: list[AreaName] = Field(description="The areas just below, in code order")
    bbox: list[float] | None = Field(description="West, south, east, north, EPSG:4326; null where it has no outline")


def area_names(areas: Any) -> list[dict[str, str]]:
    """Areas by level, code and name."""
    return [{"level": area.level, "code": area.code, "name": area.name} for area in areas]


def _record(asked: Asked, moment: Moment, area: Area) -> dict[str, Any]:
    parent = moment.area_by_id(area.parent_id)
    return {
        "code": area.code,
        "name": area.name,
        "level": area.level,
        "parent": parent.code if parent else None,
        "valid_from": local_or_none(area.valid_from, asked.zone),
        "valid_to": local_or_none(area.valid_to, asked.zone),
    }


@router.get(
    "/areas",
    operation_id="listAreas",
    summary="Areas",
    response_model=None,
    responses={200: {"model": AreaList}, **problems(401, 403, 404, 422, 503)},
    openapi_extra=OPEN_TO_ALL,
)
def list_areas(
    request: Request,
    level: Annotated[
        str | None, Query(max_length=LONGEST_CODE, description="Only of this level", examples=["community"])
    ] = None,
    parent: Annotated[
        str | None, Query(max_length=LONGEST_CODE, description="Only those just below the area of this code")
    ] = None,
    within: Within = None,
    as_of: AsOf = None,
    limit: Limit = None,
    after: Annotated[str | None, Query(max_length=LONGEST_CODE, description="Continue after this code")] = None,
) -> Response:
    """All areas in force at the instant, in code order."""
    asked = Asked(request, as_of)
    moment = asked.moment
    inside = moment.within(within) if within is not None else None
    parent_id = moment.area(parent).area_id if parent is not None else None
    kept = [
        area
        for _, area in sorted(moment.areas.items())
        if (level is None or area.level == level)
        and (parent is None or area.parent_id == parent_id)
        and (inside is None or area.area_id in inside)
    ]
    return asked.not_modified() or listing(
        asked,
        kept,
        place_of=lambda area: area.code,
        after=after,
        limit=limit,
        record=lambda area: _record(asked, moment, area),
    )


@router.get(
    "/areas/{code}",
    operation_id="getArea",
    summary="One area",
    response_model=None,
    responses={200: {"model": AreaDetail}, **problems(401, 403, 404, 422, 503)},
    openapi_extra=OPEN_TO_ALL,
)
def get_area(request: Request, code: CodeInPath, as_of: AsOf = None) -> Response:
    """An area with the areas above and just below it."""
    asked = Asked(request, as_of)
    moment = asked.moment
    area = area_or_retired(moment, code)
    shape = moment.area_geometry(code)
    return asked.not_modified() or asked.answer(
        {
            **_record(asked, moment, area),
            "above": area_names(moment.area_chain(area.area_id)[1:]),
            "below": area_names(moment.children(code)),
            "bbox": None if shape is None else list(shape.bounds),
        }
    )
