"""Holidays and working weekends in PostGIS. A day has no period: what it is counts as soon as it is recorded."""

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from geodata.queries import named_queries

_SQL = named_queries(__file__)


def lock_calendar(connection: Connection[Any]) -> None:
    """Hold other writers of the calendar back until the transaction ends."""
    connection.execute(_SQL["lock_calendar"])


def calendar_days(connection: Connection[Any]) -> list[dict[str, Any]]:
    """Every day of the calendar by date: ``entity_id version_id code day kind name``; code and day are ISO text."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_SQL["calendar_days"]).fetchall()


def write_calendar(
    connection: Connection[Any], records: Sequence[Mapping[str, Any]], ended_versions: Sequence[int]
) -> None:
    """Withdraw days and add others.

    Parameters
    ----------
    records
        ``day kind name`` of each new or changed day.
    ended_versions
        Days that are withdrawn, those that a record replaces included.
    """
    connection.execute(_SQL["withdraw_days"], {"version_ids": list(ended_versions)})
    connection.execute(_SQL["add_days"], {"records": Jsonb([dict(record) for record in records])})
