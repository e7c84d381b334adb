"""Door: a point → the grid that covers it → the people on duty and the nearest stations."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geodata.moment import Moment
from geodata.people.duties import duty_record
from geodata.records import GridVersion
from geodata.station.nearest import station_record

STATIONS_IN_ANSWER = 3


def lookup_point(
    moment: Moment, lon: float, lat: float, *, layer: str | None = None, unmasked: bool = False
) -> dict[str, Any]:
    """Who covers a point: the answer to a look-up, ready to be written as JSON.

    Parameters
    ----------
    moment
        What is in force at the instant that is asked about.
    lon, lat
        The point, EPSG:4326 degrees; a place on Earth (see `geodata.crs.checked_point`).
    layer
        Code of the only layer to ask; all of them, the default first, where None.
    unmasked
        Whether the asker may see names and phones that are not public.

    Returns
    -------
    dict
        ``status`` is ``found`` when any asked layer covers the point, else ``outside`` with the ``nearest`` grid of
        each asked layer.

    Raises
    ------
    NotKnownError
        There is no such layer.

    Notes
    -----
    A point on a shared border belongs to the grid with the lowest code, always; ``on_boundary`` says that the border
    is within 1 mm.
    """
    asked = moment.layers if layer is None else (moment.layer(layer),)
    owners = [_owner(moment, one.code, lon, lat) for one in asked]
    stations = _stations(moment, lon, lat) if any(owners) else []
    grids = [_grid_answer(moment, *owner, lon, lat, stations, unmasked) for owner in owners if owner]
    nearest = [] if grids else _nearest(moment, [one.code for one in asked], lon, lat)
    return {
        "status": "found" if grids else "outside",
        "version": moment.version,
        "warnings": _warnings(moment, grids, [one.code for one in asked], lon, lat),
        "point": {"lon": lon, "lat": lat, "crs": "EPSG:4326"},
        "grids": grids,
        "nearest": nearest,
    }


def _owner(moment: Moment, layer: str, lon: float, lat: float) -> tuple[GridVersion, bool] | None:
    """The grid that a point belongs to and whether the border is within 1 mm; None where no grid covers it."""
    tiling = moment.tilings[layer]
    position, on_boundary = tiling.index.owner(lon, lat, moment.active(layer))
    return (tiling.versions[position], on_boundary) if position >= 0 else None


def _stations(moment: Moment, lon: float, lat: float) -> list[dict[str, object]]:
    nearest = moment.station_finder.nearest(lon, lat, STATIONS_IN_ANSWER)
    return [station_record(station, metres) for station, metres in nearest]


def _grid_answer(
    moment: Moment,
    grid: GridVersion,
    on_boundary: bool,
    lon: float,
    lat: float,
    stations: list[dict[str, object]],
    unmasked: bool,
) -> dict[str, Any]:
    return {
        **moment.remembered((grid.version_id, unmasked), lambda: _standing_answer(moment, grid, unmasked)),
        "on_boundary": on_boundary,
        "nearest_other": _neighbour(moment, grid.layer, lon, lat, grid.position),
        "stations": stations,
    }


def _standing_answer(moment: Moment, grid: GridVersion, unmasked: bool) -> dict[str, Any]:
    """What the answer says of a grid wherever in it the point lies."""
    release = moment.release(grid.layer)
    return {
        "layer": grid.layer,
        "code": grid.code,
        "name": grid.name,
        "kind": grid.kind,
        "release": release.number if release else grid.release,
        "households": grid.households,
        "persons": grid.persons,
        "areas": [
            {"level": area.level, "code": area.code, "name": area.name} for area in moment.area_chain(grid.community_id)
        ],
        "workers": [duty_record(person, unmasked=unmasked) for person in moment.people(grid)],
    }


def _neighbour(moment: Moment, layer: str, lon: float, lat: float, exclude: int) -> dict[str, Any] | None:
    tiling = moment.tilings[layer]
    position, metres = tiling.index.nearest(lon, lat, moment.active(layer), exclude)
    if position < 0:
        return None
    other = tiling.versions[position]
    return {"metres": round(metres, 3 if metres < 1 else 1), "code": other.code, "name": other.name}


def _nearest(moment: Moment, layers: Sequence[str], lon: float, lat: float) -> list[dict[str, Any]]:
    found = [(layer, _neighbour(moment, layer, lon, lat, -1)) for layer in layers]
    return [{"layer": layer, **grid} for layer, grid in found if grid is not None]


def _warnings(
    moment: Moment, grids: Sequence[dict[str, Any]], layers: Sequence[str], lon: float, lat: float
) -> list[dict[str, str]]:
    warnings = []
    if not grids and _covers_swapped(moment, layers, lon, lat):
        warnings.append(
            {
                "code": "looks-swapped",
                "message": "longitude and latitude look swapped: the other way round the point lies in a grid",
                "message_zh": "经纬度似乎颠倒：对调后该点位于网格内",
            }
        )
    if not grids and not any(moment.active(layer).any() for layer in layers):
        warnings.append(
            {
                "code": "no-grids",
                "message": "no grids are in force at this time",
                "message_zh": "此时没有已生效的网格",
            }
        )
    warnings += [
        {
            "code": "nobody-on-duty",
            "message": f"nobody is on duty in grid {grid['code']}; the people shown answer for the area around it",
            "message_zh": f"网格“{grid['name']}”当前无人在岗，显示的是其上级区划的人员",
        }
        for grid in grids
        if grid["layer"] in moment.staffed_layers and not any(person["via"] == "grid" for person in grid["workers"])
    ]
    return warnings


def _covers_swapped(moment: Moment, layers: Sequence[str], lon: float, lat: float) -> bool:
    if not -90 <= lon <= 90:
        return False
    return any(moment.tilings[layer].index.owner(lat, lon, moment.active(layer))[0] >= 0 for layer in layers)


@dataclass(frozen=True, slots=True)
class Assigned:
    """Which grid each of many points belongs to, aligned with the points.

    Parameters
    ----------
    position
        int32; into ``versions``; -1 where no grid covers the point or a coordinate is not a number.
    on_boundary
        Whether the owner's border is within 1 mm.
    versions
        The layer's grid versions.
    """

    position: NDArray[np.int32]
    on_boundary: NDArray[np.bool_]
    versions: Sequence[GridVersion]


def assign_points(moment: Moment, layer: str, lons: NDArray[np.float64], lats: NDArray[np.float64]) -> Assigned:
    """Find the grid of each of many points in one layer, by the index that single look-ups use.

    Parameters
    ----------
    lons, lats
        EPSG:4326 degrees, equal lengths; NaN is nobody's.

    Raises
    ------
    NotKnownError
        There is no such layer.
    """
    tiling = moment.tilings[moment.layer(layer).code]
    position, on_boundary = tiling.index.owners(lons, lats, moment.active(layer))
    return Assigned(position, on_boundary, tiling.versions)
