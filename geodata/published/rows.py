"""Everything published, of all times: what a moment chooses from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, Protocol, TypeVar
from zoneinfo import ZoneInfo

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.grid.index import GridIndex
from geodata.people.duties import Register
from geodata.people.hours import Calendar
from geodata.records import (
    Area,
    BoardText,
    Building,
    CalendarDay,
    Compound,
    GridVersion,
    Layer,
    Matter,
    Norm,
    Place,
    Release,
    Station,
    Stop,
)

Floats = NDArray[np.float64]


class Tiling:
    """All versions of all grids of one layer, in code order, with the index over them.

    Parameters
    ----------
    versions
        In code order; ``position`` counts from 0.
    index
        Over the versions' geometries, in the same order.
    """

    def __init__(self, versions: Sequence[GridVersion], index: GridIndex) -> None:
        self.versions = versions
        self.index = index
        self.valid_from = np.array([version.valid_from for version in versions], dtype=np.int64)
        self.valid_to = np.array([version.valid_to for version in versions], dtype=np.int64)

    def active(self, as_of: int) -> NDArray[np.bool_]:
        """Which positions are in force at an instant."""
        return (self.valid_from <= as_of) & (as_of < self.valid_to)


class _Identified(Protocol):
    @property
    def code(self) -> str: ...

    @property
    def valid_from(self) -> int: ...

    @property
    def valid_to(self) -> int: ...


_V = TypeVar("_V", bound=_Identified)


@dataclass(frozen=True, slots=True)
class Outlines:
    """The polygons of those versions that have one.

    Parameters
    ----------
    index
        Over the polygons.
    places
        int64, rising: place of each polygon's version among all versions.
    valid_from, valid_to
        int64, of those versions.
    """

    index: GridIndex
    places: NDArray[np.int64]
    valid_from: NDArray[np.int64]
    valid_to: NDArray[np.int64]

    def active(self, as_of: int) -> NDArray[np.bool_]:
        """Which polygons are in force at an instant."""
        return (self.valid_from <= as_of) & (as_of < self.valid_to)


class Versions(Generic[_V]):
    """All versions of compounds, buildings or places, in code order; each is made a record when it is asked for.

    Parameters
    ----------
    load
        Gives the rows: identity, code, …, valid_from, valid_to. A city has 100,000 buildings: nothing is read before
        somebody asks.
    make
        Makes the record of a row.
    outlines
        Polygons of some of them, or None where none has one.
    """

    def __init__(
        self,
        load: Callable[[], Sequence[Sequence[Any]]],
        make: Callable[[Sequence[Any]], _V],
        outlines: Outlines | None = None,
    ) -> None:
        self._load = load
        self._make = make
        self.outlines = outlines

    @cached_property
    def _rows(self) -> Sequence[Sequence[Any]]:
        return self._load()

    @cached_property
    def _by_code(self) -> dict[str, list[int]]:
        return self._places_by(1)

    @cached_property
    def _by_identity(self) -> dict[int, list[int]]:
        return self._places_by(0)

    def _places_by(self, column: int) -> dict[Any, list[int]]:
        found: dict[Any, list[int]] = {}
        for place, row in enumerate(self._rows):
            found.setdefault(row[column], []).append(place)
        return found

    def __getitem__(self, place: int) -> _V:
        """The version at a place."""
        return self._make(self._rows[place])

    def in_force(self, as_of: int) -> list[_V]:
        """All in force at an instant, in code order."""
        return [self._make(row) for row in self._rows if row[-2] <= as_of < row[-1]]

    def of_code(self, code: str, as_of: int) -> _V | None:
        """The one of a code at an instant, or None."""
        return self._chosen(self._by_code.get(code, ()), as_of)

    def of_identity(self, identity: int, as_of: int) -> _V | None:
        """The one of an identity at an instant, or None."""
        return self._chosen(self._by_identity.get(identity, ()), as_of)

    def _chosen(self, places: Sequence[int], as_of: int) -> _V | None:
        place = next((place for place in places if self._rows[place][-2] <= as_of < self._rows[place][-1]), None)
        return None if place is None else self[place]

    def outline(self, version: _V) -> shapely.Geometry | None:
        """The polygon of a version, EPSG:4326, or None where it has none."""
        if self.outlines is None:
            return None
        for place in self._by_code[version.code]:
            if self._rows[place][-2] == version.valid_from:
                position = int(np.searchsorted(self.outlines.places, place))
                if position < len(self.outlines.places) and self.outlines.places[position] == place:
                    return self.outlines.index.geometry(position)
        return None


@dataclass(frozen=True, slots=True)
class Gates:
    """All versions of the gates of all compounds, those of a compound together.

    Parameters
    ----------
    compounds
        int64, rising: identity of each gate's compound.
    lons, lats
        float64, EPSG:4326 degrees.
    valid_from, valid_to
        int64, microseconds since 1970-01-01 UTC.
    """

    compounds: NDArray[np.int64]
    lons: Floats
    lats: Floats
    valid_from: NDArray[np.int64]
    valid_to: NDArray[np.int64]

    @classmethod
    def from_rows(cls, rows: Sequence[Sequence[Any]]) -> "Gates":
        """Gates of rows: identity of the compound, lon, lat, valid_from, valid_to, in the order of the first."""
        compounds, lons, lats, valid_from, valid_to = zip(*rows, strict=True) if rows else ((),) * 5
        whole = [np.array(column, dtype=np.int64) for column in (compounds, valid_from, valid_to)]
        return cls(whole[0], np.array(lons, dtype=np.float64), np.array(lats, dtype=np.float64), *whole[1:])

    def of(self, compound_id: int, as_of: int) -> tuple[Floats, Floats]:
        """Longitudes and latitudes of the gates of a compound at an instant; empty where it has none."""
        begin, end = np.searchsorted(self.compounds, (compound_id, compound_id + 1)).tolist()
        in_force = (self.valid_from[begin:end] <= as_of) & (as_of < self.valid_to[begin:end])
        return self.lons[begin:end][in_force], self.lats[begin:end][in_force]


@dataclass(frozen=True, slots=True)
class Published:
    """Rows of all times.

    Parameters
    ----------
    version
        Of the data.
    layers
        The default first.
    tilings, releases
        By layer code; releases in order of their number.
    register
        Roles, holders, duties and leaves.
    area_shape
        Gives the geometry of an area version, or None where it has none.
    zone, meaning
        Local time, and the calendar as weekly hours read it.
    """

    version: int
    layers: tuple[Layer, ...]
    tilings: dict[str, Tiling]
    releases: dict[str, tuple[Release, ...]]
    areas: tuple[Area, ...]
    register: Register
    calendar: tuple[CalendarDay, ...]
    stations: tuple[Station, ...]
    stops: tuple[Stop, ...]
    matters: tuple[Matter, ...]
    norms: tuple[Norm, ...]
    texts: tuple[BoardText, ...]
    compounds: Versions[Compound]
    gates: Gates
    buildings: Versions[Building]
    places: Versions[Place]
    area_shape: Callable[[Area], shapely.Geometry | None]
    zone: ZoneInfo
    meaning: Calendar
