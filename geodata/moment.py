"""Everything at one instant: what is in force, whose hours are open, who answers, where the stations stand."""

import copy
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from typing import Any, TypeVar, cast

import shapely

from geodata.inforce import InForce
from geodata.lasting import lasting
from geodata.people.answers import Link, people_of_grid
from geodata.people.duties import Roster, Target
from geodata.people.hours import is_open, readable
from geodata.published.rows import Published
from geodata.records import Area, GridVersion, OnDuty, Station
from geodata.station.nearest import StationFinder

# Some kilobytes each: what is asked about often is soon there again.
_REMEMBERED = 20_000

_Made = TypeVar("_Made")
_How = TypeVar("_How", bound=Hashable)
_What = TypeVar("_What", bound=Hashable)


class Moment(InForce):
    """What was, is or will be in force at one instant. Immutable; parts are worked out when first asked for.

    Parameters
    ----------
    as_of
        The instant, microseconds since 1970-01-01 UTC, or any other between the same two changes of the data and of
        weekly hours.
    published
        Rows of all times.
    """

    def __init__(self, as_of: int, published: Published) -> None:
        super().__init__(as_of, published)
        self._begin(as_of)

    def _begin(self, as_of: int) -> None:
        self.as_of = as_of
        self.roster = Roster(self._published.register, as_of, self._published.meaning, self.zone)
        self._remembered: dict[Any, dict[Any, Any]] = {}
        self._finder: StationFinder | None = None

    def at(self, as_of: int) -> "Moment":
        """The moment of another instant before the next change of the data: only hours may differ, all else is shared.

        Crossing the hour at which a thousand duties begin is therefore no work that anybody waits for.
        """
        other = copy.copy(self)
        Moment._begin(other, as_of)
        return other

    @lasting
    def staffed_layers(self) -> frozenset[str]:
        """The default layer, and those in which at least one grid has somebody of its own."""
        return frozenset(
            layer.code
            for layer in self.layers
            if layer is self.default_layer
            or any(self.roster.has_duty(Target("grid", grid.grid_id)) for grid in self.grids(layer.code))
        )

    def last_area(self, code: str) -> tuple[Area, shapely.Geometry | None] | None:
        """The last state of an area before this instant with its polygon (EPSG:4326); None where there was none."""
        earlier = [area for area in self._published.areas if area.code == code and area.valid_to <= self.as_of]
        if not earlier:
            return None
        last = max(earlier, key=lambda area: area.valid_to)
        return last, self._published.area_shape(last)

    def people(self, grid: GridVersion, nearer: Sequence[Link] = ()) -> tuple[OnDuty, ...]:
        """Those who answer for a grid, its own first, then those of the areas above.

        Parameters
        ----------
        nearer
            What lies inside the grid and is asked about, the nearest first.
        """
        return people_of_grid(self.roster, grid.grid_id, self.area_chain(grid.community_id), nearer)

    def remembered(self, make: Callable[["Moment", _How, _What], _Made], how: _How, what: _What) -> _Made:
        """What ``make(self, how, what)`` gave before, or gives now; kept with this moment, never to be changed.

        Parameters
        ----------
        how
            The way of asking, of which there are few; ``what`` is asked about in that way.
        """
        kept = self._remembered.get((make, how))
        found = None if kept is None else kept.get(what)
        if found is None:
            found = make(self, how, what)
            if sum(map(len, self._remembered.values())) >= _REMEMBERED:
                self._remembered.clear()
            self._remembered.setdefault((make, how), {})[what] = found
        return cast("_Made", found)

    @property
    def station_finder(self) -> StationFinder:
        """The stations where they stand, ready to be asked for the nearest; mobile ones on their way are left out."""
        if self._finder is None:
            standing = [placed for station in self.stations if (placed := self.standing(station)) is not None]
            self._finder = StationFinder(standing, self.is_open)
        return self._finder

    def standing(self, station: Station) -> Station | None:
        """The station where it stands at this instant; None for a mobile one none of whose stops is open."""
        stops = self.stops_of.get(station.station_id)
        if stops is None:
            return None if station.lon is None else station
        for stop in stops:
            if self.is_open(stop.hours) is not False:
                address = stop.address or station.address
                return replace(station, lon=stop.lon, lat=stop.lat, address=address, hours=stop.hours or station.hours)
        return None

    def is_open(self, hours: str) -> bool | None:
        """Whether hours are open at this instant; None where there are none, or nobody can read them."""
        if not hours or not readable(hours):
            return None
        return is_open(hours, self.as_of, self.roster.calendar, self.zone)
