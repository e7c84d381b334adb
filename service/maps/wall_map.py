"""The wall map of a community, street or district: one page of paper from A4 to A0, vector, fonts embedded."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from markupsafe import Markup, escape

from geodata.basemap import BaseShapes
from service.maps.lettering import clean, fitted, width_of
from service.maps.paper import FONT, LaidOut, lay_out
from service.maps.paper_ground import DETAIL_MILLIMETRES
from service.maps.quick_code import quick_code
from service.maps.sheet import Bounds, written
from service.maps.wall_drawing import draw_map
from service.maps.wall_facts import Orientation, PaperSize, WallMap
from service.maps.wall_legend import GROUND, legend_rows
from service.maps.wall_panel import QUIET, Row, drawn, flowed
from service.maps.wall_plan import Plan, panel_rows, planned
from service.maps.wall_words import wall_words

Ground = Callable[[Bounds, float], BaseShapes]
"""Gives what lies below the grids in a box, in the detail of so many metres."""

_ACCENT: Final = "#124aa3"
_PAGE: Final = (
    '<!DOCTYPE html><html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title><style>'
    "@page {{ size: {width}mm {height}mm; margin: 0 }} html, body {{ margin: 0 }} "
    "img {{ display: block; width: {width}mm; height: {height}mm }}</style></head>"
    '<body><img src="own:map.svg" alt="{title}"></body></html>'
)


def wall_map(wall: WallMap, ground: Ground, size: PaperSize, orientation: Orientation | None = None) -> LaidOut:
    """The map on its page.

    Parameters
    ----------
    ground
        Asked once, for what the frame shows.
    orientation
        None for whichever shows the ground larger.
    """
    plan = planned(wall, size, orientation, partial(legend_rows, wall, numbered_stations=True))
    base = ground(plan.sheet.frame_bounds, plan.sheet.metres_per_millimetre * DETAIL_MILLIMETRES)
    svg = _page(wall, plan, base)
    page = _PAGE.format(lang=wall.lang, title=escape(clean(title_of(wall))), width=plan.width, height=plan.height)
    return lay_out(page, {"map.svg": svg.encode()})


def title_of(wall: WallMap) -> str:
    """What stands above the map."""
    words = wall_words(wall.lang)
    layer = f"{wall.layer} " if wall.layer and wall.lang == "en" else wall.layer
    title = words["title" if wall.place else "title_alone"].format(place=wall.place, layer=layer)
    return title[:1].upper() + title[1:]


def _page(wall: WallMap, plan: Plan, base: BaseShapes) -> Markup:
    shown = [kind for kind in GROUND if len(getattr(base, kind))]
    numbered = plan.told.stations != "none"
    legend = partial(legend_rows, wall, numbered_stations=numbered, ground=shown)
    columns: Sequence[Sequence[Row]] = []
    if plan.columns:
        rows = panel_rows(wall, plan.told, plan.letters, legend)
        columns = flowed(rows, plan.panel.height, plan.columns) or []
    sheet = draw_map(wall, plan, base, () if plan.columns else legend(plan.letters.body))
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" width="{w}mm" height="{h}mm" viewBox="0 0 {w} {h}" '
        'font-family="{font}, sans-serif"><rect width="{w}" height="{h}" fill="#ffffff"/>{header}'
        '<g transform="translate({x:.2f} {y:.2f})">{map}</g>{panel}{footer}</svg>'
    ).format(
        w=plan.width,
        h=plan.height,
        font=FONT,
        header=_header(wall, plan),
        x=plan.map.x,
        y=plan.map.y,
        map=sheet.group(furniture=False),
        panel=drawn(columns, plan.panel.x, plan.panel.y, plan.panel.width, plan.gap, max(plan.columns, 1)),
        footer=_footer(wall, plan),
    )


def _header(wall: WallMap, plan: Plan) -> Markup:
    """Title, what it lies in and how much there is; the code of the live page on the right."""
    box, letters = plan.header, plan.letters
    code = letters.code if wall.link else 0.0
    room = box.width - (code + letters.body * 10 if wall.link else 0)
    title = clean(title_of(wall))
    size = min(letters.title, letters.title * room / max(width_of(title, letters.title, bold=True), 1.0))
    size = max(size, letters.body * 1.4)
    foot = box.y + box.height - letters.body * 2.2
    said = letters.body * 1.15
    parts = [
        written(
            box.x, foot - letters.body * 0.9, fitted(title, room, size, bold=True), size=size, bold=True, anchor="start"
        ),
        written(
            box.x, foot + said * 1.05, fitted(facts_line(wall), room, said), size=said, colour=QUIET, anchor="start"
        ),
        Markup('<path d="M{:.2f} {:.2f}h{:.2f}" stroke="{}" stroke-width="{:.2f}"/>').format(
            box.x, box.y + box.height + letters.body * 0.35, box.width, _ACCENT, 0.5 * letters.weight
        ),
    ]
    if wall.link:
        left = box.x + box.width - code
        parts.append(quick_code(wall.link, left, box.y + box.height - code, code))
        hint = wall_words(wall.lang)["scan"]
        parts.append(
            written(left - letters.body * 0.3, foot + said * 1.05, hint, size=letters.body, colour=QUIET, anchor="end")
        )
    return Markup("").join(parts)


def facts_line(wall: WallMap) -> str:
    """What it lies in, and how much there is of everything."""
    words = wall_words(wall.lang)
    known = [
        (words["grids"], words["grid_count"], f"{len(wall.grids):,}"),
        (words["households"], words["household_count"], _number(wall.households)),
        (words["persons"], words["person_count"], _number(wall.persons)),
        (words["area"], *_area(wall)),
        (words["stations"], words["station_count"], _number(len(wall.stations) or None)),
    ]
    facts = " · ".join(f"{name} {form.format(count=value, area=value)}" for name, form, value in known if value)
    return f"{' › '.join(wall.above)} ｜ {facts}" if wall.above else facts


def _number(value: int | None) -> str:
    return "" if value is None else f"{value:,}"


def _area(wall: WallMap) -> tuple[str, str]:
    words = wall_words(wall.lang)
    if wall.square_metres >= 1_000_000:
        return words["square_kilometres"], f"{wall.square_metres / 1e6:,.1f}"
    return words["hectares"], f"{wall.square_metres / 1e4:,.1f}"


def _footer(wall: WallMap, plan: Plan) -> Markup:
    """Release, dates and datum on the left; whose data, and the approval number, on the right or below."""
    words, box, size = wall_words(wall.lang), plan.footer, plan.letters.body * 0.86
    left = " · ".join(
        one
        for one in (
            wall.release,
            words["as_of"].format(day=wall.as_of),
            words["made_on"].format(day=wall.made_on),
            words["datum"],
        )
        if one
    )
    approval = words["approval"].format(number=wall.approval_number) if wall.approval_number else ""
    right = " · ".join(one for one in (clean(wall.attribution), clean(approval)) if one)
    foot = box.y + size * 1.05
    together = width_of(left, size) + width_of(right, size) + size * 2 <= box.width
    at, anchor, y = (box.x + box.width, "end", foot) if together else (box.x, "start", foot + size * 1.35)
    return written(box.x, foot, left, size=size, colour=QUIET, anchor="start") + written(
        at, y, fitted(right, box.width, size), size=size, colour=QUIET, anchor=anchor
    )
