"""What codes that stand for people are made with, so that a code does not tell whom it was made from."""

from typing import Any

from psycopg import Connection

from geodata.queries import named_queries

_SQL = named_queries(__file__)


def code_secret(connection: Connection[Any]) -> bytes:
    """Bytes that only this database knows, always the same; they never leave the service."""
    row = connection.execute(_SQL["code_secret"]).fetchone()
    assert row is not None
    return bytes(row[0])
