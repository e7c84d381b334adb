"""Everything that is in force at one instant: areas, grids, people and stations together."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, Protocol, TypeVar, cast

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.errors import NotKnownError
from geodata.grid.index import GridIndex
from geodata.people.duties import Register, Roster, people_of_grid
from geodata.records import Area, Duty, GridVersion, Holder, Layer, OnDuty, Release, Role, Station
from geodata.station.nearest import StationFinder

# Some kilobytes each: what is asked about often is soon there again.
_REMEMBERED = 20_000


class Tiling:
    """All versions of all grids of one layer, in code order, with the index over them.

    Parameters
    ----------
    versions
        In code order; ``position`` counts from 0.
    index
        Over the versions' geometries, in the same order.
    """

    def __init__(self, versions: Sequence[GridVersion], index: GridIndex) -> None:
        self.versions = versions
        self.index = index
        self.valid_from = np.array([version.valid_from for version in versions], dtype=np.int64)
        self.valid_to = np.array([version.valid_to for version in versions], dtype=np.int64)

    def active(self, as_of: int) -> NDArray[np.bool_]:
        """Which positions are in force at an instant."""
        return (self.valid_from <= as_of) & (as_of < self.valid_to)


class _Timed(Protocol):
    @property
    def valid_from(self) -> int: ...

    @property
    def valid_to(self) -> int: ...


_T = TypeVar("_T", bound=_Timed)
_Made = TypeVar("_Made")


def _in_force(rows: Iterable[_T], as_of: int) -> list[_T]:
    return [row for row in rows if row.valid_from <= as_of < row.valid_to]


class Moment:
    """What was, is or will be in force at one instant. Immutable; parts are worked out when first asked for.

    Parameters
    ----------
    as_of
        The instant, microseconds since 1970-01-01 UTC, or any other between the same two changes.
    layers
        The default first.
    tilings
        By layer code.
    releases
        By layer code, in order of their number.
    areas, stations
        Rows of all times.
    register
        Roles, holders and duties of all times.
    area_shape
        Gives the geometry of an area version, or None where it has none.
    """

    def __init__(
        self,
        as_of: int,
        *,
        version: int,
        layers: Sequence[Layer],
        tilings: Mapping[str, Tiling],
        releases: Mapping[str, Sequence[Release]],
        areas: Sequence[Area],
        register: Register,
        stations: Sequence[Station],
        area_shape: Callable[[Area], shapely.Geometry | None],
    ) -> None:
        self.as_of = as_of
        self.version = version
        self.layers = tuple(layers)
        self.tilings = tilings
        self._releases = releases
        self._register = register
        self._roster = Roster(register, as_of)
        self._stations = stations
        self._area_shape = area_shape
        self.areas: dict[str, Area] = {area.code: area for area in _in_force(areas, as_of)}
        self._areas_by_id = {area.area_id: area for area in self.areas.values()}
        self._active = {code: tiling.active(as_of) for code, tiling in tilings.items()}
        self._release_in_force = {layer.code: self._release(layer.code) for layer in self.layers}
        self._remembered: dict[Any, Any] = {}
        self._grids: dict[str, dict[str, GridVersion]] = {}

    def layer(self, code: str) -> Layer:
        """One layer.

        Raises
        ------
        NotKnownError
            There is none of that code.
        """
        for layer in self.layers:
            if layer.code == code:
                return layer
        known = ", ".join(layer.code for layer in self.layers)
        raise NotKnownError(
            f"there is no layer {code!r}; known: {known}", f"没有网格类型“{code}”；现有：{known}", known=known
        )

    @property
    def default_layer(self) -> Layer:
        """The layer that is meant where none is named."""
        return self.layers[0]

    def active(self, layer: str) -> NDArray[np.bool_]:
        """Which positions of a layer's tiling are in force."""
        return self._active[layer]

    def release(self, layer: str) -> Release | None:
        """The release in force, or None before the first."""
        return self._release_in_force[layer]

    def _release(self, layer: str) -> Release | None:
        found = [
            release
            for release in self._releases.get(layer, ())
            if release.withdrawn_at is None and release.effective_at <= self.as_of
        ]
        return max(found, key=lambda release: (release.effective_at, release.number)) if found else None

    def _grids_of(self, layer: str) -> dict[str, GridVersion]:
        if layer not in self._grids:
            tiling = self.tilings[self.layer(layer).code]
            found = [tiling.versions[place] for place in np.flatnonzero(self._active[layer]).tolist()]
            self._grids[layer] = {grid.code: grid for grid in found}
        return self._grids[layer]

    def grids(self, layer: str) -> Sequence[GridVersion]:
        """The grids of a layer, in code order."""
        return tuple(self._grids_of(layer).values())

    def grid(self, layer: str, code: str) -> GridVersion:
        """One grid.

        Raises
        ------
        NotKnownError
            There is no such layer, or no grid of that code at this instant.
        """
        try:
            return self._grids_of(layer)[code]
        except KeyError:
            raise NotKnownError(
                f"layer {layer!r} has no grid {code!r} at this time", f"此时网格类型“{layer}”没有网格“{code}”"
            ) from None

    def geometry(self, grid: GridVersion) -> shapely.Geometry:
        """The grid's polygon, EPSG:4326, with the very doubles that are stored."""
        return self.tilings[grid.layer].index.geometry(grid.position)

    def area(self, code: str) -> Area:
        """One area.

        Raises
        ------
        NotKnownError
            There is none of that code at this instant.
        """
        try:
            return self.areas[code]
        except KeyError:
            raise NotKnownError(f"there is no area {code!r} at this time", f"此时没有区划“{code}”") from None

    def area_by_id(self, area_id: int | None) -> Area | None:
        """The area of an identity, or None where it is not in force."""
        return self._areas_by_id.get(area_id) if area_id is not None else None

    def area_chain(self, area_id: int | None) -> tuple[Area, ...]:
        """An area and those above it, the lowest first; empty for None."""
        chain: list[Area] = []
        area = self.area_by_id(area_id)
        while area is not None and area not in chain:
            chain.append(area)
            area = self.area_by_id(area.parent_id)
        return tuple(chain)

    @cached_property
    def _children(self) -> dict[int | None, list[Area]]:
        children: dict[int | None, list[Area]] = {}
        for area in self.areas.values():
            parent = area.parent_id if area.parent_id in self._areas_by_id else None
            children.setdefault(parent, []).append(area)
        return children

    def children(self, code: str | None) -> Sequence[Area]:
        """The areas just below one, or the topmost ones for None, in code order."""
        parent = None if code is None else self.area(code).area_id
        return tuple(self._children.get(parent, ()))

    def within(self, code: str) -> frozenset[int]:
        """Identities of an area and of all areas below it."""
        waiting = [self.area(code).area_id]
        found: set[int] = set()
        while waiting:
            area_id = waiting.pop()
            if area_id not in found:
                found.add(area_id)
                waiting += [child.area_id for child in self._children.get(area_id, ())]
        return frozenset(found)

    def area_geometry(self, code: str) -> shapely.Geometry | None:
        """The area's polygon, EPSG:4326, or None where it has none."""
        return self._area_shape(self.area(code))

    @cached_property
    def staffed_layers(self) -> frozenset[str]:
        """The default layer, and those in which at least one grid has somebody of its own."""
        return frozenset(
            layer.code
            for layer in self.layers
            if layer is self.default_layer
            or any(self._roster.has_duty(("grid", grid.grid_id)) for grid in self.grids(layer.code))
        )

    @property
    def roles(self) -> dict[str, Role]:
        """Roles by code."""
        return {role.code: role for role in _in_force(self._register.roles, self.as_of)}

    @cached_property
    def workers(self) -> Sequence[Holder]:
        """Workers and organisations."""
        return tuple(_in_force(self._register.holders, self.as_of))

    @cached_property
    def duties(self) -> Sequence[Duty]:
        """Duties, by their identity."""
        return tuple(_in_force(self._register.duties, self.as_of))

    def people(self, grid: GridVersion) -> tuple[OnDuty, ...]:
        """Those who answer for a grid, its own first, then those of the areas above."""
        return people_of_grid(self._roster, grid.grid_id, self.area_chain(grid.community_id))

    def remembered(self, make: Callable[..., _Made], grid: GridVersion, *how: bool) -> _Made:
        """What ``make(self, grid, *how)`` gave before, or gives now; kept with this moment, never to be changed."""
        key = (make, grid.version_id, how)
        found = self._remembered.get(key)
        if found is None:
            if len(self._remembered) >= _REMEMBERED:
                self._remembered.clear()
            found = self._remembered[key] = make(self, grid, *how)
        return cast("_Made", found)

    @cached_property
    def station_finder(self) -> StationFinder:
        """The stations, ready to be asked for the nearest."""
        return StationFinder(_in_force(self._stations, self.as_of))

    @property
    def stations(self) -> Sequence[Station]:
        """Stations, in code order."""
        return self.station_finder.stations

    def station(self, code: str) -> Station:
        """One station.

        Raises
        ------
        NotKnownError
            There is none of that code at this instant.
        """
        for station in self.stations:
            if station.code == code:
                return station
        raise NotKnownError(f"there is no station {code!r} at this time", f"此时没有服务站点“{code}”")
