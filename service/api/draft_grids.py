"""Grids of a draft as they are now: with exact borders to be edited, or one light row each; and what changed since."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import shapely
from fastapi import APIRouter, Query, Request, Response
from psycopg import Connection
from pydantic import BaseModel, Field

from geodata.drafts.figures import figures_of
from geodata.drafts.state import DraftState
from geodata.errors import InputError, TooManyError
from geodata.redraw import Scene, changes_since, draft_of, draft_state, operations
from service.api.answers import KEY_NEEDED, Box, example, json_response, parse_box, problems
from service.api.draft_features import (
    AREA,
    FEATURE,
    GRID,
    ChangedAreas,
    ChangedGrids,
    DraftAreaItem,
    DraftFeature,
    area_record,
    changed_record,
    features,
    lived_in,
)
from service.api.draft_items import (
    FINDING,
    OPERATION,
    DraftFinding,
    OperationItem,
    finding_record,
    operation_record,
)
from service.api.draft_work import DraftId, DraftWork, known_already, private_tag

router = APIRouter(prefix="/api/v1", tags=["drafts"])

GEOJSON = "application/geo+json"
MOST_FEATURES = 2000

Since = Annotated[
    int | None, Query(ge=0, le=2**31 - 1, description="Version of the draft that the asker holds; its base if left out")
]
_Most = Annotated[int, Query(ge=1, le=MOST_FEATURES, description="Most grids; where there are more: `too-many`")]


class DraftGrids(BaseModel):
    """Grids of a draft as GeoJSON."""

    model_config = example(type="FeatureCollection", version=17, features=[FEATURE])

    type: Literal["FeatureCollection"]
    version: int = Field(description="Of the draft")
    features: list[DraftFeature]


class RegisterRow(BaseModel):
    """A grid in a line."""

    key: str
    code: str
    name: str
    kind: Literal["urban", "rural"]
    community: str | None
    households: int
    label: list[float] = Field(description="Longitude and latitude of a place in it")
    bbox: list[float] = Field(description="West, south, east, north in degrees")


class DraftRegister(BaseModel):
    """All grids of a draft, in the order of their codes, and the areas that they are in."""

    model_config = example(
        version=17,
        grids=[
            {name: GRID[name] for name in ("key", "code", "name", "kind", "community", "households")}
            | {"label": [117.002, 36.661], "bbox": [117.001, 36.66, 117.004, 36.662]}
        ],
        areas=[AREA],
    )

    version: int
    grids: list[RegisterRow]
    areas: list[DraftAreaItem] = Field(description="With those above them")


class DraftChanges(BaseModel):
    """What is otherwise in a draft than at a version."""

    model_config = example(
        version=17,
        grids={"changed": [FEATURE], "removed": ["g12"]},
        areas={"changed": [AREA], "removed": []},
        findings=[FINDING],
        operations=[OPERATION],
    )

    version: int
    grids: ChangedGrids
    areas: ChangedAreas
    findings: list[DraftFinding] = Field(description="All of the draft, as at `getDraftFindings`")
    operations: list[OperationItem] = Field(description="What was done since")


@router.get(
    "/drafts/{draft_id}/grids",
    operation_id="listDraftGrids",
    summary="Grids of a draft with exact borders",
    response_model=None,
    response_class=Response,
    responses={
        200: {
            "description": "Features in EPSG:4326, not simplified and not rounded",
            "content": {GEOJSON: {"schema": {"$ref": "#/components/schemas/DraftGrids"}}},
        },
        **problems(401, 403, 404, 409, 422, 503),
    },
    openapi_extra=KEY_NEEDED,
)
async def list_draft_grids(
    request: Request,
    draft_id: DraftId,
    bbox: Box = None,
    codes: Annotated[
        str | None, Query(max_length=4_000, description="Grids of these codes, parted by commas", examples=["G1,G2"])
    ] = None,
    limit: _Most = MOST_FEATURES,
) -> Response:
    """Those that meet a box, or those of some codes; a border that two share is the same in both, bit by bit.

    Where there are more than `limit` the problem `too-many` says how many: ask for a smaller box. For planners.
    """
    work = DraftWork(request)
    box = None if bbox is None else shapely.box(*parse_box(bbox))
    wanted = None if codes is None else [code for code in codes.split(",") if code]
    if (box is None) == (wanted is None):
        raise InputError("Give either bbox or codes.", "请给出 bbox 或 codes 其中之一。", parameter="bbox")

    def read(connection: Connection[Any]) -> Response:
        draft = draft_of(connection, draft_id)
        state = draft_state(connection, draft_id, work.memory)
        keys = _chosen(state, box, wanted)
        if len(keys) > limit:
            raise TooManyError(
                f"{len(keys)} grids are asked for, and {limit} given at a time: ask for a smaller box.",
                f"所选范围内有 {len(keys)} 个网格，一次最多 {limit} 个：请缩小范围。",
                count=len(keys),
                limit=limit,
            )
        content = {
            "type": "FeatureCollection",
            "version": state.version,
            "features": features(state, work.scene(connection, draft), keys),
        }
        answer = json_response(content)
        answer.media_type = GEOJSON
        answer.headers["Content-Type"] = GEOJSON
        return answer

    return await work.run(read)


def _chosen(state: DraftState, box: shapely.Geometry | None, codes: list[str] | None) -> list[str]:
    if box is not None:
        return state.tiling.touching(box)
    return [state.by_code(code).key for code in dict.fromkeys(codes or ())]


@router.get(
    "/drafts/{draft_id}/register",
    operation_id="getDraftRegister",
    summary="All grids of a draft, a line each",
    response_model=None,
    responses={200: {"model": DraftRegister}, **problems(401, 403, 404, 409, 422, 503)},
    openapi_extra=KEY_NEEDED,
)
async def get_draft_register(request: Request, draft_id: DraftId) -> Response:
    """Codes, names, communities and households, with a place in each; and the areas. For planners."""
    work = DraftWork(request)

    def read(connection: Connection[Any]) -> Response:
        draft = draft_of(connection, draft_id)
        tag = work.judged_tag(draft)
        known = known_already(request, tag)
        if known is not None:
            return known
        register = _register(draft_state(connection, draft_id, work.memory), work.scene(connection, draft))
        return json_response(register, headers=private_tag(tag))

    return await work.run(read)


def _register(state: DraftState, scene: Scene) -> dict[str, Any]:
    rows = []
    figures = figures_of(state, scene)
    grids = sorted(state.grids.items(), key=lambda one: one[1].code)
    shapes = [state.shape(key) for key, _ in grids]
    labels = scene.shapes.all_remembered("label", shapes, _labels)
    for (key, grid), label, box in zip(grids, labels, shapely.bounds(shapes).tolist(), strict=True):
        rows.append(
            {
                "key": key,
                "code": grid.code,
                "name": grid.name,
                "kind": grid.kind,
                "community": grid.community,
                "households": figures.counts(key).households,
                "label": label,
                "bbox": box,
            }
        )
    return {"version": state.version, "grids": rows, "areas": [area_record(area) for area in lived_in(state)]}


def _labels(shapes: Sequence[shapely.Geometry]) -> list[list[float]]:
    places: list[list[float]] = shapely.get_coordinates(shapely.point_on_surface(shapes)).tolist()
    return places


@router.get(
    "/drafts/{draft_id}/changes",
    operation_id="listDraftChanges",
    summary="What changed in a draft since a version",
    response_model=None,
    responses={200: {"model": DraftChanges}, **problems(401, 403, 404, 409, 412, 422, 503)},
    openapi_extra=KEY_NEEDED,
)
async def list_draft_changes(request: Request, draft_id: DraftId, since: Since = None) -> Response:
    """What others, or the asker elsewhere, did meanwhile. 412 where the draft was rebased since: read it anew.

    For planners.
    """
    work = DraftWork(request)

    def read(connection: Connection[Any]) -> Response:
        draft = draft_of(connection, draft_id)
        begin = draft.base_version if since is None else since
        changed = changes_since(connection, draft_id, begin, work.memory)
        scene = work.scene(connection, draft)
        state = draft_state(connection, draft_id, work.memory)
        done = operations(connection, draft_id, begin)
        content = {
            "version": state.version,
            **changed_record(changed, state, scene),
            "findings": [finding_record(one) for one in work.findings(state, scene)],
            "operations": [operation_record(one, work.actor, work.zone) for one in done],
        }
        return json_response(content)

    return await work.run(read)
