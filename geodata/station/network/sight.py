"""What lies between a place and a street: the barriers near a point, compiled.

Everything is measured in metres in the plane at the point. A barrier is in the way where it crosses or touches the
straight line, its first and last centimetre left out: who stands on a wall has both of its sides, and so has a street
that runs on one; a bridge is reached from the bank where it begins. Barriers are taken as a millimetre longer at both
ends, so that nothing slips through where two of them join. A centimetre of bank is land.
"""

import math
from typing import Final

import numba
import numpy as np

from geodata.station.network.arrays import Reals
from geodata.station.network.ground import Ground, box_around, entries_of, nearest_on, room_in

_MARGIN: Final = 0.01
_LONGER: Final = 0.001


@numba.njit(cache=True, nogil=True)
def barriers_near(ground: Ground, lon: float, lat: float, metres: float, per_lon: float, per_lat: float) -> Reals:
    """Barriers within so many metres, in metres from the point and a millimetre longer at both ends; (n, 4)."""
    box = box_around(ground.frame, lon, lat, metres / per_lon, metres / per_lat)
    room = room_in(ground.barrier_row_first, ground.barrier_column, ground.barrier_first, box)
    walls, found = np.empty((room, 4), np.float64), 0
    if room == 0:
        return walls
    for row in range(box[0], box[1] + 1):
        begin, end = entries_of(
            ground.barrier_row_first, ground.barrier_column, ground.barrier_first, row, box[2], box[3]
        )
        for entry in range(begin, end):
            wall = ground.barriers[ground.barrier[entry]]
            ax, ay = (wall[0] - lon) * per_lon, (wall[1] - lat) * per_lat
            bx, by = (wall[2] - lon) * per_lon, (wall[3] - lat) * per_lat
            if nearest_on(ax, ay, bx, by)[3] > metres * metres:
                continue
            scale = _LONGER / max(math.hypot(bx - ax, by - ay), _LONGER)
            more_x, more_y = (bx - ax) * scale, (by - ay) * scale
            walls[found, 0], walls[found, 1] = ax - more_x, ay - more_y
            walls[found, 2], walls[found, 3] = bx + more_x, by + more_y
            found += 1
    return walls[:found]


@numba.njit(cache=True, nogil=True)
def in_sight(walls: Reals, x: float, y: float) -> bool:
    """Whether no barrier lies between (0, 0) and (x, y), a centimetre at both ends left out."""
    length = math.hypot(x, y)
    if length <= 2 * _MARGIN:
        return True
    from_x, from_y = x * (_MARGIN / length), y * (_MARGIN / length)
    to_x, to_y = x - from_x, y - from_y
    along_x, along_y = to_x - from_x, to_y - from_y
    for wall in range(walls.shape[0]):
        ax, ay, bx, by = walls[wall, 0], walls[wall, 1], walls[wall, 2], walls[wall, 3]
        if max(ax, bx) < min(from_x, to_x) or min(ax, bx) > max(from_x, to_x):
            continue
        if max(ay, by) < min(from_y, to_y) or min(ay, by) > max(from_y, to_y):
            continue
        one = along_x * (ay - from_y) - along_y * (ax - from_x)
        other = along_x * (by - from_y) - along_y * (bx - from_x)
        if (one > 0.0 and other > 0.0) or (one < 0.0 and other < 0.0):
            continue
        begin = (bx - ax) * (from_y - ay) - (by - ay) * (from_x - ax)
        end = (bx - ax) * (to_y - ay) - (by - ay) * (to_x - ax)
        if not ((begin > 0.0 and end > 0.0) or (begin < 0.0 and end < 0.0)):
            return False
    return True


@numba.njit(cache=True, nogil=True)
def in_water(ground: Ground, lon: float, lat: float, per_lon: float, per_lat: float) -> bool:
    """Whether the point is inside an area that nobody stands in, more than a centimetre from its rim."""
    row, last, _, _ = box_around(ground.frame, lon, lat, 0.0, 0.0)
    if last < row:
        return False
    odd = False
    for entry in range(ground.rim_first[row], ground.rim_first[row + 1]):
        wall = ground.barriers[ground.rim[entry]]
        ax, ay, bx, by = wall[0] - lon, wall[1] - lat, wall[2] - lon, wall[3] - lat
        if (ay > 0.0) != (by > 0.0) and (ax * by - ay * bx > 0.0) == (by > ay):
            odd = not odd
    if not odd:
        return False
    for entry in range(ground.rim_first[row], ground.rim_first[row + 1]):
        wall = ground.barriers[ground.rim[entry]]
        ax, ay = (wall[0] - lon) * per_lon, (wall[1] - lat) * per_lat
        if nearest_on(ax, ay, (wall[2] - lon) * per_lon, (wall[3] - lat) * per_lat)[3] <= _MARGIN * _MARGIN:
            return False
    return True
