"""What the routes of the clerk's desk take and answer."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from geodata.desk.stored import BUSY, OPTIONS, StoredLoad, problem_of
from geodata.intake.profiles import LONGEST_NAME
from geodata.load import LONGEST_NOTE
from geodata.times import microseconds
from service.api.answers import LONGEST_CODE, example
from service.dependencies import Serving, local_or_none, local_text

State = Literal["queued", "checking", "checked", "committing", "committed", "undoing", "undone", "failed", "cancelled"]
Severity = Literal["error", "warning"]
What = Literal["new", "changed", "ended"]
# PostgreSQL keeps no NUL.
_KEPT = "^[^\\x00]*$"
Code = Annotated[str, Field(min_length=1, max_length=LONGEST_CODE, pattern=_KEPT)]

_LOAD: dict[str, Any] = {
    "id": 7,
    "state": "checked",
    "version": 2,
    "file": "网格员名册.xlsx",
    "bytes": 18_213,
    "kind": "workers",
    "kinds_guessed": [{"kind": "workers", "score": 0.97}],
    "created_at": "2026-11-22T08:00:00+08:00",
    "created_by": "李店员",
    "sheets": ["名册", "说明"],
    "sheet": "名册",
    "header_rows": [2, 2],
    "options": {**OPTIONS, "effective": "2026-12-01T00:00:00+08:00"},
    "columns": [{"column": "姓名", "field": "name", "how": "guessed", "samples": ["样例-张三"]}],
    "missing_fields": [],
    "progress": None,
    "counts": {
        "rows": 120,
        "errors": 0,
        "warnings": 2,
        "new": 3,
        "changed": 5,
        "ended": 0,
        "same": 112,
        "mends": 0,
    },
    "effective": "2026-12-01T00:00:00+08:00",
    "layer": None,
    "release": None,
    "change_id": None,
    "job_id": 31,
    "needs_retire_missing": False,
    "can_commit": True,
    "can_undo": False,
    "problem": None,
    "checked_at": "2026-11-22T08:00:02+08:00",
    "data_version": 17,
}
_FINDING: dict[str, Any] = {
    "severity": "error",
    "kind": "invalid-phone",
    "row": 14,
    "column": "联系电话",
    "field": "phone",
    "code": "W0012",
    "message": "'1380000000x' is not a phone number.",
    "message_zh": "“1380000000x”不是电话号码。",
    "lon": None,
    "lat": None,
}
_CHANGE: dict[str, Any] = {
    "what": "changed",
    "code": "W0012",
    "label": "样例-张三",
    "before": {"phone": "13800000000"},
    "after": {"phone": "13800000001"},
    "row": 14,
}


class LoadOptionsItem(BaseModel):
    """How a file is to be understood; what is left out of a change stays as it is."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"mapping": {"phone": "联系电话"}, "effective": "2026-12-01"}}
    )

    sheet: str | None = Field(
        None, max_length=200, pattern=_KEPT, description="Sheet or layer of the file; null for the best one"
    )
    header_rows: list[int] | None = Field(
        None, min_length=2, max_length=2, description="First and last row of the header; null to have it found"
    )
    layer: Code | None = Field(None, description="Layer of the grids; null for the default one")
    crs: Code | None = Field(None, description="Datum of the coordinates; null for what the file says")
    mapping: dict[Code, Annotated[str, Field(max_length=1000, pattern=_KEPT)]] = Field(
        default_factory=dict, max_length=100, description="Field to column, over any guess; an empty column for none"
    )
    profile: str | None = Field(
        None, max_length=LONGEST_NAME, pattern=_KEPT, description="Mapping to start from, by its name"
    )
    within: Code | None = Field(
        None, description="Replace only the grids of this area; streets and barriers are cut at its outline"
    )
    box: str | None = Field(
        None,
        max_length=100,
        pattern=_KEPT,
        description="West,south,east,north in degrees, at which streets and barriers are cut",
    )
    effective: str | None = Field(
        None, max_length=40, description="When it takes effect; null for when it is committed"
    )
    retire_missing: bool = Field(False, description="End what is in force but not in the file")
    repair: bool = Field(False, description="Mend geometry, and say each mend")
    note: str = Field("", max_length=LONGEST_NOTE, pattern=_KEPT, description="A word on the release")
    save_profile: str | None = Field(
        None, max_length=LONGEST_NAME, pattern=_KEPT, description="Keep the mapping under this name"
    )


class LoadChange(LoadOptionsItem):
    """What to understand otherwise; the file is then checked again."""

    kind: Code | None = Field(None, description="What the file holds; null to have it guessed")
    version: int | None = Field(None, ge=1, description="Version of the load that you looked at; or send If-Match")


