"""Which boards were printed with what on them, and print runs over many of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from geodata.access import record_audit
from geodata.errors import ConflictError, NotKnownError
from geodata.queries import named_queries

OPEN: Final = ("queued", "printing")
_STATES_ZH: Final = {
    "queued": "等待",
    "printing": "正在打印",
    "done": "已完成",
    "cancelled": "已取消",
    "failed": "已失败",
}
# A job says that it ended a moment after its run does.
_STRANDED_SECONDS: Final = 15.0
_DIED: Final = {
    "code": "worker-died",
    "title": "The print run broke off",
    "title_zh": "打印中断",
    "detail": "The process that printed ended before it was done. What was printed stays; start another run.",
    "detail_zh": "后台进程中途结束，打印未完成。已打印的文件保留；请重新开始打印。",
}
_SQL = named_queries(__file__)


@dataclass(frozen=True, slots=True)
class PrintedBoard:
    """A board as it was printed last; ``parts`` are digests of what it said, by part, ``file`` where it was written."""

    printed_board_id: int
    layer: str
    kind: str
    code: str
    name: str
    size: str
    lang: str
    digest: str
    parts: dict[str, str]
    release: int | None
    file: str
    printed_at: datetime
    printed_by: str

    @property
    def key(self) -> tuple[str, str, str, str, str]:
        """What it is a board of, in which size and language."""
        return self.layer, self.kind, self.code, self.size, self.lang


@dataclass(frozen=True, slots=True)
class Run:
    """A print run: what was asked, how many boards were looked at (``done`` of ``total``) and ``printed``."""

    run_id: int
    state: str
    asked: dict[str, Any]
    done: int
    total: int | None
    printed: int
    problem: dict[str, Any] | None
    created_at: datetime
    created_by: str
    progress_at: datetime
    job_id: int | None


def note_printed(connection: Connection[Any], values: Mapping[str, Any], parts: Mapping[str, str], actor: str) -> None:
    """Keep that a board was printed.

    Parameters
    ----------
    values
        ``layer kind code name size lang digest release file``.
    parts
        Digests of what it said, by part.
    """
    connection.execute(_SQL["add_printed"], {**values, "parts": Jsonb(dict(parts)), "actor": actor})


def printed_boards(connection: Connection[Any]) -> list[PrintedBoard]:
    """What was printed last of each board in each size and language."""
    with connection.cursor(row_factory=class_row(PrintedBoard)) as cursor:
        return cursor.execute(_SQL["latest_printed"]).fetchall()


def changed_parts(printed: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Names of the parts that say something else now."""
    return sorted(name for name in printed.keys() | now.keys() if printed.get(name) != now.get(name))


def refuse_second_run(connection: Connection[Any]) -> None:
    """Let one queued run go on at a time: they would print the same boards.

    Raises
    ------
    ConflictError
        A run waits for its job, or is printed by one.
    """
    connection.execute(_SQL["lock_runs"])
    row = connection.execute(_SQL["open_run"]).fetchone()
    if row is not None:
        raise ConflictError(
            f"Print run {row[0]} is not done yet: wait for it, or cancel it.",
            f"打印任务 {row[0]} 尚未完成：请等待，或先取消。",
            run=row[0],
        )


def begin_run(
    connection: Connection[Any], asked: Mapping[str, Any], total: int | None, actor: str, *, queued: bool = False
) -> int:
    """Identity of a new run, which begins to print at once, for as long as this session lives, or waits for a job."""
    state = "queued" if queued else "printing"
    values = {"state": state, "asked": Jsonb(dict(asked)), "total": total, "actor": actor}
    row = connection.execute(_SQL["add_run"], values).fetchone()
    assert row is not None
    if not queued:
        connection.execute(_SQL["hold_run"], {"run_id": row[0]})
    record_audit(connection, actor=actor, action="boards.print", target=str(row[0]), facts=dict(asked))
    return int(row[0])


def set_run_job(connection: Connection[Any], run_id: int, job_id: int) -> None:
    """Note which job prints a run."""
    connection.execute(_SQL["set_run_job"], {"run_id": run_id, "job_id": job_id})


def claim_run(connection: Connection[Any], run_id: int) -> tuple[dict[str, Any], str] | None:
    """What a run asks, and who asked, if it is still to be printed; one that a worker died of goes on."""
    row = connection.execute(_SQL["claim_run"], {"run_id": run_id}).fetchone()
    return None if row is None else (row[0], row[1])


def move_on(connection: Connection[Any], run_id: int, done: int, total: int, printed: int) -> bool:
    """Say how far a run is; False where somebody stopped it."""
    values = {"run_id": run_id, "done": done, "total": total, "printed": printed}
    return connection.execute(_SQL["move_on"], values).fetchone() is not None


def end_run(connection: Connection[Any], run_id: int, state: str, problem: Mapping[str, Any] | None = None) -> bool:
    """Say how a run ended: ``done``, ``cancelled`` or ``failed``; False where it had ended before."""
    values = {"run_id": run_id, "state": state, "problem": None if problem is None else Jsonb(dict(problem))}
    return connection.execute(_SQL["end_run"], values).fetchone() is not None


def print_runs(connection: Connection[Any], limit: int = 20) -> list[Run]:
    """Print runs, the newest first."""
    return _runs(connection, None, limit)


def print_run(connection: Connection[Any], run_id: int) -> Run:
    """One print run.

    Raises
    ------
    NotKnownError
        There is none of this identity.
    """
    found = _runs(connection, run_id, 1)
    if not found:
        raise NotKnownError(f"There is no print run {run_id}.", f"没有编号为 {run_id} 的打印任务。", run=run_id)
    return found[0]


def cancel_run(connection: Connection[Any], run_id: int, actor: str) -> Run:
    """Stop a run after the board that is being printed; what was printed stays.

    Raises
    ------
    NotKnownError
        There is no such run.
    ConflictError
        It has ended.
    """
    if not end_run(connection, run_id, "cancelled"):
        state = print_run(connection, run_id).state
        raise ConflictError(
            f"Print run {run_id} is {state}: there is nothing to stop.",
            f"打印任务 {run_id} 处于“{_STATES_ZH[state]}”状态，无需取消。",
            state=state,
        )
    record_audit(connection, actor=actor, action="boards.cancel", target=str(run_id))
    return print_run(connection, run_id)


def settle_stranded(connection: Connection[Any]) -> int:
    """Number of runs whose job or command ended without a word, which now say so."""
    values = {"problem": Jsonb(_DIED), "seconds": _STRANDED_SECONDS}
    return connection.execute(_SQL["stranded_runs"], values).rowcount


def _runs(connection: Connection[Any], run_id: int | None, limit: int) -> list[Run]:
    with connection.cursor(row_factory=class_row(Run)) as cursor:
        return cursor.execute(_SQL["runs"], {"run_id": run_id, "limit": limit}).fetchall()
