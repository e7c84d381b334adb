"""What duties are for at one instant: every target by kind and identity, and which of them lie in an area."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely

from geodata.lookup import assign_points
from geodata.moment import Moment
from geodata.records import FOREVER_FROM, FOREVER_TO, Area, Building, Compound, GridVersion, Place, Station

Record = Area | GridVersion | Compound | Building | Place | Station

KINDS = ("area", "grid", "compound", "building", "unit", "place", "station")

_Key = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Target:
    """What a duty is for, as people call it; ``code`` of a unit is ``BUILDING#LABEL``, its name the building's."""

    kind: str
    layer: str | None
    code: str
    name: str


class Targets:
    """The targets in force at one instant; what is asked for is looked up, no more.

    Parameters
    ----------
    moment
        Of that instant.
    """

    def __init__(self, moment: Moment) -> None:
        self.moment = moment

    def record(self, kind: str, identity: int) -> Record | None:
        """The record of a target, for a unit its building; None where it is not in force."""
        if kind == "grid":
            return self._grids.get(identity)
        if kind == "area":
            return self.moment.area_by_id(identity)
        if kind in ("building", "unit"):
            return self.moment.building_by_id(identity)
        if kind == "compound":
            return self.moment.compound_by_id(identity)
        if kind == "place":
            return self.moment.place_by_id(identity)
        return self._stations.get(identity)

    def target(self, kind: str, identity: int, unit: str = "") -> Target | None:
        """What a target is called; None where it is not in force."""
        record = self.record(kind, identity)
        if record is None:
            return None
        layer = record.layer if isinstance(record, GridVersion) else None
        return Target(kind, layer, f"{record.code}#{unit}" if unit else record.code, record.name)

    def inside(self, asked: Iterable[_Key], area: str) -> set[_Key]:
        """Those of some targets, by kind and identity, that lie in an area of this code.

        Raises
        ------
        NotKnownError
            There is no such area at this instant.

        Notes
        -----
        An area lies in itself and in those above it, a grid in the areas of its community. Everything else lies where
        its point does: in the outline of the area, or where that has none in one of its grids of the default layer. A
        compound's point is one inside its outline, else that of a building of it.
        """
        area_ids = self.moment.within(area)
        found: set[_Key] = set()
        pointed: dict[_Key, tuple[float, float]] = {}
        for kind, identity in asked:
            record = self.record(kind, identity)
            if isinstance(record, GridVersion):
                if record.community_id in area_ids:
                    found.add((kind, identity))
            elif isinstance(record, Area):
                if record.area_id in area_ids:
                    found.add((kind, identity))
            elif record is not None and (point := self.point(record)) is not None:
                pointed[kind, identity] = point
        return found | self._points_inside(pointed, area, area_ids)

    def point(self, record: Record) -> tuple[float, float] | None:
        """Where a target stands, longitude and latitude in degrees, EPSG:4326; None for areas, grids, what has none."""
        if isinstance(record, Area | GridVersion):
            return None
        if isinstance(record, Station):
            return self.moment.place_of(record)
        if not isinstance(record, Compound):
            return record.lon, record.lat
        outline = self.moment.compound_geometry(record)
        if outline is not None:
            inner = outline.representative_point()
            return inner.x, inner.y
        return self._compound_points.get(record.compound_id)

    def grids_at(self, layer: str, points: Mapping[_Key, tuple[float, float]]) -> dict[_Key, GridVersion]:
        """The grid of a layer in which each point lies; those that lie in none are left out."""
        if not points:
            return {}
        lons, lats = np.array(list(points.values()), dtype=np.float64).T
        assigned = assign_points(self.moment, layer, np.ascontiguousarray(lons), np.ascontiguousarray(lats))
        return {
            key: assigned.versions[place]
            for key, place in zip(points, assigned.position.tolist(), strict=True)
            if place >= 0
        }

    def points_inside(self, points: Mapping[_Key, tuple[float, float]], area: str) -> set[_Key]:
        """Those of some points, longitude and latitude in degrees, that lie in an area of this code.

        Raises
        ------
        NotKnownError
            There is no such area at this instant.
        """
        return self._points_inside(points, area, self.moment.within(area))

    def _points_inside(
        self, points: Mapping[_Key, tuple[float, float]], area: str, area_ids: frozenset[int]
    ) -> set[_Key]:
        outline = self.moment.area_geometry(area)
        if outline is not None and points:
            lons, lats = np.array(list(points.values()), dtype=np.float64).T
            inside = shapely.intersects_xy(outline, lons, lats)
            return {key for key, kept in zip(points, inside.tolist(), strict=True) if kept}
        owners = self.grids_at(self.moment.default_layer.code, points)
        return {key for key, grid in owners.items() if grid.community_id in area_ids}

    @cached_property
    def _grids(self) -> dict[int, GridVersion]:
        return {grid.grid_id: grid for layer in self.moment.layers for grid in self.moment.grids(layer.code)}

    @cached_property
    def _stations(self) -> dict[int, Station]:
        return {station.station_id: station for station in self.moment.stations}

    @cached_property
    def _compound_points(self) -> dict[int, tuple[float, float]]:
        return {
            building.compound_id: (building.lon, building.lat)
            for building in self.moment.buildings
            if building.compound_id is not None
        }


class Lives:
    """When each target exists between two instants.

    Parameters
    ----------
    first, last
        What is in force at the begin, and just before the end.

    Notes
    -----
    Whatever is in force at both is taken to have been so all the time between.
    """

    def __init__(self, first: Targets, last: Targets) -> None:
        self._first = first
        self._last = last

    def span(self, kind: str, identity: int) -> tuple[int, int] | None:
        """From when to when a target exists, as far as these two instants tell; None where it exists at neither."""
        early, late = self._first.record(kind, identity), self._last.record(kind, identity)
        if early is None and late is None:
            return None
        return (
            FOREVER_FROM if early is not None else (late.valid_from if late is not None else FOREVER_FROM),
            FOREVER_TO if late is not None else (early.valid_to if early is not None else FOREVER_TO),
        )

    def target(self, kind: str, identity: int, unit: str = "") -> Target | None:
        """What a target is called at the begin, else at the end."""
        return self._first.target(kind, identity, unit) or self._last.target(kind, identity, unit)

    def inside(self, asked: Iterable[_Key], area: str) -> set[_Key]:
        """Those of some targets that lie in an area at either instant."""
        keys = list(asked)
        return self._first.inside(keys, area) | self._last.inside(keys, area)
