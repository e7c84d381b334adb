"""Where people live, read from PostGIS, current: one place per distinct point, and where a walk from it begins.

There is one count of households. Where the register has entries with households of a building, they count; of a
building without any its own households do. A building and its entries belong together by the names of compound and
building, for one outside compounds by road and number, else by the ground that it stands on. An entry of a whole
compound stands for all its buildings.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray
from psycopg import Connection
from psycopg.rows import dict_row

from geodata.metres import metres_per_degree
from geodata.queries import named_queries
from geodata.times import instant

REGISTER: Final = 0
"""The place has entries of the register."""
BUILDING: Final = 1
"""The place is a building of which the register has no households."""
ESTIMATED: Final = 2
"""Nobody counted there: it has a share of what its grid states."""

COUNTS: Final = ("households", "persons", "addresses")

GATE_METRES: Final = 2_000.0
"""A gate farther away than this belongs to another compound of the same name."""

_SQL = named_queries(__file__)
_HEAD: Final = 19
_LEAF: Final = np.dtype(
    [("fields", ">i2"), ("a", ">i4"), ("lon", ">f8"), ("b", ">i4"), ("lat", ">f8"), ("c", ">i4"),
     ("households", ">i4"), ("d", ">i4"), ("persons", ">i4"), ("e", ">i4"), ("name", ">i4")]
)  # fmt: skip
_ENDING: Final = re.compile(r"(?:号楼|号栋|号幢|栋|幢|座|楼|#楼|#|号)$")

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Homes:
    """Places where people live, one per distinct point, ordered by longitude and latitude.

    Parameters
    ----------
    lons, lats
        float64, shape (n,): EPSG:4326 degrees.
    counts
        float64, shape (n,), by name: ``households``, ``persons``, ``addresses`` (entries of the register), and any
        other that was loaded; 0 where nothing is known.
    source
        uint8, shape (n,): `REGISTER` or `BUILDING`.
    start_lons, start_lats
        float64, shape (m,): where walks begin, EPSG:4326 degrees: at each gate of the place's compound, else at itself.
    start_place
        int32, shape (m,), rising: which place a walk begins for.
    """

    lons: Floats
    lats: Floats
    counts: Mapping[str, Floats]
    source: NDArray[np.uint8]
    start_lons: Floats
    start_lats: Floats
    start_place: Ints

    def __len__(self) -> int:
        """Places."""
        return len(self.lons)


def read_homes(connection: Connection[Any], at: int) -> Homes:
    """Everywhere that people live.

    Parameters
    ----------
    connection
        In a transaction, so that entries and buildings are of one state.
    at
        Instant that compounds, gates and buildings are in force at, microseconds since 1970-01-01 UTC.

    Notes
    -----
    The compound of a building is its own, that of an entry the one of the name that it states, the nearest where
    several have it; an entry without one belongs to the compound whose outline covers it. A compound without a gate
    has no wall that matters: walks begin at the place. Entries and buildings at one point are one place.
    """
    gated = _Gated(connection, at)
    leaves = _leaves(connection, gated.names)
    buildings, counted = _without_leaves(connection, at), _counted(connection, at)
    others = [*buildings, *counted]
    lons = np.concatenate([leaves["lon"], [row["lon"] for row in others]]).astype(np.float64)
    lats = np.concatenate([leaves["lat"], [row["lat"] for row in others]]).astype(np.float64)
    of_row = _of_rows(leaves, others)
    source = np.repeat(np.array([REGISTER, BUILDING], dtype=np.uint8), [len(leaves), len(others)])
    named = np.concatenate([leaves["name"], gated.own_names(others)]).astype(np.int64)
    place, first = _distinct(lons, lats)
    count = len(first)
    counts = {name: _sums(place, values, count) for name, values in of_row.items()}
    of_place = np.full(count, 255, dtype=np.uint8)
    np.minimum.at(of_place, place, source)
    lons, lats = np.ascontiguousarray(lons[first]), np.ascontiguousarray(lats[first])
    name = np.full(count, -1, dtype=np.int64)
    np.maximum.at(name, place, named)
    return Homes(lons, lats, counts, of_place, *gated.starts(lons, lats, name))


def _of_rows(leaves: NDArray[Any], others: Sequence[Mapping[str, Any]]) -> dict[str, Floats]:
    """Every count of entries of the register, then of buildings and other places."""
    known = np.array([row["households"] or 0 for row in others], dtype=np.float64)
    none = np.zeros(len(others))
    found = {
        "households": np.concatenate([np.maximum(leaves["households"], 0), known]),
        "persons": np.concatenate([np.maximum(leaves["persons"], 0), none]),
        "addresses": np.concatenate([np.ones(len(leaves)), none]),
    }
    for name in sorted({name for row in others for name in row.get("counts", ())} - found.keys()):
        own = [row.get("counts", {}).get(name, 0) for row in others]
        found[name] = np.concatenate([np.zeros(len(leaves)), np.array(own, dtype=np.float64)])
    return found


def _counted(connection: Connection[Any], at: int) -> list[dict[str, Any]]:
    """Places with other counts than households: ``counts lon lat compound_id``, and no households."""
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_SQL["counted_places"], {"at": instant(at)}).fetchall()
    return [{**row, "households": None} for row in rows]


def _sums(place: NDArray[np.int64], values: Floats, count: int) -> Floats:
    return np.bincount(place, weights=values, minlength=count).astype(np.float64)


def _leaves(connection: Connection[Any], names: Sequence[str]) -> NDArray[Any]:
    """Entries of the register: ``lon lat households persons name``; -1 for a count that is not stated."""
    with connection.cursor() as cursor, cursor.copy(_SQL["copy_leaves"], {"names": list(names)}) as copy:
        content = b"".join(bytes(block) for block in copy)
    # Signature, flags and the length of nothing before the rows, the end mark behind them.
    return np.frombuffer(content, dtype=_LEAF, offset=_HEAD, count=(len(content) - _HEAD - 2) // _LEAF.itemsize)


def _distinct(lons: Floats, lats: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Number of the distinct point of each, and one that each point is first seen at; ordered by lon, then lat."""
    if not len(lons):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    order = np.lexsort((lats, lons))
    new = np.ones(len(order), dtype=bool)
    new[1:] = (np.diff(lons[order]) != 0) | (np.diff(lats[order]) != 0)
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.cumsum(new) - 1
    return place, order[new]


