"""Points on the streets around a station, to hold a shape against the times where nobody is known to live."""

from typing import Final

import numpy as np

from geodata.station.around import Around
from geodata.station.network.arrays import Flags, Network, Numbers, Reals
from geodata.station.network.places import place_index, place_times
from geodata.station.network.profiles import Profile
from geodata.station.network.snap import Connectors, connect

POINTS: Final = 400
"""So many points, evenly along all streets around: a share is told to about half a percent."""
_NEVER: Final = 2**31 - 1


def street_times(
    network: Network, profile: Profile, station: Connectors, around: Around
) -> tuple[Reals, Reals, Numbers]:
    """Longitudes and latitudes of points on streets, and when each is reached as the place that it is, milliseconds.

    Notes
    -----
    Those in water are left out: nobody lives on a bridge.
    """
    lons, lats = _along_streets(network, around)
    columns, rows = around.lattice.cells_of(lons, lats)
    dry = ~around.wet[rows - around.window.row, columns - around.window.column]
    lons, lats = lons[dry], lats[dry]
    ways = connect(network, lons, lats)
    reached = place_times(network, profile, place_index(network, ways), station, around.most_ms)
    ms = np.full(len(lons), _NEVER, dtype=np.int32)
    ms[reached.place] = reached.ms
    known: Flags = ways.on_network()
    return lons[known], lats[known], ms[known]


def _along_streets(network: Network, around: Around) -> tuple[Reals, Reals]:
    """Points as far apart from each other along the streets in the window, those in its outermost cells left out."""
    lons, lats = network.shape_lons, network.shape_lats
    columns, rows = around.lattice.cells_of(lons, lats)
    inside = (columns > around.window.column) & (columns < around.window.column + around.window.shape[1] - 1)
    inside &= (rows > around.window.row) & (rows < around.window.row + around.window.shape[0] - 1)
    begins = inside[:-1] & inside[1:]
    begins[network.shape_first[1:-1] - 1] = False
    begin = np.flatnonzero(begins)
    east, north = lons[begin + 1] - lons[begin], lats[begin + 1] - lats[begin]
    metres = np.hypot(east / around.lattice.step_lon, north / around.lattice.step_lat)
    passed = np.concatenate([[0.0], np.cumsum(metres)])
    at = (np.arange(POINTS) + 0.5) * (passed[-1] / POINTS)
    stretch = np.clip(np.searchsorted(passed, at, side="right") - 1, 0, len(begin) - 1)
    share = (at - passed[stretch]) / np.maximum(metres[stretch], 1e-12)
    return lons[begin[stretch]] + share * east[stretch], lats[begin[stretch]] + share * north[stretch]
