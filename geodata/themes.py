"""What grids are coloured by: how many households and people live in each, and whatever else was counted there.

Households and persons are those of the register, of a grid without any there what its source states. Other counts were
loaded: by grid, or by building and address and summed up here.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from threading import Lock
from typing import Any, Final, Literal
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from psycopg import Connection

from geodata.errors import NotKnownError, UnavailableError
from geodata.intake.count_kinds import COUNTS, PREFIX
from geodata.lookup import assign_points
from geodata.moment import Moment
from geodata.published.rows import Tiling
from geodata.station.counted import Loaded, loaded_version, read_loaded
from geodata.station.homes import Homes

HOUSEHOLDS: Final = "households"
PERSONS: Final = "persons"
LIVING: Final = (HOUSEHOLDS, PERSONS)
FEW: Final = 5
"""A sum over fewer places, or the people of fewer households, is not told to everybody: it says who lives alone."""

_KEPT: Final = 8
_NAMES: Final[Mapping[str, tuple[str, str]]] = {
    HOUSEHOLDS: ("户数", "Households"),
    PERSONS: ("人口", "Persons"),
    **{
        field.name.removeprefix(PREFIX): (field.label, field.label_en.capitalize())
        for field in COUNTS.fields
        if field.name.startswith(PREFIX)
    },
}
_UNITS: Final[Mapping[str, tuple[str, str]]] = {
    HOUSEHOLDS: ("户", "households"),
    PERSONS: ("人", "people"),
    "elderly": ("人", "people"),
    "children": ("人", "people"),
    "disabled": ("人", "people"),
    "events": ("件", "events"),
}

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Source = Literal["stated", "register", "loaded"]
Opened = Callable[[], AbstractContextManager[Connection[Any]]]


@dataclass(frozen=True, slots=True)
class Theme:
    """A number of each grid of a layer.

    Parameters
    ----------
    code
        ``households``, ``persons`` or the name of a loaded count.
    source
        Where it comes from; ``register`` where at least one grid has it from there.
    grids
        Codes of the grids in force, in their order.
    values
        float64, one per grid: whole numbers, NaN where nobody knows.
    few
        bool, one per grid: whether the value says too much of single places to be told to everybody.
    stated
        How many of the values are what a grid's source states, where the others come from the register.
    recorded_at
        When the newest of it was loaded, microseconds since 1970-01-01 UTC; None where that is not known.
    """

    code: str
    source: Source
    grids: tuple[str, ...]
    values: Floats
    few: Flags
    stated: int = 0
    recorded_at: int | None = None

    @property
    def names(self) -> tuple[str, str]:
        """What it is called, in Chinese and in English."""
        return _NAMES.get(self.code, (self.code, self.code))

    @property
    def units(self) -> tuple[str, str]:
        """What it counts, in Chinese and in English; empty where nobody said."""
        return _UNITS.get(self.code, ("", ""))

    @property
    def known(self) -> Flags:
        """Which grids have a value."""
        return ~np.isnan(self.values)

    def discreet(self) -> "Theme":
        """The same without the values that say too much of single places."""
        return Theme(
            self.code,
            self.source,
            self.grids,
            np.where(self.few, np.nan, self.values),
            np.zeros_like(self.few),
            self.stated,
            self.recorded_at,
        )

    def by_grid(self) -> dict[str, int]:
        """The values by the codes of their grids; grids without one are left out."""
        at = np.flatnonzero(self.known).tolist()
        return {self.grids[place]: round(float(self.values[place])) for place in at}


class Themes:
    """Memory of one process for loaded counts and for sums by grid; safe to be used by several threads at once."""

    def __init__(self) -> None:
        self._loaded: Loaded | None = None
        self._made: WeakKeyDictionary[Tiling, OrderedDict[Hashable, Mapping[str, Theme]]] = WeakKeyDictionary()
        self._lock = Lock()

    def loaded(self, opened: Opened, at: int) -> Loaded | None:
        """What was counted and loaded, as the database has it now.

        Parameters
        ----------
        opened
            Gives a connection.
        at
            Instant that buildings are in force at, microseconds since 1970-01-01 UTC.

        Returns
        -------
        Loaded or None
            What was read before where the database is away; None where it always was.
        """
        try:
            with opened() as connection, connection.transaction():
                version = loaded_version(connection)
                known = self._loaded
                if known is None or known.version != version:
                    known = self._loaded = read_loaded(connection, version, at)
                return known
        except UnavailableError:
            return self._loaded

    def themes(
        self, moment: Moment, layer: str, homes: Homes | None, homes_version: str, loaded: Loaded | None
    ) -> dict[str, Theme]:
        """All themes of a layer by code, households and persons first.

        Parameters
        ----------
        homes, homes_version
            Where people live; None where that is not known yet, and only what grids state is told.
        loaded
            Loaded counts, if any are to be told.

        Raises
        ------
        NotKnownError
            There is no such layer.
        """
        code = moment.layer(layer).code
        tiling = moment.tilings[code]
        active = moment.active(code).tobytes()
        living = self._kept(tiling, (active, homes_version), lambda: _living(moment, code, homes))
        if loaded is None:
            return dict(living)
        counted = self._kept(tiling, (active, "loaded", loaded.version), lambda: _counted(moment, code, loaded))
        return {**living, **counted}

    def _kept(self, tiling: Tiling, key: Hashable, make: Callable[[], dict[str, Theme]]) -> Mapping[str, Theme]:
        with self._lock:
            kept = self._made.setdefault(tiling, OrderedDict())
            if key not in kept:
                kept[key] = make()
            kept.move_to_end(key)
            while len(kept) > _KEPT:
                kept.popitem(last=False)
            return kept[key]


def theme_of(themes: Mapping[str, Theme], code: str) -> Theme:
    """One of some themes.

    Raises
    ------
    NotKnownError
        There is none of that code.
    """
    if code not in themes:
        known = ", ".join(themes)
        raise NotKnownError(
            f"nothing called {code[:40]!r} was counted by grid; known: {known}",
            f"没有按网格统计的“{code[:40]}”；现有：{known}",
            known=list(themes),
        )
    return themes[code]


def _living(moment: Moment, layer: str, homes: Homes | None) -> dict[str, Theme]:
    """Households and persons of each grid."""
    grids = moment.grids(layer)
    codes, at = tuple(grid.code for grid in grids), np.array([grid.position for grid in grids], dtype=np.int64)
    size = len(moment.tilings[layer].versions)
    sums = {name: np.zeros(len(grids)) for name in LIVING}
    inhabited = np.zeros(len(grids), dtype=bool)
    if homes is not None and len(homes):
        position = assign_points(moment, layer, homes.lons, homes.lats).position
        sums = {name: _by_grid(position, homes.counts[name], size)[at] for name in LIVING}
        inhabited = _by_grid(position, np.ones(len(homes)), size)[at] > 0
    found = {}
    for name in LIVING:
        stated = np.array([_number(getattr(grid, name)) for grid in grids], dtype=np.float64)
        counted = sums[name] > 0
        values = np.where(counted, sums[name], stated)
        registered = bool(counted.any())
        # Where the register counts people at all, homes of which it has none are empty.
        values = np.where(np.isnan(values) & inhabited & registered, 0.0, values)
        few = counted & (sums[HOUSEHOLDS] < FEW) if name == PERSONS else np.zeros(len(grids), dtype=bool)
        told = int(np.sum(~counted & ~np.isnan(stated))) if registered else 0
        found[name] = Theme(name, "register" if registered else "stated", codes, np.rint(values), few, told)
    return found


def _counted(moment: Moment, layer: str, loaded: Loaded) -> dict[str, Theme]:
    """Loaded counts of each grid, by name; what was counted by grid goes before what its places add up to."""
    grids = moment.grids(layer)
    codes, at = tuple(grid.code for grid in grids), np.array([grid.position for grid in grids], dtype=np.int64)
    size = len(moment.tilings[layer].versions)
    position = assign_points(moment, layer, loaded.lons, loaded.lats).position
    of_grids = loaded.by_grid.get(layer, {})
    found = {}
    for name in loaded.names:
        counts = loaded.by_place[name]
        known = ~np.isnan(counts)
        places = _by_grid(position[known], np.ones(int(known.sum())), size)[at]
        values = np.where(places > 0, _by_grid(position[known], counts[known], size)[at], np.nan)
        own = np.array([_number(of_grids.get(code, {}).get(name)) for code in codes], dtype=np.float64)
        few = np.isnan(own) & (places > 0) & (places < FEW)
        values = np.where(np.isnan(own), values, own)
        if np.isnan(values).all():
            continue
        found[name] = Theme(name, "loaded", codes, np.rint(values), few, recorded_at=loaded.recorded_at.get(name))
    return found


def _number(value: int | None) -> float:
    return np.nan if value is None else float(value)


def _by_grid(position: NDArray[np.int32], values: Floats, size: int) -> Floats:
    inside = position >= 0
    return np.bincount(position[inside], weights=values[inside], minlength=size).astype(np.float64)
