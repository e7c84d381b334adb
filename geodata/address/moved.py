"""Entries of a base that lie in other areas than when it was compiled: a border was moved, a name was changed."""

from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.address.areas import AreaChains
from geodata.address.index import AddressIndex

MOST_MOVED: Final = 60_000
"""More than so many are not worth listing: the base is compiled anew."""

_AT_ONCE: Final = 100_000


def moved_keys(index: AddressIndex, before: AreaChains, now: AreaChains) -> NDArray[np.int64] | None:
    """Keys of the entries whose areas are others now than before, sorted; None for more than `MOST_MOVED`.

    Parameters
    ----------
    index
        The compiled base.
    before, now
        Areas that its entries were placed in, and those of now.
    """
    shapes = np.concatenate([before.unlike(now), now.unlike(before)])
    moved, count = [np.zeros(0, np.int64)], 0
    for start in range(0, index.capacity, _AT_ONCE) if len(shapes) else ():
        places = _moved(
            index, np.arange(start, min(start + _AT_ONCE, index.capacity), dtype=np.int32), shapes, before, now
        )
        moved.append(index.keys[places])
        count += len(places)
        if count > MOST_MOVED:
            return None
    return np.unique(np.concatenate(moved))


def _moved(
    index: AddressIndex, entries: NDArray[np.int32], shapes: NDArray[np.object_], before: AreaChains, now: AreaChains
) -> NDArray[np.int32]:
    """Of some entries those whose areas are others now; only what lies in the boxes of changed shapes is looked at."""
    lons, lats = index.points(entries).T
    west, south, east, north = shapely.total_bounds(shapes)
    within = np.flatnonzero((lons >= west) & (lons <= east) & (lats >= south) & (lats <= north))
    if not len(within):
        return entries[within]
    near: NDArray[np.int64] = np.unique(shapely.STRtree(shapely.points(lons[within], lats[within])).query(shapes)[1])
    chosen = within[near]
    pairs = zip(before.of(lons[chosen], lats[chosen]), now.of(lons[chosen], lats[chosen]), strict=True)
    other = np.fromiter((one != another for one, another in pairs), np.bool_, len(chosen))
    return entries[chosen[other]]
