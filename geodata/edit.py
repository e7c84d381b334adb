"""Door: one record of a register, seen, changed, ended or added, by the checks that whole files go through."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pandas as pd
import psycopg
from psycopg import Connection, sql

from geodata.access import record_audit
from geodata.changes import noted_change
from geodata.errors import ConflictError, InputError, LoadRefusedError, StaleEditError
from geodata.intake.columns import MADE_CODE
from geodata.intake.kinds import KINDS
from geodata.intake.references import now
from geodata.intake.report import LoadOptions, LoadReport
from geodata.load import load_frame
from geodata.queries import named_queries
from geodata.record_states import Version, last_change, local_minute, present, relation_of, state_at, versions
from geodata.records import FOREVER_TO, Finding
from geodata.times import LOCAL_ZONE, instant

CREATE, CHANGE, END = "edit.create", "edit.change", "edit.end"

# What a changed record is not given back: outlines that are not given stay, periods are the edit's own.
_LEFT_ALONE = ("wkt", "from", "to")

_SQL = named_queries(__file__)


@dataclass(frozen=True, slots=True)
class Edited:
    """What an edit left: the record as it is from the edit on, None where it never came into force.

    ``change_id`` is None where everything was so already; ``warnings`` are findings that did not refuse the edit.
    """

    version: Version | None
    change_id: int | None
    warnings: tuple[Finding, ...]


def create(
    connection: Connection[Any],
    kind: str,
    given: Mapping[str, Any],
    *,
    actor: str,
    effective: int | None = None,
    ends: int = FOREVER_TO,
) -> Edited:
    """Add a record.

    Parameters
    ----------
    connection
        Nothing is committed here. Where an error is raised the transaction is as it was before.
    kind
        A kind whose records are known by their code, or ``calendar``.
    given
        Fields of the kind as a file would hold them; the code may be left out where one can be made. ``crs`` may say
        the datum of ``lon`` and ``lat``.
    actor
        Who does it, for the audit log.
    effective
        When it comes into force, microseconds since 1970-01-01 UTC; now when None.
    ends
        When it ends again.

    Raises
    ------
    ConflictError
        A record of this code is in force then, or planned for later.
    LoadRefusedError
        The fields have faults; ``report`` holds the findings.
    """
    key = _key(kind)
    code = None if given.get(key) is None else str(given[key]).strip()
    with editing_of(connection, kind, code, given, actor, CREATE) as editing:
        at = editing.now if effective is None else effective
        if code is not None:
            _refuse_existing(versions(connection, kind, code), kind, code, at)
        report = editing.load([_whole(kind, given)], at)
        if len(report.plan.new) != 1:
            raise _exists(kind, code or ", ".join(report.plan.changed))
        made = report.plan.new[0]
        if ends != FOREVER_TO:
            editing.end(made, ends)
        return editing.done(made, state_at(editing.versions(made), at), at)


def change(
    connection: Connection[Any],
    kind: str,
    code: str,
    given: Mapping[str, Any],
    *,
    seen: frozenset[str] | None,
    actor: str,
    effective: int | None = None,
    ends: int | None = None,
) -> Edited:
    """Change fields of a record from an instant on; what is not given stays as it is, an end that is planned too.

    Parameters
    ----------
    connection, kind, actor
        As in `create`.
    given
        Fields to change, as a file would hold them; None empties one.
    seen
        Tags of the state that the editor saw; None for whatever it is.
    effective
        When the change takes effect; now when None, or where the state seen has yet to begin, its begin.
    ends
        When the record ends, `FOREVER_TO` for never; None leaves its end.

    Raises
    ------
    StaleEditError
        Somebody changed the record since: nothing was written.
    ConflictError
        The change would begin before the state seen, or reach into one that is planned.
    NotKnownError
        There is no such record, or it has ended.
    LoadRefusedError
        The fields have faults; ``report`` holds the findings.
    """
    with editing_of(connection, kind, code, given, actor, CHANGE) as editing:
        base, at = editing.base(seen, effective)
        until = base.ends if ends is None else ends
        if given or until == FOREVER_TO != base.ends:
            editing.load([_merged(kind, base, given)], at)
        after = state_at(editing.versions(), at)
        if after is not None and after.ends != until:
            editing.end(code, until)
            after = state_at(editing.versions(), at)
        if after is None or (after.fields, after.ends) == (base.fields, base.ends):
            return editing.nothing(base)
        return editing.done(code, after, at)


def end(
    connection: Connection[Any],
    kind: str,
    code: str,
    *,
    seen: frozenset[str] | None,
    actor: str,
    effective: int | None = None,
) -> Edited:
    """End a record; one that has yet to begin never does.

    Parameters
    ----------
    connection, kind, actor, seen
        As in `change`.
    effective
        When it ends; now when None, or where the state seen has yet to begin, its begin.

    Raises
    ------
    StaleEditError, ConflictError, LoadRefusedError
        As in `change`.
    """
    with editing_of(connection, kind, code, {}, actor, END) as editing:
        base, at = editing.base(seen, effective)
        editing.end(code, at)
        left = [version for version in editing.versions() if version.version_id == base.version_id]
        return editing.done(code, left[0] if left else None, at)


@contextmanager
def editing_of(
    connection: Connection[Any], kind: str, code: str | None, given: Iterable[str], actor: str, action: str
) -> Iterator["Editing"]:
    """One edit: a change of its own, with the register locked before anything is read."""
    if not connection.autocommit:
        connection.execute(_SQL["begin"])
    # What cannot be printed is no code, and PostgreSQL keeps no NUL.
    facts = {"code": code if code and code.isprintable() else None, "fields": sorted(given)}
    with connection.transaction() as whole, noted_change(connection, actor, action, kind, facts) as change_id:
        connection.execute(_about(kind, "lock"))
        editing = Editing(connection, kind, code, actor, action, change_id)
        yield editing
        if editing.unchanged:
            raise psycopg.Rollback(whole)


class Editing:
    """One edit in the making."""

    def __init__(
        self, connection: Connection[Any], kind: str, code: str | None, actor: str, action: str, change_id: int
    ) -> None:
        self.connection = connection
        self.kind = kind
        self.code = code or ""
        self.actor = actor
        self.action = action
        self.change_id = change_id
        self.now = now(connection)
        self.unchanged = False
        self._warnings: list[Finding] = []

    def versions(self, code: str | None = None) -> list[Version]:
        """The record's states as they are by now."""
        return versions(self.connection, self.kind, code or self.code)

    def base(self, seen: frozenset[str] | None, effective: int | None) -> tuple[Version, int]:
        """The state that is edited, and from when on."""
        found = self.versions()
        base = present(found, self.kind, self.code, self.now)
        if seen is not None:
            chosen = [version for version in found if version.tag in seen]
            if not chosen:
                raise self.stale(base)
            base = chosen[0]
        elif effective is not None:
            base = state_at(found, effective) or base
        at = max(self.now, base.begins) if effective is None else effective
        if at < base.begins:
            raise before_begin(self.code, base.begins)
        later = [version.begins for version in found if version.begins > at]
        if later or at >= base.ends:
            raise _planned(self.code, min([*later, base.ends]))
        return base, at

    def stale(self, current: Version | None, rows: Sequence[int] = ()) -> StaleEditError:
        """The error that somebody changed the record since it was seen; ``rows`` are those of it that are no more."""
        seen = rows or [version.version_id for version in self.versions()]
        known = last_change(self.connection, self.kind, seen)
        who, when = known or (None, None)
        day = "" if when is None else local_minute(when)
        error = StaleEditError(
            f"{who or 'Somebody'} has changed {self.code} since{(when and f' ({day})') or ''}: "
            "look at what it is now and edit again.",
            f"{who or '他人'}{(when and f'已于 {day} ') or '已'}修改 {self.code}：请查看现在的内容后重新修改。",
            changed_by=who,
            changed_at=None if when is None else instant(when).astimezone(LOCAL_ZONE).isoformat(),
        )
        error.current = current
        return error

    def load(self, rows: Sequence[Mapping[str, Any]], at: int, *, retire: Sequence[str] = ()) -> LoadReport:
        """What the loader made of the rows; written unless nothing was to change."""
        kind = KINDS[self.kind]
        frame = _frame(self.kind, rows)
        crs = next((str(row["crs"]) for row in rows if row.get("crs")), "EPSG:4326")
        codeless = kind.makes_codes and "code" not in frame
        options = LoadOptions(
            effective=at,
            commit=True,
            actor=self.actor,
            crs=None if kind.shape == "none" else crs,
            mapping={"code": MADE_CODE} if codeless else {},
            retire=tuple(retire),
            recorded=False,
            codes_only=True,
        )
        try:
            report = load_frame(self.connection, self.kind, frame, options=options, name=self.code or self.kind)
        except LoadRefusedError as error:
            raise _conflict(self.code, error) or error from None
        self._warnings += report.warnings
        return report

    def end(self, code: str, at: int) -> None:
        """End a record at an instant."""
        self.load([], at, retire=[code])

    def done(self, code: str, version: Version | None, at: int) -> Edited:
        """The edit as it was made, recorded."""
        facts = {"change": self.change_id, "effective": instant(at).isoformat()}
        record_audit(self.connection, actor=self.actor, action=self.action, target=f"{self.kind} {code}", facts=facts)
        return Edited(version, self.change_id, tuple(self._warnings))

    def nothing(self, base: Version) -> Edited:
        """Everything is so already: no trace is left."""
        self.unchanged = True
        return Edited(base, None, tuple(self._warnings))


