"""What the routes of drafts take and answer: drafts, what was done to them, what was found."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from geodata.drafts.answers import finding_as_json
from geodata.drafts.store import LONGEST_NAME, DraftOperation
from geodata.records import Finding
from geodata.redraw import Draft, History
from geodata.times import microseconds
from service.api.answers import LONGEST_CODE, Body, example
from service.dependencies import local_text

State = Literal["open", "published", "discarded"]

UNDOABLE: dict[str, Any] = {"seq": 17, "summary": "split G001 into G001, G012", "summary_zh": "拆分 G001 为 G001、G012"}
DRAFT: dict[str, Any] = {
    "id": 12,
    "layer": "general",
    "name": "样例街道 2027 年调整",
    "note": "",
    "state": "open",
    "base": 3,
    "newest": 3,
    "stale": False,
    "version": 17,
    "created_by": "样例规划员",
    "created_at": "2026-11-22T09:00:00+08:00",
    "changed_by": "样例规划员",
    "changed_at": "2026-11-22T09:30:00+08:00",
    "published_release": None,
    "effective_at": None,
}
DETAIL: dict[str, Any] = {
    **DRAFT,
    "operations": 15,
    "can_undo": UNDOABLE,
    "can_redo": None,
    "counts": {"grids": 897, "changed": 2, "errors": 0, "warnings": 1},
}
OPERATION: dict[str, Any] = {
    "seq": 17,
    "id": "b0c1f7c2",
    "kind": "split",
    "summary": UNDOABLE["summary"],
    "summary_zh": UNDOABLE["summary_zh"],
    "body": {
        "id": "b0c1f7c2",
        "kind": "split",
        "grid": "G001",
        "line": [[117.001, 36.66], [117.004, 36.66]],
    },
    "by": "样例规划员",
    "mine": True,
    "at": "2026-11-22T09:30:00+08:00",
    "undoes": None,
    "undone_by": None,
    "grids": ["G001", "G012"],
    "areas": [],
    "place": {"lon": 117.002, "lat": 36.661},
}
FINDING: dict[str, Any] = {
    "severity": "warning",
    "kind": "size-band",
    "message": "Grid G012 has 212 households; grids in town are to have 300–500.",
    "message_zh": "网格 G012 有 212 户，城市网格应为 300–500 户。",
    "code": "G012",
    "lon": 117.002,
    "lat": 36.661,
    "new": True,
    "facts": {"households": 212},
}


class NewDraft(Body):
    """A draft to begin."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"layer": "general", "name": "样例街道 2027 年调整"}}
    )

    layer: str | None = Field(None, max_length=LONGEST_CODE, description="Code of the layer; the default if left out")
    name: str = Field(max_length=2 * LONGEST_NAME, description=f"What it is called, 1 to {LONGEST_NAME} characters")
    note: str = Field("", max_length=2 * LONGEST_NAME, description=f"A word on it, up to {LONGEST_NAME} characters")
    release: int | None = Field(None, ge=1, le=2**31 - 1, description="Release to begin from; the last if left out")


