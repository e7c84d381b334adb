"""What all pages share, the grid map with what it draws, and messages for browsers."""

import secrets
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Final
from urllib.parse import urlencode

import orjson
from fastapi import APIRouter
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from geodata.errors import AccessError, NotKnownError, UnavailableError
from geodata.moment import Moment
from service.dependencies import (
    CLERKS,
    DISPATCHERS,
    PLANNERS,
    READERS,
    Serving,
    caller_of,
    current_snapshot,
    instant_of,
    local_text,
    serving,
)
from service.maps.assets import Assets, asset_response, installed_assets
from service.maps.figure import PageFigure, map_document
from service.maps.layers import Bounds, map_layers
from service.maps.packed import answer
from service.maps.palette import FILLS, THEME_FILLS
from service.maps.templating import TEMPLATES
from service.maps.words import Language, language, map_words, page_words

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

_LONGEST_SAID: Final = 40
_HEADINGS: Final = {404: "not_known", 503: "unavailable"}
SOMEWHERE: Final[Bounds] = (73.5, 18.0, 135.0, 53.6)


class Page:
    """What every page of one request shares: its language, its nonce, addresses below the root path.

    Parameters
    ----------
    request
        The request for the page; ``lang=en`` in its query asks for English.
    """

    def __init__(self, request: Request) -> None:
        self.request = request
        self.root: str = request.scope.get("root_path", "")
        self.lang: Language = language(request.query_params.get("lang"))
        self.words: Mapping[str, str] = page_words(self.lang)
        self.nonce = secrets.token_urlsafe(16)
        self.assets: Assets = installed_assets()

    def href(self, path: str, **query: str) -> str:
        """Address of another page, in the same language."""
        fields = query | ({"lang": "en"} if self.lang == "en" else {})
        return f"{self.root}{path}" + (f"?{urlencode(fields)}" if fields else "")

    @property
    def other_language(self) -> str:
        """Address of the same page in the other language."""
        fields = {name: value for name, value in self.request.query_params.items() if name != "lang"}
        if self.lang != "en":
            fields["lang"] = "en"
        path = self.request.scope["path"].removeprefix(self.root)
        return f"{self.root}{path}" + (f"?{urlencode(fields)}" if fields else "")

    @cached_property
    def role(self) -> str:
        """Role of the session of this browser."""
        try:
            return caller_of(self.request, current_snapshot(self.request)).role
        except (AccessError, UnavailableError):
            return "public"

    @cached_property
    def pictures_from(self) -> tuple[str, ...]:
        """Origins beside our own that pictures on the page may come from."""
        tiles = serving(self.request).settings.outside_tiles
        return () if tiles is None else (tiles.origin,)

    def render(self, template: str, **values: Any) -> Markup:
        """Fill a template."""
        return Markup(  # noqa: S704 - the environment escapes every value
            TEMPLATES.get_template(template).render(
                values
                | {
                    "assets": self.assets,
                    "clerk": self.role in CLERKS,
                    "dispatcher": self.role in DISPATCHERS,
                    "reader": self.role in READERS,
                    "href": self.href,
                    "lang": self.lang,
                    "nonce": self.nonce,
                    "other_language": self.other_language,
                    "planner": self.role in PLANNERS,
                    "root": self.root,
                    "words": self.words,
                }
            )
        )

    def answer(self, document: str, status: int = 200, framed_by: Sequence[str] = ()) -> HTMLResponse:
        """Send a document with the policy that lets nothing run but what carries this page's nonce or comes from us.

        Parameters
        ----------
        framed_by
            Origins of other sites that may show it in a frame.
        """
        headers = {
            "Cache-Control": "no-cache",
            "Content-Security-Policy": content_policy(self.nonce, framed_by, self.pictures_from),
            "Permissions-Policy": "geolocation=(self), camera=(), microphone=(), payment=(), usb=()",
            "Vary": "Cookie",
        }
        return HTMLResponse(document, status, headers)


def content_policy(nonce: str, framed_by: Sequence[str] = (), pictures_from: Sequence[str] = ()) -> str:
    """Content-Security-Policy of a page: everything from the service itself, inline only with the nonce.

    Parameters
    ----------
    framed_by
        Origins of other sites that may show the page in a frame.
    pictures_from
        Origins of other sites whose map tiles an operator has put below the grids.
    """
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' 'nonce-{nonce}'",
            f"style-src 'self' 'nonce-{nonce}'",
            " ".join(("img-src 'self' data:", *pictures_from)),
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            " ".join(("frame-ancestors 'self'", *framed_by)),
        )
    )


