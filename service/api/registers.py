"""Reading the registers: their lists from memory, one record from memory or, for its editors, from the database."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel

from geodata.errors import NotKnownError
from geodata.intake.kinds import KINDS
from geodata.lists.registers import Row, Rows, masked_field
from geodata.record_states import Version, chain, present, state_at, versions
from service.api.answers import (
    KEY_NEEDED,
    LONGEST_CODE,
    OPEN_TO_ALL,
    Asked,
    AsOf,
    CodeInPath,
    Limit,
    json_response,
    listing,
    problems,
)
from service.api.records import Shown, body_models, detail_model, item_model, list_model, record_of
from service.dependencies import CLERKS, READERS, now_micros, require, serving

Search = Annotated[
    str | None, Query(max_length=LONGEST_CODE, description="Only those in whose code or names this stands")
]
WithHistory = Annotated[bool, Query(description="Add every state that it had, has and is to have; needs a key")]


@dataclass(frozen=True)
class Register:
    """One register: where it is, who may read it, how it looks.

    Parameters
    ----------
    path
        Under ``/api/v1``.
    shown
        How its records look.
    rows
        Gives those of a moment.
    readers
        Who may read it; anybody where empty.
    personal
        Fields that hold a person's name or phone, masked for those who may not see them.
    """

    path: str
    shown: Shown
    rows: Rows
    readers: tuple[str, ...] = ()
    personal: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """Load kind of the records."""
        return self.shown.kind

    @property
    def security(self) -> dict[str, Any]:
        """Who may read it, for the OpenAPI document."""
        return KEY_NEEDED if self.readers else OPEN_TO_ALL

    @cached_property
    def models(self) -> tuple[type[BaseModel], type[BaseModel], type[BaseModel]]:
        """Models of an item, of a list and of one record."""
        item = item_model(self.shown)
        return item, list_model(self.shown, item), detail_model(self.shown, item)

    @cached_property
    def bodies(self) -> tuple[type[BaseModel], type[BaseModel]]:
        """Models of what adds and what changes a record."""
        return body_models(self.shown)

    def record(self, asked: Asked, fields: Mapping[str, Any], begins: int, ends: int) -> dict[str, Any]:
        """JSON of a record; personal fields are masked here unless the caller may see them."""
        values = dict(fields)
        if self.personal and not asked.caller.unmasked:
            values |= {name: masked_field(name, values) for name in self.personal}
        if "open_now" in self.shown.added:
            values["open_now"] = asked.moment.is_open(values["hours"])
        return record_of(self.shown, values, begins, ends, asked.zone)


def state_asked(asked: Asked, kind: str, code: str, *, at: int | None, history: bool) -> tuple[Version, list[Version]]:
    """The state that is asked for, in the database, and all of them.

    Parameters
    ----------
    at
        Instant; None for now, or what is planned next.
    history
        Whether the last state will do where none is in force any more.

    Raises
    ------
    NotKnownError
        There is no such record, or not at that time.
    """
    with serving(asked.request).database() as connection:
        found = versions(connection, kind, code)
    if kind in ("duties", "leave") and found:
        return found[0], found
    state = state_at(found, at) if at is not None else None
    if state is None and history and found:
        state = found[-1]
    if state is None and at is not None:
        label = KINDS[kind]
        raise NotKnownError(
            f"there is no {code!r} among the {label.label_en} at this time", f"此时“{label.label}”中没有“{code}”"
        )
    return state or present(found, kind, code, now_micros()), found


def period_asked(asked: Asked, kind: str, identity: int, *, history: bool) -> tuple[Version, list[Version] | None]:
    """A duty or leave in the database, and where its history is asked for all its states, the newest first.

    Raises
    ------
    NotKnownError
        There is none of that identity.
    """
    state, _ = state_asked(asked, kind, str(identity), at=None, history=False)
    if not history:
        return state, None
    with serving(asked.request).database() as connection:
        return state, chain(connection, kind, str(identity))[::-1]


def tag_headers(version: Version) -> dict[str, str]:
    """The strong tag of a state, which an edit sends back as If-Match."""
    return {"ETag": f'"{version.tag}"', "Cache-Control": "no-store", "Vary": "Authorization, Cookie"}


def from_database(asked: Asked, *, history: bool) -> bool:
    """Whether one record is read from the database: for those who may edit it, and wherever its past is asked for."""
    if history:
        require(asked.request, READERS)
    return history or asked.caller.role in CLERKS


def add_list(router: APIRouter, register: Register) -> None:
    """Add the route that lists a register."""
    label = KINDS[register.kind].label_en

    def list_records(
        request: Request,
        q: Search = None,
        as_of: AsOf = None,
        limit: Limit = None,
        after: Annotated[str | None, Query(max_length=LONGEST_CODE, description="Continue after this code")] = None,
    ) -> Response:
        asked = Asked(request, as_of, register.readers)
        known = None if register.readers else asked.not_modified()
        return known or list_rows(asked, register, q=q, limit=limit, after=after)

    router.add_api_route(
        f"/{register.path}",
        list_records,
        methods=["GET"],
        operation_id=f"list{_title(register.path)}",
        summary=label[:1].upper() + label[1:],
        description=f"{label[:1].upper()}{label[1:]} in force at the instant, in code order."
        + (" Names and phones are masked for planners." if register.personal else ""),
        response_model=None,
        responses={200: {"model": register.models[1]}, **problems(401, 403, 422, 503)},
        openapi_extra=register.security,
    )


def list_rows(asked: Asked, register: Register, *, q: str | None, limit: int | None, after: str | None) -> Response:
    """A page of a register's rows at the instant."""
    rows = sorted(register.rows(asked.moment), key=_code_of)

    def record(row: Row) -> dict[str, Any]:
        return register.record(asked, row.fields, row.begins, row.ends)

    if q:
        rows = [row for row in rows if found_in(q, row, record(row))]
    private = bool(register.readers)
    return listing(asked, rows, place_of=_code_of, after=after, limit=limit, record=record, private=private)


