"""Who covers this address or point: the route that everything else is built around."""

import re
from collections.abc import Callable
from functools import partial
from typing import Any

import anyio.to_thread
import orjson
from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute
from starlette.types import Receive, Scope, Send

from geodata.crs import Crs, checked_point, parse_crs, point_to_wgs84
from geodata.decision.warnings import REGISTER_IS_CURRENT
from geodata.errors import InputError
from geodata.lookup import GridNamed, lookup_address, lookup_point
from geodata.moment import Moment
from geodata.start import start_of
from geodata.station.warnings import STREETS_ARE_CURRENT
from geodata.uncertain import grids_touched
from service.api.answers import JSON, OPEN_TO_ALL, AsOf, problems, refuse_repeated
from service.api.lookup_answer import LookupAnswer
from service.api.lookup_question import (
    WGS84,
    Accuracy,
    Address,
    AreaCode,
    CrsOrNone,
    Lat,
    LayerCode,
    Lon,
    LookupRequest,
    MatterCode,
    Near,
    Question,
    TargetName,
)
from service.api.walks import walks_of
from service.dependencies import PUBLIC, Serving, caller_of, instant_of, local_text, now_micros, serving
from service.matching import AddressBook
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
        question = Question(lon=lon, lat=lat, layer=layer.decode() if layer else None)
        response = await answer(Request(scope), question, checked_point(lon, lat))
        await response(scope, receive, send)


router = APIRouter(prefix="/api/v1", tags=["look-up"], route_class=PlainQueryRoute)

_A_MINUTE = 60_000_000

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
    summary="Who covers this address or point",
    responses={**_ANSWER, **problems(401, 403, 404, 422, 503)},
    **_DOCUMENTED,
)
async def lookup(
    request: Request,
    lon: Lon = None,
    lat: Lat = None,
    crs: CrsOrNone = None,
    address: Address = None,
    near: Near = None,
    within: AreaCode = None,
    target: TargetName = None,
    layer: LayerCode = None,
    matter: MatterCode = None,
    as_of: AsOf = None,
    accuracy: Accuracy = None,
) -> Response:
    """The grid of each layer that covers an address or point, its areas, the people on duty, the nearest stations.

    The stations are those that are reached first on foot, along the streets; from inside a compound with gates the walk
    begins at these. Until streets are loaded they are the nearest in a straight line.

    A point on a border belongs to the grid with the lowest code, always. A point in no grid is answered with status
    `outside` and the nearest grids, not with an error. Instead of a point a building, unit, compound, place or station
    may be named.

    An address is answered with status `found` only where one grid is meant with little risk. Names may be misheard or
    misspelt, numbers are never: a door that is not in the register is never answered with another. Where several grids
    may be meant the status is `ambiguous`, with the candidates and what to `ask` the caller; `not_found` comes with the
    nearest thing known. Send addresses of people by POST: what is in a path is kept in logs of proxies.
    """
    refuse_repeated(request)
    question = Question(lon, lat, crs, address, near, within, target, layer, matter, as_of, accuracy)
    return await answered(request, question, "query")


@router.post(
    "/lookup",
    operation_id="lookupByBody",
    summary="Who covers this address or point, asked by a body",
    responses={**_ANSWER, **problems(400, 401, 403, 404, 408, 413, 422, 503)},
    **_DOCUMENTED,
)
async def lookup_by_body(request: Request, asked: LookupRequest) -> Response:
    """The same as the GET, for pages and systems that keep places out of addresses and logs."""
    return await answered(request, Question(**asked.model_dump()), "body")


async def answered(request: Request, asked: Question, where: str) -> Response:
    """Answer one look-up from memory; `where` is the part of the request that it stands in.

    Notes
    -----
    Another system is looked up beside the loop that answers everybody: of thousands, each takes up to 0.2 s when it is
    named for the first time. So are addresses, each of which takes milliseconds.
    """
    asked.check(where)
    if asked.address is not None:
        return await _answered_by_address(request, asked, asked.address)
    systems = serving(request).systems
    if asked.lon is None or asked.lat is None:
        if asked.crs is not None:
            await anyio.to_thread.run_sync(parse_crs, asked.crs, limiter=systems)
        return await answer(request, asked, None)
    if asked.crs is None or asked.crs == WGS84:
        return await answer(request, asked, checked_point(asked.lon, asked.lat))
    place = await anyio.to_thread.run_sync(_transformed, asked.lon, asked.lat, asked.crs, limiter=systems)
    return await answer(request, asked, place)


def _transformed(x: float, y: float, crs: str) -> tuple[float, float]:
    return point_to_wgs84(x, y, parse_crs(crs))


