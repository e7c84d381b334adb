"""The command ``gridmap lookup``: who covers an address or point, or answers for a building, printed."""

import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from rich.markup import escape

from geodata.address.normalize import LONGEST
from geodata.crs import WGS84, Crs, parse_crs, point_to_wgs84
from geodata.decision.decide import Book
from geodata.decision.warnings import REGISTER_IS_CURRENT
from geodata.errors import InputError, UnavailableError
from geodata.lookup import lookup_address, lookup_point
from geodata.moment import Moment
from geodata.start import Start, start_of
from geodata.station.walked import StationWalks, WalksKept
from geodata.station.warnings import STREETS_ARE_CURRENT
from geodata.times import parse_time
from service.commands.address_told import show_address
from service.commands.known import latest_register, latest_snapshot, latest_walking
from service.commands.screen import either, metres, output
from service.commands.state import database_url
from service.settings import Settings

VIA_ZH = {
    "matter": "事项主责",
    "unit": "单元",
    "building": "楼栋",
    "compound": "小区",
    "place": "场所",
    "station": "站点",
    "grid": "网格",
    "community": "社区",
    "sub_area": "片区",
    "street": "街道",
    "district": "区县",
    "city": "市",
}
OFF_DUTY = {
    "off_hours": ("off duty", "不在班"),
    "on_leave": ("on leave", "休假"),
    "standby": ("standby while the primary is there", "备班"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a look-up is about: a point in its system, an address or a target, and what narrows the answer."""

    text: str | None
    crs: str | None = None
    target: str | None = None
    near: str | None = None
    within: str | None = None
    layer: str | None = None
    matter: str | None = None


def point_of(text: str) -> tuple[float, float]:
    """Longitude and latitude of a text ``LON,LAT``; a full-width comma or a blank between them will do.

    Raises
    ------
    InputError
        It is no pair of numbers.
    """
    parts = text.replace("_", "?").replace("，", ",").replace(",", " ").split()
    try:
        x, y = (float(part) for part in parts)
    except ValueError:
        raise InputError(
            f"{text!r} is not a point: write LON,LAT in degrees, such as 117.0,36.65",
            f"“{text}”不是坐标：请写成 经度,纬度，例如 117.0,36.65",
        ) from None
    return x, y


def is_point(text: str) -> bool:
    """Whether a text is two numbers and nothing else; all other texts are addresses."""
    try:
        point_of(text)
    except InputError:
        return False
    return True


def lookup(settings: Settings, asked: Asked, *, as_of: str | None, as_json: bool) -> bool:
    """Print who covers an address or point; says whether one grid surely does.

    Raises
    ------
    InputError
        The point, target, datum or time cannot be read, or there is not one of text and target.
    NotKnownError
        There is no such layer, area, matter or target.
    """
    if (asked.text is None) == (asked.target is None):
        raise InputError(
            "name an address, a point as LON,LAT, or a target, --target building:CODE: one of them",
            "请给出地址、坐标“经度,纬度”或对象（--target building:编码），只取其一",
        )
    if asked.text is not None and len(asked.text) > LONGEST:
        raise InputError(f"the address is longer than {LONGEST} characters", f"地址超过 {LONGEST} 个字符")
    instant = parse_time(as_of, zone=settings.zone) if as_of else time.time_ns() // 1000
    datum = None if asked.crs is None else parse_crs(asked.crs)
    placed = None
    if asked.text is not None and is_point(asked.text):
        placed = point_to_wgs84(*point_of(asked.text), datum or WGS84)
    near = None if asked.near is None else point_to_wgs84(*point_of(asked.near), datum or WGS84)
    with database_url(settings) as url:
        moment = latest_snapshot(settings, url).moment(instant)
        walks = _walks(settings, url, moment)
        if asked.text is not None and placed is None:
            answer = _answer_by_address(moment, latest_register(settings, url), asked, near, datum, instant, walks)
            if as_of:
                answer["warnings"] = [*answer["warnings"], REGISTER_IS_CURRENT]
        else:
            answer = _answer(moment, asked, placed, instant, walks)
        if as_of and answer["walking"]:
            answer["warnings"] = [*answer["warnings"], STREETS_ARE_CURRENT]
    if as_json:
        sys.stdout.flush()
        sys.stdout.buffer.write(orjson.dumps(answer, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    else:
        _show(answer)
    return bool(answer["status"] == "found")


def _walks(settings: Settings, url: str, moment: Moment) -> StationWalks | None:
    """The walks to the stations of a moment; None where no streets are loaded, or none are known while it is away."""
    try:
        walking = latest_walking(settings, url)
    except UnavailableError:
        return None
    return WalksKept().of(walking, moment.station_finder) if walking.network.edge_count else None


def _answer_by_address(
    moment: Moment,
    book: Book,
    asked: Asked,
    near: tuple[float, float] | None,
    datum: Crs | None,
    instant: int,
    walks: StationWalks | None,
) -> dict[str, Any]:
    answer = lookup_address(
        moment,
        book,
        asked.text or "",
        near=near,
        layer=asked.layer,
        within=asked.within,
        datum=datum,
        matter=asked.matter,
        as_of=instant,
        unmasked=True,
        walks=walks,
    )
    return {**answer, "query": {"address": asked.text, **answer["query"]}}


def _answer(
    moment: Moment, asked: Asked, placed: tuple[float, float] | None, instant: int, walks: StationWalks | None
) -> dict[str, Any]:
    start: Start | None = None
    if placed is not None:
        lon, lat = placed
    else:
        start, lon, lat = start_of(moment, asked.target or "")
    return lookup_point(
        moment, lon, lat, layer=asked.layer, matter=asked.matter, start=start, as_of=instant, unmasked=True, walks=walks
    )


def _show(answer: dict[str, Any]) -> None:
    for warning in answer["warnings"]:
        output.print(f"[yellow]{escape(either(warning['message'], warning['message_zh']))}[/]")
    show_address(answer)
    _show_start(answer)
    if answer["matter"]:
        _show_matter(answer["matter"])
    told: set[tuple[str, str, str]] = set()
    for grid in answer["grids"]:
        _show_grid(grid, told)
    for station in answer["grids"][0]["stations"] if answer["grids"] else ():
        _show_station(station)
    if answer["status"] == "outside":
        output.print(either("No grid covers this point.", "没有网格覆盖该点。"))
    for near in answer["nearest"]:
        name, far = escape(f"{near['name']} {near['code']}"), metres(near["metres"])
        output.print(
            either(f"Nearest: {name} ({near['layer']}), {far} away", f"最近：{name}（{near['layer']}），距 {far}")
        )


def _show_start(answer: Mapping[str, Any]) -> None:
    """Print the compound and building that the point lies in, or what was named."""
    target = answer["target"]
    unit = f" {target['unit']}" if target and target["unit"] else ""
    things = [thing for thing in (answer["compound"], answer["building"]) if thing]
    if target and target["kind"] in ("place", "station"):
        things.append(target)
    if things:
        output.print(escape(" › ".join(f"{thing['name']} {thing['code']}" for thing in things) + unit))


def _show_matter(matter: Mapping[str, Any]) -> None:
    """Print what it is about, who is responsible, and by when it is promised to be done."""
    name = either(matter["name_en"] or matter["name"], matter["name"])
    office, role = matter["organisation"], matter["role"]
    by = [either(role["name_en"] or role["name"], role["name"])] if role else []
    by += [f"{office['name']} {office['phone']}".rstrip()] if office else []
    said = [name, either(", ", "、").join(by), matter["phone"]]
    if matter["promised_by"]:
        until = local_minute(matter["promised_by"])
        said.append(either(f"promised by {until}", f"承诺 {until} 前办结"))
    output.print("[bold]" + escape("  ".join(part for part in said if part)) + "[/]")


def local_minute(written: str) -> str:
    """Day and minute of an answer's local time, without its offset."""
    return written[:16].replace("T", " ")


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


def _show_person(person: Mapping[str, Any]) -> None:
    role = either(person["role_name_en"] or person["role_name"], person["role_name"])
    stand_in = either(" (stand-in)", "（代班）") if person["assignment"] == "stand_in" else ""
    via = either(person["via"], VIA_ZH.get(person["via"], person["via"]))
    first = either("  [bold green]← call first[/]", "  [bold green]← 首先联系[/]") if person["call_first"] else ""
    said = f"  {escape(role)}{stand_in}  {escape(person['name'])}  {escape(person['phone'])}  [dim]{escape(via)}[/]"
    output.print(f"{said}{_off_duty(person)}{first}")


def _off_duty(person: Mapping[str, Any]) -> str:
    """Why somebody is not to be reached now and when they are back; nothing of who is on duty."""
    if person["on_duty_now"]:
        return ""
    why = either(*OFF_DUTY[person["reason"]])
    if person["back_at"]:
        back = local_minute(person["back_at"])
        why += either(f", back {back}", f"，{back} 返岗")
    return f"  [yellow]{why}[/]"


def _show_station(station: dict[str, Any]) -> None:
    minutes, far = station["walk_minutes"], metres(station["metres"])
    said = {
        "network": either(f"{minutes} min walk, {far}", f"步行约 {minutes} 分钟，{far}"),
        "straight_line": either(f"{far} in a straight line", f"直线 {far}"),
        "off_network": either(f"not on the walking network, {far} in a straight line", f"不在步行网络上，直线 {far}"),
    }[station["measured"]]
    state = {True: either("open", "开放中"), False: either("closed", "未开放"), None: ""}[station["open_now"]]
    output.print(f"{escape(station['name'])}  [dim]{said}  {state}[/]".rstrip())
