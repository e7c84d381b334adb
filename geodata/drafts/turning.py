"""Undo and redo: the inverse of what a planner did last is done, where nobody changed the same since."""

from typing import Any
from uuid import uuid4

from psycopg import Connection

from geodata.drafts.answers import Applied
from geodata.drafts.history import REDO, UNDO, history_of
from geodata.drafts.memory import DraftMemory
from geodata.drafts.operations import Operation, read_id
from geodata.drafts.step import Step
from geodata.drafts.store import marks_of, operations_after, written_after
from geodata.drafts.working import done_before, note_operation, open_bench, taken_back
from geodata.errors import ConflictError


def turn(
    connection: Connection[Any],
    draft_id: int,
    kind: str,
    actor: str,
    client_id: str | None,
    if_version: int | None,
    memory: DraftMemory,
) -> Applied:
    """Take back, or do again, what an actor did or took back last.

    Parameters
    ----------
    kind
        `UNDO` or `REDO`.
    client_id
        Id of the undo or redo itself; a new one where None.

    Raises
    ------
    ConflictError
        There is nothing; the draft is closed; or others changed the same since, and the facts name it.
    NotKnownError, StaleDraftError, InputError
        As elsewhere.
    """
    body = {"id": uuid4().hex if client_id is None else read_id(client_id), "kind": kind}
    answered = done_before(connection, draft_id, body, memory)
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
    done, *since = (written.delta for written in written_after(connection, bench.draft, undoes - 1))
    delta = done.inverse()
    after = taken_back(bench, delta, since)
    step = Step(bench.before, Operation(str(body["id"]), kind, {}), bench.around())
    step.shapes |= {key: shape for key, (_, shape) in delta.shapes.items()}
    (told,) = operations_after(connection, bench.draft, last.seq - 1, 1)
    words, words_zh = _WORDS[kind]
    step.say(f"{words}{told.answer['words']}", f"{words_zh}{told.answer['words_zh']}")
    return note_operation(bench, body, step, after, delta, undoes)


_NOTHING = {
    UNDO: ("You have done nothing here that could be taken back.", "没有可撤销的操作。"),
    REDO: ("You have taken nothing back here that could be done again.", "没有可重做的操作。"),
}
_WORDS = {UNDO: ("Undo: ", "撤销："), REDO: ("Redo: ", "重做：")}
