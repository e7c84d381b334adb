"""Service circles of stations, and the life circle: which stations are within reach of a place."""

import hashlib
from typing import Annotated, Any

import orjson
import shapely
from fastapi import APIRouter, Query, Request, Response

from geodata.circles import Circle, parse_bands, station_circle
from geodata.covered import Warned
from geodata.crs import WGS84, parse_crs, point_to_wgs84
from geodata.errors import InputError
from geodata.life_circle import AreaLife, Kind, LifeCircle, Walk, area_life, life_circle
from geodata.moment import Moment
from geodata.selected import MOST_MINUTES, Selection
from geodata.start import Start, start_at, start_of
from geodata.station.network.walking import Walking
from geodata.station.share import Counted
from service.api.answers import (
    JSON,
    LONGEST_CODE,
    OPEN_TO_ALL,
    Asked,
    AsOf,
    CodeInPath,
    problems,
    refuse_repeated,
)
from service.api.circle_items import CircleAnswer, LifeAnswer
from service.dependencies import PUBLIC, instant_of, local_text, now_micros, serving

router = APIRouter(prefix="/api/v1", tags=["coverage"])

_MINUTE_MS = 60_000
_DIGITS = 4

At = Annotated[
    str | None,
    Query(
        max_length=40,
        description="Considers opening hours then; mobile stations stand at their stop of that time",
        examples=["2026-11-22T20:00"],
    ),
]
Profile = Annotated[str | None, Query(max_length=LONGEST_CODE, description="Way of walking; the first one if left out")]


class _Question:
    """A request, what it asks about, and the state of what it is answered from."""

    def __init__(self, request: Request, as_of: str | None, at: str | None) -> None:
        refuse_repeated(request)
        self.asked = Asked(request, as_of)
        self.walking: Walking = serving(request).network.current().ready()
        self.at = None if at is None else instant_of(at, self.asked.zone)
        self.moment = self.asked.moment
        self._given = as_of is not None

    @property
    def present(self) -> Moment:
        """What is in force now: homes and compounds are current, whatever the request asks about."""
        return self.asked.snapshot.moment(now_micros())

    @property
    def head(self) -> dict[str, Any]:
        """What the answer was made from. The same answer is the same bytes: now is not told by the second."""
        zone, network = self.asked.zone, self.walking.network
        return {
            **self.asked.head,
            "as_of": local_text(self.asked.instant, zone) if self._given else None,
            "at": None if self.at is None else local_text(self.at, zone),
            "network": {"version": network.version, "compiled_at": local_text(self.walking.compiled_at, zone)},
        }

    def answer(self, content: dict[str, Any]) -> Response:
        """The answer with a strong tag, or 304 where the asker has just these bytes."""
        body = orjson.dumps(content)
        tag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
        keeper = "public" if self.asked.caller is PUBLIC else "private"
        headers = {"ETag": tag, "Cache-Control": f"{keeper}, no-cache", "Vary": "Authorization, Cookie"}
        known = self.asked.request.headers.get("if-none-match", "")
        if known.strip() == "*" or tag in {one.strip().removeprefix("W/") for one in known.split(",")}:
            return Response(status_code=304, headers=headers)
        return Response(body, 200, headers, JSON)


@router.get(
    "/stations/{code}/circle",
    operation_id="stationCircle",
    summary="What is within so many minutes' walk of a station",
    response_model=None,
    responses={200: {"model": CircleAnswer}, **problems(401, 404, 409, 422, 503)},
    openapi_extra=OPEN_TO_ALL,
)
async def circle_of_station(
    request: Request,
    code: CodeInPath,
    minutes: Annotated[
        float | None,
        Query(gt=0, le=MOST_MINUTES, allow_inf_nan=False, description="Of the largest band; 15 if none is given"),
    ] = None,
    bands: Annotated[
        str | None,
        Query(max_length=LONGEST_CODE, description="Minutes of more bands, at most six in all", examples=["5,10,15"]),
    ] = None,
    profile: Profile = None,
    as_of: AsOf = None,
    at: At = None,
) -> Response:
    """The service circle as GeoJSON, with the households and persons that are within by time.

    Shapes illustrate: `error` says how far they differ from the times, which alone decide who is within. Network,
    households and compounds are current; the station is that of `as_of`. A mobile station stands at its stop of `at`,
    else of `as_of`.
    """
    question = _Question(request, as_of, at)
    wanted = parse_bands(minutes, bands)
    held = serving(request)

    def work() -> Response:
        found = station_circle(
            held.circles,
            held.reachable,
            question.walking,
            question.moment,
            question.present,
            code,
            wanted,
            profile=profile,
            at=question.at,
        )
        mobile = found.station.station_id in question.moment.stops_of
        return question.answer({**_circle_record(found, mobile=mobile), **question.head})

    return await held.reaching.run(work, known=question.asked.caller is not PUBLIC, gone=request.is_disconnected)


