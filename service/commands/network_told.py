"""What ``gridmap coverage network`` prints: how long the walking network is, in which pieces, and whom it reaches."""

import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final

import orjson
from rich.markup import escape

from geodata.lookup import lookup_point
from geodata.moment import Moment
from geodata.station.network.profiles import Profile
from geodata.station.network.report import Piece, Reach, pieces_of, reach_of
from geodata.station.network.snap import SNAP_METRES
from geodata.station.network.store import size_of
from geodata.station.network.walking import Standing, Walking
from geodata.times import instant
from service.commands.known import latest_snapshot, latest_walking
from service.commands.screen import either, metres, output, plural, table
from service.commands.state import database_url
from service.settings import Settings

_MM_PER_KM: Final = 1e6
_SHARE_MARKED: Final = 0.9


def tell(settings: Settings, *, pieces: int, as_json: bool = False) -> None:
    """Print what the walking network is; compiles it first where it is not.

    Parameters
    ----------
    pieces
        How many of the connected pieces to list, the longest first; all where 0.
    as_json
        Print the same facts as JSON, with lengths in metres.

    Raises
    ------
    NoNetworkError
        No streets are loaded.
    UnavailableError
        The database is away and nothing was compiled before.
    """
    with database_url(settings) as url:
        moment = latest_snapshot(settings, url).moment(time.time_ns() // 1000)
        walking = latest_walking(settings, url).ready()
    found = [(piece, _grid_at(moment, piece)) for piece in pieces_of(walking.network, pieces or None)]
    if as_json:
        sys.stdout.buffer.write(orjson.dumps(_facts(walking, found), option=orjson.OPT_INDENT_2) + b"\n")
        sys.stdout.buffer.flush()
        return
    size = size_of(walking)
    _show_size(settings, size, int(walking.network.cut.sum()))
    _show_pieces(found, size)
    _show_reach(reach_of(walking))
    _show_profiles(list(walking.profiles.values()))


def _grid_at(moment: Moment, piece: Piece) -> dict[str, Any] | None:
    """The grid that the middle of a piece lies in; None outside of all."""
    if not moment.layers:
        return None
    grids = lookup_point(moment, piece.lon, piece.lat, layer=moment.default_layer.code)["grids"]
    return grids[0] if grids else None


def _facts(walking: Walking, found: Sequence[tuple[Piece, dict[str, Any] | None]]) -> dict[str, Any]:
    size, reach = size_of(walking), reach_of(walking)
    return {
        "version": size.version,
        "compiled_at": None if size.compiled_at is None else instant(size.compiled_at).isoformat(),
        "nodes": size.nodes,
        "edges": size.edges,
        "metres": round(size.walked_mm / 1000),
        "cut_ends": int(walking.network.cut.sum()),
        "pieces": size.pieces,
        "longest": [
            {
                "metres": round(piece.mm / 1000),
                **{name: value for name, value in asdict(piece).items() if name not in ("mm", "rank")},
                "grid": None if grid is None else grid["code"],
            }
            for piece, grid in found
        ],
        "homes": {
            "places": reach.homes,
            "households": reach.households,
            "on_network": {"places": reach.on_homes, "households": reach.on_households},
            "off_network": [
                {"up_to_metres": away if away < float("inf") else None, "places": homes, "households": households}
                for away, homes, households in reach.away
            ],
        },
        "profiles": [asdict(profile) for profile in walking.profiles.values()],
    }


def _show_size(settings: Settings, size: Standing, cut: int) -> None:
    at = instant(size.compiled_at or 0).astimezone(settings.zone)
    km = size.walked_mm / _MM_PER_KM
    output.print(
        either(
            f"[bold]Walking network[/] {size.version}, streets as of {at:%Y-%m-%d %H:%M}",
            f"[bold]步行路网[/] {size.version}，街道数据截至 {at:%Y-%m-%d %H:%M}",
        )
    )
    output.print(
        either(
            f"  {km:,.1f} km walked, {size.edges:,} edges, {size.nodes:,} nodes, {plural(size.pieces, 'piece')}",
            f"  步行道路 {km:,.1f} 千米，{size.edges:,} 条路段，{size.nodes:,} 个节点，{size.pieces:,} 个连通部分",
        )
    )
    if cut:
        output.print(
            either(
                f"  {plural(cut, 'end')} cut off at the border of the data: circles that reach one are too small",
                f"  {cut:,} 处在数据边界被截断：到达这些位置的服务圈偏小",
            )
        )


def _show_pieces(found: Sequence[tuple[Piece, dict[str, Any] | None]], size: Standing) -> None:
    rows = table("#", either("length", "长度"), either("share", "占比"), either("street", "街道"),
                 either("grid", "网格"), either("place", "位置"), either("cut ends", "截断处"))  # fmt: skip
    for piece, grid in found:
        rows.add_row(
            str(piece.rank),
            metres(piece.mm / 1000),
            f"{100 * piece.mm / size.walked_mm:.1f} %",
            escape(piece.street),
            "" if grid is None else escape(f"{grid['name'] or ''} {grid['code']}".strip()),
            f"{piece.lon:.5f},{piece.lat:.5f}",
            str(piece.cut_ends or ""),
        )
    output.print(rows)
    if len(found) < size.pieces:
        left = size.walked_mm - sum(piece.mm for piece, _ in found)
        output.print(
            either(
                f"  {size.pieces - len(found):,} more with {metres(left / 1000)} in all; --pieces 0 lists them",
                f"  另有 {size.pieces - len(found):,} 个部分，共 {metres(left / 1000)}；--pieces 0 全部列出",
            )
        )
    if found and found[0][0].mm < _SHARE_MARKED * size.walked_mm:
        output.print(
            either(
                "  Much of it does not join the longest piece: streets may be missing, or not share their vertices.",
                "  大量道路未与最长部分连通：可能缺少街道，或相接的街道没有共用节点。",
            ),
            style="yellow",
        )


def _show_reach(reach: Reach) -> None:
    if not reach.homes:
        output.print(either("  No homes are known: load addresses or buildings.", "  没有住户数据：请导入地址或楼栋。"))
        return
    rows = table(either("homes", "住所"), either("places", "处数"), either("households", "户数"))
    rows.add_row(either("on the network", "在路网上"), f"{reach.on_homes:,}", f"{reach.on_households:,.0f}")
    names = _away_names(reach)
    for name, (_, homes, households) in zip(names, reach.away, strict=True):
        if homes:
            rows.add_row(name, f"{homes:,}", f"{households:,.0f}")
    output.print(rows)


def _away_names(reach: Reach) -> list[str]:
    """What is said of homes off the network, by their distance."""
    names, least = [], 0.0
    for away, _, _ in reach.away:
        if away <= SNAP_METRES:
            names.append(either("off it: water, railway or wall between", "不在路网上：有河流、铁路或围墙相隔"))
        elif away < float("inf"):
            names.append(
                either(f"off it: {least:.0f}–{away:.0f} m away", f"不在路网上：相距 {least:.0f}–{away:.0f} 米")
            )
        else:
            names.append(either(f"off it: over {least:.0f} m away", f"不在路网上：相距超过 {least:.0f} 米"))
        least = away
    return names


def _show_profiles(profiles: Sequence[Profile]) -> None:
    rows = table(
        either("profile", "步行方式"), either("name", "名称"), either("km/h", "千米/小时"), either("stairs", "台阶")
    )
    for profile in profiles:
        factor = profile.steps_factor
        stairs = either("not walked", "不可通行") if factor is None else f"× {factor:g}"
        rows.add_row(profile.code, escape(either(profile.name_en, profile.name)), f"{profile.kmh:g}", stairs)
    output.print(rows)
