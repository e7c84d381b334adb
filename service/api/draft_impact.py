"""What a draft would change, what is to be thought of it, and what its borders may be drawn along."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

import orjson
import shapely
from fastapi import APIRouter, Query, Request, Response
from psycopg import Connection
from pydantic import BaseModel, Field, RootModel

from geodata.drafts.figures import CommunityFigures, GridFigures, figures_of
from geodata.drafts.impact import Impact, impact
from geodata.drafts.snapping import SnapLine, snap_lines
from geodata.errors import InputError, NotKnownError
from geodata.redraw import DraftState, Scene, draft_of, draft_state
from service.api.answers import KEY_NEEDED, LONGEST_CODE, example, json_response, parse_box, problems
from service.api.draft_items import DraftFindings, finding_record
from service.api.draft_work import DraftId, DraftWork, known_already, private_tag

router = APIRouter(prefix="/api/v1", tags=["drafts"])

_EMPTY = {"households": 0, "persons": 0, "addresses": 0, "buildings": 0, "stations": 0, "estimated": 0}
_MOVED = {**_EMPTY, "households": 186, "persons": 460, "addresses": 180, "buildings": 12}
_BALANCE = {
    "grids": 896,
    "judged": 896,
    "in_band": 640,
    "households": 300_000,
    "least": 12,
    "median": 330.0,
    "most": 912,
    "mean": 334.8,
    "variation": 0.31,
    "empty": 0,
}
IMPACT: dict[str, Any] = {
    "layer": "general",
    "base": 3,
    "version": 17,
    "grids": [],
    "communities": [],
    "flows": {
        "grids": [
            {
                "source": "G001",
                "source_name": "G001网格",
                "target": "G012",
                "target_name": "G012网格",
                "counts": _MOVED,
                "square_metres": 18961.7,
            }
        ],
        "communities": [],
    },
    "changing_grid": _MOVED,
    "changing_community": _EMPTY,
    "duties": [],
    "workloads": [],
    "stations": [],
    "balance_before": _BALANCE,
    "balance_after": _BALANCE | {"grids": 897, "in_band": 641, "mean": 334.4},
    "bands": {
        "urban": {
            "least": 300,
            "most": 500,
            "source": "default for grids in town",
            "source_zh": "城市网格默认标准",
        }
    },
    "walk_basis": "network",
    "walk_kmh": 4.5,
    "estimated": False,
}


class DraftImpact(RootModel[Impact]):
    """What would change if the draft were published."""

    model_config = example(**IMPACT)


class DraftFigures(BaseModel):
    """A grid or a community of a draft as it is now, with the same figures as in the impact."""

    model_config = example(
        version=17,
        grid={
            "code": "G012",
            "name": "G012网格",
            "kind": "urban",
            "community": "370102001001",
            "counts": _MOVED,
            "in_band": False,
            "compactness": {"square_metres": 18961.7, "perimeter_metres": 579.3, "polsby_popper": 0.71, "reock": 0.52},
            "walk": {"minutes": 4.2, "farthest_minutes": 7.9, "near_share": 1.0, "unreached": 0},
        },
        community=None,
    )

    version: int
    grid: GridFigures | None
    community: CommunityFigures | None


class SnapProperties(BaseModel):
    """What a feature says of its line."""

    code: str
    name: str
    kind: str = Field(description="Class of the street or barrier; building")


class SnapGeometry(BaseModel):
    """Lines, outlines or points in EPSG:4326."""

    type: Literal["Point", "LineString", "MultiLineString", "Polygon", "MultiPolygon"]
    coordinates: list[Any]


class SnapFeature(BaseModel):
    """A street, a barrier or a building as a GeoJSON Feature."""

    type: Literal["Feature"]
    properties: SnapProperties
    geometry: SnapGeometry


class SnapFeatures(BaseModel):
    """Some of them."""

    type: Literal["FeatureCollection"]
    features: list[SnapFeature]


_STREET = {
    "type": "Feature",
    "properties": {"code": "W12", "name": "样园路", "kind": "residential"},
    "geometry": {"type": "LineString", "coordinates": [[117.001, 36.66], [117.004, 36.66]]},
}
_NONE: dict[str, Any] = {"type": "FeatureCollection", "features": []}


class DraftLines(BaseModel):
    """What borders may be drawn along, with the coordinates that are stored."""

    model_config = example(
        streets={"type": "FeatureCollection", "features": [_STREET]}, barriers=_NONE, buildings=_NONE
    )

    streets: SnapFeatures
    barriers: SnapFeatures = Field(description="Water, railways, walls, motorways")
    buildings: SnapFeatures = Field(description="Outlines; points where these are not known")


@router.get(
    "/drafts/{draft_id}/findings",
    operation_id="getDraftFindings",
    summary="What is worth a look in a draft",
    response_model=None,
    responses={200: {"model": DraftFindings}, **problems(401, 403, 404, 409, 422, 503)},
    openapi_extra=KEY_NEEDED,
)
async def get_draft_findings(request: Request, draft_id: DraftId) -> Response:
    """Faults and doubts of all that it changed, each with its place; new errors forbid publishing. For planners."""
    work = DraftWork(request)

    def content(connection: Connection[Any], scene: Scene) -> Any:
        state = draft_state(connection, draft_id, work.memory)
        found = work.findings(state, scene)
        return {"version": state.version, "items": [finding_record(one) for one in found]}

    return await _judged(work, draft_id, content)


@router.get(
    "/drafts/{draft_id}/impact",
    operation_id="getDraftImpact",
    summary="What a draft would change",
    response_model=None,
    responses={200: {"model": DraftImpact}, **problems(401, 403, 404, 409, 422, 503)},
    openapi_extra=KEY_NEEDED,
)
async def get_draft_impact(request: Request, draft_id: DraftId) -> Response:
    """Who and what comes into another grid or community, whose duties end, how even and how near it all becomes.

    For planners.
    """
    work = DraftWork(request)

    def content(connection: Connection[Any], scene: Scene) -> Any:
        return impact(draft_state(connection, draft_id, work.memory), scene)

    return await _judged(work, draft_id, content)


@router.get(
    "/drafts/{draft_id}/figures",
    operation_id="getDraftFigures",
    summary="Figures of a grid or a community of a draft",
    response_model=None,
    responses={200: {"model": DraftFigures}, **problems(401, 403, 404, 409, 422, 503)},
    openapi_extra=KEY_NEEDED,
)
async def get_draft_figures(
    request: Request,
    draft_id: DraftId,
    grid: Annotated[str | None, Query(max_length=LONGEST_CODE, description="Code of a grid", examples=["G012"])] = None,
    community: Annotated[
        str | None, Query(max_length=LONGEST_CODE, description="Code of a community", examples=["370102001001"])
    ] = None,
) -> Response:
    """Who lives there, how large and round it is, how far the nearest station is; changed or not. For planners."""
    work = DraftWork(request)
    if (grid is None) == (community is None):
        raise InputError("Give either grid or community.", "请给出 grid 或 community 其中之一。", parameter="grid")

    def content(connection: Connection[Any], scene: Scene) -> Any:
        state = draft_state(connection, draft_id, work.memory)
        figures = figures_of(state, scene)
        return {
            "version": state.version,
            "grid": None if grid is None else figures.grid(state.by_code(grid).key),
            "community": None if community is None else figures.community(_community(state, community)),
        }

    return await _judged(work, draft_id, content)


def _community(state: DraftState, code: str) -> str:
    if code not in state.areas:
        raise NotKnownError(f"The draft has no area {code!r}.", f"草案中没有区划“{code}”。", area=code)
    return code


@router.get(
    "/drafts/{draft_id}/lines",
    operation_id="getDraftLines",
    summary="What borders may be drawn along",
    response_model=None,
    responses={200: {"model": DraftLines}, **problems(401, 403, 404, 422, 503)},
    openapi_extra=KEY_NEEDED,
)
def get_draft_lines(
    request: Request,
    draft_id: DraftId,
    bbox: Annotated[
        str,
        Query(
            max_length=200,
            description="What meets this box: west,south,east,north in degrees, EPSG:4326",
            examples=["117.0,36.6,117.01,36.61"],
        ),
    ],
) -> Response:
    """Streets, barriers and buildings in a box, at most 5,000; more are the problem `too-many`. For planners."""
    work = DraftWork(request)
    box = parse_box(bbox)
    with work.held.database() as connection:
        draft_of(connection, draft_id)
        found = snap_lines(connection, box)
    return json_response({name: _collection(lines) for name, lines in found.items()})


async def _judged(work: DraftWork, draft_id: int, content: Callable[[Connection[Any], Scene], Any]) -> Response:
    """What is thought of a draft, or 304 where the asker knows it."""

    def read(connection: Connection[Any]) -> Response:
        draft = draft_of(connection, draft_id)
        tag = work.judged_tag(draft)
        known = known_already(work.request, tag)
        if known is not None:
            return known
        return json_response(content(connection, work.scene(connection, draft)), headers=private_tag(tag))

    return await work.run(read)


def _collection(lines: list[SnapLine]) -> dict[str, Any]:
    features = [
        {
            "type": "Feature",
            "properties": {"code": line.code, "name": line.name, "kind": line.kind},
            "geometry": orjson.Fragment(shapely.to_geojson(line.shape)),
        }
        for line in lines
    ]
    return {"type": "FeatureCollection", "features": features}
