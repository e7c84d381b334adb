"""The clerk's desk: the page that takes files, and empty sheets to fill in."""

from typing import Any, Final
from urllib.parse import quote

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from geodata.intake.kinds import KINDS, Field, Kind, known_kind
from service.dependencies import serving
from service.maps.blank_sheets import MEDIA_TYPE, blank_sheet, choices_of
from service.maps.desk_words import desk_words
from service.maps.pages import Page, moment_or_none, script_json, shown_layers
from service.maps.palette import FILLS

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

MEGABYTE: Final = 1_000_000


@router.get("/load")
def desk(request: Request) -> Response:
    """The page for files that clerks bring; what it shows it asks of the API, with the caller's session."""
    page = Page(request)
    title = f"{page.words['desk_title']} · {page.words['product']}"
    config = script_json(_desk_config(page))
    return page.answer(page.render("load.html", title=title, config=config, modules=_modules(page)))


@router.get("/load/blank/{kind}.xlsx")
def blank(request: Request, kind: str) -> Response:
    """An empty workbook for one kind, in the language of the page; NotKnownError where there is no such kind."""
    page = Page(request)
    known = known_kind(kind)
    chinese = page.lang != "en"
    name = f"{known.label if chinese else known.name}.xlsx"
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}", "Cache-Control": "no-cache"}
    return Response(blank_sheet(known, chinese=chinese, words=page.words), headers=headers, media_type=MEDIA_TYPE)


def _desk_config(page: Page) -> dict[str, Any]:
    """What the modules of the desk read."""
    held = serving(page.request)
    layers = shown_layers(page, moment_or_none(page.request, None))
    return {
        "root": page.root,
        "lang": page.lang,
        "as_of": None,
        "timezone": held.zone.key,
        "max_bytes": held.settings.max_load_megabytes * MEGABYTE,
        "kinds": [_kind(page, kind) for kind in KINDS.values()],
        "layers": layers,
        "layer": layers[0]["code"] if layers else "",
        "fills": FILLS,
        "words": desk_words(page.lang),
    }


def _kind(page: Page, kind: Kind) -> dict[str, Any]:
    english = page.lang == "en"
    return {
        "name": kind.name,
        "label": kind.label_en[:1].upper() + kind.label_en[1:] if english else kind.label,
        "shape": kind.shape,
        # The fields that codes are made from where the clerk asks for it.
        "codes_from": [] if kind.makes_codes else [_label(page, kind.field(name)) for name in kind.code_from],
        "template": page.href(f"/load/blank/{kind.name}.xlsx").removeprefix(page.root),
        "fields": [
            {
                "name": field.name,
                "label": _label(page, field),
                "required": field.required,
                "gives": field.gives,
                "choices": dict(zip(field.choices, choices_of(field, chinese=not english), strict=False)),
            }
            for field in kind.columns
        ],
    }


def _label(page: Page, field: Field) -> str:
    return field.label_en if page.lang == "en" else field.label


def _modules(page: Page) -> list[str]:
    """Addresses of the modules that the desk loads, so that none waits for another."""
    shared = {"dom.js", "service.js", "session.js", "model.js", "painter.js"}
    own = page.assets.modules(page.root)
    return [
        address
        for name, address in own.items()
        if name.endswith(".js") and (name in shared or name.startswith(("kit/", "desk/"))) and name != "desk/desk.js"
    ]