class ChangedDraft(Body):
    """What a draft is to be called from now on."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"name": "样例街道 2027 年调整（二稿）"}})

    name: str | None = Field(None, max_length=2 * LONGEST_NAME, description="Another name; it stays if left out")
    note: str | None = Field(None, max_length=2 * LONGEST_NAME, description="Another word on it; it stays if left out")


class DraftItem(BaseModel):
    """A proposed state of a layer."""

    id: int
    layer: str = Field(description="Code of the layer")
    name: str
    note: str
    state: State
    base: int = Field(description="Number of the release that it begins from")
    newest: int | None = Field(description="Number of the last release of the layer that was not withdrawn")
    stale: bool = Field(description="Whether the base is not the newest release any more: it must be rebased")
    version: int = Field(description="Raised by every operation, undo and redo")
    created_by: str
    created_at: str
    changed_by: str
    changed_at: str
    published_release: int | None = Field(description="Number of the release that it became")
    effective_at: str | None = Field(description="When that release begins, or began")


class DraftStep(BaseModel):
    """An operation that the caller may take back, or do again."""

    seq: int
    summary: str
    summary_zh: str


class DraftCounts(BaseModel):
    """How large a draft is."""

    grids: int = Field(description="Grids that the layer would have")
    changed: int = Field(
        description="Grids that are not as in the base, new and ended ones included; not those that only got a vertex"
    )
    errors: int = Field(description="New findings that forbid publishing")
    warnings: int = Field(description="Other new findings")


class DraftDetail(DraftItem):
    """One draft."""

    model_config = example(**DETAIL)

    operations: int = Field(description="Operations that hold: those taken back, undos and redos are not counted")
    can_undo: DraftStep | None = Field(description="What the caller would take back")
    can_redo: DraftStep | None = Field(description="What the caller would do again")
    counts: DraftCounts | None = Field(description="null where the base was withdrawn, so that nothing can be read")


class DraftList(BaseModel):
    """A page of drafts, the newest first."""

    model_config = example(next_after=None, items=[DRAFT])

    next_after: int | None = Field(description="Send it as after to get the next page; null on the last")
    items: list[DraftItem]


class DraftPlace(BaseModel):
    """A place in what was changed."""

    lon: float
    lat: float


class OperationItem(BaseModel):
    """Something that was done to a draft."""

    seq: int = Field(description="The version that it made")
    id: str = Field(description="As the client named it")
    kind: str
    summary: str
    summary_zh: str
    body: dict[str, Any] = Field(description="As it was asked for")
    by: str = Field(description="Name of the key of who did it")
    mine: bool = Field(description="Whether the caller did it")
    at: str
    undoes: int | None = Field(description="Version that this undo or redo turned round")
    undone_by: int | None = Field(description="Undo that took it back, where that holds")
    grids: list[str] = Field(description="Codes before and after of the grids that it changed, at most 100")
    areas: list[str] = Field(description="Codes of the areas that it changed, at most 100")
    place: DraftPlace | None


class OperationList(BaseModel):
    """What was done to a draft since it was taken to its base, in order."""

    model_config = example(version=17, next_after=None, items=[OPERATION])

    version: int
    next_after: int | None = Field(description="Send it as after to get the next page; null on the last")
    items: list[OperationItem]


class DraftFinding(BaseModel):
    """Something that is worth a look."""

    model_config = example(**FINDING)

    severity: Literal["error", "warning"] = Field(description="error: it forbids publishing, where it is new")
    kind: str = Field(description="Stable name of the kind of fault")
    message: str
    message_zh: str
    code: str | None = Field(description="Code of the grid or area that is meant")
    lon: float | None
    lat: float | None
    new: bool = Field(description="False where the base had the same fault there already")
    facts: dict[str, Any]


class DraftFindings(BaseModel):
    """Everything that is worth a look in what a draft changed, errors first."""

    model_config = example(version=17, items=[FINDING])

    version: int
    items: list[DraftFinding]


def draft_record(draft: Draft, zone: ZoneInfo) -> dict[str, Any]:
    """JSON of a draft in a list."""
    return {
        "id": draft.draft_id,
        "layer": draft.layer,
        "name": draft.name,
        "note": draft.note,
        "state": draft.state,
        "base": draft.base,
        "newest": draft.newest,
        "stale": draft.stale,
        "version": draft.version,
        "created_by": draft.created_by,
        "created_at": local_text(microseconds(draft.created_at), zone),
        "changed_by": draft.changed_by,
        "changed_at": local_text(microseconds(draft.changed_at), zone),
        "published_release": draft.published,
        "effective_at": None if draft.published_effective is None else local_text(draft.published_effective, zone),
    }


def draft_tag(draft: Draft, actor: str) -> str:
    """Tag of a draft as one planner sees it: its version, and what tells of all else that may differ."""
    seen = (actor, draft.state, draft.name, draft.note, draft.base, draft.newest, draft.base_withdrawn)
    told = repr((*seen, draft.generation, draft.changed_at)).encode("utf-8", "surrogateescape")
    return f'"{draft.version}.{hashlib.blake2b(told, digest_size=6).hexdigest()}"'


def operation_record(operation: DraftOperation, actor: str, zone: ZoneInfo) -> dict[str, Any]:
    """JSON of something that was done."""
    answer = operation.answer
    return {
        "seq": operation.seq,
        "id": operation.client_id,
        "kind": operation.kind,
        "summary": answer.get("words", ""),
        "summary_zh": answer.get("words_zh", ""),
        "body": operation.body,
        "by": operation.done_by,
        "mine": operation.done_by == actor,
        "at": local_text(microseconds(operation.done_at), zone),
        "undoes": operation.undoes,
        "undone_by": operation.undone_by,
        "grids": answer.get("grids", []),
        "areas": answer.get("areas", []),
        "place": _place(answer.get("place")),
    }


def step_record(operation: DraftOperation | None) -> dict[str, Any] | None:
    """JSON of what may be taken back, or done again."""
    if operation is None:
        return None
    words = operation.answer
    return {"seq": operation.seq, "summary": words.get("words", ""), "summary_zh": words.get("words_zh", "")}


def finding_record(finding: Finding) -> dict[str, Any]:
    """JSON of a finding about a draft."""
    facts = {name: value for name, value in finding.facts.items() if name != "new"}
    return {**finding_as_json(finding), "new": bool(finding.facts.get("new", True)), "facts": facts}


def turnable(history: History, operations: Mapping[int, DraftOperation]) -> dict[str, Any]:
    """What a planner can take back, and do again."""
    undo, redo = (operations.get(marks[-1].seq) if marks else None for marks in (history.done, history.undone))
    return {"can_undo": step_record(undo), "can_redo": step_record(redo)}


def _place(stored: Sequence[float] | None) -> dict[str, float] | None:
    return None if stored is None else {"lon": stored[0], "lat": stored[1]}
