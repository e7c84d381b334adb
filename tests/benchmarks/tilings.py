"""Irregular tilings of any size for benchmarks and tests: the same arguments always give the same doubles."""

import numpy as np
import shapely
from numpy.typing import NDArray


def wiggly_tiling(
    columns: int, rows: int, *, bounds: tuple[float, float, float, float], steps: int = 10, seed: int = 1
) -> NDArray[np.object_]:
    """Polygons of a gapless tiling: quadrilaterals with displaced corners whose shared edges wander.

    Parameters
    ----------
    columns, rows
        Their product is the number of polygons, row by row from the south-west.
    bounds
        West, south, east, north of the undisplaced lattice, in degrees.
    steps
        Segments of each of the four sides: a polygon has four times as many vertices.
    """
    rng = np.random.default_rng(seed)
    west, south, east, north = bounds
    size = np.array([(east - west) / columns, (north - south) / rows])
    corners = np.stack(np.meshgrid(np.arange(columns + 1), np.arange(rows + 1)), axis=-1).astype(float)
    corners = np.array([west, south]) + (corners + rng.uniform(-0.22, 0.22, corners.shape)) * size
    across = _wandering(corners[:, :-1], corners[:, 1:], size, steps, rng)
    upward = _wandering(corners[:-1], corners[1:], size, steps, rng)
    rings = np.concatenate(
        [
            across[:-1, :, :-1],
            upward[:, 1:, :-1],
            across[1:, :, :0:-1],
            upward[:, :-1, :0:-1],
            across[:-1, :, :1],
        ],
        axis=2,
    )
    return shapely.polygons(rings.reshape(columns * rows, 4 * steps + 1, 2))


def _wandering(
    start: NDArray[np.float64],
    end: NDArray[np.float64],
    size: NDArray[np.float64],
    steps: int,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    along = np.linspace(0.0, 1.0, steps + 1)[:, None]
    line = start[:, :, None] + along * (end - start)[:, :, None]
    line += rng.uniform(-0.5, 0.5, line.shape) * size * 0.2 * along * (1.0 - along)
    line[:, :, 0], line[:, :, -1] = start, end
    return line
