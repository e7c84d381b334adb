"""The pages on which planners redraw a layer: the list of drafts, and the editor of one."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from service.dependencies import PLANNERS, serving
from service.maps.figure import PageFigure, map_document
from service.maps.pages import SOMEWHERE, Page, map_config, moment_or_none, script_json, shown_layers
from service.maps.plan_words import plan_page_words, plan_words

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

_LARGEST_ID: Final = 2**63 - 1
_Release = Annotated[int, Path(ge=1, le=2**31 - 1)]
_LIST_MODULES: Final = ("dom.js", "service.js", "session.js", "plan/asking.js", "plan/wording.js")


@router.get("/maps/plan")
def drafts_page(request: Request) -> Response:
    """All drafts; what the page shows it asks of the API, with the caller's session."""
    page = Page(request)
    own = plan_page_words(page.lang)
    title = f"{own['title']} · {page.words['product']}"
    moment = moment_or_none(request, None)
    layers = shown_layers(page, moment)
    config = script_json(_shared_config(page) | {"layers": layers, "layer": layers[0]["code"] if layers else ""})
    return page.answer(page.render("plan_list.html", title=title, own=own, config=config, modules=_list_modules(page)))


@router.get("/maps/plan/{draft:int}")
def draft_page(request: Request, draft: Annotated[int, Path(ge=1, le=_LARGEST_ID)]) -> Response:
    """The editor of a draft: the same page whether there is such a draft or not, since only planners may know."""
    return _map_page(Page(request), "plan", None, {"draft": draft})


@router.get("/maps/diff/{layer}/{first:int}/{second:int}")
def difference_page(request: Request, layer: str, first: _Release, second: _Release) -> Response:
    """Two releases of a layer, one map swiped over the other; which there are only planners are told."""
    return _map_page(Page(request), "diff", layer, {"layer": layer, "first": first, "second": second})


def _map_page(page: Page, name: str, layer: str | None, own_config: dict[str, Any]) -> Response:
    """A page with a map whose modules are those of a name; the map begins where a layer is, or the default."""
    own = plan_page_words(page.lang)
    title = own["diff_title" if name == "diff" else "title"]
    figure = PageFigure(
        page.assets,
        nonce=page.nonce,
        title=f"{title} · {page.words['product']}",
        lang=page.lang,
        root_path=page.root,
        body_class=f"map-page plan-page {name}-page",
    )
    figure.head = page.render("plan_head.html", script=name)
    moment = moment_or_none(page.request, None)
    layers = shown_layers(page, moment)
    chosen = next((one for one in layers if one["code"] == layer), layers[0] if layers else None)
    config = map_config(page, moment, layers, chosen, None) | _shared_config(page) | own_config
    template = "plan_diff.html" if name == "diff" else "plan.html"
    body = page.render(template, own=own, config=script_json(config))
    west, south, east, north = config["bounds"] or SOMEWHERE
    return page.answer(map_document(figure, body, [[south, west], [north, east]]))


def _shared_config(page: Page) -> dict[str, Any]:
    """What the modules of both pages read."""
    return {
        "root": page.root,
        "lang": page.lang,
        "as_of": None,
        "timezone": serving(page.request).zone.key,
        "planners": PLANNERS,
        "words": plan_words(page.lang),
    }


def _list_modules(page: Page) -> list[str]:
    """Addresses of the modules that the list loads, so that none waits for another."""
    own = page.assets.modules(page.root)
    return [
        address
        for name, address in own.items()
        if name.endswith(".js") and (name in _LIST_MODULES or name.startswith("kit/"))
    ]
