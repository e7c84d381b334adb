"""The home page and the help."""

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from geodata.moment import Moment
from service.dependencies import Serving, serving
from service.maps.pages import Page, moment_or_none, release_told, script_json
from service.maps.palette import FILLS

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/")
def home(request: Request) -> Response:
    """What this is, a search box, the figures of the data in force."""
    page = Page(request)
    found = moment_or_none(request, None)
    facts = _facts(page, found, serving(request)) if found is not None and _has_grids(found) else None
    config = script_json({"data": f"{page.root}/maps/grids/data", "fills": FILLS, "root": page.root})
    return page.answer(page.render("home.html", title=page.words["product"], facts=facts, config=config))


@router.get("/help")
def help_page(request: Request) -> Response:
    """How to use what there is."""
    page = Page(request)
    template = "help.en.html" if page.lang == "en" else "help.zh.html"
    title = f"{page.words['help']} · {page.words['product']}"
    base = f"{request.url.scheme}://{request.url.netloc}{page.root}"
    return page.answer(page.render(template, title=title, base=base, example=_example_point(request)))


def _example_point(request: Request) -> tuple[float, float]:
    """A point that the data covers, where there is data."""
    moment = moment_or_none(request, None)
    grids = moment.grids(moment.default_layer.code) if moment is not None else ()
    if moment is None or not grids:
        return 117.0201, 36.6702
    inside = moment.geometry(grids[len(grids) // 2]).representative_point()
    return inside.x, inside.y


def _has_grids(moment: Moment) -> bool:
    return any(moment.active(layer.code).any() for layer in moment.layers)


def _facts(page: Page, moment: Moment, service: Serving) -> dict[str, Any]:
    grids = moment.grids(moment.default_layer.code)
    communities = {grid.community_id for grid in grids} - {None}
    workers = sum(holder.kind == "worker" for holder in moment.workers)
    counts = (
        (len(grids), "figure_grids"),
        (len(communities), "figure_communities"),
        (workers, "figure_workers"),
        (len(moment.stations), "figure_stations"),
    )
    return {
        "figures": [(f"{count:,}", page.words[unit]) for count, unit in counts],
        "release": release_told(page, moment, moment.default_layer.code, service),
        "version": page.words["data_version"].format(version=moment.version),
    }