class LoadStep(BaseModel):
    """Which version of the load is meant."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"version": 2}})

    version: int | None = Field(None, ge=1, description="Version of the load that you looked at; or send If-Match")


class GuessItem(BaseModel):
    """A kind that the file may hold, from 0 to 1."""

    kind: str
    score: float


class ColumnItem(BaseModel):
    """A column, the field that is read from it, and why."""

    column: str
    field: str | None
    how: Literal["told", "profile", "guessed"] | None
    samples: list[str]


class ProgressItem(BaseModel):
    """How far a job is; total is null where nobody knows."""

    stage: str
    done: int
    total: int | None


class CountsItem(BaseModel):
    """What was read, found, and would change."""

    rows: int
    errors: int
    warnings: int
    new: int
    changed: int
    ended: int
    same: int
    mends: int


class LoadProblem(BaseModel):
    """Why a load cannot go on."""

    code: str
    title: str
    title_zh: str
    detail: str
    detail_zh: str


class LoadItem(BaseModel):
    """A file that somebody brought, how it was understood, and what became of it."""

    model_config = example(**_LOAD)

    id: int
    state: State
    version: int = Field(description="Rises with every change of the load; progress does not count")
    file: str
    bytes: int
    kind: str | None = Field(description="What it holds, as told or guessed; null where nobody knows")
    kinds_guessed: list[GuessItem]
    created_at: str
    created_by: str
    sheets: list[str]
    sheet: str | None
    header_rows: list[int] | None
    options: LoadOptionsItem
    columns: list[ColumnItem]
    missing_fields: list[str] = Field(description="Fields that are needed and have no column")
    progress: ProgressItem | None
    counts: CountsItem | None = Field(description="Null before the first check, or where nothing was understood")
    effective: str | None
    layer: str | None
    release: int | None
    change_id: int | None = Field(description="The change that it became, by which it can be undone")
    job_id: int | None = Field(description="The last job that worked on it, see /jobs/{id}")
    needs_retire_missing: bool
    can_commit: bool
    can_undo: bool
    problem: LoadProblem | None
    checked_at: str | None
    data_version: int | None = Field(description="Version of the data that the check is true for")


class LoadList(BaseModel):
    """A page of loads, the newest first."""

    model_config = example(next_before=None, items=[_LOAD])

    next_before: int | None = Field(description="Send it as before to get the next page; null on the last")
    items: list[LoadItem]


class FindingItem(BaseModel):
    """One fault, or one thing worth a look."""

    severity: Severity
    kind: str
    row: int | None
    column: str | None
    field: str | None
    code: str | None
    message: str
    message_zh: str
    lon: float | None
    lat: float | None


class FindingList(BaseModel):
    """A page of findings, errors first."""

    model_config = example(next_after=None, items=[_FINDING])

    next_after: int | None = Field(description="Send it as after to get the next page; null on the last")
    items: list[FindingItem]


class RowItem(BaseModel):
    """A row of the sheet as its user counts, and its cells in the order of the columns."""

    row: int
    cells: list[str]


class RowList(BaseModel):
    """A page of rows."""

    model_config = example(next_after=None, columns=["姓名"], items=[{"row": 3, "cells": ["样例-张三"]}])

    next_after: int | None = Field(description="Send it as after to get the next page; null on the last")
    columns: list[str]
    items: list[RowItem]


class ChangeItem(BaseModel):
    """One record that is new, changed or ended, with its fields before and after."""

    what: What
    code: str
    label: str
    before: dict[str, Any] | None = Field(
        description="Fields of the kind; of duties and leave also holder_name and the like, beside the codes"
    )
    after: dict[str, Any] | None
    row: int | None


class PlanList(BaseModel):
    """A page of what a load would change, or changed."""

    model_config = example(next_after=None, items=[_CHANGE])

    next_after: int | None = Field(description="Send it as after to get the next page; null on the last")
    items: list[ChangeItem]


_NO_WORKER = problem_of(
    "no-worker",
    ("No worker process is alive", "没有后台任务进程"),
    (
        "The file waits until one is started: gridmap serve starts one, on its own it is gridmap worker.",
        "文件将等待后台任务进程启动：gridmap serve 会自动启动，也可单独运行 gridmap worker。",
    ),
)


def load_item(held: Serving, load: StoredLoad, *, alive: bool = True) -> dict[str, Any]:
    """A load as it is answered; ``alive`` says whether a worker process is."""
    options = {**OPTIONS, **load.options}
    understood = load.understanding
    report = load.report
    problem = load.problem
    if problem is None and load.state in BUSY and not alive:
        problem = _NO_WORKER
    return {
        "id": load.load_id,
        "state": "undone" if load.undone_by is not None else load.state,
        "version": load.version,
        "file": load.file,
        "bytes": load.bytes,
        "kind": load.kind,
        "kinds_guessed": understood.get("kinds_guessed", []),
        "created_at": local_text(microseconds(load.created_at), held.zone),
        "created_by": load.created_by,
        "sheets": understood.get("sheets", []),
        "sheet": understood.get("sheet"),
        "header_rows": understood.get("header_rows"),
        "options": {**options, "effective": local_or_none(options["effective"], held.zone)},
        "columns": understood.get("columns", []),
        "missing_fields": understood.get("missing_fields", []),
        "progress": load.progress,
        "counts": report.get("counts"),
        "effective": local_or_none(report.get("effective"), held.zone),
        "layer": report.get("layer"),
        "release": report.get("release"),
        "change_id": load.change_id,
        "job_id": load.job_id,
        "needs_retire_missing": report.get("needs_retire_missing", False),
        "can_commit": load.can_commit,
        "can_undo": load.can_undo,
        "problem": problem,
        "checked_at": local_or_none(report.get("checked_at"), held.zone),
        "data_version": report.get("data_version"),
    }
