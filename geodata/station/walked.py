"""The stations that are nearest on foot, along the streets: worked out for all places at once, then told of each."""

from threading import Lock
from typing import Final, NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

import numba
import numpy as np
import shapely

from geodata.station.nearest import StationFinder, Way, nearest_places
from geodata.station.network.arrays import UNREACHED, Line, Network, Numbers, Places, Reals
from geodata.station.network.build import build_network
from geodata.station.network.ground import Ground, ground_of
from geodata.station.network.labels import NOBODY, labels, none_yet, put_in
from geodata.station.network.legs import direct_ms, end_legs, walk_ms
from geodata.station.network.near import connect_point, new_hits, room_around
from geodata.station.network.profiles import ADULT, Profile
from geodata.station.network.snap import SNAP_METRES, Connectors, connect
from geodata.station.network.walking import Walking
from geodata.station.starts import Starts
from geodata.times import LOCAL_ZONE, instant

MOST: Final = 3
"""How many stations are told of a place."""

_MS_PER_MINUTE: Final = 60_000
_MM_PER_METRE: Final = 1000
_ON_NETWORK: Final = -1.0
_GATES_KEPT: Final = 20_000
_KEPT_BYTES: Final = 64 << 20
_KEPT_AT_LEAST: Final = 2


class Near(NamedTuple):
    """The stations of an answer.

    Parameters
    ----------
    ways
        To each of them, the nearest first.
    street_metres
        How far the nearest street is from a place that is off the network, inf where there is none; None for a place
        that is on it.
    """

    ways: list[Way]
    street_metres: float | None


