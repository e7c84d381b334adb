"""Door: text or point → candidates → point → the grid that covers it → the people on duty and the nearest stations."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from geodata.address import warming
from geodata.crs import Crs
from geodata.decision.decide import Book, decide
from geodata.grid import index
from geodata.moment import Moment
from geodata.people.answers import Link, duty_record
from geodata.people.concern import matter_record, responsible_first
from geodata.people.shortage import roster_warnings
from geodata.records import GridVersion, Layer
from geodata.start import Start, start_at
from geodata.station.nearest import StationFinder, Way, straight_way
from geodata.station.walked import StationWalks, warm_walks
from geodata.station.warnings import off_network

STATIONS_IN_ANSWER = 3


@dataclass(frozen=True, slots=True)
class GridNamed:
    """What a grid is called in another system's terms: by layer, code and release."""

    layer: str
    code: str
    release: int


def warm() -> None:
    """Compile what look-ups run, so that no server does; called at set-up, as the user who will serve."""
    index.warm()
    warming.warm()
    StationFinder([]).nearest(0.0, 0.0, STATIONS_IN_ANSWER)
    warm_walks()


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
    walks: StationWalks | None = None,
    more: Callable[[GridNamed], dict[str, Any]] | None = None,
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
        Give each of ``grids`` as an `orjson.Fragment`, for an answer that is only written: what is said of a grid is
        most of it, and is written once, not once per answer.
    walks
        Walks along the streets to the stations of `Moment.station_finder`; None where no streets are known, and
        straight lines are told.
    more
        What else is said of a grid.

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
    is within 1 mm. A point inside the outline of a building or compound is asked about as that building or compound:
    where that has gates, walks begin at these. The streets are today's, whatever instant is asked about.
    """
    asked = moment.layers if layer is None else (moment.layer(layer),)
    return _covering(moment, asked, lon, lat, matter, start, as_of, unmasked, rendered, walks, more)


def _covering(
    moment: Moment,
    asked: Sequence[Layer],
    lon: float,
    lat: float,
    matter: str | None,
    start: Start | None,
    as_of: int | None,
    unmasked: bool,
    rendered: bool,
    walks: StationWalks | None,
    more: Callable[[GridNamed], dict[str, Any]] | None,
) -> dict[str, Any]:
    concern = None if matter is None else matter_record(moment.roster, moment.matter(matter), as_of)
    start = start or start_at(moment, lon, lat)
    # Most buildings have nobody of their own: their answers are the grid's, and remembered once for all of them.
    links = tuple(link for link in start.links if moment.roster.has_duty(link[0]))
    stations: Any = None
    grids: list[Any] = []
    warnings: list[dict[str, Any]] = []
    said: list[dict[str, Any]] = []
    for one in asked:
        position, on_boundary = moment.tilings[one.code].index.owner(lon, lat, moment.active(one.code))
        if position < 0:
            continue
        standing = moment.remembered(_standing, (one.code, matter, unmasked, rendered), (position, links))
        other = _neighbour(moment, one.code, lon, lat, position)
        if stations is None:
            ways, said = _ways(moment, lon, lat, start, walks)
            stations = _stations(moment.station_finder, ways, rendered)
        here = {"on_boundary": on_boundary, "nearest_other": other, "stations": stations}
        grids.append(standing.record(here if more is None else here | more(standing.named)))
        warnings += standing.warnings
    codes = [one.code for one in asked]
    return {
        "status": "found" if grids else "outside",
        "version": moment.version,
        "warnings": warnings + said if grids else _warnings_outside(moment, codes, lon, lat),
        "point": {"lon": lon, "lat": lat, "crs": "EPSG:4326"},
        "address": None,
        "candidates": [],
        "ask": None,
        "nearest_known": None,
        **start.facts,
        "matter": concern,
        "walking": walks.facts(moment.zone) if walks is not None and grids else None,
        "grids": grids,
        "nearest": [] if grids else _nearest(moment, codes, lon, lat),
    }


def lookup_address(
    moment: Moment,
    book: Book,
    text: str,
    *,
    near: tuple[float, float] | None = None,
    layer: str | None = None,
    within: str | None = None,
    datum: Crs | None = None,
    matter: str | None = None,
    as_of: int | None = None,
    unmasked: bool = False,
    rendered: bool = False,
    walks: StationWalks | None = None,
    more: Callable[[float, float], Callable[[GridNamed], dict[str, Any]]] | None = None,
) -> dict[str, Any]:
    """Who covers an address: as `lookup_point`, or what it may mean and what to ask the caller.

    Parameters
    ----------
    book
        The register, which says what a text may mean.
    text
        What was typed. Anything; what is no address is ``not_found``.
    near
        Longitude and latitude, EPSG:4326, that it is probably about.
    within
        Code of the area that it lies in.
    datum
        Reference system of coordinates that stand in the text, where it says none itself.
    walks
        As of `lookup_point`.
    more
        Of a point, gives what else is said of a grid.

    Returns
    -------
    dict
        ``status`` is ``found`` where one grid is meant with little risk (see `geodata.decision.likely.FOUND`), and
        the answer then goes on from the point as for any other; ``outside`` where the place is known and no grid
        covers it; ``ambiguous`` with the ``candidates``, or ``not_found``, and what to ``ask``. ``query`` says how the
        text was read.

    Raises
    ------
    NotKnownError
        There is no such layer, area or matter.
    """
    decided = decide(moment, book, text, near=near, layer=layer, within=within, datum=datum)
    if decided.point is None:
        concern = None if matter is None else matter_record(moment.roster, moment.matter(matter), as_of)
        answer = _NOWHERE | {"version": moment.version, "matter": concern}
    else:
        layers = [moment.layer(code) for code in decided.layers]
        others = more(*decided.point) if more is not None else None
        answer = _covering(
            moment, layers, *decided.point, matter, decided.start, as_of, unmasked, rendered, walks, others
        )
    warnings = [*decided.warnings, *answer.get("warnings", ())]
    return {**answer, **decided.facts, "status": decided.status, "warnings": warnings, "query": decided.query}


_NOWHERE: dict[str, Any] = {
    "point": None,
    "target": None,
    "building": None,
    "compound": None,
    "walking": None,
    "grids": [],
    "nearest": [],
}


def _ways(
    moment: Moment, lon: float, lat: float, start: Start, walks: StationWalks | None
) -> tuple[Sequence[Way], list[dict[str, Any]]]:
    """The ways to the stations of an answer, and what the asker should know of them."""
    finder = moment.station_finder
    if walks is None:
        return [straight_way(*found) for found in finder.nearest(lon, lat, STATIONS_IN_ANSWER)], []
    gates = None if start.compound_id is None else moment.gates_of(start.compound_id)
    ways, street_metres = walks.near(finder, lon, lat, gates)
    return ways, [] if street_metres is None or not ways else [off_network(street_metres)]


def _stations(finder: StationFinder, ways: Sequence[Way], rendered: bool) -> Any:
    if rendered:
        return orjson.Fragment(b"[" + b",".join(map(finder.written, ways)) + b"]")
    return [finder.record(way) for way in ways]


@dataclass(frozen=True, slots=True)
class _Standing:
    """What an answer says of a grid wherever in it the point lies: ``facts``, or ``written`` where it is rendered."""

    named: GridNamed
    warnings: list[dict[str, str]]
    facts: dict[str, Any] | None
    written: bytes

    def record(self, here: dict[str, Any]) -> Any:
        """The grid in an answer: this, and what is so at the point alone."""
        if self.facts is not None:
            return self.facts | here
        return orjson.Fragment(self.written[:-1] + b"," + orjson.dumps(here)[1:])


def _standing(moment: Moment, how: tuple[str, str | None, bool, bool], what: tuple[int, tuple[Link, ...]]) -> _Standing:
    (layer, matter, unmasked, rendered), (position, links) = how, what
    grid = moment.tilings[layer].versions[position]
    release = moment.release(layer)
    number = release.number if release else grid.release
    people = moment.people(grid, links)
    if matter is not None:
        people = responsible_first(people, moment.matter(matter), moment.roster)
    workers = [duty_record(person, unmasked=unmasked, zone=moment.zone) for person in people]
    facts = {
        "layer": layer,
        "code": grid.code,
        "name": grid.name,
        "kind": grid.kind,
        "release": number,
        "households": grid.households,
        "persons": grid.persons,
        "areas": [
            {"level": area.level, "code": area.code, "name": area.name} for area in moment.area_chain(grid.community_id)
        ],
        "workers": workers,
    }
    warnings = roster_warnings(grid, workers) if layer in moment.staffed_layers else []
    named = GridNamed(layer, grid.code, number)
    return _Standing(named, warnings, None, orjson.dumps(facts)) if rendered else _Standing(named, warnings, facts, b"")


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
