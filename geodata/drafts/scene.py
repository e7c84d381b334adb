"""What drafts of one base are judged by: who lives where, what lies on the ground, who has duties, how large grids are.

Made once for a base and a version of the data, and used for every step of every draft of it.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Final, TypeVar

import numpy as np
import shapely
from psycopg import Connection

from geodata.drafts.balance import DEFAULT_BANDS, Band
from geodata.drafts.bands import DEFAULT, Bands
from geodata.drafts.counted import counted_grids
from geodata.drafts.elsewhere import Elsewhere
from geodata.drafts.living import Living
from geodata.drafts.moves import StationPoint, Stations
from geodata.drafts.staff import Staff
from geodata.drafts.state import DraftState
from geodata.drafts.surroundings import Surroundings
from geodata.drafts.walks import Floats, NetworkTimes, Pair, StraightTimes, Times
from geodata.moment import Moment
from geodata.station.homes import Homes, read_homes
from geodata.station.network.walking import Walking

_REMEMBERED: Final = 60_000
_STATES: Final = 12

_Made = TypeVar("_Made")


class Shapes:
    """What was found about shapes and the ground that they lie on."""

    def __init__(self) -> None:
        self._found: dict[Any, tuple[shapely.Geometry, Any]] = {}

    def remembered(self, name: Hashable, shape: shapely.Geometry, make: Callable[[], _Made]) -> _Made:
        """What was found about a shape before, or is now."""
        found = self._found.get((name, id(shape))) or self._kept(name, shape, make())
        made: _Made = found[1]
        return made

    def all_remembered(
        self,
        name: Hashable,
        shapes: Sequence[shapely.Geometry],
        make: Callable[[Sequence[shapely.Geometry]], Sequence[_Made]],
    ) -> list[_Made]:
        """Likewise of many shapes; what is not known of some is found for all of these at once."""
        found = {id(shape): self._found.get((name, id(shape))) for shape in shapes}
        missing = [shape for shape in shapes if found[id(shape)] is None]
        fresh = zip(missing, make(missing) if missing else (), strict=True)
        known = {at: kept[1] for at, kept in found.items() if kept is not None}
        known |= {id(shape): self._kept(name, shape, made)[1] for shape, made in fresh}
        return [known[id(shape)] for shape in shapes]

    def _kept(self, name: Hashable, shape: shapely.Geometry, made: Any) -> tuple[shapely.Geometry, Any]:
        if len(self._found) >= _REMEMBERED:
            self._found.clear()
        # The shape is held, so that no other one gets its identity.
        found = self._found[name, id(shape)] = (shape, made)
        return found


@dataclass(frozen=True, slots=True)
class People:
    """What says who lives where, and how far a station is: the same again, and nothing need be counted anew.

    Parameters
    ----------
    homes
        Where people live.
    buildings, stations
        Longitude and latitude of each.
    network
        Version of the walking network; empty where walks are straight lines.
    """

    homes: Homes
    buildings: tuple[tuple[float, float], ...]
    stations: tuple[tuple[float, float], ...]
    network: str

    def same_as(self, other: "People | None") -> bool:
        """Whether another one says the same."""
        return other is not None and (
            (self.network, self.stations, self.buildings) == (other.network, other.stations, other.buildings)
            and _same_homes(self.homes, other.homes)
        )


def _same_homes(one: Homes, other: Homes) -> bool:
    if one is other:
        return True
    if one.counts.keys() != other.counts.keys():
        return False
    places = np.array_equal(one.lons, other.lons) and np.array_equal(one.lats, other.lats)
    counts = all(np.array_equal(own, other.counts[name]) for name, own in one.counts.items())
    return places and counts and np.array_equal(one.source, other.source)


@dataclass(frozen=True, slots=True)
class Scene:
    """What drafts of one base are judged by; threads take turns with it, as with the states.

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
    elsewhere
        The other layers; None for none.
    counted
        What was counted of grids as a whole: names by code.
    people
        What `living` was made from; None where it was made by hand.
    shapes
        What was found about shapes; the next scene goes on with it while streets and barriers are the same.

    Notes
    -----
    Shapes of a state are shared and prepared where they are asked: GEOS crashes where two threads ask one at once.
    """

    living: Living
    surroundings: Surroundings = field(default_factory=Surroundings)
    staff: Staff = field(default_factory=Staff)
    bands: Mapping[str, Band] = field(default_factory=lambda: DEFAULT_BANDS)
    once_known: Mapping[str, frozenset[int]] = field(default_factory=dict)
    stations: Stations = field(default_factory=Stations)
    elsewhere: Elsewhere | None = None
    counted: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    people: "People | None" = field(default=None, repr=False)
    shapes: Shapes = field(default_factory=Shapes, repr=False)
    _of_base: dict[str, Any] = field(default_factory=dict, repr=False)
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

    def of_base(self, key: str, make: Callable[[], _Made]) -> _Made:
        """What was found about a grid of the base before, or is now; only for one thing that is found about such."""
        if key not in self._of_base:
            self._of_base[key] = make()
        made: _Made = self._of_base[key]
        return made

    def remembered(self, name: Hashable, shape: shapely.Geometry, make: Callable[[], _Made]) -> _Made:
        """What was found about a shape before, or is now: by itself or by streets and barriers, not by who lives there.

        Most grids stay as they are from step to step.
        """
        return self.shapes.remembered(name, shape, make)


def scene_of(
    connection: Connection[Any],
    base: DraftState,
    moment: Moment,
    walking: Walking | None = None,
    bands: Bands = DEFAULT,
    before: Scene | None = None,
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
    bands
        How many households grids are to have.
    before
        A scene of other data, perhaps of another base: what did not change is taken over from it.

    Notes
    -----
    People, streets and barriers are current, whatever the moment.
    """
    standing = _standing(moment)
    people = People(
        read_homes(connection, moment.as_of) if walking is None else walking.homes,
        tuple((one.lon, one.lat) for one in moment.buildings),
        tuple((one.lon, one.lat) for one in standing),
        "" if walking is None or not walking.network.edge_count else walking.version,
    )
    same_base = before is not None and before.base.grids is base.grids
    same_people = before is not None and same_base and people.same_as(before.people)
    around = Surroundings.read(connection, _gates(moment), None if before is None else before.surroundings)
    same_around = before is not None and same_base and around is before.surroundings
    known: dict[str, set[int]] = {}
    for version in moment.tilings[base.layer].versions:
        known.setdefault(version.code, set()).add(version.grid_id)
    return Scene(
        living=before.living if before is not None and same_people else _living(base, people, walking),
        surroundings=around,
        staff=Staff.of(base, moment),
        bands=bands.of(moment.layer(base.layer)),
        once_known={code: frozenset(ids) for code, ids in known.items()},
        stations=Stations(standing),
        elsewhere=Elsewhere(moment, base.layer),
        counted=counted_grids(connection, base.layer),
        people=people,
        shapes=before.shapes if before is not None and same_around else Shapes(),
    )


def _standing(moment: Moment) -> list[StationPoint]:
    return [
        StationPoint(station.code, station.name, *place)
        for station in moment.stations
        if (place := moment.place_of(station)) is not None
    ]


def _living(base: DraftState, people: People, walking: Walking | None) -> Living:
    buildings, stations = _axes(people.buildings), _axes(people.stations)
    times: Times | None = None
    if people.stations:
        times = StraightTimes(stations) if walking is None or not people.network else NetworkTimes(walking, stations)
    return Living.of(base, people.homes, buildings=buildings, stations=stations, times=times)


def _axes(places: Sequence[tuple[float, float]]) -> Pair:
    return [lon for lon, _ in places], [lat for _, lat in places]


def _gates(moment: Moment) -> Floats:
    found = [gates for one in moment.compounds if (gates := moment.gates_of(one.compound_id)) is not None]
    return np.array([(lon, lat) for gates in found for lon, lat in zip(gates.lons, gates.lats, strict=True)]).reshape(
        -1, 2
    )