class StationWalks:
    """From everywhere on one network, the walks to the nearest of one set of stations. Immutable.

    Parameters
    ----------
    network, profile
        What is walked, and how fast.
    lons, lats
        Of the stations, EPSG:4326 degrees; in the order that decides between equal times.

    Notes
    -----
    A walk's time is the least over all connectors of both ends, as of `place_times`: to a connector, along the streets,
    from a connector; where both are on one edge, also along it. To work that out for all nodes takes up to 0.2 s for a
    city; one place then takes microseconds.
    """

    def __init__(self, network: Network, profile: Profile, lons: Reals, lats: Reals) -> None:
        self.network = network
        self.profile = profile
        self._ground = ground_of(network)
        self._edge_ms = profile.edge_ms(network)
        self._stations = connect(network, lons, lats)
        self._off = np.flatnonzero(~self._stations.on_network())
        self._off_lons, self._off_lats = lons[self._off], lats[self._off]
        self._on_edges = _by_edge(self._stations, profile)
        self._edges = _Edges(self._ground.tail, self._ground.head, self._ground.mm, self._edge_ms)
        self._at_nodes = labels(network, self._edge_ms, _ends(self._edges, self._on_edges), MOST)
        self._read = (self._ground, self._edge_ms, self._at_nodes, self._on_edges, float(profile.kmh))
        self._from_gates: dict[Starts, Near] = {}
        self._facts: dict[ZoneInfo, dict[str, str]] = {}
        # Compiled code is brought to memory here, where nobody waits.
        _walk_from(*self._read, 0.0, 0.0)
        _walk_from_any(*self._read, np.zeros(1), np.zeros(1))

    def facts(self, zone: ZoneInfo = LOCAL_ZONE) -> dict[str, str]:
        """What an answer says of the network: its version, when its streets were read (local time), and who walks."""
        facts = self._facts.get(zone)
        if facts is None:
            read = instant(self.network.compiled_at).astimezone(zone).isoformat(timespec="seconds")
            facts = {"network": self.network.version, "compiled_at": read, "profile": self.profile.code}
            self._facts[zone] = facts
        return facts

    @property
    def nbytes(self) -> int:
        """Bytes that it holds beside the network."""
        return self._at_nodes.nbytes + self._on_edges.nbytes + self._edge_ms.nbytes

    def quickest(self, lon: float, lat: float, gates: Starts | None = None) -> Near:
        """The stations that are reached first, three at most.

        Parameters
        ----------
        lon, lat
            Where the walk begins, EPSG:4326 degrees.
        gates
            That it begins at instead; what they give is remembered.
        """
        if gates is None:
            return _told(*_walk_from(*self._read, lon, lat))
        near = self._from_gates.get(gates)
        if near is None:
            near = _told(*_walk_from_any(*self._read, *gates))
            if len(self._from_gates) >= _GATES_KEPT:
                self._from_gates.clear()
            self._from_gates[gates] = near
        return near

    def to_each(self, lon: float, lat: float, gates: Starts | None = None) -> Numbers:
        """Time and length of the quickest walk to every station; int32 (stations, 2), `UNREACHED` and 0 for none.

        Parameters
        ----------
        lon, lat, gates
            As for `quickest`.

        Notes
        -----
        Takes some hundredths of a second for a city.
        """
        lons, lats = gates or (np.array([lon]), np.array([lat]))
        start = connect(self.network, lons, lats, place=np.zeros(len(lons), np.int64), places=1)
        on_edges = _by_edge(start, self.profile)
        at_nodes = labels(self.network, self._edge_ms, _ends(self._edges, on_edges), 1)
        stations = self._stations
        places = np.stack([stations.edge, stations.at_mm, stations.walk_mm])
        return _to_each(self._edges, stations.first, places, self.profile.kmh, at_nodes, on_edges)

    def every(self, finder: StationFinder, lon: float, lat: float, gates: Starts | None = None) -> list[Way]:
        """The ways to all stations, those that are reached first before all that are not; as `near`."""
        times = self.to_each(lon, lat, gates).tolist()
        reached = sorted((ms, place, mm) for place, (ms, mm) in enumerate(times) if ms != UNREACHED)
        ways = [Way(place, ms / _MS_PER_MINUTE, mm / _MM_PER_METRE, "network") for ms, place, mm in reached]
        others = (one for one in finder.nearest(lon, lat, len(times)) if times[one[0]][0] == UNREACHED)
        return ways + [Way(place, None, metres, "off_network") for place, metres in others]

    def near(self, finder: StationFinder, lon: float, lat: float, gates: Starts | None = None) -> Near:
        """The stations of an answer about a place: the three that are reached first.

        Parameters
        ----------
        finder
            The same stations.
        lon, lat, gates
            As for `quickest`.

        Notes
        -----
        Where fewer are reached on foot, those that are nearest in a straight line fill up the three. Stations that are
        off the network themselves come last too, up to three, where in a straight line they are nearer than the last
        of the three: who knows the way may be there sooner.
        """
        near = self.quickest(lon, lat, gates)
        if len(near.ways) < MOST:
            others = self._others(finder, lon, lat, {way.place for way in near.ways})
        elif len(self._off):
            others = self._off_and_nearer(lon, lat, near.ways[-1].metres)
        else:
            return near
        return Near(near.ways + others, near.street_metres)

    @staticmethod
    def _others(finder: StationFinder, lon: float, lat: float, reached: set[int]) -> list[Way]:
        found = [one for one in finder.nearest(lon, lat, MOST + len(reached)) if one[0] not in reached]
        return [Way(place, None, metres, "off_network") for place, metres in found[: MOST - len(reached)]]

    def _off_and_nearer(self, lon: float, lat: float, last_metres: float) -> list[Way]:
        found = nearest_places(self._off_lons, self._off_lats, lon, lat, MOST)
        return [Way(int(self._off[at]), None, metres, "off_network") for at, metres in found if metres < last_metres]


class WalksKept:
    """Keeps the walks to the stations of a few moments, those that were asked for last."""

    def __init__(self) -> None:
        self._kept: dict[_Key, StationWalks] = {}
        self._latest: tuple[Network | None, StationFinder | None, StationWalks | None] = None, None, None
        self._keeping = Lock()
        self._working = Lock()

    def known(self, walking: Walking, finder: StationFinder) -> StationWalks | None:
        """The walks to the stations of a moment, where they were worked out before; at once."""
        network, stations, walks = self._latest
        if network is not walking.network or stations is not finder:
            walks = self._found(_key(walking, finder))
            if walks is not None:
                self._latest = walking.network, finder, walks
        return walks

    def of(self, walking: Walking, finder: StationFinder) -> StationWalks:
        """The walks to the stations of a moment, worked out now where that was not done.

        Notes
        -----
        May take some tenths of a second. Moments with the same places of stations share them.
        """
        key = _key(walking, finder)
        with self._working:
            walks = self._found(key)
            if walks is None:
                walks = StationWalks(walking.network, default_profile(walking), finder.lons, finder.lats)
                self._keep(key, walks)
        return walks

    def _found(self, key: "_Key") -> StationWalks | None:
        with self._keeping:
            walks = self._kept.pop(key, None)
            if walks is not None:
                self._kept[key] = walks
            return walks

    def _keep(self, key: "_Key", walks: StationWalks) -> None:
        """Keep one more; forget those of networks before, and those that were not asked for the longest."""
        with self._keeping:
            self._kept = {one: kept for one, kept in self._kept.items() if kept.network is walks.network}
            self._kept[key] = walks
            total = sum(one.nbytes for one in self._kept.values())
            for old in list(self._kept)[:-_KEPT_AT_LEAST]:
                if total > _KEPT_BYTES:
                    total -= self._kept.pop(old).nbytes


