"""Counts by place or grid in PostGIS, current only: elderly, children, events, whatever else a city counts."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from geodata.queries import named_queries

_ABOUT: Final = ("code", "building", "address", "layer", "grid")

_SQL = named_queries(__file__)


def lock_counts(connection: Connection[Any]) -> None:
    """Hold other writers of counts back until the transaction ends."""
    connection.execute(_SQL["lock_counts"])


def counts_now(connection: Connection[Any]) -> list[dict[str, Any]]:
    """All counts, in code order: ``version_id code building address layer grid counts``, the last a number by name."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_SQL["counts_now"]).fetchall()


def known_addresses(connection: Connection[Any], codes: Sequence[str]) -> set[str]:
    """Those of some codes that entries of the register have."""
    return {code for (code,) in connection.execute(_SQL["known_addresses"], {"codes": list(codes)})}


def write_counts(connection: Connection[Any], records: Sequence[Mapping[str, Any]], withdrawn: Sequence[int]) -> None:
    """Mark rows as no more and add new ones: ``code building address layer grid counts`` of each new or changed one."""
    connection.execute(_SQL["withdraw_counts"], {"ids": list(withdrawn)})
    with connection.cursor() as cursor, cursor.copy(_SQL["add_counts"]) as copy:
        for record in records:
            copy.write_row((*(record[name] for name in _ABOUT), Jsonb(record["counts"])))
