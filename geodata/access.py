"""Keys that open the API, and the record of who did what."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, get_args

import psycopg
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from geodata.errors import InputError, NotKnownError
from geodata.queries import named_queries

KeyRole = Literal["dispatcher", "planner", "clerk", "admin"]
KEY_ROLES: tuple[str, ...] = get_args(KeyRole)
LONGEST_NAME = 200

_KEY_BYTES = 32
_PREFIX = "gm_"
_SQL = named_queries(__file__)

Connection = psycopg.Connection[Any]


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """What is known of a key: everything but the key."""

    key_id: int
    role: str
    name: str
    created_at: datetime
    created_by: str
    expires_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One thing that somebody did."""

    audit_id: int
    at: datetime
    actor: str
    action: str
    target: str
    facts: dict[str, Any]


def key_hash(key: str) -> bytes:
    """The SHA-256 by which a key is stored and found: the key is random, so a plain hash cannot be guessed back."""
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()


def create_key(
    connection: Connection, *, role: str, name: str, created_by: str, expires_at: datetime | None = None
) -> tuple[str, KeyEntry]:
    """Make a key and record it.

    Parameters
    ----------
    role
        ``dispatcher``, ``planner``, ``clerk`` or ``admin``.
    name
        The person or system that it is for.
    created_by
        Who makes it.
    expires_at
        With a time zone; never where None.

    Returns
    -------
    tuple
        The key, 256 random bits, which cannot be seen again; and its entry.

    Raises
    ------
    InputError
        The role is not one of these, the name is empty, too long or holds control characters, or the expiry has passed.
    """
    if role not in KEY_ROLES:
        raise InputError(
            f"{role!r} is no role; one of {', '.join(KEY_ROLES)}", f"没有角色“{role}”；可用：{'、'.join(KEY_ROLES)}"
        )
    name = _checked_name(name)
    if expires_at is not None and expires_at <= datetime.now(UTC):
        raise InputError("the key would have expired already", "到期时间已过")
    key = _PREFIX + secrets.token_urlsafe(_KEY_BYTES)
    values = {
        "key_sha256": key_hash(key),
        "role": role,
        "name": name,
        "created_by": created_by,
        "expires_at": expires_at,
    }
    entry = _key_row(connection, "insert_key", values)
    assert entry is not None
    expiry = expires_at.isoformat() if expires_at else None
    record_audit(
        connection,
        actor=created_by,
        action="key.create",
        target=str(entry.key_id),
        facts={"role": role, "name": name, "expires_at": expiry},
    )
    return key, entry


def list_keys(connection: Connection, *, before: int | None = None, limit: int = 1000) -> list[KeyEntry]:
    """Keys, revoked and expired ones too, the newest first.

    Parameters
    ----------
    before
        Only keys made before the one of this identity.
    limit
        At most so many.
    """
    with connection.cursor(row_factory=class_row(KeyEntry)) as cursor:
        return cursor.execute(_SQL["list_keys"], {"before": before, "limit": limit}).fetchall()


def role_of_key(connection: Connection, key: str) -> str | None:
    """Role that a key gives now; None where it is unknown, revoked or expired."""
    row = connection.execute(_SQL["role_of_key"], {"key_sha256": key_hash(key)}).fetchone()
    return None if row is None else str(row[0])


def revoke_key(connection: Connection, key_id: int, *, revoked_by: str) -> KeyEntry:
    """End a key. One that was revoked before stays as it is, and nothing is recorded twice.

    Raises
    ------
    NotKnownError
        There is no such key.
    """
    entry = _key_row(connection, "one_key", {"key_id": key_id})
    if entry is None:
        raise NotKnownError(f"there is no key {key_id}", f"没有编号为 {key_id} 的密钥")
    if entry.revoked_at is not None:
        return entry
    revoked = _key_row(connection, "revoke_key", {"key_id": key_id})
    assert revoked is not None
    record_audit(
        connection,
        actor=revoked_by,
        action="key.revoke",
        target=str(key_id),
        facts={"role": entry.role, "name": entry.name},
    )
    return revoked


def record_audit(
    connection: Connection, *, actor: str, action: str, target: str = "", facts: Mapping[str, Any] | None = None
) -> None:
    """Record that somebody did something, in the transaction that does it.

    Parameters
    ----------
    actor
        Name of the key, or of the system user at the command line.
    action
        Stable name such as ``key.create`` or ``load.commit``.
    target
        What it was done to.
    facts
        Particulars that JSON can hold; never personal data.
    """
    values = {"actor": actor, "action": action, "target": target, "facts": Jsonb(dict(facts or {}))}
    connection.execute(_SQL["insert_audit"], values)


def list_audit(
    connection: Connection,
    *,
    actor: str | None = None,
    action: str | None = None,
    before: int | None = None,
    limit: int = 100,
) -> list[AuditEntry]:
    """What was done, the newest first.

    Parameters
    ----------
    actor, action
        Only of this actor, only this action.
    before
        Only entries recorded before the one of this identity.
    limit
        At most so many.
    """
    values = {"actor": actor, "action": action, "before": before, "limit": limit}
    with connection.cursor(row_factory=class_row(AuditEntry)) as cursor:
        return cursor.execute(_SQL["list_audit"], values).fetchall()


def _key_row(connection: Connection, query: str, values: Mapping[str, Any]) -> KeyEntry | None:
    with connection.cursor(row_factory=class_row(KeyEntry)) as cursor:
        return cursor.execute(_SQL[query], values).fetchone()


def _checked_name(name: str) -> str:
    plain = name.strip()
    if not plain or len(plain) > LONGEST_NAME or not plain.isprintable():
        raise InputError(
            f"a name needs 1 to {LONGEST_NAME} characters that can be printed",
            f"名称应为 1 至 {LONGEST_NAME} 个可显示的字符",
        )
    return plain
