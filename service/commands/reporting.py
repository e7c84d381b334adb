"""What ``gridmap coverage report`` does: everything that is in force → a PDF."""

import time
from pathlib import Path

from rich.markup import escape

from geodata.errors import FileError
from geodata.reachable import Reachable
from geodata.times import instant, parse_time
from service.commands.covering import Question, ready_of
from service.commands.known import latest_snapshot
from service.commands.screen import either, output, progress_bar
from service.commands.state import database_url
from service.commands.targets import refuse_unwritable
from service.maps.coverage_report import headline, report_pdf
from service.maps.coverage_reporting import Dates, make_report
from service.settings import Settings


def write(
    settings: Settings, question: Question, out: Path, *, compare: str | None, stations: int, english: bool
) -> None:
    """Write the report and print its first sentence.

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

    def day(micros: int) -> str:
        return instant(micros).astimezone(settings.zone).date().isoformat()

    refuse_unwritable(out, "--out", (".pdf",))
    then = None if compare is None else parse_time(compare, zone=settings.zone)
    ready = ready_of(settings, question)
    earlier = None
    if then is not None:
        with database_url(settings) as url:
            earlier = latest_snapshot(settings, url).moment(then)
    dates = Dates(
        as_of=day(ready.as_of),
        made=day(time.time_ns() // 1000),
        network=day(ready.walking.compiled_at),
        before="" if then is None else day(then),
    )
    with progress_bar() as progress:
        progress(either("working out walks", "计算步行时间"), 0, None)
        made = make_report(
            Reachable(),
            ready.walking,
            ready.moment,
            ready.selection,
            dates,
            earlier=earlier,
            stations=stations,
            attribution=settings.attribution,
            approval_number=settings.map_approval_number,
            lang="en" if english else "zh-CN",
        )
        progress(either("printing", "排版"), 0, None)
        content = report_pdf(made)
    try:
        out.write_bytes(content)
    except OSError as error:
        raise FileError(f"{out} cannot be written: {error.strerror}", f"无法写入 {out}：{error.strerror}") from error
    output.print(escape(headline(made)))
    output.print(f"→ {escape(str(out))}")
