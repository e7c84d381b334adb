"""The command ``gridmap load``: a file, what is wrong with it, what it would change, and the commit."""

import csv
from pathlib import Path

from rich.markup import escape

from geodata.errors import LoadRefusedError
from geodata.intake.report import LoadOptions, LoadReport
from geodata.load import load
from geodata.records import Finding
from service.commands.screen import either, output, progress_bar, show_findings, show_mends
from service.commands.state import connection
from service.settings import Settings

CODES_SHOWN = 8


def load_file(settings: Settings, kind: str, path: Path, options: LoadOptions, report_path: Path | None) -> bool:
    """Load one file and print what came of it; says whether it has no errors.

    Parameters
    ----------
    report_path
        CSV to write all findings to.

    Raises
    ------
    GeodataError
        The file, the options or the database cannot be used.
    """
    with connection(settings) as opened, progress_bar() as progress:
        try:
            report = load(opened, kind, path, options=options, progress=progress)
        except LoadRefusedError as refusal:
            report = refusal.report
    if report_path is not None:
        _write_findings(report_path, report.findings)
    _show(report, options)
    return not report.errors


def _show(report: LoadReport, options: LoadOptions) -> None:
    columns = "  ".join(f"{field}←{column}" for field, column in report.mapping.items())
    output.print(
        either(
            f"{escape(report.file)}: {report.rows_read} rows read as {report.kind}. Columns: {escape(columns)}",
            f"{escape(report.file)}：按“{report.kind}”读取 {report.rows_read} 行。列对应：{escape(columns)}",
        )
    )
    if report.unused_columns:
        unused = escape(", ".join(report.unused_columns))
        output.print(either(f"Columns not used: {unused}", f"未使用的列：{unused}"))
    show_findings(report.findings)
    show_mends(report.mends)
    plan = report.plan
    output.print(
        either(
            f"{len(plan.new)} new, {len(plan.changed)} changed, {len(plan.ended)} ended, {plan.same} the same",
            f"新增 {len(plan.new)}，变更 {len(plan.changed)}，结束 {len(plan.ended)}，不变 {plan.same}",
        )
    )
    for name, codes in ((either("ended", "结束"), plan.ended), (either("changed", "变更"), plan.changed)):
        if codes:
            more = " …" if len(codes) > CODES_SHOWN else ""
            output.print(f"  {name}: {escape(', '.join(codes[:CODES_SHOWN]))}{more}")
    output.print(_outcome(report, options))


def _outcome(report: LoadReport, options: LoadOptions) -> str:
    if report.committed:
        release = either(f", release {report.release}", f"，版本 {report.release}") if report.release else ""
        return either(f"[green]Committed[/]{release}.", f"[green]已提交[/]{release}。")
    if report.errors:
        count = len(report.errors)
        return either(
            f"[red]Not committed[/]: {count} errors. Mend the file, or try --repair for geometry.",
            f"[red]未提交[/]：{count} 处错误。请修改文件；图形问题可试用 --repair。",
        )
    if report.needs_retire_missing:
        return either(
            f"[red]Not committed[/]: {len(report.plan.ended)} grids, more than a tenth of the layer, would end. "
            "If that is meant, add --retire-missing; for part of a layer use --within AREA.",
            f"[red]未提交[/]：将结束 {len(report.plan.ended)} 个网格，超过该类型的十分之一。"
            "如确需如此请加 --retire-missing；仅更新部分区域请用 --within AREA。",
        )
    if options.commit:
        return either("Nothing to change.", "没有变化。")
    return either("Dry run: nothing was changed. Add --commit to load.", "试运行：未作任何改动。加 --commit 正式入库。")


def _write_findings(path: Path, findings: tuple[Finding, ...]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["severity", "kind", "row", "code", "lon", "lat", "message", "message_zh"])
        for each in findings:
            writer.writerow(
                [each.severity, each.kind, each.row, each.code, each.lon, each.lat, each.message, each.message_zh]
            )
