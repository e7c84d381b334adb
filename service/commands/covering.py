"""What ``gridmap coverage`` does: ask the door, print tables or JSON, write files."""

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from rich.markup import escape

from geodata.coverage import coverage
from geodata.coverage_records import (
    coverage_record,
    gap_record,
    number,
    share_of,
    walk_minutes,
    write_coverage,
    write_gaps,
)
from geodata.covered import MOST_STATIONS, Coverage, Part
from geodata.demand import AREA
from geodata.exchange.pieces import SUFFIXES
from geodata.moment import Moment
from geodata.reachable import Reachable
from geodata.selected import GRID, Selection
from geodata.station.network.walking import Walking
from geodata.station.share import Counted
from geodata.times import instant, parse_time
from geodata.uncovered import Gaps, gaps
from service.commands.known import latest_snapshot, latest_walking
from service.commands.screen import chinese, either, output, plural, progress_bar, table
from service.commands.state import database_url
from service.commands.targets import refuse_unwritable
from service.settings import Settings

_COUNTS = {
    "households": ("households", "户数"),
    "persons": ("persons", "人数"),
    "addresses": ("addresses", "地址数"),
    AREA: ("square metres", "面积（平方米）"),
    "elderly": ("elderly", "老年人数"),
    "children": ("children", "儿童数"),
    "disabled": ("disabled people", "残疾人数"),
}
_SOURCES = {
    "register": ("entries of the address register", "地址库"),
    "buildings": ("buildings", "楼栋"),
    "estimated": ("estimated from what grids state", "由网格填报户数估算"),
    "mixed": ("register, buildings and estimates", "地址库、楼栋和估算"),
    "none": ("nobody known", "无"),
}


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, as it was typed."""

    minutes: float
    within: str | None
    category: str | None
    level: str | None
    at: str | None
    as_of: str | None
    profile: str | None
    count: str
    layer: str | None


@dataclass(frozen=True, slots=True)
class Ready:
    """What an answer is made from."""

    selection: Selection
    walking: Walking
    moment: Moment
    as_of: int


def share(
    settings: Settings,
    question: Question,
    *,
    by: str | None,
    area: bool,
    rows: int,
    out: Path | None,
    as_json: bool,
) -> None:
    """Print who is reached, and write it to a file where one is named.

    Raises
    ------
    InputError, NotKnownError
        Something that was asked for is not known or cannot be used.
    NoNetworkError
        No streets are loaded.
    FileError
        The file cannot be written.
    UnavailableError
        The database is away and nothing was compiled before.
    """
    if out is not None:
        refuse_unwritable(out, "--out", SUFFIXES)
        by = by or GRID
    ready = ready_of(settings, question)
    with progress_bar() as progress:
        progress(either("working out walks", "计算步行时间"), 0, None)
        found = coverage(Reachable(), ready.walking, ready.moment, ready.selection, by=by, area=area)
    if out is not None:
        write_coverage(found, ready.moment, out, chinese=chinese())
    if as_json:
        _print_json({**_head(settings, ready, found.network_version, found.profile.code), **coverage_record(found)})
        return
    _show(found, ready, rows)
    if out is not None:
        output.print(f"→ {escape(str(out))}")


def gap_list(settings: Settings, question: Question, *, limit: int, rows: int, out: Path | None, as_json: bool) -> None:
    """Print where those live whom no station reaches; as `share`."""
    if out is not None:
        refuse_unwritable(out, "--out", SUFFIXES)
    ready = ready_of(settings, question)
    with progress_bar() as progress:
        progress(either("working out walks", "计算步行时间"), 0, None)
        found = gaps(Reachable(), ready.walking, ready.moment, ready.selection, most=limit)
    if out is not None:
        write_gaps(found, out, chinese=chinese())
    if as_json:
        told = {"total": found.total, "households": number(found.households), "persons": number(found.persons)}
        items = [gap_record(gap) for gap in found.items]
        _print_json({**_head(settings, ready, found.network_version, found.profile.code), **told, "items": items})
        return
    _show_gaps(found, ready, rows)
    if out is not None:
        output.print(f"→ {escape(str(out))}")


def ready_of(settings: Settings, question: Question) -> Ready:
    """What an answer is made from, read from the database or, where that is away, from what was compiled."""
    as_of = parse_time(question.as_of, zone=settings.zone) if question.as_of else time.time_ns() // 1000
    selection = Selection(
        question.minutes,
        question.within,
        question.category,
        question.level,
        parse_time(question.at, zone=settings.zone) if question.at else None,
        question.profile,
        question.count,
        question.layer,
    )
    _ = selection.limit_ms  # refused before anything is compiled
    with database_url(settings) as url:
        moment = latest_snapshot(settings, url).moment(as_of)
        return Ready(selection, latest_walking(settings, url).ready(), moment, as_of)


def _head(settings: Settings, ready: Ready, version: str, profile: str) -> dict[str, Any]:
    def local(micros: int) -> str:
        return instant(micros).astimezone(settings.zone).isoformat()

    chosen = ready.selection
    return {
        "as_of": local(ready.as_of),
        "minutes": chosen.minutes,
        "within": chosen.within,
        "category": chosen.category,
        "level": chosen.level,
        "at": None if chosen.at is None else local(chosen.at),
        "profile": profile,
        "network": {"version": version, "compiled_at": local(ready.walking.compiled_at)},
        "count": chosen.count,
    }


def _print_json(content: dict[str, Any]) -> None:
    sys.stdout.flush()
    sys.stdout.buffer.write(orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def _percent(counted: Counted) -> str:
    share = share_of(counted)
    return (
        "–" if share is None else f"{share:.1%}" if 0.001 <= share <= 0.999 or share in (0.0, 1.0) else f"{share:.2%}"
    )


def _show(found: Coverage, ready: Ready, rows: int) -> None:
    chosen, first = found.selection, found.totals[found.selection.count]
    name = either(*_COUNTS.get(chosen.count, (chosen.count, chosen.count)))
    outside = first.all - first.covered
    output.print(
        escape(
            either(
                f"{_asked(ready)}: {first.covered:,.0f} of {first.all:,.0f} {name} are reached ({_percent(first)}), "
                f"{outside:,.0f} are not.",
                f"{_asked(ready)}：{name} {first.all:,.0f}，已覆盖 {first.covered:,.0f}（{_percent(first)}），"
                f"未覆盖 {outside:,.0f}。",
            )
        )
    )
    output.print(_totals(found))
    stations = found.stations
    output.print(
        escape(
            either(
                f"Stations: {stations.counted} of {stations.selected} count here. "
                f"Households: {_SOURCES[found.source][0]}.",
                f"站点：{stations.selected} 个中 {stations.counted} 个计入。户数来源：{_SOURCES[found.source][1]}。",
            )
        )
    )
    output.print(escape(_several(found, name)))
    for warning in found.warnings:
        output.print(f"[yellow]{escape(either(warning.message, warning.message_zh))}[/]")
    for spot, metres in stations.off_network:
        said = either(f"{spot.name} ({spot.station}): {metres:,.0f} m to the nearest street",
                      f"{spot.name}（{spot.station}）：距最近道路 {metres:,.0f} 米")  # fmt: skip
        output.print(f"  {escape(said)}")
    if found.by:
        _show_parts(found.by, chosen.count, rows)


def _asked(ready: Ready) -> str:
    chosen = ready.selection
    where = either("everywhere", "全域") if chosen.within is None else ready.moment.area(chosen.within).name
    what = [word for word in (chosen.category, chosen.level) if word]
    minutes = f"{chosen.minutes:g}"
    return "，".join([where, either(f"{minutes} minutes on foot", f"步行 {minutes} 分钟"), *what]).replace(
        "，", either(", ", "，")
    )


def _totals(found: Coverage) -> Any:
    made = table("", either("reached", "已覆盖"), either("all", "总数"), either("share", "覆盖率"))
    for name, counted in found.totals.items():
        said = either(*_COUNTS.get(name, (name, name)))
        made.add_row(escape(said), f"{counted.covered:,.0f}", f"{counted.all:,.0f}", _percent(counted))
    return made


def _several(found: Coverage, name: str) -> str:
    parts = []
    for stations, amount in enumerate(found.several):
        more = either(" or more", " 个以上") if stations == MOST_STATIONS else either("", " 个")
        parts.append(f"{stations}{more}: {amount:,.0f}")
    return either(f"Stations within reach ({name}): ", f"可达站点数（{name}）：") + either("; ", "；").join(parts)


def _show_parts(parts: Sequence[Part], count: str, rows: int) -> None:
    """Parts with most outside first."""
    ordered = sorted(parts, key=lambda part: (part.totals[count].covered - part.totals[count].all, part.code or ""))
    shown = ordered[:rows] if rows else ordered
    made = table(
        either("code", "编码"),
        either("name", "名称"),
        either("not reached", "未覆盖"),
        either("all", "总数"),
        either("share", "覆盖率"),
    )
    for part in shown:
        counted = part.totals[count]
        made.add_row(
            escape(part.code or ""),
            escape(part.name),
            f"{counted.all - counted.covered:,.0f}",
            f"{counted.all:,.0f}",
            _percent(counted),
        )
    output.print(made)
    if len(shown) < len(ordered):
        more = len(ordered) - len(shown)
        output.print(either(f"{more:,} more: --rows 0 shows all.", f"另有 {more:,} 行：--rows 0 显示全部。"))


def _few(codes: Sequence[str]) -> str:
    """The first of some codes, and how many more there are."""
    return codes[0] + (f" +{len(codes) - 1}" if len(codes) > 1 else "") if codes else ""


def _show_gaps(found: Gaps, ready: Ready, rows: int) -> None:
    households = f"{found.households:,.0f}"
    output.print(
        escape(
            either(
                f"{_asked(ready)}: {households} households in {plural(found.total, 'gap')} are not reached.",
                f"{_asked(ready)}：{found.total:,} 处缺口，共 {households} 户未覆盖。",
            )
        )
    )
    if not found.items:
        return
    made = table(
        either("households", "户数"),
        either("near", "位置"),
        either("grids", "网格"),
        either("radius", "半径"),
        either("nearest station", "最近站点"),
        either("minutes", "分钟"),
    )
    shown = found.items[:rows] if rows else found.items
    for gap in shown:
        place = f"{gap.lon:.5f},{gap.lat:.5f}"
        area = gap.area.name if gap.area is not None else ""
        nearest = either("none on foot", "步行不可达") if gap.nearest is None else gap.nearest.name
        made.add_row(
            f"{gap.households:,.0f}",
            escape(" ".join(word for word in (area, gap.street, place) if word)),
            escape(_few([grid.code for grid in gap.grids])),
            f"{gap.radius_metres:,.0f} m",
            escape(nearest),
            "" if gap.nearest_ms is None else f"{walk_minutes(gap.nearest_ms):.1f}",
        )
    output.print(made)
    if len(shown) < found.total:
        more = found.total - len(shown)
        output.print(
            either(f"{more:,} more: see --rows, --limit and --out.", f"另有 {more:,} 处：见 --rows、--limit、--out。")
        )
