"""A lot's own frame: x along its rows, y across them, and how its sides lean against them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from geodata.sample.ground import Floats, Ground
from geodata.sample.subdivision import Board


@dataclass(frozen=True, slots=True)
class Frame:
    """The frame of one grid.

    Parameters
    ----------
    angle
        Direction of the rows in radians, counter-clockwise from east.
    lean
        Metres east, in the frame, per metre north, that the west and east sides run.
    """

    angle: float
    lean: float

    def inward(self, shape: Any) -> Any:
        """Return a shape on the ground in this frame."""
        return shapely.transform(shape, lambda points: turned(points, -self.angle))

    def outward(self, shape: Any) -> Any:
        """Return a shape of this frame on the ground."""
        return shapely.transform(shape, lambda points: turned(points, self.angle))

    def on_ground(self, points: Any) -> Floats:
        """Return points of this frame on the ground, to the millimetre."""
        return np.asarray(np.round(turned(points, self.angle), 3))


def make_frames(board: Board, ground: Ground) -> list[Frame]:
    """Return for each grid the frame that its south and north, west and east sides suggest."""
    corners = ground.place([corner for leaf in board.leaves for corner in leaf.piece.corners]).reshape(-1, 4, 2)
    ahead = corners[:, 1] - corners[:, 0] + corners[:, 2] - corners[:, 3]
    up = corners[:, 3] - corners[:, 0] + corners[:, 2] - corners[:, 1]
    angles = np.arctan2(ahead[:, 1], ahead[:, 0])
    frames = []
    for angle, side in zip(angles.tolist(), up, strict=True):
        east, north = turned(side, -angle)[0]
        frames.append(Frame(angle, float(np.clip(east / north, -0.6, 0.6))))
    return frames


def turned(points: Any, angle: float) -> Floats:
    """Return points turned counter-clockwise about the origin by an angle in radians."""
    x, y = np.asarray(points, dtype=np.float64).reshape(-1, 2).T
    cos, sin = np.cos(angle), np.sin(angle)
    result = np.empty((len(x), 2))
    result[:, 0], result[:, 1] = x * cos - y * sin, x * sin + y * cos
    return result
