"""The coverage page: who is within a walk of a service station, where the gaps are, and what a change would do."""

import gzip
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

import numpy as np
import orjson
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from geodata.circle_memory import gated_compounds
from geodata.circles import parse_bands
from geodata.errors import UnavailableError
from geodata.selected import Selection, profile_of, spots_of
from geodata.station.network.arrays import Network
from geodata.station.network.profiles import ADULT
from geodata.station.outline import Outline
from service.dependencies import PLANNERS, current_snapshot, instant_of, now_micros, serving
from service.maps.assets import accepts_gzip
from service.maps.coverage_circles import CircleUnions
from service.maps.coverage_classes import NO_DATA_COLOUR, SHARE_CLASSES
from service.maps.coverage_words import coverage_words
from service.maps.encoding import UNITS_PER_METRE, encoded_lines, mercator_units
from service.maps.figure import PageFigure, map_document
from service.maps.pages import SOMEWHERE, Page, map_config, moment_or_none, script_json, shown_layers

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

_MOST_EDGES: Final = 60_000


@router.get("/maps/coverage")
def coverage_map(request: Request) -> Response:
    """The page; what is chosen on it stands behind the # of its address, and is asked of the API."""
    page = Page(request)
    config = _coverage_config(page)
    title = f"{page.words['coverage']} · {page.words['product']}"
    figure = PageFigure(
        page.assets,
        nonce=page.nonce,
        title=title,
        lang=page.lang,
        root_path=page.root,
        body_class="map-page coverage-page",
    )
    figure.head = page.render("coverage_head.html")
    body = page.render("coverage.html", config=script_json(config), empty=config["empty"])
    west, south, east, north = config["bounds"] or SOMEWHERE
    return page.answer(map_document(figure, body, [[south, west], [north, east]]))


@router.get("/maps/coverage/circles")
def circles(
    request: Request,
    minutes: float | None = None,
    bands: str | None = None,
    category: str | None = None,
    level: str | None = None,
    at: str | None = None,
    as_of: str | None = None,
    profile: str | None = None,
) -> Response:
    """What at least one station reaches, drawn as one: a GeoJSON feature per band, the largest first.

    Raises
    ------
    InputError
        The minutes are none, or the way of walking or the time is not known.
    NoNetworkError
        No streets are loaded.
    NetworkNotReadyError
        They are not compiled yet.
    """
    held = serving(request)
    walking = held.network.current().ready()
    moment = current_snapshot(request).moment(instant_of(as_of or None, held.zone))
    selection = Selection(category=category, level=level, at=instant_of(at, held.zone) if at else None)
    spots = spots_of(moment, selection).spots
    points = sorted({(spot.lon, spot.lat) for spot in spots})
    walker, wanted = profile_of(walking, profile), parse_bands(minutes, bands)
    present = current_snapshot(request).moment(now_micros())
    state = (walking.version, walker.code, gated_compounds(present).key)

    def outline_of(point: tuple[float, float]) -> Outline:
        return held.circles.outline(walking, present, walker, point, wanted)

    return _json(request, _unions().drawn(state, points, wanted, outline_of))


@router.get("/maps/coverage/streets")
def streets(request: Request) -> Response:
    """The walking network as the page draws it; no lines where it has more edges than a page can draw.

    Raises
    ------
    NoNetworkError
        No streets are loaded.
    NetworkNotReadyError
        They are not compiled yet.
    """
    network = serving(request).network.current().ready().network
    etag = f'"{network.version}"'
    headers = {"ETag": etag}
    if etag in (tag.strip() for tag in request.headers.get("if-none-match", "").split(",")):
        return Response(status_code=304, headers=headers)
    return _json(request, orjson.dumps(_lines(network)), headers)


def _json(request: Request, body: bytes, headers: Mapping[str, str] | None = None) -> Response:
    sent = {"Cache-Control": "no-cache", "Vary": "Accept-Encoding", **(headers or {})}
    if accepts_gzip(request):
        sent["Content-Encoding"] = "gzip"
        body = gzip.compress(body, 5, mtime=0)
    return Response(body, headers=sent, media_type="application/json")


@lru_cache(maxsize=1)
def _unions() -> CircleUnions:
    return CircleUnions()


def _lines(network: Network) -> dict[str, Any]:
    """Every edge as a short text, from the south-west corner of all."""
    if network.edge_count > _MOST_EDGES:
        return {"origin": [0, 0], "units_per_metre": UNITS_PER_METRE, "lines": [], "edges": network.edge_count}
    units = mercator_units(np.column_stack([network.shape_lons, network.shape_lats]))
    origin = units.min(axis=0)
    lines = encoded_lines(units, network.shape_first.tolist(), origin)
    return {"origin": origin.tolist(), "units_per_metre": UNITS_PER_METRE, "lines": lines, "edges": network.edge_count}


def _coverage_config(page: Page) -> dict[str, Any]:
    """What the modules of the page read: all that a map of the grids needs, with the words of this page."""
    moment = moment_or_none(page.request, None)
    layers = shown_layers(page, moment)
    config = map_config(page, moment, layers, layers[0] if layers else None, None)
    return config | {
        "classes": [{"least": one.least, "colour": one.colour, "label": one.label} for one in SHARE_CLASSES],
        "no_data": NO_DATA_COLOUR,
        "planners": PLANNERS,
        "profiles": _profiles(page),
        "compiling": not _is_compiled(page),
        "words": coverage_words(page.lang),
    }


def _is_compiled(page: Page) -> bool:
    try:
        serving(page.request).network.current()
    except UnavailableError:
        return False
    return True


def _profiles(page: Page) -> list[dict[str, str]]:
    """Ways of walking to choose from, the one that is meant without a choice first."""
    try:
        profiles = list(serving(page.request).network.current().profiles.values())
    except UnavailableError:
        profiles = []
    named = [(one.code, one.name_en if page.lang == "en" else one.name) for one in profiles or [ADULT]]
    return [{"code": code, "name": name} for code, name in named]
