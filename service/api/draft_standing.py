"""How a draft stands for one planner: what can be taken back, how many grids it changes, how much was found."""

from typing import Any

from fastapi import Response
from psycopg import Connection

from geodata.drafts.figures import figures_of
from geodata.drafts.history import live
from geodata.drafts.store import DraftOperation, marks_of, operations_after
from geodata.redraw import Draft, draft_of, draft_state, history
from service.api.answers import json_response
from service.api.draft_items import draft_record, draft_tag, turnable
from service.api.draft_work import DraftWork, private_tag


def turns(connection: Connection[Any], draft: Draft, actor: str) -> dict[str, Any]:
    """What a planner can take back, and do again."""
    own = history(connection, draft.draft_id, actor=actor)
    wanted = {marks[-1].seq for marks in (own.done, own.undone) if marks}
    return turnable(own, {seq: _operation(connection, draft, seq) for seq in wanted})


def standing(work: DraftWork, connection: Connection[Any], draft_id: int) -> dict[str, Any]:
    """JSON of one draft."""
    draft = draft_of(connection, draft_id)
    return {
        **draft_record(draft, work.zone),
        "operations": len(live(marks_of(connection, draft))),
        **turns(connection, draft, work.actor),
        "counts": _counts(work, connection, draft),
    }


def draft_answer(work: DraftWork, connection: Connection[Any], draft_id: int, status: int = 200) -> Response:
    """One draft as JSON, with its tag."""
    tag = draft_tag(draft_of(connection, draft_id), work.actor)
    content = standing(work, connection, draft_id)
    headers = private_tag(tag)
    if status == 201:
        headers["Location"] = f"{work.request.scope.get('root_path', '')}/api/v1/drafts/{draft_id}"
    return json_response(content, status=status, headers=headers)


def _operation(connection: Connection[Any], draft: Draft, seq: int) -> DraftOperation:
    return operations_after(connection, draft, seq - 1, 1)[0]


def _counts(work: DraftWork, connection: Connection[Any], draft: Draft) -> dict[str, int] | None:
    if draft.base_withdrawn:
        return None
    state = draft_state(connection, draft.draft_id, work.memory)
    if not state.touched:
        return {"grids": len(state.grids), "changed": 0, "errors": 0, "warnings": 0}
    scene = work.scene(connection, draft)
    found = [finding for finding in work.findings(state, scene) if finding.facts["new"]]
    errors = sum(finding.severity == "error" for finding in found)
    return {
        "grids": len(state.grids),
        "changed": len(figures_of(state, scene).changed),
        "errors": errors,
        "warnings": len(found) - errors,
    }
