"""What jobs do with the files that clerks bring: check, commit, undo; each for one version of a load, or not at all."""

import contextlib
import logging
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg.types.json import Jsonb

from geodata.changes import undo_change
from geodata.database import away_is_unavailable, connect
from geodata.desk.kept import Checked, digest, keep, summary
from geodata.desk.shown import write_file
from geodata.desk.stored import BEFORE, StoredLoad, problem_of, stored_load
from geodata.errors import FileError, GeodataError, LoadRefusedError, NotKnownError, UnavailableError
from geodata.exchange import Table, read_table
from geodata.exchange.sniff import content_of
from geodata.intake.extent import parse_box
from geodata.intake.kinds import KINDS
from geodata.intake.profiles import profile
from geodata.intake.references import now
from geodata.intake.report import LoadOptions
from geodata.intake.roster_columns import with_roles
from geodata.intake.understanding import guess_kinds, likeliest, suiting, understand, unread
from geodata.load import load_table
from geodata.queries import named_queries

_BETWEEN_SECONDS = 0.25
# A job says that it ended a moment after its load does.
_STRANDED_SECONDS = 15.0
_SQL = named_queries(__file__)
_log = logging.getLogger("gridmap.desk")

DIED = problem_of(
    "worker-died",
    ("The work on it broke off", "处理中断"),
    (
        "The process that worked on this file ended before it was done; nothing was written. Try again; if it happens "
        "again the file may be too large for this server.",
        "处理该文件的后台进程中途结束，未写入任何内容。请重试；如再次出现，可能是文件超出了服务器的处理能力。",
    ),
)
_BROKEN = problem_of(
    "internal-error",
    ("Something went wrong on the server", "服务器内部错误"),
    ("It was logged; tell the operator the number of the load.", "错误已记录，请将导入编号告知运维人员。"),
)


_CHANGED_SINCE = problem_of(
    "changed-since",
    ("The data changed since the check", "检查之后数据已有变化"),
    (
        "Others changed the same data after this file was checked, so that it would do something else now than was "
        "shown. Nothing was written: look at what it would change and commit again.",
        "该文件检查之后，他人修改了相关数据，提交的结果将与所示不同。未写入任何内容：请重新查看变更内容后再提交。",
    ),
)


class _NoLongerWanted(Exception):  # noqa: N818 - not a fault: somebody stopped or changed the load meanwhile
    """The load is not at the version that the job is for."""


def check_load(url: str, load_id: int, version: int) -> None:
    """Read a stored file, say what is wrong with it and what it would change, and keep that beside it.

    Parameters
    ----------
    url
        libpq URL of the database.
    load_id, version
        Which load, and for which version of it; another is left alone.

    Raises
    ------
    UnavailableError
        The database went away: to be tried again.
    """

    def check(work: _Work) -> None:
        checked = _checked(work, commit=False, actor=work.load.created_by)
        # The load may have been told to keep a profile.
        work.connection.commit()
        work.finish("checked", checked)

    _run(url, load_id, version, ("queued", "checking"), "checking", check)


def commit_load(url: str, load_id: int, version: int, actor: str) -> None:
    """Check a stored file again under the locks and write it; exactly once, whoever else tries.

    Raises
    ------
    UnavailableError
        The database went away: to be tried again.
    """

    def commit(work: _Work) -> None:
        try:
            checked = _checked(work, commit=True, actor=actor)
        except LoadRefusedError as refused:
            work.connection.rollback()
            work.finish("checked", replace(Checked.empty(), report=refused.report), _problem(refused))
            return
        report = checked.report
        if report is not None and digest(report) != work.load.report.get("digest"):
            work.connection.rollback()
            unwritten = replace(report, committed=False, change_id=None, release=None)
            work.finish("checked", replace(checked, report=unwritten), _CHANGED_SINCE)
            return
        done = report is not None and report.committed
        # In the transaction that writes: who comes second finds another version and takes everything back.
        _finish(work.connection, load_id, version, "committed" if done else "checked", checked)
        work.connection.commit()

    _run(url, load_id, version, ("committing",), "committing", commit)


