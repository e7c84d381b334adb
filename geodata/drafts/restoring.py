"""Going back: a draft that makes the grids as an earlier release left them. What came between stays history."""

from typing import Any
from uuid import uuid4

from psycopg import Connection

from geodata.access import record_audit
from geodata.drafts.applying import RESTORE, step_of
from geodata.drafts.keeping import create_draft
from geodata.drafts.memory import DraftMemory
from geodata.drafts.operations import Operation
from geodata.drafts.step import Households
from geodata.drafts.store import Draft, one_draft
from geodata.drafts.working import note_operation, open_bench
from geodata.errors import ConflictError, EditRefusedError


def restore_release(
    connection: Connection[Any],
    layer_code: str | None,
    number: int,
    *,
    actor: str,
    memory: DraftMemory,
    households: Households,
    name: str | None = None,
) -> Draft:
    """A new draft of the last release, with one operation: everything as an earlier release left it.

    Raises
    ------
    NotKnownError
        There is no such layer or release.
    ConflictError
        The release was withdrawn, or everything is as it left it.
    """
    draft = create_draft(connection, layer_code, name=name or f"恢复到第 {number} 版", actor=actor)
    bench = open_bench(connection, draft.draft_id, memory, actor, None)
    operation = Operation(uuid4().hex, RESTORE, {"release": number})
    try:
        step, after, delta = step_of(bench.before, operation, bench.around(households))
    except EditRefusedError as error:
        raise ConflictError(
            f"The grids are as release {number} left them: there is nothing to go back to.",
            f"网格与第 {number} 版完全一致，无需恢复。",
            release=number,
            reason="changes-nothing",
        ) from error
    note_operation(bench, operation.body, step, after, delta)
    facts = {"layer": draft.layer, "release": number}
    record_audit(connection, actor=actor, action="release.restore", target=str(draft.draft_id), facts=facts)
    return one_draft(connection, draft.draft_id)
