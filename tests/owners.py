"""Who owns each of many points, asked three ways: bulk assignment, single look-ups, PostGIS."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from psycopg import Connection

from geodata.lookup import assign_points, lookup_point
from geodata.moment import Moment

LAYER = "general"

_COVERING = """
    SELECT p.place, min(g.code COLLATE "C")
    FROM unnest(%(lons)s::float8[], %(lats)s::float8[]) WITH ORDINALITY AS p (lon, lat, place)
         LEFT JOIN grid_versions AS g
         ON g.withdrawn_at IS NULL AND upper_inf(g.period)
            AND ST_Covers(g.geom, ST_SetSRID(ST_MakePoint(p.lon, p.lat), 4326))
    GROUP BY p.place ORDER BY p.place
"""


def owners_by_postgis(connection: Connection[Any], points: NDArray[np.float64]) -> list[str | None]:
    """Lowest code, by code point, among the newest grids that `ST_Covers` finds for each point."""
    values = {"lons": points[:, 0].tolist(), "lats": points[:, 1].tolist()}
    return [code for _, code in connection.execute(_COVERING, values).fetchall()]


def owners_by_bulk(moment: Moment, points: NDArray[np.float64]) -> tuple[list[str | None], list[bool]]:
    """Codes, and which points are said to lie on a border."""
    found = assign_points(moment, LAYER, points[:, 0].copy(), points[:, 1].copy())
    codes = [found.versions[place].code if place >= 0 else None for place in found.position.tolist()]
    return codes, found.on_boundary.tolist()


def owners_by_lookup(moment: Moment, points: NDArray[np.float64]) -> tuple[list[str | None], list[bool]]:
    """The same from one look-up for each point, which names one grid at most."""
    answers = [lookup_point(moment, lon, lat, layer=LAYER) for lon, lat in points.tolist()]
    assert all(len(answer["grids"]) <= 1 for answer in answers)
    grids = [answer["grids"][0] if answer["grids"] else None for answer in answers]
    return [grid and grid["code"] for grid in grids], [bool(grid and grid["on_boundary"]) for grid in grids]
