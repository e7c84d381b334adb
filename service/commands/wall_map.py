"""What ``gridmap wall-map`` does: the data in force → a PDF of one page."""

import time
from dataclasses import replace
from pathlib import Path

from rich.markup import escape

from geodata.database import connect
from geodata.errors import FileError
from geodata.station.walked import WalksKept
from geodata.themes import Themes
from geodata.times import parse_time
from service.commands.known import latest_snapshot, latest_walking
from service.commands.screen import either, output, plural, progress_bar
from service.commands.state import database_url
from service.commands.targets import refuse_unwritable
from service.maps.boards.making import NetworkRead, sources_at
from service.maps.wall_making import WallAsked, make_wall
from service.maps.wall_map import title_of
from service.settings import Settings


def write(settings: Settings, asked: WallAsked, out: Path, *, as_of: str | None) -> None:
    """Write the wall map, and say what it shows.

    Raises
    ------
    NotKnownError
        There is no such area, layer or theme at this time, or nothing to show.
    FileError
        The file cannot be written; an older one is left as it was.
    UnavailableError
        The database is away.
    """
    refuse_unwritable(out, "--out", (".pdf",))
    now = time.time_ns() // 1000
    instant = parse_time(as_of, zone=settings.zone) if as_of else now
    with database_url(settings) as url, progress_bar() as progress:
        moment = latest_snapshot(settings, url).moment(instant)
        network = NetworkRead(latest_walking(settings, url))
        progress(either("drawing", "绘图"), 0, None)
        layer = asked.layer or moment.default_layer.code
        sources = sources_at(moment, instant, now, settings, lambda: connect(url), network, WalksKept(), Themes())
        made = make_wall(sources, replace(asked, layer=layer))
    try:
        out.write_bytes(made.content)
    except OSError as error:
        raise FileError(f"{out} cannot be written: {error.strerror}", f"无法写入 {out}：{error.strerror}") from error
    if not made.wall.link:
        output.print(
            either(
                "GRIDMAP_PUBLIC_URL is not set: the map gets no code of its live page.",
                "未设置 GRIDMAP_PUBLIC_URL：挂图上不印实时地图的二维码。",
            )
        )
    count = len(made.wall.grids)
    said = either(f"{title_of(made.wall)}, {plural(count, 'grid')}", f"{title_of(made.wall)}：{count:,} 个网格")
    output.print(f"{escape(said)}, {asked.size} → {escape(str(out))}")
