"""The circles of all stations as one shape per band, as the coverage page draws them."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Any, Final

import numpy as np
import orjson
import shapely

from geodata.crs import metres_per_degree
from geodata.station.network.profiles import Profile
from geodata.station.network.snap import Connectors, connect
from geodata.station.network.walking import Walking
from geodata.station.outline import Outline, outline

Point = tuple[float, float]

_KEPT: Final = 24
_WIDEST_METRES: Final = 30_000.0
# A tenth of a metre.
_DIGITS: Final = 6


class CircleUnions:
    """Keeps what was drawn, by the network and by where the stations stand."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: OrderedDict[Any, bytes] = OrderedDict()

    def drawn(self, walking: Walking, profile: Profile, points: Sequence[Point], minutes: Sequence[float]) -> bytes:
        """What at least one station reaches: a GeoJSON feature per band, the largest first.

        Parameters
        ----------
        points
            lon, lat of the stations, EPSG:4326.
        minutes
            Of the bands, above 0.

        Notes
        -----
        No features where no station reaches a street, or where they lie farther apart than a page can show circles:
        ``too_wide`` says so.
        """
        key = (walking.version, profile.code, tuple(points), tuple(minutes))
        with self._lock:
            found = self._known.get(key)
            if found is None:
                found = self._known[key] = orjson.dumps(_collection(walking, profile, points, minutes))
                while len(self._known) > _KEPT:
                    self._known.popitem(last=False)
            self._known.move_to_end(key)
        return found


def _collection(
    walking: Walking, profile: Profile, points: Sequence[Point], minutes: Sequence[float]
) -> Mapping[str, Any]:
    wide = _width(points) > _WIDEST_METRES
    features = [] if wide or not points else _features(_union(walking, profile, points, minutes))
    return {"type": "FeatureCollection", "too_wide": wide, "features": features}


def _union(walking: Walking, profile: Profile, points: Sequence[Point], minutes: Sequence[float]) -> Outline:
    """The outline of one place that has the connectors of all: the time to it is that to the nearest of them."""
    places = np.array(points, dtype=np.float64)
    reached = connect(walking.network, np.ascontiguousarray(places[:, 0]), np.ascontiguousarray(places[:, 1]))
    ends = np.array([0, len(reached.edge)], dtype=reached.first.dtype)
    nearest = reached.metres.min(keepdims=True)
    whole = Connectors(first=ends, edge=reached.edge, at_mm=reached.at_mm, walk_mm=reached.walk_mm, metres=nearest)
    return outline(walking.network, profile, whole, minutes)


def _features(drawn: Outline) -> list[dict[str, Any]]:
    bands = zip(drawn.minutes, drawn.shapes, drawn.square_metres, strict=True)
    return [
        {
            "type": "Feature",
            "geometry": _rounded(shape),
            "properties": {"minutes": minutes, "area_m2": round(square_metres)},
        }
        for minutes, shape, square_metres in reversed(list(bands))
        if not shape.is_empty
    ]


def _rounded(shape: Any) -> dict[str, Any]:
    rounded = shapely.transform(shape, lambda points: np.round(points, _DIGITS))
    found: dict[str, Any] = orjson.loads(shapely.to_geojson(rounded))
    return found


def _width(points: Sequence[Point]) -> float:
    """The longer side of the box around points, metres."""
    if not points:
        return 0.0
    lons, lats = zip(*points, strict=True)
    per_lon, per_lat = metres_per_degree((min(lats) + max(lats)) / 2)
    return float(max((max(lons) - min(lons)) * per_lon, (max(lats) - min(lats)) * per_lat))
