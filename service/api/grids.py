"""The grids of a layer, as a list and as GeoJSON."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from geodata.moment import Moment
from geodata.people.answers import duty_record
from geodata.records import GridVersion
from geodata.succession import grid_or_retired
from service.api.answers import (
    EXAMPLE_HEAD,
    LONGEST_CODE,
    OPEN_TO_ALL,
    AreaName,
    Asked,
    AsOf,
    Box,
    CodeInPath,
    LayerInPath,
    Limit,
    Listing,
    Within,
    example,
    example_page,
    json_response,
    listing,
    page_of,
    parse_box,
    problems,
)
from service.api.areas import area_names
from service.api.lookup_answer import Person
from service.api.shapes import exact_shapes, feature, feature_collection, in_box, map_shapes
from service.dependencies import local_or_none

router = APIRouter(prefix="/api/v1", tags=["grids"])

GEOJSON = "application/geo+json"

_EXAMPLE: dict[str, Any] = {
    "layer": "general",
    "code": "370102001001003",
    "name": "第三网格",
    "kind": "urban",
    "households": 412,
    "persons": 1130,
    "release": 3,
    "areas": [
        {"level": "community", "code": "370102001001", "name": "示例社区"},
        {"level": "street", "code": "370102001", "name": "示例街道"},
    ],
    "valid_from": "2026-11-01T00:00:00+08:00",
    "valid_to": None,
}
_SQUARE: dict[str, Any] = {
    "type": "Polygon",
    "coordinates": [[[117.0, 36.6], [117.1, 36.6], [117.1, 36.7], [117.0, 36.7], [117.0, 36.6]]],
}

Format = Annotated[
    Literal["json", "geojson"],
    Query(description="json: a page of records; geojson: features with outlines, all of them unless limit is given"),
]
Detail = Annotated[
    Literal["map", "full"],
    Query(description="Outlines in GeoJSON: full as stored, or map, simplified by about 3 m with edges still shared"),
]


class GridItem(BaseModel):
    """A grid as it is at the instant."""

    layer: str
    code: str
    name: str
    kind: Literal["urban", "rural"]
    households: int | None = Field(description="As stated by its source")
    persons: int | None = Field(description="As stated by its source")
    release: int = Field(description="Number of the release that brought this state")
    areas: list[AreaName] = Field(description="Its community and the areas above, the lowest first")
    valid_from: str | None
    valid_to: str | None


class GridList(Listing):
    """A page of grids, in code order."""

    model_config = example_page(_EXAMPLE)

    items: list[GridItem]


class GridDetail(GridItem):
    """A grid with the people on duty."""

    model_config = example(
        **EXAMPLE_HEAD,
        **_EXAMPLE,
        bbox=[117.0, 36.6, 117.1, 36.7],
        point=[117.05, 36.65],
        workers=[],
    )

    as_of: str
    version: int
    stale_since: str | None
    bbox: list[float] = Field(description="West, south, east, north, EPSG:4326")
    point: list[float] = Field(description="Longitude and latitude of a point inside")
    workers: list[Person]


class Outline(BaseModel):
    """A GeoJSON geometry, EPSG:4326."""

    type: Literal["Polygon", "MultiPolygon"]
    coordinates: list[Any]


class GridFeature(BaseModel):
    """A grid with its outline."""

    type: Literal["Feature"]
    id: str
    properties: GridItem
    geometry: Outline


class GridFeatures(BaseModel):
    """Grids with their outlines (RFC 7946)."""

    model_config = example(
        type="FeatureCollection",
        **EXAMPLE_HEAD,
        total=1,
        next=None,
        features=[{"type": "Feature", "id": _EXAMPLE["code"], "properties": _EXAMPLE, "geometry": _SQUARE}],
    )

    type: Literal["FeatureCollection"]
    as_of: str
    version: int
    stale_since: str | None
    total: int
    next: str | None
    features: list[GridFeature]


class GridDetailProperties(GridItem):
    """What a single feature says of its grid."""

    workers: list[Person]


class GridDetailFeature(BaseModel):
    """One grid with its outline and the people on duty."""

    model_config = example(
        **EXAMPLE_HEAD,
        type="Feature",
        id=_EXAMPLE["code"],
        properties={**_EXAMPLE, "workers": []},
        geometry=_SQUARE,
        bbox=[117.0, 36.6, 117.1, 36.7],
        point=[117.05, 36.65],
    )

    as_of: str
    version: int
    stale_since: str | None
    type: Literal["Feature"]
    id: str
    bbox: list[float]
    point: list[float]
    properties: GridDetailProperties
    geometry: Outline


def _record(asked: Asked, moment: Moment, grid: GridVersion) -> dict[str, Any]:
    return {
        "layer": grid.layer,
        "code": grid.code,
        "name": grid.name,
        "kind": grid.kind,
        "households": grid.households,
        "persons": grid.persons,
        "release": grid.release,
        "areas": area_names(moment.area_chain(grid.community_id)),
        "valid_from": local_or_none(grid.valid_from, asked.zone),
        "valid_to": local_or_none(grid.valid_to, asked.zone),
    }


def _choose(moment: Moment, layer: str, within: str | None, bbox: str | None) -> list[GridVersion]:
    grids: Sequence[GridVersion] = moment.grids(layer)
    if within is not None:
        inside = moment.within(within)
        grids = [grid for grid in grids if grid.community_id in inside]
    if bbox is not None:
        grids = in_box(moment, layer, grids, parse_box(bbox))
    return list(grids)


@router.get(
    "/layers/{layer}/grids",
    operation_id="listGrids",
    summary="Grids of a layer",
    response_model=None,
    response_class=Response,
    responses={
        200: {
            "description": "Records, or features with outlines",
            "model": GridList,
            "content": {GEOJSON: {"schema": {"$ref": "#/components/schemas/GridFeatures"}}},
        },
        **problems(401, 403, 404, 422, 503),
    },
    openapi_extra=OPEN_TO_ALL,
)
def list_grids(
    request: Request,
    layer: LayerInPath,
    format: Format = "json",  # noqa: A002
    detail: Detail = "full",
    within: Within = None,
    bbox: Box = None,
    as_of: AsOf = None,
    limit: Limit = None,
    after: Annotated[str | None, Query(max_length=LONGEST_CODE, description="Continue after this code")] = None,
) -> Response:
    """Grids in force at the instant, in code order; with outlines as GeoJSON, in EPSG:4326."""
    asked = Asked(request, as_of)
    moment = asked.moment
    grids = _choose(moment, layer, within, bbox)
    known = asked.not_modified()
    if known is not None:
        return known
    if format == "geojson":
        return _features(asked, moment, layer, grids, detail, limit, after)
    return listing(
        asked,
        grids,
        place_of=lambda grid: grid.code,
        after=after,
        limit=limit,
        record=lambda grid: _record(asked, moment, grid),
    )


def _features(
    asked: Asked,
    moment: Moment,
    layer: str,
    grids: Sequence[GridVersion],
    detail: str,
    limit: int | None,
    after: str | None,
) -> Response:
    shown, more = page_of(grids, lambda grid: grid.code, after, limit or len(grids))
    members = {**asked.head, "total": len(grids), "next": asked.next_page(shown[-1].code) if more else None}
    outlines = map_shapes(moment, layer) if detail == "map" else partial(exact_shapes, moment)
    pieces = feature_collection(shown, outlines, partial(_record, asked, moment), members)
    return StreamingResponse(pieces, media_type=GEOJSON, headers=asked.cache_headers)


@router.get(
    "/layers/{layer}/grids/{code}",
    operation_id="getGrid",
    summary="One grid",
    response_model=None,
    response_class=Response,
    responses={
        200: {
            "description": "The grid and its people, with its outline where GeoJSON is asked for",
            "model": GridDetail,
            "content": {GEOJSON: {"schema": {"$ref": "#/components/schemas/GridDetailFeature"}}},
        },
        **problems(401, 403, 404, 422, 503),
    },
    openapi_extra=OPEN_TO_ALL,
)
def get_grid(
    request: Request,
    layer: LayerInPath,
    code: CodeInPath,
    format: Annotated[Literal["json", "geojson"], Query(description="geojson adds the outline")] = "json",  # noqa: A002
    as_of: AsOf = None,
) -> Response:
    """A grid, where it is, and the people on duty there.

    Of a grid that was in force before, and is no more at the instant, the problem `retired` says since when
    (`retired_at`) and which grids lie where it lay (`replaced_by`, each with its share of that ground). Of a code that
    the layer never had `elsewhere` names the grids of other layers that have it.
    """
    asked = Asked(request, as_of)
    moment = asked.moment
    grid = grid_or_retired(moment, layer, code)
    known = asked.not_modified()
    if known is not None:
        return known
    shape = moment.geometry(grid)
    inside = shape.point_on_surface()
    place = {"bbox": list(shape.bounds), "point": [inside.x, inside.y]}
    workers = [duty_record(person, unmasked=asked.caller.unmasked, zone=asked.zone) for person in moment.people(grid)]
    record = {**_record(asked, moment, grid), "workers": workers}
    if format == "geojson":
        return Response(
            feature(shape, record, {**asked.head, **place}), media_type=GEOJSON, headers=asked.cache_headers
        )
    return json_response({**asked.head, **record, **place}, headers=asked.cache_headers)
