"""Who covers this point: the route that everything else is built around."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

import anyio.to_thread
import orjson
from fastapi import APIRouter, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, Field
from starlette.types import Receive, Scope, Send

from geodata.crs import checked_point, parse_crs, point_to_wgs84
from geodata.errors import InputError
from geodata.lookup import GridNamed, lookup_point
from geodata.start import start_of
from service.api.answers import JSON, LONGEST_CODE, OPEN_TO_ALL, AsOf, problems
from service.api.lookup_answer import LookupAnswer
from service.dependencies import caller_of, instant_of, local_text, serving
from service.report_link import report_link

_PLAIN_QUERY = re.compile(
    rb"lon=(-?\d{1,3}(?:\.\d{1,17})?)&lat=(-?\d{1,3}(?:\.\d{1,17})?)(?:&layer=([a-z0-9_-]{1,40}))?"
)


class PlainQueryRoute(APIRoute):
    """A route that answers the plainest query, ``lon=…&lat=…`` and maybe ``&layer=…``, without the general machinery.

    Reading declared parameters and keeping stacks of what dependencies opened costs more than the look-up itself. A
    query of this form means the same either way; every other one is read, checked and refused as declared.
    """

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection: the plain query at once, any other the usual way."""
        plain = _PLAIN_QUERY.fullmatch(scope["query_string"])
        if plain is None or scope["method"] != "GET":
            await super().handle(scope, receive, send)
            return
        lon, lat, layer = float(plain[1]), float(plain[2]), plain[3]
        question = Question(lon, lat, layer=layer.decode() if layer else None)
        response = answer(Request(scope), question, checked_point(lon, lat))
        await response(scope, receive, send)


router = APIRouter(prefix="/api/v1", tags=["look-up"], route_class=PlainQueryRoute)

WGS84 = "EPSG:4326"
_LON = "Longitude in degrees, or the easting where crs is projected"
_LAT = "Latitude in degrees, or the northing where crs is projected"
_CRS = "Reference system of the point: EPSG:4326, EPSG:4490, any other EPSG code, GCJ-02 or BD-09"
_LAYER = "Only this layer; all of them, the default first, if left out"
_MATTER = "Code of the matter that it is about: those responsible for it come first"
_TARGET = (
    "Instead of a point: building:CODE, unit:BUILDING#LABEL, compound:CODE, place:CODE or station:CODE, whose people "
    "come first"
)

Lon = Annotated[float | None, Query(allow_inf_nan=False, description=_LON, examples=[117.0])]
Lat = Annotated[float | None, Query(allow_inf_nan=False, description=_LAT, examples=[36.65])]
CrsName = Annotated[str, Query(max_length=LONGEST_CODE, description=_CRS, examples=["GCJ-02"])]
MatterCode = Annotated[str | None, Query(max_length=LONGEST_CODE, description=_MATTER, examples=["noise"])]
TargetName = Annotated[
    str | None, Query(max_length=3 * LONGEST_CODE, description=_TARGET, examples=["building:370102001001-0012"])
]
LayerCode = Annotated[str | None, Query(max_length=LONGEST_CODE, description=_LAYER, examples=["general"])]


