"""Shapes of a file against the grids of a draft: which are the same, and how much each has of which."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import Geometry

from geodata.grid.edit import Tiling
from geodata.grid.edit.aligning import ALIGN_METRES
from geodata.grid.edit.rings import plainly_written
from geodata.grid.plane import LocalPlane, Shapes, overlay, polygons_of, wider_than


@dataclass(frozen=True, slots=True)
class Overlap:
    """Ground that a shape and a grid have in common, more than half a metre wide.

    Parameters
    ----------
    key
        Of the grid.
    of_shape, of_grid
        Its share of either, 0 to 1.
    lon, lat
        A place in it, EPSG:4326.
    """

    key: str
    of_shape: float
    of_grid: float
    lon: float
    lat: float


def same_grids(tiling: Tiling, shapes: Sequence[Geometry]) -> dict[int, str]:
    """For each shape that a grid has vertex by vertex the key of that; a grid that several have for the first only."""
    keys = list(tiling.keys())
    known = dict(zip(plainly_written([tiling.shape(key) for key in keys]), keys, strict=True))
    found: dict[str, int] = {}
    for at, content in enumerate(plainly_written(shapes)):
        if content in known:
            found.setdefault(known[content], at)
    return {at: key for key, at in found.items()}


def overlaps_of(tiling: Tiling, shape: Geometry) -> list[Overlap]:
    """What a shape has in common with grids, the most first."""
    keys = tiling.touching(shape)
    if not keys:
        return []
    plane = LocalPlane.around(np.array([shape], dtype=object))
    flat = plane.forward(np.array([shape, *(tiling.shape(key) for key in keys)], dtype=object))
    common = overlay("intersection", np.repeat(flat[:1], len(keys)), flat[1:])
    parts, owners = polygons_of(common)
    wide = wider_than(parts, ALIGN_METRES) if len(parts) else np.zeros(0, dtype=bool)
    found = []
    for owner in np.unique(owners[wide]).tolist():
        mine = parts[wide & (owners == owner)]
        area = float(shapely.area(mine).sum())
        lon, lat = plane.inside(mine[int(np.argmax(shapely.area(mine)))])
        shares = area / float(shapely.area(flat[0])), area / float(shapely.area(flat[owner + 1]))
        found.append(Overlap(keys[owner], *shares, float(lon), float(lat)))
    return sorted(found, key=lambda one: (-one.of_shape, one.key))


def left_of(shape: Geometry, others: Sequence[Geometry]) -> tuple[float, float] | None:
    """A place in what of a shape others don't cover, half a metre wide at least; None where they cover it."""
    given = np.array([shape, *others], dtype=object)
    plane = LocalPlane.around(given[:1])
    flat = plane.forward(given)
    known = shapely.union_all(flat[1:])
    parts: Shapes = polygons_of(overlay("difference", flat[:1], np.array([known], dtype=object)))[0]
    parts = parts[wider_than(parts, ALIGN_METRES)] if len(parts) else parts
    if not len(parts):
        return None
    lon, lat = plane.inside(parts[int(np.argmax(shapely.area(parts)))])
    return float(lon), float(lat)
