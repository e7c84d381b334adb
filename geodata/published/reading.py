"""The parts of a compiled version → rows of all times; what the version before holds already is shared with it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import numpy as np
import shapely

from geodata.people.duties import Register, Rows
from geodata.people.hours import Calendar
from geodata.published.parts import SHARDED, Part, open_part
from geodata.published.rows import Gates, Outlines, Published, Tiling, Versions
from geodata.records import (
    Area,
    BoardText,
    Building,
    CalendarDay,
    Compound,
    Duty,
    GridVersion,
    Holder,
    Key,
    Layer,
    Leave,
    Matter,
    Norm,
    Place,
    Release,
    Role,
    Station,
    Stop,
)

_REGISTER: tuple[tuple[Callable[..., Any], str], ...] = (
    (Role, "roles"),
    (Holder, "holders"),
    (Duty, "duties"),
    (Leave, "leaves"),
)
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class _Areas:
    """Area versions with their polygons as WKB, mapped and parsed when asked for."""

    rows: tuple[Area, ...]
    places: dict[tuple[int, int], int]
    wkb: np.ndarray[Any, np.dtype[np.uint8]]
    starts: np.ndarray[Any, np.dtype[np.int64]]

    def shape(self, area: Area) -> shapely.Geometry | None:
        place = self.places[area.area_id, area.valid_from]
        raw = self.wkb[self.starts[place] : self.starts[place + 1]].tobytes()
        return shapely.from_wkb(raw) if raw else None


class Reader:
    """Reads the parts of a version; what the version before holds already is taken from there.

    Parameters
    ----------
    names
        Name of each kind's part.
    before
        What was read for the version before, by kinds and names.
    """

    def __init__(self, home: Path, names: dict[str, str], before: dict[Any, Any]) -> None:
        self._home = home
        self.names = names
        self._before = before
        self.kept: dict[Any, Any] = {}

    def made(self, make: Callable[..., _T], *kinds: str) -> _T:
        """What a function makes of the parts of some kinds."""
        key = (make.__qualname__, *(self.names[kind] for kind in kinds))
        if key not in self.kept:
            known = self._before.get(key)
            self.kept[key] = make(*(self.part(kind) for kind in kinds)) if known is None else known
        made: _T = self.kept[key]
        return made

    def part(self, kind: str) -> Part:
        """The part of a kind."""
        name = self.names[kind]
        if name not in self.kept:
            self.kept[name] = self._before.get(name) or open_part(self._home, name)
        part: Part = self.kept[name]
        return part

    def records(self, record: Callable[..., _T], kind: str) -> tuple[_T, ...]:
        """Rows of a kind as records whose fields are the row's columns."""
        self.part(kind)
        return self._read(record, self.names[kind])

    def _read(self, record: Callable[..., _T], name: str) -> tuple[_T, ...]:
        key = (record, name)
        if key not in self.kept:
            known = self._before.get(key)
            rows = () if known is not None else (self.kept.get(name) or open_part(self._home, name)).rows
            self.kept[key] = tuple(record(*row) for row in rows) if known is None else known
        records: tuple[_T, ...] = self.kept[key]
        return records

    def register(self) -> Register:
        """Roles, holders, duties and leaves; of the register before only what is in other shards is made anew."""
        names = [self._lying(kind) for _, kind in _REGISTER]
        rows = [
            [self._read(record, name) for name in lying] for (record, _), lying in zip(_REGISTER, names, strict=True)
        ]
        whole = Rows(*(tuple(chain.from_iterable(shards)) for shards in rows))
        before, register = self._before.get("register", (None, None))
        if register is None:
            register = Register(*whole)
        elif before != names:
            pairs = list(zip(_REGISTER, before, names, strict=True))
            gone = Rows(*(self._only(record, old, new, self._before) for (record, _), old, new in pairs))
            come = Rows(*(self._only(record, new, old, self.kept) for (record, _), old, new in pairs))
            register = register.changed(whole, gone, come)
        self.kept["register"] = names, register
        made: Register = register
        return made

    def _lying(self, kind: str) -> list[str]:
        """Names of the parts that a kind's rows lie in."""
        if kind not in SHARDED:
            return [self.names[kind]]
        return [name for key, name in self.names.items() if key.startswith(f"{kind} ")]

    def _only(
        self, record: Callable[..., Any], names: Sequence[str], others: Sequence[str], read: dict[Any, Any]
    ) -> tuple[Any, ...]:
        """Records of the parts that are not among the others."""
        return tuple(row for name in set(names).difference(others) for row in read[record, name])


def _areas(part: Part) -> _Areas:
    rows = tuple(Area(*row) for row in part.rows)
    places = {(area.area_id, area.valid_from): place for place, area in enumerate(rows)}
    return _Areas(rows, places, part.array("area_wkb"), part.array("area_starts"))


def _tiling(part: Part) -> Tiling:
    index = part.open_index()
    if index is None:
        raise ValueError(f"{part.folder.name} has no index")
    return Tiling([GridVersion(*[*row, place]) for place, row in enumerate(part.rows)], index)


def _outlines(part: Part) -> Outlines | None:
    index = part.open_index()
    if index is None:
        return None
    places, valid_from, valid_to = part.array("outlined").T
    return Outlines(index, places, valid_from, valid_to)


def _compounds(part: Part) -> Versions[Compound]:
    return Versions(lambda: part.rows, lambda row: Compound(*[*row[:3], tuple(row[3]), *row[4:]]), _outlines(part))


def _gates(part: Part) -> Gates:
    return Gates.from_rows(part.rows)


def _buildings(part: Part) -> Versions[Building]:
    return Versions(lambda: part.rows, lambda row: Building(*[*row[:4], tuple(row[4]), *row[5:]]), _outlines(part))


def _places(part: Part) -> Versions[Place]:
    return Versions(lambda: part.rows, lambda row: Place(*[*row[:3], tuple(row[3]), *row[4:]]))


def _meaning(part: Part) -> Calendar:
    return Calendar.of(CalendarDay(*row) for row in part.rows)


def _station(*row: Any) -> Station:
    return Station(*[*row[:11], tuple(row[11]), *row[12:]])


def key_of(*row: Any) -> Key:
    """A key from its row."""
    return Key(*[bytes.fromhex(row[0]), *row[1:]])


def read_published(reader: Reader, version: int, zone: ZoneInfo) -> Published:
    """Rows of all times, from the parts of a version."""
    layers = reader.records(Layer, "layers")
    areas = reader.made(_areas, "areas")
    releases: dict[str, list[Release]] = {layer.code: [] for layer in layers}
    for release in reader.records(Release, "releases"):
        releases[release.layer].append(release)
    return Published(
        version=version,
        layers=layers,
        tilings={layer.code: reader.made(_tiling, f"grids {layer.code}") for layer in layers},
        releases={code: tuple(found) for code, found in releases.items()},
        areas=areas.rows,
        register=reader.register(),
        calendar=reader.records(CalendarDay, "calendar"),
        stations=reader.records(_station, "stations"),
        stops=reader.records(Stop, "stops"),
        matters=reader.records(Matter, "matters"),
        norms=reader.records(Norm, "norms"),
        texts=reader.records(BoardText, "texts"),
        compounds=reader.made(_compounds, "compounds"),
        gates=reader.made(_gates, "gates"),
        buildings=reader.made(_buildings, "buildings"),
        places=reader.made(_places, "places"),
        area_shape=areas.shape,
        zone=zone,
        meaning=reader.made(_meaning, "calendar"),
    )
