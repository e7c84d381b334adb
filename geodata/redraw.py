"""Door: planners redraw a layer. A draft begins from a release, changes by operations, and becomes the next release."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

from psycopg import Connection

from geodata.access import record_audit
from geodata.drafts.answers import Applied
from geodata.drafts.applying import step_of
from geodata.drafts.delta import Delta
from geodata.drafts.history import REDO, UNDO, History, history_of
from geodata.drafts.memory import DraftMemory
from geodata.drafts.operations import Operation, read_id, read_operation
from geodata.drafts.state import DraftState
from geodata.drafts.step import Households, Step, nobody
from geodata.drafts.store import (
    DISCARDED,
    LONGEST_NAME,
    Draft,
    add_draft,
    change_draft,
    close_draft,
    list_drafts,
    marks_of,
    one_draft,
    refuse_unless_open,
    release_of,
    written_after,
)
from geodata.drafts.working import Bench, earlier_answer, note, open_bench, taken_back
from geodata.errors import ConflictError, InputError, StaleDraftError
from geodata.grid.layers import layer
from geodata.grid.publish import last_release


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
        Nothing is committed here; so it is with all of this module.
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
            f"版本 {number} 已撤回：请选择其他版本。",
            release=number,
        )
    draft_id = add_draft(
        connection, target["layer_id"], number, name=_text("name", name), note=_text("note", note, 0), actor=actor
    )
    facts = {"layer": target["code"], "release": number, "name": name}
    record_audit(connection, actor=actor, action="draft.create", target=str(draft_id), facts=facts)
    return one_draft(connection, draft_id)


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
    named = None if name is None else _text("name", name)
    word = None if note is None else _text("note", note, 0)
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


def draft_state(
    connection: Connection[Any], draft_id: int, memory: DraftMemory | None = None, *, version: int | None = None
) -> DraftState:
    """Grids and areas of a draft.

    Parameters
    ----------
    memory
        What the process knows of drafts; without it everything is read.
    version
        An earlier version since the draft was taken to its base; the last one where None.

    Raises
    ------
    NotKnownError
        There is no such draft, or no such version of it.
    ConflictError
        The release that it begins from was withdrawn.
    """
    draft = one_draft(connection, draft_id)
    if version is not None and not draft.base_version <= version <= draft.version:
        raise StaleDraftError(
            f"Version {version} of draft {draft_id} cannot be read any more; it is at version {draft.version}.",
            f"草案 {draft_id} 的第 {version} 版已无法读取，目前为第 {draft.version} 版。",
            version=draft.version,
        )
    return (memory or DraftMemory()).state(connection, draft, version)


def apply(
    connection: Connection[Any],
    draft_id: int,
    operation: Mapping[str, Any],
    *,
    actor: str,
    if_version: int | None = None,
    memory: DraftMemory | None = None,
    households: Households = nobody,
) -> Applied:
    """Do an operation to a draft.

    Parameters
    ----------
    operation
        JSON object with ``id``, ``kind`` and the fields of its kind, see `geodata.drafts.operations.KINDS`.
    if_version
        Version of the draft that it is meant for; None for whatever it is.
    memory
        What the process knows of drafts.
    households
        How many households live in each of some shapes: who keeps the identity after a split. Without it the largest
        part does.

    Raises
    ------
    InputError
        The operation cannot be read.
    EditRefusedError
        It would break the tiling, or cannot be drawn; the facts say why and where. Nothing was changed.
    NotKnownError
        There is no such draft, or a grid, area, building or address that it names is not there.
    StaleDraftError
        The draft is of another version: the facts say what changed.
    ConflictError
        The draft is closed, its base was withdrawn, a code is taken, or the id was used for something else.
    """
    wanted = read_operation(operation)
    memory = memory or DraftMemory()
    one_draft(connection, draft_id, locked=True)
    answered = earlier_answer(connection, draft_id, wanted.body, memory)
    if answered is not None:
        return answered
    bench = open_bench(connection, draft_id, memory, actor, if_version)
    step, after, delta = step_of(bench.before, wanted, bench.around(households))
    return note_step(bench, wanted, step, after, delta)


def note_step(bench: Bench, operation: Operation, step: Step, after: DraftState, delta: Delta) -> Applied:
    """What an operation did, noted."""
    return note(bench, operation.body, step, after, delta)


def undo(
    connection: Connection[Any],
    draft_id: int,
    *,
    actor: str,
    client_id: str | None = None,
    if_version: int | None = None,
    memory: DraftMemory | None = None,
) -> Applied:
    """Take back one's own last operation: its inverse is done, what others did stays.

    Parameters
    ----------
    client_id
        Id that the client gives the undo; sent again it does nothing more.

    Raises
    ------
    ConflictError
        There is nothing to take back; or others changed the same since, and the facts name it.
    NotKnownError, StaleDraftError, InputError
        As `apply`.
    """
    return _turn(connection, draft_id, UNDO, actor, client_id, if_version, memory or DraftMemory())


def redo(
    connection: Connection[Any],
    draft_id: int,
    *,
    actor: str,
    client_id: str | None = None,
    if_version: int | None = None,
    memory: DraftMemory | None = None,
) -> Applied:
    """Do again what one took back last.

    Raises
    ------
    ConflictError, NotKnownError, StaleDraftError, InputError
        As `undo`.
    """
    return _turn(connection, draft_id, REDO, actor, client_id, if_version, memory or DraftMemory())


def history(connection: Connection[Any], draft_id: int, *, actor: str) -> History:
    """What a planner can take back in a draft, and do again.

    Raises
    ------
    NotKnownError
        There is no such draft.
    """
    return history_of(marks_of(connection, one_draft(connection, draft_id)), actor)


def _turn(
    connection: Connection[Any],
    draft_id: int,
    kind: str,
    actor: str,
    client_id: str | None,
    if_version: int | None,
    memory: DraftMemory,
) -> Applied:
    body = {"id": uuid4().hex if client_id is None else read_id(client_id), "kind": kind}
    one_draft(connection, draft_id, locked=True)
    answered = earlier_answer(connection, draft_id, body, memory)
    if answered is not None:
        return answered
    bench = open_bench(connection, draft_id, memory, actor, if_version)
    own = history_of(marks_of(connection, bench.draft), actor)
    turned = own.done if kind == UNDO else own.undone
    if not turned:
        raise ConflictError(*_NOTHING[kind], reason=f"nothing-to-{kind}")
    last = turned[-1]
    # What an undo takes back is what did it last, and a redo what took it back.
    undoes = own.applied[last.seq] if kind == UNDO else own.undos[last.seq]
    delta = written_after(connection, bench.draft, undoes - 1, undoes)[0].delta.inverse()
    after = taken_back(bench, delta)
    step = Step(bench.before, Operation(str(body["id"]), kind, {}), bench.around())
    step.shapes |= {key: shape for key, (_, shape) in delta.shapes.items()}
    step.say(*_WORDS[kind](last.kind))
    return note(bench, body, step, after, delta, undoes)


_NOTHING = {
    UNDO: ("You have done nothing here that could be taken back.", "没有可撤销的操作。"),
    REDO: ("You have taken nothing back here that could be done again.", "没有可重做的操作。"),
}
_WORDS: Mapping[str, Callable[[str], tuple[str, str]]] = {
    UNDO: lambda kind: (f"{kind} taken back", f"撤销 {kind}"),
    REDO: lambda kind: (f"{kind} done again", f"重做 {kind}"),
}


def _open_draft(connection: Connection[Any], draft_id: int, if_version: int | None) -> Draft:
    draft = one_draft(connection, draft_id, locked=True)
    refuse_unless_open(draft)
    if if_version is not None and if_version != draft.version:
        raise StaleDraftError(
            f"Draft {draft_id} is at version {draft.version}; version {if_version} was seen. Look at it again.",
            f"草案 {draft_id} 目前为第 {draft.version} 版（您看到的是第 {if_version} 版）：请重新查看。",
            version=draft.version,
            changed=[],
        )
    return draft


def _text(field: str, given: str, least: int = 1) -> str:
    plain = given.strip()
    if not least <= len(plain) <= LONGEST_NAME or not plain.isprintable():
        raise InputError(
            f"{field}: {least} to {LONGEST_NAME} characters that can be printed are needed.",
            f"{field}：应为 {least} 至 {LONGEST_NAME} 个可显示的字符。",
            field=field,
        )
    return plain
