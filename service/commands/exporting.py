"""The command ``gridmap export``: a list as a file that loads again."""

import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

from rich.markup import escape

from geodata.database import connect
from geodata.errors import InputError
from geodata.exchange.pieces import SUFFIXES
from geodata.exchange.write import replacing
from geodata.export import List, known_list, write_list
from geodata.lists.exported import Asked
from geodata.lists.recorded import on_record
from geodata.times import parse_time
from service.commands.known import latest_snapshot
from service.commands.screen import either, output, plural, progress_bar
from service.commands.state import database_url
from service.commands.targets import refuse_unwritable
from service.settings import Settings


def one_target(argument: Path | None, option: Path | None) -> Path:
    """The file to write, however it was named.

    Raises
    ------
    InputError
        None is named, or two are.
    """
    named = [path for path in (argument, option) if path is not None]
    if len(named) != 1:
        raise InputError(
            "name one file to write: gridmap export LIST FILE, or --out FILE",
            "请指定一个要写入的文件：gridmap export 名单 文件，或 --out 文件",
        )
    return named[0]


def export(
    settings: Settings,
    name: str,
    target: Path,
    *,
    as_of: str | None,
    within: str | None,
    layer: str | None,
    until: str | None,
    masked: bool,
    chinese: bool,
    actor: str,
) -> None:
    """Write a list to a file, and say how many rows it has.

    Raises
    ------
    InputError
        The list, the format, the time or an option is not known or means nothing for the list.
    NotKnownError
        There is no such area or layer at the instant.
    FileError
        The file cannot be written; an older one is left as it was.
    UnavailableError
        The list is read from the database, or names and phones are not masked, which is recorded there: and it is away.
    """
    what = known_list(name)
    refuse_unwritable(target, "FILE", SUFFIXES)
    instant = parse_time(as_of, zone=settings.zone) if as_of else time.time_ns() // 1000
    end = None if until is None else parse_time(until, inclusive_end=True, zone=settings.zone)
    with database_url(settings) as url:
        snapshot = latest_snapshot(settings, url)
        asked = Asked(
            snapshot.moment,
            lambda: closing(connect(url)),
            instant,
            within=within,
            layer=layer,
            until=end,
            unmasked=not masked,
        )
        with progress_bar() as progress:
            write = partial(
                write_list,
                what,
                asked,
                zone=settings.zone,
                chinese=chinese,
                written=lambda done: progress("writing", done, None),
            )
            rows = write(target) if masked or not what.personal else _on_record(write, what, asked, target, actor)
    label = either(what.label, what.label_zh)
    said = either(f"{label[:1].upper()}{label[1:]}: {plural(rows, 'row')}", f"{label}：{rows:,} 行")
    hidden = either(", names and phones masked", "，姓名和电话已脱敏") if masked and what.personal else ""
    output.print(f"{escape(said + hidden)} → {escape(str(target))}")


def _on_record(write: Callable[[Path], int], what: List, asked: Asked, target: Path, actor: str) -> int:
    """Write a file that is there only once it is recorded who took it out."""
    with (
        replacing(target) as unfinished,
        on_record(asked, actor=actor, target=what.name, format=target.suffix[1:].lower()) as facts,
    ):
        rows = facts["rows"] = write(unfinished)
    return rows
