"""The command ``gridmap load``: a file, what is wrong with it, what it would change, and the commit."""

import time
from pathlib import Path

from rich.markup import escape

from geodata.errors import LoadRefusedError
from geodata.intake.kinds import known_kind
from geodata.intake.report import Change, LoadOptions, LoadReport, Plan
from geodata.load_parts import load_large
from geodata.times import instant
from service.commands.findings import show_findings, write_report
from service.commands.screen import either, output, plural, progress_bar
from service.commands.state import connection
from service.commands.targets import refuse_unwritable
from service.settings import Settings

CODES_SHOWN = 8
REPAIRED = frozenset({"invalid-ring", "overlap"})
NOT_OF_THE_FILE = frozenset({"pending-release", "stale-base", "conflict"})


def load_file(settings: Settings, kind: str, path: Path, options: LoadOptions, report_path: Path | None) -> bool:
    """Load one file and print what came of it; says whether it has no errors.

    Parameters
    ----------
    report_path
        File to write all findings and mends to.

    Raises
    ------
    GeodataError
        The file, the options or the database cannot be used.
    """
    if report_path is not None:
        refuse_unwritable(report_path, "--report", others=(path,))
    with connection(settings) as opened, progress_bar() as progress:
        try:
            report = load_large(opened, kind, path, options=options, progress=progress)
        except LoadRefusedError as refusal:
            report = refusal.report
    _show(report, options, settings)
    if report_path is not None:
        write_report(report_path, report.findings, report.mends)
    return not report.errors


def _show(report: LoadReport, options: LoadOptions, settings: Settings) -> None:
    kind = escape(either(report.kind, f"{known_kind(report.kind).label}（{report.kind}）"))
    output.print(
        either(
            f"[bold]{escape(report.file)}[/]: {plural(report.rows_read, 'row')} read as {kind}",
            f"[bold]{escape(report.file)}[/]：{report.rows_read:,} 行，按{kind}读取",
        )
    )
    columns = ", ".join(field if field == column else f"{field} = {column}" for field, column in report.mapping.items())
    output.print(f"{either('Columns: ', '列：')}{escape(columns or '-')}", style="dim")
    if report.unused_columns:
        unused = escape(", ".join(report.unused_columns))
        output.print(either(f"Not used: {unused}", f"未使用的列：{unused}"), style="dim")
    show_findings(report.findings, report.mends)
    # Where nothing was understood there is no plan.
    if report.effective is not None:
        _show_plan(report.plan)
    output.print(_outcome(report, options, settings))


def _show_plan(plan: Plan) -> None:
    output.print(
        either(
            f"{len(plan.new):,} new, {len(plan.changed):,} changed, {len(plan.ended):,} ended, {plan.same:,} the same",
            f"新增 {len(plan.new):,}，变更 {len(plan.changed):,}，停用 {len(plan.ended):,}，不变 {plan.same:,}",
        )
    )
    for what, name in (("ended", either("ended", "停用")), ("changed", either("changed", "变更"))):
        shown = [_called(change) for change in plan.changes if change.what == what]
        if shown:
            more = " …" if len(shown) > CODES_SHOWN else ""
            output.print(f"  {name}{either(': ', '：')}{escape(', '.join(shown[:CODES_SHOWN]))}{more}")


def _called(change: Change) -> str:
    """The code, and what people call it where that says more: made codes say nothing."""
    if " · " in change.code and change.label:
        # What is known by its parts: the label says all of them, with names.
        return change.label
    return change.code if change.label in change.code else f"{change.code} {change.label}"


def _outcome(report: LoadReport, options: LoadOptions, settings: Settings) -> str:
    if report.committed:
        release = either(f", release {report.release}", f"，版本 {report.release}") if report.release else ""
        number = report.change_id
        return either(
            f"[green]Committed[/]{release}{_later(report, settings)}. "
            f"To undo it (change {number}): gridmap change undo {number}",
            f"[green]已提交[/]{release}{_later(report, settings)}。"
            f"如需撤销（变更 {number}）：gridmap change undo {number}",
        )
    if report.needs_retire_missing:
        ended = len(report.plan.ended)
        return either(
            f"[red]Not committed[/]: {ended} of the grids in force are not in the file and would end. Does it hold "
            "a part of the layer? Add --within AREA, with the code of that area. If they are to end, --retire-missing.",
            f"[red]未提交[/]：现有网格中有 {ended} 个不在文件中，将被停用。如文件只含部分区域，请加 --within 区划编码；"
            "如确需停用，请加 --retire-missing。",
        )
    if report.errors and all(finding.kind in NOT_OF_THE_FILE for finding in report.errors):
        return either("[red]It cannot be committed now[/]: see above.", "[red]目前无法提交[/]：原因见上。")
    if report.errors:
        hint, hint_zh = ", or try --repair", "，或试用 --repair"
        mendable = not options.repair and any(finding.kind in REPAIRED for finding in report.errors)
        return either(
            f"[red]Not committed[/]: {plural(len(report.errors), 'error')}. "
            f"Correct the file{hint if mendable else ''}, and load it again.",
            f"[red]未提交[/]：{len(report.errors):,} 处错误。请修改文件{hint_zh if mendable else ''}，再重新导入。",
        )
    if not report.plan.changes_anything:
        return either("Nothing to change: everything is stored like this.", "没有变化：数据库内容与文件一致。")
    return either(
        f"[yellow]Dry run[/]: nothing was changed. The same command with --commit loads it{_later(report, settings)}.",
        f"[yellow]试运行[/]：未作任何改动。确认后加 --commit 正式入库{_later(report, settings)}。",
    )


def _later(report: LoadReport, settings: Settings) -> str:
    """When it takes effect, where that is not at once."""
    if report.effective is None or report.effective <= time.time_ns() // 1000:
        return ""
    effective = f"{instant(report.effective).astimezone(settings.zone):%Y-%m-%d %H:%M}"
    return either(f", in force from {effective}", f"，{effective} 起生效")
