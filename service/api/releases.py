"""Releases beside each other, gone back to, and taken back."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

import orjson
import shapely
from fastapi import APIRouter, Path, Query, Request, Response
from psycopg import Connection
from pydantic import BaseModel, Field

from geodata.drafts.comparing import AreaDifference, GridDifference
from geodata.drafts.state import DraftArea, DraftGrid
from geodata.redraw import ReleaseDifference, diff, restore, withdraw
from service.api.answers import KEY_NEEDED, LayerInPath, example, json_response, problems
from service.api.draft_items import DraftDetail
from service.api.draft_standing import draft_answer
from service.api.draft_work import DraftWork
from service.api.layers import LARGEST_NUMBER

router = APIRouter(prefix="/api/v1", tags=["layers"])

GEOJSON = "application/geo+json"
ReleaseNumber = Annotated[int, Path(ge=1, le=LARGEST_NUMBER, description="Number of the release", examples=[3])]
Other = Annotated[int, Path(ge=1, le=LARGEST_NUMBER, description="Number of the release compared with", examples=[4])]

_SIDE: dict[str, Any] = {
    "code": "G001",
    "name": "G001网格",
    "kind": "urban",
    "community": "370102001001",
    "households": 400,
    "persons": 980,
    "square_metres": 37923.4,
}
_GRID: dict[str, Any] = {
    "what": ["ground"],
    "before": _SIDE,
    "after": _SIDE | {"households": 214, "square_metres": 18961.7},
    "lon": 117.002,
    "lat": 36.661,
}
_SUCCESSION = {"predecessor": "G001", "successor": "G012", "household_share": 0.465, "ground_share": 0.5}


class GridSide(BaseModel):
    """A grid in one of two releases."""

    code: str
    name: str
    kind: Literal["urban", "rural"]
    community: str | None
    households: int | None = Field(description="As the release states it; null where it does not")
    persons: int | None
    square_metres: float


class GridDifferenceItem(BaseModel):
    """A grid that two releases have otherwise."""

    what: list[str] = Field(description="made, ended, or what differs: code name kind community counts ground")
    before: GridSide | None
    after: GridSide | None
    lon: float
    lat: float


class AreaSide(BaseModel):
    """An area at the time of one of two releases."""

    code: str
    name: str
    level: str
    parent: str | None


class AreaDifferenceItem(BaseModel):
    """An area that is otherwise."""

    what: list[str] = Field(description="made, ended, or what differs: name level parent ground")
    before: AreaSide | None
    after: AreaSide | None


class SuccessionItem(BaseModel):
    """Which grid of the first release became which of the second."""

    predecessor: str
    successor: str
    household_share: float | None = Field(description="Share of the households of the predecessor; null if not known")
    ground_share: float


class ReleaseDifferenceAnswer(BaseModel):
    """What differs between two releases of a layer."""

    model_config = example(layer="general", first=3, second=4, grids=[_GRID], areas=[], successions=[_SUCCESSION])

    layer: str
    first: int
    second: int
    grids: list[GridDifferenceItem]
    areas: list[AreaDifferenceItem]
    successions: list[SuccessionItem] = Field(description="Of grids whose ground is otherwise, themselves included")


class DifferenceProperties(BaseModel):
    """What a feature says."""

    side: Literal["before", "after"]
    what: list[str]
    code: str
    name: str
    kind: Literal["urban", "rural"]
    community: str | None
    households: int | None
    persons: int | None
    square_metres: float


class DifferenceFeature(BaseModel):
    """A grid in one of two releases as a GeoJSON Feature, EPSG:4326, with the coordinates that are stored."""

    type: Literal["Feature"]
    properties: DifferenceProperties
    geometry: dict[str, Any]


class DifferenceFeatures(BaseModel):
    """Grids that two releases have otherwise: each a feature `before` and a feature `after`, where it is there."""

    model_config = example(
        type="FeatureCollection",
        layer="general",
        first=3,
        second=4,
        features=[
            {
                "type": "Feature",
                "properties": {"side": "after", "what": ["ground"], **_SIDE},
                "geometry": {
                    "type": "Polygon",
                    "coordinates": [[[117.001, 36.66], [117.004, 36.66], [117.004, 36.662], [117.001, 36.66]]],
                },
            }
        ],
    )

    type: Literal["FeatureCollection"]
    layer: str
    first: int
    second: int
    features: list[DifferenceFeature]


class WithdrawnRelease(BaseModel):
    """A release that was taken back."""

    model_config = example(layer="general", release=4, drafts=[12])

    layer: str
    release: int
    drafts: list[int] = Field(description="Drafts that it was made from: they are open again")


@router.get(
    "/layers/{layer}/releases/{number}/diff/{other}",
    operation_id="compareReleases",
    summary="What differs between two releases",
    response_model=None,
    response_class=Response,
    responses={
        200: {
            "description": "Records, or features of both sides",
            "model": ReleaseDifferenceAnswer,
            "content": {GEOJSON: {"schema": {"$ref": "#/components/schemas/DifferenceFeatures"}}},
        },
        **problems(401, 403, 404, 409, 422, 503),
    },
    openapi_extra=KEY_NEEDED,
)
async def compare_releases(
    request: Request,
    layer: LayerInPath,
    number: ReleaseNumber,
    other: Other,
    format: Annotated[Literal["json", "geojson"], Query(description="geojson gives the ground")] = "json",  # noqa: A002
) -> Response:
    """Grids and areas that are otherwise, and which ground went where. For planners."""
    work = DraftWork(request)

    def read(connection: Connection[Any]) -> Response:
        found = diff(connection, layer, number, other)
        head = {"layer": found.layer, "first": found.first, "second": found.second}
        if format == "geojson":
            content = {"type": "FeatureCollection", **head, "features": list(_features(found))}
            return Response(orjson.dumps(content), headers={"Cache-Control": "no-store"}, media_type=GEOJSON)
        return json_response(head | _difference(found))

    return await work.run(read)


@router.post(
    "/layers/{layer}/releases/{number}/restore",
    operation_id="restoreRelease",
    summary="Begin a draft that goes back to a release",
    status_code=201,
    response_model=None,
    responses={201: {"model": DraftDetail}, **problems(401, 403, 404, 409, 422, 503)},
    openapi_extra=KEY_NEEDED,
)
async def restore_release(request: Request, layer: LayerInPath, number: ReleaseNumber) -> Response:
    """Published, it is a new release: what came between stays history. For planners."""
    work = DraftWork(request)

    def begin(connection: Connection[Any]) -> Response:
        made = restore(connection, layer, number, actor=work.actor, memory=work.memory)
        return draft_answer(work, connection, made.draft_id, 201)

    return await work.run(begin)


@router.post(
    "/layers/{layer}/releases/{number}/withdraw",
    operation_id="withdrawRelease",
    summary="Take a release back before its date",
    response_model=None,
    responses={200: {"model": WithdrawnRelease}, **problems(401, 403, 404, 409, 422, 503)},
    openapi_extra=KEY_NEEDED,
)
async def withdraw_release(request: Request, layer: LayerInPath, number: ReleaseNumber) -> Response:
    """With the areas and duties that were to change with it; one that is in force stays: go back by `restore`.

    For planners.
    """
    work = DraftWork(request)

    def take_back(connection: Connection[Any]) -> Response:
        opened = withdraw(connection, layer, number, actor=work.actor)
        return json_response({"layer": layer, "release": number, "drafts": opened})

    return await work.run(take_back)


def _difference(found: ReleaseDifference) -> dict[str, Any]:
    return {
        "grids": [_grid(one) for one in found.grids],
        "areas": [_area(one) for one in found.areas],
        "successions": [
            {
                "predecessor": one.predecessor,
                "successor": one.successor,
                "household_share": one.household_share,
                "ground_share": one.ground_share,
            }
            for one in found.successions
        ],
    }


def _grid(one: GridDifference) -> dict[str, Any]:
    before, after = (
        None if grid is None else _side(grid, metres)
        for grid, metres in zip((one.grid.before, one.grid.after), one.square_metres, strict=True)
    )
    return {"what": list(one.what), "before": before, "after": after, "lon": one.lon, "lat": one.lat}


def _side(grid: DraftGrid, square_metres: float) -> dict[str, Any]:
    return {
        "code": grid.code,
        "name": grid.name,
        "kind": grid.kind,
        "community": grid.community,
        "households": grid.stated[0],
        "persons": grid.stated[1],
        "square_metres": square_metres,
    }


def _area(one: AreaDifference) -> dict[str, Any]:
    before, after = (None if area is None else _area_side(area) for area in (one.area.before, one.area.after))
    return {"what": list(one.what), "before": before, "after": after}


def _area_side(area: DraftArea) -> dict[str, Any]:
    return {"code": area.code, "name": area.name, "level": area.level, "parent": area.parent}


def _features(found: ReleaseDifference) -> Iterator[dict[str, Any]]:
    for one in found.grids:
        sides = (
            ("before", one.grid.before, one.grid.shape_before, one.square_metres[0]),
            ("after", one.grid.after, one.grid.shape_after, one.square_metres[1]),
        )
        for side, grid, shape, metres in sides:
            if grid is not None and shape is not None:
                yield {
                    "type": "Feature",
                    "properties": {"side": side, "what": list(one.what), **_side(grid, metres)},
                    "geometry": orjson.Fragment(shapely.to_geojson(shape)),
                }
