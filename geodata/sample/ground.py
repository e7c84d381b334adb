"""The ground: from the drawing board (u east, v north) to metres about the centre, and on to degrees.

The board is bent smoothly, so that what is straight on it curves on the ground and what touches on it touches on the
ground. Positions are rounded once, to a millimetre; a place that two things share is the same pair of doubles in both.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geodata.crs import metres_per_degree
from geodata.sample.plan import Plan

Floats = NDArray[np.float64]

CENTRE_LON: Final = 117.0
CENTRE_LAT: Final = 36.65
TURN_DEGREES: Final = -9.0
DECIMALS_OF_A_DEGREE: Final = 8


@dataclass(frozen=True, slots=True)
class Ground:
    """How the drawing board lies on the ground.

    Parameters
    ----------
    half_width, half_height
        Half the size of the board in metres.
    river_v, rail_u
        Where river and railway lie on the board.
    waves
        Rows of wave number in u, in v, phase, and amplitude east and north in metres.
    meander
        Rows of wave number in u, phase and amplitude in metres.
    """

    half_width: float
    half_height: float
    river_v: float
    rail_u: float
    waves: Floats
    meander: Floats

    def place(self, board: ArrayLike) -> Floats:
        """Return metres east and north of the centre, rounded to a millimetre.

        Parameters
        ----------
        board
            Positions on the board, shape (n, 2), in metres.
        """
        u, v = np.asarray(board, dtype=np.float64).reshape(-1, 2).T
        near_rail = np.exp(-(((u - self.rail_u) / (0.3 * self.half_width + 450)) ** 2))
        near_river = np.exp(-(((v - self.river_v) / (0.22 * self.half_height + 500)) ** 2))
        x = u + near_rail * (0.085 * v + 60 * np.sin(v / 900))
        y = v + near_river * _sum_of_waves(self.meander, u)
        x = x * np.sqrt(1 - 0.26 * (y / self.half_height).clip(-1.2, 1.2) ** 2 * self._roundness)
        y = y * np.sqrt(1 - 0.26 * (u / self.half_width).clip(-1.2, 1.2) ** 2 * self._roundness)
        for in_u, in_v, phase, east, north in self.waves:
            swing = np.sin(in_u * u + in_v * v + phase)
            x, y = x + east * swing, y + north * swing
        turn = np.radians(TURN_DEGREES)
        turned = np.column_stack([x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn)])
        return np.round(turned, 3)

    @property
    def _roundness(self) -> float:
        return 1.0 if self.half_width > 3000 else 0.3


def make_ground(plan: Plan, rng: np.random.Generator) -> Ground:
    """Return the ground of a plan, its bends drawn from `rng`."""
    half_width, half_height = plan.columns[-1], plan.rows[-1]
    lengths = np.array([5200.0, 3400.0, 2300.0, 1300.0, 760.0])
    sizes = np.array([70.0, 45.0, 26.0, 13.0, 6.0])
    angles = rng.uniform(0, 2 * np.pi, 5)
    push = rng.uniform(0, 2 * np.pi, 5)
    waves = np.column_stack(
        [
            np.cos(angles) * 2 * np.pi / lengths,
            np.sin(angles) * 2 * np.pi / lengths,
            rng.uniform(0, 2 * np.pi, 5),
            np.cos(push) * sizes,
            np.sin(push) * sizes,
        ]
    )
    swing = min(1.0, half_width / 4500)
    meander = np.array(
        [
            [2 * np.pi / 4300, rng.uniform(0, 2 * np.pi), 190.0 * swing],
            [2 * np.pi / 2300, rng.uniform(0, 2 * np.pi), 75.0 * swing],
        ]
    )
    return Ground(half_width, half_height, plan.rows[plan.river_row], plan.columns[plan.rail_column], waves, meander)


def to_degrees(shapes: Any) -> Any:
    """Return shapes in metres about the centre as (lon, lat) degrees, rounded to about a millimetre.

    Parameters
    ----------
    shapes
        A shapely geometry or an array of them.

    Notes
    -----
    One scale for the whole city: straight stays straight, and what is exactly shared stays exactly shared. The error
    of the scale is under 0.2 % of a length within 12 km of the centre.
    """
    return shapely.transform(shapes, points_to_degrees)


def points_to_degrees(points: Floats) -> Floats:
    """Return points in metres about the centre, shape (n, 2), as (lon, lat) degrees."""
    per_lon, per_lat = metres_per_degree(CENTRE_LAT)
    degrees = np.asarray(points, dtype=np.float64) / np.array([per_lon, per_lat]) + np.array([CENTRE_LON, CENTRE_LAT])
    return np.asarray(np.round(degrees, DECIMALS_OF_A_DEGREE))


def _sum_of_waves(waves: Floats, along: Floats) -> Floats:
    total = np.zeros_like(along)
    for number, phase, amplitude in waves:
        total = total + amplitude * np.sin(number * along + phase)
    return total
