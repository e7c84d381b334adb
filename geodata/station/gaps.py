"""Homes that nobody reaches, in clusters: neighbours with no barrier between them, cut where a cluster grows too large.

Two homes are neighbours within `JOIN_METRES` in a straight line that crosses no barrier. What hangs together over more
than `SPLIT_METRES` is cut across its longer side where half of its households lie, again and again: a gap is a place
that a station could serve, not a whole district.
"""

from collections.abc import Sequence
from typing import Any, Final

import numba
import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.metres import metres_per_degree
from geodata.station.network.arrays import Network
from geodata.station.network.ground import Ground, ground_of
from geodata.station.network.sight import barriers_near, in_sight

JOIN_METRES: Final = 120.0
SPLIT_METRES: Final = 800.0

_RIM_METRES: Final = 20.0
_HULL_RATIO: Final = 0.4

Floats = NDArray[np.float64]
Places = NDArray[np.int64]


def clusters(network: Network, lons: Floats, lats: Floats, weights: Floats) -> list[Places]:
    """Homes that lie together.

    Parameters
    ----------
    lons, lats
        float64, shape (n,): EPSG:4326 degrees.
    weights
        float64, shape (n,): what halves are halves of.

    Returns
    -------
    list of array
        int64: positions of the homes of each cluster, rising; every home is in one. In the order of their first homes.
    """
    if not len(lons):
        return []
    # Mapped or not, the same compiled code takes them.
    lons, lats = np.array(lons, dtype=np.float64), np.array(lats, dtype=np.float64)
    per_lon, per_lat = metres_per_degree(float(lats.mean()))
    xs, ys = (lons - lons.min()) * per_lon, (lats - lats.min()) * per_lat
    labels = _labels(ground_of(network), lons, lats, xs, ys)
    order = np.argsort(labels, kind="stable")
    together = np.split(order, np.flatnonzero(np.diff(labels[order])) + 1)
    found = [part for whole in together for part in _halved(xs, ys, weights, whole)]
    return sorted((np.sort(part) for part in found), key=lambda part: int(part[0]))


