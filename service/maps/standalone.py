"""The map of one area or layer as a single file: it opens from a disk, asks for nothing, shows what everybody may know.

Drawing, search and cards are one script of our own in the file; its Content-Security-Policy lets nothing else run, and
nothing be fetched.
"""

import hashlib
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import numpy as np
import shapely
from markupsafe import Markup
from psycopg import Connection

from geodata.errors import InputError, UnavailableError
from geodata.moment import Moment
from geodata.people.answers import duty_record
from geodata.records import Area, GridVersion, Matter
from service.dependencies import local_text
from service.maps.assets import FOLDER
from service.maps.boards.words import hours_told, promised
from service.maps.joining import function_body
from service.maps.layers import grids_within, map_content
from service.maps.pages import script_json
from service.maps.palette import FILLS
from service.maps.standalone_ground import standalone_ground
from service.maps.standalone_words import standalone_words
from service.maps.templating import TEMPLATES
from service.maps.words import Language, level_names

MOST_GRIDS: Final = 5000
MOST_BYTES: Final = 24_000_000
# How far beyond the grids a station still helps those who live at the border.
_AROUND_DEGREES: Final = 0.01

_OWN: Final = FOLDER / "static" / "standalone"
# Modules that the file has in common with the map page, each behind those that it imports.
_SHARED: Final = ("dom", "canvas", "model")
_PARTS: Final = ("read.js", "ground.js", "paint.js", "move.js", "tell.js")
OpenDatabase = Callable[[], AbstractContextManager[Connection[Any]]]


@dataclass(frozen=True, slots=True)
class StandaloneMap:
    """A file to keep.

    Parameters
    ----------
    document
        HTML.
    grids
        How many it shows.
    name, plain_name
        What to call the file, in the language of its data and in ASCII; without the ending.
    """

    document: bytes
    grids: int
    name: str
    plain_name: str


@dataclass(frozen=True, slots=True)
class Wording:
    """How a file is written: its language, the local time, and what the operator wants said on each map."""

    lang: Language
    zone: ZoneInfo
    attribution: str = ""
    approval_number: str = ""
    public_url: str = ""


def standalone_map(
    moment: Moment, layer: str | None, within: str | None, as_of: int, wording: Wording, database: OpenDatabase
) -> StandaloneMap:
    """One layer's grids with their people and stations, as everybody may see them, in one file.

    Parameters
    ----------
    layer
        Its code; the default layer for None.
    within
        Code of an area whose grids alone are in it; all of the layer where None.
    as_of
        The instant that the file says it is of, microseconds since 1970-01-01 UTC.
    database
        Where the ground below the grids is read, as it is now; while it is away there is none.

    Raises
    ------
    NotKnownError
        There is no such layer or area.
    InputError
        There are no grids, or more than a file can hold and a browser can draw.
    """
    code = moment.layer(layer).code if layer else moment.default_layer.code
    area = None if within is None else moment.area(within)
    grids = grids_within(moment, code, within)
    _refuse_size(len(grids), area)
    place = area.name if area else _common_area(moment, grids) or _layer_name(moment, code, wording.lang)
    content = _content(moment, code, within, grids, wording)
    content["ground"] = _ground(moment, grids, content["origin"], database)
    document = _document(content, _told(moment, code, as_of, wording), place, wording)
    body = document.encode()
    if len(body) > MOST_BYTES:
        raise _too_large(f"{len(body) / 1e6:.0f} MB", f"{len(body) / 1e6:.0f} MB", area)
    day = local_text(as_of, wording.zone)[:10]
    return StandaloneMap(body, len(grids), f"{place[:60]}-{day}", f"map-{within or code}-{day}")


def _refuse_size(count: int, area: Area | None) -> None:
    if count == 0:
        raise InputError(
            "there are no grids here at this time; choose another area, layer or day",
            "此处此时没有网格，请换一个区域、网格类型或日期",
        )
    if count > MOST_GRIDS:
        raise _too_large(f"{count:,} grids", f"{count:,} 个网格", area, count)


