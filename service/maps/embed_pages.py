"""The map in other people's pages: a page for their frame, the element that makes it, files that prove a domain."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from fastapi import APIRouter, FastAPI
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from geodata.errors import GeodataError
from service.dependencies import instant_of, local_text, serving
from service.maps.assets import OWN, accepts_gzip, installed_assets
from service.maps.figure import PageFigure, map_document
from service.maps.pages import (
    SOMEWHERE,
    Page,
    attribution,
    chosen_layer,
    map_config,
    moment_or_none,
    script_json,
    shown_layers,
)
from service.problems import status_of

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

ELEMENT: Final = "embed/grid-map.js"
_VIEW: Final = ("layer", "grid", "area", "theme", "as_of")
_TYPES: Final = {"txt": "text/plain", "html": "text/html"}


@router.get("/embed/grids")
def embedded_map(request: Request, layer: str | None = None, as_of: str | None = None) -> Response:
    """The map of one layer's grids for a frame in another site's page.

    Notes
    -----
    Everybody is the public here, whoever is signed in elsewhere in the same browser. What cannot be shown is said in a
    page that the same sites may frame: a browser would otherwise tell its reader that the site was refused.
    """
    page = Page(request)
    try:
        document, status = _map(page, layer or None, as_of or None), 200
    except GeodataError as error:
        document = _sorry(page, error.detail if page.lang == "en" else error.detail_zh)
        status = status_of(error)
    return page.answer(document, status, serving(request).settings.framing_origins)


@router.get(f"/{ELEMENT}")
async def element(request: Request) -> Response:
    """The element ``<grid-map>``: one script, for any page to include."""
    assets = installed_assets()
    script = assets[assets.url(f"{OWN}/{ELEMENT}").removeprefix("/assets/")]
    headers = {
        # Its address never changes, so that it is looked at anew; a module of another site must be let in by name.
        "Access-Control-Allow-Origin": "*",
        "Cache-Control": "public, max-age=300",
        "Content-Type": script.media_type,
        "Cross-Origin-Resource-Policy": "cross-origin",
        "ETag": script.etag,
        "Vary": "Accept-Encoding",
    }
    if request.headers.get("if-none-match") == script.etag:
        return Response(status_code=304, headers=headers)
    if script.gzipped is not None and accepts_gzip(request):
        return Response(script.gzipped, headers=headers | {"Content-Encoding": "gzip"})
    return Response(script.content, headers=headers)


def add_verification_files(app: FastAPI, files: Mapping[str, str]) -> None:
    """Serve the files that prove a domain, each at the root under its own name."""
    for name, content in files.items():
        app.add_api_route(f"/{name}", _file(name, content), methods=["GET"], include_in_schema=False)


def _file(name: str, content: str) -> Callable[[], Response]:
    media_type = _TYPES[name.rpartition(".")[2]]
    headers = {"Cache-Control": "no-cache", "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'"}

    def verification_file() -> Response:
        return Response(content, headers=headers, media_type=media_type)

    return verification_file


def _map(page: Page, layer: str | None, as_of: str | None) -> str:
    """The whole page.

    Raises
    ------
    InputError
        The instant is none.
    """
    moment = moment_or_none(page.request, as_of)
    layers = shown_layers(page, moment)
    chosen, note = chosen_layer(page, moment, layers, layer)
    zone = serving(page.request).zone
    config = map_config(page, moment, layers, chosen, as_of and local_text(instant_of(as_of, zone), zone))
    settings = serving(page.request).settings
    config |= note | {"public": True, "embed": {"origins": settings.framing_origins}}
    figure = PageFigure(
        page.assets,
        nonce=page.nonce,
        title=f"{page.words['map']} · {page.words['product']}",
        lang=page.lang,
        root_path=page.root,
        head=page.render("embed_head.html"),
        body_class="map-page embed-page",
    )
    body = page.render(
        "embed.html",
        attribution=attribution(page),
        config=script_json(config),
        empty=config["empty"],
        full=_full_map(page),
        release=chosen["release"] if chosen else "",
    )
    west, south, east, north = config["bounds"] or SOMEWHERE
    return map_document(figure, body, [[south, west], [north, east]])


def _full_map(page: Page) -> str:
    """Address of the same view on the page of its own."""
    asked = page.request.query_params
    fields = {name: asked[name] for name in _VIEW if asked.get(name)}
    return page.href("/maps/grids", **fields)


def _sorry(page: Page, text: str) -> str:
    config: dict[str, Any] = {"embed": {"origins": serving(page.request).settings.framing_origins}}
    return page.render(
        "embed_sorry.html",
        config=script_json(config),
        full=page.href("/maps/grids"),
        text=text,
        title=page.words["map"],
    )