def undo_load(url: str, load_id: int, version: int, actor: str) -> None:
    """Undo what a load committed; exactly once.

    Raises
    ------
    UnavailableError
        The database went away: to be tried again.
    """

    def undo(work: _Work) -> None:
        work.progress("undoing", 0, None)
        if work.load.change_id is None:
            raise NotKnownError("This load changed nothing.", "该导入没有任何变更。")
        undo_change(work.connection, work.load.change_id, actor)
        _finish(work.connection, load_id, version, "undone")
        work.connection.commit()

    _run(url, load_id, version, ("undoing",), "undoing", undo)


def settle_stranded(connection: Connection[Any]) -> int:
    """Number of loads whose job ended without a word, which now say so."""
    found = connection.execute(_SQL["stranded"], {"seconds": _STRANDED_SECONDS}).fetchall()
    for load_id, state, version in found:
        after = "failed" if state in ("queued", "checking") else BEFORE[state]
        _finish(connection, load_id, version, after, problem=DIED)
    return len(found)


class _Work:
    """One job on one version of a load: where it reads and writes, and how it tells how far it is."""

    def __init__(self, load: StoredLoad, watch: Connection[Any], connection: Connection[Any]) -> None:
        self.load = load
        self.watch = watch
        self.connection = connection
        self._told_at = 0.0

    def progress(self, stage: str, done: int, total: int | None) -> None:
        """Say how far it is, at most four times a second; stop where the load is no longer wanted."""
        now = time.monotonic()
        if now - self._told_at < _BETWEEN_SECONDS:
            return
        self._told_at = now
        values = {
            "load_id": self.load.load_id,
            "version": self.load.version,
            "progress": Jsonb({"stage": stage, "done": done, "total": total}),
        }
        if self.watch.execute(_SQL["set_progress"], values).fetchone() is None:
            raise _NoLongerWanted

    def finish(self, state: str, checked: Checked | None = None, problem: dict[str, Any] | None = None) -> None:
        """Keep what came of it; stop where it is no longer wanted."""
        with self.watch.transaction():
            _finish(self.watch, self.load.load_id, self.load.version, state, checked, problem)


def _run(url: str, load_id: int, version: int, states: Sequence[str], state: str, do: Callable[[_Work], None]) -> None:
    """Work on a load, if it is still wanted; what goes wrong becomes its problem.

    Parameters
    ----------
    states, state
        Those that it may be in, and the one that it is in from now on.

    Raises
    ------
    UnavailableError
        The database went away: to be tried again.
    """
    values = {
        "load_id": load_id,
        "version": version,
        "state": state,
        "states": list(states),
        "progress": Jsonb({"stage": "starting", "done": 0, "total": None}),
    }
    with away_is_unavailable(), connect(url, autocommit=True) as watch:
        if watch.execute(_SQL["claim"], values).fetchone() is None:
            return
        with _ending_with_us(url) as connection, contextlib.suppress(_NoLongerWanted):
            work = _Work(stored_load(watch, load_id), watch, connection)
            problem = _done(work, do)
            if problem is not None:
                connection.rollback()
                work.finish("failed" if state == "checking" else BEFORE[state], problem=problem)


def _ending_with_us(url: str) -> Connection[Any]:
    """A connection whose statement ends soon after this process does, so that what it locked is free again."""
    connection = connect(url)
    connection.execute(_SQL["end_with_client"])
    connection.commit()
    return connection


def _done(work: _Work, do: Callable[[_Work], None]) -> dict[str, Any] | None:
    """None where it was done; else why not."""
    try:
        with away_is_unavailable():
            do(work)
    except (_NoLongerWanted, UnavailableError):
        work.connection.rollback()
        raise
    except GeodataError as error:
        return _problem(error)
    except Exception:
        _log.exception("unexpected error in load %d", work.load.load_id)
        return _BROKEN
    return None


