"""Who was, is and will be responsible for a grid."""

from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row

from geodata.queries import named_queries

_SQL = named_queries(__file__)


def grid_duties(connection: Connection[Any], grid_id: int) -> list[dict[str, Any]]:
    """Duties of all times on a grid and on the areas that it lay in meanwhile, the newest first.

    Parameters
    ----------
    grid_id
        Identity of the grid, which lasts through changes of shape, code and community.

    Returns
    -------
    list of dict
        As `geodata.record_states.versions` gives duties, ``via`` (``grid`` or the area's level), ``begins`` and
        ``ends``: when the duty counted for this grid, microseconds since 1970-01-01 UTC. Names are those of that time.

    Notes
    -----
    A duty on a community counts while the grid lay in that community: where borders or hierarchy changed, only part of
    it does.
    """
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_SQL["grid_duties"], {"grid_id": grid_id}).fetchall()
    merged: list[dict[str, Any]] = []
    for row in rows:
        # A grid that was redrawn lay in its community before and after.
        if merged and merged[-1]["code"] == row["code"] and merged[-1]["ends"] >= row["begins"]:
            merged[-1] = {**row, "begins": merged[-1]["begins"], "ends": max(merged[-1]["ends"], row["ends"])}
        else:
            merged.append(row)
    return sorted(merged, key=lambda row: (row["begins"], row["ends"], int(row["code"])), reverse=True)
