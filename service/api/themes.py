"""What grids can be coloured by, and the number of each grid."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, Field

from geodata.classes import LEAST_CLASSES, MOST_CLASSES, classes_of
from geodata.errors import NetworkNotReadyError, UnavailableError
from geodata.themes import LIVING, Theme, theme_of
from service.api.answers import (
    EXAMPLE_HEAD,
    LONGEST_CODE,
    OPEN_TO_ALL,
    Asked,
    AsOf,
    LayerInPath,
    example,
    problems,
    refuse_repeated,
)
from service.dependencies import PUBLIC, READERS, local_or_none, now_micros, require, serving

router = APIRouter(prefix="/api/v1", tags=["grids"])

_EXAMPLE: dict[str, Any] = {
    "code": "households",
    "name": "户数",
    "name_en": "Households",
    "unit": "户",
    "unit_en": "households",
    "source": "register",
    "grids": 83,
    "total": 83,
    "stated": 0,
    "recorded_at": None,
}


class ThemeItem(BaseModel):
    """Something that was counted by grid."""

    code: str
    name: str
    name_en: str
    unit: str = Field(description="Empty where nobody said what is counted")
    unit_en: str
    source: Literal["stated", "register", "loaded"] = Field(
        description="register: summed up over the homes of each grid; stated: by the source of the grids; loaded: "
        "counts by grid, or by building and address and summed up"
    )
    grids: int = Field(description="Grids with a value")
    total: int = Field(description="Grids in force")
    stated: int = Field(description="Where the source is the register: values that the source of the grids states")
    recorded_at: str | None = Field(description="When the newest of it was loaded, local time; null where not loaded")


class ThemeList(BaseModel):
    """What the grids of a layer can be coloured by."""

    model_config = example(**EXAMPLE_HEAD, layer="general", items=[_EXAMPLE])

    as_of: str
    version: int
    stale_since: str | None
    layer: str
    items: list[ThemeItem] = Field(description="Households and persons first")


class ClassItem(BaseModel):
    """A class of whole numbers."""

    from_: int = Field(alias="from", description="The lowest that belongs to it")
    to: int = Field(description="The highest that belongs to it")
    grids: int


class ThemeValues(ThemeItem):
    """The number of each grid, and classes to colour them by."""

    model_config = example(
        **EXAMPLE_HEAD,
        layer="general",
        **{**_EXAMPLE, "grids": 3, "total": 3},
        classes=[{"from": 310, "to": 399, "grids": 2}, {"from": 400, "to": 412, "grids": 1}],
        values={"370102001001001": 310, "370102001001002": 396, "370102001001003": 412},
    )

    as_of: str
    version: int
    stale_since: str | None
    layer: str
    classes: list[ClassItem] = Field(
        description="About as many grids in each, between rounded limits, the lowest first; one for each value where "
        "there are few"
    )
    values: dict[str, int] = Field(description="By the code of the grid; grids without a value are left out")


@router.get(
    "/layers/{layer}/themes",
    operation_id="listThemes",
    summary="What grids can be coloured by",
    response_model=None,
    responses={200: {"model": ThemeList}, **problems(401, 404, 422, 503)},
    openapi_extra=OPEN_TO_ALL,
)
async def list_themes(request: Request, layer: LayerInPath, as_of: AsOf = None) -> Response:
    """Households, persons, and what else was counted and loaded: for keys all of it, for everybody what is public.

    Grids are those of `as_of`; what was counted is current.
    """
    refuse_repeated(request)
    asked = Asked(request, as_of)

    def work() -> Response:
        themes = _themes(asked, layer)
        items = [_item(asked, theme) for theme in themes.values()]
        return asked.not_modified() or asked.answer({"layer": layer, "items": items})

    return await _in_turn(asked, work)


@router.get(
    "/layers/{layer}/themes/{code}",
    operation_id="getTheme",
    summary="A number of each grid, in classes",
    response_model=None,
    responses={200: {"model": ThemeValues}, **problems(401, 403, 404, 422, 503)},
    openapi_extra=OPEN_TO_ALL,
)
async def get_theme(
    request: Request,
    layer: LayerInPath,
    code: Annotated[str, Path(max_length=LONGEST_CODE, description="Code of a theme", examples=["households"])],
    as_of: AsOf = None,
    classes: Annotated[
        int, Query(ge=LEAST_CLASSES, le=MOST_CLASSES, description="How many classes at most", examples=[5])
    ] = 5,
) -> Response:
    """The values of a theme and classes to colour them by.

    Without a key, counts that rest on fewer than five places, and persons of fewer than five households, are left out.
    """
    refuse_repeated(request)
    asked = Asked(request, as_of)
    if code not in LIVING and code not in serving(request).settings.counts_for_everybody:
        require(request, READERS)

    def work() -> Response:
        theme = theme_of(_themes(asked, layer, needed=code), code)
        known = asked.not_modified()
        if known is not None:
            return known
        found = classes_of(theme.values[theme.known], classes)
        told = [{"from": one.low, "to": one.high, "grids": one.count} for one in found]
        return asked.answer({"layer": layer, **_item(asked, theme), "classes": told, "values": theme.by_grid()})

    return await _in_turn(asked, work)


async def _in_turn(asked: Asked, work: Callable[[], Response]) -> Response:
    """What a function answers, run beside the loop."""
    summing = serving(asked.request).summing
    return await summing.run(work, known=asked.caller is not PUBLIC, gone=asked.request.is_disconnected)


def _themes(asked: Asked, layer: str, needed: str = "") -> Mapping[str, Theme]:
    """The themes that the asker may see, by code; makes the tag of the answer depend on what they are made of.

    Raises
    ------
    NotKnownError
        There is no such layer.
    UnavailableError
        The one that is needed cannot be read, because the database is away.
    """
    held = serving(asked.request)
    everybody = held.settings.counts_for_everybody
    known = asked.caller is not PUBLIC
    loaded = held.themes.loaded(held.database, now_micros()) if known or everybody else None
    try:
        walking = held.network.current()
        homes, homes_version = walking.homes, walking.version
    except NetworkNotReadyError:
        homes, homes_version = None, ""
    found = held.themes.themes(asked.moment, layer, homes, homes_version, loaded)
    if needed not in {"", *LIVING} and loaded is None:
        raise UnavailableError("counts cannot be read: the database is away", "数据库暂时不可用，无法读取统计数据")
    asked.also = (homes_version, "" if loaded is None else loaded.version, "known" if known else "public")
    if known:
        return found
    return {code: theme.discreet() for code, theme in found.items() if code in LIVING or code in everybody}


def _item(asked: Asked, theme: Theme) -> dict[str, Any]:
    (name, name_en), (unit, unit_en) = theme.names, theme.units
    return {
        "code": theme.code,
        "name": name,
        "name_en": name_en,
        "unit": unit,
        "unit_en": unit_en,
        "source": theme.source,
        "grids": int(theme.known.sum()),
        "total": len(theme.grids),
        "stated": theme.stated,
        "recorded_at": local_or_none(theme.recorded_at, asked.zone),
    }
