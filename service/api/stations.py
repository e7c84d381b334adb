"""Service stations."""

from collections.abc import Sequence
from typing import Annotated, Any

import numpy as np
import shapely
from fastapi import APIRouter, Query, Request, Response

from geodata.crs import checked_point
from geodata.errors import InputError
from geodata.lists.registers import station_row
from geodata.lookup import assign_points
from geodata.moment import Moment
from geodata.records import Station
from geodata.start import start_at
from geodata.station.nearest import Way, straight_way
from service.api.answers import (
    LONGEST_CODE,
    OPEN_TO_ALL,
    Asked,
    AsOf,
    Box,
    Limit,
    Within,
    listing,
    parse_box,
    problems,
)
from service.api.register_kinds import STATIONS
from service.api.registers import Search, add_one, found_in
from service.api.walks import streets_now
from service.dependencies import serving

router = APIRouter(prefix="/api/v1", tags=["stations"])


def _record(asked: Asked, station: Station, way: Way | None = None) -> dict[str, Any]:
    row = station_row(station)
    far: dict[str, Any] = {}
    if way is not None:
        minutes = None if way.minutes is None else round(way.minutes, 1)
        far = {"metres": round(way.metres, 1), "walk_minutes": minutes, "measured": way.measured}
    return STATIONS.record(asked, {**row.fields, **far}, row.begins, row.ends)


def _within(moment: Moment, stations: Sequence[Station], code: str) -> list[Station]:
    """Those in an area: in its outline where it has one, else in one of its grids of the default layer."""
    area_ids = moment.within(code)
    outline = moment.area_geometry(code)
    places = [moment.place_of(station) for station in stations]
    stations = [station for station, place in zip(stations, places, strict=True) if place is not None]
    points = np.array([place for place in places if place is not None], dtype=np.float64).reshape(-1, 2)
    lons, lats = np.ascontiguousarray(points[:, 0]), np.ascontiguousarray(points[:, 1])
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
    responses={200: {"model": STATIONS.models[1]}, **problems(401, 403, 404, 422, 503)},
    openapi_extra=OPEN_TO_ALL,
)
def list_stations(
    request: Request,
    within: Within = None,
    category: Annotated[
        str | None, Query(max_length=LONGEST_CODE, description="Only of this category", examples=["community"])
    ] = None,
    bbox: Box = None,
    q: Search = None,
    near: Annotated[
        str | None,
        Query(
            max_length=100, description="lon,lat in degrees, EPSG:4326: nearest on foot first", examples=["117.0,36.65"]
        ),
    ] = None,
    as_of: AsOf = None,
    limit: Limit = None,
    after: Annotated[
        str | None, Query(max_length=LONGEST_CODE, description="Continue after the station of this code")
    ] = None,
) -> Response:
    """Stations in force at the instant, in code order, or the nearest first where `near` is given.

    Near is what is reached first on foot, along the streets of now; from inside a compound with gates the walk begins
    at these. Then come stations that no walk leads to, by the straight line, then mobile ones on their way. Until
    streets are loaded all are in the order of the straight line.
    """
    asked = Asked(request, as_of)
    moment = asked.moment
    stations: Sequence[Station] = moment.stations
    if within is not None:
        stations = _within(moment, stations, within)
    if bbox is not None:
        west, south, east, north = parse_box(bbox)
        places = [(one, moment.place_of(one)) for one in stations]
        stations = [one for one, at in places if at and west <= at[0] <= east and south <= at[1] <= north]
    stations = [one for one in stations if category is None or one.category == category]
    if q:
        stations = [one for one in stations if found_in(q, station_row(one), _record(asked, one))]
    ways = _ways(asked, near) if near is not None else {}
    turns = {code: turn for turn, code in enumerate(ways)}

    def place_of(code: str) -> tuple[int, str]:
        # A mobile station on its way is nowhere near.
        return turns.get(code, len(turns)), code

    stations.sort(key=lambda one: place_of(one.code))
    return asked.not_modified() or listing(
        asked,
        stations,
        place_of=lambda one: place_of(one.code),
        after=None if after is None else place_of(after),
        limit=limit,
        record=lambda one: _record(asked, one, ways.get(one.code)),
        cursor_of=lambda one: one.code,
    )


def _ways(asked: Asked, near: str) -> dict[str, Way]:
    """The ways to all stations by their codes, the nearest first."""
    lon, lat = _parse_near(near)
    held, moment = serving(asked.request), asked.moment
    finder, walking = moment.station_finder, streets_now(held)
    if walking is None:
        ways = [straight_way(*found) for found in finder.nearest(lon, lat, len(finder.stations))]
    else:
        asked.also = (walking.version,)
        gates = moment.gates_of(start_at(moment, lon, lat).compound_id)
        ways = held.walks.of(walking, finder).every(finder, lon, lat, gates)
    return {finder.stations[way.place].code: way for way in ways}


add_one(router, STATIONS)
