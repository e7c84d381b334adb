"""From the data in force to a board: what the public may know of a grid, a compound or a community."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import shapely

from geodata.crs import LocalMetres
from geodata.errors import InputError
from geodata.moment import Moment
from geodata.records import BoardText, GridVersion
from geodata.station.nearest import StationFinder, Way, straight_way
from geodata.station.walked import StationWalks
from service.maps.boards.facts import Board, Figure, StationTold, TextTold
from service.maps.boards.ground import Subject, ground_of, middle_of, square_metres
from service.maps.boards.people import by_hotline, matters_of, roles_of, tiers_of
from service.maps.imprint import Imprint

STATIONS_TOLD: Final = 8
FARTHEST_HERE_METRES: Final = 300.0
"""How far outside of what it is about a board may hang."""

_FAR_MINUTES: Final = 30.0
_AT_LEAST: Final = 3


@dataclass(frozen=True, slots=True)
class Counted:
    """How many live in a grid: ``register`` where addresses or buildings were counted, ``stated`` by its source."""

    households: float | None
    persons: float | None
    source: str = "stated"


def board_of(
    moment: Moment,
    subject: Subject,
    imprint: Imprint,
    *,
    logo: str = "",
    here: tuple[float, float] | None = None,
    walks: StationWalks | None = None,
    counted: Mapping[str, Counted] | None = None,
) -> Board:
    """All that the board says.

    Parameters
    ----------
    logo
        Digest of the picture; empty for none.
    here
        Longitude and latitude of where it hangs, EPSG:4326.
    walks
        To the stations of `Ground.finder`; straight lines are told where None.
    counted
        How many live in each grid, by code; what grids state where None.

    Raises
    ------
    InputError
        ``here`` lies elsewhere.
    """
    _check_here(subject, here)
    tiers = tiers_of(moment, subject, imprint.lang)
    texts = _texts(moment, subject)
    hotlines = _hotlines(texts, english=imprint.lang == "en")
    release = moment.release(subject.layer)
    layer = moment.layer(subject.layer)
    chain = moment.area_chain(_area_id(subject))
    above = chain[1:] if subject.area is not None else chain
    english = imprint.lang == "en"
    return Board(
        kind=subject.kind,
        code=subject.code,
        name=subject.name,
        layer=subject.layer,
        layer_name=layer.name_en if english and layer.name_en else layer.name,
        lang=imprint.lang,
        above=tuple(area.name for area in reversed(above)),
        grids=tuple((grid.code, grid.name) for grid in subject.grids),
        figures=_figures(moment, subject, counted),
        tiers=tiers,
        roles=roles_of(moment, tiers, imprint.lang),
        matters=by_hotline(matters_of(moment, tiers, imprint.lang), hotlines),
        hotlines=hotlines,
        stations=_stations(moment, subject, here, walks),
        intro=next(iter(_told(texts, "intro", english=english)), None),
        notices=tuple(_told(texts, "notice", english=english)),
        footer=next((one.body or one.title for one in _told(texts, "footer", english=english)), ""),
        release=None if release is None else release.number,
        release_day=imprint.release_day,
        day=imprint.made_on,
        here=here,
        link=imprint.link,
        attribution=imprint.attribution,
        approval_number=imprint.approval_number,
        logo=logo,
        shapes=_shapes(moment, subject),
    )


def _check_here(subject: Subject, here: tuple[float, float] | None) -> None:
    if here is None or subject.outline is None:
        return
    plane = LocalMetres(*here)
    metres = float(shapely.distance(plane.forward(subject.outline), plane.forward(shapely.Point(here))))
    if metres > FARTHEST_HERE_METRES:
        far = f"{metres / 1000:,.1f} km" if metres >= 1000 else f"{metres:.0f} m"
        raise InputError(
            f"the place of the board lies {far} away from {subject.name}: it must hang there or next to it; give it as "
            "longitude,latitude",
            f"公示牌位置距“{subject.name}”{far}：应在其范围内或紧邻，请按“经度,纬度”填写",
            metres=round(metres),
            most=FARTHEST_HERE_METRES,
        )


def _area_id(subject: Subject) -> int | None:
    if subject.area is not None:
        return subject.area.area_id
    return subject.grids[0].community_id if subject.grids else None


def _shapes(moment: Moment, subject: Subject) -> str:
    """A digest of what the plan draws of the data."""
    content = hashlib.blake2b(digest_size=12)
    for grid in subject.grids:
        content.update(shapely.to_wkb(moment.geometry(grid)))
    if subject.outline is not None and subject.kind != "grid":
        content.update(shapely.to_wkb(subject.outline))
    return content.hexdigest()


def _figures(moment: Moment, subject: Subject, counted: Mapping[str, Counted] | None) -> tuple[Figure, ...]:
    ground = ground_of(moment, subject.layer)
    figures = []
    if subject.compound is not None:
        buildings = ground.buildings_of.get(subject.compound.compound_id, ())
        households = [one.households for one in buildings if one.households is not None]
        if households:
            figures.append(Figure("households", sum(households), "register"))
        compounds = 0
    else:
        figures += _people_counted(
            [counted[grid.code] if counted and grid.code in counted else _stated(grid) for grid in subject.grids]
        )
        buildings = [one for grid in subject.grids for one in ground.buildings.get(grid.position, ())]
        compounds = len({one.compound_id for one in buildings} - {None})
    if subject.outline is not None:
        figures.append(Figure("area", square_metres(subject.outline)))
    if compounds:
        figures.append(Figure("compounds", compounds))
    if buildings:
        figures.append(Figure("buildings", len(buildings)))
    if subject.kind != "grid":
        figures.append(Figure("grids", len(subject.grids)))
    return tuple(figures)


def _stated(grid: GridVersion) -> Counted:
    return Counted(grid.households, grid.persons)


def _people_counted(counts: Sequence[Counted]) -> list[Figure]:
    figures = []
    for name in ("households", "persons"):
        known = [(getattr(one, name), one.source) for one in counts]
        # The sum of some grids is no count of all.
        if known and all(value is not None for value, _ in known):
            source = "stated" if any(source == "stated" for _, source in known) else "register"
            figures.append(Figure(name, sum(value for value, _ in known), source))
    return figures


def _stations(
    moment: Moment, subject: Subject, here: tuple[float, float] | None, walks: StationWalks | None
) -> tuple[StationTold, ...]:
    """The nearest stations: all within half an hour's walk, but some at least."""
    begin = here or middle_of(moment, subject)
    finder = ground_of(moment, subject.layer).finder
    if begin is None or not finder.stations:
        return ()
    gates = None if here is not None or subject.compound is None else moment.gates_of(subject.compound.compound_id)
    if walks is None:
        ways = [straight_way(*found) for found in finder.nearest(*begin, STATIONS_TOLD)]
    else:
        ways = walks.every(finder, *begin, gates)[:STATIONS_TOLD]
    near = [way for way in ways if way.minutes is not None and way.minutes <= _FAR_MINUTES]
    return tuple(_station(finder, way) for way in (near if len(near) >= _AT_LEAST else ways[:_AT_LEAST]))