def found_in(text: str, row: Row, record: Mapping[str, Any]) -> bool:
    """Whether a text stands in what the caller may see of a row."""
    wanted = text.casefold()
    shown = (value for name, value in record.items() if name in _SEARCHED or name.endswith("_name"))
    return any(wanted in str(value).casefold() for value in (row.code, *shown) if value)


_SEARCHED = ("name", "name_en", "title", "address", "worker", "stand_in", "target", "aliases")


def _code_of(row: Row) -> str:
    return row.code


def add_one(router: APIRouter, register: Register) -> None:
    """Add the route that gives one record of a register."""
    label = KINDS[register.kind].label_en

    def get_record(request: Request, code: CodeInPath, as_of: AsOf = None, history: WithHistory = False) -> Response:
        asked = Asked(request, as_of, register.readers)
        return one_record(asked, register, code, as_of, history=history)

    router.add_api_route(
        f"/{register.path}/{{code:path}}",
        get_record,
        methods=["GET"],
        operation_id=f"get{register.shown.title}",
        summary=f"One of the {label}",
        description="A record as it is at the instant. Clerks and administrators get what the database holds, which a "
        "change a moment ago is in already, with a tag to be sent back as If-Match; without an instant what is planned "
        "next where nothing is in force now.",
        response_model=None,
        responses={200: {"model": register.models[2]}, **problems(401, 403, 404, 422, 503)},
        openapi_extra=register.security,
    )


def one_record(asked: Asked, register: Register, code: str, as_of: str | None, *, history: bool) -> Response:
    """One record, from memory or from the database."""
    if not from_database(asked, history=history):
        row = next((row for row in register.rows(asked.moment) if row.code == code), None)
        if row is None:
            label = KINDS[register.kind]
            raise NotKnownError(
                f"there is no {code!r} among the {label.label_en} at this time", f"此时“{label.label}”中没有“{code}”"
            )
        record = {**register.record(asked, row.fields, row.begins, row.ends), "history": None}
        if register.readers:
            return json_response({**asked.head, **record})
        return asked.not_modified() or asked.answer(record)
    at = None if as_of is None else asked.instant
    state, found = state_asked(asked, register.kind, code, at=at, history=history)

    def record_of_state(version: Version) -> dict[str, Any]:
        return register.record(asked, version.fields, version.begins, version.ends)

    past = [record_of_state(version) for version in reversed(found)] if history else None
    content = {**asked.head, **record_of_state(state), "history": past}
    return json_response(content, headers=tag_headers(state))


def _title(path: str) -> str:
    return path[:1].upper() + path[1:]