def _circle_record(found: Circle, *, mobile: bool) -> dict[str, Any]:
    features = [
        {
            "type": "Feature",
            "geometry": orjson.Fragment(shapely.to_geojson(band.shape)),
            "properties": {
                "minutes": band.minutes,
                "area_m2": round(band.square_metres),
                "households": _number(band.households),
                "persons": _number(band.persons),
                "missed": _share(error.missed),
                "wrongly_in": _share(error.wrongly_in),
            },
        }
        for band, error in zip(found.bands, found.error, strict=True)
    ]
    station = found.station
    largest = found.error[0]
    return {
        "type": "FeatureCollection",
        "features": features,
        "profile": found.profile.code,
        "station": {
            "code": station.code,
            "name": station.name,
            "category": station.category,
            "lon": station.lon,
            "lat": station.lat,
            "address": station.address,
            "mobile": mobile,
            "open_now": found.open_now,
        },
        "cut_off": found.cut_off,
        "error": {
            "missed": _share(largest.missed),
            "wrongly_in": _share(largest.wrongly_in),
            "basis": found.basis,
        },
        "warnings": _warnings(found.warnings),
    }


@router.get(
    "/life-circle",
    operation_id="lifeCircle",
    summary="Which kinds of station are within reach of a place, and which are missing",
    response_model=None,
    responses={200: {"model": LifeAnswer}, **problems(401, 404, 409, 422, 503)},
    openapi_extra=OPEN_TO_ALL,
)
async def life_circle_of(
    request: Request,
    lon: Annotated[float | None, Query(allow_inf_nan=False, description="Longitude, or easting in `crs`")] = None,
    lat: Annotated[float | None, Query(allow_inf_nan=False, description="Latitude, or northing in `crs`")] = None,
    crs: Annotated[
        str | None, Query(max_length=LONGEST_CODE, description="System of lon and lat; EPSG:4326 if left out")
    ] = None,
    compound: Annotated[str | None, Query(max_length=LONGEST_CODE, description="Code of a compound")] = None,
    building: Annotated[str | None, Query(max_length=LONGEST_CODE, description="Code of a building")] = None,
    area: Annotated[str | None, Query(max_length=LONGEST_CODE, description="Code of an area, of any level")] = None,
    minutes: Annotated[
        float, Query(gt=0, le=MOST_MINUTES, allow_inf_nan=False, description="Minutes of walking, at most 60")
    ] = 15.0,
    profile: Profile = None,
    as_of: AsOf = None,
    at: At = None,
) -> Response:
    """The categories of all stations in force: which are within the minutes, with the nearest of each however far.

    From a point, building or compound walks leave through the gates of the compound where it has any. Of an area it is
    told which share of its households reaches each category.
    """
    question = _Question(request, as_of, at)
    _refuse_unless_one(lon, lat, crs, compound, building, area)
    selection = Selection(minutes, at=question.at, profile=profile)
    held = serving(request)

    def of_area(code: str) -> dict[str, Any]:
        present = question.present
        found = area_life(held.reachable, question.walking, question.moment, present, code, selection)
        start = {"kind": "area", "code": code, "name": present.area(code).name, "lon": None, "lat": None, "gates": None}
        return {"start": start, **_area_record(found)}

    def of_place() -> dict[str, Any]:
        start, point, told = _start(question.present, lon, lat, crs, compound, building)
        found = life_circle(held.circles, question.walking, question.moment, start, point, selection, question.present)
        return {"start": told, **_life_record(found)}

    def work() -> Response:
        content = of_place() if area is None else of_area(area)
        return question.answer({**content, "minutes": minutes, **question.head})

    return await held.reaching.run(work, known=question.asked.caller is not PUBLIC, gone=request.is_disconnected)


