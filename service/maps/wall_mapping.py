"""From the data in force to a wall map: which grids, what they are called, who answers, what lies beside."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.classes import classes_of
from geodata.crs import metres_per_degree
from geodata.errors import NotKnownError
from geodata.grid.colour import colour_indices
from geodata.lookup import assign_points
from geodata.moment import Moment
from geodata.people.answers import duty_record
from geodata.people.duties import Target
from geodata.records import Area, GridVersion, OnDuty
from geodata.succession import area_or_retired
from geodata.themes import HOUSEHOLDS, PERSONS, Theme
from service.maps.imprint import Imprint
from service.maps.lettering import common_start
from service.maps.palette import FILLS, THEME_FILLS
from service.maps.wall_facts import AreaTold, ClassTold, GridTold, StationTold, WallMap
from service.maps.wall_words import wall_words
from service.maps.words import Language

NO_DATA: Final = "#ffffff"
_MOST_WITH_PEOPLE: Final = 1500
_AROUND: Final = 0.5
_MOST_NEIGHBOURS: Final = 3000
_LONGEST_NUMBER: Final = 10


def wall_of(
    moment: Moment,
    layer: str,
    area: str | None,
    imprint: Imprint,
    living: Mapping[str, Theme],
    theme: Theme | None = None,
) -> WallMap:
    """All that the wall map of an area, or of a whole layer, says.

    Parameters
    ----------
    area
        Code; None for all grids of the layer.
    living
        Households and persons by grid.
    theme
        What grids are coloured by; None for colours that tell neighbours apart.

    Raises
    ------
    NotKnownError
        There is no such layer or area at this time, or it has no grids.
    """
    shown = None if area is None else area_or_retired(moment, area)
    grids = _grids(moment, layer, area)
    shapes = moment.geometries(grids)
    chains = _chains(moment, grids, area)
    areas, places = _areas(chains)
    fills, classes = _themed(theme, grids, imprint.lang) if theme else (_told_apart(moment, layer, grids, shapes), ())
    households = _by_code(living.get(HOUSEHOLDS))
    release = moment.release(layer)
    words = wall_words(imprint.lang)
    return WallMap(
        place=_place(moment, shown, areas),
        above=tuple(one.name for one in reversed(moment.area_chain(shown.area_id)[1:])) if shown else (),
        layer="" if layer == moment.default_layer.code else _layer_name(moment, layer, imprint.lang),
        level=shown.level if shown else "",
        grids=_told(moment, grids, shapes, fills, chains, places, households),
        areas=_areas_told(moment, areas),
        depths=_depths(chains),
        bounds=_bounds(shapes),
        stations=_stations(moment, layer, grids),
        neighbours=_neighbours(moment, layer, shown, grids, _bounds(shapes)),
        theme=None if theme is None else _theme_title(theme, imprint.lang),
        theme_classes=classes,
        households=_sum(households, grids),
        persons=_sum(_by_code(living.get(PERSONS)), grids),
        square_metres=_square_metres(shapes),
        link=imprint.link,
        release="" if release is None else words["release"].format(number=release.number, day=imprint.release_day),
        as_of=imprint.as_of,
        made_on=imprint.made_on,
        attribution=imprint.attribution,
        approval_number=imprint.approval_number,
        lang=imprint.lang,
    )


def _grids(moment: Moment, layer: str, area: str | None) -> list[GridVersion]:
    moment.layer(layer)
    inside = None if area is None else moment.within(area)
    grids = [grid for grid in moment.grids(layer) if inside is None or grid.community_id in inside]
    if not grids:
        where, where_zh = (f"area {area!r}", f"区划“{area}”") if area else (f"layer {layer!r}", f"网格类型“{layer}”")
        raise NotKnownError(f"there are no grids in {where} at this time", f"此时{where_zh}没有网格")
    return grids


def _chains(moment: Moment, grids: Sequence[GridVersion], area: str | None) -> list[tuple[Area, ...]]:
    """The areas of each grid, the lowest first: below what is shown, and that itself where nothing is below it."""
    stop = None if area is None else moment.area(area).area_id
    chains = []
    for grid in grids:
        chain = moment.area_chain(grid.community_id)
        place = next((at for at, one in enumerate(chain) if one.area_id == stop), len(chain))
        chains.append(chain[: max(place, 1)])
    if stop is not None:
        return chains
    # An area that holds everything parts nothing.
    tops = {chain[-1].area_id if chain else None for chain in chains}
    if len(tops) == 1 and None not in tops:
        chains = [chain[:-1] if len(chain) > 1 else chain for chain in chains]
    return chains


def _areas(chains: Sequence[tuple[Area, ...]]) -> tuple[list[Area], dict[int, int]]:
    found = {area.area_id: area for chain in chains for area in chain}
    areas = sorted(found.values(), key=lambda area: area.code)
    return areas, {area.area_id: place for place, area in enumerate(areas)}


def _areas_told(moment: Moment, areas: Sequence[Area]) -> list[AreaTold]:
    """Areas, without what the names of a level all begin with."""
    begins = {
        level: telling_start([one.name for one in areas if one.level == level])
        for level in {one.level for one in areas}
    }
    return [AreaTold(one.code, one.name[len(begins[one.level]) :], one.level, _office(moment, one)) for one in areas]


def telling_start(names: Sequence[str]) -> str:
    """What several names begin with that tells nothing: of 臺北市松山區莊敬里 and 臺北市大安區義村里 the city."""
    begin = common_start(names)
    return begin if len(names) > 2 and len(begin) > 1 and all(len(name) - len(begin) > 1 for name in names) else ""


def _depths(chains: Sequence[tuple[Area, ...]]) -> list[str]:
    """The commonest level of each depth that parts the grids."""
    levels = []
    for depth in range(max((len(chain) for chain in chains), default=0)):
        here = [chain[depth] for chain in chains if depth < len(chain)]
        if len({area.area_id for area in here}) > 1 or len(here) < len(chains):
            levels.append(Counter(area.level for area in here).most_common(1)[0][0])
    return levels


def _place(moment: Moment, shown: Area | None, areas: Sequence[Area]) -> str:
    """What is shown; of a whole layer what holds everything, or what all names begin with."""
    if shown is not None:
        return shown.name
    tops = moment.children(None)
    return tops[0].name if len(tops) == 1 else telling_start([one.name for one in areas])


def _layer_name(moment: Moment, layer: str, lang: Language) -> str:
    found = moment.layer(layer)
    return found.name_en if lang == "en" and found.name_en else found.name


def _told_apart(moment: Moment, layer: str, grids: Sequence[GridVersion], shapes: NDArray[np.object_]) -> Sequence[str]:
    """Colours that part neighbours; those of a whole layer are kept as long as it stays as it is."""
    if len(grids) < len(moment.grids(layer)):
        return _neighbourly(shapes)
    name = f"wall map colours of {layer}"
    if name not in moment.worked_out:
        moment.worked_out[name] = _neighbourly(shapes)
    kept: Sequence[str] = moment.worked_out[name]
    return kept


def _neighbourly(shapes: NDArray[np.object_]) -> Sequence[str]:
    return [FILLS[place % len(FILLS)] for place in colour_indices(shapes).tolist()]


def _themed(theme: Theme, grids: Sequence[GridVersion], lang: Language) -> tuple[list[str], list[ClassTold]]:
    """Colours by the classes of what is shown, and what they stand for."""
    values = theme.by_grid()
    known = np.array([values[grid.code] for grid in grids if grid.code in values], dtype=np.float64)
    classes = classes_of(known, len(THEME_FILLS))
    step = (len(THEME_FILLS) - 1) / max(len(classes) - 1, 1)
    colours = [THEME_FILLS[round(place * step)] for place in range(len(classes))]

    def fill(code: str) -> str:
        value = values.get(code)
        if value is None:
            return NO_DATA
        return next((colour for one, colour in zip(classes, colours, strict=True) if value <= one.high), colours[-1])

    told = [
        ClassTold(colour, f"{one.low:,}" if one.low == one.high else f"{one.low:,} – {one.high:,}", one.count)
        for one, colour in zip(classes, colours, strict=True)
    ]
    missing = len(grids) - len(known)
    if missing:
        told.append(ClassTold(NO_DATA, wall_words(lang)["legend_none"], missing))
    return [fill(grid.code) for grid in grids], told


def _theme_title(theme: Theme, lang: Language) -> str:
    name, unit = theme.names[lang == "en"], theme.units[lang == "en"]
    around = " ({})" if lang == "en" else "（{}）"
    return name + (around.format(unit) if unit and unit.lower() != name.lower() else "")


def _told(
    moment: Moment,
    grids: Sequence[GridVersion],
    shapes: NDArray[np.object_],
    fills: Sequence[str],
    chains: Sequence[tuple[Area, ...]],
    places: Mapping[int, int],
    households: Mapping[str, int],
) -> list[GridTold]:
    numbers = _numbers(grids, chains)
    peopled = len(grids) <= _MOST_WITH_PEOPLE
    return [
        GridTold(
            code=grid.code,
            name=numbers[grid.code] if grid.name == grid.code else short_name(grid.name, chain),
            number=numbers[grid.code],
            shape=shape,
            fill=fill,
            areas=tuple(places[area.area_id] for area in chain),
            households=households.get(grid.code),
            people=_people(moment, grid) if peopled else "",
        )
        for grid, shape, fill, chain in zip(grids, shapes, fills, chains, strict=True)
    ]


def short_name(name: str, chain: Sequence[Area]) -> str:
    """A grid's name without what the areas around it are called."""
    for area in chain:
        for begin in (area.name, area.name.rstrip("社区村里")):
            if len(begin) > 1 and name.startswith(begin) and len(name) > len(begin):
                return name[len(begin) :].lstrip(" -·社区村里") or name
    return name


