"""What commands print: errors, tables and progress, in the language of the terminal."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from geodata.errors import GeodataError, SetupError, UnavailableError

_STAGES_ZH = {
    "starting the database": "启动数据库",
    "generating the sample": "生成示例数据",
    "starting the server": "启动服务",
    "reading the file": "读取文件",
    "reading values": "读取各列",
    "placing": "定位",
    "reading what is in force": "读取现有网格",
    "reading the roster": "读取排班",
    "repairing": "修复图形",
    "validating": "检查图形",
    "finding communities": "匹配社区",
    "comparing": "与现有数据比较",
    "looking for contradictions": "查找矛盾",
    "writing": "写入",
    "undoing": "撤销",
}


def _console(stream: TextIO, *, stderr: bool) -> Console:
    # A line that goes to a file or another program stays one line.
    return Console(stderr=stderr, highlight=False, emoji=False, soft_wrap=not stream.isatty())


output = _console(sys.stdout, stderr=False)
errors = _console(sys.stderr, stderr=True)


def print_anywhere() -> None:
    """Let no character stop a command whose terminal cannot show it: it becomes a question mark there."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def chinese() -> bool:
    """Whether the terminal's locale is a Chinese one."""
    locale = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return locale.lower().startswith("zh")


def either(english: str, zh: str) -> str:
    """The text in the terminal's language."""
    return zh if chinese() else english


def plural(count: int, one: str, many: str = "") -> str:
    """A number and its English noun."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def metres(distance: float) -> str:
    """A distance as people say it: centimetres where it is short, kilometres where it is long."""
    if distance >= 1000:
        kilometres = distance / 1000
        return either(f"{kilometres:,.1f} km", f"{kilometres:,.1f} 千米")
    digits = 0 if distance >= 100 else 1 if distance >= 10 else 2
    return either(f"{distance:.{digits}f} m", f"{distance:.{digits}f} 米")


def show_error(error: GeodataError) -> None:
    """Print what went wrong and what to do, to standard error; where a database said why, its words too."""
    from geodata.database import reason

    title, detail = (error.title_zh, error.detail_zh) if chinese() else (error.title, error.detail)
    why = reason(error) if isinstance(error, UnavailableError) and not isinstance(error, SetupError) else ""
    errors.print(f"[bold red]{escape(title)}[/]{either(': ', '：')}{escape(detail + why)}")


def table(*headers: str) -> Table:
    """A table whose cells fold and lose nothing, Chinese ones too."""
    made = Table()
    for header in headers:
        made.add_column(header, overflow="fold")
    return made


@contextmanager
def progress_bar() -> Iterator[Callable[[str, int, int | None], None]]:
    """Show a bar on standard error while it is open; the given function says stage, done and total.

    Nothing is shown where standard error is no terminal.
    """
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as progress:
        task = progress.add_task("", total=None)
        described = ""

        def advance(stage: str, done: int, total: int | None) -> None:
            nonlocal described
            stage = either(stage, _STAGES_ZH.get(stage, stage))
            if stage != described:
                progress.reset(task, description=stage, total=total, completed=done)
                described = stage
            else:
                progress.update(task, total=total, completed=done)

        yield advance