def _too_large(much: str, much_zh: str, area: Area | None, count: int | None = None) -> InputError:
    most = f"{MOST_BYTES // 10**6} MB"
    below = "a smaller area" if area else "an area, such as a district or street"
    below_zh = "更小的区域" if area else "区域，例如某个区县或街道"
    return InputError(
        f"{much} are too many for one file (at most {MOST_GRIDS:,} grids, {most}): name {below}, by within",
        f"{much_zh}，一个文件装不下（至多 {MOST_GRIDS:,} 个网格、{most}）：请用 within 指定{below_zh}",
        grids=count,
        most=MOST_GRIDS,
    )


def _content(
    moment: Moment, layer: str, within: str | None, grids: Sequence[GridVersion], wording: Wording
) -> dict[str, Any]:
    content = map_content(moment, layer, within)
    people, of_grid = _people(moment, grids, wording)
    for drawn in content["grids"]:
        drawn["people"] = of_grid[drawn["code"]]
    names = level_names(wording.lang)
    return content | {
        "fills": FILLS,
        "lang": wording.lang,
        "levels": {area["level"]: names.get(area["level"], area["level"]) for area in content["areas"]}
        | {person["via"]: names.get(person["via"], person["via"]) for person in people},
        "people": people,
        "matters": [_matter(moment, matter, wording.lang) for matter in sorted(moment.matters, key=_position)],
        "stations": _stations(moment, content["stations"], grids, wording.lang),
        "words": standalone_words(wording.lang),
    }


def _ground(
    moment: Moment, grids: Sequence[GridVersion], origin: Sequence[int], database: OpenDatabase
) -> Mapping[str, Any]:
    west, south, east, north = shapely.total_bounds([moment.geometry(grid) for grid in grids]).tolist()
    try:
        with database() as connection:
            return standalone_ground(connection, (west, south, east, north), np.array(origin, dtype=np.int64))
    except UnavailableError:
        return {}


def _people(
    moment: Moment, grids: Sequence[GridVersion], wording: Wording
) -> tuple[list[dict[str, Any]], dict[str, list[int]]]:
    """Everybody once, and for each grid the places of its people in that list."""
    places: dict[tuple[Any, ...], int] = {}
    people: list[dict[str, Any]] = []
    of_grid: dict[str, list[int]] = {}
    for grid in grids:
        of_grid[grid.code] = []
        for person in moment.people(grid):
            told = _person(duty_record(person, unmasked=False, zone=wording.zone), wording.lang)
            key = tuple(told.values())
            if key not in places:
                places[key] = len(people)
                people.append(told)
            of_grid[grid.code].append(places[key])
    return people, of_grid


def _person(record: dict[str, Any], lang: Language) -> dict[str, Any]:
    return {
        "role": record["role"],
        "role_name": record["role_name_en"] if lang == "en" and record["role_name_en"] else record["role_name"],
        "duties": record["duties_en"] if lang == "en" and record["duties_en"] else record["duties"],
        "name": record["name"],
        "phone": record["phone"],
        "stand_in": record["assignment"] != "primary",
        "via": record["via"],
        "hours": hours_told(record["hours"], lang),
        "away": record["reason"] == "on_leave",
    }


def _position(matter: Matter) -> int:
    return matter.position


def _matter(moment: Moment, matter: Matter, lang: Language) -> dict[str, Any]:
    role = next((role for role in moment.roles.values() if role.role_id == matter.role_id), None)
    office = next((one for one in moment.workers if one.holder_id == matter.organisation_id), None)
    role_name = "" if role is None else role.name_en if lang == "en" and role.name_en else role.name
    return {
        "name": matter.name_en if lang == "en" and matter.name_en else matter.name,
        "role": role.code if role else None,
        "who": office.name if office else role_name,
        "phone": matter.phone or (office.phone if office and office.phone_public else ""),
        "promised": promised(matter.promised_minutes, lang),
    }


