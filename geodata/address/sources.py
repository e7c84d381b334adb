"""What a look-up can end in, read from PostGIS: addresses, compounds, buildings, places, stations, streets, pins.

Each entry has a key that changes with all that it is made of, so that two states of the register are told apart by
their keys alone. A compound and a street are several entries of one key and code: they lie in several grids.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray
from psycopg import Connection, sql

from geodata.address.areas import AreaChains
from geodata.address.entries import Entry
from geodata.address.normalize import normalize
from geodata.address.parse import parse
from geodata.address.reading import folded
from geodata.address.values import Progress, unheard
from geodata.queries import named_queries
from geodata.times import instant

CHUNK: Final = 20_000
STEP_METRES: Final = 100.0
"""A street has a point at least this often, a compound at most this often."""

_PARTS: Final = ("road", "number", "compound", "building", "unit", "floor", "room")
_METRES_PER_DEGREE: Final = 111_320.0
_SQL = named_queries(__file__)

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Marks:
    """Which version changed each table last: equal marks are the same content, but for what begins and ends by itself.

    Parameters
    ----------
    database_id
        Identity of the database.
    parts
        Version and transaction of each table.
    """

    database_id: str
    parts: Mapping[str, tuple[int, str]]

    def of(self, tables: Sequence[str]) -> tuple[tuple[int, str], ...]:
        """The marks of some tables."""
        return tuple(self.parts.get(table, (0, "0")) for table in tables)


@dataclass(frozen=True, slots=True)
class Source:
    """One kind of thing: the tables that it is read from, its query, and how rows become entries."""

    tables: tuple[str, ...]
    query: str
    entries: Callable[[Sequence[Row]], list[Entry]]


def read_marks(connection: Connection[Any]) -> Marks:
    """The present version of every table of the register."""
    rows = connection.execute(_SQL["marks"], {"parts": list(TABLES)}).fetchall()
    return Marks(rows[0][3], {part: (version, raised_by) for part, version, raised_by, _ in rows})


def next_change(connection: Connection[Any], at: int) -> int | None:
    """When some record begins or ends after an instant, microseconds since 1970-01-01 UTC; None for never."""
    row = connection.execute(_SQL["next_change"], {"at": instant(at)}).fetchone()
    assert row is not None
    found: int | None = row[0]
    return found


def read_areas(connection: Connection[Any], at: int) -> AreaChains:
    """Areas in force at an instant."""
    with connection.cursor(binary=True) as cursor:
        return AreaChains(cursor.execute(_SQL["areas"], {"at": instant(at)}).fetchall())


def read_areas_once(connection: Connection[Any], versions: Sequence[int]) -> AreaChains:
    """Areas of these versions, in force or not."""
    with connection.cursor(binary=True) as cursor:
        return AreaChains(cursor.execute(_SQL["areas_once"], {"versions": list(versions)}).fetchall())


def read_names(connection: Connection[Any], at: int) -> list[str]:
    """Names of roads and compounds, as they are written."""
    return [name for (name,) in connection.execute(_SQL["names"], {"at": instant(at)})]


def count_addresses(connection: Connection[Any]) -> int:
    """How many addresses there are."""
    row = connection.execute(_SQL["counts"]).fetchone()
    assert row is not None
    return int(row[0])


def read_addresses(
    connection: Connection[Any], areas: AreaChains, progress: Progress = unheard
) -> Iterator[list[Entry]]:
    """All addresses in the order of their keys, some at a time.

    Parameters
    ----------
    connection
        In a transaction.
    progress
        Is told how many were read, of how many.
    """
    total, read = count_addresses(connection), 0
    with connection.cursor("addresses", binary=True) as cursor:
        cursor.execute(_SQL["addresses"])
        while rows := cursor.fetchmany(CHUNK):
            progress(read, total)
            yield _placed(_addresses(rows), areas)
            read += len(rows)
    progress(read, total)


def read_addresses_of(connection: Connection[Any], keys: Sequence[int], areas: AreaChains) -> list[Entry]:
    """Addresses of these keys, as far as they are in force."""
    with connection.cursor(binary=True) as cursor:
        rows = cursor.execute(_SQL["addresses_of"], {"keys": list(keys)}).fetchall()
    return _placed(_addresses(rows), areas)


def addresses_changed(connection: Connection[Any], version: int, raised_by: str) -> NDArray[np.int64] | None:
    """Keys of the addresses that were touched after a version of their table.

    Returns
    -------
    array or None
        Sorted; None for more than are worth listing, and where the version is one that this database never had.
    """
    values = {"version": version, "raised_by": raised_by}
    had = connection.execute(_SQL["addresses_had"], values).fetchone()
    if had is None or not had[0]:
        return None
    rows = connection.execute(_SQL["addresses_changed"], values).fetchall()
    keys = [key for (key,) in rows]
    return None if None in keys else np.sort(np.array(keys, dtype=np.int64))


def read_keys(connection: Connection[Any], source: Source, at: int) -> NDArray[np.int64]:
    """Keys of all that a source has at an instant, sorted."""
    query = sql.SQL(_SQL["keys_of"]).format(query=sql.SQL(_SQL[source.query]))
    with connection.cursor(binary=True) as cursor:
        rows = cursor.execute(query, {"at": instant(at)}).fetchall()
    return np.unique(np.array([key for (key,) in rows], dtype=np.int64))


def read_entries(
    connection: Connection[Any], source: Source, at: int, areas: AreaChains | None, keys: Sequence[int] | None = None
) -> list[Entry]:
    """What a source has at an instant: all of it, or of these keys; without areas where None are given."""
    query = sql.SQL(_SQL[source.query])
    if keys is not None:
        query = sql.SQL(_SQL["rows_of"]).format(query=query)  # type: ignore[assignment]
    with connection.cursor(binary=True) as cursor:
        rows = cursor.execute(query, {"at": instant(at), "keys": None if keys is None else list(keys)}).fetchall()
    entries = source.entries(sorted(rows, key=lambda row: row[0]))
    return entries if areas is None else _placed(entries, areas)


def read_pinned(connection: Connection[Any], at: int) -> dict[str, tuple[Entry, ...]]:
    """What each pinned text means: entries of one code, the points of one thing; nothing for what is no more."""
    found: dict[str, tuple[Entry, ...]] = {}
    for entry in read_entries(connection, PINS, at, None):
        text = folded(entry.parts["place"]).replace(" ", "")
        found[text] = (*found.get(text, ()), entry)
    return found


def _placed(entries: list[Entry], areas: AreaChains) -> list[Entry]:
    """Entries with the areas that they lie in."""
    lons, lats = (np.array([getattr(entry, name) for entry in entries], dtype=np.float64) for name in ("lon", "lat"))
    return [entry.within(chain) for entry, chain in zip(entries, areas.of(lons, lats), strict=True)]


def _addresses(rows: Sequence[Row]) -> list[Entry]:
    found = []
    for key, code, text, *parts, areas, aliases, lon, lat in rows:
        named = {name: part for name, part in zip(_PARTS, parts, strict=True) if part}
        whole = {alias: own for alias in aliases if (own := _whole(alias) or _of_door(alias, text, named))}
        names = tuple(alias for alias in aliases if alias not in whole)
        found.append(Entry(code, "address", text, lon, lat, named, aliases=names, areas=tuple(areas), key=key))
        for alias, own in whole.items():
            found.append(Entry(code, "address", alias, lon, lat, own, areas=tuple(areas), key=key))
    return found


def _whole(alias: str) -> dict[str, str]:
    """Parts of another name of an address that is a whole one, with a number; none where it only names the road."""
    normal = normalize(alias)
    reading = parse(normal.text)
    if not (reading.names and reading.numbers):
        return {}
    # As they are written, to be shown.
    name, end = reading.names[0], normal.source[reading.names[0].end - 1] + 1
    text, rest = alias[normal.source[name.start] : end], alias[end:]
    return {"road": text, "number": rest} if name.kind == "road" else {"compound": text, "building": rest}


def _of_door(alias: str, text: str, named: Mapping[str, str]) -> dict[str, str]:
    """Parts of what a door alone is called: 解放路18号 may be 红旗商店, its road is not; none for names of the road.

    Notes
    -----
    In a compound the name is that of the compound, since it stands beside each of its doors.
    """
    if "compound" in named or "building" in named or parse(normalize(alias).text).first("road"):
        return {}
    reading = parse(normalize(text).text) if not named else None
    door = (
        "number" in named
        if reading is None
        else bool(reading.numbers and reading.first("road")) and not reading.first("compound")
    )
    return {"place": alias} if door else {}


def _compounds(rows: Sequence[Row]) -> list[Entry]:
    found = []
    for key, code, name, aliases, lons, lats in rows:
        for lon, lat in _thinned(lons, lats):
            found.append(Entry(code, "compound", name, lon, lat, aliases=tuple(aliases), key=key))
    return found


def _buildings(rows: Sequence[Row]) -> list[Entry]:
    return [
        Entry(code, "building", compound + name, lon, lat, {"compound": compound, "building": name},
              units=tuple(units), key=key)
        for key, code, name, compound, units, lon, lat in rows
    ]  # fmt: skip


def _named(kind: str) -> Callable[[Sequence[Row]], list[Entry]]:
    def made(rows: Sequence[Row]) -> list[Entry]:
        return [
            Entry(code, kind, name, lon, lat, aliases=tuple(aliases), key=key)
            for key, code, name, aliases, lon, lat in rows
        ]

    return made


def _streets(rows: Sequence[Row]) -> list[Entry]:
    found = []
    lines = shapely.get_parts(shapely.from_wkb([row[-1] for row in rows]), return_index=True) if rows else ((), ())
    seen: set[tuple[str, int, int]] = set()
    kept: set[int] = set()
    for line, which in zip(*lines, strict=True):
        key, code, name, aliases, _ = rows[which]
        for lon, lat in _along(line):
            cell = (name, *_cell(lon, lat))
            # One of each key, or it would count as what the compiled register lacks.
            if cell not in seen or key not in kept:
                seen.add(cell)
                kept.add(key)
                found.append(Entry(code, "street", name, lon, lat, aliases=tuple(aliases), key=key))
    found.sort(key=lambda entry: entry.key)
    return found


def _crossings(rows: Sequence[Row]) -> list[Entry]:
    return [
        Entry(code, "crossing", f"{one}与{other}交叉口", lon, lat, {"road": one, "place": other}, key=key)
        for key, code, one, other, lon, lat in rows
    ]


def _pins(rows: Sequence[Row]) -> list[Entry]:
    return [
        Entry(code, kind, label, lon, lat, {"place": typed}, key=key)
        for key, kind, code, label, typed, lons, lats in rows
        for lon, lat in _thinned(lons, lats)
    ]


def _along(line: shapely.Geometry) -> list[tuple[float, float]]:
    """Points in the middle of equal stretches of a line, none longer than the step."""
    lats = shapely.get_coordinates(line)[:, 1]
    squeezed = shapely.transform(line, lambda xy: xy * [np.cos(np.radians(lats[0])), 1.0])
    count = max(1, int(np.ceil(shapely.length(squeezed) * _METRES_PER_DEGREE / STEP_METRES)))
    points = shapely.line_interpolate_point(line, (np.arange(count) + 0.5) / count, normalized=True)
    return [(float(x), float(y)) for x, y in shapely.get_coordinates(points)]


def _thinned(lons: Sequence[float], lats: Sequence[float]) -> list[tuple[float, float]]:
    """One of the points of each cell as wide as the step, the first."""
    first: dict[tuple[int, int], tuple[float, float]] = {}
    for lon, lat in zip(lons, lats, strict=True):
        first.setdefault(_cell(lon, lat), (lon, lat))
    return list(first.values())


def _cell(lon: float, lat: float) -> tuple[int, int]:
    step = STEP_METRES / _METRES_PER_DEGREE
    return int(lon // step), int(lat // step)


PINS: Final = Source(
    ("address_aliases", "addresses", "building_versions", "compound_versions", "gate_versions", "place_versions",
     "station_versions", "stop_versions"), "pins", _pins,
)  # fmt: skip
SMALL: Final[tuple[Source, ...]] = (
    Source(("compound_versions", "gate_versions", "building_versions"), "compounds", _compounds),
    Source(("building_versions", "compound_versions"), "buildings", _buildings),
    Source(("place_versions",), "places", _named("place")),
    Source(("station_versions", "stop_versions"), "stations", _named("station")),
    Source(("streets",), "streets", _streets),
    Source(("streets",), "crossings", _crossings),
    PINS,
)
"""All but addresses: few enough for all their keys to be read whenever one of their tables changes."""

ADDRESSES: Final = "addresses"
AREAS: Final = "area_versions"
TABLES: Final = tuple(dict.fromkeys([ADDRESSES, AREAS, *(table for source in SMALL for table in source.tables)]))