def _numbers(grids: Sequence[GridVersion], chains: Sequence[tuple[Area, ...]]) -> dict[str, str]:
    """What of each code tells it from the others of its community."""
    by_community: dict[str, list[str]] = {}
    for grid, chain in zip(grids, chains, strict=True):
        by_community.setdefault(chain[0].code if chain else "", []).append(grid.code)
    numbers = {}
    for community, codes in by_community.items():
        begin = community if community and all(code.startswith(community) for code in codes) else common_start(codes)
        for code in codes:
            numbers[code] = code[len(begin) :].lstrip("-_ ") or code
    end = common_start([number[::-1] for number in numbers.values()])
    kept = len(end) if all(len(number) > len(end) for number in numbers.values()) else 0
    return {code: number[: len(number) - kept][-_LONGEST_NUMBER:] for code, number in numbers.items()}


def _people(moment: Moment, grid: GridVersion) -> str:
    """The first who is responsible for a grid, as the public sees them."""
    for held in moment.roster.held(Target("grid", grid.grid_id)):
        if held.assignment == "primary":
            told = duty_record(
                OnDuty(held.role, held.holder, held.assignment, "grid"), unmasked=False, zone=moment.zone
            )
            name = held.holder.name if told["name"] == held.holder.name else held.role.name
            phone = held.holder.phone if told["phone"] == held.holder.phone else ""
            return f"{name} {phone}".strip()
    return ""


