"""Service stations."""

from collections.abc import Sequence
from typing import Annotated, Any

import numpy as np
import shapely
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from geodata.crs import checked_point
from geodata.errors import InputError
from geodata.lookup import assign_points
from geodata.moment import Moment
from geodata.records import Station
from service.api.answers import (
    EXAMPLE_HEAD,
    LONGEST_CODE,
    OPEN_TO_ALL,
    Asked,
    AsOf,
    Box,
    CodeInPath,
    Limit,
    Listing,
    Within,
    example,
    example_page,
    listing,
    parse_box,
    problems,
)
from service.dependencies import local_or_none

router = APIRouter(prefix="/api/v1", tags=["stations"])

_EXAMPLE: dict[str, Any] = {
    "code": "S001",
    "name": "示例社区服务站",
    "category": "community",
    "level": "station",
    "parent": "C001",
    "address": "示例路 12 号",
    "lon": 117.004,
    "lat": 36.651,
    "phone": "0531-00000000",
    "hours": "Mo-Fr 08:30-17:00",
    "services": ["养老", "托育"],
    "valid_from": "2026-01-01T00:00:00+08:00",
    "valid_to": None,
    "metres": None,
}


class StationItem(BaseModel):
    """A service station."""

    code: str
    name: str
    category: str
    level: str
    parent: str | None = Field(description="Code of the station that it belongs to")
    address: str
    lon: float = Field(description="EPSG:4326")
    lat: float = Field(description="EPSG:4326")
    phone: str
    hours: str = Field(description="In the syntax of OpenStreetMap's opening_hours")
    services: list[str]
    valid_from: str | None
    valid_to: str | None
    metres: float | None = Field(description="Straight-line distance from near; null where near was not given")


class StationList(Listing):
    """A page of stations, in code order, or the nearest first where near is given."""

    model_config = example_page(_EXAMPLE)

    items: list[StationItem]


class StationDetail(StationItem):
    """One station."""

    model_config = example(**EXAMPLE_HEAD, **_EXAMPLE)

    as_of: str
    version: int
    stale_since: str | None


def _record(asked: Asked, station: Station, metres: float | None = None) -> dict[str, Any]:
    return {
        "code": station.code,
        "name": station.name,
        "category": station.category,
        "level": station.level,
        "parent": station.parent,
        "address": station.address,
        "lon": station.lon,
        "lat": station.lat,
        "phone": station.phone,
        "hours": station.hours,
        "services": list(station.services),
        "valid_from": local_or_none(station.valid_from, asked.zone),
        "valid_to": local_or_none(station.valid_to, asked.zone),
        "metres": None if metres is None else round(metres, 1),
    }


def _within(moment: Moment, stations: Sequence[Station], code: str) -> list[Station]:
    """Those in an area: in its outline where it has one, else in one of its grids of the default layer."""
    area_ids = moment.within(code)
    outline = moment.area_geometry(code)
    lons = np.array([station.lon for station in stations], dtype=np.float64)
    lats = np.array([station.lat for station in stations], dtype=np.float64)
    if outline is not None:
        inside = shapely.intersects_xy(outline, lons, lats)
        return [station for station, kept in zip(stations, inside, strict=True) if kept]
    assigned = assign_points(moment, moment.default_layer.code, lons, lats)
    return [
        station
        for station, place in zip(stations, assigned.position, strict=True)
        if place >= 0 and assigned.versions[place].community_id in area_ids
    ]


def _parse_near(text: str) -> tuple[float, float]:
    try:
        lon, lat = (float(part) for part in text.split(","))
    except ValueError as error:
        raise InputError(
            "near must be lon,lat in degrees, for example 117.0,36.65", "near 应为 经度,纬度，例如 117.0,36.65"
        ) from error
    return checked_point(lon, lat)


@router.get(
    "/stations",
    operation_id="listStations",
    summary="Service stations",
    response_model=None,
    responses={200: {"model": StationList}, **problems(401, 403, 404, 422, 503)},
    openapi_extra=OPEN_TO_ALL,
)
def list_stations(
    request: Request,
    within: Within = None,
    category: Annotated[
        str | None, Query(max_length=LONGEST_CODE, description="Only of this category", examples=["community"])
    ] = None,
    bbox: Box = None,
    near: Annotated[
        str | None,
        Query(max_length=100, description="lon,lat in degrees, EPSG:4326: nearest first", examples=["117.0,36.65"]),
    ] = None,
    as_of: AsOf = None,
    limit: Limit = None,
    after: Annotated[
        str | None, Query(max_length=LONGEST_CODE, description="Continue after the station of this code")
    ] = None,
) -> Response:
    """Stations in force at the instant, in code order, or the nearest first where `near` is given."""
    asked = Asked(request, as_of)
    moment = asked.moment
    stations: Sequence[Station] = moment.stations
    if within is not None:
        stations = _within(moment, stations, within)
    if bbox is not None:
        west, south, east, north = parse_box(bbox)
        stations = [one for one in stations if west <= one.lon <= east and south <= one.lat <= north]
    stations = [one for one in stations if category is None or one.category == category]
    metres = _distances(moment, near) if near is not None else {}

    def place_of(code: str) -> tuple[float, str]:
        return metres.get(code, 0.0), code

    stations.sort(key=lambda one: place_of(one.code))
    return asked.not_modified() or listing(
        asked,
        stations,
        place_of=lambda one: place_of(one.code),
        after=None if after is None else place_of(after),
        limit=limit,
        record=lambda one: _record(asked, one, metres.get(one.code)),
        cursor_of=lambda one: one.code,
    )


def _distances(moment: Moment, near: str) -> dict[str, float]:
    lon, lat = _parse_near(near)
    finder = moment.station_finder
    return {station.code: metres for station, metres in finder.nearest(lon, lat, len(finder.stations))}


@router.get(
    "/stations/{code}",
    operation_id="getStation",
    summary="One service station",
    response_model=None,
    responses={200: {"model": StationDetail}, **problems(401, 403, 404, 422, 503)},
    openapi_extra=OPEN_TO_ALL,
)
def get_station(request: Request, code: CodeInPath, as_of: AsOf = None) -> Response:
    """A station as it is at the instant."""
    asked = Asked(request, as_of)
    station = asked.moment.station(code)
    return asked.not_modified() or asked.answer(_record(asked, station))
