"""The command ``gridmap lookup``: who covers a point, printed."""

import time
from typing import Any

import orjson
from rich.markup import escape

from geodata.crs import parse_crs, point_to_wgs84
from geodata.errors import InputError
from geodata.lookup import lookup_point
from geodata.times import parse_time
from service.commands.screen import either, output
from service.commands.state import database_url, latest_snapshot
from service.settings import Settings


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
    instant = parse_time(as_of) if as_of else time.time_ns() // 1000
    with database_url(settings) as url:
        answer = lookup_point(latest_snapshot(settings, url).moment(instant), lon, lat, layer=layer, unmasked=True)
    if as_json:
        print(orjson.dumps(answer, option=orjson.OPT_INDENT_2).decode())  # noqa: T201
    else:
        _show(answer)
    return bool(answer["status"] == "found")


def _show(answer: dict[str, Any]) -> None:
    for warning in answer["warnings"]:
        output.print(f"[yellow]{escape(either(warning['message'], warning['message_zh']))}[/]")
    for grid in answer["grids"]:
        _show_grid(grid)
    for station in answer["grids"][0]["stations"] if answer["grids"] else ():
        _show_station(station)
    if not answer["grids"]:
        output.print(either("No grid covers this point.", "没有网格覆盖该点。"))
    for near in answer["nearest"]:
        name = escape(near["name"])
        output.print(
            either(
                f"Nearest: {name} {near['code']} ({near['layer']}), {near['metres']:g} m away",
                f"最近：{name} {near['code']}（{near['layer']}），距 {near['metres']:g} 米",
            )
        )


def _show_grid(grid: dict[str, Any]) -> None:
    areas = escape(" › ".join(area["name"] for area in reversed(grid["areas"])))
    output.print(f"[bold]{escape(grid['name'])}[/] {escape(grid['code'])} [dim]{grid['layer']}[/]  {areas}")
    for person in grid["workers"]:
        stand_in = either(" (stand-in)", "（代班）") if person["assignment"] == "stand_in" else ""
        output.print(
            f"  {escape(person['role_name'])}{stand_in}  {escape(person['name'])}  {escape(person['phone'])}"
            f"  [dim]{escape(person['via'])}[/]"
        )
    other = grid["nearest_other"]
    if other is not None:
        metres, name = other["metres"], escape(other["name"])
        output.print(f"  [dim]{either(f'{metres:g} m from {name}', f'距{name} {metres:g} 米')}[/]")


def _show_station(station: dict[str, Any]) -> None:
    minutes, metres = station["walk_minutes"], station["metres"]
    far = either(f"{minutes:g} min walk, {metres} m (straight line)", f"步行约 {minutes:g} 分钟，{metres} 米（直线）")
    output.print(f"{escape(station['name'])}  [dim]{far}[/]")
