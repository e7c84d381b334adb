"""Stage 4 for addresses that refer to a building or compound: what is not written is taken from there."""

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import shapely
from psycopg import Connection

from geodata.intake.fields import Kind
from geodata.intake.named import plain_name
from geodata.intake.referred import resolve_references
from geodata.intake.register_findings import LISTED, metres_between, some_of
from geodata.intake.rows import Records
from geodata.place.buildings import BUILDINGS
from geodata.place.compounds import COMPOUNDS, GATES
from geodata.records import Finding

Point = tuple[float, float]

FAR_METRES: Final = 200.0
"""A door farther than this from the building that its row names is not in it."""


def placed_by_references(
    connection: Connection[Any], kind: Kind, records: Records, at: int
) -> tuple[Records, list[Finding]]:
    """Addresses with the names and the points of what they refer to.

    Parameters
    ----------
    at
        Instant of the load, microseconds since 1970-01-01 UTC.

    Returns
    -------
    tuple
        The records. Errors for codes that stand for nothing; warnings that say how many have the point of their
        building or of their compound, and which lie far from the building that they name.

    Notes
    -----
    A row without a point has that of the building it names by code, by compound and building, else of its compound by
    code or name. A name counts where one only has it. Where neither helps the row stays without a point.
    """
    records, findings = resolve_references(connection, kind, records, at)
    lacking = _lacking(records)
    referring = {"building_code", "compound_code"} & records.fields.keys()
    if not (referring or (lacking.any() and {"compound", "building"} & records.fields.keys())):
        return records, findings
    register = _Register(connection, at)
    records = _named(records, register)
    placing = _Placing(records, register)
    for position in np.flatnonzero(lacking & records.sound).tolist():
        placing.place(position)
    findings += _said(records, placing.by_building, "building", "楼栋")
    findings += _said(records, placing.by_compound, "compound", "小区")
    findings += _far_from_building(records, register, lacking)
    return placing.records(), findings


@dataclass(frozen=True, slots=True)
class _Building:
    code: str
    name: str
    compound: str | None
    point: Point


class _Register:
    """Buildings and compounds in force, by code and by name."""

    def __init__(self, connection: Connection[Any], at: int) -> None:
        compounds = COMPOUNDS.in_force(connection, at)
        self.compound_names = {row["code"]: row["name"] for row in compounds}
        self.by_name: dict[str, set[str]] = defaultdict(set)
        for row in compounds:
            for name in (row["name"], *row["aliases"]):
                self.by_name[plain_name(name)].add(row["code"])
        self.buildings: dict[str, _Building] = {}
        self.inside: dict[tuple[str, str], set[str]] = defaultdict(set)
        points: dict[str, list[Point]] = defaultdict(list)
        for row in BUILDINGS.in_force(connection, at):
            one = _Building(row["code"], row["name"], row["compound"], (row["lon"], row["lat"]))
            self.buildings[one.code] = one
            if one.compound:
                self.inside[one.compound, plain_name(one.name)].add(one.code)
                points[one.compound].append(one.point)
        for row in GATES.in_force(connection, at):
            # What a compound has been drawn or built as says more than where it is entered.
            if row["compound"] not in points:
                points[row["compound"]].append((row["lon"], row["lat"]))
        self.compounds = {code: _middle(found) for code, found in points.items()}
        self.compounds |= {row["code"]: _inside(row["wkb"]) for row in compounds if row["wkb"]}

    def compound(self, name: str | None) -> str | None:
        """The one compound of that name."""
        found = self.by_name.get(plain_name(name), set()) if name else set()
        return next(iter(found)) if len(found) == 1 else None

    def building(self, compound: str | None, name: str | None) -> _Building | None:
        """The one building of that name in a compound."""
        found = self.inside.get((compound, plain_name(name)), set()) if compound and name else set()
        return self.buildings[next(iter(found))] if len(found) == 1 else None


