"""What ``gridmap export map`` does: everything that is in force → one HTML file."""

import time
from contextlib import closing
from pathlib import Path

from rich.markup import escape

from geodata.database import connect
from geodata.errors import FileError, InputError
from geodata.exchange.write import replacing
from geodata.times import parse_time
from service.commands.known import latest_snapshot
from service.commands.screen import either, output, plural, progress_bar
from service.commands.state import database_url
from service.commands.targets import refuse_unwritable
from service.maps.standalone import Wording, standalone_map
from service.settings import Settings


def refuse_meaningless(*, until: str | None) -> None:
    """Refuse what means nothing for a map.

    Raises
    ------
    InputError
        An end is given: a map is of one instant.
    """
    if until is not None:
        raise InputError(
            "a map is of one time: use --as-of, not --until", "地图只有一个时间：请用 --as-of，不用 --until"
        )


def export(
    settings: Settings, target: Path, *, layer: str | None, within: str | None, as_of: str | None, english: bool
) -> None:
    """Write the map to a file; say how many grids it shows and how large it is.

    Raises
    ------
    InputError
        There are no grids, or too many for one file; or the time is none.
    NotKnownError
        There is no such area or layer.
    FileError
        The file cannot be written; an older one is left as it was.
    UnavailableError
        The database is away and nothing was compiled before.
    """
    refuse_unwritable(target, "--out", (".html", ".htm"))
    instant = parse_time(as_of, zone=settings.zone) if as_of else time.time_ns() // 1000
    wording = Wording(
        "en" if english else "zh-CN",
        settings.zone,
        attribution=settings.attribution,
        approval_number=settings.map_approval_number,
        public_url=settings.public_url,
    )
    with database_url(settings) as url, progress_bar() as progress:
        moment = latest_snapshot(settings, url).moment(instant)
        progress(either("drawing", "绘制地图"), 0, None)
        made = standalone_map(moment, layer, within, instant, wording, lambda: closing(connect(url)))
    try:
        with replacing(target) as unfinished:
            unfinished.write_bytes(made.document)
    except OSError as error:
        raise FileError(
            f"{target} cannot be written: {error.strerror}", f"无法写入 {target}：{error.strerror}"
        ) from error
    size = f"{len(made.document) / 1e6:.1f} MB"
    said = either(f"{plural(made.grids, 'grid')}, {size}", f"{made.grids:,} 个网格，{size}")
    output.print(f"{said} → {escape(str(target))}")
