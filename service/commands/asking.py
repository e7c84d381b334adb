"""The command ``gridmap lookup``: who covers a point, printed."""

import sys
import time
from typing import Any

import orjson
from rich.markup import escape

from geodata.crs import parse_crs, point_to_wgs84
from geodata.errors import InputError
from geodata.lookup import lookup_point
from geodata.times import parse_time
from service.commands.known import latest_snapshot
from service.commands.screen import either, metres, output
from service.commands.state import database_url
from service.settings import Settings

LEVELS_ZH = {
    "grid": "网格",
    "community": "社区",
    "sub_area": "片区",
    "street": "街道",
    "district": "区县",
    "city": "市",
}


def point_of(text: str) -> tuple[float, float]:
    """Longitude and latitude of a text ``LON,LAT``; a full-width comma or a blank between them will do.

    Raises
    ------
    InputError
        It is no pair of numbers.
    """
    parts = text.replace("，", ",").replace(",", " ").split()
    try:
        x, y = (float(part) for part in parts)
    except ValueError:
        raise InputError(
            f"{text!r} is not a point: write LON,LAT in degrees, such as 117.0,36.65",
            f"“{text}”不是坐标：请写成 经度,纬度，例如 117.0,36.65",
        ) from None
    return x, y


def lookup(settings: Settings, text: str, *, crs: str, layer: str | None, as_of: str | None, as_json: bool) -> bool:
    """Print who covers a point; says whether any grid does.

    Raises
    ------
    InputError
        The point, datum or time cannot be read.
    NotKnownError
        There is no such layer.
    """
    x, y = point_of(text)
    lon, lat = point_to_wgs84(x, y, parse_crs(crs))
    instant = parse_time(as_of, zone=settings.zone) if as_of else time.time_ns() // 1000
    with database_url(settings) as url:
        answer = lookup_point(latest_snapshot(settings, url).moment(instant), lon, lat, layer=layer, unmasked=True)
    if as_json:
        sys.stdout.flush()
        sys.stdout.buffer.write(orjson.dumps(answer, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    else:
        _show(answer)
    return bool(answer["status"] == "found")


def _show(answer: dict[str, Any]) -> None:
    for warning in answer["warnings"]:
        output.print(f"[yellow]{escape(either(warning['message'], warning['message_zh']))}[/]")
    told: set[tuple[str, str, str]] = set()
    for grid in answer["grids"]:
        _show_grid(grid, told)
    for station in answer["grids"][0]["stations"] if answer["grids"] else ():
        _show_station(station)
    if not answer["grids"]:
        output.print(either("No grid covers this point.", "没有网格覆盖该点。"))
    for near in answer["nearest"]:
        name, far = escape(f"{near['name']} {near['code']}"), metres(near["metres"])
        output.print(
            either(f"Nearest: {name} ({near['layer']}), {far} away", f"最近：{name}（{near['layer']}），距 {far}")
        )


def _show_grid(grid: dict[str, Any], told: set[tuple[str, str, str]]) -> None:
    """Print a grid and its people; who answers for a whole community or street, and is told already, is left out."""
    areas = escape(" › ".join(area["name"] for area in reversed(grid["areas"])))
    output.print(f"[bold]{escape(grid['name'])}[/] {escape(grid['code'])} [dim]{grid['layer']}[/]  {areas}")
    other = grid["nearest_other"]
    if other is not None:
        far, name = metres(other["metres"]), escape(other["name"])
        output.print(f"  [dim]{either(f'{far} from {name}', f'距{name} {far}')}[/]")
    if not grid["workers"]:
        output.print(f"  {either('Nobody is on duty here.', '无人在岗。')}")
    for person in grid["workers"]:
        key = (person["role"], person["name"], person["via"])
        if person["via"] == "grid" or key not in told:
            _show_person(person)
        told.add(key)


def _show_person(person: dict[str, Any]) -> None:
    stand_in = either(" (stand-in)", "（代班）") if person["assignment"] == "stand_in" else ""
    via = either(person["via"], LEVELS_ZH.get(person["via"], person["via"]))
    output.print(
        f"  {escape(person['role_name'])}{stand_in}  {escape(person['name'])}  {escape(person['phone'])}"
        f"  [dim]{escape(via)}[/]"
    )


def _show_station(station: dict[str, Any]) -> None:
    minutes, far = station["walk_minutes"], metres(station["metres"])
    said = either(f"{minutes:g} min walk, {far} (straight line)", f"步行约 {minutes:g} 分钟，{far}（直线）")
    output.print(f"{escape(station['name'])}  [dim]{said}[/]")