async def answer(request: Request, asked: Question, place: tuple[float, float] | None) -> Response:
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
    walks = await walks_of(held, moment)
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
        walks=walks,
        more=_linked_to(held.settings.report_url, asked.matter, lon, lat),
    )
    if asked.accuracy is not None:
        touched, total = await anyio.to_thread.run_sync(
            grids_touched, moment, lon, lat, asked.accuracy, asked.layer, limiter=held.systems
        )
        found |= {"within_accuracy": [one.record for one in touched], "within_accuracy_total": total}
    return _response(held, instant, asked, found)


async def _answered_by_address(request: Request, asked: Question, text: str) -> Response:
    held = serving(request)
    snapshot = held.store.current()
    caller = caller_of(request, snapshot)
    instant = instant_of(asked.as_of, held.zone)
    moment, book = snapshot.moment(instant), held.register.current()
    datum, near = await datum_and_near(request, asked.crs, asked.near)
    walks = await walks_of(held, moment)
    how = {"as_of": instant, "unmasked": caller.unmasked, "datum": datum, "near": near, "walks": walks}
    found = await held.matching.run(
        _found, held, moment, book, asked, text, how, known=caller is not PUBLIC, gone=request.is_disconnected
    )
    if _another_day(asked, instant):
        found["warnings"] = [*found["warnings"], REGISTER_IS_CURRENT]
    return _response(held, instant, asked, found)


def _found(
    held: Serving, moment: Moment, book: AddressBook, asked: Question, text: str, how: dict[str, Any]
) -> dict[str, Any]:
    return lookup_address(
        moment,
        book,
        text,
        layer=asked.layer,
        within=asked.within,
        matter=asked.matter,
        rendered=True,
        more=partial(_linked_to, held.settings.report_url, asked.matter),
        **how,
    )


async def datum_and_near(
    request: Request, crs: str | None, near: str | None
) -> tuple[Crs | None, tuple[float, float] | None]:
    """The system that is named and the place to be near to, EPSG:4326, as far as they are told.

    Raises
    ------
    InputError
        The system is not known; the place is no pair of numbers, or no place on Earth.

    Notes
    -----
    Not in the threads that match: naming a new system each time would keep those busy thirty times as long.
    """
    if crs is None:
        return None, None if near is None else near_point(near, None)
    return await anyio.to_thread.run_sync(_datum_and_near, crs, near, limiter=serving(request).systems)


def _datum_and_near(crs: str, near: str | None) -> tuple[Crs, tuple[float, float] | None]:
    datum = parse_crs(crs)
    return datum, None if near is None else near_point(near, datum)


def near_point(text: str, datum: Crs | None) -> tuple[float, float]:
    """Longitude and latitude of ``lon,lat``, EPSG:4326.

    Raises
    ------
    InputError
        It is no pair of numbers, or no place on Earth.
    """
    try:
        x, y = (float(part) for part in text.replace("_", "?").replace("，", ",").split(","))
    except ValueError:
        raise InputError(
            "near must be lon,lat, for example 117.0,36.65", "near 应为 经度,纬度，例如 117.0,36.65"
        ) from None
    return checked_point(x, y) if datum is None else point_to_wgs84(x, y, datum)


def _response(held: Serving, instant: int, asked: Question, found: dict[str, Any]) -> Response:
    if found["walking"] is not None and _another_day(asked, instant):
        found["warnings"] = [*found["warnings"], STREETS_ARE_CURRENT]
    stale_since = held.store.stale_since
    content = {
        "status": found["status"],
        "as_of": local_text(instant, held.zone),
        "version": found["version"],
        "stale_since": None if stale_since is None else local_text(stale_since, held.zone),
        "warnings": found["warnings"],
        **found,
        "query": asked.facts | found.get("query", {}),
    }
    return Response(orjson.dumps(content), headers={"Cache-Control": "no-store"}, media_type=JSON)


def _another_day(asked: Question, instant: int) -> bool:
    """Whether it is asked about a time that what is only known as it is now does not belong to."""
    return asked.as_of is not None and abs(instant - now_micros()) > _A_MINUTE


def _linked_to(template: str, matter: str | None, lon: float, lat: float) -> Callable[[GridNamed], dict[str, Any]]:
    """Gives each grid of an answer its link to the case system."""
    if not template:
        return _no_link

    def link(grid: GridNamed) -> dict[str, Any]:
        named = {"layer": grid.layer, "grid": grid.code, "release": grid.release}
        return {"report_url": report_link(template, {**named, "lon": lon, "lat": lat, "matter": matter})}

    return link


def _no_link(_: GridNamed) -> dict[str, Any]:
    return {"report_url": None}