def _labels(ground: Ground, lons: Floats, lats: Floats, xs: Floats, ys: Floats) -> NDArray[np.int32]:
    columns = int(xs.max() // JOIN_METRES) + 3
    cell = (ys // JOIN_METRES).astype(np.int64) * columns + (xs // JOIN_METRES).astype(np.int64)
    order = np.argsort(cell, kind="stable")
    cells, firsts = np.unique(cell[order], return_index=True)
    roots = _joined(ground, lons, lats, xs, ys, order, cells, np.append(firsts, len(order)), columns)
    found: NDArray[np.int32] = roots
    return found


@numba.njit(cache=True, nogil=True)
def _root(parent: NDArray[np.int32], at: int) -> int:
    while parent[at] != at:
        parent[at] = parent[parent[at]]
        at = parent[at]
    return at


@numba.njit(cache=True, nogil=True)
def _joined(
    ground: Ground,
    lons: Floats,
    lats: Floats,
    xs: Floats,
    ys: Floats,
    order: Places,
    cells: Places,
    firsts: Places,
    columns: int,
) -> NDArray[np.int32]:
    """The lowest home of each one's cluster, before any cut."""
    parent = np.arange(lons.shape[0]).astype(np.int32)
    ahead = np.array([0, 1, columns - 1, columns, columns + 1])
    for number in range(cells.shape[0]):
        for step in ahead:
            other = np.searchsorted(cells, cells[number] + step)
            if other == cells.shape[0] or cells[other] != cells[number] + step:
                continue
            for one in range(firsts[number], firsts[number + 1]):
                begin = one + 1 if step == 0 else firsts[other]
                _join(ground, lons, lats, xs, ys, order, parent, order[one], begin, firsts[other + 1])
    for at in range(parent.shape[0]):
        parent[at] = _root(parent, at)
    return parent


@numba.njit(cache=True, nogil=True)
def _join(
    ground: Ground,
    lons: Floats,
    lats: Floats,
    xs: Floats,
    ys: Floats,
    order: Places,
    parent: NDArray[np.int32],
    home: int,
    begin: int,
    end: int,
) -> None:
    """Put a home together with its neighbours among some others."""
    per_lon, per_lat = metres_per_degree(lats[home])
    walls = np.empty((0, 4), np.float64)
    looked = False
    for at in range(begin, end):
        other = order[at]
        if (xs[other] - xs[home]) ** 2 + (ys[other] - ys[home]) ** 2 > JOIN_METRES * JOIN_METRES:
            continue
        mine, theirs = _root(parent, home), _root(parent, other)
        if mine == theirs:
            continue
        if not looked:
            walls = barriers_near(ground, lons[home], lats[home], JOIN_METRES, per_lon, per_lat)
            looked = True
        if in_sight(walls, (lons[other] - lons[home]) * per_lon, (lats[other] - lats[home]) * per_lat):
            parent[max(mine, theirs)] = min(mine, theirs)


def _halved(xs: Floats, ys: Floats, weights: Floats, homes: Places) -> list[Places]:
    """The homes in parts none of which is too long."""
    waiting, found = [homes], []
    while waiting:
        part = waiting.pop()
        width, height = np.ptp(xs[part]), np.ptp(ys[part])
        if max(width, height) <= SPLIT_METRES:
            found.append(part)
            continue
        along = (xs if width >= height else ys)[part]
        order = np.argsort(along, kind="stable")
        sums = np.cumsum(weights[part][order])
        # Homes on one line stay together, and neither part is empty.
        middle = along[order[np.searchsorted(sums, sums[-1] / 2)]]
        low = along <= middle if middle < along.max() else along < middle
        waiting += [part[low], part[~low]]
    return found


def middle_of(lons: Floats, lats: Floats, weights: Floats, preferred: NDArray[np.bool_]) -> int:
    """Position of the home nearest to the middle of all, by weight; one of the preferred where there is any."""
    share = weights if weights.sum() > 0 else np.ones(len(weights))
    lon, lat = np.average(lons, weights=share), np.average(lats, weights=share)
    per_lon, per_lat = metres_per_degree(float(lat))
    away = np.hypot((lons - lon) * per_lon, (lats - lat) * per_lat)
    return int(np.argmin(np.where(preferred, away, np.inf) if preferred.any() else away))


def radius_of(lons: Floats, lats: Floats, at: int) -> float:
    """Metres from one of the homes to the farthest."""
    per_lon, per_lat = metres_per_degree(float(lats[at]))
    return float(np.hypot((lons - lons[at]) * per_lon, (lats - lats[at]) * per_lat).max())


def ground_around(lons: Floats, lats: Floats) -> Any:
    """A polygon around homes, EPSG:4326: their concave hull and `_RIM_METRES` more."""
    per_lon, per_lat = metres_per_degree(float(lats.mean()))
    points = np.column_stack([(lons - lons[0]) * per_lon, (lats - lats[0]) * per_lat])
    hull = shapely.concave_hull(shapely.multipoints(points), ratio=_HULL_RATIO)
    rim = shapely.buffer(hull, _RIM_METRES, quad_segs=4)
    return shapely.transform(rim, lambda xy: xy / [per_lon, per_lat] + [lons[0], lats[0]])


def street_name(network: Network, edge: Sequence[int] | NDArray[Any], walk_mm: Sequence[int] | NDArray[Any]) -> str:
    """The name of the nearest of some edges that has one; empty where none has."""
    named = [
        (metres, network.names[name])
        for metres, name in zip(np.asarray(walk_mm).tolist(), network.name[np.asarray(edge)].tolist(), strict=True)
        if network.names[name]
    ]
    return min(named)[1] if named else ""
