"""Overlays of shapes that floating point cannot overlay as they are."""

import numpy as np
import shapely

from geodata.grid.plane import overlay


def test_a_shape_that_falls_apart_into_ground_and_lines_is_overlaid_by_its_ground() -> None:
    tangled = shapely.Polygon([(1, 2), (3, 3), (0, 0), (3, 3), (0, 1), (3, 1), (1, 3), (1, 1), (2, 2)])
    assert shapely.make_valid(tangled).geom_type == "GeometryCollection"
    box = shapely.box(0.5, 0.5, 2.5, 2.5)
    left = overlay("difference", np.array([tangled], dtype=object), np.array([box], dtype=object))[0]
    assert isinstance(left, shapely.Polygon | shapely.MultiPolygon)
    assert not shapely.intersects(shapely.buffer(left, -1e-3), box)
