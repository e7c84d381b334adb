"""Where everything that boards show lies, worked out once for all boards between two changes of the data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import shapely

from geodata.crs import LocalMetres
from geodata.errors import InputError
from geodata.lookup import assign_points
from geodata.moment import Moment
from geodata.records import Area, Building, Compound, GridVersion, Station
from geodata.station.nearest import StationFinder
from geodata.succession import area_or_retired, grid_or_retired
from service.maps.boards.facts import Kind

MOST_GRIDS: Final = 80
"""An area with more grids is for a wall map: nobody reads so many names on a board."""

# A compound lies in a grid, too, that holds this share of it.
_PART_OF_COMPOUND: Final = 0.05


@dataclass(frozen=True, slots=True)
class Ground:
    """Buildings by grid, stations where they always stand, of one layer.

    Parameters
    ----------
    buildings
        By the position of their grid in the tiling.
    finder
        All stations that have a place, mobile ones at their first stop, whatever the time of the day.
    """

    buildings: Mapping[int, Sequence[Building]]
    buildings_of: Mapping[int, Sequence[Building]]
    finder: StationFinder


@dataclass(frozen=True, slots=True)
class Subject:
    """What a board is about.

    Parameters
    ----------
    grids
        Of the layer, in code order; none where none is in force there.
    outline
        EPSG:4326; None where nothing says where it is.
    """

    kind: Kind
    code: str
    name: str
    layer: str
    grids: tuple[GridVersion, ...]
    outline: Any
    area: Area | None = None
    compound: Compound | None = None


def ground_of(moment: Moment, layer: str) -> Ground:
    """The ground of a layer; kept with the data that it is made from."""
    name = f"boards of {layer}"
    if name not in moment.worked_out:
        moment.worked_out[name] = _made(moment, layer)
    found: Ground = moment.worked_out[name]
    return found


def _made(moment: Moment, layer: str) -> Ground:
    buildings = moment.buildings
    lons = np.array([one.lon for one in buildings], dtype=np.float64)
    lats = np.array([one.lat for one in buildings], dtype=np.float64)
    by_grid: dict[int, list[Building]] = {}
    by_compound: dict[int, list[Building]] = {}
    for one, position in zip(buildings, assign_points(moment, layer, lons, lats).position.tolist(), strict=True):
        by_grid.setdefault(position, []).append(one)
        if one.compound_id is not None:
            by_compound.setdefault(one.compound_id, []).append(one)
    standing = [placed for station in moment.stations if (placed := _placed(moment, station)) is not None]
    return Ground(by_grid, by_compound, StationFinder(standing))


def _placed(moment: Moment, station: Station) -> Station | None:
    """The station where a board says that it is: a mobile one at its first stop."""
    stops = moment.stops_of.get(station.station_id)
    if stops is None:
        return None if station.lon is None else station
    first = stops[0]
    address = first.address or station.address
    return replace(station, lon=first.lon, lat=first.lat, address=address, hours=first.hours or station.hours)


def grid_subject(moment: Moment, layer: str, code: str) -> Subject:
    """A grid.

    Raises
    ------
    RetiredError
        It was in force before, and is not now.
    NotKnownError
        There is no such layer, or never was such a grid up to now.
    """
    grid = grid_or_retired(moment, layer, code)
    return Subject("grid", grid.code, grid.name, layer, (grid,), moment.geometry(grid))


def area_subject(moment: Moment, layer: str, code: str) -> Subject:
    """A community, or another area of few grids.

    Raises
    ------
    NotKnownError
        There is no such layer, or no such area at this time.
    InputError
        It has more than `MOST_GRIDS` grids.
    """
    moment.layer(layer)
    area = area_or_retired(moment, code)
    inside = moment.within(code)
    grids = tuple(grid for grid in moment.grids(layer) if grid.community_id in inside)
    if len(grids) > MOST_GRIDS:
        raise InputError(
            f"{area.name} has {len(grids)} grids, more than a notice board can name ({MOST_GRIDS}): print boards of "
            "its communities, or its wall map",
            f"“{area.name}”有 {len(grids)} 个网格，超过一块公示牌的容量（{MOST_GRIDS} 个）："
            "请打印其下各社区的公示牌，或打印挂图",
            grids=len(grids),
            most=MOST_GRIDS,
        )
    outline = moment.area_geometry(code)
    if outline is None and grids:
        outline = shapely.union_all([moment.geometry(grid) for grid in grids])
    return Subject("community", area.code, area.name, layer, grids, outline, area=area)


def compound_subject(moment: Moment, layer: str, code: str) -> Subject:
    """A compound, and the grids that it lies in.

    Raises
    ------
    NotKnownError
        There is no such layer, or no such compound at this time.
    """
    moment.layer(layer)
    compound = moment.compound(code)
    outline = moment.compound_geometry(compound)
    ground = ground_of(moment, layer)
    buildings = ground.buildings_of.get(compound.compound_id, ())
    grids = {grid.position: grid for grid in _around(moment, layer, buildings, outline)}
    if outline is None and grids:
        outline = shapely.union_all([moment.geometry(grid) for grid in grids.values()])
    in_order = tuple(sorted(grids.values(), key=lambda grid: grid.code))
    return Subject("compound", compound.code, compound.name, layer, in_order, outline, compound=compound)


def _around(moment: Moment, layer: str, buildings: Sequence[Building], outline: Any) -> list[GridVersion]:
    lons, lats = [one.lon for one in buildings], [one.lat for one in buildings]
    if outline is not None:
        inside = outline.representative_point()
        lons.append(inside.x)
        lats.append(inside.y)
    assigned = assign_points(moment, layer, np.array(lons, dtype=np.float64), np.array(lats, dtype=np.float64))
    found = [assigned.versions[place] for place in sorted(set(assigned.position.tolist()) - {-1})]
    if outline is None or not found:
        return found
    communities = {grid.community_id for grid in found}
    near = [grid for grid in moment.grids(layer) if grid.community_id in communities and grid not in found]
    shares = shapely.area(shapely.intersection([moment.geometry(grid) for grid in near], outline)) / outline.area
    return [*found, *(grid for grid, share in zip(near, shares, strict=True) if share >= _PART_OF_COMPOUND)]


def square_metres(shape: Any) -> float:
    """Area of a shape in EPSG:4326."""
    west, south, east, north = shapely.bounds(shape)
    return float(shapely.area(LocalMetres((west + east) / 2, (south + north) / 2).forward(shape)))


def middle_of(moment: Moment, subject: Subject) -> tuple[float, float] | None:
    """Where walks to stations begin that nobody gave a place for: its first gate, else the point farthest inside."""
    if subject.compound is not None:
        gates = moment.gates_of(subject.compound.compound_id)
        if gates is not None:
            return float(gates[0][0]), float(gates[1][0])
    if subject.outline is None:
        return None
    inside = shapely.maximum_inscribed_circle(subject.outline).coords[0]
    return float(inside[0]), float(inside[1])
