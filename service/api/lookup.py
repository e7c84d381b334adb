"""Who covers this point: the route that everything else is built around."""

import re
from collections.abc import Callable, Coroutine
from typing import Annotated, Any, Literal

import anyio.to_thread
import orjson
from fastapi import APIRouter, Query, Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, Field

from geodata.crs import checked_point, parse_crs, point_to_wgs84
from geodata.lookup import lookup_point
from service.api.answers import JSON, LONGEST_CODE, OPEN_TO_ALL, AreaName, AsOf, problems
from service.dependencies import caller_of, instant_of, local_text, serving

_PLAIN_QUERY = re.compile(
    rb"lon=(-?\d{1,3}(?:\.\d{1,17})?)&lat=(-?\d{1,3}(?:\.\d{1,17})?)(?:&layer=([a-z0-9_-]{1,40}))?"
)


class PlainQueryRoute(APIRoute):
    """A route that answers the plainest query, ``lon=…&lat=…`` and maybe ``&layer=…``, without the general machinery.

    Reading five declared parameters costs more than the look-up itself. A query of this form means the same either way;
    every other one is read, checked and refused as declared.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Handle a request: the plain query at once, any other the usual way."""
        usual = super().get_route_handler()

        async def handle(request: Request) -> Response:
            plain = _PLAIN_QUERY.fullmatch(request.scope["query_string"])
            if plain is None or request.method != "GET":
                return await usual(request)
            lon, lat, layer = plain.groups()
            asked = (float(lon), float(lat), WGS84)
            return answer(request, asked, checked_point(*asked[:2]), layer.decode() if layer else None, None)

        return handle


router = APIRouter(prefix="/api/v1", tags=["look-up"], route_class=PlainQueryRoute)

WGS84 = "EPSG:4326"
_LON = "Longitude in degrees, or the easting where crs is projected"
_LAT = "Latitude in degrees, or the northing where crs is projected"
_CRS = "Reference system of the point: EPSG:4326, EPSG:4490, any other EPSG code, GCJ-02 or BD-09"
_LAYER = "Only this layer; all of them, the default first, if left out"

Lon = Annotated[float, Query(allow_inf_nan=False, description=_LON, examples=[117.0])]
Lat = Annotated[float, Query(allow_inf_nan=False, description=_LAT, examples=[36.65])]
CrsName = Annotated[str, Query(max_length=LONGEST_CODE, description=_CRS, examples=["GCJ-02"])]
LayerCode = Annotated[str | None, Query(max_length=LONGEST_CODE, description=_LAYER, examples=["general"])]


