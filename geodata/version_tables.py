"""Records with one identity per code and versions with periods: what is in force, and the writing of new versions.

A table ``matters`` holds identity and code, ``matter_versions`` what changes; the other kinds are named alike.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

from psycopg import Connection
from psycopg.rows import dict_row
from psycopg.sql import SQL, Composed, Identifier
from psycopg.types.json import Jsonb

from geodata.queries import named_queries
from geodata.times import instant

_SQL = named_queries(__file__)


def with_tuples(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows whose lists are tuples."""
    return [{name: tuple(value) if isinstance(value, list) else value for name, value in row.items()} for row in rows]


def of_codes(
    connection: Connection[Any], in_force: LiteralString, at: int, codes: Sequence[str]
) -> list[dict[str, Any]]:
    """Records of these codes at an instant.

    Parameters
    ----------
    in_force
        Query that gives all of them, with the column ``code``.
    at
        Microseconds since 1970-01-01 UTC.
    """
    query = SQL(_SQL["of_codes"]).format(in_force=SQL(in_force))
    with connection.cursor(row_factory=dict_row) as cursor:
        return with_tuples(cursor.execute(query, {"at": instant(at), "codes": list(codes)}).fetchall())


@dataclass(frozen=True, slots=True)
class VersionTables:
    """The two tables of one kind of record.

    Parameters
    ----------
    identities, singular
        Name of the table of identities, and what one of them is called: ``matters`` and ``matter``.
    in_force_query
        Gives ``entity_id version_id code begins ends`` and the fields of what is in force at ``%(at)s``.
    add_query
        Writes the versions of ``%(records)s``, open-ended from ``%(at)s``.
    key, add_identities_query
        Where two kinds share a table of identities: its key, and what adds the identities of ``%(records)s``.
    """

    identities: str
    singular: str
    in_force_query: LiteralString
    add_query: LiteralString
    key: str = ""
    add_identities_query: LiteralString = _SQL["add_identities"]

    def lock(self, connection: Connection[Any]) -> None:
        """Hold other writers back until the transaction ends."""
        connection.execute(self._composed(_SQL["lock"]))

    def in_force(self, connection: Connection[Any], at: int) -> list[dict[str, Any]]:
        """Records at an instant, in code order; lists come as tuples.

        Parameters
        ----------
        at
            Microseconds since 1970-01-01 UTC.
        """
        with connection.cursor(row_factory=dict_row) as cursor:
            return with_tuples(cursor.execute(self.in_force_query, {"at": instant(at)}).fetchall())

    def in_force_of(self, connection: Connection[Any], at: int, codes: Sequence[str]) -> list[dict[str, Any]]:
        """As `in_force`, of these codes alone: a city has 100,000 buildings, and an edit is about one."""
        return of_codes(connection, self.in_force_query, at, codes)

    def later(self, connection: Connection[Any], at: int) -> dict[str, int]:
        """Codes with a version that begins after an instant, and when."""
        return dict(connection.execute(self._composed(_SQL["later"]), {"at": instant(at)}).fetchall())

    def write(
        self, connection: Connection[Any], records: Sequence[Mapping[str, Any]], ended_versions: Sequence[int], at: int
    ) -> None:
        """End versions and add new ones at an instant.

        Parameters
        ----------
        records
            ``code`` and every field of each new or changed record; shapes as well-known binary.
        ended_versions
            Versions that end, those that a record replaces included.
        at
            Microseconds since 1970-01-01 UTC.
        """
        rows = [
            {name: value.hex() if isinstance(value, bytes) else value for name, value in record.items()}
            for record in records
        ]
        values = {"records": Jsonb(rows), "at": instant(at)}
        connection.execute(self._composed(_SQL["end"]), {"version_ids": list(ended_versions), "at": instant(at)})
        connection.execute(self._composed(self.add_identities_query), values)
        connection.execute(self.add_query, values)

    def _composed(self, query: LiteralString) -> Composed:
        return SQL(query).format(
            identities=Identifier(self.identities),
            versions=Identifier(f"{self.singular}_versions"),
            key=Identifier(self.key or f"{self.singular}_id"),
            version_key=Identifier(f"{self.singular}_version_id"),
        )
