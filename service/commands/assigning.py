"""The command ``gridmap assign``: a file of points in, the same file with grids out, in bounded memory."""

import time
from collections.abc import Mapping
from itertools import chain
from pathlib import Path

import pandas as pd
from rich.markup import escape

from geodata.assign import ADDED, Assigner, Counts, assigned_frames
from geodata.crs import parse_crs
from geodata.errors import InputError
from geodata.exchange.delimited import read_csv_chunks
from geodata.exchange.write import CsvWriter, write_table
from geodata.times import parse_time
from service.commands.known import latest_snapshot
from service.commands.screen import either, output, plural, progress_bar
from service.commands.state import database_url
from service.commands.targets import refuse_unwritable
from service.settings import Settings

ROWS_AT_ONCE = 50_000


def assign(
    settings: Settings,
    source: Path,
    target: Path,
    mapping: Mapping[str, str],
    crs: str,
    layer: str | None,
    as_of: str | None,
    summary: Path | None,
) -> None:
    """Write every row of a file with the grid that covers its point, and say how many fell where.

    Raises
    ------
    InputError
        A column, the datum, the time or the layer is not known, or source and target are the same file.
    FileError
        The file is no CSV, or the target cannot be written; nothing is left half-written.
    """
    unknown = sorted(set(mapping) - {"lon", "lat"})
    if unknown:
        raise InputError(
            f"--map knows lon and lat, not {unknown[0]!r}", f"--map 只接受 lon 与 lat，不接受“{unknown[0]}”"
        )
    refuse_unwritable(target, "TARGET", (".csv",), others=(source,))
    if summary is not None:
        refuse_unwritable(summary, "--summary", (".csv", ".xlsx"), others=(source, target))
    instant = parse_time(as_of, zone=settings.zone) if as_of else time.time_ns() // 1000
    with database_url(settings) as url:
        moment = latest_snapshot(settings, url).moment(instant)
    assigner = Assigner(moment, layer, parse_crs(crs), unmasked=True)
    _write(assigner, source, target, mapping)
    if summary is not None:
        write_table(pd.DataFrame(assigner.counts.summary(), columns=["level", "code", "name", "rows"]), summary)
    _report(assigner.counts, target)


def _write(assigner: Assigner, source: Path, target: Path, mapping: Mapping[str, str]) -> None:
    frames = assigned_frames(read_csv_chunks(source, ROWS_AT_ONCE), assigner, mapping.get("lon"), mapping.get("lat"))
    first = next(frames)
    names = list(first.columns)
    with CsvWriter(target, names, own=names[-len(ADDED) :]) as writer, progress_bar() as progress:
        for frame in chain([first], frames):
            writer.write_frame(frame)
            progress(either("rows", "行"), assigner.counts.rows, None)


def _report(counts: Counts, target: Path) -> None:
    outside = counts.rows - counts.found - counts.invalid
    english = f"{plural(counts.rows, 'row')}: {counts.found} in a grid, {outside} outside, {counts.invalid} invalid"
    chinese = f"共 {counts.rows} 行：{counts.found} 行落入网格，{outside} 行在网格外，{counts.invalid} 行无效"
    output.print(f"{either(english, chinese)} → {escape(str(target))}")