def _without_leaves(connection: Connection[Any], at: int) -> list[dict[str, Any]]:
    """Buildings in force of which the register has no households: ``compound_id households lon lat`` and more."""
    values = {"at": instant(at)}
    with connection.cursor(row_factory=dict_row) as cursor:
        buildings = cursor.execute(_SQL["buildings"], values).fetchall()
    if not buildings:
        return []
    built, whole = _built(connection, buildings)
    doors: set[str] = set()
    if any(row["compound_id"] is None for row in buildings):
        doors = {_folded(text) for (text,) in connection.execute(_SQL["door_leaves"])}
    left = [row for row in buildings if not _has_leaves(row, built, whole, doors)]
    counted = [row["building_id"] for row in left if row["households"]]
    there = connection.execute(_SQL["standing_on"], {**values, "ids": counted}) if counted else ()
    standing = {building_id for (building_id,) in there}
    return [row for row in left if row["building_id"] not in standing]


def _built(
    connection: Connection[Any], buildings: Sequence[Mapping[str, Any]]
) -> tuple[set[tuple[str, str]], set[str]]:
    """Buildings that entries with households name, by compound; and compounds of which an entry names no building.

    Notes
    -----
    The number of an entry in a compound is that of a building where one is called so, else the compound's own door.
    """
    called: dict[str, set[str]] = {}
    for row in buildings:
        for compound in row["compounds"] or ():
            if compound:
                called.setdefault(_folded(compound), set()).add(_bare(row["name"]))
    built: set[tuple[str, str]] = set()
    whole: set[str] = set()
    for compound, building, number in connection.execute(_SQL["built_leaves"]):
        compound = _folded(compound)
        if building or _bare(number) in called.get(compound, ()):
            built.add((compound, _bare(building or number)))
        else:
            whole.add(compound)
    return built, whole


def _has_leaves(row: Mapping[str, Any], built: set[tuple[str, str]], whole: set[str], doors: set[str]) -> bool:
    compounds = [_folded(name) for name in row["compounds"] or () if name]
    if not compounds:
        return _folded(row["name"]) in doors
    name = _bare(row["name"])
    return any(compound in whole or (compound, name) in built for compound in compounds)


def _folded(text: str) -> str:
    """A name as it is compared: width, case and blanks set aside."""
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()


def _bare(text: str) -> str:
    """The name of a building without the word for building: 3号楼, 3栋 and 3幢 of one compound are the same."""
    folded = _folded(text)
    return _ENDING.sub("", folded) or folded