_Key: TypeAlias = tuple[int, Profile, bytes]


def _key(walking: Walking, finder: StationFinder) -> _Key:
    # What is kept holds its network, so that no other can come to lie in the same place.
    return id(walking.network), default_profile(walking), finder.standing


def default_profile(walking: Walking) -> Profile:
    """Who walks where nobody is named."""
    return next(iter(walking.profiles.values()), ADULT)


def warm_walks() -> None:
    """Compile what walks are worked out by; called at set-up."""
    network = build_network([Line(shapely.LineString([(0.0, 0.0), (0.001, 0.0)]))])
    where = np.array([0.0005]), np.array([0.0005])
    StationWalks(network, ADULT, *where).to_each(0.0005, 0.0005)


# Columns of the connectors of stations: as in `Connectors`, with the time of the straight way, and whose it is.
_EDGE, _AT_MM, _WAY_MS, _WAY_MM, _STATION = range(5)


def _by_edge(stations: Connectors, profile: Profile) -> Numbers:
    """Connectors of stations in the order of their edges, int32 (connectors, 5)."""
    station = np.repeat(np.arange(len(stations), dtype=np.int32), np.diff(stations.first))
    way_ms = profile.straight_ms(stations.walk_mm)
    columns = np.column_stack([stations.edge, stations.at_mm, way_ms, stations.walk_mm, station]).astype(np.int32)
    return np.ascontiguousarray(columns[np.argsort(stations.edge, kind="stable")])


class _Edges(NamedTuple):
    """The ends of each edge, its length, and how long it takes; int32 (edges,)."""

    tail: Numbers
    head: Numbers
    mm: Numbers
    ms: Numbers


@numba.njit(cache=True, nogil=True)
def _ends(edges: _Edges, stations: Numbers) -> Places:
    """The walks from stations to the ends of the edges that they reach, as `labels` begins with them."""
    begins = np.empty((4, 2 * stations.shape[0]), np.int64)
    for at in range(stations.shape[0]):
        edge, at_mm, way_mm = stations[at, _EDGE], stations[at, _AT_MM], stations[at, _WAY_MM]
        mm = edges.mm[edge]
        legs = end_legs(edges.ms[edge], mm, at_mm, stations[at, _WAY_MS])
        for end in range(2):
            begins[0, 2 * at + end] = edges.tail[edge] if end == 0 else edges.head[edge]
            begins[1, 2 * at + end] = stations[at, _STATION]
            begins[2, 2 * at + end] = legs[end]
            begins[3, 2 * at + end] = way_mm + (at_mm if end == 0 else mm - at_mm)
    return begins


def _told(found: Numbers, away: float) -> Near:
    """The walks of a row as of `labels`, and how far the nearest street is, as `_walk` says it."""
    row = found.tolist()
    ways = [
        Way(row[2 * MOST + at], row[at] / _MS_PER_MINUTE, row[MOST + at] / _MM_PER_METRE, "network")
        for at in range(MOST)
        if row[2 * MOST + at] != NOBODY
    ]
    return Near(ways, None if away == _ON_NETWORK else away)


@numba.njit(cache=True, nogil=True)
def _walk_from(
    ground: Ground, edge_ms: Numbers, at_nodes: Numbers, stations: Numbers, kmh: float, lon: float, lat: float
) -> tuple[Numbers, float]:
    """The quickest walks from a point.

    Returns
    -------
    found, metres
        A row as of `labels`; -1 where a street is reached, else metres to the nearest.
    """
    found = none_yet(1, MOST)[0]
    return found, _walk(ground, edge_ms, at_nodes, stations, kmh, lon, lat, found)


