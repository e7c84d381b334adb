"""The dispatcher's page: what a caller says goes in, whom to call comes out."""

from typing import Any, Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from service.dependencies import DISPATCHERS
from service.maps.dispatch_words import dispatch_words
from service.maps.pages import Page, map_config, moment_or_none, script_json, shown_layers

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

_SHARED: Final = frozenset(
    {
        "card.js",
        "coordinates.js",
        "differing.js",
        "dom.js",
        "model.js",
        "painter.js",
        "people.js",
        "service.js",
        "session.js",
        "way.js",
        "kit/notices.js",
    }
)


@router.get("/dispatch")
def dispatch(request: Request) -> Response:
    """The page; what is typed on it is asked by bodies and stands in no address, title or log."""
    page = Page(request)
    config = _dispatch_config(page)
    title = f"{page.words['dispatch_title']} · {page.words['product']}"
    values = {"config": script_json(config), "empty": config["empty"], "modules": _modules(page)}
    return page.answer(page.render("dispatch.html", title=title, **values))


def _dispatch_config(page: Page) -> dict[str, Any]:
    """What the modules of the page read: all that a map needs, with the words of this page."""
    moment = moment_or_none(page.request, None)
    layers = shown_layers(page, moment)
    config = map_config(page, moment, layers, layers[0] if layers else None, None)
    return config | {"pinners": DISPATCHERS, "words": dispatch_words(page.lang)}


def _modules(page: Page) -> list[str]:
    """Addresses of the modules that the page loads, so that none waits for another."""
    own = page.assets.modules(page.root)
    return [
        address
        for name, address in own.items()
        if name.endswith(".js") and (name in _SHARED or name.startswith("dispatch/")) and name != "dispatch/dispatch.js"
    ]
