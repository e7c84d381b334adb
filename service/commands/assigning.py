"""The command ``gridmap assign``: a file of addresses or points in, the same with grids out, in bounded memory."""

import time
from collections.abc import Iterator, Mapping
from functools import partial
from itertools import chain
from pathlib import Path

import pandas as pd
from rich.markup import escape

from geodata.address.wording import PARTS
from geodata.assign import ADDED, Assigner, Counts, assigned_frames, columns_read
from geodata.crs import parse_crs
from geodata.errors import InputError
from geodata.exchange.delimited import read_csv_chunks
from geodata.exchange.table import Table
from geodata.exchange.write import CsvWriter, write_table
from geodata.times import parse_time
from service.commands.known import latest_register, latest_snapshot
from service.commands.screen import chinese, either, output, plural, progress_bar
from service.commands.state import database_url
from service.commands.targets import refuse_unwritable
from service.settings import Settings

ROWS_AT_ONCE = 50_000
ADDRESSES_AT_ONCE = 200

_STATUSES = {
    "found": ("in a grid", "落入网格"),
    "ambiguous": ("not sure", "不能确定"),
    "not_found": ("not found", "未找到"),
    "outside": ("outside", "在网格外"),
    "invalid": ("invalid", "无效"),
}
_ALWAYS = ("found", "outside", "invalid")
_MISSING = {
    "address": ("the address: nothing like it is in the register", "地址：地址库中没有相近的"),
    "landmark": ("what is nearby: the number is not in the register", "附近的标志：地址库中没有该号码"),
    "side": ("on which side of a border it is", "在网格边界的哪一侧"),
    "datum": ("which map the coordinates are from", "坐标来自哪种地图"),
}


def assign(
    settings: Settings,
    source: Path,
    target: Path,
    mapping: Mapping[str, str],
    crs: str,
    layer: str | None,
    as_of: str | None,
    summary: Path | None,
    within: str | None = None,
) -> None:
    """Write every row of a file with the grid that covers its address or point, and say how many fell where.

    Raises
    ------
    InputError
        A column, the datum, the time or the layer is not known, or source and target are the same file.
    FileError
        The file is no CSV, or the target cannot be written; nothing is left half-written.
    """
    unknown = sorted(set(mapping) - {"lon", "lat", "address"})
    if unknown:
        raise InputError(
            f"--map knows address, lon and lat, not {unknown[0]!r}",
            f"--map 只接受 address、lon 与 lat，不接受“{unknown[0]}”",
        )
    refuse_unwritable(target, "TARGET", (".csv",), others=(source,))
    if summary is not None:
        refuse_unwritable(summary, "--summary", (".csv", ".xlsx"), others=(source, target))
    instant = parse_time(as_of, zone=settings.zone) if as_of else time.time_ns() // 1000
    with database_url(settings) as url:
        moment = latest_snapshot(settings, url).moment(instant)
        assigner = Assigner(
            moment,
            layer,
            parse_crs(crs),
            unmasked=True,
            book=partial(latest_register, settings, url),
            within=within,
            chinese=chinese(),
        )
        _write(assigner, source, target, mapping)
    if summary is not None:
        write_table(pd.DataFrame(assigner.counts.summary(), columns=["level", "code", "name", "rows"]), summary)
    _report(assigner.counts, target)


def _write(assigner: Assigner, source: Path, target: Path, mapping: Mapping[str, str]) -> None:
    frames = assigned_frames(_chunks(source, mapping), assigner, mapping)
    first = next(frames)
    names = list(first.columns)
    with CsvWriter(target, names, own=names[-len(ADDED) :]) as writer, progress_bar() as progress:
        for frame in chain([first], frames):
            writer.write_frame(frame)
            progress(either("rows", "行"), assigner.counts.rows, None)


def _chunks(source: Path, mapping: Mapping[str, str]) -> Iterator[Table]:
    """The file in pieces: small ones where there are addresses, so that one sees it go on."""
    tables = read_csv_chunks(source, ADDRESSES_AT_ONCE)
    first = next(tables)
    if columns_read([str(name) for name in first.frame.columns], mapping).address is not None:
        return chain([first], tables)
    return read_csv_chunks(source, ROWS_AT_ONCE)


def _report(counts: Counts, target: Path) -> None:
    told = {status: counts.statuses[status] for status in _STATUSES if counts.statuses[status] or status in _ALWAYS}
    english = ", ".join(f"{count} {_STATUSES[status][0]}" for status, count in told.items())
    chinese_ = "，".join(f"{count} 行{_STATUSES[status][1]}" for status, count in told.items())
    said = either(f"{plural(counts.rows, 'row')}: {english}", f"共 {counts.rows} 行：{chinese_}")
    output.print(f"{said} → {escape(str(target))}")
    if counts.missing:
        output.print(either("What a person must find out:", "需要人工核实："))
    for (status, part), count in counts.missing.most_common():
        words, words_zh = _MISSING.get(part) or PARTS.get(part, (part, part))
        which, which_zh = _STATUSES[status]
        output.print(escape(either(f"  {count:,}  {words} ({which})", f"  {count:,} 行  {words_zh}（{which_zh}）")))
