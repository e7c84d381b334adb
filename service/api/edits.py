"""Editing the registers one record at a time: add, change, end; each guarded by what the editor saw."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import BaseModel, Field, create_model
from starlette.exceptions import HTTPException

from geodata import edit
from geodata.edit import Edited
from geodata.errors import LoadRefusedError, StaleEditError
from geodata.intake.kinds import KINDS
from geodata.record_states import Version
from geodata.records import FOREVER_TO, Finding
from service.api.answers import KEY_NEEDED, Asked, CodeInPath, example, json_response, problems
from service.api.records import example_of
from service.api.register_kinds import LEAVE, REGISTERS, STATIONS, WORKERS
from service.api.registers import Register, tag_headers
from service.dependencies import CLERKS, instant_of, serving
from service.problems import problem_response

IF_MATCH_NEEDED = 428

Record = Callable[[Asked, Version], dict[str, Any]]

IfMatch = Annotated[
    str | None,
    Header(
        max_length=1000,
        description="ETag of the record as it was read; * for whatever it is. Without it: 428; changed since: 412",
        examples=['"42"'],
    ),
]
Effective = Annotated[str | None, Query(max_length=40, description="Date or time at which it ends; now if left out")]


class FindingItem(BaseModel):
    """Something wrong with what was sent, or worth a look."""

    severity: str = Field(description="error: nothing was written; warning: it was")
    kind: str = Field(description="Stable name of the kind of fault")
    field: str | None = Field(description="Field of the body that is meant")
    message: str
    message_zh: str
    facts: dict[str, Any]


class EditAnswer(BaseModel):
    """What every edit answers besides the record."""

    change_id: int | None = Field(description="Name of the change, to undo it; null where everything was so already")
    warnings: list[FindingItem]


def answer_model(title: str, item: type[BaseModel], shown: Mapping[str, Any]) -> type[BaseModel]:
    """Model of what an edit of a register answers."""
    kept: Any = item | None
    text = Field(description="The record from the edit on; null where it never comes into force")
    made = create_model(f"Edited{title}", __base__=EditAnswer, __doc__="An edit that was made.", record=(kept, text))
    made.model_config = example(record=shown, change_id=118, warnings=[])
    return made


def finding_item(finding: Finding) -> dict[str, Any]:
    """JSON of a finding about one record."""
    named = finding.facts.get("field") or finding.facts.get("column")
    return {
        "severity": finding.severity,
        "kind": finding.kind,
        "field": named,
        "message": finding.message,
        "message_zh": finding.message_zh,
        "facts": {name: value for name, value in finding.facts.items() if name not in ("columns", "column")},
    }


def tags_of(if_match: str | None) -> frozenset[str] | None:
    """Tags that the editor saw; None for any.

    Raises
    ------
    HTTPException
        428: none was sent.

    Notes
    -----
    A proxy that compresses makes a strong tag weak, ``W/"42"``; it still names the same state here.
    """
    if if_match is None or not if_match.strip():
        raise HTTPException(IF_MATCH_NEEDED)
    if if_match.strip() == "*":
        return None
    return frozenset(tag.strip().removeprefix("W/").strip('"') for tag in if_match.split(","))


def refused(request: Request, error: LoadRefusedError) -> Response:
    """The findings that refuse an edit, each at its field."""
    findings = [finding_item(finding) for finding in error.report.errors]
    errors = [
        {
            "location": f"body.{one['field']}" if one["field"] else "body",
            "code": one["kind"],
            "message": one["message"],
            "message_zh": one["message_zh"],
        }
        for one in findings
    ]
    title = ("The record has errors and was not saved", "数据有错误，未保存")
    detail = ("; ".join(one["message"] for one in findings), "；".join(one["message_zh"] for one in findings))
    return problem_response(
        request.scope, 422, "record-refused", title, detail, errors=errors, facts={"findings": findings}
    )


class Editing:
    """A request to edit: who asks, may they, and how the outcome is told.

    Parameters
    ----------
    record
        Makes the JSON of a state.

    Raises
    ------
    AccessError
        The key is missing or its role may not edit.
    """

    def __init__(self, request: Request, record: Record) -> None:
        self.asked = Asked(request, None, CLERKS)
        self.request = request
        self.record = record

    def instant(self, text: str | None) -> int | None:
        """When it is to take effect; None for now."""
        return None if text is None else instant_of(text, self.asked.zone)

    def ending(self, sent: Mapping[str, Any]) -> int | None:
        """When the record is to end: `FOREVER_TO` for null, None where nothing is said."""
        if "to" not in sent:
            return None
        return FOREVER_TO if sent["to"] is None else instant_of(sent["to"], self.asked.zone, inclusive_end=True)

    def answer(self, make: Callable[[Any], Edited], *, created: Callable[[Version], str] | None = None) -> Response:
        """Make the edit in one transaction and tell what came of it."""
        try:
            with serving(self.request).database() as connection:
                edited = make(connection)
        except LoadRefusedError as error:
            return refused(self.request, error)
        except StaleEditError as error:
            error.facts["current"] = None if error.current is None else self.record(self.asked, error.current)
            error.facts["etag"] = None if error.current is None else f'"{error.current.tag}"'
            raise
        version = edited.version
        content = {
            "record": None if version is None else self.record(self.asked, version),
            "change_id": edited.change_id,
            "warnings": [finding_item(finding) for finding in edited.warnings],
        }
        headers = {} if version is None else tag_headers(version)
        if created is not None and version is not None:
            headers["Location"] = created(version)
        return json_response(content, status=201 if created else 200, headers=headers)


def location(request: Request, version: Version) -> str:
    """Path of a record that was added to the list at the request's path."""
    return f"{request.url.path}/{quote(version.code, safe='')}"