def _conflict(code: str, refused: LoadRefusedError) -> ConflictError | None:
    """The conflict that a refusal is where nothing but a change that is planned already stands in the way."""
    if any(finding.kind != "later-version" for finding in refused.report.errors):
        return None
    return ConflictError(
        f"{code or 'The record'} changes later as planned: undo that first, or edit from then on.",
        f"{code or '该记录'}已有计划中的变更：请先撤销该计划，或将生效时间设为该时间。",
        code=code,
        reason="planned",
    )


def newest(connection: Connection[Any], kind: str) -> str | None:
    """Identity of the duty or leave that was added last; None before the first."""
    row = connection.execute(_about(kind, "newest")).fetchone()
    return None if row is None or row[0] is None else str(row[0])


def _frame(kind: str, rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """The rows as a table that holds what was given as it was given; all fields of the kind where there are no rows."""
    fields = [field.name for field in KINDS[kind].fields]
    columns = [name for name in fields if (name != "period" if not rows else any(name in row for row in rows))]
    return pd.DataFrame(
        {name: pd.Series([row.get(name) for row in rows], dtype=object) for name in columns}, columns=columns
    )


def _whole(kind: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """A new record with what was not given said to be empty: nothing that is stored could stand in for it.

    Notes
    -----
    What a code is made from stays as given: the same words make the same code in a file.
    """
    known = KINDS[kind]
    elsewhere = {"code", "period", "wkt", *known.code_from, *(("lon", "lat") if given.get("wkt") else ())}
    return {**{field.name: None for field in known.fields if field.name not in elsewhere}, **given}


def _merged(kind: str, base: Version, given: Mapping[str, Any]) -> dict[str, Any]:
    """The record with what was given in place of what is stored."""
    stored = {
        field.name: base.fields[field.name]
        for field in KINDS[kind].fields
        if field.name in base.fields and field.name not in _LEFT_ALONE
    }
    if given.get("crs") and not {"lon", "lat"} <= given.keys():
        raise InputError("crs is of lon and lat: give both.", "crs 说明 lon 和 lat 的坐标系，请同时给出二者。")
    if given.get("wkt") and KINDS[kind].shape == "point" and not KINDS[kind].outline:
        # Columns win over a shape.
        stored = {name: value for name, value in stored.items() if name not in ("lon", "lat")}
    return {**stored, **given}


def _key(kind: str) -> str:
    """Field by which records of a kind are known."""
    return "day" if kind == "calendar" else "code"


def _about(kind: str, query: str) -> sql.Composed:
    """A query about the table that holds a kind."""
    relation = relation_of(kind)
    key = sql.Identifier("leave_id" if kind == "leave" else "duty_id")
    return sql.SQL(_SQL[query]).format(relation=sql.Identifier(relation), key=key)


def _refuse_existing(found: Sequence[Version], kind: str, code: str, at: int) -> None:
    """Raise where a record of this code is in force at an instant, or planned for later."""
    if any(version.ends > at for version in found):
        current = next(version for version in found if version.ends > at)
        if current.begins > at:
            raise _planned(code, current.begins)
        raise _exists(kind, code)


def _exists(kind: str, code: str) -> ConflictError:
    return ConflictError(
        f"There is a record {code} among the {KINDS[kind].label_en} already: change that one.",
        f"“{KINDS[kind].label}”中已有 {code}，请直接修改该记录。",
        kind=kind,
        code=code,
        reason="exists",
    )


def before_begin(code: str, begins: int) -> ConflictError:
    """The error that an edit would take effect before what it edits begins."""
    return ConflictError(
        f"{code} has been as it is since {local_minute(begins)}: an edit takes effect then or later.",
        f"{code} 的现状自 {local_minute(begins)} 起，修改的生效时间不能早于此。",
        code=code,
        reason="before-begin",
        begins=instant(begins).astimezone(LOCAL_ZONE).isoformat(),
    )


def _planned(code: str, changes: int) -> ConflictError:
    return ConflictError(
        f"{code} changes or ends on {local_minute(changes)} as planned: undo that first, or edit from then on.",
        f"{code} 已计划于 {local_minute(changes)} 变更或停用：请先撤销该计划，或将生效时间设为该时间。",
        code=code,
        reason="planned",
        changes=instant(changes).astimezone(LOCAL_ZONE).isoformat(),
    )