def _problem(error: GeodataError) -> dict[str, Any]:
    return problem_of(error.code, (error.title, error.title_zh), (error.detail, error.detail_zh))


def _checked(work: _Work, *, commit: bool, actor: str) -> Checked:
    """What a stored file holds and what it would change; with ``commit`` it is written, and not yet committed."""
    told = work.load.options
    with tempfile.TemporaryDirectory(prefix="gridmap-") as folder:
        path = Path(folder) / work.load.file
        work.progress("reading the file", 0, work.load.bytes)
        write_file(work.watch, work.load.load_id, path)
        table = _table(path, work.load.kind, told)
    guesses = guess_kinds(table)
    kind = work.load.kind or likeliest(guesses)
    by_profile: dict[str, str] = {}
    if kind is not None and told["profile"]:
        by_profile = profile(work.connection, told["profile"], kind).mapping
    meant = unread(table)
    if kind is not None:
        # Which columns a wide roster has depends on the roles that there are.
        known = with_roles(work.connection, KINDS[kind], now(work.connection))
        meant = understand(known, table, told["mapping"], by_profile)
    understanding = {
        "kinds_guessed": [asdict(guess) for guess in guesses],
        "sheets": list(table.sheets),
        "sheet": table.sheet,
        "header_rows": None if table.header_rows is None else list(table.header_rows),
        "columns": [asdict(column) for column in meant.columns],
        "missing_fields": list(meant.missing),
    }
    if kind is None:
        return Checked(table, None, understanding, None)
    options = _options(told, commit=commit, actor=actor)
    report = load_table(work.connection, kind, table, options=options, progress=work.progress)
    return Checked(table, kind, understanding, report)


def _table(path: Path, kind: str | None, told: dict[str, Any]) -> Table:
    """The sheet or layer that was asked for; in an archive it may be either."""
    sheet = told["sheet"]
    rows = None if told["header_rows"] is None else (told["header_rows"][0], told["header_rows"][1])
    read = partial(read_table, path, header_rows=rows, fits=suiting(kind))
    if sheet is None:
        return read()
    if content_of(path) == "zip":
        try:
            return read(source_layer=sheet)
        except FileError:
            return read(sheet=sheet)
    return read(sheet=sheet, source_layer=sheet)


def _options(told: dict[str, Any], *, commit: bool, actor: str) -> LoadOptions:
    return LoadOptions(
        layer=told["layer"],
        crs=told["crs"],
        mapping=told["mapping"],
        profile=told["profile"],
        save_profile=told["save_profile"],
        within=told["within"],
        box=parse_box(told["box"]) if told.get("box") else None,
        effective=told["effective"],
        retire_missing=told["retire_missing"],
        repair=told["repair"],
        commit=commit,
        actor=actor,
        note=told["note"],
    )


def _finish(
    connection: Connection[Any],
    load_id: int,
    version: int,
    state: str,
    checked: Checked | None = None,
    problem: dict[str, Any] | None = None,
) -> None:
    """Write what came of a job, with what is to be looked at; raise where the load is no longer wanted."""
    checked = checked or Checked.empty()
    report = checked.report
    values = {
        "load_id": load_id,
        "version": version,
        "state": state,
        "problem": None if problem is None else Jsonb(problem),
        "kind": checked.kind,
        "understanding": None if checked.understanding is None else Jsonb(checked.understanding),
        "report": Jsonb(summary(connection, checked)) if checked.understanding is not None or report else None,
        "change_id": None if report is None else report.change_id,
    }
    if connection.execute(_SQL["finish"], values).fetchone() is None:
        raise _NoLongerWanted
    if checked.understanding is not None or report is not None:
        keep(connection, load_id, checked)
