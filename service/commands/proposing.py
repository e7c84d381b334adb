"""What ``gridmap coverage propose`` does: ask the door, prove with a bar, print a table or JSON, write a file."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import shapely
from rich.markup import escape

from geodata.assign import coordinate_columns, numbers
from geodata.candidates import Given, Source
from geodata.crs import WGS84, geometries_to_wgs84, parse_crs, to_wgs84
from geodata.errors import InputError
from geodata.exchange import read_table
from geodata.exchange.pieces import SUFFIXES, Header, Piece, write_pieces
from geodata.proposals.told import best_record, instant_record, question_record, site_record
from geodata.reachable import Reachable
from geodata.siting import Goal, Problem, check_goal, instant, problem, proven
from service.commands.covering import Question, ready_of
from service.commands.screen import chinese, either, output, progress_bar, table
from service.commands.targets import refuse_unwritable
from service.settings import Settings

_KNOWN: dict[str, Source] = {"buildings": "buildings", "places": "places", "both": "both"}
_NAMES = ("name", "名称", "站点名称", "地点名称", "小区名称", "楼栋名称")
_COUNTS_ZH = {"households": "户数", "persons": "人数", "addresses": "地址数"}
_HEADERS_ZH = {
    "rank": "序号",
    "name": "名称",
    "gained": "新增覆盖",
    "share_after": "之后覆盖率",
    "grid": "网格",
    "grid_name": "网格名称",
    "streets": "道路",
    "lon": "经度",
    "lat": "纬度",
}


@dataclass(frozen=True, slots=True)
class Wish:
    """How many or which share, and where they could stand: as it was typed."""

    stations: int | None
    share: float | None
    sites: str
    crs: str | None
    prove: bool
    seconds: float


def propose(settings: Settings, question: Question, wish: Wish, *, out: Path | None, as_json: bool) -> None:
    """Print the sites that help most, and write them to a file where one is named.

    Raises
    ------
    InputError, NotKnownError
        Something that was asked for is not known or cannot be used, or the share cannot be reached.
    ConflictError
        There are no streets, no homes, or no sites.
    FileError
        A file cannot be read or written.
    UnavailableError
        The database is away and nothing was compiled before.
    """
    goal = Goal(wish.stations, wish.share)
    check_goal(goal)
    if out is not None:
        refuse_unwritable(out, "--out", SUFFIXES)
    where = _KNOWN.get(wish.sites) or given_sites(Path(wish.sites), wish.crs)
    ready = ready_of(settings, question)
    with progress_bar() as progress:
        progress(either("working out walks", "计算步行时间"), 0, None)
        asked = problem(Reachable(), ready.walking, ready.moment, ready.selection, goal, where)
        found = instant(asked)
    told = question_record(ready.selection, asked, prove=wish.prove, seconds=wish.seconds)
    record = instant_record(told, asked, found)
    if wish.prove and not found.proven:
        with progress_bar() as progress:
            record = _proven(asked, told, found.siting, progress, wish.seconds)
    if out is not None:
        _write(record, out)
    if as_json:
        told["at"] = question.at
        content = {"question": told, **record}
        sys.stdout.flush()
        sys.stdout.buffer.write(orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
        return
    _show(told, record, asked)
    if out is not None:
        output.print(f"→ {escape(str(out))}")


def _proven(asked: Problem, told: dict[str, Any], start: Any, progress: Any, seconds: float) -> dict[str, Any]:
    stage = either("proving that none is better", "证明没有更优方案")

    def watch(_best: float, _bound: float, spent: float) -> bool:
        progress(stage, int(spent), int(seconds))
        return True

    best = proven(asked.goal, asked.wanted, asked.needed, start, seconds=seconds, watch=watch)
    return best_record(told, [site_record(site) for site in asked.sites], best)


def given_sites(path: Path, crs: str | None) -> Sequence[Given]:
    """The sites of a file: its points, or columns of longitude and latitude; a column of names is read too.

    Parameters
    ----------
    crs
        What the coordinates are in; for None what the file says, else EPSG:4326.

    Raises
    ------
    FileError
        It cannot be read.
    InputError
        There are no coordinates, or a row has none that can be used.
    """
    read = read_table(path)
    frame = read.frame
    names = [str(column) for column in frame.columns]
    shape = getattr(frame, "active_geometry_name", None)
    system = parse_crs(crs) if crs is not None else read.crs or WGS84
    if shape is not None:
        points = shapely.point_on_surface(geometries_to_wgs84(frame[shape].to_numpy(), system))
        lons, lats = shapely.get_x(points), shapely.get_y(points)
    else:
        lon, lat = coordinate_columns(names)
        lons, lats = to_wgs84(numbers(frame[lon].tolist()), numbers(frame[lat].tolist()), system)
    column = next((name for name in names if name.strip().lower() in _NAMES), None)
    called = [""] * len(frame) if column is None else ["" if one is None else str(one) for one in frame[column]]
    found = [Given(float(x), float(y), name) for x, y, name in zip(lons, lats, called, strict=True)]
    for row, one in zip(read.rows.tolist(), found, strict=True):
        if not (abs(one.lon) <= 180 and abs(one.lat) <= 90):
            raise InputError(
                f"row {row} of {path.name} has no place on Earth in {system}",
                f"{path.name} 第 {row} 行没有有效坐标（{system}）",
                row=row,
            )
    return found


def _show(told: dict[str, Any], record: dict[str, Any], asked: Problem) -> None:
    before = asked.covered / asked.total
    sites = record["sites"]
    name_zh = _COUNTS_ZH.get(told["count"], told["count"])
    made = table("#", *[either(en, zh) for en, zh in _COLUMNS])
    for site in sites:
        grid = site["grid"]
        made.add_row(
            str(site["rank"]),
            escape(either(site["name_en"], site["name"])),
            escape("" if grid is None else f"{grid['name']} ({grid['code']})"),
            f"{site['gained']:,.0f}",
            f"{site['share_after']:.1%}",
            f"{site['lon']:.5f}, {site['lat']:.5f}",
        )
    output.print(
        escape(
            either(
                f"{asked.total - asked.covered:,.0f} of {asked.total:,.0f} {told['count']} are not reached "
                f"({before:.1%} are). {len(sites)} new stations bring {record['gained']:,.0f} "
                f"({record['share']:.1%}), of {told['candidates']:,} sites compared.",
                f"{name_zh} {asked.total:,.0f} 中 {asked.total - asked.covered:,.0f} 未覆盖"
                f"（覆盖率 {before:.1%}）。"
                f"比较 {told['candidates']:,} 个候选点，新设 {len(sites)} 个站点可新增 {record['gained']:,.0f}"
                f"（覆盖率 {record['share']:.1%}）。",
            )
        )
    )
    if sites:
        output.print(made)
    output.print(escape(_how_good(record)))
    if asked.goal.stations is not None and len(sites) < asked.goal.stations:
        output.print(either("No further site gains anybody.", "其余候选点不能再增加覆盖。"))
    for one in told["warnings"]:
        output.print(f"[yellow]{escape(either(one['message'], one['message_zh']))}[/]")


_COLUMNS = (
    ("site", "地点"),
    ("grid", "网格"),
    ("gained", "新增"),
    ("share then", "之后覆盖率"),
    ("lon, lat", "经度, 纬度"),
)


def _how_good(record: dict[str, Any]) -> str:
    if record["proven"]:
        return either("Proven: no other choice of these sites is better.", "已证明：在这些候选点中没有更优方案。")
    if record["bound_of"] == "gained":
        return either(
            f"No choice of as many sites gains more than {record['bound']:,.0f}: this one is within "
            f"{record['gap']:.1%} of the best.",
            f"同样数量的站点最多新增 {record['bound']:,.0f}：本方案与最优相差不超过 {record['gap']:.1%}。",
        )
    return either(
        f"It takes at least {record['bound']:,.0f} stations: this choice has {len(record['sites'])}.",
        f"至少需要 {record['bound']:,.0f} 个站点：本方案为 {len(record['sites'])} 个。",
    )


def _write(record: dict[str, Any], out: Path) -> None:
    types = {"rank": "whole", "gained": "number", "share_after": "number", "lon": "number", "lat": "number"}
    headers = [
        Header(_HEADERS_ZH[name] if chinese() else name, types.get(name, "text"))  # type: ignore[arg-type]
        for name in _HEADERS_ZH
    ]
    rows = []
    for site in record["sites"]:
        grid = site["grid"] or {"code": None, "name": None}
        flat = {
            **site,
            "name": either(site["name_en"], site["name"]),
            "grid": grid["code"],
            "grid_name": grid["name"],
            "streets": "、".join(site["streets"]),
        }
        rows.append([flat[name] for name in _HEADERS_ZH])
    shapes = [shapely.Point(site["lon"], site["lat"]) for site in record["sites"]]
    write_pieces(headers, [Piece(rows, shapes)], out, shaped=True)
