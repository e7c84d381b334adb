"""What is looked at beside a load: its findings, rows and plan, the job on it, and whether anybody does jobs."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row

from geodata.desk.stored import StoredLoad
from geodata.errors import ConflictError, NotKnownError
from geodata.exchange.marked import write_marked
from geodata.queries import named_queries
from geodata.records import Finding

# A worker gives a sign of life every ten seconds.
SILENT_SECONDS = 30.0
MARKED = 20_000

_SQL = named_queries(__file__)


def worker_alive(connection: Connection[Any]) -> bool:
    """Whether a worker process gave a sign of life lately, so that jobs get done."""
    row = connection.execute(_SQL["worker_alive"], {"seconds": SILENT_SECONDS}).fetchone()
    return row is not None and bool(row[0])


@dataclass(frozen=True, slots=True)
class Job:
    """Work on a load: ``check``, ``commit`` or ``undo``; ``status`` in the words of the queue."""

    job_id: int
    task: str
    status: str
    attempts: int
    load_id: int
    progress: dict[str, Any] | None


def job(connection: Connection[Any], job_id: int) -> Job:
    """One job on a load.

    Raises
    ------
    NotKnownError
        There is none of this identity.
    """
    with connection.cursor(row_factory=class_row(Job)) as cursor:
        found = cursor.execute(_SQL["job"], {"job_id": job_id}).fetchone()
    if found is None:
        raise NotKnownError(f"There is no job {job_id}.", f"没有编号为 {job_id} 的任务。", job=job_id)
    return found


def write_file(connection: Connection[Any], load_id: int, path: Path) -> None:
    """Write the bytes of a load to a file, part by part."""
    with path.open("wb") as file, connection.cursor(binary=True) as cursor:
        for (content,) in cursor.stream(_SQL["load_parts"], {"load_id": load_id}):
            file.write(content)


@dataclass(frozen=True, slots=True)
class Unmarked:
    """A load's file in a folder, and what is to be marked in it; that takes no database any more."""

    source: Path
    sheet: str | None
    findings: tuple[Finding, ...]
    header_rows: tuple[int, int] | None

    def marked(self) -> Path:
        """The sheet with the faults of its last check marked in their cells, as xlsx beside the file.

        Raises
        ------
        FileError
            It has no sheet that could be written again.
        """
        target = self.source.parent / "marked" / "marked.xlsx"
        target.parent.mkdir()
        write_marked(self.source, self.sheet, self.findings, target, header_rows=self.header_rows)
        return target


def unmarked_sheet(connection: Connection[Any], load: StoredLoad, folder: Path) -> Unmarked:
    """The file of a load, written to a folder, with the findings of its last check.

    Raises
    ------
    ConflictError
        It was not checked yet.
    """
    if not load.report.get("counts"):
        raise ConflictError(
            f"Load {load.load_id} has no findings yet: wait for the check, or say what it holds.",
            f"导入 {load.load_id} 尚无检查结果：请等待检查完成，或先指定数据种类。",
            state=load.state,
        )
    source = folder / load.file
    write_file(connection, load.load_id, source)
    findings = tuple(
        Finding(
            one["severity"],
            one["kind"],
            one["message"],
            one["message_zh"],
            one["row"],
            one["code"],
            facts={name: one[name] for name in ("column", "field") if one[name] is not None},
        )
        for _, one in load_findings(connection, load.load_id, limit=MARKED)
    )
    rows = load.options.get("header_rows")
    return Unmarked(source, load.understanding.get("sheet"), findings, None if rows is None else (rows[0], rows[1]))


def load_findings(
    connection: Connection[Any], load_id: int, *, severity: str | None = None, after: int = -1, limit: int = 100
) -> list[tuple[int, dict[str, Any]]]:
    """Findings of the last check with their places, errors first; those after the place ``after``."""
    values = {"load_id": load_id, "severity": severity, "after": after, "limit": limit}
    return connection.execute(_SQL["findings"], values).fetchall()


def load_rows(
    connection: Connection[Any], load_id: int, *, after: int = -1, limit: int = 100
) -> list[tuple[int, list[str]]]:
    """Rows of the sheet as their user counts, and their cells in the order of the columns; those after one."""
    return connection.execute(_SQL["rows"], {"load_id": load_id, "after": after, "limit": limit}).fetchall()


def load_plan(
    connection: Connection[Any], load_id: int, *, what: str | None = None, after: int = -1, limit: int = 100
) -> list[tuple[int, dict[str, Any]]]:
    """What a load would change, or changed, with the places; only ``new``, ``changed`` or ``ended`` where told."""
    values = {"load_id": load_id, "what": what, "after": after, "limit": limit}
    return connection.execute(_SQL["plan"], values).fetchall()
