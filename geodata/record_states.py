"""What the database holds of one record: every state that it had, has and is to have."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row
from psycopg.sql import SQL, Composed, Identifier, Literal

from geodata.errors import NotKnownError
from geodata.intake.kinds import KINDS
from geodata.queries import named_queries
from geodata.records import FOREVER_TO
from geodata.times import LOCAL_ZONE, instant

# What rows hold besides fields.
_NO_FIELDS = ("version_id", "begins", "ends")
LARGEST_ID = 2**63 - 1

_SQL = named_queries(__file__)


@dataclass(frozen=True, slots=True)
class Version:
    """One state of a record, from ``begins`` to ``ends``: microseconds since 1970-01-01 UTC, half-open.

    ``fields`` are those of its load kind, references as codes, and names for people to read.
    """

    version_id: int
    code: str
    fields: Mapping[str, Any]
    begins: int
    ends: int

    @property
    def tag(self) -> str:
        """Names this very state: another change, a planned one too, gives another tag."""
        return str(self.version_id) if self.ends == FOREVER_TO else f"{self.version_id}-{self.ends}"


def versions(connection: Connection[Any], kind: str, code: str) -> list[Version]:
    """Every state of a record that was not withdrawn, the earliest first; empty where there is none.

    Parameters
    ----------
    kind
        A kind whose records are known by their code, ``calendar``, ``duties`` or ``leave``.
    code
        Code of the record; a day, or the identity of a duty or leave, as text.
    """
    if not _can_stand(kind, code):
        return []
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_SQL[kind], {"code": code}).fetchall()
    return [
        Version(
            row["version_id"],
            row["code"],
            {name: value for name, value in row.items() if name not in _NO_FIELDS},
            row["begins"],
            row["ends"],
        )
        for row in rows
    ]


def _can_stand(kind: str, code: str) -> bool:
    """Whether a code can be one at all: PostgreSQL takes neither NUL nor half a character, nor text for a number."""
    if kind in ("duties", "leave"):
        return len(code) < 20 and code.isascii() and code.isdigit() and int(code) <= LARGEST_ID
    return code.isprintable()


def present(found: Sequence[Version], kind: str, code: str, at: int) -> Version:
    """The state at an instant, else the next one that is planned.

    Raises
    ------
    NotKnownError
        There is none, or the last has ended.
    """
    for version in found:
        if at < version.ends:
            return version
    label = KINDS[kind].label
    if found:
        day = local_minute(found[-1].ends)
        raise NotKnownError(f"{code} ended on {day}.", f"“{label}”中的 {code} 已于 {day} 停用。", kind=kind, code=code)
    raise NotKnownError(
        f"There is no {code!r} among the {KINDS[kind].label_en}.",
        f"“{label}”中没有“{code}”。",
        kind=kind,
        code=code,
    )


def state_at(found: Sequence[Version], at: int) -> Version | None:
    """The state at an instant, or None."""
    return next((version for version in found if version.begins <= at < version.ends), None)


def relation_of(kind: str) -> str:
    """Table that holds the versions of a kind."""
    named = {"calendar": "calendar_days", "duties": "duties", "leave": "leaves"}
    return named.get(kind, f"{kind.removesuffix('s')}_versions")


def local_minute(micros: int) -> str:
    """An instant as messages name it: local date and time."""
    return instant(micros).astimezone(LOCAL_ZONE).strftime("%Y-%m-%d %H:%M")


def last_change(connection: Connection[Any], kind: str, version_ids: Sequence[int]) -> tuple[str, int] | None:
    """Who changed any of these versions last, and when in microseconds since 1970-01-01 UTC; None where nobody knows.

    Parameters
    ----------
    kind
        As in `versions`.
    """
    values = {"relation": relation_of(kind), "row_ids": list(version_ids)}
    row = connection.execute(_SQL["last_change"], values).fetchone()
    return None if row is None else (str(row[0]), int(row[1]))


def is_known(connection: Connection[Any], kind: str, identity: str) -> bool:
    """Whether a duty or leave of that identity ever was, withdrawn ones too."""
    if not _can_stand(kind, identity):
        return False
    return connection.execute(_composed("known", kind), {"row_id": int(identity)}).fetchone() == (True,)


def chain(connection: Connection[Any], kind: str, identity: str) -> list[Version]:
    """What a duty or leave was and is to be, the earliest first: its content changed, not what it is about.

    Notes
    -----
    Of a duty every time that its holder had the role for the target; of a leave only that leave.
    """
    if not _can_stand(kind, identity):
        return []
    rows = connection.execute(_composed(f"{kind}_chain", kind), {"row_id": int(identity)}).fetchall()
    return [version for row in rows for version in versions(connection, kind, row[0])]


def successor(connection: Connection[Any], kind: str, identity: str) -> Version | None:
    """What took the place of a withdrawn duty or leave of the same holder, role and target; None where nothing did."""
    row = connection.execute(_composed("successor", kind), {"row_id": int(identity)}).fetchone()
    found = [] if row is None or row[0] is None else versions(connection, kind, row[0])
    return found[0] if found else None


def _composed(query: str, kind: str) -> Composed:
    """A query about duties or leave."""
    relation = relation_of(kind)
    return SQL(_SQL[query]).format(
        relation=Identifier(relation),
        name=Literal(relation),
        key=Identifier("duty_id" if kind == "duties" else "leave_id"),
        same=SQL(_SQL[f"same_{kind}"]),
    )
