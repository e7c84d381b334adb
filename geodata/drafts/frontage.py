"""How much of a grid's border can be seen on the ground: a street, a wall, a river, a railway."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

from geodata.drafts.surroundings import Surroundings
from geodata.grid.edit.tiling import Tiling
from geodata.grid.plane import LocalPlane, Numbers, Place, Shapes
from geodata.grid.tiling import segments_of

NEAR_METRES: Final = 15.0
"""A border no farther from the middle of a street follows it: half of an ordinary street with its pavement."""

_STEP_METRES: Final = 10.0
_BESIDE_METRES: Final = 0.5


@dataclass(frozen=True, slots=True)
class Frontage:
    """How much of the border towards other grids follows something.

    Parameters
    ----------
    metres
        Length of the border towards other grids.
    followed_metres
        How much of it is within `NEAR_METRES` of a street or a barrier.
    place
        In the middle of the longest stretch that follows nothing; None where all does.
    """

    metres: float
    followed_metres: float
    place: Place | None

    @property
    def share(self) -> float | None:
        """The part that follows something; None where no other grid is beside this one."""
        return self.followed_metres / self.metres if self.metres else None


def frontage(key: str, tiling: Tiling, surroundings: Surroundings) -> Frontage:
    """How much of a grid's border towards other grids follows a street or a barrier.

    Notes
    -----
    Measured at the middles of pieces of at most 10 m. The rim of the layer does not count: nobody chose it here.
    """
    shape = tiling.shape(key)
    one = np.array([shape], dtype=object)
    plane = LocalPlane.around(one)
    middles, metres = _pieces(plane.forward(one))
    others = [tiling.shape(other) for other in tiling.touching(shape, _BESIDE_METRES) if other != key]
    inner = _within(middles, plane.forward(np.array(others, dtype=object)), _BESIDE_METRES)
    middles, metres = middles[inner], metres[inner]
    followed = _within(middles, surroundings.near(shape, plane, NEAR_METRES).guides, NEAR_METRES)
    return Frontage(
        float(metres.sum()), float(metres[followed].sum()), _worst(np.asarray(middles), metres, followed, plane)
    )


def _pieces(shapes: Shapes) -> tuple[Shapes, Numbers]:
    """Middles and lengths of pieces of the borders, in the order of the rings."""
    segments, _ = segments_of(shapely.boundary(shapely.segmentize(shapes, _STEP_METRES)))
    return shapely.line_interpolate_point(segments, 0.5, normalized=True), shapely.length(segments)


def _within(points: Shapes, shapes: Shapes, metres: float) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    found = np.zeros(len(points), dtype=bool)
    if len(points) and len(shapes):
        found[shapely.STRtree(shapes).query(points, predicate="dwithin", distance=metres)[0]] = True
    return found


def _worst(
    middles: Shapes, metres: Numbers, followed: np.ndarray[tuple[int], np.dtype[np.bool_]], plane: LocalPlane
) -> Place | None:
    """The middle of the longest run of pieces that follow nothing."""
    free = np.flatnonzero(~followed)
    if not len(free):
        return None
    runs = np.split(free, np.flatnonzero(np.diff(free) > 1) + 1)
    longest = max(runs, key=lambda run: float(metres[run].sum()))
    return plane.place(middles[longest[len(longest) // 2]])