class _Gated:
    """Compounds that have gates: by which names they are known, where their walks begin."""

    def __init__(self, connection: Connection[Any], at: int) -> None:
        with connection.cursor(row_factory=dict_row, binary=True) as cursor:
            self._rows = cursor.execute(_SQL["gated"], {"at": instant(at)}).fetchall()
        by_name: dict[str, list[int]] = {}
        for number, row in enumerate(self._rows):
            for name in dict.fromkeys((row["name"], *row["aliases"])):
                by_name.setdefault(name, []).append(number)
        self.names = list(by_name)
        """Names, each once; counted from 1 where entries refer to them."""
        self._of_name = list(by_name.values())
        self._first = np.cumsum([0, *(len(row["lons"]) for row in self._rows)])
        self._lons = np.array([lon for row in self._rows for lon in row["lons"]], dtype=np.float64)
        self._lats = np.array([lat for row in self._rows for lat in row["lats"]], dtype=np.float64)
        self._number = {row["compound_id"]: number for number, row in enumerate(self._rows)}

    def own_names(self, buildings: Sequence[Mapping[str, Any]]) -> NDArray[np.int64]:
        """Of each building, by number beyond all names, its compound; 0 where it is none of these, -1 without any."""
        beyond = len(self.names) + 1
        found = [
            -1 if (own := row["compound_id"]) is None else beyond + self._number[own] if own in self._number else 0
            for row in buildings
        ]
        return np.array(found, dtype=np.int64)

    def starts(self, lons: Floats, lats: Floats, name: NDArray[np.int64]) -> tuple[Floats, Floats, Ints]:
        """Where walks from places begin: ``start_lons start_lats start_place`` of `Homes`."""
        place, compound = self._candidates(lons, lats, name)
        pair, gate = self._gates(compound)
        if not len(pair):
            return lons.copy(), lats.copy(), np.arange(len(lons), dtype=np.int32)
        per_lon, per_lat = metres_per_degree(float(lats[place].mean()))
        at = place[pair]
        metres = np.hypot((self._lons[gate] - lons[at]) * per_lon, (self._lats[gate] - lats[at]) * per_lat)
        nearest = np.minimum.reduceat(metres, np.flatnonzero(np.r_[True, np.diff(pair) > 0]))
        best = np.full(len(lons), GATE_METRES)
        np.minimum.at(best, place, nearest)
        # Of several compounds of one name the nearest; the first of equals.
        chosen = np.flatnonzero(nearest <= best[place])
        chosen = chosen[np.unique(place[chosen], return_index=True)[1]]
        kept = np.isin(pair, chosen)
        outside = np.ones(len(lons), dtype=bool)
        outside[place[chosen]] = False
        own = np.flatnonzero(outside)
        start_place = np.concatenate([at[kept], own])
        order = np.argsort(start_place, kind="stable")
        start_lons = np.concatenate([self._lons[gate[kept]], lons[own]])[order]
        start_lats = np.concatenate([self._lats[gate[kept]], lats[own]])[order]
        return start_lons, start_lats, start_place[order].astype(np.int32)

    def _candidates(
        self, lons: Floats, lats: Floats, name: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Places with the compounds that they may belong to, in the order of places."""
        # Of a name -1 and 0 nothing, then the names, then compounds by themselves.
        table = [[], *self._of_name, *([number] for number in range(len(self._rows)))]
        lengths = np.array([len(numbers) for numbers in table])
        firsts = np.cumsum(lengths) - lengths
        flat = np.array([number for numbers in table for number in numbers], dtype=np.int64)
        each = np.maximum(name, 0)
        place = np.repeat(np.arange(len(lons)), lengths[each])
        within = np.arange(len(place)) - np.repeat(np.cumsum(lengths[each]) - lengths[each], lengths[each])
        compound = flat[np.repeat(firsts[each], lengths[each]) + within] if len(place) else place
        covered, covering = self._covered(lons, lats, np.flatnonzero(name < 0))
        place, compound = np.concatenate([place, covered]), np.concatenate([compound, covering])
        order = np.argsort(place, kind="stable")
        return place[order], compound[order]

    def _covered(
        self, lons: Floats, lats: Floats, places: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Those of some places that lie in the outline of a compound, with the compound."""
        drawn = [number for number, row in enumerate(self._rows) if row["wkb"] is not None]
        if not drawn or not len(places):
            nothing = np.zeros(0, dtype=np.int64)
            return nothing, nothing
        outlines = shapely.from_wkb([self._rows[number]["wkb"] for number in drawn])
        tree = shapely.STRtree(shapely.points(lons[places], lats[places]))
        outline, point = tree.query(outlines, predicate="covers")
        return places[point], np.array(drawn, dtype=np.int64)[outline]

    def _gates(self, compound: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Every gate of some compounds, with the place of the compound among them."""
        many = np.diff(self._first)[compound] if len(compound) else np.zeros(0, dtype=np.int64)
        pair = np.repeat(np.arange(len(compound)), many)
        within = np.arange(len(pair)) - np.repeat(np.cumsum(many) - many, many)
        gate = np.repeat(self._first[:-1][compound], many) + within if len(pair) else pair
        return pair, gate
