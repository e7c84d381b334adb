"""Door: a file of addresses that is too large for memory → its parts, one after another, written all or none."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import Any, Final

from psycopg import Connection, Rollback

from geodata.access import record_audit
from geodata.address.register import begin_parts
from geodata.changes import join_changes, noted_change
from geodata.errors import FileError, LoadRefusedError
from geodata.exchange import Table
from geodata.exchange.delimited import read_csv_chunks
from geodata.exchange.sniff import content_of
from geodata.intake.addresses import CHANGES_TOLD
from geodata.intake.report import Change, LoadOptions, LoadReport, Plan, Progress
from geodata.load import COMMITTED, load, load_table, loaded_facts, refused, silent
from geodata.records import Finding

LARGE_BYTES: Final = 96 * 2**20
"""A larger text file is read in parts."""
ROWS: Final = 200_000
"""Rows of a part: they take about a gigabyte while they are compared."""
_TOLD: Final = 200
"""Findings of one kind that are kept of all parts; the others are counted."""


def load_large(
    connection: Connection[Any],
    kind: str,
    path: Path | str,
    *,
    options: LoadOptions | None = None,
    progress: Progress = silent,
    larger_than: int = LARGE_BYTES,
    rows: int = ROWS,
) -> LoadReport:
    """As `geodata.load.load`; a large text file of addresses is read in parts, so that memory does not grow with it.

    Parameters
    ----------
    larger_than
        Bytes of a file that is read whole.
    rows
        Rows of a part.

    Notes
    -----
    Parts are held against each other by code and, with ``commit``, by address; neighbours along a road only within
    one part. Of a code in two parts the first row is taken.
    """
    source, told = Path(path), options or LoadOptions()
    large = kind == "addresses" and source.is_file() and source.stat().st_size > larger_than
    if not large or content_of(source) != "text":
        try:
            return load(connection, kind, source, options=told, progress=progress)
        except FileError as error:
            raise _as_text(error) if large and "limit" in error.facts else error from None
    tables = read_csv_chunks(source, rows, header_rows=told.header_rows, unescaped=True)
    if not connection.autocommit:
        # What is nested in a transaction is not committed before the caller does.
        begin_parts(connection)
    if told.commit:
        return _committed(connection, kind, source.name, tables, told, progress)
    with connection.transaction():
        return _loaded(connection, kind, tables, told, progress)


def _as_text(error: FileError) -> FileError:
    """The error that a table is too large, with what to do where it holds addresses."""
    return FileError(
        f"{error.detail} Or save it as CSV: a text file of addresses may have any size.",
        f"{error.detail_zh}也可另存为 CSV：文本格式的地址文件不限大小。",
        **error.facts,
    )


def _committed(
    connection: Connection[Any], kind: str, name: str, tables: Iterator[Table], options: LoadOptions, progress: Progress
) -> LoadReport:
    """The report of all parts, written as one change; nothing is written where one of them has errors."""
    with connection.transaction() as writing:
        join_changes(connection)
        # What came of it stands in the audit log: a change is never written anew.
        with noted_change(connection, options.actor, COMMITTED, kind, {"file": name, "in_parts": True}) as change_id:
            report = _loaded(connection, kind, tables, options, progress)
            if report.errors:
                raise refused(report)
            if not report.committed:
                raise Rollback(writing)
        if options.recorded:
            facts = {**loaded_facts(report), "change": change_id}
            record_audit(connection, actor=options.actor, action=COMMITTED, target=kind, facts=facts)
    return report


def _loaded(
    connection: Connection[Any], kind: str, tables: Iterator[Table], options: LoadOptions, progress: Progress
) -> LoadReport:
    """What came of all parts; after one that is refused the others are only checked."""
    begin_parts(connection)
    whole = _Whole()
    coming = next(tables)
    told = replace(options, recorded=False, part="more")
    while True:
        table, following = coming, next(tables, None)
        if following is None:
            told = replace(told, part="last")
        progress("reading values", whole.rows, None)
        try:
            report = load_table(connection, kind, table, options=told)
        except LoadRefusedError as error:
            report = error.report
            told = replace(told, commit=False)
        whole.add(report)
        if following is None or (report.effective is None and report.errors):
            return whole.report()
        coming, told = following, replace(told, save_profile=None)


@dataclass(slots=True)
class _Whole:
    """What the reports of parts are together."""

    parts: list[LoadReport] = field(default_factory=list)
    rows: int = 0
    same: int = 0
    codes: dict[str, list[tuple[str, ...]]] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    findings: dict[str, list[Finding]] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, report: LoadReport) -> None:
        """Take in the report of the next part."""
        self.rows += report.rows_read
        self.same += report.plan.same
        for what in ("new", "changed", "ended"):
            self.codes.setdefault(what, []).append(getattr(report.plan, what))
        self.changes += report.plan.changes[: CHANGES_TOLD - len(self.changes)]
        for finding in report.findings:
            self._note(finding)
        self.parts.append(replace(report, findings=(), plan=Plan()))

    def _note(self, finding: Finding) -> None:
        counted = finding.row is None and "rows" in finding.facts
        # What is said of the file as a whole is said once.
        known = self.findings.setdefault(f"{finding.severity} {finding.kind}", [])
        if finding.row is None and not counted and any(one.message == finding.message for one in known):
            return
        if counted or len(known) >= _TOLD:
            self.counts[f"{finding.severity} {finding.kind}"] += finding.facts["rows"] if counted else 1
            return
        known.append(finding)

    def report(self) -> LoadReport:
        """The report of the whole file."""
        last = self.parts[-1]
        new, changed, ended = (tuple(chain(*self.codes[what])) for what in ("new", "changed", "ended"))
        plan = Plan(new, changed, ended, self.same, tuple(self.changes))
        findings = [finding for key in sorted(self.findings) for finding in (*self.findings[key], *self._more(key))]
        committed = [part for part in self.parts if part.committed]
        return replace(
            last,
            rows_read=self.rows,
            findings=tuple(findings),
            plan=plan,
            committed=bool(committed),
            change_id=committed[0].change_id if committed else None,
        )

    def _more(self, key: str) -> list[Finding]:
        count = self.counts[key]
        if not count:
            return []
        severity, kind = key.split(" ", 1)
        return [
            Finding(
                "error" if severity == "error" else "warning",
                kind,
                f"{count:,} more rows have the same fault.",
                f"另有 {count:,} 行存在同样的问题。",
                facts={"rows": count},
            )
        ]
