"""What is kept of a check beside its load: counts, findings, the first rows and what would change."""

import hashlib
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import orjson
from psycopg import Connection

from geodata.exchange import Table
from geodata.intake.report import LoadReport
from geodata.intake.understanding import cell_text
from geodata.queries import named_queries
from geodata.records import Finding

# What is kept of a file for looking at; the counts are always of all of it.
ROWS_KEPT = 20_000
FINDINGS_KEPT = 20_000
PLAN_KEPT = 20_000
LONGEST_CELL = 200

_SQL = named_queries(__file__)


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of reading a file: the table, how it was understood, and the report where the kind is known."""

    table: Table | None
    kind: str | None
    understanding: dict[str, Any] | None
    report: LoadReport | None

    @classmethod
    def empty(cls) -> "Checked":
        """Nothing was read."""
        return cls(None, None, None, None)


def digest(report: LoadReport) -> str:
    """What a load would do, in few bytes: the same for the same records to add, change and end."""
    plan = report.plan
    told = orjson.dumps([sorted(plan.new), sorted(plan.changed), sorted(plan.ended)])
    return hashlib.blake2b(told, digest_size=16).hexdigest()


def summary(connection: Connection[Any], checked: Checked) -> dict[str, Any]:
    """Counts of all that was found, and for which data it is true."""
    report = checked.report
    row = connection.execute(_SQL["data_version"]).fetchone()
    true_for = {"checked_at": time.time_ns() // 1000, "data_version": None if row is None else row[0]}
    if report is None:
        return {"counts": None, **true_for}
    counts = {
        "rows": report.rows_read,
        "errors": len(report.errors),
        "warnings": len(report.warnings),
        "new": len(report.plan.new),
        "changed": len(report.plan.changed),
        "ended": len(report.plan.ended),
        "same": report.plan.same,
        "mends": len(report.mends),
    }
    return {
        "counts": counts,
        "effective": report.effective,
        "layer": report.layer,
        "release": report.release,
        "needs_retire_missing": report.needs_retire_missing,
        "digest": digest(report),
        **true_for,
    }


def keep(connection: Connection[Any], load_id: int, checked: Checked) -> None:
    """Replace what was kept of an earlier check."""
    for query in ("forget_findings", "forget_plan") if checked.report is not None else ("forget_findings",):
        connection.execute(_SQL[query], {"load_id": load_id})
    report = checked.report
    with connection.cursor() as cursor:
        if report is not None:
            with cursor.copy(_SQL["copy_findings"]) as copy:
                for place, finding in enumerate(report.findings[:FINDINGS_KEPT]):
                    copy.write_row((load_id, place, finding.severity, _json(_finding(finding))))
            with cursor.copy(_SQL["copy_plan"]) as copy:
                for place, one in enumerate(report.plan.changes[:PLAN_KEPT]):
                    copy.write_row((load_id, place, one.what, _json(asdict(one))))
        if checked.table is not None:
            connection.execute(_SQL["forget_rows"], {"load_id": load_id})
            with cursor.copy(_SQL["copy_rows"]) as copy:
                for row, cells in _rows_kept(checked.table, report):
                    copy.write_row((load_id, row, _json(cells)))


def _finding(finding: Finding) -> dict[str, Any]:
    facts = finding.facts
    return {
        "severity": finding.severity,
        "kind": finding.kind,
        "row": finding.row,
        "column": facts.get("column"),
        "field": facts.get("field"),
        "code": finding.code,
        "message": finding.message,
        "message_zh": finding.message_zh,
        "lon": finding.lon,
        "lat": finding.lat,
    }


def _rows_kept(table: Table, report: LoadReport | None) -> Iterator[tuple[int, list[str]]]:
    """Row numbers and cells of the first rows, and of later ones that something was found in."""
    found = () if report is None else report.findings[:FINDINGS_KEPT]
    places = np.flatnonzero(np.isin(table.rows, [finding.row for finding in found if finding.row is not None]))
    kept = np.union1d(np.arange(min(len(table.rows), ROWS_KEPT)), places)
    geometry = getattr(table.frame, "active_geometry_name", None)
    columns = [table.frame[name].to_numpy() for name in table.frame.columns if name != geometry]
    numbers = table.rows
    seen: set[int] = set()
    for place in kept.tolist():
        row = int(numbers[place])
        if row not in seen:
            seen.add(row)
            yield row, [cell_text(column[place])[:LONGEST_CELL] for column in columns]


def _json(content: Any) -> str:
    # NUL is the one sign that JSON may hold and PostgreSQL not.
    return orjson.dumps(content, default=str, option=orjson.OPT_SERIALIZE_NUMPY).decode().replace("\\u0000", "�")
