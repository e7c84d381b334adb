"""The stations nearest to a point, in a straight line until the walking network exists."""

import math
from collections.abc import Callable, Sequence
from functools import cache

import numba
import numpy as np
import orjson
from numpy.typing import NDArray

from geodata.crs import metres_per_degree
from geodata.records import Station

WALKING_METRES_PER_MINUTE = 5000 / 60
_NO_WALK = b'"walk_minutes":0.0,"metres":0'


@numba.njit(cache=True, nogil=True)
def _nearest(
    lons: NDArray[np.float64],
    lats: NDArray[np.float64],
    lon: float,
    lat: float,
    places: NDArray[np.int64],
    metres: NDArray[np.float64],
) -> int:
    """Fill the nearest positions and distances by insertion, the nearest first; returns how many were filled."""
    per_lon, per_lat = metres_per_degree(lat)
    filled = 0
    for place in range(lons.shape[0]):
        east, north = (lons[place] - lon) * per_lon, (lats[place] - lat) * per_lat
        away = east * east + north * north
        if filled == places.shape[0] and away >= metres[filled - 1]:
            continue
        slot = filled if filled < places.shape[0] else filled - 1
        while slot > 0 and metres[slot - 1] > away:
            metres[slot] = metres[slot - 1]
            places[slot] = places[slot - 1]
            slot -= 1
        metres[slot] = away
        places[slot] = place
        filled = min(filled + 1, places.shape[0])
    for slot in range(filled):
        metres[slot] = math.sqrt(metres[slot])
    return filled


class StationFinder:
    """Stations in force at one instant, ready to be asked for the nearest.

    Parameters
    ----------
    stations
        In code order, which decides between equal distances.
    is_open
        Says whether hours are open at the instant; None where that is not known.
    """

    def __init__(self, stations: Sequence[Station], is_open: Callable[[str], bool | None] = lambda _: None) -> None:
        self.stations = tuple(stations)
        self._is_open = cache(is_open)
        self._around: dict[int, tuple[bytes, bytes]] = {}
        self._lons = np.array([station.lon for station in stations], dtype=np.float64)
        self._lats = np.array([station.lat for station in stations], dtype=np.float64)

    def nearest(self, lon: float, lat: float, count: int) -> list[tuple[int, float]]:
        """Places of the nearest stations among `stations` with their distance in metres, the nearest first.

        Notes
        -----
        Distances are taken in the local plane at the point: within 0.1 % up to 50 km, coarser beyond.
        """
        places = np.empty(count, dtype=np.int64)
        metres = np.empty(count, dtype=np.float64)
        filled = _nearest(self._lons, self._lats, lon, lat, places, metres)
        return list(zip(places[:filled].tolist(), metres[:filled].tolist(), strict=True))

    def record(self, place: int, metres: float) -> dict[str, object]:
        """The station at a place as an answer has it, so far away."""
        station = self.stations[place]
        return station_record(station, metres, self._is_open(station.hours))

    def written(self, place: int, metres: float) -> bytes:
        """`record` as JSON; what does not depend on the distance is written once."""
        around = self._around.get(place)
        if around is None:
            begin, _, end = orjson.dumps(self.record(place, 0.0)).partition(_NO_WALK)
            around = self._around[place] = (begin, end)
        return b'%b"walk_minutes":%.1f,"metres":%d%b' % (around[0], *_walk(metres), around[1])


def station_record(station: Station, metres: float, open_now: bool | None = None) -> dict[str, object]:
    """One station of an answer, with its straight-line distance and the walk that this would be at 5 km/h."""
    minutes, whole_metres = _walk(metres)
    return {
        "code": station.code,
        "name": station.name,
        "category": station.category,
        "lon": station.lon,
        "lat": station.lat,
        "walk_minutes": minutes,
        "metres": whole_metres,
        "measured": "straight_line",
        "hours": station.hours,
        "open_now": open_now,
    }


def _walk(metres: float) -> tuple[float, int]:
    return round(metres / WALKING_METRES_PER_MINUTE, 1), round(metres)
