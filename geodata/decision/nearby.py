"""Words such as 对面 and 往东50米: where beside the place that was named it may be, and in which grids that lies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geodata.address.noise import Aside
from geodata.address.normalize import Normal
from geodata.crs import metres_per_degree
from geodata.moment import Moment

_AT_THE_PLACE: Final = frozenset({"inside", "gate", "below", "above"})
_FAR: Final = 50.0
_BESIDE: Final = 30.0
_FARTHEST: Final = 2000.0
_BEARINGS: Final = {
    "north": 0.0, "northeast": 45.0, "east": 90.0, "southeast": 135.0, "south": 180.0, "southwest": 225.0,
    "west": 270.0, "northwest": 315.0,
}  # fmt: skip
_FAR_SIDES: Final = frozenset({"opposite", "near", "between", *_BEARINGS})
_MOST_PLACES: Final = 32


@dataclass(frozen=True, slots=True)
class Reach:
    """How far and in which directions a relation may lead: distances in metres, bearings in degrees from north."""

    metres: tuple[float, ...]
    bearings: tuple[float, ...]


_ALL_AROUND: Final = tuple(np.arange(0.0, 360.0, 22.5).tolist())

CROSSING: Final = Reach((0.0, 20.0), _ALL_AROUND)
"""The corners of a crossing, which borders often meet at."""


@dataclass(frozen=True, slots=True)
class Reached:
    """A grid in which a reach may end, the share of it that does, and a point there; position -1 is no grid."""

    position: int
    share: float
    lon: float
    lat: float


def around_door(metres: float) -> Reach | None:
    """Where a door may be that is not known, so far from the nearest ones that are; None where it lies between them."""
    return Reach((0.0, metres / 2.0, metres), _ALL_AROUND) if metres > 0.0 else None


def relation_in(normal: Normal) -> Aside | None:
    """The first words of a text that say how the place lies to the one that is named."""
    return next((one for one in normal.aside if one.facts.get("side") or one.facts.get("metres")), None)


def reach_of(relation: Mapping[str, Any]) -> Reach | None:
    """Where a relation may lead; None where it stays at the place: its gate, inside, upstairs.

    Parameters
    ----------
    relation
        ``side`` and ``metres``, as `geodata.address.relations` gives them.
    """
    side, told = str(relation.get("side", "")), relation.get("metres")
    if told is None and side in _AT_THE_PLACE:
        return None
    if told is not None:
        far = min(float(told), _FARTHEST)
        metres: tuple[float, ...] = (0.7 * far, far, 1.3 * far)
    else:
        far = _FAR if side in _FAR_SIDES else _BESIDE
        metres = (0.0, far / 2, far)
    middle = _BEARINGS.get(side)
    bearings = np.arange(0.0, 360.0, 22.5) if middle is None else middle + np.array([-45.0, -22.5, 0.0, 22.5, 45.0])
    return Reach(metres, tuple((bearings % 360.0).tolist()))


def reached_grids(moment: Moment, layer: str, places: NDArray[np.float64], reach: Reach) -> Sequence[Reached]:
    """The grids in which the reach of places may end, most of it first.

    Parameters
    ----------
    places
        Longitudes and latitudes, EPSG:4326 degrees, shape (n, 2); of many only some are looked at.
    """
    places = places[:: -(-len(places) // _MOST_PLACES)]
    east, north = metres_per_degree(float(places[0, 1]))
    angles = np.radians(reach.bearings)
    away = np.array(reach.metres)[:, None]
    lons = (places[:, :1] + (away * np.sin(angles) / east).ravel()).ravel()
    lats = (places[:, 1:] + (away * np.cos(angles) / north).ravel()).ravel()
    owners = moment.tilings[layer].index.owners(lons, lats, moment.active(layer))[0]
    ends, first, counts = np.unique(owners, return_index=True, return_counts=True)
    order = np.lexsort((ends, -counts))
    return [
        Reached(int(ends[k]), float(counts[k] / len(owners)), float(lons[first[k]]), float(lats[first[k]]))
        for k in order.tolist()
    ]