class _Placing:
    """Points of rows that have none."""

    def __init__(self, records: Records, register: _Register) -> None:
        self._records, self._register = records, register
        count = len(records)
        self._lons, self._lats = list(records.column("lon")), list(records.column("lat"))
        self._geometry = np.full(count, None, dtype=object) if records.geometry is None else records.geometry.copy()
        self.by_building: list[int] = []
        self.by_compound: list[int] = []

    def place(self, at: int) -> None:
        """Give a row the point of its building, else of its compound."""
        value = {name: self._records.column(name)[at] for name in _REFERRING}
        compound = value["compound_code"] or self._register.compound(value["compound"])
        building = self._register.buildings.get(value["building_code"] or "")
        building = building or self._register.building(compound, value["building"])
        point = building.point if building else self._register.compounds.get(compound or "")
        if point is None:
            return
        (self.by_building if building else self.by_compound).append(at)
        self._lons[at], self._lats[at] = point
        self._geometry[at] = shapely.Point(point)

    def records(self) -> Records:
        """The records with all points."""
        fields = {**self._records.fields, "lon": self._lons, "lat": self._lats}
        return replace(self._records, fields=fields, geometry=self._geometry)


_REFERRING: Final = ("compound_code", "building_code", "compound", "building")


def _lacking(records: Records) -> Any:
    if records.geometry is None:
        return np.ones(len(records), dtype=bool)
    return shapely.is_missing(records.geometry)


def _named(records: Records, register: _Register) -> Records:
    """Records with names where they have only codes."""
    fields = dict(records.fields)
    buildings = [register.buildings.get(code or "") for code in records.column("building_code")]
    codes = [
        code or (building.compound if building else None)
        for code, building in zip(records.column("compound_code"), buildings, strict=True)
    ]
    if "building_code" in fields:
        own = [building.name if building else "" for building in buildings]
        fields["building"] = _filled(records.column("building"), own)
    if {"building_code", "compound_code", "compound"} & fields.keys():
        own = [register.compound_names.get(code or "", "") for code in codes]
        fields["compound"] = _filled(records.column("compound"), own)
    return replace(records, fields=fields)


def _filled(given: list[Any], known: list[str]) -> list[str]:
    return [said or other for said, other in zip(given, known, strict=True)]


def _far_from_building(records: Records, register: _Register, lacking: Any) -> list[Finding]:
    codes = records.column("building_code")
    rows = [
        at
        for at in np.flatnonzero(records.sound & ~lacking).tolist()
        if codes[at] is not None and codes[at] in register.buildings
    ]
    if not rows:
        return []
    there = np.array([register.buildings[codes[at]].point for at in rows])
    here = np.array([(records.fields["lon"][at], records.fields["lat"][at]) for at in rows])
    metres = metres_between(here, there)
    far = {rows[at]: metres[at] for at in np.flatnonzero(metres > FAR_METRES).tolist()}

    def said(at: int) -> Finding:
        return Finding(
            "warning",
            "far-from-building",
            f"It lies {far[at]:,.0f} m from building {codes[at]}, which the row names: one of the two is wrong.",
            f"该地址距所填楼栋 {codes[at]} 有 {far[at]:,.0f} 米，坐标或楼栋编码有误。",
            row=int(records.rows[at]),
            code=records.column("code")[at],
            lon=records.fields["lon"][at],
            lat=records.fields["lat"][at],
            facts={"field": "building_code", "metres": round(float(far[at]), 1)},
        )

    return some_of(list(far), said)


def _said(records: Records, places: list[int], what: str, what_zh: str) -> list[Finding]:
    if not places:
        return []
    rows = [int(records.rows[at]) for at in places[:LISTED]]
    return [
        Finding(
            "warning",
            f"placed-by-{what}",
            f"{len(places):,} addresses have no point of their own and get that of their {what}; the first: row "
            f"{rows[0]}.",
            f"{len(places):,} 个地址没有自己的坐标，采用所属{what_zh}的位置；第一处：第 {rows[0]} 行。",
            row=rows[0],
            facts={"rows": rows, "count": len(places)},
        )
    ]


def _middle(points: list[Point]) -> Point:
    """The point that is nearest to the middle of all: among houses, never between them."""
    array = np.array(points)
    nearest = int(np.argmin(np.sum((array - array.mean(axis=0)) ** 2, axis=1)))
    return float(array[nearest, 0]), float(array[nearest, 1])


def _inside(wkb: bytes) -> Point:
    point = shapely.point_on_surface(shapely.from_wkb(wkb))
    return float(point.x), float(point.y)
