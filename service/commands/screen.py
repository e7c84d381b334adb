"""What commands print: findings, tables and progress, in the language of the terminal."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from geodata.errors import GeodataError
from geodata.records import Finding, Mend

output = Console(highlight=False)
errors = Console(stderr=True, highlight=False)

FINDINGS_SHOWN = 50


def chinese() -> bool:
    """Whether the terminal's locale is a Chinese one."""
    locale = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return locale.lower().startswith("zh")


def either(english: str, zh: str) -> str:
    """The text in the terminal's language."""
    return zh if chinese() else english


def show_error(error: GeodataError) -> None:
    """Print what went wrong and what to do, to standard error."""
    title, detail = (error.title_zh, error.detail_zh) if chinese() else (error.title, error.detail)
    errors.print(f"[bold red]{escape(title)}[/]: {escape(detail)}")


def show_findings(findings: Sequence[Finding]) -> None:
    """Print findings, errors first, the first fifty of them."""
    if not findings:
        return
    table = Table(
        either("severity", "级别"),
        either("row", "行"),
        either("code", "编码"),
        either("place", "位置"),
        either("what", "问题"),
        title=either("Findings", "检查结果"),
        title_justify="left",
    )
    for finding in sorted(findings, key=lambda each: each.severity)[:FINDINGS_SHOWN]:
        colour = "red" if finding.severity == "error" else "yellow"
        place = "" if finding.lon is None or finding.lat is None else f"{finding.lon:.6f},{finding.lat:.6f}"
        row = "" if finding.row is None else str(finding.row)
        table.add_row(
            f"[{colour}]{finding.severity}[/]",
            row,
            escape(finding.code or ""),
            place,
            escape(either(finding.message, finding.message_zh)),
        )
    output.print(table)
    if len(findings) > FINDINGS_SHOWN:
        more = len(findings) - FINDINGS_SHOWN
        output.print(
            either(f"… and {more} more: --report FILE keeps them all", f"……还有 {more} 条：用 --report FILE 保存全部")
        )


def show_mends(mends: Sequence[Mend]) -> None:
    """Print what a repair changed, the first fifty mends."""
    for mend in mends[:FINDINGS_SHOWN]:
        output.print(
            f"  [cyan]{mend.kind}[/] {escape(mend.code or '')} {escape(either(mend.message, mend.message_zh))}"
        )
    if len(mends) > FINDINGS_SHOWN:
        output.print(
            either(f"  … and {len(mends) - FINDINGS_SHOWN} more", f"  ……还有 {len(mends) - FINDINGS_SHOWN} 处")
        )


@contextmanager
def progress_bar() -> Iterator[Callable[[str, int, int | None], None]]:
    """Show a bar on standard error while it is open; the given function says stage, done and total."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=errors, transient=True) as progress:
        task = progress.add_task("", total=None)
        described = ""

        def advance(stage: str, done: int, total: int | None) -> None:
            nonlocal described
            if stage != described:
                progress.reset(task, description=stage, total=total, completed=done)
                described = stage
            else:
                progress.update(task, total=total, completed=done)

        yield advance
