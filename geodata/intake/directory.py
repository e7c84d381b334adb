"""What the lists of grids can name: compounds, buildings and doors, by the community that they stand in."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely

from geodata.grid.plane import LocalPlane, Shapes
from geodata.intake.ranges import DoorNumber, plain, read_door

_NUMBERED = re.compile(r"(\d{1,4})(?:号楼|#楼|號樓|号|栋|幢|座|楼|#)?")
_ROAD_AND_NUMBER = re.compile(r"(.*\D)(\d{1,5}号.*)")
_OUTLINE_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class Door:
    """An address with a road and a number, in metres; ``compound`` and ``building`` are positions or None."""

    place: int
    road: str
    number: DoorNumber
    shape: Any
    households: int
    label: str
    compound: int | None = None
    building: int | None = None


@dataclass(frozen=True, slots=True)
class Building:
    """A building of the register or one that addresses name; ``key`` is its number, or its name where it has none."""

    place: int
    code: str | None
    name: str
    key: str
    shape: Any
    households: int
    compound: int | None = None


@dataclass(slots=True)
class Compound:
    """A compound of the register or one that addresses name, the communities that it reaches into, what it holds."""

    code: str | None
    name: str
    names: frozenset[str]
    outline: Any
    places: set[int] = field(default_factory=set)
    buildings: list[int] = field(default_factory=list)
    doors: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Directory:
    """Everything that a list can name, with what it is called in each community.

    Parameters
    ----------
    compounds, buildings, doors
        In the order of their codes; those that only addresses name after the others.
    compounds_named, buildings_named
        Community and plain name to positions.
    doors_of
        Community and plain name of the road to positions of doors.
    keyed
        Compound and key of a building to its position.
    roads
        Plain names of all roads that are known anywhere.
    """

    compounds: list[Compound] = field(default_factory=list)
    buildings: list[Building] = field(default_factory=list)
    doors: list[Door] = field(default_factory=list)
    compound_codes: dict[str, int] = field(default_factory=dict)
    building_codes: dict[str, int] = field(default_factory=dict)
    compounds_named: dict[tuple[int, str], list[int]] = field(default_factory=lambda: defaultdict(list))
    buildings_named: dict[tuple[int, str], list[int]] = field(default_factory=lambda: defaultdict(list))
    doors_of: dict[tuple[int, str], list[int]] = field(default_factory=lambda: defaultdict(list))
    keyed: dict[tuple[int, str], int] = field(default_factory=dict)
    roads: set[str] = field(default_factory=set)

    def add_building(self, building: Building) -> int:
        """Position of a building that is added; the first of a compound and key is the one that is found by them."""
        at = len(self.buildings)
        self.buildings.append(building)
        if building.compound is not None:
            self.keyed.setdefault((building.compound, building.key), at)
            self.compounds[building.compound].buildings.append(at)
            self.compounds[building.compound].places.add(building.place)
        return at

    def add_door(self, door: Door) -> None:
        """A door that is added is found by its road and by its compound."""
        at = len(self.doors)
        self.doors.append(door)
        if door.road:
            self.doors_of[door.place, door.road].append(at)
            self.roads.add(door.road)
        if door.compound is not None:
            self.compounds[door.compound].doors.append(at)
            self.compounds[door.compound].places.add(door.place)


def building_key(name: str) -> str:
    """``3`` for 3号楼, 3#, ３栋; the plain name where it is no number."""
    written = plain(name)
    found = _NUMBERED.fullmatch(written)
    return str(int(found[1])) if found else written


def make_directory(
    grounds: Shapes,
    plane: LocalPlane,
    compounds: Sequence[Mapping[str, Any]],
    buildings: Sequence[Mapping[str, Any]],
    addresses: Sequence[Mapping[str, Any]],
    roads: Iterable[str],
) -> Directory:
    """The directory of some communities.

    Parameters
    ----------
    grounds
        The communities, in metres.
    plane
        In which metres are measured.
    compounds, buildings, addresses
        Rows as their stores give them; what stands in none of the communities is left out.
    roads
        Names of streets.
    """
    found = Directory(roads={plain(name) for name in roads if name})
    tree = shapely.STRtree(grounds)
    _add_compounds(found, tree, plane, compounds)
    _add_buildings(found, tree, plane, buildings)
    _add_addresses(found, tree, plane, addresses)
    for at, compound in enumerate(found.compounds):
        for place in sorted(compound.places):
            for name in sorted(compound.names):
                found.compounds_named[place, name].append(at)
    for at, building in enumerate(found.buildings):
        found.buildings_named[building.place, plain(building.name)].append(at)
    return found