@numba.njit(cache=True, nogil=True)
def _walk_from_any(
    ground: Ground, edge_ms: Numbers, at_nodes: Numbers, stations: Numbers, kmh: float, lons: Reals, lats: Reals
) -> tuple[Numbers, float]:
    """The quickest walks from whichever point is the best to begin at; as `_walk_from`."""
    found, away = none_yet(1, MOST)[0], np.inf
    for start in range(lons.shape[0]):
        away = min(away, _walk(ground, edge_ms, at_nodes, stations, kmh, lons[start], lats[start], found))
    return found, away


@numba.njit(cache=True, nogil=True)
def _walk(
    ground: Ground,
    edge_ms: Numbers,
    at_nodes: Numbers,
    stations: Numbers,
    kmh: float,
    lon: float,
    lat: float,
    found: Numbers,
) -> float:
    """Put in the quickest walks from a point; says how far the nearest street is, or -1 where one is reached."""
    edges = _Edges(ground.tail, ground.head, ground.mm, edge_ms)
    room = room_around(ground, lon, lat, SNAP_METRES)
    ways = np.empty((3, room), np.int32)
    count, away = connect_point(ground, lon, lat, SNAP_METRES, new_hits(room), ways[0], ways[1], ways[2], 0)
    for at in range(count):
        way_ms = walk_ms(ways[2, at], kmh)
        _by_ends(edges, at_nodes, ways[0, at], ways[1, at], way_ms, ways[2, at], found)
        _along(edges, stations, ways[0, at], ways[1, at], way_ms, ways[2, at], found)
    return _ON_NETWORK if count else away


@numba.njit(cache=True, nogil=True)
def _to_each(edges: _Edges, first: Places, places: Numbers, kmh: float, at_nodes: Numbers, start: Numbers) -> Numbers:
    """Time and length of the quickest walk to each place of some connectors, as `StationWalks.to_each`."""
    found = none_yet(first.shape[0] - 1, 1)
    for place in range(first.shape[0] - 1):
        for row in range(first[place], first[place + 1]):
            edge, at_mm, way_mm = places[0, row], places[1, row], places[2, row]
            way_ms = walk_ms(way_mm, kmh)
            _by_ends(edges, at_nodes, edge, at_mm, way_ms, way_mm, found[place])
            _along(edges, start, edge, at_mm, way_ms, way_mm, found[place])
    return found[:, :2]


@numba.njit(cache=True, nogil=True)
def _by_ends(edges: _Edges, at_nodes: Numbers, edge: int, at_mm: int, way_ms: int, way_mm: int, found: Numbers) -> None:
    """Put in the walks by either end of an edge."""
    mm, count = edges.mm[edge], found.shape[0] // 3
    legs = end_legs(edges.ms[edge], mm, at_mm, way_ms)
    for end in range(2):
        node = edges.tail[edge] if end == 0 else edges.head[edge]
        there = way_mm + (at_mm if end == 0 else mm - at_mm)
        for slot in range(count):
            ms = legs[end] + at_nodes[node, slot]
            if ms > found[count - 1]:
                break
            put_in(found, ms, there + at_nodes[node, count + slot], at_nodes[node, 2 * count + slot])


@numba.njit(cache=True, nogil=True)
def _along(edges: _Edges, stations: Numbers, edge: int, at_mm: int, way_ms: int, way_mm: int, found: Numbers) -> None:
    """Put in the walks to stations on the same edge that do not leave it."""
    whole_ms, mm = edges.ms[edge], edges.mm[edge]
    if whole_ms == UNREACHED:
        return
    place, end = 0, stations.shape[0]
    while place < end:
        middle = (place + end) // 2
        if stations[middle, _EDGE] < edge:
            place = middle + 1
        else:
            end = middle
    while place < stations.shape[0] and stations[place, _EDGE] == edge:
        ms = way_ms + direct_ms(whole_ms, mm, at_mm, stations[place, _AT_MM]) + stations[place, _WAY_MS]
        length = way_mm + abs(at_mm - stations[place, _AT_MM]) + stations[place, _WAY_MM]
        put_in(found, ms, length, stations[place, _STATION])
        place += 1
