"""The page on which printing is chosen: the wall map of an area, the boards of its grids and compounds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from geodata.errors import UnavailableError
from geodata.moment import Moment
from geodata.records import Area, GridVersion
from service.dependencies import READERS, instant_of, local_text, now_micros, serving
from service.maps.boards.ground import MOST_GRIDS, ground_of
from service.maps.pages import Page, moment_or_none, script_json
from service.maps.print_words import print_words
from service.maps.wall_making import SIZES
from service.maps.words import map_words

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

BOARD_SIZES: Final = ("A4", "A3", "600x900")
_MOST_CHOICES: Final = 1500
_MOST_LISTED: Final = 200
_SHARED: Final = ("dom.js", "service.js", "session.js")


@dataclass(frozen=True, slots=True)
class _Chosen:
    """What the request asks about."""

    page: Page
    moment: Moment
    layer: str
    area: Area | None
    as_of: str | None
    grids: Sequence[GridVersion]


@router.get("/maps/print")
def print_page(
    request: Request,
    area: str | None = None,
    layer: str | None = None,
    theme: str | None = None,
    as_of: str | None = None,
) -> Response:
    """Choose an area, a kind and a paper; whoever has no key chooses among boards."""
    page = Page(request)
    own = print_words(page.lang)
    moment = moment_or_none(request, as_of or None)
    title = f"{own['title']} · {page.words['product']}"
    config = {"root": page.root, "lang": page.lang, "words": map_words(page.lang)}
    values: dict[str, Any] = {"title": title, "own": own, "config": script_json(config), "modules": _modules(page)}
    if moment is None or not any(moment.active(one.code).any() for one in moment.layers):
        return page.answer(page.render("print.html", **values, choice=None))
    chosen = _chosen(page, moment, area or None, layer or None, as_of or None)
    return page.answer(page.render("print.html", **values, choice=_values(chosen) | {"theme": theme or ""}))


def _chosen(page: Page, moment: Moment, area: str | None, layer: str | None, as_of: str | None) -> _Chosen:
    """The request, read; what holds everything is meant where no area is named."""
    code = moment.layer(layer).code if layer else moment.default_layer.code
    tops = moment.children(None)
    found = moment.area(area) if area else tops[0] if len(tops) == 1 else None
    inside = None if found is None else moment.within(found.code)
    grids = [grid for grid in moment.grids(code) if inside is None or grid.community_id in inside]
    return _Chosen(page, moment, code, found, as_of, grids)


def _values(chosen: _Chosen) -> dict[str, Any]:
    page, moment = chosen.page, chosen.moment
    own = print_words(page.lang)
    name = chosen.area.name if chosen.area else own["everything"]
    zone = serving(page.request).zone
    day = local_text(instant_of(chosen.as_of, zone), zone)[:10]
    listed = len(chosen.grids) <= _MOST_LISTED
    return {
        "action": page.href("/maps/print").partition("?")[0],
        "area": chosen.area.code if chosen.area else "",
        "areas": list(_areas(chosen)),
        "as_of": chosen.as_of or "",
        "board": _board(chosen, "area", chosen.area.code, own["of_area"].format(name=name))
        if chosen.area and 0 < len(chosen.grids) <= MOST_GRIDS
        else None,
        "board_sizes": list(BOARD_SIZES),
        "boards": f"{page.root}/api/v1/boards",
        "chosen": own["chosen"].format(name=name, grids=f"{len(chosen.grids):,}"),
        "compounds": _compounds(chosen) if listed else [],
        "grids": [_board(chosen, "grid", one.code, one.name) for one in chosen.grids] if listed else [],
        "layer": chosen.layer,
        "layers": [
            (one.code, one.name_en if page.lang == "en" and one.name_en else one.name)
            for one in moment.layers
            if moment.active(one.code).any()
        ],
        "then": own["then"].format(day=day) if chosen.as_of else "",
        "themes": list(_themes(chosen)),
        "too_many": own["board_too_many"].format(most=MOST_GRIDS) if len(chosen.grids) > MOST_GRIDS else "",
        "wall": f"{page.root}/api/v1/wall-map",
        "wall_sizes": SIZES,
        "some": bool(chosen.grids),
    }


def _areas(chosen: _Chosen) -> Iterator[tuple[str, str]]:
    """Codes and names to choose from, those below indented; of very many only those around what is chosen."""
    moment = chosen.moment
    if len(moment.areas) <= _MOST_CHOICES:
        yield from _tree(moment, None, 0)
        return
    chain = list(reversed(moment.area_chain(chosen.area.area_id))) if chosen.area else []
    for depth, area in enumerate(chain):
        yield area.code, "\u3000" * depth + area.name
    for child in moment.children(chosen.area.code if chosen.area else None):
        yield child.code, "\u3000" * len(chain) + child.name


def _tree(moment: Moment, code: str | None, depth: int) -> Iterator[tuple[str, str]]:
    for area in moment.children(code):
        yield area.code, "\u3000" * depth + area.name
        yield from _tree(moment, area.code, depth + 1)


def _board(chosen: _Chosen, kind: str, code: str, name: str) -> dict[str, Any]:
    """A board with the address of its page."""
    page = chosen.page
    fields = {"layer": chosen.layer, kind: code} | ({"as_of": chosen.as_of} if chosen.as_of else {})
    return {"code": code, "name": name, "look": page.href("/maps/boards", **fields)}


def _compounds(chosen: _Chosen) -> list[dict[str, Any]]:
    """Compounds that have buildings in the grids."""
    buildings = ground_of(chosen.moment, chosen.layer).buildings
    ids = {one.compound_id for grid in chosen.grids for one in buildings.get(grid.position, ())}
    found = [compound for one in ids if (compound := chosen.moment.compound_by_id(one)) is not None]
    return [_board(chosen, "compound", one.code, one.name) for one in sorted(found, key=lambda one: one.code)]


def _themes(chosen: _Chosen) -> Iterator[tuple[str, str]]:
    """Codes and names of what grids can be coloured by, for those who may print wall maps."""
    if chosen.page.role not in READERS:
        return
    held = serving(chosen.page.request)
    try:
        loaded = held.themes.loaded(held.database, now_micros())
    except UnavailableError:
        loaded = None
    for theme in held.themes.themes(chosen.moment, chosen.layer, None, "", loaded).values():
        yield theme.code, theme.names[chosen.page.lang == "en"]


def _modules(page: Page) -> list[str]:
    own = page.assets.modules(page.root)
    return [address for name, address in own.items() if name in _SHARED]