@router.get("/maps/grids")
def grid_map(request: Request, layer: str | None = None, as_of: str | None = None) -> Response:
    """The map of one layer's grids."""
    page = Page(request)
    asked = as_of or None
    moment = moment_or_none(request, asked)
    figure = PageFigure(
        page.assets,
        nonce=page.nonce,
        title=f"{page.words['map']} · {page.words['product']}" if page.lang == "en" else page.words["product"],
        lang=page.lang,
        root_path=page.root,
    )
    values = _map_values(page, moment, layer, asked)
    west, south, east, north = values["config"]["bounds"] or SOMEWHERE
    figure.head = page.render("map_head.html", ahead=_fetched_ahead(page, values["config"]))
    values["config"] = script_json(values["config"])
    body = page.render("map.html", **values)
    return page.answer(map_document(figure, body, [[south, west], [north, east]]))


@router.get("/maps/grids/data")
def grid_map_data(
    request: Request, layer: str | None = None, as_of: str | None = None, whole: bool = False
) -> Response:
    """What the map draws, with an ETag, compressed once; ``whole`` has every grid with its shape, however many."""
    moment = _moment(request, as_of or None)
    data = map_layers().data(moment, layer or moment.default_layer.code, whole=whole)
    return answer(request, data, "application/json")


@router.get("/assets/{path:path}")
async def asset(request: Request, path: str) -> Response:
    """One script, style or picture."""
    return asset_response(request, path)


def message_page(request: Request, problem: Mapping[str, Any]) -> HTMLResponse:
    """Tell a browser, in our layout, why there is no page: for 404, 503 and their like.

    Parameters
    ----------
    problem
        What a program would be told; its texts may hold anything.
    """
    page = Page(request)
    code, facts, status = problem["code"], problem["facts"], problem["status"]
    line = problem["detail" if page.lang == "en" else "detail_zh"]
    heading = page.words[f"{_HEADINGS.get(status, 'refused')}_title"]
    if code == "no-such-path":
        # Programs are told where to read what there is.
        heading, line = page.words["not_found_title"], page.words["not_found_text"]
    # The map says what took the place of a grid that is no more.
    on_map = page.href("/maps/grids", layer=facts["layer"], grid=facts["code"]) if code == "retired" else ""
    return page.answer(page.render("message.html", title=heading, heading=heading, line=line, on_map=on_map), status)


def script_json(value: Any) -> Markup:
    """JSON that may stand inside a script element: no character of it can end that element or start a comment."""
    text = orjson.dumps(value).decode()
    for character, escaped in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026")):
        text = text.replace(character, escaped)
    return Markup(text)  # noqa: S704 - see above


def _moment(request: Request, as_of: str | None) -> Moment:
    return current_snapshot(request).moment(instant_of(as_of, serving(request).zone))


def moment_or_none(request: Request, as_of: str | None) -> Moment | None:
    """Everything in force at an instant; None where nothing was ever read."""
    try:
        return _moment(request, as_of)
    except UnavailableError:
        return None


def _knows_addresses(page: Page) -> bool:
    """Whether the register of addresses answers now; while it does not, the pages suggest what stands on the map."""
    try:
        serving(page.request).register.current()
    except UnavailableError:
        return False
    return True


def _fetched_ahead(page: Page, config: Mapping[str, Any]) -> list[str]:
    """Addresses of what the map draws, spelt as the page's modules spell them, so that it is fetched once, ahead."""
    if config["empty"]:
        return []
    asked = {"layer": config["layer"]} | ({"as_of": config["as_of"]} if config["as_of"] else {})
    data = f"{page.root}/maps/grids/data?{urlencode(asked)}"
    return [data] if config["outside"] else [data, f"{page.root}/basemap"]


def release_told(page: Page, moment: Moment, layer: str, service: Serving) -> str:
    """Which release of a layer is in force, and since when; empty where none is."""
    release = moment.release(layer)
    if release is None:
        return ""
    name = _layer_name(page, moment, layer)
    day = local_text(release.effective_at, service.zone)[:10]
    return page.words["release_since"].format(layer=name, number=release.number, day=day)