def _station(finder: StationFinder, way: Way) -> StationTold:
    station = finder.stations[way.place]
    return StationTold(
        name=station.name,
        category=station.category,
        address=station.address,
        phone=station.phone,
        hours=station.hours,
        # Whole minutes: a board does not go stale because a street was redrawn by a metre.
        walk_minutes=None if way.minutes is None else max(1.0, round(way.minutes)),
        metres=round(way.metres, -1),
        straight=way.measured != "network",
        lon=station.lon,
        lat=station.lat,
    )


def _texts(moment: Moment, subject: Subject) -> list[BoardText]:
    """Texts that hold here: those of the grid, then of its areas from the lowest up, then those for everywhere."""
    grids = {grid.grid_id for grid in subject.grids} if subject.kind != "community" else set()
    ranks = {area.area_id: place for place, area in enumerate(moment.area_chain(_area_id(subject)), 1)}
    found: list[tuple[int, BoardText]] = []
    for text in moment.texts:
        if text.grid_id is not None:
            rank = 0 if text.grid_id in grids else None
        elif text.area_id is not None:
            rank = ranks.get(text.area_id)
        else:
            rank = len(ranks) + 1
        if rank is not None:
            found.append((rank, text))
    return [text for _, text in sorted(found, key=lambda one: (one[0], one[1].position, one[1].code))]


def _told(texts: Sequence[BoardText], slot: str, *, english: bool) -> list[TextTold]:
    return [
        TextTold(
            text.title_en if english and text.title_en else text.title,
            text.body_en if english and text.body_en else text.body,
            text.phone,
        )
        for text in texts
        if text.slot == slot
    ]


def _hotlines(texts: Sequence[BoardText], *, english: bool) -> tuple[TextTold, ...]:
    """Every hotline once: one of the same title nearer to the place takes the other's."""
    nearest: dict[str, BoardText] = {}
    for text in texts:
        if text.slot == "hotline":
            nearest.setdefault(text.title, text)
    ordered = sorted(nearest.values(), key=lambda one: (one.position, one.code))
    return tuple(_told(ordered, "hotline", english=english))
