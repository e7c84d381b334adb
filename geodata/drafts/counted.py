"""Loaded counts by grid, which nobody can divide: they stay with a grid whatever becomes of its ground.

What is counted at places, such as households of the register, is counted again in any grid. A number that somebody
stated for a grid, such as its events of a month, cannot be: it is never divided, and said to be that of other ground.
"""

from typing import Any

from psycopg import Connection

from geodata.drafts.ground import is_same_ground
from geodata.drafts.state import DraftState
from geodata.queries import named_queries

_SQL = named_queries(__file__)


def counted_grids(connection: Connection[Any], layer: str) -> dict[str, tuple[str, ...]]:
    """Names of what was counted, by the code of the grid, in a layer."""
    return {code: tuple(names) for code, names in connection.execute(_SQL["counted"], {"layer": layer})}


def counted_before(connection: Connection[Any], state: DraftState) -> list[str]:
    """Codes of grids with loaded counts that a draft gives other ground, another code, or ends; sorted."""
    counted = counted_grids(connection, state.layer)
    base = state.first
    keys = (key for code in counted if (key := base.codes.get(code)) is not None and key in state.touched)
    return sorted(base.grids[key].code for key in keys if counts_left(base, state, key))


def counts_left(before: DraftState, after: DraftState, key: str) -> bool:
    """Whether what was counted by the code of a grid is not what is there afterwards."""
    grid = after.grids.get(key)
    if grid is None or grid.code != before.grids[key].code:
        return True
    return not is_same_ground(before.shape(key), after.shape(key))
