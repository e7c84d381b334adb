"""What walks from a station or a place depend on beside the network, remembered as long as it stays as it is."""

import hashlib
import math
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, Final, TypeVar, cast

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.errors import OffNetworkError
from geodata.moment import Moment
from geodata.reachable import Spot
from geodata.start import Start
from geodata.station.circle_store import CircleStore
from geodata.station.estates import Estates, estates_of
from geodata.station.network.arrays import Network
from geodata.station.network.places import PlaceIndex, place_index
from geodata.station.network.profiles import Profile
from geodata.station.network.snap import SNAP_METRES, Connectors, connect
from geodata.station.network.walking import Walking
from geodata.station.outline import Outline, Outlines

_NETWORKS: Final = 6
_OUTLINES: Final = 2000
_MOST_BYTES: Final = 64_000_000
_BYTES_OF_VERTEX: Final = 16
_BYTES_OF_OUTLINE: Final = 1000

Floats = NDArray[np.float64]
_Made = TypeVar("_Made")


@dataclass(frozen=True, slots=True)
class Gated:
    """Compounds with an outline and gates, by a key of their content."""

    key: str
    outlines: tuple[Any, ...]
    gates: tuple[tuple[Floats, Floats], ...]


class CircleMemory:
    """Memory of one process, safe to be used by several threads at once.

    Parameters
    ----------
    home
        Folder that circles are kept in; None for memory alone.
    """

    def __init__(self, home: Path | None = None) -> None:
        self._store = CircleStore(home)
        self._lock = Lock()
        self._ready: OrderedDict[Hashable, Any] = OrderedDict()
        self._drawn: OrderedDict[Hashable, Outline] = OrderedDict()
        self._drawn_bytes = 0

    def outline(
        self, walking: Walking, present: Moment, profile: Profile, point: tuple[float, float], minutes: Sequence[float]
    ) -> Outline:
        """The outline of what is reached from a point, EPSG:4326.

        Parameters
        ----------
        present
            The compounds that people leave through gates, as they are now.

        Notes
        -----
        Drawn, or read from a file that another process or an earlier one wrote.
        """
        gated = gated_compounds(present)
        key = (walking.network.version, profile, gated.key, point, tuple(minutes))
        with self._lock:
            found = self._drawn.get(key)
        if found is None:
            outlines = self.outlines(walking, present, profile)
            found = self._store.outline(outlines, connected(walking, point), minutes)
        self._keep_drawn(key, found)
        return found

    def _keep_drawn(self, key: Hashable, drawn: Outline) -> None:
        """Remember an outline; those asked for longest ago go where there are too many or they take too much."""
        with self._lock:
            if key not in self._drawn:
                self._drawn[key] = drawn
                self._drawn_bytes += _size(drawn)
            self._drawn.move_to_end(key)
            while len(self._drawn) > _OUTLINES or self._drawn_bytes > _MOST_BYTES:
                self._drawn_bytes -= _size(self._drawn.popitem(last=False)[1])

    def outlines(self, walking: Walking, present: Moment, profile: Profile) -> Outlines:
        """What draws outlines on a network, among the compounds of the present."""
        gated = gated_compounds(present)
        network = walking.network

        def make() -> Outlines:
            plain = Outlines(network, profile)
            return Outlines(network, profile, self._estates(network, plain, gated)) if gated.outlines else plain

        return self._kept(("outlines", network.version, profile, gated.key), make)

    def _estates(self, network: Network, outlines: Outlines, gated: Gated) -> Estates:
        def make() -> Estates:
            return estates_of(network, outlines.lattice, gated.outlines, gated.gates)

        return self._kept(("estates", network.version, gated.key), make)

    def stations(self, walking: Walking, spots: Sequence[Spot]) -> PlaceIndex:
        """Where stations stand, as places that are walked to."""
        lons, lats = np.array([(spot.lon, spot.lat) for spot in spots], dtype=np.float64).reshape(-1, 2).T
        digest = hashlib.blake2b(lons.tobytes() + lats.tobytes(), digest_size=12).hexdigest()
        network = walking.network
        return self._kept(
            ("stations", network.version, digest), lambda: place_index(network, connect(network, lons, lats))
        )

    def _kept(self, key: Hashable, make: Callable[[], _Made]) -> _Made:
        with self._lock:
            found = self._ready.get(key)
        if found is None:
            found = make()
        with self._lock:
            self._ready[key] = found
            self._ready.move_to_end(key)
            while len(self._ready) > 3 * _NETWORKS:
                self._ready.popitem(last=False)
        return cast("_Made", found)


def _size(drawn: Outline) -> int:
    return _BYTES_OF_OUTLINE + _BYTES_OF_VERTEX * int(shapely.get_num_coordinates(drawn.shapes).sum())


def connected(walking: Walking, point: tuple[float, float]) -> Connectors:
    """How one point reaches the network."""
    return connect(walking.network, [point[0]], [point[1]])


def begun(walking: Walking, moment: Moment, start: Start, lon: float, lat: float) -> Connectors:
    """How walks from a place reach the network: through the gates of its compound, where that has any, else from it.

    Raises
    ------
    OffNetworkError
        There is no street near enough.
    """
    gates = moment.gates_of(start.compound_id)
    lons, lats = gates if gates is not None else (np.array([lon]), np.array([lat]))
    found = connect(walking.network, lons, lats, place=np.zeros(len(lons), dtype=np.int32), places=1)
    if not len(found.edge):
        raise off_network(float(found.metres[0]), "the place", "该地点")
    return found


def off_network(metres: float, what: str, what_zh: str) -> OffNetworkError:
    """The error of a place off the network, which says how far the nearest street is."""
    told = round(metres, 1) if math.isfinite(metres) else None
    if told is None:
        near, near_zh = "there is no street at all", "路网中没有任何道路"
    elif metres <= SNAP_METRES:
        near = f"the nearest street is {told:g} m away, but water or another barrier lies between"
        near_zh = f"最近的道路距离 {told:g} 米，但隔着水域或其他障碍"
    else:
        near = f"the nearest street is {told:,.0f} m away, more than {SNAP_METRES:g} m"
        near_zh = f"最近的道路距离 {told:,.0f} 米，超过 {SNAP_METRES:g} 米"
    return OffNetworkError(
        f"{what} is off the walking network: {near}",
        f"{what_zh}不在步行路网上：{near_zh}",
        metres=told,
        limit=SNAP_METRES,
    )


def gated_compounds(moment: Moment) -> Gated:
    """Compounds in force with an outline and gates; worked out once per moment."""
    return moment.remembered(_gated, None, None)


def _gated(moment: Moment, _how: None, _what: None) -> Gated:
    outlines, gates = [], []
    content = hashlib.blake2b(digest_size=12)
    for compound in moment.compounds:
        own = moment.gates_of(compound.compound_id)
        outline = moment.compound_geometry(compound)
        if own is None or outline is None:
            continue
        outlines.append(outline)
        gates.append(own)
        content.update(outline.wkb + own[0].tobytes() + own[1].tobytes())
    return Gated(content.hexdigest(), tuple(outlines), tuple(gates))