class LookupRequest(BaseModel):
    """A look-up as a JSON body, which keeps where somebody lives out of addresses and logs."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"lon": 117.0, "lat": 36.65, "crs": WGS84, "layer": "general"}}
    )

    lon: float | None = Field(None, allow_inf_nan=False, description=_LON)
    lat: float | None = Field(None, allow_inf_nan=False, description=_LAT)
    crs: str = Field(WGS84, max_length=LONGEST_CODE, description=_CRS)
    target: str | None = Field(None, max_length=3 * LONGEST_CODE, description=_TARGET)
    layer: str | None = Field(None, max_length=LONGEST_CODE, description=_LAYER)
    matter: str | None = Field(None, max_length=LONGEST_CODE, description=_MATTER)
    as_of: str | None = Field(None, max_length=40, description="Instant that is asked about; now if left out")


_ANSWER: dict[int | str, dict[str, Any]] = {
    200: {"model": LookupAnswer, "description": "An answer, also where no grid covers the point"}
}
_DOCUMENTED: dict[str, Any] = {
    "response_model": None,
    "response_class": Response,
    "openapi_extra": OPEN_TO_ALL,
}


@router.get(
    "/lookup",
    operation_id="lookup",
    summary="Who covers this point",
    responses={**_ANSWER, **problems(401, 403, 404, 422, 503)},
    **_DOCUMENTED,
)
async def lookup(
    request: Request,
    lon: Lon = None,
    lat: Lat = None,
    crs: CrsName = WGS84,
    target: TargetName = None,
    layer: LayerCode = None,
    matter: MatterCode = None,
    as_of: AsOf = None,
) -> Response:
    """The grid of each layer that covers a point, its areas, the people on duty, the nearest stations.

    A point on a border belongs to the grid with the lowest code, always. A point in no grid is answered with status
    `outside` and the nearest grids, not with an error. Instead of a point a building, unit, compound, place or station
    may be named.
    """
    question = Question(lon, lat, crs, target, layer, matter, as_of)
    return answer(request, question, await placed(request, question, "query"))


@router.post(
    "/lookup",
    operation_id="lookupByBody",
    summary="Who covers this point, asked by a body",
    responses={**_ANSWER, **problems(400, 401, 403, 404, 408, 413, 422, 503)},
    **_DOCUMENTED,
)
async def lookup_by_body(request: Request, asked: LookupRequest) -> Response:
    """The same as the GET, for pages and systems that keep places out of addresses and logs."""
    question = Question(**asked.model_dump())
    return answer(request, question, await placed(request, question, "body"))


@dataclass(frozen=True, slots=True)
class Question:
    """What a look-up asks, as it was given: a point in its system, or a target by its name."""

    lon: float | None = None
    lat: float | None = None
    crs: str = WGS84
    target: str | None = None
    layer: str | None = None
    matter: str | None = None
    as_of: str | None = None

    @property
    def facts(self) -> dict[str, Any]:
        """What the answer repeats of it."""
        point = None if self.target is not None else {"lon": self.lon, "lat": self.lat, "crs": self.crs}
        return {"point": point, "target": self.target, "matter": self.matter}


async def placed(request: Request, asked: Question, where: str) -> tuple[float, float] | None:
    """Longitude and latitude of the point that is asked about, EPSG:4326; None where a target is named.

    Parameters
    ----------
    where
        Part of the request that the point is missing in: query or body.

    Raises
    ------
    RequestValidationError
        There is neither point nor target.
    InputError
        There are both, or the point or its reference system cannot be read.

    Notes
    -----
    Another system is looked up beside the loop that answers everybody: of thousands, each takes up to 0.2 s when it is
    named for the first time.
    """
    x, y = asked.lon, asked.lat
    if asked.target is not None:
        if x is not None or y is not None:
            raise InputError("name a target or a point, not both", "target 与经纬度只能给出一种")
        return None
    if x is None or y is None:
        missing = [name for name, value in (("lon", x), ("lat", y)) if value is None]
        raise RequestValidationError(
            [{"type": "missing", "loc": (where, name), "msg": "Field required", "input": None} for name in missing]
        )
    if asked.crs == WGS84:
        return checked_point(x, y)
    return await anyio.to_thread.run_sync(_transformed, x, y, asked.crs, limiter=serving(request).systems)


def _transformed(x: float, y: float, crs: str) -> tuple[float, float]:
    return point_to_wgs84(x, y, parse_crs(crs))


def answer(request: Request, asked: Question, place: tuple[float, float] | None) -> Response:
    """Answer one look-up from memory.

    Parameters
    ----------
    place
        Longitude and latitude, EPSG:4326; None where a target is named.

    Raises
    ------
    InputError
        The time or the target cannot be read.
    NotKnownError
        There is no such layer, matter or target.
    AccessError
        The key is unknown or expired.
    """
    held = serving(request)
    snapshot = held.store.current()
    caller = caller_of(request, snapshot)
    instant = instant_of(asked.as_of, held.zone)
    moment = snapshot.moment(instant)
    start, lon, lat = (None, *place) if place is not None else start_of(moment, asked.target or "")
    found = lookup_point(
        moment,
        lon,
        lat,
        layer=asked.layer,
        matter=asked.matter,
        start=start,
        as_of=instant,
        unmasked=caller.unmasked,
        rendered=True,
        more=_linked_to(held.settings.report_url, lon, lat, asked.matter),
    )
    stale_since = held.store.stale_since
    return Response(
        orjson.dumps(
            {
                "status": found["status"],
                "as_of": local_text(instant, held.zone),
                "version": snapshot.version,
                "stale_since": None if stale_since is None else local_text(stale_since, held.zone),
                "warnings": found["warnings"],
                "query": asked.facts,
                **found,
            }
        ),
        headers={"Cache-Control": "no-store"},
        media_type=JSON,
    )


def _linked_to(template: str, lon: float, lat: float, matter: str | None) -> Callable[[GridNamed], dict[str, Any]]:
    """Gives each grid of an answer its link to the case system."""
    if not template:
        return _no_link

    def link(grid: GridNamed) -> dict[str, Any]:
        named = {"layer": grid.layer, "grid": grid.code, "release": grid.release}
        return {"report_url": report_link(template, {**named, "lon": lon, "lat": lat, "matter": matter})}

    return link


def _no_link(_: GridNamed) -> dict[str, Any]:
    return {"report_url": None}
