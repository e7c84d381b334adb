"""Keys and the audit log: the only routes here that ask the database."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from geodata import access
from geodata.access import LONGEST_NAME, KeyEntry, KeyRole
from geodata.times import instant, microseconds
from service.api.answers import KEY_NEEDED, Limit, example, json_response, problems
from service.dependencies import ADMIN, Serving, instant_of, local_text, require, serving

router = APIRouter(prefix="/api/v1", tags=["keys"])

LARGEST_ID = 2**63 - 1

_KEY: dict[str, Any] = {
    "key_id": 12,
    "role": "dispatcher",
    "name": "热线 3 号席",
    "created_at": "2026-11-01T09:00:00+08:00",
    "created_by": "王管理员",
    "expires_at": "2027-11-01T00:00:00+08:00",
    "revoked_at": None,
}
_AUDIT: dict[str, Any] = {
    "audit_id": 40,
    "at": "2026-11-01T09:00:00+08:00",
    "actor": "王管理员",
    "action": "key.create",
    "target": "12",
    "facts": {"role": "dispatcher"},
}

Before = Annotated[int | None, Query(ge=1, le=LARGEST_ID, description="Continue before the one of this identity")]
KeyId = Annotated[int, Path(ge=1, le=LARGEST_ID, description="Identity of the key", examples=[12])]


class NewKey(BaseModel):
    """What a key is for."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"role": "dispatcher", "name": "热线 3 号席", "expires_at": "2027-11-01"}},
    )

    role: KeyRole
    name: str = Field(min_length=1, max_length=LONGEST_NAME, description="The person or system that it is for")
    expires_at: str | None = Field(None, max_length=40, description="Date or time after which it opens nothing")


class KeyItem(BaseModel):
    """What is known of a key: everything but the key."""

    model_config = example(**_KEY)

    key_id: int
    role: KeyRole
    name: str
    created_at: str
    created_by: str
    expires_at: str | None
    revoked_at: str | None


class MadeKey(KeyItem):
    """A new key, shown this once."""

    model_config = example(**_KEY, key="gm_…")

    key: str = Field(description="Send it as Authorization: Bearer; it cannot be shown again")


class KeyList(BaseModel):
    """A page of keys, the newest first."""

    model_config = example(next_before=None, items=[_KEY])

    next_before: int | None = Field(description="Send it as before to get the next page; null on the last")
    items: list[KeyItem]


class AuditItem(BaseModel):
    """One thing that somebody did."""

    audit_id: int
    at: str
    actor: str
    action: str
    target: str
    facts: dict[str, Any]


class AuditList(BaseModel):
    """A page of the audit log, the newest first."""

    model_config = example(next_before=None, items=[_AUDIT])

    next_before: int | None = Field(description="Send it as before to get the next page; null on the last")
    items: list[AuditItem]


def _record(held: Serving, entry: KeyEntry) -> dict[str, Any]:
    return {
        "key_id": entry.key_id,
        "role": entry.role,
        "name": entry.name,
        "created_at": local_text(microseconds(entry.created_at), held.zone),
        "created_by": entry.created_by,
        "expires_at": entry.expires_at and local_text(microseconds(entry.expires_at), held.zone),
        "revoked_at": entry.revoked_at and local_text(microseconds(entry.revoked_at), held.zone),
    }


@router.get(
    "/keys",
    operation_id="listKeys",
    summary="Keys",
    response_model=None,
    responses={200: {"model": KeyList}, **problems(401, 403, 422, 503)},
    openapi_extra=KEY_NEEDED,
)
def list_keys(request: Request, limit: Limit = None, before: Before = None) -> Response:
    """Every key that was ever made, the newest first; for administrators."""
    require(request, ADMIN)
    held = serving(request)
    size = limit or held.settings.page_size
    with held.database() as connection:
        found = access.list_keys(connection, before=before, limit=size + 1)
    more = found[size - 1].key_id if len(found) > size else None
    return json_response({"next_before": more, "items": [_record(held, entry) for entry in found[:size]]})


@router.post(
    "/keys",
    operation_id="createKey",
    summary="Make a key",
    status_code=201,
    response_model=None,
    responses={201: {"model": MadeKey}, **problems(400, 401, 403, 408, 413, 422, 503)},
    openapi_extra=KEY_NEEDED,
)
def create_key(request: Request, body: NewKey) -> Response:
    """Make a key for a person or system; for administrators. It works within seconds and is shown this once."""
    caller = require(request, ADMIN)
    held = serving(request)
    expires_at = (
        None if body.expires_at is None else instant(instant_of(body.expires_at, held.zone, inclusive_end=True))
    )
    with held.database() as connection:
        key, entry = access.create_key(
            connection, role=body.role, name=body.name, created_by=caller.name, expires_at=expires_at
        )
    return json_response({**_record(held, entry), "key": key}, status=201)


@router.delete(
    "/keys/{key_id}",
    operation_id="revokeKey",
    summary="Revoke a key",
    response_model=None,
    responses={200: {"model": KeyItem}, **problems(401, 403, 404, 422, 503)},
    openapi_extra=KEY_NEEDED,
)
def revoke_key(request: Request, key_id: KeyId) -> Response:
    """End a key, and the page sessions that stand on it, within seconds; for administrators."""
    caller = require(request, ADMIN)
    held = serving(request)
    with held.database() as connection:
        entry = access.revoke_key(connection, key_id, revoked_by=caller.name)
    return json_response(_record(held, entry))


@router.get(
    "/audit",
    operation_id="listAudit",
    summary="Audit log",
    response_model=None,
    responses={200: {"model": AuditList}, **problems(401, 403, 422, 503)},
    openapi_extra=KEY_NEEDED,
)
def list_audit(
    request: Request,
    actor: Annotated[str | None, Query(max_length=LONGEST_NAME, pattern="^[^\\x00]*$", description="Only by")] = None,
    action: Annotated[
        str | None,
        Query(max_length=LONGEST_NAME, pattern="^[^\\x00]*$", description="Only this action", examples=["key.create"]),
    ] = None,
    limit: Limit = None,
    before: Before = None,
) -> Response:
    """Who did what, the newest first; for administrators."""
    require(request, ADMIN)
    held = serving(request)
    size = limit or held.settings.page_size
    with held.database() as connection:
        found = access.list_audit(connection, actor=actor, action=action, before=before, limit=size + 1)
    items = [
        {
            "audit_id": entry.audit_id,
            "at": local_text(microseconds(entry.at), held.zone),
            "actor": entry.actor,
            "action": entry.action,
            "target": entry.target,
            "facts": entry.facts,
        }
        for entry in found[:size]
    ]
    more = found[size - 1].audit_id if len(found) > size else None
    return json_response({"next_before": more, "items": items})