class LookupRequest(BaseModel):
    """A look-up as a JSON body, which keeps where somebody lives out of addresses and logs."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"lon": 117.0, "lat": 36.65, "crs": WGS84, "layer": "general"}}
    )

    lon: float = Field(allow_inf_nan=False, description=_LON)
    lat: float = Field(allow_inf_nan=False, description=_LAT)
    crs: str = Field(WGS84, max_length=LONGEST_CODE, description=_CRS)
    layer: str | None = Field(None, max_length=LONGEST_CODE, description=_LAYER)
    as_of: str | None = Field(None, max_length=40, description="Instant that is asked about; now if left out")


class Point(BaseModel):
    """A labelled coordinate pair."""

    lon: float
    lat: float
    crs: str


class Query_(BaseModel):  # noqa: N801
    """What was asked, as given."""

    point: Point


class Warning_(BaseModel):  # noqa: N801
    """Something that the asker should look at."""

    code: str
    message: str
    message_zh: str


class NearGrid(BaseModel):
    """The nearest other grid."""

    metres: float
    code: str
    name: str


class NearestGrid(NearGrid):
    """The grid of a layer that is nearest to a point outside."""

    layer: str


class Person(BaseModel):
    """Somebody who answers for the grid; name and phone are masked unless public or allowed by the key."""

    role: str
    role_name: str
    role_name_en: str
    duties: str = Field(description="What the role is for")
    name: str
    phone: str
    assignment: Literal["primary", "stand_in"]
    via: str = Field(description="grid, or the level of the area that the duty is for")
    on_duty_now: bool


class NearStation(BaseModel):
    """A service station near the point."""

    code: str
    name: str
    category: str
    lon: float
    lat: float
    walk_minutes: float
    metres: float
    measured: Literal["straight_line"]


class FoundGrid(BaseModel):
    """The grid of one layer that covers the point."""

    layer: str
    code: str
    name: str
    kind: Literal["urban", "rural"]
    release: int
    households: int | None
    persons: int | None
    areas: list[AreaName] = Field(description="Its community and the areas above, the lowest first")
    on_boundary: bool = Field(description="The point lies within 1 mm of the grid's border")
    nearest_other: NearGrid | None
    workers: list[Person]
    stations: list[NearStation]


class LookupAnswer(BaseModel):
    """Who covers the point: the grid of each asked layer, the people on duty there and the nearest stations."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "status": "found",
                "as_of": "2026-11-22T08:00:00+08:00",
                "version": 17,
                "stale_since": None,
                "warnings": [],
                "query": {"point": {"lon": 117.0, "lat": 36.65, "crs": "EPSG:4326"}},
                "point": {"lon": 117.0, "lat": 36.65, "crs": "EPSG:4326"},
                "grids": [
                    {
                        "layer": "general",
                        "code": "370102001001003",
                        "name": "第三网格",
                        "kind": "urban",
                        "release": 3,
                        "households": 412,
                        "persons": 1130,
                        "areas": [
                            {"level": "community", "code": "370102001001", "name": "示例社区"},
                            {"level": "street", "code": "370102001", "name": "示例街道"},
                        ],
                        "on_boundary": False,
                        "nearest_other": {"metres": 3.1, "code": "370102001001004", "name": "第四网格"},
                        "workers": [
                            {
                                "role": "grid_worker_full_time",
                                "role_name": "专职网格员",
                                "role_name_en": "Full-time grid worker",
                                "duties": "走访、上报、服务",
                                "name": "张**",
                                "phone": "138****0000",
                                "assignment": "primary",
                                "via": "grid",
                                "on_duty_now": True,
                            }
                        ],
                        "stations": [
                            {
                                "code": "S001",
                                "name": "示例社区服务站",
                                "category": "community",
                                "lon": 117.004,
                                "lat": 36.651,
                                "walk_minutes": 6.4,
                                "metres": 531,
                                "measured": "straight_line",
                            }
                        ],
                    }
                ],
                "nearest": [],
            }
        }
    )

    status: Literal["found", "outside"]
    as_of: str
    version: int
    stale_since: str | None = Field(description="Since when the database has been away; null while it answers")
    warnings: list[Warning_]
    query: Query_
    point: Point = Field(description="The point in EPSG:4326")
    grids: list[FoundGrid] = Field(description="Of each asked layer that covers the point, the default first")
    nearest: list[NearestGrid] = Field(description="Where no asked layer covers the point: the nearest grid of each")


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
    lon: Lon,
    lat: Lat,
    crs: CrsName = WGS84,
    layer: LayerCode = None,
    as_of: AsOf = None,
) -> Response:
    """The grid of each layer that covers a point, its areas, the people on duty, the nearest stations.

    A point on a border belongs to the grid with the lowest code, always. A point in no grid is answered with status
    `outside` and the nearest grids, not with an error.
    """
    return answer(request, (lon, lat, crs), await placed(request, lon, lat, crs), layer, as_of)


@router.post(
    "/lookup",
    operation_id="lookupByBody",
    summary="Who covers this point, asked by a body",
    responses={**_ANSWER, **problems(400, 401, 403, 404, 408, 413, 422, 503)},
    **_DOCUMENTED,
)
async def lookup_by_body(request: Request, asked: LookupRequest) -> Response:
    """The same as the GET, for pages and systems that keep places out of addresses and logs."""
    place = await placed(request, asked.lon, asked.lat, asked.crs)
    return answer(request, (asked.lon, asked.lat, asked.crs), place, asked.layer, asked.as_of)


async def placed(request: Request, x: float, y: float, crs: str) -> tuple[float, float]:
    """Longitude and latitude of a point, EPSG:4326.

    Raises
    ------
    InputError
        The point or its reference system cannot be read.

    Notes
    -----
    Another system is looked up beside the loop that answers everybody: of thousands, each takes up to 0.2 s when it is
    named for the first time.
    """
    if crs == WGS84:
        return checked_point(x, y)
    return await anyio.to_thread.run_sync(_transformed, x, y, crs, limiter=serving(request).systems)


def _transformed(x: float, y: float, crs: str) -> tuple[float, float]:
    return point_to_wgs84(x, y, parse_crs(crs))


def answer(
    request: Request,
    asked: tuple[float, float, str],
    place: tuple[float, float],
    layer: str | None,
    as_of: str | None,
) -> Response:
    """Answer one look-up from memory.

    Parameters
    ----------
    asked
        The point and its system as they were given.
    place
        Longitude and latitude, EPSG:4326.

    Raises
    ------
    InputError
        The time cannot be read.
    NotKnownError
        There is no such layer.
    AccessError
        The key is unknown or expired.
    """
    held = serving(request)
    snapshot = held.store.current()
    caller = caller_of(request, snapshot)
    x, y, crs = asked
    instant = instant_of(as_of, held.zone)
    found = lookup_point(snapshot.moment(instant), *place, layer=layer, unmasked=caller.unmasked, rendered=True)
    stale_since = held.store.stale_since
    return Response(
        orjson.dumps(
            {
                "status": found["status"],
                "as_of": local_text(instant, held.zone),
                "version": snapshot.version,
                "stale_since": None if stale_since is None else local_text(stale_since, held.zone),
                "warnings": found["warnings"],
                "query": {"point": {"lon": x, "lat": y, "crs": crs}},
                **found,
            }
        ),
        headers={"Cache-Control": "no-store"},
        media_type=JSON,
    )
