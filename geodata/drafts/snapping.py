"""What borders are drawn along: streets, barriers and buildings in a box, current only."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from psycopg import Connection

from geodata.errors import TooManyError
from geodata.queries import named_queries

MOST_LINES: Final = 5000

_SQL = named_queries(__file__)
_QUERIES: Final = {"streets": "streets_in", "barriers": "barriers_in", "buildings": "buildings_in"}


@dataclass(frozen=True, slots=True)
class SnapLine:
    """A street, a barrier, or a building by its outline, or by its point where that is not known; EPSG:4326."""

    code: str
    name: str
    kind: str
    shape: shapely.Geometry


def snap_lines(
    connection: Connection[Any], box: tuple[float, float, float, float], most: int = MOST_LINES
) -> Mapping[str, list[SnapLine]]:
    """What borders may be drawn along in a box: ``streets``, ``barriers`` and ``buildings``, each by code.

    Parameters
    ----------
    box
        West, south, east and north in degrees, EPSG:4326. Streets and barriers are given whole where their own boxes
        meet it, buildings where their points lie in it.
    most
        How many may be given, all together.

    Raises
    ------
    TooManyError
        There are more.
    """
    west, south, east, north = box
    values = {"west": west, "south": south, "east": east, "north": north, "limit": most + 1}
    rows = {name: connection.execute(_SQL[query], values).fetchall() for name, query in _QUERIES.items()}
    count = sum(len(found) for found in rows.values())
    if count > most:
        raise TooManyError(
            f"There are more than {most:,} streets, barriers and buildings there: ask for a smaller box.",
            f"该范围内的街道、屏障和建筑超过 {most:,} 个：请缩小范围。",
            limit=most,
        )
    return {name: _lines(found) for name, found in rows.items()}


def _lines(rows: list[Any]) -> list[SnapLine]:
    shapes = shapely.from_wkb(np.array([row[3] for row in rows], dtype=object))
    return [SnapLine(code, name, kind, shape) for (code, name, kind, _), shape in zip(rows, shapes, strict=True)]
