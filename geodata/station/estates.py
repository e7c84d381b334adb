"""Compounds that are entered through their gates, as the cells that they cover.

A home in such a compound starts its walk at each of the gates, so the time to the nearest gate holds for all of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
import shapely

from geodata.station.lattice import Lattice, Window
from geodata.station.network.arrays import Network, Numbers, Places, Reals
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

    def lay(
        self, surface: Reals, window: Window, network: Network, profile: Profile, station: Connectors, most_ms: float
    ) -> Numbers:
        """Set the cells of each estate to the time to its nearest gate, inf where none is reached within the most.

        Parameters
        ----------
        surface
            Milliseconds to the cells of the window; changed in place.

        Returns
        -------
        Which estates have cells in the window.
        """
        ms = np.full(self.gates.places, np.inf)
        reached = place_times(network, profile, self.gates, station, most_ms)
        ms[reached.place] = reached.ms
        met = np.zeros(self.gates.places, dtype=np.bool_)
        _lay(surface, window.column, window.row, self.first, self.column, self.row, ms, met)
        return np.flatnonzero(met).astype(np.int32)


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


@numba.njit(cache=True, nogil=True)
def _lay(
    surface: Reals, west: int, south: int, first: Places, column: Places, row: Places, ms: Reals, met: Any
) -> None:
    """Where several lie over each other the least time holds."""
    for again in (False, True):
        for estate in range(ms.shape[0]):
            for at in range(first[estate], first[estate + 1]):
                x, y = column[at] - west, row[at] - south
                if not (0 <= y < surface.shape[0] and 0 <= x < surface.shape[1]):
                    continue
                met[estate] = True
                surface[y, x] = min(surface[y, x], ms[estate]) if again else np.inf
