"""Loaded counts by grid, which nobody can divide: they stay with a grid whatever becomes of its ground.

What is counted at places, such as households of the register, is counted again in any grid. A number that somebody
stated for a grid, such as its events of a month, cannot be: it is never divided, and said to be that of other ground.
"""

from typing import Any

from psycopg import Connection

from geodata.queries import named_queries

_SQL = named_queries(__file__)


def counted_grids(connection: Connection[Any], layer: str) -> dict[str, tuple[str, ...]]:
    """Names of what was counted, by the code of the grid, in a layer."""
    return {code: tuple(names) for code, names in connection.execute(_SQL["counted"], {"layer": layer})}


def counted_version(connection: Connection[Any]) -> int:
    """What is another number when anything was counted by grid."""
    row = connection.execute(_SQL["counted_version"]).fetchone()
    return 0 if row is None else int(row[0])
