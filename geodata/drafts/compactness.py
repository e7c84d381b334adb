"""How round a grid is: the shorter the ways inside it, the rounder.

References
----------
Polsby, D. D., & Popper, R. D. (1991). The third criterion: compactness as a procedural safeguard against partisan
gerrymandering. Yale Law & Policy Review, 9(2), 301-353.
Reock, E. C. (1961). A note: measuring compactness as a requirement of legislative apportionment. Midwest Journal of
Political Science, 5(1), 70-74.
"""

from dataclasses import dataclass

import numpy as np
import shapely

from geodata.grid.plane import LocalPlane


@dataclass(frozen=True, slots=True)
class Compactness:
    """Size and roundness of some ground.

    Parameters
    ----------
    square_metres, perimeter_metres
        Of the ground; inner borders count.
    polsby_popper
        4π × area ÷ perimeter²: 1 for a circle, 0.79 for a square, towards 0 for what is long or ragged.
    reock
        Area ÷ area of the smallest circle around it: 1 for a circle, 0.64 for a square, towards 0 for what is long.

    Notes
    -----
    The first sees ragged borders that the second does not; the second does not depend on how finely a border is drawn.
    """

    square_metres: float
    perimeter_metres: float
    polsby_popper: float
    reock: float


def compactness(shape: shapely.Geometry) -> Compactness:
    """How round a shape is.

    Parameters
    ----------
    shape
        Polygon or MultiPolygon in EPSG:4326; several parts count as one ground in one circle.

    Notes
    -----
    Measured in the plane about the shape. Ground without area has 0 in all but the perimeter.
    """
    one = np.array([shape], dtype=object)
    flat = LocalPlane.around(one).forward(one)[0]
    area, length = float(shapely.area(flat)), float(shapely.length(flat))
    radius = float(shapely.minimum_bounding_radius(flat))
    if not area:
        return Compactness(0.0, length, 0.0, 0.0)
    return Compactness(area, length, 4 * np.pi * area / length**2, area / (np.pi * radius**2))
