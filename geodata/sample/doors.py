"""House numbers: odd on the left, even on the right of a road that is read west to east or north to south."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.sample.ground import TURN_DEGREES, Floats
from geodata.sample.network import Network
from geodata.sample.tiling import Shapes

METRES_PER_NUMBER: Final = 16.0
"""Length of road to a pair of numbers, odd and even."""


@dataclass(frozen=True, slots=True)
class Doors:
    """Doors in the order given: the key of each one's road and its number there."""

    keys: tuple[str, ...]
    numbers: NDArray[np.int64]


def number_doors(network: Network, at_road: Floats, points: Floats, keys: Sequence[str]) -> Doors:
    """Return a number for every door; numbers of one side increase along the road and none is given twice.

    Parameters
    ----------
    network
        The streets.
    at_road, points
        Where each way meets the road (or the door again) and the door itself, in metres, shape (n, 2).
    keys
        Key of each door's road; empty for the road nearest to `at_road`.
    """
    found = _nearest_roads(network, at_road, keys)
    numbers = np.zeros(len(points), dtype=np.int64)
    edges_of: dict[str, list[int]] = {}
    for position, key in enumerate(network.keys):
        if key:
            edges_of.setdefault(key, []).append(position)
    doors_of: dict[str, list[int]] = {}
    for position, key in enumerate(found):
        doors_of.setdefault(key, []).append(position)
    for key in sorted(doors_of):
        chosen = np.array(doors_of[key])
        course = as_one_course(network.edges[np.array(edges_of[key])])
        numbers[chosen] = _numbers(course, points[chosen])
    return Doors(tuple(found), numbers)


def as_one_course(edges: Shapes) -> Any:
    """Return the edges of one road as one line that is read west to east, or north to south where it runs that way."""
    starts, ends = _ends(edges)
    turn = np.radians(TURN_DEGREES)
    east = np.array([np.cos(turn), np.sin(turn)])
    south = np.array([np.sin(turn), -np.cos(turn)])
    span = np.concatenate([starts, ends])
    along = east if np.ptp(span @ east) >= np.ptp(span @ south) else south
    backwards = (ends - starts) @ along < 0
    edges = np.where(backwards, shapely.reverse(edges), edges)
    starts, ends = _ends(edges)
    order = np.argsort((starts + ends) @ along, kind="stable")
    points = shapely.get_coordinates(edges[order])
    fresh = np.r_[True, (points[1:] != points[:-1]).any(axis=1)]
    return shapely.linestrings(points[fresh])


def sides(course: Any, points: Floats) -> NDArray[np.int64]:
    """Return +1 for points on the left of a course, -1 for those on its right."""
    at = shapely.line_locate_point(course, shapely.points(points))
    length = shapely.length(course)
    back = shapely.get_coordinates(shapely.line_interpolate_point(course, np.clip(at - 1.0, 0, length)))
    ahead = shapely.get_coordinates(shapely.line_interpolate_point(course, np.clip(at + 1.0, 0, length)))
    way, to = ahead - back, points - back
    return np.where(way[:, 0] * to[:, 1] - way[:, 1] * to[:, 0] >= 0, 1, -1)


def _numbers(course: Any, points: Floats) -> NDArray[np.int64]:
    at = shapely.line_locate_point(course, shapely.points(points))
    side = sides(course, points)
    numbers = np.zeros(len(points), dtype=np.int64)
    for way, first in ((1, 1), (-1, 2)):
        last = first - 2
        for position in np.lexsort((points[:, 0], at)):
            if side[position] == way:
                last = max(last + 2, 2 * int(at[position] // METRES_PER_NUMBER) + first)
                numbers[position] = last
    return numbers


def _nearest_roads(network: Network, points: Floats, keys: Sequence[str]) -> list[str]:
    found = list(keys)
    missing = np.array([position for position, key in enumerate(keys) if not key], dtype=np.int64)
    roads = np.array([position for position, kind in enumerate(network.kinds) if kind != "path"])
    if len(missing):
        tree = shapely.STRtree(network.edges[roads])
        which, edge = tree.query_nearest(shapely.points(points[missing]), all_matches=False)
        for position, road in zip(missing[which], roads[edge], strict=True):
            found[position] = network.keys[road]
    return found


def _ends(edges: Shapes) -> tuple[Floats, Floats]:
    return (
        shapely.get_coordinates(shapely.get_point(edges, 0)),
        shapely.get_coordinates(shapely.get_point(edges, -1)),
    )
