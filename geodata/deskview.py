"""What is looked at beside a load: its findings, rows and plan, the job on it, and whether anybody does jobs."""

from dataclasses import dataclass
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row

from geodata.errors import NotKnownError
from geodata.queries import named_queries

# A worker gives a sign of life every ten seconds.
SILENT_SECONDS = 30.0

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