def sent_fields(sent: Mapping[str, Any], without: Sequence[str] = ("effective", "to")) -> dict[str, Any]:
    """Fields of the record among what was sent."""
    return {name: value for name, value in sent.items() if name not in without}


def with_body(handler: Callable[..., Response], model: type[BaseModel]) -> Callable[..., Response]:
    """A handler whose parameter ``body`` is read as this model."""
    handler.__annotations__["body"] = model
    return handler


def add_editing(router: APIRouter, register: Register) -> None:
    """Add the routes that add, change and end records of a register."""
    item, title = register.models[0], register.shown.title
    answer = answer_model(title, item, example_of(register.shown))
    _add_create(router, register, answer)
    _add_change(router, register, answer)
    _add_end(router, register, answer)


def _record(register: Register) -> Record:
    def record(asked: Asked, version: Version) -> dict[str, Any]:
        return register.record(asked, version.fields, version.begins, version.ends)

    return record


def _add_create(router: APIRouter, register: Register, answer: type[BaseModel]) -> None:
    label = KINDS[register.kind].label_en

    def create(request: Request, body: BaseModel) -> Response:
        editing = Editing(request, _record(register))
        sent = body.model_dump(exclude_unset=True)
        effective, ends = editing.instant(sent.get("effective")), editing.ending(sent)

        def make(connection: Any) -> Edited:
            return edit.create(
                connection,
                register.kind,
                sent_fields(sent),
                actor=editing.asked.caller.name,
                effective=effective,
                ends=FOREVER_TO if ends is None else ends,
            )

        return editing.answer(make, created=lambda version: location(request, version))

    router.add_api_route(
        f"/{register.path}",
        with_body(create, register.bodies[0]),
        methods=["POST"],
        status_code=201,
        operation_id=f"create{register.shown.title}",
        summary=f"Add one of the {label}",
        description="Checked as a whole file would be. A code that is in use, or planned, is a conflict. For clerks "
        "and administrators.",
        response_model=None,
        responses={201: {"model": answer}, **problems(400, 401, 403, 408, 409, 413, 422, 503)},
        openapi_extra=KEY_NEEDED,
    )


def _add_change(router: APIRouter, register: Register, answer: type[BaseModel]) -> None:
    label = KINDS[register.kind].label_en

    def change(request: Request, code: CodeInPath, body: BaseModel, if_match: IfMatch = None) -> Response:
        editing = Editing(request, _record(register))
        sent = body.model_dump(exclude_unset=True)
        seen, effective, ends = tags_of(if_match), editing.instant(sent.get("effective")), editing.ending(sent)
        given = sent_fields(sent)

        def make(connection: Any) -> Edited:
            actor = editing.asked.caller.name
            return edit.change(
                connection, register.kind, code, given, seen=seen, actor=actor, effective=effective, ends=ends
            )

        return editing.answer(make)

    router.add_api_route(
        f"/{register.path}/{{code:path}}",
        with_body(change, register.bodies[1]),
        methods=["PATCH"],
        operation_id=f"change{register.shown.title}",
        summary=f"Change one of the {label}",
        description="What is not sent stays. The record is as sent from `effective` on, which may lie in the past, but "
        "not before the state that was seen began; a later change that is planned already is a conflict.",
        response_model=None,
        responses={200: {"model": answer}, **problems(400, 401, 403, 404, 408, 409, 412, 413, 422, 428, 503)},
        openapi_extra=KEY_NEEDED,
    )


def _add_end(router: APIRouter, register: Register, answer: type[BaseModel]) -> None:
    label = KINDS[register.kind].label_en

    def end(request: Request, code: CodeInPath, if_match: IfMatch = None, effective: Effective = None) -> Response:
        editing = Editing(request, _record(register))
        seen, at = tags_of(if_match), editing.instant(effective)

        def make(connection: Any) -> Edited:
            actor = editing.asked.caller.name
            return edit.end(connection, register.kind, code, seen=seen, actor=actor, effective=at)

        return editing.answer(make)

    router.add_api_route(
        f"/{register.path}/{{code:path}}",
        end,
        methods=["DELETE"],
        operation_id=f"end{register.shown.title}",
        summary=f"End one of the {label}",
        description="Nothing is deleted: it is not in force from `effective` on. What still depends on it is told as "
        "warnings, or refuses the end. One that has yet to begin never does.",
        response_model=None,
        responses={200: {"model": answer}, **problems(401, 403, 404, 409, 412, 422, 428, 503)},
        openapi_extra=KEY_NEEDED,
    )


router = APIRouter(prefix="/api/v1", tags=["registers"])
for _register in (*REGISTERS, STATIONS, WORKERS):
    if _register is not LEAVE:
        add_editing(router, _register)
