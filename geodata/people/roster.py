"""Duties and leave in PostGIS: what is stored, and the writing of more; what holders, roles and targets are called."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any, Literal

from psycopg import Connection
from psycopg.rows import dict_row
from psycopg.sql import SQL, Composed, Identifier
from psycopg.types.json import Jsonb

from geodata.queries import named_queries
from geodata.times import instant, open_end

_LOOKED_UP = 1_000

_SQL = named_queries(__file__)
_NAMED = {
    "holder": "named_holders",
    "role": "named_roles",
    "area": "named_areas",
    "grid": "named_grids",
    "compound": "named_compounds",
    "building": "named_buildings",
    "place": "named_places",
    "station": "named_stations",
}

_Relation = Literal["duties", "leaves"]
_KEYS = {"duties": "duty_id", "leaves": "leave_id"}


def lock_duties(connection: Connection[Any]) -> None:
    """Hold other writers of duties back until the transaction ends."""
    connection.execute(_about("duties", "lock"))


def lock_leaves(connection: Connection[Any]) -> None:
    """Hold other writers of leave back until the transaction ends."""
    connection.execute(_about("leaves", "lock"))


@dataclass(frozen=True, slots=True)
class Named:
    """What people call a holder, a role or a target: code, newest name, and the layer of a grid."""

    code: str
    name: str
    layer: str | None = None

    @property
    def words(self) -> str:
        """Name and code, or the code where they are the same."""
        return self.code if self.name in ("", self.code) else f"{self.name}（{self.code}）"


def names_of(connection: Connection[Any], asked: Iterable[tuple[str, int]]) -> dict[tuple[str, int], Named]:
    """Names of holders, roles and targets.

    Parameters
    ----------
    asked
        Kind (``holder``, ``role`` or a kind of target; a unit is asked for as its ``building``) and identity.
    """
    identities: dict[str, set[int]] = {}
    for kind, identity in asked:
        identities.setdefault(kind, set()).add(identity)
    return {
        (kind, identity): Named(code, name or "", layer)
        for kind, ids in identities.items()
        for identity, code, name, layer in connection.execute(_SQL[_NAMED[kind]], {"ids": _few(ids)})
        if identity in ids
    }


def stored_duties(
    connection: Connection[Any],
    *,
    holder_ids: Iterable[int] | None = None,
    targets: Iterable[tuple[str, int]] = (),
    role_ids: Iterable[int] = (),
) -> list[dict[str, Any]]:
    """Duties that were not withdrawn, by their identity.

    Parameters
    ----------
    holder_ids, targets, role_ids
        Only those of these holders, for these targets (kind and identity) or in these roles; all duties where the
        holders are None.

    Returns
    -------
    list of dict
        ``duty_id holder_id role_id target_kind target_id unit assignment hours continues begins ends``, times in
        microseconds; ``row_id`` is the ``duty_id``, ``continues`` that of the row it was one with until its content
        changed.
    """
    values = {
        "all": holder_ids is None,
        "holder_ids": sorted(set(holder_ids or ())),
        "role_ids": sorted(set(role_ids)),
        "targets": Jsonb([{"kind": kind, "id": identity} for kind, identity in sorted(set(targets))]),
    }
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_SQL["duties"], values).fetchall()


def stored_leaves(connection: Connection[Any], *, since: int | None = None) -> list[dict[str, Any]]:
    """Leaves that were not withdrawn: ``leave_id row_id holder_id stand_in_id reason continues begins ends``.

    Parameters
    ----------
    since
        Only those that end after it, microseconds since 1970-01-01 UTC; all of them where None.
    """
    values = {"since": None if since is None else instant(since)}
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_SQL["leaves"], values).fetchall()


def role_periods(connection: Connection[Any]) -> dict[int, list[tuple[int, int]]]:
    """When each role is in force, by its identity."""
    return _periods(connection.execute(_SQL["role_periods"]))


def holder_periods(connection: Connection[Any], holder_ids: Set[int]) -> dict[int, list[tuple[int, int]]]:
    """When each of these holders is in force, by their identity; those that never are are left out."""
    rows = connection.execute(_SQL["holder_periods"], {"ids": _few(holder_ids)})
    return _periods(row for row in rows if row[0] in holder_ids)


def _few(identities: Set[int]) -> list[int] | None:
    """What to ask the database for; None where reading everything is faster than to look each one up."""
    return list(identities) if len(identities) <= _LOOKED_UP else None


def _periods(rows: Iterable[tuple[int, int, int]]) -> dict[int, list[tuple[int, int]]]:
    found: dict[int, list[tuple[int, int]]] = {}
    for identity, begins, ends in rows:
        found.setdefault(identity, []).append((begins, ends))
    return found


def write_duties(
    connection: Connection[Any],
    added: Sequence[Mapping[str, Any]],
    ends: Mapping[int, int],
    withdrawn: Sequence[int],
) -> None:
    """Add duties, move the ends of others, withdraw those that never came into force.

    Parameters
    ----------
    added
        ``holder_id role_id target_kind target_id unit assignment hours begins ends`` of each, times in microseconds;
        ``continues`` where it goes on from another.
    ends
        Duty to its end, microseconds since 1970-01-01 UTC.
    withdrawn
        Identities of duties.
    """
    _rewrite(connection, "duties", added, ends, withdrawn)


def write_leaves(
    connection: Connection[Any],
    added: Sequence[Mapping[str, Any]],
    ends: Mapping[int, int],
    withdrawn: Sequence[int],
) -> None:
    """Add leaves, move the ends of others, withdraw those that never came into force.

    Parameters
    ----------
    added
        ``holder_id stand_in_id reason begins ends`` of each, times in microseconds; ``continues`` where it goes on from
        another.
    ends
        Leave to its end, microseconds since 1970-01-01 UTC.
    withdrawn
        Identities of leaves.
    """
    _rewrite(connection, "leaves", added, ends, withdrawn)


def _rewrite(
    connection: Connection[Any],
    relation: _Relation,
    added: Sequence[Mapping[str, Any]],
    ends: Mapping[int, int],
    withdrawn: Sequence[int],
) -> None:
    moved = [{"row_id": row_id, "ends": _written(micros)} for row_id, micros in ends.items()]
    connection.execute(_about(relation, "set_ends"), {"ends": Jsonb(moved)})
    connection.execute(_about(relation, "withdraw"), {"row_ids": list(withdrawn)})
    rows = [{**row, "begins": _written(row["begins"]), "ends": _written(row["ends"])} for row in added]
    connection.execute(_SQL[f"add_{relation}"], {"rows": Jsonb(rows)})


def _about(relation: _Relation, query: str) -> Composed:
    return SQL(_SQL[query]).format(relation=Identifier(relation), key=Identifier(_KEYS[relation]))


def _written(micros: int) -> str | None:
    moment = open_end(micros)
    return None if moment is None else moment.isoformat()
