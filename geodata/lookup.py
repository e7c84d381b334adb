"""Door: a point → the grid that covers it → the people on duty and the nearest stations."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from geodata.grid import index
from geodata.moment import Moment
from geodata.people.answers import Link, duty_record
from geodata.people.concern import matter_record, responsible_first
from geodata.people.shortage import roster_warnings
from geodata.records import GridVersion
from geodata.start import Start, start_at
from geodata.station.nearest import StationFinder, station_record

STATIONS_IN_ANSWER = 3


def warm() -> None:
    """Compile what look-ups run, so that no server does; called at set-up, as the user who will serve."""
    index.warm()
    StationFinder([]).nearest(0.0, 0.0, STATIONS_IN_ANSWER)


def lookup_point(
    moment: Moment,
    lon: float,
    lat: float,
    *,
    layer: str | None = None,
    matter: str | None = None,
    start: Start | None = None,
    as_of: int | None = None,
    unmasked: bool = False,
    rendered: bool = False,
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
    matter
        Code of the kind of work that it is about: those who answer for it come first.
    start
        What is asked about, where that is more than a point: its people come first (see `geodata.start`).
    as_of
        The very instant that is asked about, which a promised time is counted from; the moment's own where None.
    unmasked
        Whether the asker may see names and phones that are not public.
    rendered
        Give ``areas``, ``workers`` and ``stations`` as `orjson.Fragment`, for an answer that is only written: they are
        most of it, and are written once per grid and station instead of once per answer.

    Returns
    -------
    dict
        ``status`` is ``found`` when any asked layer covers the point, else ``outside`` with the ``nearest`` grid of
        each asked layer.

    Raises
    ------
    NotKnownError
        There is no such layer, or no such matter.

    Notes
    -----
    A point on a shared border belongs to the grid with the lowest code, always; ``on_boundary`` says that the border
    is within 1 mm. A point inside the outline of a building or compound is asked about as that building or compound.
    """
    asked = moment.layers if layer is None else (moment.layer(layer),)
    concern = None if matter is None else matter_record(moment.roster, moment.matter(matter), as_of)
    start = start or start_at(moment, lon, lat)
    # Most buildings have nobody of their own: their answers are the grid's, and remembered once for all of them.
    links = tuple(link for link in start.links if moment.roster.has_duty(link[0]))
    owners = [owner for one in asked if (owner := _owner(moment, one.code, lon, lat))]
    grids: list[dict[str, Any]] = []
    warnings: list[dict[str, str]] = []
    stations = _stations(moment, lon, lat, rendered) if owners else None
    for grid, on_boundary in owners:
        standing = moment.remembered(_standing, grid, links, matter, unmasked, rendered)
        other = _neighbour(moment, grid.layer, lon, lat, grid.position)
        grids.append({**standing.facts, "on_boundary": on_boundary, "nearest_other": other, "stations": stations})
        warnings += standing.warnings
    codes = [one.code for one in asked]
    return {
        "status": "found" if grids else "outside",
        "version": moment.version,
        "warnings": warnings if grids else _warnings_outside(moment, codes, lon, lat),
        "point": {"lon": lon, "lat": lat, "crs": "EPSG:4326"},
        **start.facts,
        "matter": concern,
        "grids": grids,
        "nearest": [] if grids else _nearest(moment, codes, lon, lat),
    }


def _owner(moment: Moment, layer: str, lon: float, lat: float) -> tuple[GridVersion, bool] | None:
    """The grid that a point belongs to and whether the border is within 1 mm; None where no grid covers it."""
    tiling = moment.tilings[layer]
    position, on_boundary = tiling.index.owner(lon, lat, moment.active(layer))
    return (tiling.versions[position], on_boundary) if position >= 0 else None


def _stations(moment: Moment, lon: float, lat: float, rendered: bool) -> Any:
    finder = moment.station_finder
    nearest = finder.nearest(lon, lat, STATIONS_IN_ANSWER)
    stations = [station_record(station, metres, finder.open_now(station)) for station, metres in nearest]
    return orjson.Fragment(orjson.dumps(stations)) if rendered else stations


@dataclass(frozen=True, slots=True)
class _Standing:
    """What an answer says of a grid wherever in it the point lies."""

    facts: dict[str, Any]
    warnings: list[dict[str, str]]


def _standing(
    moment: Moment, grid: GridVersion, links: Sequence[Link], matter: str | None, unmasked: bool, rendered: bool
) -> _Standing:
    release = moment.release(grid.layer)
    chain = moment.area_chain(grid.community_id)
    areas = [{"level": area.level, "code": area.code, "name": area.name} for area in chain]
    people = moment.people(grid, links)
    if matter is not None:
        people = responsible_first(people, moment.matter(matter), moment.roster)
    workers = [duty_record(person, unmasked=unmasked, zone=moment.zone) for person in people]
    facts = {
        "layer": grid.layer,
        "code": grid.code,
        "name": grid.name,
        "kind": grid.kind,
        "release": release.number if release else grid.release,
        "households": grid.households,
        "persons": grid.persons,
        "areas": orjson.Fragment(orjson.dumps(areas)) if rendered else areas,
        "workers": orjson.Fragment(orjson.dumps(workers)) if rendered else workers,
    }
    staffed = grid.layer in moment.staffed_layers
    return _Standing(facts, roster_warnings(grid, workers) if staffed else [])


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


def _warnings_outside(moment: Moment, layers: Sequence[str], lon: float, lat: float) -> list[dict[str, str]]:
    warnings = []
    if _covers_swapped(moment, layers, lon, lat):
        warnings.append(
            {
                "code": "looks-swapped",
                "message": "longitude and latitude look swapped: the other way round the point lies in a grid",
                "message_zh": "经纬度似乎颠倒：对调后该点位于网格内",
            }
        )
    if not any(moment.active(layer).any() for layer in layers):
        warnings.append(
            {
                "code": "no-grids",
                "message": "no grids are in force at this time",
                "message_zh": "此时没有已生效的网格",
            }
        )
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
