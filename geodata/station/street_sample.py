"""Points on the streets around a station, to hold a shape against the times where nobody is known to live."""

from typing import Final

import numpy as np

from geodata.station.around import Around
from geodata.station.network.arrays import Flags, Network, Numbers, Places, Reals
from geodata.station.network.places import place_index, place_times
from geodata.station.network.profiles import Profile
from geodata.station.network.snap import Connectors, connect

POINTS: Final = 400
"""So many points, evenly along all streets around: a share is told to about half a percent."""
_NEVER: Final = 2**31 - 1
_SHORTEST: Final = 1e-12


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
    shapes = np.column_stack([network.shape_lons, network.shape_lats])
    steps = np.array([around.lattice.step_lon, around.lattice.step_lat])
    first = np.array([around.window.column + 1, around.window.row + 1])
    last = np.array([around.window.column, around.window.row]) + np.array(around.window.shape[::-1]) - 1
    begin, end = _within(shapes, network.shape_first, first * steps, last * steps)
    metres = np.hypot(*((end - begin) / steps).T)
    passed = np.concatenate([[0.0], np.cumsum(metres)])
    at = (np.arange(POINTS) + 0.5) * (passed[-1] / POINTS)
    stretch = np.clip(np.searchsorted(passed, at, side="right") - 1, 0, len(begin) - 1)
    share = (at - passed[stretch]) / np.maximum(metres[stretch], _SHORTEST)
    points = begin[stretch] + share[:, None] * (end - begin)[stretch]
    return np.ascontiguousarray(points[:, 0]), np.ascontiguousarray(points[:, 1])


def _within(shapes: Reals, shape_first: Places, low: Reals, high: Reals) -> tuple[Reals, Reals]:
    """Ends of the stretches of edges, of each the part inside a box; a long one may have none of its own ends there."""
    begins: Flags = np.all(np.maximum(shapes[:-1], shapes[1:]) > low, axis=1)
    begins &= np.all(np.minimum(shapes[:-1], shapes[1:]) < high, axis=1)
    begins[shape_first[1:-1] - 1] = False
    begin = shapes[:-1][begins]
    along = shapes[1:][begins] - begin
    with np.errstate(divide="ignore", invalid="ignore"):
        sides = np.sort([(low - begin) / along, (high - begin) / along], axis=0)
    sides[:, along == 0.0] = [[0.0], [1.0]]
    enters = np.clip(sides[0].max(axis=1), 0.0, 1.0)[:, None]
    leaves = np.clip(sides[1].min(axis=1), 0.0, 1.0)[:, None]
    kept = (leaves > enters)[:, 0]
    return (begin + enters * along)[kept], (begin + leaves * along)[kept]
