"""Layers, each one purpose of grids, and the releases that changed them."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, Field

from geodata.errors import NotKnownError
from geodata.moment import Moment
from geodata.records import Layer, Release
from service.api.answers import (
    EXAMPLE_HEAD,
    OPEN_TO_ALL,
    Asked,
    AsOf,
    LayerInPath,
    Limit,
    Listing,
    example,
    example_page,
    listing,
    problems,
)
from service.dependencies import local_or_none

router = APIRouter(prefix="/api/v1", tags=["layers"])

LARGEST_NUMBER = 2**31 - 1

_LAYER: dict[str, Any] = {
    "code": "general",
    "name": "综合网格",
    "name_en": "General grids",
    "tiling": "full",
    "nested_in": None,
    "is_default": True,
    "grids": 896,
    "release": 3,
}
_RELEASE: dict[str, Any] = {
    "layer": "general",
    "number": 3,
    "state": "in_force",
    "effective_at": "2026-11-01T00:00:00+08:00",
    "published_at": "2026-10-20T15:12:00+08:00",
    "withdrawn_at": None,
    "note": "第四季度调整",
}


class LayerItem(BaseModel):
    """One purpose of grids."""

    code: str
    name: str
    name_en: str
    tiling: Literal["full", "partial"] = Field(description="full: no gap and no overlap; partial: no overlap")
    nested_in: str | None = Field(description="Code of the layer whose grids hold these")
    is_default: bool
    grids: int = Field(description="Grids in force")
    release: int | None = Field(description="Number of the release in force")


class LayerList(Listing):
    """All layers, the default first."""

    model_config = example_page(_LAYER)

    items: list[LayerItem]


class ReleaseItem(BaseModel):
    """A published state of a layer."""

    layer: str
    number: int
    state: Literal["in_force", "pending", "past", "withdrawn"] = Field(description="At the instant of the answer")
    effective_at: str
    published_at: str
    withdrawn_at: str | None
    note: str


class ReleaseList(Listing):
    """A page of releases, in the order of their numbers."""

    model_config = example_page(_RELEASE)

    items: list[ReleaseItem]


class ReleaseDetail(ReleaseItem):
    """One release."""

    model_config = example(**EXAMPLE_HEAD, **_RELEASE)

    as_of: str
    version: int
    stale_since: str | None


def _layer_record(moment: Moment, layer: Layer) -> dict[str, Any]:
    release = moment.release(layer.code)
    return {
        "code": layer.code,
        "name": layer.name,
        "name_en": layer.name_en,
        "tiling": layer.tiling,
        "nested_in": layer.nested_in,
        "is_default": layer.is_default,
        "grids": int(moment.active(layer.code).sum()),
        "release": release.number if release else None,
    }


def _state(release: Release, in_force: Release | None, instant: int) -> str:
    if release.withdrawn_at is not None:
        return "withdrawn"
    if release.effective_at > instant:
        return "pending"
    return "in_force" if release == in_force else "past"


def _release_record(asked: Asked, release: Release) -> dict[str, Any]:
    return {
        "layer": release.layer,
        "number": release.number,
        "state": _state(release, asked.moment.release(release.layer), asked.instant),
        "effective_at": local_or_none(release.effective_at, asked.zone),
        "published_at": local_or_none(release.published_at, asked.zone),
        "withdrawn_at": local_or_none(release.withdrawn_at, asked.zone),
        "note": release.note,
    }


@router.get(
    "/layers",
    operation_id="listLayers",
    summary="Layers",
    response_model=None,
    responses={200: {"model": LayerList}, **problems(401, 403, 422, 503)},
    openapi_extra=OPEN_TO_ALL,
)
def list_layers(request: Request, as_of: AsOf = None) -> Response:
    """All layers on one page, the default first."""
    asked = Asked(request, as_of)
    moment = asked.moment
    items = [_layer_record(moment, layer) for layer in moment.layers]
    return asked.not_modified() or asked.answer({"total": len(items), "next": None, "items": items})


@router.get(
    "/layers/{layer}/releases",
    operation_id="listReleases",
    summary="Releases of a layer",
    response_model=None,
    responses={200: {"model": ReleaseList}, **problems(401, 403, 404, 422, 503)},
    openapi_extra=OPEN_TO_ALL,
)
def list_releases(
    request: Request,
    layer: LayerInPath,
    as_of: AsOf = None,
    limit: Limit = None,
    after: Annotated[
        int | None, Query(ge=0, le=LARGEST_NUMBER, description="Continue after the release of this number")
    ] = None,
) -> Response:
    """Every release that was ever published, those withdrawn or still pending too."""
    asked = Asked(request, as_of)
    code = asked.moment.layer(layer).code
    return asked.not_modified() or listing(
        asked,
        asked.snapshot.releases.get(code, ()),
        place_of=lambda release: release.number,
        after=after,
        limit=limit,
        record=lambda release: _release_record(asked, release),
    )


@router.get(
    "/layers/{layer}/releases/{number}",
    operation_id="getRelease",
    summary="One release",
    response_model=None,
    responses={200: {"model": ReleaseDetail}, **problems(401, 403, 404, 422, 503)},
    openapi_extra=OPEN_TO_ALL,
)
def get_release(
    request: Request,
    layer: LayerInPath,
    number: Annotated[int, Path(ge=1, le=LARGEST_NUMBER, description="Number of the release", examples=[3])],
    as_of: AsOf = None,
) -> Response:
    """One release of a layer."""
    asked = Asked(request, as_of)
    for release in asked.snapshot.releases.get(asked.moment.layer(layer).code, ()):
        if release.number == number:
            return asked.not_modified() or asked.answer(_release_record(asked, release))
    raise NotKnownError(f"layer {layer!r} has no release {number}", f"网格类型“{layer}”没有第 {number} 版")