def _places(tree: shapely.STRtree, points: Shapes) -> list[int]:
    """Position of the community that each point lies in, the lowest where several do; -1 for none."""
    point, ground = tree.query(points, predicate="intersects")
    place = np.full(len(points), len(tree.geometries), dtype=np.int64)
    np.minimum.at(place, point, ground)
    return [int(at) if at < len(tree.geometries) else -1 for at in place]


def _points(plane: LocalPlane, rows: Sequence[Mapping[str, Any]]) -> Shapes:
    points = np.empty(len(rows), dtype=object)
    points[:] = [shapely.Point(row["lon"], row["lat"]) for row in rows]
    return plane.forward(points)


def _add_compounds(
    found: Directory, tree: shapely.STRtree, plane: LocalPlane, rows: Sequence[Mapping[str, Any]]
) -> None:
    shapes = plane.forward(shapely.from_wkb(np.array([row["wkb"] for row in rows], dtype=object)))
    for row, shape in zip(rows, shapes, strict=True):
        names = frozenset(plain(name) for name in (row["name"], *row["aliases"]) if plain(name))
        compound = Compound(row["code"], row["name"], names, None)
        if shape is not None and not shape.is_empty:
            compound.outline = shape
            near = tree.query(shape, predicate="intersects")
            share = shapely.area(shapely.intersection(tree.geometries[near], shape)) / max(shape.area, 1e-9)
            compound.places = set(near[share > _OUTLINE_SHARE].tolist())
        found.compound_codes[row["code"]] = len(found.compounds)
        found.compounds.append(compound)


def _add_buildings(
    found: Directory, tree: shapely.STRtree, plane: LocalPlane, rows: Sequence[Mapping[str, Any]]
) -> None:
    points = _points(plane, rows)
    outlines = plane.forward(shapely.from_wkb(np.array([row["wkb"] for row in rows], dtype=object)))
    for row, point, outline, place in zip(rows, points, outlines, _places(tree, points), strict=True):
        compound = found.compound_codes.get(row["compound"]) if row["compound"] else None
        if place < 0:
            continue
        shape = point if outline is None or outline.is_empty else outline
        households = row["households"] or 0
        at = found.add_building(
            Building(place, row["code"], row["name"], building_key(row["name"]), shape, households, compound)
        )
        found.building_codes[row["code"]] = at
        if (
            compound is None
            and (parts := _ROAD_AND_NUMBER.fullmatch(plain(row["name"])))
            and (number := read_door(parts[2]))
        ):
            found.add_door(Door(place, parts[1], number, shape, households, row["name"], None, at))


def _add_addresses(
    found: Directory, tree: shapely.STRtree, plane: LocalPlane, rows: Sequence[Mapping[str, Any]]
) -> None:
    points = _points(plane, rows)
    by_name: dict[tuple[int, str], list[int]] = defaultdict(list)
    for at, compound in enumerate(found.compounds):
        for place in compound.places:
            for name in compound.names:
                by_name[place, name].append(at)
    for row, point, place in zip(rows, points, _places(tree, points), strict=True):
        if place < 0:
            continue
        own = _compound_of(found, by_name, row["compound"], place, point)
        building = _building_of(found, own, row, place, point)
        number = read_door(row["number"])
        label = "".join(row[name] for name in ("road", "number", "compound", "building", "unit")) or row["text"]
        road = plain(row["road"]) if number is not None else ""
        door = Door(place, road, number or DoorNumber(0, ""), point, row["households"] or 0, label, own, building)
        if road or own is not None:
            found.add_door(door)


def _compound_of(
    found: Directory, by_name: dict[tuple[int, str], list[int]], name: str, place: int, point: Any
) -> int | None:
    """The compound that an address names; made where no register has it."""
    written = plain(name)
    if not written:
        return None
    named = by_name[place, written]
    if not named:
        named.append(len(found.compounds))
        found.compounds.append(Compound(None, name, frozenset([written]), None, {place}))
    if len(named) == 1:
        return named[0]
    outlined = [at for at in named if found.compounds[at].outline is not None]
    return next((at for at in outlined if shapely.intersects(found.compounds[at].outline, point)), None)


def _building_of(found: Directory, compound: int | None, row: Mapping[str, Any], place: int, point: Any) -> int | None:
    """The building of a compound that an address names; made where no register has it."""
    if compound is None or not plain(row["building"]):
        return None
    key = building_key(row["building"])
    at = found.keyed.get((compound, key))
    return found.add_building(Building(place, None, row["building"], key, point, 0, compound)) if at is None else at
