"""The circles of all stations as one shape per band, as the coverage page draws them."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from threading import Lock
from typing import Any, Final

import numpy as np
import orjson
import shapely

from geodata.station.outline import Outline

Point = tuple[float, float]
OutlineOf = Callable[[Point], Outline]

MOST_CIRCLES: Final = 120
"""Stations whose circles are drawn as one; the outlines of so many take a few seconds, once."""

_KEPT: Final = 24
# A tenth of a metre.
_DIGITS: Final = 6


class CircleUnions:
    """Keeps what was drawn, by the network and by where the stations stand."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._drawing = Lock()
        self._known: OrderedDict[Any, bytes] = OrderedDict()

    def drawn(self, state: Hashable, points: Sequence[Point], minutes: Sequence[float], outline_of: OutlineOf) -> bytes:
        """What at least one station reaches: a GeoJSON feature per band, the largest first.

        Parameters
        ----------
        state
            All that outlines depend on beside the place: the network's version, the way of walking.
        points
            lon, lat of the stations, EPSG:4326.
        minutes
            Of the bands, above 0, ascending.
        outline_of
            Draws what one place reaches.

        Notes
        -----
        No features where no station reaches a street, or where there are more stations than a page can draw circles
        of: ``too_many`` says so.
        """
        key = (state, tuple(points), tuple(minutes))
        # One at a time: several at once would take the processor from what is asked meanwhile.
        with self._drawing:
            found = self._read(key) or orjson.dumps(_collection(points, minutes, outline_of))
        with self._lock:
            self._known[key] = found
            self._known.move_to_end(key)
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return found

    def _read(self, key: Hashable) -> bytes | None:
        with self._lock:
            return self._known.get(key)


def _collection(points: Sequence[Point], minutes: Sequence[float], outline_of: OutlineOf) -> dict[str, Any]:
    if len(points) > MOST_CIRCLES:
        return {"type": "FeatureCollection", "too_many": len(points), "features": []}
    outlines = [outline_of(point) for point in points]
    features = [_feature(band, [one.shapes[place] for one in outlines]) for place, band in enumerate(minutes)]
    return {"type": "FeatureCollection", "too_many": None, "features": [one for one in reversed(features) if one]}


def _feature(minutes: float, shapes: Sequence[Any]) -> dict[str, Any] | None:
    union = shapely.union_all(np.array(shapes, dtype=object), grid_size=10**-_DIGITS)
    if union.is_empty:
        return None
    return {"type": "Feature", "geometry": _rounded(union), "properties": {"minutes": minutes}}


def _rounded(shape: Any) -> dict[str, Any]:
    rounded = shapely.transform(shape, lambda points: np.round(points, _DIGITS))
    found: dict[str, Any] = orjson.loads(shapely.to_geojson(rounded))
    return found