def _layer_name(page: Page, moment: Moment, code: str) -> str:
    layer = moment.layer(code)
    return layer.name_en if page.lang == "en" and layer.name_en else layer.name


def _map_values(page: Page, moment: Moment | None, layer: str | None, as_of: str | None) -> dict[str, Any]:
    """What the template and the modules of the map page need."""
    zone = serving(page.request).zone
    instant = local_text(instant_of(as_of, zone), zone)
    day = instant[:16].replace("T", " ")
    layers = shown_layers(page, moment)
    chosen, note = chosen_layer(page, moment, layers, layer)
    config = map_config(page, moment, layers, chosen, as_of and instant) | note
    return {
        "as_of_day": day[:10],
        "attribution": attribution(page),
        "chosen_layer": config["layer"],
        "config": config,
        "empty": config["empty"],
        "fills": FILLS,
        "layers": layers,
        "no_grids": page.words["no_grids_then"].format(day=day),
        "now_link": page.href("/maps/grids", **({"layer": layer} if layer else {})),
        "release": chosen["release"] if chosen else "",
        "then": page.words["time_then"].format(day=day) if as_of else "",
        "version": page.words["data_version"].format(version=config["version"]),
    }


def attribution(page: Page) -> str:
    """Whose data the maps show, and the number under which they were approved."""
    settings = serving(page.request).settings
    number = settings.map_approval_number
    tiles = settings.outside_tiles
    ground = tiles.attribution if tiles else ""
    approved = number and page.words["approval"].format(number=number)
    return " · ".join(filter(None, (settings.attribution, ground, approved)))


def _outside(page: Page) -> dict[str, Any] | None:
    """What modules read of somebody else's map below the grids."""
    tiles = serving(page.request).settings.outside_tiles
    return None if tiles is None else {"url": tiles.url, "attribution": tiles.attribution, "shifted": tiles.shifted}


def shown_layers(page: Page, moment: Moment | None) -> list[dict[str, str]]:
    """Layers that have grids at this moment, the default first."""
    if moment is None:
        return []
    service = serving(page.request)
    return [
        {
            "code": one.code,
            "name": _layer_name(page, moment, one.code),
            "release": release_told(page, moment, one.code, service),
        }
        for one in moment.layers
        if moment.active(one.code).any()
    ]


def chosen_layer(
    page: Page, moment: Moment | None, layers: Sequence[dict[str, str]], asked: str | None
) -> tuple[dict[str, str] | None, dict[str, str]]:
    """The layer that a page shows, and what modules are to say where it is not the one that was asked for.

    Parameters
    ----------
    layers
        As `shown_layers` gives them.
    asked
        Code of a layer, from a link: there may be none of that code, or none of its grids.
    """
    chosen = next((one for one in layers if one["code"] == asked), layers[0] if layers else None)
    if moment is None or chosen is None or not asked or asked == chosen["code"]:
        return chosen, {}
    try:
        said, name = "layer_empty", _layer_name(page, moment, asked)
    except NotKnownError:
        said, name = "layer_unknown", asked if len(asked) <= _LONGEST_SAID else f"{asked[:_LONGEST_SAID]}…"
    known = ", ".join(f"{one['name']} ({one['code']})" for one in layers)
    return chosen, {"layer_note": page.words[said].format(layer=name, shown=chosen["name"], layers=known)}


def map_config(
    page: Page,
    moment: Moment | None,
    layers: Sequence[dict[str, str]],
    chosen: dict[str, str] | None,
    as_of: str | None,
) -> dict[str, Any]:
    """What modules read that show a map of the grids."""
    code = chosen["code"] if chosen else ""
    return {
        "root": page.root,
        "lang": page.lang,
        "layer": code,
        "layers": layers,
        "as_of": as_of,
        "timezone": serving(page.request).zone.key,
        "version": moment.version if moment else 0,
        "bounds": map_layers().bounds(moment, code) if moment and chosen else None,
        "fills": FILLS,
        "basemap": True,
        "outside": _outside(page),
        "theme_fills": THEME_FILLS,
        "empty": chosen is None,
        "addresses": _knows_addresses(page),
        "words": map_words(page.lang),
    }
