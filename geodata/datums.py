"""GCJ-02 and BD-09, the shifted datums of Chinese map services, there and back in arrays.

`crs.py` is the door to these; nothing else calls them. Longitudes and latitudes are float64 degrees of one shape; NaN
stays NaN. Each function runs a fixed number of steps, so a coordinate has the same answer in whatever array it stands
and a vertex shared by two grids stays shared.

Notes
-----
The shift applies inside the box 72.004–137.8347° E, 0.8293–55.8271° N, as map services do it; outside, coordinates are
unchanged. The box cuts the shift off at its edge, so the inverse has to choose there: what the forward transform gives
for a point inside the box always comes back to it, even when it landed a few hundred metres outside the box.

References
----------
The open formula of the GCJ-02 shift, on the Krasovsky 1940 ellipsoid, differs from map services' own by up to 1e-5
degrees (about one metre). That is the accuracy of these datums; the inverse is exact against the forward transform.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Shift = Callable[[Floats, Floats], tuple[Floats, Floats]]

WEST: Final = 72.004
EAST: Final = 137.8347
SOUTH: Final = 0.8293
NORTH: Final = 55.8271

_RADIUS: Final = 6378245.0
_ECCENTRICITY: Final = 0.00669342162296594323
_BAIDU_WAVE: Final = np.pi * 3000.0 / 180.0
# Each step makes the error at least 50 times smaller, from 0.02 degrees: eight reach the last bit.
_STEPS: Final = 8
# No shift is as long as this, in degrees.
_REACH: Final = 0.05


def in_china(lons: Floats, lats: Floats, margin: float = 0.0) -> NDArray[np.bool_]:
    """Whether each point lies in the box in which the shift applies, widened by `margin` degrees; NaN does not."""
    within_east = (lons >= WEST - margin) & (lons <= EAST + margin)
    return np.asarray(within_east & (lats >= SOUTH - margin) & (lats <= NORTH + margin))


def wgs84_to_gcj02(lons: Floats, lats: Floats) -> tuple[Floats, Floats]:
    """GCJ-02 of WGS 84 points; unchanged outside China."""
    return _in_china_only(lons, lats, _shifted)


def gcj02_to_wgs84(lons: Floats, lats: Floats) -> tuple[Floats, Floats]:
    """WGS 84 of GCJ-02 points, true to a millimetre and better against `wgs84_to_gcj02`."""
    return _inverse(lons, lats, _shifted)


def wgs84_to_bd09(lons: Floats, lats: Floats) -> tuple[Floats, Floats]:
    """BD-09 of WGS 84 points; unchanged outside China."""
    return _in_china_only(lons, lats, _shifted_twice)


def bd09_to_wgs84(lons: Floats, lats: Floats) -> tuple[Floats, Floats]:
    """WGS 84 of BD-09 points, true to a millimetre and better against `wgs84_to_bd09`."""
    return _inverse(lons, lats, _shifted_twice)


def _in_china_only(lons: Floats, lats: Floats, shift: Shift) -> tuple[Floats, Floats]:
    east, north = lons.copy(), lats.copy()
    inside = in_china(lons, lats)
    east[inside], north[inside] = shift(lons[inside], lats[inside])
    return east, north


def _inverse(lons: Floats, lats: Floats, shift: Shift) -> tuple[Floats, Floats]:
    """Fixed point of p = q - (shift(p) - p), kept where p or the given q is in China."""
    east, north = lons.copy(), lats.copy()
    near = in_china(lons, lats, margin=_REACH)
    given_east, given_north = lons[near], lats[near]
    x, y = given_east.copy(), given_north.copy()
    for _ in range(_STEPS):
        shifted_east, shifted_north = shift(x, y)
        x += given_east - shifted_east
        y += given_north - shifted_north
    # Rounding may put a point on the box's edge just outside it.
    apply = in_china(x, y, margin=1e-9) | in_china(given_east, given_north)
    east[near] = np.where(apply, x, given_east)
    north[near] = np.where(apply, y, given_north)
    return east, north


def _shifted_twice(lons: Floats, lats: Floats) -> tuple[Floats, Floats]:
    return _baidu(*_shifted(lons, lats))


def _shifted(lons: Floats, lats: Floats) -> tuple[Floats, Floats]:
    """GCJ-02 without regard to the box."""
    x, y = lons - 105.0, lats - 35.0
    root = np.sqrt(np.abs(x))
    short = 20.0 * np.sin(6.0 * np.pi * x) + 20.0 * np.sin(2.0 * np.pi * x)
    metres_east = (
        300.0
        + x
        + 2.0 * y
        + 0.1 * x * x
        + 0.1 * x * y
        + 0.1 * root
        + (short + _waves(x, (20.0, 1.0), (40.0, 3.0), (150.0, 12.0), (300.0, 30.0))) * (2.0 / 3.0)
    )
    metres_north = (
        -100.0
        + 2.0 * x
        + 3.0 * y
        + 0.2 * y * y
        + 0.1 * x * y
        + 0.2 * root
        + (short + _waves(y, (20.0, 1.0), (40.0, 3.0), (160.0, 12.0), (320.0, 30.0))) * (2.0 / 3.0)
    )
    latitude = np.radians(lats)
    w = 1.0 - _ECCENTRICITY * np.sin(latitude) ** 2
    parallel = _RADIUS / np.sqrt(w) * np.cos(latitude)
    meridian = _RADIUS * (1.0 - _ECCENTRICITY) / (w * np.sqrt(w))
    return lons + np.degrees(metres_east / parallel), lats + np.degrees(metres_north / meridian)


def _waves(t: Floats, *terms: tuple[float, float]) -> Floats:
    total = np.zeros_like(t)
    for height, length in terms:
        total += height * np.sin(np.pi * t / length)
    return total


def _baidu(lons: Floats, lats: Floats) -> tuple[Floats, Floats]:
    """BD-09 of GCJ-02 coordinates."""
    radius = np.hypot(lons, lats) + 0.00002 * np.sin(lats * _BAIDU_WAVE)
    angle = np.arctan2(lats, lons) + 0.000003 * np.cos(lons * _BAIDU_WAVE)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006
