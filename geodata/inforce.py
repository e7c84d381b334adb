"""What is in force between two changes of the data: areas, grids, registers, places and stations."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.errors import NotKnownError
from geodata.lasting import lasting
from geodata.published.rows import Published, Tiling, Versions
from geodata.records import (
    Area,
    BoardText,
    Building,
    CalendarDay,
    Compound,
    Duty,
    GridVersion,
    Holder,
    Layer,
    Leave,
    Matter,
    Norm,
    Place,
    Release,
    Role,
    Station,
    Stop,
)
from geodata.station.starts import Starts


class _Timed(Protocol):
    @property
    def valid_from(self) -> int: ...

    @property
    def valid_to(self) -> int: ...


_T = TypeVar("_T", bound=_Timed)
_Found = TypeVar("_Found")
_Placed = TypeVar("_Placed", Compound, Building)


def _known(found: _Found | None, code: str, what: str, what_zh: str) -> _Found:
    """What was found, which is said to be missing where it is None."""
    if found is None:
        raise NotKnownError(f"there is no {what} {code!r} at this time", f"此时没有{what_zh}“{code}”")
    return found


def _in_force(rows: Iterable[_T], as_of: int) -> list[_T]:
    return [row for row in rows if row.valid_from <= as_of < row.valid_to]


class InForce:
    """What is in force at one instant whatever the hours are. Immutable; parts are worked out when first asked for.

    Parameters
    ----------
    as_of
        The instant, microseconds since 1970-01-01 UTC, or any other between the same two changes of the data.
    published
        Rows of all times.
    """

    def __init__(self, as_of: int, published: Published) -> None:
        self.as_of = as_of
        self.version = published.version
        self.zone = published.zone
        self.layers = published.layers
        self.tilings: Mapping[str, Tiling] = published.tilings
        self.worked_out: dict[str, Any] = {}
        self._published = published
        self.areas: dict[str, Area] = {area.code: area for area in _in_force(published.areas, as_of)}
        self._areas_by_id = {area.area_id: area for area in self.areas.values()}
        self._active = {code: tiling.active(as_of) for code, tiling in self.tilings.items()}
        self._release_in_force = {layer.code: self._release(layer.code) for layer in self.layers}
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
            for release in self._published.releases.get(layer, ())
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

    def geometries(self, grids: Sequence[GridVersion]) -> NDArray[np.object_]:
        """The polygons of several grids of one layer, as `geometry` gives them, much sooner."""
        index = self.tilings[grids[0].layer].index if grids else None
        return np.empty(0, dtype=object) if index is None else index.geometries([one.position for one in grids])

    def area(self, code: str) -> Area:
        """One area.

        Raises
        ------
        NotKnownError
            There is none of that code at this instant.
        """
        return _known(self.areas.get(code), code, "area", "区划")

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

    @lasting
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
        return self._published.area_shape(self.area(code))

    @property
    def roles(self) -> dict[str, Role]:
        """Roles by code."""
        return {role.code: role for role in _in_force(self._published.register.roles, self.as_of)}

    @lasting
    def workers(self) -> Sequence[Holder]:
        """Workers, then organisations, by their codes."""
        present = _in_force(self._published.register.holders, self.as_of)
        return tuple(sorted(present, key=lambda holder: (holder.kind != "worker", holder.code)))

    @lasting
    def duties(self) -> Sequence[Duty]:
        """Duties, by their identity."""
        return tuple(_in_force(self._published.register.duties, self.as_of))

    @lasting
    def leaves(self) -> Sequence[Leave]:
        """Who is away, by the identity of the leave."""
        return tuple(_in_force(self._published.register.leaves, self.as_of))

    @property
    def calendar(self) -> Sequence[CalendarDay]:
        """Days of all times on which weekly hours mean something else, the earliest first."""
        return self._published.calendar

    @lasting
    def matters(self) -> Sequence[Matter]:
        """Kinds of work, in code order."""
        return tuple(_in_force(self._published.matters, self.as_of))

    def matter(self, code: str) -> Matter:
        """One kind of work.

        Raises
        ------
        NotKnownError
            There is none of that code at this instant.
        """
        found = next((matter for matter in self.matters if matter.code == code), None)
        return _known(found, code, "matter", "事项")

    @lasting
    def norms(self) -> Sequence[Norm]:
        """Staffing norms, in code order."""
        return tuple(_in_force(self._published.norms, self.as_of))

    @lasting
    def texts(self) -> Sequence[BoardText]:
        """Texts of boards and cards, in code order."""
        return tuple(_in_force(self._published.texts, self.as_of))

    @lasting
    def stops(self) -> Sequence[Stop]:
        """Stops of mobile stations, in code order."""
        return tuple(_in_force(self._published.stops, self.as_of))

    @lasting
    def compounds(self) -> Sequence[Compound]:
        """Compounds, in code order."""
        return tuple(self._published.compounds.in_force(self.as_of))

    def compound(self, code: str) -> Compound:
        """One compound.

        Raises
        ------
        NotKnownError
            There is none of that code at this instant.
        """
        return _known(self._published.compounds.of_code(code, self.as_of), code, "compound", "小区")

    def compound_by_id(self, compound_id: int | None) -> Compound | None:
        """The compound of an identity, or None where it is not in force."""
        return None if compound_id is None else self._published.compounds.of_identity(compound_id, self.as_of)

    def compound_geometry(self, compound: Compound) -> shapely.Geometry | None:
        """The compound's polygon, EPSG:4326, or None where it has none."""
        return self._published.compounds.outline(compound)

    def gates_of(self, compound_id: int | None) -> Starts | None:
        """The gates of a compound; None where none is in force."""
        if compound_id is None:
            return None
        if compound_id not in self._gates_met:
            lons, lats = self._published.gates.of(compound_id, self.as_of)
            self._gates_met[compound_id] = Starts(lons, lats) if lons.size else None
        return self._gates_met[compound_id]

    @lasting
    def _gates_met(self) -> dict[int, Starts | None]:
        return {}

    @lasting
    def buildings(self) -> Sequence[Building]:
        """Buildings, in code order; a city has 100,000."""
        return tuple(self._published.buildings.in_force(self.as_of))

    def building(self, code: str) -> Building:
        """One building.

        Raises
        ------
        NotKnownError
            There is none of that code at this instant.
        """
        return _known(self._published.buildings.of_code(code, self.as_of), code, "building", "楼栋")

    def building_by_id(self, building_id: int | None) -> Building | None:
        """The building of an identity, or None where it is not in force."""
        return None if building_id is None else self._published.buildings.of_identity(building_id, self.as_of)

    def building_geometry(self, building: Building) -> shapely.Geometry | None:
        """The building's outline, EPSG:4326, or None where it has none."""
        return self._published.buildings.outline(building)

    @lasting
    def places(self) -> Sequence[Place]:
        """Named places, in code order."""
        return tuple(self._published.places.in_force(self.as_of))

    def place(self, code: str) -> Place:
        """One named place.

        Raises
        ------
        NotKnownError
            There is none of that code at this instant.
        """
        return _known(self._published.places.of_code(code, self.as_of), code, "place", "地点")

    def place_by_id(self, place_id: int | None) -> Place | None:
        """The place of an identity, or None where it is not in force."""
        return None if place_id is None else self._published.places.of_identity(place_id, self.as_of)

    def compound_at(self, lon: float, lat: float) -> Compound | None:
        """The compound whose outline covers a point; the lowest code where several do."""
        return self._covering(self._published.compounds, self._compounds_active, lon, lat)

    def building_at(self, lon: float, lat: float) -> Building | None:
        """The building whose outline covers a point; the lowest code where several do."""
        return self._covering(self._published.buildings, self._buildings_active, lon, lat)

    @lasting
    def _compounds_active(self) -> NDArray[np.bool_] | None:
        outlines = self._published.compounds.outlines
        return None if outlines is None else outlines.active(self.as_of)

    @lasting
    def _buildings_active(self) -> NDArray[np.bool_] | None:
        outlines = self._published.buildings.outlines
        return None if outlines is None else outlines.active(self.as_of)

    def _covering(
        self, versions: Versions[_Placed], active: NDArray[np.bool_] | None, lon: float, lat: float
    ) -> _Placed | None:
        if versions.outlines is None or active is None:
            return None
        position, _ = versions.outlines.index.owner(lon, lat, active)
        return versions[int(versions.outlines.places[position])] if position >= 0 else None

    @lasting
    def stations(self) -> Sequence[Station]:
        """Stations, in code order; mobile ones at their base, or without a place."""
        return tuple(_in_force(self._published.stations, self.as_of))

    @lasting
    def stops_of(self) -> Mapping[int, Sequence[Stop]]:
        """Stops by the identity of their station; a station that has any is mobile."""
        found: dict[int, list[Stop]] = {}
        for stop in self.stops:
            found.setdefault(stop.station_id, []).append(stop)
        return found

    def place_of(self, station: Station) -> tuple[float, float] | None:
        """Where a station is drawn and counted, in degrees: its own place, else its first stop's, or None."""
        if station.lon is not None and station.lat is not None:
            return station.lon, station.lat
        stops = self.stops_of.get(station.station_id)
        return (stops[0].lon, stops[0].lat) if stops else None

    def station(self, code: str) -> Station:
        """One station.

        Raises
        ------
        NotKnownError
            There is none of that code at this instant.
        """
        found = next((station for station in self.stations if station.code == code), None)
        return _known(found, code, "station", "服务站点")