def _office(moment: Moment, area: Area) -> str:
    """Whom to call in an area: an office before a person, and only whose phone is public."""
    found = []
    for held in moment.roster.held(Target("area", area.area_id)):
        told = duty_record(
            OnDuty(held.role, held.holder, held.assignment, area.level), unmasked=False, zone=moment.zone
        )
        if held.holder.phone and told["phone"] == held.holder.phone:
            found.append((held.holder.kind != "organisation", f"{held.role.name} {held.holder.phone}"))
    return min(found, default=(True, ""))[1]


def _stations(moment: Moment, layer: str, grids: Sequence[GridVersion]) -> list[StationTold]:
    """Stations that stand in the grids."""
    placed = [(station, point) for station in moment.stations if (point := moment.place_of(station)) is not None]
    lons = np.array([point[0] for _, point in placed], dtype=np.float64)
    lats = np.array([point[1] for _, point in placed], dtype=np.float64)
    inside = {grid.position for grid in grids}
    where = assign_points(moment, layer, lons, lats).position.tolist()
    return [
        StationTold(station.name, " · ".join(one for one in (station.phone, station.address) if one), *point)
        for (station, point), position in zip(placed, where, strict=True)
        if position in inside
    ]


def _neighbours(
    moment: Moment, layer: str, shown: Area | None, grids: Sequence[GridVersion], bounds: tuple[float, ...]
) -> list[tuple[str, Any]]:
    """Areas of the same level around what is shown."""
    if shown is None:
        return []
    inside = {grid.position for grid in grids}
    others = [grid for grid in moment.grids(layer) if grid.position not in inside]
    shapes = moment.geometries(others)
    west, south, east, north = bounds
    wide, high = (east - west) * _AROUND, (north - south) * _AROUND
    box = shapely.box(west - wide, south - high, east + wide, north + high)
    near = np.flatnonzero(shapely.intersects(shapely.envelope(shapes), box)).tolist()
    members: dict[str, list[Any]] = {}
    for place in near[:_MOST_NEIGHBOURS]:
        chain = moment.area_chain(others[place].community_id)
        area = next((one for one in chain if one.level == shown.level), None)
        if area is not None and area.area_id != shown.area_id:
            members.setdefault(area.name, []).append(shapes[place])
    begin = telling_start([shown.name, *members])
    return [(name[len(begin) :], shapely.coverage_union_all(parts)) for name, parts in members.items()]


def _by_code(theme: Theme | None) -> Mapping[str, int]:
    return {} if theme is None else theme.discreet().by_grid()


def _sum(values: Mapping[str, int], grids: Sequence[GridVersion]) -> int | None:
    known = [values[grid.code] for grid in grids if grid.code in values]
    return sum(known) if known else None


def _bounds(shapes: NDArray[np.object_]) -> tuple[float, float, float, float]:
    west, south, east, north = shapely.total_bounds(shapes).tolist()
    return west, south, east, north


def _square_metres(shapes: NDArray[np.object_]) -> float:
    """Area of all grids, each by what a degree measures at its middle."""
    per_degree = np.array([metres_per_degree(lat) for lat in shapely.get_y(shapely.centroid(shapes)).tolist()])
    return float((shapely.area(shapes) * per_degree.prod(axis=1)).sum())
