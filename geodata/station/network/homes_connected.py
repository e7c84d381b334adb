"""How homes reach the network, counted anew only for those that moved."""

import numpy as np
from numpy.typing import NDArray

from geodata.station.homes import Homes
from geodata.station.network.arrays import Flags, Network, Places, Reals
from geodata.station.network.snap import Connectors, connect


def connect_homes(network: Network, homes: Homes, before: tuple[Homes, Connectors] | None = None) -> Connectors:
    """How homes reach the network.

    Parameters
    ----------
    before
        Homes, and how they reached this same network: those that are where they were keep their connectors.
    """
    if before is None or not len(homes):
        return connect(network, homes.start_lons, homes.start_lats, place=homes.start_place, places=len(homes))
    was = _unmoved(homes, before[0])
    moved = np.flatnonzero(was < 0)
    rows = np.flatnonzero(was[homes.start_place] < 0)
    renumbered = np.searchsorted(moved, homes.start_place[rows])
    anew = connect(network, homes.start_lons[rows], homes.start_lats[rows], place=renumbered, places=len(moved))
    kept = before[1].take(was[was >= 0])
    # Where each home is among those that were kept and, behind them, those that moved.
    place = np.where(was >= 0, np.cumsum(was >= 0) - 1, len(kept) + np.cumsum(was < 0) - 1)
    return _joined(kept, anew).take(place)


def _joined(one: Connectors, other: Connectors) -> Connectors:
    first = np.concatenate([one.first, one.first[-1] + other.first[1:]])
    pairs = ((getattr(one, name), getattr(other, name)) for name in ("edge", "at_mm", "walk_mm", "metres"))
    return Connectors(first, *(np.concatenate(pair) for pair in pairs))


def _unmoved(homes: Homes, before: Homes) -> Places:
    """Of each home its place among others, if its walks began at the same points there; else -1."""
    known, keys = _keys(before.lons, before.lats), _keys(homes.lons, homes.lats)
    place = np.minimum(np.searchsorted(known, keys), max(len(known) - 1, 0))
    same: Flags = known[place] == keys if len(known) else np.zeros(len(keys), np.bool_)
    first, count = _starts(homes)
    first_before, count_before = _starts(before)
    same[same] = count[same] == count_before[place[same]]
    of = homes.start_place[same[homes.start_place]]
    rows = np.flatnonzero(same[homes.start_place])
    rows_before = rows - first[of] + first_before[place[of]]
    moved = (homes.start_lons[rows] != before.start_lons[rows_before]) | (
        homes.start_lats[rows] != before.start_lats[rows_before]
    )
    same[of[moved]] = False
    return np.where(same, place, -1)


def _keys(lons: Reals, lats: Reals) -> NDArray[np.complex128]:
    """Points as numbers that sort by lon, then lat, as homes do."""
    return np.asarray(lons + 1j * lats)


def _starts(homes: Homes) -> tuple[Places, Places]:
    """Where the starts of each home begin, and how many it has."""
    count = np.bincount(homes.start_place, minlength=len(homes)).astype(np.int64)
    return np.cumsum(count) - count, count
