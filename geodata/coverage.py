"""Door: stations → network times → who is reached, as a whole, by grid and by area.

Whether somebody is reached is decided by time alone. Network, register and households are current; stations, grids and
areas are those of the moment.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from geodata.covered import (
    MOST_STATIONS,
    Coverage,
    Part,
    StationsTold,
    estimated,
    off_network,
    source_of,
    warnings_of,
)
from geodata.demand import Demand
from geodata.lookup import assign_points
from geodata.moment import Moment
from geodata.reachable import Reachable, Spot, points_within
from geodata.selected import GRID, Selection, Spots, check_by, check_count, profile_of, spots_of, station_numbers
from geodata.station.network.walking import Walking
from geodata.station.share import Counted, Served, by_stations, counted_by, totals

Flags = NDArray[np.bool_]


def coverage(
    reachable: Reachable,
    walking: Walking,
    moment: Moment,
    selection: Selection,
    *,
    by: str | None = None,
    area: bool = True,
) -> Coverage:
    """Who is reached within some minutes' walk of at least one station.

    Parameters
    ----------
    by
        ``grid``, or a level of areas; None for the whole only.
    area
        Whether ground is counted too.

    Raises
    ------
    NoNetworkError
        No streets are loaded.
    InputError
        The minutes, the profile, the count or the level cannot be used.
    NotKnownError
        There is no such area, layer, category or level at the moment.
    """
    limit_ms, profile = selection.limit_ms, profile_of(walking, selection.profile)
    if by is not None:
        check_by(moment, by)
    spots = spots_of(moment, selection)
    demand = reachable.demand(walking, moment)
    check_count(demand, selection.count)
    inside = reachable.inside(demand, moment, selection.within)
    served = reachable.served(walking, demand, profile, spots.spots, limit_ms)
    several = reachable.several(walking, demand, profile, spots.spots, station_numbers(spots.spots), limit_ms)
    covered = several > 0
    found, parts = _counted(reachable, demand, moment, selection, by, inside, covered)
    ground = reachable.ground(walking, moment, selection.within) if area else None
    if ground is not None:
        reached = np.zeros(len(ground), dtype=bool)
        reached[reachable.served(walking, ground, profile, spots.spots, limit_ms).place] = True
        everywhere = np.ones(len(ground), dtype=bool)
        more, more_parts = _counted(reachable, ground, moment, selection, by, everywhere, reached)
        found |= more
        parts = [replace(part, totals={**part.totals, **more_parts[at].totals}) for at, part in enumerate(parts)]
    lost, guessed, source = off_network(demand, inside), estimated(demand, inside), source_of(demand, inside)
    stations = _stations_told(moment, selection, spots, served, inside)
    return Coverage(
        selection=selection,
        profile=profile,
        network_version=walking.network.version,
        compiled_at=walking.compiled_at,
        totals=found,
        estimated=guessed,
        source=source,
        off_network=lost,
        stations=stations,
        several=tuple(by_stations(demand.counts[selection.count], inside, several, MOST_STATIONS)),
        by=_shown(moment, selection, parts[:-1]),
        elsewhere=parts[-1] if parts else None,
        spacing_metres=None if ground is None else ground.spacing_metres,
        warnings=warnings_of(found["households"], source, guessed, lost, stations),
    )


def _counted(
    reachable: Reachable,
    demand: Demand,
    moment: Moment,
    selection: Selection,
    by: str | None,
    inside: Flags,
    covered: Flags,
) -> tuple[dict[str, Counted], list[Part]]:
    """The whole, and its parts, the last one what lies in none; no parts for None."""
    found = totals(demand.counts, inside, covered)
    if by is None:
        return found, []
    parts = reachable.parts(demand, moment, by, selection.layer)
    rows = counted_by(demand.counts, inside, covered, parts.of, len(parts.codes))
    lost = {"households": np.where(demand.connectors.on_network(), 0.0, demand.counts.get("households", 0.0))}
    off = [row["households"].all for row in counted_by(lost, inside, covered, parts.of, len(parts.codes))]
    named = [*zip(parts.codes, parts.names, strict=True), (None, "")]
    return found, [
        Part(parts.level, code, name, row, away) for (code, name), row, away in zip(named, rows, off, strict=True)
    ]


def _shown(moment: Moment, selection: Selection, parts: list[Part]) -> tuple[Part, ...]:
    """Parts that belong to the area that is asked about, or in which somebody lives who does."""
    if selection.within is None or not parts:
        return tuple(parts)
    ids = moment.within(selection.within)
    own = {area.code for area in moment.areas.values() if area.area_id in ids}
    if parts[0].level == GRID:
        layer = selection.layer or moment.default_layer.code
        own = {grid.code for grid in moment.grids(layer) if grid.community_id in ids}
    return tuple(part for part in parts if part.code in own or any(one.all for one in part.totals.values()))


def _stations_told(moment: Moment, selection: Selection, spots: Spots, served: Served, inside: Flags) -> StationsTold:
    """What became of the stations: which count, which do not and why."""
    reaching = np.zeros(len(served), dtype=bool)
    reaching[np.repeat(np.arange(len(served)), np.diff(served.first))[inside[served.place]]] = True
    here = _standing_inside(moment, selection.within, spots.spots)
    counts = reaching | (here & served.on_network)
    codes = [spot.station for spot in spots.spots]
    lost = np.flatnonzero(here & ~served.on_network).tolist()
    return StationsTold(
        selected=len({*codes, *spots.away, *spots.closed}),
        counted=len({codes[at] for at in np.flatnonzero(counts).tolist()}),
        off_network=tuple((spots.spots[at], float(served.metres[at])) for at in lost),
        cut_off=tuple(dict.fromkeys(codes[at] for at in np.flatnonzero(counts & served.cut).tolist())),
        away=spots.away,
        closed=spots.closed,
        hours_unknown=spots.hours_unknown,
    )


def _standing_inside(moment: Moment, within: str | None, spots: Sequence[Spot]) -> Flags:
    if within is None or not spots:
        return np.ones(len(spots), dtype=bool)
    lons, lats = np.array([(spot.lon, spot.lat) for spot in spots], dtype=np.float64).T
    lons, lats = np.ascontiguousarray(lons), np.ascontiguousarray(lats)
    grid = assign_points(moment, moment.default_layer.code, lons, lats).position
    return points_within(moment, within, lons, lats, grid)
