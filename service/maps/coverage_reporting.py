"""From the data in force to the coverage report: what is ranked, compared and drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely

from geodata.coverage import coverage
from geodata.covered import Coverage, Part
from geodata.errors import InputError
from geodata.moment import Moment
from geodata.reachable import Reachable
from geodata.selected import GRID, Selection, profile_of, spots_of
from geodata.siting import best_sites
from geodata.station.network.arrays import Network
from geodata.station.network.walking import Walking
from geodata.station.share import Counted
from geodata.uncovered import Gap, gaps
from service.maps.coverage_report import CoverageReport, Ranked, Reached, ReportMap, Site
from service.maps.coverage_report import Gap as ToldGap
from service.maps.coverage_report_words import report_words
from service.maps.words import Language, level_names

GAPS_TOLD: Final = 10
MOST_SITES: Final = 10
_MOST_RANKED: Final = 60
# Around what is reported on, as a part of its extent, a map shows its surroundings.
_AROUND: Final = 0.03
_NAMED, _UNNAMED = 2, 0

Bounds = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Dates:
    """Dates as the report shows them; ``before`` is empty without a comparison."""

    as_of: str
    made: str
    network: str
    before: str = ""


def make_report(
    reachable: Reachable,
    walking: Walking,
    moment: Moment,
    selection: Selection,
    dates: Dates,
    *,
    earlier: Moment | None = None,
    stations: int = 0,
    attribution: str = "",
    approval_number: str = "",
    lang: Language = "zh-CN",
) -> CoverageReport:
    """All that the report says.

    Parameters
    ----------
    selection
        What is asked; its area is what is reported on, everything where it names none.
    earlier
        A moment to compare with: its stations and areas, today's network and households.
    stations
        How many more stations to propose sites for.

    Raises
    ------
    NoNetworkError, InputError, NotKnownError
        As `geodata.coverage.coverage`.
    """
    level = ranked_level(moment, selection.within)
    found = coverage(reachable, walking, moment, selection, by=level, area=False)
    by_grid = found if level == GRID else coverage(reachable, walking, moment, selection, by=GRID, area=False)
    before = None if earlier is None else _before(reachable, walking, earlier, selection, level)
    profile = profile_of(walking, selection.profile)
    clusters = gaps(reachable, walking, moment, selection, most=GAPS_TOLD)
    codes = {station.code: station.name for station in moment.stations}
    return CoverageReport(
        place=_place(moment, selection.within, lang),
        minutes=selection.minutes,
        kmh=profile.kmh,
        profile=profile.name_en if lang == "en" else profile.name,
        count=selection.count,
        total=_reached(found.totals[selection.count]),
        as_of=dates.as_of,
        made_on=dates.made,
        network_on=dates.network,
        level=_level_name(level, lang),
        ranking=_ranking(found, selection.count, before),
        gaps=[_gap(gap, selection.count, lang) for gap in clusters.items],
        gap_count="persons" if selection.count == "persons" else "households",
        sites=_sites(reachable, walking, moment, selection, stations, lang)
        if found.totals[selection.count].all
        else (),
        stations=found.stations.counted,
        map=_map(moment, selection, walking.network, by_grid, level),
        selection=_selection(selection, lang),
        before=None if before is None else _reached(before.totals[selection.count]),
        before_on=dates.before if before is not None else "",
        stations_off=[spot.name or spot.station for spot, _ in found.stations.off_network],
        stations_cut=[codes.get(code, code) for code in found.stations.cut_off],
        off_network=found.off_network.get(selection.count, 0.0),
        estimated_share=found.estimated.get(selection.count) or 0.0,
        releases=_release(moment, selection.layer),
        attribution=attribution,
        approval_number=approval_number,
        lang=lang,
    )


def ranked_level(moment: Moment, within: str | None) -> str:
    """What is ranked: the highest level below the area of which it has several but not too many, else grids."""
    ids = None if within is None else moment.within(within) - {moment.area(within).area_id}
    counts: dict[str, int] = {}
    depth: dict[str, int] = {}
    for area in moment.areas.values():
        if ids is None or area.area_id in ids:
            counts[area.level] = counts.get(area.level, 0) + 1
            depth[area.level] = max(depth.get(area.level, 0), len(moment.area_chain(area.area_id)))
    fitting = [level for level, count in counts.items() if 2 <= count <= _MOST_RANKED]
    return min(fitting, key=lambda level: (depth[level], level), default=GRID)


def _before(
    reachable: Reachable, walking: Walking, earlier: Moment, selection: Selection, level: str
) -> Coverage | None:
    """What was reached then; None where nothing was in force that can be compared."""
    if not earlier.stations:
        return None
    if selection.within is not None and selection.within not in earlier.areas:
        return None
    by = level if level == GRID or any(area.level == level for area in earlier.areas.values()) else None
    try:
        return coverage(reachable, walking, earlier, selection, by=by, area=False)
    except InputError:
        return None


def _reached(counted: Counted) -> Reached:
    return Reached(counted.all, counted.covered)


def _ranking(found: Coverage, count: str, before: Coverage | None) -> list[Ranked]:
    then: Mapping[str | None, Part] = {} if before is None else {part.code: part for part in before.by}
    rows = [
        Ranked(
            part.code or "",
            part.name,
            _reached(part.totals[count]),
            _reached(then[part.code].totals[count]) if part.code in then else None,
        )
        for part in found.by
        if part.totals[count].all
    ]
    rows.sort(key=lambda row: (row.reached.share or 0.0, -row.reached.outside, row.code))
    return rows[:_MOST_RANKED]


def _place(moment: Moment, within: str | None, lang: Language) -> str:
    if within is not None:
        return moment.area(within).name
    tops = moment.children(None)
    return tops[0].name if len(tops) == 1 else report_words(lang)["everywhere"]


def _level_name(level: str, lang: Language) -> str:
    if level == GRID:
        return report_words(lang)["grid"]
    return level_names(lang).get(level, level)


def _gap(gap: Gap, count: str, lang: Language) -> ToldGap:
    words = report_words(lang)
    area = gap.area.name if gap.area else ""
    finer = words["near"].format(street=gap.street) if gap.street else gap.grids[0].name if gap.grids else ""
    parts = [finer] if finer.startswith(area) else [area, finer]
    counted = gap.persons if count == "persons" and gap.persons is not None else gap.households
    minutes = None if gap.nearest_ms is None else gap.nearest_ms / 60_000
    where = " · ".join(part for part in parts if part)
    return ToldGap(gap.lon, gap.lat, counted, where, gap.nearest.name if gap.nearest else "", minutes)


def _sites(
    reachable: Reachable, walking: Walking, moment: Moment, selection: Selection, stations: int, lang: Language
) -> list[Site]:
    """Where so many stations help most, the one that gains most first; none where nothing can be proposed."""
    if not stations:
        return []
    return [
        Site(one.site.lon, one.site.lat, one.label_en if lang == "en" else one.label, one.gained, one.share_after)
        for one in best_sites(reachable, walking, moment, selection, stations)
    ]


def _selection(selection: Selection, lang: Language) -> str:
    said = [one for one in (selection.category, selection.level) if one]
    return (", " if lang == "en" else "、").join(said)


def _release(moment: Moment, layer: str | None) -> str:
    release = moment.release(layer or moment.default_layer.code)
    return "" if release is None else str(release.number)


def _map(moment: Moment, selection: Selection, network: Network, by_grid: Coverage, level: str) -> ReportMap:
    layer = selection.layer or moment.default_layer.code
    told = {part.code: part.totals[selection.count].share for part in by_grid.by}
    grids = [grid for grid in moment.grids(layer) if grid.code in told]
    shapes = [moment.geometry(grid) for grid in grids]
    areas = _areas(moment, selection.within, level, [grid.community_id for grid in grids], shapes)
    spots = spots_of(moment, selection).spots
    bounds = _bounds([*shapes, *(shape for _, shape in areas)] or [shapely.Point(spot.lon, spot.lat) for spot in spots])
    west, south, east, north = bounds
    return ReportMap(
        bounds=bounds,
        grids=shapes,
        shares=[told[grid.code] for grid in grids],
        areas=areas,
        streets=_streets(network, bounds),
        stations=[(spot.lon, spot.lat) for spot in spots if west <= spot.lon <= east and south <= spot.lat <= north],
    )


def _areas(
    moment: Moment, within: str | None, level: str, communities: Sequence[int | None], shapes: Sequence[Any]
) -> list[tuple[str, Any]]:
    """Name and ground of the areas that are ranked: their outline, else their grids together."""
    if level == GRID:
        return []
    own: dict[str, list[Any]] = {}
    for community, shape in zip(communities, shapes, strict=True):
        for area in moment.area_chain(community):
            if area.level == level:
                own.setdefault(area.code, []).append(shape)
    ids = None if within is None else moment.within(within)
    named = []
    for area in moment.areas.values():
        if area.level == level and (ids is None or area.area_id in ids):
            outline = moment.area_geometry(area.code)
            ground = outline if outline is not None else shapely.union_all(own.get(area.code, []))
            if not ground.is_empty:
                named.append((area.name, ground))
    return named


def _bounds(shapes: Sequence[Any]) -> Bounds:
    if not shapes:
        return (116.0, 39.0, 117.0, 40.0)
    west, south, east, north = shapely.total_bounds(shapes).tolist()
    wide, high = (east - west) * _AROUND, (north - south) * _AROUND
    return west - wide, south - high, east + wide, north + high


def _streets(network: Network, bounds: Bounds) -> list[tuple[int, Any]]:
    """Lines of the network in a box; those with a name rank higher."""
    west, south, east, north = bounds
    lons, lats = network.lons[network.tail], network.lats[network.tail]
    near = np.flatnonzero((lons >= west) & (lons <= east) & (lats >= south) & (lats <= north))
    points = np.column_stack([network.shape_lons, network.shape_lats])
    first = network.shape_first
    lines = [shapely.LineString(points[first[edge] : first[edge + 1]]) for edge in near.tolist()]
    ranks = np.where(network.name[near] > 0, _NAMED, _UNNAMED).tolist()
    return list(zip(ranks, lines, strict=True))
