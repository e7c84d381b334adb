"""What a text that is being typed may become: roads, compounds, places, areas and doors of the register."""

from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from geodata.address.normalize import LONGEST
from geodata.address.suggestions import Suggestion
from service.api.answers import LONGEST_CODE, OPEN_TO_ALL, Body, example, json_response, problems, refuse_repeated
from service.api.lookup import datum_and_near
from service.api.lookup_answer import Point
from service.api.lookup_question import CrsOrNone, Near
from service.dependencies import PUBLIC, caller_of, current_snapshot, serving

router = APIRouter(prefix="/api/v1/addresses", tags=["look-up"])

MOST_SUGGESTIONS = 50
USUAL_SUGGESTIONS = 10
_TARGETS = frozenset({"building", "compound", "place", "station"})

_Q = "What is typed so far: characters, pinyin in full, unfinished or as initials; from the second character on"
_LIMIT = "Most suggestions"


class SuggestRequest(Body):
    """The same as a JSON body, which keeps what is typed out of addresses and logs."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"q": "示例路1", "limit": 10}})

    q: str = Field(max_length=LONGEST, description=_Q)
    limit: int = Field(USUAL_SUGGESTIONS, ge=1, le=MOST_SUGGESTIONS, description=_LIMIT)
    near: str | None = Field(None, max_length=LONGEST_CODE, description="lon,lat: of equal names the nearer go first")
    crs: str | None = Field(
        None, max_length=LONGEST_CODE, description="Reference system of near; EPSG:4326 if left out"
    )


class SuggestionItem(BaseModel):
    """What the text may become."""

    group: Literal["roads", "compounds", "places", "areas", "doors"]
    level: str = Field(description="road, compound, place, area, or what the number counts: number building unit …")
    text: str = Field(description="What to put into the field")
    detail: str = Field(description="What tells it from others of its name, such as the district")
    alias: str = Field(description="The other name that was met, if any")
    kind: str = Field(description="Of the register's entry; empty where it is none")
    code: str
    target: str | None = Field(description="What to look it up by as a target; null where its point or text is needed")
    point: Point | None
    doors: int = Field(description="How many entries with numbers lie below")
    matched: list[tuple[int, int]] = Field(description="Stretches of the text that are typed already")


class SuggestionList(BaseModel):
    """Suggestions, those of a group together, the likeliest group first."""

    model_config = example(
        items=[
            {
                "group": "roads",
                "level": "road",
                "text": "示例路",
                "detail": "示例区",
                "alias": "",
                "kind": "",
                "code": "",
                "target": None,
                "point": {"lon": 117.0, "lat": 36.65, "crs": "EPSG:4326"},
                "doors": 214,
                "matched": [[0, 2]],
            }
        ]
    )

    items: list[SuggestionItem]


@router.get(
    "/suggest",
    operation_id="suggestAddresses",
    summary="What a text may become",
    response_model=None,
    response_class=Response,
    responses={200: {"model": SuggestionList, "description": "Suggestions"}, **problems(401, 403, 422, 503)},
    openapi_extra=OPEN_TO_ALL,
)
async def suggest(
    request: Request,
    q: Annotated[str, Query(max_length=LONGEST, description=_Q, examples=["示例路1"])],
    limit: Annotated[int, Query(ge=1, le=MOST_SUGGESTIONS, description=_LIMIT)] = USUAL_SUGGESTIONS,
    near: Near = None,
    crs: CrsOrNone = None,
) -> Response:
    """Roads, compounds, places, areas and doors that begin so, sound so, or have it in their name.

    Nothing for one character, for numbers alone, and for what holds no address.
    """
    refuse_repeated(request)
    return await _suggested(request, SuggestRequest(q=q, limit=limit, near=near, crs=crs))


@router.post(
    "/suggest",
    operation_id="suggestAddressesByBody",
    summary="What a text may become, asked by a body",
    response_model=None,
    response_class=Response,
    responses={
        200: {"model": SuggestionList, "description": "Suggestions"},
        **problems(400, 401, 403, 408, 413, 422, 503),
    },
    openapi_extra=OPEN_TO_ALL,
)
async def suggest_by_body(request: Request, asked: SuggestRequest) -> Response:
    """The same as the GET, for pages and systems that keep what is typed out of addresses and logs."""
    return await _suggested(request, asked)


async def _suggested(request: Request, asked: SuggestRequest) -> Response:
    held = serving(request)
    known = caller_of(request, current_snapshot(request)) is not PUBLIC
    book = held.register.current()
    _, near = await datum_and_near(request, asked.crs, asked.near)
    suggest = partial(book.suggest, asked.q, near=near, limit=asked.limit)
    found = await held.matching.run(suggest, known=known, gone=request.is_disconnected)
    return json_response({"items": [_item(one) for one in found]})


def _item(one: Suggestion) -> dict[str, Any]:
    whole = one.code != "" and one.kind in _TARGETS and one.level == ("place" if one.kind == "station" else one.kind)
    return {
        "group": one.group,
        "level": one.level,
        "text": one.text,
        "detail": one.detail,
        "alias": one.alias,
        "kind": one.kind,
        "code": one.code,
        "target": f"{one.kind}:{one.code}" if whole else None,
        "point": {"lon": one.lon, "lat": one.lat, "crs": "EPSG:4326"},
        "doors": one.doors,
        "matched": one.matched,
    }
