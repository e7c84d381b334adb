"""How the columns of a recurring file are understood, kept by name."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from geodata.errors import InputError, NotKnownError
from geodata.queries import named_queries

LONGEST_NAME = 100

_SQL = named_queries(__file__)


@dataclass(frozen=True, slots=True)
class Profile:
    """Field to column, and the datum; an empty datum means what the file says."""

    kind: str
    mapping: dict[str, str]
    crs: str


def profile(connection: Connection[Any], name: str, kind: str) -> Profile:
    """Saved understanding of a file of one kind.

    Raises
    ------
    NotKnownError
        There is none of that name.
    InputError
        It is for another kind.
    """
    row = None
    if name.isprintable():
        row = connection.execute(_SQL["profile"], {"name": name}).fetchone()
    if row is None:
        known = [row["name"] for row in profiles(connection) if row["kind"] == kind]
        listed, listed_zh = ", ".join(known) or "none", "、".join(known) or "无"
        raise NotKnownError(
            f"There is no profile {name[:40]!r}; known for {kind}: {listed}.",
            f"没有名为“{name[:40]}”的导入方案；{kind} 可用的方案：{listed_zh}。",
            profile=name[:40],
            known=known,
        )
    found = Profile(*row)
    if found.kind != kind:
        raise InputError(
            f"Profile {name!r} is for {found.kind}, not for {kind}.",
            f"导入方案“{name}”用于 {found.kind}，不能用于 {kind}。",
        )
    return found


def profiles(connection: Connection[Any]) -> list[dict[str, Any]]:
    """All profiles by name: ``name kind mapping crs saved_at saved_by``."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_SQL["profiles"]).fetchall()


def save_profile(
    connection: Connection[Any], name: str, kind: str, mapping: Mapping[str, str], crs: str, actor: str
) -> None:
    """Keep an understanding under a name, in place of an older one.

    Raises
    ------
    InputError
        The name is empty, too long, or holds control characters.
    """
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        raise InputError(
            f"A profile's name has 1 to {LONGEST_NAME} printable characters.",
            f"导入方案的名称应为 1 至 {LONGEST_NAME} 个可见字符。",
        )
    values = {"name": name, "kind": kind, "mapping": Jsonb(dict(mapping)), "crs": crs, "actor": actor}
    connection.execute(_SQL["save_profile"], values)
