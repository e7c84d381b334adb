"""The stations nearest to a point in a straight line, and how an answer tells each of those that are near."""

import math
from collections.abc import Callable, Sequence
from functools import cache, cached_property
from typing import Literal, NamedTuple, TypeAlias

import numba
import numpy as np
import orjson
from numpy.typing import NDArray

from geodata.crs import metres_per_degree
from geodata.records import Station

WALKING_METRES_PER_MINUTE = 5000 / 60
_NO_WALK = b'"walk_minutes":0.0,"metres":0,"measured":"straight_line"'

Measured: TypeAlias = Literal["network", "straight_line", "off_network"]


class Way(NamedTuple):
    """How far it is to a station.

    Parameters
    ----------
    place
        Of the station among those of a `StationFinder`.
    minutes
        On foot; None where no walk is known.
    metres
        Along the walk, or in a straight line.
    measured
        ``network`` for the quickest walk along the streets; ``straight_line`` where no streets are known, with the
        minutes that this would take at 5 km/h; ``off_network`` where no walk along the streets joins the two.
    """

    place: int
    minutes: float | None
    metres: float
    measured: Measured


def straight_way(place: int, metres: float) -> Way:
    """The way to a station as long as no streets are known."""
    return Way(place, metres / WALKING_METRES_PER_MINUTE, metres, "straight_line")


@numba.njit(cache=True, nogil=True)
def _nearest(
    lons: NDArray[np.float64],
    lats: NDArray[np.float64],
    lon: float,
    lat: float,
    found: NDArray[np.float64],
) -> int:
    """Fill rows of position and metres by insertion, the nearest first; returns how many were filled."""
    per_lon, per_lat = metres_per_degree(lat)
    filled = 0
    for place in range(lons.shape[0]):
        east, north = (lons[place] - lon) * per_lon, (lats[place] - lat) * per_lat
        away = east * east + north * north
        if filled == found.shape[0] and away >= found[filled - 1, 1]:
            continue
        slot = filled if filled < found.shape[0] else filled - 1
        while slot > 0 and found[slot - 1, 1] > away:
            found[slot, 0], found[slot, 1] = found[slot - 1, 0], found[slot - 1, 1]
            slot -= 1
        found[slot, 0], found[slot, 1] = place, away
        filled = min(filled + 1, found.shape[0])
    for slot in range(filled):
        found[slot, 1] = math.sqrt(found[slot, 1])
    return filled


def nearest_places(
    lons: NDArray[np.float64], lats: NDArray[np.float64], lon: float, lat: float, count: int
) -> list[tuple[int, float]]:
    """Positions of the nearest of some places with their distance in metres, the nearest first; EPSG:4326 degrees.

    Notes
    -----
    Distances are taken in the local plane at the point: within 0.1 % up to 50 km, coarser beyond.
    """
    found = np.empty((count, 2))
    filled = _nearest(lons, lats, lon, lat, found)
    return [(int(place), metres) for place, metres in found.tolist()[:filled]]


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
        """Places of the nearest stations among `stations`, as `nearest_places`."""
        return nearest_places(self._lons, self._lats, lon, lat, count)

    @cached_property
    def standing(self) -> bytes:
        """Where all stations are: the same for finders whose stations are in the same places, in the same order."""
        return self._lons.tobytes() + self._lats.tobytes()

    @property
    def lons(self) -> NDArray[np.float64]:
        """Longitudes of the stations, EPSG:4326 degrees."""
        return self._lons

    @property
    def lats(self) -> NDArray[np.float64]:
        """Latitudes of the stations, EPSG:4326 degrees."""
        return self._lats

    def record(self, way: Way) -> dict[str, object]:
        """The station at the end of a way as an answer has it."""
        station = self.stations[way.place]
        return station_record(station, way, self._is_open(station.hours))

    def written(self, way: Way) -> bytes:
        """`record` as JSON; what does not depend on the way is written once."""
        around = self._around.get(way.place)
        if around is None:
            begin, _, end = orjson.dumps(self.record(straight_way(way.place, 0.0))).partition(_NO_WALK)
            around = self._around[way.place] = (begin, end)
        minutes = b"null" if way.minutes is None else b"%.1f" % way.minutes
        told = (around[0], minutes, round(way.metres), way.measured.encode(), around[1])
        return b'%b"walk_minutes":%b,"metres":%d,"measured":"%b"%b' % told


def station_record(station: Station, way: Way, open_now: bool | None = None) -> dict[str, object]:
    """One station of an answer, and how far it is."""
    return {
        "code": station.code,
        "name": station.name,
        "category": station.category,
        "lon": station.lon,
        "lat": station.lat,
        "walk_minutes": None if way.minutes is None else round(way.minutes, 1),
        "metres": round(way.metres),
        "measured": way.measured,
        "hours": station.hours,
        "open_now": open_now,
    }
