"""The pages of the roster: the week and the registers, and one grid with those who answer for it."""

from collections.abc import Mapping
from typing import Annotated, Any, Final
from urllib.parse import quote

import orjson
from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from geodata.errors import HoursError
from geodata.intake.kinds import KINDS, LEVELS, Field, Kind
from geodata.moment import Moment
from geodata.people.hours import open_spans, parse_hours
from geodata.succession import grid_or_retired
from geodata.times import instant, start_of
from service.dependencies import CLERKS, READERS, current_snapshot, instant_of, local_text, serving
from service.maps.blank_sheets import choices_of
from service.maps.pages import Page, moment_or_none, script_json
from service.maps.roster_words import roster_words
from service.maps.words import level_names

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

# The registers of the page, in the order of its navigation.
REGISTERS: Final = (
    "duties",
    "leave",
    "calendar",
    "workers",
    "organisations",
    "roles",
    "norms",
    "stations",
    "stops",
    "compounds",
    "buildings",
    "places",
    "matters",
    "texts",
)
_WEEK_DAYS: Final = 7
_DAY_MICROS: Final = 24 * 3600 * 1_000_000
_SHARED: Final = ("dom.js", "service.js", "session.js", "people.js", "way.js")


@router.get("/roster")
def roster(request: Request) -> Response:
    """The week's view and the registers; what the page shows it asks of the API, with the caller's session."""
    page = Page(request)
    title = f"{page.words['roster_title']} · {page.words['product']}"
    kinds = {name: _kind(page, KINDS[name]) for name in REGISTERS}
    names = {kind.name: _label(page, kind) for kind in KINDS.values()}
    config = script_json(_config(page, None) | {"kinds": kinds, "kind_names": names})
    return page.answer(page.render("roster.html", title=title, config=config, modules=_modules(page, "roster.js")))


@router.get("/roster/hours")
def hours_meaning(
    request: Request, hours: Annotated[str, Query(max_length=1000)] = "", day: Annotated[str, Query(max_length=40)] = ""
) -> Response:
    """What weekly hours mean in the seven days from a day on: their spans, or why they cannot be read.

    Nothing in it is personal, so it may stand in an address.
    """
    held = serving(request)
    begin = instant_of(day or None, held.zone)
    first = start_of(instant(begin).astimezone(held.zone).date(), held.zone)
    moment = current_snapshot(request).moment(begin)
    try:
        normal = parse_hours(hours)
    except HoursError as error:
        return _json({"hours": None, "spans": [], "message": str(error.detail), "message_zh": str(error.detail_zh)})
    calendar = moment.roster.calendar
    spans = open_spans(normal, first, first + _WEEK_DAYS * _DAY_MICROS, calendar, held.zone)
    told = [{"from": local_text(one, held.zone), "to": local_text(other, held.zone)} for one, other in spans]
    return _json({"hours": normal, "spans": told, "message": None, "message_zh": None})


@router.get("/grids/{layer}/{code:path}")
def grid_page(request: Request, layer: str, code: str, as_of: str | None = None) -> Response:
    """One grid: who answers for it, who did, what is near.

    Raises
    ------
    RetiredError
        It is no more then: what lies in its place is said.
    NotKnownError
        There is no such grid then.
    """
    page = Page(request)
    moment = moment_or_none(request, as_of or None)
    name = grid_or_retired(moment, layer, code).name if moment is not None else code
    held = serving(request)
    config = _config(page, moment) | {
        "as_of": local_text(instant_of(as_of, held.zone), held.zone) if as_of else None,
        "grid": {"layer": layer, "code": code, "name": name},
        "map": page.href("/maps/grids"),
        "now": page.href(f"/grids/{quote(layer, safe='')}/{quote(code, safe='')}"),
    }
    title = f"{name} · {page.words['product']}"
    return page.answer(
        page.render(
            "grid.html", title=title, name=name, config=script_json(config), modules=_modules(page, "grid_page.js")
        )
    )


def _json(content: Mapping[str, Any]) -> Response:
    return Response(orjson.dumps(content), headers={"Cache-Control": "no-store"}, media_type="application/json")


def _config(page: Page, moment: Moment | None) -> dict[str, Any]:
    """What the modules of both pages read."""
    moment = moment or moment_or_none(page.request, None)
    layers = () if moment is None else moment.layers
    english = page.lang == "en"
    return {
        "root": page.root,
        "lang": page.lang,
        "as_of": None,
        "timezone": serving(page.request).zone.key,
        "layers": [{"code": one.code, "name": one.name_en if english and one.name_en else one.name} for one in layers],
        "readers": READERS,
        "clerks": CLERKS,
        "words": roster_words(page.lang),
    }


def _kind(page: Page, kind: Kind) -> dict[str, Any]:
    """A kind with its fields, as `/api/v1/loads/kinds` has them, in the language of the page."""
    return {
        "name": kind.name,
        "label": _label(page, kind),
        "makes_codes": kind.makes_codes,
        "fields": [_field(page, field) for field in kind.fields if field.reader not in ("shape", "period")],
    }


def _label(page: Page, named: Kind | Field) -> str:
    return named.label_en[:1].upper() + named.label_en[1:] if page.lang == "en" else named.label


def _field(page: Page, field: Field) -> dict[str, Any]:
    english = page.lang == "en"
    choices = dict(zip(field.choices, choices_of(field, chinese=not english), strict=False))
    if field.reader == "level":
        known = level_names(page.lang)
        choices |= {level: known.get(level, level) for level in LEVELS}
    return {
        "name": field.name,
        "label": _label(page, field),
        "reader": field.reader,
        "required": field.required,
        "refers": field.refers,
        "default": field.default if isinstance(field.default, str | int | bool) else None,
        "choices": choices,
    }


def _modules(page: Page, main: str) -> list[str]:
    """Addresses of the modules that a page loads, so that none waits for another."""
    own = page.assets.modules(page.root)
    return [
        address
        for name, address in own.items()
        if name.endswith(".js")
        and (name in _SHARED or name.startswith(("kit/", "roster/")))
        and name not in ("roster/roster.js", "roster/grid_page.js")
        and (main == "roster.js" or name in (*_SHARED, "kit/notices.js", "roster/api.js", "roster/wording.js"))
    ]
