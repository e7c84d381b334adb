"""A draft becomes a release: everything changes at one instant, in one transaction, or nothing does; and back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from psycopg import Connection

from geodata.access import record_audit
from geodata.area import lock_areas
from geodata.changes import PUBLISH_DRAFT, join_changes, noted_change, undo_change
from geodata.drafts.applying import RESTORE
from geodata.drafts.history import live
from geodata.drafts.inheriting import lock_inherited
from geodata.drafts.memory import DraftMemory
from geodata.drafts.rebasing import conflicts_of
from geodata.drafts.releases import release_of
from geodata.drafts.state import DraftState
from geodata.drafts.step import Households
from geodata.drafts.store import (
    PUBLISHED,
    Draft,
    close_draft,
    marks_of,
    one_draft,
    refuse_unless_open,
    written_after,
)
from geodata.drafts.working import checked_text, refuse_unless_version
from geodata.drafts.writing import (
    Published,
    change_of_release,
    database_now,
    refuse_stale_areas,
    reopen_drafts,
    write_release,
)
from geodata.errors import ConflictError, StaleBaseError
from geodata.grid.layers import layer
from geodata.grid.publish import last_release, lock_layer, refuse_unless_next, withdraw_pending
from geodata.records import Finding
from geodata.times import LOCAL_ZONE, instant

Judge = Callable[[DraftState], Sequence[Finding]]

_NAMED = 5
_DAY = 24 * 3600 * 1_000_000


def publish_draft(
    connection: Connection[Any],
    draft_id: int,
    *,
    actor: str,
    effective: int | None,
    note: str,
    if_version: int | None,
    memory: DraftMemory,
    households: Households,
    judge: Judge | None,
) -> Published:
    """What was published of a draft.

    Parameters
    ----------
    effective
        When it takes effect, microseconds since 1970-01-01 UTC, now or later, or today: at most a day ago; now where
        None.
    note
        A word on it; the name of the draft where it is empty.
    if_version
        Version that is to be published; None for the last one.
    households
        How many households live in each of some shapes.
    judge
        What is to be thought of a state: errors forbid it.

    Raises
    ------
    NotKnownError, StaleDraftError, InputError
        As elsewhere.
    StaleBaseError
        The layer or its areas were changed since: the facts name the ``conflicts``.
    PendingReleaseError
        Another release of the layer waits for its date.
    ConflictError
        The draft is closed or changes nothing, errors are open (fact ``findings``), or the date is too early.
    """
    word = checked_text("note", note, 0)
    # An undo takes its locks in this order: changes, areas and duties, the layer.
    join_changes(connection)
    draft = one_draft(connection, draft_id, locked=True)
    refuse_unless_open(draft)
    refuse_unless_version(draft, if_version)
    lock_areas(connection)
    lock_inherited(connection)
    lock_layer(connection, draft.layer_id)
    now = database_now(connection)
    at = now if effective is None else effective
    _refuse_past(at, now)
    _refuse_stale(connection, draft, at, memory)
    state = memory.state(connection, draft)
    _refuse_unready(state, judge)
    current = _current_areas(connection, draft, state, at, memory)
    facts = {"draft": draft_id, "layer": draft.layer, "effective": instant(at).isoformat()}
    with noted_change(connection, actor, PUBLISH_DRAFT, "grids", facts):
        release_id, published = write_release(
            connection,
            draft,
            state,
            current,
            effective=at,
            actor=actor,
            note=word or draft.name,
            households=households,
            restored=_restored(connection, draft, state),
        )
        close_draft(connection, draft_id, PUBLISHED, actor=actor, release_id=release_id)
    _tell(connection, actor, draft, facts | {"note": word}, published)
    return published


def withdraw_release(connection: Connection[Any], layer_code: str | None, number: int, *, actor: str) -> list[int]:
    """Take a release back before its date, with the areas and duties that were to change with it.

    Returns
    -------
    list of int
        Drafts that it was made from: they are open again.

    Raises
    ------
    NotKnownError
        The layer has no such release.
    ConflictError
        It is withdrawn already or in force, or what hangs on it was changed since.
    """
    target = layer(connection, layer_code)
    release = release_of(connection, target["layer_id"], number)
    known = change_of_release(connection, release["release_id"])
    pending = not release["withdrawn"] and release["effective"] > database_now(connection)
    if known is not None and pending:
        undo_change(connection, known, actor)
    else:
        withdraw_pending(connection, target["layer_id"], number, actor=actor)
    return reopen_drafts(connection, release["release_id"], actor)


def _refuse_past(effective: int, now: int) -> None:
    """Refuse a date that is past: what was answered for it would have been another grid. Today may have begun."""
    if effective < now - _DAY:
        day = f"{instant(effective).astimezone(LOCAL_ZONE):%Y-%m-%d}"
        raise ConflictError(
            f"{day} is past: a draft takes effect now or later. Leave the date out for now.",
            f"{day} 已过：草案只能立即或在以后生效。如需立即生效，请不要填写时间。",
            reason="past",
        )


def _refuse_stale(connection: Connection[Any], draft: Draft, effective: int, memory: DraftMemory) -> None:
    """As `refuse_unless_next`, with what both changed."""
    last = last_release(connection, draft.layer_id)
    if not draft.base_withdrawn:
        try:
            refuse_unless_next(last, effective, draft.base)
        except StaleBaseError as error:
            found = conflicts_of(connection, draft, memory)
            raise StaleBaseError(
                error.detail + _told(len(found), "grids or areas were changed by both"),
                error.detail_zh + _told_zh(len(found)),
                **error.facts,
                conflicts=[conflict.as_json() for conflict in found],
            ) from error
        return
    raise StaleBaseError(
        f"Release {draft.base}, which the draft begins from, was withdrawn: take the draft to release {last.number} "
        "(rebase).",
        f"草案所基于的第 {draft.base} 版已撤回：请将草案转到第 {last.number} 版。",
        base=draft.base,
        release=last.number,
        conflicts=[],
    )


def _tell(
    connection: Connection[Any], actor: str, draft: Draft, facts: Mapping[str, Any], published: Published
) -> None:
    """Say in the audit log what was published."""
    told = {**facts, "release": published.number, "changed": published.changed, "made": published.made}
    told |= {"ended": published.ended, "areas": published.areas}
    told |= asdict(published.inheritance)
    record_audit(connection, actor=actor, action=PUBLISH_DRAFT, target=str(draft.draft_id), facts=told)


def _current_areas(
    connection: Connection[Any], draft: Draft, state: DraftState, effective: int, memory: DraftMemory
) -> Mapping[str, Mapping[str, Any]]:
    """As `refuse_stale_areas`, with what both changed."""
    try:
        return refuse_stale_areas(connection, state, effective)
    except StaleBaseError as error:
        found = [conflict.as_json() for conflict in conflicts_of(connection, draft, memory)]
        raise StaleBaseError(error.detail, error.detail_zh, **error.facts, conflicts=found) from error


def _restored(connection: Connection[Any], draft: Draft, state: DraftState) -> frozenset[str]:
    """Keys of grids that a draft has gone back to, and that were not changed after that."""
    going_back = [mark.seq for mark in live(marks_of(connection, draft)) if mark.kind == RESTORE]
    if not going_back:
        return frozenset()
    at = going_back[-1]
    delta = written_after(connection, draft, at - 1, at)[0].delta
    then = {key: shape for key, (_, shape) in delta.shapes.items()}
    return frozenset(
        key for key in delta.keys if key in state.grids and then.get(key, state.shape(key)) == state.shape(key)
    )


def _told(count: int, what: str) -> str:
    return f" Take the draft to it (rebase); {count} {what}." if count else " Take the draft to it (rebase)."


def _told_zh(count: int) -> str:
    return f"请将草案转到该版本，双方均修改的网格或区划有 {count} 个。" if count else "请将草案转到该版本。"


def _refuse_unready(state: DraftState, judge: Judge | None) -> None:
    """Refuse a draft that changes nothing, and one with errors."""
    if not state.changed_since_base() and not state.areas_since_base():
        raise ConflictError(
            "The draft changes nothing: there is nothing to publish.",
            "草案没有任何变更，无可发布。",
            reason="empty-draft",
        )
    errors = [finding for finding in (judge(state) if judge else ()) if finding.severity == "error"]
    # What the base has already is no fault of the draft.
    errors = [finding for finding in errors if finding.facts.get("new", True)]
    if errors:
        words = "; ".join(finding.message for finding in errors[:_NAMED])
        words_zh = "；".join(finding.message_zh for finding in errors[:_NAMED])
        raise ConflictError(
            f"{len(errors)} errors stand against it: {words}",
            f"有 {len(errors)} 个错误未解决：{words_zh}",
            reason="open-errors",
            findings=[
                {"kind": finding.kind, "code": finding.code, "lon": finding.lon, "lat": finding.lat}
                for finding in errors
            ],
        )
