"""What drafts of one base are judged by: who lives where, what lies on the ground, who has duties, how large grids are.

Made once for a base and a version of the data, and used for every step of every draft of it.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Final, TypeVar

import shapely
from psycopg import Connection

from geodata.drafts.balance import DEFAULT_BANDS, Band
from geodata.drafts.living import Living
from geodata.drafts.moves import StationPoint, Stations
from geodata.drafts.staff import Staff
from geodata.drafts.state import DraftState
from geodata.drafts.surroundings import Surroundings
from geodata.drafts.walks import NetworkTimes, Pair, StraightTimes, Times
from geodata.moment import Moment
from geodata.station.homes import read_homes
from geodata.station.network.walking import Walking

_REMEMBERED: Final = 60_000
_STATES: Final = 8

_Made = TypeVar("_Made")


@dataclass(frozen=True, slots=True)
class Scene:
    """What drafts of one base are judged by; safe to be used by several threads at once.

    Parameters
    ----------
    living
        Who lives in the grids of the base.
    surroundings
        Streets and barriers.
    staff
        Who has duties.
    bands
        How many households grids are to have, by kind.
    once_known
        Identities of the grids that ever had a code, by code.
    stations
        Where service stations stand.
    """

    living: Living
    surroundings: Surroundings = field(default_factory=Surroundings)
    staff: Staff = field(default_factory=Staff)
    bands: Mapping[str, Band] = field(default_factory=lambda: DEFAULT_BANDS)
    once_known: Mapping[str, frozenset[int]] = field(default_factory=dict)
    stations: Stations = field(default_factory=Stations)
    _remembered: dict[Any, tuple[shapely.Geometry, Any]] = field(default_factory=dict, repr=False)
    _of_states: OrderedDict[int, tuple[DraftState, Any]] = field(default_factory=OrderedDict, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    @property
    def base(self) -> DraftState:
        """The state without operations that all of this is about."""
        return self.living.base

    def of_state(self, state: DraftState, make: Callable[[], _Made]) -> _Made:
        """What was made for a state before, or is now; only for one thing that is made of states."""
        with self._lock:
            found = self._of_states.get(id(state))
        if found is None:
            found = (state, make())
        with self._lock:
            # The state is held, so that no other one gets its identity.
            self._of_states[id(state)] = found
            self._of_states.move_to_end(id(state))
            while len(self._of_states) > _STATES:
                self._of_states.popitem(last=False)
        made: _Made = found[1]
        return made

    def remembered(self, name: Hashable, shape: shapely.Geometry, make: Callable[[], _Made]) -> _Made:
        """What was found about a shape before, or is now; most grids stay as they are from step to step."""
        found = self._remembered.get((name, id(shape)))
        if found is None:
            if len(self._remembered) >= _REMEMBERED:
                self._remembered.clear()
            # The shape is held, so that no other one gets its identity.
            found = self._remembered[name, id(shape)] = (shape, make())
        made: _Made = found[1]
        return made


def scene_of(
    connection: Connection[Any],
    base: DraftState,
    moment: Moment,
    walking: Walking | None = None,
    bands: Mapping[str, Band] = DEFAULT_BANDS,
) -> Scene:
    """What drafts of a base are judged by, as the data is now.

    Parameters
    ----------
    connection
        To what is not held in memory: streets, barriers, and homes where there is no network.
    base
        A state without operations.
    moment
        Stations, buildings, gates and roster.
    walking
        The walking network; without one, or without streets, walks are straight lines.

    Notes
    -----
    People, streets and barriers are current, whatever the moment.
    """
    homes = read_homes(connection, moment.as_of) if walking is None else walking.homes
    standing = _standing(moment)
    stations = [one.lon for one in standing], [one.lat for one in standing]
    buildings = ([one.lon for one in moment.buildings], [one.lat for one in moment.buildings])
    living = Living.of(base, homes, buildings=buildings, stations=stations, times=_times(stations, walking))
    known: dict[str, set[int]] = {}
    for version in moment.tilings[base.layer].versions:
        known.setdefault(version.code, set()).add(version.grid_id)
    return Scene(
        living,
        Surroundings.read(connection, _gates(moment)),
        Staff.of(base, moment),
        bands,
        {code: frozenset(ids) for code, ids in known.items()},
        Stations(standing),
    )


def _standing(moment: Moment) -> list[StationPoint]:
    return [
        StationPoint(station.code, station.name, *place)
        for station in moment.stations
        if (place := moment.place_of(station)) is not None
    ]


def _times(stations: Pair, walking: Walking | None) -> Times | None:
    if not len(stations[0]):
        return None
    if walking is None or not walking.network.edge_count:
        return StraightTimes(stations)
    return NetworkTimes(walking, stations)


def _gates(moment: Moment) -> list[shapely.Geometry]:
    found = (moment.gates_of(compound.compound_id) for compound in moment.compounds)
    return [point for gates in found if gates is not None for point in shapely.points(gates.lons, gates.lats).tolist()]
