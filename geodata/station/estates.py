"""Compounds that are entered through their gates, as the cells that they cover.

A home in such a compound starts its walk at each of the gates, so the time to the nearest gate holds for all of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from geodata.station.lattice import Lattice, Window
from geodata.station.network.arrays import Network, Places, Reals
from geodata.station.network.places import PlaceIndex, place_index, place_times
from geodata.station.network.profiles import Profile
from geodata.station.network.snap import Connectors, connect


@dataclass(frozen=True, slots=True)
class Estates:
    """Compounds with an outline and with gates, in any order.

    Parameters
    ----------
    gates
        How the gates of each reach the network.
    first, column, row
        Cells of the lattice whose centre each covers, ``column[first[estate] : first[estate + 1]]``.
    """

    gates: PlaceIndex
    first: Places
    column: Places
    row: Places

    def times(
        self, window: Window, network: Network, profile: Profile, station: Connectors, most_ms: float
    ) -> tuple[Places, Reals]:
        """Cells of the window that lie in an estate, row by row, and the time to its nearest gate, milliseconds.

        Notes
        -----
        Inf where no gate is reached within the most. A cell in several estates comes several times.
        """
        ms = np.full(self.gates.places, np.inf)
        reached = place_times(network, profile, self.gates, station, most_ms)
        ms[reached.place] = reached.ms
        x, y = self.column - window.column, self.row - window.row
        inside = np.flatnonzero((x >= 0) & (y >= 0) & (x < window.shape[1]) & (y < window.shape[0]))
        estate = np.repeat(np.arange(self.gates.places), np.diff(self.first))[inside]
        return y[inside] * window.shape[1] + x[inside], ms[estate]


def estates_of(
    network: Network, lattice: Lattice, outlines: Sequence[Any], gates: Sequence[tuple[Reals, Reals]]
) -> Estates:
    """Compounds as cells.

    Parameters
    ----------
    outlines
        Polygons, EPSG:4326.
    gates
        Longitudes and latitudes of each one's gates; at least one.
    """
    cells = [_cells_in(lattice, outline) for outline in outlines]
    first = np.concatenate([[0], np.cumsum([len(columns) for columns, _ in cells])]).astype(np.int64)
    columns, rows = (np.concatenate([np.empty(0, np.int64), *both]) for both in zip(*cells, strict=True))
    lons, lats = (np.concatenate(both) for both in zip(*gates, strict=True))
    place = np.repeat(np.arange(len(gates)), [len(lons) for lons, _ in gates])
    reached = connect(network, lons, lats, place=place, places=len(gates))
    return Estates(place_index(network, reached), first, columns, rows)


def _cells_in(lattice: Lattice, outline: Any) -> tuple[Places, Places]:
    west, south, east, north = outline.bounds
    corners = lattice.cells_of(np.array([west, east]), np.array([south, north]))
    columns, rows = (np.arange(low, high + 1) for low, high in (one.tolist() for one in corners))
    column, row = (one.ravel() for one in np.meshgrid(columns, rows))
    shapely.prepare(outline)
    inside = shapely.intersects_xy(outline, (column + 0.5) * lattice.step_lon, (row + 0.5) * lattice.step_lat)
    return column[inside], row[inside]