def _refuse_unless_one(
    lon: float | None, lat: float | None, crs: str | None, compound: str | None, building: str | None, area: str | None
) -> None:
    """Refuse a request that does not name exactly one place.

    Raises
    ------
    InputError
        It names none, or several; or half a point.
    """
    if (lon is None) != (lat is None):
        raise InputError("lon and lat belong together", "lon 与 lat 必须同时给出")
    named = sum(one is not None for one in (lon, compound, building, area))
    if named != 1 or (crs is not None and lon is None):
        raise InputError(
            "name one place: lon and lat (with crs, if it is not EPSG:4326), compound, building or area",
            "请只指定一个位置：lon 和 lat（非 EPSG:4326 时加 crs）、compound、building 或 area",
        )


def _start(
    present: Moment, lon: float | None, lat: float | None, crs: str | None, compound: str | None, building: str | None
) -> tuple[Start, tuple[float, float], dict[str, Any]]:
    """Where walks start, its point in EPSG:4326, and what an answer says of it."""
    code = compound or building
    if lon is not None and lat is not None:
        point = point_to_wgs84(lon, lat, WGS84 if crs is None else parse_crs(crs))
        kind, name, start = "point", None, start_at(present, *point)
    elif compound is not None:
        kind, name = "compound", present.compound(compound).name
        start, *place = start_of(present, f"compound:{compound}")
        point = (place[0], place[1])
    else:
        kind, name = "building", present.building(building or "").name
        start, *place = start_of(present, f"building:{building}")
        point = (place[0], place[1])
    gates = present.gates_of(start.compound_id)
    told = {"kind": kind, "code": code, "name": name, "lon": point[0], "lat": point[1]}
    return start, point, {**told, "gates": None if gates is None else len(gates[0])}


def _life_record(found: LifeCircle) -> dict[str, Any]:
    return {
        "profile": found.profile.code,
        "reachable": [kind.category for kind in found.kinds if kind.stations],
        "missing": [kind.category for kind in found.kinds if not kind.stations],
        "categories": [_kind_record(kind) for kind in found.kinds],
        "cut_off": found.cut_off,
        **_spots_record(found),
        "warnings": _warnings(found.warnings),
    }


def _kind_record(kind: Kind) -> dict[str, Any]:
    return {
        "category": kind.category,
        "reached": bool(kind.stations),
        "stations": [_walk_record(walk) for walk in kind.stations],
        "nearest": None if kind.nearest is None else _walk_record(kind.nearest),
    }


def _walk_record(walk: Walk) -> dict[str, Any]:
    spot = walk.spot
    minutes = round(walk.ms / _MINUTE_MS, 1)
    return {"code": spot.station, "name": spot.name, "lon": spot.lon, "lat": spot.lat, "walk_minutes": minutes}


def _area_record(found: AreaLife) -> dict[str, Any]:
    categories = [
        {
            "category": kind.category,
            "reached": kind.stations > 0,
            "stations": kind.stations,
            **{name: _counted(count) for name, count in kind.totals.items()},
        }
        for kind in found.kinds
    ]
    return {
        "profile": found.profile.code,
        "reachable": [kind.category for kind in found.kinds if kind.stations],
        "missing": [kind.category for kind in found.kinds if not kind.stations],
        "categories": categories,
        "cut_off": bool(found.cut_off),
        **_spots_record(found),
        "warnings": _warnings(found.warnings),
    }


def _spots_record(found: LifeCircle | AreaLife) -> dict[str, Any]:
    spots = found.spots
    return {"closed": list(spots.closed), "away": list(spots.away), "hours_unknown": list(spots.hours_unknown)}


def _counted(count: Counted) -> dict[str, Any]:
    return {"covered": _number(count.covered), "all": _number(count.all), "share": _share(count.share)}


def _warnings(warnings: tuple[Warned, ...]) -> list[dict[str, str]]:
    return [{"code": one.code, "message": one.message, "message_zh": one.message_zh} for one in warnings]


def _number(value: float) -> float:
    """A count as it is written: whole where it is whole."""
    return int(value) if value == int(value) else round(value, 2)


def _share(value: float | None) -> float | None:
    return None if value is None else round(value, _DIGITS)
