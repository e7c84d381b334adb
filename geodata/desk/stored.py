"""Files that clerks bring, kept in the database with what was understood of them until they are committed or dropped.

A load goes from ``queued`` through ``checking`` to ``checked``, from there through ``committing`` to ``committed`` and
perhaps through ``undoing`` to ``undone``; ``failed`` is one that cannot be read, ``cancelled`` one that was stopped.
Whoever moves it names the version that they looked at; jobs hold for one version alone, and drop out when it has risen.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from geodata.access import record_audit
from geodata.errors import ConflictError, InputError, NotKnownError, StaleEditError
from geodata.intake.extent import parse_box
from geodata.intake.kinds import known_kind
from geodata.intake.profiles import profile
from geodata.queries import named_queries

DAYS_KEPT = 30
# All files together; far more than an office brings in a month, and what a server's disk can spare.
MOST_BYTES_KEPT = 20 * 2**30
# What file systems hold, with room for what they add.
LONGEST_FILE_NAME_BYTES = 200

_PART_BYTES = 1_000_000
BUSY = ("queued", "checking", "committing", "undoing")
_MAY_AMEND = ("queued", "checking", "checked", "failed", "cancelled", "undone")
_MAY_DISCARD = ("queued", "checking", "checked", "committed", "undone", "failed", "cancelled")
# Where a load goes back to when the work on it is stopped.
BEFORE = {"queued": "cancelled", "checking": "cancelled", "committing": "checked", "undoing": "committed"}
_STATES_ZH = {
    "queued": "等待检查",
    "checking": "正在检查",
    "checked": "已检查",
    "committing": "正在提交",
    "committed": "已提交",
    "undoing": "正在撤销",
    "undone": "已撤销",
    "failed": "无法读取",
    "cancelled": "已取消",
}
_SQL = named_queries(__file__)

OPTIONS: dict[str, Any] = {
    "sheet": None,
    "header_rows": None,
    "layer": None,
    "crs": None,
    "mapping": {},
    "profile": None,
    "within": None,
    "box": None,
    "effective": None,
    "retire_missing": False,
    "repair": False,
    "note": "",
    "save_profile": None,
}
"""What a clerk may say of a file, as `LoadOptions`; ``effective`` in microseconds since 1970-01-01 UTC."""


@dataclass(frozen=True, slots=True)
class StoredLoad:
    """A file that somebody brought, how it is to be understood, and what is known of it.

    Parameters
    ----------
    kind
        As told, or as guessed; None where nobody knows.
    options
        As `OPTIONS`.
    understanding
        ``kinds_guessed sheets sheet header_rows columns missing_fields``; empty before the first check.
    report
        ``counts effective layer release needs_retire_missing checked_at data_version``; empty before the first check.
    problem
        ``code title title_zh detail detail_zh`` of why it cannot go on; None where it can.
    progress
        ``stage done total`` while a job works on it.
    undone_by
        The change that undid the one of this load.
    """

    load_id: int
    state: str
    version: int
    file: str
    bytes: int
    created_at: datetime
    created_by: str
    kind: str | None
    options: dict[str, Any]
    understanding: dict[str, Any]
    report: dict[str, Any]
    problem: dict[str, Any] | None
    progress: dict[str, Any] | None
    job_id: int | None
    change_id: int | None
    undone_by: int | None

    @property
    def can_commit(self) -> bool:
        """Whether the last check found no errors and something to change."""
        counts = self.report.get("counts") or {}
        changes = any(counts.get(name) for name in ("new", "changed", "ended"))
        return self.state == "checked" and not counts.get("errors") and changes

    @property
    def can_undo(self) -> bool:
        """Whether it was committed and not undone."""
        return self.state == "committed" and self.change_id is not None and self.undone_by is None


def add_load(
    connection: Connection[Any], path: Path, *, file: str, kind: str | None, options: Mapping[str, Any], actor: str
) -> StoredLoad:
    """Keep a file, to be checked.

    Parameters
    ----------
    path
        Where its bytes are.
    file
        What its user calls it.
    kind, options
        How it is to be understood, as far as its user says so.

    Raises
    ------
    InputError
        The kind or an option is not known, or the name cannot be one.
    ConflictError
        With it more than `MOST_BYTES_KEPT` would be kept.
    """
    name = checked_name(file)
    if kind is not None:
        known_kind(kind)
    size = path.stat().st_size
    _refuse_overfull(connection, size)
    values = {
        "file": name,
        "bytes": size,
        "kind": kind,
        "options": Jsonb({**OPTIONS, **options}),
        "actor": actor,
    }
    row = connection.execute(_SQL["add_load"], values).fetchone()
    assert row is not None
    load_id = int(row[0])
    with path.open("rb") as content:
        for part, block in enumerate(iter(lambda: content.read(_PART_BYTES), b"")):
            connection.execute(_SQL["add_part"], {"load_id": load_id, "part": part, "content": block})
    record_audit(connection, actor=actor, action="load.upload", target=str(load_id), facts={"bytes": size})
    return stored_load(connection, load_id)


def _refuse_overfull(connection: Connection[Any], size: int) -> None:
    row = connection.execute(_SQL["bytes_kept"]).fetchone()
    assert row is not None
    if row[0] + size > MOST_BYTES_KEPT:
        kept = f"{row[0] / 2**30:,.1f} GiB"
        raise ConflictError(
            f"The desk keeps {kept} of files already: discard loads that are done with, then bring it again.",
            f"导入台已保存 {kept} 的文件：请先丢弃已处理完的导入，再重新上传。",
            reason="overfull",
        )


def checked_name(file: str) -> str:
    """Last part of a file's name, without what a screen or a disk cannot hold.

    Raises
    ------
    InputError
        Nothing is left of it.
    """
    plain = "".join(mark if mark.isprintable() else "_" for mark in file.replace("\\", "/").rpartition("/")[2]).strip()
    if not plain.strip("."):
        raise InputError("A file needs a name, such as roster.xlsx.", "文件需要名称，例如 roster.xlsx。")
    stem, dot, suffix = plain.encode("utf-8", "replace").rpartition(b".")
    tail = dot + suffix[:20]
    return stem[: LONGEST_FILE_NAME_BYTES - len(tail)].decode("utf-8", "ignore") + tail.decode("utf-8", "ignore")


def stored_load(connection: Connection[Any], load_id: int) -> StoredLoad:
    """One load.

    Raises
    ------
    NotKnownError
        There is none of this identity; loads are forgotten after `DAYS_KEPT` days.
    """
    with connection.cursor(row_factory=class_row(StoredLoad)) as cursor:
        found = cursor.execute(_SQL["one_load"], {"load_id": load_id}).fetchone()
    if found is None:
        raise NotKnownError(
            f"There is no load {load_id}; loads are kept for {DAYS_KEPT} days.",
            f"没有编号为 {load_id} 的导入；导入记录保留 {DAYS_KEPT} 天。",
            load=load_id,
        )
    return found


def list_loads(connection: Connection[Any], *, before: int | None = None, limit: int = 100) -> list[StoredLoad]:
    """Loads, the newest first; only those before the one of identity ``before``."""
    with connection.cursor(row_factory=class_row(StoredLoad)) as cursor:
        return cursor.execute(_SQL["list_loads"], {"before": before, "limit": limit}).fetchall()


def amend_load(
    connection: Connection[Any], load_id: int, version: int | None, *, kind: str | None, options: Mapping[str, Any]
) -> StoredLoad:
    """Say how a file is to be understood, to be checked again.

    Parameters
    ----------
    version
        That its user looked at; None where any will do.
    kind
        None leaves it to be guessed.
    options
        All of `OPTIONS`.

    Raises
    ------
    NotKnownError
        There is no such load or profile.
    InputError
        The kind is not known, the profile is for another, or the box is none.
    StaleEditError
        Somebody changed it in between.
    ConflictError
        It is committed, or being committed or undone.
    """
    if options.get("box"):
        parse_box(options["box"])
    if kind is not None:
        known_kind(kind)
        if options.get("profile"):
            profile(connection, options["profile"], kind)
    return _moved(connection, load_id, version, "queued", _MAY_AMEND, amended=(kind, options))


def ask_commit(connection: Connection[Any], load_id: int, version: int | None) -> StoredLoad:
    """Have a load committed.

    Raises
    ------
    NotKnownError, StaleEditError
        As `amend_load`.
    ConflictError
        It was not checked, has errors, or would change nothing.
    """
    load = stored_load(connection, load_id)
    _refuse_stale(load, version)
    counts = load.report.get("counts") or {}
    if load.state == "checked" and not load.can_commit:
        errors = counts.get("errors", 0)
        if load.kind is None:
            said, said_zh = "say first what kind of record it holds", "请先指定数据种类"
        elif errors:
            said, said_zh = f"it has {errors} errors", f"有 {errors} 处错误"
        else:
            said, said_zh = "it would change nothing", "没有任何变化"
        raise ConflictError(
            f"Load {load_id} cannot be committed: {said}.", f"导入 {load_id} 不能提交：{said_zh}。", errors=errors
        )
    return _moved(connection, load_id, version, "committing", ("checked",))


def ask_undo(connection: Connection[Any], load_id: int, version: int | None) -> StoredLoad:
    """Have a committed load undone.

    Raises
    ------
    NotKnownError, StaleEditError
        As `amend_load`.
    ConflictError
        It was not committed, or is undone.
    """
    load = stored_load(connection, load_id)
    if load.state == "committed" and not load.can_undo:
        raise ConflictError(
            f"The change of load {load_id} has been undone already (change {load.undone_by}).",
            f"导入 {load_id} 的变更已经撤销（变更 {load.undone_by}）。",
            change=load.undone_by,
        )
    return _moved(connection, load_id, version, "undoing", ("committed",))


def cancel_load(connection: Connection[Any], load_id: int, version: int | None) -> StoredLoad:
    """Stop what is being done with a load; whatever was written for it so far is taken back.

    Raises
    ------
    NotKnownError, StaleEditError
        As `amend_load`.
    ConflictError
        Nothing is being done with it.
    """
    load = stored_load(connection, load_id)
    # Progress alone does not raise the version: who cancels need not be the quickest.
    return _moved(connection, load_id, version, BEFORE.get(load.state, "cancelled"), BUSY)


def discard_load(connection: Connection[Any], load_id: int, version: int | None, actor: str) -> None:
    """Forget a load with its file at once; what it committed stays.

    Raises
    ------
    NotKnownError, StaleEditError
        As `amend_load`.
    ConflictError
        It is being committed or undone: cancel that first.
    """
    load = stored_load(connection, load_id)
    _refuse_stale(load, version)
    values = {"load_id": load_id, "version": load.version, "states": list(_MAY_DISCARD)}
    if connection.execute(_SQL["discard_load"], values).fetchone() is None:
        raise _not_now(stored_load(connection, load_id))
    record_audit(connection, actor=actor, action="load.discard", target=str(load_id), facts={"state": load.state})


def set_job(connection: Connection[Any], load_id: int, job_id: int) -> None:
    """Note which job works on a load."""
    connection.execute(_SQL["set_job"], {"load_id": load_id, "job_id": job_id})


def forget_old_loads(connection: Connection[Any], days: int = DAYS_KEPT) -> int:
    """Number of loads that were forgotten, with their files, because they were brought so many days ago."""
    return connection.execute(_SQL["forget_old_loads"], {"days": days}).rowcount


def _moved(
    connection: Connection[Any],
    load_id: int,
    version: int | None,
    state: str,
    states: tuple[str, ...],
    amended: tuple[str | None, Mapping[str, Any]] | None = None,
) -> StoredLoad:
    """The load in its new state; raise where it is elsewhere or another than was looked at."""
    load = stored_load(connection, load_id)
    _refuse_stale(load, version)
    kind, options = amended or (None, {})
    values = {
        "load_id": load_id,
        "version": load.version,
        "state": state,
        "states": list(states),
        "amended": amended is not None,
        "kind": kind,
        "options": Jsonb({**OPTIONS, **options}),
    }
    if connection.execute(_SQL["move_load"], values).fetchone() is None:
        now = stored_load(connection, load_id)
        _refuse_stale(now, version)
        raise _not_now(now)
    return stored_load(connection, load_id)


def _refuse_stale(load: StoredLoad, version: int | None) -> None:
    if version is not None and version != load.version:
        raise StaleEditError(
            f"Load {load.load_id} has changed since you looked at it (version {version}, now {load.version}): "
            "look again.",
            f"导入 {load.load_id} 在您查看之后已有变化（版本 {version}，现为 {load.version}），请重新查看。",
            version=load.version,
            state=load.state,
        )


def _not_now(load: StoredLoad) -> ConflictError:
    return ConflictError(
        f"Load {load.load_id} is {load.state}, which does not allow this.",
        f"导入 {load.load_id} 处于“{_STATES_ZH[load.state]}”状态，不能执行此操作。",
        state=load.state,
    )


def problem_of(code: str, title: tuple[str, str], detail: tuple[str, str]) -> dict[str, Any]:
    """Why a load cannot go on: title and detail in English and Chinese."""
    return {"code": code, "title": title[0], "title_zh": title[1], "detail": detail[0], "detail_zh": detail[1]}
