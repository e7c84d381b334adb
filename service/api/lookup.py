"""Who covers this point: the route that everything else is built around."""

import re
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import anyio.to_thread
import orjson
from fastapi import APIRouter, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, Field

from geodata.crs import checked_point, parse_crs, point_to_wgs84
from geodata.errors import InputError
from geodata.lookup import lookup_point
from geodata.start import start_of
from service.api.answers import JSON, LONGEST_CODE, OPEN_TO_ALL, AreaName, AsOf, problems
from service.dependencies import caller_of, instant_of, local_text, serving
from service.report_link import report_link

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
            question = Question(float(lon), float(lat), layer=layer.decode() if layer else None)
            return answer(request, question, checked_point(float(lon), float(lat)))

        return handle


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


class Point(BaseModel):
    """A labelled coordinate pair."""

    lon: float
    lat: float
    crs: str


class Query_(BaseModel):  # noqa: N801
    """What was asked, as given."""

    point: Point | None = Field(description="null where a target was named")
    target: str | None = None
    matter: str | None = None


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
    kind: Literal["worker", "organisation"]
    name: str
    phone: str
    assignment: Literal["primary", "stand_in"]
    via: str = Field(
        description="unit, building, compound, place, station or grid, the level of the area that the duty is for, or "
        "matter for the organisation that answers for it"
    )
    hours: str = Field(description="Weekly hours in OSM opening_hours syntax; empty for always")
    on_duty_now: bool
    reason: Literal["off_hours", "on_leave", "standby"] | None = Field(
        description="Why not on duty; standby: a stand-in while the primary is there"
    )
    back_at: str | None = Field(description="When somebody off duty is back, where it is known")
    call_first: bool = Field(description="True of exactly one, where anybody has a duty")


class NearStation(BaseModel):
    """A service station near the point; a mobile one where it stands at the instant."""

    code: str
    name: str
    category: str
    lon: float
    lat: float
    walk_minutes: float
    metres: float
    measured: Literal["straight_line"]
    hours: str = Field(description="In OSM opening_hours syntax")
    open_now: bool | None = Field(description="null where the hours are not known")


class Named(BaseModel):
    """A building or compound."""

    code: str
    name: str


class TargetFound(Named):
    """What was named instead of a point."""

    kind: Literal["building", "unit", "compound", "place", "station"]
    unit: str | None


class RoleNamed(Named):
    """A role."""

    name_en: str


class OfficeNamed(Named):
    """An organisation and its duty phone."""

    phone: str


class MatterFound(Named):
    """What the look-up is about, who is responsible, and by when it is promised to be done."""

    name_en: str
    phone: str
    promised_minutes: int | None
    promised_by: str | None = Field(description="as_of and the promised time, local time")
    role: RoleNamed | None
    organisation: OfficeNamed | None


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
    workers: list[Person] = Field(description="The nearest first; those responsible for the matter before all others")
    stations: list[NearStation]
    report_url: str | None = Field(description="Link to the operator's case system; null where none is set")


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
                "query": {"point": {"lon": 117.0, "lat": 36.65, "crs": "EPSG:4326"}, "target": None, "matter": "noise"},
                "point": {"lon": 117.0, "lat": 36.65, "crs": "EPSG:4326"},
                "target": None,
                "building": {"code": "B0012", "name": "12号楼"},
                "compound": {"code": "C003", "name": "示例小区"},
                "matter": {
                    "code": "noise",
                    "name": "噪声扰民",
                    "name_en": "Noise",
                    "phone": "0531-00000000",
                    "promised_minutes": 120,
                    "promised_by": "2026-11-22T10:00:00+08:00",
                    "role": {"code": "grid_worker_full_time", "name": "专职网格员", "name_en": "Full-time grid worker"},
                    "organisation": None,
                },
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
                                "kind": "worker",
                                "name": "张**",
                                "phone": "138****0000",
                                "assignment": "primary",
                                "via": "grid",
                                "hours": "Mo-Fr 08:30-17:30; PH closed",
                                "on_duty_now": True,
                                "reason": None,
                                "back_at": None,
                                "call_first": True,
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
                                "hours": "Mo-Fr 08:30-17:00",
                                "open_now": True,
                            }
                        ],
                        "report_url": None,
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
    point: Point = Field(description="The point in EPSG:4326; that of the target where one was named")
    target: TargetFound | None
    building: Named | None = Field(description="The building that was named or whose outline covers the point")
    compound: Named | None = Field(description="The compound that was named or whose outline covers the point")
    matter: MatterFound | None
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
    )
    _add_links(held.settings.report_url, found, asked.matter)
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


def _add_links(template: str, found: dict[str, Any], matter: str | None) -> None:
    """Give each grid of an answer its link to the case system."""
    point = found["point"]
    for grid in found["grids"]:
        values = {"layer": grid["layer"], "grid": grid["code"], "release": grid["release"], "matter": matter}
        grid["report_url"] = report_link(template, {**values, **point}) if template else None
