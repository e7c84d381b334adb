"""Loaded counts with what they are about: buildings and entries of the register at their points, and grids."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from psycopg import Connection
from psycopg.rows import dict_row

from geodata.queries import named_queries
from geodata.times import instant

_TABLES: Final = ("place_counts", "grid_counts", "addresses", "building_versions")
_SQL = named_queries(__file__)

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Loaded:
    """All counts that are loaded now.

    Parameters
    ----------
    version
        The same version is the same content.
    lons, lats
        float64, shape (n,): places with counts, EPSG:4326 degrees.
    by_place
        float64, shape (n,), by name; NaN where the count is not given.
    by_grid
        Counts by name, by the code of their grid, by that of its layer.
    recorded_at
        When the newest of each was loaded, microseconds since 1970-01-01 UTC, by name.
    """

    version: str
    lons: Floats
    lats: Floats
    by_place: Mapping[str, Floats]
    by_grid: Mapping[str, Mapping[str, Mapping[str, int]]]
    recorded_at: Mapping[str, int]

    @property
    def names(self) -> list[str]:
        """What is counted, in order."""
        return sorted(self.recorded_at)


def loaded_version(connection: Connection[Any]) -> str:
    """Version of what `read_loaded` reads, but for buildings that begin or end by themselves."""
    rows = connection.execute(_SQL["loaded_version"], {"parts": list(_TABLES)}).fetchall()
    return ";".join(f"{part}={version}-{raised_by}@{database}" for part, version, raised_by, database in rows)


def read_loaded(connection: Connection[Any], version: str, at: int) -> Loaded:
    """All counts that are loaded now.

    Parameters
    ----------
    connection
        In the transaction in which the version was read.
    version
        As `loaded_version` gives it.
    at
        Instant that buildings are in force at, microseconds since 1970-01-01 UTC.

    Notes
    -----
    Counts of a building or an entry that is no more are left out.
    """
    values = {"at": instant(at)}
    with connection.cursor(row_factory=dict_row) as cursor:
        places = cursor.execute(_SQL["placed"], values).fetchall()
        grids = cursor.execute(_SQL["of_grids"]).fetchall()
    recorded: dict[str, int] = {}
    for row in (*places, *grids):
        for name in row["counts"]:
            recorded[name] = max(recorded.get(name, 0), row["recorded_at"])
    by_grid: dict[str, dict[str, Mapping[str, int]]] = {}
    for row in grids:
        by_grid.setdefault(row["layer"], {})[row["grid"]] = row["counts"]
    return Loaded(
        version,
        np.array([row["lon"] for row in places], dtype=np.float64),
        np.array([row["lat"] for row in places], dtype=np.float64),
        {name: np.array([row["counts"].get(name, np.nan) for row in places], dtype=np.float64) for name in recorded},
        by_grid,
        recorded,
    )