def _stations(
    moment: Moment, drawn: Sequence[dict[str, Any]], grids: Sequence[GridVersion], lang: Language
) -> list[dict[str, Any]]:
    """The stations in and around the grids, with what else is public of them."""
    west, south, east, north = shapely.total_bounds([moment.geometry(grid) for grid in grids])
    known = {station.code: station for station in moment.stations}
    return [
        one | {"phone": known[one["code"]].phone, "hours": hours_told(known[one["code"]].hours, lang)}
        for one in drawn
        if west - _AROUND_DEGREES <= one["point"][0] <= east + _AROUND_DEGREES
        and south - _AROUND_DEGREES <= one["point"][1] <= north + _AROUND_DEGREES
    ]


def _told(moment: Moment, layer: str, as_of: int, wording: Wording) -> dict[str, str]:
    """What stands at the foot: of when and from whom it all is."""
    words, release = standalone_words(wording.lang), moment.release(layer)
    day = "" if release is None else local_text(release.effective_at, wording.zone)[:10]
    told = (
        _layer_name(moment, layer, wording.lang),
        "" if release is None else words["release"].format(number=release.number, day=day),
        words["version"].format(version=moment.version),
    )
    number = wording.approval_number
    approved = number and words["approval"].format(number=number)
    asked = urlencode({"layer": layer} | ({"lang": "en"} if wording.lang == "en" else {}))
    return {
        "attribution": " · ".join(filter(None, (wording.attribution, approved))),
        "kept": words["kept"].format(time=local_text(as_of, wording.zone)[:16].replace("T", " ")),
        "live": f"{wording.public_url}/maps/grids?{asked}" if wording.public_url else "",
        "source": " · ".join(filter(None, told)),
    }


def _document(content: dict[str, Any], told: dict[str, str], place: str, wording: Wording) -> str:
    words = content["words"]
    script, style = _script(), _style()
    return TEMPLATES.get_template("standalone.html").render(
        **told,
        data=script_json(content | {"live": told["live"]}),
        fills=FILLS,
        lang=wording.lang,
        place=place,
        policy=_policy(script, style),
        script=script,
        style=style,
        title=words["title_of_grids" if place.endswith("网格") else "title"].format(place=place),
        words=words,
    )


def _policy(script: Markup, style: Markup) -> str:
    """Nothing runs or is drawn with but the one script and the one style, told by their digests; nothing is fetched."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src '{_digest(script)}'",
            f"style-src '{_digest(style)}'",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _digest(text: str) -> str:
    return f"sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


@lru_cache(maxsize=1)
def _script() -> Markup:
    """The viewer: its parts, of which nothing is known outside."""
    shared = "".join(_shared(name) for name in _SHARED)
    parts = "\n".join((_OWN / part).read_text(encoding="utf-8") for part in _PARTS)
    script = f'(() => {{\n"use strict";\nconst SHARED = {{}};\n{shared}{parts}}})();\n'
    return Markup(script)  # noqa: S704 - nothing of the data is in it


def _shared(name: str) -> str:
    """A module of the map page as a part of one script: what it exports stands at ``SHARED`` below its name."""
    text = (FOLDER / "static" / f"{name}.js").read_text(encoding="utf-8")
    body = function_body(text, lambda address: f"SHARED.{Path(address).stem}", name)
    return f"SHARED.{name} = (() => {{\n{body}}})();\n"


@lru_cache(maxsize=1)
def _style() -> Markup:
    return Markup((_OWN / "standalone.css").read_text(encoding="utf-8"))  # noqa: S704 - nothing of the data is in it


def _common_area(moment: Moment, grids: Sequence[GridVersion]) -> str:
    """Name of the lowest area that all grids lie in; empty where there is none."""
    chains = [moment.area_chain(community_id) for community_id in {grid.community_id for grid in grids}]
    return next((area.name for area in chains[0] if all(area in chain for chain in chains)), "")


def _layer_name(moment: Moment, code: str, lang: Language) -> str:
    layer = moment.layer(code)
    return layer.name_en if lang == "en" and layer.name_en else layer.name
