"""Which polygons a circle or a box meets, by the stretches of border that the nearest other one is found by."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geodata.grid.exact import metric_scale

Arrays = Mapping[str, NDArray[Any]]


def borders_within(
    arrays: Arrays, active: NDArray[np.bool_], lon: float, lat: float, metres: float
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Active positions with a border no farther from a point than so many metres, rising, and how far it is.

    Parameters
    ----------
    arrays
        ``vertices``, ``chunks`` and ``boxes`` of the index.
    lon, lat
        EPSG:4326 degrees.

    Notes
    -----
    Measured as `GridIndex.nearest` measures. What covers the point, and has its border farther away, is not among them.
    """
    per_lon, per_lat = metric_scale(lat)
    chunks, boxes = arrays["chunks"], arrays["boxes"][: len(arrays["chunks"])]
    east = np.maximum(np.maximum(boxes[:, 0] - lon, lon - boxes[:, 2]), 0.0) * per_lon
    north = np.maximum(np.maximum(boxes[:, 1] - lat, lat - boxes[:, 3]), 0.0) * per_lat
    near = chunks[(east * east + north * north <= metres * metres) & active[chunks[:, 2]]]
    if not len(near):
        return np.zeros(0, dtype=np.int64), np.zeros(0)
    squared = _squared_metres(arrays["vertices"], near, (lon, lat), (per_lon, per_lat))
    positions, place = np.unique(near[:, 2], return_inverse=True)
    closest = np.full(len(positions), np.inf)
    np.minimum.at(closest, place, squared)
    kept = closest <= metres * metres
    return positions[kept].astype(np.int64), np.sqrt(closest[kept])


def _squared_metres(
    vertices: NDArray[np.float64],
    chunks: NDArray[np.int32],
    point: tuple[float, float],
    scale: tuple[float, float],
) -> NDArray[np.float64]:
    """Squared distance from a point to each stretch of edges, in m²; ``scale`` is metres per degree."""
    edges = chunks[:, 1].astype(np.int64)
    ends = np.cumsum(edges)
    first = np.repeat(chunks[:, 0], edges) + np.arange(ends[-1]) - np.repeat(ends - edges, edges)
    start, end = (vertices[first] - point) * scale, (vertices[first + 1] - point) * scale
    along = end - start
    length = np.einsum("ij,ij->i", along, along)
    share = np.clip(-np.einsum("ij,ij->i", start, along) / np.where(length > 0, length, 1.0), 0.0, 1.0)
    foot = start + share[:, None] * along
    squared: NDArray[np.float64] = np.minimum.reduceat(np.einsum("ij,ij->i", foot, foot), ends - edges)
    return squared


def borders_in_box(
    arrays: Arrays, active: NDArray[np.bool_], box: tuple[float, float, float, float]
) -> NDArray[np.int64]:
    """Active positions of which a stretch of border may meet a box, rising.

    Parameters
    ----------
    box
        West, south, east, north in EPSG:4326 degrees.
    """
    west, south, east, north = box
    chunks, boxes = arrays["chunks"], arrays["boxes"][: len(arrays["chunks"])]
    meets = (boxes[:, 0] <= east) & (boxes[:, 2] >= west) & (boxes[:, 1] <= north) & (boxes[:, 3] >= south)
    positions: NDArray[np.int64] = np.unique(chunks[meets & active[chunks[:, 2]], 2]).astype(np.int64)
    return positions
