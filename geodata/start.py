"""What a look-up starts from: a building, unit, compound, place or station, by its name or by a point inside it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from geodata.errors import InputError, NotKnownError
from geodata.moment import Moment
from geodata.people.answers import Link
from geodata.people.duties import Target
from geodata.records import Building, Compound

KINDS = ("building", "unit", "compound", "place", "station")


@dataclass(frozen=True, slots=True)
class Start:
    """What is asked about beside its point.

    Parameters
    ----------
    links
        Targets inside the grid whose people come before the grid's, the nearest first.
    facts
        What an answer says of them.
    compound_id
        The compound that a walk from there leaves through its gates; None for a walk that begins at the point.
    """

    links: tuple[Link, ...]
    facts: dict[str, Any]
    compound_id: int | None = None


_NOTHING: dict[str, Any] = {"target": None, "building": None, "compound": None}
POINT = Start((), _NOTHING)
"""A point in no building and no compound that is known by its outline."""


def start_at(moment: Moment, lon: float, lat: float) -> Start:
    """Where a point starts: in the building or compound whose outline covers it.

    Parameters
    ----------
    lon, lat
        EPSG:4326 degrees.
    """
    building = moment.building_at(lon, lat)
    compound = None if building is None else moment.compound_by_id(building.compound_id)
    compound = compound or moment.compound_at(lon, lat)
    if building is None and compound is None:
        return POINT
    return start_inside(building, compound)


def start_inside(
    building: Building | None, compound: Compound | None, unit: str = "", target: dict[str, Any] | None = None
) -> Start:
    """Where a unit of a building starts, or the building, or the compound, as far as they are known.

    Parameters
    ----------
    unit
        Label of one of the building's units; empty for none.
    target
        What was named, as an answer tells it.
    """
    links: list[Link] = []
    if building is not None:
        if unit:
            links.append((Target("unit", building.building_id, unit), "unit"))
        links.append((Target("building", building.building_id), "building"))
    if compound is not None:
        links.append((Target("compound", compound.compound_id), "compound"))
    facts = {"target": target, "building": _named(building), "compound": _named(compound)}
    return Start(tuple(links), facts, None if compound is None else compound.compound_id)


def _named(thing: Building | Compound | None) -> dict[str, str] | None:
    return None if thing is None else {"code": thing.code, "name": thing.name}


def start_of(moment: Moment, text: str) -> tuple[Start, float, float]:
    """Where a named target starts, and its point.

    Parameters
    ----------
    text
        ``building:CODE``, ``unit:CODE#LABEL``, ``compound:CODE``, ``place:CODE`` or ``station:CODE``.

    Returns
    -------
    start, lon, lat
        EPSG:4326 degrees: the point of the building, place or station (a mobile one's where it stands now), a point
        inside the compound.

    Raises
    ------
    InputError
        It is none of these, or a compound of which nobody knows where it is.
    NotKnownError
        There is no such thing at this instant.
    """
    kind, colon, code = text.partition(":")
    if not colon or kind not in KINDS or not code:
        raise InputError(
            f"target must be one of {', '.join(f'{kind}:CODE' for kind in KINDS)} (a unit is unit:BUILDING#LABEL)",
            f"target 应为 {'、'.join(f'{kind}:编码' for kind in KINDS)} 之一（单元写作 unit:楼栋编码#单元）",
        )
    return _STARTS[kind](moment, code)


def _building(moment: Moment, code: str) -> tuple[Start, float, float]:
    return _building_or_unit(moment, code, "")


def _unit(moment: Moment, code: str) -> tuple[Start, float, float]:
    building, _, label = code.rpartition("#")
    if not building or not label:
        raise InputError("a unit is written unit:BUILDING#LABEL", "单元应写作 unit:楼栋编码#单元")
    return _building_or_unit(moment, building, label)


def _building_or_unit(moment: Moment, code: str, unit: str) -> tuple[Start, float, float]:
    building = moment.building(code)
    if unit and unit not in building.units:
        raise NotKnownError(f"building {code!r} has no unit {unit!r}", f"楼栋“{code}”没有单元“{unit}”")
    compound = moment.compound_by_id(building.compound_id) or moment.compound_at(building.lon, building.lat)
    target = _target("unit" if unit else "building", building.code, building.name, unit)
    return start_inside(building, compound, unit, target), building.lon, building.lat


def _compound(moment: Moment, code: str) -> tuple[Start, float, float]:
    compound = moment.compound(code)
    lon, lat = _somewhere_in(moment, compound)
    return start_inside(None, compound, target=_target("compound", compound.code, compound.name)), lon, lat


def _somewhere_in(moment: Moment, compound: Compound) -> tuple[float, float]:
    shape = moment.compound_geometry(compound)
    if shape is not None:
        inside = shape.representative_point()
        return float(inside.x), float(inside.y)
    buildings = [one for one in moment.buildings if one.compound_id == compound.compound_id]
    if not buildings:
        raise InputError(
            f"compound {compound.code!r} has neither an outline nor buildings: nobody knows where it is",
            f"小区“{compound.name}”既无边界也无楼栋，无法定位",
        )
    points = np.array([(one.lon, one.lat) for one in buildings])
    middle = buildings[int(np.argmin(((points - points.mean(axis=0)) ** 2).sum(axis=1)))]
    return middle.lon, middle.lat


def _place(moment: Moment, code: str) -> tuple[Start, float, float]:
    place = moment.place(code)
    return _at(moment, Target("place", place.place_id), "place", place.code, place.name, (place.lon, place.lat))


def _station(moment: Moment, code: str) -> tuple[Start, float, float]:
    station = moment.station(code)
    point = moment.place_of(moment.standing(station) or station)
    if point is None:
        raise InputError(
            f"Station {code} has no place: it is mobile and has no stops at that time.",
            f"站点 {code} 没有位置：它是流动站点，此时没有停靠点。",
            target=code,
        )
    return _at(moment, Target("station", station.station_id), "station", station.code, station.name, point)


def _at(
    moment: Moment, target: Target, kind: str, code: str, name: str, point: tuple[float, float]
) -> tuple[Start, float, float]:
    around = start_at(moment, *point)
    facts = {**around.facts, "target": _target(kind, code, name)}
    # Whoever is at the station itself walks from there.
    compound_id = None if kind == "station" else around.compound_id
    return Start(((target, kind), *around.links), facts, compound_id), *point


def _target(kind: str, code: str, name: str, unit: str = "") -> dict[str, Any]:
    return {"kind": kind, "code": code, "name": name, "unit": unit or None}


_STARTS: dict[str, Callable[[Moment, str], tuple[Start, float, float]]] = {
    "building": _building,
    "unit": _unit,
    "compound": _compound,
    "place": _place,
    "station": _station,
}
