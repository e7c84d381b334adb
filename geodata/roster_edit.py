"""Door: one duty or one leave, added, changed, replaced or ended; each is known by its identity, not by a code."""

from collections.abc import Mapping
from typing import Any

from psycopg import Connection

from geodata.edit import CHANGE, CREATE, END, Edited, Editing, before_begin, editing_of, newest
from geodata.errors import ConflictError, NotKnownError
from geodata.record_states import Version, is_known, successor, versions
from geodata.records import FOREVER_TO
from geodata.times import instant

# What a stored duty or leave is found by.
_KEYS = {
    "duties": ("holder", "role", "target_kind", "target", "layer", "assignment"),
    "leave": ("worker",),
}
ASSIGNMENT = "assignment"


def create_period(
    connection: Connection[Any], kind: str, given: Mapping[str, Any], *, actor: str, replaces: str | None = None
) -> Edited:
    """Add a duty or a leave.

    Parameters
    ----------
    connection
        Nothing is committed here. Where an error is raised the transaction is as it was before.
    kind
        ``duties`` or ``leave``.
    given
        Fields of the kind; ``from`` and ``to`` in microseconds since 1970-01-01 UTC, a duty without ``from`` begins
        now.
    actor
        Who does it, for the audit log.
    replaces
        Identity of the duty that ends where this one begins.

    Raises
    ------
    NotKnownError
        There is no such duty to replace.
    ConflictError
        The same is stored already.
    LoadRefusedError
        The fields have faults; ``report`` holds the findings.
    """
    with editing_of(connection, kind, None, given, actor, CREATE) as editing:
        begins = given.get("from")
        at = editing.now if begins is None else int(begins)
        retire = []
        if replaces is not None:
            old = _stored(connection, kind, replaces)
            if not old.begins <= at < old.ends:
                raise _not_then(kind, old)
            retire = [replaces]
        known = newest(connection, kind)
        row = {**given, "from": _cell(at), "to": _cell(given.get("to"))}
        editing.load([row], at if retire else editing.now, retire=retire)
        made = newest(connection, kind)
        if made == known or made is None:
            raise ConflictError("The same is stored already.", "相同的记录已存在。", kind=kind, reason="exists")
        return editing.done(made, _stored(connection, kind, made), at)


def change_period(
    connection: Connection[Any],
    kind: str,
    identity: str,
    given: Mapping[str, Any],
    *,
    seen: frozenset[str] | None,
    actor: str,
    effective: int | None = None,
) -> Edited:
    """Change a duty's end, hours or assignment, or a leave's end, reason or stand-in.

    Parameters
    ----------
    connection, kind, actor
        As in `create_period`.
    identity
        Of the duty or leave.
    given
        ``to`` in microseconds, None for an open end; other fields of the kind as a file would hold them.
    seen
        Tags of the state that the editor saw; None for whatever it is.
    effective
        When other fields than ``to`` change; now when None, or the begin of what has yet to begin. What was before
        stays: the answer is then a row with an identity of its own that begins there.

    Raises
    ------
    StaleEditError
        Somebody changed it since: nothing was written.
    ConflictError
        The change would begin before the duty or leave does.
    NotKnownError, LoadRefusedError
        As elsewhere.
    """
    with editing_of(connection, kind, identity, given, actor, CHANGE) as editing:
        base, at = _base(editing, kind, identity, seen, effective)
        known = newest(connection, kind)
        row = {**{name: base.fields[name] for name in _KEYS[kind]}, **given}
        row["to"] = _cell(given.get("to") if "to" in given else base.ends)
        other = given.get(ASSIGNMENT, base.fields.get(ASSIGNMENT)) != base.fields.get(ASSIGNMENT)
        if other:
            row = {"hours": base.fields["hours"], **row, "from": _cell(at)}
        else:
            row["from"] = _cell(base.begins)
        report = editing.load([row], at, retire=[identity] if other else [])
        if not report.plan.changes_anything:
            return editing.nothing(base)
        made = newest(connection, kind)
        left = identity if made is None or made == known else made
        return editing.done(left, _stored(connection, kind, left), at)


def end_period(
    connection: Connection[Any],
    kind: str,
    identity: str,
    *,
    seen: frozenset[str] | None,
    actor: str,
    effective: int | None = None,
) -> Edited:
    """End a duty or leave; one that has yet to begin never does.

    Parameters
    ----------
    connection, kind, identity, seen, actor
        As in `change_period`.
    effective
        When it ends; now when None, or the begin of what has yet to begin.

    Raises
    ------
    StaleEditError, ConflictError, NotKnownError, LoadRefusedError
        As in `change_period`.
    """
    with editing_of(connection, kind, identity, (), actor, END) as editing:
        base, at = _base(editing, kind, identity, seen, effective)
        if at >= base.ends:
            raise _not_then(kind, base)
        editing.load([], at, retire=[identity])
        left = versions(connection, kind, identity)
        return editing.done(identity, left[0] if left else None, at)


def _base(
    editing: Editing, kind: str, identity: str, seen: frozenset[str] | None, effective: int | None
) -> tuple[Version, int]:
    """The row that is edited, and from when on.

    Notes
    -----
    What has yet to begin is withdrawn when it changes, and added anew under another identity: who edits by the former
    one is told who changed it, and what it is now.
    """
    found = versions(editing.connection, kind, identity)
    if not found and is_known(editing.connection, kind, identity):
        raise editing.stale(successor(editing.connection, kind, identity), [int(identity)])
    base = _stored(editing.connection, kind, identity)
    if seen is not None and base.tag not in seen:
        raise editing.stale(base)
    if effective is not None and effective < base.begins:
        raise before_begin(identity, base.begins)
    return base, max(editing.now, base.begins) if effective is None else effective


def _stored(connection: Connection[Any], kind: str, identity: str) -> Version:
    found = versions(connection, kind, identity)
    if not found:
        what, what_zh = ("duty", "职责") if kind == "duties" else ("leave", "请假")
        raise NotKnownError(f"There is no {what} {identity}.", f"没有编号为 {identity} 的{what_zh}。", kind=kind)
    return found[0]


def _not_then(kind: str, stored: Version) -> ConflictError:
    what, what_zh = ("Duty", "职责") if kind == "duties" else ("Leave", "请假")
    return ConflictError(
        f"{what} {stored.code} does not last at that time.",
        f"{what_zh} {stored.code} 在该时间不在有效期内。",
        kind=kind,
        reason="not-in-force",
    )


def _cell(micros: Any) -> str | None:
    """An instant as a file would hold it, to the microsecond; None for an open end."""
    return None if micros is None or micros == FOREVER_TO else instant(int(micros)).isoformat()
