"""Drafts by name: begun, listed, called otherwise, closed; and what a planner can take back."""

from dataclasses import dataclass, replace
from typing import Any

from psycopg import Connection

from geodata.access import record_audit
from geodata.drafts.history import History, history_of, taken_back
from geodata.drafts.releases import release_of
from geodata.drafts.store import (
    DISCARDED,
    Draft,
    DraftOperation,
    add_draft,
    change_draft,
    close_draft,
    list_drafts,
    marks_of,
    one_draft,
    operations_after,
    refuse_unless_open,
)
from geodata.drafts.working import checked_text, refuse_unless_version
from geodata.errors import ConflictError
from geodata.grid.layers import layer
from geodata.grid.publish import last_release


@dataclass(frozen=True, slots=True)
class Beginning:
    """A draft that can be begun: its layer, the release that it begins from, what it is called, a word on it."""

    layer_id: int
    layer: str
    release: int
    name: str
    note: str


def create_draft(
    connection: Connection[Any],
    layer_code: str | None,
    *,
    name: str,
    actor: str,
    note: str = "",
    release: int | None = None,
) -> Draft:
    """A new draft.

    Parameters
    ----------
    connection
        Nothing is committed here; so it is in all that is done to drafts.
    layer_code
        The default layer where None.
    name, note
        What it is called, and a word on it.
    actor
        Who makes it.
    release
        Number of the release that it begins from; the last one that was not withdrawn where None.

    Raises
    ------
    NotKnownError
        There is no such layer or release.
    ConflictError
        The layer has no release yet, or the release was withdrawn.
    InputError
        The name is empty, too long, or cannot be printed.
    """
    begun = beginning(connection, layer_code, name=name, note=note, release=release)
    draft_id = add_draft(connection, begun.layer_id, begun.release, name=begun.name, note=begun.note, actor=actor)
    facts = {"layer": begun.layer, "release": begun.release, "name": begun.name}
    record_audit(connection, actor=actor, action="draft.create", target=str(draft_id), facts=facts)
    return one_draft(connection, draft_id)


def beginning(
    connection: Connection[Any], layer_code: str | None, *, name: str, note: str = "", release: int | None = None
) -> Beginning:
    """What a draft would begin from; nothing is written.

    Raises
    ------
    NotKnownError, ConflictError, InputError
        As `create_draft`.
    """
    target = layer(connection, layer_code)
    number = last_release(connection, target["layer_id"]).number if release is None else release
    if number == 0:
        raise ConflictError(
            f"The layer {target['code']!r} has no grids yet: load them first.",
            f"“{target['name']}”还没有网格：请先导入网格。",
            layer=target["code"],
        )
    if release_of(connection, target["layer_id"], number)["withdrawn"]:
        raise ConflictError(
            f"Release {number} was withdrawn: begin from another one.",
            f"第 {number} 版已撤回：请选择其他版本。",
            release=number,
        )
    named, word = checked_text("name", name), checked_text("note", note, 0)
    return Beginning(target["layer_id"], target["code"], number, named, word)


def drafts(
    connection: Connection[Any],
    layer_code: str | None = None,
    *,
    state: str | None = None,
    before: int | None = None,
    limit: int = 100,
) -> list[Draft]:
    """Drafts of a layer, or of all layers where None, the newest first.

    Parameters
    ----------
    state
        Only those ``open``, ``published`` or ``discarded``.
    before
        Only those made before the one of this identity.

    Raises
    ------
    NotKnownError
        There is no such layer.
    """
    layer_id = None if layer_code is None else layer(connection, layer_code)["layer_id"]
    return list_drafts(connection, layer_id=layer_id, state=state, before=before, limit=limit)


def draft_of(connection: Connection[Any], draft_id: int) -> Draft:
    """One draft.

    Raises
    ------
    NotKnownError
        There is none of this identity.
    """
    return one_draft(connection, draft_id)


def rename_draft(
    connection: Connection[Any],
    draft_id: int,
    *,
    actor: str,
    name: str | None = None,
    note: str | None = None,
    if_version: int | None = None,
) -> Draft:
    """The draft under another name, or with another word on it; None leaves them.

    Raises
    ------
    NotKnownError, ConflictError, StaleDraftError, InputError
        As elsewhere.
    """
    _open_draft(connection, draft_id, if_version)
    named = None if name is None else checked_text("name", name)
    word = None if note is None else checked_text("note", note, 0)
    change_draft(connection, draft_id, actor=actor, name=named, note=word)
    facts = {"name": named, "note": word}
    record_audit(connection, actor=actor, action="draft.rename", target=str(draft_id), facts=facts)
    return one_draft(connection, draft_id)


def discard(connection: Connection[Any], draft_id: int, *, actor: str, if_version: int | None = None) -> Draft:
    """The draft, closed for good; what was done to it stays readable.

    Raises
    ------
    NotKnownError, ConflictError, StaleDraftError
        As elsewhere.
    """
    draft = _open_draft(connection, draft_id, if_version)
    close_draft(connection, draft_id, DISCARDED, actor=actor)
    facts = {"layer": draft.layer, "version": draft.version}
    record_audit(connection, actor=actor, action="draft.discard", target=str(draft_id), facts=facts)
    return one_draft(connection, draft_id)


def history(connection: Connection[Any], draft_id: int, *, actor: str) -> History:
    """What a planner can take back in a draft, and do again.

    Raises
    ------
    NotKnownError
        There is no such draft.
    """
    return history_of(marks_of(connection, one_draft(connection, draft_id)), actor)


def operations(
    connection: Connection[Any], draft_id: int, after: int = 0, limit: int | None = None
) -> list[DraftOperation]:
    """What was done to a draft since it was taken to its base, in order, with what was taken back.

    Parameters
    ----------
    after
        Only what came after this version.
    limit
        At most so many; None for all.

    Raises
    ------
    NotKnownError
        There is no such draft.
    """
    draft = one_draft(connection, draft_id)
    gone = taken_back(marks_of(connection, draft))
    return [replace(one, undone_by=gone.get(one.seq)) for one in operations_after(connection, draft, after, limit)]


def _open_draft(connection: Connection[Any], draft_id: int, if_version: int | None) -> Draft:
    draft = one_draft(connection, draft_id, locked=True)
    refuse_unless_open(draft)
    refuse_unless_version(draft, if_version)
    return draft
