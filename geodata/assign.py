"""Door: points of many rows → the columns that say which grid each belongs to, and how many fell where."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.crs import Crs, to_wgs84
from geodata.errors import InputError
from geodata.exchange.table import Table
from geodata.lookup import assign_points
from geodata.moment import Moment
from geodata.people.answers import duty_record, first_of

ADDED = (
    "status",
    "score",
    "level",
    "lon",
    "lat",
    "grid_code",
    "grid_name",
    "community",
    "worker",
    "on_boundary",
    "reasons",
)
PREFIX = "gridmap_"

_LON_NAMES = ("lon", "lng", "long", "longitude", "x", "经度", "东经", "经度坐标")
_LAT_NAMES = ("lat", "latitude", "y", "纬度", "北纬", "纬度坐标")

Column = NDArray[Any]


def added_names(columns: Sequence[str]) -> list[str]:
    """Names of the added columns; one that the input has already gets the prefix ``gridmap_``."""
    taken = set(columns)
    return [PREFIX + name if name in taken else name for name in ADDED]


def coordinate_columns(columns: Sequence[str], lon: str | None = None, lat: str | None = None) -> tuple[str, str]:
    """Names of the columns that hold longitude and latitude: those asked for, else the first with a usual name.

    Raises
    ------
    InputError
        There is no such column.
    """
    return _column(columns, lon, _LON_NAMES, "lon"), _column(columns, lat, _LAT_NAMES, "lat")


def _column(columns: Sequence[str], asked: str | None, usual: Sequence[str], what: str) -> str:
    if asked is not None and asked in columns:
        return asked
    plain = {name.strip().lower(): name for name in reversed(columns)}
    found = None if asked is not None else next((plain[name] for name in usual if name in plain), None)
    if found is not None:
        return found
    shown = ", ".join(name[:40] for name in columns[:20])
    raise InputError(
        f"no column for {what}: name it as {what}=COLUMN; the columns are: {shown}",
        f"没有 {what} 列：请以 {what}=列名 指定；现有列：{shown}",
        columns=[name[:40] for name in columns[:20]],
    )


def numbers(cells: Sequence[Any]) -> NDArray[np.float64]:
    """Coordinates of cells as they come from files, NaN where a cell is no number."""
    return np.array([_number(cell) for cell in cells], dtype=np.float64)


def _number(cell: Any) -> float:
    if isinstance(cell, bool) or not isinstance(cell, (int, float, str)):
        return np.nan
    try:
        return float(cell)
    except (ValueError, OverflowError):
        return np.nan


class Assigner:
    """Gives points their grid in one layer at one instant, as columns.

    Parameters
    ----------
    layer
        Code of the layer; the default one where None.
    crs
        Of the coordinates that will be given.
    unmasked
        Whether workers' names are written in full.

    Raises
    ------
    NotKnownError
        There is no such layer.
    """

    def __init__(self, moment: Moment, layer: str | None, crs: Crs, *, unmasked: bool) -> None:
        self._moment = moment
        self._layer = moment.layer(layer).code if layer else moment.default_layer.code
        self._crs = crs
        self._unmasked = unmasked
        size = len(moment.tilings[self._layer].versions) + 1
        # The last row stands for nobody, which is where the position -1 points to.
        self._facts = np.full((4, size), "", dtype=object)
        self._known = np.zeros(size, dtype=bool)
        self._known[-1] = True
        self.counts = Counts(moment, self._layer)

    def columns(self, xs: NDArray[np.float64], ys: NDArray[np.float64]) -> dict[str, Column]:
        """The added columns for points given by their coordinates, NaN where a row has none.

        Returns
        -------
        dict
            Of arrays as long as the points. ``status`` is ``found``, ``outside`` or ``invalid``; ``reasons`` says why,
            or that the point lies in a grid when longitude and latitude are exchanged.
        """
        lons, lats = to_wgs84(xs, ys, self._crs)
        with np.errstate(invalid="ignore"):
            nowhere = ~((np.abs(lons) <= 180) & (np.abs(lats) <= 90))
        lons, lats = np.where(nowhere, np.nan, lons), np.where(nowhere, np.nan, lats)
        found = assign_points(self._moment, self._layer, lons, lats)
        position = found.position
        self.counts.add(position, nowhere)
        self._learn(position)
        code, name, community, worker = self._facts[:, position]
        return {
            "status": np.where(nowhere, "invalid", np.where(position >= 0, "found", "outside")).astype(object),
            "score": np.where(nowhere, 0.0, 1.0),
            "level": np.where(nowhere, "", "point").astype(object),
            "lon": lons,
            "lat": lats,
            "grid_code": code,
            "grid_name": name,
            "community": community,
            "worker": worker,
            "on_boundary": found.on_boundary,
            "reasons": self._reasons(xs, ys, nowhere, position),
        }

    def _reasons(
        self,
        xs: NDArray[np.float64],
        ys: NDArray[np.float64],
        nowhere: NDArray[np.bool_],
        position: NDArray[np.int32],
    ) -> Column:
        reasons = np.full(len(xs), "", dtype=object)
        reasons[nowhere] = "not-on-earth"
        numeric = np.isfinite(xs) & np.isfinite(ys)
        reasons[~numeric] = "not-a-number"
        missed = np.flatnonzero((position < 0) & numeric)
        if missed.size:
            exchanged = to_wgs84(ys[missed], xs[missed], self._crs)
            hit = assign_points(self._moment, self._layer, *exchanged).position >= 0
            reasons[missed[hit]] = "looks-swapped"
        return reasons

    def _learn(self, position: NDArray[np.int32]) -> None:
        """Work out what is written for grids that were not met before."""
        versions = self._moment.tilings[self._layer].versions
        for place in np.unique(position[~self._known[position]]).tolist():
            grid = versions[place]
            community = self._moment.area_by_id(grid.community_id)
            people = self._moment.people(grid)
            first = first_of(people)
            worker = duty_record(first, unmasked=self._unmasked)["name"] if first is not None else ""
            self._facts[:, place] = grid.code, grid.name, community.name if community else "", worker
            self._known[place] = True


def assigned_frames(
    tables: Iterable[Table], assigner: Assigner, lon: str | None = None, lat: str | None = None
) -> Iterator[pd.DataFrame]:
    """Frames of a table that comes in chunks, the added columns last, as they are written to CSV.

    Parameters
    ----------
    tables
        All with the same columns.
    lon, lat
        Names of the columns that hold the coordinates; guessed where None.

    Raises
    ------
    InputError
        There are no such columns.
    """
    for table in tables:
        frame = table.frame
        names = [str(name) for name in frame.columns]
        xs, ys = (numbers(frame[name].tolist()) for name in coordinate_columns(names, lon, lat))
        answers = assigner.columns(xs, ys)
        answers["on_boundary"] = np.where(answers["on_boundary"], "true", "false").astype(object)
        added = {
            name: pd.Series(answers[plain], dtype=answers[plain].dtype)
            for name, plain in zip(added_names(names), ADDED, strict=True)
        }
        yield pd.concat([frame, pd.DataFrame(added)], axis=1)


@dataclass
class Counts:
    """How many rows fell where, over all chunks of a file."""

    moment: Moment
    layer: str
    rows: int = 0
    invalid: int = 0
    _positions: Counter[int] = field(default_factory=Counter)

    def add(self, position: NDArray[np.int32], invalid: NDArray[np.bool_]) -> None:
        """Count one chunk."""
        self.rows += len(position)
        self.invalid += int(invalid.sum())
        places, counts = np.unique(position[position >= 0], return_counts=True)
        self._positions.update(dict(zip(places.tolist(), counts.tolist(), strict=True)))

    @property
    def found(self) -> int:
        """Rows that lie in a grid."""
        return sum(self._positions.values())

    def summary(self) -> list[tuple[str, str, str, int]]:
        """Level, code, name and rows: every grid that is in force, every area above them, then what fell nowhere.

        Rows of grids without an area count in the grids alone. Areas come from the widest to the narrowest, each level
        in code order.
        """
        areas: Counter[str] = Counter()
        depth: dict[str, int] = {}
        grids = []
        for grid in self.moment.grids(self.layer):
            count = self._positions[grid.position]
            grids.append(("grid", grid.code, grid.name, count))
            for height, area in enumerate(self.moment.area_chain(grid.community_id)):
                areas[area.code] += count
                depth[area.code] = max(height, depth.get(area.code, 0))
        ordered = sorted(areas, key=lambda code: (-depth[code], code))
        named = [(self.moment.area(code).level, code, self.moment.area(code).name, areas[code]) for code in ordered]
        outside = self.rows - self.found - self.invalid
        return [*named, *grids, ("outside", "", "", outside), ("invalid", "", "", self.invalid)]
